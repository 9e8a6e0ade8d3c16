#include "channel/storefront/visit.h"

#include "base/text_format.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DEPS_MAX = 20000 };

/* --- what the shop offers ----------------------------------------------------------------------
 */

static bool listed(const Str *list, size_t n, Str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(list[i], s))
            return true;
    return false;
}

static void offer(Str *list, size_t *n, size_t max, Str s)
{
    if (*n < max && s.len > 0 && !listed(list, *n, s))
        list[(*n)++] = s;
}

void visit_ways(const Visit *v, VisitWays *ret)
{
    size_t     n;
    const Str *own = theme_locales(v->theme->texts, &n);
    ret->nlocales = ret->ncurrencies = 0;
    offer(ret->locales, &ret->nlocales, SITE_LOCALES_MAX + 1, v->shop->locale);
    for (size_t i = 0; i < v->site->locales.n; i++)
        offer(ret->locales, &ret->nlocales, SITE_LOCALES_MAX + 1, v->site->locales.items[i]);
    for (size_t i = 0; v->site->locales.n == 0 && i < n; i++)
        offer(ret->locales, &ret->nlocales, SITE_LOCALES_MAX + 1, own[i]);
    offer(ret->currencies, &ret->ncurrencies, SITE_CURRENCIES_MAX + 1, v->shop->currency);
    for (size_t i = 0; i < v->site->currencies.n; i++)
        if (currency_find(v->site->currencies.items[i]) != NULL)
            offer(ret->currencies, &ret->ncurrencies, SITE_CURRENCIES_MAX + 1,
                  v->site->currencies.items[i]);
}

Str visit_root_for(const Visit *v, Str tag, Str currency)
{
    bool own = str_eq_nocase(tag, v->shop->locale), usual = str_eq(currency, v->shop->currency);
    char room[LOCALE_TAG_MAX + 8];
    if (own && usual)
        return STR("");
    int n = usual ? snprintf(room, sizeof room, "/" STR_FMT, STR_ARG(tag))
                  : snprintf(room, sizeof room, "/" STR_FMT "-" STR_FMT, STR_ARG(tag),
                             STR_ARG(currency));
    return str_lower_ascii(visit_arena(v), (Str){room, n > 0 ? (size_t)n : 0});
}

/* "uk", "uk-usd", "pt-br-usd": is it a language and currency of the shop? */
static bool read_way(Visit *v, const VisitWays *ways, Str segment)
{
    for (size_t i = 0; i < ways->nlocales; i++)
        for (size_t k = 0; k < ways->ncurrencies; k++) {
            Str root = visit_root_for(v, ways->locales[i], ways->currencies[k]);
            if (root.len == 0 || !str_eq(str_skip(root, 1), segment))
                continue;
            v->tag = ways->locales[i];
            v->currency = ways->currencies[k];
            v->root = root;
            return true;
        }
    return false;
}

/* --- beginning ----------------------------------------------------------------------------------
 */

static bool is_host(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
        if (!fine)
            return false;
    }
    return s.len > 0 && s.len <= 255;
}

static Str origin_of(const Visit *v)
{
    Str url = v->site->url, host = http_header(v->rq, STR("Host"));
    if (url.len > 0)
        return str_ends(url, STR("/")) ? str_head(url, url.len - 1) : url;
    CLEANUP(buf_done) Buf b = {0};
    buf_init(&b, 400);
    buf_add(&b, v->rq->tls ? STR("https://") : STR("http://"));
    buf_add(&b, is_host(host) ? host : STR("localhost"));
    return str_dup(visit_arena(v), buf_str(&b));
}

static void release_theme(void *theme)
{
    theme_release(theme);
}

static void init_deps(Visit *v, VisitDeps *d)
{
    d->n = 0;
    d->nslots = 256;
    d->cap = 96;
    d->slots = arena_array(visit_arena(v), uint32_t, d->nslots);
    d->items = arena_array(visit_arena(v), VisitDep, d->cap);
}

