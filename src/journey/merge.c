/* Background work: batches become segments, small segments become larger ones. */
#include "journey/store.h"

#include "base/log.h"
#include "journey/disk.h"

#include <sys/resource.h>

enum {
    FAN = 8,           /* that many of a size become one */
    LET_MS = 10,       /* that a block of a merge waits for questions */
    FOLD_MOVES = 10000 /* remaps that are worth rewriting files */
};
static const int64_t EXPIRED_MS = 86400000; /* of events too old that are worth it */

/* --- from batches to segments in memory ---------------------------------------------- */

static void add_event(void *arg, const JourneyEvent *event, uint64_t message)
{
    (void)message;
    build_event(arg, event);
}

static Status build_group(Journey *j, LogBatch *const *batches, size_t n, const Keys *wanted,
                          Segment **ret, Err *err)
{
    Build b;
    build_init(&b);
    batches_each(batches, n, wanted, add_event, &b);
    uint64_t erased = remap_erase_version_of(j->remap, batches[0]->log);
    Status   st = build_segment(&b, j->remap, erased, NULL, 0, ret, err);
    build_done(&b);
    if (st == ST_OK && *ret != NULL)
        (*ret)->log = batches[0]->log;
    return st;
}

Status build_batches(Journey *j, LogBatch *const *batches, size_t n, const Keys *wanted,
                     Segment ***segs, size_t *nsegs, Err *err)
{
    for (size_t from = 0, to; from < n; from = to) {
        Segment *made;
        size_t   rows = batches[from]->stored;
        for (to = from + 1; to < n && batches[to]->log == batches[from]->log && rows < 1 << 18;
             to++)
            rows += batches[to]->stored;
        TRY(build_group(j, batches + from, to - from, wanted, &made, err));
        if (made == NULL)
            continue;
        *segs = realloc(*segs, (*nsegs + 1) * sizeof(Segment *));
        if (*segs == NULL)
            base_out_of_memory(*nsegs);
        (*segs)[(*nsegs)++] = made;
    }
    return ST_OK;
}

/* --- merging ------------------------------------------------------------------------- */

void know_columns(Space *space, Segment *const *segs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (unsigned c = SEG_FIXED; c < segs[i]->tail.ncolumns; c++)
            space_column(space, segs[i]->columns[c].key, (JourneyType)segs[i]->columns[c].type);
}

static void wait_for(Journey *j, pthread_cond_t *bell, int64_t ms)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(bell, &j->lock, &t);
}

/* Questions first: a merge stands still for one, but never for longer than this, so that it keeps
 * up with what comes in when there is always somebody who asks. */
static void let_ask(Journey *j)
{
    if (atomic_load(&j->asking) == 0)
        return;
    pthread_mutex_lock(&j->lock);
    if (atomic_load(&j->asking) > 0 && !j->stop)
        wait_for(j, &j->asked, LET_MS);
    pthread_mutex_unlock(&j->lock);
}

static Status write_all(Journey *j, View *view, SegWriter *w, const atomic_bool *stop, Err *err)
{
    CLEANUP(scan_done) Scan scan = {0};
    TRY(scan_init(&scan, view, INT64_MIN, INT64_MAX, err));
    for (;;) {
        const WriteRows *rows;
        bool             more;
        TRY(scan_rows(&scan, &rows, &more, err));
        if (!more)
            return ST_OK;
        if (atomic_load_explicit(stop, memory_order_relaxed))
            return err_set(err, ST_CONFLICT, "journey.cancelled", "merging was stopped");
        TRY(seg_writer_block(w, rows, err));
        let_ask(j);
    }
}

static Status merge_view(Journey *j, Segment *const *segs, size_t n, const Patch *patch,
                         Space *space, SegWriter *w, const atomic_bool *stop, Err *err)
{
    CLEANUP(view_done) View view = {0};
    TRY(view_make(segs, n, patch, space, true, &view, err));
    view.keep_from = remap_expired(j->remap);
    return write_all(j, &view, w, stop, err);
}

