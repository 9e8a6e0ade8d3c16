/* Codes: one by one, or many at random. */
#include <string.h>

#include "base/id.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "catalog/product.h"
#include "order/pricing_int.h"
#include "text/text.h"

enum { TRIES = 20, RANDOM_LENGTH = 8 };

/* Case and what people put between the parts of a code do not matter. */
Str order_code_key(Arena *a, Str code)
{
    Str    folded = text_fold(a, code);
    char  *key = arena_alloc(a, folded.len + 1, 1);
    size_t n = 0;
    for (size_t i = 0; i < folded.len; i++)
        if (folded.ptr[i] != ' ' && folded.ptr[i] != '-' && folded.ptr[i] != '_')
            key[n++] = folded.ptr[i];
    return n <= (size_t)PROMOTION_CODE_MAX * 4 ? (Str){key, n} : (Str){0};
}

static OrderCode from_row(const OrderCodeRow *r)
{
    return (OrderCode){
        .id = r->id,
        .promotion_id = r->promotion_id,
        .code = r->code,
        .active = r->active,
        .limit_total = r->limit_total,
        .used = r->used,
        .batch = r->batch,
        .created_at = r->created_ms,
    };
}

Status order_codes(Cx *cx, int64_t promotion_id, Str batch, int64_t after, int64_t max,
                   OrderCodes *ret)
{
    OrderCodeRowList rows;
    OrderPromotion   p;
    TRY(order_promotion_get(cx, promotion_id, &p));
    TRY(order_sql_codes_after(cx, promotion_id, batch, after, max, &rows));
    ret->items = arena_array(cx->arena, OrderCode, rows.n + 1);
    for (ret->n = 0; ret->n < rows.n; ret->n++)
        ret->items[ret->n] = from_row(&rows.items[ret->n]);
    return ST_OK;
}

/* --- one ---------------------------------------------------------------------------------- */

static Status add(Cx *cx, OrderCode *c, bool *ret_added)
{
    int64_t      n;
    OrderCodeRow row = {
        .id = c->id,
        .promotion_id = c->promotion_id,
        .code = c->code,
        .code_key = order_code_key(cx->arena, c->code),
        .active = c->active,
        .limit_total = c->limit_total,
        .batch = c->batch.ptr ? c->batch : STR(""),
        .created_ms = c->created_at,
    };
    TRY(order_sql_code_add(cx, &row, &n));
    *ret_added = n > 0;
    return ST_OK;
}

static Status create_tx(Cx *cx, void *arg)
{
    OrderCode     *c = arg;
    OrderPromotion p;
    bool           added;
    cx->issues.n = cx->issues.total = 0;
    TRY(order_promotion_get(cx, c->promotion_id, &p));
    if (order_code_key(cx->arena, c->code).len == 0)
        issue_add(&cx->issues, STR("/code"), "too_short", "has no letter and no digit");
    TRY(cx_check_issues(cx));
    TRY(add(cx, c, &added));
    if (!added)
        return cx_fail(cx, ST_CONFLICT, "order.code_taken", "this code is there already");
    TRY(order_sql_promotion_codes_add(cx, c->promotion_id, 1, NULL));
    return audit_add(cx, "order.code", c->id, "create", &order_code_shape, NULL, c);
}

Status order_code_create(Cx *cx, OrderCode *c)
{
    OrderCode job = *c;
    if (!SHAPE_GIVEN(&order_code_shape, OrderCode, c, active))
        job.active = true;
    job.id = id_new();
    job.batch = STR("");
    job.created_at = cx->now;
    TRY(cx_in_tx(cx, create_tx, &job));
    *c = job;
    return ST_OK;
}

typedef struct CodeChange {
    int64_t   id;
    OrderCode in, out;
} CodeChange;

