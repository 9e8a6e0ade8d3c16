#include "journey/remap.h"

#include "journey/disk.h"

#include <pthread.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* A record of the file: kind, count, numbers, sum. */
enum { KIND_LINKS = 1, KIND_ERASE, KIND_EXPIRE, KIND_VERSIONS };
enum { RECORD_HEAD = 16, RECORD_MAX = 1 << 24, AHEAD = 16 };

typedef struct Forgotten {
    uint64_t version;
    uint64_t log; /* events of earlier log files are meant */
    int64_t  subject;
} Forgotten;

typedef struct Slot {
    int64_t subject, profile; /* subject 0: free */
} Slot;

struct Remap {
    pthread_mutex_t  file;   /* held by who changes something; readers do not wait for the disk */
    pthread_rwlock_t lock;   /* of what follows */
    Slot            *slots;  /* hash table */
    size_t           cap, n; /* n: slots in use, those that map to themselves too */
    Move            *moves;
    size_t           nmoves, cap_moves;
    Forgotten       *gone;
    size_t           ngone, cap_gone;
    uint64_t         version, erase_version, folds;
    int64_t          expired;
    char            *dir;
    int              fd;
    int64_t          size; /* of the file, sound */
};

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, n * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

/* --- table --------------------------------------------------------------------------- */

static size_t home_of(const Remap *r, int64_t subject)
{
    return (size_t)((uint64_t)subject * 0x9e3779b97f4a7c15ULL >> 20) & (r->cap - 1);
}

static Slot *slot_of(const Remap *r, int64_t subject)
{
    size_t at = home_of(r, subject);
    while (r->slots[at].subject != 0 && r->slots[at].subject != subject)
        at = (at + 1) & (r->cap - 1);
    return &r->slots[at];
}

static int64_t look_up(const Remap *r, int64_t subject)
{
    if (r->n == 0)
        return subject;
    const Slot *slot = slot_of(r, subject);
    return slot->subject == subject ? slot->profile : subject;
}

/* Room for `n`. */
static void table_grow(Remap *r, size_t n)
{
    size_t cap = r->cap;
    Slot  *slots = r->slots;
    for (r->cap = cap > 0 ? cap : 64; n * 3 > r->cap * 2;)
        r->cap *= 2;
    if (r->cap == cap)
        return;
    r->slots = calloc(r->cap, sizeof *r->slots);
    if (r->slots == NULL)
        base_out_of_memory(r->cap);
    for (size_t i = 0; i < cap; i++)
        if (slots[i].subject != 0)
            *slot_of(r, slots[i].subject) = slots[i];
    free(slots);
}

static void put_link(Remap *r, int64_t subject, int64_t profile)
{
    table_grow(r, r->n + 1);
    Slot *slot = slot_of(r, subject);
    r->n += slot->subject == 0;
    *slot = (Slot){subject, profile};
}

/* --- changes ------------------------------------------------------------------------- */

static void apply_links(Remap *r, const int64_t *v, size_t n, bool moves)
{
    r->version += moves;
    for (size_t i = 0; i + 1 < n; i += 2) {
        int64_t from = look_up(r, v[i]);
        if (from == v[i + 1])
            continue;
        put_link(r, v[i], v[i + 1]);
        if (!moves)
            continue;
        if (r->nmoves == r->cap_moves) {
            r->cap_moves = r->cap_moves > 0 ? r->cap_moves * 2 : 64;
            r->moves = grown(r->moves, r->cap_moves, sizeof *r->moves);
        }
        r->moves[r->nmoves++] = (Move){r->version, v[i], from, v[i + 1]};
    }
}

static void apply_erase(Remap *r, const int64_t *v, size_t n)
{
    r->erase_version++;
    for (size_t i = 1; i < n; i++) {
        if (r->ngone == r->cap_gone) {
            r->cap_gone = r->cap_gone > 0 ? r->cap_gone * 2 : 64;
            r->gone = grown(r->gone, r->cap_gone, sizeof *r->gone);
        }
        r->gone[r->ngone++] = (Forgotten){r->erase_version, (uint64_t)v[0], v[i]};
    }
}

