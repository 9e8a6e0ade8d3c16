/* cron.h against a program that tries every minute, and against dates that people know. */
#include "test_core.h"

#include "core/cron.h"

static UnixMs at(const char *text)
{
    struct tm tm = {0};
    char     *end = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    assert_non_null(end);
    assert_int_equal(*end, '\0');
    return (UnixMs){(int64_t)timegm(&tm) * 1000};
}

static Cron parse(const char *text)
{
    Cron cron;
    Err  err;
    if (cron_parse(str_from_cstr(text), &cron, &err) != ST_OK)
        fail_msg("\"%s\": %s", text, err.msg);
    return cron;
}

static void known_times_come_next(void **state)
{
    (void)state;
    static const struct {
        const char *cron, *after, *next;
    } CASES[] = {
        {"* * * * *", "2026-11-22 13:05:00", "2026-11-22 13:06:00"},
        {"* * * * *", "2026-11-22 13:05:59", "2026-11-22 13:06:00"},
        {"*/15 * * * *", "2026-11-22 13:05:00", "2026-11-22 13:15:00"},
        {"*/15 * * * *", "2026-11-22 23:45:00", "2026-11-23 00:00:00"},
        {"30 4 * * 1-5", "2026-11-20 04:30:00", "2026-11-23 04:30:00"}, /* Friday, Monday */
        {"30 4 * * mon-FRI", "2026-11-20 04:29:59", "2026-11-20 04:30:00"},
        {"0 0 1 1 *", "2026-11-22 13:05:00", "2027-01-01 00:00:00"},
        {"0 0 29 2 *", "2026-11-22 13:05:00", "2028-02-29 00:00:00"},
        {"0 0 29 2 *", "2096-02-29 00:00:00", "2104-02-29 00:00:00"},     /* 2100 has none */
        {"0 0 29 feb */7", "2088-02-29 00:00:00", "2128-02-29 00:00:00"}, /* on a Sunday */
        {"0 0 31 * *", "2026-11-22 13:05:00", "2026-12-31 00:00:00"},
        {"0 0 13 * 5", "2026-11-22 13:05:00", "2026-11-27 00:00:00"}, /* the 13th or Fridays */
        {"0 0 * * 7", "2026-11-22 13:05:00", "2026-11-29 00:00:00"},
        {"0 0 * * 0", "2026-11-22 13:05:00", "2026-11-29 00:00:00"},
        {"5,10-12,50/5 22 * dec *", "2026-12-01 22:12:00", "2026-12-01 22:50:00"},
        {"5,10-12,50/5 22 * dec *", "2026-12-31 22:55:00", "2027-12-01 22:05:00"},
        {"  0   9-17/4 * * *  ", "2026-11-22 13:00:00", "2026-11-22 17:00:00"},
        {"59 23 31 12 *", "1969-12-31 23:58:30", "1969-12-31 23:59:00"}, /* before 1970 */
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Cron cron = parse(CASES[i].cron);
        assert_int_equal(cron_next(&cron, at(CASES[i].after)).v, at(CASES[i].next).v);
    }
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        "*",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * 0 *",
        "* * * * 8",
        "-1 * * * *",
        "5-3 * * * *",
        "*/0 * * * *",
        "*/-1 * * * *",
        "1,,2 * * * *",
        ",1 * * * *",
        "1, * * * *",
        "a * * * *",
        "* * * foo *",
        "* * * * mond",
        "mon * * * *",
        "1-2-3 * * * *",
        "1/2/3 * * * *",
        "*/ * * * *",
        "1- * * * *",
        "-2 * * * *",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "** * * * *",
        "*/99999999999999999999 * * * *",
        "000 * * * *",
        "*/60 * * * *",
        "fri-mon * * * *",
        "0 0 * * fri-mon",
        "1\n* * * *",
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Cron cron;
        Err  err = {0};
        if (cron_parse(str_from_cstr(CASES[i]), &cron, &err) != ST_INVALID)
            fail_msg("\"%s\" was accepted", CASES[i]);
        assert_string_equal(err.code, "core.bad_cron");
    }
}

