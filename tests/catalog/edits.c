#include "edits.h"

#include "catalog/shop.h"

#include <stdlib.h>
#include <string.h>

static uint64_t below(Edits *e, uint64_t n)
{
    return rng_below(&e->rng, n);
}

static bool often(Edits *e) /* three of four */
{
    return below(e, 4) > 0;
}

static bool rarely(Edits *e)
{
    return below(e, 5) == 0;
}

#define PICK(e, list) ((list)[below((e), COUNT_OF(list))])

static const char *const TITLES[] = {"Mug", "Cup", "Tea pot", "Mug", "Жук", "Straße 5", "Bowl"};
static const char *const HANDLES[] = {"mug", "cup", "new", "old", "a", "b", "mug-2", "tea-pot"};
static const char *const TAGS[] = {"red", "Sale", "new", "clay"};
static const char *const VENDORS[] = {"", "Nord", "Süd"};
static const char *const LOCALES[] = {"uk", "tr", "pt-BR"};

/* --- what there is ------------------------------------------------------------------------ */

static void keep(Edits *e, EditKind kind, int64_t id)
{
    assert_true(e->n[kind] < EDITS_KEPT);
    e->ids[kind][e->n[kind]++] = id;
}

static int64_t pick(Edits *e, EditKind kind)
{
    return e->n[kind] == 0 ? 0 : e->ids[kind][below(e, e->n[kind])];
}

static void forget(Edits *e, EditKind kind, int64_t id)
{
    for (size_t i = 0; i < e->n[kind]; i++)
        if (e->ids[kind][i] == id)
            e->ids[kind][i] = e->ids[kind][--e->n[kind]];
}

static bool is_full(const Edits *e, EditKind kind)
{
    return e->n[kind] == EDITS_KEPT;
}

/* --- bodies ------------------------------------------------------------------------------- */

static void body(Edits *e)
{
    buf_clear(&e->json);
    buf_addc(&e->json, '{');
}

static void comma(Edits *e)
{
    Str s = buf_str(&e->json);
    if (s.len > 0 && s.ptr[s.len - 1] != '{' && s.ptr[s.len - 1] != '[')
        buf_addc(&e->json, ',');
}

#define ADD(e, ...) (comma(e), buf_addf(&(e)->json, __VA_ARGS__))

static const char *close_body(Edits *e)
{
    buf_addc(&e->json, '}');
    return str_cstr(&e->w->arena, buf_str(&e->json));
}

static void add_time(Edits *e, const char *key)
{
    CLEANUP(buf_done) Buf b;
    UnixMs                t = {e->w->cx.now.v + rng_between(&e->rng, -100000, 100000)};
    buf_init(&b, 64);
    clock_add(&b, t);
    ADD(e, "\"%s\":\"" STR_FMT "\"", key, STR_ARG(buf_str(&b)));
}

static void add_names(Edits *e, bool title)
{
    if (title)
        ADD(e, "\"title\":\"%s\"", PICK(e, TITLES));
    if (rarely(e))
        ADD(e, "\"handle\":\"%s\"", PICK(e, HANDLES));
    if (rarely(e))
        ADD(e, "\"seo_title\":\"%s\"", PICK(e, TITLES));
}

static void add_price(Edits *e)
{
    ADD(e, "{\"price\":{\"amount\":%d,\"currency\":\"%s\"}", (int)below(e, 3000),
        below(e, 3) ? "EUR" : "USD");
    if (rarely(e))
        ADD(e, "\"compare_at\":null");
    if (rarely(e))
        ADD(e, "\"min_qty\":%d", 1 + (int)below(e, 3));
    if (rarely(e))
        add_time(e, "starts_at");
    if (rarely(e))
        add_time(e, "ends_at");
    int64_t list = rarely(e) ? pick(e, EDIT_PRICE_LIST) : 0;
    if (list)
        ADD(e, "\"list_id\":\"" STR_FMT "\"",
            STR_ARG(id_format(&e->w->arena, CATALOG_PRICE_LIST_ID, list)));
    buf_addc(&e->json, '}');
}