Status merge_segments(Journey *j, Segment *const *segs, size_t n, const char *path, uint64_t number,
                      Segment **ret, Err *err)
{
    Patch          patch;
    Space          space;
    SegWriter     *w;
    unsigned char *bytes = NULL;
    size_t         size = 0;
    atomic_bool    never = false; /* in memory it is done in moments */
    *ret = NULL;
    TRY(patch_make(segs, n, j->remap, NULL, 1, &patch, err));
    space_init(&space);
    know_columns(&space, segs, n);
    Status st = seg_writer_new(path, &space, &w, err);
    if (st == ST_OK) {
        st = merge_view(j, segs, n, &patch, &space, w, path != NULL ? &j->stop : &never, err);
        if (st == ST_OK)
            st = seg_writer_end(w, patch.remap_version, patch.erase_version, &bytes, &size, err);
        else
            seg_writer_drop(w);
    }
    patch_done(&patch);
    space_done(&space);
    TRY(st);
    if (size == 0)
        return ST_OK;
    TRY(path != NULL ? segment_open(path, number, ret, err) : segment_of(bytes, size, ret, err));
    for (size_t i = 0; i < n; i++)
        (*ret)->log = segs[i]->log > (*ret)->log ? segs[i]->log : (*ret)->log;
    return ST_OK;
}

/* Take `n` neighbours from `at` on; under `lock`. */
static Segment **claim(Journey *j, size_t at, size_t n)
{
    Segment **segs = malloc((n + 1) * sizeof(Segment *));
    if (segs == NULL)
        base_out_of_memory(n);
    for (size_t i = 0; i < n; i++) {
        j->busy[at + i] = true;
        segs[i] = segment_ref(j->segs[at + i]);
    }
    j->merging++;
    return segs;
}

static void release(Journey *j, Segment **segs, size_t n)
{
    pthread_mutex_lock(&j->lock);
    j->merging--;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < j->nsegs; k++)
            if (j->segs[k] == segs[i])
                j->busy[k] = false;
    pthread_mutex_unlock(&j->lock);
    for (size_t i = 0; i < n; i++)
        segment_unref(segs[i]);
    free(segs);
}

static Status merge_claimed(Journey *j, Segment **segs, size_t n, bool file, uint64_t log_first,
                            Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Segment                  *made = NULL;
    arena_init(&a, 1024);
    uint64_t number = file ? store_number(j) : 0;
    char    *path = file ? store_path(j, &a, number) : NULL;
    Status   st = merge_segments(j, segs, n, path, number, &made, err);
    if (st == ST_OK && file)
        st = disk_sync_dir(j->dir, err);
    if (st == ST_OK)
        st = store_replace(j, segs, n, made, log_first, err);
    else if (made != NULL)
        segment_unref(made);
    release(j, segs, n);
    return st;
}

/* --- memory -------------------------------------------------------------------------- */

/* The first batches become segments, in one change of both lists. Under `sealing`. */
static Status seal_batches(Journey *j, Err *err)
{
    Segment **made = NULL;
    size_t    nmade = 0;
    pthread_mutex_lock(&j->lock);
    size_t     n = j->nactive;
    LogBatch **batches = malloc((n + 1) * sizeof(LogBatch *));
    if (batches == NULL)
        base_out_of_memory(n);
    for (size_t i = 0; i < n; i++)
        batches[i] = batch_ref(j->active[i]);
    pthread_mutex_unlock(&j->lock);
    Status st = build_batches(j, batches, n, NULL, &made, &nmade, err);
    pthread_mutex_lock(&j->lock);
    for (size_t i = 0; i < nmade && st == ST_OK; i++) {
        if (j->nsegs + 1 >= j->cap_segs) {
            j->cap_segs = j->cap_segs * 2 + 16;
            j->segs = realloc(j->segs, j->cap_segs * sizeof(Segment *));
            j->busy = realloc(j->busy, j->cap_segs * sizeof *j->busy);
            if (j->segs == NULL || j->busy == NULL)
                base_out_of_memory(j->cap_segs);
        }
        j->segs[j->nsegs] = segment_ref(made[i]);
        j->busy[j->nsegs++] = false;
    }
    for (size_t i = 0; i < n && st == ST_OK; i++) {
        j->active_rows -= j->active[i]->stored;
        batch_unref(j->active[i]);
    }
    if (st == ST_OK && n > 0) {
        memmove(j->active, j->active + n, (j->nactive - n) * sizeof(LogBatch *));
        j->nactive -= n;
        j->published++; /* `live` is no longer of this state */
    }
    pthread_cond_broadcast(&j->wake);
    pthread_mutex_unlock(&j->lock);
    for (size_t i = 0; i < n; i++)
        batch_unref(batches[i]);
    for (size_t i = 0; i < nmade; i++)
        segment_unref(made[i]);
    free(batches);
    free(made);
    return st;
}

