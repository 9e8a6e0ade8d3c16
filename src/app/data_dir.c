#include "app/data_dir.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Text of an errno, in the caller's memory. */
#define REASON(buffer) strerror_r(errno, (buffer), sizeof(buffer))

static Status fail(const char *what, const char *path, Err *err)
{
    char text[100];
    return err_set(err, ST_IO, "app.data_dir", "%s %s: %s", what, path, REASON(text));
}

const char *data_dir_file(const DataDir *dir, Arena *a, const char *name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 8192);
    buf_addf(&b, "%s/%s", dir->path, name);
    return str_cstr(a, buf_str(&b));
}

static Status make_dir(const char *path, Err *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail("cannot make the folder", path, err);
    return ST_OK;
}

/* The lock holder's "process N" as it wrote it. */
static Status in_use(int fd, const char *path, Err *err)
{
    char    who[40] = "another process";
    ssize_t n = pread(fd, who, sizeof who - 1, 0);
    if (n > 0)
        who[n] = '\0';
    return err_set(err, ST_CONFLICT, "app.data_in_use",
                   "%s is in use by %s: stop that first, or give --data another folder", path, who);
}

static Status take_lock(DataDir *dir, Arena *a, Err *err)
{
    const char *path = data_dir_file(dir, a, "lock");
    dir->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (dir->lock < 0)
        return fail("cannot open", path, err);
    if (flock(dir->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? in_use(dir->lock, dir->path, err)
                                    : fail("cannot lock", path, err);
    char who[40];
    int  n = snprintf(who, sizeof who, "process %d", (int)getpid());
    if (ftruncate(dir->lock, 0) != 0 || pwrite(dir->lock, who, (size_t)n, 0) != n)
        return fail("cannot write", path, err);
    return ST_OK;
}

/* What a process that was killed left there. */
static Status empty_tmp(const char *path, Err *err)
{
    TRY(make_dir(path, err));
    DIR *dir = opendir(path);
    if (dir == NULL)
        return fail("cannot read", path, err);
    struct dirent *e;
    while ((e = readdir(dir)) != NULL) /* NOLINT(concurrency-mt-unsafe): this DIR is ours */
        if (e->d_type == DT_REG)
            (void)unlinkat(dirfd(dir), e->d_name, 0);
    (void)closedir(dir);
    return ST_OK;
}

Status data_dir_open(Arena *a, const char *path, DataUse use, DataDir *ret, Err *err)
{
    DataDir     dir = {.path = str_cstr(a, str_from_cstr(path)), .lock = -1};
    struct stat st;
    *ret = dir; /* for data_dir_close() */
    if (use == DATA_BESIDE) {
        if (stat(path, &st) != 0)
            return fail("cannot use", path, err);
        if (!S_ISDIR(st.st_mode))
            return err_set(err, ST_IO, "app.data_dir", "%s is not a folder", path);
        return ST_OK;
    }
    TRY(make_dir(path, err));
    TRY(take_lock(ret, a, err));
    TRY(make_dir(data_dir_file(&dir, a, "media"), err));
    return empty_tmp(data_dir_file(&dir, a, "tmp"), err);
}

void data_dir_close(DataDir *dir)
{
    if (dir->path != NULL && dir->lock >= 0)
        (void)close(dir->lock);
    *dir = (DataDir){0};
}

/* Make it under another name and link it to its own: it is there whole or not at all. */
static Status make_secret(const DataDir *dir, Arena *a, const char *path, Err *err)
{
    unsigned char bytes[DATA_SECRET_BYTES];
    const char   *part = data_dir_file(dir, a, "secret.new");
    ssize_t       n = getrandom(bytes, sizeof bytes, 0);
    ASSERT(n == (ssize_t)sizeof bytes);
    (void)unlink(part);
    int  fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes &&
                fsync(fd) == 0 && link(part, path) == 0;
    Status st = fine ? ST_OK : fail("cannot make", path, err);
    if (fd >= 0)
        (void)close(fd);
    (void)unlink(part);
    return st;
}

Status data_dir_secret(const DataDir *dir, Arena *a, const char *file,
                       unsigned char ret[DATA_SECRET_BYTES], Err *err)
{
    unsigned char bytes[DATA_SECRET_BYTES + 1];
    const char   *path = file != NULL ? file : data_dir_file(dir, a, "secret");
    if (file == NULL && access(path, F_OK) != 0)
        TRY(make_secret(dir, a, path, err));
    int     fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, bytes, sizeof bytes) : -1;
    char    text[100];
    if (fd < 0 || n < 0) {
        (void)err_set(err, ST_IO, "app.bad_secret", "cannot read %s: %s", path, REASON(text));
        if (fd >= 0)
            (void)close(fd);
        return ST_IO;
    }
    (void)close(fd);
    if (n != DATA_SECRET_BYTES)
        return err_set(err, ST_IO, "app.bad_secret", "%s does not have %d bytes", path,
                       DATA_SECRET_BYTES);
    memcpy(ret, bytes, DATA_SECRET_BYTES);
    return ST_OK;
}
