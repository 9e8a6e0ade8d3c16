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
    ask("GET /fast HTTP/1.0\r\n\r\n", 200, "fast");
    ask("GET http://x/fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    ask("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", 404, NULL);
    ask("GET /fast\x01 HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL);
    ask("BREW /fast HTTP/1.1\r\nHost: x\r\n\r\n", 405, NULL);
    ask("GET /echo?q=a%2Bb+c&n=-5&on=1 HTTP/1.1\r\nHost: x\r\n\r\n", 200, " q=a+b c n=-5 on=1");
    ask("GET /echo/a%2Fb/and/%20 HTTP/1.1\r\nHost: x\r\n\r\n", 200, "[a/b][ ] q=none n=0 on=0");
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 200, "3 96354 memory");
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\na\r\n2;x=y\r\nbc\r\n0\r\n\r\n",
        200, "3 96354 memory");
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 200, "0 0 memory");
}

/* What RFC 9112 forbids, and what servers and proxies have read differently. */
static void ambiguous_requests_are_refused(void **state)
{
    /* NOLINTBEGIN(bugprone-suspicious-missing-comma): long ones stand in two lines */
    static const char *const BAD[] = {
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3, 3\r\n\r\nabc",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3 3\r\n\r\nabc",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /sum HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /fast HTTP/1.1\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nX-Odd : y\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nX Odd: y\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\n: empty\r\n\r\n",
        "GET /fast HTTP/1.1\nHost: x\n\n",
        "GET /fast HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\n\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\r\n\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\n\r\n",
        "GET /fast HTTP/1.1\nHost: x\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\r\n folded\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\r\n\tfolded\r\nC: d\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
        "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n",
        "GET /fa st HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /fast HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /fast HTTP/0.9\r\nHost: x\r\n\r\n",
        "GET /fast\r\n\r\n",
        "nonsense\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
    };
    /* NOLINTEND(bugprone-suspicious-missing-comma) */
    (void)state;
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        Reply r;
        int   fd = raw_connect(port);
        (void)raw_send(fd, str_from_cstr(BAD[i]));
        raw_read(fd, 3000, true, &r);
        if ((r.status < 400 || r.status >= 600) && (r.status != 0 || !r.closed))
            fail_msg("%zu (%s): %d", i, BAD[i], r.status);
        if (!r.closed)
            fail_msg("%zu (%s): %d, and the connection stays open", i, BAD[i], r.status);
        reply_done(&r);
        close(fd);
    }
    ask("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
}

/* A NUL cannot stand in a C string: sent apart. */
static void nul_bytes_in_headers_are_refused(void **state)
{
    static const char BAD[] = "GET /fast HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n";
    Reply             r;
    (void)state;
    int fd = raw_connect(port);
    (void)raw_send(fd, (Str){BAD, sizeof BAD - 1});
    raw_read(fd, 3000, true, &r);
    assert_true(r.status == 400 || (r.status == 0 && r.closed));
    reply_done(&r);
    close(fd);
}

