#include "http/spool_int.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void spool_init(Spool *s)
{
    *s = (Spool){.fd = -1};
    buf_init(&s->memory, SPOOL_MEMORY);
}

void spool_done(Spool *s, SpoolPool *pool)
{
    if (s->map != NULL)
        munmap(s->map, (size_t)s->size);
    if (s->fd >= 0) {
        close(s->fd);
        atomic_fetch_sub(&pool->disk, s->size);
    } else {
        atomic_fetch_sub(&pool->memory, (int64_t)s->memory.len);
    }
    buf_done(&s->memory);
    *s = (Spool){.fd = -1};
}

static Status no_file(Err *err, const char *what)
{
    char why[64];
    return err_set(err, ST_IO, "http.spool", "cannot %s a temporary file: %s", what,
                   strerror_r(errno, why, sizeof why));
}

static Status write_file(Spool *s, SpoolPool *pool, Str bytes, Err *err)
{
    if (atomic_fetch_add(&pool->disk, (int64_t)bytes.len) > pool->disk_max) {
        atomic_fetch_sub(&pool->disk, (int64_t)bytes.len);
        return err_set(err, ST_BUSY, "http.spool_full", "too many big uploads at once");
    }
    s->size += (int64_t)bytes.len; /* what is counted above; spool_done() takes it back */
    while (bytes.len > 0) {
        ssize_t n = fault_hit() ? -1 : write(s->fd, bytes.ptr, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return no_file(err, "write");
        bytes = (Str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return ST_OK;
}

/* Move what is in memory to a file. */
static Status to_file(Spool *s, SpoolPool *pool, Err *err)
{
    s->fd = fault_hit() ? -1 : open(pool->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (s->fd < 0)
        return no_file(err, "make");
    snprintf(s->path, sizeof s->path, "/proc/self/fd/%d", s->fd);
    Buf old = s->memory;
    buf_init(&s->memory, SPOOL_MEMORY);
    atomic_fetch_sub(&pool->memory, (int64_t)old.len);
    s->size = 0;
    Status st = write_file(s, pool, buf_str(&old), err);
    buf_done(&old);
    return st;
}

Status spool_add(Spool *s, SpoolPool *pool, Str bytes, Err *err)
{
    if (s->fd < 0 &&
        (bytes.len > SPOOL_MEMORY - s->memory.len || atomic_load(&pool->memory) > pool->memory_max))
        TRY(to_file(s, pool, err));
    if (s->fd >= 0)
        return write_file(s, pool, bytes, err);
    buf_add(&s->memory, bytes);
    ASSERT(!buf_overflowed(&s->memory));
    atomic_fetch_add(&pool->memory, (int64_t)bytes.len);
    s->size += (int64_t)bytes.len;
    return ST_OK;
}

Status spool_body(Spool *s, Str *ret_body, Str *ret_path, Err *err)
{
    *ret_path = (Str){0};
    if (s->fd < 0) {
        *ret_body = buf_str(&s->memory);
        return ST_OK;
    }
    void *map = fault_hit() || s->size == 0
                    ? MAP_FAILED
                    : mmap(NULL, (size_t)s->size, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (map == MAP_FAILED)
        return no_file(err, "map");
    s->map = map;
    *ret_body = (Str){map, (size_t)s->size};
    *ret_path = str_from_cstr(s->path);
    return ST_OK;
}
