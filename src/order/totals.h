/* totals.h - what a cart costs: one pure function.
 *
 *      OrderTotalsIn in = {.currency = …, .lines = …, …};
 *      TRY(order_totals_context_load(cx, email, &in)); // promotions and taxes from memory:
 * pricing.h TRY(order_totals(cx->arena, &in, &totals, &cx->err));
 *
 * It sees no database and no clock: the same in is the same out, byte for byte. Cart, checkout,
 * order, change of an order and the staff's preview all ask here.
 *
 * The order of calculation
 *   1. gross of a line = unit price * qty, with or without tax as `prices_include_tax` says
 *   2. promotions: those in force whose conditions hold for the cart as it came (before any
 *      discount). Promotions of one stack group compete for pieces: a piece takes part in one
 *      of them, and of all orders of applying them that are tried, the best for the customer
 *      holds; higher priority goes first all the same. Groups follow each other - pieces, then
 *      the order, then delivery; each by priority - and work on what is left. If an exclusive
 *      promotion alone saves more than all others together, it is the only one.
 *   3. an amount off several lines is shared in proportion to what is left of them, by the
 *      largest remainder. No line and no delivery gets below 0.
 *   4. tax of every line, delivery and fee on what is left of it, by the rates of its class in
 *      the zone of the destination. Included tax is taken out of the amount, other tax comes on
 *      top. Rounded half away from zero, per item and rate; or per sum of all items with the
 *      same rates, shared by the largest remainder (`round_tax_per_total`).
 *   5. total = items + delivery + fees + tax_added
 *
 * Invariants (tests/order/test_totals.c: random carts)
 *   line.total = gross + discount + relief >= 0, and the same of deliveries and fees
 *   items = sum of line.total;  total = items + delivery + fees + tax_added
 *   sum of discounts[] = sum of line.discount + delivery.discount = sum of applied[]
 *   sum of taxes[] = sum of tax of lines, deliveries, fees = tax_added + tax_included
 *
 * Amounts are minor units of `currency` unless they are Money. Errors: ST_INVALID
 * "order.bad_cart" (negative, or another currency), ST_LIMIT "order.amount_too_large". */
#pragma once

#include "base/clock.h"
#include "base/lang.h"
#include "base/shape.h"
#include "condition/condition.h"

enum {
    TOTALS_LINES_MAX = 1000,
    TOTALS_QTY_MAX = 1000000,
    TOTALS_DELIVERIES_MAX = 100,
    TOTALS_FEES_MAX = 20,
    TOTALS_PROMOTIONS_MAX = 2000, /* in one call */
    TOTALS_CODES_MAX = 20,
    TOTALS_RATES_MAX = 8, /* on one item */
    TOTALS_HINTS_MAX = 8
};
#define TOTALS_AMOUNT_MAX INT64_C(1000000000000000) /* of one line, delivery or fee */
#define TOTALS_PPM        INT64_C(1000000)          /* 20 % is 200000 ppm */

typedef struct PromotionRule PromotionRule; /* promotion.h */
typedef struct TaxTable      TaxTable;      /* tax.h */

/* --- in ----------------------------------------------------------------------------------- */

/* A tax on an item: 19 % VAT. */
typedef struct TotalsRate {
    int64_t id; /* of the rate in the table; 0: from a provider */
    Str     name;
    int64_t ppm;
    bool    compound; /* on the amount with the taxes before it */
} TotalsRate;

typedef struct TotalsRates { /* at most TOTALS_RATES_MAX, of these at most 2 compound */
    const TotalsRate *items;
    size_t            n;
} TotalsRates;

typedef struct TotalsIds { /* ascending is not needed */
    const int64_t *items;
    size_t         n;
} TotalsIds;

typedef struct TotalsTexts {
    const Str *items;
    size_t     n;
} TotalsTexts;

typedef struct TotalsLine {
    int64_t     id; /* of the cart's or order's line; comes back */
    int64_t     variant_id, product_id;
    TotalsIds   collections;
    TotalsTexts tags;
    Str         vendor, type;
    Str         tax_class; /* "": standard */
    bool        no_tax;    /* the variant is not taxable */
    int64_t     qty;       /* > 0 */
    int64_t     unit_price;
    int64_t     compare_at;  /* 0: none */
    int64_t     weight_g;    /* of one piece */
    bool        no_discount; /* gift cards: no promotion touches or counts it */
    int64_t     gift_of;     /* promotion that gives it; 0: the customer bought it. Costs nothing */
    const TotalsRates *rates; /* a provider's answer; NULL: from the table */
} TotalsLine;

typedef struct TotalsDelivery { /* one method for each part that is delivered on its own */
    int64_t            method_id;
    int64_t            amount;
    Str                tax_class; /* "": as the tax settings say */
    const TotalsRates *rates;
} TotalsDelivery;

