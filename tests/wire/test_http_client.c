#include "wire/http_client.h"

#include "base/fault.h"
#include "wire/address.h"
#include "wire/http_client_int.h"
#include "wire/server.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

typedef struct World {
    Arena   arena;
    Server *server;
    Server *other;
    Err     err;
} World;

static int setup(void **state)
{
    World *w = test_calloc(1, sizeof *w);
    arena_init(&w->arena, 4096);
    w->server = server_start(NULL);
    w->other = server_start(NULL);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    World *w = *state;
    http_client_test_port = 0;
    http_client_test_ca = NULL;
    http_client_thread_done();
    server_stop(w->server);
    server_stop(w->other);
    arena_done(&w->arena);
    test_free(w);
    return 0;
}

static Str at(World *w, Server *s, const char *path)
{
    size_t room = strlen(path) + 64;
    char  *url = arena_array(&w->arena, char, room);
    snprintf(url, room, "http://127.0.0.1:%d%s", server_port(s), path);
    return str_from_cstr(url);
}

static Status fetch(World *w, HttpClientRequest rq, HttpClientReply *ret)
{
    w->err = (Err){0};
    return http_client_fetch(&w->arena, &rq, ret, &w->err);
}

#define assert_refused(w, rq, st, what)                                                            \
    do {                                                                                           \
        HttpClientReply refused_;                                                                  \
        assert_int_equal(fetch((w), (rq), &refused_), (st));                                       \
        assert_string_equal((w)->err.code, (what));                                                \
    } while (0)

static bool contains(Str s, const char *what)
{
    return memmem(s.ptr, s.len, what, strlen(what)) != NULL;
}

/* --- addresses ------------------------------------------------------------------------------- */

