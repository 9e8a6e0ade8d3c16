/* Days, weeks, months and hours of questions where clocks change, ranges of all kinds, and stores
 * that hold little or nothing. */
#include "asking.h"

typedef struct Span {
    const char *start;
    int64_t     halves; /* hours */
} Span;

typedef struct Change {
    const char *zone, *from, *to, *interval;
    Span        spans[6];
} Change;

static const Change CHANGES[] = {
    {"Europe/Amsterdam",
     "2025-03-29",
     "2025-03-31",
     "day",
     {{"2025-03-29", 48}, {"2025-03-30", 46}, {"2025-03-31", 48}}},
    {"Europe/Amsterdam",
     "2025-10-25",
     "2025-10-27",
     "day",
     {{"2025-10-25", 48}, {"2025-10-26", 50}, {"2025-10-27", 48}}},
    {"Europe/Amsterdam",
     "2025-10-20",
     "2025-11-02",
     "week",
     {{"2025-10-20", 338}, {"2025-10-27", 336}}},
    {"Europe/Amsterdam",
     "2025-02-01",
     "2025-04-30",
     "month",
     {{"2025-02-01", 1344}, {"2025-03-01", 1486}, {"2025-04-01", 1440}}},
    {"America/New_York",
     "2025-03-08",
     "2025-03-10",
     "day",
     {{"2025-03-08", 48}, {"2025-03-09", 46}, {"2025-03-10", 48}}},
    {"America/New_York", "2025-11-02", "2025-11-02", "day", {{"2025-11-02", 50}}},
    {"America/New_York",
     "2025-01-01",
     "2025-06-30",
     "quarter",
     {{"2025-01-01", 4318}, {"2025-04-01", 4368}}},
    {"Asia/Kathmandu", "2025-03-29", "2025-03-30", "day", {{"2025-03-29", 48}, {"2025-03-30", 48}}},
    /* midnight does not exist; the day after begins at it again */
    {"America/Sao_Paulo",
     "2018-11-03",
     "2018-11-06",
     "day",
     {{"2018-11-03", 48}, {"2018-11-04", 46}, {"2018-11-05", 48}, {"2018-11-06", 48}}},
    /* half an hour */
    {"Australia/Lord_Howe",
     "2025-04-05",
     "2025-04-07",
     "day",
     {{"2025-04-05", 48}, {"2025-04-06", 49}, {"2025-04-07", 48}}},
    /* a day that was left out */
    {"Pacific/Apia",
     "2011-12-28",
     "2011-12-31",
     "day",
     {{"2011-12-28", 48}, {"2011-12-29", 48}, {"2011-12-31", 48}}},
    {"Europe/Amsterdam",
     "2025-10-26T00:30:00Z",
     "2025-10-26T02:30:00Z",
     "hour",
     {{"2025-10-26T02+02:00", 1}, {"2025-10-26T02+01:00", 2}, {"2025-10-26T03", 1}}},
    {"Asia/Kathmandu",
     "2025-03-29T00:00:00Z",
     "2025-03-29T02:00:00Z",
     "hour",
     {{"2025-03-29T05", 1}, {"2025-03-29T06", 2}, {"2025-03-29T07", 1}}},
};

/* An event every half an hour, of three people in turn. */
static void every_half_hour(World *w, const char *from, const char *to)
{
    UnixMs        t = {0}, end = {0};
    JourneyEvent *list = calloc(JOURNEY_BATCH_MAX, sizeof *list);
    size_t        n = 0;
    assert_non_null(list);
    assert_true(clock_parse(str_from_cstr(from), &t) && clock_parse(str_from_cstr(to), &end));
    for (int64_t i = 0; t.v < end.v; t.v += 1800000, i++)
        list[n++] = (JourneyEvent){.subject = i % 3 + 1, .time = t, .name = STR("Tick")};
    assert_ok(journey_append(w->j, list, n, NULL, &w->err), &w->err);
    free(list);
}

