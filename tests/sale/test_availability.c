/* How a product stands is told the same everywhere: page, structured data, feeds, API, cart,
 * search. */
#include "desk.h"

#include <string.h>

typedef struct Stands {
    const char *name;   /* of the product */
    const char *rest;   /* of the variant, as it is made */
    const char *item;   /* PUT to /api/v1/stock/variants/:id; NULL: nothing */
    const char *is;     /* what Google calls it */
    const char *schema; /* what schema.org calls it */
    const char *page;   /* what people read */
    const char *date;   /* NULL: none is told */
    int         cart;   /* 0: it cannot be bought */
} Stands;

static const Stands CASES[] = {
    {"here", "\"tracked\":true,\"quantity\":3", NULL, "in_stock", "InStock", "In stock", NULL, 1},
    {"uncounted", "\"tracked\":false", NULL, "in_stock", "InStock", "In stock", NULL, 1},
    {"gone", "\"tracked\":true,\"quantity\":0", NULL, "out_of_stock", "OutOfStock",
     "This version is sold out", NULL, 0},
    {"again", "\"tracked\":true,\"quantity\":0,\"policy\":\"continue\"", NULL, "backorder",
     "BackOrder", "To be ordered: goes out later than the rest", NULL, 1},
    {"again-on", "\"tracked\":true,\"quantity\":0,\"policy\":\"continue\"",
     "{\"expected_at\":\"2023-12-01T00:00:00Z\"}", "backorder", "BackOrder",
     "To be ordered: we have it again on 1 December 2023", "2023-12-01T00:00:00.000Z", 1},
    {"again-was", "\"tracked\":true,\"quantity\":0,\"policy\":\"continue\"",
     "{\"expected_at\":\"2023-11-01T00:00:00Z\"}", "backorder", "BackOrder",
     "To be ordered: goes out later than the rest", NULL, 1}, /* the day is over */
    {"soon", "\"tracked\":true,\"quantity\":0,\"policy\":\"preorder\"",
     "{\"expected_at\":\"2024-01-15T00:00:00Z\"}", "preorder", "PreOrder",
     "Pre-order: it comes out on 15 January 2024", "2024-01-15T00:00:00.000Z", 1},
    {"soon-here", "\"tracked\":true,\"quantity\":2,\"policy\":\"preorder\"",
     "{\"expected_at\":\"2024-01-15T00:00:00Z\"}", "in_stock", "InStock", "In stock", NULL, 1},
    {"enough", "\"tracked\":true,\"quantity\":0,\"policy\":\"preorder\"",
     "{\"oversell_max\":0,\"expected_at\":\"2024-01-15T00:00:00Z\"}", "out_of_stock", "OutOfStock",
     "This version is sold out", NULL, 0},
};

static const char *add(Desk *d, const Stands *c, const char **ret_product)
{
    ask(d, 201,
        fmt(d,
            "{\"title\":\"%s\",\"handle\":\"%s\",\"status\":\"active\",\"media\":[{\"url\":"
            "\"https://x.example/a.jpg\"}],\"variants\":[{\"sku\":\"%s\",%s,\"prices\":[{\"price\":"
            "{\"amount\":1000,\"currency\":\"EUR\"}}]}]}",
            c->name, c->name, c->name, c->rest),
        "POST /api/v1/products");
    const char *id = text_of(d, "variants.0.id");
    *ret_product = text_of(d, "id");
    if (c->item != NULL)
        ask(d, 200, c->item, "PUT /api/v1/stock/variants/%s", id);
    return id;
}

/* The part of the last reply from `from` to `to`. */
static const char *between(Desk *d, const char *from, const char *to)
{
    const char *text = str_cstr(d->arena, d->body), *at = strstr(text, from);
    if (at == NULL)
        fail_msg("no %s in %s", from, text);
    ASSERT(at != NULL);
    const char *end = strstr(at, to);
    return end != NULL ? fmt(d, "%.*s", (int)(end - at), at) : at;
}

static void told(const Stands *c, const char *where, const char *text, const char *part, bool want)
{
    if ((strstr(text, part) != NULL) != want)
        fail_msg("%s in %s: %s%s in %s", c->name, where, want ? "no " : "there is ", part, text);
}

/* To staff, and to who may not know numbers. */
static void check_api(Desk *d, const Stands *c, const char *product)
{
    for (int staff = 0; staff < 2; staff++) {
        d->staff = staff == 1;
        ask(d, 200, NULL, "GET /api/v1/products/%s", product);
        assert_string_equal(text_of(d, "variants.0.availability"), c->is);
    }
    d->staff = false;
}

