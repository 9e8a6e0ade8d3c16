/* bench_totals - what it costs to price a cart: five lines, delivery, twenty promotions that are in
 * force (a third of them apply), included tax.
 *
 * The peer is SQLite: one prepared look-up of a row by its key in a database in memory, the least
 * that a design would cost that asks its database for each promotion. */
#include "bench.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order/promotion.h"
#include "order/tax.h"

enum { LINES = 5, PROMOTIONS = 20 };

static const char *const KINDS[] = {
    "{\"kind\":\"percent\",\"percent_ppm\":100000,\"rewards\":{\"tags\":[\"hat\"]}}",
    "{\"kind\":\"percent\",\"percent_ppm\":50000,\"conditions\":{\"customer.groups\":\"vip\"}}",
    "{\"kind\":\"fixed\",\"target\":\"order\",\"amounts\":[{\"amount\":500,\"currency\":\"EUR\"}],"
    "\"min_amounts\":[{\"amount\":20000,\"currency\":\"EUR\"}]}",
    "{\"kind\":\"buy_get\",\"buy_qty\":2,\"get_qty\":1,\"rewards\":{\"collections\":["
    "\"col_0000000000002\"]}}",
    "{\"kind\":\"delivery\",\"min_amounts\":[{\"amount\":9900,\"currency\":\"EUR\"}]}",
    "{\"kind\":\"percent\",\"target\":\"order\",\"percent_ppm\":20000,\"conditions\":"
    "{\"time.hour\":{\"$gte\":25}}}",
    "{\"kind\":\"cheapest\",\"buy_qty\":3,\"get_qty\":1,\"rewards\":{\"vendors\":[\"Nord\"]}}",
};

static void die(const char *what, const Err *err)
{
    fprintf(stderr, "bench_totals: %s: %s\n", what, err->msg);
    exit(1);
}

static void read_json(Arena *a, const Shape *shape, const char *json, void *to)
{
    Issues issues = {.arena = a};
    Err    err = {0};
    if (shape_read(shape, SHAPE_PATCH, str_from_cstr(json), a, to, &issues, &err) != ST_OK)
        die("json", &err);
}

static const TotalsPromotion *promotions(Arena *a)
{
    TotalsPromotion *all = arena_array(a, TotalsPromotion, PROMOTIONS);
    Err              err = {0};
    for (size_t i = 0; i < PROMOTIONS; i++) {
        OrderPromotion *p = arena_new(a, OrderPromotion);
        p->active = p->automatic = true;
        read_json(a, &order_promotion_shape, KINDS[i % COUNT_OF(KINDS)], p);
        p->id = (int64_t)i + 1;
        p->title = STR("A promotion");
        if (promotion_compile(a, p, &all[i].rule, &err) != ST_OK)
            die("promotion", &err);
    }
    return all;
}

static const TotalsLine *lines(Arena *a)
{
    static const int64_t SHOES[] = {1, 2}, HATS[] = {3};
    static const Str     TAGS[] = {STR_INIT("new"), STR_INIT("hat")};
    TotalsLine          *l = arena_array(a, TotalsLine, LINES);
    for (int64_t i = 0; i < LINES; i++) {
        TotalsIds shoes = {SHOES, 2}, hats = {HATS, 1};
        l[i] = (TotalsLine){.id = i + 1,
                            .variant_id = i + 1,
                            .product_id = i + 1,
                            .collections = i % 2 ? shoes : hats,
                            .tags = {TAGS, i % 2 ? 1 : 2},
                            .vendor = STR("Nord"),
                            .qty = i + 1,
                            .unit_price = 1999 + i * 700,
                            .weight_g = 300};
    }
    return l;
}

static const TaxTable *taxes(Arena *a)
{
    TaxZones   *zones = arena_new(a, TaxZones);
    TaxClasses *classes = arena_new(a, TaxClasses);
    zones->items = arena_new(a, TaxZone);
    zones->n = 1;
    read_json(a, &tax_zone_shape,
              "{\"country\":\"DE\",\"active\":true,\"rates\":[{\"tax_class\":\"standard\","
              "\"name\":\"VAT\",\"rate_ppm\":190000}]}",
              zones->items);
    return tax_table_make(a, zones, classes);
}

typedef struct Pricing {
    const TotalsIn *in;
    Arena           a;
    OrderTotals     t;
} Pricing;

static void price(void *arg)
{
    Pricing *p = arg;
    Err      err = {0};
    arena_reset(&p->a);
    if (order_totals(&p->a, p->in, &p->t, &err) != ST_OK)
        die("totals", &err);
}

typedef struct Row {
    sqlite3      *db;
    sqlite3_stmt *s;
    int64_t       i, sum;
} Row;

static void open_row(Row *r)
{
    if (sqlite3_open(":memory:", &r->db) != SQLITE_OK ||
        sqlite3_exec(r->db,
                     "CREATE TABLE p (id INTEGER PRIMARY KEY, body TEXT);"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                     "1000) INSERT INTO p SELECT i, 'promotion ' || i FROM n",
                     NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(r->db, "SELECT id, body FROM p WHERE id = ?1", -1, &r->s, NULL) !=
            SQLITE_OK)
        exit(1);
}

static void look_up(void *arg)
{
    Row *r = arg;
    sqlite3_bind_int64(r->s, 1, r->i++ % 1000 + 1);
    if (sqlite3_step(r->s) == SQLITE_ROW)
        r->sum += sqlite3_column_int64(r->s, 0);
    sqlite3_reset(r->s);
}

int main(void)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 64 << 10);
    const TotalsDelivery delivery = {.method_id = 1, .amount = 490};
    const TotalsIn       in = {.currency = "EUR",
                               .at = {1795780800000},
                               .buyer = {.country = STR("DE")},
                               .tax = {.table = taxes(&a), .prices_include_tax = true},
                               .lines = lines(&a),
                               .nlines = LINES,
                               .deliveries = &delivery,
                               .ndeliveries = 1,
                               .promotions = promotions(&a),
                               .npromotions = PROMOTIONS};
    Pricing              p = {.in = &in};
    Row                  r = {0};
    arena_init(&p.a, 64 << 10);
    open_row(&r);
    double cart = bench_seconds(price, &p), row = bench_seconds(look_up, &r);
    printf("order_totals   5 lines, 20 promotions, %zu apply: %6.2f us\n", p.t.applied.n,
           cart * 1e6);
    printf("SQLite         one row by its key, prepared:     %6.2f us\n", row * 1e6);
    printf("a cart costs as much as %.1f look-ups; a look-up for each promotion would be 20\n",
           cart / row);
    arena_done(&p.a);
    sqlite3_finalize(r.s);
    sqlite3_close(r.db);
    return 0;
}
