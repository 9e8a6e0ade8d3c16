#include "test.h"

#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "search/vocabulary.h"

static Str cstr(const char *z)
{
    return str_from_cstr(z);
}

/* The terms of a text, apart by blanks; '|' where a new position begins. */
static Str shown(Arena *a, const char *locale, const char *text)
{
    Tokens t;
    Buf    b;
    buf_init(&b, 4096);
    analyzer_text(analyzer_of(cstr(locale)), TEXT_PROSE, cstr(text), a, &t);
    for (size_t i = 0; i < t.n; i++) {
        if (i > 0)
            buf_addc(&b, t.items[i].position == t.items[i - 1].position ? ' ' : '|');
        buf_add(&b, t.items[i].term);
    }
    Str out = str_dup(a, buf_str(&b));
    buf_done(&b);
    return out;
}

static void texts_become_terms(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *text, *terms;
    } CASES[] = {
        {"en", "Red Running Shoes", "red|run|shoe"},
        {"en", "Men's T-Shirt", "man|t tshirt|shirt"},
        {"en", "Wi-Fi", "wi wifi|fi"},
        {"en", "Sony WH-1000XM4", "soni|wh wh1000xm4|1000xm4 1000 xm4"},
        {"en", "10 mm", "10 #l10000000000|mm"},
        {"en", "10mm", "10mm #l10000000000 10"},
        {"en", "2,000 GB", "2000 #d2000000000000|gb"},
        {"de", "2.000,5 g", "2000|5 #m5000000000|g"},
        {"en", "15.6\" Full HD", "15.6 #i15600000000|full|hd"},
        {"uk", "М'яч, м’яч та мʼяч", "мяч|мяч|та|мяч"},
        {"uk", "Червоні кросівки Nike", "червн|кросівк|nike"},
        {"ru", "Чёрные кроссовки", "черн|кроссовк"},
        {"tr", "KIRMIZI İpek Gömlek", "kirmiz kırmız|ipek|gomlek gömlek"},
        {"tr", "iPhone'un kılıfı", "ipho|kilif kılıf"},
        {"de", "Große Straße", "gross|strass"},
        {"nl", "Foto's en schoenen", "foto|en|schoen"},
        {"fr", "L'eau", "l|eau"},
        {"", "Crème Brûlée", "creme crème|brulee brûlée"},
        {"en", "ＵＳＢ ﬁt", "usb|fit"},
        {"zh", "跑鞋", "跑鞋 跑|鞋"},
        {"zh", "筆記本", "笔记本 笔 笔记 笔本|记 记本|本"},
        {"en", "", ""},
        {"en", " \t-- ++ !", ""},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++)
        assert_str(shown(&a, CASES[i].locale, CASES[i].text), CASES[i].terms);
}

static void tokens_know_where_they_stand(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Tokens t;
    Str    text = STR("Крем «Ранок» 50 мл");
    analyzer_text(analyzer_of(STR("uk-UA")), TEXT_PROSE, text, &a, &t);
    assert_true(t.n >= 4);
    assert_str(((Str){text.ptr + t.items[1].start, t.items[1].end - t.items[1].start}), "Ранок");
    for (size_t i = 1; i < t.n; i++)
        assert_true(t.items[i].position >= t.items[i - 1].position);
}

static void codes_are_squeezed(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    assert_str(analyzer_code(STR(" AB-12/34 x"), &a), "ab1234x");
    assert_str(analyzer_code(STR("Артикул № 5"), &a), "артикулno5");
    assert_str(analyzer_code(STR("– / –"), &a), "");
}

/* --- queries --- */

static QueryTree parsed(Arena *a, const char *locale, const char *text)
{
    const Analyzer *an[] = {analyzer_of(cstr(locale)), analyzer_of(STR(""))};
    QueryTree       tree;
    query_parse(an, NULL, 2, cstr(text), a, &tree);
    return tree;
}

static bool has_alt(const QueryTree *t, size_t first, size_t n_words, const char *terms)
{
    for (size_t i = 0; i < t->n_alts; i++) {
        Buf  b;
        char got[512] = "";
        if (t->alts[i].first != first || t->alts[i].n_words != n_words)
            continue;
        buf_init(&b, sizeof got - 1);
        for (size_t k = 0; k < t->alts[i].n_terms; k++) {
            buf_add(&b, t->alts[i].terms[k]);
            buf_add(&b, k + 1 < t->alts[i].n_terms ? STR(" ") : STR(""));
        }
        memcpy(got, b.ptr ? b.ptr : "", b.len);
        buf_done(&b);
        if (strcmp(got, terms) == 0)
            return true;
    }
    return false;
}

