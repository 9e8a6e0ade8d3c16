/* Finding products: what is published is found, what is not is not, as soon as it changes. */
#include "edits.h"

#include "catalog/product_search.h"

#include <string.h>

static void begin(World *w)
{
    const PublishedOptions options = {.manual = true};
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static void settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static void end(World *w)
{
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
}

static ProductSearchAnswer find(World *w, ProductSearchAsk ask)
{
    ProductSearchAnswer a;
    ask.limit = ask.limit == 0 ? 50 : ask.limit;
    assert_ok(product_search(&w->cx, &ask, &a), &w->cx.err);
    return a;
}

static int64_t total(World *w, const char *words)
{
    return find(w, (ProductSearchAsk){.text = str_from_cstr(words)}).result.total;
}

static int64_t first(World *w, const char *words)
{
    ProductSearchAnswer a = find(w, (ProductSearchAsk){.text = str_from_cstr(words)});
    return a.result.n_hits > 0 ? a.result.hits[0].id : 0;
}

#define PRICE(amount) "\"prices\":[{\"price\":{\"amount\":" amount ",\"currency\":\"EUR\"}}]"

static const char MUG[] =
    "{\"title\":\"Stoneware mug\",\"vendor\":\"Clay & Co\",\"type\":\"Mugs\",\"status\":\"active\","
    "\"tags\":[\"gift\"],\"options\":[{\"name\":\"Colour\"},{\"name\":\"Size\"}],\"variants\":["
    "{\"options\":[\"Red\",\"Large\"],\"sku\":\"MUG-RL 7\"," PRICE(
        "1200") "},"
                "{\"options\":[\"Blue\",\"Small\"],\"sku\":\"MUG-BS 7\"," PRICE("900") "}]}";
static const char BOWL[] = "{\"title\":\"Stoneware bowl\",\"vendor\":\"Clay & "
                           "Co\",\"type\":\"Bowls\",\"status\":\"active\","
                           "\"variants\":[{\"sku\":\"BOWL-1\"," PRICE("2500") "}]}";
static const char LAMP[] =
    "{\"title\":\"Desk lamp\",\"vendor\":\"Lumen\",\"type\":\"Lamps\",\"status\":\"active\","
    "\"variants\":[{\"sku\":\"LAMP-1\"," PRICE("4900") "}]}";

static void words_typos_codes_and_prefixes_find(void **state)
{
    World         *w = *state;
    CatalogProduct mug = shop_product(w, MUG), bowl = shop_product(w, BOWL);
    CatalogProduct lamp = shop_product(w, LAMP);
    begin(w);
    assert_int_equal(total(w, "stoneware"), 2);
    assert_int_equal(first(w, "stonewear mugs"), mug.id);
    assert_int_equal(first(w, "bowls"), bowl.id);
    assert_int_equal(first(w, "mugrl7"), mug.id);
    assert_int_equal(first(w, "lumen lamp"), lamp.id);
    assert_int_equal(first(w, "red mug"), mug.id);
    assert_int_equal(total(w, "submarine"), 0);
    ProductSearchAnswer a = find(w, (ProductSearchAsk){.text = STR("des"), .typing = true});
    assert_int_equal(a.result.hits[0].id, lamp.id);
    end(w);
}

static void a_change_is_found_and_what_is_hidden_is_not(void **state)
{
    World         *w = *state;
    CatalogProduct mug = shop_product(w, MUG), p;
    begin(w);
    assert_ok(shop_update(&w->cx, mug.id, "{\"title\":\"Porcelain cup\"}", &p), &w->cx.err);
    settle(w);
    assert_int_equal(first(w, "porcelain"), mug.id);
    assert_int_equal(total(w, "stoneware"), 0);
    CatalogProduct lamp = shop_product(w, LAMP);
    settle(w);
    assert_int_equal(first(w, "lamp"), lamp.id);
    assert_ok(shop_update(&w->cx, lamp.id, "{\"status\":\"draft\"}", &p), &w->cx.err);
    settle(w);
    assert_int_equal(total(w, "lamp"), 0);
    assert_ok(catalog_product_delete(&w->cx, mug.id, 0), &w->cx.err);
    settle(w);
    assert_int_equal(total(w, ""), 0);
    end(w);
}

static ProductSearchAnswer choose(World *w, const ProductSearchChoice *c, size_t n)
{
    return find(w, (ProductSearchAsk){.choices = c, .n_choices = n, .facets = true});
}

static int64_t count_of(const ProductSearchAnswer *a, const char *param, const char *value)
{
    for (size_t i = 0; i < a->n_facets; i++)
        for (size_t k = 0; k < a->facets[i].n; k++)
            if (str_eq(a->facets[i].param, str_from_cstr(param)) &&
                str_eq(a->facets[i].values[k].text, str_from_cstr(value)))
                return a->facets[i].values[k].count;
    return 0;
}

static void choices_hold_for_one_variant_and_counts_say_what_they_would_show(void **state)
{
    World                           *w = *state;
    static const ProductSearchChoice RED_LARGE[] = {
        {STR_INIT("filter.v.option.colour"), STR_INIT("Red")},
        {STR_INIT("filter.v.option.size"), STR_INIT("Large")}};
    static const ProductSearchChoice RED_SMALL[] = {
        {STR_INIT("filter.v.option.colour"), STR_INIT("Red")},
        {STR_INIT("filter.v.option.size"), STR_INIT("Small")}};
    static const ProductSearchChoice CLAY[] = {
        {STR_INIT("filter.p.vendor"), STR_INIT("Clay & Co")}};
    static const ProductSearchChoice CHEAP[] = {{STR_INIT("filter.v.price.gte"), STR_INIT("10.00")},
                                                {STR_INIT("filter.v.price.lte"), STR_INIT("30")}};
    shop_product(w, MUG);
    shop_product(w, BOWL);
    shop_product(w, LAMP);
    begin(w);
    assert_int_equal(choose(w, RED_LARGE, 2).result.total, 1);
    assert_int_equal(choose(w, RED_SMALL, 2).result.total, 0);
    ProductSearchAnswer a = choose(w, CLAY, 1);
    assert_int_equal(a.result.total, 2);
    assert_int_equal(count_of(&a, "filter.p.vendor", "Lumen"), 1); /* beside what is chosen */
    assert_int_equal(count_of(&a, "filter.p.product_type", "Lamps"), 0);
    assert_int_equal(choose(w, CHEAP, 2).result.total, 2);
    end(w);
}

static void what_cannot_be_chosen_is_refused(void **state)
{
    World                           *w = *state;
    static const ProductSearchChoice WRONG[] = {
        {STR_INIT("filter.p.secret"), STR_INIT("x")},
        {STR_INIT("filter.v.price.lte"), STR_INIT("cheap")},
        {STR_INIT("filter.v.price.gte"), STR_INIT("-1")},
    };
    ProductSearchAnswer a;
    begin(w);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        const ProductSearchAsk ask = {.choices = &WRONG[i], .n_choices = 1, .limit = 1};
        assert_fails(product_search(&w->cx, &ask, &a), ST_INVALID, &w->cx.err,
                     "catalog.bad_choice");
    }
    static const ProductSearchChoice NOWHERE = {STR_INIT("filter.v.option.flavour"),
                                                STR_INIT("Mint")};
    shop_product(w, LAMP);
    settle(w);
    assert_int_equal(choose(w, &NOWHERE, 1).result.total, 0);
    end(w);
}

