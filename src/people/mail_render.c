/* Mails from their templates: Liquid and texts in six languages, built into the program. */
#include "base/embedded.h"
#include "liquid/liquid.h"
#include "people/mail_int.h"

#include <pthread.h>

extern const EmbeddedText people_mail_files[];
extern const size_t       people_mail_files_n;

static PeopleMailShopFn *shop_fn;

void people_mail_shop(PeopleMailShopFn *fn)
{
    shop_fn = fn;
}

Status people_mail_shop_get(Cx *cx, PeopleMailShop *ret)
{
    *ret = (PeopleMailShop){.name = STR("Rapport"), .url = STR(""), .locale = STR("en")};
    return shop_fn != NULL ? shop_fn(cx, ret) : ST_OK;
}

/* --- what is built in ------------------------------------------------------------------------ */

typedef struct Set { /* the templates of one module */
    const EmbeddedText *files;
    size_t              n;
} Set;

enum { SETS_MAX = 16 };
static Set    sets[SETS_MAX];
static size_t nsets;

void people_mail_templates(const EmbeddedText *files, size_t n)
{
    for (size_t i = 0; i < nsets; i++)
        if (sets[i].files == files)
            return;
    ASSERT(nsets < SETS_MAX);
    sets[nsets++] = (Set){files, n};
}

static bool file_in(const Set *set, Str name, Str *ret)
{
    for (size_t i = 0; i < set->n; i++) {
        if (str_eq(set->files[i].name, name)) {
            *ret = set->files[i].text;
            return true;
        }
    }
    return false;
}

/* A template: of whichever module. */
static bool file_named(Str name, Str *ret)
{
    Set  own = {people_mail_files, people_mail_files_n};
    bool found = file_in(&own, name, ret);
    for (size_t i = 0; i < nsets && !found; i++)
        found = file_in(&sets[i], name, ret);
    return found;
}

static Str name_of(Arena *a, const char *before, Str middle, const char *behind)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, "%s" STR_FMT "%s", before, STR_ARG(middle), behind);
    return str_dup(a, buf_str(&b));
}

/* The texts of a language: of "uk-UA", else of "uk", else English. */
static Status texts_in(Cx *cx, const Set *set, Str locale, Str *ret_locale, const JsonValue **ret)
{
    Str language, region, text;
    str_cut(str_head(locale, 35), '-', &language, &region);
    *ret_locale = locale;
    if (!file_in(set, name_of(cx->arena, "texts/", locale, ".json"), &text)) {
        *ret_locale = language;
        if (!file_in(set, name_of(cx->arena, "texts/", language, ".json"), &text)) {
            *ret_locale = STR("en");
            bool there = file_in(set, STR("texts/en.json"), &text);
            ASSERT(there);
        }
    }
    return json_parse(cx->arena, text, ret, &cx->err);
}

/* The texts of the mail with this name; NULL: no module has one. */
static Status texts_of(Cx *cx, Str name, Str locale, Str *ret_locale, const JsonValue **ret)
{
    Set              own = {people_mail_files, people_mail_files_n};
    const JsonValue *texts;
    TRY(texts_in(cx, &own, locale, ret_locale, &texts));
    *ret = json_get(texts, name);
    for (size_t i = 0; i < nsets && *ret == NULL; i++) {
        TRY(texts_in(cx, &sets[i], locale, ret_locale, &texts));
        *ret = json_get(texts, name);
    }
    return ST_OK;
}

