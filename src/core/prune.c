/* prune.c - what has had its time is deleted, in small transactions, every five minutes.
 * The lists of what is kept for how long: README.md. */
#include "core/core_int.h"

#include "base/id.h"

enum {
    BATCH = 1000,
    ROUNDS = 500,          /* of one table at one go */
    DONE_ROWS = 200 * 1000 /* finished jobs kept at most */
};

static const SpanMs KEEP_DONE = {3LL * 24 * 3600 * 1000};
static const SpanMs KEEP_DEAD = {90LL * 24 * 3600 * 1000};
static const SpanMs KEEP_PARKED = {90LL * 24 * 3600 * 1000};
static const SpanMs KEEP_REPLIES = {25LL * 3600 * 1000};
static const SpanMs KEEP_CONSUMERS = {30LL * 24 * 3600 * 1000};
static const SpanMs ABANDONED = {7LL * 24 * 3600 * 1000}; /* reactions that no program has */

typedef Status PruneFn(Cx *cx, UnixMs before, int64_t *ret_deleted);

typedef struct Prune {
    PruneFn *fn;
    UnixMs   before;
    int64_t  deleted;
} Prune;

static Status prune_tx(Cx *cx, void *arg)
{
    Prune *p = arg;
    return p->fn(cx, p->before, &p->deleted);
}

static Status prune(Cx *cx, PruneFn *fn, SpanMs keep)
{
    Prune p = {.fn = fn, .before = {cx->now.v - keep.v}, .deleted = BATCH};
    for (int i = 0; i < ROUNDS && p.deleted >= BATCH; i++) {
        if (cx->core != NULL && core_stopping(cx->core))
            return cx_fail(cx, ST_BUSY, "core.stopping", "the process ends");
        TRY(cx_in_tx_relaxed(cx, prune_tx, &p));
    }
    return ST_OK;
}

/* --- events -------------------------------------------------------------------------------------
 */

/* Up to where every reaction that is alive has come. */
static Status settled_by_all(Cx *cx, bool *ret_any, Pos *ret)
{
    CoreConsumerRowList list;
    TRY(core_sql_consumer_list(cx, 10000, &list));
    *ret = (Pos){INT64_MAX, INT64_MAX};
    *ret_any = false;
    for (size_t i = 0; i < list.n; i++) {
        const CoreConsumerRow *c = &list.items[i];
        Pos                    pos = {c->xid, c->event_id};
        if (c->seen_ms.v < cx->now.v - ABANDONED.v)
            continue;
        *ret_any = true;
        if (pos_before(pos, *ret))
            *ret = pos;
    }
    return ST_OK;
}

static Status prune_events(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    Pos              low;
    bool             any;
    CoreEventAgeList list;
    Pos              last = {0};
    size_t           n = 0;
    *ret_deleted = 0;
    TRY(settled_by_all(cx, &any, &low));
    if (!any) /* no reactions at all: age alone decides */
        TRY(core_sql_event_end(cx, &low.xid, &low.id));
    TRY(core_sql_event_oldest(cx, low.xid, low.id, BATCH, &list));
    for (; n < list.n && list.items[n].at_ms.v < before.v; n++)
        last = (Pos){list.items[n].xid, list.items[n].id};
    return n == 0 ? ST_OK : core_sql_event_prune(cx, last.xid, last.id, ret_deleted);
}

/* --- the others ----------------------------------------------------------------------------------
 */

static Status prune_done(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    CoreJobTimeList newest;
    TRY(core_sql_job_finished_at(cx, 3, DONE_ROWS, 1, &newest));
    if (newest.n > 0 && newest.items[0].run_at_ms.v > before.v)
        before = newest.items[0].run_at_ms;
    return core_sql_job_prune(cx, 3, before, BATCH, ret_deleted);
}

static Status prune_dead(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    return core_sql_job_prune(cx, 4, before, BATCH, ret_deleted);
}

static Status prune_parked(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    return core_sql_parked_prune(cx, id_at(before), before, BATCH, ret_deleted);
}

static Status prune_replies(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    return core_sql_idempotency_prune(cx, before, BATCH, ret_deleted);
}

static Status prune_consumers(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    return core_sql_consumer_forget(cx, before, ret_deleted);
}

Status core_prune(Cx *cx)
{
    SpanMs keep_events = cx->core->options.event_keep;
    TRY(prune(cx, prune_events, keep_events));
    TRY(prune(cx, prune_done, KEEP_DONE));
    TRY(prune(cx, prune_dead, KEEP_DEAD));
    TRY(prune(cx, prune_parked, KEEP_PARKED));
    TRY(prune(cx, prune_replies, KEEP_REPLIES));
    return prune(cx, prune_consumers, KEEP_CONSUMERS);
}