typedef struct TotalsFee {
    Str                kind; /* "cod", "gift_wrap", "surcharge", … */
    int64_t            amount;
    Str                tax_class;
    bool               no_tax;
    const TotalsRates *rates;
} TotalsFee;

/* Why a promotion or a code does not apply. The names are stable: totals_refusal_names. */
typedef enum TotalsRefusal {
    REFUSED_NOT,          /* it applies */
    REFUSED_UNKNOWN,      /* there is no such code */
    REFUSED_INACTIVE,     /* switched off */
    REFUSED_NOT_STARTED,  /* from .starts_at on */
    REFUSED_EXPIRED,      /* until .ends_at */
    REFUSED_USED_UP,      /* as often as it may be used by all */
    REFUSED_USED_BY_YOU,  /* as often as one customer may use it */
    REFUSED_BUDGET_SPENT, /* what is left of its budget does not cover this */
    REFUSED_CURRENCY,     /* not in this currency */
    REFUSED_MIN_AMOUNT,   /* .missing_amount is missing */
    REFUSED_MIN_QTY,      /* .missing_qty pieces are missing */
    REFUSED_NO_ITEMS,     /* nothing in the cart that it is for */
    REFUSED_NOT_CUSTOMER, /* a condition on the customer: group, … */
    REFUSED_NOT_FIRST_ORDER,
    REFUSED_NOT_MARKET,     /* a condition on market, country, region or channel */
    REFUSED_NOT_NOW,        /* a condition on the time */
    REFUSED_NOT_CART,       /* another condition on the cart */
    REFUSED_NO_DELIVERY,    /* no delivery that it is for (yet) */
    REFUSED_BETTER_APPLIES, /* others of its group save more */
    REFUSED_EXCLUDED,       /* one that is exclusive applies */
    REFUSED_NOTHING_LEFT,   /* what it would reduce costs nothing already */
    REFUSED_TOO_MANY,       /* more codes than TOTALS_CODES_MAX */
    REFUSED_KINDS
} TotalsRefusal;
extern const char *const totals_refusal_names[];

/* A promotion that may apply: automatic ones, and one for each code that was given and is known. */
typedef struct TotalsPromotion {
    const PromotionRule *rule;
    Str                  code;        /* as the customer wrote it; "": automatic */
    int64_t              code_id;     /* 0: automatic */
    TotalsRefusal        refused;     /* known already: limits, the code is switched off */
    int64_t              budget_left; /* minor units; asked only of rules that have a budget */
} TotalsPromotion;

/* Who buys, and where it goes. */
typedef struct TotalsBuyer {
    Str         country, region, postal; /* of the destination; "" while it is not known */
    int64_t     customer_id;             /* 0: guest */
    TotalsTexts groups;                  /* handles of customer groups */
    Str         company;
    int64_t     orders;     /* placed before and not cancelled */
    bool        tax_exempt; /* a business with a checked VAT number, a diplomat, … */
    Str         channel, market;
} TotalsBuyer;

typedef enum TotalsDeliveryTax {                        /* of deliveries and fees without a class */
                                 DELIVERY_TAX_STANDARD, /* the standard class */
                                 DELIVERY_TAX_PROPORTIONAL /* as the lines, in proportion to their
                                                              amounts */
} TotalsDeliveryTax;

typedef struct TotalsTaxRules {
    const TaxTable   *table; /* NULL: no tax but what providers say */
    bool              prices_include_tax;
    bool              round_per_total;
    TotalsDeliveryTax delivery;
    /* Prices that include tax include that of `home_country`; elsewhere it is taken out and the
     * destination's put on top. Otherwise the price is the same everywhere. */
    bool        keep_net;
    Str         home_country, home_region;
    TotalsTexts countries; /* where the shop collects tax; none: wherever the table has a zone */
} TotalsTaxRules;

typedef struct TotalsIn {
    char                   currency[4];
    UnixMs                 at;
    int64_t                utc_offset_min; /* of the shop's zone at `at`: for conditions on time */
    TotalsBuyer            buyer;
    TotalsTaxRules         tax;
    const TotalsLine      *lines;
    size_t                 nlines;
    const TotalsDelivery  *deliveries;
    size_t                 ndeliveries;
    const TotalsFee       *fees;
    size_t                 nfees;
    TotalsTexts            codes; /* as given; filled with refusals by order_totals_context_load */
    const TotalsPromotion *promotions;
    size_t                 npromotions;
    bool                   want_hints;
    Str                    locale; /* of the titles of promotions; "": the shop's own */
} TotalsIn;
typedef TotalsIn OrderTotalsIn;

/* --- out ---------------------------------------------------------------------------------- */

typedef struct TotalsOutLine {
    int64_t id;
    int64_t variant_id;
    int64_t qty;
    Money   unit_price;
    Money   gross;    /* unit_price * qty */
    Money   discount; /* <= 0 */
    Money   relief;   /* <= 0: tax that the price includes and the buyer does not owe */
    Money   tax;      /* included in `total`, or on top of it */
    Money   total;    /* gross + discount + relief */
    OptI64  gift_of;  /* promotion */
    OptI64  gift_qty; /* pieces that it gives; fewer than `qty`, or 0: take the rest away */
} TotalsOutLine;

