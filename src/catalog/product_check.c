/* Is a product right in itself? Sizes and types were checked when it was read; here come
 * the rules that join several members. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog_int.h"
#include "text/text.h"

static bool is_colour(Str s)
{
    if (s.len == 0)
        return true;
    if (s.len != 7 || s.ptr[0] != '#')
        return false;
    for (size_t i = 1; i < 7; i++)
        if (!isxdigit((unsigned char)s.ptr[i]))
            return false;
    return true;
}

static bool is_country(Str s)
{
    return s.len == 0 ||
           (s.len == 2 && isupper((unsigned char)s.ptr[0]) && isupper((unsigned char)s.ptr[1]));
}

static bool is_hs_code(Str s)
{
    size_t digits = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (isdigit((unsigned char)s.ptr[i]))
            digits++;
        else if (s.ptr[i] != '.' && s.ptr[i] != ' ')
            return false;
    }
    return s.len == 0 || (digits >= 4 && digits <= 13);
}

/* http(s), or a path or file name of ours; no other scheme, so nothing that runs. */
bool catalog_is_address(Str s)
{
    if (str_starts(s, STR("https://")) || str_starts(s, STR("http://")))
        return s.len > 8;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c <= ' ' && c != ' ')
            return false;
        if (c == ':')
            return false;
        if (c == '/' || c == '?' || c == '#')
            break;
    }
    return true;
}

void price_check(Cx *cx, const char *list, size_t i, const char *prefix, const CatalogPrice *p)
{
    char price[64], compare_at[64];
    snprintf(price, sizeof price, "%sprice", prefix);
    snprintf(compare_at, sizeof compare_at, "%scompare_at", prefix);
    if (p->price.minor < 0)
        issue_at(cx, list, i, price, "negative", "must not be negative");
    if (!money_absent(p->compare_at) && p->compare_at.minor < 0)
        issue_at(cx, list, i, compare_at, "negative", "must not be negative");
    if (!money_absent(p->compare_at) && strcmp(p->compare_at.cur, p->price.cur) != 0)
        issue_at(cx, list, i, compare_at, "other_currency", "must be in %s", p->price.cur);
    if (p->starts_at.has && p->starts_at.v.v <= 0)
        issue_at(cx, list, i, price, "out_of_range", "starts_at is before 1970");
    if (p->starts_at.has && p->ends_at.has && p->ends_at.v.v <= p->starts_at.v.v)
        issue_at(cx, list, i, price, "out_of_range", "ends_at is not after starts_at");
}

static void check_measure(Cx *cx, size_t i, const CatalogMeasure *m)
{
    if (m && !(m->value > 0 && m->value < 1e9 && m->base_value > 0 && m->base_value < 1e9))
        issue_at(cx, "variants", i, "measure", "out_of_range", "amounts must be positive");
}

static void check_variant(Cx *cx, size_t i, const CatalogVariant *v)
{
    char prefix[32];
    for (size_t j = 0; j < v->prices.n; j++) {
        snprintf(prefix, sizeof prefix, "prices/%zu/", j);
        price_check(cx, "variants", i, prefix, &v->prices.items[j]);
    }
    if (!money_absent(v->cost) && v->cost.minor < 0)
        issue_at(cx, "variants", i, "cost", "negative", "must not be negative");
    if (v->max_qty.has && v->max_qty.v < v->min_qty)
        issue_at(cx, "variants", i, "max_qty", "out_of_range", "is less than min_qty");
    if (!is_country(v->origin))
        issue_at(cx, "variants", i, "origin", "bad_format", "must be like \"TR\"");
    if (!is_hs_code(v->hs_code))
        issue_at(cx, "variants", i, "hs_code", "bad_format", "must be 4 to 13 digits");
    check_measure(cx, i, v->measure);
}

static void check_media(Cx *cx, size_t i, const CatalogMedia *m)
{
    if (m->url.len == 0 && m->hash.len == 0)
        issue_at(cx, "media", i, "url", "required", "is missing");
    if (!catalog_is_address(m->url))
        issue_at(cx, "media", i, "url", "bad_format", "must be an http(s) address or a path");
    if (!catalog_is_address(m->poster))
        issue_at(cx, "media", i, "poster", "bad_format", "must be an http(s) address or a path");
    if (!is_colour(m->colour))
        issue_at(cx, "media", i, "colour", "bad_format", "must be like \"#cc0000\"");
}

static void check_publications(Cx *cx, const CatalogPublications *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const CatalogPublication *p = &list->items[i];
        if (p->unpublish_at.has && p->unpublish_at.v.v <= p->published_at.v.v)
            issue_at(cx, "publications", i, "unpublish_at", "out_of_range",
                     "is not after published_at");
        for (size_t j = 0; j < i; j++)
            if (str_eq(list->items[j].channel, p->channel))
                issue_at(cx, "publications", i, "channel", "not_unique", "is there twice");
    }
}

void shown_check(Cx *cx, OptTime published_at, OptTime unpublish_at)
{
    if (published_at.has && unpublish_at.has && unpublish_at.v.v <= published_at.v.v)
        issue_add(&cx->issues, STR("/unpublish_at"), "out_of_range", "is not after published_at");
}

void parts_check(Cx *cx, CatalogMediaList media, CatalogPublications publications,
                 Str template_suffix)
{
    if (template_suffix.len > 0 && !text_is_handle(template_suffix))
        issue_add(&cx->issues, STR("/template_suffix"), "bad_format",
                  "lower-case letters, digits, '-' and '_' only");
    for (size_t i = 0; i < media.n; i++)
        check_media(cx, i, &media.items[i]);
    check_publications(cx, &publications);
}

void product_check(Edit *e)
{
    Cx                   *cx = e->cx;
    const CatalogProduct *p = e->after;
    if (p->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    for (size_t i = 0; i < p->options.n; i++)
        for (size_t j = 0; j < p->options.items[i].values.n; j++)
            if (!is_colour(p->options.items[i].values.items[j].swatch))
                issue_at(cx, "options", i, "values", "bad_format",
                         "a swatch must be like \"#cc0000\"");
    if (p->variants.n > CATALOG_VARIANTS_MAX)
        issue_add(&cx->issues, STR("/variants"), "too_many", "at most %d", CATALOG_VARIANTS_MAX);
    for (size_t i = 0; i < p->variants.n; i++)
        check_variant(cx, i, &p->variants.items[i]);
    parts_check(cx, p->media, p->publications, p->template_suffix);
}
