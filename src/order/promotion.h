/* promotion.h - promotions: what staff write down, the form that totals use, codes, counting.
 *
 * Kinds
 *   percent   `percent_ppm` off; items: of each matching piece, order: of their sum
 *   fixed     `amounts` off; items: each matching piece, order: once, shared among them
 *   delivery  `percent_ppm` off delivery (all of it when 0), of `delivery_methods` only
 *   buy_get   of `get_qty` pieces of `rewards` for each `buy_qty` pieces of `buys`, at most `times`
 *             times: `percent_ppm` off (100 % when 0)
 *   cheapest  of each `buy_qty` pieces of `buys` the `get_qty` cheapest: "3 for 2" is 3 and 1
 *   gift      `gift_qty` pieces of `gift_variant` for nothing
 *   bundle    `buy_qty` pieces of `buys`, or one of each of `parts`, together for `amounts`
 *
 * `rewards` says which items are reduced; `buys` which ones count for min_amounts and min_qty, and
 * what must be bought. A selection that is empty is every item; `buys` that is empty is `rewards`.
 * Where pieces can be chosen, the choice is the best for the customer: groups are made from
 * the dearest downwards, and within each group the cheapest pieces are the reward.
 *
 * Conditions are JSON (src/condition) on facts; every member of the object must hold:
 *   cart.      subtotal (minor units, before discounts), qty, lines, weight_g, currency,
 * products[], variants[], collections[], tags[], vendors[], types[], codes[], channel, market,
 *              country, region, postal
 *   customer.  id, signed_in, groups[], company, orders, first_order
 *   time.      weekday (1 Monday … 7), hour (0-23), minute (of the day), date ("2026-11-27"),
 *              day, month; in the shop's time zone
 *
 * stack_group: "" stands for a group by kind: "items" (percent, fixed, buy_get, cheapest, bundle
 * on items), "order" (percent and fixed on the order), "delivery"; gifts and promotions of a
 * group "+" compete with none. What groups do: totals.h.
 *
 * Codes are compared without regard to case and to spaces and hyphens around and between.
 *
 * Codes of errors: order.no_promotion, order.no_code, order.code_taken, order.stale,
 * order.promotion_used_up, order.promotion_has_uses. */
#pragma once

#include "core/cx.h"
#include "order/texts.h"
#include "order/totals.h"

#define ORDER_PROMOTION_ID "prm"
#define ORDER_CODE_ID      "pcd"

enum {
    PROMOTIONS_MAX = 1000, /* that are not archived */
    PROMOTION_IDS_MAX = 1000,
    PROMOTION_TEXTS_MAX = 250,
    PROMOTION_PARTS_MAX = 10,
    PROMOTION_AMOUNTS_MAX = 50,
    PROMOTION_CODE_MAX = 64,   /* characters */
    PROMOTION_BULK_MAX = 10000 /* codes of one call */
};

typedef enum PromotionKind {
    PROMOTION_PERCENT,
    PROMOTION_FIXED,
    PROMOTION_DELIVERY,
    PROMOTION_BUY_GET,
    PROMOTION_CHEAPEST,
    PROMOTION_GIFT,
    PROMOTION_BUNDLE
} PromotionKind;
extern const char *const promotion_kind_names[];

typedef enum PromotionTarget { PROMOTION_ITEMS, PROMOTION_ORDER } PromotionTarget;
extern const char *const promotion_target_names[];

typedef TOTALS_LIST(int64_t) PromotionIds;
typedef TOTALS_LIST(Str) PromotionTexts;
typedef TOTALS_LIST(Money) PromotionAmounts; /* one for each currency */

/* Items that one of the lists names, and that none of the not_ lists names. */
typedef struct PromotionSelection {
    PromotionIds   products, variants, collections;
    PromotionTexts tags, vendors, types;
    PromotionIds   not_products, not_collections;
    PromotionTexts not_tags;
    bool           not_reduced; /* leave out what has a higher compare_at */
} PromotionSelection;

typedef struct PromotionPart {
    PromotionSelection items;
    int64_t            qty;
} PromotionPart;