typedef struct TotalsOutDelivery {
    int64_t method_id;
    Money   amount;
    Money   discount, relief, tax, total;
} TotalsOutDelivery;

typedef struct TotalsOutFee {
    Str   kind;
    Money amount;
    Money relief, tax, total;
} TotalsOutFee;

typedef enum TotalsTarget { TOTALS_LINE, TOTALS_DELIVERY, TOTALS_FEE } TotalsTarget;
extern const char *const totals_target_names[];

typedef struct TotalsDiscount { /* one row for each promotion and what it reduces */
    int64_t promotion_id;
    Str     code;   /* "": automatic */
    int     target; /* TotalsTarget: line or delivery */
    int64_t index;  /* into lines[] or deliveries[] */
    Money   amount; /* < 0 */
} TotalsDiscount;

typedef struct TotalsApplied { /* a promotion that holds */
    int64_t promotion_id;
    OptI64  code_id;
    Str     code;
    Str     title;  /* as shoppers read it */
    int     kind;   /* PromotionKind */
    Money   amount; /* <= 0: the sum of its rows */
} TotalsApplied;

typedef struct TotalsTax {
    int     target; /* TotalsTarget */
    int64_t index;
    OptI64  rate_id;
    Str     name;
    int64_t rate_ppm;
    Money   base;     /* without tax */
    Money   amount;   /* >= 0 */
    bool    included; /* in the item's total */
} TotalsTax;

typedef struct TotalsTaxSum { /* taxes[] by name and rate, as people want to read them */
    Str     name;
    int64_t rate_ppm;
    Money   base;
    Money   amount;
    bool    included;
} TotalsTaxSum;

typedef struct TotalsGift { /* belongs into the cart, as a line with gift_of */
    int64_t promotion_id;
    int64_t variant_id;
    int64_t qty;
} TotalsGift;

typedef struct TotalsCode { /* every code that was given, in that order */
    Str     code;
    OptI64  promotion_id; /* absent: there is no such code */
    bool    applied;
    int     reason;         /* TotalsRefusal; none: it applies */
    Money   missing_amount; /* REFUSED_MIN_AMOUNT; else absent */
    int64_t missing_qty;    /* REFUSED_MIN_QTY; else 0 */
    OptTime at;             /* when it begins or ended */
} TotalsCode;

/* What is a little short of applying: "spend 12.00 more for free delivery". */
typedef struct TotalsHint {
    int64_t promotion_id;
    Str     title;
    int     kind;           /* PromotionKind */
    Money   missing_amount; /* absent: it is pieces */
    int64_t missing_qty;
    OptI64  variant_id; /* of the gift */
    Money   reward;     /* absent: not a sum; what a fixed amount off gives */
    int64_t reward_ppm; /* 0: not a share */
} TotalsHint;

#define TOTALS_LIST(T)                                                                             \
    struct {                                                                                       \
        T     *items;                                                                              \
        size_t n;                                                                                  \
    }

typedef struct OrderTotals {
    Str  currency;
    bool prices_include_tax;
    bool tax_exempt;
    bool tax_known; /* the destination is known; otherwise the tax is that of the shop's country */
    TOTALS_LIST(TotalsOutLine) lines;
    TOTALS_LIST(TotalsOutDelivery) deliveries;
    TOTALS_LIST(TotalsOutFee) fees;
    TOTALS_LIST(TotalsDiscount) discounts;
    TOTALS_LIST(TotalsApplied) applied;
    TOTALS_LIST(TotalsTax) taxes;
    TOTALS_LIST(TotalsTaxSum) tax_sums;
    TOTALS_LIST(TotalsGift) gifts;
    TOTALS_LIST(TotalsCode) codes;
    TOTALS_LIST(TotalsHint) hints;
    Money subtotal;          /* sum of gross */
    Money discount;          /* <= 0: of the lines */
    Money delivery_discount; /* <= 0; in `delivery` already */
    Money relief;            /* <= 0: of lines, deliveries and fees; in their totals already */
    Money items;             /* sum of the lines' totals */
    Money delivery;          /* sum of the deliveries' totals */
    Money fees_total;
    Money tax_added; /* on top */
    Money tax_included;
    Money tax; /* both */
    Money total;
} OrderTotals;

extern const Shape order_totals_shape;

NODISCARD Status order_totals(Arena *a, const OrderTotalsIn *in, OrderTotals *ret, Err *err);

/* What the shopper reads: "This code is valid from 1 December." Of a code that applies: "". */
Str totals_refusal_text(Arena *a, Lang lang, const TotalsCode *code, const char *time_zone);
/* "Spend €12.00 more for free delivery." */
Str totals_hint_text(Arena *a, Lang lang, const TotalsHint *hint);
