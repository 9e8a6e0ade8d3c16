/* What a merchant says about finding holds at once; what shoppers searched for is counted. */
#include "edits.h"

#include "base/clock.h"
#include "base/metric.h"
#include "base/rng.h"
#include "catalog/events.h"
#include "catalog/product_search.h"
#include "catalog/search_guide.h"
#include "catalog/search_stats.h"
#include "core/audit.h"
#include "core/setting.h"

#include <stdio.h>
#include <string.h>

#define PRICE(amount) "\"prices\":[{\"price\":{\"amount\":" amount ",\"currency\":\"EUR\"}}]"
#define PRODUCT(title, vendor, sku, more)                                                          \
    "{\"title\":\"" title "\",\"vendor\":\"" vendor "\",\"status\":\"active\",\"variants\":["      \
    "{\"sku\":\"" sku "\"," more PRICE("1000") "}]}"

typedef struct Lamps {
    CatalogProduct small, tall, sofa;
} Lamps;

static void settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static Lamps begin(World *w)
{
    const PublishedOptions options = {.manual = true};
    Lamps                  l = {.small = shop_product(w, PRODUCT("Desk lamp", "Lumen", "L-1", "")),
                                .tall = shop_product(w, PRODUCT("Floor lamp", "Nord", "L-2", "")),
                                .sofa = shop_product(w, PRODUCT("Corner sofa", "Nord", "S-1", ""))};
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
    return l;
}

static void end(World *w)
{
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
}

static ProductSearchAnswer ask(World *w, const char *words)
{
    ProductSearchAnswer    a;
    const ProductSearchAsk q = {
        .text = str_from_cstr(words), .limit = 20, .counted = true, .explain = true};
    assert_ok(product_search(&w->cx, &q, &a), &w->cx.err);
    return a;
}

static int64_t first(World *w, const char *words)
{
    ProductSearchAnswer a = ask(w, words);
    return a.result.n_hits > 0 ? a.result.hits[0].id : 0;
}

/* Make one from JSON; its id. */
static Status make(World *w, SearchGuideKind kind, const char *json, int64_t *ret)
{
    const Shape *shape = search_guide_shape(kind);
    void        *value = arena_alloc(w->cx.arena, shape->size, 16);
    memset(value, 0, shape->size);
    w->cx.issues.n = w->cx.issues.total = 0;
    TRY(shop_read(&w->cx, shape, json, value));
    TRY(search_guide_create(&w->cx, kind, value));
    memcpy(ret, (char *)value + offsetof(SearchSynonym, id), sizeof *ret);
    return ST_OK;
}

static int64_t made(World *w, SearchGuideKind kind, const char *json)
{
    int64_t id = 0;
    assert_ok(make(w, kind, json, &id), &w->cx.err);
    settle(w);
    return id;
}

static void synonyms_hold_both_ways_or_one_way(void **state)
{
    World *w = *state;
    Lamps  l = begin(w);
    assert_int_equal(ask(w, "couch").result.total, 0);
    int64_t both = made(w, SEARCH_GUIDE_SYNONYM, "{\"words\":[\"couch\",\"sofa\"]}");
    assert_int_equal(first(w, "couch"), l.sofa.id);
    assert_int_equal(first(w, "couches"), l.sofa.id);
    made(w, SEARCH_GUIDE_SYNONYM, "{\"locale\":\"en\",\"from\":\"light\",\"words\":[\"lamp\"]}");
    assert_int_equal(ask(w, "light").result.total, 2);
    assert_ok(search_guide_delete(&w->cx, SEARCH_GUIDE_SYNONYM, both), &w->cx.err);
    settle(w);
    assert_int_equal(ask(w, "couch").result.total, 0);
    end(w);
}

static void a_query_leads_to_a_page(void **state)
{
    World *w = *state;
    begin(w);
    assert_int_equal(ask(w, "returns").redirect.len, 0);
    made(w, SEARCH_GUIDE_REDIRECT, "{\"query\":\"returns\",\"target\":\"/pages/returns\"}");
    assert_str(ask(w, "Return").redirect, "/pages/returns");
    assert_str(ask(w, "RETURNS").redirect, "/pages/returns");
    assert_int_equal(ask(w, "return lamp").redirect.len, 0);
    end(w);
}