static void queries_have_alternatives(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *text;
        size_t      first, n;
        const char *terms;
    } CASES[] = {
        {"en", "running shoes", 1, 1, "shoe"},
        {"en", "running shoes", 1, 1, "shoes"}, /* of the general space */
        {"en", "wh1000 xm4", 0, 2, "wh1000xm4"},
        {"en", "wh 1000 xm4", 0, 3, "wh1000xm4"},
        {"en", "wh1000xm4", 0, 1, "wh 1000 xm 4"},
        {"en", "wh1000xm4", 0, 1, "wh 1000xm4"},
        {"en", "iphone11", 0, 1, "iphone 11"},
        {"en", "wi-fi", 0, 2, "wifi"},
        {"en", "2 tb", 0, 2, "#d2000000000000"},
        {"en", "2tb", 0, 1, "#d2000000000000"},
        {"en", "17\" tv", 0, 1, "#i17000000000"},
        {"ru", "ghbdtn", 0, 1, "привет"},
        {"ru", ",jnbyrb", 0, 1, "ботинк"},
        {"uk", "rhjcsdrb", 0, 1, "кросівк"},
        {"en", "руддщ", 0, 1, "hello"},
        {"uk", "куртці", 0, 1, "куртк"},
        {"tr", "ayakkabilar", 0, 1, "ayakkabi"},
        {"tr", "gomlek", 0, 1, "gomlek"},
        {"de", "groesse", 0, 1, "gross"},
        {"zh", "跑步鞋", 0, 1, "跑步"},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        QueryTree t = parsed(&a, CASES[i].locale, CASES[i].text);
        if (!has_alt(&t, CASES[i].first, CASES[i].n, CASES[i].terms))
            fail_msg("%s: no %s", CASES[i].text, CASES[i].terms);
    }
}

static void signs_mean_something_only_around_words(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    QueryTree t = parsed(&a, "en", "shoes -red wh-1000 \"blue suede\" - green");
    assert_int_equal(t.n_words, 7);
    static const bool NEGATED[] = {false, true, false, false, false, false, false};
    for (size_t i = 0; i < t.n_words; i++) {
        assert_int_equal(t.words[i].negated, NEGATED[i]);
        assert_int_equal(t.words[i].phrase, i == 4 || i == 5);
        assert_int_equal(t.words[i].last, i == 6);
    }
    t = parsed(&a, "en", "15.6\" laptop \"full hd");
    assert_int_equal(t.words[1].phrase, 0);
    assert_int_equal(t.words[2].phrase, 1);
    t = parsed(&a, "en", "shoes for running");
    assert_true(t.words[1].optional && !t.words[0].optional);
    t = parsed(&a, "en", "the");
    assert_false(t.words[0].optional);
    t = parsed(&a, "en", "");
    assert_int_equal(t.n_words, 0);
}

static void queries_have_limits(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    char text[5000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 3 == 2 ? ' ' : 'a' + (char)(i % 23);
    text[sizeof text - 1] = '\0';
    QueryTree t = parsed(&a, "de", text);
    assert_int_equal(t.n_words, QUERY_WORDS_MAX);
    assert_true(t.cut);
    assert_true(t.n_alts <= QUERY_ALTS_MAX);
}

static void synonyms_go_the_ways_they_were_given(void **state)
{
    (void)state;
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    const Analyzer   *an = analyzer_of(STR("en"));
    Str               both[] = {STR("tv"), STR("television sets"), STR("telly")};
    Str               finds[] = {STR("shoes"), STR("")};
    const SynonymRule rules[] = {{.words = both, .n_words = 3},
                                 {.from = STR("sneakers"), .words = finds, .n_words = 2}};
    Synonyms         *s = synonyms_new(an, rules, COUNT_OF(rules));
    const Synonyms   *of[] = {s};
    QueryTree         t;
    query_parse(&an, of, 1, STR("Television set stand"), &a, &t);
    assert_true(has_alt(&t, 0, 2, "tv"));
    assert_true(has_alt(&t, 0, 2, "telli"));
    query_parse(&an, of, 1, STR("tv"), &a, &t);
    assert_true(has_alt(&t, 0, 1, "televis set"));
    query_parse(&an, of, 1, STR("sneaker"), &a, &t);
    assert_true(has_alt(&t, 0, 1, "shoe"));
    query_parse(&an, of, 1, STR("shoe"), &a, &t);
    assert_false(has_alt(&t, 0, 1, "sneaker"));
    assert_true(synonyms_bytes(s) > 0);
    synonyms_free(s);
    synonyms_free(NULL);
}

static void queries_that_mean_the_same_have_one_key(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *x, *y;
        bool        same;
    } CASES[] = {
        {"en", "Return policy", "the RETURNS  policies", true},
        {"uk", "кросівки чоловічі", "Кросівок чоловічих", true},
        {"tr", "İpek gömlek", "IPEK GOMLEK", true},
        {"zh", "紅色跑步鞋", "红色 跑步鞋", true},
        {"en", "for", "FOR", true},
        {"en", "red shoes", "blue shoes", false},
        {"en", "", "shoe", false},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const Analyzer *an = analyzer_of(cstr(CASES[i].locale));
        assert_int_equal(
            str_eq(query_key(an, cstr(CASES[i].x), &a), query_key(an, cstr(CASES[i].y), &a)),
            CASES[i].same);
    }
}

