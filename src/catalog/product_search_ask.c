/* Asking the index of products. */
#include "catalog/product_search_int.h"

#include "catalog/catalog.h"
#include "text/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const product_search_sort_names[] = {
    "relevance",          "title-ascending",  "title-descending",
    "price-ascending",    "price-descending", "created-ascending",
    "created-descending", "manual",           NULL,
};

static bool is_price(Str param)
{
    return str_eq(param, STR("filter.v.price.gte")) || str_eq(param, STR("filter.v.price.lte"));
}

static const Str ATTRIBUTE = STR_INIT("filter.p.m.");

bool product_search_range_of(Str param, Str *ret_of)
{
    bool range = str_starts(param, ATTRIBUTE) &&
                 (str_ends(param, STR(".gte")) || str_ends(param, STR(".lte")));
    *ret_of = range ? str_head(param, param.len - STR(".gte").len) : param;
    return range;
}

bool product_search_number(Str text, double *ret)
{
    char z[32], *end;
    text = str_trim(text);
    if (text.len == 0 || text.len >= sizeof z)
        return false;
    for (size_t i = 0; i < text.len; i++) /* "12,5" as most of Europe types it */
        z[i] = text.ptr[i] == ',' ? '.' : text.ptr[i];
    z[text.len] = '\0';
    if (strspn(z, "+-.0123456789eE") != text.len)
        return false;
    *ret = strtod(z, &end);
    return *end == '\0' && isfinite(*ret);
}

/* The field that a choice is about; false: the index has no such thing, so nothing fits. */
static bool field_of_param(const Question *q, Str param, SearchField *ret)
{
    static const Str     OPTION = STR_INIT("filter.v.option.");
    const ProductFields *f = &q->s->fields;
    Arena               *a = q->cx->arena;
    if (str_starts(param, OPTION))
        return search_field_find(
            q->s->ix, product_field_name(a, "option.", str_skip(param, OPTION.len)), ret);
    if (str_starts(param, ATTRIBUTE)) {
        Str key = str_skip(param, ATTRIBUTE.len);
        return search_field_find(q->s->ix, product_field_name(a, "n.", key), ret) ||
               search_field_find(q->s->ix, product_field_name(a, "m.", key), ret);
    }
    *ret = str_eq(param, STR("filter.p.vendor"))         ? f->vendor_is
           : str_eq(param, STR("filter.p.product_type")) ? f->type_is
           : str_eq(param, STR("filter.p.tag"))          ? f->tag_is
                                                         : f->available;
    return true;
}

bool product_search_can_choose(Str p)
{
    return str_eq(p, STR("filter.p.vendor")) || str_eq(p, STR("filter.p.product_type")) ||
           str_eq(p, STR("filter.p.tag")) || str_eq(p, STR("filter.v.availability")) ||
           is_price(p) || str_starts(p, STR("filter.v.option.")) ||
           str_starts(p, STR("filter.p.m."));
}

static Status bad_choice(Cx *cx, Str param)
{
    return cx_fail(cx, ST_INVALID, "catalog.bad_choice", "\"" STR_FMT "\" cannot be chosen so",
                   STR_ARG(str_head(param, 80)));
}

static Status choose_price(Question *q, const ProductSearchChoice *c)
{
    Money         m;
    SearchFilter *f = NULL;
    Err           err;
    if (money_parse(c->value, q->currency, &m, &err) != ST_OK || m.minor < 0)
        return bad_choice(q->cx, c->param);
    for (size_t i = 0; i < q->n_filters; i++)
        if (q->filters[i].match == SEARCH_RANGE && q->filters[i].field == q->price)
            f = &q->filters[i];
    if (f == NULL) {
        f = &q->filters[q->n_filters++];
        *f = (SearchFilter){
            .field = q->price, .match = SEARCH_RANGE, .min = -HUGE_VAL, .max = HUGE_VAL};
    }
    if (!q->priced) { /* nothing has a price: no range fits */
        static const Str NO_TITLE = STR_INIT("\x7f");
        *f = (SearchFilter){.field = q->s->fields.title_key, .values = &NO_TITLE, .n = 1};
        return ST_OK;
    }
    if (str_eq(c->param, STR("filter.v.price.gte")))
        f->min = (double)m.minor;
    else
        f->max = (double)m.minor;
    return ST_OK;
}