static void rules_pin_boost_and_bury(void **state)
{
    World *w = *state;
    Lamps  l = begin(w);
    char   json[200];
    (void)snprintf(json, sizeof json,
                   "{\"title\":\"Sofa first\",\"applies\":\"contains\",\"query\":\"lamps\","
                   "\"pins\":[\"" STR_FMT "\"]}",
                   STR_ARG(id_format(w->cx.arena, CATALOG_PRODUCT_ID, l.sofa.id)));
    int64_t pin = made(w, SEARCH_GUIDE_RULE, json);
    assert_int_equal(first(w, "lamp"), l.sofa.id);
    assert_int_equal(first(w, "desk lamp"), l.sofa.id);
    assert_int_equal(first(w, "sofa"), l.sofa.id);
    assert_ok(search_guide_delete(&w->cx, SEARCH_GUIDE_RULE, pin), &w->cx.err);
    made(w, SEARCH_GUIDE_RULE,
         "{\"title\":\"Nord\",\"condition\":{\"vendor\":\"Nord\"},\"boost\":50}");
    ProductSearchAnswer a = ask(w, "lamp");
    assert_int_equal(a.result.hits[0].id, l.tall.id);
    assert_int_equal(a.n_rules, 1);
    assert_str(product_search_rule(&w->cx, &a, 0), "Nord");
    made(w, SEARCH_GUIDE_RULE,
         "{\"title\":\"No Nord\",\"condition\":{\"vendor\":\"Nord\"},\"bury\":true}");
    assert_int_equal(first(w, "lamp"), l.small.id);
    end(w);
}

static void what_is_no_entry_is_refused(void **state)
{
    static const struct {
        SearchGuideKind kind;
        const char     *json;
    } BAD[] = {
        {SEARCH_GUIDE_SYNONYM, "{\"words\":[\"alone\"]}"},
        {SEARCH_GUIDE_SYNONYM, "{\"words\":[]}"},
        {SEARCH_GUIDE_REDIRECT, "{\"query\":\"x\",\"target\":\"//evil.example\"}"},
        {SEARCH_GUIDE_REDIRECT, "{\"query\":\"x\",\"target\":\"javascript:alert(1)\"}"},
        {SEARCH_GUIDE_RULE, "{\"title\":\"x\",\"applies\":\"is\"}"},
        {SEARCH_GUIDE_RULE, "{\"title\":\"x\",\"boost\":10}"},
        {SEARCH_GUIDE_RULE, "{\"title\":\"x\",\"boost\":10,\"condition\":{\"colour\":\"red\"}}"},
        {SEARCH_GUIDE_RULE, "{\"title\":\"x\",\"boost\":1000,\"condition\":{\"vendor\":\"x\"}}"},
    };
    World  *w = *state;
    int64_t id;
    shop_drain(w);
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(make(w, BAD[i].kind, BAD[i].json, &id), ST_INVALID);
    assert_fails(search_guide_delete(&w->cx, SEARCH_GUIDE_RULE, 7), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_search_entry");
    shop_close(w);
}

static void changes_are_recorded(void **state)
{
    World      *w = *state;
    AuditEntry *entries;
    size_t      n;
    int64_t     id = 0;
    shop_drain(w);
    w->cx.actor.kind = ACTOR_STAFF;
    assert_ok(make(w, SEARCH_GUIDE_SYNONYM, "{\"words\":[\"a\",\"b\"]}", &id), &w->cx.err);
    const AuditFilter f = {.entity = STR("catalog.search_synonym"), .limit = 10};
    assert_ok(audit_list(&w->cx, &f, &entries, &n), &w->cx.err);
    assert_int_equal(n, 1);
    assert_int_equal(entries[0].entity_id, id);
    shop_close(w);
}

static const SearchCount *count_of(const SearchCounts *c, const char *query)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_eq(c->items[i].query, str_from_cstr(query)))
            return &c->items[i];
    return NULL;
}

