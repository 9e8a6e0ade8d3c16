/* What themes need besides the language's own filters, and nothing of a shop. */
#include "liquid/date.h"
#include "liquid/filters.h"
#include "liquid/json_out.h"
#include "liquid/parse.h"

#include "base/utf8.h"

#include <string.h>
#include <unicode/uchar.h>

/* JSON, safe inside of <script>; in an attribute it is escaped as any text. */
LQ_FILTER(json)
{
    (void)args;
    LiquidBuild b = liquid_build(cx, 128);
    lq_json_add(&b, in, 0);
    LiquidValue v = liquid_built(&b);
    if (v.type == LIQUID_TEXT)
        v.safe = LIQUID_SAFE_JSON;
    return v;
}

/* --- tags made of text ---------------------------------------------------------------------- */

static void add(LiquidBuild *b, const char *z)
{
    liquid_build_add(b, str_from_cstr(z));
}

/* HTML stays as it is, text is escaped. */
static void add_value(LiquidBuild *b, LiquidValue v)
{
    bool html = v.type == LIQUID_TEXT && (v.safe == LIQUID_SAFE_HTML || v.safe == LIQUID_SAFE_RAW);
    Str  s = liquid_to_text(b->cx, v);
    if (html)
        liquid_build_add(b, s);
    else
        liquid_build_html(b, s);
}

static void add_attribute(LiquidBuild *b, const char *name, LiquidValue v)
{
    if (v.type == LIQUID_NIL)
        return;
    add(b, " ");
    add(b, name);
    add(b, "=\"");
    add_value(b, v);
    add(b, "\"");
}

/* Could the name of a named argument be an attribute's? */
static bool is_attribute(Str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!lq_is_word(name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return name.len > 0 && !str_starts(name, STR("on"));
}

static void add_named(LiquidBuild *b, const LiquidArgs *args, const char *except)
{
    for (size_t i = 0; i < args->nnamed; i++) {
        const LiquidPair *p = &args->named[i];
        if (is_attribute(p->key) && (except == NULL || !str_eq(p->key, str_from_cstr(except))))
            add_attribute(b, str_cstr(b->cx->arena, p->key), p->value);
    }
}

LQ_FILTER(link_to)
{
    LiquidBuild b = liquid_build(cx, 128);
    add(&b, "<a");
    add_attribute(&b, "href", args->v[0]);
    add_attribute(&b, "title", liquid_arg(args, 1));
    add_named(&b, args, "href");
    add(&b, ">");
    add_value(&b, in);
    add(&b, "</a>");
    return liquid_built_html(&b);
}

LQ_FILTER(stylesheet_tag)
{
    LiquidBuild b = liquid_build(cx, 128);
    add(&b, "<link");
    add_attribute(&b, "href", in);
    add(&b, " rel=\"stylesheet\" type=\"text/css\"");
    if (liquid_named(args, STR("media")).type == LIQUID_NIL)
        add(&b, " media=\"all\"");
    add_named(&b, args, "preload");
    add(&b, ">");
    return liquid_built_html(&b);
}

LQ_FILTER(script_tag)
{
    LiquidBuild b = liquid_build(cx, 128);
    add(&b, "<script");
    add_attribute(&b, "src", in);
    add_named(&b, args, "src");
    add(&b, "></script>");
    return liquid_built_html(&b);
}

LQ_FILTER(preload_tag)
{
    LiquidBuild b = liquid_build(cx, 128);
    add(&b, "<link");
    add_attribute(&b, "href", in);
    add(&b, " rel=\"preload\"");
    add_named(&b, args, "href");
    add(&b, ">");
    return liquid_built_html(&b);
}

LQ_FILTER(time_tag)
{
    LqMoment    m;
    LiquidValue named = liquid_named(args, STR("datetime"));
    LiquidBuild b = liquid_build(cx, 128);
    if (!lq_to_moment(cx, in, &m))
        return in;
    Str machine =
        named.type != LIQUID_NIL ? liquid_to_text(cx, named) : STR("%Y-%m-%dT%H:%M:%S%:z");
    Str people = args->n > 0 ? liquid_to_text(cx, args->v[0]) : STR("%a, %d %b %Y %H:%M:%S %z");
    LiquidBuild when = liquid_build(cx, 64), shown = liquid_build(cx, 64);
    lq_strftime(&when, machine, &m);
    lq_strftime(&shown, people, &m);
    add(&b, "<time");
    add_attribute(&b, "datetime", liquid_built(&when));
    add(&b, ">");
    add_value(&b, liquid_built(&shown));
    add(&b, "</time>");
    return liquid_built_html(&b);
}

/* A quiet drawing in the place of a picture that is not there yet. */
LQ_FILTER(placeholder_svg_tag)
{
    LiquidBuild b = liquid_build(cx, 512);
    add(&b, "<svg");
    add_attribute(&b, "class", args->n > 0 ? args->v[0] : liquid_text(STR("placeholder-svg")));
    add(&b, " xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 80 100\" role=\"img\"");
    add_attribute(&b, "aria-label", in);
    add(&b, "><rect width=\"80\" height=\"100\" fill=\"currentColor\" opacity=\".08\"/>"
            "<path d=\"M14 72l16-20 12 14 8-9 16 21z\" fill=\"currentColor\" opacity=\".18\"/>"
            "<circle cx=\"54\" cy=\"36\" r=\"6\" fill=\"currentColor\" opacity=\".18\"/></svg>");
    return liquid_built_html(&b);
}

/* --- text --------------------------------------------------------------------------------- */

/* "Wool Coat (new)" is wool-coat-new; letters of all languages stay. */
LQ_FILTER(handleize)
{
    (void)args;
    Str         s = liquid_to_text(cx, in);
    LiquidBuild lower = liquid_build(cx, s.len);
    lq_downcase(&lower, s);
    LiquidBuild b = liquid_build(cx, s.len);
    const char *p = lower.ptr, *end = p + (lower.failed ? 0 : lower.len);
    bool        gap = false;
    while (p < end) {
        uint32_t cp;
        size_t   n = utf8_next(p, end, &cp);
        bool     letter = n > 0 && (cp == '_' || u_isalnum((UChar32)cp) != 0);
        bool     quiet = n == 1 && (*p == '\'' || *p == '"');
        if (letter && gap && b.len > 0)
            add(&b, "-");
        if (letter)
            liquid_build_add(&b, (Str){p, n});
        gap = letter ? false : gap || !quiet;
        p += n > 0 ? n : 1;
    }
    return liquid_built(&b);
}

LQ_FILTER(camelize)
{
    (void)args;
    Str         s = liquid_to_text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len);
    bool        up = true;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '-' || c == '_' || lq_is_space(c)) {
            up = true;
            continue;
        }
        char shown = (char)(up && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        liquid_build_add(&b, (Str){&shown, 1});
        up = false;
    }
    return liquid_built(&b);
}

