/* Questions go on from what earlier ones laid out of the people who were joined, parted and erased
 * since the files were written. They answer what a store answers that was just opened, and so has
 * laid out nothing. */
#include "asking.h"

#include "journey/store.h"

static const char *const QUESTIONS[] = {
    "{\"type\":\"trends\",\"series\":[{\"event\":\"Order Completed\"},{\"event\":\"Page Viewed\","
    "\"measure\":\"people\"}],\"interval\":\"week\"}",
    "{\"type\":\"trends\",\"series\":[{\"event\":\"Order Completed\",\"measure\":\"sum\","
    "\"property\":\"revenue\"}],\"interval\":\"week\"}",
    "{\"type\":\"paths\",\"node\":\"page\",\"length\":3,\"gap\":\"3 days\"}",
    "{\"type\":\"paths\",\"length\":4,\"gap\":\"3 days\"}",
    "{\"type\":\"funnel\",\"steps\":[\"Page Viewed\",\"Product Added\",\"Order Completed\"],"
    "\"window\":\"10 days\",\"by\":\"channel\"}",
    "{\"type\":\"sessions\",\"bounces\":true,\"gap\":\"30 minutes\"}",
    "{\"type\":\"attribution\",\"conversion\":\"Order Completed\",\"touch\":\"channel\","
    "\"value\":\"revenue\"}",
};

static void answer_of(Journey *j, const char *question, Buf *b)
{
    Err err;
    buf_init(b, 1 << 20);
    assert_ok(journey_ask(j, str_from_cstr(question), NULL, b, &err), &err);
}

static void assert_as_if_just_opened(World *w)
{
    static const JourneyOptions LOOKS = {.read_only = true, .threads = 2};
    Journey                    *other;
    assert_ok(journey_open(w->dir, &LOOKS, &other, &w->err), &w->err);
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++) {
        CLEANUP(buf_done) Buf mine = {0}, want = {0};
        answer_of(w->j, QUESTIONS[i], &mine);
        answer_of(other, QUESTIONS[i], &want);
        assert_true(str_eq(buf_str(&mine), buf_str(&want)));
    }
    journey_close(other);
}

static void join_or_part(World *w, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t s = rng_between(&w->rng, 1, MODEL_SUBJECTS);
        w->m.profile[s] = rng_below(&w->rng, 3) == 0 ? s : rng_between(&w->rng, 1, MODEL_SUBJECTS);
        assert_ok(journey_remap(w->j, &(JourneyLink){s, w->m.profile[s]}, 1, &w->err), &w->err);
    }
}

static void anything_but_a_merge(World *w)
{
    if (rng_below(&w->rng, 3) != 0)
        append(w, (size_t)rng_between(&w->rng, 1, 20));
    if (rng_below(&w->rng, 4) == 0)
        assert_ok(seal_active(w->j, 1, &w->err), &w->err);
    if (rng_below(&w->rng, 3) != 0)
        join_or_part(w, rng_between(&w->rng, 1, 4));
    if (rng_below(&w->rng, 10) == 0)
        assert_ok(journey_erase(w->j, rng_between(&w->rng, 1, MODEL_SUBJECTS), &w->err), &w->err);
}

static void questions_go_on_from_what_others_laid_out(void **state)
{
    World *w = *state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        w->rng = rng_of(seed);
        append(w, 150);
        assert_ok(journey_settle(w->j, false, &w->err), &w->err);
        join_or_part(w, 5);
        for (int step = 0; step < 12; step++) {
            assert_as_if_just_opened(w);
            anything_but_a_merge(w);
        }
    }
}

/* More links than are worth patching for each question, before and after events in memory. */
static void many_links_are_laid_out_once(void **state)
{
    World *w = *state;
    w->rng = rng_of(9);
    for (int round = 0; round < 4; round++) {
        append(w, 80);
        if (round == 0)
            assert_ok(journey_settle(w->j, true, &w->err), &w->err);
        join_or_part(w, 5);
        assert_as_if_just_opened(w);
        assert_ok(seal_active(w->j, 1, &w->err), &w->err);
        join_or_part(w, 1200);
        assert_as_if_just_opened(w);
        append(w, 10);
        join_or_part(w, 2);
        assert_as_if_just_opened(w);
    }
}