static void searches_and_clicks_are_counted_and_suggested(void **state)
{
    World            *w = *state;
    Lamps             l = begin(w);
    SearchCounts      most, missed;
    SearchCompletion *list;
    size_t            n;
    w->cx.now = clock_now(); /* the index asks for the past weeks by the real time */
    for (int i = 0; i < 4; i++)
        ask(w, "nord lamp");
    ask(w, "  Nord   LAMPS ");
    ask(w, "submarine");
    ask(w, "somebody@example.org");
    ask(w, "+31 6 1234 5678");
    product_search_clicked(&w->cx, STR("nord lamp"), STR(""), l.tall.id);
    product_search_clicked(&w->cx, STR("nord lamp"), STR(""), 12345);
    assert_ok(product_search_flush(&w->cx), &w->cx.err);
    assert_ok(search_counts(&w->cx, 1, false, 10, &most), &w->cx.err);
    assert_ok(search_counts(&w->cx, 1, true, 10, &missed), &w->cx.err);
    assert_int_equal(most.n, 2); /* and not who it was */
    assert_int_equal(most.items[0].searches, 5);
    assert_int_equal(most.items[0].clicks, 1);
    assert_int_equal(missed.n, 1);
    assert_int_equal(count_of(&missed, "submarine")->without_results, 1);
    made(w, SEARCH_GUIDE_SYNONYM, "{\"words\":[\"x\",\"y\"]}"); /* reads past queries, too */
    assert_ok(product_search_complete(&w->cx, STR("no"), STR(""), 6, &list, &n), &w->cx.err);
    assert_true(n > 0);
    assert_true(str_starts(list[0].text, STR("Nord")) || str_starts(list[0].text, STR("nord")));
    assert_int_equal(list[0].hits, 5);
    assert_int_equal(first(w, "lamp"), l.tall.id); /* it was opened */
    end(w);
}

static void popularity_is_told_by_the_journey(void **state)
{
    World       *w = *state;
    Lamps        l = begin(w);
    const double much = 50;
    assert_ok(product_search_popularity(&w->cx, &l.tall.id, &much, 1), &w->cx.err);
    assert_int_equal(first(w, "lamp"), l.tall.id);
    end(w);
}

static void collections_are_found(void **state)
{
    World            *w = *state;
    CatalogIds        ids;
    CatalogCollection c =
        shop_collection(w, "{\"title\":\"Summer sofas\",\"publications\":[{\"channel\":\"web\"}]}");
    begin(w);
    assert_ok(product_search_collections(&w->cx, STR("sofa"), STR(""), false, 5, &ids), &w->cx.err);
    assert_int_equal(ids.n, 1);
    assert_int_equal(ids.items[0], c.id);
    assert_ok(product_search_collections(&w->cx, STR("sum"), STR(""), true, 5, &ids), &w->cx.err);
    assert_int_equal(ids.n, 1);
    assert_ok(product_search_collections(&w->cx, STR("winter"), STR(""), false, 5, &ids),
              &w->cx.err);
    assert_int_equal(ids.n, 0);
    end(w);
}

/* 150 products with descriptions of random words are more than a megabyte. */
static void memory_is_bounded_and_the_shop_is_never_empty(void **state)
{
    World       *w = *state;
    SearchTuning tuning;
    int64_t      version, last = 0;
    Rng          rng = rng_of(3);
    for (int i = 0; i < 150; i++) {
        char   json[8000];
        size_t n = (size_t)snprintf(json, sizeof json,
                                    "{\"title\":\"Thing %d\",\"status\":\"active\",\"description\":"
                                    "\"",
                                    i);
        for (int k = 0; k < 600; k++)
            n += (size_t)snprintf(json + n, sizeof json - n, "w%llx ",
                                  (unsigned long long)rng_below(&rng, 1000000));
        (void)snprintf(json + n, sizeof json - n, "\",\"variants\":[{\"sku\":\"T-%d\"}]}", i);
        last = shop_product(w, json).id;
    }
    Lamps l = begin(w);
    assert_int_equal(ask(w, "thing").result.total, 150);
    assert_ok(setting_get(&w->cx, &catalog_search_setting, &tuning, &version), &w->cx.err);
    tuning.memory_mb = 1;
    assert_ok(setting_put(&w->cx, &catalog_search_setting, version, &tuning, &version), &w->cx.err);
    for (bool fits = false; !fits;) {
        settle(w);
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 1 << 20);
        metrics_write(&b);
        fits = memmem(buf_str(&b).ptr, buf_str(&b).len, "catalog_search_level 0", 22) == NULL;
        assert_int_equal(first(w, "desk lamp"), l.small.id); /* meanwhile */
    }
    assert_int_equal(first(w, "T-149"), last);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(synonyms_hold_both_ways_or_one_way),
        TEST_WORLD(a_query_leads_to_a_page),
        TEST_WORLD(rules_pin_boost_and_bury),
        TEST_WORLD(what_is_no_entry_is_refused),
        TEST_SQLITE(changes_are_recorded),
        TEST_WORLD(searches_and_clicks_are_counted_and_suggested),
        TEST_SQLITE(popularity_is_told_by_the_journey),
        TEST_SQLITE(collections_are_found),
        TEST_SQLITE(memory_is_bounded_and_the_shop_is_never_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
