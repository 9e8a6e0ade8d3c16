/* Looking after a store: numbers, checks, copies; and one person's timeline. */
#include "journey/store.h"

#include "base/sort.h"
#include "journey/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

typedef struct Counting {
    Journey      *j;
    JourneyStats *s;
} Counting;

static Status count_seen(void *arg, Err *err)
{
    Counting *c = arg;
    (void)err;
    c->s->seen = (int64_t)c->j->seen.n;
    return ST_OK;
}

void journey_stats(Journey *j, JourneyStats *ret)
{
    Err err;
    *ret = (JourneyStats){.mapped = (int64_t)remap_mapped(j->remap),
                          .moved = (int64_t)remap_moves(j->remap),
                          .erased = (int64_t)remap_erasures(j->remap)};
    pthread_mutex_lock(&j->lock);
    ret->events = ret->memory_rows = (int64_t)j->active_rows;
    ret->merging = j->merging;
    ret->damaged = (int64_t)j->nlost;
    for (size_t i = 0; i < j->nsegs; i++) {
        const Segment *s = j->segs[i];
        ret->events += (int64_t)s->tail.rows;
        ret->profiles += (int64_t)s->tail.persons;
        if (s->path == NULL) {
            ret->memory_rows += (int64_t)s->tail.rows;
            continue;
        }
        ret->segments++;
        ret->damaged += atomic_load(&s->damaged);
        ret->bytes += (int64_t)s->size;
    }
    pthread_mutex_unlock(&j->lock);
    Counting c = {j, ret};
    if (j->log != NULL && log_pause(j->log, count_seen, &c, &err) == ST_OK)
        ret->log_bytes = log_size(j->log);
}

/* --- check --------------------------------------------------------------------------- */

typedef struct Check {
    JourneyFinding *fn;
    void           *arg;
    int64_t         found;
} Check;

static void tell(Check *c, const char *what)
{
    c->found++;
    c->fn(c->arg, what);
}

static void check_block(Check *c, Segment *s, const SegBlock *b)
{
    Err       err;
    ChunkView v;
    bool      has;
    for (size_t k = b->chunk; k < b->chunk + b->nchunks; k++) {
        const ChunkHead *h = &s->chunks[k];
        atomic_store(&s->verified[k], 0); /* once more, from the file */
        if (segment_chunk(s, b, h->column, &v, &has, &err) != ST_OK)
            tell(c, err.msg);
        CLEANUP(arena_done) Arena a = {.block_size = 4096};
        Str                      *texts;
        if (h->encoding == CHUNK_TEXT && !chunk_texts(&v, &a, &texts))
            tell(c, "packed texts");
    }
}

static void check_people(Check *c, Segment *s, size_t from, size_t to)
{
    Space  none;
    Source source = {.seg = s};
    View   view = {.space = &none, .unit = 1, .name_size = 4};
    Err    err;
    space_init(&none);
    Slab slab;
    slab_init(&slab, &view);
    for (size_t i = from; i < to; i++)
        if (slab_open(&slab, &source, &s->blocks[i], &err) != ST_OK ||
            slab_profiles(&slab, &err) != ST_OK)
            tell(c, err.msg);
    slab_done(&slab);
    space_done(&none);
}

static bool zeroes(const Segment *s, uint64_t from, uint64_t to)
{
    while (from < to && s->p[from] == 0)
        from++;
    return from >= to;
}

/* What aligns the next chunk belongs to none, but was written as well. */
static void check_gaps(Check *c, const Segment *s)
{
    bool fine = true;
    for (size_t k = 0; k < s->tail.nchunks; k++) {
        uint64_t to = k + 1 < s->tail.nchunks ? s->chunks[k + 1].at : s->tail.columns_at;
        fine = fine && zeroes(s, s->chunks[k].at + s->chunks[k].bytes, to);
    }
    if (!fine) {
        char what[80];
        (void)snprintf(what, sizeof what, "%.40s: between two columns", segment_name(s));
        tell(c, what);
    }
}

