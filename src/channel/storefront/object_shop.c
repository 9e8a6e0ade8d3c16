/* The shop, the request, and the names that every template sees. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include <string.h>

static LiquidValue pair_map(Visit *v, const LiquidPair *pairs, size_t n)
{
    LiquidPair *own = arena_array(visit_arena(v), LiquidPair, n + 1);
    memcpy(own, pairs, n * sizeof *own);
    return liquid_map(visit_arena(v), own, n);
}

/* --- things by handle: collections['x'], all_products['x']
 * ------------------------------------------- */

#define BY_HANDLE(id, label, look_up)                                                              \
    static bool id##_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)                \
    {                                                                                              \
        (void)self;                                                                                \
        *ret = look_up(liquid_host(cx), key);                                                      \
        return ret->type != LIQUID_NIL;                                                            \
    }                                                                                              \
    static const LiquidDropType id##_type = {.name = (label), .get = id##_get};

BY_HANDLE(all_products, "AllProductsDrop", object_product_by_handle)
BY_HANDLE(pages, "PagesDrop", object_page_by_handle)
BY_HANDLE(blogs, "BlogsDrop", object_blog_by_handle)
BY_HANDLE(articles, "ArticlesDrop", object_article_by_path)
BY_HANDLE(menus, "LinklistsDrop", object_menu)

static bool collections_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    Visit *v = liquid_host(cx);
    (void)self;
    *ret = str_eq(key, STR("size")) || str_eq(key, STR("first")) || str_eq(key, STR("last"))
               ? liquid_get(cx, object_collections(v), key)
               : object_collection_by_handle(v, key);
    return ret->type != LIQUID_NIL;
}

static size_t collections_count(LiquidCx *cx, const void *self)
{
    (void)self;
    return liquid_count(cx, object_collections(liquid_host(cx)));
}

static LiquidValue collections_at(LiquidCx *cx, const void *self, size_t i)
{
    (void)self;
    return liquid_at(cx, object_collections(liquid_host(cx)), i);
}

static const LiquidDropType collections_type = {.name = "CollectionsDrop",
                                                .get = collections_get,
                                                .count = collections_count,
                                                .at = collections_at};

/* Pictures of the theme by name. */
static bool images_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    Visit            *v = liquid_host(cx);
    const ThemeAsset *a = theme_asset(v->theme, key);
    (void)self;
    if (a == NULL)
        return false;
    *ret = object_image(v, &(ImageObject){.path = a->url, .alt = STR("")});
    return true;
}

static const LiquidDropType images_type = {.name = "ImagesDrop", .get = images_get};

/* --- shop
 * --------------------------------------------------------------------------------------------------
 */

static LiquidValue shop_name(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->shop->name);
}

static LiquidValue shop_description(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->site->description);
}

static LiquidValue shop_currency(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->shop->currency);
}

static LiquidValue shop_url(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->origin);
}

static LiquidValue shop_domain(Visit *v, const void *self)
{
    size_t at = str_find(v->origin, STR("//"));
    (void)self;
    return liquid_text(at == SIZE_MAX ? v->origin : str_skip(v->origin, at + 2));
}

static LiquidValue shop_money_format(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(
        locale_money(visit_arena(v), v->locale, money_of(0, v->currency), MONEY_SYMBOL));
}

static LiquidValue shop_locale(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->shop->locale);
}

static LiquidValue shop_policies(Visit *v, const void *self)
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, 16);
    size_t       n = 0;
    (void)self;
    for (int kind = 0; catalog_policy_kind_names[kind] != NULL && n < 16; kind++) {
        LiquidValue p = object_policy(v, kind);
        if (p.type != LIQUID_NIL)
            items[n++] = p;
    }
    return object_list(v, items, n);
}

static LiquidValue shop_privacy(Visit *v, const void *self)
{
    (void)self;
    return object_policy(v, CATALOG_PRIVACY);
}

static LiquidValue shop_refund(Visit *v, const void *self)
{
    (void)self;
    return object_policy(v, CATALOG_RETURNS);
}

static LiquidValue shop_shipping(Visit *v, const void *self)
{
    (void)self;
    return object_policy(v, CATALOG_SHIPPING);
}

static LiquidValue shop_terms(Visit *v, const void *self)
{
    (void)self;
    return object_policy(v, CATALOG_TERMS);
}

static LiquidValue shop_products_count(Visit *v, const void *self)
{
    (void)self;
    visit_note_all(v);
    return liquid_int((int64_t)published_ids(v->view, PUBLISHED_PRODUCT).n);
}

