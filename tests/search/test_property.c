/* Random documents, changes and queries; each answer is compared with one that is worked out the
 * slow way, document by document. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "search/search.h"

enum {
    DOCS = 300, /* ids 1 … DOCS */
    WORDS = 40,
    TITLE = 5,
    BODY = 12,
    VARIANTS = 4,
    TAGS = 3,
    ROUNDS = 60,
    QUERIES = 40,
    VENDORS = 7,
    SIZES = 5,
    COLOURS = 6,
};

typedef struct Variant {
    int size, colour; /* -1: none */
    int price;        /* -1: none */
} Variant;

typedef struct Doc {
    bool    there;
    int     title[TITLE], body[BODY];
    int     n_title, n_body;
    int     vendor; /* -1: none */
    int     tags[TAGS];
    int     n_tags;
    double  weight; /* < 0: none */
    Variant variants[VARIANTS];
    int     n_variants; /* 0: a document without groups */
    double  sold;
} Doc;

typedef struct World {
    Arena        a;
    Err          err;
    Rng          rng;
    SearchIndex *ix;
    Doc          docs[DOCS + 1];
    SearchField  title, body, vendor, tags, weight, size, colour, price, sold;
} World;

static int below(World *w, int n)
{
    return (int)rng_below(&w->rng, (uint64_t)n);
}

/* Words come as in a language: the first ones often. */
static int some_word(World *w)
{
    int a = below(w, WORDS), b = below(w, WORDS);
    return a < b ? a : b;
}

static Str numbered(World *w, const char *prefix, int n)
{
    char text[32];
    int  len = snprintf(text, sizeof text, "%s%c%c", prefix, 'b' + n / 20, 'b' + n % 20);
    return str_dup(&w->a, (Str){text, (size_t)len});
}

static Str sentence(World *w, const int *words, int n)
{
    Buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < n; i++) {
        buf_add(&b, i > 0 ? STR(" ") : STR(""));
        buf_add(&b, numbered(w, "q", words[i]));
    }
    Str s = str_dup(&w->a, buf_str(&b));
    buf_done(&b);
    return s;
}

/* --- documents -------------------------------------------------------------------------------- */

static void make_doc(World *w, Doc *d)
{
    double sold = d->sold;
    *d = (Doc){.there = true, .vendor = -1, .weight = -1, .sold = sold};
    d->n_title = below(w, TITLE + 1);
    d->n_body = below(w, BODY + 1);
    for (int i = 0; i < d->n_title; i++)
        d->title[i] = some_word(w);
    for (int i = 0; i < d->n_body; i++)
        d->body[i] = some_word(w);
    if (below(w, 5) > 0)
        d->vendor = below(w, VENDORS);
    if (below(w, 6) == 0) /* a sparse column */
        d->weight = below(w, 20) * 0.25;
    for (int t = below(w, TAGS + 1); t > 0; t--) {
        int  tag = below(w, 8);
        bool known = false;
        for (int i = 0; i < d->n_tags; i++)
            known |= d->tags[i] == tag;
        if (!known)
            d->tags[d->n_tags++] = tag;
    }
    d->n_variants = below(w, VARIANTS + 1);
    for (int i = 0; i < (d->n_variants ? d->n_variants : 1); i++)
        d->variants[i] = (Variant){below(w, SIZES + 1) - 1, below(w, COLOURS + 1) - 1,
                                   below(w, 6) > 0 ? below(w, 50) * 10 : -1};
}

static SearchDoc as_document(World *w, int64_t id)
{
    const Doc *d = &w->docs[id];
    SearchDoc  x = {.id = id};
    search_doc_text(&x, &w->a, w->title, STR(""), sentence(w, d->title, d->n_title));
    search_doc_text(&x, &w->a, w->body, STR(""), sentence(w, d->body, d->n_body));
    if (d->vendor >= 0)
        search_doc_keyword(&x, &w->a, w->vendor, SEARCH_WHOLE, numbered(w, "v", d->vendor));
    for (int i = 0; i < d->n_tags; i++)
        search_doc_keyword(&x, &w->a, w->tags, SEARCH_WHOLE, numbered(w, "t", d->tags[i]));
    if (d->weight >= 0)
        search_doc_number(&x, &w->a, w->weight, SEARCH_WHOLE, d->weight);
    for (int i = 0; i < (d->n_variants ? d->n_variants : 1); i++) {
        const Variant *v = &d->variants[i];
        int32_t        g = d->n_variants ? search_doc_group(&x, &w->a, id * 10 + i) : SEARCH_WHOLE;
        if (v->size >= 0)
            search_doc_keyword(&x, &w->a, w->size, g, numbered(w, "s", v->size));
        if (v->colour >= 0)
            search_doc_keyword(&x, &w->a, w->colour, g, numbered(w, "c", v->colour));
        if (v->price >= 0)
            search_doc_number(&x, &w->a, w->price, g, v->price);
    }
    return x;
}

