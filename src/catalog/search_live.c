/* Rules, redirects, synonyms and past queries in memory. */
#include "catalog/search_live_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "catalog/catalog_int.h"
#include "search/analysis.h"
#include "text/text.h"

enum { PAST_DAYS = 30, CLICK_DAYS = 30, DAY_MS = 86400000 };

/* --- languages ---------------------------------------------------------------------------------
 */

static Str language(Str locale)
{
    size_t n = 0;
    while (n < locale.len && locale.ptr[n] != '-' && locale.ptr[n] != '_')
        n++;
    return str_head(locale, n);
}

static bool same_language(Str x, Str y)
{
    return str_eq(language(x), language(y));
}

LiveAsk live_ask(Str locale, Str text, UnixMs now, Arena *a)
{
    return (LiveAsk){.locale = locale,
                     .general = query_key(analyzer_of(STR("")), text, a),
                     .own = query_key(analyzer_of(locale), text, a),
                     .now = now};
}

/* Is it the same question? Words of a language by their stems, of none as they are written. */
static bool is_asked(const LiveAsk *ask, Str locale, Str general, Str own)
{
    if (locale.len > 0 && !same_language(locale, ask->locale))
        return false;
    return (general.len > 0 && str_eq(general, ask->general)) ||
           (own.len > 0 && str_eq(own, ask->own));
}

static bool has_term(Str key, Str term)
{
    Str rest = key, one;
    for (bool more = key.len > 0; more;) {
        more = str_cut(rest, ' ', &one, &rest);
        if (str_eq(one, term))
            return true;
    }
    return false;
}

/* Keys have a blank behind each term but those of scripts that are written without any. */
static bool has_terms(Str key, Str wanted)
{
    Str rest = wanted, one;
    for (bool more = wanted.len > 0; more;) {
        more = str_cut(rest, ' ', &one, &rest);
        bool dense = one.len > 0 && (unsigned char)one.ptr[0] >= 0xe0;
        if (one.len > 0 && !has_term(key, one) &&
            !(dense && memmem(key.ptr, key.len, one.ptr, one.len) != NULL))
            return false;
    }
    return wanted.len > 0;
}

/* --- loading ------------------------------------------------------------------------------------
 */

static Str key_of(Str shop_locale, Str locale, Str text, Arena *a)
{
    return query_key(analyzer_of(locale.len > 0 ? locale : shop_locale), text, a);
}

static Status load_rules(SearchLive *l, Cx *cx, Str shop_locale)
{
    SearchGuideRule      *rows;
    size_t                n;
    void                 *p;
    Err                   err;
    CLEANUP(buf_done) Buf texts = {0};
    TRY(search_guide_list(cx, SEARCH_GUIDE_RULE, 0, false, SEARCH_GUIDE_RULES_MAX, &p, &n));
    rows = p;
    buf_init(&texts, SEARCH_GUIDE_RULES_MAX * 66000);
    l->rules = arena_array(&l->arena, LiveRule, n + 1);
    l->conditions.items = arena_array(&l->arena, Rule, n + 1);
    l->timed = arena_array(&l->arena, int64_t, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        LiveRule *r = &l->rules[l->n_rules];
        char      number[24];
        if (!rows[i].enabled)
            continue;
        shape_copy(&search_guide_rule_shape, &l->arena, &r->rule, &rows[i]);
        r->general = query_key(analyzer_of(STR("")), r->rule.query, &l->arena);
        r->own = key_of(shop_locale, r->rule.locale, r->rule.query, &l->arena);
        int len = snprintf(number, sizeof number, "%lld", (long long)r->rule.id);
        r->number = str_dup(&l->arena, (Str){number, (size_t)len});
        l->n_rules++;
        if (r->rule.starts_at.has)
            l->timed[l->n_timed++] = r->rule.starts_at.v.v;
        if (r->rule.ends_at.has)
            l->timed[l->n_timed++] = r->rule.ends_at.v.v;
        Rule *c = &l->conditions.items[l->conditions.n];
        *c = (Rule){.collection = r->rule.id};
        if (r->rule.condition.len == 0 ||
            condition_compile_text(&l->arena, r->rule.condition, COND_STRICT, &c->condition,
                                   &err) != ST_OK)
            continue;
        l->conditions.n++;
        buf_addf(&texts, STR_FMT " " STR_FMT "\n", STR_ARG(r->number), STR_ARG(r->rule.condition));
    }
    l->condition_texts = str_dup(&l->arena, buf_str(&texts));
    return ST_OK;
}

