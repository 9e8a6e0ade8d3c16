#include "core/inspect.h"

#include "core/audit.h"
#include "core/core_int.h"

enum { CONSUMERS_MAX = 10000 };

/* --- parked events ------------------------------------------------------------------------ */

Status event_parked_list(Cx *cx, const ParkedFilter *f, EventParkedList *ret)
{
    ASSERT(f->limit >= 1 && f->limit <= INSPECT_LIMIT_MAX);
    int64_t event = f->backwards && f->after_event == 0 ? INT64_MAX : f->after_event;
    if (f->backwards)
        return core_sql_parked_list_back(cx, f->consumer, event, f->after_consumer, f->limit, ret);
    return core_sql_parked_list(cx, f->consumer, event, f->after_consumer, f->limit, ret);
}

Status event_parked_get(Cx *cx, Str consumer, int64_t event_id, EventParked *ret)
{
    return core_sql_parked_get(cx, consumer, event_id, ret);
}

typedef struct Parked {
    Str     consumer;
    int64_t event_id;
    bool    drop;
} Parked;

static Status parked_tx(Cx *cx, void *arg)
{
    const Parked *p = arg;
    int64_t       changed;
    EventParked   row;
    TRY(core_sql_parked_get(cx, p->consumer, p->event_id, &row));
    if (p->drop)
        TRY(core_sql_parked_drop(cx, p->consumer, p->event_id, &changed));
    else
        TRY(core_sql_parked_replay(cx, p->consumer, p->event_id, cx->now, &changed));
    return audit_add(cx, "core.parked_event", p->event_id, p->drop ? "drop" : "replay",
                     &event_parked_shape, &row, NULL);
}

Status event_parked_replay(Cx *cx, Str consumer, int64_t event_id)
{
    Parked p = {consumer, event_id, false};
    TRY(cx_in_tx(cx, parked_tx, &p));
    if (cx->core != NULL) { /* else whoever has the reaction sees it at its next poll */
        atomic_store(&cx->core->relay.replays, true);
        relay_wake(&cx->core->relay);
    }
    return ST_OK;
}

Status event_parked_drop(Cx *cx, Str consumer, int64_t event_id)
{
    Parked p = {consumer, event_id, true};
    return cx_in_tx(cx, parked_tx, &p);
}

/* --- reactions -------------------------------------------------------------------------------- */

static int64_t count_of(const CoreParkedCountList *list, Str name)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->items[i].consumer, name))
            return list->items[i].n;
    return 0;
}

Status event_consumers(Cx *cx, ConsumerInfo **ret, size_t *ret_n)
{
    CoreConsumerRowList rows;
    CoreParkedCountList retrying, parked;
    TRY(core_sql_consumer_list(cx, CONSUMERS_MAX, &rows));
    TRY(core_sql_parked_retry_counts(cx, (int64_t)rows.n + 100, &retrying));
    TRY(core_sql_parked_counts(cx, (int64_t)rows.n + 100, &parked));
    ConsumerInfo *list = arena_array(cx->arena, ConsumerInfo, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        const CoreConsumerRow *c = &rows.items[i];
        bool                   behind;
        UnixMs                 at;
        TRY(core_sql_event_after(cx, c->xid, c->event_id, &behind, &at));
        list[i] = (ConsumerInfo){.name = c->name,
                                 .held = c->holder != 0 && c->until_ms.v >= clock_now().v,
                                 .behind = {behind ? cx->now.v - at.v : 0},
                                 .retrying = count_of(&retrying, c->name),
                                 .parked = count_of(&parked, c->name),
                                 .seen = c->seen_ms};
    }
    *ret = list;
    *ret_n = rows.n;
    return ST_OK;
}

/* --- jobs ----------------------------------------------------------------------------------------
 */

static const char *const STATES[] = {"delayed", "ready", "running", "done", "dead"};

/* Conditions in the form in which the partial indexes are found. */
static Status add_state(Cx *cx, DbFilter *f, Str state, bool *ret_few)
{
    *ret_few = false;
    if (state.len == 0) {
        return ST_OK;
    } else if (str_eq(state, STR("delayed"))) {
        db_filter_sql(f, " AND state = 0");
    } else if (str_eq(state, STR("ready"))) {
        db_filter_sql(f, " AND state = 1");
    } else if (str_eq(state, STR("running"))) {
        db_filter_sql(f, " AND state = 2");
        *ret_few = true;
    } else if (str_eq(state, STR("done"))) {
        db_filter_sql(f, " AND state = 3");
    } else if (str_eq(state, STR("dead"))) {
        db_filter_sql(f, " AND state = 4 AND state > 2");
        *ret_few = true;
    } else {
        return cx_fail(cx, ST_INVALID, "core.bad_job_state",
                       "\"" STR_FMT "\" is not delayed, ready, running, done or dead",
                       STR_ARG(state));
    }
    return ST_OK;
}

