/* The memory of the index of products is bounded: what does not fit goes step by step, what is
 * there is found at any time, and metrics and log say what is left out. */
#include "edits.h"

#include "base/log.h"
#include "base/metric.h"
#include "base/rng.h"
#include "catalog/attribute.h"
#include "catalog/product_search.h"
#include "core/setting.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { JSON_MAX_BYTES = 8192, PRODUCTS = 600 };

/* How many words, each met nowhere else, a product has of which kind. */
typedef struct Words {
    int title, attribute, description;
} Words;

static size_t words(char *json, size_t n, Rng *rng, int count)
{
    for (int i = 0; i < count; i++)
        n += (size_t)snprintf(json + n, JSON_MAX_BYTES - n, "%sw%06llx", i > 0 ? " " : "",
                              (unsigned long long)rng_below(rng, 1 << 24));
    return n;
}

/* A number that is not near any other's, so that one is not taken for the other. */
static unsigned name_of(int i)
{
    return (unsigned)i * 2654435761U >> 8;
}

/* "Thing n… …"; returns the id of the last one. */
static int64_t things(World *w, int from, int n, Words each)
{
    Rng     rng = rng_of((uint64_t)from + 1);
    int64_t id = 0;
    for (int i = from; i < from + n; i++) {
        char   json[JSON_MAX_BYTES];
        size_t at = (size_t)snprintf(json, sizeof json,
                                     "{\"status\":\"active\",\"variants\":[{\"sku\":\"T-%d\"}],"
                                     "\"title\":\"Thing n%06x ",
                                     i, name_of(i));
        at = words(json, at, &rng, each.title);
        at += (size_t)snprintf(json + at, sizeof json - at,
                               "\",\"attributes\":[{\"key\":\"x.notes\",\"value\":\"note%d ", i);
        at = words(json, at, &rng, each.attribute);
        at += (size_t)snprintf(json + at, sizeof json - at, "\"}],\"description\":\"tale%d ", i);
        at = words(json, at, &rng, each.description);
        (void)snprintf(json + at, sizeof json - at, "\"}");
        id = shop_product(w, json).id;
    }
    return id;
}

static void define_notes(World *w)
{
    CatalogAttributeDef d = {0};
    assert_ok(shop_read(&w->cx, &catalog_attribute_def_shape,
                        "{\"scope\":\"product\",\"key\":\"x.notes\",\"name\":\"Notes\","
                        "\"type\":\"text\",\"searchable\":true}",
                        &d),
              &w->cx.err);
    assert_ok(catalog_attribute_create(&w->cx, &d), &w->cx.err);
}