static void apply(Remap *r, uint32_t kind, const int64_t *v, size_t n)
{
    if (kind == KIND_LINKS)
        apply_links(r, v, n, true);
    else if (kind == KIND_ERASE)
        apply_erase(r, v, n);
    else if (kind == KIND_EXPIRE && n == 1)
        r->expired = v[0] > r->expired ? v[0] : r->expired;
    else if (kind == KIND_VERSIONS && n >= 2) { /* begins a file that was written anew */
        r->version = (uint64_t)v[0];
        r->erase_version = (uint64_t)v[1];
        table_grow(r, r->n + n / 2); /* in the order of a table: a smaller one would clot */
        apply_links(r, v + 2, n - 2, false);
    }
}

/* --- file ---------------------------------------------------------------------------- */

static void put_record(Buf *b, uint32_t kind, const int64_t *v, size_t n)
{
    uint32_t head[2] = {kind, (uint32_t)n};
    uint64_t sum = XXH3_64bits_withSeed(v, n * sizeof *v, (uint64_t)kind << 32 | n);
    buf_add(b, (Str){(const char *)head, sizeof head});
    buf_add(b, (Str){(const char *)&sum, sizeof sum});
    buf_add(b, (Str){(const char *)v, n * sizeof *v});
}

/* Under `file`: durable first, then everybody sees it. */
static Status record(Remap *r, uint32_t kind, const int64_t *v, size_t n, Err *err)
{
    Err                   other;
    CLEANUP(buf_done) Buf b = {0};
    if (n > RECORD_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big", "too many links at once");
    buf_init(&b, SIZE_MAX / 4);
    put_record(&b, kind, v, n);
    if (r->fd >= 0) {
        Status st = disk_write(r->fd, b.ptr, b.len, err);
        if (st == ST_OK)
            st = disk_sync(r->fd, err);
        if (st != ST_OK) { /* what arrived of it goes again, now or when it is opened */
            if (disk_truncate(r->fd, r->size, &other) != ST_OK)
                disk_close(&r->fd); /* no further record may follow a torn one */
            return st;
        }
        r->size += (int64_t)b.len;
    } else if (r->dir != NULL) {
        return err_set(err, ST_IO, "journey.disk", "the file of links is broken: open it again");
    }
    pthread_rwlock_wrlock(&r->lock);
    apply(r, kind, v, n);
    pthread_rwlock_unlock(&r->lock);
    return ST_OK;
}

/* Bytes of the record that begins here; 0: it is torn or damaged. */
static size_t sound_record(const char *p, size_t left)
{
    uint32_t head[2];
    uint64_t sum;
    if (left < RECORD_HEAD)
        return 0;
    memcpy(head, p, sizeof head);
    memcpy(&sum, p + 8, sizeof sum);
    size_t bytes = (size_t)head[1] * 8;
    if (head[0] < KIND_LINKS || head[0] > KIND_VERSIONS || head[1] == 0 ||
        bytes > left - RECORD_HEAD)
        return 0;
    uint64_t seed = (uint64_t)head[0] << 32 | head[1];
    return XXH3_64bits_withSeed(p + RECORD_HEAD, bytes, seed) == sum ? RECORD_HEAD + bytes : 0;
}

/* How much of the file is sound; *ret_inside: what comes then is no torn end, since a sound record
 * follows it (all of them are of whole 8 bytes). */
static size_t sound_bytes(const char *p, size_t size, bool *ret_inside)
{
    size_t at = 0, n;
    while ((n = sound_record(p + at, size - at)) > 0)
        at += n;
    *ret_inside = false;
    for (size_t k = at + 8; k < size && !*ret_inside; k += 8)
        *ret_inside = sound_record(p + k, size - k) > 0;
    return at;
}

static void replay(Remap *r, const char *p, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t head[2];
        memcpy(head, p + at, sizeof head);
        int64_t *v = malloc(head[1] * sizeof *v);
        if (v == NULL)
            base_out_of_memory(head[1]);
        memcpy(v, p + at + RECORD_HEAD, head[1] * sizeof *v);
        apply(r, head[0], v, head[1]);
        free(v);
        at += RECORD_HEAD + head[1] * sizeof *v;
    }
}

