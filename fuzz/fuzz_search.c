/* Search: any documents can be put in and taken out, any query is answered or refused, within
 * its budget; what an answer says is coherent. */
#include "search/search.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Bytes {
    const uint8_t *at, *end;
} Bytes;

static unsigned byte(Bytes *b)
{
    return b->at < b->end ? *b->at++ : 0;
}

static Str text(Bytes *b)
{
    size_t n = byte(b), left = (size_t)(b->end - b->at);
    Str    s = {(const char *)b->at, n < left ? n : left};
    b->at += s.len;
    return s;
}

static double number(Bytes *b)
{
    switch (byte(b) % 8) {
    case 0: return (double)INFINITY;
    case 1: return -(double)INFINITY;
    default: return byte(b);
    }
}

enum { FIELDS = 8 };

typedef struct Fuzz {
    Arena        a;
    Bytes        b;
    SearchIndex *ix;
    SearchField  fields[FIELDS];
} Fuzz;

static void add_fields(Fuzz *f)
{
    static const SearchFieldDef DEFS[FIELDS] = {
        {.name = STR_INIT("title"), .kind = SEARCH_TEXT, .weight = 4, .suggest = true},
        {.name = STR_INIT("body"), .kind = SEARCH_TEXT},
        {.name = STR_INIT("sku"), .kind = SEARCH_CODE},
        {.name = STR_INIT("tag"), .kind = SEARCH_KEYWORD},
        {.name = STR_INIT("size"), .kind = SEARCH_KEYWORD, .grouped = true},
        {.name = STR_INIT("price"), .kind = SEARCH_MONEY, .grouped = true},
        {.name = STR_INIT("weight"), .kind = SEARCH_NUMBER},
        {.name = STR_INIT("sold"), .kind = SEARCH_SIGNAL},
    };
    Err err;
    for (size_t i = 0; i < FIELDS; i++)
        ASSERT(search_field(f->ix, &DEFS[i], &f->fields[i], &err) == ST_OK);
}

static void put_documents(Fuzz *f)
{
    static const char *const LOCALES[] = {"", "en", "uk", "zh", "tr"};
    SearchDoc                docs[3];
    size_t                   n = byte(&f->b) % 4;
    for (size_t i = 0; i < n; i++) {
        SearchDoc *d = &docs[i];
        *d = (SearchDoc){.id = (int8_t)byte(&f->b)};
        for (unsigned k = byte(&f->b) % 3; k > 0; k--)
            (void)search_doc_group(d, &f->a, byte(&f->b));
        for (unsigned k = byte(&f->b) % 6; k > 0; k--) {
            SearchField field = f->fields[byte(&f->b) % FIELDS];
            int32_t     group = (int32_t)(byte(&f->b) % 4) - 1;
            Str         locale = str_from_cstr(LOCALES[byte(&f->b) % COUNT_OF(LOCALES)]);
            if (field < 3)
                search_doc_text(d, &f->a, field, locale, text(&f->b));
            else if (field < 5)
                search_doc_keyword(d, &f->a, field, group, text(&f->b));
            else
                search_doc_number(d, &f->a, field, group, number(&f->b));
        }
    }
    int64_t gone = (int64_t)byte(&f->b) - 128;
    Err     err;
    if (search_apply(f->ix, docs, n, &gone, 1, &err) != ST_OK)
        return; /* refused: nothing has changed */
}

static void make_filter(Fuzz *f, SearchFilter *to)
{
    Str    *values = arena_array(&f->a, Str, 2);
    double *numbers = arena_array(&f->a, double, 2);
    for (size_t i = 0; i < 2; i++) {
        values[i] = text(&f->b);
        numbers[i] = number(&f->b);
    }
    *to = (SearchFilter){.field = (SearchField)(byte(&f->b) % (FIELDS + 1)),
                         .match = (SearchMatch)(byte(&f->b) % 5),
                         .values = values,
                         .numbers = numbers,
                         .n = byte(&f->b) % 3,
                         .min = number(&f->b),
                         .max = number(&f->b),
                         .fixed = byte(&f->b) & 1};
}

