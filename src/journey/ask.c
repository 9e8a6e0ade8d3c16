#include "journey/ask.h"

enum { TASKS_MAX = 64, QUESTION_BYTES = 1 << 20, ANSWER_LIMIT = 100000, ANSWER_BYTES = 64 << 20 };

static const AskKind *const KINDS[] = {&ASK_TRENDS,    &ASK_FUNNEL,    &ASK_RETENTION,
                                       &ASK_PATHS,     &ASK_SESSIONS,  &ASK_ATTRIBUTION,
                                       &ASK_LIFECYCLE, &ASK_STICKINESS};

static const char COMMON[] = "type from to last timezone where segment sample limit ";

/* --- reading ------------------------------------------------------------------------- */

static Status read_instant(Ask *q, const JsonValue *v, const char *member, bool end, int64_t *ret,
                           bool *ret_has, Err *err)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    UnixMs           t;
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    *ret_has = true;
    if (m->type == JSON_STRING && clock_parse_date(m->text, &t)) {
        CivilDate d = civil_from_days(t.v / 86400000 + (end ? 1 : 0)); /* that day as a whole */
        return ask_midnight(q, d, ret, err);
    }
    if (m->type == JSON_STRING && clock_parse(m->text, &t)) {
        *ret = t.v;
        return ST_OK;
    }
    return ask_bad(err, member, "must be a date or an instant as RFC 3339 writes them");
}

Status ask_range(Ask *q, const JsonValue *v, AskRange *ret, Err *err)
{
    int64_t last = -1;
    TRY(read_instant(q, v, "from", false, &ret->from_ms, &ret->has_from, err));
    TRY(read_instant(q, v, "to", true, &ret->to_ms, &ret->has_to, err));
    TRY(ask_span(v, "last", &last, err));
    if (last >= 0 && (ret->has_from || ret->has_to))
        return ask_bad(err, "last", "does not go together with from and to");
    if (last >= 0)
        *ret = (AskRange){q->now.v - last, q->now.v + 1, true, true};
    if (ret->has_from && ret->has_to && ret->from_ms >= ret->to_ms)
        return ask_bad(err, "to", "is not after from");
    return ST_OK;
}

static Status read_range(Ask *q, Err *err)
{
    AskRange r = {0};
    if (q->earlier)
        return ST_OK;
    TRY(ask_range(q, q->json, &r, err));
    q->from_ms = r.from_ms;
    q->to_ms = r.to_ms;
    q->has_from = r.has_from;
    q->has_to = r.has_to;
    return ST_OK;
}

/* "compare": "previous", or a span such as "7 days". */
static Status read_compare(Ask *q, Err *err)
{
    const JsonValue *m = json_get(q->json, STR("compare"));
    if (m == NULL || m->type == JSON_NULL || q->earlier || q->watching)
        return ST_OK;
    if (!q->has_from || !q->has_to)
        return ask_bad(err, "compare", "needs a range: from and to, or last");
    q->compares = true;
    if (m->type == JSON_STRING && str_eq(m->text, STR("previous")))
        return ST_OK;
    TRY(ask_span(q->json, "compare", &q->compare_ms, err));
    return q->compare_ms > 0 ? ST_OK : ask_bad(err, "compare", "must be longer");
}

static Status read_common(Ask *q, Err *err)
{
    const JsonValue *sample = json_get(q->json, STR("sample"));
    int64_t          epoch;
    q->timezone = STR("UTC");
    TRY(ask_text(q->json, "timezone", &q->timezone, err));
    TRY(ask_midnight(q, (CivilDate){1970, 1, 1}, &epoch, err)); /* is it a time zone? */
    TRY(read_range(q, err));
    q->sample = 1;
    if (sample != NULL && sample->type != JSON_NULL) {
        q->sample = sample->type != JSON_NUMBER ? 0
                    : sample->integer           ? (double)sample->i64
                                                : sample->real;
        if (!(q->sample > 0 && q->sample <= 1))
            return ask_bad(err, "sample", "must be above 0 and at most 1");
    }
    q->limit = 1000;
    TRY(ask_i64(q->json, "limit", 1, ANSWER_LIMIT, &q->limit, err));
    TRY(read_compare(q, err));
    TRY(ask_where(q, err));
    return ask_segment(q, err);
}