static void add_variant_rest(Edits *e)
{
    if (rarely(e))
        ADD(e, "\"sku\":\"S%d\"", (int)below(e, 5));
    if (often(e)) {
        ADD(e, "\"prices\":[");
        for (uint64_t i = below(e, 3); i > 0; i--)
            add_price(e);
        buf_addc(&e->json, ']');
    }
    if (rarely(e))
        ADD(e, "\"tracked\":true,\"quantity\":%d", (int)below(e, 4));
}

/* Options with all of their combinations, or some. */
static void add_variants(Edits *e)
{
    static const char *const NAMES[] = {"Size", "Colour", "Form"};
    static const char *const VALUES[] = {"S", "M", "L", "Red", "Blue"};
    size_t                   options = below(e, 3), first = below(e, 3), values[2] = {1, 1};
    ADD(e, "\"options\":[");
    for (size_t i = 0; i < options; i++) {
        values[i] = 1 + below(e, 3);
        ADD(e, "{\"name\":\"%s\"}", NAMES[(first + i) % COUNT_OF(NAMES)]);
    }
    buf_add(&e->json, STR("]"));
    ADD(e, "\"variants\":[");
    size_t n = values[0] * values[1], skip = n > 1 ? below(e, n + 2) : n;
    for (size_t i = 0; i < n; i++) {
        if (i == skip)
            continue;
        ADD(e, "{");
        if (options > 0) {
            ADD(e, "\"options\":[");
            ADD(e, "\"%s\"", VALUES[i % values[0]]);
            if (options > 1)
                ADD(e, "\"%s\"", VALUES[2 + i / values[0]]);
            buf_addc(&e->json, ']');
        }
        add_variant_rest(e);
        buf_addc(&e->json, '}');
    }
    buf_addc(&e->json, ']');
}

static void add_media(Edits *e)
{
    ADD(e, "\"media\":[");
    uint64_t first = below(e, 4);
    for (uint64_t i = below(e, 4); i > 0; i--)
        ADD(e, "{\"url\":\"https://x.example/%d.jpg\",\"alt\":\"%s\"}", (int)((first + i) % 5),
            PICK(e, TITLES));
    buf_addc(&e->json, ']');
}

static void add_publications(Edits *e)
{
    ADD(e, "\"publications\":[");
    if (often(e)) {
        ADD(e, "{\"channel\":\"web\"");
        if (rarely(e))
            add_time(e, "published_at");
        buf_addc(&e->json, '}');
    }
    if (rarely(e))
        ADD(e, "{\"channel\":\"pos\"}");
    buf_addc(&e->json, ']');
}

static void add_tags(Edits *e)
{
    ADD(e, "\"tags\":[");
    for (size_t i = 0; i < COUNT_OF(TAGS); i++)
        if (below(e, 2))
            ADD(e, "\"%s\"", TAGS[i]);
    buf_addc(&e->json, ']');
}

static void add_attributes(Edits *e)
{
    ADD(e, "\"attributes\":[");
    for (size_t i = 0; i < 2; i++)
        if (below(e, 2))
            ADD(e, "{\"key\":\"test.k%d\",\"value\":\"v%d\"}", (int)i, (int)below(e, 3));
    buf_addc(&e->json, ']');
}

static void add_product(Edits *e, bool is_new)
{
    add_names(e, is_new || rarely(e));
    if (is_new || rarely(e))
        ADD(e, "\"status\":\"%s\"", below(e, 4) ? "active" : below(e, 2) ? "draft" : "archived");
    if (often(e))
        ADD(e, "\"vendor\":\"%s\"", PICK(e, VENDORS));
    if (rarely(e))
        ADD(e, "\"description\":\"<p onclick=x>%d</p>\"", (int)below(e, 9));
    if (is_new || below(e, 2))
        add_tags(e);
    if (is_new || rarely(e))
        add_variants(e);
    if (rarely(e))
        add_media(e);
    if (rarely(e))
        add_publications(e);
    if (rarely(e))
        add_attributes(e);
}

/* --- products ----------------------------------------------------------------------------- */

static Status product_new(Edits *e)
{
    CatalogProduct p;
    body(e);
    add_product(e, true);
    Status st = shop_create(&e->w->cx, close_body(e), &p);
    if (st == ST_OK)
        keep(e, EDIT_PRODUCT, p.id);
    return st;
}

