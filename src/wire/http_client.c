#include "wire/http_client.h"

#include "base/fault.h"
#include "wire/address.h"
#include "wire/http_client_int.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    URL_MAX = 8192,
    REPLY_MAX = 8 << 20,
    REPLY_HEADERS_MAX = 256 << 10,
    CONNECTIONS_KEPT = 4, /* per thread and kind */
    CONNECT_MS = 10000
};

/* libcurl may use a kept connection again without asking the guard, so those that may lead
 * into private networks live in a handle of their own. */
typedef struct Handles {
    CURL *guarded;
    CURL *open;
} Handles;

typedef struct Fetch { /* one fetch, over all its redirects */
    const HttpClientRequest *rq;
    const char              *method;
    Str                      body;
    CURLU                   *url;
    Buf                      reply;
    size_t                   header_bytes;
    char                     retry_after[32];
    bool                     private_refused;
    bool                     foreign; /* redirected away from where the caller aimed */
    UnixMs                   deadline;
} Fetch;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t  handles_key;

#ifdef FAULT_INJECTION
int         http_client_test_port; /* see http_client_int.h */
const char *http_client_test_ca;
#endif

static void handles_free(void *p)
{
    Handles *h = p;
    curl_easy_cleanup(h->guarded);
    curl_easy_cleanup(h->open);
    free(h);
}

static void init_once(void)
{
    CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);
    ASSERT(rc == CURLE_OK);
    int key = pthread_key_create(&handles_key, handles_free);
    ASSERT(key == 0);
}

static CURL *thread_handle(bool open)
{
    pthread_once(&once, init_once);
    Handles *h = pthread_getspecific(handles_key);
    if (h == NULL) {
        h = calloc(1, sizeof *h);
        if (h == NULL)
            base_out_of_memory(sizeof *h);
        int rc = pthread_setspecific(handles_key, h);
        ASSERT(rc == 0);
    }
    CURL **slot = open ? &h->open : &h->guarded;
    if (*slot == NULL)
        *slot = curl_easy_init();
    if (*slot == NULL)
        base_out_of_memory(0);
    return *slot;
}

void http_client_thread_done(void)
{
    pthread_once(&once, init_once);
    Handles *h = pthread_getspecific(handles_key);
    if (h == NULL)
        return;
    pthread_setspecific(handles_key, NULL);
    handles_free(h);
}

/* --- what libcurl calls while it works ------------------------------------------------------- */

static bool address_allowed(const struct curl_sockaddr *to)
{
    if (to->family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&to->addr;
#ifdef FAULT_INJECTION
        if (http_client_test_port != 0 && ntohs(in->sin_port) == http_client_test_port)
            return true;
#endif
        return address_v4_is_public((const uint8_t *)&in->sin_addr);
    }
    if (to->family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&to->addr;
        return address_v6_is_public(in6->sin6_addr.s6_addr);
    }
    return false;
}

static curl_socket_t on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    Fetch *f = arg;
    if (purpose != CURLSOCKTYPE_IPCXN || (to->family != AF_INET && to->family != AF_INET6))
        return CURL_SOCKET_BAD;
    if (!f->rq->allow_private && !address_allowed(to)) {
        f->private_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type that libcurl asks for */
static size_t on_body(char *bytes, size_t one, size_t n, void *arg)
{
    Fetch *f = arg;
    buf_add(&f->reply, (Str){bytes, one * n});
    return buf_overflowed(&f->reply) ? 0 : one * n;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type that libcurl asks for */
static size_t on_header(char *bytes, size_t one, size_t n, void *arg)
{
    static const char NAME[] = "retry-after:";
    Fetch            *f = arg;
    Str               line = {bytes, one * n};
    if (line.len >= sizeof NAME - 1 && strncasecmp(bytes, NAME, sizeof NAME - 1) == 0) {
        Str value = str_head(str_trim(str_skip(line, sizeof NAME - 1)), sizeof f->retry_after - 1);
        memcpy(f->retry_after, value.ptr, value.len);
        f->retry_after[value.len] = '\0';
    }
    f->header_bytes += one * n;
    return f->header_bytes > REPLY_HEADERS_MAX ? 0 : one * n;
}

/* --- the request ----------------------------------------------------------------------------- */

static bool has_control(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c == 0x7f)
            return true;
    }
    return false;
}

/* Set f->url from `text`, relative to what it held. */
static Status url_set(Fetch *f, const char *text, Err *err)
{
    CURLUcode rc = curl_url_set(f->url, CURLUPART_URL, text, CURLU_DISALLOW_USER);
    if (rc != CURLUE_OK)
        return err_set(err, ST_INVALID, "wire.bad_url", "%s", curl_url_strerror(rc));
    char *scheme = NULL;
    rc = curl_url_get(f->url, CURLUPART_SCHEME, &scheme, 0);
    bool web = rc == CURLUE_OK && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    if (!web)
        return err_set(err, ST_INVALID, "wire.bad_url", "only http and https are fetched");
    return ST_OK;
}

