#include "core/relay_int.h"

#include "base/id.h"
#include "base/log.h"
#include "core/core_int.h"

#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    SAVE_MS = 200, /* cursors are saved that long after something was delivered */
    SAVE_COUNT = 1000,
    HOLD_MS = 500, /* after the database failed */
    PASSES = 8,    /* reads in a row before memory is given back */
    DRAIN_MS = 60 * 1000
};

/* --- the ring of consumers with something ready ---------------------------------------- */

void relay_ring_add(Relay *r, Consumer *c)
{
    if (c->in_ring || c->ready_first == NULL || c->running >= r->per_consumer)
        return;
    c->in_ring = true;
    c->ring_next = NULL;
    if (r->ring_last != NULL)
        r->ring_last->ring_next = c;
    else
        r->ring_first = c;
    r->ring_last = c;
}

static Delivery *ring_take(Relay *r)
{
    Consumer *c;
    while ((c = r->ring_first) != NULL) {
        r->ring_first = c->ring_next;
        if (r->ring_first == NULL)
            r->ring_last = NULL;
        c->in_ring = false;
        Delivery *d = r->stopping ? NULL : consumer_take(c, core_now(r->core));
        relay_ring_add(r, c);
        if (d != NULL)
            return d;
    }
    return NULL;
}

/* --- running a reaction -------------------------------------------------------------------- */

/* One event, or several at once. */
static Status run_reaction(Relay *r, const Reaction *reaction, const Event *events, size_t n,
                           Arena *a, Err *ret_err)
{
    Cx cx = {0};
    TRY(core_cx(r->core, &cx, a));
    cx.actor.name = str_from_cstr(reaction->name);
    cx.request_id = id_format(a, "evt", events->id);
    Status st = n == 1 ? reaction->run(&cx, events) : reaction->run_many(&cx, events, n);
    if (st != ST_OK && (cx.err.code == NULL || cx.err.status != st))
        (void)!cx_fail(&cx, st, "core.reaction_failed", "%s", status_name(st));
    cx_end(&cx);
    *ret_err = cx.err;
    return st;
}

typedef struct Failure { /* what the log says; the delivery may be gone by then */
    const char *reaction;
    int64_t     event;
    int         tries;
    bool        over;
} Failure;

static void log_failure(const Failure *f, const Err *err)
{
    log_event(f->over ? LOG_ERROR : LOG_WARN,
              f->over ? "core.reaction_parked" : "core.reaction_failed",
              log_s("reaction", str_from_cstr(f->reaction)), log_i("event", f->event),
              log_i("tries", f->tries), log_s("code", str_from_cstr(err->code)),
              log_s("detail", str_from_cstr(err->msg)));
}

static uint64_t some_bits(void)
{
    uint64_t bits = 0;
    ssize_t  got = getrandom(&bits, sizeof bits, 0);
    return got == (ssize_t)sizeof bits ? bits : 0;
}

/* The relay's thread has something to do before its time. */
static void kick(Relay *r)
{
    if (r->listener != NULL)
        db_listen_wake(r->listener);
}

static void plan_save(Relay *r, int64_t in_ms)
{
    int64_t at = mono_ms() + in_ms;
    if (r->save_at == 0 || at < r->save_at)
        r->save_at = at;
}

static void settle(Relay *r, Delivery *d, Status st, const Err *err, Failure *f)
{
    Consumer *c = d->consumer;
    bool      orphan = d->orphan;
    consumer_finish(d, st, err, core_now(r->core), st == ST_OK ? 0 : some_bits());
    if (orphan)
        return;
    if (st != ST_OK) {
        *f = (Failure){c->reaction->name, d->pos.id, d->tries, d->state != DELIVERY_WAITING};
        r->again_at = 1; /* see at once when the next try is */
        kick(r);
    }
    relay_ring_add(r, c);
    if (++r->unsaved == SAVE_COUNT || (c->full && c->window.n < CONSUMER_WINDOW / 2) ||
        (c->leaving && c->running == 0)) {
        r->save_at = 1; /* saving makes room */
        kick(r);
    } else if (r->save_at == 0) {
        plan_save(r, SAVE_MS);
        kick(r);
    }
}

