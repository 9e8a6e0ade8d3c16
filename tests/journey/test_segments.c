/* Segments that are said in the question, by who people are and what they did, against their
 * definition: as a filter, in groups and behind cells; with remaps, erasures, merges and restarts
 * in between. */
#include "grouped.h"

#define RANGE "\"from\":\"2025-01-10\",\"to\":\"2025-01-31\""

typedef struct Rule {
    const char *json;
    int         event, page; /* -1: any */
    int64_t     from, to;    /* days, both included */
    int64_t     least, most;
    int         parity; /* of the person; -1: any */
} Rule;

static const Rule RULES[] = {
    {"{\"did\":\"Order Completed\"}", 4, -1, 0, 99, 1, 9999, -1},
    {"{\"did\":[{\"event\":\"Order Completed\",\"at_least\":3}]}", 4, -1, 0, 99, 3, 9999, -1},
    {"{\"did\":{\"event\":\"Page Viewed\",\"where\":{\"page\":\"home\"},\"at_most\":0}}", 0, 1, 0,
     99, 0, 0, -1},
    {"{\"did\":{\"from\":\"2025-01-08\",\"to\":\"2025-01-12\",\"at_least\":1,\"at_most\":4}}", -1,
     -1, 2, 6, 1, 4, -1},
    {"{\"where\":{\"person.parity\":\"odd\"},\"did\":{\"event\":\"Product Added\","
     "\"to\":\"2025-01-20\",\"at_least\":2}}",
     2, -1, 0, 14, 2, 9999, 1},
    {"{\"where\":{\"person.parity\":\"even\"}}", -1, -1, 0, 99, 0, 9999, 0}};

static bool belongs(World *w, const Rule *r, int p)
{
    int64_t n = 0;
    for (size_t i = 0; i < w->n[p]; i++) {
        const ModelEvent *e = w->person[p][i];
        int64_t           d = brute_day(e->time);
        n += (r->event < 0 || e->name == r->event) && (r->page < 0 || e->page == r->page) &&
             d >= r->from && d <= r->to;
    }
    return n >= r->least && n <= r->most && (r->parity < 0 || p % 2 == r->parity);
}

static bool counts(const ModelEvent *e)
{
    int64_t d = brute_day(e->time);
    return d >= 4 && d <= 25 && e->channel == 3;
}

static void check_filter(World *w, const Rule *r)
{
    char     text[512];
    uint64_t mask = 0;
    int64_t  events = 0;
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p] && belongs(w, r, p); i++)
            if (counts(w->person[p][i])) {
                mask |= 1ULL << p;
                events++;
            }
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"sessions\"," RANGE
                   ",\"where\":{\"channel\":\"email\"},\"segment\":%s}",
                   r->json);
    const JsonValue *a = ask(w, text);
    assert_int_equal(number(get(a, "people")), people_in(mask));
    assert_int_equal(number(get(a, "events")), events);
    assert_int_equal(number(get(get(a, "population"), "people")), people_in(mask));
    assert_int_equal(number(get(get(a, "population"), "events")), events);
    assert_int_equal(people_behind(w, text, "", NULL), mask);
}

static void check_groups(World *w, const Rule *r)
{
    char     text[512];
    uint64_t mask[2] = {0};
    for (int p = 1; p <= MODEL_SUBJECTS; p++)
        for (size_t i = 0; i < w->n[p]; i++)
            if (counts(w->person[p][i]))
                mask[belongs(w, r, p)] |= 1ULL << p;
    (void)snprintf(
        text, sizeof text,
        "{\"type\":\"stickiness\"," RANGE ",\"where\":{\"channel\":\"email\"},\"by\":%s}", r->json);
    const JsonValue *groups = get(ask(w, text), "groups");
    assert_int_equal(groups->n, (mask[0] != 0) + (mask[1] != 0));
    for (uint32_t g = 0; g < groups->n; g++) {
        bool in = get(&groups->items[g], "by")->boolean;
        assert_int_equal(number(get(&groups->items[g], "people")), people_in(mask[in]));
    }
    assert_int_equal(people_behind(w, text, "", "true"), mask[1]);
    assert_int_equal(people_behind(w, text, "", "false"), mask[0]);
}

