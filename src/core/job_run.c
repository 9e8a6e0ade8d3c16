#include "core/core_int.h"

#include "base/id.h"
#include "base/log.h"
#include "core/backoff.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

static const Backoff BACKOFF = {.first = {2000}, .most = {60 * 60 * 1000}, .factor = 3};

enum { ATTEMPTS = 12, LEASE_MS = 60 * 1000, QUEUE_MAX = 1000 * 1000, HOLD_MS = 500 };

/* --- kinds -------------------------------------------------------------------------------------
 */

JobKindState *jobs_kind(Jobs *j, Str name)
{
    for (size_t i = 0; i < j->nkinds; i++)
        if (str_eq(str_from_cstr(j->kinds[i].kind->name), name))
            return &j->kinds[i];
    return NULL;
}

static void add_kind(Jobs *j, const JobKind *kind)
{
    JobKindState *k = &j->kinds[j->nkinds];
    k->kind = kind;
    k->index = j->nkinds++;
    k->attempts = kind->attempts > 0 ? kind->attempts : ATTEMPTS;
    k->lease = kind->lease.v > 0 ? kind->lease : (SpanMs){LEASE_MS};
    k->queue_max = kind->queue_max > 0 ? kind->queue_max : QUEUE_MAX;
    k->prolong = kind == &schedule_job;
    k->asked = 1; /* there may be some from before */
    atomic_init(&k->waiting, -1);
    atomic_init(&k->counted_at, INT64_MIN / 2);
}

Status jobs_init(Jobs *j, Core *core, Err *err)
{
    size_t n = 1;
    j->core = core;
    pthread_mutex_init(&j->mutex, NULL);
    core_cond_init(&j->ending);
    core_cond_init(&j->work);
    for (size_t m = 0; m < core->nmodules; m++)
        n += core->modules[m]->njobs;
    j->kinds = core_alloc(n, sizeof *j->kinds);
    for (size_t m = 0; m < core->nmodules; m++) {
        for (size_t i = 0; i < core->modules[m]->njobs; i++) {
            const JobKind *kind = &core->modules[m]->jobs[i];
            if (jobs_kind(j, str_from_cstr(kind->name)) != NULL)
                return err_set(err, ST_INVALID, "core.bad_module", "two job kinds %s", kind->name);
            add_kind(j, kind);
        }
    }
    return ST_OK;
}

void jobs_run_free(JobRun *run)
{
    buf_done(&run->result);
    free(run);
}

static void free_runs(JobRun *run)
{
    JobRun *next;
    for (; run != NULL; run = next) {
        next = run->next;
        jobs_run_free(run);
    }
}

void jobs_done(Jobs *j)
{
    if (j->core == NULL)
        return;
    free_runs(j->queue);
    free_runs(j->finished);
    free(j->kinds);
    free(j->schedules);
    free(j->workers);
    db_listen_close(j->listener);
    pthread_cond_destroy(&j->work);
    pthread_cond_destroy(&j->ending);
    pthread_mutex_destroy(&j->mutex);
}

/* The foreman has something to do before its time. */
static void kick(Jobs *j)
{
    if (j->listener != NULL)
        db_listen_wake(j->listener);
}

void jobs_wake(Jobs *j, uint64_t kinds)
{
    pthread_mutex_lock(&j->mutex);
    for (size_t i = 0; i < j->nkinds; i++)
        if ((kinds >> (i < 63 ? i : 63) & 1) != 0)
            j->kinds[i].asked++;
    j->delayed_at = (UnixMs){1}; /* a new one may be due sooner: look */
    j->woken = true;
    pthread_mutex_unlock(&j->mutex);
    kick(j);
}

/* --- a worker runs a job -------------------------------------------------------------------------
 */

static uint64_t some_bits(void)
{
    uint64_t bits = 0;
    ssize_t  got = getrandom(&bits, sizeof bits, 0);
    return got == (ssize_t)sizeof bits ? bits : 0;
}

static void decide(JobRun *run, Status st)
{
    const Core *core = run->jobs->core;
    if (st == ST_OK) {
        run->end = JOB_END_DONE;
    } else if (st == ST_BUSY && core_stopping(core)) {
        run->end = JOB_END_HAND_BACK;
    } else if (st == ST_INVALID || run->job.attempt >= run->kind->attempts) {
        run->end = JOB_END_DEAD;
    } else {
        run->end = JOB_END_RETRY;
        run->again =
            unix_ms_add(core_now(core), backoff_wait(&BACKOFF, run->job.attempt, some_bits()));
    }
}