static void spans_are_those_of_the_calendar_where_clocks_change(void **state)
{
    World *w = *state;
    every_half_hour(w, "2011-12-25T00:00:00Z", "2012-01-05T00:00:00Z");
    every_half_hour(w, "2018-10-30T00:00:00Z", "2018-11-10T00:00:00Z");
    every_half_hour(w, "2024-12-25T00:00:00Z", "2025-07-03T00:00:00Z");
    every_half_hour(w, "2025-10-10T00:00:00Z", "2025-11-10T00:00:00Z");
    for (size_t i = 0; i < COUNT_OF(CHANGES); i++) {
        const Change *c = &CHANGES[i];
        char          text[320];
        size_t        n = 0;
        (void)snprintf(text, sizeof text,
                       "{\"type\":\"trends\",\"series\":[{}],\"timezone\":\"%s\",\"from\":\"%s\","
                       "\"to\":\"%s\",\"interval\":\"%s\"}",
                       c->zone, c->from, c->to, c->interval);
        const JsonValue *a = ask(w, text), *starts = get(a, "buckets");
        const JsonValue *values = get(&get(a, "series")->items[0], "values");
        while (n < COUNT_OF(c->spans) && c->spans[n].start != NULL)
            n++;
        assert_int_equal(starts->n, n);
        for (size_t k = 0; k < n; k++) {
            assert_str(starts->items[k].text, c->spans[k].start);
            assert_int_equal(number(&values->items[k]), c->spans[k].halves);
        }
    }
}

/* Lifecycle and stickiness have the same days. */
static void who_came_each_day_came_back_each_day(void **state)
{
    static const char *const ZONES[][3] = {{"America/Sao_Paulo", "2018-11-01", "2018-11-08"},
                                           {"Europe/Amsterdam", "2025-10-23", "2025-10-30"},
                                           {"Pacific/Apia", "2011-12-27", "2012-01-03"}};
    World                   *w = *state;
    every_half_hour(w, "2011-12-20T00:00:00Z", "2012-01-08T00:00:00Z");
    every_half_hour(w, "2018-10-25T00:00:00Z", "2018-11-13T00:00:00Z");
    every_half_hour(w, "2025-10-15T00:00:00Z", "2025-11-08T00:00:00Z");
    for (size_t i = 0; i < COUNT_OF(ZONES); i++) {
        char     text[256];
        uint32_t days = i == 2 ? 7 : 8; /* Apia left one out */
        (void)snprintf(text, sizeof text,
                       "{\"type\":\"lifecycle\",\"interval\":\"day\",\"timezone\":\"%s\","
                       "\"from\":\"%s\",\"to\":\"%s\"}",
                       ZONES[i][0], ZONES[i][1], ZONES[i][2]);
        const JsonValue *buckets = get(ask(w, text), "buckets");
        assert_int_equal(buckets->n, days);
        for (uint32_t k = 0; k < days; k++) {
            assert_int_equal(number(get(&buckets->items[k], "returning")), 3);
            assert_int_equal(number(get(&buckets->items[k], "dormant")), 0);
        }
        (void)snprintf(
            text, sizeof text,
            "{\"type\":\"stickiness\",\"timezone\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}",
            ZONES[i][0], ZONES[i][1], ZONES[i][2]);
        const JsonValue *list = get(ask(w, text), "intervals");
        assert_int_equal(list->n, days);
        assert_int_equal(number(get(&list->items[days - 1], "people")), 3);
        (void)snprintf(text, sizeof text,
                       "{\"type\":\"retention\",\"timezone\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}",
                       ZONES[i][0], ZONES[i][1], ZONES[i][2]);
        const JsonValue *back = get(&get(ask(w, text), "cohorts")->items[0], "returned");
        assert_int_equal(back->n, days);
        for (uint32_t k = 0; k < days; k++)
            assert_int_equal(number(&back->items[k]), 3);
    }
}

/* --- ranges -------------------------------------------------------------------------- */

static const char *const QUESTIONS[] = {
    "\"type\":\"trends\",\"series\":[{}]",
    "\"type\":\"trends\",\"series\":[{}],\"interval\":\"none\",\"by\":\"page\"",
    "\"type\":\"funnel\",\"steps\":[\"Tick\",\"Tock\"]",
    "\"type\":\"funnel\",\"steps\":[\"Tick\",\"Tock\"],\"by\":\"page\",\"times\":true",
    "\"type\":\"retention\"",
    "\"type\":\"retention\",\"by\":\"page\",\"mode\":\"recurring\"",
    "\"type\":\"paths\"",
    "\"type\":\"paths\",\"drop_offs\":true,\"collapse\":true",
    "\"type\":\"sessions\"",
    "\"type\":\"sessions\",\"by\":\"page\",\"percentiles\":true",
    "\"type\":\"attribution\",\"conversion\":\"Tick\"",
    "\"type\":\"attribution\",\"conversion\":\"Tick\",\"model\":\"markov\"",
    "\"type\":\"attribution\",\"conversion\":\"Tick\",\"model\":\"shapley\"",
    "\"type\":\"lifecycle\"",
    "\"type\":\"lifecycle\",\"interval\":\"day\",\"by\":\"page\"",
    "\"type\":\"stickiness\"",
    "\"type\":\"stickiness\",\"by\":[\"page\",\"channel\"]"};

