/* Texts, money, dates and the like in the visitor's language. */
#include "channel/storefront/filters.h"

#include "base/codec.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

/* --- t -------------------------------------------------------------------------------------------
 */

static bool number_of(LiquidCx *cx, LiquidValue v, double *ret)
{
    switch ((int)v.type) {
    case LIQUID_INT:
    case LIQUID_MONEY: *ret = (double)v.i; return true;
    case LIQUID_REAL: *ret = v.r; return true;
    case LIQUID_TEXT: return str_parse_real(str_trim(liquid_str(v)), ret);
    default: (void)cx; return false;
    }
}

/* A section may bring texts of its own: "LOCALE.KEY" there. */
static bool section_text(Visit *v, Str key, Str *ret)
{
    const Map *texts = v->section != NULL ? v->section->def->texts : NULL;
    char       room[400];
    if (texts == NULL || !str_starts(key, STR("sections.")))
        return false;
    Str rest = str_skip(key, sizeof "sections." - 1), type, name;
    if (!str_cut(rest, '.', &type, &name))
        return false;
    for (int i = 0; i < 2; i++) {
        Str tag = i == 0 ? v->tag : STR("en");
        int n = snprintf(room, sizeof room, STR_FMT "." STR_FMT, STR_ARG(tag), STR_ARG(name));
        const MapValue *found =
            n > 0 && (size_t)n < sizeof room ? map_get(texts, (Str){room, (size_t)n}) : NULL;
        if (found != NULL) {
            *ret = ((const JsonValue *)found->p)->text;
            return true;
        }
    }
    return false;
}

LiquidValue filter_t(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit *v = filter_visit(cx);
    Str    key = liquid_to_text(cx, in), text;
    bool   html = str_ends(key, STR("_html"));
    double count = 0;
    bool   counted = number_of(cx, liquid_named(args, STR("count")), &count);
    if (section_text(v, key, &text) ||
        theme_text(v->theme->texts, v->locale, key, counted, count, &text, &html))
        return liquid_interpolate(cx, text, args, html);
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 4096);
    buf_add(&b, STR("Translation missing: "));
    buf_add(&b, v->tag);
    buf_addc(&b, '.');
    buf_add(&b, key);
    return liquid_text(str_dup(liquid_arena(cx), buf_str(&b)));
}

/* --- money
 * ---------------------------------------------------------------------------------------- */

/* An amount in minor units; without a currency of its own it is in the visitor's. */
static LiquidValue money(LiquidCx *cx, LiquidValue in, MoneyStyle style)
{
    Visit *v = filter_visit(cx);
    double real = 0;
    Money  m = money_of(0, v->currency);
    if (in.type == LIQUID_NIL || in.type == LIQUID_BOOL)
        return liquid_text(STR(""));
    if (in.type == LIQUID_MONEY)
        memcpy(m.cur, &in.len, 3);
    if (in.type == LIQUID_MONEY || in.type == LIQUID_INT)
        m.minor = in.i;
    else if (number_of(cx, in, &real) && real > -9e15 && real < 9e15)
        m.minor = (int64_t)(real < 0 ? real - 0.5 : real + 0.5);
    else
        return liquid_text(STR(""));
    return liquid_text(locale_money(liquid_arena(cx), v->locale, m, style));
}

LiquidValue filter_money(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return money(cx, in, MONEY_SYMBOL);
}

LiquidValue filter_money_with_currency(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return money(cx, in, MONEY_CODE);
}

LiquidValue filter_money_without_currency(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return money(cx, in, MONEY_BARE);
}

LiquidValue filter_money_without_trailing_zeros(LiquidCx *cx, LiquidValue in,
                                                const LiquidArgs *args)
{
    (void)args;
    return money(cx, in, MONEY_NO_ZEROS);
}

/* --- dates
 * ------------------------------------------------------------------------------------------- */

static const LiquidFilter *own_filter(const char *name)
{
    for (size_t i = 0; lq_filters(i) != NULL; i++)
        for (const LiquidFilter *f = lq_filters(i); f->name != NULL; f++)
            if (strcmp(f->name, name) == 0)
                return f;
    return NULL;
}

static bool moment_of(LiquidCx *cx, LiquidValue in, UnixMs *ret)
{
    static const LiquidFilter *date;
    if (in.type == LIQUID_TIME) {
        ret->v = in.i;
        return true;
    }
    if (date == NULL)
        date = own_filter("date");
    LiquidValue format = liquid_text(STR("%s"));
    int64_t     seconds;
    Str         s = liquid_to_text(cx, date->fn(cx, in, &(LiquidArgs){.v = &format, .n = 1}));
    if (in.type == LIQUID_NIL || !str_parse_i64(s, &seconds))
        return false;
    ret->v = seconds * 1000;
    return true;
}