static void check_all(World *w)
{
    collect(w);
    for (size_t i = 0; i < COUNT_OF(RULES); i++) {
        check_filter(w, &RULES[i]);
        check_groups(w, &RULES[i]);
    }
    arena_reset(&w->arena);
}

static void segments_hold_whom_their_definition_says(void **state)
{
    World *w = *state;
    for (uint64_t seed = 61; seed <= 64; seed++) {
        w->rng = rng_of(seed);
        w->m.coarse = seed == 61;
        for (int step = 0; step < 9; step++) {
            append(w, (size_t)rng_between(&w->rng, 10, 90));
            change(w);
            if (step % 3 == 2)
                check_all(w);
        }
    }
}

static void an_empty_store_has_empty_segments(void **state)
{
    World *w = *state;
    check_all(w);
}

/* A span ends now, whatever the range of the question. */
static void what_people_did_lately_counts_from_now(void **state)
{
    World       *w = *state;
    JourneyEvent e = {.subject = 1, .name = STR("Seen")};
    JourneyAsk   o = {.now = {MODEL_START + 30LL * DAY}};
    for (int64_t days = 5; days <= 25; days += 20) { /* 1: 25 days ago; 2: 5 days ago, and before */
        e.time.v = MODEL_START + days * DAY;
        e.subject = days == 5 ? 1 : 2;
        assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    }
    e.time.v = MODEL_START;
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
    const JsonValue *a =
        ask_of(w,
               "{\"type\":\"people\",\"cell\":{},\"of\":{\"type\":\"sessions\","
               "\"to\":\"2025-01-12\",\"segment\":{\"did\":{\"last\":\"7 days\"}}}}",
               &o);
    assert_int_equal(number(get(a, "total")), 1);
    assert_int_equal(number(&get(a, "profiles")->items[0]), 2);
}

static void malformed_segments_are_refused(void **state)
{
    static const char *const BAD[][2] = {
        {"7", "/segment must be an object"},
        {"{\"who\":1}", "/who is unknown: segment has where did"},
        {"{\"did\":7}", "/did must be an event or a list"},
        {"{\"did\":[7]}", "/did must name an event"},
        {"{\"did\":{\"evnt\":\"a\"}}", "/evnt is unknown: did has event where name at_least"},
        {"{\"did\":{\"at_least\":3,\"at_most\":2}}", "/did/at_least is more than at_most"},
        {"{\"did\":{\"at_least\":-1}}", "/did/at_least must be a whole number"},
        {"{\"did\":{\"last\":\"soon\"}}", "/last must be a span"},
        {"{\"did\":{\"from\":\"soon\"}}", "/from must be a date"},
        {"{\"did\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]}", "/did must be"},
        {"{\"where\":{\"page\":\"home\"}}", "/segment/where must look at the person alone"}};
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"type\":\"sessions\",\"segment\":%s}", BAD[i][0]);
        assert_fails(journey_ask(w->j, str_from_cstr(text), &(JourneyAsk){.compile = compile},
                                 &w->answer, &w->err),
                     ST_INVALID, &w->err, "journey.bad_question");
        if (!str_starts(str_from_cstr(w->err.msg), str_from_cstr(BAD[i][1])))
            print_message("%s: %s\n", BAD[i][0], w->err.msg);
        assert_true(str_starts(str_from_cstr(w->err.msg), str_from_cstr(BAD[i][1])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(segments_hold_whom_their_definition_says, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_store_has_empty_segments, setup, teardown),
        cmocka_unit_test_setup_teardown(what_people_did_lately_counts_from_now, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed_segments_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