typedef struct Range {
    const char *members, *from, *to; /* NULL: what the events say */
    int64_t     events;              /* of the store with one, at 2025-03-30T12:00:00Z */
} Range;

/* Now is 2025-04-02T12:00:00Z. */
static const Range RANGES[] = {
    {"", NULL, NULL, 1},
    {",\"last\":\"1 day\"", "2025-04-01T12:00:00.000Z", "2025-04-02T12:00:00.001Z", 0},
    {",\"last\":\"7 days\"", "2025-03-26T12:00:00.000Z", "2025-04-02T12:00:00.001Z", 1},
    {",\"from\":\"2030-01-01\"", "2030-01-01T00:00:00.000Z", NULL, 0},
    {",\"from\":\"2030-01-01\",\"to\":\"2030-01-31\",\"timezone\":\"Asia/Kathmandu\"",
     "2029-12-31T18:15:00.000Z", "2030-01-31T18:15:00.000Z", 0},
    {",\"to\":\"2020-01-01\"", NULL, "2020-01-02T00:00:00.000Z", 0},
    {",\"from\":\"2025-03-30\",\"to\":\"2025-03-30\",\"timezone\":\"Europe/Amsterdam\"",
     "2025-03-29T23:00:00.000Z", "2025-03-30T22:00:00.000Z", 1},
    {",\"from\":\"2025-03-30T12:00:00Z\",\"to\":\"2025-03-30T12:00:00.001Z\"",
     "2025-03-30T12:00:00.000Z", "2025-03-30T12:00:00.001Z", 1},
    {",\"from\":\"2025-03-30T12:00:00.001Z\",\"to\":\"2025-03-30T12:00:01Z\"",
     "2025-03-30T12:00:00.001Z", "2025-03-30T12:00:01.000Z", 0}};

static void check_ranges(World *w, bool one)
{
    JourneyAsk o = {.compile = compile, .trait = trait};
    assert_true(clock_parse(STR("2025-04-02T12:00:00Z"), &o.now));
    for (size_t i = 0; i < COUNT_OF(QUESTIONS) * COUNT_OF(RANGES); i++) {
        const Range *r = &RANGES[i % COUNT_OF(RANGES)];
        char         text[400];
        UnixMs       from = {0}, to = {0};
        (void)snprintf(text, sizeof text, "{%s%s}", QUESTIONS[i / COUNT_OF(RANGES)], r->members);
        const JsonValue *a = ask_of(w, text, &o), *population = get(a, "population");
        int64_t          events = one ? r->events : 0;
        assert_int_equal(number(get(population, "events")), events);
        assert_int_equal(number(get(population, "people")), events);
        assert_true(clock_parse(get(a, "from")->text, &from) &&
                    clock_parse(get(a, "to")->text, &to));
        assert_true(from.v <= to.v);
        if (r->from != NULL)
            assert_str(get(a, "from")->text, r->from);
        if (r->to != NULL)
            assert_str(get(a, "to")->text, r->to);
        if (json_get(a, STR("groups")) != NULL)
            assert_true(get(a, "groups")->n <= (uint32_t)(events + 1));
        arena_reset(&w->arena);
    }
}

static void a_range_is_the_one_that_was_asked_for(void **state)
{
    World *w = *state;
    check_ranges(w, false);
    JourneyEvent e = {.subject = 1, .name = STR("Tick")};
    assert_true(clock_parse(STR("2025-03-30T12:00:00Z"), &e.time));
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    check_ranges(w, true);
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    check_ranges(w, true);
}

