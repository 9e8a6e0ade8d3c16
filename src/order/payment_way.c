/* Which ways to pay there are, for a cart. */
#include "order/payment_int.h"
#include "text/messages.h"

/* In the order shown. */
static const PaymentProvider *const PROVIDERS[] = {&payment_stripe, &payment_bank, &payment_cash,
                                                   &payment_shop, &payment_test};

const PaymentProvider *payment_provider(Str key)
{
    for (size_t i = 0; i < COUNT_OF(PROVIDERS); i++)
        if (str_eq(key, str_from_cstr(PROVIDERS[i]->key)))
            return PROVIDERS[i];
    return NULL;
}

static Status offer(Cx *cx, const PaymentProvider *p, const PaymentWayAsk *ask, bool *ret_on,
                    PaymentWay *ret)
{
    PaymentWay way = {.provider = str_from_cstr(p->key),
                      .flow = p->flow,
                      .can_save = (p->can & PAYMENT_CAN_SAVE) != 0,
                      .hint = STR(""),
                      .fields = STR("[]")};
    *ret_on = false;
    TRY(p->offer(cx, ask, ret_on, &way));
    if (!*ret_on)
        return ST_OK;
    way.name = message(cx->arena, cx->lang, p->name_key, MSG_NONE);
    if (p->hint_key != NULL)
        way.hint = message(cx->arena, cx->lang, p->hint_key, MSG_NONE);
    *ret = way;
    return ST_OK;
}

Status payment_ways(Cx *cx, const PaymentWayAsk *ask, PaymentWayList *ret)
{
    PaymentWayList list = {.items = arena_array(cx->arena, PaymentWay, COUNT_OF(PROVIDERS))};
    for (size_t i = 0; i < COUNT_OF(PROVIDERS); i++) {
        bool on;
        TRY(offer(cx, PROVIDERS[i], ask, &on, &list.items[list.n]));
        list.n += on ? 1 : 0;
    }
    *ret = list;
    return ST_OK;
}

Status payment_way(Cx *cx, const PaymentWayAsk *ask, Str provider, PaymentWay *ret)
{
    const PaymentProvider *p = payment_provider(provider);
    bool                   on = false;
    if (p != NULL)
        TRY(offer(cx, p, ask, &on, ret));
    if (!on)
        return cx_fail(cx, ST_INVALID, "payment.no_provider", "this way to pay is not to be had");
    return ST_OK;
}

const char *payment_hook_header(Str provider)
{
    const PaymentProvider *p = payment_provider(provider);
    return p != NULL ? p->hook_header : NULL;
}