static bool is_number(const Question *q, SearchField field)
{
    return search_field_def(q->s->ix, field)->kind == SEARCH_NUMBER;
}

/* A value that no title is: nothing fits. */
static SearchFilter none_of(const Question *q)
{
    static const Str NO_TITLE = STR_INIT("\x7f");
    return (SearchFilter){.field = q->s->fields.title_key, .values = &NO_TITLE, .n = 1};
}

/* From one number of an attribute, or up to one. */
static Status choose_range(Question *q, const ProductSearchChoice *c, Str param)
{
    SearchFilter *f = NULL;
    SearchField   field;
    double        number;
    if (!product_search_number(c->value, &number))
        return bad_choice(q->cx, c->param);
    if (!field_of_param(q, param, &field) || !is_number(q, field)) {
        q->filters[q->n_filters++] = none_of(q);
        return ST_OK;
    }
    for (size_t i = 0; i < q->n_filters; i++)
        if (q->filters[i].match == SEARCH_RANGE && q->filters[i].field == field)
            f = &q->filters[i];
    if (f == NULL) {
        f = &q->filters[q->n_filters++];
        *f = (SearchFilter){
            .field = field, .match = SEARCH_RANGE, .min = -HUGE_VAL, .max = HUGE_VAL};
    }
    if (str_ends(c->param, STR(".gte")))
        f->min = number;
    else
        f->max = number;
    return ST_OK;
}

/* Another value beside those that the filter has. */
static void add_value(Question *q, SearchFilter *f, Str value)
{
    Arena *a = q->cx->arena;
    if (f->field == q->s->fields.available || is_number(q, f->field)) {
        double *numbers = arena_array(a, double, f->n + 1);
        for (size_t i = 0; i < f->n; i++)
            numbers[i] = f->numbers[i];
        if (f->field == q->s->fields.available)
            numbers[f->n] = str_eq(value, STR("1")) ? 1 : 0;
        else if (!product_search_number(value, &numbers[f->n]))
            numbers[f->n] = HUGE_VAL; /* no product has it */
        f->numbers = numbers;
    } else {
        Str *values = arena_array(a, Str, f->n + 1);
        for (size_t i = 0; i < f->n; i++)
            values[i] = f->values[i];
        values[f->n] = value;
        f->values = values;
    }
    f->n++;
}

static Status choose(Question *q, const ProductSearchChoice *c)
{
    SearchField   field;
    SearchFilter *f = NULL;
    if (!product_search_can_choose(c->param))
        return bad_choice(q->cx, c->param);
    if (q->n_filters + 2 >= SEARCH_FILTERS_MAX)
        return cx_fail(q->cx, ST_INVALID, "catalog.bad_choice", "too many choices");
    if (is_price(c->param))
        return choose_price(q, c);
    Str of;
    if (product_search_range_of(c->param, &of))
        return choose_range(q, c, of);
    if (!field_of_param(q, c->param, &field))
        field = q->s->fields.title_key; /* no product has it: a value that no title is */
    for (size_t i = 0; i < q->n_filters; i++)
        if (str_eq(q->params[i], c->param))
            f = &q->filters[i];
    if (f == NULL) {
        q->params[q->n_filters] = c->param;
        f = &q->filters[q->n_filters++];
        *f = (SearchFilter){.field = field, .match = SEARCH_ANY_OF};
    }
    add_value(q, f, field == q->s->fields.title_key ? STR("\x7f") : c->value);
    return ST_OK;
}

