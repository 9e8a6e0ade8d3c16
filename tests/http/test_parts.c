/* Bodies when the disk does not play along, and what operators read: the access log, health,
 * metrics and the document. */
#include "testapp.h"

#include "base/fault.h"
#include "base/json_read.h"
#include "http/http_builtin.h"
#include "http/http_log.h"
#include "http/spool_int.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* Fail the n-th call for every n: an error each time, and nothing is left counted or open. */
static void big_bodies_survive_any_fault(void **state)
{
    static char block[100000];
    SpoolPool   pool = {.dir = "/tmp", .memory_max = 1 << 20, .disk_max = 1 << 20};
    bool        fired = true;
    int         rounds = 0;
    (void)state;
    for (int n = 1; fired; n++, rounds++) {
        Spool  s;
        Err    err;
        Str    body = {0}, path = {0};
        Status st = ST_OK;
        fault_arm(n, false);
        spool_init(&s);
        for (int i = 0; i < 5 && st == ST_OK; i++)
            st = spool_add(&s, &pool, (Str){block, sizeof block}, &err);
        if (st == ST_OK)
            st = spool_body(&s, &body, &path, &err);
        fired = fault_fired();
        fault_arm(0, false);
        if (fired)
            assert_fails(st, ST_IO, &err, "http.spool");
        else
            assert_int_equal(body.len, 5 * sizeof block);
        spool_done(&s, &pool);
        assert_int_equal(atomic_load(&pool.memory), 0);
        assert_int_equal(atomic_load(&pool.disk), 0);
    }
    assert_true(rounds > 4);
}

static void the_disk_is_not_filled(void **state)
{
    static char block[300000];
    SpoolPool   pool = {.dir = "/tmp", .memory_max = 1 << 20, .disk_max = 500000};
    Spool       a, b;
    Err         err;
    (void)state;
    spool_init(&a);
    spool_init(&b);
    assert_ok(spool_add(&a, &pool, (Str){block, sizeof block}, &err), &err);
    assert_ok(spool_add(&b, &pool, (Str){block, sizeof block}, &err), &err);
    assert_fails(spool_add(&b, &pool, (Str){block, sizeof block}, &err), ST_BUSY, &err,
                 "http.spool_full");
    spool_done(&a, &pool);
    spool_done(&b, &pool);
    assert_int_equal(atomic_load(&pool.disk), 0);
}

/* Ask an app of our own; the line that was logged goes to `line`. */
static int ask(const HttpApp *app, HttpReq rq, Buf *body, char line[1024])
{
    Arena    a;
    Cx       cx = {0};
    HttpResp rs;
    int      pipes[2];
    assert_int_equal(pipe(pipes), 0);
    int      old_fd = log_fd;
    LogLevel old_level = log_min_level;
    log_fd = pipes[1];
    log_min_level = LOG_INFO;
    arena_init(&a, 4096);
    assert_int_equal(cx_begin(&cx, &a, NULL, (UnixMs){1763816400000}), ST_OK);
    cx.request_id = STR("req_7");
    http_dispatch(app, &cx, &rq, &rs);
    log_fd = old_fd;
    log_min_level = old_level;
    close(pipes[1]);
    ssize_t n = read(pipes[0], line, 1023);
    line[n > 0 ? n : 0] = '\0';
    close(pipes[0]);
    int status = rs.status;
    buf_add(body, rs.borrowed.ptr != NULL ? rs.borrowed : buf_str(&rs.body));
    http_resp_done(&rs);
    cx_end(&cx);
    arena_done(&a);
    return status;
}

