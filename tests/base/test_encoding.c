/* UTF-8, and finding out what other encoding a file has. */
#include "test.h"

#include "base/encoding.h"
#include "base/utf8.h"

/* Phrases as shops write them; bytes and text. */
static const struct {
    Encoding    encoding;
    Str         bytes;
    const char *text;
} PHRASES[] = {
    {ENCODING_WINDOWS_1251,
     STR_INIT("\xD7\xE0\xE9 \xE7\xE5\xEB\xE5\xED\xE8\xE9 \xAB\xA5\xB3\xEC\xE0\xEB\xE0\xBF\xBB, 100 "
              "\xE3 \x97 \xF6\xB3\xED\xE0 \xE7 \xCF\xC4\xC2"),
     "Чай зелений «Ґімалаї», 100 г — ціна з ПДВ"},
    {ENCODING_WINDOWS_1251, STR_INIT("Title;\xAF\xE6\xE0\xEA"), "Title;Їжак"},
    {ENCODING_WINDOWS_1251,
     STR_INIT("\xCA\xF0\xEE\xF1\xF1\xEE\xE2\xEA\xE8 Nike Air Max 90, \xF0\xE0\xE7\xEC\xE5\xF0 42, "
              "\xF7\xB8\xF0\xED\xFB\xE5"),
     "Кроссовки Nike Air Max 90, размер 42, чёрные"},
    {ENCODING_WINDOWS_1251,
     STR_INIT("Handle,Title,Vendor\nshirt-12,\xD0\xF3\xE1\xE0\xF8\xEA\xE0 \xE2 "
              "\xEA\xEB\xE5\xF2\xEA\xF3,Acme Ltd"),
     "Handle,Title,Vendor\nshirt-12,Рубашка в клетку,Acme Ltd"},
    {ENCODING_WINDOWS_1254,
     STR_INIT("Kad\xFDn ayakkab\xFDs\xFD, siyah, \xDDstanbul'dan kargo \xFC"
              "cretsiz, g\xFCne\xFE g\xF6zl\xFC\xF0\xFC"),
     "Kadın ayakkabısı, siyah, İstanbul'dan kargo ücretsiz, güneş gözlüğü"},
    {ENCODING_WINDOWS_1254,
     STR_INIT("\xC7"
              "ay barda\xF0\xFD"),
     "Çay bardağı"},
    {ENCODING_WINDOWS_1252,
     STR_INIT("Een caf\xE9 cr\xE8me, ge\xEFmporteerd, prijs \x80 12,50 \x96 co\xF6peratie"),
     "Een café crème, geïmporteerd, prijs € 12,50 – coöperatie"},
    {ENCODING_WINDOWS_1252,
     STR_INIT("Gr\xF6\xDF"
              "e: f\xFCr F\xFC\xDF"
              "e, wei\xDF, \xD6KO-Qualit\xE4t, Stra\xDF"
              "e, \xDC"
              "bergr\xF6\xDF"
              "e"),
     "Größe: für Füße, weiß, ÖKO-Qualität, Straße, Übergröße"},
    {ENCODING_WINDOWS_1252,
     STR_INIT("Th\xE9i\xE8re en fonte \xE9maill\xE9"
              "e, cr\xE9\xE9"
              "e \xE0 Limoges, pi\xE8"
              "ce n\xB0 5, c\x9Cur"),
     "Théière en fonte émaillée, créée à Limoges, pièce n° 5, cœur"},
    {ENCODING_WINDOWS_1252,
     STR_INIT("Cr\xE8me br\xFBl\xE9"
              "e"),
     "Crème brûlée"},
    {ENCODING_WINDOWS_1252,
     STR_INIT("\xCDslensk ull, \xFE"
              "a\xF0 er g\xF3\xF0 peysa \xE1 veturna, s\xFDnir \xE6\xF0"
              "ard\xFAn"),
     "Íslensk ull, það er góð peysa á veturna, sýnir æðardún"},
    {ENCODING_UTF8,
     STR_INIT("\xD0\xA0\xD1\x83\xD0\xB1\xD0\xB0\xD1\x88\xD0\xBA\xD0\xB0 \xD0\xB2 "
              "\xD0\xBA\xD0\xBB\xD0\xB5\xD1\x82\xD0\xBA\xD1\x83"),
     "Рубашка в клетку"},
    {ENCODING_UTF8, STR_INIT("Plain ASCII is UTF-8"), "Plain ASCII is UTF-8"},
    {ENCODING_UTF8, STR_INIT("\xEF\xBB\xBFwith a mark"), "with a mark"},
    {ENCODING_UTF16LE,
     STR_INIT("\xFF\xFE\x07\x04"
              "6\x04"
              "0\x04:\x04 \x00V\x04 \x00=\xD8\x00\xDE"),
     "Їжак і 😀"},
    {ENCODING_UTF16BE,
     STR_INIT("\xFE\xFF\x04\x07\x04"
              "6\x04"
              "0\x04:\x00 \x04V\x00 \xD8=\xDE\x00"),
     "Їжак і 😀"},
};

