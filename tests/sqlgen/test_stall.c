/* What sqlgen makes of stall/queries.sql works, with every type and every kind. */
#include "stall/stall_sql.h"
#include "test.h"

#include "base/shape.h"
#include "postgres.h"

#include <float.h>

static const char *const STATES[] = {"fresh", "stale", NULL};
extern const char *const stall_states[];
const char *const        stall_states[] = {"fresh", "stale", NULL};

typedef struct Stall {
    Arena arena;
    Cx    cx;
    Db   *db;
    char  url[POSTGRES_URL_MAX];
} Stall;

static int setup(void **state, const char *url)
{
    static const DbMigrations SCHEMA = STALL_MIGRATIONS;
    Stall                    *s = test_calloc(1, sizeof *s);
    *state = s;
    (void)snprintf(s->url, sizeof s->url, "%s", url);
    arena_init(&s->arena, 4096);
    assert_ok(db_open(url, NULL, &s->db, &s->cx.err), &s->cx.err);
    assert_ok(db_migrate(s->db, &SCHEMA, 1, &s->cx.err), &s->cx.err);
    assert_ok(cx_begin(&s->cx, &s->arena, s->db, (UnixMs){1700000000000}), &s->cx.err);
    return 0;
}

static int setup_sqlite(void **state)
{
    return setup(state, ":memory:");
}

static int setup_postgres(void **state)
{
    char url[POSTGRES_URL_MAX];
    postgres_make(NULL, url);
    return setup(state, url);
}

static int teardown(void **state)
{
    Stall *s = *state;
    cx_end(&s->cx);
    db_close(s->db);
    if (s->url[0] != ':')
        postgres_drop(s->url);
    arena_done(&s->arena);
    test_free(s);
    return 0;
}