/* By id; where there are few rows, found by another index, so that the planner does not walk
 * through all ids to find them. */
static void add_order(DbFilter *f, const JobFilter *by, bool few)
{
    if (by->after != 0) {
        if (by->backwards)
            db_filter_sql(f, " AND id > ");
        else
            db_filter_sql(f, " AND id < ");
        db_filter_i64(f, by->after);
    }
    if (few)
        db_filter_sql(f, " ORDER BY id + 0");
    else
        db_filter_sql(f, " ORDER BY id");
    if (!by->backwards)
        db_filter_sql(f, " DESC");
    db_filter_sql(f, " LIMIT ");
    db_filter_i64(f, by->limit);
}

static JobInfo read_job(DbRun *run, Arena *a)
{
    return (JobInfo){.id = db_col_i64(run, 0),
                     .kind = db_col_str(run, a, 1),
                     .state = str_from_cstr(STATES[db_col_i64(run, 2)]),
                     .priority = db_col_i64(run, 3),
                     .run_at_ms = {db_col_i64(run, 4)},
                     .payload = db_col_str(run, a, 5),
                     .attempts = db_col_i64(run, 6),
                     .progress = db_col_i64(run, 7),
                     .note = db_col_str(run, a, 8),
                     .result = db_col_str(run, a, 9),
                     .error = db_col_str(run, a, 10),
                     .detail = db_col_str(run, a, 11),
                     .queued_by = db_col_str(run, a, 12),
                     .queued_ms = {db_col_i64(run, 13)},
                     .started_ms = {db_col_i64(run, 14)},
                     .finished_ms = {db_col_i64(run, 15)}};
}

Status job_list(Cx *cx, const JobFilter *filter, JobInfoList *ret)
{
    ASSERT(filter->limit >= 1 && filter->limit <= INSPECT_LIMIT_MAX);
    DbFilter f;
    bool     few;
    db_filter_init(&f, cx->arena,
                   "SELECT id, kind, state, priority, run_at_ms, payload, attempts, progress, note,"
                   " result, error, detail, queued_by, queued_ms, started_ms, finished_ms"
                   " FROM core_job WHERE TRUE");
    TRY(add_state(cx, &f, filter->state, &few));
    if (filter->kind.len > 0) {
        db_filter_sql(&f, " AND kind = ");
        db_filter_str(&f, filter->kind);
    }
    add_order(&f, filter, few);
    JobInfo                  *list = arena_array(cx->arena, JobInfo, (size_t)filter->limit);
    size_t                    n = 0;
    bool                      row = true;
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(cx_filter_run(cx, &f,
                      "itiiitiittttt"
                      "iii",
                      &run));
    for (;;) {
        TRY(db_step(&run, &row, &cx->err));
        if (!row)
            break;
        list[n++] = read_job(&run, cx->arena);
    }
    *ret = (JobInfoList){list, n};
    return ST_OK;
}

Status job_get(Cx *cx, int64_t id, JobInfo *ret)
{
    return core_sql_job_get(cx, id, ret);
}

typedef struct JobChange {
    int64_t id;
    bool    discard;
} JobChange;

static Status job_tx(Cx *cx, void *arg)
{
    const JobChange *c = arg;
    JobInfo          row;
    int64_t          changed;
    TRY(core_sql_job_get(cx, c->id, &row));
    if (c->discard)
        TRY(core_sql_job_discard(cx, c->id, &changed));
    else
        TRY(core_sql_job_requeue(cx, c->id, cx->now, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "core.job_not_idle", "the job is " STR_FMT,
                       STR_ARG(row.state));
    db_notify(cx->conn, "core_jobs");
    JobKindState *k = cx->core == NULL ? NULL : jobs_kind(&cx->core->jobs, row.kind);
    if (k != NULL)
        cx->wake_jobs |= UINT64_C(1) << (k->index < 63 ? k->index : 63);
    return audit_add(cx, "core.job", c->id, c->discard ? "discard" : "requeue", &job_info_shape,
                     &row, NULL);
}

Status job_requeue(Cx *cx, int64_t id)
{
    JobChange c = {id, false};
    return cx_in_tx(cx, job_tx, &c);
}

Status job_discard(Cx *cx, int64_t id)
{
    JobChange c = {id, true};
    return cx_in_tx(cx, job_tx, &c);
}

/* --- schedules ----------------------------------------------------------------------------------
 */

Status schedule_list(Cx *cx, ScheduleInfoList *ret)
{
    return core_sql_schedule_list(cx, INSPECT_LIMIT_MAX, ret);
}