/* Named formats: of the theme's texts (date_formats.NAME, as strftime), else ICU's. */
static bool named_date(LiquidCx *cx, LiquidValue in, Str name, Str *ret)
{
    static const struct {
        const char *name;
        DateStyle   style;
        bool        time;
    } STYLES[] = {
        {"abbreviated_date", DATE_MEDIUM, false},
        {"basic", DATE_SHORT, false},
        {"date", DATE_LONG, false},
        {"date_at_time", DATE_LONG, true},
        {"default", DATE_FULL, true},
        {"on_date", DATE_MEDIUM, false},
        {"short", DATE_SHORT, true},
        {"long", DATE_FULL, false},
    };
    Visit *v = filter_visit(cx);
    UnixMs at;
    if (name.len == 0 || !moment_of(cx, in, &at))
        return false;
    ASSERT(name.ptr != NULL);
    if (str_eq(name, STR("within_a_year")) || str_eq(name, STR("month_and_day"))) {
        *ret =
            locale_date_skeleton(liquid_arena(cx), v->locale, at, v->shop->time_zone, STR("MMMMd"));
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(STYLES); i++)
        if (str_eq(name, str_from_cstr(STYLES[i].name))) {
            *ret = locale_date(liquid_arena(cx), v->locale, at, v->shop->time_zone, STYLES[i].style,
                               STYLES[i].time);
            return true;
        }
    return false;
}

/* The format that `format: 'name'` stands for: strftime of the theme's texts. */
static LiquidValue format_of(LiquidCx *cx, Str name)
{
    Visit *v = filter_visit(cx);
    char   key[100];
    Str    text;
    bool   html;
    int    n = snprintf(key, sizeof key, "date_formats." STR_FMT, STR_ARG(name));
    if (n > 0 && (size_t)n < sizeof key &&
        theme_text(v->theme->texts, v->locale, (Str){key, (size_t)n}, false, 0, &text, &html))
        return liquid_text(text);
    return liquid_nil();
}

LiquidValue filter_date(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    const LiquidFilter *date = own_filter("date");
    LiquidValue         named = liquid_named(args, STR("format"));
    LiquidArgs          plain = {.v = args->v, .n = args->n};
    Str                 shown;
    if (named.type != LIQUID_TEXT)
        return plain.n == 0 ? in : date->fn(cx, in, &plain);
    LiquidValue format = format_of(cx, liquid_str(named));
    if (format.type == LIQUID_NIL && named_date(cx, in, liquid_str(named), &shown))
        return liquid_text(shown);
    if (format.type == LIQUID_NIL)
        format = named;
    return date->fn(cx, in, &(LiquidArgs){.v = &format, .n = 1});
}

LiquidValue filter_time_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    const LiquidFilter *date = own_filter("date");
    LiquidValue         iso = liquid_text(STR("%Y-%m-%dT%H:%M:%SZ"));
    UnixMs              at;
    if (!moment_of(cx, in, &at))
        return in;
    LiquidValue when = liquid_time(at), named = liquid_named(args, STR("datetime"));
    LiquidArgs  shown_args = *args;
    LiquidPair  fallback = {STR("format"), liquid_text(STR("date"))};
    if (args->n == 0 && liquid_named(args, STR("format")).type == LIQUID_NIL)
        shown_args = (LiquidArgs){.named = &fallback, .nnamed = 1};
    LiquidBuild b = liquid_build(cx, 128);
    tag_add(&b, "<time");
    tag_attribute(
        &b, "datetime",
        date->fn(cx, when, &(LiquidArgs){.v = named.type == LIQUID_TEXT ? &named : &iso, .n = 1}));
    tag_named(&b, args, "format datetime");
    tag_add(&b, ">");
    tag_text(&b, filter_date(cx, when, &shown_args));
    tag_add(&b, "</time>");
    return liquid_built_html(&b);
}

/* --- the rest
 * ---------------------------------------------------------------------------------------- */

LiquidValue filter_weight_with_unit(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    double g = 0;
    char   room[64];
    Str    unit = args->n > 0 ? liquid_to_text(cx, args->v[0]) : STR("kg");
    if (!number_of(cx, in, &g))
        return liquid_nil();
    double per = str_eq(unit, STR("g"))    ? 1
                 : str_eq(unit, STR("oz")) ? 28.349523125
                 : str_eq(unit, STR("lb")) ? 453.59237
                                           : 1000;
    int    n = snprintf(room, sizeof room, "%.4g " STR_FMT, g / per, STR_ARG(str_head(unit, 8)));
    return liquid_text(str_dup(liquid_arena(cx), (Str){room, (size_t)n}));
}

