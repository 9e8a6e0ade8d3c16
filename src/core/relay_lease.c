/* relay_lease.c - which process delivers which reaction.
 *
 * Every process with a Core has a row in core_process and renews it, and the leases of the
 * reactions that it holds, three times per lease. Reactions are shared evenly: who holds
 * more than its share lets some go, who holds less takes what is free. A process that was
 * not heard of for two leases, or that others on its machine see to be gone, loses all at
 * once, its running jobs too. Whoever was slow only and comes back learns from the fence
 * that its cursor is not its own any more. */
#include "core/core_int.h"

#include "base/log.h"

#include <string.h>

typedef struct Taken {
    Consumer *consumer;
    Pos       pos;
    int64_t   fence;
} Taken;

typedef struct Beat {
    Relay     *r;
    UnixMs     now, until;
    Consumer **held; /* before this beat */
    size_t     nheld;
    Consumer **free; /* not held by us */
    size_t     nfree;
    bool      *lost; /* of `held` */
    Taken     *taken;
    size_t     ntaken;
    size_t     share;
} Beat;

static Status renew(Cx *cx, Beat *b)
{
    const Core *core = b->r->core;
    TRY(process_register(cx, core->process, !core->options.manual, core->options.lease));
    for (size_t i = 0; i < b->nheld; i++) {
        Consumer *c = b->held[i];
        int64_t   changed;
        TRY(core_sql_consumer_renew(cx, str_from_cstr(c->reaction->name), core->process, c->fence,
                                    b->until, b->now, &changed));
        b->lost[i] = changed == 0;
    }
    return ST_OK;
}

/* Take everything from the processes that are gone; count those that deliver. */
static Status bury(Cx *cx, const Beat *b, size_t *ret_living)
{
    const Core     *core = b->r->core;
    size_t          living = 0;
    CoreProcessList list;
    TRY(core_sql_process_list(cx, PROCESSES_MAX, &list));
    for (size_t i = 0; i < list.n; i++) {
        const CoreProcess *p = &list.items[i];
        bool               self = p->id == core->process;
        if (!self && process_is_gone(cx, p, core->options.lease))
            TRY(process_bury(cx, p->id));
        else if (self || p->beats)
            living++;
    }
    *ret_living = living > 0 ? living : 1;
    return ST_OK;
}

static Status take_free(Cx *cx, Beat *b)
{
    size_t held = 0;
    for (size_t i = 0; i < b->nheld; i++)
        held += b->lost[i] ? 0 : 1;
    for (size_t i = 0; i < b->nfree && held + b->ntaken < b->share; i++) {
        Taken *t = &b->taken[b->ntaken];
        bool   found;
        TRY(core_sql_consumer_take(cx, str_from_cstr(b->free[i]->reaction->name),
                                   b->r->core->process, b->until, b->now, &found, &t->pos.xid,
                                   &t->pos.id, &t->fence));
        t->consumer = b->free[i];
        b->ntaken += found ? 1 : 0;
    }
    return ST_OK;
}

static Status beat_tx(Cx *cx, void *arg)
{
    Beat  *b = arg;
    size_t living = 1;
    b->ntaken = 0;
    TRY(renew(cx, b));
    TRY(bury(cx, b, &living));
    b->share = (b->r->ndurable + living - 1) / living;
    return take_free(cx, b);
}

static void list_consumers(Relay *r, Cx *cx, Beat *b)
{
    b->held = arena_array(cx->arena, Consumer *, r->ndurable + 1);
    b->free = arena_array(cx->arena, Consumer *, r->ndurable + 1);
    b->lost = arena_array(cx->arena, bool, r->ndurable + 1);
    b->taken = arena_array(cx->arena, Taken, r->ndurable + 1);
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        if (c->reaction->every_process)
            continue;
        if (c->held)
            b->held[b->nheld++] = c;
        else
            b->free[b->nfree++] = c;
    }
}

/* With the mutex held: what the beat brought about, in memory. */
static void apply(Relay *r, const Beat *b)
{
    size_t held = 0;
    for (size_t i = 0; i < b->nheld; i++) {
        Consumer *c = b->held[i];
        if (b->lost[i]) {
            consumer_clear(c);
            c->held = false;
        } else if (++held > b->share) {
            c->leaving = true; /* given back when it is idle */
        } else {
            c->leaving = false;
        }
    }
    for (size_t i = 0; i < b->ntaken; i++) {
        Consumer *c = b->taken[i].consumer;
        c->held = true;
        c->leaving = false;
        c->fence = b->taken[i].fence;
        c->read = c->saved = b->taken[i].pos;
        c->saved_at = core_now(r->core);
        c->idle_turn = 0;
    }
}

typedef struct Giving {
    Relay     *r;
    Consumer **list;
    size_t     n;
} Giving;

static Status give_tx(Cx *cx, void *arg)
{
    const Giving *g = arg;
    for (size_t i = 0; i < g->n; i++)
        TRY(core_sql_consumer_release(cx, str_from_cstr(g->list[i]->reaction->name),
                                      g->r->core->process, g->list[i]->fence, NULL));
    return ST_OK;
}

static Status give_back(Relay *r, Cx *cx, bool all)
{
    Giving g = {.r = r};
    g.list = arena_array(cx->arena, Consumer *, r->ndurable + 1);
    pthread_mutex_lock(&r->mutex);
    for (size_t i = 0; i < r->n; i++) {
        Consumer *c = &r->consumers[i];
        bool      idle = c->running == 0 && c->window.n == 0 && c->changed == 0;
        if (c->held && !c->reaction->every_process && (all || (c->leaving && idle))) {
            g.list[g.n++] = c;
            c->leaving = true; /* it gets nothing until that is written */
        }
    }
    pthread_mutex_unlock(&r->mutex);
    if (g.n == 0)
        return ST_OK;
    TRY(cx_in_tx_relaxed(cx, give_tx, &g));
    pthread_mutex_lock(&r->mutex);
    for (size_t i = 0; i < g.n; i++) {
        consumer_clear(g.list[i]);
        g.list[i]->held = g.list[i]->leaving = false;
    }
    pthread_mutex_unlock(&r->mutex);
    return ST_OK;
}

Status relay_beat(Relay *r, Cx *cx)
{
    Beat b = {.r = r, .now = clock_now()};
    b.until = unix_ms_add(b.now, r->core->options.lease);
    pthread_mutex_lock(&r->mutex);
    list_consumers(r, cx, &b);
    pthread_mutex_unlock(&r->mutex);
    TRY(cx_in_tx_relaxed(cx, beat_tx, &b));
    pthread_mutex_lock(&r->mutex);
    apply(r, &b);
    pthread_mutex_unlock(&r->mutex);
    return give_back(r, cx, false);
}

static Status leave_tx(Cx *cx, void *arg)
{
    return core_sql_process_delete(cx, ((const Core *)arg)->process, NULL);
}

Status relay_release(Relay *r, Cx *cx)
{
    TRY(give_back(r, cx, true));
    return cx_in_tx_relaxed(cx, leave_tx, r->core);
}
