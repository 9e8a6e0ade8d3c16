#include "core/idempotency.h"

#include "core/core_int.h"

enum { RUNNING, ACTED }; /* status of a claim; any other is the reply's */

static const SpanMs LAPSE = {2 * 60 * 1000};
static const SpanMs LEASE = {15 * 1000}; /* of a process on another machine */

typedef struct Claim {
    Str              scope, key, print;
    IdempotencyClaim result;
    IdempotencyReply reply;
} Claim;

static int64_t own_process(const Cx *cx)
{
    return cx->core != NULL ? cx->core->process : 0;
}

/* Is whoever claimed it still at it? */
static Status still_runs(Cx *cx, const CoreIdempotencyRow *row, bool *ret)
{
    bool        known;
    CoreProcess process;
    *ret = row->claimed_ms.v > cx->now.v - LAPSE.v;
    if (!*ret || row->process == 0 || row->process == own_process(cx))
        return ST_OK;
    TRY(core_sql_process_get(cx, row->process, &known, &process));
    *ret = known && !process_is_gone(cx, &process, LEASE);
    return ST_OK;
}

static Status claim_taken(Cx *cx, Claim *c)
{
    CoreIdempotencyRow row;
    bool               found, runs;
    int64_t            changed;
    TRY(core_sql_idempotency_get(cx, c->scope, c->key, &found, &row));
    if (!found)
        return cx_fail(cx, ST_BUSY, "db.busy", "a claim went the moment it was looked at");
    if (!str_eq(row.print, c->print)) {
        c->result = IDEMPOTENCY_OTHER;
        return ST_OK;
    }
    if (row.status > ACTED) {
        c->result = IDEMPOTENCY_REPLY;
        c->reply = (IdempotencyReply){(int)row.status, row.type, row.location, row.etag, row.body};
        return ST_OK;
    }
    TRY(still_runs(cx, &row, &runs));
    c->result = runs                  ? IDEMPOTENCY_RUNNING
                : row.status == ACTED ? IDEMPOTENCY_LOST
                                      : IDEMPOTENCY_NEW;
    if (c->result != IDEMPOTENCY_NEW)
        return ST_OK;
    TRY(core_sql_idempotency_take_over(cx, c->scope, c->key, row.claimed_ms, own_process(cx),
                                       cx->now, &changed));
    if (changed == 0)
        c->result = IDEMPOTENCY_RUNNING;
    return ST_OK;
}

static Status claim_tx(Cx *cx, void *arg)
{
    Claim  *c = arg;
    int64_t added;
    TRY(core_sql_idempotency_claim(cx, c->scope, c->key, c->print, own_process(cx), cx->now,
                                   &added));
    c->result = IDEMPOTENCY_NEW;
    return added == 1 ? ST_OK : claim_taken(cx, c);
}

Status idempotency_claim(Cx *cx, Str scope, Str key, Str print, IdempotencyClaim *ret,
                         IdempotencyReply *ret_reply)
{
    Claim c = {.scope = scope, .key = key, .print = print};
    TRY(cx_in_tx(cx, claim_tx, &c));
    *ret = c.result;
    if (c.result == IDEMPOTENCY_REPLY)
        *ret_reply = c.reply;
    return ST_OK;
}

typedef struct Keep {
    Str                     scope, key;
    const IdempotencyReply *reply;
} Keep;

static Status act_tx(Cx *cx, void *arg)
{
    const Keep *k = arg;
    int64_t     changed;
    TRY(core_sql_idempotency_act(cx, k->scope, k->key, own_process(cx), cx->now, &changed));
    if (changed == 0)
        return cx_fail(cx, ST_CONFLICT, "core.claim_lost",
                       "another request has taken over; nothing was changed");
    return ST_OK;
}

Status idempotency_act(Cx *cx, Str scope, Str key)
{
    Keep k = {scope, key, NULL};
    return cx_in_tx(cx, act_tx, &k);
}

static Status keep_tx(Cx *cx, void *arg)
{
    const Keep               *k = arg;
    const IdempotencyReply   *r = k->reply;
    const CoreIdempotencyKeep row = {.scope = k->scope,
                                     .key = k->key,
                                     .process = own_process(cx),
                                     .claimed = cx->now,
                                     .status = r->status,
                                     .type = r->type,
                                     .location = r->location,
                                     .etag = r->etag,
                                     .body = r->body};
    return core_sql_idempotency_keep(cx, &row, NULL);
}

Status idempotency_keep(Cx *cx, Str scope, Str key, const IdempotencyReply *reply)
{
    ASSERT(reply->status > ACTED);
    Keep k = {scope, key, reply};
    return cx_in_tx(cx, keep_tx, &k);
}

static Status drop_tx(Cx *cx, void *arg)
{
    const Keep *k = arg;
    return core_sql_idempotency_drop(cx, k->scope, k->key, own_process(cx), cx->now, NULL);
}

Status idempotency_drop(Cx *cx, Str scope, Str key)
{
    Keep k = {scope, key, NULL};
    return cx_in_tx(cx, drop_tx, &k);
}
