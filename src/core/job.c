#include "core/job.h"

#include "base/id.h"
#include "core/core_int.h"

#include <string.h>

enum { RECOUNT_MS = 1000, NOTE_MS = 500 };

/* --- queueing ---------------------------------------------------------------------------- */

static Status full(Cx *cx, const char *kind, int64_t most)
{
    return cx_fail(cx, ST_BUSY, "core.queue_full", "%lld jobs of kind %s wait", (long long)most,
                   kind);
}

/* Counting costs time in proportion, so it is done rarely: first, and when the queue seems
 * full, at most once a second. In between, what is queued and claimed here is added up. */
static Status check_room(Cx *cx, JobKindState *k)
{
    int64_t waiting = atomic_load(&k->waiting);
    int64_t now = mono_ms();
    if (waiting < 0 ||
        (waiting >= k->queue_max && now - atomic_load(&k->counted_at) >= RECOUNT_MS)) {
        TRY(core_sql_job_waiting(cx, str_from_cstr(k->kind->name), k->queue_max, &waiting));
        atomic_store(&k->waiting, waiting);
        atomic_store(&k->counted_at, now);
    }
    if (waiting >= k->queue_max)
        return full(cx, k->kind->name, k->queue_max);
    atomic_fetch_add(&k->waiting, 1);
    return ST_OK;
}

static Status check_kind(Cx *cx, const char *kind)
{
    if (cx->core == NULL)
        return ST_OK; /* no tables of kinds */
    JobKindState *k = jobs_kind(&cx->core->jobs, str_from_cstr(kind));
    if (k == NULL)
        return cx_fail(cx, ST_INVALID, "core.no_such_kind", "no jobs of kind %s", kind);
    cx->wake_jobs |= UINT64_C(1) << (k->index < 63 ? k->index : 63);
    return check_room(cx, k);
}

static Status find_twin(Cx *cx, const CoreJobAdd *in, int64_t *ret_id)
{
    bool found;
    TRY(core_sql_job_twin(cx, in->kind, in->unique_key, &found, ret_id));
    if (!found)
        return cx_fail(cx, ST_BUSY, "db.busy", "a job was taken the moment it was looked for");
    return ST_OK;
}

Status job_queue(Cx *cx, const char *kind, Str payload, const JobOptions *options, int64_t *ret_id)
{
    static const JobOptions USUAL = {0};
    const JobOptions       *o = options != NULL ? options : &USUAL;
    ASSERT(cx->tx_depth > 0);
    ASSERT(o->priority >= -JOB_PRIORITY_MAX && o->priority <= JOB_PRIORITY_MAX);
    if (payload.len > JOB_PAYLOAD_MAX || o->unique.len > JOB_KEY_MAX)
        return cx_fail(cx, ST_LIMIT, "core.job_too_big", "%s with %zu bytes", kind, payload.len);
    TRY(check_kind(cx, kind));
    db_notify(cx->conn, "core_jobs");
    UnixMs     run_at = o->run_at.v == 0 ? cx->now : o->run_at;
    CoreJobAdd in = {.id = id_new(),
                     .kind = str_from_cstr(kind),
                     .state = run_at.v > cx->now.v ? 0 : 1,
                     .priority = o->priority,
                     .run_at = run_at,
                     .unique_key = o->unique,
                     .payload = payload,
                     .queued_by = cx->actor.name,
                     .now = cx->now};
    int64_t    added;
    TRY(core_sql_job_add(cx, &in, &added));
    if (added == 0)
        TRY(find_twin(cx, &in, &in.id));
    if (ret_id != NULL)
        *ret_id = in.id;
    return ST_OK;
}

/* --- from inside a job --------------------------------------------------------------------- */

typedef struct Extend {
    const Job *job;
    UnixMs     until;
    int        percent;
    Str        note;
    bool       noting;
    int64_t    changed;
} Extend;

static Status extend_tx(Cx *cx, void *arg)
{
    Extend *e = arg;
    if (e->noting)
        TRY(core_sql_job_progress(cx, e->job->id, e->job->run->token, e->percent, e->note, NULL));
    return core_sql_job_extend(cx, e->job->id, e->job->run->token, e->until, &e->changed);
}

static Status extend(Cx *cx, Extend *e)
{
    TRY(cx_in_tx_relaxed(cx, extend_tx, e));
    if (e->changed == 0)
        return cx_fail(cx, ST_CONFLICT, "core.job_lost", "another worker has job %lld",
                       (long long)e->job->id);
    atomic_store(&e->job->run->until, e->until.v);
    return ST_OK;
}

Status job_extend(Cx *cx, const Job *job, SpanMs lease)
{
    Core  *core = job->run->jobs->core;
    Extend e = {.job = job, .until = unix_ms_add(core_now(core), lease)};
    return extend(cx, &e);
}

/* At most `max` bytes, not cut inside of a character. */
static Str shorten(Str s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max > 0 && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
        max--;
    return (Str){s.ptr, max};
}

Status job_progress(Cx *cx, const Job *job, int percent, Str note)
{
    JobRun *run = job->run;
    Core   *core = run->jobs->core;
    if (core_stopping(core))
        return cx_fail(cx, ST_BUSY, "core.stopping", "the process ends");
    if (mono_ms() - run->noted_at < NOTE_MS && percent < 100)
        return ST_OK;
    Extend e = {.job = job,
                .until = unix_ms_add(core_now(core), run->kind->lease),
                .percent = percent < 0     ? 0
                           : percent > 100 ? 100
                                           : percent,
                .note = shorten(note, JOB_NOTE_MAX),
                .noting = true};
    TRY(extend(cx, &e));
    run->noted_at = mono_ms();
    return ST_OK;
}

Status job_result(Cx *cx, const Job *job, Str json)
{
    Buf *b = &job->run->result;
    if (json.len > JOB_RESULT_MAX)
        return cx_fail(cx, ST_LIMIT, "core.job_too_big", "a result of %zu bytes", json.len);
    buf_clear(b);
    buf_add(b, json);
    return ST_OK;
}
