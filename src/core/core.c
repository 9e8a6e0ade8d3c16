#include "core/core.h"

#include "base/log.h"
#include "base/metric.h"
#include "core/core_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const CoreOptions DEFAULTS = {.workers = 2,
                                     .reactors = 4,
                                     .lease = {15 * 1000},
                                     .poll = {1000},
                                     .event_keep = {24LL * 3600 * 1000},
                                     .stop_wait = {10 * 1000}};

static const int64_t DRAIN_MS = 60 * 1000;

/* --- small things that all of core uses ---------------------------------------------------------
 */

int64_t mono_ms(void)
{
    return clock_mono_us() / 1000;
}

void core_thread(const char *name, int nice)
{
    id_t self = (id_t)gettid();
    (void)pthread_setname_np(pthread_self(), name);
    errno = 0;
    int now = getpriority(PRIO_PROCESS, self); /* on Linux of a thread */
    if (nice > 0 && errno == 0)
        (void)setpriority(PRIO_PROCESS, self, now + nice);
}

void core_pace(int64_t last)
{
    int64_t left = last + CORE_PACE_MS - mono_ms();
    if (left > 0)
        (void)usleep((useconds_t)left * 1000);
}

void *core_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (p == NULL)
        base_out_of_memory(n * size);
    return p;
}

void core_cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool core_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t until_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t in = until_ms - mono_ms();
    if (in <= 0)
        return false;
    until.tv_sec += in / 1000;
    until.tv_nsec += in % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(cond, mutex, &until) != ETIMEDOUT;
}

Status core_cx(Core *core, Cx *cx, Arena *a)
{
    TRY(cx_begin(cx, a, core->db, core_now(core)));
    cx->core = core;
    cx->actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("core"), .all = true};
    return ST_OK;
}

UnixMs core_now(const Core *core)
{
    int64_t fixed = atomic_load(&core->fixed_now);
    return fixed != 0 ? (UnixMs){fixed} : clock_now();
}

void core_set_now(Core *core, UnixMs now)
{
    atomic_store(&core->fixed_now, now.v);
    jobs_wake(&core->jobs, 0);
}

bool core_stopping(const Core *core)
{
    return atomic_load(&core->stopping);
}

/* --- the schema
 * ------------------------------------------------------------------------------------ */

typedef struct Known {
    const Module *const *modules;
    size_t               n;
    const Core          *core;    /* that runs; NULL: none … */
    int64_t              program; /* … but this program */
} Known;

/* A dump that was restored into another cluster brings transaction numbers along that are
 * still to come there: what is told from now on would sort before it. Make them all smaller
 * than any number of this cluster, in the same order. */
static Status rebase(Cx *cx)
{
    int64_t newest, ends, id;
    TRY(core_sql_event_newest(cx, &newest, &id));
    TRY(core_sql_event_ends(cx, &ends));
    if (db_kind(cx->db) == DB_SQLITE || newest < ends)
        return ST_OK;
    log_event(LOG_WARN, "core.restored_elsewhere", log_i("newest", newest), log_i("ends", ends));
    TRY(core_sql_event_shift(cx, newest, NULL));
    TRY(core_sql_consumer_shift(cx, newest, NULL));
    return core_sql_parked_shift(cx, newest, NULL);
}

static Status register_tx(Cx *cx, void *arg)
{
    const Known *known = arg;
    int64_t      xid, id;
    TRY(rebase(cx));
    TRY(core_sql_event_end(cx, &xid, &id));
    TRY(process_register(cx, known->core != NULL ? known->core->process : known->program,
                         known->core != NULL, DEFAULTS.lease));
    for (size_t m = 0; m < known->n; m++) {
        for (size_t i = 0; i < known->modules[m]->nreactions; i++) {
            const Reaction *r = &known->modules[m]->reactions[i];
            if (!r->every_process)
                TRY(core_sql_consumer_add(cx, str_from_cstr(r->name), xid, id, cx->now, NULL));
        }
    }
    return ST_OK;
}

/* core's own module first, whether the caller listed it or not. */
static const Module **with_core(const Module *const *modules, size_t n, size_t *ret_n)
{
    const Module **all = core_alloc(n + 1, sizeof *all);
    size_t         k = 0;
    all[k++] = &core_module;
    for (size_t i = 0; i < n; i++)
        if (modules[i] != &core_module)
            all[k++] = modules[i];
    *ret_n = k;
    return all;
}