static void change_some(World *w)
{
    SearchDoc docs[30];
    int64_t   removed[10];
    size_t    n = 0, n_removed = 0;
    for (int i = below(w, 30); i > 0; i--) {
        int64_t id = 1 + below(w, DOCS);
        make_doc(w, &w->docs[id]);
        docs[n++] = as_document(w, id);
    }
    for (int i = below(w, 10); i > 0; i--) {
        int64_t id = 1 + below(w, DOCS);
        bool    also_put = false;
        for (size_t k = 0; k < n; k++)
            also_put |= docs[k].id == id;
        if (!also_put)
            w->docs[id] = (Doc){0};
        removed[n_removed++] = id;
    }
    assert_ok(search_apply(w->ix, docs, n, removed, n_removed, &w->err), &w->err);
}

/* Everything anew, with a few changes while the load runs. */
static void load_all(World *w)
{
    SearchLoad *load;
    assert_ok(search_load_begin(w->ix, &load, &w->err), &w->err);
    Doc *before = arena_array(&w->a, Doc, DOCS + 1);
    memcpy(before, w->docs, sizeof w->docs);
    for (int64_t id = 1; id <= DOCS; id++) {
        if (!before[id].there)
            continue;
        SearchDoc d = as_document(w, id);
        assert_ok(search_load_add(load, &d, 1, &w->err), &w->err);
    }
    change_some(w);
    search_load_commit(load);
}

static void signal_some(World *w)
{
    int64_t ids[20];
    double  values[20];
    size_t  n = 0;
    for (; n < COUNT_OF(ids); n++) {
        ids[n] = 1 + below(w, DOCS);
        values[n] = below(w, 100);
        if (w->docs[ids[n]].there)
            w->docs[ids[n]].sold = values[n];
    }
    assert_ok(search_signal(w->ix, w->sold, ids, values, n, &w->err), &w->err);
}

/* --- a query, twice --------------------------------------------------------------------------- */

typedef struct Ask {
    int            words[3];
    int            n_words;
    int            negated; /* -1: none */
    bool           phrase;
    SearchFilter   filters[4];
    int            picks[4][2]; /* values of a filter, as numbers */
    size_t         n_filters;
    SearchFacetAsk facets[6];
    SearchSort     sorts[2];
    size_t         n_sorts;
    SearchAmong    among; /* asked of these only, when there are any */
    int            places[DOCS + 1];
} Ask;

static const double BOUNDS[] = {0, 100, 250, 400};

static Str value_name(World *w, SearchField f, int value)
{
    const char *prefix = f == w->vendor ? "v" : f == w->tags ? "t" : f == w->size ? "s" : "c";
    return numbered(w, prefix, value);
}

static void make_filter(World *w, Ask *q)
{
    const SearchField fields[] = {w->vendor, w->tags, w->size, w->colour, w->price, w->weight};
    SearchField       f = fields[below(w, 6)];
    size_t            k = q->n_filters++;
    SearchFilter     *to = &q->filters[k];
    *to = (SearchFilter){.field = f, .fixed = below(w, 6) == 0};
    if (f == w->price || f == w->weight) {
        to->match = below(w, 4) == 0 ? SEARCH_PRESENT : SEARCH_RANGE;
        to->min = f == w->price ? below(w, 400) : below(w, 4);
        to->max = to->min + (f == w->price ? below(w, 300) : below(w, 3));
        return;
    }
    static const SearchMatch MATCHES[] = {SEARCH_ANY_OF, SEARCH_ANY_OF, SEARCH_ANY_OF,
                                          SEARCH_ALL_OF, SEARCH_NONE_OF};
    Str                     *values = arena_array(&w->a, Str, 2);
    to->match = MATCHES[below(w, 5)];
    to->n = 1 + (size_t)below(w, 2);
    for (size_t i = 0; i < to->n; i++) {
        q->picks[k][i] = below(w, 8);
        values[i] = value_name(w, f, q->picks[k][i]);
    }
    to->values = values;
}

