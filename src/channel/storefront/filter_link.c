/* Links within the shop. */
#include "channel/storefront/filters.h"

#include "channel/storefront/listing.h"

#include <string.h>

static LiquidValue link_tag(LiquidCx *cx, Str url, LiquidValue text, LiquidValue title,
                            const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 200);
    tag_add(&b, "<a");
    tag_attribute(&b, "href", liquid_text(url));
    tag_attribute(&b, "title", title);
    tag_named(&b, args, "href title");
    tag_add(&b, ">");
    tag_text(&b, text);
    tag_add(&b, "</a>");
    return liquid_built_html(&b);
}

/* "/products/x" | within: collection -> "/collections/c/products/x" */
LiquidValue filter_within(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit            *v = filter_visit(cx);
    CollectionObject *c = object_to_collection(args->v[0]);
    Str               url = liquid_to_text(cx, in);
    size_t            at = str_find(url, STR("/products/"));
    if (c == NULL || at == SIZE_MAX)
        return in;
    Str prefix = collection_url(v, c);
    Str rest = str_skip(url, at);
    return liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = prefix}, STR_FMT, STR_ARG(rest)));
}

static Str escaped_query(LiquidCx *cx, Str s)
{
    LiquidBuild b = liquid_build(cx, s.len + 16);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        char          hex[4];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            liquid_build_add(&b, (Str){s.ptr + i, 1});
            continue;
        }
        (void)snprintf(hex, sizeof hex, "%%%02X", c);
        liquid_build_add(&b, (Str){hex, 3});
    }
    return liquid_to_text(cx, liquid_built(&b));
}

static Str filtered(LiquidCx *cx, LiquidValue in, const char *param)
{
    Str value = escaped_query(cx, liquid_to_text(cx, in));
    return visit_urlf(filter_visit(cx), "/collections/all?%s=" STR_FMT, param, STR_ARG(value));
}

LiquidValue filter_url_for_vendor(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return liquid_text(filtered(cx, in, "filter.p.vendor"));
}

LiquidValue filter_url_for_type(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return liquid_text(filtered(cx, in, "filter.p.product_type"));
}

LiquidValue filter_link_to_vendor(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    return link_tag(cx, filtered(cx, in, "filter.p.vendor"), in, liquid_arg(args, 0), args);
}

LiquidValue filter_link_to_type(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    return link_tag(cx, filtered(cx, in, "filter.p.product_type"), in, liquid_arg(args, 0), args);
}

/* The collection of the page, or all products. */
static Str base_path(Visit *v)
{
    Str first, rest, handle;
    visit_reads_page(v);
    str_cut(str_skip(v->raw, 1), '/', &first, &rest);
    str_cut(rest, '/', &handle, &rest);
    if (str_eq(first, STR("blogs")) && handle.len > 0)
        return visit_urlf(v, "/blogs/" STR_FMT "/tagged", STR_ARG(handle));
    if (!str_eq(first, STR("collections")) || handle.len == 0)
        handle = STR("all");
    return visit_urlf(v, "/collections/" STR_FMT, STR_ARG(handle));
}

static LiquidValue tag_link(LiquidCx *cx, LiquidValue in, LiquidValue tag, const LiquidArgs *args,
                            bool remove)
{
    Visit *v = filter_visit(cx);
    Str    base = base_path(v);
    Str    handle = listing_handle(liquid_arena(cx), liquid_to_text(cx, tag));
    Str    url = remove ? base
                        : visit_urlf(&(Visit){.cx = v->cx, .root = base}, "/" STR_FMT,
                                     STR_ARG(escaped_query(cx, handle)));
    return link_tag(cx, url, in, liquid_nil(), args);
}

LiquidValue filter_link_to_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    return tag_link(cx, in, args->n > 0 ? args->v[0] : in, args, false);
}

LiquidValue filter_link_to_add_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    return tag_link(cx, in, args->n > 0 ? args->v[0] : in, args, false);
}

LiquidValue filter_link_to_remove_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    return tag_link(cx, in, args->n > 0 ? args->v[0] : in, args, true);
}

LiquidValue filter_highlight_active_tag(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidValue tags = liquid_lookup(cx, STR("current_tags"));
    size_t      n = liquid_count(cx, tags);
    for (size_t i = 0; i < n; i++) {
        if (!liquid_equal(cx, liquid_at(cx, tags, i), in))
            continue;
        LiquidBuild b = liquid_build(cx, 64);
        tag_add(&b, "<span");
        tag_attribute(&b, "class", args->n > 0 ? args->v[0] : liquid_text(STR("active")));
        tag_add(&b, ">");
        tag_text(&b, in);
        tag_add(&b, "</span>");
        return liquid_built_html(&b);
    }
    return in;
}

/* An address with ?sort_by= */
LiquidValue filter_sort_by(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    Visit *v = filter_visit(cx);
    Str    url = liquid_to_text(cx, in), how = escaped_query(cx, liquid_to_text(cx, args->v[0]));
    bool   has = str_find(url, STR("?")) != SIZE_MAX;
    return liquid_text(visit_urlf(&(Visit){.cx = v->cx, .root = url}, "%ssort_by=" STR_FMT,
                                  has ? "&" : "?", STR_ARG(how)));
}

static void page_part(LiquidCx *cx, LiquidBuild *b, LiquidValue part, const char *class,
                      LiquidValue text)
{
    LiquidValue url = liquid_get(cx, part, STR("url"));
    if (part.type == LIQUID_NIL)
        return;
    tag_add(b, "<span class=\"");
    tag_add(b, class);
    tag_add(b, url.type == LIQUID_NIL ? " current\">" : "\">");
    if (url.type != LIQUID_NIL) {
        tag_add(b, "<a");
        tag_attribute(b, "href", url);
        tag_add(b, ">");
    }
    tag_text(b, text.type != LIQUID_NIL ? text : liquid_get(cx, part, STR("title")));
    tag_add(b, url.type != LIQUID_NIL ? "</a></span>" : "</span>");
}

LiquidValue filter_default_pagination(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    LiquidBuild b = liquid_build(cx, 500);
    LiquidValue parts = liquid_get(cx, in, STR("parts"));
    size_t      n = liquid_count(cx, parts);
    page_part(cx, &b, liquid_get(cx, in, STR("previous")), "prev",
              liquid_named(args, STR("previous")));
    for (size_t i = 0; i < n; i++) {
        page_part(cx, &b, liquid_at(cx, parts, i), "page", liquid_nil());
    }
    page_part(cx, &b, liquid_get(cx, in, STR("next")), "next", liquid_named(args, STR("next")));
    return liquid_built_html(&b);
}

static LiquidValue account_link(LiquidCx *cx, LiquidValue in, const char *path, const char *id)
{
    LiquidBuild b = liquid_build(cx, 100);
    tag_add(&b, "<a");
    tag_attribute(&b, "href", liquid_text(visit_url(filter_visit(cx), str_from_cstr(path))));
    tag_attribute(&b, "id", liquid_text(str_from_cstr(id)));
    tag_add(&b, ">");
    tag_text(&b, in);
    tag_add(&b, "</a>");
    return liquid_built_html(&b);
}

LiquidValue filter_customer_login_link(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return account_link(cx, in, "/account/login", "customer_login_link");
}

LiquidValue filter_customer_logout_link(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return account_link(cx, in, "/account/logout", "customer_logout_link");
}

LiquidValue filter_customer_register_link(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
{
    (void)args;
    return account_link(cx, in, "/account/register", "customer_register_link");
}