static LiquidValue shop_collections_count(Visit *v, const void *self)
{
    (void)self;
    visit_note_all(v);
    return liquid_int((int64_t)published_ids(v->view, PUBLISHED_COLLECTION).n);
}

static LiquidValue shop_locales(Visit *v, const void *self)
{
    VisitWays    ways;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, SITE_LOCALES_MAX + 1);
    (void)self;
    visit_ways(v, &ways);
    for (size_t i = 0; i < ways.nlocales; i++) {
        const Locale *l = locale_of(ways.locales[i]);
        Str           name = l != NULL ? locale_name(l) : ways.locales[i];
        LiquidPair    p[] = {
               {STR("iso_code"), liquid_text(ways.locales[i])},
               {STR("name"), liquid_text(name)},
               {STR("endonym_name"), liquid_text(name)},
               {STR("primary"), liquid_bool(i == 0)},
               {STR("root_url"), liquid_text(visit_root_for(v, ways.locales[i], v->currency).len > 0
                                                 ? visit_root_for(v, ways.locales[i], v->currency)
                                                 : STR("/"))},
        };
        items[i] = pair_map(v, p, COUNT_OF(p));
    }
    return object_list(v, items, ways.nlocales);
}

static LiquidValue empty_list(Visit *v, const void *self)
{
    (void)self;
    return object_list(v, NULL, 0);
}

static const Member SHOP[] = {
    {"name", shop_name, true},
    {"description", shop_description, true},
    {"currency", shop_currency, true},
    {"url", shop_url, true},
    {"secure_url", shop_url, false},
    {"domain", shop_domain, true},
    {"permanent_domain", shop_domain, false},
    {"locale", shop_locale, true},
    {"money_format", shop_money_format, false},
    {"money_with_currency_format", shop_money_format, false},
    {"policies", shop_policies, false},
    {"privacy_policy", shop_privacy, false},
    {"refund_policy", shop_refund, false},
    {"shipping_policy", shop_shipping, false},
    {"terms_of_service", shop_terms, false},
    {"products_count", shop_products_count, false},
    {"collections_count", shop_collections_count, false},
    {"published_locales", shop_locales, false},
    {"enabled_payment_types", empty_list, false},
    {"taxes_included", member_yes, false},
    {"customer_accounts_enabled", member_yes, false},
    {"customer_accounts_optional", member_yes, false},
    {"password_message", shop_description, false},
};
OBJECT(shop, "ShopDrop", SHOP)

/* --- localization
 * --------------------------------------------------------------------------------------------- */

static LiquidValue language_tag(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(*(const Str *)self);
}

static LiquidValue language_name(Visit *v, const void *self)
{
    const Locale *l = locale_of(*(const Str *)self);
    (void)v;
    return liquid_text(l != NULL ? locale_name(l) : *(const Str *)self);
}

static LiquidValue language_primary(Visit *v, const void *self)
{
    return liquid_bool(str_eq(*(const Str *)self, v->shop->locale));
}

static LiquidValue language_root(Visit *v, const void *self)
{
    Str root = visit_root_for(v, *(const Str *)self, v->currency);
    return liquid_text(root.len > 0 ? root : STR("/"));
}

static LiquidValue language_rtl(Visit *v, const void *self)
{
    const Locale *l = locale_of(*(const Str *)self);
    (void)v;
    return liquid_bool(l != NULL && locale_is_rtl(l));
}

/* This page in that language. */
static LiquidValue language_url(Visit *v, const void *self)
{
    Str root = visit_root_for(v, *(const Str *)self, v->currency);
    visit_reads_page(v);
    if (str_eq(v->raw, STR("/")) && root.len > 0)
        return liquid_text(root);
    return liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = root}, STR_FMT, STR_ARG(v->raw)));
}

static const Member LANGUAGE[] = {
    {"iso_code", language_tag, true},      {"name", language_name, true},
    {"endonym_name", language_name, true}, {"primary", language_primary, true},
    {"root_url", language_root, true},     {"rtl", language_rtl, true},
    {"url", language_url, true},
};
OBJECT(language, "ShopLocaleDrop", LANGUAGE)

static LiquidValue language(Visit *v, Str tag)
{
    Str *own = arena_new(visit_arena(v), Str);
    *own = tag;
    return liquid_drop(visit_arena(v), &language_type, own);
}

