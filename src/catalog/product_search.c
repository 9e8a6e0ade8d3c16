/* The index of products: built from the read model, following it, asked by channels. */
#include "catalog/product_search_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "text/text.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STORES = 8, BATCH = 500, CHANGES_MAX = 2000, SETTLE_MS = 60000 };

typedef struct Store {
    Db             *db;
    SearchIndex    *ix;
    ProductFields   fields;
    pthread_t       thread;
    pthread_mutex_t lock;
    pthread_cond_t  wake;
    bool            stopping, changed;
    int64_t         rev;   /* of the read model that the index has; 0: none yet */
    atomic_int      users; /* that hold it by store_hold() */
    atomic_llong    renewals;
} Store;

static struct {
    pthread_mutex_t lock;
    Store          *items[STORES];
} stores = {.lock = PTHREAD_MUTEX_INITIALIZER};

static Store *store_hold(Db *db)
{
    Store *found = NULL;
    pthread_mutex_lock(&stores.lock);
    for (size_t i = 0; i < STORES; i++)
        if (stores.items[i] != NULL && stores.items[i]->db == db)
            found = stores.items[i];
    if (found != NULL)
        atomic_fetch_add(&found->users, 1);
    pthread_mutex_unlock(&stores.lock);
    return found;
}

static void store_let(Store **s)
{
    if (*s != NULL)
        atomic_fetch_sub(&(*s)->users, 1);
}

static Status store_of(Cx *cx, Store **ret)
{
    *ret = store_hold(cx->db);
    return *ret != NULL ? ST_OK
                        : cx_fail(cx, ST_BUSY, "catalog.not_searchable", "there is no index");
}

/* --- following the read model ----------------------------------------------------------------- */

typedef struct Work { /* a batch: documents, and ids to take out */
    Arena arena;
    Cx    cx;
} Work;

static Status work_begin(Work *w, Db *db, Err *err)
{
    arena_init(&w->arena, 1 << 16);
    Status st = cx_begin(&w->cx, &w->arena, db, clock_now());
    if (st != ST_OK) {
        *err = w->cx.err;
        arena_done(&w->arena);
    }
    return st;
}

static void work_end(Work *w)
{
    cx_end(&w->cx);
    arena_done(&w->arena);
}

/* Documents of those of `ids` that are shown; the others' ids. */
static Status batch_docs(const Store *s, Cx *cx, const int64_t *ids, size_t n, SearchDoc *docs,
                         size_t *ret_docs, int64_t *gone, size_t *ret_gone)
{
    const Published         *view;
    const PublishedProduct **p = arena_array(cx->arena, const PublishedProduct *, n + 1);
    DocMaker                 maker;
    TRY(published_view(cx, &view));
    TRY(published_products(cx, view, ids, n, p));
    TRY(doc_maker(s->ix, &s->fields, cx, view, &maker));
    *ret_docs = *ret_gone = 0;
    for (size_t i = 0; i < n; i++) {
        const PublishedHead *head = published_head(view, ids[i]);
        if (p[i] != NULL && head != NULL && published_product_shown(head, cx->now))
            TRY(doc_of(&maker, p[i], &docs[(*ret_docs)++]));
        else
            gone[(*ret_gone)++] = ids[i];
    }
    return ST_OK;
}

static Status batch(const Store *s, SearchLoad *load, const int64_t *ids, size_t n, Err *err)
{
    Work   w;
    size_t nd = 0, ng = 0;
    TRY(work_begin(&w, s->db, err));
    SearchDoc *docs = arena_array(&w.arena, SearchDoc, n + 1);
    int64_t   *gone = arena_array(&w.arena, int64_t, n + 1);
    Status     st = batch_docs(s, &w.cx, ids, n, docs, &nd, gone, &ng);
    *err = w.cx.err;
    if (st == ST_OK)
        st = load != NULL ? search_load_add(load, docs, nd, err)
                          : search_apply(s->ix, docs, nd, gone, ng, err);
    work_end(&w);
    return st;
}

static bool stopping(Store *s)
{
    pthread_mutex_lock(&s->lock);
    bool yes = s->stopping;
    pthread_mutex_unlock(&s->lock);
    return yes;
}

static Status build(Store *s, const Published *view, Err *err)
{
    SearchLoad *load;
    CatalogIds  ids = published_ids(view, PUBLISHED_PRODUCT);
    Status      st = ST_OK;
    TRY(search_load_begin(s->ix, &load, err));
    for (size_t i = 0; st == ST_OK && i < ids.n && !stopping(s); i += BATCH)
        st = batch(s, load, ids.items + i, ids.n - i < BATCH ? ids.n - i : BATCH, err);
    if (st == ST_OK)
        search_load_commit(load);
    else
        search_load_cancel(load);
    return st;
}