static void log_failure(const JobRun *run)
{
    if (run->end == JOB_END_DONE || run->end == JOB_END_HAND_BACK)
        return;
    bool dead = run->end == JOB_END_DEAD;
    log_event(dead ? LOG_ERROR : LOG_WARN, dead ? "core.job_dead" : "core.job_failed",
              log_s("kind", str_from_cstr(run->kind->kind->name)), log_i("job", run->job.id),
              log_i("attempt", run->job.attempt), log_s("code", str_from_cstr(run->err.code)),
              log_s("detail", str_from_cstr(run->err.msg)));
}

/* Without the mutex. */
static void run_job(JobRun *run, Arena *a)
{
    Cx      cx = {0};
    int64_t began = clock_mono_us();
    Status  st = core_cx(run->jobs->core, &cx, a);
    if (st == ST_OK) {
        cx.actor.name = str_from_cstr(run->kind->kind->name);
        cx.request_id = id_format(a, "job", run->job.id);
        st = run->kind->kind->run(&cx, &run->job);
    }
    if (st != ST_OK && (cx.err.code == NULL || cx.err.status != st))
        (void)!cx_fail(&cx, st, "core.job_failed", "%s", status_name(st));
    run->err = cx.err;
    cx_end(&cx);
    arena_reset(a);
    decide(run, st);
    log_failure(run);
    int64_t took = clock_mono_us() - began;
    Jobs   *j = run->jobs;
    pthread_mutex_lock(&j->mutex);
    j->average_us = j->average_us == 0 ? took : (j->average_us * 7 + took) / 8;
    pthread_mutex_unlock(&j->mutex);
}

static void list_remove(JobRun **list, JobRun *run)
{
    while (*list != run)
        list = &(*list)->next;
    *list = run->next;
}

/* With the mutex held: take the first of the queue, run it, put it among the finished. */
static bool run_next(Jobs *j, Arena *a)
{
    JobRun *run = j->queue;
    if (run == NULL || (j->stopping && j->threaded))
        return false;
    j->queue = run->next;
    j->nqueue--;
    run->next = j->active;
    j->active = run;
    j->nactive++;
    pthread_mutex_unlock(&j->mutex);
    run_job(run, a);
    pthread_mutex_lock(&j->mutex);
    list_remove(&j->active, run);
    j->nactive--;
    run->next = j->finished;
    j->finished = run;
    kick(j);
    return true;
}

static void *worker_main(void *arg)
{
    core_thread("job", 10);
    Jobs                     *j = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    pthread_mutex_lock(&j->mutex);
    while (!j->stopping) {
        if (!run_next(j, &a) && !j->stopping)
            pthread_cond_wait(&j->work, &j->mutex);
    }
    j->alive--;
    pthread_cond_signal(&j->ending);
    pthread_mutex_unlock(&j->mutex);
    return NULL;
}

/* --- the foreman ----------------------------------------------------------------------------- */

static int64_t sooner(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

/* Until there is something to do. */
static void wait_for_work(Jobs *j)
{
    Err  err;
    bool told = false;
    pthread_mutex_lock(&j->mutex);
    int64_t until = j->poll_at;
    if (j->delayed_at.v != 0) {
        int64_t in = j->delayed_at.v - core_now(j->core).v;
        until = sooner(until, mono_ms() + (in > 0 ? in : 0));
    }
    if (j->stopping || j->woken || j->finished != NULL)
        until = 0;
    pthread_mutex_unlock(&j->mutex);
    int64_t in = until - mono_ms();
    if (in > 0 && db_listen_wait(j->listener, (SpanMs){in}, &told, &err) == ST_OK && told &&
        db_kind(j->core->db) == DB_POSTGRES)
        j->look = true; /* perhaps by another process, which cannot say which kind */
}

static Status one_round(Jobs *j, Cx *cx)
{
    bool    did;
    int64_t now = mono_ms();
    if (now >= j->poll_at) {
        j->poll_at = now + j->core->options.poll.v;
        j->look = true;
        j->look_expired = true;
        TRY(schedules_tick(j, cx));
    }
    if (j->look) {
        j->look = false;
        TRY(jobs_look(j, cx));
    }
    return jobs_shift(j, cx, &did);
}

static void hold(Jobs *j, const Err *err)
{
    log_event(LOG_ERROR, "core.jobs_failed", log_s("code", str_from_cstr(err->code)),
              log_s("detail", str_from_cstr(err->msg)));
    int64_t until = mono_ms() + HOLD_MS;
    bool    stopping = false;
    while (!stopping && mono_ms() < until) {
        usleep(10 * 1000);
        pthread_mutex_lock(&j->mutex);
        stopping = j->stopping;
        pthread_mutex_unlock(&j->mutex);
    }
}

static void *foreman_main(void *arg)
{
    core_thread("foreman", 0);
    Jobs                     *j = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 64 * 1024);
    bool    stopping = false;
    int64_t looked = 0;
    while (!stopping) {
        wait_for_work(j);
        core_pace(looked);
        pthread_mutex_lock(&j->mutex);
        stopping = j->stopping;
        j->woken = false;
        pthread_mutex_unlock(&j->mutex);
        Cx     cx = {0};
        Status st = stopping ? ST_OK : core_cx(j->core, &cx, &a);
        if (st == ST_OK && !stopping)
            st = one_round(j, &cx);
        Err err = cx.err;
        cx_end(&cx);
        arena_reset(&a);
        if (st != ST_OK)
            hold(j, &err);
        looked = mono_ms();
    }
    return NULL;
}