static void check_page(Desk *d, const Stands *c)
{
    ask(d, 200, NULL, "GET /products/%s", c->name);
    assert_told(d, c->page);
    const char *offer = between(d, "\"offers\":", "}");
    told(c, "JSON-LD", offer, fmt(d, "https://schema.org/%s\"", c->schema), true);
    told(c, "JSON-LD", offer, "availabilityStarts", c->date != NULL);
    if (c->date != NULL)
        told(c, "JSON-LD", offer, c->date, true);
    ask(d, 200, NULL, "GET /products/%s.js", c->name);
    assert_string_equal(text_of(d, "variants.0.availability"), c->is);
    assert_true(true_in(d, "variants.0.available") == (c->cart != 0));
    assert_true(absent_in(d, "variants.0.availability_date") == (c->date == NULL));
}

static void check_feeds(Desk *d, const Stands *c, const char *id)
{
    ask(d, 200, NULL, "GET /feeds/google.xml");
    const char *item = between(d, fmt(d, "<g:id>%s<", id), "</item>");
    told(c, "RSS", item, fmt(d, "<g:availability>%s<", c->is), true);
    told(c, "RSS", item, "<g:availability_date>", c->date != NULL);
    if (c->date != NULL)
        told(c, "RSS", item, fmt(d, "<g:availability_date>%s<", c->date), true);
    ask(d, 200, NULL, "GET /feeds/google.tsv");
    const char *row = between(d, fmt(d, "\n%s\t", id), "\thttps://x.example");
    row = between(d, row, "EUR");
    told(c, "TSV", row, fmt(d, "\t%s\t%s\t", c->is, c->date != NULL ? c->date : ""), true);
}

static void check_cart(Desk *d, const Stands *c, const char *id)
{
    ask(d, 201, fmt(d, "{\"items\":[{\"variant_id\":\"%s\",\"qty\":1}]}", id),
        "POST /store/v1/carts");
    assert_string_equal(text_of(d, "lines.0.availability"), c->is);
    assert_string_equal(text_of(d, "lines.0.problem"), c->cart ? "fine" : "sold_out");
    assert_true(absent_in(d, "lines.0.availability_date") == (c->date == NULL));
    if (c->date != NULL)
        assert_string_equal(text_of(d, "lines.0.availability_date"), c->date);
    if (!c->cart)
        return;
    /* The page and the drawer, for people; of three pieces they say how many. */
    ask(d, 303, fmt(d, "id=%s&quantity=1", id), "POST /cart/add");
    ask(d, 200, NULL, "GET /cart");
    assert_told(d, strcmp(c->name, "here") == 0 ? "Only 3 left" : c->page);
    ask(d, 200, NULL, "GET /cart?section_id=cart-drawer");
    assert_told(d, strcmp(c->name, "here") == 0 ? "Only 3 left" : c->page);
    ask(d, 200, NULL, "POST /cart/clear.js");
}

static void everybody_tells_the_same(void **state)
{
    Desk        d = desk_open(*state);
    const char *ids[COUNT_OF(CASES)], *products[COUNT_OF(CASES)];
    d.staff = true;
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        ids[i] = add(&d, &CASES[i], &products[i]);
    desk_settle(&d);
    d.staff = false;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        check_api(&d, &CASES[i], products[i]);
        check_page(&d, &CASES[i]);
        check_feeds(&d, &CASES[i], ids[i]);
        check_cart(&d, &CASES[i], ids[i]);
    }
    desk_close(&d);
}

static void a_day_that_is_over_is_told_no_more(void **state)
{
    Desk          d = desk_open(*state);
    const Stands *c = &CASES[4];
    const char   *product, *id;
    d.staff = true;
    id = add(&d, c, &product);
    desk_settle(&d);
    d.staff = false;
    check_page(&d, c);
    check_feeds(&d, c, id);
    desk_later(&d, SPAN_DAYS(30));
    Stands over = CASES[3];
    over.name = c->name;
    check_page(&d, &over);
    ask(&d, 200, NULL, "GET /feeds/google.xml");
    assert_untold(&d, "<g:availability_date>");
    desk_close(&d);
}

/* Is it in the list of what can be bought, and how many does the facet count? */
static void check_list(Desk *d, const char *handle, bool in)
{
    ask(d, 200, NULL, "GET /collections/all?filter.v.availability=1");
    assert_told_at(d, fmt(d, "/products/%s", handle), in, __FILE__, __LINE__);
    ask(d, 200, NULL, "GET /collections/all?filter.v.availability=0");
    assert_told_at(d, fmt(d, "/products/%s", handle), !in, __FILE__, __LINE__);
    ask(d, 200, NULL, "GET /search?q=mug&filter.v.availability=1");
    assert_told_at(d, fmt(d, "/products/%s", handle), in, __FILE__, __LINE__);
}

