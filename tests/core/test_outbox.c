/* Events from the transaction that tells them to the reactions: all of them, in order, and
 * what happens to those that fail. Without threads; see test_running.c for those. */
#include "fixture.h"

#include "core/idempotency.h"

static void drain(World *w)
{
    assert_ok(core_drain(w->cx.core, &w->cx.err), &w->cx.err);
}

static void later(World *w, int64_t seconds)
{
    core_set_now(w->cx.core, unix_ms_add(core_now(w->cx.core), SPAN_SECONDS(seconds)));
}

static void what_is_told_reaches_the_reaction_once(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    for (int64_t i = 0; i < 700; i++) /* more than is read at once */
        assert_ok(fixture_tell(&w->cx, i % 5, i), &w->cx.err);
    assert_int_equal(fixture_ask(&w->cx, &Q_EVENTS), 700);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 700);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 700);
    assert_int_equal(atomic_load(&fixture.memories), 700);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 700);
    assert_true(core_stop(core));
}

static Status tell_and_fail(Cx *cx, void *arg)
{
    (void)arg;
    TRY(fixture_tell(cx, 1, 1));
    return cx_fail(cx, ST_CONFLICT, "test.no", "changed my mind");
}

static void a_transaction_that_fails_has_told_nothing(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    assert_fails(cx_in_tx(&w->cx, tell_and_fail, NULL), ST_CONFLICT, &w->cx.err, "test.no");
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_EVENTS), 0);
    assert_int_equal(atomic_load(&fixture.reactions), 0);
    assert_true(core_stop(core));
}

static int64_t order[1000];
static size_t  norder;

static Status note_order(Cx *cx, const Event *event)
{
    assert_true(norder < COUNT_OF(order));
    order[norder++] = fixture_n(cx, event);
    return ST_OK;
}

static void events_arrive_whole_and_in_order(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    fixture.react = note_order;
    for (int64_t i = 0; i < 50; i++)
        assert_ok(fixture_tell(&w->cx, 7, i), &w->cx.err);
    drain(w);
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(order[i], i);
    assert_true(core_stop(core));
}

static Status check_whole(Cx *cx, const Event *event)
{
    assert_str(event->type, "fixture.told");
    assert_int_equal(event->version, 1);
    assert_int_equal(event->stream, -42);
    assert_int_equal(event->at.v, WORLD_NOW.v);
    assert_str(event->payload, "{\"n\":5,\"note\":\"hello\"}");
    assert_true(event->id > 0);
    assert_ptr_not_equal(cx->core, NULL);
    assert_true(cx->actor.kind == ACTOR_SYSTEM && cx->actor.all);
    assert_str(cx->actor.name, "fixture.count");
    assert_int_equal(cx->tx_depth, 0);
    return ST_OK;
}

static void a_reaction_gets_all_that_was_told(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    fixture.react = check_whole;
    assert_ok(fixture_tell(&w->cx, -42, 5), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 1);
    assert_true(core_stop(core));
}

static Status tell_big(Cx *cx, void *arg)
{
    (void)arg;
    char *text = arena_array(cx->arena, char, EVENT_PAYLOAD_MAX);
    memset(text, 'x', EVENT_PAYLOAD_MAX);
    Told told = {.note = {text, EVENT_PAYLOAD_MAX}};
    return event_tell(cx, &fixture_told, 1, &told);
}

static void an_event_has_a_limit(void **state)
{
    World *w = *state;
    assert_fails(cx_in_tx(&w->cx, tell_big, NULL), ST_LIMIT, &w->cx.err, "core.event_too_big");
}

static int64_t poison;

static Status fail_on_poison(Cx *cx, const Event *event)
{
    if (fixture_n(cx, event) == poison)
        return cx_fail(cx, ST_IO, "test.poison", "cannot stand %lld", (long long)poison);
    return note_order(cx, event);
}