/* --- beginning and end --------------------------------------------------------------------------
 */

Status jobs_start(Jobs *j, Err *err)
{
    int wanted = j->core->options.workers;
    TRY(db_listen(j->core->db, "core_jobs", &j->listener, err));
    j->workers = core_alloc((size_t)wanted, sizeof *j->workers);
    j->threaded = true;
    j->alive = wanted;
    for (; j->nworkers < wanted; j->nworkers++)
        if (pthread_create(&j->workers[j->nworkers], NULL, worker_main, j) != 0)
            break;
    j->running = j->nworkers == wanted && pthread_create(&j->thread, NULL, foreman_main, j) == 0;
    if (j->running)
        return ST_OK;
    pthread_mutex_lock(&j->mutex);
    j->alive -= wanted - j->nworkers;
    pthread_mutex_unlock(&j->mutex);
    return err_set(err, ST_IO, "core.no_thread", "cannot start the threads of the jobs");
}

/* The workers end when they have finished what they run. */
static bool stop_workers(Jobs *j, int64_t deadline_ms)
{
    pthread_mutex_lock(&j->mutex);
    j->stopping = true;
    pthread_cond_broadcast(&j->work);
    kick(j);
    while (j->alive > 0 && core_wait(&j->ending, &j->mutex, deadline_ms)) {
    }
    bool ended = j->alive == 0;
    pthread_mutex_unlock(&j->mutex);
    for (int i = 0; i < j->nworkers; i++) {
        if (ended)
            pthread_join(j->workers[i], NULL);
        else
            pthread_detach(j->workers[i]);
    }
    return ended;
}

bool jobs_stop(Jobs *j, int64_t deadline_ms)
{
    bool ended = !j->threaded || stop_workers(j, deadline_ms);
    if (j->running)
        pthread_join(j->thread, NULL);
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    Cx     cx = {0};
    Status st = core_cx(j->core, &cx, &a);
    if (st == ST_OK)
        st = jobs_settle(j, &cx);
    if (st != ST_OK) /* others wait for the leases to end, and run some once more */
        log_event(LOG_WARN, "core.jobs_not_saved", log_s("code", str_from_cstr(cx.err.code)),
                  log_s("detail", str_from_cstr(cx.err.msg)));
    cx_end(&cx);
    return ended;
}

/* --- without threads
 * ------------------------------------------------------------------------------- */

Status jobs_drain(Jobs *j, Cx *cx, bool *ret_did)
{
    bool did = true;
    *ret_did = false;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    j->look_expired = true;
    TRY(jobs_look(j, cx));
    while (did) {
        did = false;
        TRY(jobs_shift(j, cx, &did));
        pthread_mutex_lock(&j->mutex);
        while (run_next(j, &a))
            did = *ret_did = true;
        pthread_mutex_unlock(&j->mutex);
    }
    return ST_OK;
}

bool jobs_are_idle(Jobs *j)
{
    pthread_mutex_lock(&j->mutex);
    bool idle = !j->woken && !j->shifting && j->queue == NULL && j->active == NULL &&
                j->finished == NULL &&
                (j->delayed_at.v == 0 || j->delayed_at.v > core_now(j->core).v);
    for (size_t i = 0; i < j->nkinds && idle; i++)
        idle = j->kinds[i].asked == j->kinds[i].seen;
    pthread_mutex_unlock(&j->mutex);
    return idle;
}