/* With the mutex held, but not while it runs. */
static void run_one(Relay *r, Delivery *d, Arena *a)
{
    const Reaction *reaction = d->consumer->reaction;
    Event           event = d->shared->event;
    Err             err = {0};
    Failure         failure = {0};
    pthread_mutex_unlock(&r->mutex);
    Status st = run_reaction(r, reaction, &event, 1, a, &err);
    arena_reset(a);
    pthread_mutex_lock(&r->mutex);
    settle(r, d, st, &err, &failure);
    if (failure.reaction != NULL) {
        pthread_mutex_unlock(&r->mutex);
        log_failure(&failure, &err);
        pthread_mutex_lock(&r->mutex);
    }
}

/* As run_one() of several. What fails together is tried one by one. */
static void run_many(Relay *r, Delivery *const *list, size_t n, Arena *a)
{
    const Reaction *reaction = list[0]->consumer->reaction;
    Event          *events = arena_array(a, Event, n);
    Err             err = {0};
    for (size_t i = 0; i < n; i++)
        events[i] = list[i]->shared->event;
    pthread_mutex_unlock(&r->mutex);
    Status st = run_reaction(r, reaction, events, n, a, &err);
    arena_reset(a);
    pthread_mutex_lock(&r->mutex);
    for (size_t i = 0; i < n; i++) {
        Failure none;
        if (st == ST_OK)
            settle(r, list[i], st, &err, &none);
        else
            run_one(r, list[i], a);
    }
}

/* Run what is next, if anything is. With the mutex held, but not while it runs. */
static bool run_next(Relay *r, Arena *a)
{
    Delivery *list[REACTION_MANY] = {ring_take(r)};
    size_t    n = 1;
    if (list[0] == NULL)
        return false;
    Consumer *c = list[0]->consumer;
    if (c->reaction->run_many != NULL && list[0]->tries == 0 && !list[0]->kept)
        while (n < REACTION_MANY && (list[n] = consumer_take_more(c, core_now(r->core))) != NULL)
            n++;
    if (r->ring_first != NULL && r->threaded)
        pthread_cond_signal(&r->work);
    if (n == 1)
        run_one(r, list[0], a);
    else
        run_many(r, list, n, a);
    return true;
}

static void *reactor_main(void *arg)
{
    core_thread("reactor", 5);
    Relay                    *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    pthread_mutex_lock(&r->mutex);
    while (!r->stopping) {
        if (!run_next(r, &a) && !r->stopping)
            pthread_cond_wait(&r->work, &r->mutex);
    }
    r->alive--;
    pthread_cond_signal(&r->ending);
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

/* --- the relay's thread ------------------------------------------------------------------------
 */

/* Make ready what has waited long enough, and plan the next look. */
static void awake(Relay *r)
{
    UnixMs now = core_now(r->core);
    UnixMs next = {0};
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (!c->held)
            continue;
        UnixMs at = consumer_awake(c, now);
        if (at.v != 0 && (next.v == 0 || at.v < next.v))
            next = at;
        relay_ring_add(r, c);
    }
    r->again_at = next.v == 0 ? 0 : mono_ms() + (next.v - now.v) + 1;
    if (r->ring_first != NULL)
        pthread_cond_signal(&r->work);
}

/* After the time is up or somebody woke us: a new turn of reading. */
static void next_turn(Relay *r, Cx *cx, Status *st)
{
    bool    woken = atomic_exchange(&r->woken, false);
    int64_t now = mono_ms();
    if (now >= r->beat_at) {
        r->beat_at = now + r->core->options.lease.v / 3;
        *st = relay_beat(r, cx);
    }
    pthread_mutex_lock(&r->mutex);
    if (woken || r->pending || now >= r->poll_at)
        r->turn++;
    if (now >= r->poll_at) {
        r->poll_at = now + r->core->options.poll.v;
        atomic_store(&r->replays, true);
    }
    if (r->again_at != 0 && now >= r->again_at)
        awake(r);
    pthread_mutex_unlock(&r->mutex);
}