/* A small collection is asked by itself; of a large one each product knows that it is in it. */
static void within_collection(Question *q)
{
    const PublishedCollection *c = published_collection(q->view, q->ask->collection);
    if (c != NULL)
        q->among = (SearchAmong){c->products.items, c->by_id, c->products.n};
    q->within = c == NULL || q->ask->sort == PRODUCT_SEARCH_MANUAL ||
                (int64_t)c->products.n < search_count(q->s->ix) / 4;
    if (q->within)
        return;
    char *text = arena_alloc(q->cx->arena, 24, 1);
    int   n = snprintf(text, 24, "%lld", (long long)q->ask->collection);
    Str  *value = arena_new(q->cx->arena, Str);
    *value = (Str){text, (size_t)n};
    q->filters[q->n_filters++] =
        (SearchFilter){.field = q->s->fields.collection_is, .values = value, .n = 1, .fixed = true};
}

static void with_tag(Question *q)
{
    Str *value = arena_new(q->cx->arena, Str);
    *value = q->ask->tag;
    q->filters[q->n_filters++] =
        (SearchFilter){.field = q->s->fields.tag_handle, .values = value, .n = 1, .fixed = true};
}

static size_t sorts_of(const Question *q, SearchSort ret[2])
{
    const ProductFields *f = &q->s->fields;
    switch ((ProductSearchSort)q->ask->sort) {
    case PRODUCT_SEARCH_TITLE:
    case PRODUCT_SEARCH_TITLE_DESC:
        ret[0] = (SearchSort){SEARCH_BY_FIELD,
                              atomic_load(&q->s->level_shown) >= LEVEL_NO_WORDS
                                  ? f->title_key
                                  : product_title_key(q->s->ix, f, q->locale, q->cx->arena),
                              q->ask->sort == PRODUCT_SEARCH_TITLE_DESC};
        return 1;
    case PRODUCT_SEARCH_MANUAL:
        ret[0] = (SearchSort){.by = q->within ? SEARCH_BY_PLACE : SEARCH_BY_ID};
        return 1;
    case PRODUCT_SEARCH_PRICE:
    case PRODUCT_SEARCH_PRICE_DESC:
        ret[0] = (SearchSort){SEARCH_BY_FIELD, q->price, q->ask->sort == PRODUCT_SEARCH_PRICE_DESC};
        return q->priced ? 1 : 0;
    case PRODUCT_SEARCH_CREATED:
    case PRODUCT_SEARCH_CREATED_DESC:
        ret[0] =
            (SearchSort){SEARCH_BY_FIELD, f->created, q->ask->sort == PRODUCT_SEARCH_CREATED_DESC};
        return 1;
    case PRODUCT_SEARCH_RELEVANCE:
    case PRODUCT_SEARCH_SORTS:
    default: break;
    }
    ret[0] = (SearchSort){SEARCH_BY_FIELD, f->created, true};
    return q->ask->text.len > 0 ? 0 : 1;
}

static Status question(Cx *cx, Store *s, const ProductSearchAsk *ask, Question *q)
{
    *q = (Question){.cx = cx, .s = s, .ask = ask};
    TRY(published_view(cx, &q->view));
    const CatalogShop *shop = published_shop(q->view);
    q->locale = ask->locale.len > 0 ? ask->locale : shop->locale;
    q->currency = ask->currency.len > 0 ? ask->currency : shop->currency;
    q->priced =
        search_field_find(s->ix, product_field_name(cx->arena, "price.", q->currency), &q->price);
    for (size_t i = 0; i < ask->n_choices && i < PRODUCT_SEARCH_CHOICES_MAX; i++)
        TRY(choose(q, &ask->choices[i]));
    if (ask->collection != 0)
        within_collection(q);
    if (ask->tag.len > 0)
        with_tag(q);
    return ST_OK;
}

/* --- the merchant's ----------------------------------------------------------------------------
 */

static void live_let(SearchLive **l)
{
    search_live_release(*l);
}