Status seal_active(Journey *j, size_t rows, Err *err)
{
    pthread_mutex_lock(&j->sealing);
    pthread_mutex_lock(&j->lock);
    bool enough = j->active_rows >= rows;
    pthread_mutex_unlock(&j->lock);
    Status st = enough ? seal_batches(j, err) : ST_OK;
    pthread_mutex_unlock(&j->sealing);
    return st;
}

static unsigned size_class(uint64_t rows, uint64_t unit)
{
    unsigned c = 0;
    while (rows > unit) {
        rows /= FAN;
        c++;
    }
    return c;
}

/* FAN neighbours or more, none larger than a class that they fill. Under `lock`. */
static bool find_run(const Journey *j, bool file, size_t *ret_at, size_t *ret_n)
{
    uint64_t unit = file ? (uint64_t)j->options.memory_rows : STORE_MINI_ROWS;
    for (unsigned class = 0; class < 12; class ++) {
        size_t n = 0;
        for (size_t i = 0; i <= j->nsegs; i++) {
            bool fits = i < j->nsegs && !j->busy[i] && (j->segs[i]->path != NULL) == file &&
                        !atomic_load(&j->segs[i]->damaged) &&
                        size_class(j->segs[i]->tail.rows, unit) <= class;
            if (fits) {
                n++;
                continue;
            }
            if (n >= FAN) {
                *ret_at = i - n;
                *ret_n = n;
                return true;
            }
            n = 0;
        }
    }
    return false;
}

static Status merge_run(Journey *j, bool file, bool *ret_any, Err *err)
{
    size_t at, n;
    pthread_mutex_lock(&j->lock);
    bool      any = find_run(j, file, &at, &n);
    Segment **segs = any ? claim(j, at, n) : NULL;
    pthread_mutex_unlock(&j->lock);
    *ret_any = any;
    return any ? merge_claimed(j, segs, n, file, 0, err) : ST_OK;
}

static Status save_seen(void *arg, Err *err)
{
    Journey *j = arg;
    return seen_save(&j->seen, j->dir, err);
}

/* The manifest with the segments that there are. Under `commit`. */
static Status save_same(Journey *j, uint64_t log_first, Err *err)
{
    pthread_mutex_lock(&j->lock);
    size_t    n = j->nsegs;
    Segment **list = malloc((n + 1) * sizeof(Segment *));
    if (list == NULL)
        base_out_of_memory(n);
    if (n > 0)
        memcpy(list, j->segs, n * sizeof(Segment *));
    pthread_mutex_unlock(&j->lock);
    Status st = store_save(j, list, n, log_first, err);
    free(list);
    return st;
}

/* Nothing is in memory: the manifest alone has to know. */
static Status forget_logs(Journey *j, uint64_t first, Err *err)
{
    pthread_mutex_lock(&j->commit);
    Status st = save_same(j, first, err);
    if (st == ST_OK)
        j->log_first = first;
    pthread_mutex_unlock(&j->commit);
    return st;
}

/* The manifest no longer names these. Left behind, they go at the next opening. */
static Status drop_logs(Journey *j, uint64_t from, uint64_t first, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 1024);
    Status st = ST_OK;
    for (uint64_t k = from; k < first && st == ST_OK; k++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%010llu.log", (unsigned long long)k);
        st = disk_unlink(disk_path(&a, j->dir, name), err);
    }
    return st;
}