static void read_root(Visit *v)
{
    VisitWays ways;
    Str       segment, rest;
    Str       raw = v->rq->path;
    v->tag = v->shop->locale;
    v->currency = v->shop->currency;
    v->root = STR("");
    v->raw = raw;
    if (raw.len < 3)
        return;
    bool more = str_cut(str_skip(raw, 1), '/', &segment, &rest);
    if (segment.len < 2 || segment.len > LOCALE_TAG_MAX + 4)
        return;
    visit_ways(v, &ways);
    if (!read_way(v, &ways, segment))
        return;
    v->raw = more ? (Str){rest.ptr - 1, rest.len + 1} : STR("/");
}

Status visit_open(Cx *cx, const HttpReq *rq, Theme *theme, const Site *site, Visit *v)
{
    *v = (Visit){.cx = cx, .rq = rq, .theme = theme_hold(theme), .site = site, .status = 200};
    arena_defer(cx->arena, release_theme, theme);
    TRY(published_view(cx, &v->view));
    v->shop = published_shop(v->view);
    init_deps(v, &v->deps);
    read_root(v);
    v->locale = locale_of(v->tag);
    if (v->locale == NULL)
        v->locale = locale_of(STR("en"));
    v->translated = !str_eq(v->tag, v->shop->locale);
    v->origin = origin_of(v);
    v->suffix = v->kind = v->title = v->description = STR("");
    v->layout = STR("theme");
    v->page_number = 1;
    map_init(&v->products, cx->arena, 64);
    map_init(&v->things, cx->arena, 32);
    TRY(http_decode(cx, v->raw, &v->path));
    v->canonical = v->path;
    visit_note(v, PUBLISHED_SHOP, 0);
    return ST_OK;
}

/* --- what a page depends on
 * ------------------------------------------------------------------------ */

static size_t dep_slot(const VisitDeps *d, int kind, int64_t id)
{
    uint64_t h = ((uint64_t)id * 16 + (uint64_t)kind) * UINT64_C(0x9E3779B97F4A7C15);
    size_t   at = (size_t)(h >> 40) & (d->nslots - 1);
    while (d->slots[at] != 0) {
        const VisitDep *dep = &d->items[d->slots[at] - 1];
        if (dep->id == id && dep->kind == kind)
            break;
        at = (at + 1) & (d->nslots - 1);
    }
    return at;
}

static void grow_deps(Visit *v, VisitDeps *d)
{
    VisitDep *items = arena_array(visit_arena(v), VisitDep, d->cap * 2);
    memcpy(items, d->items, d->n * sizeof *items);
    d->items = items;
    d->cap *= 2;
    d->nslots = d->cap * 4;
    while ((d->nslots & (d->nslots - 1)) != 0)
        d->nslots += d->nslots & (0 - d->nslots);
    d->slots = arena_array(visit_arena(v), uint32_t, d->nslots);
    for (size_t i = 0; i < d->n; i++)
        d->slots[dep_slot(d, items[i].kind, items[i].id)] = (uint32_t)(i + 1);
}

static void note_in(Visit *v, VisitDeps *d, int kind, int64_t id, int64_t rev)
{
    size_t at = dep_slot(d, kind, id);
    if (d->slots[at] != 0)
        return;
    if (d->n == DEPS_MAX) {
        v->uncacheable = true;
        return;
    }
    if (d->n == d->cap) {
        grow_deps(v, d);
        at = dep_slot(d, kind, id);
    }
    d->items[d->n++] = (VisitDep){.id = id, .rev = rev, .kind = kind};
    d->slots[at] = (uint32_t)d->n;
}

static void note(Visit *v, int kind, int64_t id, int64_t rev)
{
    note_in(v, &v->deps, kind, id, rev);
    if (v->trace != NULL)
        note_in(v, &v->trace->deps, kind, id, rev);
}

void visit_note(Visit *v, PublishedKind kind, int64_t id)
{
    note(v, (int)kind, id, published_rev_of(v->view, kind, id));
}

