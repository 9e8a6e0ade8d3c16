#include "journey/seen.h"

#include "journey/disk.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { HOURS = 24, HOUR_BITS = 5, REMOVED = 31 };
static const int64_t  HOUR_MS = 3600000;
static const uint64_t HOUR_MASK = (1U << HOUR_BITS) - 1;

void seen_init(Seen *s, size_t max)
{
    *s = (Seen){.max = max};
}

void seen_done(Seen *s)
{
    free(s->slots);
    free(s->fresh);
    *s = (Seen){0};
}

uint64_t seen_hash(Str message)
{
    uint64_t h = XXH3_64bits(message.ptr, message.len) & ~HOUR_MASK;
    return h != 0 ? h : 1U << HOUR_BITS;
}

static size_t slot_of(const Seen *s, uint64_t hash)
{
    size_t at = (size_t)(hash >> HOUR_BITS) & (s->cap - 1);
    while (s->slots[at] != 0 && (s->slots[at] & ~HOUR_MASK) != hash)
        at = (at + 1) & (s->cap - 1);
    return at;
}

/* Hours ago, by the low bits: 0 to 30; 31 marks what was removed. */
static int64_t age(const Seen *s, uint64_t slot)
{
    return (s->hour % REMOVED - (int64_t)(slot & HOUR_MASK) + REMOVED) % REMOVED;
}

static bool alive(const Seen *s, uint64_t slot)
{
    return slot != 0 && (slot & HOUR_MASK) != REMOVED && age(s, slot) <= HOURS;
}

/* Into a table with room, without what is too old; when that is not enough the oldest go. */
static void rebuild(Seen *s)
{
    size_t    by_age[REMOVED] = {0}, live = 0, cap = s->cap;
    uint64_t *old = s->slots;
    int64_t   limit = HOURS;
    for (size_t i = 0; i < cap; i++)
        if (alive(s, old[i])) {
            by_age[age(s, old[i])]++;
            live++;
        }
    while (limit > 0 && live > s->max - s->max / 8)
        live -= by_age[limit--];
    s->cap = s->cap > 0 ? s->cap : 1024;
    while (live * 2 + 2 > s->cap)
        s->cap *= 2;
    s->slots = calloc(s->cap, sizeof *s->slots);
    if (s->slots == NULL)
        base_out_of_memory(s->cap);
    s->n = 0;
    for (size_t i = 0; i < cap; i++)
        if (alive(s, old[i]) && age(s, old[i]) <= limit) {
            s->slots[slot_of(s, old[i] & ~HOUR_MASK)] = old[i];
            s->n++;
        }
    free(old);
}

static bool put(Seen *s, uint64_t hash, int64_t hour)
{
    if (s->n * 4 + 4 > s->cap * 3 || s->n >= s->max)
        rebuild(s);
    size_t at = slot_of(s, hash);
    if (alive(s, s->slots[at]))
        return false;
    s->n += s->slots[at] == 0;
    s->slots[at] = hash | (uint64_t)(hour % REMOVED);
    return true;
}

bool seen_add(Seen *s, uint64_t hash, UnixMs now)
{
    int64_t hour = now.v / HOUR_MS;
    s->hour = hour > s->hour ? hour : s->hour;
    if (!put(s, hash, s->hour))
        return false;
    if (s->nfresh == s->cap_fresh) {
        s->cap_fresh = s->cap_fresh > 0 ? s->cap_fresh * 2 : 256;
        s->fresh = realloc(s->fresh, s->cap_fresh * sizeof *s->fresh);
        if (s->fresh == NULL)
            base_out_of_memory(s->cap_fresh);
    }
    s->fresh[s->nfresh++] = hash | (uint64_t)(s->hour % REMOVED);
    return true;
}

void seen_remove(Seen *s, uint64_t hash)
{
    size_t at = s->cap > 0 ? slot_of(s, hash) : 0;
    if (s->cap > 0 && s->slots[at] != 0)
        s->slots[at] |= HOUR_MASK;
    if (s->nfresh > 0 && (s->fresh[s->nfresh - 1] & ~HOUR_MASK) == hash)
        s->nfresh--;
}