typedef struct Marked {
    int64_t *ids;
    size_t   n, cap;
    Arena   *arena;
} Marked;

static void mark(Marked *m, int64_t id)
{
    if (m->n == m->cap) {
        size_t   cap = m->cap == 0 ? 256 : m->cap * 2;
        int64_t *more = arena_array(m->arena, int64_t, cap);
        if (m->n > 0)
            memcpy(more, m->ids, m->n * sizeof *more);
        m->ids = more;
        m->cap = cap;
    }
    m->ids[m->n++] = id;
}

/* Products that the collection has now, and those that the index says it had. */
static Status mark_collection(const Store *s, const Published *view, int64_t id, Marked *m,
                              Err *err)
{
    const PublishedCollection *c = published_collection(view, id);
    char                       text[24];
    int                        len = snprintf(text, sizeof text, "%lld", (long long)id);
    const Str                  value = {text, (size_t)len};
    const SearchFilter         had = {.field = s->fields.collection_is, .values = &value, .n = 1};
    const SearchSort           by_id = {.by = SEARCH_BY_ID};
    SearchQuery q = {.filters = &had, .n_filters = 1, .sorts = &by_id, .n_sorts = 1, .limit = 1000};
    SearchResult r = {0};
    for (size_t i = 0; c != NULL && i < c->products.n; i++)
        mark(m, c->products.items[i]);
    do {
        TRY(search_run(s->ix, &q, m->arena, &r, err));
        for (size_t i = 0; i < r.n_hits; i++)
            mark(m, r.hits[i].id);
        q.cursor = r.next;
    } while (r.next.len > 0);
    return ST_OK;
}

/* *ret_all: too much changed, or what every price hangs on. */
static Status marks_of(const Store *s, const Published *view, Marked *m, bool *ret_all, Err *err)
{
    PublishedChange *changes = arena_array(m->arena, PublishedChange, CHANGES_MAX);
    size_t           n = 0;
    *ret_all = s->rev == 0 || !published_changes(view, s->rev, changes, CHANGES_MAX, &n);
    for (size_t i = 0; !*ret_all && i < n; i++) {
        if (changes[i].kind == PUBLISHED_PRODUCT)
            mark(m, changes[i].id);
        else if (changes[i].kind == PUBLISHED_COLLECTION)
            TRY(mark_collection(s, view, changes[i].id, m, err));
        else
            *ret_all = changes[i].kind >= PUBLISHED_THINGS;
    }
    return ST_OK;
}

static Status renew(Store *s, const Published *view, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1 << 16);
    Marked m = {.arena = &a};
    bool   all;
    TRY(marks_of(s, view, &m, &all, err));
    if (all)
        return build(s, view, err);
    for (size_t i = 0; i < m.n; i += BATCH)
        TRY(batch(s, NULL, m.ids + i, m.n - i < BATCH ? m.n - i : BATCH, err));
    return ST_OK;
}

static void renew_logged(Store *s)
{
    const Published *view = published_hold(s->db);
    Err              err = {0};
    if (view == NULL)
        return;
    int64_t rev = published_rev(view);
    Status  st = rev == s->rev ? ST_OK : renew(s, view, &err);
    published_release(view);
    pthread_mutex_lock(&s->lock);
    if (st == ST_OK)
        s->rev = rev;
    else
        s->changed = true; /* again, a little later */
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->renewals, 1);
    if (st != ST_OK)
        log_event(LOG_ERROR, "catalog.search_renewal", log_s("code", str_from_cstr(err.code)),
                  log_s("detail", str_from_cstr(err.msg)));
}

static void *thread_main(void *arg)
{
    Store *s = arg;
    bool   failed = false;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        while (!s->stopping && !s->changed)
            pthread_cond_wait(&s->wake, &s->lock);
        if (failed && !s->stopping) {
            struct timespec later;
            clock_gettime(CLOCK_REALTIME, &later);
            later.tv_sec++;
            (void)pthread_cond_timedwait(&s->wake, &s->lock, &later);
        }
        bool stop = s->stopping;
        s->changed = false;
        pthread_mutex_unlock(&s->lock);
        if (stop)
            return NULL;
        renew_logged(s);
        pthread_mutex_lock(&s->lock);
        failed = s->changed;
        pthread_mutex_unlock(&s->lock);
    }
}