LQ_FILTER(pluralize)
{
    (void)cx;
    return lq_num_cmp(lq_num(in), lq_num_int(1)) == 0 ? args->v[0] : args->v[1];
}

/* The words that were searched for, marked in a text. */
LQ_FILTER(highlight)
{
    Str         s = liquid_to_text(cx, in), what = liquid_to_text(cx, args->v[0]);
    LiquidBuild b = liquid_build(cx, s.len + 64);
    size_t      at = 0;
    for (size_t i = 0; what.len > 0 && i + what.len <= s.len; i++) {
        if (lq_casecmp((Str){s.ptr + i, what.len}, what) != 0)
            continue;
        liquid_build_html(&b, (Str){s.ptr + at, i - at});
        add(&b, "<strong class=\"highlight\">");
        liquid_build_html(&b, (Str){s.ptr + i, what.len});
        add(&b, "</strong>");
        i += what.len - 1;
        at = i + 1;
    }
    liquid_build_html(&b, (Str){s.ptr + at, s.len - at});
    return liquid_built_html(&b);
}

const LiquidFilter lq_theme_filters[] = {
    {"camelize", camelize, 0, 0, false},
    {"handle", handleize, 0, 0, false},
    {"handleize", handleize, 0, 0, false},
    {"highlight", highlight, 1, 1, false},
    {"json", json, 0, 1, false},
    {"link_to", link_to, 1, 2, true},
    {"placeholder_svg_tag", placeholder_svg_tag, 0, 1, false},
    {"pluralize", pluralize, 2, 2, false},
    {"preload_tag", preload_tag, 0, 0, true},
    {"script_tag", script_tag, 0, 0, true},
    {"stylesheet_tag", stylesheet_tag, 0, 0, true},
    {"time_tag", time_tag, 0, 1, true},
    {0},
};
