#include "base/id.h"

#include <stdatomic.h>
#include <string.h>

enum { NODE_BITS = 8, SEQUENCE_BITS = 13, TIME_BITS = 42 };

static const int64_t EPOCH_MS = INT64_C(1577836800000); /* 2020-01-01T00:00:00Z */
static const char    DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz";

static _Atomic uint64_t last; /* time and sequence of the newest id */
static _Atomic uint64_t node;

void id_node_set(int n)
{
    ASSERT(n >= 0 && n < 1 << NODE_BITS);
    atomic_store(&node, (uint64_t)n);
}

static uint64_t ticks(UnixMs t)
{
    int64_t ms = t.v - EPOCH_MS;
    if (ms < 0)
        ms = 0;
    ASSERT(ms < INT64_C(1) << TIME_BITS);
    return (uint64_t)ms << SEQUENCE_BITS;
}

int64_t id_new(void)
{
    uint64_t now = ticks(clock_now());
    uint64_t seen = atomic_load_explicit(&last, memory_order_relaxed);
    uint64_t next;
    do {
        next = now > seen ? now : seen + 1;
    } while (!atomic_compare_exchange_weak(&last, &seen, next));
    uint64_t sequence = next & ((UINT64_C(1) << SEQUENCE_BITS) - 1);
    uint64_t ms = next >> SEQUENCE_BITS;
    return (int64_t)((ms << NODE_BITS | atomic_load_explicit(&node, memory_order_relaxed))
                         << SEQUENCE_BITS |
                     sequence);
}

UnixMs id_time(int64_t id)
{
    return (UnixMs){(id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MS};
}

int64_t id_at(UnixMs t)
{
    return (int64_t)(ticks(t) << NODE_BITS);
}

size_t id_put(char *p, const char *prefix, int64_t id)
{
    size_t n = strlen(prefix);
    ASSERT(n <= ID_PREFIX_MAX && id >= 0);
    memcpy(p, prefix, n);
    p[n++] = '_';
    for (int shift = 5 * (ID_DIGITS - 1); shift >= 0; shift -= 5)
        p[n++] = DIGITS[(uint64_t)id >> shift & 31];
    return n;
}

void id_add(Buf *b, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX];
    buf_add(b, (Str){text, id_put(text, prefix, id)});
}

Str id_format(Arena *a, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX];
    return str_dup(a, (Str){text, id_put(text, prefix, id)});
}

/* Value of a digit, or -1. */
static int digit(char c)
{
    /* The alphabet leaves out i, l, o, u; the first three are read as digits. */
    static const signed char LETTERS[26] = {10, 11, 12, 13, 14, 15, 16, 17, 1,  18, 19, 1,  20,
                                            21, 0,  22, 23, 24, 25, 26, -1, 27, 28, 29, 30, 31};
    unsigned char            lower = (unsigned char)c | 0x20;
    if (c >= '0' && c <= '9')
        return c - '0';
    return lower >= 'a' && lower <= 'z' ? LETTERS[lower - 'a'] : -1;
}

bool id_parse(Str s, const char *prefix, int64_t *ret)
{
    size_t n = strlen(prefix);
    if (s.len != n + 1 + ID_DIGITS || memcmp(s.ptr, prefix, n) != 0 || s.ptr[n] != '_')
        return false;
    uint64_t id = 0;
    for (size_t i = n + 1; i < s.len; i++) {
        int v = digit(s.ptr[i]);
        if (v < 0 || (i == n + 1 && v > 7)) /* 13 digits are 65 bits; an id has 63 */
            return false;
        id = id << 5 | (uint64_t)v;
    }
    if (id == 0)
        return false;
    *ret = (int64_t)id;
    return true;
}
