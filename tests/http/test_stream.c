/* Server-sent events: to many clients, in order, without a thread each. */
#include "testapp.h"

#include "http/http_server.h"
#include "raw.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __has_feature
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static HttpServer *server;
static uint16_t    port;

static void start(HttpServerOptions options)
{
    Err err;
    log_min_level = LOG_ERROR + 1;
    testapp_begin();
    assert_ok(http_server_start(&options, &testapp, &server, &err), &err);
    port = http_server_port(server);
}

static void stop(void)
{
    http_server_stop(server);
    testapp_end();
}

static int listen_to(const char *headers)
{
    char request[256];
    int  fd = raw_connect(port);
    assert_true(fd >= 0);
    snprintf(request, sizeof request, "GET /stream HTTP/1.1\r\nHost: x\r\n%s\r\n", headers);
    assert_true(raw_send(fd, str_from_cstr(request)));
    return fd;
}

/* Wait until so many clients are subscribed. */
static void wait_for(size_t n)
{
    for (int i = 0; i < 5000 && http_topic_size(testapp_topic) != n; i++)
        (void)usleep(1000);
    assert_int_equal(http_topic_size(testapp_topic), n);
}

/* Read until `text` came; false when it did not within 5 s. */
static bool comes(int fd, const char *text, Buf *b)
{
    char           block[4096];
    struct timeval t = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    while (b->len == 0 || memmem(b->ptr, b->len, text, strlen(text)) == NULL) {
        ssize_t n = recv(fd, block, sizeof block, 0);
        if (n <= 0)
            return false;
        buf_add(b, (Str){block, (size_t)n});
    }
    return true;
}

static void assert_comes(int fd, const char *text)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    if (!comes(fd, text, &b))
        fail_msg("%s did not come, but " STR_FMT, text, STR_ARG(buf_str(&b)));
}

static void events_are_written_as_the_standard_says(void **state)
{
    (void)state;
    start((HttpServerOptions){0});
    int fd = listen_to("Last-Event-ID: 41\r\n");
    assert_comes(fd, "event: hello\ndata: 41\n\n");
    wait_for(1);
    http_topic_publish(
        testapp_topic,
        &(HttpEvent){.id = STR("4\n2"), .name = STR("or\rder"), .data = STR("one\r\ntwo\n\nfour")});
    assert_comes(fd, "id: 42\nevent: order\ndata: one\ndata: two\ndata: \ndata: four\n\n");
    http_topic_publish(testapp_topic, &(HttpEvent){.data = STR("")});
    assert_comes(fd, "data: \n\n");
    close(fd);
    wait_for(0);
    stop();
}

static void many_clients_get_all_events_in_order(void **state)
{
    enum { CLIENTS = 200, EVENTS = 100 };
    int fds[CLIENTS];
    (void)state;
    start((HttpServerOptions){.per_address_max = 1000});
    for (int i = 0; i < CLIENTS; i++)
        fds[i] = listen_to("");
    wait_for(CLIENTS);
    CLEANUP(buf_done) Buf expected;
    buf_init(&expected, 1 << 20);
    for (int i = 0; i < EVENTS; i++) {
        char text[32];
        snprintf(text, sizeof text, "event %d", i);
        http_topic_publish(testapp_topic, &(HttpEvent){.data = str_from_cstr(text)});
        buf_addf(&expected, "data: %s\n\n", text);
    }
    for (int i = 0; i < CLIENTS; i++) {
        assert_comes(fds[i], expected.ptr);
        close(fds[i]);
    }
    wait_for(0);
    stop();
}

static void *publish_some(void *arg)
{
    for (int i = 0; i < 200; i++)
        http_topic_publish(arg, &(HttpEvent){.data = STR("tick")});
    return NULL;
}

static void clients_come_and_go_while_events_are_published(void **state)
{
    pthread_t threads[2];
    (void)state;
    start((HttpServerOptions){.per_address_max = 1000});
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, publish_some, testapp_topic), 0);
    for (int i = 0; i < 200; i++) {
        int fd = listen_to("");
        if (i % 3 != 0)
            assert_comes(fd, "event: hello");
        close(fd);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    wait_for(0);
    stop();
}

