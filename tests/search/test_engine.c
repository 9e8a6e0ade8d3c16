/* The search engine as its users see it: what is found, counted, sorted, explained. */
#include "test.h"

#include <math.h>

#include "search/search.h"

typedef struct Shop {
    Arena        a;
    Err          err;
    SearchIndex *ix;
    SearchField  title, sku, vendor, size, colour, price, stock, sold, tags, text;
} Shop;

static SearchField field(Shop *s, const char *name, SearchKind kind, bool grouped, float weight)
{
    SearchField f = 0;
    assert_ok(search_field(s->ix,
                           &(SearchFieldDef){.name = str_from_cstr(name),
                                             .kind = kind,
                                             .grouped = grouped,
                                             .weight = weight},
                           &f, &s->err),
              &s->err);
    return f;
}

static int set_up(void **state)
{
    static Shop s;
    arena_init(&s.a, 1 << 16);
    s.ix = search_index_new(&(SearchConfig){.locale = STR("en"), .no_merging = true});
    s.title = field(&s, "title", SEARCH_TEXT, false, 4);
    s.sku = field(&s, "sku", SEARCH_CODE, false, 4);
    s.vendor = field(&s, "vendor", SEARCH_KEYWORD, false, 0);
    s.size = field(&s, "size", SEARCH_KEYWORD, true, 0);
    s.colour = field(&s, "colour", SEARCH_KEYWORD, true, 0);
    s.price = field(&s, "price", SEARCH_MONEY, true, 0);
    s.stock = field(&s, "stock", SEARCH_BOOL, false, 0);
    s.sold = field(&s, "sold", SEARCH_SIGNAL, false, 0);
    s.tags = field(&s, "tags", SEARCH_KEYWORD, false, 0);
    s.text = field(&s, "text", SEARCH_TEXT, false, 1);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    Shop *s = *state;
    search_index_free(s->ix);
    arena_done(&s->a);
    return 0;
}

typedef struct Item {
    int64_t     id;
    const char *title, *text, *sku, *vendor;
    const char *variants; /* "M red 1000;L blue 1200" */
} Item;

static void add_variant(Shop *s, SearchDoc *d, Str variant)
{
    Str     size, rest, colour, price;
    int64_t cents = 0;
    (void)str_cut(variant, ' ', &size, &rest);
    (void)str_cut(rest, ' ', &colour, &price);
    assert_true(str_parse_i64(price, &cents));
    int32_t g = search_doc_group(d, &s->a, d->id * 100 + (int64_t)d->n_groups);
    search_doc_keyword(d, &s->a, s->size, g, size);
    search_doc_keyword(d, &s->a, s->colour, g, colour);
    search_doc_number(d, &s->a, s->price, g, (double)cents);
}

static void put(Shop *s, const Item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SearchDoc d = {.id = items[i].id};
        search_doc_text(&d, &s->a, s->title, STR("en"), str_from_cstr(items[i].title));
        if (items[i].text)
            search_doc_text(&d, &s->a, s->text, STR("en"), str_from_cstr(items[i].text));
        if (items[i].sku)
            search_doc_code(&d, &s->a, s->sku, str_from_cstr(items[i].sku));
        if (items[i].vendor)
            search_doc_keyword(&d, &s->a, s->vendor, SEARCH_WHOLE, str_from_cstr(items[i].vendor));
        Str one, rest = str_from_cstr(items[i].variants);
        while (rest.len > 0) {
            (void)str_cut(rest, ';', &one, &rest);
            add_variant(s, &d, one);
        }
        assert_ok(search_apply(s->ix, &d, 1, NULL, 0, &s->err), &s->err);
    }
}

static const Item SHOES[] = {
    {1, "Red running shoes", "Light shoes for the road", "RS-100/A", "Acme",
     "M red 1000;L red 1200"},
    {2, "Blue running shoes", "With red laces", "RS-200", "Acme", "M blue 1100;L red 900"},
    {3, "Garden hose", "Thirty metres", "GH 30", "Bolt", "M green 500"},
    {4, "Trail running jacket", "Red, warm, waterproof", "TJ-7", "Bolt", "S red 5000"},
    {5, "Running socks", NULL, "SO-1", "Crest", NULL},
};

static void ask(Shop *s, SearchQuery *q, SearchResult *r)
{
    if (q->limit == 0)
        q->limit = 20;
    q->locale = STR("en");
    assert_ok(search_run(s->ix, q, &s->a, r, &s->err), &s->err);
}