void visit_note_all(Visit *v)
{
    note(v, PUBLISHED_KINDS, 0, published_rev(v->view));
}

static int64_t rev_now(const Published *view, const VisitDep *dep)
{
    return dep->kind == PUBLISHED_KINDS ? published_rev(view)
                                        : published_rev_of(view, (PublishedKind)dep->kind, dep->id);
}

void visit_good_until(Visit *v, UnixMs until)
{
    if (until.v == 0)
        return;
    visit_reads_page(v);
    if (v->good_until.v == 0 || until.v < v->good_until.v)
        v->good_until = until;
}

void visit_note_again(Visit *v, const VisitDep *dep)
{
    note(v, dep->kind, dep->id, rev_now(v->view, dep));
}

bool visit_deps_hold(const VisitDep *deps, size_t n, const Published *view)
{
    for (size_t i = 0; i < n; i++)
        if (rev_now(view, &deps[i]) != deps[i].rev)
            return false;
    return true;
}

/* --- what parts read of their page
 * ------------------------------------------------------------- */

void visit_trace(Visit *v, VisitTrace *t)
{
    *t = (VisitTrace){.on = true};
    init_deps(v, &t->deps);
    t->asked = arena_array(visit_arena(v), VisitAsked, VISIT_ASKED);
    v->trace = t;
}

void visit_reads_page(Visit *v)
{
    if (v->trace != NULL)
        v->trace->page = true;
}

bool visit_answer(const Visit *v, Str path, bool within)
{
    return str_eq(v->path, path) ||
           (within && path.len > 1 && str_starts(v->path, path) && v->path.ptr[path.len] == '/');
}

bool visit_is_at(Visit *v, Str path, bool within)
{
    bool answer = visit_answer(v, path, within);
    if (v->trace == NULL)
        return answer;
    if (v->trace->nasked == VISIT_ASKED)
        v->trace->page = true;
    else
        v->trace->asked[v->trace->nasked++] = (VisitAsked){path, within, answer};
    return answer;
}

void visit_reads_cart(Visit *v)
{
    if (visit_has_cart(v))
        visit_reads_page(v);
    else if (v->trace != NULL)
        v->trace->cart = true;
}

bool visit_has_cart(const Visit *v)
{
    return v->cart != NULL || v->cx->actor.kind == ACTOR_CUSTOMER ||
           str_find(http_header(v->rq, STR("Cookie")), STR("cart")) != SIZE_MAX;
}

/* --- the rest
 * ------------------------------------------------------------------------------------------ */

enum { SHARED = 15 /* names at the beginning of the list */ };

const char *const visit_global_names[] = {
    /* what these read of a page they say themselves: visit_reads_page() */
    "section", "shop", "routes", "settings", "localization", "cart", "collections", "all_products",
    "pages", "blogs", "articles", "linklists", "menus", "images", "powered_by_link",
    /* of the page */
    "request", "template", "page_title", "page_description", "page_image", "canonical_url",
    "current_page", "current_tags", "content_for_header", "content_for_layout",
    "content_for_additional_checkout_buttons", "handle", "product", "collection", "page", "blog",
    "article", "policy", "search", "predictive_search", "recommendations", "customer", "account",
    "texts", "checkout", "order", "orders", "gift_card", "fulfillment", "payment", "form",
    "older_orders", "wishlist", "saved_carts", "saved_cards", "can_keep_cards", "track", "added",
    NULL};

static bool is_shared(Str name)
{
    for (size_t i = 0; i < SHARED; i++)
        if (str_eq(name, str_from_cstr(visit_global_names[i])))
            return true;
    return false;
}

void visit_global(Visit *v, const char *name, LiquidValue value)
{
    Str s = str_from_cstr(name);
    ASSERT(v->nglobals < VISIT_GLOBALS);
    v->globals[v->nglobals++] = (LiquidGlobal){s, value, is_shared(s)};
}