/* Whoever publishes does not wait for the streams' thread to get its turn. */
static void a_burst_is_not_too_much(void **state)
{
    enum { EVENTS = HTTP_STREAM_EVENTS - 2 }; /* with "hello" and the last one: all that fits */
    (void)state;
    start((HttpServerOptions){0});
    int fd = listen_to("");
    wait_for(1);
    for (int i = 0; i < EVENTS; i++)
        http_topic_publish(testapp_topic, &(HttpEvent){.data = STR("tick")});
    http_topic_publish(testapp_topic, &(HttpEvent){.data = STR("last")});
    assert_comes(fd, "data: last\n\n");
    close(fd);
    wait_for(0);
    stop();
}

static void who_does_not_read_is_cut_off(void **state)
{
    int             small = 4096;
    static char     big[16384];
    const HttpEvent e = {.data = {big, sizeof big}};
    (void)state;
    memset(big, 'x', sizeof big);
    start((HttpServerOptions){0});
    int slow = listen_to(""), good = listen_to("");
    setsockopt(slow, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    wait_for(2);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 20);
    for (int i = 0; i < 1000 && http_topic_size(testapp_topic) == 2; i++) {
        http_topic_publish(testapp_topic, &e);
        b.len = 0;
        assert_true(comes(good, "xx\n\n", &b)); /* the other one gets them all */
    }
    assert_int_equal(http_topic_size(testapp_topic), 1);
    close(slow);
    close(good);
    stop();
}

static void silent_streams_get_heartbeats(void **state)
{
    (void)state;
    start((HttpServerOptions){.heartbeat = {50}});
    int fd = listen_to("");
    assert_comes(fd, ":\n\n:\n\n");
    close(fd);
    stop();
}

static void streams_end_when_the_server_stops(void **state)
{
    (void)state;
    start((HttpServerOptions){0});
    int fd = listen_to("");
    wait_for(1);
    http_topic_publish(testapp_topic, &(HttpEvent){.data = STR("the last one")});
    http_server_stop(server);
    assert_comes(fd, "the last one\n\n");
    assert_true(raw_closes(fd, 5000));
    close(fd);
    testapp_end();
}

static void a_topic_that_goes_ends_its_streams(void **state)
{
    (void)state;
    start((HttpServerOptions){0});
    int fd = listen_to("");
    wait_for(1);
    http_topic_free(testapp_topic);
    testapp_topic = http_topic_new();
    assert_true(raw_closes(fd, 5000));
    close(fd);
    stop();
}

/* One after the other, so that none costs what a thousand requests at once do. */
static int listening(void)
{
    int fd = listen_to("");
    assert_comes(fd, "event: hello");
    return fd;
}

/* Resident memory in KiB. */
static int64_t resident(void)
{
    char  line[128];
    FILE *f = fopen("/proc/self/statm", "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    Str     a, b, rest;
    int64_t n = 0;
    str_cut(str_from_cstr(line), ' ', &a, &rest);
    str_cut(rest, ' ', &b, &rest);
    assert_true(str_parse_i64(b, &n));
    return n * (sysconf(_SC_PAGESIZE) / 1024);
}

static void idle_streams_cost_little(void **state)
{
    enum { WARM = 50, CLIENTS = 1000 };
    static int fds[WARM + CLIENTS];
    (void)state;
    start((HttpServerOptions){.per_address_max = CLIENTS * 2});
    for (int i = 0; i < WARM; i++)
        fds[i] = listening();
    int64_t before = resident();
    for (int i = WARM; i < WARM + CLIENTS; i++)
        fds[i] = listening();
    wait_for(WARM + CLIENTS);
    int64_t each = (resident() - before) * 1024 / CLIENTS;
    print_message("# %lld bytes for each of %d idle streams\n", (long long)each, CLIENTS);
    if (!SANITIZED) /* which keep much more than is asked for */
        assert_true(each < 1000);
    for (int i = 0; i < WARM + CLIENTS; i++)
        close(fds[i]);
    wait_for(0);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_streams_cost_little),
        cmocka_unit_test(events_are_written_as_the_standard_says),
        cmocka_unit_test(many_clients_get_all_events_in_order),
        cmocka_unit_test(clients_come_and_go_while_events_are_published),
        cmocka_unit_test(a_burst_is_not_too_much),
        cmocka_unit_test(who_does_not_read_is_cut_off),
        cmocka_unit_test(silent_streams_get_heartbeats),
        cmocka_unit_test(streams_end_when_the_server_stops),
        cmocka_unit_test(a_topic_that_goes_ends_its_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
