/* The store behind the views: who wants to be renewed, the thread that does it, and how
 * readers hold a view without a lock.
 *
 * A view stands in one of PUB_SLOTS slots, whose memory lives as long as the store. A
 * reader counts itself into the current slot and looks again whether it still is the
 * current one; so a slot that is not current and counts nobody is free for good, until the
 * editor makes it current again. */
#include "catalog/published.h"

#include "base/log.h"
#include "base/metric.h"
#include "catalog/published_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    STORES = 16,
    AGAIN_MS = 200,
    IDLE_MS = 60 * 1000,
    SETTLE_MS = 60 * 1000,
    REST_MS = 50,
    STOP_TRIES = 5000
};

/* Entries stay, so that somebody may look into one while its store goes. */
static struct {
    _Atomic(PubStore *) store;
    atomic_int          users; /* who looks into it */
} entries[STORES];

/* The store, which stays until let_store() is called; NULL: there is none. */
static PubStore *take_store(Db *db, size_t *ret_entry)
{
    for (size_t i = 0; i < STORES; i++) {
        if (atomic_load(&entries[i].store) == NULL)
            continue;
        atomic_fetch_add(&entries[i].users, 1);
        PubStore *s = atomic_load(&entries[i].store);
        *ret_entry = i;
        if (s != NULL && s->db == db)
            return s;
        atomic_fetch_sub(&entries[i].users, 1);
    }
    return NULL;
}

static void let_store(size_t entry)
{
    atomic_fetch_sub(&entries[entry].users, 1);
}

/* For those who know that it stays. */
PubStore *pub_store_of(Db *db)
{
    size_t    entry = 0;
    PubStore *s = take_store(db, &entry);
    if (s != NULL)
        let_store(entry);
    return s;
}

static UnixMs now_of(const PubStore *s)
{
    return s->core != NULL ? core_now(s->core) : clock_now();
}

/* --- views -------------------------------------------------------------------------------- */

static const Published *hold(PubStore *s)
{
    for (int i = atomic_load(&s->current);;) {
        atomic_fetch_add(&s->slots[i].holders, 1);
        int again = atomic_load(&s->current);
        if (again == i)
            return &s->slots[i].view;
        atomic_fetch_sub(&s->slots[i].holders, 1);
        i = again;
    }
}

const Published *published_hold(Db *db)
{
    size_t    entry = 0;
    PubStore *s = take_store(db, &entry);
    if (s == NULL)
        return NULL;
    const Published *v = hold(s);
    let_store(entry);
    return v;
}

bool published_is_there(Cx *cx)
{
    return pub_store_of(cx->db) != NULL;
}

void published_release(const Published *v)
{
    if (v != NULL)
        atomic_fetch_sub(&v->slot->holders, 1);
}

static void let_go(void *slot)
{
    atomic_fetch_sub(&((PubSlot *)slot)->holders, 1);
}

Status published_view(Cx *cx, const Published **ret)
{
    const Published *v = published_hold(cx->db);
    if (v == NULL)
        return cx_fail(cx, ST_BUSY, "catalog.not_published", "the catalogue is not in memory");
    arena_defer(cx->arena, let_go, v->slot);
    *ret = v;
    return ST_OK;
}

/* Give the views back that nobody holds; the number of a free slot, or -1. */
static int slot_free(PubStore *s)
{
    int free_slot = -1, current = atomic_load(&s->current);
    for (int i = 0; i < PUB_SLOTS; i++) {
        PubSlot *slot = &s->slots[i];
        if (i == current || (slot->taken && atomic_load(&slot->holders) > 0))
            continue;
        if (slot->taken)
            pub_view_clear(&slot->view);
        slot->taken = false;
        if (free_slot < 0)
            free_slot = i;
    }
    return free_slot;
}

/* --- marks -------------------------------------------------------------------------------- */