/* The ids of the hits, as text: "1 2 4". */
static const char *found(Shop *s, SearchQuery q)
{
    static char  ids[512];
    SearchResult r;
    size_t       n = 0;
    ask(s, &q, &r);
    ids[0] = 0;
    for (size_t i = 0; i < r.n_hits; i++)
        n += (size_t)snprintf(ids + n, sizeof ids - n, n > 0 ? " %lld" : "%lld",
                              (long long)r.hits[i].id);
    return ids;
}

#define TEXT(t) ((SearchQuery){.text = STR(t)})

static void words_are_found_best_first(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    assert_string_equal(found(s, TEXT("running shoes")), "1 2");
    assert_string_equal(found(s, TEXT("red shoes")), "1 2");
    assert_string_equal(found(s, TEXT("hose")), "3");
    assert_string_equal(found(s, TEXT("running -shoes")), "5 4");
    assert_string_equal(found(s, TEXT("\"running shoes\" blue")), "2");
    assert_string_equal(found(s, TEXT("\"shoes running\"")), "");
    assert_string_equal(found(s, TEXT("")), "1 2 3 4 5");
}

static void identifiers_are_found_however_they_are_spaced(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    assert_string_equal(found(s, TEXT("RS-100/A")), "1");
    assert_string_equal(found(s, TEXT("rs100a")), "1");
    assert_string_equal(found(s, TEXT("rs 100 a")), "1");
    assert_string_equal(found(s, TEXT("GH30 hose")), "3");
}

static void typos_are_corrected_and_told(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    SearchQuery  q = TEXT("runnign shos");
    SearchResult r;
    ask(s, &q, &r);
    assert_int_equal(r.n_hits, 2);
    assert_str(r.corrected, "running shoes");
    assert_int_equal(r.words[0].how, SEARCH_AS_TYPO);
    assert_str(r.words[1].found, "shoes");
    q.typos = SEARCH_TYPOS_NEVER;
    q.relax = SEARCH_RELAX_NEVER;
    q.prefix = SEARCH_PREFIX_NEVER;
    ask(s, &q, &r);
    assert_int_equal(r.total, 0);
}

static void plurals_without_an_ending_are_found(void **state)
{
    static const Item THINGS[] = {{1, "Wireless mouse", NULL, NULL, NULL, NULL},
                                  {2, "Steel shelf", NULL, NULL, NULL, NULL},
                                  {3, "Knives, set of six", NULL, NULL, NULL, NULL}};
    Shop             *s = *state;
    put(s, THINGS, COUNT_OF(THINGS));
    assert_string_equal(found(s, TEXT("mice")), "1");
    assert_string_equal(found(s, TEXT("shelves")), "2");
    assert_string_equal(found(s, TEXT("knife")), "3");
}

static void a_word_of_the_shop_is_no_typo_of_a_rare_one(void **state)
{
    static const Item THINGS[] = {{1, "Smart watch", NULL, NULL, NULL, NULL},
                                  {2, "Diving watch", NULL, NULL, NULL, NULL},
                                  {3, "Rubber band", NULL, NULL, NULL, NULL},
                                  {4, "Elastic band", NULL, NULL, NULL, NULL},
                                  {5, "Patch with a bond", NULL, NULL, NULL, NULL},
                                  {6, "Watt meter for a bond", NULL, NULL, NULL, NULL}};
    Shop             *s = *state;
    put(s, THINGS, COUNT_OF(THINGS));
    SearchQuery  q = TEXT("watch band");
    SearchResult r;
    ask(s, &q, &r);
    assert_int_equal(r.corrected.len, 0);
    assert_true(r.relaxed);
    assert_int_equal(r.total, 4);
}

static void a_rare_word_may_be_a_typo_of_a_usual_one(void **state)
{
    static const Item DRIVE = {0, "Hard drive", NULL, NULL, NULL, NULL};
    static const Item DIVE = {9, "Dive computer", NULL, NULL, NULL, NULL};
    Shop             *s = *state;
    for (int64_t id = 1; id <= 4; id++) {
        Item one = DRIVE;
        one.id = id;
        put(s, &one, 1);
    }
    put(s, &DIVE, 1);
    SearchQuery  q = TEXT("hard dive");
    SearchResult r;
    ask(s, &q, &r);
    assert_str(r.corrected, "hard drive");
    assert_int_equal(r.total, 4);
}

