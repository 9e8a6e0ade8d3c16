/* locales/TAG.json: the texts of a theme by key. */
#include "channel/storefront/locale.h"
#include "channel/storefront/theme_int.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 300, DEPTH_MAX = 8 };

typedef struct Texts {
    Str tag;
    Map by_key; /* "cart.items.one" to a JSON string */
} Texts;

struct ThemeTexts {
    Texts  all[LOCALES_MAX]; /* the default first */
    Str    tags[LOCALES_MAX];
    size_t n;
};

static void add(Theme *t, Map *into, Str path, char *key, size_t len, const JsonValue *v, int depth)
{
    for (size_t i = 0; i < v->n; i++) {
        const JsonMember *m = &v->members[i];
        size_t            n = len;
        if (len + m->key.len + 2 > KEY_MAX) {
            theme_problem(t, path, "a key is too long");
            continue;
        }
        if (n > 0)
            key[n++] = '.';
        if (m->key.len > 0)
            memcpy(key + n, m->key.ptr, m->key.len);
        n += m->key.len;
        if (m->value.type == JSON_STRING)
            map_put(into, str_dup(&t->arena, (Str){key, n}), NULL)->p =
                (void *)(uintptr_t)&m->value;
        else if (m->value.type == JSON_OBJECT && depth < DEPTH_MAX)
            add(t, into, path, key, n, &m->value, depth + 1);
        else
            theme_problem(t, path, STR_FMT " is no text", (int)n, key);
    }
}

/* "locales/uk.json", "locales/en.default.json" */
static bool is_locale(Str path, Str *ret_tag, bool *ret_default)
{
    if (!str_starts(path, STR("locales/")) || !str_ends(path, STR(".json")) ||
        str_ends(path, STR(".schema.json")))
        return false;
    Str name = str_skip(str_head(path, path.len - 5), 8);
    *ret_default = str_ends(name, STR(".default"));
    *ret_tag = *ret_default ? str_head(name, name.len - 8) : name;
    return true;
}

static void read_file(Theme *t, ThemeTexts *texts, const ThemeFile *f, Str name, bool is_default)
{
    char tag[LOCALE_TAG_MAX + 1], key[KEY_MAX];
    if (!locale_tag(name, tag) || texts->n == LOCALES_MAX) {
        theme_problem(t, f->path, "is no language tag, or one too many");
        return;
    }
    const JsonValue *v = theme_json(t, f->path, f->bytes);
    if (v == NULL || v->type != JSON_OBJECT)
        return;
    size_t at = texts->n++;
    if (is_default && at > 0) {
        texts->all[at] = texts->all[0];
        at = 0;
    }
    texts->all[at].tag = str_dup(&t->arena, str_from_cstr(tag));
    map_init(&texts->all[at].by_key, &t->arena, 512);
    add(t, &texts->all[at].by_key, f->path, key, 0, v, 0);
}

ThemeTexts *theme_texts_read(Theme *t)
{
    ThemeTexts *texts = calloc(1, sizeof *texts);
    if (texts == NULL)
        base_out_of_memory(sizeof *texts);
    for (size_t i = 0; i < t->nfiles; i++) {
        Str  tag;
        bool is_default;
        if (is_locale(t->files[i].path, &tag, &is_default))
            read_file(t, texts, &t->files[i], tag, is_default);
    }
    for (size_t i = 0; i < texts->n; i++)
        texts->tags[i] = texts->all[i].tag;
    return texts;
}

void theme_texts_free(ThemeTexts *texts)
{
    free(texts);
}

const Str *theme_locales(const ThemeTexts *texts, size_t *ret_n)
{
    *ret_n = texts->n;
    return texts->tags;
}

static const Texts *texts_of(const ThemeTexts *texts, Str tag)
{
    for (size_t i = 0; i < texts->n; i++)
        if (str_eq(texts->all[i].tag, tag))
            return &texts->all[i];
    Str language, rest;
    str_cut(tag, '-', &language, &rest);
    for (size_t i = 0; rest.len > 0 && i < texts->n; i++)
        if (str_eq(texts->all[i].tag, language))
            return &texts->all[i];
    return NULL;
}

static bool lookup(const Texts *texts, Str key, Str *ret)
{
    const MapValue *v = texts != NULL ? map_get(&texts->by_key, key) : NULL;
    if (v == NULL)
        return false;
    *ret = ((const JsonValue *)v->p)->text;
    return true;
}

static bool lookup_form(const Texts *texts, Str key, Str form, Str *ret)
{
    char room[KEY_MAX];
    int  n = snprintf(room, sizeof room, STR_FMT "." STR_FMT, STR_ARG(key), STR_ARG(form));
    return n > 0 && (size_t)n < sizeof room && lookup(texts, (Str){room, (size_t)n}, ret);
}

/* One language's text; plural forms are chosen by its own rules. */
static bool text_in(const Texts *texts, Str key, bool has_count, double count, Str *ret)
{
    if (texts == NULL)
        return false;
    if (has_count) {
        const Locale *l = locale_of(texts->tag);
        Str           form = l != NULL ? locale_plural(l, count) : STR("other");
        if ((count > -0.5 && count < 0.5 && lookup_form(texts, key, STR("zero"), ret)) ||
            lookup_form(texts, key, form, ret) || lookup_form(texts, key, STR("other"), ret))
            return true;
    }
    return lookup(texts, key, ret);
}

bool theme_text(const ThemeTexts *texts, const Locale *l, Str key, bool has_count, double count,
                Str *ret, bool *ret_html)
{
    *ret_html = str_ends(key, STR("_html"));
    return text_in(texts_of(texts, locale_tag_of(l)), key, has_count, count, ret) ||
           (texts->n > 0 && text_in(&texts->all[0], key, has_count, count, ret));
}
