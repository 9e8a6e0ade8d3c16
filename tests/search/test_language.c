/* test_language.c FILE... - what native shoppers type finds what they mean, through the whole
 * engine. The files and their format: language/README.md. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "search/search.h"

enum { FIRST = 10, RULES = 50, PRODUCTS = 100 };

typedef struct Shop {
    SearchIndex *ix;
    Arena        arena;
    Map          ids; /* key -> id */
    SearchDoc    docs[PRODUCTS];
    size_t       n_docs;
    SynonymRule  rules[RULES];
    size_t       n_rules;
    SearchField  title, vendor, code, text;
} Shop;

static void need(Status s, const Err *e)
{
    if (s != ST_OK)
        fail_msg("%s: %s", e->code, e->msg);
}

static void shop_open(Shop *s, Str locale)
{
    Err e;
    *s = (Shop){.ix = search_index_new(&(SearchConfig){.locale = locale, .no_merging = true})};
    arena_init(&s->arena, 65536);
    map_init(&s->ids, &s->arena, 100);
    need(search_field(s->ix, &(SearchFieldDef){.name = STR("title"), .weight = 4, .suggest = true},
                      &s->title, &e),
         &e);
    need(search_field(s->ix, &(SearchFieldDef){.name = STR("vendor"), .weight = 2}, &s->vendor, &e),
         &e);
    need(search_field(s->ix,
                      &(SearchFieldDef){.name = STR("sku"), .kind = SEARCH_CODE, .weight = 4},
                      &s->code, &e),
         &e);
    need(search_field(s->ix, &(SearchFieldDef){.name = STR("text"), .weight = 1, .length = 40},
                      &s->text, &e),
         &e);
}

static void shop_close(Shop *s)
{
    search_index_free(s->ix);
    arena_done(&s->arena);
}

/* "= key | vendor | title | code | text" */
static void add_product(Shop *s, Str line, Str locale)
{
    Str parts[5] = {0};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        str_cut(line, '|', &parts[i], &line);
        parts[i] = str_trim(parts[i]);
    }
    assert_true(s->n_docs < PRODUCTS);
    SearchDoc *d = &s->docs[s->n_docs++];
    d->id = (int64_t)s->n_docs;
    map_put(&s->ids, parts[0], NULL)->i = d->id;
    search_doc_text(d, &s->arena, s->vendor, STR(""), parts[1]);
    search_doc_text(d, &s->arena, s->title, locale, parts[2]);
    search_doc_code(d, &s->arena, s->code, parts[3]);
    search_doc_text(d, &s->arena, s->text, locale, parts[4]);
}

/* "~ a, b" both ways, "~ a > b" one way */
static void add_synonyms(Shop *s, Str line)
{
    Str          from, to, rest;
    SynonymRule *r = &s->rules[s->n_rules++];
    assert_true(s->n_rules <= RULES);
    Str *words = arena_array(&s->arena, Str, 8);
    if (str_cut(line, '>', &from, &to)) {
        r->from = str_trim(from);
        line = to;
    }
    for (rest = line; rest.len > 0 && r->n_words < 8;) {
        str_cut(rest, ',', &to, &rest);
        words[r->n_words++] = str_trim(to);
    }
    r->words = words;
}

static void apply(Shop *s, Str locale)
{
    Err e;
    search_synonyms(s->ix, locale, synonyms_new(analyzer_of(locale), s->rules, s->n_rules));
    need(search_apply(s->ix, s->docs, s->n_docs, NULL, 0, &e), &e);
}

static bool finds(Shop *s, Str locale, Str query, int64_t id)
{
    Err                       e;
    SearchResult              r;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    SearchQuery q = {.text = query, .locale = locale, .limit = FIRST};
    need(search_run(s->ix, &q, &a, &r, &e), &e);
    for (size_t i = 0; i < r.n_hits; i++)
        if (r.hits[i].id == id)
            return true;
    return false;
}

/* "query -> key": 1 when it is not found. */
static int check_pair(Shop *s, Str locale, Str line)
{
    size_t at = str_find(line, STR("->"));
    assert_true(at != SIZE_MAX);
    Str             query = str_trim(str_head(line, at));
    Str             key = str_trim(str_skip(line, at + 2));
    const MapValue *id = map_get(&s->ids, key);
    if (!id)
        fail_msg("no product " STR_FMT, STR_ARG(key));
    if (finds(s, locale, query, id->i))
        return 0;
    print_message("# " STR_FMT ": \"" STR_FMT "\" does not find " STR_FMT "\n", STR_ARG(locale),
                  STR_ARG(query), STR_ARG(key));
    return 1;
}

static Str read_file(Arena *a, const char *path)
{
    char  *bytes = arena_array(a, char, 1 << 17);
    FILE  *f = fopen(path, "rb");
    size_t n = f ? fread(bytes, 1, (1 << 17) - 1, f) : 0;
    if (f)
        (void)fclose(f);
    return (Str){bytes, n};
}

static void check_file(const char *folder, const char *language)
{
    char path[512];
    Shop s;
    Str  locale = str_from_cstr(language);
    (void)snprintf(path, sizeof path, "%s/%s.txt", folder, language);
    shop_open(&s, locale);
    Str  rest = read_file(&s.arena, path), line;
    int  pairs = 0, missed = 0;
    bool applied = false;
    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        if (str_starts(line, STR("= "))) {
            add_product(&s, str_skip(line, 2), locale);
        } else if (str_starts(line, STR("~ "))) {
            add_synonyms(&s, str_skip(line, 2));
        } else if (line.len > 0) {
            if (!applied)
                apply(&s, locale);
            applied = true;
            missed += check_pair(&s, locale, line);
            pairs++;
        }
    }
    shop_close(&s);
    assert_true(pairs >= 40);
    assert_int_equal(missed, 0);
}

static const char *folder;

#define LANGUAGE_TEST(code)                                                                        \
    static void shoppers_find_in_##code(void **state)                                              \
    {                                                                                              \
        (void)state;                                                                               \
        check_file(folder, #code);                                                                 \
    }
LANGUAGE_TEST(en)
LANGUAGE_TEST(uk)
LANGUAGE_TEST(ru)
LANGUAGE_TEST(tr)
LANGUAGE_TEST(nl)
LANGUAGE_TEST(zh)
LANGUAGE_TEST(de)

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shoppers_find_in_en), cmocka_unit_test(shoppers_find_in_uk),
        cmocka_unit_test(shoppers_find_in_ru), cmocka_unit_test(shoppers_find_in_tr),
        cmocka_unit_test(shoppers_find_in_nl), cmocka_unit_test(shoppers_find_in_zh),
        cmocka_unit_test(shoppers_find_in_de),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
