/* An event counts in every kind of answer that is asked for after it was acknowledged, while others
 * write, people are remapped and segments are merged in the background. */
#include "asking.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <unistd.h>

enum { NOISES = 2, EACH = 50, BATCHES = 8, ROUNDS = 40, LATE = 5, NOISE_BASE = 100000 };

typedef struct Noise {
    Journey  *j;
    int       number;
    sem_t     batches; /* to write; as many for each round */
    pthread_t thread;
} Noise;

static void *make_noise(void *arg)
{
    Noise       *me = arg;
    JourneyProp  prop = {.key = STR("channel"), .type = JOURNEY_TEXT, .text = STR("social")};
    JourneyEvent e[EACH];
    Err          err;
    for (int64_t b = 0; b < (int64_t)ROUNDS * BATCHES; b++) {
        (void)sem_wait(&me->batches);
        for (int64_t i = 0; i < EACH; i++)
            e[i] = (JourneyEvent){.subject = NOISE_BASE + (b * 7 + i * 3 + me->number) % 500,
                                  .time = {MODEL_START + (b * EACH + i) % 86400 * 1000},
                                  .name = STR("Noise"),
                                  .props = &prop,
                                  .nprops = 1};
        assert_ok(journey_append(me->j, e, EACH, NULL, &err), &err);
    }
    return NULL;
}

/* Acknowledged when it returns. */
static void append_mine(World *w, int64_t subject, const char *name, int64_t time)
{
    JourneyProp  props[3] = {{.key = STR("own"), .type = JOURNEY_TEXT, .text = STR("yes")},
                             {.key = STR("channel"), .type = JOURNEY_TEXT, .text = STR("email")},
                             {.key = STR("revenue"), .type = JOURNEY_INT, .i = 10}};
    JourneyEvent e = {.subject = subject,
                      .time = {time},
                      .name = str_from_cstr(name),
                      .props = props,
                      .nprops = COUNT_OF(props)};
    assert_ok(journey_append(w->j, &e, 1, NULL, &w->err), &w->err);
}

#define OWN "\"where\":{\"own\":\"yes\"},"

static int64_t sum(const JsonValue *list, const char *member)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < list->n; i++)
        n += member != NULL ? number(get(&list->items[i], member)) : number(&list->items[i]);
    return n;
}

/* `begun` people did the first, `done` of them the second a day later. */
static void check_counts(World *w, int64_t begun, int64_t done)
{
    const JsonValue *a = ask(w, "{\"type\":\"trends\",\"series\":[{\"event\":\"Begun\"},"
                                "{\"event\":\"Done\",\"measure\":\"people\"},{\"event\":\"Done\","
                                "\"measure\":\"sum\",\"property\":\"revenue\"}]}");
    const JsonValue *series = get(a, "series");
    assert_int_equal(sum(get(&series->items[0], "values"), NULL), begun);
    assert_int_equal(sum(get(&series->items[1], "values"), NULL), done);
    assert_int_equal(sum(get(&series->items[2], "values"), NULL), 10 * done);

    a = ask(w, "{\"type\":\"funnel\",\"steps\":[\"Begun\",\"Done\"],\"window\":\"3 days\"}");
    assert_int_equal(number(get(&get(a, "steps")->items[0], "people")), begun);
    assert_int_equal(number(get(&get(a, "steps")->items[1], "people")), done);

    a = ask(w, "{\"type\":\"retention\",\"start\":\"Begun\",\"return\":\"Done\",\"interval\":"
               "\"day\",\"from\":\"2025-01-06\",\"to\":\"2025-01-09\"}");
    const JsonValue *cohort = &get(a, "cohorts")->items[0];
    assert_int_equal(number(get(cohort, "people")), begun);
    assert_int_equal(number(&get(cohort, "returned")->items[1]), done);

    a = ask(w, "{\"type\":\"paths\"," OWN "\"length\":2,\"gap\":\"3 days\"}");
    assert_int_equal(sum(get(a, "top"), "count"), done);

    a = ask(w, "{\"type\":\"lifecycle\",\"event\":\"Begun\",\"interval\":\"day\"}");
    assert_int_equal(sum(get(a, "buckets"), "new"), begun);

    a = ask(w, "{\"type\":\"stickiness\"," OWN "\"interval\":\"day\"}");
    const JsonValue *days = get(a, "intervals");
    assert_int_equal(sum(days, "people"), begun);
    assert_int_equal(days->n > 1 ? number(get(&days->items[1], "people")) : 0, done);

    a = ask(w, "{\"type\":\"sessions\"," OWN "\"bounces\":true}");
    assert_int_equal(number(get(a, "events")), begun + done);
    assert_int_equal(number(get(a, "people")), begun);

    a = ask(w, "{\"type\":\"attribution\"," OWN "\"conversion\":\"Done\",\"touch\":\"channel\","
               "\"value\":\"revenue\"}");
    assert_int_equal(number(get(a, "conversions")), done);
    assert_int_equal(number(get(a, "amount")), 10 * done);

    a = ask(w, "{\"type\":\"people\",\"cell\":{\"step\":2},\"of\":{\"type\":\"funnel\","
               "\"steps\":[\"Begun\",\"Done\"],\"window\":\"3 days\"}}");
    assert_int_equal(number(get(a, "total")), done);
    arena_reset(&w->arena);
}