static Status load_redirects(SearchLive *l, Cx *cx, Str shop_locale)
{
    void  *p;
    size_t n;
    TRY(search_guide_list(cx, SEARCH_GUIDE_REDIRECT, 0, false, SEARCH_GUIDE_MAX, &p, &n));
    const SearchQueryRedirect *rows = p;
    Arena                     *a = &l->arena;
    l->redirects = arena_array(a, LiveRedirect, n + 1);
    for (size_t i = 0; i < n; i++)
        l->redirects[l->n_redirects++] =
            (LiveRedirect){.locale = str_dup(a, rows[i].locale),
                           .general = query_key(analyzer_of(STR("")), rows[i].query, a),
                           .own = key_of(shop_locale, rows[i].locale, rows[i].query, a),
                           .target = str_dup(a, rows[i].target)};
    return ST_OK;
}

static int by_folded(const void *x, const void *y)
{
    const LivePast *a = x, *b = y;
    int             order = str_cmp(a->folded, b->folded);
    return order != 0 ? order : str_cmp(a->locale, b->locale);
}

static Status load_past(SearchLive *l, Cx *cx)
{
    CatalogSearchCountRowList rows;
    CatalogSearchClickRowList clicked;
    int64_t                   today = cx->now.v / DAY_MS;
    TRY(catalog_sql_search_most(cx, today - PAST_DAYS + 1, LIVE_PAST_MAX, &rows));
    l->past = arena_array(&l->arena, LivePast, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++) {
        const CatalogSearchCountRow *r = &rows.items[i];
        if (r->searches < LIVE_PAST_SEARCHES || r->empty * 2 > r->searches)
            continue;
        LivePast *p = &l->past[l->n_past++];
        *p = (LivePast){.locale = str_dup(&l->arena, r->locale),
                        .shown = str_dup(&l->arena, r->shown),
                        .searches = r->searches};
        p->folded = text_fold(&l->arena, p->shown);
    }
    array_sort(l->past, l->n_past, sizeof *l->past, by_folded);
    TRY(catalog_sql_search_clicked(cx, today - CLICK_DAYS + 1, LIVE_CLICKED_MAX, &clicked));
    l->clicked = arena_array(&l->arena, int64_t, clicked.n + 1);
    l->clicks = arena_array(&l->arena, double, clicked.n + 1);
    for (size_t i = 0; i < clicked.n; i++) {
        l->clicked[l->n_clicked] = clicked.items[i].product_id;
        l->clicks[l->n_clicked++] = (double)clicked.items[i].clicks;
    }
    return ST_OK;
}

static Status load_all(SearchLive *l, Cx *cx, const Published *view)
{
    Str locale = published_shop(view)->locale;
    TRY(setting_get(cx, &catalog_search_setting, &l->tuning, NULL));
    TRY(load_rules(l, cx, locale));
    TRY(load_redirects(l, cx, locale));
    return load_past(l, cx);
}

Status search_live_load(Cx *cx, const Published *view, SearchLive **ret)
{
    SearchLive *l = calloc(1, sizeof *l);
    if (l == NULL)
        base_out_of_memory(sizeof *l);
    atomic_store(&l->refs, 1);
    arena_init(&l->arena, 1 << 14);
    Status st = load_all(l, cx, view);
    if (st != ST_OK)
        search_live_release(l);
    *ret = l;
    return st;
}

void search_live_release(SearchLive *l)
{
    if (l == NULL || atomic_fetch_sub(&l->refs, 1) != 1)
        return;
    arena_done(&l->arena);
    free(l);
}

/* --- synonyms ------------------------------------------------------------------------------------
 */

enum { LOCALES_MAX = 24 };

static void add_locale(Str *locales, size_t *n, Str locale)
{
    for (size_t i = 0; i < *n; i++)
        if (same_language(locales[i], locale))
            return;
    if (*n < LOCALES_MAX)
        locales[(*n)++] = locale;
}

/* Those without a language hold in the shop's, in those that others are written for, and in those
 * that the program's own texts have. */