static void settle(World *w)
{
    shop_drain(w);
    assert_ok(published_settle(&w->cx), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static void begin(World *w)
{
    const PublishedOptions options = {.manual = true};
    shop_drain(w);
    assert_ok(published_start(w->db, w->cx.core, &options, &w->cx.err), &w->cx.err);
    assert_ok(product_search_start(w->db, &w->cx.err), &w->cx.err);
    assert_ok(product_search_settle(&w->cx), &w->cx.err);
}

static void end(World *w)
{
    world_again(w);
    product_search_stop(w->db);
    published_stop(w->db);
    shop_close(w);
}

static int64_t total(World *w, const char *text)
{
    const ProductSearchAsk ask = {.text = str_from_cstr(text), .limit = 10};
    ProductSearchAnswer    a;
    assert_ok(product_search(&w->cx, &ask, &a), &w->cx.err);
    return a.result.total;
}

static int64_t found(World *w, int thing)
{
    char text[16];
    (void)snprintf(text, sizeof text, "n%06x", name_of(thing));
    return total(w, text);
}

static int64_t metric(const char *name)
{
    CLEANUP(buf_done) Buf b;
    char                  wanted[64];
    buf_init(&b, 1 << 20);
    metrics_write(&b);
    (void)snprintf(wanted, sizeof wanted, "\nrapport_%s ", name);
    Str     text = buf_str(&b), found;
    size_t  at = str_find(text, str_from_cstr(wanted));
    int64_t value = -1;
    assert_true(at != SIZE_MAX);
    found = str_skip(text, at + strlen(wanted));
    assert_true(str_parse_i64(str_head(found, str_find(found, STR("\n"))), &value));
    return value;
}

/* A new limit, and wait until the index keeps it; meanwhile everything that asks gets an answer. */
static void limit(World *w, int64_t mb, int64_t level)
{
    SearchTuning tuning;
    int64_t      version;
    assert_ok(setting_get(&w->cx, &catalog_search_setting, &tuning, &version), &w->cx.err);
    tuning.memory_mb = mb;
    assert_ok(setting_put(&w->cx, &catalog_search_setting, version, &tuning, NULL), &w->cx.err);
    for (int tries = 0; tries < 2000; tries++) {
        settle(w);
        assert_true(total(w, "thing") > 0);
        if (metric("catalog_search_level") == level &&
            (mb > 1 || metric("catalog_search_bytes") <= mb << 20))
            return;
    }
    fail_msg("level %d, %d bytes", (int)metric("catalog_search_level"),
             (int)metric("catalog_search_bytes"));
}

static void descriptions_go_first(void **state)
{
    World *w = *state;
    define_notes(w);
    things(w, 0, PRODUCTS, (Words){.description = 200});
    begin(w);
    assert_int_equal(total(w, "tale7"), 1);
    limit(w, 1, 1);
    assert_int_equal(total(w, "thing"), PRODUCTS);
    assert_int_equal(total(w, "note7"), 1);
    assert_int_equal(total(w, "tale7"), 0);
    assert_int_equal(metric("catalog_search_left_out"), 0);
    limit(w, 64, 0);
    assert_int_equal(total(w, "tale7"), 1);
    end(w);
}

static void attributes_go_next(void **state)
{
    World *w = *state;
    define_notes(w);
    things(w, 0, PRODUCTS, (Words){.attribute = 100, .description = 100});
    begin(w);
    limit(w, 1, 2);
    assert_int_equal(total(w, "thing"), PRODUCTS);
    assert_int_equal(found(w, 7), 1);
    assert_int_equal(total(w, "note7"), 0);
    assert_int_equal(total(w, "tale7"), 0);
    assert_int_equal(metric("catalog_search_left_out"), 0);
    limit(w, 64, 0);
    assert_int_equal(total(w, "note7"), 1);
    end(w);
}

/* The newest stay; those that come later find the room that is kept for them, then stay out; the
 * log says it; more memory takes everything in again. */
static void the_oldest_products_go_at_last(void **state)
{
    World      *w = *state;
    static char log[65536];
    LogLevel    level = log_min_level;
    int         fd = memfd_create("log", 0), before = log_fd;
    define_notes(w);
    things(w, 0, PRODUCTS, (Words){.title = 28});
    begin(w);
    assert_int_equal(total(w, "thing"), PRODUCTS);
    log_fd = fd;
    log_min_level = LOG_WARN;
    limit(w, 1, 3);
    log_fd = before;
    log_min_level = level;
    ssize_t n = pread(fd, log, sizeof log - 1, 0);
    log[n > 0 ? n : 0] = '\0';
    close(fd);
    assert_non_null(strstr(log, "catalog.search_memory "));
    assert_non_null(strstr(log, " level=3 "));
    int64_t oldest = shop_number(w, "SELECT min(id) FROM catalog_product");
    int64_t there = total(w, "thing"), left = metric("catalog_search_left_out");
    print_message("# %d of %d products in %d bytes, %d left out\n", (int)there, PRODUCTS,
                  (int)metric("catalog_search_bytes"), (int)left);
    assert_true(there >= 100 && there < PRODUCTS);
    assert_int_equal(there + left, PRODUCTS);
    assert_int_equal(found(w, 599), 1);
    assert_int_equal(found(w, 0), 0);
    for (int i = 0; i < 2; i++) { /* it stays out, and is not counted again */
        CatalogProduct p;
        assert_ok(
            shop_update(&w->cx, oldest, i == 0 ? "{\"vendor\":\"a\"}" : "{\"vendor\":\"b\"}", &p),
            &w->cx.err);
        settle(w);
    }
    assert_int_equal(metric("catalog_search_left_out"), left);
    things(w, PRODUCTS, PRODUCTS / 4, (Words){.title = 28});
    for (int i = 0; i < 3; i++) {
        settle(w);
        assert_true(total(w, "thing") > 0);
    }
    assert_int_equal(total(w, "thing") + metric("catalog_search_left_out"), PRODUCTS * 5 / 4);
    assert_true(metric("catalog_search_bytes") <= 1 << 20);
    limit(w, 64, 0);
    assert_int_equal(total(w, "thing"), PRODUCTS * 5 / 4);
    assert_int_equal(found(w, 0), 1);
    assert_int_equal(metric("catalog_search_left_out"), 0);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_SQLITE(descriptions_go_first),
        TEST_SQLITE(attributes_go_next),
        TEST_WORLD(the_oldest_products_go_at_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