static Status step(Relay *r, Cx *cx)
{
    Status st = ST_OK;
    bool   fed = true;
    pthread_mutex_lock(&r->mutex);
    r->stepping = true;
    pthread_mutex_unlock(&r->mutex);
    next_turn(r, cx, &st);
    for (int pass = 0; st == ST_OK && fed; pass++) {
        st = relay_read(r, cx, &fed);
        pthread_mutex_lock(&r->mutex);
        if (fed)
            plan_save(r, SAVE_MS);
        if (fed && pass == PASSES)
            atomic_store(&r->woken, true);
        fed = fed && !r->stopping && pass < PASSES;
        bool save = r->save_at != 0 && mono_ms() >= r->save_at;
        pthread_mutex_unlock(&r->mutex);
        if (st == ST_OK && save)
            st = relay_save(r, cx, false);
    }
    return st;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return b != 0 && b < a ? b : a;
}

/* Until somebody tells an event, in whatever process, or it is time for something. */
static void wait_for_work(Relay *r)
{
    Err  err;
    bool told = false;
    pthread_mutex_lock(&r->mutex);
    r->stepping = false;
    int64_t until = sooner(sooner(sooner(r->poll_at, r->beat_at), r->save_at), r->again_at);
    if (r->pending)
        until = sooner(until, mono_ms() + (1 << (r->pending_tries < 5 ? r->pending_tries : 5)));
    if (r->stopping || atomic_load(&r->woken))
        until = 0;
    pthread_mutex_unlock(&r->mutex);
    int64_t in = until - mono_ms();
    if (in > 0 && db_listen_wait(r->listener, (SpanMs){in}, &told, &err) == ST_OK && told)
        atomic_store(&r->woken, true);
}

static void hold(Relay *r, const Err *err)
{
    log_event(LOG_ERROR, "core.relay_failed", log_s("code", str_from_cstr(err->code)),
              log_s("detail", str_from_cstr(err->msg)));
    int64_t until = mono_ms() + HOLD_MS;
    bool    stopping = false;
    while (!stopping && mono_ms() < until) {
        usleep(10 * 1000);
        pthread_mutex_lock(&r->mutex);
        stopping = r->stopping;
        pthread_mutex_unlock(&r->mutex);
    }
}

static void *relay_main(void *arg)
{
    core_thread("relay", 0);
    Relay                    *r = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 64 * 1024);
    Err  err = {0};
    bool stopping = false;
    while (!stopping) {
        Cx     cx = {0};
        Status st = core_cx(r->core, &cx, &a);
        if (st == ST_OK)
            st = step(r, &cx);
        err = cx.err;
        cx_end(&cx);
        arena_reset(&a);
        int64_t looked = mono_ms();
        if (st == ST_OK)
            wait_for_work(r);
        else
            hold(r, &err);
        core_pace(looked);
        pthread_mutex_lock(&r->mutex);
        stopping = r->stopping;
        pthread_mutex_unlock(&r->mutex);
    }
    return NULL;
}

void relay_wake(Relay *r)
{
    if (!atomic_exchange(&r->woken, true))
        kick(r);
}

/* --- beginning and end
 * ---------------------------------------------------------------------------- */

static void add_consumer(Relay *r, const Reaction *reaction, Pos end)
{
    Consumer *c = &r->consumers[r->n++];
    c->reaction = reaction;
    if (reaction->every_process) {
        c->held = c->loaded = true;
        c->read = c->saved = end;
    } else {
        r->ndurable++;
    }
}

Status relay_init(Relay *r, Core *core, Cx *cx)
{
    Pos    end;
    size_t n = 0;
    TRY(core_sql_event_end(cx, &end.xid, &end.id));
    r->core = core;
    pthread_mutex_init(&r->mutex, NULL);
    core_cond_init(&r->ending);
    core_cond_init(&r->work);
    for (size_t m = 0; m < core->nmodules; m++)
        n += core->modules[m]->nreactions;
    r->consumers = core_alloc(n + 1, sizeof *r->consumers);
    for (size_t m = 0; m < core->nmodules; m++)
        for (size_t i = 0; i < core->modules[m]->nreactions; i++)
            add_consumer(r, &core->modules[m]->reactions[i], end);
    int reactors = core->options.reactors;
    r->per_consumer = reactors > 1 ? reactors - 1 : 1;
    r->turn = 1;
    return ST_OK;
}