/* Was it marked after `seen` marks? */
static bool marked_since(const PubStore *s, int64_t id, int64_t seen)
{
    if (seen < s->forgotten)
        return true;
    for (int64_t i = seen; i < s->seen; i++)
        if (s->recent[i % PUB_RECENT] == id)
            return true;
    return false;
}

static bool is_due(const PubStore *s)
{
    return s->marks.n > 0 || s->marks.all || s->offers != NULL || s->filling ||
           s->next_turn <= now_of(s).v;
}

/* --- time --------------------------------------------------------------------------------- */

static void sift_down(PubTurns *t, size_t i)
{
    for (;;) {
        size_t least = i, left = 2 * i + 1;
        for (size_t k = left; k < left + 2 && k < t->n; k++)
            if (t->items[k].at < t->items[least].at)
                least = k;
        if (least == i)
            return;
        PubTurn swap = t->items[i];
        t->items[i] = t->items[least];
        t->items[least] = swap;
        i = least;
    }
}

static void turn_push(PubTurns *t, PubTurn turn)
{
    pub_turns_add(t, turn);
    for (size_t i = t->n - 1; i > 0 && t->items[(i - 1) / 2].at > t->items[i].at;) {
        size_t  up = (i - 1) / 2;
        PubTurn swap = t->items[i];
        t->items[i] = t->items[up];
        t->items[up] = swap;
        i = up;
    }
}

static bool turn_holds(const Published *v, const PubTurn *turn)
{
    const PubThing *t = turn->mark.kind == PUBLISHED_PRICING
                            ? v->pricing
                            : pub_table_by_id(v->by_id[turn->mark.kind], turn->mark.id);
    return t != NULL && t->turn == turn->at;
}

/* Those whose time has come become marks. */
static void turns_take(PubStore *s, PubMarks *marks)
{
    const Published *v = &s->slots[atomic_load(&s->current)].view;
    int64_t          now = now_of(s).v;
    while (s->turns.n > 0 && s->turns.items[0].at <= now) {
        if (turn_holds(v, &s->turns.items[0]))
            pub_marks_add(marks, s->turns.items[0].mark.kind, s->turns.items[0].mark.id);
        s->turns.items[0] = s->turns.items[--s->turns.n];
        sift_down(&s->turns, 0);
    }
}

/* --- one edit ----------------------------------------------------------------------------- */

typedef struct Work { /* what was taken to be done */
    PubStore *store;
    PubMarks  marks; /* .n of them, and .all */
    PubOffer *offers;
    bool      fill;
    PubEdit   edit;
} Work;

static void work_take(PubStore *s, Work *w)
{
    pthread_mutex_lock(&s->marking);
    s->busy = true;
    w->marks.all = s->marks.all;
    size_t n = s->marks.n < PUB_ROUND ? s->marks.n : PUB_ROUND;
    for (size_t i = 0; i < n; i++)
        pub_marks_add(&w->marks, s->marks.items[i].kind, s->marks.items[i].id);
    if (s->marks.n > n)
        memmove(s->marks.items, s->marks.items + n, (s->marks.n - n) * sizeof *s->marks.items);
    s->marks.n -= n;
    s->marks.all = false;
    w->offers = s->offers;
    s->offers = NULL;
    s->noffers = 0;
    w->fill = s->filling && n == 0 && !w->marks.all;
    for (PubOffer **at = &w->offers; *at != NULL;) { /* drop what is out of date */
        PubOffer *o = *at;
        if (!marked_since(s, o->thing->id, o->seen)) {
            at = &o->next;
            continue;
        }
        *at = o->next;
        pub_thing_unref(o->thing);
        free(o);
    }
    pthread_mutex_unlock(&s->marking);
    turns_take(s, &w->marks);
}

int64_t pub_budget(const PubStore *s, const Published *v)
{
    return s->options.bytes ? s->options.bytes : ((const PubShop *)v->shop->value)->bytes;
}

static int64_t used_by(const PubStore *s, const PubEdit *e)
{
    return s->body_bytes + e->bytes + atomic_load(&s->kept);
}