/* What has no price is not sold: the page says so, and lists do not count it as there. */
static void what_has_no_price_is_not_listed_as_there(void **state)
{
    Desk d = desk_open(*state);
    d.staff = true;
    ask(&d, 201,
        "{\"title\":\"Priceless mug\",\"handle\":\"priceless\",\"status\":\"active\","
        "\"variants\":[{\"sku\":\"PL\"}]}",
        "POST /api/v1/products");
    const char *id = text_of(&d, "variants.0.id");
    desk_settle(&d);
    d.staff = false;
    ask(&d, 200, NULL, "GET /products/priceless");
    assert_told(&d, "Sold out");
    check_list(&d, "priceless", false);
    d.staff = true;
    ask(&d, 200, "{\"prices\":[{\"price\":{\"amount\":900,\"currency\":\"EUR\"}}]}",
        "PATCH /api/v1/variants/%s", id);
    desk_settle(&d);
    d.staff = false;
    check_list(&d, "priceless", true);
    desk_close(&d);
}

static void selling_the_last_piece_and_getting_more_changes_page_list_and_search(void **state)
{
    Desk d = desk_open(*state);
    ask(&d, 200, NULL, "GET /products/mug");
    assert_told(&d, "In stock");
    check_list(&d, "mug", true);
    const char *order = desk_buy(&d, d.mug_id, 10);
    desk_settle(&d);
    ask(&d, 200, NULL, "GET /products/mug");
    assert_told(&d, "This version is sold out");
    assert_untold(&d, "In stock");
    check_list(&d, "mug", false);
    d.staff = true;
    ask(&d, 204, fmt(&d, "{\"items\":[{\"variant_id\":\"%s\",\"received\":4}]}", d.mug_id),
        "POST /api/v1/stock/set");
    d.staff = false;
    desk_settle(&d);
    ask(&d, 200, NULL, "GET /products/mug");
    assert_told(&d, "In stock");
    check_list(&d, "mug", true);
    desk_buy(&d, d.mug_id, 4);
    desk_settle(&d);
    check_list(&d, "mug", false);
    d.staff = true; /* what is cancelled can be sold again */
    ask(&d, 200, "{\"reason\":\"x\"}", "POST /api/v1/orders/%s/cancel", order);
    d.staff = false;
    desk_settle(&d);
    check_list(&d, "mug", true);
    desk_sound(&d);
    desk_close(&d);
}

static void carts_know_how_many_may_be_sold_before_they_come(void **state)
{
    static const struct {
        int         wanted;
        const char *is, *problem;
        int         available; /* -1: any number */
    } LINES[] = {
        {2, "in_stock", "fine", -1}, {3, "preorder", "fine", 7},    {7, "preorder", "fine", 7},
        {8, "preorder", "short", 7}, {300, "preorder", "short", 7},
    };
    static const Stands FEW = {.name = "few",
                               .rest = "\"tracked\":true,\"quantity\":2,\"policy\":\"preorder\"",
                               .item = "{\"oversell_max\":5,\"expected_at\":"
                                       "\"2024-01-15T00:00:00Z\"}"};
    Desk                d = desk_open(*state);
    const char         *product, *id;
    d.staff = true;
    id = add(&d, &FEW, &product);
    desk_settle(&d);
    d.staff = false;
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        ask(&d, 201,
            fmt(&d, "{\"items\":[{\"variant_id\":\"%s\",\"qty\":%d}]}", id, LINES[i].wanted),
            "POST /store/v1/carts");
        assert_string_equal(text_of(&d, "lines.0.availability"), LINES[i].is);
        assert_string_equal(text_of(&d, "lines.0.problem"), LINES[i].problem);
        if (LINES[i].available < 0)
            assert_true(absent_in(&d, "lines.0.available"));
        else
            assert_int_equal(int_of(&d, "lines.0.available"), LINES[i].available);
    }
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(everybody_tells_the_same),
        TEST_WORLD(a_day_that_is_over_is_told_no_more),
        TEST_WORLD(what_has_no_price_is_not_listed_as_there),
        TEST_WORLD(selling_the_last_piece_and_getting_more_changes_page_list_and_search),
        TEST_WORLD(carts_know_how_many_may_be_sold_before_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