typedef struct OrderPromotion {
    uint64_t           given;
    int64_t            id;
    Str                title;        /* as shoppers read it */
    OrderTranslations  translations; /* of it: titles */
    Str                note;         /* for staff */
    int                kind;         /* PromotionKind */
    int                target;       /* PromotionTarget: percent and fixed */
    bool               active;
    bool               automatic; /* false: only with one of its codes */
    int64_t            priority;  /* highest first */
    Str                stack_group;
    bool               exclusive;
    OptTime            starts_at, ends_at;
    Str                conditions; /* JSON; absent: none */
    int64_t            percent_ppm;
    PromotionAmounts   amounts;
    PromotionAmounts   max_discounts; /* never more than this */
    PromotionSelection buys, rewards;
    int64_t            buy_qty, get_qty;
    int64_t            times; /* sets in one order; 0: any number */
    TOTALS_LIST(PromotionPart) parts;
    PromotionAmounts min_amounts; /* of `buys`, before discounts */
    int64_t          min_qty;
    OptI64           gift_variant;
    int64_t          gift_qty;
    PromotionIds     delivery_methods;                /* none: all */
    OptI64           limit_total, limit_per_customer; /* orders */
    Money            budget;      /* absent: none. Sum of its discounts, in this currency alone */
    int64_t          used;        /* orders */
    Money            used_amount; /* sum of discounts, in the budget's currency */
    int64_t          codes;       /* how many it has */
    int64_t          rev;
    UnixMs           created_at, updated_at;
} OrderPromotion;

typedef TOTALS_LIST(OrderPromotion) OrderPromotions;

extern const Shape order_promotion_shape;

/* --- the form that totals use ------------------------------------------------------------- */

/* Compile a promotion that has been checked; it and what hangs on it must live as long as the
 * result. ST_INVALID "condition.bad" …; the fields of conditions are known ones, or
 * "order.unknown_fact". Pure. */
NODISCARD Status promotion_compile(Arena *a, const OrderPromotion *p, const PromotionRule **ret,
                                   Err *err);
const OrderPromotion *promotion_of(const PromotionRule *rule);

/* --- writing ------------------------------------------------------------------------------ */

NODISCARD Status order_promotion_get(Cx *cx, int64_t id, OrderPromotion *ret);
/* At most `max` with id < `before` (0: all), newest first. */
NODISCARD Status order_promotions(Cx *cx, int64_t before, int64_t max, OrderPromotions *ret);
/* What it is called in `locale` now; `was` when it is gone. */
Str              order_promotion_title(Cx *cx, int64_t id, Str locale, Str was);
NODISCARD Status order_promotion_create(Cx *cx, OrderPromotion *p);
NODISCARD Status order_promotion_update(Cx *cx, int64_t id, int64_t rev, OrderPromotion *p);
/* ST_CONFLICT "order.promotion_has_uses" when orders used it: switch it off instead. */
NODISCARD Status order_promotion_delete(Cx *cx, int64_t id, int64_t rev);

/* --- codes -------------------------------------------------------------------------------- */

typedef struct OrderCode {
    uint64_t given;
    int64_t  id;
    int64_t  promotion_id;
    Str      code;
    bool     active;
    OptI64   limit_total; /* orders; absent: the promotion's */
    int64_t  used;
    Str      batch; /* of those made in bulk; "" */
    UnixMs   created_at;
} OrderCode;

typedef TOTALS_LIST(OrderCode) OrderCodes;

extern const Shape order_code_shape;

/* Upper case, without spaces and hyphens: what codes are compared by. Empty: not a code. */
Str order_code_key(Arena *a, Str code);

NODISCARD Status order_code_create(Cx *cx, OrderCode *c); /* ST_CONFLICT "order.code_taken" */
NODISCARD Status order_code_update(Cx *cx, int64_t id, OrderCode *c); /* active, limit_total */
NODISCARD Status order_code_delete(Cx *cx, int64_t id);
/* At most `max` with id > `after`; of one batch unless it is "". */
NODISCARD Status order_codes(Cx *cx, int64_t promotion_id, Str batch, int64_t after, int64_t max,
                             OrderCodes *ret);

typedef struct OrderCodeBulk {
    int64_t n;           /* 1-PROMOTION_BULK_MAX */
    Str     prefix;      /* "SUMMER-" */
    int64_t length;      /* random characters behind it, 6-20; of 31 that are not mistaken */
    OptI64  limit_total; /* 1 for codes that work once */
    Str     batch;
} OrderCodeBulk;
extern const Shape order_code_bulk_shape;

NODISCARD Status order_codes_make(Cx *cx, int64_t promotion_id, const OrderCodeBulk *bulk,
                                  OrderCodes *ret);

/* --- counting ----------------------------------------------------------------------------- */

/* In the transaction that places an order: count what totals->applied used. `buyer` is what
 * limits per customer go by: promotion_buyer(). ST_CONFLICT "order.promotion_used_up" when a
 * limit or budget no longer allows it: price the cart again, or go on: the others are counted,
 * that one is not. Once for each order; a second call
 * does nothing. */
NODISCARD Status promotion_use(Cx *cx, int64_t order_id, Str buyer, const OrderTotals *totals);

/* In the transaction that cancels it: give all of it back. A second call does nothing. */
NODISCARD Status promotion_give_back(Cx *cx, int64_t order_id);

/* "c123" for a customer; a hash of the folded e-mail address for a guest; "" for neither. */
Str promotion_buyer(Arena *a, int64_t customer_id, Str email);
