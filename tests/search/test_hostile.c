/* What must hold however one asks: the near words of a vocabulary are all found, pages lose nothing
 * while the index changes, and the work of a query is bounded by its budget. */
#include "test.h"

#include <string.h>

#include "base/rng.h"
#include "search/search.h"

typedef struct World {
    Arena        a;
    Err          err;
    Rng          rng;
    SearchIndex *ix;
    SearchField  title, tag, size, price;
} World;

static World *world_new(void)
{
    World *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->rng = rng_of(7);
    arena_init(&w->a, 1 << 16);
    w->ix = search_index_new(&(SearchConfig){.no_merging = true});
    const SearchFieldDef defs[] = {
        {.name = STR("title"), .weight = 4},
        {.name = STR("tag"), .kind = SEARCH_KEYWORD},
        {.name = STR("size"), .kind = SEARCH_KEYWORD, .grouped = true},
        {.name = STR("price"), .kind = SEARCH_MONEY, .grouped = true},
    };
    SearchField *fields[] = {&w->title, &w->tag, &w->size, &w->price};
    for (size_t i = 0; i < COUNT_OF(defs); i++)
        assert_ok(search_field(w->ix, &defs[i], fields[i], &w->err), &w->err);
    return w;
}

static void world_free(World *w)
{
    search_index_free(w->ix);
    arena_done(&w->a);
    free(w);
}

static size_t below(World *w, size_t n)
{
    return (size_t)rng_below(&w->rng, n);
}

static void put(World *w, int64_t id, Str title, int price)
{
    char      tag[16];
    int       len = snprintf(tag, sizeof tag, "t%d", (int)(id % 300));
    SearchDoc d = {.id = id};
    search_doc_text(&d, &w->a, w->title, STR(""), title);
    search_doc_keyword(&d, &w->a, w->tag, SEARCH_WHOLE, (Str){tag, (size_t)len});
    search_doc_number(&d, &w->a, w->price, search_doc_group(&d, &w->a, id), price);
    assert_ok(search_apply(w->ix, &d, 1, NULL, 0, &w->err), &w->err);
}

/* --- near words --------------------------------------------------------------------------------
 */

enum { VOCABULARY = 800, LETTERS = 5, LONGEST = 13, ASKED = 3000, TOLD_MAX = 6 };

typedef struct Wordy {
    char   text[LONGEST + 4];
    size_t n;
} Wordy;

static Wordy some_word(World *w)
{
    Wordy x = {.n = 4 + below(w, LONGEST - 4)};
    for (size_t i = 0; i < x.n; i++)
        x.text[i] = (char)('b' + below(w, LETTERS));
    return x;
}

