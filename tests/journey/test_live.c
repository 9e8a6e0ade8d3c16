/* Appending, merging and asking at once: an event counts in every answer that is asked for after it
 * was acknowledged, once, whatever goes on in the background. */
#include "model.h"

#include <pthread.h>

enum { WRITERS = 3, BATCHES = 60, EACH = 100, PEOPLE = 50 };

typedef struct World {
    char      *dir;
    Journey   *j;
    atomic_int acked; /* events */
    atomic_int running;
} World;

typedef struct Writer {
    World    *w;
    int       number;
    pthread_t thread;
} Writer;

static void *writer(void *arg)
{
    Writer      *me = arg;
    Err          err;
    JourneyEvent e[EACH];
    for (int b = 0; b < BATCHES; b++) {
        for (int i = 0; i < EACH; i++)
            e[i] = (JourneyEvent){.subject = 1 + (b * 7 + i * 3 + me->number) % PEOPLE,
                                  .time = {MODEL_START + ((int64_t)b * EACH + i) * 1000},
                                  .name = STR("X")};
        assert_ok(journey_append(me->w->j, e, EACH, NULL, &err), &err);
        atomic_fetch_add(&me->w->acked, EACH);
    }
    atomic_fetch_sub(&me->w->running, 1);
    return NULL;
}

static int64_t count(Journey *j)
{
    CLEANUP(buf_done) Buf     b = {0};
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    const JsonValue          *v;
    Err                       err;
    buf_init(&b, 1 << 20);
    assert_ok(journey_ask(j, STR("{\"type\":\"sessions\",\"bounces\":true}"), NULL, &b, &err),
              &err);
    assert_ok(json_parse(&a, buf_str(&b), &v, &err), &err);
    return json_get(v, STR("events"))->i64;
}

static World *begin(void)
{
    static World w;
    memset(&w, 0, sizeof w);
    w.dir = model_dir();
    return &w;
}

static void answers_keep_up_with_writers(void **state)
{
    World *w = begin();
    Err    err;
    (void)state;
    assert_ok(
        journey_open(w->dir, &(JourneyOptions){.memory_rows = 3000, .threads = 2}, &w->j, &err),
        &err);
    Writer writers[WRITERS];
    atomic_store(&w->running, WRITERS);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.w = w, .number = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, writer, &writers[i]), 0);
    }
    for (int turn = 0; atomic_load(&w->running) > 0; turn++) {
        int64_t before = atomic_load(&w->acked);
        int64_t told = count(w->j);
        assert_true(told >= before);
        assert_true(told <= (int64_t)WRITERS * BATCHES * EACH);
        if (turn % 5 == 4) {
            JourneyLink link = {1 + turn % PEOPLE, 1 + (turn + 1) % PEOPLE};
            assert_ok(journey_remap(w->j, &link, 1, &err), &err);
        }
        if (turn % 20 == 19)
            assert_ok(journey_settle(w->j, false, &err), &err);
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    assert_int_equal(count(w->j), (int64_t)WRITERS * BATCHES * EACH);
    assert_ok(journey_settle(w->j, true, &err), &err);
    assert_int_equal(count(w->j), (int64_t)WRITERS * BATCHES * EACH);
    journey_close(w->j);
    model_rmdir(w->dir);
}

static void a_question_can_be_cancelled(void **state)
{
    World      *w = begin();
    Err         err;
    atomic_bool cancel;
    JourneyAsk  o = {.cancel = &cancel};
    Buf         b;
    (void)state;
    atomic_init(&cancel, true);
    buf_init(&b, 1 << 20);
    assert_ok(journey_open(w->dir, &(JourneyOptions){.no_merging = true}, &w->j, &err), &err);
    assert_fails(journey_ask(w->j, STR("{\"type\":\"sessions\"}"), &o, &b, &err), ST_CONFLICT, &err,
                 "journey.cancelled");
    buf_done(&b);
    journey_close(w->j);
    model_rmdir(w->dir);
}

static bool one_more(void *arg, const JourneyEvent *e)
{
    (void)e;
    ++*(int *)arg;
    return true;
}

static void what_is_too_old_is_forgotten(void **state)
{
    World       *w = begin();
    Err          err;
    JourneyEvent e[2] = {{.subject = 1, .time = {1000}, .name = STR("Old")},
                         {.subject = 1, .time = {900000}, .name = STR("New")}};
    int          n = 0;
    JourneyStats s;
    (void)state;
    assert_ok(journey_open(w->dir, &(JourneyOptions){.no_merging = true}, &w->j, &err), &err);
    assert_ok(journey_append(w->j, e, 2, NULL, &err), &err);
    assert_ok(journey_expire(w->j, (UnixMs){5000}, &err), &err);
    assert_int_equal(count(w->j), 1);
    assert_ok(journey_timeline(w->j, 1, (UnixMs){0}, (UnixMs){INT64_MAX}, one_more, &n, &err),
              &err);
    assert_int_equal(n, 1);
    assert_ok(journey_settle(w->j, true, &err), &err);
    journey_stats(w->j, &s);
    assert_int_equal(s.events, 1);
    journey_close(w->j);
    model_rmdir(w->dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_keep_up_with_writers),
        cmocka_unit_test(a_question_can_be_cancelled),
        cmocka_unit_test(what_is_too_old_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
