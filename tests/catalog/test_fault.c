/* Every change to the catalogue, failed at its first, second, third … call of the database:
 * whenever it fails nothing may have changed, and the shop stays sound. */
#include "shop.h"

#include "base/fault.h"
#include "catalog/bulk.h"
#include "catalog/content.h"
#include "catalog/media.h"
#include "core/core.h"
#include "data.h"
#include "picture/picture.h"
#include "png.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef Status Step(World *w);

static int64_t made; /* product that steps change */

/* Everything that a half-done change would alter: rows, and what is in them. */
static int64_t fingerprint(World *w)
{
#define SUM(table, what)                                                                           \
    "(SELECT CAST(coalesce(sum(" what "), 0) AS BIGINT) FROM catalog_" table ")"
    return shop_number(w, "SELECT " SUM("product", "1009 * rev + length(handle) + length(tags)") //
                       " + 3 * " SUM("variant", "position + quantity + length(sku)")             //
                       " + 7 * " SUM("price", "price_amount + min_qty")                          //
                       " + 11 * " SUM("option", "1 + length(name)")                              //
                       " + 13 * " SUM("option_value", "1 + length(name)")                        //
                       " + 17 * " SUM("media", "position + length(alt) + length(hash)")          //
                       " + 19 * " SUM("product_tag", "1")                                        //
                       " + 23 * " SUM("redirect", "1 + length(path) * 3 + length(target)")       //
                       " + 29 * " SUM("publication", "1")                                        //
                       " + 31 * " SUM("collection", "1 + rev + rule_rev * 5 + length(handle)")   //
                       " + 37 * " SUM("collection_product", "1 + position")                      //
                       " + 41 * " SUM("page", "1 + rev + length(handle)")                        //
                       " + 43 * " SUM("blog", "1 + rev + length(handle)")                        //
                       " + 47 * " SUM("article", "1 + rev + length(handle)")                     //
                       " + 53 * " SUM("menu", "1 + rev + length(handle)")                        //
                       " + 59 * " SUM("menu_item", "1 + position + length(title)")               //
                       " + 61 * " SUM("policy", "1 + version")                                   //
                       " + 67 * " SUM("price_list", "1 + rev + length(handle)")                  //
                       " + 71 * " SUM("price_history", "1 + price_amount")                       //
                       " + 73 * " SUM("attribute_def", "1 + rev")                                //
                       " + 79 * " SUM("attribute_value", "1 + length(value)")                    //
                       " + 83 * " SUM("translation", "1 + length(value)")                        //
                       " + 89 * " SUM("translation", "CASE WHEN outdated THEN 1 ELSE 0 END")     //
                       " + 97 * " SUM("file", "1")                                               //
                       " + 101 * (SELECT count(*) FROM core_event)"
                       " + 103 * (SELECT count(*) FROM core_audit)");
#undef SUM
}

static void survives(World *w, Step *step)
{
    for (int n = 1;; n++) {
        int64_t before = fingerprint(w);
        fault_arm(n, false);
        Status st = step(w);
        bool   fired = fault_fired();
        fault_arm(0, false);
        world_again(w);
        if (!fired) {
            assert_int_equal(st, ST_OK);
            assert_true(n > 5);
            break;
        }
        if (st != ST_OK)
            assert_int_equal(fingerprint(w), before);
        shop_sound(w);
        if (st == ST_OK) /* the fault met something that may fail, and it is done */
            break;
    }
    shop_sound(w);
}

static Status create(World *w)
{
    CatalogProduct p;
    Status         st = shop_create(
                &w->cx,
                "{\"title\":\"Mug\",\"tags\":[\"a\",\"b\"],\"options\":[{\"name\":\"Size\"}],"
                        "\"media\":[{\"url\":\"https://x.example/1.jpg\"},{\"url\":\"https://x.example/2.jpg\"}],"
                        "\"variants\":[{\"options\":[\"S\"],\"media_index\":2,\"prices\":[{\"price\":"
                        "{\"amount\":1000,\"currency\":\"EUR\"}}]},{\"options\":[\"M\"],\"prices\":[{\"price\":"
                        "{\"amount\":1200,\"currency\":\"EUR\"}}]}]}",
                &p);
    if (st == ST_OK)
        made = p.id;
    return st;
}