static Status load(Remap *r, bool read_only, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 1024);
    char  *bytes = NULL;
    size_t n = 0;
    char  *path = disk_path(&a, r->dir, "links");
    Status st = disk_read(path, &bytes, &n, err);
    if (st != ST_OK && st != ST_NOT_FOUND)
        return st;
    bool   inside = false;
    size_t sound = bytes != NULL ? sound_bytes(bytes, n, &inside) : 0;
    if (!inside && bytes != NULL)
        replay(r, bytes, sound);
    free(bytes);
    if (inside) /* cut there, who was joined or erased later would be forgotten */
        return err_set(err, ST_IO, "journey.corrupt", "links, byte %lld: checksum",
                       (long long)sound);
    if (read_only)
        return ST_OK;
    TRY(disk_append(path, &r->fd, &r->size, err));
    if ((size_t)r->size > sound)
        TRY(disk_truncate(r->fd, (int64_t)sound, err));
    r->size = (int64_t)sound;
    return disk_sync_dir(r->dir, err);
}

Status remap_open(const char *dir, bool read_only, Remap **ret, Err *err)
{
    Remap *r = calloc(1, sizeof *r);
    if (r == NULL)
        base_out_of_memory(sizeof *r);
    pthread_mutex_init(&r->file, NULL);
    pthread_rwlock_init(&r->lock, NULL);
    r->fd = -1;
    r->expired = INT64_MIN;
    r->dir = dir != NULL ? strdup(dir) : NULL;
    Status st = dir != NULL ? load(r, read_only, err) : ST_OK;
    if (st == ST_OK)
        *ret = r;
    else
        remap_close(r);
    return st;
}

Status remap_mend(const char *dir, int64_t *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    CLEANUP(buf_done) Buf     b = {0};
    char                     *bytes = NULL;
    size_t                    size = 0, at = 0, n;
    *ret = 0;
    buf_init(&b, SIZE_MAX / 4);
    Status st = disk_read(disk_path(&a, dir, "links"), &bytes, &size, err);
    if (st != ST_OK)
        return st == ST_NOT_FOUND ? ST_OK : st;
    while (at < size) /* records are of whole 8 bytes */
        if ((n = sound_record(bytes + at, size - at)) > 0) {
            buf_add(&b, (Str){bytes + at, n});
            at += n;
        } else {
            at += 8;
        }
    free(bytes);
    *ret = (int64_t)(size - b.len);
    if (*ret == 0)
        return ST_OK;
    TRY(disk_set_aside(dir, "links", err));
    return disk_save(dir, "links", buf_str(&b), err);
}

Status remap_check(Remap *r, bool written, int64_t *ret_at, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    char                     *bytes = NULL;
    size_t                    n = 0;
    bool                      inside = false;
    *ret_at = -1;
    pthread_mutex_lock(&r->file); /* nobody of this process writes meanwhile */
    Status st = disk_read(disk_path(&a, r->dir, "links"), &bytes, &n, err);
    pthread_mutex_unlock(&r->file);
    if (st != ST_OK)
        return st == ST_NOT_FOUND ? ST_OK : st;
    size_t sound = sound_bytes(bytes, n, &inside);
    free(bytes);
    if (sound < n && (inside || !written))
        *ret_at = (int64_t)sound;
    return ST_OK;
}

void remap_close(Remap *r)
{
    if (r == NULL)
        return;
    disk_close(&r->fd);
    pthread_mutex_destroy(&r->file);
    pthread_rwlock_destroy(&r->lock);
    free(r->slots);
    free(r->moves);
    free(r->gone);
    free(r->dir);
    free(r);
}

/* --- the interface ------------------------------------------------------------------- */

Status remap_link(Remap *r, const JourneyLink *links, size_t n, Err *err)
{
    int64_t *v = malloc((n * 2 + 1) * sizeof *v);
    if (v == NULL)
        base_out_of_memory(n);
    for (size_t i = 0; i < n; i++) {
        if (links[i].subject <= 0 || links[i].profile <= 0) {
            free(v);
            return err_set(err, ST_INVALID, "journey.bad_event", "a subject is not positive");
        }
        v[2 * i] = links[i].subject;
        v[2 * i + 1] = links[i].profile;
    }
    pthread_mutex_lock(&r->file);
    Status st = n > 0 ? record(r, KIND_LINKS, v, 2 * n, err) : ST_OK;
    pthread_mutex_unlock(&r->file);
    free(v);
    return st;
}