static void what_a_filter_leaves_out_is_no_typo(void **state)
{
    static const Item  HOSES[] = {{1, "Garden hose", NULL, NULL, "Acme", NULL},
                                  {2, "Garden house", NULL, NULL, "Bolt", NULL}};
    Shop              *s = *state;
    Str                bolt = STR("Bolt");
    const SearchFilter of_bolt = {
        .field = s->vendor, .match = SEARCH_ANY_OF, .values = &bolt, .n = 1};
    put(s, HOSES, COUNT_OF(HOSES));
    SearchQuery  q = TEXT("garden hose");
    SearchResult r;
    q.filters = &of_bolt;
    q.n_filters = 1;
    q.relax = SEARCH_RELAX_NEVER;
    ask(s, &q, &r);
    assert_int_equal(r.total, 0);
    assert_int_equal(r.corrected.len, 0);
    q.text = STR("garden hoouse");
    assert_string_equal(found(s, q), "2");
}

static void the_last_word_may_be_a_beginning(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    assert_string_equal(found(s, TEXT("running jac")), "4");
    SearchQuery q = TEXT("running s");
    q.prefix = SEARCH_PREFIX_ALWAYS;
    assert_string_equal(found(s, q), "5 1 2");
}

static void words_are_given_up_when_no_document_has_all(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    SearchQuery  q = TEXT("green running jacket");
    SearchResult r;
    ask(s, &q, &r);
    assert_true(r.relaxed);
    assert_int_equal(r.total, 1);
    assert_int_equal(r.hits[0].id, 4);
    assert_int_equal(r.hits[0].missing, 1);
    assert_int_equal(r.given_up, 1);
    q.relax = SEARCH_RELAX_NEVER;
    ask(s, &q, &r);
    assert_int_equal(r.total, 0);
}

static void filters_hold_within_one_group(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    Str                red[] = {STR("red")}, m[] = {STR("M")};
    const SearchFilter both[] = {
        {.field = s->colour, .match = SEARCH_ANY_OF, .values = red, .n = 1},
        {.field = s->size, .match = SEARCH_ANY_OF, .values = m, .n = 1},
    };
    assert_string_equal(found(s, (SearchQuery){.filters = both, .n_filters = 1}), "1 2 4");
    assert_string_equal(found(s, (SearchQuery){.filters = both, .n_filters = 2}), "1");
    SearchQuery  q = {.filters = both, .n_filters = 2};
    SearchResult r;
    ask(s, &q, &r);
    assert_int_equal(r.hits[0].group, 100);
}

static int64_t count_of(const SearchFacet *f, const char *value)
{
    for (size_t i = 0; i < f->n_values; i++)
        if (str_eq(f->values[i].text, str_from_cstr(value)))
            return f->values[i].count;
    return 0;
}

static void a_count_is_what_choosing_the_value_would_show(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    Str                  red[] = {STR("red")};
    const SearchFilter   chosen[] = {{.field = s->colour, .values = red, .n = 1}};
    const double         bounds[] = {0, 1000, 2000};
    const SearchFacetAsk facets[] = {{.field = s->colour, .limit = 10},
                                     {.field = s->size, .limit = 10},
                                     {.field = s->vendor, .limit = 1},
                                     {.field = s->price, .bounds = bounds, .n_bounds = 3}};
    SearchQuery          q = {.filters = chosen, .n_filters = 1, .facets = facets, .n_facets = 4};
    SearchResult         r;
    ask(s, &q, &r);
    assert_int_equal(r.total, 3);
    assert_int_equal(count_of(&r.facets[0], "red"), 3);
    assert_true(r.facets[0].values[0].chosen);
    assert_int_equal(count_of(&r.facets[0], "blue"), 1);
    assert_int_equal(count_of(&r.facets[0], "green"), 1);
    assert_int_equal(count_of(&r.facets[1], "L"), 2);
    assert_int_equal(count_of(&r.facets[1], "M"), 1);
    assert_int_equal(r.facets[2].n_values, 1);
    assert_int_equal(count_of(&r.facets[2], "Acme"), 2);
    assert_int_equal(r.facets[2].n_all, 2);
    assert_true(r.facets[3].min <= 900 && r.facets[3].max >= 5000);
    assert_int_equal(r.facets[3].buckets[0], 1);
    assert_int_equal(r.facets[3].buckets[1], 1);
    assert_int_equal(r.facets[3].buckets[2], 1);
}

/* As many makers as a facet notes one by one; of the odd lamps all of them, and some again. */
enum { LAMPS = 1300, MAKERS = 256 };

static size_t maker_of(size_t lamp)
{
    return lamp % MAKERS;
}

