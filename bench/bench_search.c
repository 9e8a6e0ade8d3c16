/* bench_search [--alone [--kind 0-5]] [PRODUCTS...] - product search, beside SQLite's FTS5 in the
 * same run.
 *
 * Products are made up: each is of one of 300 types, some much more frequent than others. A title
 * has the type's word, two of the type's 120 attributes and two words of the language; a
 * description of 25 words has four attributes, and otherwise words out of 40,000, as frequent as
 * words of a language are; a brand (500), a colour, a size, a price, a SKU. Shoppers ask for a type
 * and an attribute, the frequent ones more often. So many products have both words (mean 34,
 * median 10 of 20,000) as have both words of the two-word queries that were judged for the 19,406
 * products of the Icecat data (mean 34, median 10). FTS5 gets all it can use: a database in memory,
 * an index without content, integers for facets in a table of its own, one prepared statement for
 * all that a query wants (the hits are worked out once), a prefix index for suggestions, trigrams
 * for typos. Neither side stems. Answers are compared one by one: how many products, how many of
 * each brand, colour and size, and, where order is not a matter of opinion, the first page. Ours
 * find a little more: two words that are one word elsewhere, and when nothing has both, words near
 * them. Of each query the fastest of ten times counts (of typos three: FTS5 takes long), on both
 * sides: the machine may be shared, and what we take at 20,000 products is over in ten
 * milliseconds. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_search.h"

void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench_search: %s\n", what);
        exit(1); /* NOLINT(concurrency-mt-unsafe) */
    }
}

/* --- products --------------------------------------------------------------------------------- */

static void make_words(Bench *b)
{
    static const char *const CONSONANTS[] = {"b", "c", "d", "f", "g", "h",  "k",  "l",  "m", "n",
                                             "p", "r", "s", "t", "v", "st", "tr", "pl", "sh"};
    static const char *const VOWELS[] = {"a", "e", "i", "o", "u", "ea", "oo"};
    b->words = calloc(WORDS, sizeof *b->words);
    b->upto = calloc(WORDS, sizeof *b->upto);
    must(b->words && b->upto, "out of memory");
    double sum = 0;
    for (size_t i = 0; i < WORDS; i++) {
        size_t n = 0;
        for (uint64_t k = 2 + rng_below(&b->rng, 3); k > 0; k--)
            n += (size_t)snprintf(b->words[i] + n, WORD_LEN - n, "%s%s",
                                  CONSONANTS[rng_below(&b->rng, COUNT_OF(CONSONANTS))],
                                  VOWELS[rng_below(&b->rng, COUNT_OF(VOWELS))]);
        if (rng_below(&b->rng, 2))
            snprintf(b->words[i] + n, WORD_LEN - n, "%s", CONSONANTS[rng_below(&b->rng, 15)]);
        sum += 1 / pow((double)i + 10, 0.9);
        b->upto[i] = sum;
    }
}