static void tell_nobody(void *arg, const char *what)
{
    (void)arg;
    (void)what;
}

bool store_block_sound(Segment *s, size_t block)
{
    Check c = {tell_nobody, NULL, 0};
    check_block(&c, s, &s->blocks[block]);
    if (c.found == 0)
        check_people(&c, s, block, block + 1);
    return c.found == 0;
}

static void count_batch(void *arg, LogBatch *b)
{
    (void)arg;
    batch_unref(b);
}

static int by_name(const void *x, const void *y)
{
    return str_cmp(*(const Str *)x, *(const Str *)y);
}

/* Does another process write here at this moment? */
static bool written_to(const Journey *j)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    CLEANUP(disk_close) int   fd = open(disk_path(&a, j->dir, "lock"), O_RDONLY | O_CLOEXEC);
    return j->log == NULL && fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
}

/* Names of the log files, oldest first: their numbers have as many digits. */
static Status list_logs(const Journey *j, Arena *a, Str **ret, size_t *ret_n, Err *err)
{
    DIR *d = opendir(j->dir);
    if (d == NULL)
        return err_set(err, ST_IO, "journey.disk", "%.100s cannot be read", j->dir);
    const struct dirent *e;
    size_t               n = 0, cap = 16;
    Str                 *names = arena_array(a, Str, cap);
    while ((e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (!str_ends(str_from_cstr(e->d_name), STR(".log")))
            continue;
        if (n == cap) {
            Str *more = arena_array(a, Str, cap * 2);
            memcpy(more, names, n * sizeof *names);
            names = more;
            cap *= 2;
        }
        names[n++] = str_dup(a, str_from_cstr(e->d_name));
    }
    closedir(d);
    array_sort(names, n, sizeof *names, by_name);
    *ret = names;
    *ret_n = n;
    return ST_OK;
}

/* Numbers that were left out. A writer that runs takes away the first ones. */
static void tell_gaps(const Journey *j, Check *c, const Str *names, size_t n)
{
    int64_t before = (int64_t)j->log_first - 1, number;
    for (size_t i = 0; i < n && j->exact; i++) {
        if (!str_parse_i64(str_head(names[i], names[i].len - strlen(".log")), &number) ||
            number < (int64_t)j->log_first)
            continue;
        if (number > before + 1 && !(i == 0 && written_to(j))) {
            char what[80];
            (void)snprintf(what, sizeof what, "%010lld.log is missing%s", (long long)before + 1,
                           number > before + 2 ? ", and more" : "");
            tell(c, what);
        }
        before = number;
    }
    if (j->exact && n == 0 && j->log_first > 1)
        tell(c, "the last log is missing");
}

/* The file that another process is writing may end in the middle of a record; none else may. */
static Status check_logs(Journey *j, Check *c, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    Str                      *names;
    size_t                    n;
    TRY(list_logs(j, &a, &names, &n, err));
    bool writer = written_to(j);
    tell_gaps(j, c, names, n);
    for (size_t i = 0; i < n; i++) {
        int64_t  number = 0;
        LogState log;
        bool     sound = true;
        char     what[160];
        if (str_parse_i64(str_head(names[i], names[i].len - strlen(".log")), &number))
            TRY(log_head_check(disk_path(&a, j->dir, names[i].ptr), (uint64_t)number, &sound, err));
        (void)snprintf(what, sizeof what, "%.60s, its head", names[i].ptr);
        if (!sound)
            tell(c, what);
        TRY(log_replay(disk_path(&a, j->dir, names[i].ptr), 0, count_batch, NULL, &log, err));
        (void)snprintf(what, sizeof what, "%.60s, byte %lld: checksum", names[i].ptr,
                       (long long)(log.damaged >= 0 ? log.damaged : log.size));
        if (log.damaged >= 0 || (log.torn && !(writer && i + 1 == n)))
            tell(c, what);
    }
    return ST_OK;
}

static void check_manifest(const Journey *j, Check *c)
{
    Err         err;
    struct stat info;
    Status      st = store_manifest_check(j->dir, "MANIFEST", &err);
    if (st == ST_NOT_FOUND && j->nsegs > 0)
        tell(c, "MANIFEST is missing");
    else if (st == ST_IO)
        tell(c, err.msg);
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    if (stat(disk_path(&a, j->dir, MANIFEST_COPY), &info) == 0 &&
        store_manifest_check(j->dir, MANIFEST_COPY, &err) == ST_IO)
        tell(c, err.msg);
}

/* Who is who, and which messages were seen. */
static Status check_others(Journey *j, Check *c, Err *err)
{
    bool    writer = written_to(j);
    int64_t links, seen;
    char    what[80];
    check_manifest(j, c);
    if (j->links_lost)
        tell(c, "links: its end is missing");
    TRY(remap_check(j->remap, writer, &links, err));
    TRY(seen_check(j->dir, &seen, err));
    if (links >= 0) {
        (void)snprintf(what, sizeof what, "links, byte %lld: checksum", (long long)links);
        tell(c, what);
    }
    if (seen >= 0 && !writer && !(j->log != NULL && j->seen.torn)) { /* that is known, and mended */
        (void)snprintf(what, sizeof what, "seen, byte %lld: checksum", (long long)seen);
        tell(c, what);
    }
    return ST_OK;
}

static Status check_now(void *arg, Err *err)
{
    void **both = arg;
    TRY(check_others(both[0], both[1], err));
    return check_logs(both[0], both[1], err);
}

Status journey_check(Journey *j, JourneyFinding *fn, void *arg, Err *err)
{
    Check    c = {fn, arg, 0};
    Snapshot s;
    TRY(snapshot_take(j, NULL, &s, err));
    for (size_t i = 0; i < j->nlost; i++)
        tell(&c, j->lost[i].why);
    for (size_t i = 0; i < s.n; i++) {
        int64_t before = c.found;
        for (size_t b = 0; b < s.segs[i]->tail.nblocks; b++)
            check_block(&c, s.segs[i], &s.segs[i]->blocks[b]);
        check_gaps(&c, s.segs[i]);
        if (c.found == before)
            check_people(&c, s.segs[i], 0, s.segs[i]->tail.nblocks);
    }
    snapshot_done(&s);
    void *both[2] = {j, &c};
    TRY(j->log != NULL ? log_pause(j->log, check_now, both, err) : check_now(both, err));
    if (c.found > 0)
        return err_set(err, ST_IO, "journey.corrupt", "%lld damaged places", (long long)c.found);
    return ST_OK;
}

/* --- backup -------------------------------------------------------------------------- */

static Status copy_bytes(Journey *j, const char *dir, const char *name, Arena *a, Err *err)
{
    char  *bytes;
    size_t size;
    TRY(disk_read(disk_path(a, j->dir, name), &bytes, &size, err));
    Status st = disk_save(dir, name, (Str){bytes, size}, err);
    free(bytes);
    return st;
}

/* Beside a writer: what is in no file yet stands in its logs. The last record may be half written,
 * and is cut when the copy is opened. */
static Status copy_logs(Journey *j, const char *dir, Arena *a, Err *err)
{
    Str   *names;
    size_t n;
    TRY(list_logs(j, a, &names, &n, err));
    for (size_t i = 0; i < n; i++)
        TRY(copy_bytes(j, dir, names[i].ptr, a, err));
    return ST_OK;
}

/* From where it is mapped: a merge may have taken the file away meanwhile. */
static Status copy_segment(const Segment *s, const char *to, Err *err)
{
    CLEANUP(disk_close) int fd = -1;
    TRY(disk_create(to, &fd, err));
    TRY(disk_write(fd, s->p, s->size, err));
    return disk_sync(fd, err);
}

static Status copy_segments(Journey *j, const char *dir, Segment *const *segs, size_t n, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    for (size_t i = 0; i < n; i++)
        if (segs[i]->path != NULL)
            TRY(copy_segment(segs[i], disk_path(&a, dir, segment_name(segs[i])), err));
    for (size_t i = 0; i < j->nlost; i++) { /* as they are, where they are */
        char name[32];
        Err  other;
        (void)snprintf(name, sizeof name, "%010llu.seg", (unsigned long long)j->lost[i].number);
        if (disk_copy(disk_path(&a, j->dir, name), disk_path(&a, dir, name), &other) != ST_OK)
            continue; /* or are not */
    }
    return ST_OK;
}

/* What changes: links, ids and, beside a writer, logs belong to one manifest, the one that was
 * read. If it is another one by now, they may lack what segments of the first have not folded in.
 */
static Status copy_others(Journey *j, const char *dir, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    static const char *const  OTHERS[] = {"links", "seen"};
    bool                      same = true;
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
        Status st = copy_bytes(j, dir, OTHERS[i], &a, err);
        if (st != ST_NOT_FOUND)
            TRY(st);
    }
    if (j->log != NULL)
        return ST_OK;
    TRY(copy_logs(j, dir, &a, err));
    if (j->manifest_sum != 0)
        TRY(store_unchanged(j, &same, err));
    return same ? ST_OK
                : err_set(err, ST_BUSY, "journey.in_use", "files were merged meanwhile: once more");
}