static void make_among(World *w, Ask *q);

static void make_ask(World *w, Ask *q)
{
    *q = (Ask){.negated = -1};
    q->n_words = below(w, 4);
    for (int i = 0; i < q->n_words; i++)
        q->words[i] = some_word(w);
    if (below(w, 5) == 0)
        q->negated = some_word(w);
    q->phrase = q->n_words == 2 && below(w, 4) == 0;
    for (int i = below(w, 4); i > 0; i--)
        make_filter(w, q);
    const SearchField fields[] = {w->vendor, w->tags, w->size, w->colour, w->price, w->weight};
    for (size_t i = 0; i < 6; i++)
        q->facets[i] = (SearchFacetAsk){.field = fields[i], .limit = 100};
    q->facets[4].bounds = BOUNDS;
    q->facets[4].n_bounds = COUNT_OF(BOUNDS);
    const SearchField sortable[] = {w->vendor, w->price, w->weight, w->size, w->tags, w->sold};
    q->n_sorts = (size_t)below(w, 3);
    for (size_t i = 0; i < q->n_sorts; i++)
        q->sorts[i] = (SearchSort){.by = SEARCH_BY_FIELD,
                                   .field = sortable[below(w, COUNT_OF(sortable))],
                                   .descending = below(w, 2)};
    if (below(w, 3) == 0)
        make_among(w, q);
}

/* Some ids in any order, some of them of no document. */
static void make_among(World *w, Ask *q)
{
    int64_t  *ids = arena_array(&w->a, int64_t, DOCS + 1);
    uint32_t *by_id = arena_array(&w->a, uint32_t, DOCS + 1);
    size_t    n = 0;
    int       share = 1 + below(w, 10);
    for (int id = 1; id <= DOCS; id++)
        q->places[id] = -1;
    for (int id = 1; id <= DOCS; id++)
        if (below(w, 10) < share)
            ids[n++] = id;
    for (size_t i = n; i > 1; i--) {
        size_t  k = (size_t)below(w, (int)i);
        int64_t held = ids[k];
        ids[k] = ids[i - 1];
        ids[i - 1] = held;
    }
    for (size_t i = 0; i < n; i++)
        q->places[ids[i]] = (int)i;
    for (int id = 1, k = 0; id <= DOCS; id++)
        if (q->places[id] >= 0)
            by_id[k++] = (uint32_t)q->places[id];
    q->among = (SearchAmong){ids, by_id, n};
    if (below(w, 2) == 0) {
        q->sorts[0] = (SearchSort){.by = SEARCH_BY_PLACE};
        q->n_sorts = 1;
    }
}

/* Is it asked of this one at all? */
static bool asked_of(const Ask *q, int id)
{
    return q->among.n == 0 || q->places[id] >= 0;
}

static Str text_of(World *w, const Ask *q)
{
    Buf b;
    buf_init(&b, 1000);
    if (q->phrase)
        buf_addc(&b, '"');
    buf_add(&b, sentence(w, q->words, q->n_words));
    if (q->phrase)
        buf_addc(&b, '"');
    if (q->negated >= 0) {
        buf_add(&b, STR(" -"));
        buf_add(&b, numbered(w, "q", q->negated));
    }
    Str s = str_dup(&w->a, buf_str(&b));
    buf_done(&b);
    return s;
}

static bool has_word(const Doc *d, int word)
{
    for (int i = 0; i < d->n_title; i++)
        if (d->title[i] == word)
            return true;
    for (int i = 0; i < d->n_body; i++)
        if (d->body[i] == word)
            return true;
    return false;
}

static bool has_pair(const int *words, int n, int a, int b)
{
    for (int i = 0; i + 1 < n; i++)
        if (words[i] == a && words[i + 1] == b)
            return true;
    return false;
}

static bool has_text(const Doc *d, const Ask *q)
{
    for (int i = 0; i < q->n_words; i++)
        if (!has_word(d, q->words[i]))
            return false;
    if (q->negated >= 0 && has_word(d, q->negated))
        return false;
    return !q->phrase || has_pair(d->title, d->n_title, q->words[0], q->words[1]) ||
           has_pair(d->body, d->n_body, q->words[0], q->words[1]);
}

