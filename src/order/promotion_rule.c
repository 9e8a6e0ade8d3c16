/* From what staff wrote to what totals can ask quickly. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "order/promotion_int.h"

const OrderPromotion *promotion_of(const PromotionRule *rule)
{
    return rule->p;
}

bool promotion_amount(PromotionAmounts amounts, const char *currency, int64_t *ret)
{
    for (size_t i = 0; i < amounts.n; i++)
        if (memcmp(amounts.items[i].cur, currency, 4) == 0) {
            *ret = amounts.items[i].minor;
            return true;
        }
    return false;
}

/* --- items -------------------------------------------------------------------------------- */

static int by_id(const void *x, const void *y)
{
    int64_t a = *(const int64_t *)x, b = *(const int64_t *)y;
    return a < b ? -1 : a > b;
}

static TotalsIds sorted(Arena *a, PromotionIds ids)
{
    int64_t *copy = arena_array(a, int64_t, ids.n + 1);
    if (ids.n > 0)
        memcpy(copy, ids.items, ids.n * sizeof *copy);
    array_sort(copy, ids.n, sizeof *copy, by_id);
    return (TotalsIds){copy, ids.n};
}

static bool ids_have(TotalsIds ids, int64_t id)
{
    if (ids.n > 8)
        return bsearch(&id, ids.items, ids.n, sizeof id, by_id) != NULL;
    for (size_t i = 0; i < ids.n; i++)
        if (ids.items[i] == id)
            return true;
    return false;
}

static bool ids_meet(TotalsIds ids, TotalsIds some)
{
    for (size_t i = 0; ids.n > 0 && i < some.n; i++)
        if (ids_have(ids, some.items[i]))
            return true;
    return false;
}

static bool texts_have(PromotionTexts texts, Str s)
{
    for (size_t i = 0; i < texts.n; i++)
        if (str_eq(texts.items[i], s))
            return true;
    return false;
}

static bool texts_meet(PromotionTexts texts, TotalsTexts some)
{
    for (size_t i = 0; texts.n > 0 && i < some.n; i++)
        if (texts_have(texts, some.items[i]))
            return true;
    return false;
}

static bool is_named(const RuleItems *set, const TotalsLine *l)
{
    const PromotionSelection *s = set->sel;
    return ids_have(set->products, l->product_id) || ids_have(set->variants, l->variant_id) ||
           ids_meet(set->collections, l->collections) || texts_meet(s->tags, l->tags) ||
           texts_have(s->vendors, l->vendor) || texts_have(s->types, l->type);
}

bool rule_items_has(const RuleItems *set, const TotalsLine *l)
{
    const PromotionSelection *s = set->sel;
    if (!set->all && !is_named(set, l))
        return false;
    return !(s->not_reduced && l->compare_at > l->unit_price) &&
           !ids_have(set->not_products, l->product_id) &&
           !ids_meet(set->not_collections, l->collections) && !texts_meet(s->not_tags, l->tags);
}

static RuleItems items_of(Arena *a, const PromotionSelection *s)
{
    return (RuleItems){
        .all = s->products.n + s->variants.n + s->collections.n + s->tags.n + s->vendors.n +
                   s->types.n ==
               0,
        .sel = s,
        .products = sorted(a, s->products),
        .variants = sorted(a, s->variants),
        .collections = sorted(a, s->collections),
        .not_products = sorted(a, s->not_products),
        .not_collections = sorted(a, s->not_collections),
    };
}

static bool is_empty(const PromotionSelection *s)
{
    return s->products.n + s->variants.n + s->collections.n + s->tags.n + s->vendors.n +
                   s->types.n + s->not_products.n + s->not_collections.n + s->not_tags.n ==
               0 &&
           !s->not_reduced;
}

/* --- conditions --------------------------------------------------------------------------- */