void relay_done(Relay *r)
{
    if (r->core == NULL)
        return;
    for (size_t i = 0; i < r->n; i++)
        consumer_clear(&r->consumers[i]);
    free(r->consumers);
    free(r->reactors);
    db_listen_close(r->listener);
    pthread_cond_destroy(&r->work);
    pthread_cond_destroy(&r->ending);
    pthread_mutex_destroy(&r->mutex);
}

Status relay_start(Relay *r, Err *err)
{
    int wanted = r->core->options.reactors;
    TRY(db_listen(r->core->db, "core_events", &r->listener, err));
    r->reactors = core_alloc((size_t)wanted, sizeof *r->reactors);
    r->threaded = true;
    r->alive = wanted;
    for (; r->nreactors < wanted; r->nreactors++)
        if (pthread_create(&r->reactors[r->nreactors], NULL, reactor_main, r) != 0)
            break;
    r->running = r->nreactors == wanted && pthread_create(&r->thread, NULL, relay_main, r) == 0;
    if (r->running)
        return ST_OK;
    pthread_mutex_lock(&r->mutex);
    r->alive -= wanted - r->nreactors;
    pthread_mutex_unlock(&r->mutex);
    return err_set(err, ST_IO, "core.no_thread", "cannot start the threads of the relay");
}

/* The reactors end when they have finished what they run. */
static bool stop_reactors(Relay *r, int64_t deadline_ms)
{
    pthread_mutex_lock(&r->mutex);
    r->stopping = true;
    pthread_cond_broadcast(&r->work);
    kick(r);
    while (r->alive > 0 && core_wait(&r->ending, &r->mutex, deadline_ms)) {
    }
    bool ended = r->alive == 0;
    pthread_mutex_unlock(&r->mutex);
    for (int i = 0; i < r->nreactors; i++) {
        if (ended)
            pthread_join(r->reactors[i], NULL);
        else
            pthread_detach(r->reactors[i]);
    }
    return ended;
}

bool relay_stop(Relay *r, int64_t deadline_ms)
{
    bool ended = !r->threaded || stop_reactors(r, deadline_ms);
    if (r->running)
        pthread_join(r->thread, NULL);
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    Cx     cx = {0};
    Status st = core_cx(r->core, &cx, &a);
    if (st == ST_OK)
        st = relay_save(r, &cx, true);
    if (st == ST_OK)
        st = relay_release(r, &cx);
    if (st != ST_OK) /* others wait for the lease to end, and deliver a little twice */
        log_event(LOG_WARN, "core.relay_not_saved", log_s("code", str_from_cstr(cx.err.code)),
                  log_s("detail", str_from_cstr(cx.err.msg)));
    cx_end(&cx);
    return ended;
}

/* --- without threads ---------------------------------------------------------------------------
 */

Status relay_drain(Relay *r, Cx *cx, bool *ret_did)
{
    Status                    st = ST_OK;
    bool                      fed = true;
    bool                      did = false;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 16 * 1024);
    int64_t deadline = mono_ms() + DRAIN_MS;
    r->poll_at = 0;
    next_turn(r, cx, &st);
    while (st == ST_OK && (fed || r->pending)) {
        if (!fed) { /* a transaction elsewhere has to end first */
            if (mono_ms() > deadline)
                return cx_fail(cx, ST_BUSY, "core.drain_stuck", "a transaction does not end");
            usleep(1000);
            r->turn++;
        }
        st = relay_read(r, cx, &fed);
        pthread_mutex_lock(&r->mutex);
        awake(r);
        while (run_next(r, &a))
            did = true;
        pthread_mutex_unlock(&r->mutex);
        if (st == ST_OK)
            st = relay_save(r, cx, true);
    }
    *ret_did = did;
    return st;
}

bool relay_is_idle(Relay *r)
{
    pthread_mutex_lock(&r->mutex);
    bool idle = !r->stepping && !atomic_load(&r->woken) && !atomic_load(&r->replays) && !r->pending;
    for (size_t i = 0; i < r->n && idle; i++) {
        const Consumer *c = &r->consumers[i];
        if (c->held)
            idle =
                c->loaded && c->idle_turn == r->turn && c->running == 0 && c->ready_first == NULL;
    }
    pthread_mutex_unlock(&r->mutex);
    return idle;
}
