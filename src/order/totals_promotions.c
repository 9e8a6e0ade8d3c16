/* Which promotions apply, in which order, and why the others do not. totals.h says how. */
#include <string.h>

#include "base/sort.h"
#include "order/totals_int.h"

enum { PERMUTED_MAX = 3 /* all orders of so many that compete are tried */ };

/* --- what is left ------------------------------------------------------------------------- */

static Left left_new(const Work *w)
{
    size_t n = w->n + 1, d = w->in->ndeliveries + 1;
    return (Left){arena_array(w->a, int64_t, n), arena_array(w->a, int64_t, n),
                  arena_array(w->a, int64_t, n), arena_array(w->a, int64_t, d),
                  arena_array(w->a, bool, d)};
}

static void left_copy(const Work *w, Left *to, const Left *from)
{
    memcpy(to->line, from->line, w->n * sizeof *to->line);
    memcpy(to->gqty, from->gqty, w->n * sizeof *to->gqty);
    memcpy(to->gvalue, from->gvalue, w->n * sizeof *to->gvalue);
    memcpy(to->delivery, from->delivery, w->in->ndeliveries * sizeof *to->delivery);
    memcpy(to->gdone, from->gdone, w->in->ndeliveries * sizeof *to->gdone);
}

static void left_begin(const Work *w, Left *left)
{
    memcpy(left->line, w->gross, w->n * sizeof *left->line);
    for (size_t i = 0; i < w->in->ndeliveries; i++)
        left->delivery[i] = w->in->deliveries[i].amount;
}

/* A group begins: every piece may take part. */
static void left_group(const Work *w, Left *left)
{
    for (size_t i = 0; i < w->n; i++) {
        left->gqty[i] = w->may[i] ? w->in->lines[i].qty : 0;
        left->gvalue[i] = left->line[i];
    }
    memset(left->gdone, 0, w->in->ndeliveries * sizeof *left->gdone);
}

/* --- may it apply at all? ----------------------------------------------------------------- */

/* NULL when every line is meant. */
static const bool *mask_of(const Work *w, const RuleItems *set)
{
    const PromotionSelection *s = set->sel;
    if (set->all && s->not_products.n + s->not_collections.n + s->not_tags.n == 0 &&
        !s->not_reduced)
        return NULL;
    bool *mask = arena_array(w->a, bool, w->n + 1);
    for (size_t i = 0; i < w->n; i++)
        mask[i] = w->may[i] && rule_items_has(set, &w->in->lines[i]);
    return mask;
}

static void find_lines(Work *w, Candidate *c)
{
    c->buys = mask_of(w, &c->rule->buys);
    c->rewards = c->rule->same ? c->buys : mask_of(w, &c->rule->rewards);
    c->parts = arena_array(w->a, const bool *, c->p->parts.n + 1);
    for (size_t i = 0; i < c->p->parts.n; i++)
        c->parts[i] = mask_of(w, &c->rule->parts[i]);
}

static TotalsRefusal check_amounts(const Work *w, Candidate *c)
{
    const OrderPromotion *p = c->p;
    bool                  wants = p->kind == PROMOTION_FIXED || p->kind == PROMOTION_BUNDLE;
    if (!promotion_amount(p->amounts, w->in->currency, &c->amount) && wants)
        return REFUSED_CURRENCY;
    if (!promotion_amount(p->max_discounts, w->in->currency, &c->most)) {
        c->most = INT64_MAX;
        if (p->max_discounts.n > 0)
            return REFUSED_CURRENCY;
    }
    if (!money_absent(p->budget) && memcmp(p->budget.cur, w->in->currency, 4) != 0)
        return REFUSED_CURRENCY;
    return REFUSED_NOT;
}

static TotalsRefusal check_minimum(const Work *w, Candidate *c)
{
    const OrderPromotion *p = c->p;
    int64_t               amount = 0, qty = 0, least = 0;
    for (size_t i = 0; i < w->n; i++)
        if (line_is(w, c->buys, i)) {
            amount += w->gross[i];
            qty += w->in->lines[i].qty;
        }
    if (qty == 0)
        return REFUSED_NO_ITEMS;
    if (p->min_amounts.n > 0 && !promotion_amount(p->min_amounts, w->in->currency, &least))
        return REFUSED_CURRENCY;
    if (amount < least) {
        c->missing = least - amount;
        c->needed = least;
        return REFUSED_MIN_AMOUNT;
    }
    if (qty < p->min_qty) {
        c->missing = p->min_qty - qty;
        c->needed = p->min_qty;
        return REFUSED_MIN_QTY;
    }
    return REFUSED_NOT;
}