static Status product_change(Edits *e)
{
    CatalogProduct p;
    body(e);
    add_product(e, false);
    return shop_update(&e->w->cx, pick(e, EDIT_PRODUCT), close_body(e), &p);
}

static Status product_drop(Edits *e)
{
    int64_t id = pick(e, EDIT_PRODUCT);
    forget(e, EDIT_PRODUCT, id);
    return catalog_product_delete(&e->w->cx, id, 0);
}

static Status some_product(Edits *e)
{
    if (e->n[EDIT_PRODUCT] == 0 || (!is_full(e, EDIT_PRODUCT) && rarely(e)))
        return product_new(e);
    return is_full(e, EDIT_PRODUCT) || below(e, 12) == 0 ? product_drop(e) : product_change(e);
}

static Status some_variant(Edits *e)
{
    Cx            *cx = &e->w->cx;
    CatalogProduct p;
    CatalogVariant v = {0};
    const int64_t  id = pick(e, EDIT_PRODUCT);
    static Status (*change)(Cx *, int64_t, CatalogVariant *);
    if (id == 0)
        return ST_OK;
    TRY(catalog_product_get(cx, id, CATALOG_WITH_VARIANTS, &p));
    const CatalogVariant *at = &p.variants.items[below(e, p.variants.n)];
    if (rarely(e))
        return catalog_variant_delete(cx, at->id);
    bool is_new = rarely(e) && p.options.n > 0;
    body(e);
    if (is_new) {
        ADD(e, "\"options\":[");
        for (size_t i = 0; i < p.options.n; i++)
            ADD(e, "\"%s\"", PICK(e, TITLES));
        buf_addc(&e->json, ']');
    }
    add_variant_rest(e);
    TRY(shop_read(cx, &catalog_variant_shape, close_body(e), &v));
    change = is_new ? catalog_variant_create : catalog_variant_update;
    return change(cx, is_new ? id : at->id, &v);
}

static Status some_bulk(Edits *e)
{
    CatalogListPrice list[6];
    CatalogProduct   p;
    Cx              *cx = &e->w->cx;
    const int64_t    id = pick(e, EDIT_PRODUCT), prices = pick(e, EDIT_PRICE_LIST);
    if (id == 0)
        return ST_OK;
    TRY(catalog_product_get(cx, id, CATALOG_WITH_VARIANTS, &p));
    size_t n = p.variants.n < COUNT_OF(list) ? p.variants.n : COUNT_OF(list);
    for (size_t i = 0; i < n; i++)
        list[i] = (CatalogListPrice){.variant_id = p.variants.items[i].id,
                                     .price = MONEY((int64_t)below(e, 2000), "EUR"),
                                     .min_qty = 1 + (int64_t)below(e, 2)};
    return catalog_list_prices_put(cx, prices ? prices : CATALOG_BASE_LIST,
                                   (CatalogListPrices){list, n});
}

/* --- collections -------------------------------------------------------------------------- */

static void add_rule(Edits *e)
{
    switch (below(e, 6)) {
    case 0: ADD(e, "\"rule\":{\"tags\":{\"$in\":[\"%s\"]}}", PICK(e, TAGS)); break;
    case 1: ADD(e, "\"rule\":{\"vendor\":\"%s\"}", PICK(e, VENDORS)); break;
    case 2: ADD(e, "\"rule\":{\"price.EUR\":{\"$lt\":%d}}", (int)below(e, 3000)); break;
    case 3: ADD(e, "\"rule\":{\"status\":\"active\",\"variant_count\":{\"$gt\":1}}"); break;
    case 4: ADD(e, "\"rule\":{\"$or\":[{\"in_stock\":true},{\"title\":\"Mug\"}]}"); break;
    default: ADD(e, "\"rule\":{\"attributes.test.k0\":\"v1\"}"); break;
    }
}