static int ask_with_headers(int n, const char *value)
{
    CLEANUP(buf_done) Buf b;
    Reply                 r;
    buf_init(&b, 8 << 20);
    buf_addf(&b, "GET /fast HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < n; i++)
        buf_addf(&b, "X-%d: %s\r\n", i, value);
    buf_addf(&b, "\r\n");
    int fd = raw_connect(port);
    (void)raw_send(fd, buf_str(&b));
    raw_read(fd, 3000, false, &r);
    int status = r.status;
    reply_done(&r);
    close(fd);
    return status;
}

static void headers_and_targets_have_limits(void **state)
{
    static char target[HTTP_MAX_TARGET + 200];
    static char request[sizeof target + 64];
    (void)state;
    assert_int_equal(ask_with_headers(90, "y"), 200);
    assert_int_equal(ask_with_headers(101, "y"), 431);
    int status = ask_with_headers(10000, "some value");
    assert_true(status == 431 || status == 0);

    memset(target, 'a', sizeof target - 1);
    target[sizeof target - 1] = '\0';
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n", target);
    ask(request, 414, NULL);
    snprintf(request, sizeof request, "GET /tail/%.*s HTTP/1.1\r\nHost: x\r\n\r\n", 8000, target);
    ask(request, 200, NULL);
}

static void too_big_bodies_are_refused_before_they_come(void **state)
{
    Reply r;
    (void)state;
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n", 413, NULL);
    ask("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n", 413, NULL);
    ask("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n", 404, NULL);
    ask("POST /fast HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n", 405, NULL);
    ask("POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde", 400, NULL);

    int fd = raw_connect(port); /* nothing but the refusal comes: no 100 */
    (void)raw_send(fd, STR("POST /sum HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                           "Content-Length: 2147483648\r\n\r\n"));
    raw_read(fd, 3000, true, &r);
    assert_int_equal(r.status, 413);
    assert_true(str_eq(reply_header(&r, "Connection"), STR("close")));
    reply_done(&r);
    close(fd);
}

static void expect_100_continue_is_honoured(void **state)
{
    Reply r;
    (void)state;
    int fd = raw_connect(port);
    (void)raw_send(fd, STR("POST /sum HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                           "Content-Length: 3\r\n\r\n"));
    raw_read(fd, 300, false, &r);
    assert_int_equal(r.status, 100);
    reply_done(&r);
    (void)raw_send(fd, STR("abc"));
    raw_read(fd, 3000, false, &r);
    assert_int_equal(r.status, 200);
    assert_str(r.body, "3 96354 memory");
    reply_done(&r);
    close(fd);
}

/* A client that sends on although it was refused still gets to read why. */
static void clients_that_send_too_much_learn_it(void **state)
{
    static char piece[65536];
    Reply       r;
    (void)state;
    memset(piece, 'x', sizeof piece);
    for (int chunked = 0; chunked < 2; chunked++) {
        int fd = raw_connect(port);
        (void)raw_send(fd, chunked ? STR("POST /sum HTTP/1.1\r\nHost: x\r\n"
                                         "Transfer-Encoding: chunked\r\n\r\n")
                                   : STR("POST /sum HTTP/1.1\r\nHost: x\r\n"
                                         "Content-Length: 1048577\r\n\r\n"));
        bool fine = true;
        for (int i = 0; i < 40 && fine; i++) {
            if (chunked)
                fine = raw_send(fd, STR("10000\r\n"));
            fine = fine && raw_send(fd, (Str){piece, sizeof piece});
            if (chunked)
                fine = fine && raw_send(fd, STR("\r\n"));
        }
        raw_read(fd, 3000, true, &r);
        assert_int_equal(r.status, 413);
        assert_true(memmem(r.body.ptr, r.body.len, "http.body_too_big", 17) != NULL);
        reply_done(&r);
        close(fd);
    }
}

static void upload(size_t n, bool chunked, const char *expected)
{
    char  head[160];
    char *bytes = test_malloc(n);
    Reply r;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 7 + i / 255);
    int fd = raw_connect(port);
    snprintf(head, sizeof head, "POST /upload HTTP/1.1\r\nHost: x\r\n%s: ",
             chunked ? "Transfer-Encoding" : "Content-Length");
    (void)raw_send(fd, str_from_cstr(head));
    snprintf(head, sizeof head, chunked ? "chunked\r\n\r\n%zx\r\n" : "%zu\r\n\r\n", n);
    (void)raw_send(fd, str_from_cstr(head));
    assert_true(raw_send(fd, (Str){bytes, n}));
    if (chunked)
        (void)raw_send(fd, STR("\r\n0\r\n\r\n"));
    raw_read(fd, 5000, false, &r);
    uint64_t h = 0;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + (unsigned char)bytes[i];
    snprintf(head, sizeof head, "%zu %llu %s", n, (unsigned long long)h, expected);
    assert_str(r.body, head);
    reply_done(&r);
    test_free(bytes);
    close(fd);
}

static void big_bodies_go_through_a_file(void **state)
{
    (void)state;
    upload(1000, false, "memory");
    upload(256 * 1024, false, "memory");
    upload(256 * 1024 + 1, false, "file");
    upload(3000000, true, "file");
    upload(20 << 20, false, "file");
}

static Status sign_in(Cx *cx, const HttpReq *rq)
{
    static const Str WRITE[] = {STR_INIT("notes.write")};
    if (http_header(rq, STR("Authorization")).ptr != NULL)
        cx->actor =
            (Actor){.kind = ACTOR_API_KEY, .id = 1, .permissions = WRITE, .npermissions = 1};
    return ST_OK;
}

static void strangers_cannot_send_big_bodies(void **state)
{
    static const struct {
        const char *headers;
        int         first, then; /* status at once, and after the body */
    } CASES[] = {
        {"Content-Length: 2000000\r\n", 401, 0},
        {"Transfer-Encoding: chunked\r\n", 401, 0},
        {"Content-Length: 2000000\r\nAuthorization: x\r\nSec-Fetch-Site: cross-site\r\n", 100, 200},
        {"Content-Length: 2000000\r\nSec-Fetch-Site: cross-site\r\n", 401, 0},
        {"Content-Length: 2000\r\n", 100, 401}, /* not worth asking twice */
        {"Content-Length: 2000\r\nAuthorization: x\r\n", 100, 200},
    };
    static char bytes[2000000];
    (void)state;
    testapp.hooks.authenticate = sign_in;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char  head[256];
        Reply r;
        int   fd = raw_connect(port);
        snprintf(head, sizeof head,
                 "POST /archive HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n%s\r\n",
                 CASES[i].headers);
        (void)raw_send(fd, str_from_cstr(head));
        raw_read(fd, CASES[i].first == 100 ? 300 : 5000, CASES[i].first != 100, &r);
        if (r.status != CASES[i].first)
            fail_msg("%zu: %d " STR_FMT, i, r.status, STR_ARG(buf_str(&r.bytes)));
        reply_done(&r);
        if (CASES[i].first == 100) {
            (void)raw_send(fd, (Str){bytes, strstr(head, "2000000") != NULL ? 2000000 : 2000});
            raw_read(fd, 5000, false, &r);
            assert_int_equal(r.status, CASES[i].then);
            reply_done(&r);
        }
        close(fd);
    }
}

static void requests_can_share_a_connection(void **state)
{
    static const char *const BODIES[] = {"fast", "fast", "3 96354 memory", "slept", "fast"};
    Reply                    r;
    (void)state;
    int fd = raw_connect(port);
    (void)raw_send(fd,
                   STR("GET /fast HTTP/1.1\r\nHost: x\r\n\r\nGET /work HTTP/1.1\r\nHost: x\r\n\r\n"
                       "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                       "GET /slow?ms=20 HTTP/1.1\r\nHost: x\r\n\r\n"
                       "GET /fast HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    raw_read(fd, 5000, true, &r);
    assert_true(r.closed);
    Str rest = buf_str(&r.bytes);
    for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
        const char *body = memmem(rest.ptr, rest.len, "\r\n\r\n", 4);
        assert_non_null(body);
        assert_memory_equal(rest.ptr, "HTTP/1.1 200", 12);
        size_t skip = (size_t)(body - rest.ptr) + 4, n = strlen(BODIES[i]);
        assert_true(rest.len - skip >= n);
        assert_memory_equal(body + 4, BODIES[i], n);
        rest = (Str){rest.ptr + skip + n, rest.len - skip - n};
    }
    assert_int_equal(rest.len, 0);
    reply_done(&r);
    close(fd);
}

static void half_closed_connections_get_their_reply(void **state)
{
    static const char *const REQUESTS[] = {"GET /fast HTTP/1.1\r\nHost: x\r\n\r\n",
                                           "GET /slow?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(REQUESTS); i++) {
        Reply r;
        int   fd = raw_connect(port);
        (void)raw_send(fd, str_from_cstr(REQUESTS[i]));
        shutdown(fd, SHUT_WR);
        raw_read(fd, 3000, true, &r);
        assert_int_equal(r.status, 200);
        assert_true(r.closed);
        reply_done(&r);
        close(fd);
    }
}

static void clients_may_leave_at_any_time(void **state)
{
    static const char *const PARTS[] = {
        "",
        "GE",
        "GET /fast HTTP/1.1\r\nHo",
        "POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
        "GET /slow?ms=30 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /big?n=9000000 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\nabc",
    };
    (void)state;
    for (int round = 0; round < 30; round++)
        for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
            int fd = raw_connect(port);
            (void)raw_send(fd, str_from_cstr(PARTS[i]));
            struct linger now = {.l_onoff = round % 2};
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
            close(fd);
        }
    ask("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
}

/* --- what replies look like ------------------------------------------------------------------- */

static void assert_header(const Reply *r, const char *name, const char *value)
{
    Str got = reply_header(r, name);
    if (value == NULL ? got.ptr != NULL : !str_eq(got, str_from_cstr(value)))
        fail_msg("%s is \"" STR_FMT "\", not %s", name, STR_ARG(got), value);
}

static void replies_carry_security_headers(void **state)
{
    static const char *const REQUESTS[] = {
        "GET /page HTTP/1.1\r\nHost: x\r\n\r\n", "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /work HTTP/1.1\r\nHost: x\r\n\r\n", "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(REQUESTS); i++) {
        Reply r;
        int   fd = raw_connect(port);
        (void)raw_send(fd, str_from_cstr(REQUESTS[i]));
        raw_read(fd, i == 3 ? 300 : 3000, false, &r);
        assert_header(&r, "X-Content-Type-Options", "nosniff");
        assert_header(&r, "Referrer-Policy", "strict-origin-when-cross-origin");
        assert_header(&r, "Cross-Origin-Opener-Policy", "same-origin");
        assert_true(reply_header(&r, "Permissions-Policy").len > 0);
        assert_header(&r, "Strict-Transport-Security", NULL);
        Str csp = reply_header(&r, "Content-Security-Policy");
        assert_non_null(memmem(csp.ptr, csp.len, "frame-ancestors 'none'", 22));
        assert_null(memmem(csp.ptr, csp.len, "unsafe", 6));
        assert_true(reply_header(&r, "X-Request-Id").len == 24);
        reply_done(&r);
        close(fd);
    }
}

static void problems_are_rfc_9457(void **state)
{
    Reply r;
    (void)state;
    assert_int_equal(raw_ask(port, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", &r), 404);
    assert_header(&r, "Content-Type", "application/problem+json");
    assert_header(&r, "Cache-Control", "no-store");
    char expected[256];
    Str  id = reply_header(&r, "X-Request-Id");
    snprintf(
        expected, sizeof expected,
        "{\"type\":\"urn:rapport:problem:http.no_route\",\"title\":\"Not Found\",\"status\":404,"
        "\"detail\":\"nothing at this address\",\"instance\":\"" STR_FMT
        "\",\"code\":\"http.no_route\"}",
        STR_ARG(id));
    assert_str(r.body, expected);
    reply_done(&r);
}

static void plain_page(Buf *b)
{
    buf_init(b, 1 << 16);
    while (b->len < TESTAPP_PAGE - 64)
        buf_addf(b, "<p class=\"line\">Line %zu of it.</p>\n", b->len);
}

static size_t unpack(Str coding, Str body, char *room, size_t max)
{
    if (str_eq(coding, STR("zstd"))) {
        size_t n = ZSTD_decompress(room, max, body.ptr, body.len);
        return ZSTD_isError(n) ? 0 : n;
    }
    z_stream z = {.next_in = (Bytef *)(uintptr_t)body.ptr,
                  .avail_in = (uInt)body.len,
                  .next_out = (Bytef *)room,
                  .avail_out = (uInt)max};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    int done = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return done == Z_STREAM_END ? z.total_out : 0;
}

static void compression_is_negotiated_and_loses_nothing(void **state)
{
    static const struct {
        const char *accept, *coding, *etag;
    } CASES[] = {
        {"gzip, deflate, br, zstd", "zstd", "\"page1+zstd\""},
        {"gzip", "gzip", "\"page1+gzip\""},
        {"zstd;q=0.5, gzip;q=0.6", "gzip", "\"page1+gzip\""},
        {"*", "zstd", "\"page1+zstd\""},
        {"zstd;q=0, *", "gzip", "\"page1+gzip\""},
        {"br", NULL, "\"page1\""},
        {"identity", NULL, "\"page1\""},
        {"gzip;q=0", NULL, "\"page1\""},
        {"gzip;q=oops", NULL, "\"page1\""},
    };
    static char           room[1 << 16];
    CLEANUP(buf_done) Buf plain;
    plain_page(&plain);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char  request[256];
        Reply r;
        snprintf(request, sizeof request,
                 "GET /page HTTP/1.1\r\nHost: x\r\nAccept-Encoding: %s\r\n\r\n", CASES[i].accept);
        assert_int_equal(raw_ask(port, request, &r), 200);
        assert_header(&r, "Content-Encoding", CASES[i].coding);
        assert_header(&r, "ETag", CASES[i].etag);
        assert_header(&r, "Vary", "Accept-Encoding");
        Str body = r.body;
        if (CASES[i].coding != NULL) {
            assert_true(r.body.len < plain.len / 4);
            body = (Str){room, unpack(str_from_cstr(CASES[i].coding), r.body, room, sizeof room)};
        }
        assert_true(str_eq(body, buf_str(&plain)));
        reply_done(&r);
    }
    Reply r; /* too small to be worth it */
    assert_int_equal(
        raw_ask(port, "GET /fast HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", &r), 200);
    assert_header(&r, "Content-Encoding", NULL);
    reply_done(&r);
}

static void unchanged_pages_are_not_sent_again(void **state)
{
    static const char *const TAGS[] = {"\"page1\"", "\"page1+zstd\"", "W/\"page1\"",
                                       "\"x\", \"page1+gzip\"", "*"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(TAGS); i++) {
        char  request[256];
        Reply r;
        snprintf(request, sizeof request,
                 "GET /page HTTP/1.1\r\nHost: x\r\nIf-None-Match: %s\r\n\r\n", TAGS[i]);
        assert_int_equal(raw_ask(port, request, &r), 304);
        assert_header(&r, "ETag", "\"page1\"");
        assert_int_equal(r.body.len, 0);
        reply_done(&r);
    }
    ask("GET /page HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"page2\"\r\n\r\n", 200, NULL);
}

static void head_is_get_without_a_body(void **state)
{
    Reply r;
    (void)state;
    int fd = raw_connect(port);
    (void)raw_send(fd, STR("HEAD /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    raw_read(fd, 3000, true, &r);
    assert_int_equal(r.status, 200);
    int64_t n;
    assert_true(str_parse_i64(reply_header(&r, "Content-Length"), &n) && n > 9000);
    assert_int_equal(r.bytes.len, r.head.len);
    reply_done(&r);
    close(fd);
}

static void options_tells_the_methods(void **state)
{
    Reply r;
    (void)state;
    assert_int_equal(raw_ask(port, "OPTIONS /notes HTTP/1.1\r\nHost: x\r\n\r\n", &r), 204);
    assert_header(&r, "Allow", "GET, HEAD, POST, OPTIONS");
    reply_done(&r);
    assert_int_equal(raw_ask(port, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", &r), 204);
    reply_done(&r);
    assert_int_equal(raw_ask(port, "PUT /notes HTTP/1.1\r\nHost: x\r\n\r\n", &r), 405);
    assert_header(&r, "Allow", "GET, HEAD, POST, OPTIONS");
    reply_done(&r);
}

static void files_come_in_ranges(void **state)
{
    static const struct {
        const char *headers;
        int         status;
        const char *range, *body; /* of short bodies */
        size_t      n;
    } CASES[] = {
        {"", 200, NULL, NULL, 1000},
        {"Range: bytes=0-4\r\n", 206, "bytes 0-4/1000", "01234", 5},
        {"Range: bytes=995-\r\n", 206, "bytes 995-999/1000", "56789", 5},
        {"Range: bytes=-3\r\n", 206, "bytes 997-999/1000", "789", 3},
        {"Range: bytes=998-2000\r\n", 206, "bytes 998-999/1000", "89", 2},
        {"Range: bytes=-5000\r\n", 206, "bytes 0-999/1000", NULL, 1000},
        {"Range: bytes=1000-\r\n", 416, "bytes */1000", "", 0},
        {"Range: bytes=-0\r\n", 416, "bytes */1000", "", 0},
        {"Range: bytes=5-4\r\n", 200, NULL, NULL, 1000},
        {"Range: bytes=0-1,3-4\r\n", 200, NULL, NULL, 1000},
        {"Range: lines=0-1\r\n", 200, NULL, NULL, 1000},
        {"Range: bytes=x\r\n", 200, NULL, NULL, 1000},
        {"Range: bytes=0-1\r\nIf-Range: \"file1\"\r\n", 206, "bytes 0-1/1000", "01", 2},
        {"Range: bytes=0-1\r\nIf-Range: \"other\"\r\n", 200, NULL, NULL, 1000},
        {"Range: bytes=0-1\r\nIf-Range: Sun, 22 Nov 2026 00:00:00 GMT\r\n", 200, NULL, NULL, 1000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char  request[256];
        Reply r;
        snprintf(request, sizeof request, "GET /file HTTP/1.1\r\nHost: x\r\n%s\r\n",
                 CASES[i].headers);
        int status = raw_ask(port, request, &r);
        if (status != CASES[i].status || r.body.len != CASES[i].n)
            fail_msg("%s: %d, %zu bytes", CASES[i].headers, status, r.body.len);
        assert_header(&r, "Content-Range", CASES[i].range);
        assert_header(&r, "Accept-Ranges", "bytes");
        if (CASES[i].body != NULL)
            assert_str(r.body, CASES[i].body);
        reply_done(&r);
    }
}

static void big_replies_arrive_whole(void **state)
{
    Reply r;
    (void)state;
    assert_int_equal(raw_ask(port, "GET /big?n=20000000 HTTP/1.1\r\nHost: x\r\n\r\n", &r), 200);
    assert_int_equal(r.body.len, 20000000);
    for (size_t i = 0; i < r.body.len; i += 99991)
        assert_int_equal(r.body.ptr[i], 'a' + i % 26);
    reply_done(&r);
    ask("GET /big?n=67108865 HTTP/1.1\r\nHost: x\r\n\r\n", 400, NULL);
}

/* --- slow and many clients -------------------------------------------------------------------- */

static void slow_headers_are_cut_off(void **state)
{
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.header_limit = {200}});
    int fd = raw_connect(port);
    (void)raw_send(fd, STR("GET /fast HTTP/1.1\r\nHost: x\r\n"));
    bool open = true;
    for (int i = 0; i < 100 && open; i++) { /* one header after the other, for ever */
        (void)raw_send(fd, STR("A: b\r\n"));
        open = !raw_closes(fd, 50);
    }
    assert_false(open);
    close(fd);
    fd = raw_connect(port); /* who says nothing at all */
    assert_true(raw_closes(fd, 5000));
    close(fd);
    ask("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    stop();
}

static void slow_bodies_are_cut_off(void **state)
{
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.header_limit = {200}, .slow_grace = {200}, .rate_min = 1000});
    int fd = raw_connect(port);
    (void)raw_send(fd, STR("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"));
    bool open = true;
    for (int i = 0; i < 100 && open; i++) {
        (void)raw_send(fd, STR("xxxx"));
        open = !raw_closes(fd, 50);
    }
    assert_false(open);
    close(fd);
    stop();
}

static void slow_readers_are_cut_off(void **state)
{
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.header_limit = {200}, .slow_grace = {400}, .rate_min = 1 << 20});
    int  fd = raw_connect(port), small = 4096;
    char byte;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    (void)raw_send(fd, STR("GET /big?n=60000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    int bytes = 0;
    while (bytes < 200 && recv(fd, &byte, 1, 0) == 1) {
        bytes++;
        (void)usleep(5000);
    }
    Reply r; /* what is still on the way comes, but never all */
    raw_read(fd, 5000, true, &r);
    assert_true(r.closed);
    assert_true(r.bytes.len < 60000000);
    reply_done(&r);
    close(fd);
    stop();
}

static void idle_connections_are_closed(void **state)
{
    Reply r;
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.header_limit = {200}, .idle_limit = {300}});
    int fd = raw_connect(port);
    (void)raw_send(fd, STR("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n"));
    raw_read(fd, 3000, false, &r);
    assert_int_equal(r.status, 200);
    reply_done(&r);
    assert_true(raw_closes(fd, 5000));
    close(fd);
    stop();
}

static void one_address_gets_only_so_many_connections(void **state)
{
    int fds[8];
    int open = 0;
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.per_address_max = 4});
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        Reply r;
        fds[i] = raw_connect(port);
        (void)raw_send(fds[i], STR("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n"));
        raw_read(fds[i], 3000, false, &r);
        open += r.status == 200;
        reply_done(&r);
    }
    assert_int_equal(open, 4);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        close(fds[i]);
    stop();
}

static void slow_clients_hold_no_worker(void **state)
{
    int fds[60];
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.workers = 2});
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = raw_connect(port);
        if (i % 2 == 0) /* half a body */
            (void)raw_send(
                fds[i], STR("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"));
        else /* a big reply that is not read */
            (void)raw_send(fds[i], STR("GET /big?n=3000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    for (int i = 0; i < 20; i++)
        ask("GET /work HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        close(fds[i]);
    stop();
}

static void busy_workers_do_not_stop_quick_routes(void **state)
{
    int fds[12];
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.workers = 2, .queue_max = 4});
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = raw_connect(port);
        (void)raw_send(fds[i], STR("GET /slow?ms=700 HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    ask("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n", 200, "fast");
    int done = 0, refused = 0;
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        Reply r;
        raw_read(fds[i], 8000, false, &r);
        done += r.status == 200;
        refused += r.status == 503;
        if (r.status == 503)
            assert_header(&r, "Retry-After", "1");
        reply_done(&r);
        close(fds[i]);
    }
    if (done + refused != COUNT_OF(fds) || done < 4 || refused == 0)
        fail_msg("%d done, %d refused", done, refused);
    stop();
}

/* --- stopping --------------------------------------------------------------------------------- */

static void *stop_in_background(void *arg)
{
    (void)arg;
    http_server_stop(server);
    return NULL;
}

static void stopping_finishes_what_was_accepted(void **state)
{
    pthread_t thread;
    int       fds[6];
    Reply     r;
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.workers = 2});
    for (size_t i = 0; i < COUNT_OF(fds); i++) { /* two run, four wait for them */
        fds[i] = raw_connect(port);
        (void)raw_send(fds[i], STR("GET /slow?ms=300 HTTP/1.1\r\nHost: x\r\n\r\n"));
    }
    (void)usleep(100000);
    assert_int_equal(pthread_create(&thread, NULL, stop_in_background, NULL), 0);
    while (!http_server_stopping(server))
        (void)usleep(1000);
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        raw_read(fds[i], 8000, true, &r);
        assert_int_equal(r.status, 200);
        assert_header(&r, "Connection", "close");
        assert_true(r.closed);
        reply_done(&r);
        close(fds[i]);
    }
    pthread_join(thread, NULL);
    assert_int_equal(raw_connect(port), -1);
    testapp_end();
}

