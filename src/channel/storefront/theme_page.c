/* templates/NAME.json and groups of sections: which sections, in which order, with which
 * settings. */
#include "channel/storefront/theme_int.h"

#include <string.h>

/* Comments may stand before the JSON of a theme. */
static Str without_comment(Str s)
{
    Str rest = str_trim(s);
    while (str_starts(rest, STR("/*"))) {
        size_t end = str_find(str_skip(rest, 2), STR("*/"));
        if (end == SIZE_MAX)
            return rest;
        rest = str_trim(str_skip(rest, end + 4));
    }
    return rest;
}

const JsonValue *theme_json(Theme *t, Str path, Str text)
{
    const JsonValue *v;
    Err              err;
    if (json_parse(&t->arena, without_comment(text), &v, &err) == ST_OK) {
        if (v->type == JSON_OBJECT || v->type == JSON_ARRAY)
            return v;
        theme_problem(t, path, "is no JSON object");
        return NULL;
    }
    theme_problem(t, path, "%s", err.msg);
    return NULL;
}

static Str text_of(const JsonValue *object, const char *key, Str fallback)
{
    const JsonValue *v = json_get(object, str_from_cstr(key));
    return v != NULL && v->type == JSON_STRING ? v->text : fallback;
}

static bool bool_of(const JsonValue *object, const char *key)
{
    const JsonValue *v = json_get(object, str_from_cstr(key));
    return v != NULL && v->type == JSON_BOOL && v->boolean;
}

static const JsonValue *object_of(const JsonValue *object, const char *key)
{
    const JsonValue *v = json_get(object, str_from_cstr(key));
    return v != NULL && v->type == JSON_OBJECT ? v : NULL;
}

/* A list of names that are ids of members of `of`; without one, the members as they stand. */
typedef struct Order {
    const JsonValue *of, *list;
} Order;

static size_t order_count(Order o)
{
    return o.list != NULL ? o.list->n : o.of != NULL ? o.of->n : 0;
}

static const JsonValue *order_at(Order o, size_t i, Str *ret_id)
{
    if (o.list == NULL) {
        *ret_id = o.of->members[i].key;
        return &o.of->members[i].value;
    }
    if (o.list->items[i].type != JSON_STRING)
        return NULL;
    *ret_id = o.list->items[i].text;
    return json_get(o.of, *ret_id);
}

static Order order_of(const JsonValue *v, const char *things, const char *order)
{
    const JsonValue *list = json_get(v, str_from_cstr(order));
    return (Order){object_of(v, things), list != NULL && list->type == JSON_ARRAY ? list : NULL};
}

/* Is it what a setting of this type takes? */
static bool value_fits(SettingType type, const JsonValue *v)
{
    if (v->type == JSON_NULL)
        return true;
    switch (type) {
    case SETTING_CHECKBOX: return v->type == JSON_BOOL;
    case SETTING_NUMBER: return v->type == JSON_NUMBER;
    case SETTING_PRODUCTS:
    case SETTING_COLLECTIONS: return v->type == JSON_ARRAY;
    case SETTING_RICHTEXT:
    case SETTING_HTML:
    case SETTING_LIQUID:
    case SETTING_PRODUCT:
    case SETTING_COLLECTION:
    case SETTING_PAGE:
    case SETTING_BLOG:
    case SETTING_ARTICLE:
    case SETTING_MENU:
    case SETTING_IMAGE:
    case SETTING_FONT:
    case SETTING_URL: return v->type == JSON_STRING;
    case SETTING_PLAIN:
    case SETTING_NOTE: break;
    }
    return v->type != JSON_ARRAY && v->type != JSON_OBJECT;
}

void theme_check_values(Theme *t, Str path, Str where, SettingDefs defs, const JsonValue *values)
{
    for (size_t i = 0; values != NULL && i < values->n; i++) {
        const JsonMember *m = &values->members[i];
        const SettingDef *def = NULL;
        if (m->value.type == JSON_OBJECT && str_eq(m->key, STR("sections")))
            continue; /* of settings_data.json: what {% section %} shows */
        for (size_t k = 0; k < defs.n && def == NULL; k++)
            if (str_eq(defs.items[k].id, m->key))
                def = &defs.items[k];
        if (def == NULL)
            theme_problem(t, path, STR_FMT ": there is no setting \"" STR_FMT "\"", STR_ARG(where),
                          STR_ARG(m->key));
        else if (!value_fits(def->type, &m->value))
            theme_problem(t, path,
                          STR_FMT ": the setting \"" STR_FMT "\" takes another kind of value",
                          STR_ARG(where), STR_ARG(m->key));
    }
}

static const BlockDef *block_def(const SectionDef *def, Str type)
{
    for (size_t i = 0; i < def->nblocks; i++)
        if (str_eq(def->blocks[i].type, type))
            return &def->blocks[i];
    return NULL;
}

static size_t uses(const ThemeBlock *blocks, size_t n, const BlockDef *def)
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++)
        used += blocks[i].def == def;
    return used;
}