/* --- with a vocabulary --- */

typedef struct Words {
    const Analyzer *an;
    const char     *words; /* surfaces apart by blanks */
    Arena          *a;
} Words;

static uint32_t words_docs(void *ctx, size_t space, Str term)
{
    Words *w = ctx;
    Tokens t;
    analyzer_text(w->an, TEXT_PROSE, cstr(w->words), w->a, &t);
    for (size_t i = 0; space == 0 && i < t.n; i++)
        if (str_eq(t.items[i].term, term))
            return 1;
    return 0;
}

static bool words_begin(void *ctx, size_t space, Str beginning)
{
    Words *w = ctx;
    Str    rest = cstr(w->words), word;
    while (space == 0 && rest.len > 0) {
        str_cut(rest, ' ', &word, &rest);
        if (str_starts(word, beginning))
            return true;
    }
    return false;
}

static uint32_t words_end(void *ctx, size_t space, Str end)
{
    (void)ctx, (void)space, (void)end;
    return 0;
}

static void the_vocabulary_decides_what_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *locale, *words, *query;
        size_t      first;
        const char *terms;
    } CASES[] = {
        {"uk", "куртка кросівки nike", "kurtky", 0, "куртк"},
        {"uk", "куртка кросівки nike", "найк", 0, "nike"},
        {"uk", "куртка кросівки nike", "krosivky nayk", 0, "кросівк"},
        {"ru", "кроссовки чёрные", "chernye krossovki", 0, "черн"},
        {"ru", "кроссовки чёрные", "chernye krossovki", 1, "кроссовк"},
        {"en", "samsung headphones", "самсунг", 0, "samsung"},
        {"nl", "hardloop schoenen", "hardloopschoenen", 1, "schoen"},
        {"de", "Damen Schuhe Leder", "Lederschuhe", 0, "led"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(arena_done) Arena a;
        arena_init(&a, 4096);
        const Analyzer *an = analyzer_of(cstr(CASES[i].locale));
        Words           w = {an, CASES[i].words, &a};
        Vocabulary      v = {&w, words_docs, words_begin, words_end};
        QueryTree       t;
        query_parse(&an, NULL, 1, cstr(CASES[i].query), &a, &t);
        query_expand(&an, 1, &v, &a, &t);
        if (!has_alt(&t, CASES[i].first, 1, CASES[i].terms))
            fail_msg("%s: no %s", CASES[i].query, CASES[i].terms);
    }
}

static void any_bytes_are_safe(void **state)
{
    (void)state;
    static const char *const  LOCALES[] = {"en", "uk", "ru", "tr", "nl", "zh", "de", "fr", ""};
    Rng                       rng = rng_of(7);
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 65536);
    for (int round = 0; round < 3000; round++) {
        char   bytes[200];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = round % 2 ? (char)rng_below(&rng, 256)
                                 : " -\"'.,a1b2\xd0\xb0\xe7\xba\xa2"[rng_below(&rng, 15)];
        Str             s = {bytes, n};
        const Analyzer *an = analyzer_of(cstr(LOCALES[(size_t)round % COUNT_OF(LOCALES)]));
        Tokens          t;
        analyzer_text(an, TEXT_PROSE, s, &a, &t);
        for (size_t i = 0; i < t.n; i++) {
            assert_in_range(t.items[i].term.len, 1, TERM_MAX);
            assert_true(t.items[i].surface.len <= TERM_MAX);
            assert_true(utf8_valid(t.items[i].term));
            assert_true(t.items[i].end <= n && t.items[i].start < t.items[i].end);
        }
        QueryTree q;
        Words     w = {an, "red blue", &a};
        query_parse(&an, NULL, 1, s, &a, &q);
        query_expand(&an, 1, &(Vocabulary){&w, words_docs, words_begin, words_end}, &a, &q);
        for (size_t i = 0; i < q.n_alts; i++)
            assert_true((size_t)q.alts[i].first + q.alts[i].n_words <= q.n_words);
        arena_reset(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_become_terms),
        cmocka_unit_test(tokens_know_where_they_stand),
        cmocka_unit_test(codes_are_squeezed),
        cmocka_unit_test(queries_have_alternatives),
        cmocka_unit_test(signs_mean_something_only_around_words),
        cmocka_unit_test(queries_have_limits),
        cmocka_unit_test(synonyms_go_the_ways_they_were_given),
        cmocka_unit_test(queries_that_mean_the_same_have_one_key),
        cmocka_unit_test(the_vocabulary_decides_what_is_meant),
        cmocka_unit_test(any_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