static void heard(const PublishedChange *changes, size_t n, void *arg)
{
    Store *s = arg;
    (void)changes;
    (void)n;
    pthread_mutex_lock(&s->lock);
    s->changed = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

/* --- beginning and end -------------------------------------------------------------------------
 */

static void measure(Buf *b, void *arg)
{
    const Store *s = arg;
    SearchReport r;
    search_report(s->ix, &r);
    metric_family(b, METRIC_GAUGE_K, "catalog_search_bytes", "Memory of the index of products.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_search_bytes", "", (int64_t)r.bytes);
    metric_family(b, METRIC_GAUGE_K, "catalog_search_documents", "Products that can be found.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_search_documents", "", r.documents);
    metric_family(b, METRIC_COUNTER_K, "catalog_search_renewals",
                  "Times it was brought up to date.");
    metric_sample(b, METRIC_COUNTER_K, "catalog_search_renewals", "", atomic_load(&s->renewals));
}

static void store_free(Store *s)
{
    search_index_free(s->ix);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    free(s);
}

static bool entered(Store *s)
{
    bool done = false;
    pthread_mutex_lock(&stores.lock);
    for (size_t i = 0; !done && i < STORES; i++)
        if (stores.items[i] == NULL) {
            stores.items[i] = s;
            done = true;
        }
    pthread_mutex_unlock(&stores.lock);
    return done;
}

static void left(const Store *s)
{
    pthread_mutex_lock(&stores.lock);
    for (size_t i = 0; i < STORES; i++)
        if (stores.items[i] == s)
            stores.items[i] = NULL;
    pthread_mutex_unlock(&stores.lock);
}

static Status store_new(Db *db, Store **ret, Err *err)
{
    const Published *view = published_hold(db);
    if (view == NULL)
        return err_set(err, ST_BUSY, "catalog.not_published", "the catalogue is not in memory");
    Store *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    s->db = db;
    s->changed = true;
    s->ix = search_index_new(&(SearchConfig){.locale = published_shop(view)->locale});
    published_release(view);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    Status st = product_fields(s->ix, &s->fields, err);
    if (st != ST_OK)
        store_free(s);
    *ret = s;
    return st;
}

Status product_search_start(Db *db, Err *err)
{
    Store *s;
    TRY(store_new(db, &s, err));
    if (!published_listen(db, heard, s) || !entered(s)) {
        published_unlisten(db, heard, s);
        store_free(s);
        return err_set(err, ST_BUSY, "catalog.not_searchable", "too many listen");
    }
    if (pthread_create(&s->thread, NULL, thread_main, s) != 0) {
        left(s);
        published_unlisten(db, heard, s);
        store_free(s);
        return err_set(err, ST_IO, "core.no_thread", "cannot start the thread of the search");
    }
    metric_collect(measure, s);
    return ST_OK;
}

void product_search_stop(Db *db)
{
    Store *s = store_hold(db);
    if (s == NULL)
        return;
    metric_uncollect(measure, s);
    left(s);
    published_unlisten(db, heard, s);
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    while (atomic_load(&s->users) > 1)
        usleep(1000);
    store_free(s);
}

Status product_search_settle(Cx *cx)
{
    CLEANUP(store_let) Store *s = NULL;
    const Published          *view;
    bool                      there = false;
    TRY(store_of(cx, &s));
    TRY(published_view(cx, &view));
    for (int waited = 0; !there && waited < SETTLE_MS; waited++) {
        pthread_mutex_lock(&s->lock);
        there = s->rev >= published_rev(view);
        pthread_mutex_unlock(&s->lock);
        if (!there)
            usleep(1000);
    }
    return there ? ST_OK
                 : cx_fail(cx, ST_BUSY, "catalog.not_searchable", "it is still being built");
}

/* --- asking --------------------------------------------------------------------------------------
 */

const char *const product_search_sort_names[] = {
    "relevance",        "title-ascending",   "title-descending",   "price-ascending",
    "price-descending", "created-ascending", "created-descending", NULL,
};

typedef struct Question {
    Cx                     *cx;
    const Store            *s;
    const ProductSearchAsk *ask;
    Str                     currency;
    SearchField             price;
    bool                    priced; /* the index has prices in that currency */
    SearchFilter            filters[SEARCH_FILTERS_MAX];
    size_t                  n_filters;
    Str                     params[SEARCH_FILTERS_MAX];
} Question;

static bool is_price(Str param)
{
    return str_eq(param, STR("filter.v.price.gte")) || str_eq(param, STR("filter.v.price.lte"));
}

/* The field that a choice is about; false: the index has no such thing, so nothing fits. */
static bool field_of_param(const Question *q, Str param, SearchField *ret)
{
    static const Str     OPTION = STR_INIT("filter.v.option."), ATTRIBUTE = STR_INIT("filter.p.m.");
    const ProductFields *f = &q->s->fields;
    Arena               *a = q->cx->arena;
    if (str_starts(param, OPTION))
        return search_field_find(
            q->s->ix, product_field_name(a, "option.", str_skip(param, OPTION.len)), ret);
    if (str_starts(param, ATTRIBUTE))
        return search_field_find(q->s->ix,
                                 product_field_name(a, "m.", str_skip(param, ATTRIBUTE.len)), ret);
    *ret = str_eq(param, STR("filter.p.vendor"))         ? f->vendor_is
           : str_eq(param, STR("filter.p.product_type")) ? f->type_is
           : str_eq(param, STR("filter.p.tag"))          ? f->tag_is
                                                         : f->available;
    return true;
}

static bool known_param(Str p)
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
        if (q->filters[i].match == SEARCH_RANGE)
            f = &q->filters[i];
    if (f == NULL) {
        f = &q->filters[q->n_filters++];
        *f = (SearchFilter){
            .field = q->price, .match = SEARCH_RANGE, .min = -HUGE_VAL, .max = HUGE_VAL};
    }
    if (str_eq(c->param, STR("filter.v.price.gte")))
        f->min = (double)m.minor;
    else
        f->max = (double)m.minor;
    return ST_OK;
}

