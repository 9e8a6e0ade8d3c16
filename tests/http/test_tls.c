/* The same server behind TLS: its own certificate, made for the test. */
#include "testapp.h"

#include "http/http_server.h"
#include "raw.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static HttpServer *server;
static uint16_t    port;
static char        cert_path[64], key_path[64];

static void write_certificate(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509     *x = X509_new();
    assert_non_null(key);
    assert_non_null(x);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                               (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    snprintf(cert_path, sizeof cert_path, "/tmp/rapport-test-cert-%d.pem", (int)getpid());
    snprintf(key_path, sizeof key_path, "/tmp/rapport-test-key-%d.pem", (int)getpid());
    FILE *f = fopen(cert_path, "we");
    assert_non_null(f);
    assert_int_equal(PEM_write_X509(f, x), 1);
    fclose(f);
    f = fopen(key_path, "we");
    assert_non_null(f);
    assert_int_equal(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(f);
    X509_free(x);
    EVP_PKEY_free(key);
}

static int begin(void **state)
{
    Err err;
    (void)state;
    log_min_level = LOG_ERROR + 1;
    write_certificate();
    testapp_begin();
    assert_ok(
        http_server_start(
            &(HttpServerOptions){.tls_cert = cert_path, .tls_key = key_path, .heartbeat = {100}},
            &testapp, &server, &err),
        &err);
    port = http_server_port(server);
    return 0;
}

static int end(void **state)
{
    (void)state;
    http_server_stop(server);
    server = NULL;
    testapp_end();
    unlink(cert_path);
    unlink(key_path);
    return 0;
}

typedef struct Tls {
    SSL_CTX *ctx;
    SSL     *ssl;
    int      fd;
} Tls;

static Tls tls_open(void)
{
    Tls            t = {.fd = raw_connect(port)};
    struct timeval limit = {.tv_sec = 10};
    assert_true(t.fd >= 0);
    setsockopt(t.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    t.ctx = SSL_CTX_new(TLS_client_method());
    t.ssl = SSL_new(t.ctx);
    SSL_set_fd(t.ssl, t.fd);
    assert_int_equal(SSL_connect(t.ssl), 1);
    return t;
}

static void tls_close(Tls *t)
{
    SSL_free(t->ssl);
    SSL_CTX_free(t->ctx);
    close(t->fd);
}

/* Read until `text` came. */
static void assert_comes(Tls *t, const char *text, Buf *b)
{
    char block[4096];
    while (b->ptr == NULL || memmem(b->ptr, b->len, text, strlen(text)) == NULL) {
        int n = SSL_read(t->ssl, block, sizeof block);
        if (n <= 0)
            fail_msg("%s did not come, but " STR_FMT, text, STR_ARG(buf_str(b)));
        buf_add(b, (Str){block, (size_t)n});
    }
}

static void say(Tls *t, const char *text)
{
    assert_int_equal(SSL_write(t->ssl, text, (int)strlen(text)), (int)strlen(text));
}

static void requests_are_answered_over_tls(void **state)
{
    CLEANUP(buf_done) Buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    Tls t = tls_open();
    assert_true(SSL_version(t.ssl) >= TLS1_2_VERSION);
    say(&t, "GET /fast HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "fast over tls", &b);
    assert_non_null(memmem(b.ptr, b.len, "\r\nStrict-Transport-Security: max-age=", 37));
    buf_clear(&b);
    say(&t, "POST /login HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "\r\n\r\n", &b);
    assert_non_null(memmem(b.ptr, b.len, "Set-Cookie: __Host-sid=s42;", 27));
    buf_clear(&b);
    say(&t, "GET /work HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "fast over tls", &b);
    tls_close(&t);
}

static void big_bodies_go_both_ways_over_tls(void **state)
{
    CLEANUP(buf_done) Buf b;
    static char           bytes[400000];
    (void)state;
    buf_init(&b, 8 << 20);
    Tls t = tls_open();
    say(&t, "GET /big?n=3000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "\r\n\r\n", &b);
    size_t head = (size_t)((char *)memmem(b.ptr, b.len, "\r\n\r\n", 4) - b.ptr) + 4;
    while (b.len < head + 3000000) {
        int n = SSL_read(t.ssl, bytes, sizeof bytes);
        assert_true(n > 0);
        buf_add(&b, (Str){bytes, (size_t)n});
    }
    assert_int_equal(b.ptr[head + 2999999], 'a' + 2999999 % 26);
    buf_clear(&b);
    memset(bytes, 'x', sizeof bytes);
    say(&t, "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 400000\r\n\r\n");
    assert_int_equal(SSL_write(t.ssl, bytes, sizeof bytes), (int)sizeof bytes);
    assert_comes(&t, " file", &b);
    assert_non_null(memmem(b.ptr, b.len, "\r\n\r\n400000 ", 11));
    buf_clear(&b);
    say(&t, "GET /file HTTP/1.1\r\nHost: x\r\nRange: bytes=10-13\r\n\r\n");
    assert_comes(&t, "\r\n\r\n0123", &b);
    assert_memory_equal(b.ptr, "HTTP/1.1 206", 12);
    tls_close(&t);
}

static void streams_work_over_tls(void **state)
{
    CLEANUP(buf_done) Buf b;
    (void)state;
    buf_init(&b, 1 << 20);
    Tls t = tls_open();
    say(&t, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "event: hello", &b);
    for (int i = 0; i < 20; i++) {
        char text[32], line[48];
        snprintf(text, sizeof text, "number %d", i);
        snprintf(line, sizeof line, "data: number %d\n", i);
        http_topic_publish(testapp_topic, &(HttpEvent){.data = str_from_cstr(text)});
        assert_comes(&t, line, &b);
    }
    assert_comes(&t, ":\n\n", &b); /* a heartbeat */
    tls_close(&t);
    for (int i = 0; i < 5000 && http_topic_size(testapp_topic) > 0; i++)
        (void)usleep(1000); /* a heartbeat finds out that nobody listens */
    assert_int_equal(http_topic_size(testapp_topic), 0);
}

static void streams_over_tls_end_with_the_server(void **state)
{
    CLEANUP(buf_done) Buf b;
    char                  block[4096];
    (void)state;
    buf_init(&b, 1 << 20);
    Tls t = tls_open();
    say(&t, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_comes(&t, "event: hello", &b);
    http_server_stop(server);
    int n = 1;
    while (n > 0)
        n = SSL_read(t.ssl, block, sizeof block);
    tls_close(&t);
    Err err; /* for end() */
    assert_ok(http_server_start(&(HttpServerOptions){0}, &testapp, &server, &err), &err);
}

static void plain_http_and_noise_are_turned_away(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        int fd = raw_connect(port);
        (void)raw_send(fd,
                       i % 2 ? STR("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n") : STR("\x16\x03\x01"));
        if (i % 2)
            assert_true(raw_closes(fd, 5000));
        close(fd);
    }
    requests_are_answered_over_tls(state);
}

#define TEST_TLS(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TLS(requests_are_answered_over_tls),
        TEST_TLS(big_bodies_go_both_ways_over_tls),
        TEST_TLS(streams_work_over_tls),
        TEST_TLS(streams_over_tls_end_with_the_server),
        TEST_TLS(plain_http_and_noise_are_turned_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