static bool load(void *arg, Str name, Arena *a, Str *ret)
{
    (void)arg, (void)a;
    return file_named(name, ret);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Liquid        *for_html, *for_text;

static void make_engines(void)
{
    for_html = liquid_new(&(LiquidOptions){.mode = LIQUID_STRICT, .load = load});
    for_text = liquid_new(&(LiquidOptions){.mode = LIQUID_STRICT, .load = load, .plain = true});
}

/* --- rendering ------------------------------------------------------------------------------- */

static Status failed(Cx *cx, const LiquidError *why)
{
    return cx_fail(cx, ST_INVALID, "people.bad_mail_template", STR_FMT, STR_ARG(why->message));
}

static Status render(Cx *cx, const LiquidTemplate *t, LiquidValue data, Str *ret)
{
    CLEANUP(buf_done) Buf out;
    LiquidError           why = {0};
    buf_init(&out, 1 << 20);
    LiquidRender r = {.arena = cx->arena, .out = &out, .data = data, .raise = true, .now = cx->now};
    if (liquid_render(t, &r, &why) != ST_OK)
        return failed(cx, &why);
    *ret = str_dup(cx->arena, buf_str(&out));
    return ST_OK;
}

/* NAME.html.liquid, or the form that all have in common. */
static Status template_of(Cx *cx, Liquid *lq, Str name, const char *kind,
                          const LiquidTemplate **ret)
{
    LiquidError why = {0};
    Str         text, own = name_of(cx->arena, "", name, kind);
    if (!file_named(own, &text))
        own = name_of(cx->arena, "message", STR(""), kind);
    return liquid_load(lq, own, ret, &why) == ST_OK ? ST_OK : failed(cx, &why);
}

enum { TEXTS = 4 };
static const char *const TEXT_NAMES[TEXTS] = {"subject", "heading", "body", "note"};

/* A text with {{ name }} replaced: plain, to be escaped where it stands. */
static Status fill(Cx *cx, Str text, LiquidValue data, Str *ret)
{
    const LiquidTemplate *t;
    LiquidError           why = {0};
    Liquid               *lq = liquid_new(&(LiquidOptions){.mode = LIQUID_STRICT, .plain = true});
    Status                st = liquid_compile(lq, STR("text"), text, &t, &why);
    st = st == ST_OK ? render(cx, t, data, ret) : failed(cx, &why);
    liquid_free(lq);
    return st;
}

typedef struct Page {
    LiquidPair items[40];
    size_t     n;
} Page;

static void put(Page *p, Str key, LiquidValue v)
{
    ASSERT(p->n < COUNT_OF(p->items));
    p->items[p->n++] = (LiquidPair){key, v};
}

static Status parse_data(Cx *cx, Str data, Page *words)
{
    const JsonValue *v;
    TRY(json_parse(cx->arena, data.len > 0 ? data : STR("{}"), &v, &cx->err));
    for (uint32_t i = 0; v->type == JSON_OBJECT && i < v->n && i < 24; i++)
        put(words, v->members[i].key, liquid_json(&v->members[i].value));
    return ST_OK;
}

/* One line, whatever was put in: a subject cannot hold more. */
static Str one_line(Arena *a, Str s)
{
    char *out = arena_array(a, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f ? ' ' : s.ptr[i]);
    return str_trim((Str){out, s.len});
}

Status people_mail_render(Cx *cx, const PeopleMail *mail, PeopleMailText *ret)
{
    PeopleMailShop        shop;
    const JsonValue      *texts;
    const LiquidTemplate *html, *text;
    Page                  words = {0}, page;
    Str                   locale, name = str_from_cstr(mail->template), filled[TEXTS];
    pthread_once(&once, make_engines);
    TRY(people_mail_shop_get(cx, &shop));
    TRY(texts_of(cx, name, mail->locale.len > 0 ? mail->locale : shop.locale, &locale, &texts));
    if (texts == NULL)
        return cx_fail(cx, ST_INVALID, "people.bad_mail_template", "there is no mail \"%s\"",
                       mail->template);
    TRY(parse_data(cx, mail->data, &words));
    page = words;
    put(&words, STR("shop"), liquid_text(shop.name));
    for (size_t i = 0; i < TEXTS; i++) {
        const JsonValue *v = json_get(texts, str_from_cstr(TEXT_NAMES[i]));
        TRY(fill(cx, v != NULL ? v->text : STR(""), liquid_map(cx->arena, words.items, words.n),
                 &filled[i]));
        put(&page, str_from_cstr(TEXT_NAMES[i]), liquid_text(filled[i]));
    }
    const JsonValue *body = json_get(texts, STR("body"));
    bool             coded = body != NULL && str_find(body->text, STR("{{ minutes }}")) != SIZE_MAX;
    LiquidPair       shop_pairs[] = {{STR("name"), liquid_text(shop.name)},
                                     {STR("url"), liquid_text(shop.url)}};
    put(&page, STR("shop"), liquid_map(cx->arena, shop_pairs, COUNT_OF(shop_pairs)));
    put(&page, STR("locale"), liquid_text(locale));
    put(&page, STR("show_code"), liquid_bool(coded));
    const JsonValue *form = json_get(texts, STR("form"));
    if (form != NULL)
        name = form->text;
    LiquidValue data = liquid_map(cx->arena, page.items, page.n);
    TRY(template_of(cx, for_html, name, ".html.liquid", &html));
    TRY(template_of(cx, for_text, name, ".text.liquid", &text));
    TRY(render(cx, html, data, &ret->html));
    TRY(render(cx, text, data, &ret->text));
    ret->subject = one_line(cx->arena, filled[0]);
    return ST_OK;
}