/* Nothing is in logs; that there is one says so. */
static Status begin_log(const char *dir, uint64_t number, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 1024};
    char                      name[32];
    (void)snprintf(name, sizeof name, "%010llu.log", (unsigned long long)number);
    TRY(log_begin(disk_path(&a, dir, name), number, err));
    return disk_sync_dir(dir, err);
}

/* Everything becomes files first; the files of that moment never change, and cannot go while we
 * hold them. */
Status journey_backup(Journey *j, const char *dir, Err *err)
{
    struct stat info;
    Snapshot    s = {0};
    if (stat(dir, &info) == 0)
        return err_set(err, ST_CONFLICT, "journey.exists", "%.100s is there already", dir);
    if (j->log != NULL)
        TRY(merge_memory(j, true, err));
    TRY(disk_mkdir(dir, err));
    pthread_mutex_lock(&j->commit);
    Status st = snapshot_take(j, NULL, &s, err);
    if (st == ST_OK)
        st = copy_others(j, dir, err);
    if (st == ST_OK)
        st = copy_segments(j, dir, s.segs, s.n, err);
    if (st == ST_OK) {
        Journey copy = {.dir = (char *)(uintptr_t)dir,
                        .next = j->next,
                        .options = j->options,
                        .lost = j->lost,
                        .nlost = j->nlost};
        pthread_mutex_init(&copy.lock, NULL);
        st = store_save(&copy, s.segs, s.n, j->log_first, err);
        pthread_mutex_destroy(&copy.lock);
    }
    if (st == ST_OK && j->log != NULL)
        st = begin_log(dir, j->log_first, err);
    pthread_mutex_unlock(&j->commit);
    snapshot_done(&s);
    return st;
}