static void a_failing_event_holds_back_its_stream_only(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    poison = 2;
    fixture.react = fail_on_poison;
    for (int64_t i = 0; i < 10; i++)
        assert_ok(fixture_tell(&w->cx, i % 2, i), &w->cx.err); /* 2 is on stream 0 */
    drain(w);
    static const int64_t FIRST[] = {0, 1, 3, 5, 7, 9};
    assert_int_equal(norder, COUNT_OF(FIRST));
    for (size_t i = 0; i < norder; i++)
        assert_int_equal(order[i], FIRST[i]);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 4); /* 2, and 4 6 8 behind it */
    poison = -1;
    later(w, 1);
    drain(w);
    static const int64_t THEN[] = {2, 4, 6, 8};
    for (size_t i = 0; i < COUNT_OF(THEN); i++)
        assert_int_equal(order[COUNT_OF(FIRST) + i], THEN[i]);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 0);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 10);
    assert_true(core_stop(core));
}

static void poison_is_parked_and_the_stream_goes_on(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    poison = 1;
    fixture.react = fail_on_poison;
    for (int64_t i = 0; i < 4; i++)
        assert_ok(fixture_tell(&w->cx, 9, i), &w->cx.err);
    for (int i = 0; i < 20; i++) {
        drain(w);
        later(w, 400);
    }
    assert_int_equal(norder, 3);
    assert_int_equal(order[1], 2);
    assert_int_equal(fixture_ask(&w->cx, &Q_PARKED), 1);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 0);
    assert_int_equal(atomic_load(&fixture.reactions), 3 + 12);
    assert_true(core_stop(core));
}

static Status fail_with_poison(Cx *cx, const Event *events, size_t n)
{
    assert_in_range(n, 2, REACTION_MANY);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(events[k].stream, events[i].stream);
        if (fixture_n(cx, &events[i]) == poison)
            return cx_fail(cx, ST_IO, "test.poison", "one of them is bad");
    }
    return ST_OK;
}

static void several_are_taken_together_and_in_order(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    poison = -1;
    fixture.react = fail_on_poison;
    fixture.together = fail_with_poison;
    for (int64_t i = 0; i < 300; i++)
        assert_ok(fixture_tell_many(&w->cx, i % 100, i), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 300);
    assert_in_range(atomic_load(&fixture.batches), 5, 12); /* of 64 at most */
    int64_t last[100] = {0};
    for (size_t i = 0; i < norder; i++) {
        assert_true(order[i] >= last[order[i] % 100]);
        last[order[i] % 100] = order[i];
    }
    assert_true(core_stop(core));
}

static void those_together_with_poison_are_done_without_it(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    poison = 7;
    fixture.react = fail_on_poison;
    fixture.together = fail_with_poison;
    for (int64_t i = 0; i < 40; i++)
        assert_ok(fixture_tell_many(&w->cx, i % 20, i), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 38);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 2); /* 7, and 27 behind it */
    poison = -1;
    later(w, 1);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 40);
    assert_int_equal(fixture_ask(&w->cx, &Q_TIMES), 40);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 0);
    assert_int_equal(order[38], 7);
    assert_int_equal(order[39], 27);
    assert_true(core_stop(core));
}

static Status never(Cx *cx, const Event *event)
{
    (void)event;
    return cx_fail(cx, ST_INVALID, "test.never", "this can never work");
}

static void what_can_never_work_is_parked_at_once(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    fixture.react = never;
    assert_ok(fixture_tell(&w->cx, 1, 1), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_PARKED), 1);
    assert_int_equal(atomic_load(&fixture.reactions), 1);
    assert_true(core_stop(core));
}

static void retries_survive_a_restart(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    norder = 0;
    poison = 0;
    fixture.react = fail_on_poison;
    for (int64_t i = 0; i < 5; i++)
        assert_ok(fixture_tell(&w->cx, 3, i), &w->cx.err);
    drain(w);
    assert_true(core_stop(core));
    core = fixture_core(w);
    fixture.react = fail_on_poison;
    assert_ok(fixture_tell(&w->cx, 3, 5), &w->cx.err);
    drain(w); /* not yet due: all wait */
    assert_int_equal(norder, 0);
    poison = -1;
    later(w, 1);
    drain(w);
    assert_int_equal(norder, 6);
    for (size_t i = 0; i < norder; i++)
        assert_int_equal(order[i], i);
    assert_int_equal(fixture_ask(&w->cx, &Q_RETRYING), 0);
    assert_true(core_stop(core));
}