static Status change(World *w)
{
    CatalogProduct p;
    return shop_update(
        &w->cx, made,
        "{\"handle\":\"cup\",\"tags\":[\"b\",\"c\"],\"media\":[{\"url\":"
        "\"https://x.example/2.jpg\",\"alt\":\"Cup\"}],\"variants\":[{\"options\":[\"M\"],"
        "\"prices\":[{\"price\":{\"amount\":900,\"currency\":\"EUR\"}}]},{\"options\":"
        "[\"L\"]}]}",
        &p);
}

static Status drop(World *w)
{
    return catalog_product_delete(&w->cx, made, 0);
}

static void products_are_changed_whole_or_not_at_all(void **state)
{
    World *w = *state;
    survives(w, create);
    survives(w, change);
    CatalogProduct p;
    assert_ok(catalog_product_by_handle(&w->cx, STR("cup"), CATALOG_WITH_ALL, &p), &w->cx.err);
    assert_int_equal(p.variants.n, 2);
    assert_int_equal(p.media.n, 1);
    survives(w, drop);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_variant"), 0);
}

/* --- collections -------------------------------------------------------------------------- */

static int64_t products[3], group;

static void three_products(World *w)
{
    for (size_t i = 0; i < COUNT_OF(products); i++)
        products[i] =
            shop_product(w, "{\"title\":\"Mug\",\"tags\":[\"a\"],\"status\":\"active\"}").id;
}

static Status read_body(Cx *cx, const Shape *shape, ShapeMode mode, const char *json, void *dst)
{
    cx->issues.n = cx->issues.total = 0;
    return shape_read(shape, mode, str_dup(cx->arena, str_from_cstr(json)), cx->arena, dst,
                      &cx->issues, &cx->err);
}

static Status group_new(World *w)
{
    CatalogCollection c = {0};
    TRY(read_body(&w->cx, &catalog_collection_shape, SHAPE_CREATE,
                  "{\"title\":\"Sale\",\"media\":[{\"url\":\"https://x.example/1.jpg\"}],"
                  "\"publications\":[{\"channel\":\"web\"},{\"channel\":\"pos\"}]}",
                  &c));
    TRY(catalog_collection_create(&w->cx, &c));
    group = c.id;
    return ST_OK;
}

static Status group_fill(World *w)
{
    return catalog_collection_add(&w->cx, group, products, COUNT_OF(products));
}

static Status group_move(World *w)
{
    return catalog_collection_move(&w->cx, group, products[2], products[0]);
}

static Status group_empty(World *w)
{
    return catalog_collection_remove(&w->cx, group, products, 2);
}

static Status group_change(World *w)
{
    CatalogCollection c;
    return shop_collection_update(
        &w->cx, group,
        "{\"title\":\"Offers\",\"handle\":\"offers\",\"media\":[{\"url\":"
        "\"https://x.example/2.jpg\"}],\"publications\":[{\"channel\":\"pos\"}]}",
        &c);
}

static Status group_rule(World *w)
{
    CatalogCollection c;
    return shop_collection_update(&w->cx, group, "{\"kind\":\"rule\",\"rule\":{\"tags\":\"a\"}}",
                                  &c);
}

static Status group_drop(World *w)
{
    return catalog_collection_delete(&w->cx, group, 0);
}

static void collections_are_changed_whole_or_not_at_all(void **state)
{
    World *w = *state;
    three_products(w);
    survives(w, group_new);
    survives(w, group_fill);
    assert_int_equal(shop_members(w, group), 3);
    survives(w, group_move);
    survives(w, group_empty);
    assert_int_equal(shop_members(w, group), 1);
    survives(w, group_change);
    survives(w, group_rule);
    survives(w, group_drop);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_collection_product"), 0);
}