static Status read_kind(Ask *q, Err *err)
{
    Str type = STR("");
    TRY(ask_text(q->json, "type", &type, err));
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        if (str_eq(type, str_from_cstr(KINDS[i]->name)))
            q->kind = KINDS[i];
    if (q->kind == NULL)
        return ask_bad(err, "type",
                       "must be one of trends, funnel, retention, paths, sessions, attribution, "
                       "lifecycle, stickiness, people, timeline");
    if (q->watching)
        TRY(ask_within(ask_members(q->cell, "a cell of it", q->kind->cell, NULL, err), "cell",
                       err));
    if (q->watching && json_get(q->cell, STR("by")) != NULL && json_get(q->json, STR("by")) == NULL)
        return ask_bad(err, "cell/by", "names a group, but the question has none");
    return ask_members(q->json, q->kind->name, q->kind->members, COMMON, err);
}

/* --- binding ------------------------------------------------------------------------- */

/* The columns that fields mean, as far as segments have them. */
static void name_columns(Ask *q, const Segment *s)
{
    for (unsigned c = SEG_FIXED; c < s->tail.ncolumns; c++)
        for (size_t i = 0; i < q->nfields; i++) {
            const SegColumn *col = &s->columns[c];
            Field           *f = &q->fields[i];
            if (f->kind == FIELD_PROP && str_eq(f->path, col->key))
                f->column[col->type] = space_column(&q->space, col->key, (JourneyType)col->type);
        }
}

/* A table from the codes of the parts, when these are plain, final and few. */
static void bind_many(Ask *q, Field *f)
{
    size_t cells = 1;
    for (size_t i = 0; i < f->nparts; i++) {
        const Field *part = &q->fields[f->part[i]];
        if (!part->plain || (part->kind != FIELD_EVENT && q->view.code_size[part->texts] == 4))
            return;
        f->radix[i] =
            (part->kind == FIELD_EVENT ? q->space.names.n : q->space.columns[part->texts]->dict.n) +
            1UL;
        cells *= f->radix[i];
        if (cells > 1 << 20)
            return;
    }
    if (f->kind == FIELD_MANY)
        f->pair = arena_alloc(q->arena, cells * sizeof *f->pair, _Alignof(uint32_t));
}

static void bind_fields(Ask *q)
{
    for (size_t i = 0; i < q->nfields; i++) {
        Field *f = &q->fields[i];
        size_t n = 0;
        pthread_mutex_init(&f->lock, NULL);
        for (unsigned t = 0; t < JOURNEY_TYPES; t++)
            n += f->column[t] != SIZE_MAX;
        f->texts = f->column[JOURNEY_TEXT];
        f->plain =
            f->kind == FIELD_EVENT || (f->kind == FIELD_PROP && n == 1 && f->texts != SIZE_MAX);
    }
    for (size_t i = 0; i < q->nfields; i++)
        bind_many(q, &q->fields[i]);
}

/* Answers by code, where there are few codes and none can come. */
static void bind_filter(Ask *q, Filter *f)
{
    const Field *field = &q->fields[f->fields[0]];
    if (f->f.npaths != 1 || !field->plain)
        return;
    bool event = field->kind == FIELD_EVENT;
    if (!event && q->view.code_size[field->texts] == 4)
        return;
    size_t n = event ? q->space.names.n : q->space.columns[field->texts]->dict.n;
    f->memo = arena_alloc(q->arena, n + 1, 1);
    for (size_t i = 0; i <= n; i++)
        atomic_init(&f->memo[i], -1);
}