/* --- file: records of hour, count, sum, ids ------------------------------------------ */

typedef struct Record {
    int64_t  hour;
    uint64_t n, sum;
} Record;

static void put_record(Buf *b, int64_t hour, const uint64_t *ids, size_t n)
{
    Record r = {hour, n, XXH3_64bits_withSeed(ids, n * 8, (uint64_t)hour ^ n)};
    buf_add(b, (Str){(const char *)&r, sizeof r});
    buf_add(b, (Str){(const char *)ids, n * 8});
}

static Status write_all(const Seen *s, const char *dir, Err *err)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, SIZE_MAX / 4);
    uint64_t *ids = malloc((s->n + 1) * sizeof *ids);
    size_t    n = 0;
    if (ids == NULL)
        base_out_of_memory(s->n);
    for (size_t i = 0; i < s->cap; i++)
        if (alive(s, s->slots[i]))
            ids[n++] = s->slots[i];
    put_record(&b, s->hour, ids, n);
    free(ids);
    return disk_save(dir, "seen", buf_str(&b), err);
}

Status seen_save(Seen *s, const char *dir, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    CLEANUP(buf_done) Buf     b = {0};
    CLEANUP(disk_close) int   fd = -1;
    int64_t                   size;
    if (s->nfresh == 0 && !s->torn)
        return ST_OK;
    arena_init(&a, 1024);
    buf_init(&b, SIZE_MAX / 4);
    TRY(disk_append(disk_path(&a, dir, "seen"), &fd, &size, err));
    bool anew = s->torn || (size_t)size > 2 * 8 * (s->n + 65536);
    s->torn = true; /* until all of it is there: nothing may follow a torn end */
    if (anew) {
        TRY(write_all(s, dir, err));
    } else {
        put_record(&b, s->hour, s->fresh, s->nfresh);
        TRY(disk_write(fd, b.ptr, b.len, err));
        TRY(disk_sync(fd, err));
        TRY(disk_sync_dir(dir, err));
    }
    s->torn = false;
    s->nfresh = 0;
    return ST_OK;
}

/* Is a sound record here? Then *ret has its head. */
static bool sound_record(const char *p, size_t left, Record *ret)
{
    if (left < sizeof *ret)
        return false;
    memcpy(ret, p, sizeof *ret);
    return ret->n <= (left - sizeof *ret) / 8 &&
           XXH3_64bits_withSeed(p + sizeof *ret, ret->n * 8, (uint64_t)ret->hour ^ ret->n) ==
               ret->sum;
}

Status seen_check(const char *dir, int64_t *ret_at, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    char                     *bytes = NULL;
    size_t                    size = 0, at = 0;
    Record                    r;
    *ret_at = -1;
    Status st = disk_read(disk_path(&a, dir, "seen"), &bytes, &size, err);
    if (st != ST_OK)
        return st == ST_NOT_FOUND ? ST_OK : st;
    while (sound_record(bytes + at, size - at, &r))
        at += sizeof r + r.n * 8;
    free(bytes);
    if (at < size)
        *ret_at = (int64_t)at;
    return ST_OK;
}

Status seen_load(Seen *s, const char *dir, UnixMs now, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    char                     *bytes = NULL;
    size_t                    size = 0, at = 0;
    arena_init(&a, 1024);
    s->hour = now.v / HOUR_MS;
    Status st = disk_read(disk_path(&a, dir, "seen"), &bytes, &size, err);
    if (st != ST_OK)
        return st == ST_NOT_FOUND ? ST_OK : st;
    Record r;
    while (sound_record(bytes + at, size - at, &r)) { /* a torn one: the log still has its events */
        at += sizeof r;
        for (size_t i = 0; i < r.n; i++) {
            uint64_t slot;
            memcpy(&slot, bytes + at + i * 8, 8);
            int64_t hour =
                r.hour - (r.hour % REMOVED - (int64_t)(slot & HOUR_MASK) + REMOVED) % REMOVED;
            if (s->hour - hour <= HOURS && !put(s, slot & ~HOUR_MASK, hour))
                continue;
        }
        at += r.n * 8;
    }
    s->torn = at < size;
    free(bytes);
    return ST_OK;
}