static LiquidValue currency(Visit *v, Str code)
{
    LiquidPair p[] = {
        {STR("iso_code"), liquid_text(code)},
        {STR("name"), liquid_text(code)},
        {STR("symbol"), liquid_text(locale_currency_symbol(visit_arena(v), v->locale, code))},
    };
    return pair_map(v, p, COUNT_OF(p));
}

/* Without markets there is one country for each currency: a place in the switch. */
static LiquidValue country(Visit *v, Str code)
{
    LiquidPair p[] = {
        {STR("iso_code"), liquid_text(code)},
        {STR("name"), liquid_text(code)},
        {STR("currency"), currency(v, code)},
        {STR("unit_system"), liquid_text(STR("metric"))},
    };
    return pair_map(v, p, COUNT_OF(p));
}

static LiquidValue localization_language(Visit *v, const void *self)
{
    (void)self;
    return language(v, v->tag);
}

static LiquidValue localization_languages(Visit *v, const void *self)
{
    VisitWays    ways;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, SITE_LOCALES_MAX + 1);
    (void)self;
    visit_ways(v, &ways);
    for (size_t i = 0; i < ways.nlocales; i++)
        items[i] = language(v, ways.locales[i]);
    return object_list(v, items, ways.nlocales);
}

static LiquidValue localization_country(Visit *v, const void *self)
{
    (void)self;
    return country(v, v->currency);
}

static LiquidValue localization_countries(Visit *v, const void *self)
{
    VisitWays    ways;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, SITE_CURRENCIES_MAX + 1);
    (void)self;
    visit_ways(v, &ways);
    for (size_t i = 0; i < ways.ncurrencies; i++)
        items[i] = country(v, ways.currencies[i]);
    return object_list(v, items, ways.ncurrencies);
}

static LiquidValue localization_currencies(Visit *v, const void *self)
{
    VisitWays    ways;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, SITE_CURRENCIES_MAX + 1);
    (void)self;
    visit_ways(v, &ways);
    for (size_t i = 0; i < ways.ncurrencies; i++)
        items[i] = currency(v, ways.currencies[i]);
    return object_list(v, items, ways.ncurrencies);
}

static LiquidValue localization_currency(Visit *v, const void *self)
{
    (void)self;
    return currency(v, v->currency);
}

static const Member LOCALIZATION[] = {
    {"language", localization_language, true},
    {"available_languages", localization_languages, true},
    {"country", localization_country, true},
    {"available_countries", localization_countries, true},
    {"currency", localization_currency, false},
    {"available_currencies", localization_currencies, false},
};
OBJECT(localization, "LocalizationDrop", LOCALIZATION)

/* --- request, template
 * -------------------------------------------------------------------------------------- */

static LiquidValue request_locale(Visit *v, const void *self)
{
    (void)self;
    return language(v, v->tag);
}

static LiquidValue request_path(Visit *v, const void *self)
{
    (void)self;
    visit_reads_page(v);
    return liquid_text(visit_url(v, v->path));
}

static LiquidValue request_host(Visit *v, const void *self)
{
    return shop_domain(v, self);
}

static LiquidValue request_origin(Visit *v, const void *self)
{
    (void)self;
    return liquid_text(v->origin);
}

static LiquidValue request_page_type(Visit *v, const void *self)
{
    (void)self;
    visit_reads_page(v);
    return liquid_text(v->kind);
}

static LiquidValue request_design_mode(Visit *v, const void *self)
{
    (void)self;
    visit_reads_page(v);
    return liquid_bool(v->design_mode);
}

static const Member REQUEST[] = {
    {"locale", request_locale, true},
    {"path", request_path, true},
    {"host", request_host, true},
    {"origin", request_origin, true},
    {"page_type", request_page_type, true},
    {"design_mode", request_design_mode, true},
    {"visual_preview_mode", member_no, false},
};
OBJECT(request, "RequestDrop", REQUEST)

static LiquidValue template_name(Visit *v, const void *self)
{
    Str dir, name;
    (void)self;
    visit_reads_page(v);
    return liquid_text(str_cut(v->kind, '/', &dir, &name) ? name : v->kind);
}

static LiquidValue template_suffix(Visit *v, const void *self)
{
    (void)self;
    visit_reads_page(v);
    return v->suffix.len > 0 ? liquid_text(v->suffix) : liquid_nil();
}

static LiquidValue template_directory(Visit *v, const void *self)
{
    Str dir, name;
    (void)self;
    visit_reads_page(v);
    return str_cut(v->kind, '/', &dir, &name) ? liquid_text(dir) : liquid_nil();
}