/* The next products of the list, from the newest on, that are not resident. */
static Status fill(Work *w, PubEdit *e)
{
    PubStore         *s = w->store;
    const CatalogIds *all = &((const PubList *)e->next.lists[PUBLISHED_PRODUCT]->value)->ids;
    int64_t           ids[PUB_BATCH];
    size_t            n = 0;
    if (s->fill > all->n)
        s->fill = all->n;
    if (used_by(s, e) >= pub_budget(s, &e->next))
        s->fill = 0;
    while (s->fill > 0 && n < PUB_BATCH) {
        int64_t id = all->items[--s->fill];
        if (pub_table_by_id(e->next.bodies, id) == NULL)
            ids[n++] = id;
    }
    return n > 0 ? pub_edit_fill(e, ids, n) : ST_OK;
}

/* A clock over the products: who was not read since its hand came by last goes. */
static void evict(PubStore *s, PubEdit *e)
{
    const PubThing   *list = e->next.lists[PUBLISHED_PRODUCT];
    const CatalogIds *all = &((const PubList *)list->value)->ids;
    int64_t           budget = pub_budget(s, &e->next);
    for (size_t i = 0; i < 2 * all->n && used_by(s, e) > budget; i++) {
        s->hand = s->hand + 1 < all->n ? s->hand + 1 : 0;
        PubThing *body = pub_table_by_id(e->next.bodies, all->items[s->hand]);
        if (body == NULL || atomic_exchange(&body->used, 0) > 0)
            continue;
        pub_edit_evict(e, body);
        atomic_fetch_add(&s->evictions, 1);
    }
}

static Status edit_run(Cx *cx, void *arg)
{
    Work     *w = arg;
    PubStore *s = w->store;
    PubEdit  *e = &w->edit;
    if (e->store != NULL) { /* again: a snapshot may be taken anew */
        pub_view_clear(&e->next);
        pub_edit_done(e);
    }
    pub_edit_begin(e, s, cx, &s->slots[atomic_load(&s->current)].view);
    if (w->marks.all)
        TRY(pub_edit_all(e));
    else
        TRY(pub_edit_marks(e, w->marks.items, w->marks.n));
    pub_edit_finish(e);
    for (const PubOffer *o = w->offers; o != NULL; o = o->next)
        pub_edit_admit(e, o->thing);
    if (w->fill)
        TRY(fill(w, e));
    evict(s, e);
    return ST_OK;
}

/* --- publishing --------------------------------------------------------------------------- */

static void publish(PubStore *s, PubEdit *e, int slot)
{
    if (e->reset)
        s->turns.n = 0;
    for (size_t i = 0; i < e->turns.n; i++)
        turn_push(&s->turns, e->turns.items[i]);
    s->body_bytes += e->bytes;
    s->rev = e->next.rev;
    e->next.slot = &s->slots[slot];
    s->slots[slot].view = e->next;
    s->slots[slot].taken = true;
    atomic_store(&s->used, s->body_bytes);
    atomic_store(&s->resident, (int64_t)pub_table_count(e->next.bodies));
    atomic_store(&s->current, slot);
    atomic_fetch_add(&s->renewals, 1);
    if (e->reset)
        s->fill = ((const PubList *)e->next.lists[PUBLISHED_PRODUCT]->value)->ids.n;
    (void)slot_free(s);
    pub_log(s, e);
}

