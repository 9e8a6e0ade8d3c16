/* How each kind of promotion takes its share: from pieces that are left in its group.
 *
 * Pieces are never looked at one by one: a line's pieces cost the same, so lines are runs of
 * pieces, and quantities of a million cost no more than of one. */
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "order/totals_int.h"

enum { PART_SETS_MAX = 100 /* bundles of parts in one order */ };

/* --- pieces ------------------------------------------------------------------------------- */

/* `k` pieces of a line take part: what they cost. */
static int64_t take(Left *left, size_t i, int64_t k)
{
    int64_t share =
        k == left->gqty[i] ? left->gvalue[i] : mul_ratio(left->gvalue[i], k, left->gqty[i]);
    left->gqty[i] -= k;
    left->gvalue[i] -= share;
    return share;
}

static void row_add(Work *w, Rows *rows, const Candidate *c, TotalsTarget target, size_t index,
                    int64_t amount)
{
    if (rows == NULL)
        return;
    for (size_t i = rows->n; i > 0 && rows->items[i - 1].by == c; i--)
        if (rows->items[i - 1].target == target && rows->items[i - 1].index == index) {
            rows->items[i - 1].amount += amount;
            return;
        }
    if (rows->n == rows->room) {
        rows->room = rows->room ? rows->room * 2 : 32;
        Row *more = arena_array(w->a, Row, rows->room);
        if (rows->n > 0)
            memcpy(more, rows->items, rows->n * sizeof *more);
        rows->items = more;
    }
    rows->items[rows->n++] = (Row){c, target, index, amount};
}

/* Reduce a line by `amount`, which is at most what its pieces cost. */
static int64_t cut(Work *w, Left *left, Rows *rows, const Candidate *c, size_t i, int64_t amount)
{
    if (amount > left->line[i])
        amount = left->line[i];
    if (amount <= 0)
        return 0;
    left->line[i] -= amount;
    row_add(w, rows, c, TOTALS_LINE, i, amount);
    return amount;
}

/* Share `total` among w->share[0..k) in their proportion, into w->part. */
static void share_out(Work *w, int64_t total, size_t k)
{
    int64_t sum = 0;
    for (size_t i = 0; i < k; i++)
        sum += w->share[i];
    if (sum == 0 || total == 0) {
        memset(w->part, 0, k * sizeof *w->part);
        return;
    }
    money_split((Money){.minor = total}, w->share, k, w->split);
    for (size_t i = 0; i < k; i++)
        w->part[i] = w->split[i].minor;
}

/* The percentage of a reward; 0 means all of it. */
static int64_t off(const Candidate *c, int64_t value)
{
    int64_t ppm = c->p->percent_ppm ? c->p->percent_ppm : TOTALS_PPM;
    return ppm == TOTALS_PPM ? value : mul_ratio(value, ppm, TOTALS_PPM);
}

/* --- percent and fixed -------------------------------------------------------------------- */

/* w->order[0..k): lines with pieces that the mask names; w->share: what they cost. */
static size_t take_all(Work *w, Left *left, const bool *mask)
{
    size_t k = 0;
    for (size_t i = 0; i < w->n; i++)
        if (line_is(w, mask, i) && left->gqty[i] > 0) {
            w->order[k] = i;
            k++;
        }
    return k;
}

static int64_t cut_parts(Work *w, Left *left, Rows *rows, const Candidate *c, size_t k)
{
    int64_t saved = 0;
    for (size_t j = 0; j < k; j++)
        saved += cut(w, left, rows, c, w->order[j], w->part[j]);
    return saved;
}

/* w->part becomes what is off each, of at most c->most together. */
static void parts_of_items(Work *w, const Candidate *c, const int64_t *pieces, size_t k)
{
    int64_t sum = 0;
    for (size_t j = 0; j < k; j++) {
        int64_t amount = off(c, w->share[j]);
        if (c->p->kind == PROMOTION_FIXED) {
            Wide wide = (Wide)c->amount * pieces[j];
            amount = wide > w->share[j] ? w->share[j] : (int64_t)wide;
        }
        w->part[j] = amount;
        sum += amount;
    }
    if (sum > c->most) {
        memcpy(w->share, w->part, k * sizeof *w->share);
        share_out(w, c->most, k);
    }
}