static void every_special_address_is_refused_and_its_neighbours_are_not(void **state)
{
    static const struct {
        const char *text;
        bool        is_public;
    } CASES[] = {
        {"0.0.0.0", false},         {"0.255.255.255", false},   {"1.0.0.0", true},
        {"9.255.255.255", true},    {"10.0.0.1", false},        {"11.0.0.0", true},
        {"100.63.255.255", true},   {"100.64.0.0", false},      {"100.127.255.255", false},
        {"100.128.0.0", true},      {"126.255.255.255", true},  {"127.0.0.1", false},
        {"127.255.255.255", false}, {"128.0.0.0", true},        {"169.253.255.255", true},
        {"169.254.169.254", false}, {"172.15.255.255", true},   {"172.16.0.0", false},
        {"172.31.255.255", false},  {"172.32.0.0", true},       {"192.0.0.8", false},
        {"192.0.1.0", true},        {"192.0.2.1", false},       {"192.88.99.1", false},
        {"192.168.0.1", false},     {"192.169.0.0", true},      {"198.17.255.255", true},
        {"198.18.0.0", false},      {"198.19.255.255", false},  {"198.20.0.0", true},
        {"198.51.100.7", false},    {"203.0.113.7", false},     {"203.0.114.0", true},
        {"223.255.255.255", true},  {"224.0.0.1", false},       {"239.255.255.255", false},
        {"240.0.0.1", false},       {"255.255.255.255", false}, {"8.8.8.8", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        uint8_t bytes[4];
        assert_int_equal(inet_pton(AF_INET, CASES[i].text, bytes), 1);
        if (address_v4_is_public(bytes) != CASES[i].is_public)
            fail_msg("%s", CASES[i].text);
    }
}

static void ipv6_is_public_only_where_the_internet_is(void **state)
{
    static const struct {
        const char *text;
        bool        is_public;
    } CASES[] = {
        {"::", false},
        {"::1", false},
        {"::127.0.0.1", false},
        {"::ffff:127.0.0.1", false},
        {"::ffff:10.1.2.3", false},
        {"::ffff:8.8.8.8", true},
        {"64:ff9b::8.8.8.8", true},
        {"64:ff9b::169.254.169.254", false},
        {"64:ff9b:1::8.8.8.8", false},
        {"100::1", false},
        {"2000::1", true},
        {"2001::1", false},
        {"2001:2::1", false},
        {"2001:10::1", false},
        {"2001:200::1", true},
        {"2001:4860:4860::8888", true},
        {"2001:db8::1", false},
        {"2002:7f00:1::", false},
        {"2002:808:808::", false},
        {"2606:4700::1111", true},
        {"3fff::1", false},
        {"4000::1", false},
        {"5f00::1", false},
        {"fc00::1", false},
        {"fd12:3456::1", false},
        {"fe80::1", false},
        {"fec0::1", false},
        {"ff02::1", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        uint8_t bytes[16];
        assert_int_equal(inet_pton(AF_INET6, CASES[i].text, bytes), 1);
        if (address_v6_is_public(bytes) != CASES[i].is_public)
            fail_msg("%s", CASES[i].text);
    }
}

static void no_way_to_write_a_private_address_gets_through(void **state)
{
    static const char *const HOSTS[] = {
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "0177.0.0.1",
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[fd00::1]",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1", /* circled digits */
    };
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(HOSTS); i++) {
        char url[128];
        snprintf(url, sizeof url, "http://%s:%d/echo", HOSTS[i], server_port(w->server));
        HttpClientReply reply;
        Status          st = fetch(w, (HttpClientRequest){.url = str_from_cstr(url)}, &reply);
        if (st != ST_DENIED && st != ST_INVALID &&
            !(st == ST_IO && (unsigned char)HOSTS[i][0] > 127))
            fail_msg("%s: %s %s", HOSTS[i], status_name(st), w->err.code);
    }
    assert_int_equal(server_connections(w->server), 0);
}

static void odd_urls_are_refused(void **state)
{
    static const char *const URLS[] = {
        "",
        "http://",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/_x",
        "dict://127.0.0.1/",
        "example.com",
        "//example.com/",
        "javascript:alert(1)",
        "http://user@127.0.0.1/",
        "http://user:secret@127.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1/\r\nHost: other",
        "http://127.0.0.1:99999/",
        "http://exa mple.com/",
    };
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(URLS); i++) {
        HttpClientReply   reply;
        HttpClientRequest rq = {.url = str_from_cstr(URLS[i]), .allow_private = true};
        if (fetch(w, rq, &reply) != ST_INVALID || strcmp(w->err.code, "wire.bad_url") != 0)
            fail_msg("%s: %s", URLS[i], w->err.code == NULL ? "fetched" : w->err.code);
    }
}

/* --- exchanges ------------------------------------------------------------------------------- */

static void a_reply_has_status_type_body_and_url(void **state)
{
    World          *w = *state;
    HttpClientReply reply;
    Str             url = at(w, w->server, "/echo");
    assert_int_equal(fetch(w, (HttpClientRequest){.url = url, .allow_private = true}, &reply),
                     ST_OK);
    assert_int_equal(reply.status, 200);
    assert_true(str_eq(reply.type, STR("text/plain")));
    assert_true(str_eq(reply.url, url));
    assert_true(str_starts(reply.body, STR("GET /echo HTTP/1.1\r\n")));
    assert_false(contains(reply.body, "Cookie"));
    url = at(w, w->server, "/missing");
    assert_int_equal(fetch(w, (HttpClientRequest){.url = url, .allow_private = true}, &reply),
                     ST_OK);
    assert_int_equal(reply.status, 404);
}