/* --- the same question, answered slowly ------------------------------------------------ */

typedef struct Slow { /* the fields as lists of allowed numbers */
    bool minute[60], hour[24], day[32], month[13], weekday[8];
    bool day_star, weekday_star;
} Slow;

/* Write a random field to `out` and mark what it allows. */
static void random_field(Rng *rng, int min, int max, Buf *out, bool *allowed, bool *star)
{
    int parts = 1 + (int)rng_below(rng, 3);
    for (int p = 0; p < parts; p++) {
        int a = min + (int)rng_below(rng, (uint64_t)max - (uint64_t)min + 1);
        int b = a + (int)rng_below(rng, (uint64_t)max - (uint64_t)a + 1);
        int step = 1 + (int)rng_below(rng, (uint64_t)(max < 12 ? 3 : max));
        int how = (int)rng_below(rng, 5);
        if (p > 0)
            buf_addc(out, ',');
        else
            *star = how < 2;
        switch (how) {
        case 0: a = min, b = max, step = 1, buf_addf(out, "*"); break;
        case 1: a = min, b = max, buf_addf(out, "*/%d", step); break;
        case 2: b = a, buf_addf(out, "%d", a); break;
        case 3: step = 1, buf_addf(out, "%d-%d", a, b); break;
        default: buf_addf(out, "%d-%d/%d", a, b, step); break;
        }
        for (int v = a; v <= b; v += step)
            allowed[v] = true;
    }
    buf_addc(out, ' ');
}

static bool slow_matches(const Slow *s, UnixMs t)
{
    struct tm tm;
    time_t    sec = (time_t)(t.v / 1000);
    gmtime_r(&sec, &tm);
    bool weekday = s->weekday[tm.tm_wday] || (tm.tm_wday == 0 && s->weekday[7]);
    bool day = s->day[tm.tm_mday];
    bool date = s->day_star || s->weekday_star ? day && weekday : day || weekday;
    return s->minute[tm.tm_min] && s->hour[tm.tm_hour] && s->month[tm.tm_mon + 1] && date;
}

static void next_is_what_trying_every_minute_finds(void **state)
{
    (void)state;
    Rng rng = rng_seeded("cron");
    int found = 0;
    for (int round = 0; round < 1000; round++) {
        CLEANUP(buf_done) Buf text;
        buf_init(&text, 1000);
        Slow slow = {0};
        bool star;
        random_field(&rng, 0, 59, &text, slow.minute, &star);
        random_field(&rng, 0, 23, &text, slow.hour, &star);
        random_field(&rng, 1, 31, &text, slow.day, &slow.day_star);
        random_field(&rng, 1, 12, &text, slow.month, &star);
        random_field(&rng, 0, 7, &text, slow.weekday, &slow.weekday_star);
        Cron   cron;
        Err    err;
        UnixMs t = {(int64_t)rng_below(&rng, UINT64_C(4000000000)) * 1000 + 17};
        if (cron_parse(buf_str(&text), &cron, &err) != ST_OK)
            continue; /* such a day never comes: seen by the test above */
        UnixMs next = cron_next(&cron, t);
        assert_true(next.v > t.v && next.v % 60000 == 0);
        int64_t minute = t.v / 60000 + 1;
        int     tries = 0;
        while (tries < 3000 && minute * 60000 < next.v) {
            assert_false(slow_matches(&slow, (UnixMs){minute * 60000}));
            minute++;
            tries++;
        }
        assert_true(slow_matches(&slow, next));
        found++;
    }
    assert_true(found > 800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times_come_next),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(next_is_what_trying_every_minute_finds),
    };
    return cmocka_run_group_tests_name("cron", tests, NULL, NULL);
}