static void too_many_intervals_are_refused_and_many_are_not(void **state)
{
    static const struct {
        const char *question;
        bool        too_many;
    } CASES[] = {
        {"\"type\":\"trends\",\"series\":[{}],\"interval\":\"hour\"", true},
        {"\"type\":\"trends\",\"series\":[{}],\"interval\":\"day\"", false},
        {"\"type\":\"lifecycle\",\"interval\":\"hour\"", true},
        {"\"type\":\"lifecycle\",\"interval\":\"day\"", false},
        {"\"type\":\"lifecycle\",\"interval\":\"day\",\"by\":\"page\"", false},
        {"\"type\":\"stickiness\",\"interval\":\"hour\"", true},
        {"\"type\":\"stickiness\",\"interval\":\"day\"", false},
        {"\"type\":\"retention\",\"interval\":\"day\"", true},
        {"\"type\":\"retention\",\"interval\":\"week\"", false},
        {"\"type\":\"retention\",\"interval\":\"month\",\"by\":\"page\"", false},
    };
    World *w = *state;
    w->rng = rng_of(3);
    append(w, 200);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{%s,\"from\":\"2015-06-01\",\"to\":\"2025-05-31\"}",
                       CASES[i].question);
        if (!CASES[i].too_many) {
            const JsonValue *a = ask(w, text);
            assert_int_equal(number(get(get(a, "population"), "events")), 200);
            continue;
        }
        buf_clear(&w->answer);
        assert_fails(journey_ask(w->j, str_from_cstr(text), NULL, &w->answer, &w->err), ST_LIMIT,
                     &w->err, "journey.too_big");
        assert_true(str_starts(str_from_cstr(w->err.msg), STR("/interval makes more than")));
    }
    /* what lies before the range is looked back at, and is no interval of the answer */
    const JsonValue *a =
        ask(w, "{\"type\":\"lifecycle\",\"interval\":\"hour\",\"from\":\"2025-02-01\","
               "\"to\":\"2025-02-03\"}");
    assert_int_equal(get(a, "buckets")->n, 72);
}

/* A month beside the one before, which is shorter or longer; a day of 25 hours beside one of 24. */
static void periods_that_are_compared_may_differ_in_length(void **state)
{
    static const char *const CASES[][4] = {
        {"\"from\":\"2025-03-01\",\"to\":\"2025-03-31\",\"interval\":\"month\","
         "\"compare\":\"previous\"",
         "2025-01-29T00:00:00.000Z", "2025-03-01T00:00:00.000Z", "1488"},
        {"\"from\":\"2025-03-01\",\"to\":\"2025-03-31\",\"compare\":\"28 days\"",
         "2025-02-01T00:00:00.000Z", "2025-03-04T00:00:00.000Z", "1488"},
        {"\"from\":\"2025-10-26\",\"to\":\"2025-10-26\",\"timezone\":\"Europe/Amsterdam\","
         "\"compare\":\"previous\"",
         "2025-10-24T22:00:00.000Z", "2025-10-25T22:00:00.000Z", "48"},
        {"\"from\":\"2025-10-26\",\"to\":\"2025-10-26\",\"timezone\":\"Europe/Amsterdam\","
         "\"compare\":\"7 days\"",
         "2025-10-18T22:00:00.000Z", "2025-10-19T22:00:00.000Z", "48"},
        {"\"from\":\"2025-03-31\",\"to\":\"2025-03-31\",\"timezone\":\"Europe/Amsterdam\","
         "\"compare\":\"1 day\"",
         "2025-03-29T23:00:00.000Z", "2025-03-30T22:00:00.000Z", "46"}};
    World *w = *state;
    every_half_hour(w, "2025-01-01T00:00:00Z", "2025-07-01T00:00:00Z");
    every_half_hour(w, "2025-10-01T00:00:00Z", "2025-11-10T00:00:00Z");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char    text[256];
        int64_t sum = 0, want;
        (void)snprintf(text, sizeof text, "{\"type\":\"trends\",\"series\":[{}],%s}", CASES[i][0]);
        const JsonValue *c = get(ask(w, text), "compare");
        const JsonValue *values = get(&get(c, "series")->items[0], "values");
        assert_str(get(c, "from")->text, CASES[i][1]);
        assert_str(get(c, "to")->text, CASES[i][2]);
        for (uint32_t k = 0; k < values->n; k++)
            sum += number(&values->items[k]);
        assert_true(str_parse_i64(str_from_cstr(CASES[i][3]), &want));
        assert_int_equal(sum, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(spans_are_those_of_the_calendar_where_clocks_change, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(who_came_each_day_came_back_each_day, setup, teardown),
        cmocka_unit_test_setup_teardown(a_range_is_the_one_that_was_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_intervals_are_refused_and_many_are_not, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(periods_that_are_compared_may_differ_in_length, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