/* The values of a field in one group, as numbers. */
static int values_of(const World *w, const Doc *d, const Variant *v, SearchField f,
                     double out[TAGS])
{
    double one = f == w->vendor   ? d->vendor
                 : f == w->weight ? d->weight
                 : f == w->size   ? v->size
                 : f == w->colour ? v->colour
                                  : v->price;
    if (f == w->tags) {
        for (int i = 0; i < d->n_tags; i++)
            out[i] = d->tags[i];
        return d->n_tags;
    }
    out[0] = one;
    return one >= 0;
}

static bool holds(const World *w, const Doc *d, const Variant *v, const Ask *q, size_t k)
{
    const SearchFilter *f = &q->filters[k];
    double              have[TAGS];
    int                 n = values_of(w, d, v, f->field, have);
    if (f->match == SEARCH_PRESENT)
        return n > 0;
    if (f->match == SEARCH_RANGE)
        return n > 0 && have[0] >= f->min && have[0] <= f->max;
    size_t met = 0;
    for (size_t i = 0; i < f->n; i++) {
        bool has = false;
        for (int j = 0; j < n; j++)
            has |= (int)have[j] == q->picks[k][i];
        met += has;
    }
    return f->match == SEARCH_ANY_OF ? met > 0 : f->match == SEARCH_ALL_OF ? met == f->n : met == 0;
}

/* Do all filters hold for this group, but those of `except` that are no fixed ones? */
static bool passes(const World *w, const Doc *d, const Variant *v, const Ask *q, int except)
{
    for (size_t k = 0; k < q->n_filters; k++)
        if ((q->filters[k].fixed || (int)q->filters[k].field != except) && !holds(w, d, v, q, k))
            return false;
    return true;
}

static bool passes_any(const World *w, const Doc *d, const Ask *q, int except)
{
    int n = d->n_variants ? d->n_variants : 1;
    for (int i = 0; i < n; i++)
        if (passes(w, d, &d->variants[i], q, except))
            return true;
    return false;
}

/* --- comparing -------------------------------------------------------------------------------- */

static int64_t count_told(const SearchFacet *f, Str text, double number)
{
    for (size_t i = 0; i < f->n_values; i++)
        if (f->field < UINT16_MAX && (text.len > 0 ? str_eq(f->values[i].text, text)
                                                   : fabs(f->values[i].number - number) < 1e-9))
            return f->values[i].count;
    return 0;
}

/* Documents of which a group that passes has this value. */
static int64_t count_slowly(const World *w, const Ask *q, SearchField f, double value, bool any)
{
    int64_t count = 0;
    for (int id = 1; id <= DOCS; id++) {
        const Doc *d = &w->docs[id];
        bool       has = false;
        if (!d->there || !asked_of(q, id) || !has_text(d, q))
            continue;
        for (int i = 0; i < (d->n_variants ? d->n_variants : 1); i++) {
            double have[TAGS] = {0};
            int    n = values_of(w, d, &d->variants[i], f, have);
            if (!passes(w, d, &d->variants[i], q, f))
                continue;
            for (int j = 0; j < n; j++)
                has |= any || fabs(have[j] - value) < 1e-9;
        }
        count += has;
    }
    return count;
}

static void compare_facets(World *w, const Ask *q, const SearchResult *r)
{
    for (size_t i = 0; i < 4; i++)
        for (int v = 0; v < 8; v++) {
            SearchField f = q->facets[i].field;
            assert_int_equal(count_told(&r->facets[i], value_name(w, f, v), 0),
                             count_slowly(w, q, f, v, false));
        }
    for (int v = 0; v < 20; v++)
        assert_int_equal(count_told(&r->facets[5], (Str){0}, v * 0.25),
                         count_slowly(w, q, w->weight, v * 0.25, false));
    for (int v = 0; v < 50; v++)
        assert_int_equal(count_told(&r->facets[4], (Str){0}, v * 10),
                         count_slowly(w, q, w->price, v * 10, false));
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(r->facets[i].n_docs, count_slowly(w, q, q->facets[i].field, 0, true));
}