static void check_answer(Fuzz *f, const SearchQuery *q, const SearchResult *r)
{
    ASSERT(r->n_hits <= q->limit);
    ASSERT(r->total >= (int64_t)r->n_hits || q->cursor.len > 0);
    for (size_t i = 0; i < r->n_hits; i++) {
        float sum = 0;
        for (size_t k = 0; k < r->hits[i].n_parts; k++)
            sum += r->hits[i].parts[k].value;
        ASSERT(!q->explain || fabsf(sum - r->hits[i].score) < 1e-3F + fabsf(sum) * 1e-3F);
        ASSERT(search_has(f->ix, r->hits[i].id));
    }
    SearchSpan *spans;
    size_t      n = search_highlight(r, q->locale, q->text, &f->a, &spans);
    for (size_t i = 0; i < n; i++)
        ASSERT(spans[i].start < spans[i].end && spans[i].end <= q->text.len &&
               (i == 0 || spans[i - 1].end <= spans[i].start));
}

static void ask(Fuzz *f)
{
    SearchFilter   filters[2];
    SearchFacetAsk facets[2];
    SearchSort     sorts[2];
    SearchRank     rank = {.field = f->fields[5 + byte(&f->b) % 3],
                           .curve = (SearchCurve)(byte(&f->b) % 3),
                           .full = number(&f->b),
                           .share = number(&f->b)};
    SearchPin      pin = {.id = (int8_t)byte(&f->b), .place = byte(&f->b)};
    double         bounds[] = {number(&f->b), number(&f->b)};
    SearchQuery    q = {.filters = filters,
                        .n_filters = byte(&f->b) % 3,
                        .facets = facets,
                        .n_facets = byte(&f->b) % 3,
                        .sorts = sorts,
                        .n_sorts = byte(&f->b) % 3,
                        .ranks = &rank,
                        .n_ranks = byte(&f->b) & 1,
                        .pins = &pin,
                        .n_pins = byte(&f->b) & 1,
                        .limit = byte(&f->b) % 5,
                        .relax = (SearchRelax)(byte(&f->b) % 3),
                        .prefix = (SearchPrefix)(byte(&f->b) % 3),
                        .typos = (SearchTypos)(byte(&f->b) % 2),
                        .explain = byte(&f->b) & 1,
                        .no_total = byte(&f->b) & 1,
                        .budget = {.postings = byte(&f->b)}};
    for (size_t i = 0; i < 2; i++) {
        make_filter(f, &filters[i]);
        facets[i] = (SearchFacetAsk){.field = (SearchField)(byte(&f->b) % (FIELDS + 1)),
                                     .limit = (uint16_t)byte(&f->b),
                                     .bounds = bounds,
                                     .n_bounds = byte(&f->b) % 3};
        sorts[i] = (SearchSort){.by = (SearchSortBy)(byte(&f->b) % 3),
                                .field = (SearchField)(byte(&f->b) % (FIELDS + 1)),
                                .descending = byte(&f->b) & 1};
    }
    q.locale = byte(&f->b) & 1 ? STR("en") : STR("uk");
    q.cursor = byte(&f->b) % 8 == 0 ? text(&f->b) : (Str){0};
    q.text = text(&f->b);
    SearchResult r;
    Err          err;
    for (int page = 0; page < 3 && search_run(f->ix, &q, &f->a, &r, &err) == ST_OK; page++) {
        check_answer(f, &q, &r);
        q.cursor = r.next;
        page = r.next.len == 0 ? 3 : page;
    }
    SearchCompletion *c;
    size_t            n;
    SearchSuggest     s = {.text = q.text, .locale = q.locale, .limit = 5};
    ASSERT(search_suggest(f->ix, &s, &f->a, &c, &n, &err) == ST_OK && n <= 5);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Fuzz f = {.b = {data, data + size}};
    if (size > 4096)
        return 0;
    arena_init(&f.a, 1 << 14);
    f.ix = search_index_new(&(SearchConfig){.locale = STR("en"), .no_merging = true});
    add_fields(&f);
    for (int step = 0; step < 12 && f.b.at < f.b.end; step++) {
        unsigned what = byte(&f.b) % 8;
        if (what < 3)
            put_documents(&f);
        else if (what == 3)
            search_merge(f.ix);
        else
            ask(&f);
    }
    search_index_free(f.ix);
    arena_done(&f.a);
    return 0;
}
