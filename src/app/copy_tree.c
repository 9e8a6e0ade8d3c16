#include "app/copy_tree.h"

#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static Status fail(const char *what, const char *name, Err *err)
{
    char text[100];
    return err_set(err, ST_IO, "app.copy_failed", "cannot %s %s: %s", what, name,
                   strerror_r(errno, text, sizeof text));
}

/* copy_file_range() shares the bytes where the file system can. */
static bool copy_bytes(int from, int to)
{
    enum { STEP = 1 << 30 };
    ssize_t n;
    do {
        n = copy_file_range(from, NULL, to, NULL, STEP, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n == 0 || (errno != EXDEV && errno != EINVAL && errno != EOPNOTSUPP))
        return n == 0;
    char block[8192];
    while ((n = read(from, block, sizeof block)) > 0)
        for (ssize_t at = 0, done = 0; at < n; at += done)
            if ((done = write(to, block + at, (size_t)(n - at))) < 0)
                return false;
    return n == 0;
}

static Status copy_at(int from_dir, int to_dir, const char *from_name, const char *to_name,
                      Err *err)
{
    CLEANUP(fd_close) int from = openat(from_dir, from_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return errno == ENOENT ? ST_OK : fail("read", from_name, err);
    CLEANUP(fd_close)
    int to = openat(to_dir, to_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return fail("make", to_name, err);
    if (!copy_bytes(from, to) || fsync(to) != 0)
        return fail("write", to_name, err);
    return ST_OK;
}

Status copy_file(const char *from, const char *to, Err *err)
{
    return copy_at(AT_FDCWD, AT_FDCWD, from, to, err);
}

typedef struct Walk {
    CopyTreeSeen *seen;
    void         *arg;
    Err          *err;
} Walk;

static Status copy_dir(const Walk *w, int from_fd, int to_fd, int depth);

static Status copy_entry(const Walk *w, DIR *dir, int to_fd, const struct dirent *e, int depth)
{
    struct stat st;
    if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? ST_OK : fail("read", e->d_name, w->err);
    if (S_ISREG(st.st_mode)) {
        TRY(copy_at(dirfd(dir), to_fd, e->d_name, e->d_name, w->err));
        w->seen(w->arg, e->d_name);
        return ST_OK;
    }
    if (!S_ISDIR(st.st_mode) || depth == COPY_TREE_DEPTH)
        return ST_OK;
    int from = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return fail("read", e->d_name, w->err);
    if (mkdirat(to_fd, e->d_name, 0700) != 0 && errno != EEXIST) {
        (void)close(from);
        return fail("make", e->d_name, w->err);
    }
    CLEANUP(fd_close) int to = openat(to_fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return copy_dir(w, from, to, depth + 1);
}

/* Takes over from_fd. */
static Status copy_dir(const Walk *w, int from_fd, int to_fd, int depth)
{
    DIR *dir = fdopendir(from_fd);
    if (dir == NULL) {
        (void)close(from_fd);
        return fail("read", "a folder", w->err);
    }
    Status         st = ST_OK;
    struct dirent *e;
    while (st == ST_OK &&
           (e = readdir(dir)) != NULL) /* NOLINT(concurrency-mt-unsafe): this DIR is ours */
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            st = copy_entry(w, dir, to_fd, e, depth);
    (void)closedir(dir);
    if (st == ST_OK && fsync(to_fd) != 0)
        return fail("write", "a folder", w->err);
    return st;
}

Status copy_tree(const char *from, const char *to, CopyTreeSeen *seen, void *arg, Err *err)
{
    Walk w = {seen, arg, err};
    int  from_fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from_fd < 0)
        return fail("read", from, err);
    CLEANUP(fd_close) int to_fd = -1;
    if (mkdir(to, 0700) == 0)
        to_fd = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to_fd < 0) {
        (void)close(from_fd);
        return fail("make", to, err);
    }
    return copy_dir(&w, from_fd, to_fd, 0);
}