enum { RANKS_MAX = 4 };

/* How products rank besides their words: RANKS_MAX at most. */
static size_t ranks_of(const Store *s, const SearchTuning *t, SearchRank *ret)
{
    const double CLICKS = 100, MONTH = 86400000.0;
    const struct {
        int64_t    percent;
        SearchRank rank;
    } ALL[] = {
        {t->availability, {.field = s->fields.stock, .full = 1}},
        {t->popularity, {.field = s->fields.popularity, .curve = SEARCH_LOG, .full = CLICKS}},
        {t->margin, {.field = s->fields.margin, .full = 1}},
        {t->recency,
         {.field = s->fields.created,
          .curve = SEARCH_RECENCY,
          .full = (double)t->recency_days * MONTH}},
    };
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(ALL); i++)
        if (ALL[i].percent > 0) {
            ret[n] = ALL[i].rank;
            ret[n++].share = (double)ALL[i].percent / 100;
        }
    return n;
}

/* Nothing was found, or nothing with all the words. */
static bool is_missed(const SearchResult *r)
{
    for (size_t i = 0; i < r->n_hits; i++)
        if (r->hits[i].missing == 0)
            return false;
    return r->total == 0 || r->relaxed;
}

static void tally(const Store *s, const ProductSearchAsk *ask, Str locale, UnixMs now, bool missed)
{
    if (ask->counted && ask->text.len > 0 && ask->cursor.len == 0 && ask->offset == 0 &&
        !ask->typing && ask->n_choices == 0)
        search_tally_query(s->tally, locale, ask->text, missed, now);
}

static int64_t revision(Store *s)
{
    pthread_mutex_lock(&s->lock);
    int64_t rev = s->rev;
    pthread_mutex_unlock(&s->lock);
    return rev;
}

/* The answer to a question that was read; *live is what the merchant says. */
static Status answer(const Question *q, const SearchLive *live, SearchQuery *query,
                     ProductSearchAnswer *ret)
{
    const Store            *s = q->s;
    const ProductSearchAsk *ask = q->ask;
    Cx                     *cx = q->cx;
    SearchRank             *ranks = arena_array(cx->arena, SearchRank, RANKS_MAX);
    LiveChosen             *chosen = arena_new(cx->arena, LiveChosen);
    LiveAsk                 asked = {0};
    bool                    ranked = ask->sort == PRODUCT_SEARCH_RELEVANCE;
    if (ranked || ask->text.len > 0)
        asked = live_ask(q->locale, query->text, cx->now, cx->arena);
    if (ranked && !ask->typing)
        live_choose(live, &asked, s->fields.rule_is, chosen);
    query->ranks = ranks;
    query->n_ranks = ranked || ask->explain ? ranks_of(s, &live->tuning, ranks) : 0;
    query->rules = chosen->rules;
    query->n_rules = chosen->n_rules;
    query->pins = chosen->pins;
    query->n_pins = chosen->n_pins;
    if (ask->text.len > 0)
        ret->redirect = str_dup(cx->arena, live_redirect(live, &asked));
    ret->n_rules = chosen->n_rules;
    memcpy(ret->rules, chosen->numbers, sizeof ret->rules);
    TRY(search_run(s->ix, query, cx->arena, &ret->result, &cx->err));
    ret->missed = is_missed(&ret->result);
    if (ask->fill && ret->result.relaxed && !ret->missed)
        ret->result.next = (Str){0}; /* what follows would be another list */
    ret->good_until = live_good_until(live, cx->now);
    tally(s, ask, q->locale, cx->now, ret->missed);
    return ST_OK;
}