/* Another value beside those that the filter has. */
static void add_value(Question *q, SearchFilter *f, Str value)
{
    Arena *a = q->cx->arena;
    if (f->field == q->s->fields.available) {
        double *numbers = arena_array(a, double, f->n + 1);
        for (size_t i = 0; i < f->n; i++)
            numbers[i] = f->numbers[i];
        numbers[f->n] = str_eq(value, STR("1")) ? 1 : 0;
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
    if (!known_param(c->param))
        return bad_choice(q->cx, c->param);
    if (q->n_filters + 1 >= SEARCH_FILTERS_MAX)
        return cx_fail(q->cx, ST_INVALID, "catalog.bad_choice", "too many choices");
    if (is_price(c->param))
        return choose_price(q, c);
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

static void within_collection(Question *q)
{
    char *text = arena_alloc(q->cx->arena, 24, 1);
    int   n = snprintf(text, 24, "%lld", (long long)q->ask->collection);
    Str  *value = arena_new(q->cx->arena, Str);
    *value = (Str){text, (size_t)n};
    q->filters[q->n_filters++] =
        (SearchFilter){.field = q->s->fields.collection_is, .values = value, .n = 1, .fixed = true};
}

static size_t sorts_of(const Question *q, SearchSort ret[2])
{
    const ProductFields *f = &q->s->fields;
    switch ((ProductSearchSort)q->ask->sort) {
    case PRODUCT_SEARCH_TITLE:
    case PRODUCT_SEARCH_TITLE_DESC:
        ret[0] =
            (SearchSort){SEARCH_BY_FIELD, f->title_key, q->ask->sort == PRODUCT_SEARCH_TITLE_DESC};
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

/* --- facets ------------------------------------------------------------------------------------
 */

/* "option.colour" -> "filter.v.option.colour"; empty: not a facet. */
static Str param_of(const Question *q, const SearchFieldDef *def, SearchField field)
{
    const ProductFields *f = &q->s->fields;
    const char          *before = str_starts(def->name, STR("option.")) ? "filter.v."
                                  : str_starts(def->name, STR("m."))    ? "filter.p."
                                                                        : NULL;
    if (before != NULL) {
        size_t n = strlen(before) + def->name.len;
        char  *z = arena_alloc(q->cx->arena, n, 1);
        memcpy(z, before, strlen(before));
        memcpy(z + strlen(before), def->name.ptr, def->name.len);
        return (Str){z, n};
    }
    return field == f->vendor_is            ? STR("filter.p.vendor")
           : field == f->type_is            ? STR("filter.p.product_type")
           : field == f->tag_is             ? STR("filter.p.tag")
           : field == f->available          ? STR("filter.v.availability")
           : q->priced && field == q->price ? STR("filter.v.price")
                                            : (Str){0};
}

static size_t facets_of(const Question *q, SearchFacetAsk *asks, Str *params)
{
    size_t n = 0, all = search_fields(q->s->ix);
    for (size_t i = 0; i < all && n < PRODUCT_SEARCH_FACETS_MAX; i++) {
        SearchField field = (SearchField)i;
        Str         param = param_of(q, search_field_def(q->s->ix, field), field);
        if (param.len == 0)
            continue;
        params[n] = param;
        asks[n++] = (SearchFacetAsk){
            .field = field,
            .limit = str_eq(param, STR("filter.v.price")) ? 0 : PRODUCT_SEARCH_VALUES_MAX};
    }
    return n;
}

static void take_facets(Cx *cx, const Str *params, ProductSearchAnswer *ret)
{
    const SearchResult *r = &ret->result;
    ret->facets = arena_array(cx->arena, ProductSearchFacet, r->n_facets + 1);
    for (size_t i = 0; i < r->n_facets; i++) {
        const SearchFacet *x = &r->facets[i];
        if (x->n_docs == 0 && x->n_values == 0)
            continue;
        ret->facets[ret->n_facets++] =
            (ProductSearchFacet){.param = params[i],
                                 .values = x->values,
                                 .n = x->n_values,
                                 .range = str_eq(params[i], STR("filter.v.price")),
                                 .min = (int64_t)x->min,
                                 .max = (int64_t)x->max};
    }
}

static Status question(Cx *cx, const Store *s, const ProductSearchAsk *ask, Str *locale,
                       Question *q)
{
    const Published *view;
    TRY(published_view(cx, &view));
    *locale = ask->locale.len > 0 ? ask->locale : published_shop(view)->locale;
    *q = (Question){.cx = cx, .s = s, .ask = ask};
    q->currency = ask->currency.len > 0 ? ask->currency : published_shop(view)->currency;
    q->priced =
        search_field_find(s->ix, product_field_name(cx->arena, "price.", q->currency), &q->price);
    if (!q->priced) /* nothing has a price: no range fits */
        q->price = s->fields.created;
    for (size_t i = 0; i < ask->n_choices && i < PRODUCT_SEARCH_CHOICES_MAX; i++)
        TRY(choose(q, &ask->choices[i]));
    if (ask->collection != 0)
        within_collection(q);
    return ST_OK;
}

static int64_t revision(Store *s)
{
    pthread_mutex_lock(&s->lock);
    int64_t rev = s->rev;
    pthread_mutex_unlock(&s->lock);
    return rev;
}

Status product_search(Cx *cx, const ProductSearchAsk *ask, ProductSearchAnswer *ret)
{
    CLEANUP(store_let) Store *s = NULL;
    Question                  q;
    Str                       locale, params[PRODUCT_SEARCH_FACETS_MAX] = {{0}};
    SearchFacetAsk            facets[PRODUCT_SEARCH_FACETS_MAX];
    SearchSort                sorts[2];
    TRY(store_of(cx, &s));
    TRY(question(cx, s, ask, &locale, &q));
    const SearchRank  in_stock = {.field = s->fields.stock, .full = 1, .share = 0.15};
    const SearchQuery query = {
        .text = str_head(ask->text, PRODUCT_SEARCH_TEXT_MAX),
        .locale = locale,
        .filters = q.filters,
        .n_filters = q.n_filters,
        .facets = facets,
        .n_facets = ask->facets ? facets_of(&q, facets, params) : 0,
        .sorts = sorts,
        .n_sorts = sorts_of(&q, sorts),
        .ranks = &in_stock,
        .n_ranks = 1,
        .cursor = ask->cursor,
        .limit = ask->limit < PRODUCT_SEARCH_LIMIT_MAX ? ask->limit : PRODUCT_SEARCH_LIMIT_MAX,
        .now_ms = cx->now.v,
        .prefix = ask->typing ? SEARCH_PREFIX_ALWAYS : SEARCH_PREFIX_UNKNOWN,
        .explain = ask->explain};
    *ret = (ProductSearchAnswer){.currency = q.currency, .rev = revision(s)};
    TRY(search_run(s->ix, &query, cx->arena, &ret->result, &cx->err));
    take_facets(cx, params, ret);
    return ST_OK;
}

Status product_search_complete(Cx *cx, Str text, Str locale, uint32_t limit, SearchCompletion **ret,
                               size_t *ret_n)
{
    CLEANUP(store_let) Store *s = NULL;
    TRY(store_of(cx, &s));
    const SearchSuggest q = {.text = str_head(text, PRODUCT_SEARCH_TEXT_MAX),
                             .locale = locale,
                             .limit =
                                 limit < SEARCH_COMPLETIONS_MAX ? limit : SEARCH_COMPLETIONS_MAX};
    return search_suggest(s->ix, &q, cx->arena, ret, ret_n, &cx->err);
}

Str product_search_field(Cx *cx, SearchField field)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    return s != NULL ? str_dup(cx->arena, search_field_def(s->ix, field)->name) : STR("");
}