/* Pieces for one set; and whether the pieces that were bought wait for their reward. */
static TotalsRefusal check_set(Work *w, Candidate *c)
{
    const OrderPromotion *p = c->p;
    bool                  have;
    if (p->kind != PROMOTION_BUY_GET && p->kind != PROMOTION_CHEAPEST &&
        p->kind != PROMOTION_BUNDLE)
        return REFUSED_NOT;
    if (totals_set_fits(w, c, &c->missing, &c->needed, &have))
        return REFUSED_NOT;
    return have ? REFUSED_MIN_QTY : REFUSED_NO_ITEMS;
}

/* For hints: of the last, incomplete set all is there but the reward. */
static void look_again(const Work *w, Candidate *c)
{
    const OrderPromotion *p = c->p;
    bool                  has_get = p->kind == PROMOTION_BUY_GET;
    int64_t               qty = 0, size = p->buy_qty + (has_get ? p->get_qty : 0);
    if (!(has_get && c->rule->same) && p->kind != PROMOTION_CHEAPEST)
        return;
    for (size_t i = 0; i < w->n; i++)
        qty += line_is(w, c->buys, i) ? w->in->lines[i].qty : 0;
    int64_t rest = qty % size;
    c->again = rest > 0 && rest >= size - p->get_qty && (p->times == 0 || qty / size < p->times);
    c->missing = c->again ? size - rest : 0;
    c->needed = size;
}

static TotalsRefusal check(Work *w, Candidate *c)
{
    const OrderPromotion *p = c->p;
    TotalsRefusal         why = REFUSED_NOT;
    if (c->in->refused != REFUSED_NOT)
        return c->in->refused;
    if (!p->active)
        return REFUSED_INACTIVE;
    if (p->starts_at.has && w->in->at.v < p->starts_at.v.v)
        return REFUSED_NOT_STARTED;
    if (p->ends_at.has && w->in->at.v >= p->ends_at.v.v)
        return REFUSED_EXPIRED;
    if (!totals_conditions_hold(w, c->rule, &why))
        return why;
    if ((why = check_amounts(w, c)) != REFUSED_NOT)
        return why;
    find_lines(w, c);
    if ((why = check_minimum(w, c)) != REFUSED_NOT || (why = check_set(w, c)) != REFUSED_NOT)
        return why;
    look_again(w, c);
    if (p->kind == PROMOTION_DELIVERY && w->in->ndeliveries == 0)
        return REFUSED_NO_DELIVERY;
    return REFUSED_NOT;
}

/* The same promotion by a second code does not count twice. */
static bool is_second(const Work *w, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (w->all[j].rule == w->all[i].rule && w->all[j].refused == REFUSED_NOT)
            return true;
    return false;
}

static void find_candidates(Work *w)
{
    w->nall = w->in->npromotions;
    w->all = arena_array(w->a, Candidate, w->nall + 1);
    for (size_t i = 0; i < w->nall; i++) {
        Candidate *c = &w->all[i];
        c->in = &w->in->promotions[i];
        c->rule = c->in->rule;
        c->p = c->rule->p;
        c->refused = check(w, c);
        if (c->refused == REFUSED_NOT && c->in->code.len > 0 && is_second(w, i))
            c->refused = REFUSED_BETTER_APPLIES;
    }
}

/* --- one group ---------------------------------------------------------------------------- */

/* Are there pieces or deliveries that took part in nothing of this group yet? */
static bool any_free(const Work *w, const Left *left)
{
    for (size_t i = 0; i < w->n; i++)
        if (left->gqty[i] > 0)
            return true;
    for (size_t i = 0; i < w->in->ndeliveries; i++)
        if (!left->gdone[i])
            return true;
    return false;
}

/* In their order; what was saved. A promotion whose budget does not cover it is left out. */
static int64_t apply_in_order(Work *w, Left *left, Candidate **list, size_t n, Rows *rows)
{
    int64_t saved = 0;
    for (size_t i = 0; i < n; i++) {
        Candidate *c = list[i];
        bool       limited = !money_absent(c->p->budget);
        Left       before = {0};
        size_t     nrows = rows ? rows->n : 0;
        if (c->p->kind != PROMOTION_GIFT && !any_free(w, left)) {
            c->row = 0;
            continue;
        }
        if (limited) {
            before = left_new(w);
            left_copy(w, &before, left);
        }
        c->row = totals_apply(w, left, c, rows);
        if (limited && c->row > c->in->budget_left) {
            left_copy(w, left, &before);
            c->row = -1;
            if (rows)
                rows->n = nrows;
        }
        saved += c->row > 0 ? c->row : 0;
    }
    return saved;
}