static Status collection_save(Edits *e, int64_t id)
{
    static const char *const SORTS[] = {"manual", "title", "title_desc", "created", "created_desc"};
    CatalogCollection        c = {0};
    bool                     rule = below(e, 2);
    body(e);
    add_names(e, id == 0 || rarely(e));
    if (id == 0 || rarely(e)) {
        ADD(e, "\"kind\":\"%s\"", rule ? "rule" : "manual");
        if (rule)
            add_rule(e);
    }
    if (below(e, 2))
        ADD(e, "\"sort\":\"%s\"", PICK(e, SORTS));
    if (rarely(e))
        add_media(e);
    if (rarely(e))
        add_publications(e);
    const char *json = close_body(e);
    if (id != 0)
        return shop_collection_update(&e->w->cx, id, json, &c);
    TRY(shop_read(&e->w->cx, &catalog_collection_shape, json, &c));
    TRY(catalog_collection_create(&e->w->cx, &c));
    keep(e, EDIT_COLLECTION, c.id);
    return ST_OK;
}

static Status some_members(Edits *e, int64_t id)
{
    int64_t list[3];
    for (size_t i = 0; i < COUNT_OF(list); i++)
        list[i] = pick(e, EDIT_PRODUCT);
    if (list[0] == 0)
        return ST_OK;
    switch (below(e, 4)) {
    case 0: return catalog_collection_remove(&e->w->cx, id, list, 1 + below(e, 3));
    case 1: return catalog_collection_move(&e->w->cx, id, list[0], below(e, 2) ? list[1] : 0);
    default: return catalog_collection_add(&e->w->cx, id, list, 1 + below(e, 3));
    }
}

static Status some_collection(Edits *e)
{
    int64_t id = pick(e, EDIT_COLLECTION);
    if (id == 0 || (!is_full(e, EDIT_COLLECTION) && rarely(e)))
        return collection_save(e, 0);
    if (is_full(e, EDIT_COLLECTION) || below(e, 15) == 0) {
        forget(e, EDIT_COLLECTION, id);
        return catalog_collection_delete(&e->w->cx, id, 0);
    }
    return below(e, 2) ? some_members(e, id) : collection_save(e, id);
}

/* --- content ------------------------------------------------------------------------------ */

/* A thing of a shape: made, changed or deleted. */
typedef struct Thing {
    EditKind     kind;
    const Shape *shape;
    size_t       size;
    Status (*create)(Edits *e, void *v, int64_t *ret_id);
    Status (*update)(Cx *cx, int64_t id, void *v);
    Status (*drop)(Cx *cx, int64_t id);
    void (*add)(Edits *e, bool is_new);
} Thing;

static Status some_thing(Edits *e, const Thing *t)
{
    union {
        CatalogPage         page;
        CatalogBlog         blog;
        CatalogArticle      article;
        CatalogMenu         menu;
        CatalogRedirect     redirect;
        CatalogPriceList    list;
        CatalogAttributeDef def;
    } v;
    Cx     *cx = &e->w->cx;
    int64_t id = pick(e, t->kind);
    bool    is_new = id == 0 || (!is_full(e, t->kind) && below(e, 3) == 0);
    if (id != 0 && (is_full(e, t->kind) || below(e, 8) == 0)) {
        Status st = t->drop(cx, id);
        if (st == ST_OK)
            forget(e, t->kind, id);
        return st;
    }
    memset(&v, 0, sizeof v);
    body(e);
    t->add(e, is_new);
    Str json = str_dup(cx->arena, str_from_cstr(close_body(e)));
    TRY(shape_read(t->shape, is_new ? SHAPE_CREATE : SHAPE_PATCH, json, cx->arena, &v, &cx->issues,
                   &cx->err));
    if (!is_new)
        return t->update(cx, id, &v);
    TRY(t->create(e, &v, &id));
    if (id != 0)
        keep(e, t->kind, id);
    return ST_OK;
}

static void add_page(Edits *e, bool is_new)
{
    add_names(e, is_new || below(e, 2));
    if (below(e, 2))
        ADD(e, "\"body\":\"<b>%d</b><script>\"", (int)below(e, 9));
    if (is_new || rarely(e))
        add_time(e, "published_at");
    if (rarely(e))
        add_time(e, "unpublish_at");
}

static Status page_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_page_create(&e->w->cx, v));
    *ret = ((CatalogPage *)v)->id;
    return ST_OK;
}

static Status page_update(Cx *cx, int64_t id, void *v)
{
    return catalog_page_update(cx, id, 0, v);
}

