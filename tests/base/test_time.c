/* Calendar dates, RFC 3339, and ids that sort by time. */
#include "test.h"

#include "base/civil.h"
#include "base/clock.h"
#include "base/id.h"

#include <pthread.h>

static void every_day_of_ten_thousand_years_comes_back(void **state)
{
    (void)state;
    CivilDate d = {0, 1, 1};
    int64_t   days = civil_to_days(d);
    for (; d.year <= 9999; days++) {
        assert_int_equal(civil_to_days(d), days);
        CivilDate again = civil_from_days(days);
        assert_true(again.year == d.year && again.month == d.month && again.day == d.day);
        if (++d.day > civil_month_days(d.year, d.month)) {
            d.day = 1;
            if (++d.month == 13) {
                d.month = 1;
                d.year++;
            }
        }
    }
    assert_int_equal(civil_to_days((CivilDate){1970, 1, 1}), 0);
    assert_int_equal(civil_to_days((CivilDate){2000, 2, 29}), 11016);
    assert_int_equal(civil_weekday(0), 3);
    assert_int_equal(civil_weekday(civil_to_days((CivilDate){2026, 11, 22})), 6);
    assert_int_equal(civil_weekday(-1), 2);
    CivilDate m = civil_add_months((CivilDate){2024, 1, 31}, 13);
    assert_true(m.year == 2025 && m.month == 2 && m.day == 28);
    m = civil_add_months((CivilDate){2024, 1, 31}, -11);
    assert_true(m.year == 2023 && m.month == 2 && m.day == 28);
}

static void times_are_read_and_shown(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
        {"2026-11-22T13:00:00.25+02:00", "2026-11-22T11:00:00.250Z"},
        {"2026-11-22t13:00:00.123999z", "2026-11-22T13:00:00.123Z"},
        {"2026-11-22 23:30:00-05:30", "2026-11-23T05:00:00.000Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
        {"2015-06-30T16:59:60.5-07:00", "2015-07-01T00:00:00.500Z"},
        {"1960-12-31T23:59:60Z", "1961-01-01T00:00:00.000Z"},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        UnixMs t;
        assert_true(clock_parse(str_from_cstr(CASES[i].in), &t));
        assert_str(clock_format(&a, t), CASES[i].out);
    }
    UnixMs t;
    assert_true(clock_parse(STR("2001-09-09T01:46:40Z"), &t));
    assert_int_equal(t.v, INT64_C(1000000000000));
    assert_true(clock_parse_date(STR("2026-11-22"), &t));
    assert_str(clock_format(&a, t), "2026-11-22T00:00:00.000Z");
    assert_str(clock_format(&a, (UnixMs){INT64_MAX}), "9999-12-31T23:59:59.999Z");
    assert_str(clock_format(&a, (UnixMs){INT64_MIN}), "0000-01-01T00:00:00.000Z");
}

static void texts_that_are_no_time_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "2026-11-22",
        "2026-11-22T13:00:00",
        "2026-11-22T13:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T13:60:00Z",
        "2026-11-22T13:00:61Z",
        "2026-11-22T23:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "2026-02-29T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-13-10T00:00:00Z",
        "2026-11-22T13:00:00.Z",
        "2026-11-22T13:00:00+2:00",
        "2026-11-22T13:00:00+0200",
        "2026-11-22T13:00:00+24:00",
        "2026-11-22T13:00:00Z ",
        "2026-11-22X13:00:00Z",
        "+026-11-22T13:00:00Z",
        "2026-11-2 T13:00:00Z",
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        UnixMs t = {7};
        assert_false(clock_parse(str_from_cstr(BAD[i]), &t));
        assert_int_equal(t.v, 7);
    }
    UnixMs t;
    assert_false(clock_parse_date(STR("2026-11-31"), &t));
    assert_false(clock_parse_date(STR("2026-11-22T"), &t));
    assert_false(clock_parse_date(STR("2026-11-2"), &t));
}

static void ids_have_a_text_form(void **state)
{
    (void)state;
    static const struct {
        int64_t     id;
        const char *text;
    } CASES[] = {
        {1, "prd_0000000000001"},
        {31, "prd_000000000000z"},
        {32, "prd_0000000000010"},
        {INT64_MAX, "prd_7zzzzzzzzzzzz"},
        /* 2026-11-22T13:00:00.000Z, node 5, sequence 3 */
        {(INT64_C(1795352400000) - INT64_C(1577836800000)) << 21 | 5 << 13 | 3,
         "prd_0cn4y2m801803"},
    };
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t id;
        assert_str(id_format(&a, "prd", CASES[i].id), CASES[i].text);
        assert_true(id_parse(str_from_cstr(CASES[i].text), "prd", &id));
        assert_true(id == CASES[i].id);
    }
    assert_true(id_time(CASES[4].id).v == INT64_C(1795352400000));
    assert_true(id_at((UnixMs){INT64_C(1795352400000)}) == (CASES[4].id & ~INT64_C(0x1FFFFF)));
    int64_t id;
    assert_true(id_parse(STR("prd_OOOOO0000ILiZ"), "prd", &id));
    assert_int_equal(id, ((1 * 32 + 1) * 32 + 1) * 32 + 31);
    static const char *const BAD[] = {
        "",
        "prd_",
        "prd_000000000000",   /* short */
        "prd_00000000000001", /* long */
        "prd_8000000000000",  /* 2^63 */
        "prd_0000000000000",  /* no id is 0 */
        "prd_000000000000u",
        "prd_00000000000-1",
        "ord_0000000000001",
        "PRD_0000000000001",
        "prd-0000000000001",
        "0000000000001",
    };
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_false(id_parse(str_from_cstr(BAD[i]), "prd", &id));
}

enum { THREADS = 4, PER_THREAD = 20000 };

static void *make_ids(void *arg)
{
    int64_t *ids = arg;
    for (size_t i = 0; i < PER_THREAD; i++)
        ids[i] = id_new();
    return NULL;
}

static int by_value(const void *x, const void *y)
{
    const int64_t *p = x, *q = y;
    return (*p > *q) - (*p < *q);
}

static void ids_of_all_threads_differ_and_grow(void **state)
{
    (void)state;
    static int64_t ids[THREADS * PER_THREAD];
    pthread_t      threads[THREADS];
    id_node_set(7);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_ids, ids + i * PER_THREAD), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        assert_true(i % PER_THREAD == 0 || ids[i] > ids[i - 1]);
        assert_true(ids[i] > 0 && (ids[i] >> 13 & 255) == 7);
    }
    qsort(ids, COUNT_OF(ids), sizeof ids[0], by_value);
    for (size_t i = 1; i < COUNT_OF(ids); i++)
        assert_true(ids[i] > ids[i - 1]);
    id_node_set(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_ten_thousand_years_comes_back),
        cmocka_unit_test(times_are_read_and_shown),
        cmocka_unit_test(texts_that_are_no_time_are_refused),
        cmocka_unit_test(ids_have_a_text_form),
        cmocka_unit_test(ids_of_all_threads_differ_and_grow),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
