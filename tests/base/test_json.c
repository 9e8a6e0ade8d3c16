/* JSON in and out. */
#include "data.h"

#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/real.h"
#include "base/rng.h"

#include <math.h>

static int setup(void **state)
{
    Arena *a = test_malloc(sizeof *a);
    arena_init(a, 1 << 16);
    *state = a;
    return 0;
}

static int teardown(void **state)
{
    arena_done(*state);
    test_free(*state);
    return 0;
}

/* Write a tree back, compactly. */
static void write_value(Json *j, const JsonValue *v)
{
    switch (v->type) {
    case JSON_NULL: json_null(j, NULL); break;
    case JSON_BOOL: json_bool(j, NULL, v->boolean); break;
    case JSON_NUMBER:
        if (v->integer)
            json_i64(j, NULL, v->i64);
        else
            json_real(j, NULL, v->real);
        break;
    case JSON_STRING: json_str(j, NULL, v->text); break;
    case JSON_ARRAY:
        json_arr(j, NULL);
        for (size_t i = 0; i < v->n; i++)
            write_value(j, &v->items[i]);
        json_end(j);
        break;
    case JSON_OBJECT:
        json_obj(j, NULL);
        for (size_t i = 0; i < v->n; i++) {
            json_key(j, v->members[i].key);
            write_value(j, &v->members[i].value);
        }
        json_end(j);
        break;
    }
}