static void what_was_told_while_nobody_ran_is_delivered_later(void **state)
{
    World *w = *state;
    fixture_reset();
    for (int64_t i = 0; i < 10; i++)
        assert_ok(fixture_tell(&w->cx, i, i), &w->cx.err); /* no Core at all */
    Core *core = fixture_core(w);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 10);
    if (w->kind == DB_SQLITE) /* memory: only from now on; PostgreSQL may repeat a little */
        assert_int_equal(atomic_load(&fixture.memories), 0);
    assert_true(core_stop(core));
}

static Status tell_more(Cx *cx, const Event *event)
{
    int64_t n = fixture_n(cx, event);
    return n < 5 ? fixture_tell(cx, event->stream, n + 1) : ST_OK;
}

static void reactions_may_tell_events(void **state)
{
    World *w = *state;
    Core  *core = fixture_core(w);
    fixture.react = tell_more;
    assert_ok(fixture_tell(&w->cx, 1, 0), &w->cx.err);
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 6);
    assert_true(core_stop(core));
}

static const DbQuery Q_REPLIES = {"test.replies", "SELECT count(*) FROM core_idempotency",
                                  "SELECT count(*) FROM core_idempotency", "", "i"};

static void what_has_had_its_time_is_pruned(void **state)
{
    World           *w = *state;
    Core            *core = fixture_core(w);
    IdempotencyClaim claim;
    IdempotencyReply reply;
    w->cx.now = clock_now(); /* schedules began with that */
    core_set_now(core, w->cx.now);
    for (int64_t i = 0; i < 1500; i++)
        assert_ok(fixture_tell(&w->cx, i, i), &w->cx.err);
    assert_ok(fixture_queue(&w->cx, "fixture.work", 1, NULL, NULL), &w->cx.err);
    assert_ok(idempotency_claim(&w->cx, STR("s"), STR("k"), STR("p"), &claim, &reply), &w->cx.err);
    drain(w);
    later(w, 23 * 3600);
    assert_ok(core_tick(core, &w->cx.err), &w->cx.err); /* queues core.prune */
    drain(w);
    assert_int_equal(fixture_ask(&w->cx, &Q_EVENTS), 1500); /* still within a day */
    later(w, 3 * 3600);
    assert_ok(fixture_tell(&w->cx, 1, 7777), &w->cx.err); /* new, not delivered yet */
    assert_ok(core_tick(core, &w->cx.err), &w->cx.err);
    drain(w);
    assert_true(fixture_ask(&w->cx, &Q_EVENTS) <= 1); /* SQLite keeps the newest */
    assert_int_equal(fixture_ask(&w->cx, &Q_REPLIES), 0);
    assert_int_equal(fixture_ask(&w->cx, &Q_SEEN), 1501);
    assert_int_equal(fixture_ask(&w->cx, &Q_WORKED), 1);
    assert_true(core_stop(core));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(what_is_told_reaches_the_reaction_once),
        TEST_WORLD(a_transaction_that_fails_has_told_nothing),
        TEST_WORLD(events_arrive_whole_and_in_order),
        TEST_WORLD(a_reaction_gets_all_that_was_told),
        TEST_WORLD(an_event_has_a_limit),
        TEST_WORLD(a_failing_event_holds_back_its_stream_only),
        TEST_WORLD(poison_is_parked_and_the_stream_goes_on),
        TEST_WORLD(several_are_taken_together_and_in_order),
        TEST_WORLD(those_together_with_poison_are_done_without_it),
        TEST_WORLD(what_can_never_work_is_parked_at_once),
        TEST_WORLD(retries_survive_a_restart),
        TEST_WORLD(what_was_told_while_nobody_ran_is_delivered_later),
        TEST_WORLD(reactions_may_tell_events),
        TEST_WORLD(what_has_had_its_time_is_pruned),
    };
    return cmocka_run_group_tests_name("outbox", tests, NULL, NULL);
}