static int64_t try_order(Work *w, const Left *left, Left *scratch, Candidate **list, size_t n)
{
    left_copy(w, scratch, left);
    return apply_in_order(w, scratch, list, n, NULL);
}

/* All orders of up to PERMUTED_MAX; the best stays in list[]. */
static void order_all(Work *w, const Left *left, Left *scratch, Candidate **list, size_t n)
{
    static const unsigned char ORDERS[6][3] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                               {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    Candidate                 *best[PERMUTED_MAX], *now[PERMUTED_MAX], *was[PERMUTED_MAX];
    int64_t                    most = -1;
    memcpy(was, list, n * sizeof *list);
    memcpy(best, list, n * sizeof *list);
    for (size_t o = 0; o < (n == 2 ? 2 : COUNT_OF(ORDERS)); o++) {
        for (size_t i = 0; i < n; i++)
            now[i] = was[ORDERS[o][i]];
        int64_t saved = try_order(w, left, scratch, now, n);
        if (saved > most) {
            most = saved;
            memcpy(best, now, n * sizeof *list);
        }
    }
    memcpy(list, best, n * sizeof *list);
}

typedef struct Worth { /* of one alone */
    Candidate *c;
    int64_t    saved, of; /* of: what the pieces cost that took part */
    size_t     at;
} Worth;

static int by_saved(const void *x, const void *y)
{
    const Worth *a = x, *b = y;
    if (a->saved != b->saved)
        return a->saved > b->saved ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static int by_share(const void *x, const void *y)
{
    const Worth *a = x, *b = y;
    Wide         left = (Wide)a->saved * b->of, right = (Wide)b->saved * a->of;
    if (left != right)
        return left > right ? -1 : 1;
    return by_saved(x, y);
}

static int64_t value_left(const Work *w, const Left *left)
{
    int64_t sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += left->gvalue[i];
    return sum;
}

/* Many compete: by what each saves, or by its share of what it touches, whichever is better. */
static void order_many(Work *w, const Left *left, Left *scratch, Candidate **list, size_t n)
{
    Worth      *all = arena_array(w->a, Worth, n);
    Candidate **other = arena_array(w->a, Candidate *, n);
    int64_t     whole = value_left(w, left);
    for (size_t i = 0; i < n; i++) {
        int64_t saved = try_order(w, left, scratch, &list[i], 1);
        int64_t of = whole - value_left(w, scratch);
        all[i] = (Worth){list[i], saved, of > 0 ? of : 1, i};
    }
    array_sort(all, n, sizeof *all, by_saved);
    for (size_t i = 0; i < n; i++)
        list[i] = all[i].c;
    array_sort(all, n, sizeof *all, by_share);
    for (size_t i = 0; i < n; i++)
        other[i] = all[i].c;
    if (memcmp(list, other, n * sizeof(*list)) != 0 &&
        try_order(w, left, scratch, other, n) > try_order(w, left, scratch, list, n))
        memcpy(list, other, n * sizeof *list);
}

/* Candidates of one group, of one priority after the other. */
static int64_t apply_group(Work *w, Left *left, Left *scratch, Candidate **list, size_t n,
                           Rows *rows)
{
    int64_t saved = 0;
    left_group(w, left);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && list[end]->p->priority == list[i]->p->priority; end++)
            ;
        if (end - i > PERMUTED_MAX)
            order_many(w, left, scratch, &list[i], end - i);
        else if (end - i > 1)
            order_all(w, left, scratch, &list[i], end - i);
        saved += apply_in_order(w, left, &list[i], end - i, rows);
    }
    return saved;
}

/* --- all groups --------------------------------------------------------------------------- */

typedef struct Slot {
    Candidate *c;
    Str        group;
    RuleStage  stage;    /* the group's first */
    int64_t    priority; /* the group's highest */
    size_t     number;   /* of the group */
    size_t     at;
} Slot;

static int by_group(const void *x, const void *y)
{
    const Slot *a = x, *b = y;
    if (a->stage != b->stage)
        return a->stage < b->stage ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->c->p->priority != b->c->p->priority)
        return a->c->p->priority > b->c->p->priority ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* The groups of list[0..n), in the order in which they apply. */