/* What was taken is done, or, when it failed, to be done again. */
static void work_done(Work *w, bool ok)
{
    PubStore *s = w->store;
    pthread_mutex_lock(&s->marking);
    if (!ok && w->marks.all)
        pub_mark_all(s);
    for (size_t i = 0; !ok && i < w->marks.n; i++)
        pub_mark(s, w->marks.items[i].kind, w->marks.items[i].id);
    for (size_t i = 0; ok && i < w->edit.more.n; i++)
        pub_mark(s, w->edit.more.items[i].kind, w->edit.more.items[i].id);
    s->next_turn = s->turns.n > 0 ? s->turns.items[0].at : PUB_NEVER;
    s->filling = s->fill > 0;
    s->busy = false;
    pthread_cond_broadcast(&s->settled);
    pthread_mutex_unlock(&s->marking);
    while (w->offers != NULL) {
        PubOffer *o = w->offers;
        w->offers = o->next;
        pub_thing_unref(o->thing);
        free(o);
    }
    free(w->marks.items);
}

/* With s->editing held: do some of what there is to do. */
static Status renew(PubStore *s, Cx *cx)
{
    Work   w = {.store = s};
    int    slot = slot_free(s);
    Status st = ST_OK;
    if (slot < 0) /* readers hold all of them */
        return cx_fail(cx, ST_BUSY, "catalog.not_published", "too many views are held");
    work_take(s, &w);
    st = cx_in_snapshot(cx, edit_run, &w);
    if (st == ST_OK)
        publish(s, &w.edit, slot);
    else if (w.edit.store != NULL)
        pub_view_clear(&w.edit.next);
    work_done(&w, st == ST_OK);
    if (w.edit.store != NULL)
        pub_edit_done(&w.edit);
    return st;
}

/* One edit in a context of its own. */
static Status renew_once(PubStore *s, Err *err)
{
    CLEANUP(arena_done) Arena a;
    Cx                        cx = {0};
    arena_init(&a, 64 << 10);
    pthread_mutex_lock(&s->editing);
    Status st = cx_begin(&cx, &a, s->db, now_of(s));
    if (st == ST_OK)
        st = renew(s, &cx);
    if (st != ST_OK)
        *err = cx.err;
    cx_end(&cx);
    pthread_mutex_unlock(&s->editing);
    return st;
}

static bool due(PubStore *s)
{
    pthread_mutex_lock(&s->marking);
    bool yes = is_due(s);
    pthread_mutex_unlock(&s->marking);
    return yes;
}

/* --- the thread --------------------------------------------------------------------------- */

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* With s->marking held: at most `ms`. */
static void wait_ms(PubStore *s, pthread_cond_t *cond, int64_t ms)
{
    int64_t         until = mono_ms() + ms;
    struct timespec t = {.tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000};
    (void)pthread_cond_timedwait(cond, &s->marking, &t);
}

static void rest(PubStore *s, int64_t ms)
{
    int64_t until = mono_ms() + ms;
    pthread_mutex_lock(&s->marking);
    while (!s->stopping && mono_ms() < until)
        wait_ms(s, &s->marked, until - mono_ms() + 1);
    pthread_mutex_unlock(&s->marking);
}

/* False: it is to stop. */
static bool wait_for_work(PubStore *s)
{
    pthread_mutex_lock(&s->marking);
    while (!s->stopping && !is_due(s)) {
        int64_t in = s->next_turn == PUB_NEVER ? IDLE_MS : s->next_turn - now_of(s).v;
        wait_ms(s, &s->marked, in < 1 ? 1 : in > IDLE_MS ? IDLE_MS : in);
    }
    bool go = !s->stopping;
    pthread_mutex_unlock(&s->marking);
    return go;
}

static void *thread_main(void *arg)
{
    (void)pthread_setname_np(pthread_self(), "published");
    PubStore *s = arg;
    while (wait_for_work(s)) {
        Err     err = {0};
        int64_t began = mono_ms();
        if (renew_once(s, &err) != ST_OK) {
            log_event(LOG_WARN, "catalog.not_renewed", log_s("code", str_from_cstr(err.code)),
                      log_s("detail", str_from_cstr(err.msg)));
            rest(s, AGAIN_MS);
        } else { /* a big catalogue under many changes: leave half of the time to others */
            int64_t took = mono_ms() - began;
            rest(s, took < REST_MS ? took : REST_MS);
        }
    }
    return NULL;
}