static void stopping_does_not_wait_for_ever(void **state)
{
    Reply r;
    (void)state;
    log_min_level = LOG_ERROR + 1;
    start((HttpServerOptions){.workers = 1, .stop_limit = {100}});
    int half = raw_connect(port), running = raw_connect(port), waiting = raw_connect(port);
    (void)raw_send(half, STR("POST /sum HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"));
    (void)raw_send(running, STR("GET /slow?ms=400 HTTP/1.1\r\nHost: x\r\n\r\n"));
    (void)usleep(50000);
    (void)raw_send(waiting, STR("GET /slow?ms=400 HTTP/1.1\r\nHost: x\r\n\r\n"));
    (void)usleep(50000);
    http_server_stop(server);
    assert_true(raw_closes(half, 1000));
    raw_read(waiting, 1000, true, &r); /* refused, or cut off: not run */
    assert_true(r.status == 503 || r.status == 0);
    reply_done(&r);
    close(half);
    close(running);
    close(waiting);
    testapp_end();
}

/* --- proxies ---------------------------------------------------------------------------------- */

static void only_trusted_proxies_speak_for_others(void **state)
{
    static const struct {
        const char *headers, *peer;
    } CASES[] = {
        {"", "127.0.0.1 plain"},
        {"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9 plain"},
        {"X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n", "203.0.113.9 plain"},
        {"X-Forwarded-For: 203.0.113.9, 10.1.2.3\r\n", "203.0.113.9 plain"},
        {"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 10.1.2.3\r\n", "203.0.113.9 plain"},
        {"X-Forwarded-For: 2001:DB8::7\r\nX-Forwarded-Proto: https\r\n", "2001:db8::7 tls"},
        {"X-Forwarded-For: nonsense\r\n", "127.0.0.1 plain"},
        {"X-Forwarded-For: nonsense, 10.1.2.3\r\n", "10.1.2.3 plain"},
        {"X-Forwarded-Proto: http\r\n", "127.0.0.1 plain"},
    };
    (void)state;
    log_min_level = LOG_ERROR + 1;
    for (int trusted = 0; trusted < 2; trusted++) {
        start((HttpServerOptions){.trust_proxy = trusted ? "127.0.0.0/8, 10.0.0.0/8" : NULL});
        for (size_t i = 0; i < COUNT_OF(CASES); i++) {
            char        request[256];
            const char *want = trusted ? CASES[i].peer : "127.0.0.1 plain";
            Reply       r;
            snprintf(request, sizeof request, "GET /peer HTTP/1.1\r\nHost: x\r\n%s\r\n",
                     CASES[i].headers);
            assert_int_equal(raw_ask(port, request, &r), 200);
            if (!str_starts(r.body, str_from_cstr(want)))
                fail_msg("%s: " STR_FMT, CASES[i].headers, STR_ARG(r.body));
            reply_done(&r);
        }
        Reply r;
        assert_int_equal(
            raw_ask(port, "GET /peer HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc-123.XYZ\r\n\r\n", &r),
            200);
        assert_int_equal(str_eq(reply_header(&r, "X-Request-Id"), STR("abc-123.XYZ")), trusted);
        reply_done(&r);
        assert_int_equal(
            raw_ask(port, "GET /peer HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b<c>de\r\n\r\n", &r),
            200);
        assert_int_equal(reply_header(&r, "X-Request-Id").len, 24);
        reply_done(&r);
        stop();
    }
}

