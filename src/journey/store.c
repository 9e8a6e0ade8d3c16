#include "journey/store.h"

#include "base/log.h"
#include "base/sort.h"
#include "journey/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SEEN_MAX = 16 << 20, MEMORY_ROWS = 1 << 20, MANIFEST_MAGIC = 0x324d5052 };
enum { MANIFEST_OLD = 0x314d5052 }; /* without the sums of segments */

static void *grown(void *p, size_t n, size_t size)
{
    p = realloc(p, (n + 1) * size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

/* --- manifest: magic, next, first log, count; number, remap, erasure, sum of each; sum ---- */

static size_t put_entry(uint64_t *v, const Lost *l)
{
    v[0] = l->number;
    v[1] = l->remap_version;
    v[2] = l->erase_version;
    v[3] = l->sum;
    return 4;
}

/* A copy, which is read when one bit of the first is not as it was. It must not be older. */
static Status save_twice(const char *dir, Str bytes, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    Err                       other;
    TRY(disk_unlink(disk_path(&a, dir, MANIFEST_COPY), err));
    TRY(disk_save(dir, "MANIFEST", bytes, err));
    if (disk_save(dir, MANIFEST_COPY, bytes, &other) != ST_OK)
        return ST_OK; /* what counts is there; the next change, or opening, brings a copy */
    return ST_OK;
}

Status store_save(Journey *j, Segment *const *segs, size_t n, uint64_t log_first, Err *err)
{
    uint64_t *v = grown(NULL, 5 + 4 * (n + j->nlost), sizeof *v);
    size_t    k = 4;
    v[0] = MANIFEST_MAGIC;
    pthread_mutex_lock(&j->lock);
    v[1] = j->next;
    pthread_mutex_unlock(&j->lock);
    v[2] = log_first;
    for (size_t i = 0; i < n; i++)
        if (segs[i]->path != NULL)
            k += put_entry(v + k, &(Lost){.number = segs[i]->number,
                                          .remap_version = segs[i]->tail.remap_version,
                                          .erase_version = segs[i]->tail.erase_version,
                                          .sum = segs[i]->tail.sum});
    for (size_t i = 0; i < j->nlost; i++)
        k += put_entry(v + k, &j->lost[i]);
    v[3] = (k - 4) / 4;
    v[k] = XXH3_64bits(v, k * 8);
    Status st = save_twice(j->dir, (Str){(const char *)v, (k + 1) * 8}, err);
    free(v);
    return st;
}

uint64_t store_number(Journey *j)
{
    pthread_mutex_lock(&j->lock);
    uint64_t n = j->next++;
    pthread_mutex_unlock(&j->lock);
    return n;
}

char *store_path(Journey *j, Arena *a, uint64_t number)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%010llu.seg", (unsigned long long)number);
    return disk_path(a, j->dir, name);
}

static void add_segment(Journey *j, Segment *s)
{
    if (j->nsegs == j->cap_segs) {
        j->cap_segs = j->cap_segs * 2 + 16;
        j->segs = grown(j->segs, j->cap_segs, sizeof(Segment *));
        j->busy = grown(j->busy, j->cap_segs, sizeof *j->busy);
    }
    j->segs[j->nsegs] = s;
    j->busy[j->nsegs++] = false;
}

/* ST_NOT_FOUND: there is none. */
static Status manifest_read(const char *dir, const char *name, Arena *a, uint64_t **ret,
                            uint64_t *ret_stride, Err *err)
{
    char  *bytes;
    size_t n;
    TRY(disk_read(disk_path(a, dir, name), &bytes, &n, err));
    uint64_t *v = arena_array(a, uint64_t, n / 8 + 6);
    memcpy(v, bytes, n / 8 * 8);
    free(bytes);
    uint64_t stride = v[0] == MANIFEST_OLD ? 3 : 4;
    if (n % 8 != 0 || n < 40 || (v[0] != MANIFEST_MAGIC && v[0] != MANIFEST_OLD) || v[3] > n / 8 ||
        v[3] * stride != n / 8 - 5 || XXH3_64bits(v, n - 8) != v[n / 8 - 1])
        return err_set(err, ST_IO, "journey.corrupt", "%s: checksum", name);
    *ret = v;
    *ret_stride = stride;
    return ST_OK;
}

Status store_manifest_check(const char *dir, const char *name, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    uint64_t                 *v, stride;
    return manifest_read(dir, name, &a, &v, &stride, err);
}

Status store_unchanged(const Journey *j, bool *ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    uint64_t                 *v, stride;
    Status                    st = manifest_read(j->dir, "MANIFEST", &a, &v, &stride, err);
    *ret = st == ST_OK && v[4 + stride * v[3]] == j->manifest_sum;
    return st == ST_IO && strcmp(err->code, "journey.disk") == 0 ? st : ST_OK;
}

static Status any_segment(const Journey *j, bool *ret, Err *err)
{
    const struct dirent *e;
    DIR                 *d = opendir(j->dir);
    if (d == NULL)
        return err_set(err, ST_IO, "journey.disk", "%.100s cannot be read", j->dir);
    *ret = false;
    while (!*ret && (e = readdir(d)) != NULL) /* NOLINT(concurrency-mt-unsafe) */
        *ret = str_ends(str_from_cstr(e->d_name), STR(".seg"));
    closedir(d);
    return ST_OK;
}

/* A new store has one before it has anything else: segments without it are not nobody's. */
static Status no_manifest(Journey *j, Err *err)
{
    bool any;
    TRY(any_segment(j, &any, err));
    if (any)
        return err_set(err, ST_IO, "journey.corrupt", "MANIFEST is missing");
    return j->options.read_only ? ST_OK : store_save(j, NULL, 0, j->log_first, err);
}

static void damaged(const char *file, const char *what)
{
    log_event(LOG_ERROR, "journey.damaged", log_s("file", str_from_cstr(file)),
              log_s("msg", str_from_cstr(what)));
}

/* It stays in the manifest and where it is; questions say so until it is mended. */
static void lose(Journey *j, const uint64_t *at, uint64_t stride, const char *why)
{
    char name[32];
    j->lost = grown(j->lost, j->nlost, sizeof *j->lost);
    Lost *l = &j->lost[j->nlost++];
    *l = (Lost){at[0], at[1], at[2], stride == 4 ? at[3] : 0, ""};
    (void)snprintf(l->why, sizeof l->why, "%s", why);
    (void)snprintf(name, sizeof name, "%010llu.seg", (unsigned long long)at[0]);
    damaged(name, why);
}

static Status open_named(Journey *j, const uint64_t *at, uint64_t stride, Segment **ret, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    TRY(segment_open(store_path(j, &a, at[0]), at[0], ret, err));
    if (stride == 4 && (*ret)->tail.sum != at[3]) {
        segment_unref(*ret);
        return err_set(err, ST_IO, "journey.corrupt", "%010llu.seg: it is another file",
                       (unsigned long long)at[0]);
    }
    return ST_OK;
}

static Status open_segments(Journey *j, const uint64_t *v, uint64_t stride, Err *err)
{
    j->next = v[1];
    j->log_first = v[2];
    j->exact = stride == 4;
    j->manifest_sum = v[4 + stride * v[3]];
    for (uint64_t i = 0; i < v[3]; i++) {
        Segment        *s;
        const uint64_t *at = v + 4 + stride * i;
        Status          st = open_named(j, at, stride, &s, err);
        if (st != ST_OK && (!j->lenient || strcmp(err->code, "journey.corrupt") != 0))
            return st;
        if (st != ST_OK) {
            lose(j, at, stride, err->msg);
            continue;
        }
        s->tail.remap_version = at[1];
        s->tail.erase_version = at[2];
        add_segment(j, s);
    }
    return ST_OK;
}

static Status read_manifest(Journey *j, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    uint64_t                 *v, *copy, stride, copy_stride;
    Err                       other;
    Status                    st = manifest_read(j->dir, "MANIFEST", &a, &v, &stride, err);
    Status second = manifest_read(j->dir, MANIFEST_COPY, &a, &copy, &copy_stride, &other);
    if (st == ST_NOT_FOUND && second == ST_NOT_FOUND)
        return no_manifest(j, err);
    if (st != ST_OK && second != ST_OK)
        return st != ST_NOT_FOUND ? st
                                  : err_set(err, ST_IO, "journey.corrupt",
                                            "MANIFEST is missing, its copy damaged");
    if (st != ST_OK)
        damaged("MANIFEST", "its copy is used");
    TRY(open_segments(j, st == ST_OK ? v : copy, st == ST_OK ? stride : copy_stride, err));
    if (j->options.read_only || (st == ST_OK && second == ST_OK))
        return ST_OK;
    return store_save(j, j->segs, j->nsegs, j->log_first, err);
}

Status store_whole(const Journey *j, Err *err)
{
    if (j->nlost > 0)
        return err_set(err, ST_IO, "journey.corrupt", "%s", j->lost[0].why);
    return ST_OK;
}

/* --- the list of segments ------------------------------------------------------------ */

static size_t files(Segment *const *segs, size_t n)
{
    size_t k = 0;
    while (k < n && segs[k]->path != NULL)
        k++;
    return k;
}

/* The list with [at, at + n) replaced by `made`: malloc'd. Under `commit`. */
static Segment **spliced(Journey *j, size_t at, size_t n, Segment *const *made, size_t nmade,
                         size_t *ret_n)
{
    Segment **list = grown(NULL, j->nsegs + nmade, sizeof(Segment *));
    size_t    k = 0;
    for (size_t i = 0; i < at; i++)
        list[k++] = j->segs[i];
    for (size_t i = 0; i < nmade; i++)
        list[k++] = made[i];
    for (size_t i = at + n; i < j->nsegs; i++)
        list[k++] = j->segs[i];
    *ret_n = k;
    return list;
}

static void put_list(Journey *j, size_t at, size_t n, Segment *const *made, size_t nmade)
{
    size_t   from = at + n, to = at + nmade;
    Segment *last = NULL;
    while (j->nsegs + nmade + 1 > j->cap_segs) { /* room first */
        j->cap_segs = j->cap_segs * 2 + 16;
        j->segs = grown(j->segs, j->cap_segs, sizeof last);
        j->busy = grown(j->busy, j->cap_segs, sizeof *j->busy);
    }
    memmove(&j->segs[to], &j->segs[from], (j->nsegs - from) * sizeof last);
    memmove(&j->busy[to], &j->busy[from], (j->nsegs - from) * sizeof *j->busy);
    for (size_t i = 0; i < nmade; i++) {
        j->segs[at + i] = made[i];
        j->busy[at + i] = false;
    }
    j->nsegs = j->nsegs - n + nmade;
}

/* Under `lock`. */
static size_t place_of(const Journey *j, const Segment *s)
{
    size_t at = 0;
    while (at < j->nsegs && j->segs[at] != s)
        at++;
    ASSERT(at < j->nsegs);
    return at;
}

Status store_replace(Journey *j, Segment *const *old, size_t n, Segment *made, uint64_t log_first,
                     Err *err)
{
    Status st = ST_OK;
    bool   file = old[0]->path != NULL || (made != NULL && made->path != NULL);
    pthread_mutex_lock(&j->commit);
    pthread_mutex_lock(&j->lock);
    size_t    at = place_of(j, old[0]), count;
    Segment **list = spliced(j, at, n, &made, made != NULL, &count);
    pthread_mutex_unlock(&j->lock);
    if (file)
        st = store_save(j, list, count, log_first != 0 ? log_first : j->log_first, err);
    free(list);
    pthread_mutex_lock(&j->lock);
    at = place_of(j, old[0]);
    if (st == ST_OK) {
        j->log_first = log_first != 0 ? log_first : j->log_first;
        for (size_t i = 0; i < n; i++) {
            atomic_store(&j->segs[at + i]->condemned, true);
            segment_unref(j->segs[at + i]);
        }
        put_list(j, at, n, &made, made != NULL);
    }
    pthread_mutex_unlock(&j->lock);
    pthread_mutex_unlock(&j->commit);
    store_forget_patches(j, old, n);
    if (st != ST_OK) /* its file stays: the manifest may have been renamed, and name it */
        segment_unref(made);
    return st;
}

Status store_insert(Journey *j, Segment *const *made, size_t n, Err *err)
{
    pthread_mutex_lock(&j->commit);
    pthread_mutex_lock(&j->lock);
    size_t    at = files(j->segs, j->nsegs), count;
    Segment **list = spliced(j, at, 0, made, n, &count);
    pthread_mutex_unlock(&j->lock);
    Status st = store_save(j, list, count, j->log_first, err);
    free(list);
    if (st == ST_OK) {
        pthread_mutex_lock(&j->lock);
        put_list(j, files(j->segs, j->nsegs), 0, made, n);
        pthread_mutex_unlock(&j->lock);
    }
    pthread_mutex_unlock(&j->commit);
    return st;
}

/* --- opening ------------------------------------------------------------------------- */

static void publish(void *arg, LogBatch *b)
{
    Journey *j = arg;
    if (b->stored == 0) {
        batch_unref(b);
        return;
    }
    pthread_mutex_lock(&j->lock);
    if (j->nactive == j->cap_active) {
        j->cap_active = j->cap_active * 2 + 64;
        j->active = grown(j->active, j->cap_active, sizeof(LogBatch *));
    }
    j->active[j->nactive++] = b;
    bool full = j->active_rows >= STORE_MINI_ROWS;
    j->active_rows += b->stored;
    j->published++;
    if (!full && j->active_rows >= STORE_MINI_ROWS)
        pthread_cond_signal(&j->full);
    pthread_mutex_unlock(&j->lock);
}

static void see_again(void *arg, const JourneyEvent *event, uint64_t message)
{
    Journey *j = arg;
    (void)event;
    if (message != 0 && !seen_add(&j->seen, message, clock_now()))
        return;
}

static void replayed(void *arg, LogBatch *b)
{
    Journey *j = arg;
    if (!batch_each((Str){b->bytes, b->n}, see_again, j))
        b->stored = 0;
    publish(j, b);
}

typedef struct Numbers {
    uint64_t *v;
    size_t    n, cap;
} Numbers;

static int ascending(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

static bool file_number(const char *name, const char *suffix, uint64_t *ret)
{
    Str     s = str_from_cstr(name);
    int64_t v;
    if (s.len != 14 || !str_ends(s, str_from_cstr(suffix)) || !str_parse_i64(str_head(s, 10), &v) ||
        v < 0)
        return false;
    *ret = (uint64_t)v;
    return true;
}

static bool named(const Journey *j, uint64_t number)
{
    for (size_t i = 0; i < j->nsegs; i++)
        if (j->segs[i]->number == number)
            return true;
    for (size_t i = 0; i < j->nlost; i++)
        if (j->lost[i].number == number)
            return true;
    return false;
}

/* Log files from log_first on, in order; everything that belongs to nothing is removed. */
static Status look_around(Journey *j, Numbers *logs, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 4096);
    DIR *d = opendir(j->dir);
    if (d == NULL)
        return err_set(err, ST_IO, "journey.disk", "%.100s cannot be read", j->dir);
    Status               st = ST_OK;
    const struct dirent *e;
    while (st == ST_OK && (e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        uint64_t number = 0;
        bool     stray = str_ends(str_from_cstr(e->d_name), STR(".new"));
        if (file_number(e->d_name, ".seg", &number)) {
            stray = !named(j, number);
        } else if (file_number(e->d_name, ".log", &number)) {
            stray = number < j->log_first;
            if (logs->n == logs->cap) {
                logs->cap = logs->cap * 2 + 16;
                logs->v = grown(logs->v, logs->cap, sizeof *logs->v);
            }
            if (!stray)
                logs->v[logs->n++] = number;
        }
        if (stray && !j->options.read_only)
            st = disk_unlink(disk_path(&a, j->dir, e->d_name), err);
    }
    closedir(d);
    array_sort(logs->v, logs->n, sizeof *logs->v, ascending);
    return st;
}

/* A torn end belongs to what was never acknowledged: it is cut. */
static Status replay_log(Journey *j, const char *path, uint64_t number, Err *err)
{
    CLEANUP(disk_close) int fd = -1;
    int64_t                 now;
    LogState                log;
    TRY(log_replay(path, number, replayed, j, &log, err));
    if (log.damaged >= 0) /* all but this are there */
        log_event(LOG_ERROR, "journey.damaged", log_s("file", str_from_cstr(path)),
                  log_i("byte", log.damaged));
    if (j->options.read_only)
        return ST_OK;
    if (log.size == 0) /* no number is left out: one that is missing was taken away */
        return log_begin(path, number, err);
    if (!log.torn)
        return ST_OK;
    TRY(disk_append(path, &fd, &now, err));
    TRY(disk_truncate(fd, log.size, err));
    return disk_sync(fd, err);
}

static Status replay_logs(Journey *j, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Numbers                   logs = {0};
    arena_init(&a, 4096);
    Status   st = look_around(j, &logs, err);
    uint64_t last = j->log_first - 1;
    if (st == ST_OK && logs.n == 0 && last > 0 && j->exact)
        damaged("log", "the last one is missing");
    for (size_t i = 0; i < logs.n && st == ST_OK; i++) {
        char name[32];
        if (logs.v[i] > last + 1 && j->exact) {
            (void)snprintf(name, sizeof name, "%010llu.log", (unsigned long long)last + 1);
            damaged(name, logs.v[i] > last + 2 ? "it is missing, and more" : "it is missing");
        }
        (void)snprintf(name, sizeof name, "%010llu.log", (unsigned long long)logs.v[i]);
        st = replay_log(j, disk_path(&a, j->dir, name), logs.v[i], err);
        last = logs.v[i];
    }
    free(logs.v);
    TRY(st);
    if (j->options.read_only)
        return ST_OK;
    return log_open(j->dir, last + 1, &j->seen, publish, j, &j->log, err);
}

static Status take_lock(Journey *j, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 1024);
    j->lock_fd = open(disk_path(&a, j->dir, "lock"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (j->lock_fd < 0)
        return err_set(err, ST_IO, "journey.disk", "%.100s cannot be written", j->dir);
    if (flock(j->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(err, ST_CONFLICT, "journey.in_use",
                       "%.100s is in use: one process writes, stop the other one", j->dir);
    return ST_OK;
}

/* Links that segments have folded in, but the file does not have: a part of it is gone. Later ones
 * must not be taken for those. */
static Status know_versions(Journey *j, Err *err)
{
    uint64_t moved = 0, erased = 0;
    for (size_t i = 0; i < j->nsegs; i++) {
        const SegTail *t = &j->segs[i]->tail;
        moved = t->remap_version > moved ? t->remap_version : moved;
        erased = t->erase_version > erased ? t->erase_version : erased;
    }
    if (remap_at_least(j->remap, moved, erased))
        return ST_OK;
    if (!j->lenient) /* or the writer has folded in newer ones since we read them */
        return err_set(err, ST_IO, "journey.corrupt", "links: its end is missing");
    j->links_lost = true;
    damaged("links", "its end is missing: links of people are gone");
    return j->options.read_only ? ST_OK : remap_mark(j->remap, err);
}

static Status open_all(Journey *j, Err *err)
{
    if (!j->options.read_only) {
        TRY(disk_mkdir(j->dir, err));
        TRY(take_lock(j, err));
    }
    if (j->options.mend)
        TRY(remap_mend(j->dir, &j->links_damaged, err));
    TRY(remap_open(j->dir, j->options.read_only, &j->remap, err));
    TRY(read_manifest(j, err));
    TRY(know_versions(j, err));
    TRY(seen_load(&j->seen, j->dir, clock_now(), err));
    if (j->seen.torn)
        log_event(LOG_WARN, "journey.torn", log_s("file", STR("seen")),
                  log_s("msg", STR("ids of messages behind the damage are forgotten")));
    TRY(replay_logs(j, err));
    if (!j->options.no_merging && !j->options.read_only)
        merge_threads_start(j);
    return ST_OK;
}

static Status open_once(const char *dir, const JourneyOptions *options, bool lenient, Journey **ret,
                        Err *err)
{
    Journey *j = calloc(1, sizeof *j);
    if (j == NULL)
        base_out_of_memory(sizeof *j);
    *j = (Journey){
        .dir = strdup(dir), .options = *options, .lock_fd = -1, .next = 1, .log_first = 1};
    j->lenient = lenient;
    j->exact = true;
    if (j->options.threads <= 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        j->options.threads = cores > 8 ? 8 : cores < 1 ? 1 : (int)cores;
    }
    if (j->options.memory_rows <= 0)
        j->options.memory_rows = MEMORY_ROWS;
    seen_init(&j->seen, options->seen_max > 0 ? (size_t)options->seen_max : SEEN_MAX);
    pthread_mutex_init(&j->lock, NULL);
    pthread_mutex_init(&j->commit, NULL);
    pthread_mutex_init(&j->memory_work, NULL);
    pthread_mutex_init(&j->disk_work, NULL);
    pthread_mutex_init(&j->sealing, NULL);
    pthread_cond_init(&j->wake, NULL);
    pthread_cond_init(&j->full, NULL);
    pthread_cond_init(&j->asked, NULL);
    Status st = open_all(j, err);
    if (st == ST_OK)
        *ret = j;
    else
        journey_close(j);
    return st;
}

/* Who only looks may find that a file which the manifest named has just gone: once more. */
Status journey_open(const char *dir, const JourneyOptions *options, Journey **ret, Err *err)
{
    struct stat info;
    if (options->read_only && stat(dir, &info) != 0)
        return err_set(err, ST_NOT_FOUND, "journey.not_found", "there is no %.100s", dir);
    Status st = open_once(dir, options, !options->read_only, ret, err);
    for (int i = 0; i < 5 && st != ST_OK && options->read_only; i++) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 5000000L * i}, NULL);
        st = open_once(dir, options, i == 4, ret, err);
    }
    return st;
}

void journey_close(Journey *j)
{
    if (j == NULL)
        return;
    merge_threads_stop(j);
    log_close(j->log);
    store_forget_patches(j, NULL, 0);
    for (size_t i = 0; i < j->nsegs; i++)
        segment_unref(j->segs[i]);
    for (size_t i = 0; i < j->nlive; i++)
        segment_unref(j->live[i]);
    for (size_t i = 0; i < j->nactive; i++)
        batch_unref(j->active[i]);
    free(j->segs);
    free(j->busy);
    free(j->live);
    free((void *)(uintptr_t)j->live_keys.ptr);
    free(j->active);
    free(j->lost);
    seen_done(&j->seen);
    remap_close(j->remap);
    if (j->lock_fd >= 0)
        close(j->lock_fd);
    pthread_mutex_destroy(&j->lock);
    pthread_mutex_destroy(&j->commit);
    pthread_mutex_destroy(&j->memory_work);
    pthread_mutex_destroy(&j->disk_work);
    pthread_mutex_destroy(&j->sealing);
    pthread_cond_destroy(&j->wake);
    pthread_cond_destroy(&j->full);
    pthread_cond_destroy(&j->asked);
    free(j->dir);
    free(j);
}
