/* {% schema %} of sections, and the settings of the whole theme. */
#include "channel/storefront/theme_int.h"

#include <string.h>

enum { SETTINGS_MAX = 200, BLOCK_TYPES_MAX = 32, RANGE_STEPS_MAX = 101 };

static const struct {
    const char *name;
    SettingType type;
} TYPES[] = {
    {"text", SETTING_PLAIN},
    {"textarea", SETTING_PLAIN},
    {"inline_richtext", SETTING_RICHTEXT},
    {"richtext", SETTING_RICHTEXT},
    {"html", SETTING_HTML},
    {"liquid", SETTING_LIQUID},
    {"checkbox", SETTING_CHECKBOX},
    {"number", SETTING_NUMBER},
    {"range", SETTING_NUMBER},
    {"radio", SETTING_PLAIN},
    {"select", SETTING_PLAIN},
    {"text_alignment", SETTING_PLAIN},
    {"color", SETTING_PLAIN},
    {"color_background", SETTING_PLAIN},
    {"color_scheme", SETTING_PLAIN},
    {"color_scheme_group", SETTING_PLAIN},
    {"font_picker", SETTING_FONT},
    {"url", SETTING_URL},
    {"video_url", SETTING_PLAIN},
    {"video", SETTING_PLAIN},
    {"image_picker", SETTING_IMAGE},
    {"link_list", SETTING_MENU},
    {"product", SETTING_PRODUCT},
    {"product_list", SETTING_PRODUCTS},
    {"collection", SETTING_COLLECTION},
    {"collection_list", SETTING_COLLECTIONS},
    {"page", SETTING_PAGE},
    {"blog", SETTING_BLOG},
    {"article", SETTING_ARTICLE},
    {"header", SETTING_NOTE},
    {"paragraph", SETTING_NOTE},
};

static Str text_of(const JsonValue *object, const char *key, Str fallback)
{
    const JsonValue *v = json_get(object, str_from_cstr(key));
    return v != NULL && v->type == JSON_STRING ? v->text : fallback;
}

static double number_of(const JsonValue *object, const char *key, double fallback)
{
    const JsonValue *v = json_get(object, str_from_cstr(key));
    if (v == NULL || v->type != JSON_NUMBER)
        return fallback;
    return v->integer ? (double)v->i64 : v->real;
}

static bool type_of(Str name, SettingType *ret)
{
    for (size_t i = 0; i < COUNT_OF(TYPES); i++)
        if (str_eq(name, str_from_cstr(TYPES[i].name))) {
            *ret = TYPES[i].type;
            return true;
        }
    return false;
}

static void check_range(Theme *t, Str path, Str id, const JsonValue *v)
{
    double min = number_of(v, "min", 0), max = number_of(v, "max", 0);
    double step = number_of(v, "step", 1), fallback = number_of(v, "default", min);
    if (!(step > 0) || !(max > min) || (max - min) / step + 1 > RANGE_STEPS_MAX + 0.001)
        theme_problem(t, path,
                      "setting \"" STR_FMT "\": a range has min < max and at most %d steps",
                      STR_ARG(id), RANGE_STEPS_MAX);
    else if (fallback < min || fallback > max)
        theme_problem(t, path, "setting \"" STR_FMT "\": the default is not in the range",
                      STR_ARG(id));
}

static bool option_listed(const JsonValue *options, Str value)
{
    for (size_t i = 0; options != NULL && options->type == JSON_ARRAY && i < options->n; i++)
        if (str_eq(text_of(&options->items[i], "value", STR("")), value))
            return true;
    return false;
}

static void check_choice(Theme *t, Str path, Str id, const JsonValue *v)
{
    const JsonValue *options = json_get(v, STR("options")), *given = json_get(v, STR("default"));
    if (options == NULL || options->type != JSON_ARRAY || options->n == 0)
        theme_problem(t, path, "setting \"" STR_FMT "\" has no options", STR_ARG(id));
    else if (given != NULL && (given->type != JSON_STRING || !option_listed(options, given->text)))
        theme_problem(t, path, "setting \"" STR_FMT "\": the default is none of the options",
                      STR_ARG(id));
}