static void phrases_are_told_apart_and_decoded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PHRASES); i++) {
        Encoding e = encoding_of(PHRASES[i].bytes);
        if (e != PHRASES[i].encoding)
            fail_msg("%s was taken for %s", PHRASES[i].text, encoding_name(e));
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 1000);
        Decoder d = decoder_of(e);
        decoder_feed(&d, PHRASES[i].bytes, true, &b);
        assert_str(buf_str(&b), PHRASES[i].text);
        assert_int_equal(d.damaged, 0);
    }
}

static void chunks_of_any_size_make_no_difference(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(PHRASES); i++) {
        for (size_t chunk = 1; chunk < 8; chunk++) {
            CLEANUP(buf_done) Buf b;
            buf_init(&b, 1000);
            EncodingGuess g = {0};
            Decoder       d = decoder_of(PHRASES[i].encoding);
            for (Str s = PHRASES[i].bytes; s.len > 0;) {
                size_t n = s.len < chunk ? s.len : chunk;
                encoding_look(&g, (Str){s.ptr, n});
                decoder_feed(&d, (Str){s.ptr, n}, n == s.len, &b);
                s = (Str){s.ptr + n, s.len - n};
            }
            assert_int_equal(encoding_guess(&g), PHRASES[i].encoding);
            assert_str(buf_str(&b), PHRASES[i].text);
        }
    }
}