/* One of n, by their sums of weights. */
static uint16_t pick(Bench *b, const double *upto, size_t n)
{
    double x = rng_real(&b->rng) * upto[n - 1];
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (upto[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint16_t)low;
}

static uint16_t some_word(Bench *b)
{
    return pick(b, b->upto, WORDS);
}

/* Types' words are none of the most frequent ones; attributes may be of several types. */
static void make_types(Bench *b)
{
    double sum = 0;
    for (size_t i = 0; i < TYPES; i++) {
        b->types[i].word = (uint16_t)(TYPES + i);
        for (size_t k = 0; k < ATTRIBUTES; k++)
            b->types[i].attributes[k] = (uint16_t)rng_between(&b->rng, 2 * TYPES, WORDS / 2);
        b->type_upto[i] = sum += 1 / pow((double)i + 3, 0.9);
    }
    sum = 0;
    for (size_t k = 0; k < ATTRIBUTES; k++)
        b->attribute_upto[k] = sum += 1 / pow((double)k + 2, 0.9);
}

static uint16_t some_attribute(Bench *b, const Type *t)
{
    return t->attributes[pick(b, b->attribute_upto, ATTRIBUTES)];
}

static const Type *some_type(Bench *b)
{
    return &b->types[pick(b, b->type_upto, TYPES)];
}

static Product some_product(Bench *b)
{
    Product     p;
    const Type *type = some_type(b);
    p.words[0] = type->word;
    for (size_t i = 1; i < TITLE + BODY; i++)
        p.words[i] =
            i < 3 || (i >= TITLE && i < TITLE + 4) ? some_attribute(b, type) : some_word(b);
    p.brand = (uint16_t)(rng_real(&b->rng) * rng_real(&b->rng) * BRANDS);
    p.colour = (uint8_t)rng_below(&b->rng, COLOURS);
    p.size = (uint8_t)rng_below(&b->rng, SIZES);
    p.price = (int32_t)rng_between(&b->rng, 100, 100000);
    return p;
}

static void make_queries(Bench *b)
{
    for (size_t i = 0; i < QUERIES; i++) {
        Query      *q = &b->queries[i];
        const Type *type = some_type(b);
        snprintf(q->words[0], WORD_LEN, "%s", b->words[type->word]);
        snprintf(q->words[1], WORD_LEN, "%s", b->words[some_attribute(b, type)]);
        q->low = (int32_t)rng_below(&b->rng, 50000);
        q->high = q->low + 40000;
        do {
            snprintf(q->typo, WORD_LEN, "%s", b->words[some_attribute(b, type)]);
        } while (strlen(q->typo) < 6);
        size_t at = 2 + rng_below(&b->rng, strlen(q->typo) - 3);
        char   held = q->typo[at];
        q->typo[at] = q->typo[at + 1];
        q->typo[at + 1] = held;
        q->colour = (uint8_t)(i % COLOURS);
        snprintf(q->prefix, WORD_LEN, "%.*s", 2 + (int)(i % 2), b->words[some_attribute(b, type)]);
    }
}

Str sentence(const Bench *b, Arena *a, const uint16_t *words, size_t n)
{
    char  *text = arena_array(a, char, n *WORD_LEN);
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, n * WORD_LEN - len, "%s%s", i > 0 ? " " : "",
                                b->words[words[i]]);
    return (Str){text, len};
}

static Str name_of(Bench *b, const char *kind, size_t i)
{
    char text[32];
    snprintf(text, sizeof text, "%s%zu", kind, i);
    return str_dup(&b->names, str_from_cstr(text));
}

/* --- ours ------------------------------------------------------------------------------------- */

static SearchField field(Bench *b, SearchFieldDef def)
{
    SearchField f = 0;
    Err         err;
    must(search_field(b->ix, &def, &f, &err) == ST_OK, "field");
    return f;
}

static SearchDoc document(const Bench *b, Arena *a, size_t i, const Product *p)
{
    SearchDoc d = {.id = (int64_t)i + 1};
    char     *sku = arena_array(a, char, 24);
    snprintf(sku, 24, "SKU-%07zu", i);
    search_doc_text(&d, a, b->title, STR(""), sentence(b, a, p->words, TITLE));
    search_doc_text(&d, a, b->body, STR(""), sentence(b, a, p->words + TITLE, BODY));
    search_doc_code(&d, a, b->sku, str_from_cstr(sku));
    search_doc_keyword(&d, a, b->brand, SEARCH_WHOLE, b->brands[p->brand]);
    search_doc_keyword(&d, a, b->colour, SEARCH_WHOLE, b->colours[p->colour]);
    search_doc_keyword(&d, a, b->size, SEARCH_WHOLE, b->sizes[p->size]);
    search_doc_number(&d, a, b->price, SEARCH_WHOLE, p->price);
    return d;
}

typedef struct Part {
    Bench      *b;
    SearchLoad *load;
    size_t      from, to;
} Part;

static void *load_part(void *arg)
{
    const Part               *part = arg;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1 << 16);
    for (size_t i = part->from; i < part->to; i++) {
        SearchDoc d = document(part->b, &a, i, &part->b->products[i]);
        Err       err;
        must(search_load_add(part->load, &d, 1, &err) == ST_OK, "load");
        arena_reset(&a);
    }
    return NULL;
}