/* All segments in memory become one file; then their log files go. */
static Status flush_memory(Journey *j, Err *err)
{
    uint64_t log;
    TRY(log_rotate(j->log, &log, err));
    TRY(seal_active(j, 0, err));
    TRY(log_pause(j->log, save_seen, j, err));
    pthread_mutex_lock(&j->lock);
    size_t at = 0;
    while (at < j->nsegs && j->segs[at]->path != NULL)
        at++;
    size_t n = 0;
    while (at + n < j->nsegs && j->segs[at + n]->log < log)
        n++;
    Segment **segs = n > 0 ? claim(j, at, n) : NULL;
    pthread_mutex_unlock(&j->lock);
    uint64_t from = j->log_first;
    TRY(n > 0 ? merge_claimed(j, segs, n, true, log, err) : forget_logs(j, log, err));
    return drop_logs(j, from, log, err);
}

/* Under `lock`. */
static int64_t memory_rows(const Journey *j)
{
    int64_t n = (int64_t)j->active_rows;
    for (size_t i = 0; i < j->nsegs; i++)
        n += j->segs[i]->path == NULL ? (int64_t)j->segs[i]->tail.rows : 0;
    return n;
}

Status merge_memory(Journey *j, bool flush, Err *err)
{
    Status st = ST_OK;
    bool   any = true;
    pthread_mutex_lock(&j->memory_work);
    pthread_mutex_lock(&j->lock);
    flush = flush || memory_rows(j) >= j->options.memory_rows;
    pthread_mutex_unlock(&j->lock);
    if (flush)
        st = flush_memory(j, err);
    while (!flush && st == ST_OK && any)
        st = merge_run(j, false, &any, err);
    pthread_mutex_unlock(&j->memory_work);
    return st;
}

/* --- files --------------------------------------------------------------------------- */

/* Does a segment hold one of the profiles? */
static Status holds(Journey *j, Segment *s, const int64_t *profiles, size_t n, bool *ret, Err *err)
{
    Build b;
    build_init(&b);
    (void)j;
    Remap *nobody; /* everything counts: also what is forgotten */
    *ret = false;
    Status st = remap_open(NULL, true, &nobody, err);
    if (st == ST_OK)
        st = gather(s, profiles, n, nobody, &(Keys){0}, &b, err);
    remap_close(nobody);
    *ret = b.n > 0;
    build_done(&b);
    return st;
}

/* Events before it are worth rewriting a file for. Each file once a day, unless it is to be now. */
static int64_t expired_edge(Journey *j, bool settle)
{
    int64_t expired = remap_expired(j->remap);
    return settle || expired < INT64_MIN + EXPIRED_MS ? expired : expired - EXPIRED_MS;
}

/* Under `lock`. */
static bool any_expired(const Journey *j, int64_t edge)
{
    for (size_t i = 0; i < j->nsegs; i++)
        if (j->segs[i]->path != NULL && !atomic_load(&j->segs[i]->damaged) &&
            j->segs[i]->tail.time_min < edge)
            return true;
    return false;
}

/* The first file that has not folded in everything; under `lock`. */
static Segment **claim_behind(Journey *j, uint64_t moved, uint64_t erased, int64_t edge)
{
    for (size_t i = 0; i < j->nsegs; i++) {
        const Segment *s = j->segs[i];
        if (s->path != NULL && !j->busy[i] && !atomic_load(&s->damaged) &&
            (s->tail.remap_version < moved || s->tail.erase_version < erased ||
             s->tail.time_min < edge))
            return claim(j, i, 1);
    }
    return NULL;
}