static void damaged_text_is_repaired_and_counted(void **state)
{
    (void)state;
    static const struct {
        Encoding    encoding;
        int         damaged;
        Str         bytes;
        const char *text;
    } CASES[] = {
        {ENCODING_UTF8, 1, STR_INIT("a\xFFz"), "a\uFFFDz"},
        {ENCODING_UTF8, 1, STR_INIT("a\xE2\x82"), "a\uFFFD"},
        {ENCODING_UTF8, 2, STR_INIT("\xE2\x82z\xC3"), "\uFFFDz\uFFFD"},
        {ENCODING_UTF8, 0, STR_INIT("\xEF\xBB\xBF\xEF\xBB\xBFx"), "\uFEFFx"},
        {ENCODING_UTF8, 0, STR_INIT("\uFFFD"), "\uFFFD"},
        {ENCODING_UTF16LE, 1, STR_INIT("a\0\x00\xD8z\0"), "a\uFFFDz"},
        {ENCODING_UTF16LE, 2, STR_INIT("a\0\x00\xDCz"), "a\uFFFD\uFFFD"},
        {ENCODING_WINDOWS_1252, 1, STR_INIT("\x81\x80"), "\uFFFD\u20AC"},
        {ENCODING_WINDOWS_1251, 1, STR_INIT("\x98\x88"), "\uFFFD\u20AC"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        for (size_t chunk = 1; chunk < 8; chunk++) {
            CLEANUP(buf_done) Buf b;
            buf_init(&b, 1000);
            Decoder d = decoder_of(CASES[i].encoding);
            for (Str s = CASES[i].bytes; s.len > 0;) {
                size_t n = s.len < chunk ? s.len : chunk;
                decoder_feed(&d, (Str){s.ptr, n}, n == s.len, &b);
                s = (Str){s.ptr + n, s.len - n};
            }
            assert_str(buf_str(&b), CASES[i].text);
            assert_int_equal(d.damaged, CASES[i].damaged);
        }
    }
    /* One damaged place does not make a Cyrillic page something else. */
    assert_int_equal(
        encoding_of(STR("\u0420\u0443\u0431\u0430\u0448\u043A\u0430 \u0432 \u043A\u043B"
                        "\u0435\u0442\u043A\u0443 \xD0 ok")),
        ENCODING_UTF8);
}

static void encodings_have_names(void **state)
{
    (void)state;
    Encoding e;
    assert_true(encoding_find(STR("Windows-1251"), &e) && e == ENCODING_WINDOWS_1251);
    assert_true(encoding_find(STR("latin1"), &e) && e == ENCODING_WINDOWS_1252);
    assert_true(encoding_find(STR("UTF-8"), &e) && e == ENCODING_UTF8);
    assert_false(encoding_find(STR("koi8-r"), &e));
    for (Encoding k = ENCODING_UTF8; k <= ENCODING_WINDOWS_1254; k++)
        assert_true(encoding_find(str_from_cstr(encoding_name(k)), &e) && e == k);
}

static void every_code_point_is_written_and_read(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char     text[4];
        uint32_t again;
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        size_t n = utf8_put(text, cp);
        assert_int_equal(utf8_next(text, text + n, &again), n);
        assert_int_equal(again, cp);
        for (size_t cut = 1; cut < n; cut++)
            assert_int_equal(utf8_next(text, text + cut, &again), 0);
    }
}

static void what_is_no_utf8_is_seen_and_replaced(void **state)
{
    (void)state;
    static const struct {
        Str         in;
        const char *out;
    } CASES[] = {
        {STR_INIT("all \u0457 fine \U0001F600"), NULL},
        {STR_INIT("\x80"), "\uFFFD"},
        {STR_INIT("\xC0\xAF"), "\uFFFD\uFFFD"},
        {STR_INIT("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD"},
        {STR_INIT("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD"},
        {STR_INIT("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD"},
        {STR_INIT("\xF0\x9F\x98"), "\uFFFD"},
        {STR_INIT("12345678\xF0\x9F\x98x\xE2\x82"), "12345678\uFFFDx\uFFFD"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 100);
        utf8_clean(&b, CASES[i].in);
        assert_int_equal(utf8_valid(CASES[i].in), CASES[i].out == NULL);
        if (CASES[i].out != NULL)
            assert_str(buf_str(&b), CASES[i].out);
        else
            assert_true(str_eq(buf_str(&b), CASES[i].in));
        assert_true(utf8_valid(buf_str(&b)));
    }
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    Str s = STR("a\u0457\u20AC\U0001F600z");
    assert_int_equal(utf8_count(s), 5);
    static const char *const POINTS[] = {"", "a", "a\u0457", "a\u0457\u20AC",
                                         "a\u0457\u20AC\U0001F600"};
    for (size_t i = 0; i < COUNT_OF(POINTS); i++)
        assert_str(utf8_truncate(s, i), POINTS[i]);
    assert_true(str_eq(utf8_truncate(s, 5), s) && str_eq(utf8_truncate(s, 99), s));
    for (size_t n = 0; n <= s.len; n++) {
        Str cut = utf8_truncate_bytes(s, n);
        assert_true(cut.len <= n && cut.len + 4 > n && utf8_valid(cut));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_are_told_apart_and_decoded),
        cmocka_unit_test(chunks_of_any_size_make_no_difference),
        cmocka_unit_test(damaged_text_is_repaired_and_counted),
        cmocka_unit_test(encodings_have_names),
        cmocka_unit_test(every_code_point_is_written_and_read),
        cmocka_unit_test(what_is_no_utf8_is_seen_and_replaced),
        cmocka_unit_test(text_is_cut_between_characters),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