static double build_ours(Bench *b)
{
    b->ix = search_index_new(&(SearchConfig){.locale = STR("")});
    b->title = field(b, (SearchFieldDef){.name = STR("title"), .weight = 4, .length = TITLE});
    b->body = field(b, (SearchFieldDef){.name = STR("body"), .length = BODY});
    b->brand = field(b, (SearchFieldDef){.name = STR("brand"), .kind = SEARCH_KEYWORD});
    b->colour = field(b, (SearchFieldDef){.name = STR("colour"), .kind = SEARCH_KEYWORD});
    b->size = field(b, (SearchFieldDef){.name = STR("size"), .kind = SEARCH_KEYWORD});
    b->price = field(b, (SearchFieldDef){.name = STR("price"), .kind = SEARCH_MONEY});
    b->sku = field(b, (SearchFieldDef){.name = STR("sku"), .kind = SEARCH_CODE});
    int64_t     from = clock_mono_us();
    SearchLoad *load;
    Err         err;
    must(search_load_begin(b->ix, &load, &err) == ST_OK, "load");
    Part      parts[2] = {{b, load, 0, b->n / 2}, {b, load, b->n / 2, b->n}};
    pthread_t thread;
    must(pthread_create(&thread, NULL, load_part, &parts[0]) == 0, "thread");
    load_part(&parts[1]);
    pthread_join(thread, NULL);
    search_load_commit(load);
    return (double)(clock_mono_us() - from) / 1e6;
}

static const char *const KIND_NAME[] = {
    "2 words, 3 facets, price range, by score", "2 words, 3 facets, price range, by price",
    "the same, and a colour is chosen",         "a typo beside a word",
    "suggestion: a word and a beginning",       "everything, 3 facets, price range"};

/* "Brand12" -> 12 */
static size_t number_of(Str name)
{
    size_t at = 0, n = 0;
    while (at < name.len && (name.ptr[at] < '0' || name.ptr[at] > '9'))
        at++;
    for (; at < name.len; at++)
        n = n * 10 + (size_t)(name.ptr[at] - '0');
    return n;
}

static void note_answer(const SearchResult *r, Answer *ret)
{
    ret->total = r->total;
    for (; ret->n_ids < r->n_hits && ret->n_ids < PAGE; ret->n_ids++)
        ret->ids[ret->n_ids] = r->hits[ret->n_ids].id;
    for (size_t k = 0; k < r->n_facets; k++)
        for (size_t i = 0; i < r->facets[k].n_values; i++)
            ret->counts[k][number_of(r->facets[k].values[i].text)] = r->facets[k].values[i].count;
}

static void ask_completions(Bench *b, const SearchQuery *q)
{
    SearchCompletion *c;
    size_t            n;
    Err               err;
    SearchSuggest     s = {.text = q->text, .locale = q->locale, .limit = 5};
    must(search_suggest(b->ix, &s, &b->a, &c, &n, &err) == ST_OK, "suggest");
}

/* Returns the number of hits; with `ret` all values of the facets are asked for. */
static int64_t ask_ours(Bench *b, Kind kind, const Query *q, Answer *ret)
{
    const uint16_t       most = ret ? BRANDS : 10;
    const SearchFacetAsk facets[FACETS] = {{.field = b->brand, .limit = most},
                                           {.field = b->colour, .limit = most},
                                           {.field = b->size, .limit = most}};
    const SearchFilter   filters[] = {
          {.field = b->price, .match = SEARCH_RANGE, .min = q->low, .max = q->high},
          {.field = b->colour, .values = &b->colours[q->colour], .n = 1}};
    const SearchSort sort = {.by = SEARCH_BY_FIELD, .field = b->price};
    SearchQuery      query = {.text = kind == BROWSE ? (Str){0} : str_from_cstr(q->text),
                              .locale = STR(""),
                              .relax = SEARCH_RELAX_NEVER,
                              .limit = kind == SUGGEST ? 6 : PAGE};
    SearchResult     r;
    Err              err;
    if (kind != TYPO && kind != SUGGEST) {
        query.filters = filters;
        query.n_filters = kind == CHOSEN ? 2 : 1;
        query.facets = facets;
        query.n_facets = FACETS;
    }
    if (kind == BY_PRICE || kind == CHOSEN) {
        query.sorts = &sort;
        query.n_sorts = 1;
    }
    if (kind == SUGGEST) {
        query.prefix = SEARCH_PREFIX_ALWAYS;
        query.no_total = true;
    }
    must(search_run(b->ix, &query, &b->a, &r, &err) == ST_OK, "query");
    if (kind == SUGGEST)
        ask_completions(b, &query);
    if (ret)
        note_answer(&r, ret);
    int64_t total = r.total;
    arena_reset(&b->a);
    return total;
}

