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

static Status used_up(Cx *cx, const TotalsApplied *ap)
{
    return cx_fail(cx, ST_CONFLICT, "order.promotion_used_up",
                   "\"" STR_FMT "\" cannot be used as often any more", STR_ARG(ap->title));
}

static Status use_one(Cx *cx, int64_t order_id, Str buyer, const TotalsApplied *ap)
{
    OrderPromotionRow    p;
    int64_t              n, amount = -ap->amount.minor;
    Str                  currency = str_dup(cx->arena, str_from_cstr(ap->amount.cur));
    OrderPromotionUseRow row = {.order_id = order_id,
                                .promotion_id = ap->promotion_id,
                                .code_id = ap->code_id,
                                .buyer = buyer,
                                .amount = amount,
                                .currency = currency,
                                .at_ms = cx->now};
    TRY(order_sql_promotion_get(cx, ap->promotion_id, &p));
    if (!p.limit_per_customer.has)
        row.buyer = STR("");
    TRY(order_sql_use_add(cx, &row, &n));
    if (n == 0) /* counted already */
        return ST_OK;
    if (p.limit_total.has || p.budget_currency.len > 0) {
        TRY(order_sql_promotion_take(cx, ap->promotion_id, amount, currency, &n));
        if (n == 0)
            return used_up(cx, ap);
    }
    if (ap->code_id.has) {
        TRY(order_sql_code_take(cx, ap->code_id.v, &n));
        if (n == 0)
            return used_up(cx, ap);
    }
    if (row.buyer.len == 0)
        return ST_OK;
    TRY(order_sql_buyer_take(cx, ap->promotion_id, row.buyer, p.limit_per_customer.v, &n));
    return n > 0 ? ST_OK : used_up(cx, ap);
}

Status promotion_use(Cx *cx, int64_t order_id, Str buyer, const OrderTotals *totals)
{
    ASSERT(cx->tx_depth > 0);
    for (size_t i = 0; i < totals->applied.n; i++)
        TRY(use_one(cx, order_id, buyer, &totals->applied.items[i]));
    return ST_OK;
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