static void options_that_make_no_sense_are_refused(void **state)
{
    static const struct {
        HttpServerOptions options;
        const char       *code;
    } CASES[] = {
        {{.address = "nowhere.example"}, "http.bad_address"},
        {{.address = "203.0.113.1"}, "http.listen"},
        {{.trust_proxy = "10.0.0.0/33"}, "http.bad_proxies"},
        {{.trust_proxy = "10.0.0.0/8, x"}, "http.bad_proxies"},
        {{.tls_cert = "/nowhere.pem"}, "http.bad_tls"},
        {{.tls_cert = "/nowhere.pem", .tls_key = "/nowhere.pem"}, "http.bad_tls"},
    };
    (void)state;
    testapp_begin();
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Err         err;
        HttpServer *none = NULL;
        Status      st = http_server_start(&CASES[i].options, &testapp, &none, &err);
        if (st == ST_OK || strcmp(err.code, CASES[i].code) != 0)
            fail_msg("%zu: %s", i, st == ST_OK ? "started" : err.code);
    }
    testapp_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_USUAL(quick_routes_and_workers_answer),
        TEST_USUAL(ambiguous_requests_are_refused),
        TEST_USUAL(nul_bytes_in_headers_are_refused),
        TEST_USUAL(headers_and_targets_have_limits),
        TEST_USUAL(too_big_bodies_are_refused_before_they_come),
        TEST_USUAL(expect_100_continue_is_honoured),
        TEST_USUAL(clients_that_send_too_much_learn_it),
        TEST_USUAL(big_bodies_go_through_a_file),
        TEST_USUAL(strangers_cannot_send_big_bodies),
        TEST_USUAL(requests_can_share_a_connection),
        TEST_USUAL(half_closed_connections_get_their_reply),
        TEST_USUAL(clients_may_leave_at_any_time),
        TEST_USUAL(replies_carry_security_headers),
        TEST_USUAL(problems_are_rfc_9457),
        TEST_USUAL(compression_is_negotiated_and_loses_nothing),
        TEST_USUAL(unchanged_pages_are_not_sent_again),
        TEST_USUAL(head_is_get_without_a_body),
        TEST_USUAL(options_tells_the_methods),
        TEST_USUAL(files_come_in_ranges),
        TEST_USUAL(big_replies_arrive_whole),
        cmocka_unit_test(slow_headers_are_cut_off),
        cmocka_unit_test(slow_bodies_are_cut_off),
        cmocka_unit_test(slow_readers_are_cut_off),
        cmocka_unit_test(idle_connections_are_closed),
        cmocka_unit_test(one_address_gets_only_so_many_connections),
        cmocka_unit_test(slow_clients_hold_no_worker),
        cmocka_unit_test(busy_workers_do_not_stop_quick_routes),
        cmocka_unit_test(stopping_finishes_what_was_accepted),
        cmocka_unit_test(stopping_does_not_wait_for_ever),
        cmocka_unit_test(only_trusted_proxies_speak_for_others),
        cmocka_unit_test(options_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
