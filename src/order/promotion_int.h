/* promotion_int.h - the compiled form of promotions; for totals and the snapshot of this folder. */
#pragma once

#include "order/promotion.h"

/* A selection with its ids sorted. */
typedef struct RuleItems {
    bool                      all; /* every item, but what is left out */
    const PromotionSelection *sel;
    TotalsIds                 products, variants, collections, not_products, not_collections;
} RuleItems;

/* One member of the conditions, and what to say when it does not hold. */
typedef struct RuleCondition {
    const Condition *holds;
    TotalsRefusal    refusal;
} RuleCondition;

/* In this order groups apply. */
typedef enum RuleStage { STAGE_ITEMS, STAGE_ORDER, STAGE_DELIVERY, STAGE_GIFT } RuleStage;

struct PromotionRule {
    const OrderPromotion *p;
    Str                   group; /* "": competes with none */
    RuleStage             stage;
    RuleItems             buys, rewards;
    RuleItems            *parts; /* p->parts.n */
    bool                  same;  /* buys and rewards are the same items */
    RuleCondition        *conditions;
    size_t                nconditions;
};

bool rule_items_has(const RuleItems *set, const TotalsLine *line);

/* The amount in `currency`; false: there is none. */
bool promotion_amount(PromotionAmounts amounts, const char *currency, int64_t *ret);