static int64_t apply_plain(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    size_t  k = take_all(w, left, c->rewards);
    int64_t sum = 0;
    if (k == 0)
        return 0;
    int64_t  few[16];
    int64_t *pieces = k <= COUNT_OF(few) ? few : arena_array(w->a, int64_t, k);
    for (size_t j = 0; j < k; j++) {
        pieces[j] = left->gqty[w->order[j]];
        w->share[j] = take(left, w->order[j], pieces[j]);
        sum += w->share[j];
    }
    if (c->rule->stage == STAGE_ORDER) {
        int64_t total = c->p->kind == PROMOTION_FIXED ? c->amount : off(c, sum);
        total = total > sum ? sum : total;
        share_out(w, total > c->most ? c->most : total, k);
    } else {
        parts_of_items(w, c, pieces, k);
    }
    return cut_parts(w, left, rows, c, k);
}

/* --- those that choose pieces ------------------------------------------------------------- */

typedef struct Dearest { /* sorted on the stack of one call: qsort has no argument */
    size_t  line;
    int64_t value, qty;
} Dearest;

/* By the price of a piece, highest first; of equals the first line. */
static int by_price(const void *x, const void *y)
{
    const Dearest *a = x, *b = y;
    Wide           left = (Wide)a->value * b->qty, right = (Wide)b->value * a->qty;
    if (left != right)
        return left > right ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

/* Carts are short. */
static void sort_dearest(Dearest *all, size_t n)
{
    if (n > 16) {
        array_sort(all, n, sizeof *all, by_price);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        Dearest d = all[i];
        size_t  j = i;
        for (; j > 0 && by_price(&all[j - 1], &d) > 0; j--)
            all[j] = all[j - 1];
        all[j] = d;
    }
}

size_t totals_dearest(Work *w, const Left *left, const bool *mask)
{
    Dearest  few[32];
    Dearest *all = w->n <= COUNT_OF(few) ? few : arena_array(w->a, Dearest, w->n);
    size_t   k = 0;
    for (size_t i = 0; i < w->n; i++)
        if (line_is(w, mask, i) && left->gqty[i] > 0)
            all[k++] = (Dearest){i, left->gvalue[i], left->gqty[i]};
    sort_dearest(all, k);
    for (size_t j = 0; j < k; j++)
        w->order[j] = all[j].line;
    return k;
}

static int64_t pieces_of(const Work *w, const Left *left, size_t k)
{
    int64_t sum = 0;
    for (size_t j = 0; j < k; j++)
        sum += left->gqty[w->order[j]];
    return sum;
}

static int64_t sets_of(const Candidate *c, int64_t pieces, int64_t size)
{
    int64_t sets = size > 0 ? pieces / size : 0;
    return c->p->times > 0 && sets > c->p->times ? c->p->times : sets;
}

/* Of pieces 0..x, those that are among the last `free` of each `size`. */
static int64_t rewarded(int64_t x, int64_t size, int64_t free_ones)
{
    int64_t rest = x % size - (size - free_ones);
    return x / size * free_ones + (rest > 0 ? rest : 0);
}

/* Groups of `size` pieces, dearest first; in each the cheapest ones are the reward. */
static int64_t apply_groups(Work *w, Left *left, const Candidate *c, Rows *rows, int64_t size,
                            int64_t free_ones)
{
    size_t  k = totals_dearest(w, left, c->buys);
    int64_t sets = sets_of(c, pieces_of(w, left, k), size), at = 0, end = sets * size;
    for (size_t j = 0; j < k; j++) {
        size_t  i = w->order[j];
        int64_t qty = at >= end ? 0 : left->gqty[i];
        qty = qty > end - at ? end - at : qty;
        int64_t reward = rewarded(at + qty, size, free_ones) - rewarded(at, size, free_ones);
        w->share[j] = reward > 0 ? take(left, i, reward) : 0;
        if (qty > reward)
            (void)take(left, i, qty - reward);
        at += qty;
    }
    parts_of_items(w, c, NULL, k);
    return cut_parts(w, left, rows, c, k);
}

/* How many pieces both masks name, and each alone. */
typedef struct Counts {
    int64_t buys, rewards, both;
} Counts;

static Counts count_pieces(const Work *w, const Left *left, const Candidate *c)
{
    Counts n = {0};
    for (size_t i = 0; i < w->n; i++) {
        bool b = line_is(w, c->buys, i), r = line_is(w, c->rewards, i);
        n.both += b && r ? left->gqty[i] : 0;
        n.buys += b && !r ? left->gqty[i] : 0;
        n.rewards += r && !b ? left->gqty[i] : 0;
    }
    return n;
}

/* Take `qty` pieces of w->order[0..k), in that order; with share: note what they cost. */
static void take_some(Work *w, Left *left, size_t k, int64_t qty, bool note)
{
    for (size_t j = 0; j < k; j++) {
        size_t  i = w->order[j];
        int64_t some = left->gqty[i] < qty ? left->gqty[i] : qty;
        int64_t share = some > 0 ? take(left, i, some) : 0;
        if (note)
            w->share[j] = share;
        qty -= some;
    }
}

static int64_t min3(int64_t x, int64_t y, int64_t z)
{
    int64_t least = x < y ? x : y;
    return least < z ? least : z;
}

/* What must be bought is taken from what is no reward first, then from the dearest. */
static int64_t apply_buy_get(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    int64_t x = c->p->buy_qty, y = c->p->get_qty;
    if (c->rule->same)
        return apply_groups(w, left, c, rows, x + y, y);
    Counts  n = count_pieces(w, left, c);
    int64_t sets = min3((n.buys + n.both) / x, (n.rewards + n.both) / y,
                        (n.buys + n.both + n.rewards) / (x + y));
    sets = c->p->times > 0 && sets > c->p->times ? c->p->times : sets;
    if (sets == 0)
        return 0;
    bool *only = arena_array(w->a, bool, w->n);
    for (size_t i = 0; i < w->n; i++)
        only[i] = line_is(w, c->buys, i) && !line_is(w, c->rewards, i);
    int64_t alone = sets * x < n.buys ? sets * x : n.buys;
    take_some(w, left, totals_dearest(w, left, only), alone, false);
    if (sets * x > alone)
        take_some(w, left, totals_dearest(w, left, c->buys), sets * x - alone, false);
    size_t k = totals_dearest(w, left, c->rewards);
    take_some(w, left, k, sets * y, true);
    parts_of_items(w, c, NULL, k);
    return cut_parts(w, left, rows, c, k);
}

/* --- bundles ------------------------------------------------------------------------------ */

/* w->share[0..k) cost more than `price` together: the rest is off. */
static int64_t cut_bundle(Work *w, Left *left, Rows *rows, const Candidate *c, size_t k, Wide price)
{
    int64_t sum = 0;
    for (size_t j = 0; j < k; j++)
        sum += w->share[j];
    if (sum <= price)
        return 0;
    share_out(w, (int64_t)(sum - price), k);
    return cut_parts(w, left, rows, c, k);
}

/* A set that saves nothing takes no pieces from others. */
typedef struct Keep {
    int64_t *qty, *value;
} Keep;

static Keep keep_new(const Work *w)
{
    return (Keep){arena_array(w->a, int64_t, w->n + 1), arena_array(w->a, int64_t, w->n + 1)};
}

static void keep(const Work *w, const Left *left, Keep *k)
{
    memcpy(k->qty, left->gqty, w->n * sizeof *k->qty);
    memcpy(k->value, left->gvalue, w->n * sizeof *k->value);
}

static void restore(const Work *w, Left *left, const Keep *k)
{
    memcpy(left->gqty, k->qty, w->n * sizeof *k->qty);
    memcpy(left->gvalue, k->value, w->n * sizeof *k->value);
}

/* Pieces of one line: many sets at once. */
static size_t take_whole(Work *w, Left *left, size_t line, int64_t qty)
{
    w->order[0] = line;
    w->share[0] = take(left, line, qty);
    return 1;
}

/* One set from several lines. */
static size_t take_mixed(Work *w, Left *left, const size_t *lines, size_t n, int64_t need)
{
    size_t k = 0;
    for (size_t h = 0; h < n && need > 0; h++) {
        int64_t some = left->gqty[lines[h]] < need ? left->gqty[lines[h]] : need;
        if (some == 0)
            continue;
        w->order[k] = lines[h];
        w->share[k++] = take(left, lines[h], some);
        need -= some;
    }
    return k;
}

/* Pieces of one mask, dearest first, in sets of `size`; while that saves anything. */
static int64_t apply_same_bundle(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    int64_t size = c->p->buy_qty, saved = 0;
    size_t  all = totals_dearest(w, left, c->buys);
    int64_t sets = sets_of(c, pieces_of(w, left, all), size);
    size_t *lines = arena_array(w->a, size_t, all + 1);
    Keep    before = keep_new(w);
    memcpy(lines, w->order, all * sizeof *lines);
    for (size_t j = 0; j < all && sets > 0;) {
        int64_t whole = left->gqty[lines[j]] / size;
        whole = whole > sets ? sets : whole;
        keep(w, left, &before);
        size_t  k = whole > 0 ? take_whole(w, left, lines[j], whole * size)
                              : take_mixed(w, left, &lines[j], all - j, size);
        int64_t n = whole > 0 ? whole : 1;
        int64_t now = cut_bundle(w, left, rows, c, k, (Wide)c->amount * n);
        if (now == 0) {
            restore(w, left, &before);
            return saved;
        }
        saved += now;
        sets -= n;
        while (j < all && left->gqty[lines[j]] == 0)
            j++;
    }
    return saved;
}

/* One set of parts: its pieces into w->order and w->share; 0: there are not enough. */
static size_t pick_parts(Work *w, Left *left, const Candidate *c, size_t *lines, int64_t *shares)
{
    size_t k = 0;
    for (size_t p = 0; p < c->p->parts.n; p++) {
        int64_t need = c->p->parts.items[p].qty;
        size_t  n = totals_dearest(w, left, c->parts[p]);
        for (size_t j = 0; j < n && need > 0; j++) {
            size_t  i = w->order[j];
            int64_t some = left->gqty[i] < need ? left->gqty[i] : need;
            lines[k] = i;
            shares[k++] = take(left, i, some);
            need -= some;
        }
        if (need > 0)
            return 0;
    }
    return k;
}

/* Room for every line in every part. */
static int64_t apply_parts(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    size_t   room = w->n * c->p->parts.n + 1;
    size_t  *lines = arena_array(w->a, size_t, room);
    int64_t *shares = arena_array(w->a, int64_t, room), saved = 0;
    Money   *split = arena_array(w->a, Money, room);
    Keep     before = keep_new(w);
    for (int set = 0; set < PART_SETS_MAX && (c->p->times == 0 || set < c->p->times); set++) {
        keep(w, left, &before);
        size_t  k = pick_parts(w, left, c, lines, shares);
        int64_t sum = 0;
        for (size_t j = 0; j < k; j++)
            sum += shares[j];
        if (k == 0 || sum <= c->amount) {
            restore(w, left, &before);
            break;
        }
        money_split((Money){.minor = sum - c->amount}, shares, k, split);
        for (size_t j = 0; j < k; j++)
            saved += cut(w, left, rows, c, lines[j], split[j].minor);
    }
    return saved;
}

/* --- delivery, gifts ---------------------------------------------------------------------- */

static bool method_fits(const OrderPromotion *p, int64_t method)
{
    for (size_t i = 0; i < p->delivery_methods.n; i++)
        if (p->delivery_methods.items[i] == method)
            return true;
    return p->delivery_methods.n == 0;
}

static int64_t apply_delivery(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    int64_t saved = 0;
    for (size_t i = 0; i < w->in->ndeliveries; i++) {
        if (left->gdone[i] || !method_fits(c->p, w->in->deliveries[i].method_id))
            continue;
        int64_t amount = off(c, left->delivery[i]);
        amount = amount > c->most - saved ? c->most - saved : amount;
        left->gdone[i] = true;
        if (amount <= 0)
            continue;
        left->delivery[i] -= amount;
        saved += amount;
        row_add(w, rows, c, TOTALS_DELIVERY, i, amount);
    }
    return saved;
}

/* Lines that the promotion gave are free; what they would cost counts as saved. */
static int64_t apply_gift(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    int64_t saved = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->in->lines[i].gift_of == c->p->id)
            saved += cut(w, left, rows, c, i, left->line[i]);
    return saved;
}