static Status page_drop(Cx *cx, int64_t id)
{
    return catalog_page_delete(cx, id, 0);
}

static void add_blog(Edits *e, bool is_new)
{
    add_names(e, is_new || below(e, 2));
}

static Status blog_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_blog_create(&e->w->cx, v));
    *ret = ((CatalogBlog *)v)->id;
    return ST_OK;
}

static Status blog_update(Cx *cx, int64_t id, void *v)
{
    return catalog_blog_update(cx, id, 0, v);
}

static Status blog_drop(Cx *cx, int64_t id)
{
    return catalog_blog_delete(cx, id, 0);
}

static void add_article(Edits *e, bool is_new)
{
    add_page(e, is_new);
    if (rarely(e))
        add_tags(e);
    if (rarely(e))
        add_media(e);
}

static Status article_create(Edits *e, void *v, int64_t *ret)
{
    int64_t blog = pick(e, EDIT_BLOG);
    *ret = 0;
    if (blog == 0)
        return ST_OK;
    TRY(catalog_article_create(&e->w->cx, blog, v));
    *ret = ((CatalogArticle *)v)->id;
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

static void add_item(Edits *e, const char *kind, const char *prefix, EditKind of)
{
    int64_t id = pick(e, of);
    if (id)
        ADD(e, "{\"title\":\"%s\",\"kind\":\"%s\",\"target\":\"" STR_FMT "\"}", PICK(e, TITLES),
            kind, STR_ARG(id_format(&e->w->arena, prefix, id)));
}

static void add_menu(Edits *e, bool is_new)
{
    add_names(e, is_new || below(e, 2));
    Str s = buf_str(&e->json); /* menus have no SEO texts */
    ASSERT(s.len > 0);
    ADD(e, "\"items\":[");
    add_item(e, "product", CATALOG_PRODUCT_ID, EDIT_PRODUCT);
    add_item(e, "collection", CATALOG_COLLECTION_ID, EDIT_COLLECTION);
    add_item(e, "page", CATALOG_PAGE_ID, EDIT_PAGE);
    add_item(e, "blog", CATALOG_BLOG_ID, EDIT_BLOG);
    ADD(e, "{\"title\":\"More\",\"kind\":\"url\",\"url\":\"/x\",\"items\":[");
    add_item(e, "product", CATALOG_PRODUCT_ID, EDIT_PRODUCT);
    buf_add(&e->json, STR("]}]"));
}

static Status menu_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_menu_create(&e->w->cx, v));
    *ret = ((CatalogMenu *)v)->id;
    return ST_OK;
}

static Status menu_update(Cx *cx, int64_t id, void *v)
{
    return catalog_menu_update(cx, id, 0, v);
}

static Status menu_drop(Cx *cx, int64_t id)
{
    return catalog_menu_delete(cx, id, 0);
}

static void add_redirect(Edits *e, bool is_new)
{
    static const char *const AT[] = {"products", "pages", "collections", "x"};
    if (is_new || below(e, 2))
        ADD(e, "\"path\":\"/%s/%s\"", PICK(e, AT), PICK(e, HANDLES));
    ADD(e, "\"target\":\"/%s/%s\"", PICK(e, AT), PICK(e, HANDLES));
}

static Status redirect_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_redirect_create(&e->w->cx, v));
    *ret = ((CatalogRedirect *)v)->id;
    return ST_OK;
}

static Status redirect_update(Cx *cx, int64_t id, void *v)
{
    return catalog_redirect_update(cx, id, v);
}

static void add_list(Edits *e, bool is_new)
{
    static const char *const KINDS[] = {"sale", "override", "contract"};
    if (is_new || rarely(e))
        ADD(e, "\"title\":\"%s\"", PICK(e, TITLES));
    if (is_new || rarely(e))
        ADD(e, "\"kind\":\"%s\"", PICK(e, KINDS));
    ADD(e, "\"priority\":%d,\"active\":%s", (int)below(e, 3), often(e) ? "true" : "false");
    if (rarely(e))
        ADD(e, "\"conditions\":{\"groups\":{\"$in\":[\"vip\"]}}");
    if (rarely(e))
        add_time(e, "starts_at");
    if (rarely(e))
        add_time(e, "ends_at");
}

