#include "stocked.h"
#include "shop.h"

WORLD_MODULES(&catalog_module, &stock_module);

CatalogProduct stocked_product(World *w, int n, int64_t quantity, const char *policy)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    buf_addf(&b, "{\"title\":\"Mug\",\"options\":[{\"name\":\"Size\"}],\"variants\":[");
    for (int i = 1; i <= n; i++)
        buf_addf(&b,
                 "%s{\"options\":[\"%d\"],\"sku\":\"M-%d\",\"tracked\":true,\"policy\":\"%s\","
                 "\"quantity\":%lld,\"prices\":[{\"price\":{\"amount\":1000,\"currency\":"
                 "\"EUR\"}}]}",
                 i > 1 ? "," : "", i, i, policy, (long long)quantity);
    buf_addf(&b, "]}");
    return shop_product(w, str_cstr(&w->arena, buf_str(&b)));
}

typedef struct Call {
    int64_t          owner, line, ttl;
    const StockLine *lines;
    size_t           n;
    const StockAsk  *ask;
    const StockMove *move;
    bool             damaged;
    StockShort      *lack;
    StockAllocation *allocation;
} Call;

static Status reserve_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_reserve(cx, c->owner, c->lines, c->n, (SpanMs){c->ttl}, c->lack);
}

Status in_tx_reserve(Cx *cx, int64_t owner, const StockLine *lines, size_t n, int64_t ttl_ms,
                     StockShort *ret)
{
    Call c = {.owner = owner, .lines = lines, .n = n, .ttl = ttl_ms, .lack = ret};
    return cx_in_tx(cx, reserve_tx, &c);
}

static Status allocate_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_allocate(cx, c->ask, c->allocation);
}

Status in_tx_allocate(Cx *cx, const StockAsk *ask, StockAllocation *ret)
{
    Call c = {.ask = ask, .allocation = ret};
    return cx_in_tx(cx, allocate_tx, &c);
}

static Status unallocate_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_unallocate(cx, c->owner, c->line, (int64_t)c->n);
}

Status in_tx_unallocate(Cx *cx, int64_t order, int64_t line, int64_t qty)
{
    Call c = {.owner = order, .line = line, .n = (size_t)qty};
    return cx_in_tx(cx, unallocate_tx, &c);
}

static Status ship_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_ship(cx, c->move);
}

Status in_tx_ship(Cx *cx, const StockMove *m)
{
    Call c = {.move = m};
    return cx_in_tx(cx, ship_tx, &c);
}

static Status return_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_return(cx, c->move, c->damaged);
}

Status in_tx_return(Cx *cx, const StockMove *m, bool damaged)
{
    Call c = {.move = m, .damaged = damaged};
    return cx_in_tx(cx, return_tx, &c);
}

static Status release_tx(Cx *cx, void *arg)
{
    Call *c = arg;
    return stock_release(cx, c->owner);
}

Status in_tx_release(Cx *cx, int64_t owner)
{
    Call c = {.owner = owner};
    return cx_in_tx(cx, release_tx, &c);
}

int64_t available(World *w, int64_t variant)
{
    StockAvailability a;
    assert_ok(stock_available(&w->cx, &variant, 1, &a), &w->cx.err);
    assert_true(a.known);
    return a.available;
}

void stock_sound(World *w)
{
    static const char *const RULES[] = {
        "SELECT count(*) FROM stock_level l WHERE on_hand <> (SELECT CAST(coalesce(sum(m.on_hand),"
        " 0) AS BIGINT) FROM stock_movement m WHERE m.variant_id = l.variant_id"
        " AND m.location_id = l.location_id)",
        "SELECT count(*) FROM stock_level l WHERE allocated <> (SELECT CAST(coalesce("
        "sum(m.allocated), 0) AS BIGINT) FROM stock_movement m WHERE m.variant_id = l.variant_id"
        " AND m.location_id = l.location_id)",
        "SELECT count(*) FROM stock_level l WHERE reserved <> (SELECT CAST(coalesce(sum(r.qty), 0)"
        " AS BIGINT) FROM stock_reservation r WHERE r.variant_id = l.variant_id"
        " AND r.location_id = l.location_id)",
        "SELECT count(*) FROM stock_reservation r WHERE NOT EXISTS (SELECT 1 FROM stock_level l"
        " WHERE l.variant_id = r.variant_id AND l.location_id = r.location_id)",
        "SELECT count(*) FROM stock_movement m WHERE NOT EXISTS (SELECT 1 FROM stock_level l"
        " WHERE l.variant_id = m.variant_id AND l.location_id = m.location_id)",
        "SELECT count(*) FROM (SELECT 1 FROM stock_movement WHERE order_id IS NOT NULL"
        " GROUP BY order_id, line_id, variant_id, location_id HAVING sum(allocated) < 0) x",
    };
    for (size_t i = 0; i < COUNT_OF(RULES); i++)
        if (shop_number_at(w, RULES[i], RULES[i]) != 0)
            fail_msg("%s", RULES[i]);
}

int64_t stocked_location(World *w, const char *json)
{
    StockLocation l = {0};
    assert_ok(shop_read(&w->cx, &stock_location_shape, json, &l), &w->cx.err);
    assert_ok(stock_location_create(&w->cx, &l), &w->cx.err);
    return l.id;
}