int64_t totals_apply(Work *w, Left *left, const Candidate *c, Rows *rows)
{
    switch ((PromotionKind)c->p->kind) {
    case PROMOTION_PERCENT:
    case PROMOTION_FIXED: return apply_plain(w, left, c, rows);
    case PROMOTION_DELIVERY: return apply_delivery(w, left, c, rows);
    case PROMOTION_BUY_GET: return apply_buy_get(w, left, c, rows);
    case PROMOTION_CHEAPEST: return apply_groups(w, left, c, rows, c->p->buy_qty, c->p->get_qty);
    case PROMOTION_GIFT: return apply_gift(w, left, c, rows);
    case PROMOTION_BUNDLE:
        return c->p->parts.n > 0 ? apply_parts(w, left, c, rows)
                                 : apply_same_bundle(w, left, c, rows);
    }
    return 0;
}

/* --- are there enough pieces? ------------------------------------------------------------- */

static int64_t count_mask(const Work *w, const bool *mask)
{
    int64_t sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += line_is(w, mask, i) ? w->in->lines[i].qty : 0;
    return sum;
}

static bool parts_fit(const Work *w, const Candidate *c, int64_t *missing, int64_t *needed,
                      bool *have)
{
    *missing = *needed = 0;
    *have = false;
    for (size_t p = 0; p < c->p->parts.n; p++) {
        int64_t has = count_mask(w, c->parts[p]), wants = c->p->parts.items[p].qty;
        *have = *have || has > 0;
        *needed += wants;
        *missing += has < wants ? wants - has : 0;
    }
    return *missing == 0;
}

bool totals_set_fits(Work *w, const Candidate *c, int64_t *ret_missing, int64_t *ret_needed,
                     bool *ret_have)
{
    const OrderPromotion *p = c->p;
    bool                  has_get = p->kind == PROMOTION_BUY_GET;
    if (p->kind == PROMOTION_BUNDLE && p->parts.n > 0)
        return parts_fit(w, c, ret_missing, ret_needed, ret_have);
    Left    all = {.gqty = w->left.gqty};
    Counts  n = {.both = count_mask(w, c->buys)};
    int64_t wants = p->buy_qty + (has_get ? p->get_qty : 0);
    if (has_get && !c->rule->same)
        n = count_pieces(w, &all, c);
    int64_t has = n.buys + n.both + n.rewards;
    int64_t bought = n.buys + n.both, short_of = wants - has;
    if (has_get && p->buy_qty - bought > short_of)
        short_of = p->buy_qty - bought;
    if (has_get && p->get_qty - n.rewards - n.both > short_of)
        short_of = p->get_qty - n.rewards - n.both;
    *ret_have = bought > 0;
    *ret_needed = wants;
    *ret_missing = short_of > 0 ? short_of : 0;
    return short_of <= 0;
}