#define ON_BOTH(fn)                                                                                \
    {#fn " (sqlite)", fn, setup_sqlite, teardown, NULL},                                           \
    {                                                                                              \
#fn " (postgres)", fn, setup_postgres, teardown, NULL                                      \
    }

static StallItem item(int64_t id, const char *name)
{
    return (StallItem){.id = id,
                       .name = str_from_cstr(name),
                       .price = MONEY(250, "EUR"),
                       .made_ms = {1000 + id},
                       .weight = 0.5,
                       .picture = STR("p")};
}

static Status add_tx(Cx *cx, void *arg)
{
    return stall_sql_item_add(cx, arg, NULL);
}

static void add(Cx *cx, StallItem it)
{
    assert_ok(cx_in_tx(cx, add_tx, &it), &cx->err);
}

static void absent_values_come_back_absent(void **state)
{
    Cx       *cx = &((Stall *)*state)->cx;
    StallItem got;
    add(cx, item(1, "tea"));
    assert_ok(stall_sql_item_get(cx, 1, &got), &cx->err);
    assert_str(got.name, "tea");
    assert_null(got.note.ptr);
    assert_false(got.qty.has || got.sold_ms.has || got.checked.has || got.share.has);
    assert_null(got.thumbnail.ptr);
    assert_null(got.extra.ptr);
    assert_int_equal(got.state, 0);
}

static void present_values_come_back_as_they_were(void **state)
{
    static const char BYTES[] = "\0\x01\xff'\\\"";
    Cx               *cx = &((Stall *)*state)->cx;
    StallItem         it = item(INT64_MAX, "naïve 茶 'quoted' \\ \"twice\"");
    it.note = STR("");
    it.state = 1;
    it.price = (Money){.minor = INT64_MIN, .cur = "JPY"};
    it.qty = opt_i64(INT64_MIN);
    it.made_ms.v = -1;
    it.sold_ms = opt_time((UnixMs){0});
    it.organic = true;
    it.checked = (OptBool){.v = false, .has = true};
    it.weight = DBL_MIN;
    it.share = (OptReal){.v = -1.0 / 3, .has = true};
    it.picture = (Str){BYTES, sizeof BYTES};
    it.thumbnail = STR("");
    it.extra = STR("{\"a\": [1, 2]}");
    add(cx, it);
    StallItem got;
    assert_ok(stall_sql_item_get(cx, INT64_MAX, &got), &cx->err);
    assert_true(str_eq(got.name, it.name));
    assert_non_null(got.note.ptr); /* empty, but there */
    assert_int_equal(got.note.len, 0);
    assert_string_equal(STATES[got.state], "stale");
    assert_int_equal(got.price.minor, INT64_MIN);
    assert_string_equal(got.price.cur, "JPY");
    assert_true(got.qty.has && got.qty.v == INT64_MIN);
    assert_int_equal(got.made_ms.v, -1);
    assert_true(got.sold_ms.has && got.sold_ms.v.v == 0);
    assert_true(got.organic && got.checked.has && !got.checked.v);
    assert_true(got.weight <= DBL_MIN && got.weight >= DBL_MIN);
    assert_true(got.share.has && got.share.v <= -1.0 / 3 && got.share.v >= -1.0 / 3);
    assert_true(str_eq(got.picture, it.picture));
    assert_non_null(got.thumbnail.ptr);
    assert_int_equal(got.thumbnail.len, 0);
    assert_str(got.extra, "{\"a\": [1, 2]}");
}

static void a_row_that_is_not_there_is_told_as_asked(void **state)
{
    Cx       *cx = &((Stall *)*state)->cx;
    StallItem got;
    StallLine line;
    bool      found = true;
    assert_fails(stall_sql_item_get(cx, 7, &got), ST_NOT_FOUND, &cx->err, "stall.no_item");
    assert_ok(stall_sql_item_by_name(cx, STR("tea"), &found, &line), &cx->err);
    assert_false(found);
}

static void lists_keep_order_and_limit(void **state)
{
    Cx *cx = &((Stall *)*state)->cx;
    for (int64_t i = 1; i <= 40; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "item %02lld", (long long)i);
        add(cx, item(i, name));
    }
    StallLineList page;
    assert_ok(stall_sql_item_page(cx, (UnixMs){1010}, 10, 25, &page), &cx->err);
    assert_int_equal(page.n, 25);
    assert_int_equal(page.items[0].id, 11);
    assert_str(page.items[24].name, "item 35");
    const int64_t ids[] = {3, 99, 1, 40};
    assert_ok(stall_sql_item_of(cx, ids, COUNT_OF(ids), 10, &page), &cx->err);
    assert_int_equal(page.n, 3);
    assert_int_equal(page.items[2].id, 40);
    assert_ok(stall_sql_item_of(cx, NULL, 0, 10, &page), &cx->err);
    assert_int_equal(page.n, 0);
    int64_t n;
    int64_t qty;
    assert_ok(stall_sql_item_count(cx, &n, &qty), &cx->err);
    assert_int_equal(n, 40);
    assert_int_equal(qty, 0);
}

static void lists_of_texts_carry_any_text(void **state)
{
    static const char *const NAMES[] = {
        "", "a,b", "{x}", "NULL", "\"q\"", "back\\slash", "'", "\n\t\x01z", "naïve 茶", " sp "};
    Cx *cx = &((Stall *)*state)->cx;
    Str names[COUNT_OF(NAMES)];
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        names[i] = str_from_cstr(NAMES[i]);
        if (i > 0)
            add(cx, item((int64_t)i, NAMES[i]));
    }
    StallLineList got;
    assert_ok(stall_sql_item_named(cx, names, COUNT_OF(names), &got), &cx->err);
    assert_int_equal(got.n, COUNT_OF(NAMES) - 1);
    for (size_t i = 0; i < got.n; i++)
        assert_true(str_eq(got.items[i].name, names[i + 1]));
}

typedef struct Seen {
    int64_t n;
    int64_t sum;
    int64_t again; /* counted by another query inside of the loop */
} Seen;

static Status see(Cx *cx, const StallLine *row, void *arg)
{
    Seen   *seen = arg;
    int64_t qty;
    seen->n++;
    seen->sum += row->id;
    return stall_sql_item_count(cx, &seen->again, &qty);
}

static Status all_tx(Cx *cx, void *arg)
{
    return stall_sql_item_all(cx, see, arg);
}