static Status check_request(const HttpClientRequest *rq, Err *err)
{
    static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    if (rq->url.len == 0 || rq->url.len > URL_MAX || has_control(rq->url))
        return err_set(err, ST_INVALID, "wire.bad_url",
                       "the URL is empty, too long or has control characters");
    for (size_t i = 0; i < rq->nheaders; i++) {
        const HttpClientHeader *h = &rq->headers[i];
        if (h->name.len == 0 || has_control(h->name) || has_control(h->value))
            return err_set(err, ST_INVALID, "wire.bad_header",
                           "a header is empty or has control characters");
    }
    bool known = rq->method == NULL;
    for (size_t i = 0; i < COUNT_OF(METHODS); i++)
        known = known || strcmp(rq->method, METHODS[i]) == 0;
    ASSERT(known);
    return ST_OK;
}

/* Credentials go only to the server that the caller named. */
static bool goes_along(const Fetch *f, Str name)
{
    static const char *const SECRET[] = {"authorization", "cookie", "proxy-authorization",
                                         "x-api-key"};
    for (size_t i = 0; f->foreign && i < COUNT_OF(SECRET); i++)
        if (name.len == strlen(SECRET[i]) && strncasecmp(name.ptr, SECRET[i], name.len) == 0)
            return false;
    return true;
}

static void slist_done(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static void add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        base_out_of_memory(strlen(line));
    *list = longer;
}

static void headers_of(const Fetch *f, Arena *a, struct curl_slist **list)
{
    add_header(list, "Expect:"); /* no waiting for 100 Continue */
    for (size_t i = 0; i < f->rq->nheaders; i++) {
        const HttpClientHeader *h = &f->rq->headers[i];
        if (!goes_along(f, h->name))
            continue;
        size_t room = h->name.len + h->value.len + 3;
        char  *line = arena_array(a, char, room);
        /* "Name;" is libcurl's way to send a header without a value. */
        snprintf(line, room, h->value.len > 0 ? STR_FMT ": " STR_FMT : STR_FMT ";" STR_FMT,
                 STR_ARG(h->name), STR_ARG(h->value));
        add_header(list, line);
    }
}

static void set_method(CURL *c, const Fetch *f)
{
    if (strcmp(f->method, "GET") == 0)
        return;
    if (strcmp(f->method, "HEAD") == 0) {
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
        return;
    }
    if (strcmp(f->method, "DELETE") != 0 || f->body.len > 0) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, f->body.len > 0 ? f->body.ptr : "");
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)f->body.len);
    }
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, f->method);
}

static void set_options(CURL *c, Fetch *f, struct curl_slist *headers, SpanMs left)
{
    curl_easy_reset(c); /* keeps connections and TLS sessions */
    curl_easy_setopt(c, CURLOPT_CURLU, f->url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L); /* by hand: each hop is judged anew */
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, f);
    curl_easy_setopt(c, CURLOPT_PROXY, ""); /* whatever the environment says */
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
#ifdef FAULT_INJECTION
    if (http_client_test_ca != NULL)
        curl_easy_setopt(c, CURLOPT_CAINFO, http_client_test_ca);
#endif
    curl_easy_setopt(c, CURLOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)left.v);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)(left.v < CONNECT_MS ? left.v : CONNECT_MS));
    curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->reply.max);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Rapport");
    set_method(c, f);
}

static Status explain(const Fetch *f, CURLcode rc, Err *err)
{
    if (rc == CURLE_OK)
        return ST_OK;
    if (f->private_refused && rc == CURLE_COULDNT_CONNECT)
        return err_set(err, ST_DENIED, "wire.private_address",
                       "the address is not on the public internet");
    if (rc == CURLE_FILESIZE_EXCEEDED || buf_overflowed(&f->reply))
        return err_set(err, ST_LIMIT, "wire.too_big", "the reply has more than %zu bytes",
                       f->reply.max);
    if (f->header_bytes > REPLY_HEADERS_MAX)
        return err_set(err, ST_LIMIT, "wire.too_big", "the reply's headers are too long");
    if (rc == CURLE_OPERATION_TIMEDOUT)
        return err_set(err, ST_BUSY, "wire.timeout", "no complete reply in %lld ms",
                       (long long)f->rq->timeout.v);
    return err_set(err, ST_IO, "wire.failed", "%s", curl_easy_strerror(rc));
}

