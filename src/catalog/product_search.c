/* The index of products: built from the read model, following it, asked by channels. */
#include "catalog/product_search_int.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "catalog/published_int.h"
#include "search/defaults.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STORES = 8,
    BATCH = 500,
    CHANGES_MAX = 2000,
    SETTLE_MS = 60000,
    FLUSH_S = 10,         /* between two writings of what was counted */
    RELOADS = 60,         /* writings between two readings of past queries and clicks */
    LEAST_PRODUCTS = 100, /* that are in the index, however small it is to be */
};

static struct {
    pthread_mutex_t lock;
    Store          *items[STORES];
} stores = {.lock = PTHREAD_MUTEX_INITIALIZER};

Store *store_hold(Db *db)
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

void store_let(Store **s)
{
    if (*s != NULL)
        atomic_fetch_sub(&(*s)->users, 1);
}

Status store_of(Cx *cx, Store **ret)
{
    *ret = store_hold(cx->db);
    return *ret != NULL ? ST_OK
                        : cx_fail(cx, ST_BUSY, "catalog.not_searchable", "there is no index");
}

SearchLive *store_live(Store *s)
{
    pthread_mutex_lock(&s->lock);
    SearchLive *l = s->live;
    atomic_fetch_add(&l->refs, 1);
    pthread_mutex_unlock(&s->lock);
    return l;
}

/* --- following the read model ----------------------------------------------------------------- */

typedef struct Work { /* a batch: documents, and ids to take out */
    Arena arena;
    Cx    cx;
} Work;

