/* What shoppers read of promotions: why a code does not apply, what is missing for more. */
#include "order/totals.h"

#include "order/promotion.h"
#include "text/messages.h"

static const char *const REFUSALS[] = {
    [REFUSED_UNKNOWN] = "order.code.unknown_code",
    [REFUSED_INACTIVE] = "order.code.inactive",
    [REFUSED_NOT_STARTED] = "order.code.not_started",
    [REFUSED_EXPIRED] = "order.code.expired",
    [REFUSED_USED_UP] = "order.code.used_up",
    [REFUSED_USED_BY_YOU] = "order.code.used_by_you",
    [REFUSED_BUDGET_SPENT] = "order.code.budget_spent",
    [REFUSED_CURRENCY] = "order.code.other_currency",
    [REFUSED_MIN_AMOUNT] = "order.code.min_amount",
    [REFUSED_MIN_QTY] = "order.code.min_qty",
    [REFUSED_NO_ITEMS] = "order.code.no_items",
    [REFUSED_NOT_CUSTOMER] = "order.code.not_for_you",
    [REFUSED_NOT_FIRST_ORDER] = "order.code.not_first_order",
    [REFUSED_NOT_MARKET] = "order.code.not_this_market",
    [REFUSED_NOT_NOW] = "order.code.not_now",
    [REFUSED_NOT_CART] = "order.code.not_this_cart",
    [REFUSED_NO_DELIVERY] = "order.code.no_delivery",
    [REFUSED_BETTER_APPLIES] = "order.code.better_applies",
    [REFUSED_EXCLUDED] = "order.code.excluded",
    [REFUSED_NOTHING_LEFT] = "order.code.nothing_left",
    [REFUSED_TOO_MANY] = "order.code.too_many_codes",
};
_Static_assert(COUNT_OF(REFUSALS) == REFUSED_KINDS, "a text for each reason");

Str totals_refusal_text(Arena *a, Lang lang, const TotalsCode *code, const char *time_zone)
{
    if (code->reason <= REFUSED_NOT || code->reason >= REFUSED_KINDS)
        return STR("");
    return message(a, lang, REFUSALS[code->reason], msg_s("code", code->code),
                   msg_m("amount", code->missing_amount), msg_i("n", code->missing_qty),
                   msg_t("at", code->at.v, time_zone));
}

/* The reward in words: "free delivery", "10% off"; else the promotion's own title. */
static Str reward(Arena *a, Lang lang, const TotalsHint *h)
{
    if (h->kind == PROMOTION_DELIVERY && h->reward_ppm == TOTALS_PPM)
        return message(a, lang, "order.hint.free_delivery", MSG_NONE);
    return h->title;
}

Str totals_hint_text(Arena *a, Lang lang, const TotalsHint *h)
{
    Str what = reward(a, lang, h);
    if (!money_absent(h->missing_amount))
        return message(a, lang, "order.hint.spend_more", msg_m("amount", h->missing_amount),
                       msg_s("reward", what));
    return message(a, lang, "order.hint.add_more", msg_i("n", h->missing_qty),
                   msg_s("reward", what));
}
