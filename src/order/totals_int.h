/* totals_int.h - one calculation under way: what the files of totals share. */
#pragma once

#include "order/promotion_int.h"

__extension__ typedef __int128 Wide; /* products of amounts */

/* A promotion that may apply, in this cart. */
typedef struct Candidate {
    const TotalsPromotion *in;
    const PromotionRule   *rule;
    const OrderPromotion  *p;
    const bool            *buys, *rewards; /* of each line; NULL: every line that may be reduced */
    const bool           **parts;          /* bundle: of each part */
    int64_t                amount;         /* off, or the price of a bundle; in the currency */
    int64_t                most;           /* of its discounts together */
    TotalsRefusal          refused;
    int64_t                missing; /* amount or pieces: REFUSED_MIN_… */
    int64_t                needed;  /* of which they are missing */
    bool                   again;   /* hint: pieces are missing for one more set */
    int64_t                row;     /* while it is applied: what it saved */
} Candidate;

/* What is left, while promotions are applied. The g… are of the group that is applied now:
 * pieces that took part in none of it yet, and what they cost. */
typedef struct Left {
    int64_t *line;     /* nlines */
    int64_t *gqty;     /* nlines */
    int64_t *gvalue;   /* nlines */
    int64_t *delivery; /* ndeliveries */
    bool    *gdone;    /* ndeliveries */
} Left;

typedef struct Row {
    const Candidate *by;
    TotalsTarget     target;
    size_t           index;
    int64_t          amount; /* > 0 */
} Row;

typedef struct Rows {
    Row   *items;
    size_t n, room;
} Rows;

typedef struct Work {
    Arena          *a;
    const TotalsIn *in;
    size_t          n;   /* lines */
    bool           *may; /* may a promotion touch and count the line? */
    int64_t        *gross;
    int64_t         subtotal;
    Candidate      *all;
    size_t          nall;
    Rows            rows;
    Left            left;
    /* scratch of promotions that choose pieces; as many as lines */
    size_t  *order;
    int64_t *share;
    int64_t *part;
    Money   *split;
} Work;

static inline bool line_is(const Work *w, const bool *mask, size_t i)
{
    return w->may[i] && (mask == NULL || mask[i]);
}

/* x * num / den, half away from zero; x >= 0. */
static inline int64_t mul_ratio(int64_t x, int64_t num, int64_t den)
{
    return (int64_t)(((Wide)x * num * 2 + den) / ((Wide)den * 2));
}

/* totals_facts.c: do the conditions hold? *ret: why not. */
bool totals_conditions_hold(const Work *w, const PromotionRule *r, TotalsRefusal *ret);

/* totals_kinds.c: apply one promotion to what is left; what it saves. Without rows: a trial. */
int64_t totals_apply(Work *w, Left *left, const Candidate *c, Rows *rows);
/* Are there pieces for one set? Otherwise *ret_missing are missing; *ret_have: there are any. */
bool totals_set_fits(Work *w, const Candidate *c, int64_t *ret_missing, int64_t *ret_needed,
                     bool *ret_have);
/* Sort the lines of a mask that have pieces left into w->order, dearest piece first; how many. */
size_t totals_dearest(Work *w, const Left *left, const bool *mask);

/* totals_promotions.c: which apply, and w->rows; w->left is what is left then. */
void totals_promotions(Work *w);

/* totals_tax.c: taxes, and the reliefs of items. `amounts` are what is left of each item: lines,
 * deliveries, fees, in this order; relief and tax of each come back. */
typedef struct TaxItem {
    TotalsTarget       target;
    size_t             index;
    int64_t            amount; /* after discounts */
    Str                tax_class;
    bool               none;   /* not taxable */
    const TotalsRates *rates;  /* a provider's; NULL: the table's */
    int64_t            relief; /* >= 0 */
    int64_t            tax;
    bool               included;
} TaxItem;

typedef struct TaxRow {
    TotalsTarget      target;
    size_t            index;
    const TotalsRate *rate;
    int64_t           base, amount;
    bool              included;
} TaxRow;

typedef struct TaxRows {
    TaxRow *items;
    size_t  n, room;
} TaxRows;

TaxRows totals_taxes(Arena *a, const TotalsIn *in, TaxItem *items, size_t n, bool *ret_known);
