/* Files of the theme: addresses, tags, their text. */
#include "channel/storefront/filters.h"

#include <string.h>

LiquidValue filter_asset_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit            *v = filter_visit(cx);
    Str               name = liquid_to_text(cx, in);
    const ThemeAsset *a = theme_asset(v->theme, name);
    (void)args;
    if (a != NULL)
        return liquid_text(a->url);
    return liquid_text(
        visit_urlf(&(Visit){.cx = v->cx, .root = STR("")}, THEME_PATH STR_FMT, STR_ARG(name)));
}

/* Files of the shop are pictures of it, or what the theme has under that name. */
LiquidValue filter_file_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Str name = liquid_to_text(cx, in);
    if (str_starts(name, STR("/media/")))
        return liquid_text(name);
    return filter_asset_url(cx, in, args);
}

LiquidValue filter_inline_asset_content(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    const ThemeAsset *a = theme_asset(filter_visit(cx)->theme, liquid_to_text(cx, in));
    (void)args;
    if (a == NULL)
        return liquid_fail(cx, "there is no asset of this name");
    if (!str_starts(str_from_cstr(a->type), STR("text/")) &&
        !str_eq(str_from_cstr(a->type), STR("image/svg+xml")))
        return liquid_fail(cx, "only style sheets, scripts and SVG pictures can be put inline");
    LiquidValue v = liquid_html(a->bytes);
    v.safe = LIQUID_SAFE_RAW;
    return v;
}

static bool wants_preload(const LiquidArgs *args)
{
    return liquid_truthy(liquid_named(args, STR("preload")));
}

LiquidValue filter_stylesheet_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 128);
    if (wants_preload(args))
        hint_add(filter_visit(cx), liquid_to_text(cx, in), STR("style"));
    tag_add(&b, "<link");
    tag_attribute(&b, "href", in);
    tag_add(&b, " rel=\"stylesheet\"");
    tag_named(&b, args, "preload href rel");
    tag_add(&b, ">");
    return liquid_built_html(&b);
}

LiquidValue filter_script_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 128);
    tag_add(&b, "<script");
    tag_attribute(&b, "src", in);
    if (args->nnamed == 0)
        tag_add(&b, " defer");
    tag_named(&b, args, "src");
    tag_add(&b, "></script>");
    return liquid_built_html(&b);
}

LiquidValue filter_preload_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 128);
    LiquidValue as = liquid_named(args, STR("as"));
    if (as.type == LIQUID_TEXT && !str_eq(liquid_str(as), STR("image")))
        hint_add(filter_visit(cx), liquid_to_text(cx, in), liquid_str(as));
    tag_add(&b, "<link");
    tag_attribute(&b, "href", in);
    tag_add(&b, " rel=\"preload\"");
    if (as.type == LIQUID_TEXT && str_eq(liquid_str(as), STR("font")) &&
        liquid_named(args, STR("crossorigin")).type == LIQUID_NIL)
        tag_add(&b, " crossorigin");
    tag_named(&b, args, "href rel");
    tag_add(&b, ">");
    return liquid_built_html(&b);
}

/* Fonts come with the theme; one that it has as NAME.woff2 gets its rule. */
static const ThemeAsset *font_file(LiquidCx *cx, LiquidValue in)
{
    Str family =
        liquid_to_text(cx, in.type == LIQUID_TEXT ? in : liquid_get(cx, in, STR("family")));
    char name[200];
    int  n = snprintf(name, sizeof name, STR_FMT ".woff2", STR_ARG(family));
    return n > 0 && (size_t)n < sizeof name
               ? theme_asset(filter_visit(cx)->theme, (Str){name, (size_t)n})
               : NULL;
}

LiquidValue filter_font_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    const ThemeAsset *a = font_file(cx, in);
    (void)args;
    return a != NULL ? liquid_text(a->url) : liquid_text(STR(""));
}

LiquidValue filter_font_face(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    const ThemeAsset *a = font_file(cx, in);
    LiquidBuild       b = liquid_build(cx, 200);
    LiquidValue       display = liquid_named(args, STR("font_display"));
    if (a == NULL)
        return liquid_text(STR(""));
    tag_add(&b, "@font-face{font-family:\"");
    liquid_build_add(&b, str_head(a->name, a->name.len - 6));
    tag_add(&b, "\";src:url(\"");
    liquid_build_add(&b, a->url);
    tag_add(&b, "\") format(\"woff2\");font-display:");
    tag_text(&b, display.type == LIQUID_TEXT ? display : liquid_text(STR("swap")));
    tag_add(&b, "}");
    return liquid_built_html(&b);
}

LiquidValue filter_font_modify(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)cx;
    (void)args;
    return in;
}

/* --- ways to pay
 * ------------------------------------------------------------------------------------ */

/* A card with the name of the way to pay on it, drawn here: brands' own marks are theirs. */
LiquidValue filter_payment_type_svg_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Str         name = liquid_to_text(cx, in);
    LiquidBuild b = liquid_build(cx, 400);
    LiquidBuild label = liquid_build(cx, 32);
    for (size_t i = 0; i < name.len && i < 12; i++) {
        char c = name.ptr[i] == '_' ? ' ' : name.ptr[i];
        c = (char)(c >= 'a' && c <= 'z' && (i == 0 || name.ptr[i - 1] == '_') ? c - 32 : c);
        liquid_build_add(&label, (Str){&c, 1});
    }
    LiquidValue text = liquid_built(&label);
    tag_add(&b, "<svg viewBox=\"0 0 38 24\" width=\"38\" height=\"24\" role=\"img\"");
    tag_attribute(&b, "aria-label", text);
    tag_named(&b, args, "viewBox width height role");
    tag_add(&b, "><rect x=\".5\" y=\".5\" width=\"37\" height=\"23\" rx=\"3\" fill=\"none\" "
                "stroke=\"currentColor\" stroke-opacity=\".3\"/><text x=\"19\" y=\"15\" "
                "text-anchor=\"middle\" font-size=\"7\" textLength=\"30\" "
                "lengthAdjust=\"spacingAndGlyphs\" fill=\"currentColor\">");
    tag_text(&b, text);
    tag_add(&b, "</text></svg>");
    return liquid_built_html(&b);
}

LiquidValue filter_payment_type_img_url(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 64);
    tag_add(&b, "payment-");
    liquid_build_add(&b, liquid_to_text(cx, in));
    tag_add(&b, ".svg");
    return filter_asset_url(cx, liquid_built(&b), args);
}

/* Buying at once comes with selling. */
LiquidValue filter_payment_button(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)cx;
    (void)in;
    (void)args;
    return liquid_text(STR(""));
}
