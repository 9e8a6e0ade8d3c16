/* Sections, blocks and settings: what the theme's JSON says, as templates see it. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include "text/html.h"

#include <string.h>

typedef struct SettingsObject {
    SettingDefs      defs;
    const JsonValue *values;
} SettingsObject;

enum { PICKED_MAX = 50 /* things in a setting that is a list */ };

static const Str SCHEME = STR_INIT("shopify://");

/* "shopify://products/x" -> "/products/x"; addresses of ours get the visitor's language. */
static LiquidValue url_value(Visit *v, const JsonValue *json)
{
    if (json->type != JSON_STRING)
        return liquid_nil();
    Str s = json->text;
    if (str_starts(s, SCHEME)) {
        char *z = arena_array(visit_arena(v), char, s.len + 2);
        z[0] = '/';
        memcpy(z + 1, s.ptr + SCHEME.len, s.len - SCHEME.len);
        s = (Str){z, s.len - SCHEME.len + 1};
    }
    return liquid_text(visit_url(v, s));
}

/* A picture of the theme, of the shop, or elsewhere. */
static LiquidValue image_value(Visit *v, const JsonValue *json)
{
    static const Str SHOP = STR_INIT("shopify://shop_images/");
    Str              s = json->type == JSON_STRING ? json->text : STR("");
    s = str_starts(s, SHOP) ? str_skip(s, SHOP.len) : s;
    if (s.len == 0)
        return liquid_nil();
    const ThemeAsset *asset = theme_asset(v->theme, s);
    ImageObject       image = {.path = asset != NULL ? asset->url : s,
                               .alt = STR(""),
                               .sized = str_starts(s, STR("/media/"))};
    return object_image(v, &image);
}

static LiquidValue list_of(Visit *v, const JsonValue *json, LiquidValue (*get)(Visit *, Str))
{
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, PICKED_MAX);
    size_t       n = 0;
    for (size_t i = 0; json->type == JSON_ARRAY && i < json->n && n < PICKED_MAX; i++) {
        LiquidValue x =
            json->items[i].type == JSON_STRING ? get(v, json->items[i].text) : liquid_nil();
        if (x.type != LIQUID_NIL)
            items[n++] = x;
    }
    return object_list(v, items, n);
}

static LiquidValue font_value(Visit *v, const JsonValue *json)
{
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 2);
    Str         family = json->type == JSON_STRING ? json->text : STR("");
    p[0] = (LiquidPair){STR("family"), liquid_text(family)};
    p[1] = (LiquidPair){STR("fallback_families"), liquid_text(STR("sans-serif"))};
    return liquid_map(visit_arena(v), p, 2);
}

static LiquidValue html_value(Visit *v, const JsonValue *json)
{
    return json->type == JSON_STRING ? liquid_html(html_clean(visit_arena(v), json->text))
                                     : liquid_nil();
}

/* Things of the catalogue by their handle. */
static LiquidValue picked(Visit *v, SettingType type, Str handle)
{
    switch ((int)type) {
    case SETTING_PRODUCT: return object_product_by_handle(v, handle);
    case SETTING_COLLECTION: return object_collection_by_handle(v, handle);
    case SETTING_PAGE: return object_page_by_handle(v, handle);
    case SETTING_BLOG: return object_blog_by_handle(v, handle);
    case SETTING_ARTICLE: return object_article_by_path(v, handle);
    case SETTING_MENU: return object_menu(v, handle);
    default: return liquid_nil();
    }
}

static LiquidValue value_of(Visit *v, SettingType type, const JsonValue *json)
{
    if (json == NULL || json->type == JSON_NULL)
        return type == SETTING_CHECKBOX ? liquid_bool(false) : liquid_nil();
    switch (type) {
    case SETTING_CHECKBOX: return liquid_bool(json->type == JSON_BOOL && json->boolean);
    case SETTING_PRODUCT:
    case SETTING_COLLECTION:
    case SETTING_PAGE:
    case SETTING_BLOG:
    case SETTING_ARTICLE:
    case SETTING_MENU:
        return json->type == JSON_STRING && json->text.len > 0 ? picked(v, type, json->text)
                                                               : liquid_nil();
    case SETTING_PRODUCTS: return list_of(v, json, object_product_by_handle);
    case SETTING_COLLECTIONS: return list_of(v, json, object_collection_by_handle);
    case SETTING_IMAGE: return image_value(v, json);
    case SETTING_FONT: return font_value(v, json);
    case SETTING_URL: return url_value(v, json);
    case SETTING_RICHTEXT:
    case SETTING_HTML:
    case SETTING_LIQUID: return html_value(v, json);
    case SETTING_PLAIN:
    case SETTING_NUMBER:
    case SETTING_NOTE: break;
    }
    return liquid_json(json);
}

