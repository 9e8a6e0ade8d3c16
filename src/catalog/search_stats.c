/* Queries and clicks: counted in memory, kept by day. */
#include "catalog/search_stats.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/utf8.h"
#include "catalog/catalog_int.h"
#include "search/analysis.h"

enum { DAY_MS = 86400000, DIGITS_MAX = 6, KEEP_DAYS = 400, KEEP_RARE_DAYS = 30 };

typedef struct Asked {
    Str     locale, query, shown; /* query empty: free */
    int64_t day;
    int64_t searches, empty, clicks;
} Asked;

typedef struct Opened {
    int64_t product; /* 0: free */
    int64_t day;
    int64_t clicks;
} Opened;

typedef struct Page { /* what came together since the last writing */
    Arena  texts;
    Asked  asked[SEARCH_TALLY_MAX * 2];
    Opened opened[SEARCH_TALLY_MAX * 2];
    size_t n_asked, n_opened;
} Page;

struct SearchTally {
    pthread_mutex_t lock;
    Page           *page;     /* filled */
    pthread_mutex_t flushing; /* one writes at a time: */
    Page           *done;     /* what is being written */
};

static Page *page_new(void)
{
    Page *p = calloc(1, sizeof *p);
    if (p == NULL)
        base_out_of_memory(sizeof *p);
    arena_init(&p->texts, 4096);
    return p;
}

static void page_free(Page *p)
{
    if (p != NULL)
        arena_done(&p->texts);
    free(p);
}

SearchTally *search_tally_new(void)
{
    SearchTally *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->flushing, NULL);
    t->page = page_new();
    return t;
}

void search_tally_free(SearchTally *t)
{
    if (t == NULL)
        return;
    page_free(t->page);
    page_free(t->done);
    pthread_mutex_destroy(&t->lock);
    pthread_mutex_destroy(&t->flushing);
    free(t);
}

/* --- counting -------------------------------------------------------------------------------- */

Str search_shown(Str text, Arena *a)
{
    size_t digits = 0, n = 0;
    if (text.len > SEARCH_SHOWN_MAX || memchr(text.ptr, '@', text.len) != NULL || !utf8_valid(text))
        return (Str){0};
    char *kept = arena_array(a, char, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool blank = (unsigned char)c <= ' ' || c == 0x7f;
        digits += c >= '0' && c <= '9';
        if (!blank)
            kept[n++] = c;
        else if (n > 0 && kept[n - 1] != ' ')
            kept[n++] = ' ';
    }
    n -= n > 0 && kept[n - 1] == ' ';
    return digits > DIGITS_MAX ? (Str){0} : (Str){kept, n};
}

static Asked *asked_slot(Page *p, const Asked *like)
{
    uint64_t h = XXH3_64bits(like->query.ptr, like->query.len);
    for (size_t i = (size_t)h;; i++) {
        Asked *a = &p->asked[i % COUNT_OF(p->asked)];
        if (a->query.len > 0 && a->day == like->day && str_eq(a->query, like->query) &&
            str_eq(a->locale, like->locale))
            return a;
        if (a->query.len > 0)
            continue;
        if (p->n_asked == SEARCH_TALLY_MAX)
            return NULL;
        p->n_asked++;
        *a = (Asked){.locale = str_dup(&p->texts, like->locale),
                     .query = str_dup(&p->texts, like->query),
                     .shown = str_dup(&p->texts, like->shown),
                     .day = like->day};
        return a;
    }
}

static Opened *opened_slot(Page *p, int64_t product, int64_t day)
{
    uint64_t h = XXH3_64bits(&product, sizeof product);
    for (size_t i = (size_t)h;; i++) {
        Opened *o = &p->opened[i % COUNT_OF(p->opened)];
        if (o->product == product && o->day == day)
            return o;
        if (o->product != 0)
            continue;
        if (p->n_opened == SEARCH_TALLY_MAX)
            return NULL;
        p->n_opened++;
        *o = (Opened){.product = product, .day = day};
        return o;
    }
}

static bool add_asked(Page *p, const Asked *more)
{
    Asked *a = asked_slot(p, more);
    if (a == NULL)
        return false;
    a->searches += more->searches;
    a->empty += more->empty;
    a->clicks += more->clicks;
    return true;
}

/* What it adds to; false: it is not counted. */
static bool count(SearchTally *t, Str locale, Str text, const Asked *more, int64_t product)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 2048);
    Asked one = *more;
    one.shown = search_shown(text, &a);
    one.query = str_head(query_key(analyzer_of(locale), one.shown, &a), 4 * SEARCH_SHOWN_MAX);
    one.locale = str_head(locale, 35);
    if (one.shown.len == 0 || one.query.len == 0)
        return false;
    pthread_mutex_lock(&t->lock);
    bool    counted = add_asked(t->page, &one);
    Opened *o = counted && product != 0 ? opened_slot(t->page, product, one.day) : NULL;
    if (o != NULL)
        o->clicks++;
    pthread_mutex_unlock(&t->lock);
    return counted;
}