static const struct {
    const char   *path;
    TotalsRefusal refusal;
} FACTS[] = {
    {"cart.subtotal", REFUSED_NOT_CART},
    {"cart.qty", REFUSED_NOT_CART},
    {"cart.lines", REFUSED_NOT_CART},
    {"cart.weight_g", REFUSED_NOT_CART},
    {"cart.currency", REFUSED_CURRENCY},
    {"cart.products", REFUSED_NO_ITEMS},
    {"cart.variants", REFUSED_NO_ITEMS},
    {"cart.collections", REFUSED_NO_ITEMS},
    {"cart.tags", REFUSED_NO_ITEMS},
    {"cart.vendors", REFUSED_NO_ITEMS},
    {"cart.types", REFUSED_NO_ITEMS},
    {"cart.codes", REFUSED_NOT_CART},
    {"cart.channel", REFUSED_NOT_MARKET},
    {"cart.market", REFUSED_NOT_MARKET},
    {"cart.country", REFUSED_NOT_MARKET},
    {"cart.region", REFUSED_NOT_MARKET},
    {"cart.postal", REFUSED_NOT_MARKET},
    {"customer.id", REFUSED_NOT_CUSTOMER},
    {"customer.signed_in", REFUSED_NOT_CUSTOMER},
    {"customer.groups", REFUSED_NOT_CUSTOMER},
    {"customer.company", REFUSED_NOT_CUSTOMER},
    {"customer.orders", REFUSED_NOT_CUSTOMER},
    {"customer.first_order", REFUSED_NOT_FIRST_ORDER},
    {"time.weekday", REFUSED_NOT_NOW},
    {"time.hour", REFUSED_NOT_NOW},
    {"time.minute", REFUSED_NOT_NOW},
    {"time.date", REFUSED_NOT_NOW},
    {"time.day", REFUSED_NOT_NOW},
    {"time.month", REFUSED_NOT_NOW},
};

/* What is said when one of several facts does not hold: that of the first. */
static Status check_facts(const Condition *c, Arena *a, TotalsRefusal *ret, Err *err)
{
    CondPaths paths = condition_paths(c, a);
    *ret = REFUSED_NOT_CART;
    for (size_t i = 0; i < paths.n; i++) {
        size_t f = 0;
        while (f < COUNT_OF(FACTS) && !str_eq(paths.items[i], str_from_cstr(FACTS[f].path)))
            f++;
        if (f == COUNT_OF(FACTS))
            return err_set(err, ST_INVALID, "order.unknown_fact",
                           "conditions cannot ask about \"" STR_FMT "\"",
                           STR_ARG(str_head(paths.items[i], 100)));
        if (i == 0)
            *ret = FACTS[f].refusal;
    }
    return ST_OK;
}

/* Each member of the object on its own, so that one can say which of them does not hold. */
static Status compile_conditions(Arena *a, PromotionRule *r, Str json, Err *err)
{
    const JsonValue *v;
    if (json.len == 0)
        return ST_OK;
    TRY(json_parse(a, str_dup(a, json), &v, err));
    if (v->type != JSON_OBJECT)
        return err_set(err, ST_INVALID, "condition.bad", "conditions are an object");
    r->conditions = arena_array(a, RuleCondition, v->n + 1);
    for (size_t i = 0; i < v->n; i++) {
        JsonValue     *one = arena_new(a, JsonValue);
        RuleCondition *c = &r->conditions[r->nconditions++];
        *one = *v;
        one->members = &v->members[i];
        one->n = 1;
        TRY(condition_compile(a, one, COND_STRICT, &c->holds, err));
        TRY(check_facts(c->holds, a, &c->refusal, err));
    }
    return ST_OK;
}

/* --- the rule ----------------------------------------------------------------------------- */

static RuleStage stage_of(const OrderPromotion *p)
{
    if (p->kind == PROMOTION_GIFT)
        return STAGE_GIFT;
    if (p->kind == PROMOTION_DELIVERY)
        return STAGE_DELIVERY;
    bool may = p->kind == PROMOTION_PERCENT || p->kind == PROMOTION_FIXED;
    return may && p->target == PROMOTION_ORDER ? STAGE_ORDER : STAGE_ITEMS;
}

static Str group_of(const OrderPromotion *p, RuleStage stage)
{
    static const char *const BY_STAGE[] = {"items", "order", "delivery", ""};
    if (str_eq(p->stack_group, STR("+")))
        return STR("");
    return p->stack_group.len > 0 ? p->stack_group : str_from_cstr(BY_STAGE[stage]);
}

Status promotion_compile(Arena *a, const OrderPromotion *p, const PromotionRule **ret, Err *err)
{
    PromotionRule            *r = arena_new(a, PromotionRule);
    const PromotionSelection *buys = is_empty(&p->buys) ? &p->rewards : &p->buys;
    const PromotionSelection *rewards = is_empty(&p->rewards) ? buys : &p->rewards;
    bool                      sets = p->kind == PROMOTION_BUY_GET;
    r->p = p;
    r->stage = stage_of(p);
    r->group = group_of(p, r->stage);
    r->buys = items_of(a, buys);
    r->rewards = items_of(a, sets ? rewards : &p->rewards);
    r->same = buys == (sets ? rewards : &p->rewards);
    r->parts = arena_array(a, RuleItems, p->parts.n + 1);
    for (size_t i = 0; i < p->parts.n; i++)
        r->parts[i] = items_of(a, &p->parts.items[i].items);
    TRY(compile_conditions(a, r, p->conditions, err));
    *ret = r;
    return ST_OK;
}