static bool settings_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    const SettingsObject *s = self;
    for (size_t i = 0; i < s->defs.n; i++) {
        const SettingDef *def = &s->defs.items[i];
        if (!str_eq(def->id, key))
            continue;
        const JsonValue *given = json_get(s->values, key);
        *ret = value_of(liquid_host(cx), def->type, given != NULL ? given : def->fallback);
        return true;
    }
    const JsonValue *loose = json_get(s->values, key);
    *ret = liquid_json(loose);
    return loose != NULL;
}

static size_t settings_count(LiquidCx *cx, const void *self)
{
    (void)cx;
    return ((const SettingsObject *)self)->defs.n;
}

static Str settings_key(LiquidCx *cx, const void *self, size_t i)
{
    (void)cx;
    return ((const SettingsObject *)self)->defs.items[i].id;
}

static const LiquidDropType settings_type = {
    .name = "SettingsDrop", .get = settings_get, .count = settings_count, .key_at = settings_key};

static LiquidValue settings(Visit *v, SettingDefs defs, const JsonValue *values)
{
    SettingsObject *s = arena_new(visit_arena(v), SettingsObject);
    *s = (SettingsObject){defs, values};
    return liquid_drop(visit_arena(v), &settings_type, s);
}

LiquidValue object_settings(Visit *v)
{
    return settings(v, v->theme->settings, v->theme->values);
}

/* --- blocks and sections
 * ---------------------------------------------------------------------------- */

static LiquidValue block_id(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ThemeBlock *)self)->id);
}

static LiquidValue block_type_value(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const ThemeBlock *)self)->type);
}

static LiquidValue block_settings(Visit *v, const void *self)
{
    const ThemeBlock *b = self;
    return settings(v, b->def->settings, b->settings);
}

static LiquidValue nothing(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_text(STR(""));
}

static const Member BLOCK[] = {
    {"id", block_id, true},
    {"type", block_type_value, true},
    {"settings", block_settings, true},
    {"shopify_attributes", nothing, false},
};
OBJECT(block, "BlockDrop", BLOCK)

typedef struct SectionObject {
    const ThemeSection *s;
    int64_t             index;
} SectionObject;

static LiquidValue section_id(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const SectionObject *)self)->s->id);
}

static LiquidValue section_type_value(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(((const SectionObject *)self)->s->def->type);
}

static LiquidValue section_settings(Visit *v, const void *self)
{
    const ThemeSection *s = ((const SectionObject *)self)->s;
    return settings(v, s->def->settings, s->settings);
}

static LiquidValue section_blocks(Visit *v, const void *self)
{
    const ThemeSection *s = ((const SectionObject *)self)->s;
    LiquidValue        *items = arena_array(visit_arena(v), LiquidValue, s->nblocks + 1);
    for (size_t i = 0; i < s->nblocks; i++)
        items[i] = liquid_drop(visit_arena(v), &block_type, &s->blocks[i]);
    return object_list(v, items, s->nblocks);
}

static LiquidValue section_index(Visit *v, const void *self)
{
    int64_t i = ((const SectionObject *)self)->index;
    (void)v;
    return i > 0 ? liquid_int(i) : liquid_nil();
}

static LiquidValue section_index0(Visit *v, const void *self)
{
    int64_t i = ((const SectionObject *)self)->index;
    (void)v;
    return i > 0 ? liquid_int(i - 1) : liquid_nil();
}

static const Member SECTION[] = {
    {"id", section_id, true},
    {"type", section_type_value, true},
    {"settings", section_settings, true},
    {"blocks", section_blocks, true},
    {"index", section_index, false},
    {"index0", section_index0, false},
};
OBJECT(section, "SectionDrop", SECTION)

LiquidValue object_section(Visit *v, const ThemeSection *s, int64_t index)
{
    SectionObject *o = arena_new(visit_arena(v), SectionObject);
    *o = (SectionObject){s, index};
    return liquid_drop(visit_arena(v), &section_type, o);
}
