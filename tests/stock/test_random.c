/* Random histories of stock against a model that a child could keep: after every step the numbers
 * are the model's, the books add up, and nothing was sold that is not there. */
#include "shop.h"
#include "stocked.h"

#include "base/rng.h"

enum { VARIANTS = 3, OWNERS = 4, ORDERS = 6, STEPS = 250 };

typedef struct Model {
    int64_t on_hand[VARIANTS];
    int64_t reserved[OWNERS][VARIANTS];
    int64_t allocated[ORDERS][VARIANTS];
} Model;

typedef struct Run {
    World  *w;
    Rng     rng;
    int64_t variant[VARIANTS];
    Model   m;
} Run;

static int64_t pick(Run *r, int64_t below)
{
    return (int64_t)(rng_below(&r->rng, (uint64_t)below));
}

static int64_t free_of(const Run *r, int v)
{
    int64_t n = r->m.on_hand[v];
    for (int i = 0; i < OWNERS; i++)
        n -= r->m.reserved[i][v];
    for (int i = 0; i < ORDERS; i++)
        n -= r->m.allocated[i][v];
    return n;
}

static void step_reserve(Run *r)
{
    int        owner = (int)pick(r, OWNERS), v = (int)pick(r, VARIANTS);
    int64_t    qty = 1 + pick(r, 6), had = r->m.reserved[owner][v];
    StockLine  line = {r->variant[v], qty, 1};
    StockShort lack;
    Status     st = in_tx_reserve(&r->w->cx, owner + 1, &line, 1, 600000, &lack);
    assert_int_equal(st == ST_OK, qty <= free_of(r, v) + had);
    if (st != ST_OK)
        return;
    for (int i = 0; i < VARIANTS; i++)
        r->m.reserved[owner][i] = i == v ? qty : 0;
}

static void step_allocate(Run *r)
{
    int             owner = (int)pick(r, OWNERS), v = (int)pick(r, VARIANTS);
    int             order = (int)pick(r, ORDERS);
    int64_t         qty = 1 + pick(r, 4);
    StockLine       line = {r->variant[v], qty, v + 1};
    StockAllocation got;
    StockAsk        ask = {.owner = owner + 1, .order_id = order + 1, .lines = &line, .n = 1};
    Status          st = in_tx_allocate(&r->w->cx, &ask, &got);
    assert_int_equal(st == ST_OK, qty <= free_of(r, v) + r->m.reserved[owner][v]);
    if (st != ST_OK)
        return;
    memset(r->m.reserved[owner], 0, sizeof r->m.reserved[owner]);
    r->m.allocated[order][v] += qty;
}

static void step_back(Run *r)
{
    int     order = (int)pick(r, ORDERS), v = (int)pick(r, VARIANTS);
    int64_t qty = 1 + pick(r, 3), is = r->m.allocated[order][v];
    assert_ok(in_tx_unallocate(&r->w->cx, order + 1, v + 1, qty), &r->w->cx.err);
    r->m.allocated[order][v] -= qty < is ? qty : is;
}

static void step_ship(Run *r)
{
    int     order = (int)pick(r, ORDERS), v = (int)pick(r, VARIANTS);
    int64_t qty = r->m.allocated[order][v];
    if (qty == 0)
        return;
    StockParts open;
    assert_ok(stock_allocated(&r->w->cx, order + 1, &open), &r->w->cx.err);
    for (size_t i = 0; i < open.n; i++) {
        const StockPart *p = &open.items[i];
        if (p->line_id != v + 1)
            continue;
        StockMove m = {order + 1, v + 1, p->variant_id, p->location_id, p->qty};
        assert_ok(in_tx_ship(&r->w->cx, &m), &r->w->cx.err);
    }
    r->m.on_hand[v] -= qty;
    r->m.allocated[order][v] = 0;
}

static void step_receive(Run *r, int64_t second)
{
    int      v = (int)pick(r, VARIANTS);
    int64_t  qty = pick(r, 5);
    StockSet in = {.variant_id = r->variant[v],
                   .location_id = pick(r, 2) ? second : 1,
                   .received = opt_i64(qty)};
    assert_ok(stock_set(&r->w->cx, &in, 1), &r->w->cx.err);
    r->m.on_hand[v] += qty;
}

static void check(Run *r)
{
    for (int v = 0; v < VARIANTS; v++) {
        assert_int_equal(available(r->w, r->variant[v]), free_of(r, v));
        assert_true(free_of(r, v) >= 0);
    }
}

static void books_and_model_agree(void **state)
{
    World         *w = *state;
    Run            r = {.w = w, .rng = rng_of(20261122)};
    CatalogProduct p = stocked_product(w, VARIANTS, 4, "deny");
    int64_t        second = stocked_location(w, "{\"name\":\"Second\"}");
    for (int v = 0; v < VARIANTS; v++) {
        r.variant[v] = p.variants.items[v].id;
        r.m.on_hand[v] = 4;
    }
    for (int i = 0; i < STEPS; i++) {
        switch (pick(&r, 6)) {
        case 0:
        case 1: step_reserve(&r); break;
        case 2: step_allocate(&r); break;
        case 3: step_back(&r); break;
        case 4: step_ship(&r); break;
        default: step_receive(&r, second); break;
        }
        check(&r);
        if (i % 25 == 24) {
            stock_sound(w);
            world_again(w);
        }
    }
}

int main(void)
{
    stock_install();
    const struct CMUnitTest tests[] = {TEST_WORLD(books_and_model_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