static void methods_bodies_and_headers_arrive(void **state)
{
    static const char *const METHODS[] = {"POST", "PUT", "PATCH", "DELETE"};
    World                   *w = *state;
    HttpClientHeader         headers[] = {{STR("Content-Type"), STR("application/json")},
                                          {STR("X-Empty"), STR("")}};
    for (size_t i = 0; i < COUNT_OF(METHODS); i++) {
        HttpClientReply   reply;
        HttpClientRequest rq = {.method = METHODS[i],
                                .url = at(w, w->server, "/echo"),
                                .headers = headers,
                                .nheaders = 2,
                                .body = STR("{\"a\":1}"),
                                .allow_private = true};
        assert_int_equal(fetch(w, rq, &reply), ST_OK);
        assert_true(str_starts(reply.body, str_from_cstr(METHODS[i])));
        assert_true(contains(reply.body, "Content-Type: application/json\r\n"));
        assert_true(contains(reply.body, "X-Empty:\r\n"));
        assert_true(contains(reply.body, "\r\n\r\n{\"a\":1}"));
        assert_false(contains(reply.body, "Expect"));
    }
    HttpClientHeader  split = {STR("X-Split"), STR("a\r\nX-Other: b")};
    HttpClientRequest rq = {
        .url = at(w, w->server, "/echo"), .headers = &split, .nheaders = 1, .allow_private = true};
    assert_refused(w, rq, ST_INVALID, "wire.bad_header");
}

static void cookies_and_proxies_of_the_environment_are_ignored(void **state)
{
    World          *w = *state;
    HttpClientReply reply;
    setenv("http_proxy", "http://127.0.0.1:1/", 1); /* NOLINT(concurrency-mt-unsafe) */
    HttpClientRequest rq = {.url = at(w, w->server, "/cookie"), .allow_private = true};
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    rq.url = at(w, w->server, "/echo");
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_false(contains(reply.body, "Cookie"));
    unsetenv("http_proxy"); /* NOLINT(concurrency-mt-unsafe) */
}

static void connections_are_kept_but_never_shared_with_guarded_requests(void **state)
{
    World          *w = *state;
    HttpClientReply reply;
    for (int i = 0; i < 5; i++) {
        HttpClientRequest rq = {.url = at(w, w->server, "/echo"), .allow_private = true};
        assert_int_equal(fetch(w, rq, &reply), ST_OK);
    }
    assert_int_equal(server_connections(w->server), 1);
    HttpClientRequest rq = {.url = at(w, w->server, "/echo")};
    assert_refused(w, rq, ST_DENIED, "wire.private_address");
}

/* --- limits ---------------------------------------------------------------------------------- */

static void replies_without_end_are_cut(void **state)
{
    static const char *const PATHS[] = {"/declared", "/endless", "/headers"};
    World                   *w = *state;
    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        HttpClientRequest rq = {
            .url = at(w, w->server, PATHS[i]), .reply_max = 1 << 20, .allow_private = true};
        HttpClientReply reply;
        Status          st = fetch(w, rq, &reply);
        if (i == 2) { /* libcurl has a limit of its own on headers */
            assert_true(st == ST_LIMIT || st == ST_IO);
        } else {
            assert_int_equal(st, ST_LIMIT);
            assert_string_equal(w->err.code, "wire.too_big");
        }
    }
}

static void slow_and_silent_servers_time_out(void **state)
{
    static const char *const PATHS[] = {"/drip", "/hang"};
    World                   *w = *state;
    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        HttpClientRequest rq = {
            .url = at(w, w->server, PATHS[i]), .timeout = {150}, .allow_private = true};
        assert_refused(w, rq, ST_BUSY, "wire.timeout");
    }
}

static void broken_replies_and_closed_ports_are_failures(void **state)
{
    World            *w = *state;
    HttpClientRequest rq = {.url = at(w, w->server, "/cut"), .allow_private = true};
    assert_refused(w, rq, ST_IO, "wire.failed");
    rq.url = STR("http://127.0.0.1:1/");
    assert_refused(w, rq, ST_IO, "wire.failed");
    rq.url = at(w, w->server, "/echo");
    fault_arm(1, false);
    assert_refused(w, rq, ST_IO, "wire.failed");
    assert_true(fault_fired());
    fault_arm(0, false);
}

/* --- redirects ------------------------------------------------------------------------------- */