static bool is_taken(const SettingDef *defs, size_t n, Str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(defs[i].id, id))
            return true;
    return false;
}

static void read_setting(Theme *t, Str path, const JsonValue *v, SettingDef *defs, size_t *n)
{
    SettingType type;
    Str         name = text_of(v, "type", STR("")), id = text_of(v, "id", STR(""));
    if (!type_of(name, &type)) {
        theme_problem(t, path, "unknown type of setting \"" STR_FMT "\"", STR_ARG(name));
        return;
    }
    if (type == SETTING_NOTE)
        return;
    if (id.len == 0 || is_taken(defs, *n, id)) {
        theme_problem(t, path,
                      "a setting of type " STR_FMT " needs an id of its own: \"" STR_FMT "\"",
                      STR_ARG(name), STR_ARG(id));
        return;
    }
    if (str_eq(name, STR("range")))
        check_range(t, path, id, v);
    if (str_eq(name, STR("select")) || str_eq(name, STR("radio")))
        check_choice(t, path, id, v);
    defs[(*n)++] = (SettingDef){.id = id, .type = type, .fallback = json_get(v, STR("default"))};
}

SettingDefs theme_settings(Theme *t, Str path, const JsonValue *list)
{
    SettingDefs ret = {0};
    if (list == NULL || list->type != JSON_ARRAY || list->n == 0)
        return ret;
    size_t n = list->n < SETTINGS_MAX ? list->n : SETTINGS_MAX;
    if (list->n > SETTINGS_MAX)
        theme_problem(t, path, "more than %d settings", SETTINGS_MAX);
    SettingDef *defs = arena_array(&t->arena, SettingDef, n);
    for (size_t i = 0; i < n; i++)
        if (list->items[i].type == JSON_OBJECT)
            read_setting(t, path, &list->items[i], defs, &ret.n);
    ret.items = defs;
    return ret;
}

/* --- sections ------------------------------------------------------------------------------------
 */

static void read_blocks(Theme *t, SectionDef *def, Str path, const JsonValue *list)
{
    if (list == NULL || list->type != JSON_ARRAY || list->n == 0)
        return;
    size_t    n = list->n < BLOCK_TYPES_MAX ? list->n : BLOCK_TYPES_MAX;
    BlockDef *blocks = arena_array(&t->arena, BlockDef, n);
    if (list->n > BLOCK_TYPES_MAX)
        theme_problem(t, path, "more than %d types of blocks", BLOCK_TYPES_MAX);
    for (size_t i = 0; i < n; i++) {
        const JsonValue *v = &list->items[i];
        BlockDef         b = {.type = text_of(v, "type", STR("")),
                              .name = text_of(v, "name", STR("")),
                              .limit = (int64_t)number_of(v, "limit", 0)};
        if (b.type.len == 0)
            theme_problem(t, path, "a block has no type");
        b.settings = theme_settings(t, path, json_get(v, STR("settings")));
        blocks[def->nblocks++] = b;
    }
    def->blocks = blocks;
}

static void check_presets(Theme *t, const SectionDef *def, Str path, const JsonValue *list)
{
    for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->n; i++) {
        const JsonValue *p = &list->items[i], *blocks = json_get(p, STR("blocks"));
        if (text_of(p, "name", STR("")).len == 0)
            theme_problem(t, path, "a preset has no name");
        for (size_t b = 0; blocks != NULL && blocks->type == JSON_ARRAY && b < blocks->n; b++) {
            Str  type = text_of(&blocks->items[b], "type", STR(""));
            bool known = false;
            for (size_t k = 0; k < def->nblocks; k++)
                known = known || str_eq(def->blocks[k].type, type);
            if (!known)
                theme_problem(t, path, "a preset has a block of unknown type \"" STR_FMT "\"",
                              STR_ARG(type));
        }
    }
}

static bool is_tag(Str tag)
{
    static const char *const TAGS[] = {"article", "aside",   "div", "footer",
                                       "header",  "section", "nav"};
    for (size_t i = 0; i < COUNT_OF(TAGS); i++)
        if (str_eq(tag, str_from_cstr(TAGS[i])))
            return true;
    return false;
}