/* Facets of a second pass: only when the hits had to say first which there are. */
static Status count_by_hits(const Question *q, SearchQuery query, FacetPlan *plan,
                            ProductSearchAnswer *ret)
{
    SearchResult counted;
    TRY(facet_plan(q, &ret->result, plan));
    query.facets = plan->asks;
    query.n_facets = plan->n;
    query.limit = query.offset = 0;
    query.cursor = (Str){0};
    query.explain = false;
    TRY(search_run(q->s->ix, &query, q->cx->arena, &counted, &q->cx->err));
    ret->result.facets = counted.facets;
    ret->result.n_facets = counted.n_facets;
    return ST_OK;
}

static Status run_question(const Question *q, const SearchLive *live, SearchQuery *query,
                           ProductSearchAnswer *ret)
{
    FacetPlan *plan = arena_new(q->cx->arena, FacetPlan); /* the query keeps pointing there */
    if (q->ask->facets)
        TRY(facet_plan(q, NULL, plan));
    if (!plan->too_many) {
        query->facets = plan->asks;
        query->n_facets = plan->n;
    }
    TRY(answer(q, live, query, ret));
    if (plan->too_many)
        TRY(count_by_hits(q, *query, plan, ret));
    facet_tell(q, plan, ret);
    return ST_OK;
}

static uint32_t at_most(uint32_t n, uint32_t max)
{
    return n < max ? n : max;
}

Status product_search(Cx *cx, const ProductSearchAsk *ask, ProductSearchAnswer *ret)
{
    CLEANUP(store_let) Store     *s = NULL;
    CLEANUP(live_let) SearchLive *live = NULL;
    Question                      q;
    SearchSort                    sorts[2];
    TRY(store_of(cx, &s));
    *ret = (ProductSearchAnswer){.rev = revision(s), .said = atomic_load(&s->said)};
    if (ret->rev == 0)
        return cx_fail(cx, ST_BUSY, "catalog.not_searchable", "the index is being built");
    TRY(question(cx, s, ask, &q));
    live = store_live(s);
    SearchQuery query = {.text = str_head(ask->text, PRODUCT_SEARCH_TEXT_MAX),
                         .locale = q.locale,
                         .filters = q.filters,
                         .n_filters = q.n_filters,
                         .sorts = sorts,
                         .n_sorts = sorts_of(&q, sorts),
                         .among = q.within ? &q.among : NULL,
                         .cursor = ask->cursor,
                         .offset = at_most(ask->offset, SEARCH_OFFSET_MAX),
                         .limit = at_most(ask->limit, PRODUCT_SEARCH_LIMIT_MAX),
                         .now_ms = cx->now.v,
                         .relax = ask->fill && ask->cursor.len == 0 && ask->offset == 0
                                      ? SEARCH_RELAX_FILL
                                      : SEARCH_RELAX_WHEN_NONE,
                         .prefix = ask->typing ? SEARCH_PREFIX_ALWAYS : SEARCH_PREFIX_UNKNOWN,
                         .explain = ask->explain,
                         .no_total = ask->typing && !ask->facets};
    ret->currency = q.currency;
    return run_question(&q, live, &query, ret);
}

int64_t product_search_said(Cx *cx)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    return s != NULL ? atomic_load(&s->said) : 0;
}

void product_search_count(Cx *cx, Str text, Str locale, bool missed)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    const Published          *view;
    if (s != NULL && published_view(cx, &view) == ST_OK)
        search_tally_query(s->tally, locale.len > 0 ? locale : published_shop(view)->locale,
                           str_head(text, PRODUCT_SEARCH_TEXT_MAX), missed, cx->now);
}

Str product_search_rule(Cx *cx, const ProductSearchAnswer *a, size_t word)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    Str                       title = {0};
    if (s == NULL || word >= a->n_rules)
        return STR("");
    SearchLive *live = store_live(s);
    for (size_t i = 0; i < live->n_rules; i++)
        if (live->rules[i].rule.id == a->rules[word])
            title = str_dup(cx->arena, live->rules[i].rule.title);
    search_live_release(live);
    return title;
}

