/* The HTTP interface without sockets: what http_dispatch() makes of a request. */
#include "testapp.h"

#include "http/http_builtin.h"
#include "http/http_csrf.h"
#include "http/http_idempotency.h"

#include <stdio.h>

typedef struct Env {
    Arena    arena;
    Cx       cx;
    HttpResp rs;
    HttpPair headers[16];
    size_t   nheaders;
} Env;

static Env env;

static int begin(void **state)
{
    (void)state;
    log_min_level = LOG_ERROR + 1;
    env = (Env){0};
    arena_init(&env.arena, 4096);
    http_resp_init(&env.rs);
    testapp_begin();
    return 0;
}

static int end(void **state)
{
    (void)state;
    http_resp_done(&env.rs);
    testapp_end();
    arena_done(&env.arena);
    return 0;
}

#define TEST_ENV(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

static void header(const char *name, const char *value)
{
    env.headers[env.nheaders++] = (HttpPair){str_from_cstr(name), str_from_cstr(value)};
}

/* One request; headers said before are used up. */
static int ask(const char *method, const char *target, const char *body)
{
    HttpReq rq = {.target = str_from_cstr(target),
                  .headers = env.headers,
                  .nheaders = env.nheaders,
                  .body = str_from_cstr(body),
                  .peer = STR("127.0.0.1")};
    rq.method = http_method_from(str_from_cstr(method), &rq.head);
    http_resp_done(&env.rs);
    assert_int_equal(cx_begin(&env.cx, &env.arena, NULL, (UnixMs){1700000000000}), ST_OK);
    env.cx.request_id = STR("req_1");
    env.cx.issues.n = env.cx.issues.total = 0;
    env.cx.err = (Err){0};
    http_dispatch(&testapp, &env.cx, &rq, &env.rs);
    env.nheaders = 0;
    return env.rs.status;
}

static Str body(void)
{
    return env.rs.borrowed.ptr != NULL ? env.rs.borrowed : buf_str(&env.rs.body);
}

static bool has(const char *text)
{
    Str b = body();
    return b.ptr != NULL && memmem(b.ptr, b.len, text, strlen(text)) != NULL;
}

static void assert_body_has(const char *text)
{
    if (!has(text))
        fail_msg("%s is not in " STR_FMT, text, STR_ARG(body()));
}

static Str reply_header(const char *name)
{
    for (size_t i = 0; i < env.rs.nheaders; i++)
        if (str_eq(env.rs.headers[i].name, str_from_cstr(name)))
            return env.rs.headers[i].value;
    return (Str){0};
}

/* Ids of small numbers are easy to write down. */
static const char *note(int64_t id, const char *rest)
{
    static char text[128];
    Str         s = id_format(&env.arena, "nte", id);
    snprintf(text, sizeof text, "/notes/" STR_FMT "%s", STR_ARG(s), rest);
    return text;
}

