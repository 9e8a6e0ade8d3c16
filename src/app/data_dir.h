/* data_dir.h - the folder that holds all that a shop has.
 *
 *      DIR/rapport.db   the database (not with PostgreSQL)
 *      DIR/media/       pictures and other files
 *      DIR/secret       32 random bytes that sign cursors and form tokens
 *      DIR/tmp/         of the running process; emptied at its start
 *      DIR/lock         who uses it
 *
 * One process at a time works in it: a second one is refused, by a lock that the kernel
 * gives back even when a process is killed. */
#pragma once

#include "base/arena.h"
#include "base/status.h"

enum { DATA_SECRET_BYTES = 32 };

typedef enum DataUse {
    DATA_ALONE, /* make it where it is missing, lock it, empty tmp/ */
    DATA_BESIDE /* read what is there, whoever has the lock */
} DataUse;

typedef struct DataDir {
    const char *path; /* lives in the arena; NULL: not open */
    int         lock; /* open file, or -1 */
} DataDir;

/* ST_CONFLICT "app.data_in_use" names the process that has it; ST_IO "app.data_dir" when it
 * cannot be made or used. */
NODISCARD Status data_dir_open(Arena *a, const char *path, DataUse use, DataDir *ret, Err *err);
void             data_dir_close(DataDir *dir); /* safe on a zeroed DataDir */

/* "DIR/name", in `a`. */
const char *data_dir_file(const DataDir *dir, Arena *a, const char *name);

/* Read the secret from `file` (NULL: DIR/secret, which is made where it is missing).
 * ST_IO "app.bad_secret". */
NODISCARD Status data_dir_secret(const DataDir *dir, Arena *a, const char *file,
                                 unsigned char ret[DATA_SECRET_BYTES], Err *err);