/* A document's value to sort by; NAN: none. */
static double sort_value(const World *w, const Ask *q, const Doc *d, const SearchSort *s)
{
    double best = (double)NAN;
    if (s->field == w->sold)
        return d->sold;
    bool grouped = s->field == w->size || s->field == w->price;
    for (int i = 0; i < (d->n_variants ? d->n_variants : 1); i++) {
        double have[TAGS];
        int    n = values_of(w, d, &d->variants[i], s->field, have);
        if (grouped && !passes(w, d, &d->variants[i], q, -1))
            continue;
        for (int j = 0; j < n; j++)
            if (isnan(best) || (s->descending ? have[j] > best : have[j] < best))
                best = have[j];
    }
    return best;
}

static int order_of(const World *w, const Ask *q, int64_t x, int64_t y)
{
    for (size_t i = 0; i < q->n_sorts; i++) {
        if (q->sorts[i].by == SEARCH_BY_PLACE)
            return q->places[x] < q->places[y] ? -1 : 1;
        double a = sort_value(w, q, &w->docs[x], &q->sorts[i]);
        double b = sort_value(w, q, &w->docs[y], &q->sorts[i]);
        if (isnan(a) || isnan(b)) {
            if (isnan(a) != isnan(b))
                return isnan(a) ? 1 : -1;
            continue;
        }
        if (a < b || a > b)
            return (a < b) != q->sorts[i].descending ? -1 : 1;
    }
    return x < y ? -1 : 1;
}

static void compare_hits(World *w, const Ask *q, const SearchResult *r)
{
    bool    told[DOCS + 1] = {false};
    int64_t total = 0;
    for (size_t i = 0; i < r->n_hits; i++)
        told[r->hits[i].id] = true;
    for (int id = 1; id <= DOCS; id++) {
        const Doc *d = &w->docs[id];
        bool expected = d->there && asked_of(q, id) && has_text(d, q) && passes_any(w, d, q, -1);
        total += expected;
        assert_int_equal(told[id], expected);
    }
    assert_int_equal(r->total, total);
    assert_int_equal(r->n_hits, total);
    for (size_t i = 1; i < r->n_hits; i++) {
        if (q->n_sorts > 0)
            assert_true(order_of(w, q, r->hits[i - 1].id, r->hits[i].id) < 0);
        else
            assert_true(r->hits[i - 1].score >= r->hits[i].score);
    }
}

/* Page by page there are the same hits as at once. */
static void compare_pages(World *w, SearchQuery q, const SearchResult *whole)
{
    size_t at = 0;
    q.limit = 1 + (uint32_t)below(w, 9);
    q.n_facets = 0;
    for (;;) {
        SearchResult r;
        assert_ok(search_run(w->ix, &q, &w->a, &r, &w->err), &w->err);
        assert_int_equal(r.total, whole->total);
        for (size_t i = 0; i < r.n_hits; i++)
            assert_int_equal(r.hits[i].id, whole->hits[at++].id);
        if (r.next.len == 0)
            break;
        q.cursor = r.next;
    }
    assert_int_equal(at, whole->n_hits);
    q.cursor = (Str){0};
    q.offset = (uint32_t)below(w, (int)whole->n_hits + 3);
    SearchResult r;
    assert_ok(search_run(w->ix, &q, &w->a, &r, &w->err), &w->err);
    assert_int_equal(r.total, whole->total);
    for (at = q.offset; at < whole->n_hits && at < q.offset + q.limit; at++)
        assert_int_equal(r.hits[at - q.offset].id, whole->hits[at].id);
    assert_int_equal(r.n_hits, at > q.offset ? at - q.offset : 0);
}

/* BM25F, as query.h tells it; the index keeps weights in steps of 3.5 %. */
static double word_score(const World *w, const Doc *d, int word)
{
    int n = 0, df = 0, in_title = 0, in_body = 0;
    for (int id = 1; id <= DOCS; id++) {
        n += w->docs[id].there;
        df += w->docs[id].there && has_word(&w->docs[id], word);
    }
    for (int i = 0; i < d->n_title; i++)
        in_title += d->title[i] == word;
    for (int i = 0; i < d->n_body; i++)
        in_body += d->body[i] == word;
    double title = 4 * in_title / (0.5 + 0.5 * d->n_title / 4.0);
    double body = 1 * in_body / (0.5 + 0.5 * d->n_body / 12.0);
    double weight = fmax(title, body) + (double)SEARCH_OTHER_FIELDS * fmin(title, body);
    return log(1 + (n - df + 0.5) / (df + 0.5)) * weight * 2.2 / (weight + 1.2);
}