/* Reactions and jobs that fill a collection by rule: whatever fails, in the end it has what
 * its rule says. */
static void a_rule_is_followed_whatever_fails(void **state)
{
    World         *w = *state;
    CatalogProduct p;
    bool           fired = true;
    three_products(w);
    shop_drain(w);
    for (int n = 1; fired && n < 1000; n++) {
        CatalogCollection c = shop_collection(w, "{\"title\":\"A\",\"kind\":\"rule\",\"rule\":"
                                                 "{\"tags\":{\"$in\":[\"a\"]}}}");
        assert_ok(
            shop_update(&w->cx, products[0], n % 2 ? "{\"tags\":[]}" : "{\"tags\":[\"a\"]}", &p),
            &w->cx.err);
        fault_arm(n, false);
        Err err;
        (void)!core_drain(w->cx.core, &err);
        fired = fault_fired();
        fault_arm(0, false);
        for (int i = 0; i < 3; i++) { /* what failed is tried again after a while */
            w->cx.now.v += 600000;
            core_set_now(w->cx.core, w->cx.now);
            shop_drain(w);
        }
        assert_int_equal(shop_members(w, c.id), n % 2 ? 2 : 3);
        assert_ok(catalog_collection_delete(&w->cx, c.id, 0), &w->cx.err);
        shop_sound(w);
        world_again(w);
    }
    assert_false(fired);
    shop_close(w);
}

/* --- content ------------------------------------------------------------------------------ */

typedef struct Content { /* how each kind is made, changed and deleted */
    const Shape *shape;
    Status (*create)(Cx *cx, void *v, int64_t *ret_id);
    Status (*update)(Cx *cx, int64_t id, void *v);
    Status (*drop)(Cx *cx, int64_t id);
    const char *first, *then;
} Content;