static void the_log_tells_no_personal_data(void **state)
{
    CLEANUP(buf_done) Buf body;
    char                  line[1024];
    (void)state;
    buf_init(&body, 1 << 20);
    testapp_begin();
    HttpReq rq = {.target = STR("/echo/jane%40example.com/and/b?q=secret"),
                  .peer = STR("203.0.113.77")};
    assert_int_equal(ask(&testapp, rq, &body, line), 200);
    assert_non_null(strstr(line, "ts=2025-11-22T13:00:00.000Z level=info event=http.request "
                                 "id=req_7 method=GET route=/echo/:a/and/:b status=200 "));
    assert_non_null(strstr(line, " net=203.0.113.0\n"));
    assert_null(strstr(line, "jane"));
    assert_null(strstr(line, "secret"));
    assert_null(strstr(line, ".77"));
    rq.target = STR("/nothing/jane");
    rq.peer = STR("2001:db8:1:2::3");
    assert_int_equal(ask(&testapp, rq, &body, line), 404);
    assert_non_null(strstr(line, " route=- status=404 "));
    assert_non_null(strstr(line, " net=2001:db8:1:: code=http.no_route\n"));
    assert_null(strstr(line, "jane"));
    testapp_end();
}

static bool is_ready;

static Status ready(Cx *cx)
{
    return is_ready ? ST_OK : cx_fail(cx, ST_BUSY, "test.not_ready", "not yet");
}

static void health_metrics_and_document_are_served(void **state)
{
    CLEANUP(buf_done) Buf body;
    char                  line[1024];
    HttpRoutes            tables[3] = {testapp.tables[0], testapp.tables[1], http_builtin_routes};
    HttpApp               app = {.tables = tables, .ntables = 3, .hooks = {.ready = ready}};
    (void)state;
    buf_init(&body, 1 << 20);
    http_app_index(&app);
    assert_int_equal(ask(&app, (HttpReq){.target = STR("/healthz")}, &body, line), 200);
    assert_int_equal(ask(&app, (HttpReq){.target = STR("/readyz")}, &body, line), 503);
    is_ready = true;
    assert_int_equal(ask(&app, (HttpReq){.target = STR("/readyz")}, &body, line), 200);

    HttpReq  rq = {.target = STR("/metrics"), .peer = STR("127.0.0.1")};
    HttpPair forwarded[] = {{STR("X-Forwarded-For"), STR("127.0.0.1")}};
    buf_clear(&body);
    assert_int_equal(ask(&app, rq, &body, line), 200);
    assert_non_null(strstr(body.ptr, "# EOF\n"));
    rq.headers = forwarded;
    rq.nheaders = 1;
    assert_int_equal(ask(&app, rq, &body, line), 401);
    rq = (HttpReq){.target = STR("/metrics"), .peer = STR("203.0.113.7")};
    assert_int_equal(ask(&app, rq, &body, line), 401);

    Arena            a;
    Err              err;
    const JsonValue *doc;
    arena_init(&a, 65536);
    buf_clear(&body);
    assert_int_equal(ask(&app, (HttpReq){.target = STR("/api/v1/openapi.json")}, &body, line), 200);
    assert_ok(json_parse(&a, buf_str(&body), &doc, &err), &err);
    const JsonValue *paths = json_get(doc, STR("paths"));
    const JsonValue *patch = json_get(json_get(paths, STR("/notes/{id}")), STR("patch"));
    assert_str(json_get(patch, STR("operationId"))->text, "patch_notes_by_id");
    assert_str(json_get(patch, STR("x-permission"))->text, "notes.write");
    assert_non_null(json_get(json_get(paths, STR("/tail/{rest}")), STR("get")));
    assert_null(json_get(paths, STR("/healthz")));
    const JsonValue *schemas = json_get(json_get(doc, STR("components")), STR("schemas"));
    assert_non_null(json_get(schemas, STR("Note")));
    assert_non_null(json_get(schemas, STR("NotePatch")));
    arena_done(&a);
    http_app_done(&app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(big_bodies_survive_any_fault),
        cmocka_unit_test(the_disk_is_not_filled),
        cmocka_unit_test(the_log_tells_no_personal_data),
        cmocka_unit_test(health_metrics_and_document_are_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