static void good_texts_come_back_as_they_are_meant(void **state)
{
    static const struct {
        const char *in, *out;
    } CASES[] = {
        {" null ", "null"},
        {"[true,\tfalse\r\n]", "[true,false]"},
        {"[]", "[]"},
        {"{ }", "{}"},
        {"[[],{},[[]]]", "[[],{},[[]]]"},
        {"{\"b\":1,\"a\":2,\"b\":3}", "{\"b\":1,\"a\":2,\"b\":3}"},
        {"[0,-0,9223372036854775807,-9223372036854775808]",
         "[0,0,9223372036854775807,-9223372036854775808]"},
        {"[9223372036854775808]", "[9.223372036854776e+18]"},
        {"[100000000000000000000000]", "[1e+23]"},
        {"[1.0,1.5e3,1E-2,123456789.125]", "[1,1500,0.01,123456789.125]"},
        {"[0.1,0.30000000000000004,1e22,1e23]", "[0.1,0.30000000000000004,1e+22,1e+23]"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
        {"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "\"A\u00e9\u20ac\U0001F600\""},
        {"\"x\\u0000y\"", "\"x\\u0000y\""},
        {"\"\\u2028<\\u2029\"", "\"\\u2028\\u003c\\u2029\""},
        {"\"a long enough plain text \xD1\x97\xD0\xB6\xD0\xB0\xD0\xBA, and on\"",
         "\"a long enough plain text \xD1\x97\xD0\xB6\xD0\xB0\xD0\xBA, and on\""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const JsonValue *v;
        Err              err;
        assert_ok(json_parse(*state, str_from_cstr(CASES[i].in), &v, &err), &err);
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 4096);
        Json j = json_begin(&b);
        write_value(&j, v);
        assert_str(buf_str(&b), CASES[i].out);
    }
}

static void mistakes_are_told_with_line_and_column(void **state)
{
    static const struct {
        Str         in;
        const char *msg;
    } CASES[] = {
        {STR_INIT(""), "line 1, column 1: the text ends where a value is due"},
        {STR_INIT("[1,]"), "line 1, column 4: not the start of a value"},
        {STR_INIT("[1 2]"), "line 1, column 4: a comma or the end of the array or object is "
                            "due here"},
        {STR_INIT("{\n \"\u0457\": 01}"), "line 2, column 8: a number with a leading zero"},
        {STR_INIT("{\"a\" 1}"), "line 1, column 6: a colon is due here"},
        {STR_INIT("{a:1}"), "line 1, column 2: a string is due here"},
        {STR_INIT("[1.]"), "line 1, column 4: a digit is due behind the point"},
        {STR_INIT("[1e+]"), "line 1, column 5: a digit is due in the exponent"},
        {STR_INIT("[-]"), "line 1, column 3: a digit is due here"},
        {STR_INIT("[1e999]"), "line 1, column 2: a number that does not fit a double"},
        {STR_INIT("\"a\nb\""), "line 1, column 3: a control character within a string"},
        {STR_INIT("\"a\0b\""), "line 1, column 3: a control character within a string"},
        {STR_INIT("\"\\q\""), "line 1, column 3: an unknown escape"},
        {STR_INIT("\"\\u12g4\""), "line 1, column 4: \\u needs four hexadecimal digits"},
        {STR_INIT("\"\\ud800\""), "line 1, column 4: half of a surrogate pair"},
        {STR_INIT("\"\\udc00\\ud800\""), "line 1, column 4: half of a surrogate pair"},
        {STR_INIT("\"\\"), "line 1, column 3: the text ends within a string"},
        {STR_INIT("\"\\\""), "line 1, column 4: the text ends within a string"},
        {STR_INIT("\"\xC0\xAF\""), "line 1, column 2: bytes that are not UTF-8"},
        {STR_INIT("\"\xED\xA0\x80\""), "line 1, column 2: bytes that are not UTF-8"},
        {STR_INIT("\"\xE2\x82\""), "line 1, column 2: bytes that are not UTF-8"},
        {STR_INIT("\xEF\xBB\xBF{}"), "line 1, column 1: not the start of a value"},
        {STR_INIT("{} x"), "line 1, column 4: something stands behind the value"},
        {STR_INIT("tru"), "line 1, column 1: not the start of a value"},
        {STR_INIT("[1,2"), "line 1, column 5: the text ends within an array or object"},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const JsonValue *v = NULL;
        Err              err = {0};
        assert_fails(json_parse(*state, CASES[i].in, &v, &err), ST_INVALID, &err, "json.syntax");
        assert_string_equal(err.msg, CASES[i].msg);
        assert_null(v);
        /* Passing over the value is as strict as reading it. */
        JsonScan s;
        json_scan_init(&s, *state, CASES[i].in);
        json_scan_skip(&s, NULL);
        json_scan_end(&s);
        assert_fails(json_scan_status(&s, &err), ST_INVALID, &err, "json.syntax");
        assert_string_equal(err.msg, CASES[i].msg);
    }
}

static void depth_and_number_of_values_are_limited(void **state)
{
    char             text[JSON_DEPTH_MAX * 2 + 2];
    const JsonValue *v;
    Err              err;
    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    Str deepest = {text + 1, JSON_DEPTH_MAX * 2};
    assert_ok(json_parse(*state, deepest, &v, &err), &err);
    assert_fails(json_parse(*state, (Str){text, sizeof text}, &v, &err), ST_LIMIT, &err,
                 "json.too_deep");
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    buf_addc(&b, '[');
    for (size_t i = 0; i < 200000; i++)
        buf_add(&b, STR("0,"));
    buf_add(&b, STR("0]"));
    assert_fails(json_parse(*state, buf_str(&b), &v, &err), ST_LIMIT, &err, "json.too_many");
}

static void writing_nests_as_deep_as_it_says(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    Json j = json_begin(&b);
    for (unsigned i = 0; i < JSON_WRITE_DEPTH_MAX; i++)
        json_arr(&j, NULL);
    json_i64(&j, NULL, 1);
    json_i64(&j, NULL, 2);
    for (unsigned i = 0; i < JSON_WRITE_DEPTH_MAX - 2; i++)
        json_end(&j);
    json_obj(&j, NULL);
    json_u64(&j, "u", UINT64_MAX);
    json_raw(&j, "r", STR("{}"));
    json_real(&j, "n", (double)NAN);
    json_end(&j);
    json_end(&j);
    json_end(&j);
    const char *tail = strstr(b.ptr, "1,2");
    assert_non_null(tail);
    assert_int_equal(tail - b.ptr, JSON_WRITE_DEPTH_MAX);
    assert_string_equal(tail + 3 + JSON_WRITE_DEPTH_MAX - 2,
                        ",{\"u\":18446744073709551615,\"r\":{},\"n\":null}]]");
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    (void)state;
    static const struct {
        Str         in;
        const char *out;
    } CASES[] = {
        {STR_INIT("a\xFFz"), "\"a\uFFFDz\""},
        {STR_INIT("\xE2\x82"), "\"\uFFFD\""},
        {STR_INIT("\xE2\x82\xC3\xA9"), "\"\uFFFD\u00e9\""},
        {STR_INIT("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\""},
        {STR_INIT("\xF0\x9F\x98\x80"), "\"\U0001F600\""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 100);
        Json j = json_begin(&b);
        json_str(&j, NULL, CASES[i].in);
        assert_str(buf_str(&b), CASES[i].out);
    }
}

static void what_is_json_already_is_made_safe_for_pages(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } CASES[] = {
        {"{\"a\": [1, \"\\n\"]}", "{\"a\": [1, \"\\n\"]}"},
        {"\"</script><b>\"", "\"\\u003c/script>\\u003cb>\""},
        {"\"\u2028\u20AC\u2029\u2027\"", "\"\\u2028\u20AC\\u2029\u2027\""},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 100);
        Json j = json_begin(&b);
        json_raw(&j, NULL, str_from_cstr(CASES[i].in));
        assert_str(buf_str(&b), CASES[i].out);
    }
}