static void redirects_are_followed_only_when_asked_for_and_not_for_ever(void **state)
{
    World            *w = *state;
    HttpClientReply   reply;
    HttpClientRequest rq = {.url = at(w, w->server, "/to?/echo"), .allow_private = true};
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_int_equal(reply.status, 302);
    rq.redirects = 1;
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_int_equal(reply.status, 200);
    assert_true(str_eq(reply.url, at(w, w->server, "/echo")));
    rq.url = at(w, w->server, "/loop");
    rq.redirects = 5;
    assert_refused(w, rq, ST_LIMIT, "wire.too_many_redirects");
    rq.url = at(w, w->server, "/to?file:///etc/passwd");
    assert_refused(w, rq, ST_INVALID, "wire.bad_url");
    rq.url = at(w, w->server, "/to?http://me:secret@127.0.0.1/");
    assert_refused(w, rq, ST_INVALID, "wire.bad_url");
}

static void a_redirect_to_a_private_address_is_refused(void **state)
{
    World            *w = *state;
    HttpClientReply   reply;
    Str               inner = at(w, w->other, "/echo");
    char              path[128];
    HttpClientRequest rq = {.redirects = 3};
    http_client_test_port = server_port(w->server); /* plays the public server */
    snprintf(path, sizeof path, "/to?" STR_FMT, STR_ARG(inner));
    rq.url = at(w, w->server, path);
    assert_refused(w, rq, ST_DENIED, "wire.private_address");
    assert_int_equal(server_connections(w->other), 0);
    rq.allow_private = true;
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_int_equal(server_connections(w->other), 1);
}

static void redirects_change_method_as_browsers_do(void **state)
{
    static const struct {
        const char *path;
        const char *line;
        bool        body;
    } CASES[] = {{"/to?/echo", "GET /echo", false},
                 {"/to303?/echo", "GET /echo", false},
                 {"/to307?/echo", "POST /echo", true}};
    World *w = *state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        HttpClientReply   reply;
        HttpClientRequest rq = {.method = "POST",
                                .url = at(w, w->server, CASES[i].path),
                                .body = STR("payload"),
                                .redirects = 1,
                                .allow_private = true};
        assert_int_equal(fetch(w, rq, &reply), ST_OK);
        assert_true(str_starts(reply.body, str_from_cstr(CASES[i].line)));
        assert_int_equal(contains(reply.body, "payload"), CASES[i].body);
    }
}

static void credentials_stay_with_the_server_they_were_meant_for(void **state)
{
    World            *w = *state;
    HttpClientReply   reply;
    HttpClientHeader  headers[] = {{STR("Authorization"), STR("Bearer s3cret")},
                                   {STR("Accept"), STR("text/plain")}};
    HttpClientRequest rq = {.url = at(w, w->server, "/to?/echo"),
                            .headers = headers,
                            .nheaders = 2,
                            .redirects = 2,
                            .allow_private = true};
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_true(contains(reply.body, "s3cret"));
    char path[128];
    Str  other = at(w, w->other, "/echo");
    snprintf(path, sizeof path, "/to?" STR_FMT, STR_ARG(other));
    rq.url = at(w, w->server, path);
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_false(contains(reply.body, "s3cret"));
    assert_true(contains(reply.body, "Accept: text/plain"));
}

/* --- TLS ------------------------------------------------------------------------------------- */

/* A key and a certificate for 127.0.0.1 that nobody has signed, in files. */
static void self_signed(const char *cert, const char *key)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509     *x = X509_new();
    assert_non_null(pair);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pair);
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"127.0.0.1", -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    assert_non_null(san);
    X509_add_ext(x, san, -1);
    X509_EXTENSION_free(san);
    assert_true(X509_sign(x, pair, EVP_sha256()) > 0);
    FILE *f = fopen(cert, "wb");
    assert_non_null(f);
    PEM_write_X509(f, x);
    fclose(f);
    f = fopen(key, "wb");
    assert_non_null(f);
    PEM_write_PrivateKey(f, pair, NULL, NULL, 0, NULL, NULL);
    fclose(f);
    X509_free(x);
    EVP_PKEY_free(pair);
}