static const Member TEMPLATE[] = {
    {"name", template_name, true},
    {"suffix", template_suffix, true},
    {"directory", template_directory, true},
};
OBJECT(template, "TemplateDrop", TEMPLATE)

static LiquidValue template_text(LiquidCx *cx, const void *self)
{
    Visit *v = liquid_host(cx);
    (void)self;
    (void)template_type;
    visit_reads_page(v);
    return liquid_text(v->template != NULL ? v->template->name : v->kind);
}

static const LiquidDropType shown_template_type = {.name = "TemplateDrop",
                                                   .get = template_get,
                                                   .count = template_count,
                                                   .key_at = template_key,
                                                   .text = template_text};

/* --- routes
 * ----------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *name, *path;
} ROUTES[] = {
    {"root_url", "/"},
    {"account_url", "/account"},
    {"account_login_url", "/account/login"},
    {"account_logout_url", "/account/logout"},
    {"account_recover_url", "/account/recover"},
    {"account_register_url", "/account/register"},
    {"account_addresses_url", "/account/addresses"},
    {"account_profile_url", "/account/profile"},
    {"account_details_url", "/account/details"},
    {"account_wishlist_url", "/account/wishlist"},
    {"account_carts_url", "/account/carts"},
    {"account_cards_url", "/account/cards"},
    {"cart_url", "/cart"},
    {"cart_add_url", "/cart/add"},
    {"cart_change_url", "/cart/change"},
    {"cart_update_url", "/cart/update"},
    {"cart_clear_url", "/cart/clear"},
    {"checkout_url", "/checkout"},
    {"track_url", "/track"},
    {"collections_url", "/collections"},
    {"all_products_collection_url", "/collections/all"},
    {"search_url", "/search"},
    {"predictive_search_url", "/search/suggest"},
    {"product_recommendations_url", "/recommendations/products"},
    {"localization_url", "/localization"},
};

static bool routes_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    Visit *v = liquid_host(cx);
    (void)self;
    for (size_t i = 0; i < COUNT_OF(ROUTES); i++)
        if (str_eq(key, str_from_cstr(ROUTES[i].name))) {
            *ret = liquid_text(visit_url(v, str_from_cstr(ROUTES[i].path)));
            return true;
        }
    return false;
}

static size_t routes_count(LiquidCx *cx, const void *self)
{
    (void)cx;
    (void)self;
    return COUNT_OF(ROUTES);
}

static Str routes_key(LiquidCx *cx, const void *self, size_t i)
{
    (void)cx;
    (void)self;
    return str_from_cstr(ROUTES[i].name);
}

static const LiquidDropType routes_type = {
    .name = "RoutesDrop", .get = routes_get, .count = routes_count, .key_at = routes_key};

/* --- all of them
 * --------------------------------------------------------------------------------------------------
 */

static LiquidValue drop(Visit *v, const LiquidDropType *type)
{
    return liquid_drop(visit_arena(v), type, v);
}

void object_globals(Visit *v)
{
    const Str title = v->title.len > 0 ? v->title : v->shop->name;
    visit_global(v, "shop", drop(v, &shop_type));
    visit_global(v, "request", drop(v, &request_type));
    visit_global(v, "routes", drop(v, &routes_type));
    visit_global(v, "settings", object_settings(v));
    visit_global(v, "localization", drop(v, &localization_type));
    visit_global(v, "template", drop(v, &shown_template_type));
    visit_global(v, "cart", object_cart(v));
    visit_global(v, "collections", drop(v, &collections_type));
    visit_global(v, "all_products", drop(v, &all_products_type));
    visit_global(v, "pages", drop(v, &pages_type));
    visit_global(v, "blogs", drop(v, &blogs_type));
    visit_global(v, "articles", drop(v, &articles_type));
    visit_global(v, "linklists", drop(v, &menus_type));
    visit_global(v, "menus", drop(v, &menus_type));
    visit_global(v, "images", drop(v, &images_type));
    visit_global(v, "page_title", liquid_text(title));
    visit_global(v, "page_description",
                 v->description.len > 0 ? liquid_text(v->description) : liquid_nil());
    visit_global(v, "page_image", v->image);
    visit_global(v, "canonical_url",
                 liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = v->origin}, STR_FMT,
                                        STR_ARG(visit_url(v, v->canonical)))));
    visit_global(v, "current_page", liquid_int(v->page_number));
    visit_global(v, "powered_by_link", liquid_text(STR("")));
    visit_global(v, "content_for_additional_checkout_buttons", liquid_text(STR("")));
}