void product_search_clicked(Cx *cx, Str text, Str locale, int64_t product)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    const Published          *view;
    if (s == NULL || published_view(cx, &view) != ST_OK)
        return;
    const PublishedHead *head = published_head(view, product);
    if (head != NULL && published_product_shown(head, cx->now))
        search_tally_click(s->tally, locale.len > 0 ? locale : published_shop(view)->locale, text,
                           product, cx->now);
}

/* --- while one types ------------------------------------------------------------------------- */

static bool is_told(const SearchCompletion *list, size_t n, Str text, Arena *a)
{
    Str folded = text_fold(a, text);
    for (size_t i = 0; i < n; i++)
        if (str_eq(text_fold(a, list[i].text), folded))
            return true;
    return false;
}

/* What others searched for comes first, then what the words of the shop make of it. */
Status product_search_complete(Cx *cx, Str text, Str locale, uint32_t limit, SearchCompletion **ret,
                               size_t *ret_n)
{
    CLEANUP(store_let) Store     *s = NULL;
    CLEANUP(live_let) SearchLive *live = NULL;
    const Published              *view;
    const LivePast               *past[SEARCH_COMPLETIONS_MAX];
    SearchCompletion             *more = NULL;
    size_t                        n_more = 0;
    TRY(store_of(cx, &s));
    TRY(published_view(cx, &view));
    limit = limit < SEARCH_COMPLETIONS_MAX ? limit : SEARCH_COMPLETIONS_MAX;
    const SearchSuggest q = {.text = str_head(text, PRODUCT_SEARCH_TEXT_MAX),
                             .locale = locale.len > 0 ? locale : published_shop(view)->locale,
                             .limit = limit};
    live = store_live(s);
    size_t n_past = q.text.len == 0 ? 0
                                    : live_past(live, q.locale, q.text, cx->arena, past,
                                                limit < 3 ? limit : limit / 2);
    TRY(search_suggest(s->ix, &q, cx->arena, &more, &n_more, &cx->err));
    *ret = arena_array(cx->arena, SearchCompletion, limit + 1);
    *ret_n = 0;
    for (size_t i = 0; i < n_past; i++)
        (*ret)[(*ret_n)++] = (SearchCompletion){.text = str_dup(cx->arena, past[i]->shown),
                                                .hits = past[i]->searches};
    for (size_t i = 0; i < n_more && *ret_n < limit; i++)
        if (n_past == 0 || !is_told(*ret, n_past, more[i].text, cx->arena))
            (*ret)[(*ret_n)++] = more[i];
    return ST_OK;
}

Status product_search_collections(Cx *cx, Str text, Str locale, bool typing, uint32_t limit,
                                  CatalogIds *ret)
{
    CLEANUP(store_let) Store *s = NULL;
    const Published          *view;
    SearchResult              r = {0};
    TRY(store_of(cx, &s));
    TRY(published_view(cx, &view));
    const SearchQuery q = {.text = str_head(text, PRODUCT_SEARCH_TEXT_MAX),
                           .locale = locale.len > 0 ? locale : published_shop(view)->locale,
                           .relax = SEARCH_RELAX_NEVER,
                           .prefix = typing ? SEARCH_PREFIX_ALWAYS : SEARCH_PREFIX_UNKNOWN,
                           .limit = limit < 20 ? limit : 20};
    *ret = (CatalogIds){arena_array(cx->arena, int64_t, 21), 0};
    if (q.text.len == 0)
        return ST_OK;
    TRY(search_run(s->collections, &q, cx->arena, &r, &cx->err));
    for (size_t i = 0; i < r.n_hits; i++) {
        const PublishedCollection *c = published_collection(view, r.hits[i].id);
        if (c != NULL &&
            catalog_published(c->collection.publications, STR(PUBLISHED_CHANNEL), cx->now))
            ret->items[ret->n++] = r.hits[i].id;
    }
    return ST_OK;
}

Str product_search_field(Cx *cx, SearchField field)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    return s != NULL ? str_dup(cx->arena, search_field_def(s->ix, field)->name) : STR("");
}
