/* spool_int.h - a request body while it arrives: in memory while it is small, else in a
 * temporary file without a name, which is mapped once it is complete. */
#pragma once

#include "base/buf.h"
#include "base/status.h"

enum { SPOOL_MEMORY = 256 * 1024 };

typedef struct SpoolPool {      /* what all bodies of a server share */
    const char     *dir;        /* for temporary files */
    _Atomic int64_t memory;     /* bytes of bodies in memory */
    int64_t         memory_max; /* above: even small ones go to files */
    _Atomic int64_t disk;       /* bytes in files */
    int64_t         disk_max;   /* above: ST_BUSY */
} SpoolPool;

typedef struct Spool {
    Buf     memory;
    int     fd; /* -1: in memory */
    int64_t size;
    void   *map;
    char    path[32]; /* of the file, while it is open */
} Spool;

void spool_init(Spool *s);
void spool_done(Spool *s, SpoolPool *pool);

/* ST_IO "http.spool", ST_BUSY "http.spool_full". */
NODISCARD Status spool_add(Spool *s, SpoolPool *pool, Str bytes, Err *err);

/* All of it: call once, when it is complete. */
NODISCARD Status spool_body(Spool *s, Str *ret_body, Str *ret_path, Err *err);