/* --- timeline ------------------------------------------------------------------------ */

typedef struct Timeline {
    const WriteRows *rows;
    const Space     *space;
    size_t          *at; /* [column]: next value */
    JourneyProp     *props;
} Timeline;

static size_t props_of(Timeline *t, size_t row)
{
    size_t n = 0;
    for (size_t k = 0; k < t->space->n; k++) {
        const WriteColumn *c = &t->rows->columns[k];
        const SpaceColumn *col = t->space->columns[k];
        if (t->at[k] == c->n || c->row[t->at[k]] != row)
            continue;
        int64_t      value = c->value[t->at[k]++];
        JourneyProp *p = &t->props[n++];
        *p = (JourneyProp){.key = col->key, .type = col->type};
        if (type_is_text(col->type))
            p->text = value >= WRITE_RAW ? t->rows->raw[value - WRITE_RAW] : col->dict.texts[value];
        else if (col->type == JOURNEY_REAL)
            memcpy(&p->real, &value, sizeof value);
        else
            p->i = value;
    }
    return n;
}

static Status tell_rows(const WriteRows *r, const Space *space, int64_t profile, UnixMs from,
                        UnixMs to, JourneyEventFn *fn, void *arg)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 16384);
    Timeline t = {.rows = r, .space = space};
    t.at = arena_array(&a, size_t, space->n + 1);
    t.props = arena_array(&a, JourneyProp, space->n + 1);
    for (size_t row = 0, s = 0; row < r->rows; row++) {
        JourneyEvent e = {.subject = profile,
                          .time = {r->time[row]},
                          .name = space->names.texts[r->name[row]],
                          .props = t.props};
        e.nprops = props_of(&t, row);
        if (s < r->subject.n && r->subject.row[s] == row)
            e.subject = r->subject.value[s++];
        if (e.time.v >= from.v && e.time.v < to.v && !fn(arg, &e))
            break;
    }
    return ST_OK;
}