Status search_live_synonyms(Cx *cx, const Published *view, SearchIndex *ix)
{
    static const char *const OWN[] = {"en", "uk", "ru", "tr", "nl", "zh"};
    void                    *p;
    size_t                   n, n_locales = 0;
    Str                      locales[LOCALES_MAX];
    TRY(search_guide_list(cx, SEARCH_GUIDE_SYNONYM, 0, false, SEARCH_GUIDE_MAX, &p, &n));
    const SearchSynonym *rows = p;
    SynonymRule         *rules = arena_array(cx->arena, SynonymRule, n + 1);
    add_locale(locales, &n_locales, published_shop(view)->locale);
    for (size_t i = 0; i < COUNT_OF(OWN); i++)
        add_locale(locales, &n_locales, str_from_cstr(OWN[i]));
    for (size_t i = 0; i < n; i++)
        if (rows[i].locale.len > 0)
            add_locale(locales, &n_locales, rows[i].locale);
    for (size_t k = 0; k < n_locales; k++) {
        size_t some = 0;
        for (size_t i = 0; i < n; i++)
            if (rows[i].locale.len == 0 || same_language(rows[i].locale, locales[k]))
                rules[some++] = (SynonymRule){rows[i].from, rows[i].words.items, rows[i].words.n};
        Synonyms *s = some > 0 ? synonyms_new(analyzer_of(locales[k]), rules, some) : NULL;
        search_synonyms(ix, locales[k], s);
    }
    return ST_OK;
}

/* --- asking --------------------------------------------------------------------------------------
 */

Str live_redirect(const SearchLive *l, const LiveAsk *ask)
{
    for (size_t i = 0; i < l->n_redirects; i++) {
        const LiveRedirect *r = &l->redirects[i];
        if (is_asked(ask, r->locale, r->general, r->own))
            return r->target;
    }
    return (Str){0};
}

static bool applies(const LiveRule *r, const LiveAsk *ask)
{
    const SearchGuideRule *g = &r->rule;
    if ((g->starts_at.has && ask->now.v < g->starts_at.v.v) ||
        (g->ends_at.has && ask->now.v >= g->ends_at.v.v))
        return false;
    if (g->locale.len > 0 && !same_language(g->locale, ask->locale))
        return false;
    if (g->applies == SEARCH_RULE_ALWAYS)
        return true;
    if (g->applies == SEARCH_RULE_IS)
        return is_asked(ask, g->locale, r->general, r->own);
    return has_terms(ask->general, r->general) || has_terms(ask->own, r->own);
}

static void pin(LiveChosen *c, int64_t product)
{
    for (size_t i = 0; i < c->n_pins; i++)
        if (c->pins[i].id == product)
            return;
    if (c->n_pins < SEARCH_PINS_MAX) {
        c->pins[c->n_pins] = (SearchPin){product, (uint32_t)c->n_pins};
        c->n_pins++;
    }
}

UnixMs live_good_until(const SearchLive *l, UnixMs now)
{
    int64_t next = 0;
    for (size_t i = 0; i < l->n_timed; i++)
        if (l->timed[i] > now.v && (next == 0 || l->timed[i] < next))
            next = l->timed[i];
    return (UnixMs){next};
}

void live_choose(const SearchLive *l, const LiveAsk *ask, SearchField rule_is, LiveChosen *ret)
{
    ret->n_rules = ret->n_pins = 0;
    for (size_t i = 0; i < l->n_rules; i++) {
        const LiveRule        *r = &l->rules[i];
        const SearchGuideRule *g = &r->rule;
        if (!applies(r, ask))
            continue;
        for (size_t k = 0; k < g->pins.n; k++)
            pin(ret, g->pins.items[k]);
        if (g->condition.len == 0 || ret->n_rules == SEARCH_RULES_MAX)
            continue;
        ret->numbers[ret->n_rules] = g->id;
        ret->rules[ret->n_rules++] = (SearchRule){
            .filter = {.field = rule_is, .match = SEARCH_ANY_OF, .values = &r->number, .n = 1},
            .share = (double)g->boost / 100,
            .bury = g->bury};
    }
}

static int most_searched(const void *x, const void *y)
{
    const LivePast *const *a = x, *const *b = y;
    if ((*a)->searches != (*b)->searches)
        return (*a)->searches > (*b)->searches ? -1 : 1;
    return str_cmp((*a)->folded, (*b)->folded);
}

size_t live_past(const SearchLive *l, Str locale, Str text, Arena *a, const LivePast **ret,
                 size_t max)
{
    Str              folded = text_fold(a, text);
    size_t           low = 0, high = l->n_past, n = 0;
    const LivePast **found = arena_array(a, const LivePast *, l->n_past + 1);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (str_cmp(l->past[middle].folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < l->n_past && str_starts(l->past[low].folded, folded); low++)
        if (same_language(l->past[low].locale, locale) && l->past[low].folded.len > folded.len)
            found[n++] = &l->past[low];
    array_sort(found, n, sizeof(const LivePast *), most_searched);
    for (size_t i = 0; i < n && i < max; i++)
        ret[i] = found[i];
    return n < max ? n : max;
}