static bool block_fits(Theme *t, Str path, const ThemeSection *s, const ThemeBlock *blocks,
                       size_t n, const BlockDef *def, Str type)
{
    if (def == NULL)
        theme_problem(t, path, "section \"" STR_FMT "\" takes no block of type \"" STR_FMT "\"",
                      STR_ARG(s->id), STR_ARG(type));
    else if ((int64_t)n >= s->def->max_blocks)
        theme_problem(t, path, "section \"" STR_FMT "\" takes at most %lld blocks", STR_ARG(s->id),
                      (long long)s->def->max_blocks);
    else if (def->limit > 0 && (int64_t)uses(blocks, n, def) >= def->limit)
        theme_problem(t, path, "section \"" STR_FMT "\" takes at most %lld blocks of type " STR_FMT,
                      STR_ARG(s->id), (long long)def->limit, STR_ARG(type));
    else
        return true;
    return false;
}

static void read_blocks(Theme *t, Str path, ThemeSection *s, const JsonValue *v)
{
    Order       order = order_of(v, "blocks", "block_order");
    size_t      n = order_count(order);
    ThemeBlock *blocks = arena_array(&t->arena, ThemeBlock, n < 1 ? 1 : n);
    for (size_t i = 0; i < n; i++) {
        Str              id;
        const JsonValue *b = order_at(order, i, &id);
        if (b == NULL || b->type != JSON_OBJECT) {
            theme_problem(t, path, "a block of section \"" STR_FMT "\" is missing", STR_ARG(s->id));
            continue;
        }
        Str             type = text_of(b, "type", STR(""));
        const BlockDef *def = block_def(s->def, type);
        if (bool_of(b, "disabled") || !block_fits(t, path, s, blocks, s->nblocks, def, type))
            continue;
        blocks[s->nblocks++] =
            (ThemeBlock){.id = id, .type = type, .def = def, .settings = object_of(b, "settings")};
        theme_check_values(t, path, id, def->settings, object_of(b, "settings"));
    }
    s->blocks = blocks;
}

/* "template--product__main", "sections--header-group__header": unique on any page. */
static Str section_id(Theme *t, const ThemePage *page, Str id)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 1024);
    buf_add(&b, page->group ? STR("sections--") : STR("template--"));
    for (size_t i = 0; i < page->name.len; i++)
        buf_addc(&b,
                 page->name.ptr[i] == '/' || page->name.ptr[i] == '.' ? '-' : page->name.ptr[i]);
    buf_add(&b, STR("__"));
    buf_add(&b, id);
    return str_dup(&t->arena, buf_str(&b));
}

static bool read_section(Theme *t, Str path, const ThemePage *page, Str id, const JsonValue *v,
                         ThemeSection *ret)
{
    Str type = text_of(v, "type", STR(""));
    *ret = (ThemeSection){.id = section_id(t, page, id),
                          .def = theme_section(t, type),
                          .settings = object_of(v, "settings"),
                          .disabled = bool_of(v, "disabled")};
    if (ret->def == NULL) {
        theme_problem(t, path, "there is no section of type \"" STR_FMT "\"", STR_ARG(type));
        return false;
    }
    theme_check_values(t, path, id, ret->def->settings, ret->settings);
    read_blocks(t, path, ret, v);
    return true;
}

/* "div#main.wide[role=main]", checked when it is written. */
static Str wrapper_of(Theme *t, Str path, const JsonValue *v)
{
    Str wrapper = text_of(v, "wrapper", STR(""));
    for (size_t i = 0; i < wrapper.len; i++) {
        char c = wrapper.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    strchr("-_#.[]= \"'", c) != NULL;
        if (!fine || wrapper.len > 200) {
            theme_problem(t, path, "the wrapper is malformed");
            return STR("");
        }
    }
    return wrapper;
}

static Str layout_of(const JsonValue *v)
{
    const JsonValue *layout = json_get(v, STR("layout"));
    if (layout != NULL && layout->type == JSON_BOOL && !layout->boolean)
        return STR("");
    return layout != NULL && layout->type == JSON_STRING ? layout->text : STR("theme");
}

void theme_read_page(Theme *t, ThemePage *page, Str path, Str json)
{
    const JsonValue *v = theme_json(t, path, json);
    if (v == NULL) {
        page->error = STR("is no JSON object");
        return;
    }
    Order  order = order_of(v, "sections", "order");
    size_t n = order_count(order);
    page->layout = layout_of(v);
    page->wrapper = wrapper_of(t, path, v);
    if (n > THEME_SECTIONS_MAX) {
        theme_problem(t, path, "more than %d sections", THEME_SECTIONS_MAX);
        n = THEME_SECTIONS_MAX;
    }
    ThemeSection *sections = arena_array(&t->arena, ThemeSection, n < 1 ? 1 : n);
    for (size_t i = 0; i < n; i++) {
        Str              id;
        const JsonValue *s = order_at(order, i, &id);
        if (s == NULL || s->type != JSON_OBJECT)
            theme_problem(t, path, "a section of the order is missing");
        else if (read_section(t, path, page, id, s, &sections[page->nsections]))
            page->nsections++;
    }
    page->sections = sections;
}
