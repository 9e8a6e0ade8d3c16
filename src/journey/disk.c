#include "journey/disk.h"

#include "base/buf.h"
#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static Status failed(const char *what, const char *path, int code, Err *err)
{
    if (code == ENOSPC || code == EDQUOT)
        return err_set(err, ST_BUSY, "journey.full", "the disk is full");
    return err_set(err, ST_IO, "journey.disk", "%s %.60s: error %d", what, path, code);
}

Status disk_mkdir(const char *dir, Err *err)
{
    if (fault_hit())
        return failed("make", dir, EIO, err);
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return failed("make", dir, errno, err);
    return ST_OK;
}

Status disk_create(const char *path, int *ret_fd, Err *err)
{
    if (fault_hit())
        return failed("create", path, EIO, err);
    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("create", path, errno, err);
    *ret_fd = fd;
    return ST_OK;
}

Status disk_append(const char *path, int *ret_fd, int64_t *ret_size, Err *err)
{
    struct stat st = {0};
    if (fault_hit())
        return failed("open", path, EIO, err);
    int fd = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("open", path, errno, err);
    if (fstat(fd, &st) != 0) {
        close(fd);
        return failed("look at", path, errno, err);
    }
    *ret_fd = fd;
    *ret_size = st.st_size;
    return ST_OK;
}

Status disk_write(int fd, const void *p, size_t n, Err *err)
{
    const char *at = p;
    if (fault_hit()) { /* half of it arrives: a torn write */
        if (n > 1 && write(fd, p, n / 2) < 0)
            return failed("write", "half a file", errno, err);
        return failed("write", "a file", ENOSPC, err);
    }
    while (n > 0) {
        ssize_t k = write(fd, at, n < (1U << 30) ? n : (1U << 30));
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return failed("write", "a file", errno, err);
        at += k;
        n -= (size_t)k;
    }
    return ST_OK;
}

Status disk_sync(int fd, Err *err)
{
    if (fault_hit())
        return failed("sync", "a file", EIO, err);
    return fdatasync(fd) == 0 ? ST_OK : failed("sync", "a file", errno, err);
}

Status disk_truncate(int fd, int64_t size, Err *err)
{
    if (fault_hit())
        return failed("cut", "a file", EIO, err);
    return ftruncate(fd, size) == 0 ? ST_OK : failed("cut", "a file", errno, err);
}

Status disk_rename(const char *from, const char *to, Err *err)
{
    if (fault_hit())
        return failed("rename", from, EIO, err);
    return rename(from, to) == 0 ? ST_OK : failed("rename", from, errno, err);
}

Status disk_sync_dir(const char *dir, Err *err)
{
    if (fault_hit())
        return failed("sync", dir, EIO, err);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failed("open", dir, errno, err);
    int code = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return code == 0 ? ST_OK : failed("sync", dir, code, err);
}

Status disk_unlink(const char *path, Err *err)
{
    if (fault_hit())
        return failed("remove", path, EIO, err);
    if (unlink(path) != 0 && errno != ENOENT)
        return failed("remove", path, errno, err);
    return ST_OK;
}

void disk_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

char *disk_path(Arena *a, const char *dir, const char *name)
{
    size_t n = strlen(dir) + strlen(name) + 2;
    char  *p = arena_array(a, char, n);
    (void)snprintf(p, n, "%s/%s", dir, name);
    return p;
}

Status disk_save(const char *dir, const char *name, Str bytes, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 1024);
    CLEANUP(disk_close) int fd = -1;
    const char             *path = disk_path(&a, dir, name);
    char                   *temp = arena_array(&a, char, strlen(path) + 5);
    (void)snprintf(temp, strlen(path) + 5, "%s.new", path);
    TRY(disk_create(temp, &fd, err));
    TRY(disk_write(fd, bytes.ptr, bytes.len, err));
    TRY(disk_sync(fd, err));
    TRY(disk_rename(temp, path, err));
    return disk_sync_dir(dir, err);
}

Status disk_read(const char *path, char **ret, size_t *ret_n, Err *err)
{
    struct stat             st = {0};
    CLEANUP(disk_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ST_NOT_FOUND, "journey.not_found", "there is no %.100s", path);
    if (fd < 0 || fstat(fd, &st) != 0)
        return failed("open", path, errno, err);
    size_t size = (size_t)st.st_size;
    size_t got = 0;
    char  *p = malloc(size + 1);
    if (p == NULL)
        base_out_of_memory(size);
    while (got < size) {
        ssize_t k = read(fd, p + got, size - got);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            free(p);
            return failed("read", path, k < 0 ? errno : EIO, err);
        }
        got += (size_t)k;
    }
    p[size] = '\0';
    *ret = p;
    *ret_n = size;
    return ST_OK;
}

/* Zeroes first, then the file over them: what lies behind the last page stays readable. */
Status disk_map(const char *path, size_t pad, const unsigned char **ret, size_t *ret_n, Err *err)
{
    struct stat             st = {0};
    CLEANUP(disk_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char             *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ST_IO, "journey.corrupt", "%.100s is missing", name);
    if (fd < 0 || fstat(fd, &st) != 0)
        return failed("open", path, errno, err);
    size_t n = (size_t)st.st_size;
    if (n == 0)
        return err_set(err, ST_IO, "journey.corrupt", "%.100s is empty", name);
    void *p = mmap(NULL, n + pad, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return failed("map", path, errno, err);
    if (mmap(p, n, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
        int code = errno;
        munmap(p, n + pad);
        return failed("map", path, code, err);
    }
    *ret = p;
    *ret_n = n;
    return ST_OK;
}

void disk_unmap(const unsigned char *p, size_t n, size_t pad)
{
    if (p != NULL)
        munmap((void *)(uintptr_t)p, n + pad);
}

static Status copy_bytes(int from, int to, Err *err)
{
    char buf[8192];
    for (;;) { /* without going through here, where the system can */
        ssize_t k = copy_file_range(from, NULL, to, NULL, 64 << 20, 0);
        bool    moved = k > 0;
        if (k <= 0)
            k = read(from, buf, sizeof buf);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return failed("read", "a file", errno, err);
        if (k == 0)
            return disk_sync(to, err);
        if (!moved)
            TRY(disk_write(to, buf, (size_t)k, err));
    }
}

Status disk_copy(const char *from, const char *to, Err *err)
{
    if (fault_hit())
        return failed("copy", from, EIO, err);
    CLEANUP(disk_close) int out = -1;
    CLEANUP(disk_close) int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return failed("open", from, errno, err);
    TRY(disk_create(to, &out, err));
    return copy_bytes(in, out, err);
}

Status disk_set_aside(const char *dir, const char *name, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    char                     *folder = disk_path(&a, dir, "damaged");
    char                     *to = disk_path(&a, folder, name), *from = disk_path(&a, dir, name);
    if (access(from, F_OK) != 0)
        return ST_OK;
    TRY(disk_mkdir(folder, err));
    TRY(disk_unlink(to, err));
    if (link(from, to) != 0)
        TRY(disk_copy(from, to, err));
    return disk_sync_dir(folder, err);
}
