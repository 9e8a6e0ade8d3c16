/* The language of the first page: what the browser asks for, when the visitor comes from
 * elsewhere. Who comes from a page of ours has chosen. */
#include "channel/storefront/storefront_int.h"

enum { ASKED_MAX = 20 };

/* ";q=0.8" in thousandths; 1000 without one, 0 for what is malformed. */
static int weight_of(Str params)
{
    double q = 1;
    size_t at = str_find(params, STR("q="));
    if (at == SIZE_MAX)
        return 1000;
    if (!str_parse_real(str_trim(str_skip(params, at + 2)), &q) || !(q > 0 && q <= 1))
        return 0;
    return (int)(q * 1000);
}

/* "uk-UA" is served by "uk", and "pt" by "pt-BR". */
static bool serves(Str offered, Str wish)
{
    Str x, y, rest;
    str_cut(offered, '-', &x, &rest);
    str_cut(wish, '-', &y, &rest);
    return str_eq_nocase(offered, wish) || str_eq_nocase(x, y);
}

static Str best_of(const VisitWays *ways, Str header)
{
    Str  item, tag, params, best = {0};
    int  best_weight = 0;
    bool more = header.len > 0;
    for (int i = 0; more && i < ASKED_MAX; i++) {
        more = str_cut(header, ',', &item, &header);
        str_cut(item, ';', &tag, &params);
        tag = str_trim(tag);
        int weight = weight_of(params);
        for (size_t k = 0; tag.len > 0 && weight > best_weight && k < ways->nlocales; k++)
            if (serves(ways->locales[k], tag)) {
                best = ways->locales[k];
                best_weight = weight;
                break;
            }
    }
    return best;
}

static bool comes_from_us(const Visit *v)
{
    Str site = http_header(v->rq, STR("Sec-Fetch-Site"));
    Str referer = http_header(v->rq, STR("Referer")), host = http_header(v->rq, STR("Host"));
    if (site.ptr != NULL)
        return str_eq(site, STR("same-origin"));
    size_t at = str_find(referer, STR("://"));
    return at != SIZE_MAX && host.len > 0 && str_starts(str_skip(referer, at + 3), host);
}

bool negotiate_language(Visit *v, HttpResp *rs)
{
    VisitWays ways;
    Str       header = http_header(v->rq, STR("Accept-Language"));
    if (!v->site->negotiate || v->root.len > 0 || !str_eq(v->raw, STR("/")) ||
        v->rq->query.len > 0 || header.len == 0 || comes_from_us(v))
        return false;
    visit_ways(v, &ways);
    Str best = best_of(&ways, header);
    Str root = best.ptr != NULL ? visit_root_for(v, best, v->currency) : STR("");
    if (root.len == 0)
        return false;
    http_redirect(v->cx, rs, 302, root);
    http_set_header(v->cx, rs, "Vary", STR("Accept-Language, Referer, Sec-Fetch-Site"));
    return true;
}