/* --- measuring -------------------------------------------------------------------------------- */

static int by_time(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return a < b ? -1 : a > b;
}

typedef struct Times {
    double mean, p50, p99;
} Times;

static Times times_of(double *us, size_t n)
{
    Times t = {0};
    for (size_t i = 0; i < n; i++)
        t.mean += us[i] / (double)n;
    qsort(us, n, sizeof *us, by_time);
    t.p50 = us[n / 2];
    t.p99 = us[n * 99 / 100];
    return t;
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

typedef struct Agreement { /* queries of which both sides say the same */
    size_t n, totals, counts, pages, all;
} Agreement;

static Agreement compare(Bench *b, sqlite3_stmt *s, Kind kind, size_t n)
{
    Agreement same = {.n = n};
    for (size_t i = 0; i < n; i++) {
        static Answer x, y;
        memset(&x, 0, sizeof x);
        memset(&y, 0, sizeof y);
        (void)ask_ours(b, kind, &b->queries[i], &x);
        (void)ask_fts(s, &b->queries[i], &y);
        bool total = x.total == y.total, counts = memcmp(x.counts, y.counts, sizeof x.counts) == 0;
        bool page = x.n_ids == y.n_ids &&
                    (kind == TWO_WORDS || memcmp(x.ids, y.ids, x.n_ids * sizeof *x.ids) == 0);
        same.totals += total;
        same.counts += counts;
        same.pages += page;
        same.all += total && counts && page;
    }
    return same;
}

static void measure(Bench *b, Kind kind)
{
    static double ours[QUERIES], fts[QUERIES];
    sqlite3_stmt *s = b->alone ? NULL : prepare_fts(b, kind);
    size_t        n = kind == BROWSE ? 20 : QUERIES;
    int64_t       hits = 0;
    prepare_texts(b, kind);
    int rounds = !b->alone && kind == TYPO ? ROUNDS_TYPO : b->rounds;
    for (int warm = 0; warm < rounds; warm++)
        for (size_t i = 0; i < n; i++) {
            double  from = now_us();
            int64_t total = ask_ours(b, kind, &b->queries[i], NULL);
            double  us = now_us() - from;
            ours[i] = warm == 0 || us < ours[i] ? us : ours[i];
            hits += total;
        }
    for (int warm = 0; s && warm < rounds; warm++)
        for (size_t i = 0; i < n; i++) {
            double from = now_us();
            (void)ask_fts(s, &b->queries[i], NULL);
            double us = now_us() - from;
            fts[i] = warm == 0 || us < fts[i] ? us : fts[i];
        }
    Times x = times_of(ours, n), y = times_of(fts, n);
    printf("  %-42s %8.4f %8.4f %8.4f  %9.4f %9.4f %9.4f  %6.1fx %6.1fx  %9.1f", KIND_NAME[kind],
           x.mean / 1e3, x.p50 / 1e3, x.p99 / 1e3, y.mean / 1e3, y.p50 / 1e3, y.p99 / 1e3,
           y.p50 / x.p50, y.p99 / x.p99, (double)hits / rounds / (double)n);
    if (s && kind != TYPO && kind != SUGGEST) {
        Agreement same = compare(b, s, kind, n);
        printf("  the same: %zu of %zu totals, %zu counts of all values, %zu first pages%s",
               same.totals, n, same.counts, same.pages, kind == TWO_WORDS ? " (by number)" : "");
    }
    sqlite3_finalize(s);
    puts("");
}

static void *search_on(void *arg)
{
    Bench *b = arg;
    for (size_t i = 0; !atomic_load(&b->stop); i++)
        (void)ask_ours(b, TWO_WORDS, &b->queries[i % QUERIES], NULL);
    return NULL;
}

/* One product at a time, each seen when search_apply() returns, while a thread searches. */
static void update(Bench *b)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 1 << 16);
    pthread_t thread;
    prepare_texts(b, TWO_WORDS);
    atomic_store(&b->stop, false);
    must(pthread_create(&thread, NULL, search_on, b) == 0, "thread");
    static double us[2000000];
    size_t        n = 0;
    for (double from = now_us(); now_us() - from < UPDATE_MS * 1e3 && n < COUNT_OF(us); n++) {
        size_t    i = rng_below(&b->rng, b->n);
        Product   p = some_product(b);
        SearchDoc d = document(b, &a, i, &p);
        Err       err;
        double    start = now_us();
        must(search_apply(b->ix, &d, 1, NULL, 0, &err) == ST_OK, "update");
        us[n] = now_us() - start;
        arena_reset(&a);
    }
    atomic_store(&b->stop, true);
    pthread_join(thread, NULL);
    Times        t = times_of(us, n);
    SearchReport r;
    search_report(b->ix, &r);
    printf("  updates while searching: %.0f per second; seen after %.3f ms (p99 %.3f, most %.3f); "
           "%lld segments\n",
           (double)n / (UPDATE_MS / 1e3), t.mean / 1e3, t.p99 / 1e3, us[n - 1] / 1e3,
           (long long)r.segments);
}