static Status migrate(Db *db, const Module **all, size_t n, Arena *a, Err *err)
{
    DbMigrations *list = arena_array(a, DbMigrations, n);
    for (size_t i = 0; i < n; i++)
        list[i] = all[i]->migrations;
    TRY(db_migrate(db, list, n, err));
    Cx     cx = {0};
    Known  known = {all, n, NULL, process_program()};
    Status st = cx_begin(&cx, a, db, clock_now());
    if (st == ST_OK)
        st = cx_in_tx(&cx, register_tx, &known);
    *err = cx.err;
    cx_end(&cx);
    return st;
}

Status core_migrate(Db *db, const Module *const *modules, size_t n, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    size_t         nall;
    const Module **all = with_core(modules, n, &nall);
    Status         st = migrate(db, all, nall, &a, err);
    free(all);
    return st;
}

/* --- beginning
 * ------------------------------------------------------------------------------------- */

static void fill_options(CoreOptions *o, const CoreOptions *given)
{
    if (given != NULL)
        *o = *given;
    if (o->workers <= 0)
        o->workers = DEFAULTS.workers;
    if (o->reactors <= 0)
        o->reactors = DEFAULTS.reactors;
    if (o->lease.v <= 0)
        o->lease = DEFAULTS.lease;
    if (o->poll.v <= 0)
        o->poll = DEFAULTS.poll;
    if (o->event_keep.v <= 0)
        o->event_keep = DEFAULTS.event_keep;
    if (o->stop_wait.v <= 0)
        o->stop_wait = DEFAULTS.stop_wait;
}

static void collect_permissions(Core *core)
{
    size_t n = 0;
    for (size_t m = 0; m < core->nmodules; m++)
        n += core->modules[m]->npermissions;
    core->permissions = core_alloc(n + 1, sizeof *core->permissions);
    for (size_t m = 0; m < core->nmodules; m++)
        for (size_t i = 0; i < core->modules[m]->npermissions; i++)
            core->permissions[core->npermissions++] = core->modules[m]->permissions[i];
}

/* Is reaction `i` of module `m` listed before, under the same name? */
static bool reaction_again(const Core *core, size_t m, size_t i)
{
    const char *name = core->modules[m]->reactions[i].name;
    for (size_t k = 0; k <= m; k++)
        for (size_t x = 0; x < (k == m ? i : core->modules[k]->nreactions); x++)
            if (strcmp(core->modules[k]->reactions[x].name, name) == 0)
                return true;
    return false;
}

static bool schedule_again(const Core *core, size_t m, size_t i)
{
    const char *name = core->modules[m]->schedules[i].name;
    for (size_t k = 0; k <= m; k++)
        for (size_t x = 0; x < (k == m ? i : core->modules[k]->nschedules); x++)
            if (strcmp(core->modules[k]->schedules[x].name, name) == 0)
                return true;
    return false;
}

/* Names decide where cursors and jobs go, so each may be there once. */
static Status check_names(const Core *core, Err *err)
{
    for (size_t m = 0; m < core->nmodules; m++) {
        const Module *a = core->modules[m];
        for (size_t i = 0; i < a->nreactions; i++)
            if (reaction_again(core, m, i))
                return err_set(err, ST_INVALID, "core.bad_module", "two reactions %s",
                               a->reactions[i].name);
        for (size_t i = 0; i < a->nschedules; i++)
            if (schedule_again(core, m, i))
                return err_set(err, ST_INVALID, "core.bad_module", "two schedules %s",
                               a->schedules[i].name);
    }
    return ST_OK;
}

static Status start(Core *core, Cx *cx, Err *err)
{
    TRY(check_names(core, err));
    TRY(jobs_init(&core->jobs, core, err));
    Status st = relay_init(&core->relay, core, cx);
    if (st == ST_OK)
        st = schedules_init(&core->jobs, cx);
    if (st == ST_OK) {
        Known known = {core->modules, core->nmodules, core, 0};
        st = cx_in_tx(cx, register_tx, &known);
    }
    *err = cx->err;
    return st;
}

static void core_free(Core *core)
{
    relay_done(&core->relay);
    jobs_done(&core->jobs);
    limiter_free(core->limiter);
    free(core->permissions);
    free(core->modules);
    free(core);
}

Status core_start(Db *db, const Module *const *modules, size_t n, const CoreOptions *options,
                  Core **ret, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Core *core = core_alloc(1, sizeof *core);
    core->db = db;
    fill_options(&core->options, options);
    core->modules = with_core(modules, n, &core->nmodules);
    core->process = process_new_id();
    core->limiter = limiter_new(0);
    collect_permissions(core);
    Cx     cx = {0};
    Status st = core_cx(core, &cx, &a);
    if (st == ST_OK)
        st = start(core, &cx, err);
    cx_end(&cx);
    if (st != ST_OK) {
        core_free(core);
        return st;
    }
    if (!core->options.manual) {
        st = relay_start(&core->relay, err);
        if (st == ST_OK)
            st = jobs_start(&core->jobs, err);
        if (st != ST_OK) {
            (void)core_stop(core);
            return st;
        }
    }
    metric_collect(core_metrics, core);
    *ret = core;
    return ST_OK;
}