static Status list_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_price_list_create(&e->w->cx, v));
    *ret = ((CatalogPriceList *)v)->id;
    return ST_OK;
}

static Status list_update(Cx *cx, int64_t id, void *v)
{
    return catalog_price_list_update(cx, id, 0, v);
}

static Status list_drop(Cx *cx, int64_t id)
{
    return catalog_price_list_delete(cx, id, 0);
}

static void add_def(Edits *e, bool is_new)
{
    if (is_new)
        ADD(e, "\"scope\":\"product\",\"key\":\"test.k%d\",\"type\":\"text\"", (int)below(e, 2));
    ADD(e, "\"name\":\"%s\"", PICK(e, TITLES));
}

static Status def_create(Edits *e, void *v, int64_t *ret)
{
    TRY(catalog_attribute_create(&e->w->cx, v));
    *ret = ((CatalogAttributeDef *)v)->id;
    return ST_OK;
}

static Status def_update(Cx *cx, int64_t id, void *v)
{
    return catalog_attribute_update(cx, id, 0, v);
}

static Status def_drop(Cx *cx, int64_t id)
{
    return catalog_attribute_delete(cx, id, 0);
}

static const Thing PAGE = {EDIT_PAGE,   &catalog_page_shape, sizeof(CatalogPage),
                           page_create, page_update,         page_drop,
                           add_page};
static const Thing BLOG = {EDIT_BLOG,   &catalog_blog_shape, sizeof(CatalogBlog),
                           blog_create, blog_update,         blog_drop,
                           add_blog};
static const Thing ARTICLE = {EDIT_ARTICLE,   &catalog_article_shape, sizeof(CatalogArticle),
                              article_create, article_update,         article_drop,
                              add_article};
static const Thing MENU = {EDIT_MENU,   &catalog_menu_shape, sizeof(CatalogMenu),
                           menu_create, menu_update,         menu_drop,
                           add_menu};
static const Thing REDIRECT = {EDIT_REDIRECT,   &catalog_redirect_shape, sizeof(CatalogRedirect),
                               redirect_create, redirect_update,         catalog_redirect_delete,
                               add_redirect};
static const Thing LIST = {EDIT_PRICE_LIST,
                           &catalog_price_list_shape,
                           sizeof(CatalogPriceList),
                           list_create,
                           list_update,
                           list_drop,
                           add_list};
static const Thing DEF = {EDIT_ATTRIBUTE,
                          &catalog_attribute_def_shape,
                          sizeof(CatalogAttributeDef),
                          def_create,
                          def_update,
                          def_drop,
                          add_def};

static Status some_policy(Edits *e)
{
    CatalogPolicyText p = {.title = str_from_cstr(PICK(e, TITLES)), .body = STR("<i>x</i>")};
    CATALOG_GIVE(&catalog_policy_shape, CatalogPolicyText, &p, title);
    CATALOG_GIVE(&catalog_policy_shape, CatalogPolicyText, &p, body);
    return catalog_policy_put(&e->w->cx, (int)below(e, CATALOG_SUBSCRIPTION + 1), &p);
}

static Status some_setting(Edits *e)
{
    CatalogShop shop;
    int64_t     version;
    TRY(setting_get(&e->w->cx, &catalog_shop_setting, &shop, &version));
    shop.name = str_from_cstr(PICK(e, TITLES));
    return setting_put(&e->w->cx, &catalog_shop_setting, version, &shop, NULL);
}

static Status some_translation(Edits *e)
{
    static const struct {
        EditKind    kind;
        const char *prefix, *field;
    } OF[] = {{EDIT_PRODUCT, CATALOG_PRODUCT_ID, "title"},
              {EDIT_PRODUCT, CATALOG_PRODUCT_ID, "description"},
              {EDIT_COLLECTION, CATALOG_COLLECTION_ID, "title"},
              {EDIT_PAGE, CATALOG_PAGE_ID, "body"},
              {EDIT_BLOG, CATALOG_BLOG_ID, "title"},
              {EDIT_ARTICLE, CATALOG_ARTICLE_ID, "title"},
              {EDIT_MENU, CATALOG_MENU_ID, "title"}};
    size_t  i = below(e, COUNT_OF(OF));
    int64_t id = pick(e, OF[i].kind);
    if (id == 0)
        return ST_OK;
    CatalogTranslation t = {.entity = id_format(&e->w->arena, OF[i].prefix, id),
                            .field = str_from_cstr(OF[i].field),
                            .locale = str_from_cstr(PICK(e, LOCALES)),
                            .value = rarely(e) ? STR("") : STR("<b onclick=x>слово</b>")};
    return catalog_translations_put(&e->w->cx, &t, 1);
}