static void get_finds_the_last_of_equal_keys(void **state)
{
    const JsonValue *v;
    Err              err;
    assert_ok(json_parse(*state, STR("{\"a\":1,\"b\":{\"c\":\"x\"},\"a\":2}"), &v, &err), &err);
    assert_int_equal(json_get(v, STR("a"))->i64, 2);
    assert_str(json_get(json_get(v, STR("b")), STR("c"))->text, "x");
    assert_str(json_get(v, STR("b"))->text, "{\"c\":\"x\"}");
    assert_null(json_get(json_get(v, STR("no")), STR("c")));
    assert_null(json_get(json_get(v, STR("a")), STR("c")));
}

static void doubles_survive_a_round_trip(void **state)
{
    (void)state;
    Rng rng = rng_of(1);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = rng_next(&rng);
        double   v;
        if (i % 4 == 0)
            v = (double)(int64_t)(bits % 20000000) / 100.0; /* as prices in files */
        else
            memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 64);
        real_add(&b, v);
        double again;
        assert_true(real_parse(buf_str(&b), &again));
        if (again < v || again > v)
            fail_msg("bits %llx became %s", (unsigned long long)bits, b.ptr);
    }
}

static void real_parse_is_the_nearest_double(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        double      want;
    } CASES[] = {
        {"0", 0.0},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0000000000000000000000000000000001", 9007199254740994.0},
        {"1e23", 1e23},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"4.9e-324", 4.9e-324},
        {"1e-400", 0.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"+5", 5.0},
        {"007.50", 7.5},
        {"0.000000000000000000000000000000000000123", 1.23e-37},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        double v;
        assert_true(real_parse(str_from_cstr(CASES[i].in), &v));
        assert_memory_equal(&v, &CASES[i].want, sizeof v);
    }
    static const char *const BAD[] = {"",   "-",   ".5",    "5.",  "1e",  "1e+", "1 ",
                                      " 1", "0x1", "1e999", "inf", "nan", "1,5", "1e5x"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        double v = 7;
        assert_false(real_parse(str_from_cstr(BAD[i]), &v));
    }
}

/* The files of JSONTestSuite: y_ must be read, n_ refused, i_ is ours to decide. */
static void the_json_test_suite_agrees(void **state)
{
    Arena      *a = *state;
    const char *dir = test_unpack(a, test_data(a, "json/json_test_suite.tar.xz"));
    char        path[512];
    snprintf(path, sizeof path, "%s/test_parsing", dir);
    DIR *d = opendir(path);
    assert_non_null(d);
    int            yes = 0, no = 0, wrong = 0;
    struct dirent *e;
    while ((e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/test_parsing/%s", dir, e->d_name);
        const JsonValue *v;
        Err              err;
        Str              text = test_read(a, path);
        bool             ok = json_parse(a, text, &v, &err) == ST_OK;
        JsonScan         s;
        json_scan_init(&s, a, text);
        bool skipped = json_scan_skip(&s, NULL) && json_scan_end(&s);
        yes += e->d_name[0] == 'y';
        no += e->d_name[0] == 'n';
        if ((e->d_name[0] == 'y' && !ok) || (e->d_name[0] == 'n' && ok) || ok != skipped) {
            print_error("# %s: %s\n", e->d_name, ok ? "read" : err.msg);
            wrong++;
        }
    }
    closedir(d);
    test_rmdir(dir);
    assert_true(yes > 90 && no > 180);
    assert_int_equal(wrong, 0);
}

int main(void)
{
#define JSON_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
    const struct CMUnitTest tests[] = {
        JSON_TEST(good_texts_come_back_as_they_are_meant),
        JSON_TEST(mistakes_are_told_with_line_and_column),
        JSON_TEST(depth_and_number_of_values_are_limited),
        JSON_TEST(writing_nests_as_deep_as_it_says),
        JSON_TEST(bytes_that_are_not_utf8_are_replaced),
        JSON_TEST(what_is_json_already_is_made_safe_for_pages),
        JSON_TEST(get_finds_the_last_of_equal_keys),
        JSON_TEST(doubles_survive_a_round_trip),
        JSON_TEST(real_parse_is_the_nearest_double),
        JSON_TEST(the_json_test_suite_agrees),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