static void only_trusted_certificates_do_and_https_stays_https(void **state)
{
    World *w = *state;
    char   dir[] = "/tmp/rapport-wire-XXXXXX";
    char   cert[64], key[64], url[64];
    assert_non_null(mkdtemp(dir));
    snprintf(cert, sizeof cert, "%s/cert.pem", dir);
    snprintf(key, sizeof key, "%s/key.pem", dir);
    self_signed(cert, key);
    Server *tls = server_start(&(TlsFiles){cert, key});
    snprintf(url, sizeof url, "https://127.0.0.1:%d/echo", server_port(tls));
    HttpClientRequest rq = {.url = str_from_cstr(url), .allow_private = true};
    assert_refused(w, rq, ST_IO, "wire.failed");
    assert_int_equal(server_connections(tls), 1);
    HttpClientReply reply;
    http_client_test_ca = cert;
    http_client_thread_done();
    assert_int_equal(fetch(w, rq, &reply), ST_OK);
    assert_true(contains(reply.body, "GET /echo"));
    char path[128];
    snprintf(path, sizeof path, "https://127.0.0.1:%d/to?" STR_FMT, server_port(tls),
             STR_ARG(at(w, w->server, "/echo")));
    rq.url = str_from_cstr(path);
    rq.redirects = 1;
    assert_refused(w, rq, ST_DENIED, "wire.downgrade");
    server_stop(tls);
    unlink(cert);
    unlink(key);
    rmdir(dir);
}

/* --- threads --------------------------------------------------------------------------------- */

typedef struct Crowd {
    World *w;
    Str    url;
    int    fine;
} Crowd;

static void *fetch_some(void *arg)
{
    Crowd *c = arg;
    for (int i = 0; i < 10; i++) {
        CLEANUP(arena_done) Arena a;
        arena_init(&a, 4096);
        Err               err;
        HttpClientReply   reply;
        HttpClientRequest rq = {.url = c->url, .allow_private = true};
        c->fine += http_client_fetch(&a, &rq, &reply, &err) == ST_OK && reply.status == 200;
    }
    return NULL;
}

static void threads_fetch_side_by_side(void **state)
{
    World    *w = *state;
    Crowd     crowd[8];
    pthread_t threads[8];
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        crowd[i] = (Crowd){.w = w, .url = at(w, w->server, "/echo")};
        assert_int_equal(pthread_create(&threads[i], NULL, fetch_some, &crowd[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(crowd[i].fine, 10);
    }
    assert_int_equal(server_connections(w->server), 8);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_special_address_is_refused_and_its_neighbours_are_not),
        cmocka_unit_test(ipv6_is_public_only_where_the_internet_is),
        TEST(no_way_to_write_a_private_address_gets_through),
        TEST(odd_urls_are_refused),
        TEST(a_reply_has_status_type_body_and_url),
        TEST(methods_bodies_and_headers_arrive),
        TEST(cookies_and_proxies_of_the_environment_are_ignored),
        TEST(connections_are_kept_but_never_shared_with_guarded_requests),
        TEST(replies_without_end_are_cut),
        TEST(slow_and_silent_servers_time_out),
        TEST(broken_replies_and_closed_ports_are_failures),
        TEST(redirects_are_followed_only_when_asked_for_and_not_for_ever),
        TEST(a_redirect_to_a_private_address_is_refused),
        TEST(redirects_change_method_as_browsers_do),
        TEST(credentials_stay_with_the_server_they_were_meant_for),
        TEST(only_trusted_certificates_do_and_https_stays_https),
        TEST(threads_fetch_side_by_side),
    };
    signal(SIGPIPE, SIG_IGN); /* as the program does */
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