/* The first tick that is not before an instant. */
static int64_t tick_of(const View *v, int64_t ms)
{
    return ms <= v->origin ? 0 : (ms - v->origin + v->unit - 1) / v->unit;
}

/* Of a selector with a range of its own. */
static void bind_apart(Ask *q, Selector *s)
{
    int64_t expired = remap_expired(q->j->remap);
    s->from = tick_of(&q->view, s->has_from && s->from_ms > expired ? s->from_ms : expired);
    s->to = s->has_to ? tick_of(&q->view, s->to_ms) : q->view.ticks;
    s->everything = s->everything && s->from <= 0 && s->to >= q->view.ticks;
}

static void bind_selectors(Ask *q)
{
    for (size_t i = 0; i < q->nselectors; i++) {
        Selector *s = &q->selectors[i];
        s->codes = arena_array(q->arena, uint32_t, s->nnames + 1);
        for (size_t k = 0; k < s->nnames; k++) {
            uint32_t code = dict_get(&q->space.names, s->names[k]);
            if (code != 0)
                s->codes[s->ncodes++] = code;
        }
        s->everything = s->any && s->nfilters == 0;
        if (s->apart)
            bind_apart(q, s);
        for (size_t k = 0; k < s->nfilters; k++)
            bind_filter(q, s->filters[k]);
    }
    for (size_t k = 0; k < q->nwhere; k++)
        bind_filter(q, q->where[k]);
    for (size_t i = 0; i < q->nfields; i++)
        for (size_t k = 0; k < q->fields[i].nfilters; k++)
            bind_filter(q, q->fields[i].filters[k]);
}

/* What is not said of the range is told by the events; where there are none, it is empty. */
static Status bind_range(Ask *q, Err *err)
{
    int64_t expired = remap_expired(q->j->remap);
    View   *v = &q->view;
    Extent  e = {v->origin, view_ms(v, v->ticks - 1)};
    if (!(q->has_from && q->has_to) && (v->nskip > 0 || expired > v->origin))
        TRY(view_extent(v, expired, &e, err));
    if (e.first > e.last)
        e.first = e.last = q->has_from ? q->from_ms : q->has_to ? q->to_ms : q->now.v;
    else
        e.last++; /* no longer included */
    if (!q->has_from)
        q->from_ms = q->has_to && q->to_ms < e.first ? q->to_ms : e.first;
    if (!q->has_to)
        q->to_ms = e.last > q->from_ms ? e.last : q->from_ms;
    int64_t from = q->from_ms - (q->back_ms < q->from_ms ? q->back_ms : q->from_ms);
    q->from = tick_of(v, q->has_from && from > expired ? from : expired);
    q->begin = tick_of(v, q->from_ms);
    q->to = q->has_to ? tick_of(v, q->to_ms) : v->ticks;
    q->to = q->to > v->ticks ? v->ticks : q->to;
    q->all_rows = q->from <= 0 && q->to >= v->ticks && q->nwhere == 0;
    return ST_OK;
}

/* Properties that the question reads. */
static Keys keys_of(Ask *q)
{
    Str *key = arena_array(q->arena, Str, q->nfields + 1);
    Keys k = {.key = key};
    for (size_t i = 0; i < q->nfields; i++)
        if (q->fields[i].kind == FIELD_PROP)
            key[k.n++] = q->fields[i].path;
    return k;
}

/* Segments, and what has changed since they were laid out. */
static Status take_segments(Ask *q, Err *err)
{
    Remap   *remap = q->j->remap;
    Keys     keys = keys_of(q);
    uint64_t folds;
    do {
        snapshot_done(&q->snapshot);
        patch_done(&q->patch);
        folds = remap_folds(remap);
        TRY(store_whole(q->j, err));
        TRY(snapshot_take(q->j, &keys, &q->snapshot, err));
        TRY(store_patch(q->j, &q->snapshot, &keys, &q->patch, err));
    } while (folds != remap_folds(remap));
    return ST_OK;
}