#define CONTENT(name, T)                                                                           \
    static Status name##_create(Cx *cx, void *v, int64_t *ret_id)                                  \
    {                                                                                              \
        TRY(catalog_##name##_create(cx, v));                                                       \
        *ret_id = ((T *)v)->id;                                                                    \
        return ST_OK;                                                                              \
    }                                                                                              \
    static Status name##_update(Cx *cx, int64_t id, void *v)                                       \
    {                                                                                              \
        return catalog_##name##_update(cx, id, 0, v);                                              \
    }                                                                                              \
    static Status name##_drop(Cx *cx, int64_t id)                                                  \
    {                                                                                              \
        return catalog_##name##_delete(cx, id, 0);                                                 \
    }
CONTENT(page, CatalogPage)
CONTENT(blog, CatalogBlog)
CONTENT(menu, CatalogMenu)
CONTENT(price_list, CatalogPriceList)
CONTENT(attribute, CatalogAttributeDef)

static int64_t blog;

static Status article_create(Cx *cx, void *v, int64_t *ret_id)
{
    TRY(catalog_article_create(cx, blog, v));
    *ret_id = ((CatalogArticle *)v)->id;
    return ST_OK;
}

static Status article_update(Cx *cx, int64_t id, void *v)
{
    return catalog_article_update(cx, id, 0, v);
}

static Status article_drop(Cx *cx, int64_t id)
{
    return catalog_article_delete(cx, id, 0);
}

static Status redirect_create(Cx *cx, void *v, int64_t *ret_id)
{
    TRY(catalog_redirect_create(cx, v));
    *ret_id = ((CatalogRedirect *)v)->id;
    return ST_OK;
}

static Status redirect_update(Cx *cx, int64_t id, void *v)
{
    return catalog_redirect_update(cx, id, v);
}

static const Content PAGE = {&catalog_page_shape,
                             page_create,
                             page_update,
                             page_drop,
                             "{\"title\":\"Us\",\"body\":\"<b>x</b>\"}",
                             "{\"title\":\"We\",\"handle\":\"we\"}"};
static const Content BLOG = {&catalog_blog_shape,
                             blog_create,
                             blog_update,
                             blog_drop,
                             "{\"title\":\"News\"}",
                             "{\"title\":\"Old\",\"handle\":\"old\"}"};
static const Content ARTICLE = {
    &catalog_article_shape,
    article_create,
    article_update,
    article_drop,
    "{\"title\":\"One\",\"tags\":[\"a\"],\"media\":[{\"url\":\"https://x.example/1.jpg\"}]}",
    "{\"title\":\"Two\",\"handle\":\"two\",\"media\":[{\"url\":\"https://x.example/2.jpg\"}]}"};
static const Content MENU = {
    &catalog_menu_shape,
    menu_create,
    menu_update,
    menu_drop,
    "{\"title\":\"Main\",\"items\":[{\"title\":\"A\",\"kind\":\"url\",\"url\":\"/a\",\"items\":"
    "[{\"title\":\"B\",\"kind\":\"url\",\"url\":\"/b\"}]}]}",
    "{\"title\":\"Foot\",\"items\":[{\"title\":\"C\",\"kind\":\"url\",\"url\":\"/c\"}]}"};
static const Content REDIRECT = {&catalog_redirect_shape,
                                 redirect_create,
                                 redirect_update,
                                 catalog_redirect_delete,
                                 "{\"path\":\"/a\",\"target\":\"/b\"}",
                                 "{\"path\":\"/c\"}"};
static const Content LIST = {&catalog_price_list_shape,
                             price_list_create,
                             price_list_update,
                             price_list_drop,
                             "{\"title\":\"Sale\",\"kind\":\"sale\"}",
                             "{\"title\":\"Deal\",\"handle\":\"deal\",\"priority\":3}"};
static const Content DEF = {
    &catalog_attribute_def_shape,
    attribute_create,
    attribute_update,
    attribute_drop,
    "{\"scope\":\"product\",\"key\":\"t.k\",\"name\":\"K\",\"type\":\"text\"}",
    "{\"name\":\"L\"}"};

static const Content *content;
static int64_t        content_id;

/* Room for any of them. */
typedef union Any {
    CatalogPage         page;
    CatalogBlog         blog;
    CatalogArticle      article;
    CatalogMenu         menu;
    CatalogRedirect     redirect;
    CatalogPriceList    list;
    CatalogAttributeDef def;
} Any;

static Status content_new(World *w)
{
    Any v;
    memset(&v, 0, sizeof v);
    TRY(read_body(&w->cx, content->shape, SHAPE_CREATE, content->first, &v));
    return content->create(&w->cx, &v, &content_id);
}

static Status content_change(World *w)
{
    Any v;
    memset(&v, 0, sizeof v);
    TRY(read_body(&w->cx, content->shape, SHAPE_PATCH, content->then, &v));
    return content->update(&w->cx, content_id, &v);
}

static Status content_drop(World *w)
{
    return content->drop(&w->cx, content_id);
}

static void content_is_changed_whole_or_not_at_all(void **state)
{
    static const Content *const ALL[] = {&PAGE, &BLOG, &ARTICLE, &MENU, &REDIRECT, &LIST, &DEF};
    World                      *w = *state;
    for (size_t i = 0; i < COUNT_OF(ALL); i++) {
        content = ALL[i];
        survives(w, content_new);
        survives(w, content_change);
        if (content == &BLOG)
            blog = content_id; /* of the articles */
        else
            survives(w, content_drop);
    }
    /* a blog moves and goes with its articles */
    content = &ARTICLE;
    assert_ok(content_new(w), &w->cx.err);
    assert_ok(content_new(w), &w->cx.err);
    content = &BLOG;
    content_id = blog;
    static Content moved;
    moved = BLOG;
    moved.then = "{\"handle\":\"moved\"}";
    content = &moved;
    survives(w, content_change);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_redirect WHERE target LIKE "
                                    "'/blogs/moved%'"),
                     4); /* news, old and two articles */
    survives(w, content_drop);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_article"), 0);
}