/* The profiles whose events may be this one's by now, itself among them: ascending, malloc'd. */
static int64_t *concerned(Remap *remap, int64_t profile, size_t *ret_n)
{
    int64_t *touched;
    size_t   n = remap_touched(remap, 0, 0, &touched);
    touched = realloc(touched, (n + 1) * sizeof *touched);
    if (touched == NULL)
        base_out_of_memory(n);
    size_t at = n; /* the profile, in its place */
    while (at > 0 && touched[at - 1] >= profile)
        at--;
    if (at == n || touched[at] != profile) {
        memmove(touched + at + 1, touched + at, (n - at) * sizeof *touched);
        touched[at] = profile;
        n++;
    }
    *ret_n = n;
    return touched;
}

static Status gather_person(Journey *j, int64_t profile, Build *to, Err *err)
{
    Snapshot s;
    size_t   n;
    TRY(snapshot_take(j, NULL, &s, err));
    int64_t *touched = concerned(j->remap, profile, &n);
    Status   st = ST_OK;
    for (size_t i = 0; i < s.n && st == ST_OK; i++) {
        bool moved = s.segs[i]->tail.remap_version < remap_version(j->remap);
        st = gather(s.segs[i], moved ? touched : &profile, moved ? n : 1, j->remap, NULL, to, err);
    }
    free(touched);
    snapshot_done(&s);
    return st;
}

/* Its events, wherever they lie, as a segment of their own. */
static Status one_person(Journey *j, int64_t profile, Segment **ret, Err *err)
{
    Build    b;
    Status   st;
    uint64_t folds = remap_folds(j->remap);
    build_init(&b);
    while ((st = gather_person(j, profile, &b, err)) == ST_OK && folds != remap_folds(j->remap)) {
        folds = remap_folds(j->remap);
        build_done(&b);
        build_init(&b);
    }
    if (st == ST_OK)
        st = build_segment(&b, j->remap, remap_erase_version(j->remap), NULL, 0, ret, err);
    build_done(&b);
    return st;
}

Status journey_timeline(Journey *j, int64_t profile, UnixMs from, UnixMs to, JourneyEventFn *fn,
                        void *arg, Err *err)
{
    Segment         *seg;
    Space            space;
    View             view = {0};
    Scan             scan = {0};
    bool             more = false;
    const WriteRows *rows = NULL;
    int64_t          expired = remap_expired(j->remap);
    TRY(store_whole(j, err));
    TRY(one_person(j, profile, &seg, err));
    if (seg == NULL)
        return ST_OK;
    space_init(&space);
    for (unsigned c = SEG_FIXED; c < seg->tail.ncolumns; c++)
        space_column(&space, seg->columns[c].key, (JourneyType)seg->columns[c].type);
    Status st = view_make(&seg, 1, NULL, &space, true, &view, err);
    view.keep_from = expired;
    if (st == ST_OK)
        st = scan_init(&scan, &view, profile, profile, err);
    if (st == ST_OK)
        st = scan_rows(&scan, &rows, &more, err);
    if (st == ST_OK && more)
        st = tell_rows(rows, &space, profile, from, to, fn, arg);
    scan_done(&scan);
    view_done(&view);
    space_done(&space);
    segment_unref(seg);
    return st;
}