static Status bind(Ask *q, Err *err)
{
    TRY(take_segments(q, err));
    for (size_t i = 0; i < q->snapshot.n; i++)
        name_columns(q, q->snapshot.segs[i]);
    TRY(view_make(q->snapshot.segs, q->snapshot.n, &q->patch, &q->space, false, &q->view, err));
    bind_fields(q);
    bind_selectors(q);
    TRY(bind_range(q, err));
    return q->kind->bound != NULL ? q->kind->bound(q, err) : ST_OK;
}

/* --- running ------------------------------------------------------------------------- */

typedef struct Run {
    Ask           *q;
    int64_t       *bounds; /* profiles: task k is [bounds[k], bounds[k + 1]) */
    size_t         ntasks;
    atomic_bool    failed;
    struct Worker *workers;
    size_t         nworkers;
} Run;

typedef struct Worker {
    Run                 *run;
    atomic_uint_fast64_t tasks; /* from the low half to before the high half */
    void                *state;
    pthread_t            thread;
    bool                 started;
    int64_t              people, events;
    Status               status;
    Err                  err;
} Worker;

/* Tasks end where blocks of the largest segment end. */
static void cut_tasks(Run *r)
{
    const View    *v = &r->q->view;
    const Segment *largest = NULL;
    for (size_t i = 0; i < v->n; i++)
        if (largest == NULL || v->sources[i].seg->tail.rows > largest->tail.rows)
            largest = v->sources[i].seg;
    size_t blocks = largest != NULL ? largest->tail.nblocks : 0;
    size_t n = blocks / 4 < TASKS_MAX ? blocks / 4 : TASKS_MAX;
    r->ntasks = n > 0 ? n : 1;
    r->bounds = arena_array(r->q->arena, int64_t, r->ntasks + 1);
    r->bounds[0] = INT64_MIN;
    for (size_t k = 1; k < r->ntasks; k++)
        r->bounds[k] = largest->blocks[blocks * k / r->ntasks].profile_min;
    r->bounds[r->ntasks] = INT64_MAX;
}

static bool sampled(const Ask *q, int64_t profile)
{
    uint64_t h = (uint64_t)profile * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93ULL;
    return (double)(h >> 11) * 0x1p-53 < q->sample;
}

static bool person_counts(Ask *q, const Slab *s, const uint64_t *const *did, size_t person,
                          Arena *a)
{
    JourneyValue values[ASK_FILTERS];
    if (q->sample < 1 && !sampled(q, s->profile[person]))
        return false;
    if (!ask_did(s, q->did, q->ndid, did, person))
        return false;
    for (size_t i = 0; i < q->nperson; i++) {
        const Filter *f = q->person[i];
        for (size_t k = 0; k < f->f.npaths; k++)
            values[k] = q->options->trait == NULL
                            ? (JourneyValue){0}
                            : q->options->trait(q->options->arg, s->profile[person],
                                                q->fields[f->fields[k]].path, a);
        if (!f->f.holds(f->f.of, values, a))
            return false;
    }
    return true;
}

static Status count_and_run(Worker *w, Slab *s, size_t first, size_t end, Err *err)
{
    Ask *q = w->run->q;
    TRY(q->kind->run(q, w->state, s, first, end, err));
    return ask_population(q, s, first, end, &w->people, &w->events, err);
}