/* Segments that a base is of are replaced. */
static void merges_take_away_what_was_laid_out(void **state)
{
    World *w = *state;
    w->rng = rng_of(5);
    for (int round = 0; round < 10; round++) {
        append(w, 60);
        join_or_part(w, 3);
        assert_as_if_just_opened(w);
        assert_ok(merge_memory(w->j, round % 2 == 0, &w->err), &w->err);
        assert_as_if_just_opened(w);
        join_or_part(w, 3);
        if (round % 3 == 2)
            assert_ok(journey_settle(w->j, round % 2 == 0, &w->err), &w->err);
    }
}

enum { CROWD = 120000, CROWD_FROM = 1000000, CROWD_AT_ONCE = 10000 };

/* Two events of each, of which the second half comes at the very times of the first. */
static void load_crowd(World *w)
{
    static JourneyEvent      e[CROWD_AT_ONCE];
    static const char *const NAMES[] = {"Page Viewed", "Product Added", "Order Completed"};
    static JourneyProp       props[CROWD_AT_ONCE][2];
    JourneyLoad             *load = journey_load_begin(w->j);
    for (int64_t i = 0; i < (int64_t)2 * CROWD; i += CROWD_AT_ONCE) {
        for (int64_t k = 0; k < CROWD_AT_ONCE; k++) {
            int64_t      n = i + k, person = n % CROWD;
            JourneyProp *p = props[k];
            p[0] = (JourneyProp){.key = STR("channel"),
                                 .type = JOURNEY_TEXT,
                                 .text = person % 3 ? STR("mail") : STR("ads")};
            p[1] = (JourneyProp){.key = STR("revenue"), .type = JOURNEY_INT, .i = n % 97};
            e[k] = (JourneyEvent){.subject = CROWD_FROM + person,
                                  .time = {1736121600000 + n % (CROWD / 2) * 60000 + n / CROWD},
                                  .name = str_from_cstr(NAMES[n % 3]),
                                  .props = p,
                                  .nprops = 2};
        }
        assert_ok(journey_load_add(load, e, CROWD_AT_ONCE, &w->err), &w->err);
    }
    assert_ok(journey_load_end(load, true, &w->err), &w->err);
}

static void join_crowd(World *w, int64_t from, int64_t to, int64_t back)
{
    static JourneyLink links[CROWD_AT_ONCE];
    size_t             n = 0;
    for (int64_t i = from; i < to; i++) {
        links[n++] = (JourneyLink){CROWD_FROM + i, CROWD_FROM + i - back};
        if (n == CROWD_AT_ONCE || i + 1 == to) {
            assert_ok(journey_remap(w->j, links, n, &w->err), &w->err);
            n = 0;
        }
    }
}

static void assert_folding_changes_nothing(World *w)
{
    Buf before[COUNT_OF(QUESTIONS)] = {{0}};
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++)
        answer_of(w->j, QUESTIONS[i], &before[i]);
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    for (size_t i = 0; i < COUNT_OF(QUESTIONS); i++) {
        CLEANUP(buf_done) Buf after = {0};
        answer_of(w->j, QUESTIONS[i], &after);
        assert_true(str_eq(buf_str(&before[i]), buf_str(&after)));
        buf_done(&before[i]);
    }
}

/* So many that several threads lay them out: the two of each pair are in different parts. */
static void a_crowd_is_laid_out_in_parts(void **state)
{
    World *w = *state;
    load_crowd(w);
    join_crowd(w, CROWD / 2, CROWD, CROWD / 2);
    assert_ok(journey_erase(w->j, CROWD_FROM + 5, &w->err), &w->err);
    CLEANUP(buf_done) Buf all = {0};
    answer_of(w->j, QUESTIONS[0], &all);
    assert_non_null(w->j->base.patch.part[1]);
    assert_folding_changes_nothing(w);

    join_crowd(w, CROWD / 2, CROWD, 0); /* and parted again, with a few more links behind it */
    CLEANUP(buf_done) Buf first = {0};
    answer_of(w->j, QUESTIONS[0], &first);
    join_crowd(w, 100, 300, 50);
    assert_ok(journey_erase(w->j, CROWD_FROM + 7, &w->err), &w->err);
    assert_folding_changes_nothing(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(questions_go_on_from_what_others_laid_out, setup, teardown),
        cmocka_unit_test_setup_teardown(many_links_are_laid_out_once, setup, teardown),
        cmocka_unit_test_setup_teardown(merges_take_away_what_was_laid_out, setup, teardown),
        cmocka_unit_test_setup_teardown(a_crowd_is_laid_out_in_parts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