/* "2,50 € / 100 ml" */
LiquidValue filter_unit_price(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidValue value = liquid_arg(args, 0), unit = liquid_arg(args, 1);
    LiquidValue price = money(cx, in, MONEY_SYMBOL);
    double      n = 1;
    char        room[100];
    (void)number_of(cx, value, &n);
    Str s = liquid_to_text(cx, price), u = liquid_to_text(cx, unit);
    int len = n > 1.0000001 || n < 0.9999999
                  ? snprintf(room, sizeof room, STR_FMT " / %.4g " STR_FMT, STR_ARG(s), n,
                             STR_ARG(str_head(u, 12)))
                  : snprintf(room, sizeof room, STR_FMT " / " STR_FMT, STR_ARG(s),
                             STR_ARG(str_head(u, 12)));
    return liquid_text(str_dup(
        liquid_arena(cx), (Str){room, len > 0 && (size_t)len < sizeof room ? (size_t)len : 0}));
}

LiquidValue filter_format_address(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    static const Str FIELDS[] = {STR_INIT("name"),     STR_INIT("company"), STR_INIT("address1"),
                                 STR_INIT("address2"), STR_INIT("zip"),     STR_INIT("city"),
                                 STR_INIT("province"), STR_INIT("country")};
    LiquidBuild      b = liquid_build(cx, 200);
    bool             some = false;
    (void)args;
    tag_add(&b, "<p>");
    for (size_t i = 0; i < COUNT_OF(FIELDS); i++) {
        LiquidValue x = liquid_get(cx, in, FIELDS[i]);
        if (x.type != LIQUID_TEXT || x.len == 0)
            continue;
        tag_add(&b, some ? "<br>" : "");
        tag_text(&b, x);
        some = true;
    }
    tag_add(&b, "</p>");
    return liquid_built_html(&b);
}

/* form.errors as a list that assistive technology reads out. */
LiquidValue filter_default_errors(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 200);
    size_t      n = liquid_count(cx, in);
    LiquidValue messages = liquid_get(cx, in, STR("messages"));
    (void)args;
    if (n == 0)
        return liquid_text(STR(""));
    tag_add(&b, "<div class=\"errors\" role=\"alert\"><ul>");
    for (size_t i = 0; i < n; i++) {
        LiquidValue key = liquid_at(cx, in, i);
        LiquidValue text =
            key.type == LIQUID_TEXT ? liquid_get(cx, messages, liquid_str(key)) : liquid_nil();
        tag_add(&b, "<li>");
        tag_text(&b, text.type != LIQUID_NIL ? text : key);
        tag_add(&b, "</li>");
    }
    tag_add(&b, "</ul></div>");
    return liquid_built_html(&b);
}

static LiquidValue hex(LiquidCx *cx, const unsigned char *bytes, size_t n)
{
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 200);
    codec_add_hex(&b, (Str){(const char *)bytes, n});
    return liquid_text(str_dup(liquid_arena(cx), buf_str(&b)));
}

static LiquidValue digest(LiquidCx *cx, LiquidValue in, const EVP_MD *how)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned      n = 0;
    Str           s = liquid_to_text(cx, in);
    if (EVP_Digest(s.ptr, s.len, sum, &n, how, NULL) != 1)
        return liquid_nil();
    return hex(cx, sum, n);
}

LiquidValue filter_md5(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return digest(cx, in, EVP_md5());
}

LiquidValue filter_sha1(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return digest(cx, in, EVP_sha1());
}

LiquidValue filter_sha256(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return digest(cx, in, EVP_sha256());
}

LiquidValue filter_hmac_sha256(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned      n = 0;
    Str           s = liquid_to_text(cx, in), key = liquid_to_text(cx, args->v[0]);
    if (HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)s.ptr, s.len, sum, &n) ==
        NULL)
        return liquid_nil();
    return hex(cx, sum, n);
}

LiquidValue filter_metafield_text(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidValue value = liquid_get(cx, in, STR("value"));
    (void)args;
    return liquid_text(liquid_to_text(cx, value));
}

LiquidValue filter_metafield_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 100);
    tag_add(&b, "<span");
    tag_attribute(&b, "class", liquid_text(STR("metafield")));
    tag_named(&b, args, "class");
    tag_add(&b, ">");
    tag_text(&b, filter_metafield_text(cx, in, args));
    tag_add(&b, "</span>");
    return liquid_built_html(&b);
}
