#include "core/schedule.h"

#include "core/core_int.h"
#include "core/cron.h"

#include <string.h>

enum { LOOK_MS = 30 * 1000, BUSY_MS = 5 * 1000 };

/* --- running one, as a job ------------------------------------------------------------------ */

static const Schedule *find(const Core *core, Str name)
{
    for (size_t i = 0; i < core->jobs.nschedules; i++)
        if (str_eq(str_from_cstr(core->jobs.schedules[i].schedule->name), name))
            return core->jobs.schedules[i].schedule;
    return NULL;
}

/* The payload is the name as a JSON text; names need no escapes. */
static Status run_schedule(Cx *cx, const Job *job)
{
    ASSERT(job->payload.len >= 2);
    const Schedule *s = find(cx->core, (Str){job->payload.ptr + 1, job->payload.len - 2});
    if (s == NULL)
        return cx_fail(cx, ST_INVALID, "core.no_such_schedule", STR_FMT, STR_ARG(job->payload));
    cx->actor.name = str_from_cstr(s->name);
    return s->run(cx);
}

const JobKind schedule_job = {
    .name = "core.schedule", .run = run_schedule, .attempts = 5, .lease = {60 * 1000}};

/* --- when they are due --------------------------------------------------------------------------
 */

static Status parse(const Schedule *s, Cron *ret, Err *err)
{
    Err why = {0};
    if (cron_parse(str_from_cstr(s->cron), ret, &why) == ST_OK)
        return ST_OK;
    return err_set(err, ST_INVALID, "core.bad_module", "schedule %s: %.80s", s->name, why.msg);
}

/* A new schedule, or one whose times have changed, is due at its next time; that of one
 * that is known stays, even when it has passed. */
static Status put_tx(Cx *cx, void *arg)
{
    const Jobs *j = arg;
    for (size_t i = 0; i < j->nschedules; i++) {
        const Schedule *s = j->schedules[i].schedule;
        Cron            cron;
        TRY(parse(s, &cron, &cx->err));
        TRY(core_sql_schedule_put(cx, str_from_cstr(s->name), str_from_cstr(s->cron),
                                  cron_next(&cron, cx->now), NULL));
    }
    return ST_OK;
}

Status schedules_init(Jobs *j, Cx *cx)
{
    const Core *core = j->core;
    size_t      n = 0;
    for (size_t m = 0; m < core->nmodules; m++)
        n += core->modules[m]->nschedules;
    j->schedules = core_alloc(n + 1, sizeof *j->schedules);
    for (size_t m = 0; m < core->nmodules; m++)
        for (size_t i = 0; i < core->modules[m]->nschedules; i++)
            j->schedules[j->nschedules++].schedule = &core->modules[m]->schedules[i];
    return cx_in_tx(cx, put_tx, j);
}

typedef struct Fire {
    ScheduleState *state;
    UnixMs         next;
    bool           busy; /* its last run waits or goes on */
} Fire;

static Status fire_tx(Cx *cx, void *arg)
{
    Fire           *f = arg;
    const Schedule *s = f->state->schedule;
    Str             name = str_from_cstr(s->name);
    bool            found;
    ScheduleInfo    row;
    int64_t         active, changed;
    Cron            cron;
    TRY(parse(s, &cron, &cx->err));
    TRY(core_sql_schedule_get(cx, name, &found, &row));
    f->busy = false;
    f->next = found ? row.next_ms : cron_next(&cron, cx->now);
    if (!found || row.next_ms.v > cx->now.v)
        return ST_OK; /* another process has done it */
    TRY(core_sql_job_active(cx, str_from_cstr(schedule_job.name), name, &active));
    f->busy = active > 0;
    if (f->busy)
        return ST_OK;
    f->next = cron_next(&cron, cx->now);
    TRY(core_sql_schedule_fire(cx, name, row.next_ms, f->next, cx->now, &changed));
    if (changed == 0)
        return ST_OK;
    CLEANUP(buf_done) Buf payload;
    buf_init(&payload, 300);
    buf_addf(&payload, "\"%s\"", s->name);
    JobOptions options = {.unique = name, .priority = 10};
    return job_queue(cx, schedule_job.name, buf_str(&payload), &options, NULL);
}

/* Is it time to look at it in the table? */
static bool is_due(const ScheduleState *s, UnixMs now)
{
    return mono_ms() >= s->check || s->next.v <= now.v;
}

Status schedules_tick(Jobs *j, Cx *cx)
{
    cx->now = core_now(j->core);
    for (size_t i = 0; i < j->nschedules; i++) {
        ScheduleState *s = &j->schedules[i];
        ScheduleInfo   row;
        bool           found;
        if (!is_due(s, cx->now) || (s->busy && mono_ms() < s->check))
            continue;
        TRY(core_sql_schedule_get(cx, str_from_cstr(s->schedule->name), &found, &row));
        s->next = found ? row.next_ms : (UnixMs){0};
        Fire f = {.state = s, .next = s->next};
        if (s->next.v <= cx->now.v)
            TRY(cx_in_tx(cx, fire_tx, &f));
        s->next = f.next;
        s->busy = f.busy;
        s->check = mono_ms() + (f.busy ? BUSY_MS : LOOK_MS);
    }
    return ST_OK;
}