/* --- one of all --------------------------------------------------------------------------- */

static Status step(Edits *e)
{
    static const struct {
        const char *what;
        int         weight;
        Status (*fn)(Edits *);
        const Thing *thing;
    } STEPS[] = {
        {"product", 30, some_product, NULL},
        {"variant", 8, some_variant, NULL},
        {"list prices", 6, some_bulk, NULL},
        {"collection", 20, some_collection, NULL},
        {"policy", 2, some_policy, NULL},
        {"setting", 1, some_setting, NULL},
        {"translation", 8, some_translation, NULL},
        {"page", 6, NULL, &PAGE},
        {"blog", 4, NULL, &BLOG},
        {"article", 6, NULL, &ARTICLE},
        {"menu", 4, NULL, &MENU},
        {"redirect", 4, NULL, &REDIRECT},
        {"price list", 5, NULL, &LIST},
        {"attribute", 2, NULL, &DEF},
    };
    uint64_t total = 0;
    for (size_t i = 0; i < COUNT_OF(STEPS); i++)
        total += (uint64_t)STEPS[i].weight;
    uint64_t at = below(e, total);
    size_t   i = 0;
    for (; at >= (uint64_t)STEPS[i].weight; i++)
        at -= (uint64_t)STEPS[i].weight;
    (void)snprintf(e->what, sizeof e->what, "%s", STEPS[i].what);
    return STEPS[i].fn != NULL ? STEPS[i].fn(e) : some_thing(e, STEPS[i].thing);
}

/* Articles go with their blog, and whatever else: keep only what is there. */
static void forget_gone(Edits *e)
{
    for (size_t i = 0; i < e->n[EDIT_ARTICLE]; i++) {
        CatalogArticle a;
        if (catalog_article_get(&e->w->cx, e->ids[EDIT_ARTICLE][i], &a) == ST_NOT_FOUND)
            forget(e, EDIT_ARTICLE, e->ids[EDIT_ARTICLE][i--]);
    }
    for (size_t i = 0; i < e->n[EDIT_REDIRECT]; i++) {
        CatalogRedirect r;
        if (catalog_redirect_get(&e->w->cx, e->ids[EDIT_REDIRECT][i], &r) == ST_NOT_FOUND)
            forget(e, EDIT_REDIRECT, e->ids[EDIT_REDIRECT][i--]);
    }
}

void edits_begin(Edits *e, World *w, uint64_t seed)
{
    const char *other = getenv("SEED");
    int64_t     n;
    if (other != NULL && str_parse_i64(str_from_cstr(other), &n))
        seed = (uint64_t)n;
    *e = (Edits){.w = w, .rng = rng_of(seed)};
    buf_init(&e->json, 1 << 20);
}

void edits_end(Edits *e)
{
    buf_done(&e->json);
}

void edits_step(Edits *e)
{
    if (e->done % 16 == 0)
        world_again(e->w);
    if (e->done % 8 == 0)
        forget_gone(e);
    e->w->cx.now.v += 1 + rng_between(&e->rng, 0, 5000);
    e->w->cx.issues.n = e->w->cx.issues.total = 0;
    e->done++;
    Status st = step(e);
    if (st == ST_OK)
        return;
    e->refused++;
    bool fine = st == ST_CONFLICT || st == ST_INVALID || st == ST_NOT_FOUND;
    if (!fine || str_eq(str_from_cstr(e->w->cx.err.code), STR("db.constraint")))
        fail_msg("step %d (%s): %s %s " STR_FMT, e->done, e->what, e->w->cx.err.code,
                 e->w->cx.err.msg, STR_ARG(buf_str(&e->json)));
}