Status remap_erase(Remap *r, int64_t profile, uint64_t log, Err *err)
{
    pthread_mutex_lock(&r->file);
    size_t   n = 1;
    int64_t *v = malloc((r->n + 2) * sizeof *v);
    if (v == NULL)
        base_out_of_memory(r->n);
    v[0] = (int64_t)log;
    if (look_up(r, profile) == profile)
        v[n++] = profile;
    for (size_t i = 0; i < r->cap; i++)
        if (r->slots[i].subject != 0 && r->slots[i].subject != profile &&
            r->slots[i].profile == profile)
            v[n++] = r->slots[i].subject;
    Status st = record(r, KIND_ERASE, v, n, err);
    pthread_mutex_unlock(&r->file);
    free(v);
    return st;
}

Status remap_expire(Remap *r, int64_t before, Err *err)
{
    pthread_mutex_lock(&r->file);
    Status st = record(r, KIND_EXPIRE, &before, 1, err);
    pthread_mutex_unlock(&r->file);
    return st;
}

int64_t remap_profile(Remap *r, int64_t subject)
{
    pthread_rwlock_rdlock(&r->lock);
    int64_t profile = look_up(r, subject);
    pthread_rwlock_unlock(&r->lock);
    return profile;
}

/* A slot is anywhere in memory: those that come next are fetched meanwhile. */
void remap_profiles(Remap *r, int64_t *v, size_t n, size_t step)
{
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = 0; r->n > 0 && i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(&r->slots[home_of(r, v[(i + AHEAD) * step])], 0, 1);
        v[i * step] = look_up(r, v[i * step]);
    }
    pthread_rwlock_unlock(&r->lock);
}

uint64_t remap_version(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    uint64_t v = r->version;
    pthread_rwlock_unlock(&r->lock);
    return v;
}

bool remap_at_least(Remap *r, uint64_t moved, uint64_t erased)
{
    pthread_mutex_lock(&r->file);
    pthread_rwlock_wrlock(&r->lock);
    bool fine = r->version >= moved && r->erase_version >= erased;
    r->version = r->version > moved ? r->version : moved;
    r->erase_version = r->erase_version > erased ? r->erase_version : erased;
    pthread_rwlock_unlock(&r->lock);
    pthread_mutex_unlock(&r->file);
    return fine;
}

Status remap_mark(Remap *r, Err *err)
{
    pthread_mutex_lock(&r->file);
    const int64_t v[2] = {(int64_t)r->version, (int64_t)r->erase_version};
    Status        st = record(r, KIND_VERSIONS, v, COUNT_OF(v), err);
    pthread_mutex_unlock(&r->file);
    return st;
}

uint64_t remap_erase_version(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    uint64_t v = r->erase_version;
    pthread_rwlock_unlock(&r->lock);
    return v;
}

int64_t remap_expired(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    int64_t v = r->expired;
    pthread_rwlock_unlock(&r->lock);
    return v;
}

size_t remap_mapped(Remap *r)
{
    size_t n = 0;
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = 0; i < r->cap; i++)
        n += r->slots[i].subject != r->slots[i].profile;
    pthread_rwlock_unlock(&r->lock);
    return n;
}

uint64_t remap_erased(Remap *r, int64_t subject)
{
    uint64_t version = 0;
    pthread_rwlock_rdlock(&r->lock);
    for (size_t i = r->ngone; i-- > 0 && version == 0;)
        version = r->gone[i].subject == subject ? r->gone[i].version : 0;
    pthread_rwlock_unlock(&r->lock);
    return version;
}

uint64_t remap_erase_version_of(Remap *r, uint64_t log)
{
    pthread_rwlock_rdlock(&r->lock);
    uint64_t version = r->erase_version;
    for (size_t i = r->ngone; i-- > 0 && r->gone[i].log > log;)
        version = r->gone[i].version - 1;
    pthread_rwlock_unlock(&r->lock);
    return version;
}

/* Positive numbers, 10 bits at a time, leaving out what is the same in all. `other`: as much room;
 * returns which of the two has them. */