/* Nothing in it is concerned: it is up to date as it is. */
static Status bring_up(Journey *j, Segment **segs, uint64_t moved, uint64_t erased, Err *err)
{
    pthread_mutex_lock(&j->commit);
    SegTail before = segs[0]->tail;
    pthread_mutex_lock(&j->lock);
    segs[0]->tail.remap_version = moved;
    segs[0]->tail.erase_version = erased;
    pthread_mutex_unlock(&j->lock);
    Status st = save_same(j, j->log_first, err);
    if (st != ST_OK) {
        pthread_mutex_lock(&j->lock);
        segs[0]->tail = before;
        pthread_mutex_unlock(&j->lock);
    }
    pthread_mutex_unlock(&j->commit);
    release(j, segs, 1);
    return st;
}

static Status fold_one(Journey *j, int64_t edge, bool *ret_any, Err *err)
{
    uint64_t moved = remap_version(j->remap), erased = remap_erase_version(j->remap);
    pthread_mutex_lock(&j->lock);
    Segment **segs = claim_behind(j, moved, erased, edge);
    pthread_mutex_unlock(&j->lock);
    *ret_any = segs != NULL;
    if (segs == NULL)
        return ST_OK;
    int64_t *touched;
    bool     any = segs[0]->tail.time_min < edge;
    size_t   n =
        remap_touched(j->remap, segs[0]->tail.remap_version, segs[0]->tail.erase_version, &touched);
    Status st = n > 0 && !any ? holds(j, segs[0], touched, n, &any, err) : ST_OK;
    free(touched);
    if (st != ST_OK) {
        release(j, segs, 1);
        return st;
    }
    return any ? merge_claimed(j, segs, 1, true, 0, err) : bring_up(j, segs, moved, erased, err);
}

static Status merge_whole(Journey *j, Err *err)
{
    pthread_mutex_lock(&j->lock);
    size_t n = 0;
    while (n < j->nsegs && j->segs[n]->path != NULL)
        n++;
    Segment **segs = n > 1 ? claim(j, 0, n) : NULL;
    pthread_mutex_unlock(&j->lock);
    return segs != NULL ? merge_claimed(j, segs, n, true, 0, err) : ST_OK;
}

/* Everything is folded in when no segment, in memory or not, is behind. */
static Status tell_folded(Journey *j, Err *err)
{
    uint64_t moved = remap_version(j->remap), erased = remap_erase_version(j->remap);
    pthread_mutex_lock(&j->lock);
    bool all = j->nactive == 0;
    for (size_t i = 0; i < j->nsegs; i++)
        all = all && j->segs[i]->path != NULL && j->segs[i]->tail.remap_version >= moved &&
              j->segs[i]->tail.erase_version >= erased;
    pthread_mutex_unlock(&j->lock);
    return all ? remap_folded(j->remap, moved, erased, err) : ST_OK;
}

Status merge_disk(Journey *j, bool settle, bool whole, bool *ret_any, Err *err)
{
    bool   any = true;
    Status st = ST_OK;
    *ret_any = false;
    pthread_mutex_lock(&j->disk_work);
    if (whole)
        st = merge_whole(j, err);
    while (st == ST_OK && any && !j->stop && !whole) {
        st = merge_run(j, true, &any, err);
        *ret_any = *ret_any || any;
    }
    int64_t edge = expired_edge(j, settle);
    pthread_mutex_lock(&j->lock);
    bool old = any_expired(j, edge);
    pthread_mutex_unlock(&j->lock);
    bool fold = settle || old || remap_erasures(j->remap) > 0 || remap_moves(j->remap) > FOLD_MOVES;
    for (any = fold; st == ST_OK && any && !j->stop;) {
        st = fold_one(j, edge, &any, err);
        *ret_any = *ret_any || any;
    }
    if (st == ST_OK && fold)
        st = tell_folded(j, err);
    pthread_mutex_unlock(&j->disk_work);
    return st;
}

Status journey_settle(Journey *j, bool whole, Err *err)
{
    bool any;
    if (j->log == NULL)
        return err_set(err, ST_CONFLICT, "journey.in_use", "opened for reading only");
    TRY(merge_memory(j, true, err));
    return merge_disk(j, true, whole, &any, err);
}

/* --- threads ------------------------------------------------------------------------- */

