/* disk.h - the file operations of the store, each of which tests can make fail.
 *
 * A full disk is ST_BUSY "journey.full", anything else ST_IO "journey.disk". */
#pragma once

#include "base/status.h"
#include "base/str.h"

NODISCARD Status disk_mkdir(const char *dir, Err *err); /* fine when it is there */
NODISCARD Status disk_create(const char *path, int *ret_fd, Err *err);
NODISCARD Status disk_append(const char *path, int *ret_fd, int64_t *ret_size, Err *err);
NODISCARD Status disk_write(int fd, const void *p, size_t n, Err *err);
NODISCARD Status disk_sync(int fd, Err *err);
NODISCARD Status disk_truncate(int fd, int64_t size, Err *err);
NODISCARD Status disk_rename(const char *from, const char *to, Err *err);
NODISCARD Status disk_sync_dir(const char *dir, Err *err);
NODISCARD Status disk_unlink(const char *path, Err *err); /* fine when it is not there */
void             disk_close(int *fd);                     /* sets -1; for CLEANUP */

/* Write dir/name as a whole: beside it, fsync, rename, fsync of the folder. */
NODISCARD Status disk_save(const char *dir, const char *name, Str bytes, Err *err);

/* The whole file, malloc'd. ST_NOT_FOUND "journey.not_found" when it is not there. */
NODISCARD Status disk_read(const char *path, char **ret, size_t *ret_n, Err *err);

/* Map a file for reading; *ret_n bytes and at least `pad` readable ones behind them. */
NODISCARD Status disk_map(const char *path, size_t pad, const unsigned char **ret, size_t *ret_n,
                          Err *err);
void             disk_unmap(const unsigned char *p, size_t n, size_t pad);

/* Copy a finished file. No link: what happens to the one must not happen to the other. */
NODISCARD Status disk_copy(const char *from, const char *to, Err *err);

/* Keep dir/name in the folder dir/damaged too. Fine when it is not there. */
NODISCARD Status disk_set_aside(const char *dir, const char *name, Err *err);

/* dir/name in `a`. */
char *disk_path(Arena *a, const char *dir, const char *name);