static void a_collection_is_followed(void **state)
{
    World            *w = *state;
    CatalogProduct    mug = shop_product(w, MUG), bowl = shop_product(w, BOWL), p;
    CatalogCollection c = shop_collection(
        w, "{\"title\":\"Gifts\",\"kind\":\"rule\",\"rule\":{\"tags\":{\"$in\":[\"gift\"]}}}");
    const ProductSearchAsk ask = {.collection = c.id};
    begin(w);
    ProductSearchAnswer a = find(w, ask);
    assert_int_equal(a.result.total, 1);
    assert_int_equal(a.result.hits[0].id, mug.id);
    assert_ok(shop_update(&w->cx, bowl.id, "{\"tags\":[\"gift\"]}", &p), &w->cx.err);
    assert_ok(shop_update(&w->cx, mug.id, "{\"tags\":[]}", &p), &w->cx.err);
    settle(w);
    a = find(w, ask);
    assert_int_equal(a.result.total, 1);
    assert_int_equal(a.result.hits[0].id, bowl.id);
    end(w);
}

static void pages_give_everything_once(void **state)
{
    World *w = *state;
    char   json[400];
    for (int i = 0; i < 25; i++) {
        (void)snprintf(
            json, sizeof json,
            "{\"title\":\"Plate %02d\",\"status\":\"active\",\"variants\":[{" PRICE("%d") "}]}", i,
            100 + i);
        shop_product(w, json);
    }
    begin(w);
    ProductSearchAsk ask = {.sort = PRODUCT_SEARCH_PRICE_DESC, .limit = 10};
    int              n = 0;
    double           last = 1e9;
    do {
        ProductSearchAnswer a = find(w, ask);
        for (size_t i = 0; i < a.result.n_hits; i++, n++) {
            CatalogProduct p = shop_get(w, a.result.hits[i].id);
            double         price = (double)p.variants.items[0].prices.items[0].price.minor;
            assert_true(price < last);
            last = price;
        }
        ask.cursor = a.result.next;
    } while (ask.cursor.len > 0);
    assert_int_equal(n, 25);
    end(w);
}

static void without_an_index_it_says_so(void **state)
{
    World                 *w = *state;
    ProductSearchAnswer    a;
    const ProductSearchAsk ask = {.limit = 1};
    assert_fails(product_search(&w->cx, &ask, &a), ST_BUSY, &w->cx.err, "catalog.not_searchable");
    product_search_stop(w->db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(words_typos_codes_and_prefixes_find),
        TEST_WORLD(a_change_is_found_and_what_is_hidden_is_not),
        TEST_WORLD(choices_hold_for_one_variant_and_counts_say_what_they_would_show),
        TEST_SQLITE(what_cannot_be_chosen_is_refused),
        TEST_WORLD(a_collection_is_followed),
        TEST_WORLD(pages_give_everything_once),
        TEST_SQLITE(without_an_index_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
