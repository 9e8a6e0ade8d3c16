/* Counting what orders use of promotions: limits, budgets, and giving back. */
#include <sodium.h>
#include <string.h>

#include "base/codec.h"
#include "order/pricing_int.h"
#include "text/text.h"

Str promotion_buyer(Arena *a, int64_t customer_id, Str email)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64);
    if (customer_id != 0) {
        buf_addf(&b, "c%lld", (long long)customer_id);
        return str_dup(a, buf_str(&b));
    }
    email = text_fold(a, str_trim(email));
    if (email.len == 0)
        return STR("");
    unsigned char hash[16];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)email.ptr, email.len, NULL, 0);
    buf_addf(&b, "m");
    for (size_t i = 0; i < sizeof hash; i++)
        buf_addf(&b, "%02x", hash[i]);
    return str_dup(a, buf_str(&b));
}

/* What one promotion took of its limits so far. */
typedef struct Taken {
    bool promotion, code, buyer;
} Taken;

/* *ret_enough: its limits allowed it. */
static Status take(Cx *cx, const OrderPromotionRow *p, const OrderPromotionUseRow *u, Taken *taken,
                   bool *ret_enough)
{
    int64_t n;
    *ret_enough = false;
    if (p->limit_total.has || p->budget_currency.len > 0) {
        TRY(order_sql_promotion_take(cx, u->promotion_id, u->amount, u->currency, &n));
        if (n == 0)
            return ST_OK;
        taken->promotion = true;
    }
    if (u->code_id.has) {
        TRY(order_sql_code_take(cx, u->code_id.v, &n));
        if (n == 0)
            return ST_OK;
        taken->code = true;
    }
    if (u->buyer.len > 0) {
        TRY(order_sql_buyer_take(cx, u->promotion_id, u->buyer, p->limit_per_customer.v, &n));
        if (n == 0)
            return ST_OK;
        taken->buyer = true;
    }
    *ret_enough = true;
    return ST_OK;
}

static Status put_back(Cx *cx, const OrderPromotionUseRow *u, Taken taken)
{
    if (taken.promotion)
        TRY(order_sql_promotion_give(cx, u->promotion_id, u->amount, u->currency, NULL));
    if (taken.code)
        TRY(order_sql_code_give(cx, u->code_id.v, NULL));
    if (taken.buyer)
        TRY(order_sql_buyer_give(cx, u->promotion_id, u->buyer, NULL));
    return ST_OK;
}

/* Counted, or not at all: the caller may go on with the order all the same. */
static Status use_one(Cx *cx, int64_t order_id, Str buyer, const TotalsApplied *ap,
                      bool *ret_enough)
{
    OrderPromotionRow    p;
    Taken                taken = {0};
    int64_t              n;
    OrderPromotionUseRow row = {.order_id = order_id,
                                .promotion_id = ap->promotion_id,
                                .code_id = ap->code_id,
                                .buyer = buyer,
                                .amount = -ap->amount.minor,
                                .currency = str_dup(cx->arena, str_from_cstr(ap->amount.cur)),
                                .at_ms = cx->now};
    *ret_enough = true;
    Status st = order_sql_promotion_get(cx, ap->promotion_id, &p);
    if (st == ST_NOT_FOUND) { /* deleted since the cart was priced: the order keeps it */
        cx->err = (Err){0};
        return ST_OK;
    }
    TRY(st);
    if (!p.limit_per_customer.has)
        row.buyer = STR("");
    TRY(order_sql_use_add(cx, &row, &n));
    if (n == 0) /* counted already */
        return ST_OK;
    TRY(take(cx, &p, &row, &taken, ret_enough));
    if (*ret_enough)
        return ST_OK;
    TRY(put_back(cx, &row, taken));
    return order_sql_use_drop(cx, order_id, ap->promotion_id, NULL);
}

Status promotion_use(Cx *cx, int64_t order_id, Str buyer, const OrderTotals *totals)
{
    ASSERT(cx->tx_depth > 0);
    const TotalsApplied *over = NULL;
    for (size_t i = 0; i < totals->applied.n; i++) {
        bool enough;
        TRY(use_one(cx, order_id, buyer, &totals->applied.items[i], &enough));
        if (!enough && over == NULL)
            over = &totals->applied.items[i];
    }
    if (over == NULL)
        return ST_OK;
    return cx_fail(cx, ST_CONFLICT, "order.promotion_used_up",
                   "\"" STR_FMT "\" cannot be used as often any more", STR_ARG(over->title));
}

Status promotion_give_back(Cx *cx, int64_t order_id)
{
    ASSERT(cx->tx_depth > 0);
    OrderPromotionUseRowList uses;
    TRY(order_sql_uses_of(cx, order_id, &uses));
    for (size_t i = 0; i < uses.n; i++) {
        const OrderPromotionUseRow *u = &uses.items[i];
        TRY(order_sql_promotion_give(cx, u->promotion_id, u->amount, u->currency, NULL));
        if (u->code_id.has)
            TRY(order_sql_code_give(cx, u->code_id.v, NULL));
        if (u->buyer.len > 0)
            TRY(order_sql_buyer_give(cx, u->promotion_id, u->buyer, NULL));
    }
    return uses.n > 0 ? order_sql_uses_give(cx, order_id, NULL) : ST_OK;
}