/* Runs of people who count. */
static Status run_piece(Worker *w, const Piece *p, Arena *a, Err *err)
{
    Ask            *q = w->run->q;
    const uint64_t *did[ASK_DIDS] = {NULL};
    if (q->watching)
        TRY(slab_profiles(p->slab, err)); /* ask_watch() names them */
    if (q->sample >= 1 && q->nperson == 0 && q->ndid == 0)
        return count_and_run(w, p->slab, p->first, p->end, err);
    TRY(slab_profiles(p->slab, err));
    TRY(ask_did_rows(q, p->slab, q->did, q->ndid, did, err));
    for (size_t i = p->first, from; i < p->end;) {
        while (i < p->end && !person_counts(q, p->slab, did, i, a))
            i++;
        for (from = i; i < p->end && person_counts(q, p->slab, did, i, a);)
            i++;
        if (i > from)
            TRY(count_and_run(w, p->slab, from, i, err));
        if (a->used > 1 << 20)
            arena_reset(a);
    }
    return ST_OK;
}

static Status run_task(Worker *w, size_t task, Arena *a, Err *err)
{
    Run                    *r = w->run;
    Ask                    *q = r->q;
    bool                    more = true;
    CLEANUP(scan_done) Scan scan = {0};
    TRY(scan_init(&scan, &q->view, r->bounds[task],
                  task + 1 < r->ntasks ? r->bounds[task + 1] - 1 : INT64_MAX, err));
    for (;;) {
        Piece p;
        if (q->options != NULL && q->options->cancel != NULL && atomic_load(q->options->cancel))
            return err_set(err, ST_CONFLICT, "journey.cancelled", "the question was cancelled");
        TRY(scan_next(&scan, &p, &more, err));
        if (!more)
            return ST_OK;
        TRY(run_piece(w, &p, a, err));
    }
}

/* One of the tasks that are left to a worker: it takes the first itself, as what comes next is
 * fetched ahead; others take the last. */
static bool take_task(Worker *of, bool own, size_t *ret)
{
    uint_fast64_t left = atomic_load(&of->tasks);
    for (;;) {
        uint32_t first = (uint32_t)left, end = (uint32_t)(left >> 32);
        if (first >= end)
            return false;
        *ret = own ? first : end - 1;
        if (atomic_compare_exchange_weak(&of->tasks, &left, own ? left + 1 : left - (1ULL << 32)))
            return true;
    }
}

static bool next_task(Worker *w, size_t *ret)
{
    Run *r = w->run;
    bool got = take_task(w, true, ret);
    for (size_t i = 0; i < r->nworkers && !got; i++)
        got = take_task(&r->workers[i], false, ret);
    return got;
}

static void *work(void *arg)
{
    Worker                   *w = arg;
    Run                      *r = w->run;
    CLEANUP(arena_done) Arena a = {.block_size = 16384};
    size_t                    task;
    while (!atomic_load(&r->failed) && next_task(w, &task)) {
        w->status = run_task(w, task, &a, &w->err);
        if (w->status != ST_OK)
            atomic_store(&r->failed, true);
    }
    return NULL;
}

static void *state_new(Ask *q)
{
    void *state = calloc(1, q->kind->state_size);
    if (state == NULL)
        base_out_of_memory(q->kind->state_size);
    if (q->kind->state_begin != NULL)
        q->kind->state_begin(q, state);
    return state;
}

static void state_free(const Ask *q, void *state)
{
    if (state != NULL)
        q->kind->state_done(state);
    free(state);
}

static Status run(Ask *q, void **ret_state, Err *err)
{
    Run    r = {.q = q};
    size_t n = (size_t)q->j->options.threads;
    cut_tasks(&r);
    n = n < r.ntasks ? n : r.ntasks;
    Worker *w = arena_array(q->arena, Worker, n);
    r.workers = w;
    r.nworkers = n;
    for (size_t i = 0; i < n; i++) {
        w[i].run = &r;
        atomic_init(&w[i].tasks, r.ntasks * i / n | (uint64_t)(r.ntasks * (i + 1) / n) << 32);
        w[i].state = state_new(q);
    }
    for (size_t i = 1; i < n; i++)
        w[i].started = pthread_create(&w[i].thread, NULL, work, &w[i]) == 0;
    work(&w[0]);
    Status st = w[0].status;
    if (st != ST_OK)
        *err = w[0].err;
    for (size_t i = 0; i < n; i++) {
        if (w[i].started)
            pthread_join(w[i].thread, NULL);
        if (st == ST_OK && w[i].status != ST_OK) {
            st = w[i].status;
            *err = w[i].err;
        }
        q->people += w[i].people;
        q->events += w[i].events;
    }
    for (size_t i = 1; i < n; i++) {
        if (st == ST_OK)
            q->kind->add(q, w[0].state, w[i].state);
        state_free(q, w[i].state);
    }
    *ret_state = w[0].state;
    return st;
}