static Status update_tx(Cx *cx, void *arg)
{
    CodeChange  *job = arg;
    OrderCodeRow row;
    cx->issues.n = cx->issues.total = 0;
    TRY(order_sql_code_get(cx, job->id, &row));
    OrderCode was = from_row(&row), *c = &job->out;
    *c = job->in;
    catalog_keep(&order_code_shape, c, &was);
    if (!str_eq(c->code, was.code))
        issue_add(&cx->issues, STR("/code"), "read_only", "stays: make another one");
    if (c->limit_total.has && c->limit_total.v < was.used)
        issue_add(&cx->issues, STR("/limit_total"), "out_of_range",
                  "is less than the orders that used it");
    TRY(cx_check_issues(cx));
    bool   active = c->active;
    OptI64 limit = c->limit_total;
    *c = was;
    c->active = active;
    c->limit_total = limit;
    TRY(order_sql_code_set(cx, job->id, active, limit, NULL));
    return audit_add(cx, "order.code", job->id, "update", &order_code_shape, &was, c);
}

Status order_code_update(Cx *cx, int64_t id, OrderCode *c)
{
    CodeChange job = {.id = id, .in = *c};
    TRY(cx_in_tx(cx, update_tx, &job));
    *c = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    const int64_t *id = arg;
    OrderCodeRow   row;
    TRY(order_sql_code_get(cx, *id, &row));
    OrderCode was = from_row(&row);
    TRY(order_sql_code_drop(cx, *id, NULL));
    TRY(order_sql_promotion_codes_add(cx, was.promotion_id, -1, NULL));
    return audit_add(cx, "order.code", *id, "delete", &order_code_shape, &was, NULL);
}

Status order_code_delete(Cx *cx, int64_t id)
{
    return cx_in_tx(cx, delete_tx, &id);
}

/* --- many --------------------------------------------------------------------------------- */

typedef struct Bulk {
    int64_t              promotion_id;
    const OrderCodeBulk *in;
    int64_t              length;
    OrderCodes           out;
} Bulk;

/* 31 characters: no I, L, O, U, and no 0 and 1, so that nobody reads one for another. */
static Str random_code(Arena *a, Str prefix, int64_t length)
{
    static const char ALPHABET[] = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
    char             *z = arena_alloc(a, prefix.len + (size_t)length + 1, 1);
    if (prefix.len > 0)
        memcpy(z, prefix.ptr, prefix.len);
    for (int64_t i = 0; i < length; i++) {
        uint64_t limit = UINT64_MAX - UINT64_MAX % (sizeof ALPHABET - 1), v;
        do
            v = rng_u64();
        while (v >= limit);
        z[prefix.len + (size_t)i] = ALPHABET[v % (sizeof ALPHABET - 1)];
    }
    return (Str){z, prefix.len + (size_t)length};
}

static Status make_tx(Cx *cx, void *arg)
{
    Bulk          *job = arg;
    OrderPromotion p;
    TRY(order_promotion_get(cx, job->promotion_id, &p));
    job->out = (OrderCodes){arena_array(cx->arena, OrderCode, (size_t)job->in->n), 0};
    for (int64_t tries = 0; (int64_t)job->out.n < job->in->n; tries++) {
        bool      added;
        OrderCode c = {.id = id_new(),
                       .promotion_id = job->promotion_id,
                       .code = random_code(cx->arena, job->in->prefix, job->length),
                       .active = true,
                       .limit_total = job->in->limit_total,
                       .batch = job->in->batch,
                       .created_at = cx->now};
        if (tries > job->in->n + TRIES)
            return cx_fail(cx, ST_CONFLICT, "order.code_taken",
                           "too many codes of this length are taken: make them longer");
        TRY(add(cx, &c, &added));
        if (added)
            job->out.items[job->out.n++] = c;
    }
    TRY(order_sql_promotion_codes_add(cx, job->promotion_id, job->in->n, NULL));
    return audit_add(cx, "order.promotion", job->promotion_id, "make_codes", &order_code_bulk_shape,
                     NULL, job->in);
}

Status order_codes_make(Cx *cx, int64_t promotion_id, const OrderCodeBulk *bulk, OrderCodes *ret)
{
    Bulk job = {.promotion_id = promotion_id,
                .in = bulk,
                .length = bulk->length ? bulk->length : RANDOM_LENGTH};
    if (bulk->n < 1 || bulk->n > PROMOTION_BULK_MAX || bulk->length > 20)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "1 to %d codes", PROMOTION_BULK_MAX);
    TRY(cx_in_tx(cx, make_tx, &job));
    *ret = job.out;
    return ST_OK;
}