void search_tally_query(SearchTally *t, Str locale, Str text, bool empty, UnixMs now)
{
    const Asked one = {.day = now.v / DAY_MS, .searches = 1, .empty = empty};
    (void)count(t, locale, text, &one, 0);
}

void search_tally_click(SearchTally *t, Str locale, Str text, int64_t product, UnixMs now)
{
    const Asked one = {.day = now.v / DAY_MS, .clicks = 1};
    (void)count(t, locale, text, &one, product);
}

/* --- writing ---------------------------------------------------------------------------------- */

static Status write_asked(Cx *cx, const Asked *a, bool full)
{
    if (full)
        return catalog_sql_search_day_more(cx, a->day, a->locale, a->query, a->searches, a->empty,
                                           a->clicks, NULL);
    return catalog_sql_search_day_add(cx, a->day, a->locale, a->query, a->shown, a->searches,
                                      a->empty, a->clicks, NULL);
}

static Status write_tx(Cx *cx, void *arg)
{
    const Page *p = arg;
    int64_t     there = 0;
    TRY(catalog_sql_search_day_count(cx, cx->now.v / DAY_MS, &there));
    bool full = there + (int64_t)p->n_asked > SEARCH_DAY_MAX;
    for (size_t i = 0; i < COUNT_OF(p->asked); i++)
        if (p->asked[i].query.len > 0)
            TRY(write_asked(cx, &p->asked[i], full));
    for (size_t i = 0; i < COUNT_OF(p->opened); i++)
        if (p->opened[i].product != 0)
            TRY(catalog_sql_search_click_add(cx, p->opened[i].day, p->opened[i].product,
                                             p->opened[i].clicks, NULL));
    return ST_OK;
}

static Status flush(SearchTally *t, Cx *cx)
{
    pthread_mutex_lock(&t->lock);
    if (t->done == NULL && t->page->n_asked > 0) {
        t->done = t->page;
        t->page = page_new();
    }
    pthread_mutex_unlock(&t->lock);
    if (t->done == NULL)
        return ST_OK;
    TRY(cx_in_tx(cx, write_tx, t->done));
    page_free(t->done);
    t->done = NULL;
    return ST_OK;
}

Status search_tally_flush(SearchTally *t, Cx *cx)
{
    pthread_mutex_lock(&t->flushing);
    Status st = flush(t, cx);
    pthread_mutex_unlock(&t->flushing);
    return st;
}

/* --- telling ----------------------------------------------------------------------------------
 */

static const ShapeField COUNT[] = {
    SHAPE_TEXT(SearchCount, query, .doc = "One way that it was typed."),
    SHAPE_TEXT(SearchCount, locale),
    SHAPE_INT(SearchCount, searches),
    SHAPE_INT(SearchCount, without_results,
              .doc = "Of these: nothing was found, or nothing with all the words."),
    SHAPE_INT(SearchCount, clicks, .doc = "Products that were opened from the answer."),
    SHAPE_REAL(SearchCount, click_through, .doc = "clicks / searches."),
};
const Shape search_count_shape =
    SHAPE_OF(SearchCount, "SearchCount", COUNT, .doc = "What was searched for, and how often.");

Status search_counts(Cx *cx, int64_t days, bool missed, int64_t max, SearchCounts *ret)
{
    CatalogSearchCountRowList rows;
    int64_t                   since = cx->now.v / DAY_MS - days + 1;
    if (missed)
        TRY(catalog_sql_search_missed(cx, since, max, &rows));
    else
        TRY(catalog_sql_search_most(cx, since, max, &rows));
    *ret = (SearchCounts){arena_array(cx->arena, SearchCount, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const CatalogSearchCountRow *r = &rows.items[i];
        ret->items[i] = (SearchCount){
            .query = r->shown,
            .locale = r->locale,
            .searches = r->searches,
            .without_results = r->empty,
            .clicks = r->clicks,
            .click_through = r->searches > 0 ? (double)r->clicks / (double)r->searches : 0};
    }
    return ST_OK;
}

static Status forget_tx(Cx *cx, void *arg)
{
    int64_t today = cx->now.v / DAY_MS;
    (void)arg;
    TRY(catalog_sql_search_days_forget(cx, today - KEEP_DAYS, NULL));
    TRY(catalog_sql_search_rare_forget(cx, today - KEEP_RARE_DAYS - 7, today - KEEP_RARE_DAYS,
                                       NULL));
    return catalog_sql_search_clicks_forget(cx, today - KEEP_DAYS, NULL);
}

Status search_counts_forget(Cx *cx)
{
    return cx_in_tx(cx, forget_tx, NULL);
}