static void routes_are_found_by_their_parts(void **state)
{
    static const struct {
        const char *method, *target;
        int         status;
        const char *body;
    } CASES[] = {
        {"GET", "/echo", 200, " q=none n=0 on=0"},
        {"GET", "/echo/x/and/y", 200, "[x][y] q=none n=0 on=0"},
        {"GET", "/echo/%C3%BC/and/a%2fb?q=1", 200, "[ü][a/b] q=1 n=0 on=0"},
        {"GET", "/tail/a", 200, "[a] q=none n=0 on=0"},
        {"GET", "/tail/a/b//c/", 200, "[a/b//c/] q=none n=0 on=0"},
        {"GET", "/notes/best", 200, " q=none n=0 on=0"},
        {"HEAD", "/echo", 200, " q=none n=0 on=0"},
        {"GET", "/tail/", 404, NULL},
        {"GET", "/tail", 404, NULL},
        {"GET", "/", 404, NULL},
        {"GET", "", 404, NULL},
        {"GET", "echo", 404, NULL},
        {"GET", "/echo/", 404, NULL},
        {"GET", "//echo", 404, NULL},
        {"GET", "/echo//and/y", 404, NULL},
        {"GET", "/echo/x/and/y/z", 404, NULL},
        {"GET", "/notes/best/", 404, NULL},
        {"DELETE", "/echo", 405, NULL},
        {"POST", "/notes/best", 405, NULL},
        {"TRACE", "/echo", 405, NULL},
        {"GET", "/under/known/far", 200, "[known/far] q=none n=0 on=0"},
        {"DELETE", "/under/known", 405, NULL},
        {"DELETE", "/under/known/far", 404, NULL},
        {"OPTIONS", "/under/known/far", 404, NULL},
        {"DELETE", "/under/other", 405, NULL},
        {"GET", "/echo/%zz/and/y", 400, NULL},
        {"GET", "/echo/%/and/y", 400, NULL},
        {"GET", "/echo/%00/and/y", 400, NULL},
        {"GET", "/echo/%ff/and/y", 400, NULL},
        {"GET", "/echo?q=%2", 400, NULL},
        {"GET", "/echo?n=6", 400, NULL},
        {"GET", "/echo?n=1e3", 400, NULL},
        {"GET", "/echo?n=", 400, NULL},
        {"GET", "/echo?on=maybe", 400, NULL},
        {"GET", "/echo?&&q=a=b&q=c&on", 400, NULL},
        {"GET", "/echo?&&%71=a=b&q=c", 200, " q=a=b n=0 on=0"},
        {"GET", "/echo?q=", 200, " q= n=0 on=0"},
        {"GET", "/ec ho", 400, NULL},
        {"GET", "/ec\x7fho", 400, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int status = ask(CASES[i].method, CASES[i].target, NULL);
        if (status != CASES[i].status ||
            (CASES[i].body != NULL && !str_eq(body(), str_from_cstr(CASES[i].body))))
            fail_msg("%s %s: %d " STR_FMT, CASES[i].method, CASES[i].target, status,
                     STR_ARG(body()));
    }
}

static Status never(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    (void)cx;
    (void)rq;
    (void)rs;
    return ST_OK;
}

/* Many routes in many tables, and each is found. */
static void a_thousand_routes_are_told_apart(void **state)
{
    enum { TABLES = 40, EACH = 25 };
    static HttpRoute  routes[TABLES][EACH];
    static HttpRoutes tables[TABLES];
    static char       patterns[TABLES][EACH][64];
    HttpApp           app = {.tables = tables, .ntables = TABLES};
    (void)state;
    for (int t = 0; t < TABLES; t++) {
        tables[t] = (HttpRoutes){"T", routes[t], EACH};
        for (int i = 0; i < EACH; i++) {
            snprintf(patterns[t][i], sizeof patterns[t][i],
                     i % 2 ? "/api/m%d/:id/part%d" : "/api/m%d/x%d", t, i);
            HttpRoute r = {HTTP_GET, str_from_cstr(patterns[t][i]), never, .flags = HTTP_PUBLIC};
            memcpy(&routes[t][i], &r, sizeof r);
        }
    }
    http_app_index(&app);
    for (int t = 0; t < TABLES; t++)
        for (int i = 0; i < EACH; i++) {
            char    target[64];
            HttpReq rq = {.method = HTTP_GET};
            snprintf(target, sizeof target, i % 2 ? "/api/m%d/77/part%d" : "/api/m%d/x%d", t, i);
            rq.target = str_from_cstr(target);
            http_match(&app, &rq);
            assert_ptr_equal(rq.route, &routes[t][i]);
        }
    http_app_done(&app);
}

static void bodies_are_read_by_shape(void **state)
{
    (void)state;
    header("Content-Type", "application/json");
    assert_int_equal(ask("POST", "/notes", "{\"title\":\" tea \",\"stars\":3}"), 201);
    assert_body_has("\"title\":\"tea\",\"stars\":3");
    assert_str(reply_header("Location"), "/notes/new");

    header("Content-Type", "application/vnd.api+json; charset=UTF-8");
    assert_int_equal(ask("POST", "/notes", "{\"title\":\"tea\"}"), 201);

    header("Content-Type", "application/json");
    assert_int_equal(ask("POST", "/notes", "{\"stars\":9,\"colour\":1}"), 422);
    assert_body_has("{\"type\":\"urn:rapport:problem:shape.invalid\",\"title\":"
                    "\"Unprocessable Content\",\"status\":422,\"detail\":");
    assert_body_has("\"instance\":\"req_1\",\"code\":\"shape.invalid\",\"errors\":["
                    "{\"pointer\":\"/stars\",\"code\":\"out_of_range\",\"detail\":");
    assert_body_has("{\"pointer\":\"/colour\",\"code\":\"unknown_field\"");
    assert_body_has("{\"pointer\":\"/title\",\"code\":\"required\"");
}

static void bodies_of_other_kinds_are_refused(void **state)
{
    static const struct {
        const char *type, *coding, *body;
        int         status;
    } CASES[] = {
        {"text/plain", NULL, "{\"title\":\"a\"}", 415},
        {NULL, NULL, "{\"title\":\"a\"}", 415},
        {"application/jsonp", NULL, "{\"title\":\"a\"}", 415},
        {"application/json; charset=latin1", NULL, "{\"title\":\"a\"}", 415},
        {"application/json", "gzip", "{\"title\":\"a\"}", 415},
        {"application/json", "identity", "{\"title\":\"a\"}", 201},
        {"application/json", NULL, "{\"title\":", 400},
        {"application/json", NULL, "", 400},
        {"application/json", NULL, "[]", 422},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        if (CASES[i].type != NULL)
            header("Content-Type", CASES[i].type);
        if (CASES[i].coding != NULL)
            header("Content-Encoding", CASES[i].coding);
        int status = ask("POST", "/notes", CASES[i].body);
        if (status != CASES[i].status)
            fail_msg("%zu: %d " STR_FMT, i, status, STR_ARG(body()));
    }
    assert_int_equal(ask("GET", "/echo", "surprise"), 400);
    assert_body_has("http.unwanted_body");
    header("Content-Type", "application/json");
    assert_int_equal(ask("POST", "/form", "{}"), 415);
}

static void failures_become_problems(void **state)
{
    (void)state;
    header("Content-Type", "application/json");
    assert_int_equal(ask("POST", "/notes", "{\"title\":\"taken\"}"), 409);
    assert_body_has("\"detail\":\"there is one already\"");
    assert_string_equal(env.rs.type, "application/problem+json");

    header("Content-Type", "application/json"); /* what our disk says is nobody's business */
    assert_int_equal(ask("POST", "/notes", "{\"title\":\"broken\"}"), 500);
    assert_body_has("\"code\":\"internal\"");
    assert_false(has("secret"));
    assert_string_equal(env.cx.err.code, "test.broken"); /* it is for the log */

    assert_int_equal(ask("GET", "/notes/nonsense", NULL), 404);
    assert_body_has("http.bad_id");
}

static Status sign_in(Cx *cx, const HttpReq *rq)
{
    static const Str WRITE[] = {STR_INIT("notes.write")};
    Str              who = http_cookie(rq, STR("sid"));
    if (str_eq(who, STR("reader")))
        cx->actor = (Actor){.kind = ACTOR_STAFF, .id = 1, .session = 11};
    else if (str_eq(who, STR("writer")))
        cx->actor = (Actor){
            .kind = ACTOR_STAFF, .id = 2, .session = 12, .permissions = WRITE, .npermissions = 1};
    else if (http_header(rq, STR("Authorization")).ptr != NULL)
        cx->actor =
            (Actor){.kind = ACTOR_API_KEY, .id = 3, .permissions = WRITE, .npermissions = 1};
    else
        cx->actor = (Actor){0};
    return ST_OK;
}

static void tables_say_who_may_call(void **state)
{
    (void)state;
    testapp.hooks.authenticate = sign_in;
    header("Content-Type", "application/json");
    assert_int_equal(ask("PATCH", note(1, ""), "{\"stars\":1}"), 401);
    assert_str(reply_header("WWW-Authenticate"), "Bearer");
    header("Content-Type", "application/json");
    header("Cookie", "a=b; sid=reader");
    header("X-CSRF-Token", "any");
    assert_int_equal(ask("PATCH", note(1, ""), "{\"stars\":1}"), 403);
    assert_body_has("core.denied");
    header("Content-Type", "application/json");
    header("Authorization", "Bearer key");
    assert_int_equal(ask("PATCH", note(1, ""), "{\"stars\":1}"), 200);
    assert_int_equal(ask("DELETE", note(1, ""), NULL), 401);
    header("Authorization", "Bearer key");
    assert_int_equal(ask("DELETE", note(1, ""), NULL), 204);
}

static Str token_of(int64_t session)
{
    Cx cx = {.arena = &env.arena, .actor = {.kind = ACTOR_STAFF, .session = session}};
    return http_csrf_token(&cx);
}

static int delete_as(const char *token, const char *site, const char *origin)
{
    header("Cookie", "sid=reader");
    header("Host", "shop.example:8080");
    if (token != NULL)
        header("X-CSRF-Token", token);
    if (site != NULL)
        header("Sec-Fetch-Site", site);
    if (origin != NULL)
        header("Origin", origin);
    return ask("DELETE", note(1, ""), NULL);
}

static void sessions_are_safe_from_foreign_pages(void **state)
{
    (void)state;
    testapp.hooks.authenticate = sign_in;
    const char *good = str_cstr(&env.arena, token_of(11));
    const char *other = str_cstr(&env.arena, token_of(12));
    assert_string_not_equal(good, str_cstr(&env.arena, token_of(11))); /* each is another text */
    static const struct {
        const char *site, *origin;
        int         status;
    } CASES[] = {
        {NULL, NULL, 204},
        {"same-origin", NULL, 204},
        {"none", NULL, 204},
        {"same-site", NULL, 403},
        {"cross-site", NULL, 403},
        {"cross-site", "http://shop.example:8080", 403},
        {NULL, "http://shop.example:8080", 204},
        {NULL, "https://SHOP.example:8080", 204},
        {NULL, "http://shop.example", 403},
        {NULL, "http://evil.example", 403},
        {NULL, "null", 403},
        {NULL, "", 403},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int status = delete_as(good, CASES[i].site, CASES[i].origin);
        if (status != CASES[i].status)
            fail_msg("%zu: %d", i, status);
    }
    assert_int_equal(delete_as(NULL, "same-origin", NULL), 403);
    assert_body_has("http.csrf");
    assert_int_equal(delete_as(other, "same-origin", NULL), 403);
    assert_int_equal(delete_as("", "same-origin", NULL), 403);
    assert_int_equal(delete_as("AAAA", "same-origin", NULL), 403);

    header("Sec-Fetch-Site", "cross-site"); /* signing in from elsewhere, without a session */
    assert_int_equal(ask("POST", "/login", NULL), 403);
    header("Sec-Fetch-Site", "cross-site"); /* what is meant for others */
    assert_int_equal(ask("POST", "/hook", NULL), 204);
    header("Sec-Fetch-Site", "cross-site"); /* reading is what links do */
    assert_int_equal(ask("GET", "/echo", NULL), 200);

    char form[128]; /* forms carry it as a field */
    snprintf(form, sizeof form, "a=1&csrf_token=%s", good);
    header("Cookie", "sid=reader");
    header("Content-Type", "application/x-www-form-urlencoded");
    assert_int_equal(ask("POST", "/form", form), 200);
    header("Cookie", "sid=reader");
    header("Content-Type", "application/x-www-form-urlencoded");
    assert_int_equal(ask("POST", "/form", "a=1"), 403);
}

static void cookies_are_locked_to_the_host_under_tls(void **state)
{
    (void)state;
    assert_int_equal(ask("POST", "/login", NULL), 204);
    assert_str(reply_header("Set-Cookie"), "sid=s42; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");

    HttpPair h[] = {{STR("Cookie"), STR("sid=plain; x=\"; __Host-sid=safe")}};
    HttpReq  rq = {.headers = h, .nheaders = 1};
    HttpResp rs = {0};
    assert_str(http_cookie(&rq, STR("sid")), "plain");
    rq.tls = true;
    assert_str(http_cookie(&rq, STR("sid")), "safe");
    assert_null(http_cookie(&rq, STR("x")).ptr);
    http_set_cookie(&env.cx, &rq, &rs, STR("sid"), STR("v"), (SpanMs){0});
    assert_str(rs.headers[0].value,
               "__Host-sid=v; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
}

static void writes_can_be_tied_to_a_revision(void **state)
{
    static const struct {
        const char *tag;
        int         status;
    } CASES[] = {
        {NULL, 200},    {"\"3\"", 200},   {"*", 200},        {"\"3+zstd\"", 200},
        {"\"2\"", 412}, {"W/\"3\"", 412}, {"nonsense", 412}, {"\"x\"", 412},
    };
    (void)state;
    testapp.hooks.authenticate = sign_in;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        header("Authorization", "Bearer key");
        header("Content-Type", "application/json");
        if (CASES[i].tag != NULL)
            header("If-Match", CASES[i].tag);
        int status = ask("PATCH", note(2, ""), "{\"stars\":1}");
        if (status != CASES[i].status)
            fail_msg("%s: %d", CASES[i].tag, status);
    }
    assert_str(env.rs.etag, "");
    header("If-None-Match", "\"1\", W/\"3\"");
    assert_int_equal(ask("GET", note(2, ""), NULL), 304);
    assert_int_equal(body().len, 0);
    assert_str(env.rs.etag, "\"3\"");
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The value of "next" or "prev", or NULL. */
static char *cursor(const char *which)
{
    char        key[16];
    Str         b = body();
    const char *end;
    snprintf(key, sizeof key, "\"%s\":\"", which);
    const char *at = b.ptr != NULL ? memmem(b.ptr, b.len, key, strlen(key)) : NULL;
    if (at == NULL)
        return NULL;
    at += strlen(key);
    end = memchr(at, '"', b.len - (size_t)(at - b.ptr));
    return str_cstr(&env.arena, (Str){at, (size_t)(end - at)});
}

static void assert_titles(const char *titles)
{
    char   got[32];
    size_t n = 0;
    Str    b = body();
    for (size_t i = 0; i + 10 < b.len && n < sizeof got - 1; i++)
        if (memcmp(b.ptr + i, "\"title\":\"", 9) == 0)
            got[n++] = b.ptr[i + 9];
    got[n] = '\0';
    assert_string_equal(got, titles);
}

static void walk(const char *parameter, const char *value, const char *titles)
{
    char target[512];
    snprintf(target, sizeof target, "/notes?limit=3&%s=%s", parameter, value);
    assert_int_equal(ask("GET", target, NULL), 200);
    assert_titles(titles);
}

static void lists_are_walked_by_cursors(void **state)
{
    (void)state;
    assert_int_equal(ask("GET", "/notes", NULL), 200);
    assert_titles("abcdefg");
    assert_body_has("\"page\":{\"next\":null,\"prev\":null,\"has_more\":false}");

    assert_int_equal(ask("GET", "/notes?limit=3", NULL), 200);
    assert_titles("abc");
    assert_null(cursor("prev"));
    walk("after", cursor("next"), "def");
    char *middle_prev = cursor("prev");
    walk("after", cursor("next"), "g");
    assert_null(cursor("next"));
    assert_body_has("\"has_more\":false");
    walk("before", cursor("prev"), "def");
    assert_body_has("\"has_more\":true");
    assert_string_equal(cursor("prev"), middle_prev);
    walk("before", cursor("prev"), "abc");
    assert_null(cursor("prev"));
    walk("after", cursor("next"), "def");
}

static void cursors_cannot_be_made_or_moved(void **state)
{
    char target[512];
    (void)state;
    assert_int_equal(ask("GET", "/notes?limit=3&colour=red&size=1", NULL), 200);
    char *next = cursor("next");
    static const struct {
        const char *before, *after;
        int         status;
    } CASES[] = {
        {"/notes?limit=3&colour=red&size=1&after=", "", 200},
        {"/notes?size=1&after=", "&colour=red", 200}, /* order and limit do not matter */
        {"/notes?colour=blue&size=1&after=", "", 400},
        {"/notes?colour=red&after=", "", 400},
        {"/notes?after=", "", 400},
        {"/notes?colour=red&size=1&after=A", "", 400},
        {"/notes?colour=red&size=1&after=", "A", 400},
        {"/notes?colour=red&size=1&after=", "&before=x", 400},
    };
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        snprintf(target, sizeof target, "%s%s%s", CASES[i].before, next, CASES[i].after);
        int status = ask("GET", target, NULL);
        if (status != CASES[i].status)
            fail_msg("%s: %d", target, status);
    }
    for (size_t i = 0; next[i] != '\0'; i++) { /* no character may change */
        char was = next[i];
        next[i] = was == 'A' ? 'B' : 'A';
        snprintf(target, sizeof target, "/notes?colour=red&size=1&after=%s", next);
        assert_int_equal(ask("GET", target, NULL), 400);
        next[i] = was;
    }
    static const char *const LIMITS[] = {"0", "251", "-1", "x", ""};
    for (size_t i = 0; i < COUNT_OF(LIMITS); i++) {
        snprintf(target, sizeof target, "/notes?limit=%s", LIMITS[i]);
        assert_int_equal(ask("GET", target, NULL), 400);
    }
}

/* --- idempotency ------------------------------------------------------------------------------ */

static struct {
    Str              scope, key, print;
    IdempotencyClaim state; /* NEW: nothing is stored */
    IdempotencyReply kept;
    bool             fails; /* keep() does */
} slot;

static Str copy(Str s)
{
    return str_dup(&env.arena, s);
}

static Status claim(Cx *cx, Str scope, Str key, Str print, IdempotencyClaim *ret,
                    IdempotencyReply *ret_reply)
{
    (void)cx;
    bool same = str_eq(scope, slot.scope) && str_eq(key, slot.key);
    if (slot.state == IDEMPOTENCY_NEW || !same) {
        slot.scope = copy(scope);
        slot.key = copy(key);
        slot.print = copy(print);
        slot.state = IDEMPOTENCY_RUNNING;
        *ret = IDEMPOTENCY_NEW;
        return ST_OK;
    }
    *ret = !str_eq(print, slot.print) ? IDEMPOTENCY_OTHER : slot.state;
    *ret_reply = slot.kept;
    return ST_OK;
}

static Status keep(Cx *cx, Str scope, Str key, const IdempotencyReply *reply)
{
    (void)scope;
    (void)key;
    if (slot.fails)
        return cx_fail(cx, ST_IO, "test.store", "no");
    slot.kept = (IdempotencyReply){reply->status, copy(reply->type), copy(reply->location),
                                   copy(reply->etag), copy(reply->body)};
    slot.state = IDEMPOTENCY_REPLY;
    return ST_OK;
}

static Status drop(Cx *cx, Str scope, Str key)
{
    (void)cx;
    (void)scope;
    (void)key;
    slot.state = IDEMPOTENCY_NEW;
    return ST_OK;
}

static int post(const char *key, const char *text)
{
    header("Content-Type", "application/json");
    if (key != NULL)
        header("Idempotency-Key", key);
    return ask("POST", "/notes", text);
}

static void the_same_key_acts_once(void **state)
{
    static const HttpIdempotencyStore STORE = {claim, NULL, keep, drop};
    (void)state;
    memset(&slot, 0, sizeof slot);
    testapp.hooks.idempotency = &STORE;
    assert_int_equal(post("k-1", "{\"title\":\"a\",\"stars\":1}"), 201);
    assert_null(reply_header("Idempotent-Replayed").ptr);
    char *first = str_cstr(&env.arena, body());
    assert_int_equal(testapp_runs, 1);

    assert_int_equal(post("\"k-1\"", " { \"stars\" : 1, \"title\" : \"a\" } "),
                     201); /* same value */
    assert_str(body(), first);
    assert_str(reply_header("Idempotent-Replayed"), "true");
    assert_str(reply_header("Location"), "/notes/new");
    assert_int_equal(testapp_runs, 1);

    assert_int_equal(post("k-1", "{\"title\":\"a\",\"stars\":2}"), 422);
    assert_body_has("http.idempotency_conflict");
    assert_int_equal(testapp_runs, 1);

    slot.state = IDEMPOTENCY_RUNNING;
    assert_int_equal(post("k-1", "{\"title\":\"a\",\"stars\":1}"), 409);
    assert_body_has("http.idempotency_running");
    assert_str(reply_header("Retry-After"), "1");

    assert_int_equal(post("k-2", "{\"title\":\"a\",\"stars\":1}"), 201);
    assert_int_equal(testapp_runs, 2);
    testapp.hooks.authenticate = sign_in; /* another caller's key is another key */
    header("Authorization", "Bearer key");
    assert_int_equal(post("k-2", "{\"title\":\"a\",\"stars\":1}"), 201);
    assert_int_equal(testapp_runs, 3);
}

static void failures_are_kept_unless_trying_again_helps(void **state)
{
    static const HttpIdempotencyStore STORE = {claim, NULL, keep, drop};
    (void)state;
    memset(&slot, 0, sizeof slot);
    testapp.hooks.idempotency = &STORE;
    assert_int_equal(post("k", "{\"title\":\"taken\"}"), 409);
    assert_int_equal(slot.state, IDEMPOTENCY_REPLY);
    assert_int_equal(post("k", "{\"title\":\"taken\"}"), 409);
    assert_str(reply_header("Idempotent-Replayed"), "true");
    assert_string_equal(env.rs.type, "application/problem+json");

    memset(&slot, 0, sizeof slot);
    assert_int_equal(post("k", "{\"title\":\"broken\"}"), 500);
    assert_int_equal(slot.state, IDEMPOTENCY_NEW);

    slot.fails = true; /* the store breaks: what was done is still told */
    assert_int_equal(post("k", "{\"title\":\"fine\"}"), 201);
    assert_int_equal(testapp_runs, 1);

    static const char *const BAD[] = {"", "a b", "\"\"", "ü"};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_int_equal(post(BAD[i], "{\"title\":\"a\"}"), 400);
    assert_int_equal(testapp_runs, 1);
    assert_int_equal(post(NULL, "{\"title\":\"a\"}"), 201);
    assert_int_equal(post(NULL, "{\"title\":\"a\"}"), 201);
    assert_int_equal(testapp_runs, 3);
}

static void prints_compare_json_by_value(void **state)
{
    static const char *const SAME[][2] = {
        {"{\"a\":1,\"b\":[1,2]}", " {\"b\" : [1, 2], \"a\":1 }\n"},
        {"{\"a\":{\"x\":\"\\u0041\",\"y\":null}}", "{\"a\":{\"y\":null,\"x\":\"A\"}}"},
        {"not json", "not json"},
    };
    static const char *const OTHER[][2] = {
        {"{\"a\":1}", "{\"a\":2}"},
        {"{\"a\":1}", "{\"a\":\"1\"}"},
        {"[1,2]", "[2,1]"},
        {"[[1],2]", "[1,[2]]"},
        {"{\"a\":{}}", "{\"a\":[]}"},
        {"[true]", "[false]"},
        {"{\"ab\":\"c\"}", "{\"a\":\"bc\"}"},
        {"", "{}"},
        {"not json", "not  json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(SAME); i++)
        assert_true(str_eq(http_body_print(&env.arena, str_from_cstr(SAME[i][0])),
                           http_body_print(&env.arena, str_from_cstr(SAME[i][1]))));
    for (size_t i = 0; i < COUNT_OF(OTHER); i++)
        if (str_eq(http_body_print(&env.arena, str_from_cstr(OTHER[i][0])),
                   http_body_print(&env.arena, str_from_cstr(OTHER[i][1]))))
            fail_msg("%s and %s have one print", OTHER[i][0], OTHER[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_ENV(routes_are_found_by_their_parts),
        TEST_ENV(a_thousand_routes_are_told_apart),
        TEST_ENV(bodies_are_read_by_shape),
        TEST_ENV(bodies_of_other_kinds_are_refused),
        TEST_ENV(failures_become_problems),
        TEST_ENV(tables_say_who_may_call),
        TEST_ENV(sessions_are_safe_from_foreign_pages),
        TEST_ENV(cookies_are_locked_to_the_host_under_tls),
        TEST_ENV(writes_can_be_tied_to_a_revision),
        TEST_ENV(lists_are_walked_by_cursors),
        TEST_ENV(cursors_cannot_be_made_or_moved),
        TEST_ENV(the_same_key_acts_once),
        TEST_ENV(failures_are_kept_unless_trying_again_helps),
        TEST_ENV(prints_compare_json_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