/* --- events ------------------------------------------------------------------------------- */

static void wake(PubStore *s)
{
    if (s->threaded)
        pthread_cond_signal(&s->marked);
}

Status published_react(Cx *cx, const Event *event)
{
    const Published *v = published_hold(cx->db);
    if (v == NULL)
        return ST_OK;       /* what is built later will have it */
    PubStore *s = v->store; /* stays while a view is held */
    pthread_mutex_lock(&s->marking);
    Status st = pub_mark_event(cx, s, v, event);
    wake(s);
    pthread_mutex_unlock(&s->marking);
    published_release(v);
    return st == ST_OK && s->options.manual ? published_settle(cx) : st;
}

Status catalog_published_renew(Cx *cx, int64_t product_id)
{
    const Published *v = published_hold(cx->db);
    if (v == NULL)
        return ST_OK;
    PubStore *s = v->store;
    pthread_mutex_lock(&s->marking);
    if (product_id != 0)
        pub_mark(s, PUBLISHED_PRODUCT, product_id);
    else
        pub_mark_all(s);
    wake(s);
    pthread_mutex_unlock(&s->marking);
    published_release(v);
    return s->options.manual ? published_settle(cx) : ST_OK;
}

/* On this thread, until nothing is left. */
static Status settle_here(PubStore *s, Cx *cx)
{
    while (due(s))
        TRY(renew_once(s, &cx->err));
    return ST_OK;
}

Status published_settle(Cx *cx)
{
    PubStore *s = pub_store_of(cx->db);
    if (s == NULL)
        return cx_fail(cx, ST_BUSY, "catalog.not_published", "the catalogue is not in memory");
    if (!s->threaded)
        return settle_here(s, cx);
    int64_t until = mono_ms() + SETTLE_MS;
    pthread_mutex_lock(&s->marking);
    wake(s); /* tests move the clock */
    while ((is_due(s) || s->busy) && mono_ms() < until)
        wait_ms(s, &s->settled, 100);
    bool late = is_due(s) || s->busy;
    pthread_mutex_unlock(&s->marking);
    return late ? cx_fail(cx, ST_BUSY, "catalog.not_published", "it does not come to rest") : ST_OK;
}

/* --- beginning and end -------------------------------------------------------------------- */

static void measure(Buf *b, void *arg)
{
    PubStore *s = arg;
    metric_family(b, METRIC_GAUGE_K, "catalog_published_bytes",
                  "Memory of what shoppers see of the catalogue.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_published_bytes", "", atomic_load(&s->bytes));
    metric_family(b, METRIC_GAUGE_K, "catalog_published_products", "Products that are in memory.");
    metric_sample(b, METRIC_GAUGE_K, "catalog_published_products", "", atomic_load(&s->resident));
    metric_family(b, METRIC_COUNTER_K, "catalog_published_misses",
                  "Products that were read from the database for a shopper.");
    metric_sample(b, METRIC_COUNTER_K, "catalog_published_misses", "", atomic_load(&s->misses));
    metric_family(b, METRIC_COUNTER_K, "catalog_published_evictions",
                  "Products that made room for others in memory.");
    metric_sample(b, METRIC_COUNTER_K, "catalog_published_evictions", "",
                  atomic_load(&s->evictions));
    metric_family(b, METRIC_COUNTER_K, "catalog_published_renewals",
                  "New states of what shoppers see.");
    metric_sample(b, METRIC_COUNTER_K, "catalog_published_renewals", "", atomic_load(&s->renewals));
}

static void store_free(PubStore *s)
{
    for (size_t i = 0; i < PUB_SLOTS; i++)
        if (s->slots[i].taken)
            pub_view_clear(&s->slots[i].view);
    while (s->offers != NULL) {
        PubOffer *o = s->offers;
        s->offers = o->next;
        pub_thing_unref(o->thing);
        free(o);
    }
    free(s->marks.items);
    free(s->turns.items);
    pthread_cond_destroy(&s->marked);
    pthread_cond_destroy(&s->settled);
    pthread_mutex_destroy(&s->editing);
    pthread_mutex_destroy(&s->marking);
    pthread_mutex_destroy(&s->logging);
    free(s);
}

