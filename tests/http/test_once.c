/* Idempotency keys with the real store and the real server, on both engines: many clients
 * send one request at the same moment. */
#include "testapp.h"
#include "world.h"

#include "http/http_idempotency.h"
#include "http/http_server.h"
#include "raw.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static const Module nothing = {.name = "nothing"};
WORLD_MODULES(&nothing);

enum { CLIENTS = 12 };

static uint16_t    port;
static const char *key;

/* Repeat until it is answered with something else than "still running". */
static void *send_it(void *arg)
{
    Reply *r = arg;
    char   request[256];
    snprintf(request, sizeof request,
             "POST /notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             "Idempotency-Key: %s\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}",
             key);
    while (raw_ask(port, request, r) == 409) {
        reply_done(r);
        (void)usleep(10000);
    }
    return NULL;
}

static void one_of_many_acts_and_all_learn_what_it_did(void **state)
{
    World       *w = *state;
    pthread_t    threads[CLIENTS];
    static Reply replies[CLIENTS];
    HttpServer  *server = NULL;
    Err          err;
    testapp_begin();
    testapp.hooks.idempotency = &http_idempotency_core;
    assert_ok(
        http_server_start(&(HttpServerOptions){.workers = 6, .db = w->db}, &testapp, &server, &err),
        &err);
    port = http_server_port(server);
    static const char *const KEYS[] = {"first", "second", "third"};
    for (size_t k = 0; k < COUNT_OF(KEYS); k++) {
        int replayed = 0;
        key = KEYS[k];
        for (size_t i = 0; i < CLIENTS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, send_it, &replies[i]), 0);
        for (size_t i = 0; i < CLIENTS; i++)
            pthread_join(threads[i], NULL);
        for (size_t i = 0; i < CLIENTS; i++) {
            assert_int_equal(replies[i].status, 201);
            assert_true(str_eq(replies[i].body, replies[0].body));
            assert_str(reply_header(&replies[i], "Location"), "/notes/new");
            replayed += str_eq(reply_header(&replies[i], "Idempotent-Replayed"), STR("true"));
        }
        for (size_t i = 0; i < CLIENTS; i++)
            reply_done(&replies[i]);
        assert_int_equal(replayed, CLIENTS - 1);
        assert_int_equal(testapp_runs, (int)k + 1);
    }
    http_server_stop(server);
    testapp_end();
}

/* --- who waits for a commit keeps nobody waiting ------------------------------------------- */

static atomic_bool holding, released;

static Status hold_tx(Cx *cx, void *arg)
{
    (void)cx;
    (void)arg;
    atomic_store(&holding, true);
    while (!atomic_load(&released))
        (void)usleep(1000);
    return ST_OK;
}

static void *hold_writer(void *arg)
{
    World                    *w = arg;
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {0};
    arena_init(&a, 4096);
    assert_ok(cx_begin(&cx, &a, w->db, WORLD_NOW), &cx.err);
    assert_ok(cx_in_tx(&cx, hold_tx, NULL), &cx.err);
    cx_end(&cx);
    return NULL;
}

static void *post_one(void *arg)
{
    Reply *r = arg;
    char   request[256];
    snprintf(request, sizeof request,
             "POST /notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             "Idempotency-Key: key%p\r\nContent-Length: 13\r\n\r\n{\"title\":\"a\"}",
             (void *)r);
    raw_ask(port, request, r);
    return NULL;
}

static void those_that_wait_for_a_commit_keep_nobody_waiting(void **state)
{
    World       *w = *state;
    pthread_t    holder, threads[3];
    static Reply replies[3], other;
    HttpServer  *server = NULL;
    Err          err;
    testapp_begin();
    testapp.hooks.idempotency = &http_idempotency_core;
    assert_ok(
        http_server_start(&(HttpServerOptions){.workers = 1, .db = w->db}, &testapp, &server, &err),
        &err);
    port = http_server_port(server);
    assert_int_equal(pthread_create(&holder, NULL, hold_writer, w), 0);
    while (!atomic_load(&holding))
        (void)usleep(1000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, post_one, &replies[i]), 0);
        while (db_writers(w->db) < i + 2) /* for ever, if one worker were all there is */
            (void)usleep(1000);
    }
    assert_int_equal(raw_ask(port, "GET /work HTTP/1.1\r\nHost: x\r\n\r\n", &other), 200);
    reply_done(&other);
    atomic_store(&released, true);
    pthread_join(holder, NULL);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(replies[i].status, 201);
        reply_done(&replies[i]);
    }
    http_server_stop(server);
    testapp_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(one_of_many_acts_and_all_learn_what_it_did),
        TEST_SQLITE(those_that_wait_for_a_commit_keep_nobody_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