static Slot *slots_of(Work *w, Candidate **list, size_t n)
{
    Slot *all = arena_array(w->a, Slot, n + 1);
    for (size_t i = 0; i < n; i++) {
        all[i] =
            (Slot){list[i], list[i]->rule->group, list[i]->rule->stage, list[i]->p->priority, i, i};
        for (size_t j = 0; j < i && all[i].group.len > 0; j++)
            if (str_eq(all[j].group, all[i].group)) {
                all[i].number = all[j].number;
                break;
            }
    }
    for (size_t i = 0; i < n; i++) { /* what is the group's goes to its first, then to all */
        Slot *first = &all[all[i].number];
        first->stage = all[i].stage < first->stage ? all[i].stage : first->stage;
        first->priority = all[i].priority > first->priority ? all[i].priority : first->priority;
    }
    for (size_t i = 0; i < n; i++) {
        all[i].stage = all[all[i].number].stage;
        all[i].priority = all[all[i].number].priority;
    }
    array_sort(all, n, sizeof *all, by_group);
    return all;
}

static int64_t apply_all(Work *w, Left *left, Left *scratch, Candidate **list, size_t n, Rows *rows)
{
    int64_t     saved = 0;
    Slot       *slots = slots_of(w, list, n);
    Candidate **group = arena_array(w->a, Candidate *, n + 1);
    left_begin(w, left);
    for (size_t i = 0; i < n;) {
        size_t k = 0, number = slots[i].number;
        for (; i < n && slots[i].number == number; i++)
            group[k++] = slots[i].c;
        saved += apply_group(w, left, scratch, group, k, rows);
    }
    return saved;
}

/* Those that were tried and gave nothing say why. */
static void say_why(Work *w, Candidate **list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Candidate *c = list[i];
        if (c->row > 0 || (c->row == 0 && c->p->kind == PROMOTION_GIFT))
            continue;
        int64_t alone = 1;
        if (c->in->code.len > 0) { /* nobody asks about the others */
            left_begin(w, &w->left);
            left_group(w, &w->left);
            alone = totals_apply(w, &w->left, c, NULL);
        }
        c->refused = c->row < 0                         ? REFUSED_BUDGET_SPENT
                     : alone > 0                        ? REFUSED_BETTER_APPLIES
                     : c->p->kind == PROMOTION_DELIVERY ? REFUSED_NO_DELIVERY
                                                        : REFUSED_NOTHING_LEFT;
    }
}

void totals_promotions(Work *w)
{
    size_t nexclusive = 0, n = 0;
    w->left = left_new(w);
    left_begin(w, &w->left);
    left_group(w, &w->left); /* for totals_set_fits() */
    find_candidates(w);
    Left        scratch = left_new(w);
    Candidate **list = arena_array(w->a, Candidate *, w->nall + 1);
    Candidate **exclusive = arena_array(w->a, Candidate *, w->nall + 1);
    for (size_t i = 0; i < w->nall; i++) {
        Candidate *c = &w->all[i];
        if (c->refused == REFUSED_NOT && c->p->exclusive)
            exclusive[nexclusive++] = c;
        else if (c->refused == REFUSED_NOT)
            list[n++] = c;
    }
    Candidate *only = NULL;
    int64_t    most = nexclusive > 0 ? apply_all(w, &w->left, &scratch, list, n, NULL) : 0;
    for (size_t i = 0; i < nexclusive; i++) {
        int64_t saved = apply_all(w, &w->left, &scratch, &exclusive[i], 1, NULL);
        if (saved > most) {
            most = saved;
            only = exclusive[i];
        }
    }
    for (size_t i = 0; i < nexclusive; i++)
        if (exclusive[i] != only)
            exclusive[i]->refused = only ? REFUSED_EXCLUDED : REFUSED_BETTER_APPLIES;
    for (size_t i = 0; only && i < n; i++)
        list[i]->refused = REFUSED_EXCLUDED;
    if (only) {
        list[0] = only;
        n = 1;
    }
    (void)apply_all(w, &w->left, &scratch, list, n, &w->rows);
    say_why(w, list, n);
    left_begin(w, &w->left); /* trials of say_why() left their marks: the rows say what holds */
    for (size_t i = 0; i < w->rows.n; i++) {
        const Row *r = &w->rows.items[i];
        if (r->target == TOTALS_LINE)
            w->left.line[r->index] -= r->amount;
        else
            w->left.delivery[r->index] -= r->amount;
    }
}