static void check_timeline(World *w, int64_t profile, uint32_t events)
{
    char text[128];
    (void)snprintf(text, sizeof text, "{\"type\":\"timeline\",\"profile\":%lld}",
                   (long long)profile);
    assert_int_equal(get(ask(w, text), "events")->n, events);
}

/* Some are known by one number when they begin and by another when they are done; they are joined
 * in between, and the join counts at once, too. */
static void one_person(World *w, int64_t n)
{
    int64_t at = MODEL_START + 3600000 + n, other = n + 1000;
    append_mine(w, n, "Begun", at);
    check_counts(w, n, n - 1);
    check_timeline(w, n, 1);
    if (n % 2 == 0)
        assert_ok(journey_remap(w->j, &(JourneyLink){other, n}, 1, &w->err), &w->err);
    append_mine(w, n % 2 == 0 ? other : n, "Done", at + DAY);
    check_counts(w, n, n);
    check_timeline(w, n, 2);
}

static void an_acknowledged_event_counts_in_every_answer(void **state)
{
    static const JourneyOptions BUSY = {.threads = 2, .memory_rows = 1000};
    World                      *w = *state;
    Noise                       noises[NOISES] = {0};
    journey_close(w->j);
    assert_ok(journey_open(w->dir, &BUSY, &w->j, &w->err), &w->err);
    for (int i = 0; i < NOISES; i++) {
        noises[i].j = w->j;
        noises[i].number = i;
        assert_int_equal(sem_init(&noises[i].batches, 0, 0), 0);
        assert_int_equal(pthread_create(&noises[i].thread, NULL, make_noise, &noises[i]), 0);
    }
    for (int64_t n = 1; n <= ROUNDS; n++) {
        for (int i = 0; i < NOISES * BATCHES; i++)
            (void)sem_post(&noises[i % NOISES].batches);
        one_person(w, n);
    }
    for (int i = 0; i < NOISES; i++) {
        pthread_join(noises[i].thread, NULL);
        (void)sem_destroy(&noises[i].batches);
    }
    for (int64_t n = ROUNDS + 1; n <= ROUNDS + LATE; n++)
        one_person(w, n);
    assert_ok(journey_settle(w->j, true, &w->err), &w->err);
    check_counts(w, ROUNDS + LATE, ROUNDS + LATE);
}

/* --- while links are folded in --------------------------------------------------------------- */

enum { ASKERS = 3, LINKS = 300, PERSON = 7, ALIAS = 1000 };

typedef struct Folding {
    Journey    *j;
    atomic_int  joined, joining; /* links that were acknowledged, and begun */
    atomic_bool stop;
    atomic_int  wrong;
} Folding;

static void *fold(void *arg)
{
    Folding *f = arg;
    Err      err;
    while (!atomic_load(&f->stop))
        if (journey_settle(f->j, false, &err) != ST_OK)
            atomic_fetch_add(&f->wrong, 1);
    return NULL;
}

static bool count_event(void *arg, const JourneyEvent *e)
{
    (void)e;
    ++*(int *)arg;
    return true;
}

static void *ask_on(void *arg)
{
    Folding *f = arg;
    Err      err;
    while (!atomic_load(&f->stop)) {
        int n = 0, least = atomic_load(&f->joined);
        if (journey_timeline(f->j, PERSON, (UnixMs){0}, (UnixMs){INT64_MAX}, count_event, &n,
                             &err) != ST_OK ||
            n < least || n > atomic_load(&f->joining))
            atomic_fetch_add(&f->wrong, 1);
    }
    return NULL;
}

static void a_question_sees_all_links_while_they_are_folded_in(void **state)
{
    World    *w = *state;
    Folding   f = {.j = w->j};
    pthread_t askers[ASKERS], folder;
    for (int i = 0; i < ASKERS; i++)
        assert_int_equal(pthread_create(&askers[i], NULL, ask_on, &f), 0);
    assert_int_equal(pthread_create(&folder, NULL, fold, &f), 0);
    for (int k = 1; k <= LINKS; k++) {
        append_mine(w, ALIAS + k, "Begun", MODEL_START + k);
        atomic_store(&f.joining, k);
        assert_ok(journey_remap(w->j, &(JourneyLink){ALIAS + k, PERSON}, 1, &w->err), &w->err);
        atomic_store(&f.joined, k);
        (void)usleep((useconds_t)(k % 8) * 500); /* so that all is folded in now and then */
    }
    atomic_store(&f.stop, true);
    for (int i = 0; i < ASKERS; i++)
        pthread_join(askers[i], NULL);
    pthread_join(folder, NULL);
    assert_int_equal(atomic_load(&f.wrong), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_question_sees_all_links_while_they_are_folded_in, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_acknowledged_event_counts_in_every_answer, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