static void run(Bench *b, size_t n)
{
    b->n = n;
    b->products = calloc(n, sizeof *b->products);
    must(b->products, "out of memory");
    for (size_t i = 0; i < n; i++)
        b->products[i] = some_product(b);
    double       ours = build_ours(b), fts = b->alone ? 0 : build_fts(b);
    SearchReport r;
    search_report(b->ix, &r);
    printf("%zu products: built in %.2f s (FTS5 %.2f s), %.0f bytes each: postings %.0f, positions "
           "%.0f, words %.0f, columns %.0f\n",
           n, ours, fts, (double)r.bytes / (double)n, (double)r.postings_bytes / (double)n,
           (double)r.positions_bytes / (double)n, (double)r.vocabulary_bytes / (double)n,
           (double)r.columns_bytes / (double)n);
    printf("  %-42s %26s  %29s  %14s  %9s\n", "ms", "ours: mean, p50, p99", "FTS5: mean, p50, p99",
           "p50, p99", "hits");
    for (Kind kind = 0; kind < KINDS; kind++)
        if (b->kind == KINDS || b->kind == kind)
            measure(b, kind);
    if (b->kind == KINDS)
        update(b);
    search_index_free(b->ix);
    sqlite3_close(b->db);
    free(b->products);
}

int main(int argc, char **argv)
{
    static const size_t SIZES_DEFAULT[] = {20000, 100000, 500000};
    Bench              *b = calloc(1, sizeof *b);
    must(b, "out of memory");
    b->rng = rng_of(4);
    arena_init(&b->a, 1 << 20);
    arena_init(&b->names, 1 << 16);
    make_words(b);
    make_types(b);
    make_queries(b);
    for (size_t i = 0; i < BRANDS; i++)
        b->brands[i] = name_of(b, "Brand", i);
    for (size_t i = 0; i < COLOURS; i++)
        b->colours[i] = name_of(b, "Colour", i);
    for (size_t i = 0; i < SIZES; i++)
        b->sizes[i] = name_of(b, "Size", i);
    int first = argc > 1 && strcmp(argv[1], "--alone") == 0 ? 2 : 1;
    b->alone = first == 2;
    b->kind = KINDS;
    b->rounds = ROUNDS;
    if (b->alone && argc > 3 && strcmp(argv[2], "--kind") == 0) {
        b->kind = (Kind)(argv[3][0] - '0');
        b->rounds = PROFILE_ROUNDS;
        first = 4;
    }
    for (int i = first; i < argc; i++) {
        int64_t n = 0;
        must(str_parse_i64(str_from_cstr(argv[i]), &n) && n > 0 && n <= 10000000, "how many?");
        run(b, (size_t)n);
    }
    for (size_t i = 0; argc <= first && i < COUNT_OF(SIZES_DEFAULT); i++)
        run(b, SIZES_DEFAULT[i]);
    arena_done(&b->a);
    arena_done(&b->names);
    free(b->words);
    free(b->upto);
    free(b);
    return 0;
}