static Status policy_put(World *w)
{
    CatalogPolicyText p = {.title = STR("Terms"), .body = STR("<p>x</p>")};
    CATALOG_GIVE(&catalog_policy_shape, CatalogPolicyText, &p, title);
    CATALOG_GIVE(&catalog_policy_shape, CatalogPolicyText, &p, body);
    return catalog_policy_put(&w->cx, CATALOG_TERMS, &p);
}

static Status translate(World *w)
{
    Str                id = id_format(&w->arena, CATALOG_PRODUCT_ID, products[0]);
    CatalogTranslation t[] = {
        {.entity = id, .field = STR("title"), .locale = STR("uk"), .value = STR("Кухоль")},
        {.entity = id, .field = STR("description"), .locale = STR("uk"), .value = STR("<b>a</b>")},
        {.entity = id_format(&w->arena, CATALOG_PRODUCT_ID, products[1]),
         .field = STR("title"),
         .locale = STR("tr"),
         .value = STR("Kupa")}};
    return catalog_translations_put(&w->cx, t, COUNT_OF(t));
}

static Status outdate(World *w)
{
    CatalogProduct p;
    return shop_update(&w->cx, products[0], "{\"title\":\"Cup\"}", &p);
}

static void policies_and_translations_are_written_whole_or_not_at_all(void **state)
{
    World *w = *state;
    three_products(w);
    survives(w, policy_put);
    survives(w, translate);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_translation"), 3);
    survives(w, outdate);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_translation WHERE outdated"), 1);
}

/* --- prices and bulk edits ---------------------------------------------------------------- */

static int64_t list;

static Status prices_put(World *w)
{
    CatalogListPrice prices[COUNT_OF(products)];
    CatalogProduct   p;
    for (size_t i = 0; i < COUNT_OF(products); i++) {
        TRY(catalog_product_get(&w->cx, products[i], CATALOG_WITH_VARIANTS, &p));
        prices[i] = (CatalogListPrice){.variant_id = p.variants.items[0].id,
                                       .price = MONEY(700 + (int64_t)i, "EUR"),
                                       .min_qty = 1};
    }
    return catalog_list_prices_put(&w->cx, list, (CatalogListPrices){prices, COUNT_OF(prices)});
}

static Status price_drop(World *w)
{
    CatalogListPrices prices;
    TRY(catalog_list_prices_get(&w->cx, list, 0, 10, &prices));
    return catalog_list_price_delete(&w->cx, prices.items[0].id);
}

static Status list_drop(World *w)
{
    return catalog_price_list_delete(&w->cx, list, 0);
}

static void prices_are_written_whole_or_not_at_all(void **state)
{
    World *w = *state;
    three_products(w);
    content = &LIST;
    assert_ok(content_new(w), &w->cx.err);
    list = CATALOG_BASE_LIST;
    survives(w, prices_put);
    list = content_id;
    survives(w, prices_put);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_price"), 6);
    survives(w, price_drop);
    survives(w, list_drop);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_price"), 3);
}