static Wordy edited(World *w, Wordy x)
{
    size_t at = below(w, x.n - 1);
    char   letter = (char)('b' + below(w, LETTERS + 1));
    switch (below(w, 4)) {
    case 0: x.text[at] = letter; break;
    case 1:
        memmove(x.text + at, x.text + at + 1, x.n - at - 1);
        x.n--;
        break;
    case 2:
        memmove(x.text + at + 1, x.text + at, x.n - at);
        x.text[at] = letter;
        x.n++;
        break;
    default: {
        char held = x.text[at];
        x.text[at] = x.text[at + 1];
        x.text[at + 1] = held;
    }
    }
    return x;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The distance of optimal string alignment, by its definition. */
static unsigned distance(const Wordy *x, const Wordy *y)
{
    unsigned d[LONGEST + 5][LONGEST + 5];
    for (unsigned i = 0; i <= x->n; i++)
        for (unsigned k = 0; k <= y->n; k++) {
            if (i == 0 || k == 0) {
                d[i][k] = i + k;
                continue;
            }
            char     a = x->text[i - 1], b = y->text[k - 1];
            unsigned best = least(d[i - 1][k - 1] + (a != b), least(d[i - 1][k], d[i][k - 1]) + 1);
            if (i > 1 && k > 1 && a == y->text[k - 2] && x->text[i - 2] == b)
                best = least(best, d[i - 2][k - 2] + 1);
            d[i][k] = best;
        }
    return d[x->n][y->n];
}

/* Those that are nearest, when they are near enough; a known word is taken as it stands. */
static size_t count_nearest(const Wordy *words, const Wordy *asked, unsigned *ret)
{
    unsigned allowed = asked->n < 4 ? 0 : asked->n < 8 ? 1 : 2;
    size_t   n = 0;
    *ret = allowed;
    for (size_t i = 0; i < VOCABULARY; i++) {
        unsigned d = distance(&words[i], asked);
        if (d > *ret)
            continue;
        n = d < *ret ? 1 : n + 1;
        *ret = d;
    }
    return n;
}

static void all_near_words_are_found(void **state)
{
    (void)state;
    World       *w = world_new();
    static Wordy words[VOCABULARY];
    size_t       corrected = 0;
    for (size_t i = 0; i < VOCABULARY; i++) {
        words[i] = some_word(w);
        put(w, (int64_t)i, (Str){words[i].text, words[i].n}, 1);
        if (i == VOCABULARY / 2)
            search_merge(w->ix); /* one large segment and many small ones */
    }
    for (int q = 0; q < ASKED; q++) {
        Wordy asked = edited(w, words[below(w, VOCABULARY)]);
        if (q % 2 == 0)
            asked = edited(w, asked);
        if (asked.n < 4)
            continue;
        unsigned     d;
        size_t       nearest = count_nearest(words, &asked, &d);
        SearchResult r;
        SearchQuery  query = {.text = {asked.text, asked.n},
                              .prefix = SEARCH_PREFIX_NEVER,
                              .relax = SEARCH_RELAX_NEVER,
                              .limit = VOCABULARY};
        assert_ok(search_run(w->ix, &query, &w->a, &r, &w->err), &w->err);
        for (size_t i = 0; i < r.n_hits; i++)
            assert_int_equal(distance(&words[r.hits[i].id], &asked), d);
        /* the same word may have been made more than once */
        assert_true((r.n_hits > 0) == (nearest > 0));
        assert_true(r.n_hits == nearest || r.n_hits >= TOLD_MAX);
        corrected += r.n_hits > 0 && d > 0;
        if (q % 500 == 499)
            search_merge(w->ix);
        arena_reset(&w->a);
    }
    assert_true(corrected > ASKED / 3);
    world_free(w);
}

/* --- pages -------------------------------------------------------------------------------------
 */

enum { DOCS = 200, WALKS = 60 };

/* Whatever is put in, changed, taken out, put back and merged between two pages: what stayed as it
 * was is on exactly one of them. */
static void pages_lose_nothing_while_the_index_changes(void **state)
{
    (void)state;
    World *w = world_new();
    for (int64_t id = 1; id <= DOCS; id++)
        put(w, id, STR("red shoe"), (int)below(w, 20));
    for (int walk = 0; walk < WALKS; walk++) {
        bool             touched[DOCS + 1] = {false};
        int              told[DOCS + 1] = {0};
        const SearchSort sort = {.by = walk % 2 ? SEARCH_BY_FIELD : SEARCH_BY_ID,
                                 .field = w->price,
                                 .descending = walk % 4 > 1};
        SearchQuery      q = {.text = walk % 3 ? STR("shoe") : (Str){0},
                              .sorts = &sort,
                              .n_sorts = 1,
                              .limit = 1 + (uint32_t)below(w, 20)};
        SearchResult     r;
        do {
            assert_ok(search_run(w->ix, &q, &w->a, &r, &w->err), &w->err);
            for (size_t i = 0; i < r.n_hits; i++)
                told[r.hits[i].id]++;
            q.cursor = r.next;
            for (size_t n = below(w, 4); n > 0; n--) {
                int64_t id = 1 + (int64_t)below(w, DOCS);
                touched[id] = true;
                if (below(w, 2)) /* taken out first */
                    assert_ok(search_apply(w->ix, NULL, 0, &id, 1, &w->err), &w->err);
                put(w, id, STR("red shoe"), (int)below(w, 20));
            }
            if (below(w, 8) == 0)
                search_merge(w->ix);
        } while (r.next.len > 0);
        for (int64_t id = 1; id <= DOCS; id++)
            assert_true(touched[id] || told[id] == 1);
        arena_reset(&w->a);
    }
    world_free(w);
}

/* --- work --------------------------------------------------------------------------------------
 */

enum { MANY = 6000, TITLE_WORDS = 12 };

/* The longest query there is, of words that all have neighbours and completions, nothing excluded,
 * with as many filters, facets and rules as are allowed. */
static void ask_hostile(World *w, uint64_t budget, SearchResult *ret)
{
    static char           text[4 * QUERY_BYTES_MAX];
    static SearchFacetAsk facets[SEARCH_FACETS_MAX];
    static SearchFilter   filters[SEARCH_FILTERS_MAX];
    static SearchRule     rules[SEARCH_RULES_MAX];
    static const char    *STARTS[] = {"bcdebc", "cdbbec", "ebcdbc", "bbccdde"};
    size_t                n = 0;
    for (size_t i = 0; n < sizeof text - 40; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%c ", STARTS[i % 4],
                              'b' + (char)(i % 5), 'b' + (char)(i / 5 % 5));
    for (size_t i = 0; i < COUNT_OF(facets); i++)
        facets[i] = (SearchFacetAsk){.field = i % 2 ? w->tag : w->price, .limit = 1000};
    for (size_t i = 0; i < COUNT_OF(filters); i++)
        filters[i] = (SearchFilter){
            .field = w->price, .match = SEARCH_RANGE, .min = -1, .max = 1e6 + (double)i};
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        rules[i] = (SearchRule){.filter = filters[i % COUNT_OF(filters)], .share = 0.1};
    SearchQuery q = {.text = {text, n},
                     .filters = filters,
                     .n_filters = COUNT_OF(filters),
                     .facets = facets,
                     .n_facets = COUNT_OF(facets),
                     .rules = rules,
                     .n_rules = COUNT_OF(rules),
                     .limit = SEARCH_LIMIT_MAX,
                     .relax = SEARCH_RELAX_FILL,
                     .prefix = SEARCH_PREFIX_ALWAYS,
                     .explain = true,
                     .budget = {.postings = budget, .micros = UINT32_MAX}};
    assert_ok(search_run(w->ix, &q, &w->a, ret, &w->err), &w->err);
}

static void a_hostile_query_stays_within_its_budget(void **state)
{
    (void)state;
    World       *w = world_new();
    SearchResult least_work, r;
    for (int64_t id = 0; id < MANY; id++) {
        char   title[TITLE_WORDS * (LONGEST + 5)];
        size_t n = 0;
        for (int i = 0; i < TITLE_WORDS; i++) {
            Wordy x = some_word(w);
            n += (size_t)snprintf(title + n, sizeof title - n, "%.*s ", (int)x.n, x.text);
        }
        put(w, id, (Str){title, n}, (int)below(w, 5000));
        arena_reset(&w->a);
    }
    search_merge(w->ix);
    ask_hostile(w, 1, &least_work);
    assert_true(least_work.partial);
    SearchReport report;
    search_report(w->ix, &report);
    /* what is looked at in one go: the words of a segment, the documents of a list */
    uint64_t step = (uint64_t)report.terms + MANY;
    assert_true(least_work.postings <= step);
    for (uint64_t budget = 1000; budget <= 10000000; budget *= 10) {
        ask_hostile(w, budget, &r);
        print_message("# budget %d: looked at %d%s\n", (int)budget, (int)r.postings,
                      r.partial ? ", partial" : "");
        assert_true(r.postings <= budget + step);
        assert_true(r.partial || r.postings <= budget);
        arena_reset(&w->a);
    }
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_near_words_are_found),
        cmocka_unit_test(pages_lose_nothing_while_the_index_changes),
        cmocka_unit_test(a_hostile_query_stays_within_its_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