static PubStore *store_new(Db *db, Core *core, const PublishedOptions *options)
{
    pthread_condattr_t attr;
    size_t             size = (sizeof(PubStore) + 63) & ~(size_t)63;
    PubStore          *s = aligned_alloc(64, size);
    if (s == NULL)
        base_out_of_memory(size);
    memset(s, 0, size);
    s->db = db;
    s->core = core;
    if (options != NULL)
        s->options = *options;
    s->rev = clock_now().v;
    s->log_from = s->rev + 1;
    s->next_turn = PUB_NEVER;
    pthread_mutex_init(&s->editing, NULL);
    pthread_mutex_init(&s->marking, NULL);
    pthread_mutex_init(&s->logging, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&s->marked, &attr);
    pthread_cond_init(&s->settled, &attr);
    pthread_condattr_destroy(&attr);
    /* an empty view, so that there is one to begin with */
    Published *v = &s->slots[0].view;
    v->store = s;
    v->slot = &s->slots[0];
    v->rev = s->rev;
    for (PublishedKind k = 0; k < PUBLISHED_THINGS; k++) {
        v->by_id[k] = pub_table_new();
        v->by_handle[k] = pub_table_new();
    }
    v->bodies = pub_table_new();
    s->slots[0].taken = true;
    return s;
}

static bool registered(PubStore *s)
{
    for (size_t i = 0; i < STORES; i++) {
        PubStore *none = NULL;
        if (atomic_compare_exchange_strong(&entries[i].store, &none, s))
            return true;
    }
    return false;
}

Status published_start(Db *db, Core *core, const PublishedOptions *options, Err *err)
{
    ASSERT(pub_store_of(db) == NULL);
    PubStore *s = store_new(db, core, options);
    pub_mark_all(s);
    if (!registered(s)) { /* from here on events leave marks */
        store_free(s);
        return err_set(err, ST_BUSY, "catalog.not_published", "too many databases");
    }
    Status st = renew_once(s, err);
    if (st == ST_OK && !s->options.manual) {
        s->threaded = true;
        if (pthread_create(&s->thread, NULL, thread_main, s) != 0) {
            s->threaded = false;
            st = err_set(err, ST_IO, "core.no_thread", "cannot start the thread of the catalogue");
        }
    }
    if (st != ST_OK) {
        published_stop(db);
        return st;
    }
    metric_collect(measure, s);
    return ST_OK;
}

/* Reactions end soon; who holds a view longer than that would be hit by its end. */
static bool nobody_holds(PubStore *s)
{
    for (int tries = 0; tries < STOP_TRIES; tries++) {
        int64_t n = 0;
        for (size_t i = 0; i < PUB_SLOTS; i++)
            n += atomic_load(&s->slots[i].holders);
        if (n == 0)
            return true;
        usleep(1000);
    }
    return false;
}

void published_stop(Db *db)
{
    PubStore *s = pub_store_of(db);
    if (s == NULL)
        return;
    metric_uncollect(measure, s);
    for (size_t i = 0; i < STORES; i++)
        if (atomic_load(&entries[i].store) == s) {
            atomic_store(&entries[i].store, NULL);
            while (atomic_load(&entries[i].users) > 0)
                usleep(100);
        }
    if (s->threaded) {
        pthread_mutex_lock(&s->marking);
        s->stopping = true;
        pthread_cond_broadcast(&s->marked);
        pthread_mutex_unlock(&s->marking);
        pthread_join(s->thread, NULL);
    }
    if (nobody_holds(s))
        store_free(s);
    else
        log_event(LOG_ERROR, "catalog.published_held", log_s("detail", STR("a view is held")));
}