const CatalogPricing *visit_pricing(Visit *v)
{
    visit_reads_page(v);
    if (!v->priced) {
        CatalogBuyer buyer = {.channel = STR(PUBLISHED_CHANNEL), .locale = v->tag};
        visit_note(v, PUBLISHED_PRICING, 0);
        v->priced = true;
        if (published_pricing(v->cx, v->view, &buyer, v->currency, v->cx->now, &v->pricing) !=
            ST_OK)
            v->pricing = (CatalogPricing){0};
    }
    return v->pricing.currency[0] != '\0' ? &v->pricing : NULL;
}

Str visit_text(const Visit *v, PublishedTexts texts, int64_t entity, Str field, Str source)
{
    if (!v->translated || texts.n == 0)
        return source;
    return published_text(texts, entity, field, v->tag, source);
}

Str visit_theme_text(const Visit *v, const char *key)
{
    Str  text;
    bool html = false;
    if (!theme_text(v->theme->texts, v->locale, str_from_cstr(key), false, 0, &text, &html) || html)
        return STR("");
    return text;
}

Str visit_url(Visit *v, Str path)
{
    if (v->root.len == 0 || !str_starts(path, STR("/")) || str_starts(path, STR("//")))
        return path;
    bool  home = str_eq(path, STR("/"));
    char *z = arena_array(visit_arena(v), char, v->root.len + path.len + 1);
    memcpy(z, v->root.ptr, v->root.len);
    if (!home)
        memcpy(z + v->root.len, path.ptr, path.len);
    return (Str){z, v->root.len + (home ? 0 : path.len)};
}

Str visit_urlf(Visit *v, const char *fmt, ...)
{
    NOT_CLEARED char room[2048];
    va_list          ap;
    va_start(ap, fmt);
    int n = text_format(room, sizeof room, fmt, ap);
    va_end(ap);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof room ? (size_t)n : sizeof room - 1;
    char  *z = arena_array(visit_arena(v), char, v->root.len + len + 1);
    if (v->root.len > 0)
        memcpy(z, v->root.ptr, v->root.len);
    memcpy(z + v->root.len, room, len);
    return (Str){z, v->root.len + len};
}

Str visit_param(Visit *v, Str name)
{
    visit_reads_page(v);
    Str rest = v->rq->query, n, value, decoded;
    while (http_query_next(&rest, &n, &value)) {
        if (!str_eq(n, name))
            continue;
        return http_decode_form(v->cx, value, &decoded) == ST_OK ? decoded : (Str){0};
    }
    return (Str){0};
}

/* For a query: everything but what RFC 3986 leaves alone is escaped. */
static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain)
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

bool visit_listens(Str name)
{
    static const Str NAMES[] = {STR_INIT("page"),     STR_INIT("sort_by"), STR_INIT("variant"),
                                STR_INIT("view"),     STR_INIT("q"),       STR_INIT("section_id"),
                                STR_INIT("sections"), STR_INIT("type"),    STR_INIT("product_id"),
                                STR_INIT("limit"),    STR_INIT("tag")};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (str_eq(name, NAMES[i]))
            return true;
    return str_starts(name, STR("filter.")) || str_starts(name, STR("resources"));
}

Str visit_query_with(Visit *v, Str name, Str value)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   rest = v->rq->query, n, sent;
    visit_reads_page(v);
    buf_init(&b, 8192);
    while (http_query_next(&rest, &n, &sent)) {
        if (!visit_listens(n) || str_eq(n, name) || str_eq(n, STR("page")) ||
            str_eq(n, STR("section_id")) || str_eq(n, STR("sections")))
            continue;
        buf_addc(&b, b.len == 0 ? '?' : '&');
        buf_add(&b, n);
        buf_addc(&b, '=');
        buf_add(&b, sent);
    }
    if (value.ptr != NULL) {
        buf_addc(&b, b.len == 0 ? '?' : '&');
        add_escaped(&b, name);
        buf_addc(&b, '=');
        add_escaped(&b, value);
    }
    return buf_overflowed(&b) ? STR("") : str_dup(visit_arena(v), buf_str(&b));
}
