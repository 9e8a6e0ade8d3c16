/* The server as a client on a socket sees it, with whatever bytes a client may send. */
#include "testapp.h"

#include "http/http_encode.h"
#include "http/http_server.h"
#include "raw.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static HttpServer *server;
static uint16_t    port;

static void start(HttpServerOptions options)
{
    Err err;
    testapp_begin();
    assert_ok(http_server_start(&options, &testapp, &server, &err), &err);
    port = http_server_port(server);
}

static void stop(void)
{
    http_server_stop(server);
    server = NULL;
    testapp_end();
}

static int usual(void **state)
{
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.workers = 4});
    return 0;
}

static int no_more(void **state)
{
    (void)state;
    stop();
    return 0;
}

#define TEST_USUAL(fn) cmocka_unit_test_setup_teardown(fn, usual, no_more)

static void ask(const char *request, int status, const char *body)
{
    Reply r;
    int   got = raw_ask(port, request, &r);
    if (got != status || (body != NULL && !str_eq(r.body, str_from_cstr(body))))
        fail_msg("%.60s: %d " STR_FMT, request, got, STR_ARG(r.body));
    reply_done(&r);
}

static void quick_routes_and_workers_answer(void **state)
{
    (void)state;
    ask("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    ask("GET /work HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, NULL);
    ask("GET /echo?q=a%2Bb+c&n=-5&on=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200, " q=a+b c n=-5 on=1");
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 200, "3 96354 memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_USUAL(quick_routes_and_workers_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