/* Of many entries each is done or failed, as its outcome says, whatever call fails. */
static void bulk_edits_say_what_they_did(void **state)
{
    World *w = *state;
    bool   fired = true;
    int    n = 1;
    for (; fired && n < 500; n++) {
        three_products(w);
        int64_t          before = shop_number(w, "SELECT count(*) FROM catalog_product");
        CatalogBulkEntry e[4];
        memset(e, 0, sizeof e);
        e[0].op = e[3].op = CATALOG_BULK_CREATE;
        e[1] = (CatalogBulkEntry){.op = CATALOG_BULK_UPDATE, .id = products[0]};
        e[2] = (CatalogBulkEntry){.op = CATALOG_BULK_DELETE, .id = products[1]};
        assert_ok(shop_read(&w->cx, &catalog_product_shape, "{\"title\":\"A\"}", &e[0].product),
                  &w->cx.err);
        assert_ok(read_body(&w->cx, &catalog_product_shape, SHAPE_PATCH, "{\"vendor\":\"V\"}",
                            &e[1].product),
                  &w->cx.err);
        assert_ok(shop_read(&w->cx, &catalog_product_shape, "{\"title\":\"B\"}", &e[3].product),
                  &w->cx.err);
        fault_arm(n, false);
        Status st = catalog_products_bulk(&w->cx, e, COUNT_OF(e));
        fired = fault_fired();
        fault_arm(0, false);
        assert_ok(st, &w->cx.err);
        int64_t want = before + (e[0].outcome == CATALOG_BULK_CREATED) +
                       (e[3].outcome == CATALOG_BULK_CREATED) -
                       (e[2].outcome == CATALOG_BULK_DELETED);
        world_again(w);
        assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), want);
        CatalogProduct p = shop_get(w, products[0]);
        assert_int_equal(str_eq(p.vendor, STR("V")), e[1].outcome == CATALOG_BULK_UPDATED);
        for (size_t i = 0; !fired && i < COUNT_OF(e); i++)
            assert_int_not_equal(e[i].outcome, CATALOG_BULK_FAILED);
        shop_sound(w);
    }
    assert_false(fired);
    assert_true(n > 20);
}

/* --- pictures ----------------------------------------------------------------------------- */

static char folder[64];
static Str  picture;

static Status attach(World *w)
{
    MediaFile      file;
    CatalogMedia   m = {.alt = STR("Blue")};
    CatalogProduct change = {.media = {&m, 1}};
    bool           changed;
    TRY(media_take(&w->cx, picture, &file));
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, &m, alt);
    media_fill(&m, &file);
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &change, media);
    return catalog_product_update(&w->cx, products[0], 0, &change, &changed);
}

/* Taking a picture in and attaching it are two steps: after a fault between them the picture is
 * known and waits for somebody to name it. Whatever failed, the same again makes it good. */
static void a_picture_is_attached_whole_or_not_at_all(void **state)
{
    World *w = *state;
    Err    err;
    bool   fired = true;
    int    n = 1;
    (void)snprintf(folder, sizeof folder, "/tmp/rapport-fault-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_ok(picture_init(&err), &err);
    three_products(w);
    for (; fired && n < 300; n++) {
        assert_ok(media_open(folder, &err), &err);
        picture = make_png(w, 20 + n, 20, 90);
        fault_arm(n, false);
        Status st = attach(w);
        fired = fault_fired();
        fault_arm(0, false);
        if (!fired)
            assert_ok(st, &w->cx.err);
        shop_sound(w);
        /* what is attached is known, and its file is there */
        assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_media m WHERE hash <> '' AND "
                                        "NOT EXISTS (SELECT 1 FROM catalog_file f "
                                        "WHERE f.hash = m.hash)"),
                         0);
        assert_ok(attach(w), &w->cx.err);
        CatalogProduct p = shop_get(w, products[0]);
        assert_int_equal(p.media.n, 1);
        MediaFile file = {.hash = p.media.items[0].hash};
        int       fd;
        int64_t   bytes;
        assert_ok(media_original(&w->cx, &file, &fd, &bytes), &w->cx.err);
        close(fd);
        assert_int_equal(bytes, picture.len);
        world_again(w);
    }
    assert_false(fired);
    assert_true(n > 20);
    test_rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(products_are_changed_whole_or_not_at_all),
        TEST_WORLD(collections_are_changed_whole_or_not_at_all),
        TEST_WORLD(a_rule_is_followed_whatever_fails),
        TEST_WORLD(content_is_changed_whole_or_not_at_all),
        TEST_WORLD(policies_and_translations_are_written_whole_or_not_at_all),
        TEST_WORLD(prices_are_written_whole_or_not_at_all),
        TEST_WORLD(bulk_edits_say_what_they_did),
        TEST_WORLD(a_picture_is_attached_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