static int64_t *sort_profiles(int64_t *v, int64_t *other, size_t n)
{
    uint64_t differ = 0;
    for (size_t i = 1; i < n; i++)
        differ |= (uint64_t)(v[i] ^ v[0]);
    for (unsigned shift = 0; shift < 64; shift += 10) {
        size_t count[1024] = {0};
        if ((differ >> shift & 1023) == 0)
            continue;
        for (size_t i = 0; i < n; i++)
            count[(uint64_t)v[i] >> shift & 1023]++;
        for (size_t k = 0, sum = 0; k < COUNT_OF(count); k++) {
            size_t here = count[k];
            count[k] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            other[count[(uint64_t)v[i] >> shift & 1023]++] = v[i];
        int64_t *t = v;
        v = other;
        other = t;
    }
    return v;
}

size_t remap_touched(Remap *r, uint64_t moved, uint64_t erased, int64_t **ret)
{
    size_t n = 0, kept = 0;
    pthread_rwlock_rdlock(&r->lock);
    size_t   most = (r->nmoves + r->ngone) * 2;
    int64_t *v = malloc((most + 1) * sizeof *v), *other = malloc((most + 1) * sizeof *other);
    if (v == NULL || other == NULL)
        base_out_of_memory(r->nmoves);
    for (size_t i = r->nmoves; i-- > 0 && r->moves[i].version > moved;) {
        v[n++] = r->moves[i].from;
        v[n++] = r->moves[i].to;
    }
    for (size_t i = r->ngone; i-- > 0 && r->gone[i].version > erased;) {
        v[n++] = r->gone[i].subject;
        v[n++] = look_up(r, r->gone[i].subject);
    }
    pthread_rwlock_unlock(&r->lock);
    int64_t *sorted = sort_profiles(v, other, n);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || sorted[i] != sorted[kept - 1])
            sorted[kept++] = sorted[i];
    free(sorted == v ? other : v);
    *ret = sorted;
    return kept;
}

/* Versions and links as one record, then what is still to be folded in. */
static void put_all(const Remap *r, Buf *b)
{
    int64_t *v = malloc((r->n * 2 + 2) * sizeof *v);
    size_t   n = 2;
    if (v == NULL)
        base_out_of_memory(r->n);
    v[0] = (int64_t)r->version;
    v[1] = (int64_t)r->erase_version;
    for (size_t i = 0; i < r->cap; i++)
        if (r->slots[i].subject != r->slots[i].profile) {
            v[n++] = r->slots[i].subject;
            v[n++] = r->slots[i].profile;
        }
    put_record(b, KIND_VERSIONS, v, n);
    if (r->expired != INT64_MIN)
        put_record(b, KIND_EXPIRE, &r->expired, 1);
    free(v);
}

/* The file is written anew only when nothing is left to fold in: then links and versions say
 * all. */
Status remap_folded(Remap *r, uint64_t moved, uint64_t erased, Err *err)
{
    Status st = ST_OK;
    pthread_mutex_lock(&r->file);
    bool all = moved >= r->version && erased >= r->erase_version && (r->nmoves > 0 || r->ngone > 0);
    if (all && r->dir != NULL && r->fd >= 0) {
        CLEANUP(buf_done) Buf     b = {0};
        CLEANUP(arena_done) Arena a = {0};
        arena_init(&a, 1024);
        buf_init(&b, SIZE_MAX / 4);
        put_all(r, &b);
        st = disk_save(r->dir, "links", buf_str(&b), err);
        Err other; /* saved or not: go on in the file that has the name now */
        disk_close(&r->fd);
        Status opened = disk_append(disk_path(&a, r->dir, "links"), &r->fd, &r->size,
                                    st == ST_OK ? err : &other);
        st = st == ST_OK ? opened : st;
    }
    if (st == ST_OK && all) {
        pthread_rwlock_wrlock(&r->lock);
        r->nmoves = r->ngone = 0;
        r->folds++;
        pthread_rwlock_unlock(&r->lock);
    }
    pthread_mutex_unlock(&r->file);
    return st;
}

uint64_t remap_folds(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    uint64_t n = r->folds;
    pthread_rwlock_unlock(&r->lock);
    return n;
}

size_t remap_moves(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    size_t n = r->nmoves;
    pthread_rwlock_unlock(&r->lock);
    return n;
}

size_t remap_moves_after(Remap *r, uint64_t moved)
{
    pthread_rwlock_rdlock(&r->lock);
    size_t lo = 0, hi = r->nmoves;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (r->moves[mid].version > moved)
            hi = mid;
        else
            lo = mid + 1;
    }
    size_t n = r->nmoves - lo;
    pthread_rwlock_unlock(&r->lock);
    return n;
}

size_t remap_erasures(Remap *r)
{
    pthread_rwlock_rdlock(&r->lock);
    uint64_t n = r->ngone > 0 ? r->erase_version - r->gone[0].version + 1 : 0;
    pthread_rwlock_unlock(&r->lock);
    return (size_t)n;
}