static void compare_scores(const World *w, const Ask *q, const SearchResult *r)
{
    for (size_t i = 0; i < r->n_hits; i++) {
        const SearchHit *h = &r->hits[i];
        double           sum = 0;
        for (size_t k = 0; k < h->n_parts; k++) {
            const SearchPart *p = &h->parts[k];
            sum += (double)p->value;
            if (p->kind != SEARCH_PART_WORD || q->n_words == 0)
                continue;
            double expected = word_score(w, &w->docs[h->id], q->words[p->word]);
            assert_true(fabs((double)p->value - expected) <= 0.03 * expected + 1e-6);
        }
        assert_true(fabs(sum - (double)h->score) < 1e-4);
    }
}

static void ask_and_compare(World *w)
{
    Ask q;
    make_ask(w, &q);
    SearchQuery  query = {.text = text_of(w, &q),
                          .filters = q.filters,
                          .n_filters = q.n_filters,
                          .facets = q.facets,
                          .n_facets = COUNT_OF(q.facets),
                          .sorts = q.sorts,
                          .n_sorts = q.n_sorts,
                          .among = q.among.n > 0 ? &q.among : NULL,
                          .limit = DOCS,
                          .relax = SEARCH_RELAX_NEVER,
                          .prefix = SEARCH_PREFIX_NEVER,
                          .typos = SEARCH_TYPOS_NEVER};
    SearchResult r;
    SearchReport report;
    assert_ok(search_run(w->ix, &query, &w->a, &r, &w->err), &w->err);
    assert_false(r.partial);
    compare_hits(w, &q, &r);
    compare_facets(w, &q, &r);
    compare_pages(w, query, &r);
    search_report(w->ix, &report);
    if (report.replaced == 0) {
        query.explain = true;
        assert_ok(search_run(w->ix, &query, &w->a, &r, &w->err), &w->err);
        compare_scores(w, &q, &r);
    }
}

/* --- the rounds ------------------------------------------------------------------------------- */

static SearchField add_field(World *w, SearchFieldDef def)
{
    SearchField f = 0;
    assert_ok(search_field(w->ix, &def, &f, &w->err), &w->err);
    return f;
}

static void set_up(World *w, uint64_t seed)
{
    w->rng = rng_of(seed);
    arena_init(&w->a, 1 << 16);
    w->ix = search_index_new(&(SearchConfig){.no_merging = true});
    w->title = add_field(w, (SearchFieldDef){.name = STR("title"), .weight = 4, .length = 4});
    w->body = add_field(w, (SearchFieldDef){.name = STR("body")});
    w->vendor = add_field(w, (SearchFieldDef){.name = STR("vendor"), .kind = SEARCH_KEYWORD});
    w->tags = add_field(w, (SearchFieldDef){.name = STR("tags"), .kind = SEARCH_KEYWORD});
    w->weight = add_field(w, (SearchFieldDef){.name = STR("weight"), .kind = SEARCH_NUMBER});
    w->size = add_field(
        w, (SearchFieldDef){.name = STR("size"), .kind = SEARCH_KEYWORD, .grouped = true});
    w->colour = add_field(
        w, (SearchFieldDef){.name = STR("colour"), .kind = SEARCH_KEYWORD, .grouped = true});
    w->price =
        add_field(w, (SearchFieldDef){.name = STR("price"), .kind = SEARCH_MONEY, .grouped = true});
    w->sold = add_field(w, (SearchFieldDef){.name = STR("sold"), .kind = SEARCH_SIGNAL});
}

static void answers_are_those_worked_out_slowly(void **state)
{
    (void)state;
    const char *seed = getenv("SEARCH_SEED"); /* NOLINT(concurrency-mt-unsafe) one thread */
    int64_t     number = 20261122;
    if (seed)
        assert_true(str_parse_i64(str_from_cstr(seed), &number));
    print_message("# SEARCH_SEED=%lld\n", (long long)number);
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    set_up(w, (uint64_t)number);
    for (int round = 0; round < ROUNDS; round++) {
        int what = below(w, 10);
        if (what == 0)
            search_merge(w->ix);
        else if (what == 1)
            load_all(w);
        else if (what == 2)
            signal_some(w);
        else
            change_some(w);
        for (int i = 0; i < QUERIES; i++)
            ask_and_compare(w);
        arena_reset(&w->a);
    }
    search_index_free(w->ix);
    arena_done(&w->a);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_those_worked_out_slowly)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
