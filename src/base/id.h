/* id.h - 64-bit ids that sort by time, and how the outside sees them.
 *
 *      42 bits   milliseconds since 2020-01-01 UTC (until 2159)
 *       8 bits   node: the process, id_node_set()
 *      13 bits   sequence within the millisecond
 *
 * An id is positive, so it fits a signed BIGINT. Ids of one process grow strictly, also
 * when the clock steps back; more than 8,192 in a millisecond borrow from the next one.
 * Outside the program an id has a prefix that tells what it is of and 13 characters of
 * Crockford's base32: "prd_01k3v9rnqe0g4". Reading takes upper case too, and I, L, O for
 * 1, 1, 0, as that alphabet means them to be read over the phone. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"

enum { ID_PREFIX_MAX = 8, ID_DIGITS = 13, ID_TEXT_MAX = ID_PREFIX_MAX + 1 + ID_DIGITS };

/* Tell processes that share a database apart: 0-255, once, before threads start. */
void id_node_set(int node);

/* A new id. Any thread, never waits. */
int64_t id_new(void);

/* When it was made, to the millisecond; and the smallest id of a moment, for ranges. */
UnixMs  id_time(int64_t id);
int64_t id_at(UnixMs t);

/* `prefix` is a literal of at most ID_PREFIX_MAX characters, without the '_'. */
void id_add(Buf *b, const char *prefix, int64_t id);
Str  id_format(Arena *a, const char *prefix, int64_t id);

/* Write it to p[0..ID_TEXT_MAX), without a NUL; return the length. */
size_t id_put(char *p, const char *prefix, int64_t id);

/* False, and *ret untouched, when `s` is not an id of this kind. */
NODISCARD bool id_parse(Str s, const char *prefix, int64_t *ret);