/* Once when it begins, and once when it has passed. */
static void tell(const char *work, Status st, const Err *err, bool *failing)
{
    bool fails = st != ST_OK && strcmp(err->code, "journey.cancelled") != 0;
    if (fails && !*failing)
        log_event(LOG_ERROR, "journey.work_failed", log_s("work", str_from_cstr(work)),
                  log_s("code", str_from_cstr(err->code)), log_s("msg", str_from_cstr(err->msg)));
    if (!fails && *failing)
        log_event(LOG_INFO, "journey.work_goes_on", log_s("work", str_from_cstr(work)));
    *failing = fails;
}

/* Events do not wait while segments are merged: a question would have to lay out all of them. Nor
 * do fewer of them, when hardly any more come. */
static void *seal_thread(void *arg)
{
    enum { FEW = STORE_MINI_ROWS / 4, HARDLY_ANY = STORE_MINI_ROWS / 16 };
    Journey *j = arg;
    Err      err;
    pthread_mutex_lock(&j->lock);
    while (!j->stop) {
        size_t before = j->active_rows, rows = STORE_MINI_ROWS;
        if (before < rows)
            wait_for(j, &j->full, 200);
        if (j->active_rows < before + HARDLY_ANY)
            rows = FEW;
        pthread_mutex_unlock(&j->lock);
        Status st = seal_active(j, rows, &err);
        pthread_mutex_lock(&j->lock);
        if (st != ST_OK && !j->stop)
            wait_for(j, &j->full, 1000);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

/* Is there something to merge? Under `lock`. */
static bool memory_waits(const Journey *j)
{
    size_t at, n;
    return memory_rows(j) >= j->options.memory_rows || find_run(j, false, &at, &n);
}

/* A failure (a full disk) is met again at the next round; appending goes on meanwhile. */
static void *memory_thread(void *arg)
{
    Journey *j = arg;
    Err      err;
    bool     failing = false;
    pthread_mutex_lock(&j->lock);
    while (!j->stop) {
        if (!memory_waits(j))
            wait_for(j, &j->wake, 200);
        bool any = memory_waits(j), some = memory_rows(j) > 0;
        pthread_mutex_unlock(&j->lock);
        bool   erased = remap_erasures(j->remap) > 0;
        Status st = any || erased ? merge_memory(j, erased && some, &err) : ST_OK;
        if (any || erased)
            tell("memory", st, &err, &failing);
        pthread_mutex_lock(&j->lock);
        if (st != ST_OK && !j->stop)
            wait_for(j, &j->wake, 1000);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static void *disk_thread(void *arg)
{
    Journey *j = arg;
    Err      err;
    bool     any = false, failing = false;
    setpriority(PRIO_PROCESS, 0, 10); /* of this thread alone, on Linux */
    pthread_mutex_lock(&j->lock);
    while (!j->stop) {
        wait_for(j, &j->wake, any ? 10 : 500);
        if (j->stop)
            break;
        pthread_mutex_unlock(&j->lock);
        Status st = merge_disk(j, false, false, &any, &err);
        tell("files", st, &err, &failing);
        pthread_mutex_lock(&j->lock);
        if (st != ST_OK && !j->stop)
            wait_for(j, &j->wake, 1000);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

void merge_threads_start(Journey *j)
{
    static void *(*const WORK[])(void *) = {seal_thread, memory_thread, disk_thread};
    _Static_assert(COUNT_OF(WORK) == COUNT_OF(j->threads), "a thread for each");
    for (size_t i = 0; i < COUNT_OF(WORK); i++)
        if (pthread_create(&j->threads[j->nthreads], NULL, WORK[i], j) == 0)
            j->nthreads++;
}

void merge_threads_stop(Journey *j)
{
    pthread_mutex_lock(&j->lock);
    j->stop = true;
    pthread_cond_broadcast(&j->wake);
    pthread_cond_broadcast(&j->full);
    pthread_cond_broadcast(&j->asked);
    pthread_mutex_unlock(&j->lock);
    for (size_t i = 0; i < j->nthreads; i++)
        pthread_join(j->threads[i], NULL);
    j->nthreads = 0;
}