static void flatten(Theme *t, Map *into, Str prefix, const JsonValue *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const JsonMember     *m = &v->members[i];
        CLEANUP(buf_done) Buf b = {0};
        buf_init(&b, 1024);
        buf_add(&b, prefix);
        if (prefix.len > 0)
            buf_addc(&b, '.');
        buf_add(&b, m->key);
        Str key = str_dup(&t->arena, buf_str(&b));
        if (m->value.type == JSON_STRING && !buf_overflowed(&b))
            map_put(into, key, NULL)->p = (void *)(uintptr_t)&m->value;
        else if (m->value.type == JSON_OBJECT && !buf_overflowed(&b))
            flatten(t, into, key, &m->value);
    }
}

void theme_schema(Theme *t, SectionDef *def, Str path, Str json)
{
    if (str_trim(json).len == 0)
        return;
    const JsonValue *v = theme_json(t, path, json);
    if (v == NULL || v->type != JSON_OBJECT)
        return;
    def->schema = v;
    def->name = text_of(v, "name", def->type);
    def->class = text_of(v, "class", STR(""));
    const JsonValue *tag = json_get(v, STR("tag"));
    if (tag != NULL && tag->type == JSON_STRING && is_tag(tag->text))
        def->tag = tag->text;
    else if (tag != NULL && tag->type == JSON_NULL)
        def->tag = STR("");
    else if (tag != NULL)
        theme_problem(t, path,
                      "the tag of a section is article, aside, div, footer, header, nav, "
                      "section or null");
    double max = number_of(v, "max_blocks", THEME_BLOCKS_MAX);
    if (!(max >= 0 && max <= THEME_BLOCKS_MAX))
        theme_problem(t, path, "max_blocks is at most %d", THEME_BLOCKS_MAX);
    def->max_blocks = max >= 0 && max <= THEME_BLOCKS_MAX ? (int64_t)max : THEME_BLOCKS_MAX;
    def->settings = theme_settings(t, path, json_get(v, STR("settings")));
    read_blocks(t, def, path, json_get(v, STR("blocks")));
    check_presets(t, def, path, json_get(v, STR("presets")));
    const JsonValue *texts = json_get(v, STR("locales"));
    if (texts != NULL && texts->type == JSON_OBJECT) {
        Map *m = arena_new(&t->arena, Map);
        map_init(m, &t->arena, 32);
        flatten(t, m, STR(""), texts);
        def->texts = m;
    }
}

/* --- the theme's own ---------------------------------------------------------------------------
 */

/* All groups of settings_schema.json as one list. */
static void read_groups(Theme *t, const JsonValue *groups)
{
    SettingDef *all = arena_array(&t->arena, SettingDef, SETTINGS_MAX);
    size_t      n = 0;
    for (size_t i = 0; i < groups->n; i++) {
        const JsonValue *list = json_get(&groups->items[i], STR("settings"));
        for (size_t k = 0; list != NULL && list->type == JSON_ARRAY && k < list->n; k++)
            if (n < SETTINGS_MAX && list->items[k].type == JSON_OBJECT)
                read_setting(t, STR("config/settings_schema.json"), &list->items[k], all, &n);
    }
    t->settings = (SettingDefs){all, n};
}

/* `current` is an object of values, or the name of a preset. */
static const JsonValue *current_values(const JsonValue *data)
{
    const JsonValue *v = json_get(data, STR("current"));
    if (v != NULL && v->type == JSON_STRING)
        v = json_get(json_get(data, STR("presets")), v->text);
    return v != NULL && v->type == JSON_OBJECT ? v : NULL;
}

void theme_config(Theme *t)
{
    const ThemeFile *schema = theme_file(t, STR("config/settings_schema.json"));
    const ThemeFile *data = theme_file(t, STR("config/settings_data.json"));
    const JsonValue *v = schema != NULL ? theme_json(t, schema->path, schema->bytes) : NULL;
    if (v != NULL && v->type == JSON_ARRAY)
        read_groups(t, v);
    v = data != NULL ? theme_json(t, data->path, data->bytes) : NULL;
    t->values = current_values(v);
    if (data != NULL)
        theme_check_values(t, data->path, STR("current"), t->settings, t->values);
}