int64_t core_id(const Core *core)
{
    return core != NULL ? core->process : 0;
}

bool core_stop(Core *core)
{
    if (core == NULL)
        return true;
    atomic_store(&core->stopping, true);
    settings_forget();
    metric_uncollect(core_metrics, core);
    int64_t deadline = mono_ms() + core->options.stop_wait.v;
    bool    ended = jobs_stop(&core->jobs, deadline);
    ended = relay_stop(&core->relay, deadline) && ended;
    if (ended)
        core_free(core);
    else
        log_event(LOG_WARN, "core.still_running", log_i("waited_ms", core->options.stop_wait.v));
    return ended;
}

/* --- drain
 * ------------------------------------------------------------------------------------------ */

static Status drain_here(Core *core, Err *err)
{
    Status st = ST_OK;
    bool   events = true;
    bool   jobs = true;
    while (st == ST_OK && (events || jobs)) {
        CLEANUP(arena_done) Arena a;
        arena_init(&a, 16 * 1024);
        Cx cx = {0};
        st = core_cx(core, &cx, &a);
        if (st == ST_OK)
            st = relay_drain(&core->relay, &cx, &events);
        if (st == ST_OK)
            st = jobs_drain(&core->jobs, &cx, &jobs);
        *err = cx.err;
        cx_end(&cx);
    }
    return st;
}

static bool is_idle(Core *core)
{
    return relay_is_idle(&core->relay) && jobs_are_idle(&core->jobs);
}

Status core_drain(Core *core, Err *err)
{
    if (core->options.manual)
        return drain_here(core, err);
    int64_t deadline = mono_ms() + DRAIN_MS;
    relay_wake(&core->relay);
    jobs_wake(&core->jobs, UINT64_MAX);
    int idle = 0;
    while (idle < 2) { /* twice in a row: one may have given the other work */
        idle = is_idle(core) ? idle + 1 : 0;
        if (idle > 0)
            continue;
        if (mono_ms() > deadline)
            return err_set(err, ST_BUSY, "core.drain_stuck", "not idle after a minute");
        usleep(500);
    }
    return ST_OK;
}

Status core_tick(Core *core, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Cx     cx = {0};
    Status st = core_cx(core, &cx, &a);
    if (st == ST_OK)
        st = schedules_tick(&core->jobs, &cx);
    *err = cx.err;
    cx_end(&cx);
    return st;
}

/* --- permissions, limits
 * ------------------------------------------------------------------------------ */

const Permission *core_permissions(const Core *core, size_t *ret_n)
{
    *ret_n = core->npermissions;
    return core->permissions;
}

Status rate_take(Cx *cx, Str key, int64_t burst, int64_t per_minute, int64_t cost,
                 SpanMs *ret_retry)
{
    SpanMs wait = {0};
    if (cx->core == NULL ||
        limiter_take(cx->core->limiter, key, cx->now, burst, per_minute, cost, &wait))
        return ST_OK;
    if (ret_retry != NULL)
        *ret_retry = wait;
    return cx_fail(cx, ST_RATE, "core.too_often", "try again in %lld seconds",
                   (long long)(wait.v + 999) / 1000);
}

/* --- core as a module
 * ----------------------------------------------------------------------------------- */

static const Schedule SCHEDULES[] = {
    {.name = "core.prune", .cron = "*/5 * * * *", .run = core_prune},
};

static const Reaction REACTIONS[] = {
    {"core.forget_settings", "core.setting_changed", settings_changed, .every_process = true},
};

static const Permission PERMISSIONS[] = {
    {"system.read", "See background work, parked events, schedules and the audit log."},
    {"system.write", "Replay, requeue and drop what failed in the background."},
};

const Module core_module = {.name = "core",
                            .migrations = CORE_MIGRATIONS,
                            .events = &core_setting_changed,
                            .nevents = 1,
                            .reactions = REACTIONS,
                            .nreactions = COUNT_OF(REACTIONS),
                            .jobs = &schedule_job,
                            .njobs = 1,
                            .schedules = SCHEDULES,
                            .nschedules = COUNT_OF(SCHEDULES),
                            .permissions = PERMISSIONS,
                            .npermissions = COUNT_OF(PERMISSIONS)};