static void each_row_passes_by_once(void **state)
{
    Cx *cx = &((Stall *)*state)->cx;
    for (int64_t i = 1; i <= 1300; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "item %lld", (long long)i);
        add(cx, item(i, name));
    }
    Seen seen = {0};
    assert_ok(cx_in_snapshot(cx, all_tx, &seen), &cx->err);
    assert_int_equal(seen.n, 1300);
    assert_int_equal(seen.sum, 1300 * 1301 / 2);
    assert_int_equal(seen.again, 1300);
    seen = (Seen){0};
    assert_ok(cx_in_tx(cx, all_tx, &seen), &cx->err);
    assert_int_equal(seen.n, 1300);
}

typedef struct Sale {
    bool    first;
    bool    second;
    Str     name;
    int64_t dropped;
} Sale;

static Status sell_tx(Cx *cx, void *arg)
{
    Sale *s = arg;
    Str   again;
    TRY(stall_sql_item_sell(cx, 1, cx->now, &s->first, &s->name));
    TRY(stall_sql_item_sell(cx, 1, cx->now, &s->second, &again));
    TRY(stall_sql_tag_add(cx, 1, STR("green"), NULL));
    int64_t changed = -1;
    TRY(stall_sql_tag_add(cx, 1, STR("green"), &changed)); /* is there: nothing happens */
    assert_int_equal(changed, 0);
    TRY(stall_sql_item_drop(cx, 1, &s->dropped));
    int64_t none;
    TRY(stall_sql_item_drop(cx, 1, &none));
    assert_int_equal(none, 0);
    return ST_OK;
}

static void writes_say_what_they_changed(void **state)
{
    Cx  *cx = &((Stall *)*state)->cx;
    Sale sale = {0};
    add(cx, item(1, "tea"));
    assert_ok(cx_in_tx(cx, sell_tx, &sale), &cx->err);
    assert_true(sale.first);
    assert_false(sale.second);
    assert_str(sale.name, "tea");
    assert_int_equal(sale.dropped, 1);
}

static Status next_tx(Cx *cx, void *arg)
{
    bool found;
    TRY(stall_sql_item_next(cx, (UnixMs){2000}, &found, arg));
    return found ? ST_OK : cx_fail(cx, ST_NOT_FOUND, "stall.empty", "nothing left");
}

static void a_text_for_one_engine_serves_both(void **state)
{
    Cx     *cx = &((Stall *)*state)->cx;
    int64_t id;
    add(cx, item(2, "tea"));
    add(cx, item(1, "salt"));
    assert_ok(cx_in_tx_relaxed(cx, next_tx, &id), &cx->err);
    assert_int_equal(id, 1);
}

static void a_row_has_a_shape(void **state)
{
    (void)state;
    assert_int_equal(stall_line_shape.n, 3);
    assert_int_equal(stall_line_shape.size, sizeof(StallLine));
    assert_string_equal(stall_line_shape.fields[0].prefix, "itm");
    assert_int_equal(stall_line_shape.fields[0].kind, SHAPE_K_ID);
    assert_int_equal(stall_line_shape.fields[2].offset, offsetof(StallLine, made_ms));
    assert_string_equal(stall_line_shape.fields[1].doc, "As written on the sign.");
}

static void every_query_fits_the_engine(void **state)
{
    static const DbMigrations SCHEMA = STALL_MIGRATIONS;
    Cx                       *cx = &((Stall *)*state)->cx;
    assert_int_equal(SCHEMA.nqueries, 12);
    assert_ok(db_conn_take(cx->db, &cx->conn, &cx->err), &cx->err);
    for (size_t i = 0; i < SCHEMA.nqueries; i++)
        assert_ok(db_check(cx->conn, SCHEMA.queries[i], &cx->err), &cx->err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(absent_values_come_back_absent),
        ON_BOTH(present_values_come_back_as_they_were),
        ON_BOTH(a_row_that_is_not_there_is_told_as_asked),
        ON_BOTH(lists_keep_order_and_limit),
        ON_BOTH(lists_of_texts_carry_any_text),
        ON_BOTH(each_row_passes_by_once),
        ON_BOTH(writes_say_what_they_changed),
        ON_BOTH(a_text_for_one_engine_serves_both),
        ON_BOTH(every_query_fits_the_engine),
        cmocka_unit_test(a_row_has_a_shape),
    };
    return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
