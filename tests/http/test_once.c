/* Idempotency keys with the real store and the real server, on both engines: many clients
 * send one request at the same moment. */
#include "testapp.h"
#include "world.h"

#include "http/http_idempotency.h"
#include "http/http_server.h"
#include "raw.h"

#include <pthread.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {TEST_WORLD(one_of_many_acts_and_all_learn_what_it_did)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