static void put_lamps(Shop *s)
{
    SearchDoc *docs = arena_array(&s->a, SearchDoc, LAMPS);
    for (size_t i = 0; i < LAMPS; i++) {
        char vendor[16];
        snprintf(vendor, sizeof vendor, "v%03zu", maker_of(i));
        docs[i].id = (int64_t)i + 1;
        Str title = i % 30 == 0 ? STR("rare odd lamp") : i % 3 == 1 ? STR("odd lamp") : STR("lamp");
        search_doc_text(&docs[i], &s->a, s->title, STR("en"), title);
        search_doc_keyword(&docs[i], &s->a, s->vendor, SEARCH_WHOLE,
                           str_dup(&s->a, str_from_cstr(vendor)));
    }
    assert_ok(search_apply(s->ix, docs, LAMPS, NULL, 0, &s->err), &s->err);
}

static void check_makers(const SearchFacet *f, const int64_t counts[MAKERS], size_t limit)
{
    int64_t used = 0, least = INT64_MAX;
    char    before[16] = "";
    for (size_t i = 0; i < MAKERS; i++)
        used += counts[i] > 0;
    assert_int_equal(f->n_all, used);
    assert_int_equal(f->n_values, (size_t)used < limit ? (size_t)used : limit);
    for (size_t i = 0; i < f->n_values; i++) {
        char name[16];
        snprintf(name, sizeof name, STR_FMT, STR_ARG(f->values[i].text));
        int64_t maker = 0;
        assert_true(str_parse_i64(str_from_cstr(name + 1), &maker));
        assert_int_equal(f->values[i].count, counts[maker]);
        assert_true(counts[maker] < least || (counts[maker] == least && strcmp(before, name) < 0));
        least = counts[maker];
        memcpy(before, name, sizeof name);
    }
    for (size_t i = 0, more = 0; i < MAKERS; i++) { /* those that are not told */
        more += counts[i] > least;
        assert_true(more < f->n_values || f->n_values == 0);
    }
}

static void the_most_counted_values_are_told_however_many_there_are(void **state)
{
    static const uint16_t LIMITS[] = {1, 10, 32, 33, 100, 1000};
    static const struct {
        const char *text;
        size_t      every, also; /* the lamps that have it: multiples of these */
    } ASKED[] = {{"rare", 30, 30}, {"odd", 30, 0}, {"lamp", 1, 1}};
    Shop *s = *state;
    put_lamps(s);
    for (size_t i = 0; i < COUNT_OF(ASKED); i++)
        for (size_t k = 0; k < COUNT_OF(LIMITS); k++) {
            int64_t        counts[MAKERS] = {0};
            SearchFacetAsk facet = {.field = s->vendor, .limit = LIMITS[k]};
            SearchQuery q = {.text = str_from_cstr(ASKED[i].text), .facets = &facet, .n_facets = 1};
            SearchResult r;
            for (size_t lamp = 0; lamp < LAMPS; lamp++)
                counts[maker_of(lamp)] +=
                    lamp % ASKED[i].every == 0 || (ASKED[i].also == 0 && lamp % 3 == 1);
            ask(s, &q, &r);
            check_makers(&r.facets[0], counts, LIMITS[k]);
        }
}

static void sorting_takes_the_matching_group(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    const SearchSort up[] = {{.by = SEARCH_BY_FIELD, .field = s->price}};
    const SearchSort down[] = {{.by = SEARCH_BY_FIELD, .field = s->price, .descending = true}};
    Str              m[] = {STR("M")};
    SearchFilter     medium = {.field = s->size, .values = m, .n = 1};
    assert_string_equal(found(s, (SearchQuery){.sorts = up, .n_sorts = 1}), "3 2 1 4 5");
    assert_string_equal(found(s, (SearchQuery){.sorts = down, .n_sorts = 1}), "4 1 2 3 5");
    assert_string_equal(
        found(s, (SearchQuery){.sorts = up, .n_sorts = 1, .filters = &medium, .n_filters = 1}),
        "3 1 2");
}