/* --- who is behind a cell ------------------------------------------------------------ */

void ask_watch(Ask *q, Slab *s, size_t person)
{
    ASSERT(s->has_profiles);
    if (s->watched == person + 1)
        return;
    s->watched = person + 1;
    pthread_mutex_lock(&q->watch_lock);
    q->total_watched++;
    if (q->nwatched < ANSWER_LIMIT * 10UL) {
        if (q->nwatched == q->cap_watched) {
            q->cap_watched = q->cap_watched * 2 + 1024;
            q->watched = realloc(q->watched, q->cap_watched * sizeof *q->watched);
            if (q->watched == NULL)
                base_out_of_memory(q->cap_watched);
        }
        q->watched[q->nwatched++] = s->profile[person];
    }
    pthread_mutex_unlock(&q->watch_lock);
}

static int ascending(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return (a > b) - (a < b);
}

static void answer_people(Ask *q, Json *out)
{
    size_t n = q->nwatched;
    if (n > 1)
        qsort(q->watched, n, sizeof *q->watched, ascending);
    json_i64(out, "total", q->total_watched);
    json_arr(out, "profiles");
    for (size_t i = 0; i < n && i < (size_t)q->people_limit; i++)
        json_i64(out, NULL, q->watched[i]);
    json_end(out);
}

/* --- answering ----------------------------------------------------------------------- */

static void put_instant(Json *out, const char *key, int64_t ms)
{
    char text[CLOCK_TEXT_LEN];
    clock_put(text, (UnixMs){ms});
    json_str(out, key, (Str){text, sizeof text});
}

static Status ask_earlier(Ask *q, Json *out, Err *err);

static Status answer(Ask *q, void *state, Str definition, Buf *to, Err *err)
{
    Json out = json_begin(to);
    json_obj(&out, NULL);
    json_str(&out, "type", q->watching ? STR("people") : str_from_cstr(q->kind->name));
    if (!q->earlier)
        json_raw(&out, "definition", definition);
    json_str(&out, "timezone", q->timezone);
    put_instant(&out, "from", q->from_ms);
    put_instant(&out, "to", q->to_ms);
    json_real(&out, "sample", q->sample);
    json_obj(&out, "population");
    json_i64(&out, "people", q->people);
    json_i64(&out, "events", q->events);
    json_end(&out);
    if (q->watching)
        answer_people(q, &out);
    else
        TRY(q->kind->answer(q, state, &out, err));
    if (q->compares)
        TRY(ask_earlier(q, &out, err));
    json_end(&out);
    if (buf_overflowed(to))
        return err_set(err, ST_LIMIT, "journey.too_big", "the answer is too long");
    return ST_OK;
}

static void ask_done(Ask *q)
{
    snapshot_done(&q->snapshot);
    patch_done(&q->patch);
    if (q->view.sources != NULL)
        view_done(&q->view);
    space_done(&q->space);
    for (size_t i = 0; i < q->nfields; i++)
        dict_done(&q->fields[i].dict);
    free(q->watched);
    pthread_mutex_destroy(&q->watch_lock);
}