static Status work_begin(Work *w, Db *db, Err *err)
{
    w->cx = (Cx){0};
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

/* How many fields order titles: of each language that any title is in. */
static size_t title_orders(const Store *s)
{
    size_t n = 0;
    for (size_t i = 0; i < search_fields(s->ix); i++)
        n += str_starts(search_field_def(s->ix, (SearchField)i)->name, STR("title_key"));
    return n;
}

typedef struct Batch {
    SearchDoc    *docs; /* of those that are shown */
    int64_t      *gone; /* the others */
    size_t        n_docs, n_gone;
    bool          following; /* no building: what does not fit any more stays out */
    ProductNames *names;     /* while building; NULL: those that are read */
} Batch;

static bool has_room(const Store *s, const Batch *b, int64_t id)
{
    return !b->following || s->level < LEVEL_SOME || search_has(s->ix, id) ||
           search_count(s->ix) + (int64_t)b->n_docs < s->fits;
}

static Status batch_docs(Store *s, Cx *cx, const int64_t *ids, size_t n, Batch *b)
{
    const Published         *view;
    const PublishedProduct **p = arena_array(cx->arena, const PublishedProduct *, n + 1);
    DocMaker                 maker;
    TRY(published_view(cx, &view));
    TRY(published_products(cx, view, ids, n, p));
    TRY(doc_maker(s->ix, &s->fields, cx, view, &maker));
    maker.level = s->level;
    maker.names = b->names != NULL ? b->names : s->names;
    maker.names_lock = b->names != NULL ? NULL : &s->names_lock;
    maker.conditions = &s->live->conditions; /* only this thread swaps it */
    for (size_t i = 0; i < n; i++) {
        const PublishedHead *head = published_head(view, ids[i]);
        bool shown = p[i] != NULL && head != NULL && published_product_shown(head, cx->now);
        if (!shown)
            b->gone[b->n_gone++] = ids[i];
        else if (has_room(s, b, ids[i]))
            TRY(doc_of(&maker, p[i], &b->docs[b->n_docs++]));
        else if (ids[i] > s->newest) /* not once more when it changes */
            atomic_fetch_add(&s->left_out, 1);
        s->newest = ids[i] > s->newest ? ids[i] : s->newest;
    }
    return ST_OK;
}

typedef struct Building { /* what takes the place of what there is */
    SearchLoad   *load;
    ProductNames *names;
} Building;

/* `to` NULL: into what there is. */
static Status batch(Store *s, const Building *to, const int64_t *ids, size_t n, Err *err)
{
    Work w;
    TRY(work_begin(&w, s->db, err));
    Batch  b = {.docs = arena_array(&w.arena, SearchDoc, n + 1),
                .gone = arena_array(&w.arena, int64_t, n + 1),
                .following = to == NULL,
                .names = to != NULL ? to->names : NULL};
    Status st = batch_docs(s, &w.cx, ids, n, &b);
    *err = w.cx.err;
    if (st == ST_OK)
        st = to != NULL ? search_load_add(to->load, b.docs, b.n_docs, err)
                        : search_apply(s->ix, b.docs, b.n_docs, b.gone, b.n_gone, err);
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

static Status collections(Store *s, const Published *view, Err *err)
{
    CLEANUP(arena_done) Arena a;
    CatalogIds                ids = published_ids(view, PUBLISHED_COLLECTION);
    SearchLoad               *load;
    Status                    st = ST_OK;
    arena_init(&a, 1 << 14);
    TRY(search_load_begin(s->collections, &load, err));
    for (size_t i = 0; st == ST_OK && i < ids.n; i++) {
        const PublishedCollection *c = published_collection(view, ids.items[i]);
        SearchDoc                  d = {.id = ids.items[i]};
        Str                        locale = published_shop(view)->locale;
        search_doc_text(&d, &a, s->collection_title, locale, c->collection.title);
        for (size_t k = 0; k < c->texts.n; k++)
            if (c->texts.items[k].entity == d.id && str_eq(c->texts.items[k].field, STR("title")))
                search_doc_text(&d, &a, s->collection_title, c->texts.items[k].locale,
                                c->texts.items[k].value);
        st = search_load_add(load, &d, 1, err);
        arena_reset(&a);
    }
    if (st == ST_OK)
        search_load_commit(load);
    else
        search_load_cancel(load);
    return st;
}

/* Those that go in: the newest when not all do. Ids are by age. */
static Status load_products(Store *s, const Published *view, const Building *to, Err *err)
{
    CatalogIds ids = published_ids(view, PUBLISHED_PRODUCT);
    size_t     from = 0;
    if (s->level == LEVEL_SOME && (size_t)s->fits < ids.n)
        from = ids.n - (size_t)s->fits;
    s->newest = ids.n > 0 ? ids.items[ids.n - 1] : 0;
    atomic_store(&s->left_out, (long long)from);
    for (size_t i = from; i < ids.n && !stopping(s); i += BATCH)
        TRY(batch(s, to, ids.items + i, ids.n - i < BATCH ? ids.n - i : BATCH, err));
    return ST_OK;
}

static Status build_once(Store *s, const Published *view, Err *err)
{
    Building to = {0};
    TRY(search_load_begin(s->ix, &to.load, err));
    to.names = product_names_new();
    Status st = load_products(s, view, &to, err);
    if (st == ST_OK) {
        search_load_commit(to.load);
        atomic_store(&s->level_shown, s->level);
        pthread_rwlock_wrlock(&s->names_lock);
        ProductNames *before = s->names;
        s->names = to.names;
        pthread_rwlock_unlock(&s->names_lock);
        product_names_free(before);
    } else {
        search_load_cancel(to.load);
        product_names_free(to.names);
    }
    return st;
}

/* Is it larger than it may be? Then the next time less goes in. */
static bool too_large(Store *s)
{
    SearchReport r;
    search_report(s->ix, &r);
    size_t limit = (size_t)s->live->tuning.memory_mb << 20;
    if (r.bytes > limit && r.replaced > r.documents / 10) { /* what was replaced goes first */
        search_merge(s->ix);
        search_report(s->ix, &r);
    }
    if (r.bytes <= limit || (s->level == LEVEL_SOME && s->fits <= LEAST_PRODUCTS))
        return false;
    if (s->level < LEVEL_SOME) {
        s->level++;
        s->fits = r.documents;
    }
    if (s->level == LEVEL_SOME) /* a tenth less than would fit, so that some can be added */
        s->fits = (int64_t)((double)s->fits * 0.9 * (double)limit / (double)r.bytes);
    s->fits = s->fits < LEAST_PRODUCTS ? LEAST_PRODUCTS : s->fits;
    log_event(LOG_WARN, "catalog.search_memory", log_i("bytes", (int64_t)r.bytes),
              log_i("limit", (int64_t)limit), log_i("level", s->level),
              log_i("products", r.documents));
    return true;
}

static Status build(Store *s, const Published *view, Err *err)
{
    size_t orders;
    do {
        orders = title_orders(s);
        TRY(build_once(s, view, err));
        /* once more when a language turned up: the first products had no key in it */
    } while (!stopping(s) && (too_large(s) || title_orders(s) > orders));
    return ST_OK;
}

typedef struct Marked {
    int64_t *ids;
    size_t   n, cap;
    Arena   *arena;
    bool     collections; /* one of them changed */
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
    *ret_all =
        s->rev == 0 || s->rebuild || !published_changes(view, s->rev, changes, CHANGES_MAX, &n);
    for (size_t i = 0; !*ret_all && i < n; i++) {
        if (changes[i].kind == PUBLISHED_PRODUCT)
            mark(m, changes[i].id);
        else if (changes[i].kind == PUBLISHED_COLLECTION)
            TRY(mark_collection(s, view, changes[i].id, m, err));
        else
            *ret_all = changes[i].kind >= PUBLISHED_THINGS;
        m->collections |= changes[i].kind == PUBLISHED_COLLECTION;
    }
    return ST_OK;
}

/* Clicks of the past weeks as popularity, unless the journey tells it. */
static Status popularity(Store *s, Err *err)
{
    const SearchLive *l = s->live;
    if (atomic_load(&s->popular) || l->n_clicked == 0)
        return ST_OK;
    return search_signal(s->ix, s->fields.popularity, l->clicked, l->clicks, l->n_clicked, err);
}

static Status renew(Store *s, const Published *view, Err *err)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1 << 16);
    Marked m = {.arena = &a};
    bool   all;
    TRY(marks_of(s, view, &m, &all, err));
    if (all || m.collections)
        TRY(collections(s, view, err));
    size_t orders = title_orders(s);
    for (size_t i = 0; !all && i < m.n; i += BATCH)
        TRY(batch(s, NULL, m.ids + i, m.n - i < BATCH ? m.n - i : BATCH, err));
    if (!all && !too_large(s) && title_orders(s) == orders)
        return ST_OK;
    TRY(build(s, view, err));
    s->rebuild = false;
    return popularity(s, err);
}