static void the_parts_of_a_score_add_up(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    double  sold[] = {900, 30};
    int64_t ids[] = {2, 1};
    assert_ok(search_signal(s->ix, s->sold, ids, sold, 2, &s->err), &s->err);
    Str              acme[] = {STR("Acme")};
    const SearchRank rank = {.field = s->sold, .curve = SEARCH_LOG, .full = 1000, .share = 0.5};
    const SearchRule rule = {.filter = {.field = s->vendor, .values = acme, .n = 1}, .share = 0.1};
    SearchQuery      q = {.text = STR("running shoes"),
                          .ranks = &rank,
                          .n_ranks = 1,
                          .rules = &rule,
                          .n_rules = 1,
                          .explain = true};
    SearchResult     r, plain;
    ask(s, &q, &r);
    q.explain = false;
    ask(s, &q, &plain);
    assert_int_equal(r.n_hits, 2);
    assert_int_equal(r.hits[0].id, 2); /* sold more */
    for (size_t i = 0; i < r.n_hits; i++) {
        float sum = 0;
        for (size_t k = 0; k < r.hits[i].n_parts; k++)
            sum += r.hits[i].parts[k].value;
        assert_true(fabsf(sum - r.hits[i].score) < 1e-5F);
        assert_true(fabsf(plain.hits[i].score - r.hits[i].score) < 1e-3F);
        assert_int_equal(r.hits[i].n_parts, 5); /* two words, nearness, signal, rule */
    }
}

static void a_typo_in_the_last_word_is_corrected_while_typing(void **state)
{
    static const Item LINEN[] = {{1, "Linen shirt", NULL, NULL, NULL, NULL},
                                 {2, "Cotton shirt", NULL, NULL, NULL, NULL},
                                 {3, "Linen towel", NULL, NULL, NULL, NULL}};
    Shop             *s = *state;
    put(s, LINEN, COUNT_OF(LINEN));
    for (SearchPrefix prefix = SEARCH_PREFIX_UNKNOWN; prefix <= SEARCH_PREFIX_ALWAYS; prefix++) {
        SearchQuery q = TEXT("linen shrt");
        q.prefix = prefix;
        assert_string_equal(found(s, q), "1");
    }
}

/* More than are looked at closely: the one that is bought most comes last. */
static void what_may_stop_early_still_shows_what_is_liked(void **state)
{
    enum { MANY = 2000 };
    Shop      *s = *state;
    SearchDoc *docs = arena_array(&s->a, SearchDoc, MANY);
    for (int i = 0; i < MANY; i++) {
        docs[i] = (SearchDoc){.id = i + 1};
        search_doc_text(&docs[i], &s->a, s->title, STR("en"), STR("wide wooden chair for rooms"));
    }
    assert_ok(search_apply(s->ix, docs, MANY, NULL, 0, &s->err), &s->err);
    const int64_t    ids[] = {MANY, MANY / 2};
    const double     sold[] = {1000, 500};
    const SearchRank rank = {.field = s->sold, .curve = SEARCH_LINEAR, .full = 1000, .share = 1};
    assert_ok(search_signal(s->ix, s->sold, ids, sold, 2, &s->err), &s->err);
    SearchQuery q = TEXT("wooden chai");
    q.ranks = &rank;
    q.n_ranks = 1;
    q.limit = 3;
    q.prefix = SEARCH_PREFIX_ALWAYS;
    assert_string_equal(found(s, q), "2000 1000 1");
    q.no_total = true;
    assert_string_equal(found(s, q), "2000 1000 1");
}

static void rules_pin_and_bury(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    Str              acme[] = {STR("Acme")};
    const SearchRule bury = {.filter = {.field = s->vendor, .values = acme, .n = 1}, .bury = true};
    const SearchPin  pins[] = {{.id = 3, .place = 1}, {.id = 99, .place = 0}};
    SearchQuery      q = {.text = STR("running"), .rules = &bury, .n_rules = 1};
    assert_string_equal(found(s, q), "5 4 1 2");
    q.pins = pins;
    q.n_pins = 2;
    assert_string_equal(found(s, q), "5 3 4 1 2");
    q.limit = 2;
    SearchResult r;
    ask(s, &q, &r);
    assert_int_equal(r.total, 5);
    assert_true(r.hits[1].pinned);
    q.cursor = r.next;
    assert_string_equal(found(s, q), "4 1");
}

static void replacing_and_removing_is_seen_at_once(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    const Item changed = {1, "Green sandals", NULL, NULL, NULL, "M green 700"};
    put(s, &changed, 1);
    assert_string_equal(found(s, TEXT("running shoes")), "2");
    assert_string_equal(found(s, TEXT("sandals")), "1");
    int64_t gone[] = {2, 77};
    assert_ok(search_apply(s->ix, NULL, 0, gone, 2, &s->err), &s->err);
    assert_false(search_has(s->ix, 2));
    assert_int_equal(search_count(s->ix), 4);
    search_merge(s->ix);
    assert_int_equal(search_count(s->ix), 4);
    assert_string_equal(found(s, TEXT("running")), "5 4");
    SearchReport report;
    search_report(s->ix, &report);
    assert_int_equal(report.segments, 1);
    assert_int_equal(report.replaced, 0);
}