static Status ask_all(Ask *q, Str definition, Buf *to, Err *err)
{
    void *state = NULL;
    TRY(read_kind(q, err));
    TRY(read_common(q, err));
    TRY(q->kind->read(q, err));
    TRY(bind(q, err));
    Status st = run(q, &state, err);
    if (st == ST_OK)
        st = answer(q, state, definition, to, err);
    state_free(q, state);
    return st;
}

static Status ask_once(Ask *q, Str definition, Buf *to, Err *err)
{
    q->selectors = arena_array(q->arena, Selector, ASK_SELECTORS);
    q->fields = arena_array(q->arena, Field, ASK_FIELDS);
    space_init(&q->space);
    pthread_mutex_init(&q->watch_lock, NULL);
    atomic_fetch_add(&q->j->asking, 1);
    Status st = ask_all(q, definition, to, err);
    if (atomic_fetch_sub(&q->j->asking, 1) == 1) {
        pthread_mutex_lock(&q->j->lock);
        pthread_cond_broadcast(&q->j->asked);
        pthread_mutex_unlock(&q->j->lock);
    }
    ask_done(q);
    return st;
}

/* The same question over an earlier range, as the member "compare" of the answer. */
static Status ask_earlier(Ask *q, Json *out, Err *err)
{
    CLEANUP(buf_done) Buf b = {0};
    Ask                   o = {.j = q->j, .options = q->options, .arena = q->arena};
    int64_t               span = q->compare_ms > 0 ? q->compare_ms : q->to_ms - q->from_ms;
    buf_init(&b, ANSWER_BYTES);
    o.json = q->json;
    o.now = q->now;
    o.timezone = q->timezone;
    o.earlier = o.has_from = o.has_to = true;
    TRY(ask_before(q, q->from_ms, span, &o.from_ms, err));
    TRY(ask_before(q, q->to_ms, span, &o.to_ms, err));
    if (q->compare_ms == 0) /* the one ends where the other begins */
        o.to_ms = q->from_ms;
    TRY(ask_once(&o, STR(""), &b, err));
    json_raw(out, "compare", buf_str(&b));
    return ST_OK;
}

/* {"type": "people", "of": QUESTION, "cell": {...}} asks QUESTION and keeps who is in the cell. */
static Status unwrap(Ask *q, Err *err)
{
    Str type = STR("");
    TRY(ask_text(q->json, "type", &type, err));
    if (!str_eq(type, STR("people")))
        return ST_OK;
    const JsonValue *of = json_get(q->json, STR("of"));
    q->cell = json_get(q->json, STR("cell"));
    TRY(ask_members(q->json, "people", "type of cell limit ", NULL, err));
    if (of == NULL || of->type != JSON_OBJECT)
        return ask_bad(err, "of", "must be a question");
    if (q->cell == NULL || q->cell->type != JSON_OBJECT)
        return ask_bad(err, "cell", "must say which cell of the answer");
    q->people_limit = 1000;
    TRY(ask_i64(q->json, "limit", 1, ANSWER_LIMIT * 10LL, &q->people_limit, err));
    q->json = of;
    q->watching = true;
    return ST_OK;
}

Status journey_ask(Journey *j, Str question, const JourneyAsk *options, Buf *answer_to, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    arena_init(&a, 64 << 10);
    Ask q = {.j = j, .options = options, .arena = &a};
    if (question.len > QUESTION_BYTES)
        return err_set(err, ST_LIMIT, "journey.too_big", "the question is too long");
    TRY(json_parse(&a, question, &q.json, err));
    if (q.json->type != JSON_OBJECT)
        return ask_bad(err, "", "must be an object");
    q.now = options != NULL && options->now.v != 0 ? options->now : clock_now();
    const JsonValue *whole = q.json;
    Str              type = STR("");
    TRY(ask_text(whole, "type", &type, err));
    if (str_eq(type, STR("timeline")))
        return ask_timeline(&q, question, answer_to, err);
    TRY(unwrap(&q, err));
    return ask_once(&q, question, answer_to, err);
}