/* --- redirects ------------------------------------------------------------------------------- */

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Scheme, host and port of f->url, in the arena. */
static Status origin_of(const Fetch *f, Arena *a, Str *ret, Err *err)
{
    static const CURLUPart PARTS[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    CLEANUP(buf_done) Buf  b;
    buf_init(&b, URL_MAX);
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        char *text = NULL;
        if (curl_url_get(f->url, PARTS[i], &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
            return err_set(err, ST_INVALID, "wire.bad_url", "the URL has no host");
        buf_add(&b, str_from_cstr(text));
        buf_addc(&b, ' ');
        curl_free(text);
    }
    *ret = str_dup(a, buf_str(&b));
    return ST_OK;
}

static Status follow(Fetch *f, Arena *a, const char *location, long status, Err *err)
{
    Str from, to;
    if (strlen(location) > URL_MAX)
        return err_set(err, ST_INVALID, "wire.bad_url", "redirected to a URL that is too long");
    TRY(origin_of(f, a, &from, err));
    TRY(url_set(f, location, err));
    TRY(origin_of(f, a, &to, err));
    if (str_starts(from, STR("https ")) && !str_starts(to, STR("https ")))
        return err_set(err, ST_DENIED, "wire.downgrade", "redirected from https to http");
    f->foreign = f->foreign || !str_eq(from, to);
    bool keep = status == 307 || status == 308 || strcmp(f->method, "HEAD") == 0;
    if (!keep) {
        f->method = "GET";
        f->body = (Str){0};
    }
    return ST_OK;
}

static Status reply_take(CURL *c, const Fetch *f, Arena *a, long status, HttpClientReply *ret)
{
    char *type = NULL;
    char *url = NULL;
    curl_easy_getinfo(c, CURLINFO_CONTENT_TYPE, &type);
    curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url);
    *ret = (HttpClientReply){.status = (int)status,
                             .type = str_dup(a, str_from_cstr(type)),
                             .body = str_dup(a, buf_str(&f->reply)),
                             .url = str_dup(a, str_from_cstr(url)),
                             .retry_after = str_dup(a, str_from_cstr(f->retry_after))};
    return ST_OK;
}

static int64_t monotonic_ms(void)
{
    struct timespec ts;
    int             rc = clock_gettime(CLOCK_MONOTONIC, &ts);
    ASSERT(rc == 0);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static Status perform(CURL *c, Fetch *f, Arena *a, long *ret_status, Err *err)
{
    SpanMs left = {f->deadline.v - monotonic_ms()};
    if (left.v <= 0)
        return explain(f, CURLE_OPERATION_TIMEDOUT, err);
    if (fault_hit())
        return err_set(err, ST_IO, "wire.failed", "injected fault");
    CLEANUP(slist_done) struct curl_slist *headers = NULL;
    headers_of(f, a, &headers);
    buf_clear(&f->reply);
    f->header_bytes = 0;
    f->retry_after[0] = '\0';
    f->private_refused = false;
    set_options(c, f, headers, left);
    CURLcode rc = curl_easy_perform(c);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
    TRY(explain(f, rc, err));
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
    return ST_OK;
}

static Status run(CURL *c, Fetch *f, Arena *a, HttpClientReply *ret, Err *err)
{
    for (int hops = 0;; hops++) {
        long  status = 0;
        char *location = NULL;
        TRY(perform(c, f, a, &status, err));
        curl_easy_getinfo(c, CURLINFO_REDIRECT_URL, &location);
        if (!is_redirect(status) || location == NULL || f->rq->redirects == 0)
            return reply_take(c, f, a, status, ret);
        if (hops == f->rq->redirects)
            return err_set(err, ST_LIMIT, "wire.too_many_redirects", "more than %d redirects",
                           f->rq->redirects);
        TRY(follow(f, a, location, status, err));
    }
}

Status http_client_fetch(Arena *a, const HttpClientRequest *rq, HttpClientReply *ret, Err *err)
{
    TRY(check_request(rq, err));
    HttpClientRequest full = *rq;
    if (full.timeout.v == 0)
        full.timeout = SPAN_SECONDS(15);
    CURL *c = thread_handle(rq->allow_private);
    Fetch f = {.rq = &full,
               .method = rq->method == NULL ? "GET" : rq->method,
               .body = rq->body,
               .url = curl_url(),
               .deadline = {monotonic_ms() + full.timeout.v}};
    if (f.url == NULL)
        base_out_of_memory(0);
    buf_init(&f.reply, rq->reply_max == 0 ? REPLY_MAX : rq->reply_max);
    Status st = url_set(&f, str_cstr(a, rq->url), err);
    if (st == ST_OK)
        st = run(c, &f, a, ret, err);
    curl_easy_reset(c); /* let go of what lives on this stack */
    curl_url_cleanup(f.url);
    buf_done(&f.reply);
    return st;
}