static void log_failure(const char *event, const Err *err)
{
    log_event(LOG_ERROR, event, log_s("code", str_from_cstr(err->code)),
              log_s("detail", str_from_cstr(err->msg)));
}

static bool renew_logged(Store *s)
{
    const Published *view = published_hold(s->db);
    Err              err = {0};
    if (view == NULL) {
        pthread_mutex_lock(&s->lock);
        s->busy = false;
        pthread_mutex_unlock(&s->lock);
        return false;
    }
    int64_t rev = published_rev(view);
    Status  st = rev == s->rev && !s->rebuild ? ST_OK : renew(s, view, &err);
    published_release(view);
    pthread_mutex_lock(&s->lock);
    if (st == ST_OK)
        s->rev = rev;
    else
        s->changed = true; /* again, a little later */
    s->busy = false;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->renewals, 1);
    if (st != ST_OK)
        log_failure("catalog.search_renewal", &err);
    return st == ST_OK;
}

/* --- what the merchant says ---------------------------------------------------------------------
 */

/* More memory than before: everything may go in again. Other conditions: products have to be
 * asked. */
static void compare_live(Store *s, const SearchLive *before, const SearchLive *now)
{
    bool more = now->tuning.memory_mb > before->tuning.memory_mb && s->level > LEVEL_ALL;
    bool less = now->tuning.memory_mb < before->tuning.memory_mb && too_large(s);
    if (more)
        s->level = LEVEL_ALL;
    s->rebuild |= more || less || !str_eq(before->condition_texts, now->condition_texts);
}

static Status renew_guide(Store *s, Err *err)
{
    Work        w;
    SearchLive *live = NULL, *before = s->live;
    TRY(work_begin(&w, s->db, err));
    const Published *view = NULL;
    Status           st = published_view(&w.cx, &view);
    if (st == ST_OK)
        st = search_live_load(&w.cx, view, &live);
    if (st == ST_OK && (st = search_live_synonyms(&w.cx, view, s->ix)) != ST_OK)
        search_live_release(live);
    *err = w.cx.err;
    work_end(&w);
    if (st != ST_OK)
        return st;
    pthread_mutex_lock(&s->lock);
    s->live = live;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->said, 1);
    if (before != NULL)
        compare_live(s, before, live);
    search_live_release(before);
    return popularity(s, err);
}

/* Taken back when it fails: then it is tried again. */
static bool take_guide(Store *s)
{
    pthread_mutex_lock(&s->lock);
    bool yes = s->guide_changed;
    pthread_mutex_unlock(&s->lock);
    if (!yes)
        return true;
    Err    err = {0};
    Status st = renew_guide(s, &err);
    pthread_mutex_lock(&s->lock);
    s->guide_changed = st != ST_OK;
    s->changed |= st == ST_OK && s->rebuild;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
    if (st != ST_OK)
        log_failure("catalog.search_guide", &err);
    return st == ST_OK;
}

static Status flush(Store *s, Err *err)
{
    Work w;
    TRY(work_begin(&w, s->db, err));
    Status st = search_tally_flush(s->tally, &w.cx);
    *err = w.cx.err;
    work_end(&w);
    return st;
}

static void flush_logged(Store *s)
{
    Err err = {0};
    if (flush(s, &err) != ST_OK)
        log_failure("catalog.search_counts", &err);
}