static void a_load_takes_the_place_of_everything_but_what_is_newer(void **state)
{
    Shop *s = *state;
    put(s, SHOES, COUNT_OF(SHOES));
    SearchLoad *load, *other;
    assert_ok(search_load_begin(s->ix, &load, &s->err), &s->err);
    assert_fails(search_load_begin(s->ix, &other, &s->err), ST_CONFLICT, &s->err, "search.loading");
    const Item newer = {7, "Newer shoes", NULL, NULL, NULL, "M red 1"};
    put(s, &newer, 1);
    int64_t gone[] = {8};
    assert_ok(search_apply(s->ix, NULL, 0, gone, 1, &s->err), &s->err);
    for (int64_t id = 6; id <= 9; id++) {
        SearchDoc d = {.id = id};
        search_doc_text(&d, &s->a, s->title, STR("en"), STR("Older shoes"));
        assert_ok(search_load_add(load, &d, 1, &s->err), &s->err);
    }
    assert_string_equal(found(s, TEXT("shoes")), "1 7 2");
    search_load_commit(load);
    assert_string_equal(found(s, TEXT("shoes")), "6 7 9");
    assert_string_equal(found(s, TEXT("newer")), "7");
}

static void nonsense_is_refused(void **state)
{
    Shop        *s = *state;
    SearchResult r;
    SearchFilter no_field = {.field = 999};
    SearchFilter no_values = {.field = s->vendor, .match = SEARCH_ANY_OF};
    SearchQuery  q = {.filters = &no_field, .n_filters = 1, .limit = 1};
    assert_fails(search_run(s->ix, &q, &s->a, &r, &s->err), ST_INVALID, &s->err, "search.query");
    q.filters = &no_values;
    assert_fails(search_run(s->ix, &q, &s->a, &r, &s->err), ST_INVALID, &s->err, "search.query");
    q = (SearchQuery){.cursor = STR("bm9uc2Vuc2U"), .limit = 1};
    assert_fails(search_run(s->ix, &q, &s->a, &r, &s->err), ST_INVALID, &s->err, "search.cursor");
    q = (SearchQuery){.limit = SEARCH_LIMIT_MAX + 1};
    assert_fails(search_run(s->ix, &q, &s->a, &r, &s->err), ST_LIMIT, &s->err, "search.too_much");
    SearchDoc d = {.id = 1};
    search_doc_keyword(&d, &s->a, s->title, SEARCH_WHOLE, STR("x"));
    assert_fails(search_apply(s->ix, &d, 1, NULL, 0, &s->err), ST_INVALID, &s->err,
                 "search.document");
    SearchField f;
    assert_fails(search_field(s->ix, &(SearchFieldDef){.name = STR("a b")}, &f, &s->err),
                 ST_INVALID, &s->err, "search.field");
}

#define WITH_SHOP(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SHOP(words_are_found_best_first),
        WITH_SHOP(identifiers_are_found_however_they_are_spaced),
        WITH_SHOP(typos_are_corrected_and_told),
        WITH_SHOP(plurals_without_an_ending_are_found),
        WITH_SHOP(a_word_of_the_shop_is_no_typo_of_a_rare_one),
        WITH_SHOP(a_rare_word_may_be_a_typo_of_a_usual_one),
        WITH_SHOP(what_a_filter_leaves_out_is_no_typo),
        WITH_SHOP(the_last_word_may_be_a_beginning),
        WITH_SHOP(words_are_given_up_when_no_document_has_all),
        WITH_SHOP(filters_hold_within_one_group),
        WITH_SHOP(a_count_is_what_choosing_the_value_would_show),
        WITH_SHOP(the_most_counted_values_are_told_however_many_there_are),
        WITH_SHOP(sorting_takes_the_matching_group),
        WITH_SHOP(the_parts_of_a_score_add_up),
        WITH_SHOP(a_typo_in_the_last_word_is_corrected_while_typing),
        WITH_SHOP(what_may_stop_early_still_shows_what_is_liked),
        WITH_SHOP(rules_pin_and_bury),
        WITH_SHOP(replacing_and_removing_is_seen_at_once),
        WITH_SHOP(a_load_takes_the_place_of_everything_but_what_is_newer),
        WITH_SHOP(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
