/* search_quality.c - PRODUCTS.tsv QUERIES [FIELD=WEIGHT,LENGTH,PULL...]: for each query (one a
 * line) the ids of the first 100 hits, apart by blanks. For bench/search-quality, which makes
 * the table: id, then a column per field below. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "search/defaults.h"
#include "search/search.h"

enum { FIELDS = 7, BATCH = 500, TOP = 100 };

typedef struct Bench {
    SearchIndex   *ix;
    SearchFieldDef defs[FIELDS];
    SearchField    fields[FIELDS];
    Arena          arena; /* ids as they are written, for as long as the program runs */
    Str           *ids;
    size_t         n, cap;
} Bench;

static void need(Status s, const Err *e)
{
    if (s == ST_OK)
        return;
    (void)fprintf(stderr, "search_quality: %s: %s\n", e->code, e->msg);
    exit(1);
}

static void set_fields(Bench *b)
{
    const SearchFieldDef defs[FIELDS] = {
        SEARCH_FIELD_TITLE, SEARCH_FIELD_MODEL,      SEARCH_FIELD_VENDOR,     SEARCH_FIELD_CODE,
        SEARCH_FIELD_TYPE,  SEARCH_FIELD_ATTRIBUTES, SEARCH_FIELD_DESCRIPTION};
    static const char *const NAMES[FIELDS] = {"title", "model",      "vendor",     "code",
                                              "type",  "attributes", "description"};
    for (size_t i = 0; i < FIELDS; i++) {
        b->defs[i] = defs[i];
        b->defs[i].name = str_from_cstr(NAMES[i]);
    }
}

/* "title=4,10,0.75": for finding better defaults. */
static void tune(Bench *b, Str arg)
{
    Str    name, numbers, part;
    double v[3] = {0};
    str_cut(arg, '=', &name, &numbers);
    for (size_t i = 0; i < 3; i++) {
        str_cut(numbers, ',', &part, &numbers);
        (void)!str_parse_real(part, &v[i]);
    }
    for (size_t i = 0; i < FIELDS; i++)
        if (str_eq(b->defs[i].name, name)) {
            b->defs[i].weight = (float)v[0];
            b->defs[i].length = (float)v[1];
            b->defs[i].pull = (float)v[2];
        }
}

static void add_texts(const Bench *b, SearchDoc *d, size_t field, Str text, Arena *a)
{
    if (b->defs[field].kind == SEARCH_TEXT) {
        search_doc_text(d, a, b->fields[field], STR("en"), text);
        return;
    }
    for (Str code; text.len > 0;) { /* codes: apart by " ; " */
        str_cut(text, ';', &code, &text);
        code = str_trim(code);
        if (code.len > 0)
            search_doc_code(d, a, b->fields[field], code);
    }
}

static void load(Bench *b, const char *path)
{
    Err   e;
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(1);
    }
    SearchLoad *load;
    need(search_load_begin(b->ix, &load, &e), &e);
    char                     *line = NULL;
    size_t                    cap = 0;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
        Str       rest = {line, (size_t)n - 1}, text;
        SearchDoc d = {.id = (int64_t)b->n + 1};
        if (b->n == b->cap) {
            b->cap = b->cap ? b->cap * 2 : 1024;
            b->ids = realloc(b->ids, b->cap * sizeof *b->ids);
        }
        str_cut(rest, '\t', &text, &rest);
        b->ids[b->n++] = str_dup(&b->arena, text);
        for (size_t i = 0; i < FIELDS; i++) {
            str_cut(rest, '\t', &text, &rest);
            add_texts(b, &d, i, text, &a);
        }
        need(search_load_add(load, &d, 1, &e), &e);
        arena_reset(&a);
    }
    free(line);
    (void)fclose(f);
    search_load_commit(load);
}

static void answer(Bench *b, const char *path)
{
    FILE                     *f = fopen(path, "rb");
    char                     *line = NULL;
    size_t                    cap = 0;
    Err                       e;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    if (!f) {
        perror(path);
        exit(1);
    }
    for (ssize_t n; (n = getline(&line, &cap, f)) > 0;) {
        SearchResult r;
        SearchQuery  q = {.text = {line, (size_t)n - (line[n - 1] == '\n')},
                          .locale = STR("en"),
                          .limit = TOP,
                          .relax = SEARCH_RELAX_FILL};
        need(search_run(b->ix, &q, &a, &r, &e), &e);
        for (size_t i = 0; i < r.n_hits; i++)
            printf("%s" STR_FMT, i > 0 ? " " : "", STR_ARG(b->ids[r.hits[i].id - 1]));
        putchar('\n');
        arena_reset(&a);
    }
    free(line);
    (void)fclose(f);
}

int main(int argc, char **argv)
{
    Bench b = {0};
    Err   e;
    if (argc < 3)
        return 2;
    arena_init(&b.arena, 65536);
    b.ix = search_index_new(&(SearchConfig){.locale = STR("en")});
    set_fields(&b);
    for (int i = 3; i < argc; i++)
        tune(&b, str_from_cstr(argv[i]));
    for (size_t i = 0; i < FIELDS; i++)
        need(search_field(b.ix, &b.defs[i], &b.fields[i], &e), &e);
    int64_t start = (int64_t)clock_mono_us();
    load(&b, argv[1]);
    int64_t loaded = (int64_t)clock_mono_us();
    answer(&b, argv[2]);
    (void)fprintf(stderr, "%zu products in %.2f s, queries in %.3f s\n", b.n,
                  (double)(loaded - start) / 1e6,
                  (double)((int64_t)clock_mono_us() - loaded) / 1e6);
    search_index_free(b.ix);
    arena_done(&b.arena);
    free(b.ids);
    return 0;
}