/* --- the thread ----------------------------------------------------------------------------------
 */

/* Until something changed, or it is time to write; after a failure for a second. False: stop. */
static bool wait_for_work(Store *s, bool failed)
{
    struct timespec until;
    int             rc = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += failed ? 1 : FLUSH_S;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && rc == 0 && (failed || (!s->changed && !s->guide_changed)))
        rc = pthread_cond_timedwait(&s->wake, &s->lock, &until);
    bool go = !s->stopping;
    pthread_mutex_unlock(&s->lock);
    return go;
}

static bool work(Store *s)
{
    if (!take_guide(s))
        return false;
    pthread_mutex_lock(&s->lock);
    bool changed = s->changed;
    s->changed = false;
    s->busy = changed;
    pthread_mutex_unlock(&s->lock);
    return !changed || renew_logged(s);
}

static void *thread_main(void *arg)
{
    (void)pthread_setname_np(pthread_self(), "search");
    Store  *s = arg;
    bool    failed = false;
    int64_t flushed = clock_mono_us();
    for (int flushes = 0; wait_for_work(s, failed);) {
        failed = !work(s);
        if (clock_mono_us() - flushed < (int64_t)FLUSH_S * 1000000)
            continue;
        flushed = clock_mono_us();
        flush_logged(s);
        if (++flushes % RELOADS == 0) { /* past queries and clicks have moved on */
            pthread_mutex_lock(&s->lock);
            s->guide_changed = true;
            pthread_mutex_unlock(&s->lock);
        }
    }
    flush_logged(s);
    return NULL;
}

Status product_search_flush(Cx *cx)
{
    CLEANUP(store_let) Store *s = NULL;
    TRY(store_of(cx, &s));
    return flush(s, &cx->err);
}

static void guide_changed(Store *s)
{
    pthread_mutex_lock(&s->lock);
    s->guide_changed = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

Status product_search_react(Cx *cx, const Event *event)
{
    CLEANUP(store_let) Store *s = store_hold(cx->db);
    SettingChanged            what = {0};
    if (s == NULL)
        return ST_OK;
    if (str_eq(event->type, STR("core.setting_changed"))) {
        TRY(event_read(cx, event, &core_setting_changed, &what));
        if (!str_eq(what.name, STR("catalog.search")))
            return ST_OK;
    }
    guide_changed(s);
    return ST_OK;
}

Status product_search_popularity(Cx *cx, const int64_t *ids, const double *values, size_t n)
{
    CLEANUP(store_let) Store *s = NULL;
    TRY(store_of(cx, &s));
    atomic_store(&s->popular, true);
    TRY(search_signal(s->ix, s->fields.popularity, ids, values, n, &cx->err));
    atomic_fetch_add(&s->said, 1);
    return ST_OK;
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
    metric_family(b, METRIC_GAUGE_K, "catalog_search_level",
                  "What does not fit into its memory: 0 all does, 1 no descriptions, 2 no "
                  "attributes, tags and options either, 3 not all products.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_search_level", "", atomic_load(&s->level_shown));
    metric_family(b, METRIC_GAUGE_K, "catalog_search_left_out",
                  "Products that did not fit into its memory.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_search_left_out", "", atomic_load(&s->left_out));
    metric_family(b, METRIC_COUNTER_K, "catalog_search_renewals",
                  "Times it was brought up to date.");
    metric_sample(b, METRIC_COUNTER_K, "catalog_search_renewals", "", atomic_load(&s->renewals));
}

static void store_free(Store *s)
{
    search_index_free(s->ix);
    search_index_free(s->collections);
    search_live_release(s->live);
    search_tally_free(s->tally);
    product_names_free(s->names);
    pthread_rwlock_destroy(&s->names_lock);
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
    s->collections = search_index_new(&(SearchConfig){.locale = published_shop(view)->locale});
    s->tally = search_tally_new();
    s->names = product_names_new();
    pthread_rwlock_init(&s->names_lock, NULL);
    published_release(view);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
    SearchFieldDef title = SEARCH_FIELD_TITLE;
    title.name = STR("title");
    Status st = product_fields(s->ix, &s->fields, err);
    if (st == ST_OK)
        st = search_field(s->collections, &title, &s->collection_title, err);
    if (st == ST_OK)
        st = renew_guide(s, err);
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
        there = s->rev >= published_rev(view) && !s->guide_changed && !s->changed && !s->busy;
        pthread_mutex_unlock(&s->lock);
        if (!there)
            usleep(1000);
    }
    return there ? ST_OK
                 : cx_fail(cx, ST_BUSY, "catalog.not_searchable", "it is still being built");
}
