/* Header values that clients and proxies write: ranges, codings, tags, addresses, lists,
 * keys. The first byte says of which size the file is. */
#include "http/http_csrf.h"
#include "http/http_encode.h"
#include "http/http_etag.h"
#include "http/http_form.h"
#include "http/http_idempotency.h"
#include "http/http_int.h"
#include "http/proxy_int.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_range(Str value, int64_t size)
{
    HttpRange r = http_range(value, (Str){0}, STR("\"e\""), size);
    ASSERT(r.none || (r.first >= 0 && r.n >= 0 && r.first + r.n <= size));
    ASSERT(!r.partial || r.n > 0);
    ASSERT(r.partial || r.none || (r.first == 0 && r.n == size));
    r = http_range(STR("bytes=0-0"), value, STR("\"e\""), size);
    ASSERT(r.none || r.n <= size);
}

static void check_list(Str value)
{
    Str rest = value, item;
    while (http_list_next(&rest, &item))
        ASSERT(item.len > 0 && item.ptr >= value.ptr &&
               item.ptr + item.len <= value.ptr + value.len);
}

static void check_address(Str value)
{
    char   room[IP_TEXT];
    Ip     ip, again;
    Cidrs  list;
    Err    err;
    char   z[256];
    size_t n = value.len < sizeof z - 1 ? value.len : sizeof z - 1;
    if (ip_parse(value, &ip)) {
        ASSERT(ip_parse(ip_text(&ip, room), &again));
        ASSERT(memcmp(ip.bytes, again.bytes, sizeof ip.bytes) == 0);
    }
    if (n > 0)
        memcpy(z, value.ptr, n);
    z[n] = '\0';
    if (cidrs_read(z, &list, &err) == ST_OK && list.n > 0)
        ASSERT(cidrs_have(&list, &list.items[0].net));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char SECRET[32];
    CLEANUP(arena_done) Arena  a;
    int64_t                    rev = 0;
    http_secret_set(SECRET);
    arena_init(&a, 1024);
    if (size == 0)
        return 0;
    Cx  cx = {.arena = &a};
    Str value = str_dup(&a, (Str){(const char *)data + 1, size - 1});
    check_range(value, data[0]);
    check_list(value);
    check_address(value);
    HttpCoding c = http_coding_pick(value, 1U << HTTP_GZIP | 1U << HTTP_ZSTD);
    ASSERT(c == HTTP_PLAIN || c == HTTP_GZIP || c == HTTP_ZSTD);
    HttpPair h[] = {{STR("If-Match"), value},
                    {STR("X-Forwarded-For"), value},
                    {STR("X-Forwarded-Proto"), value},
                    {STR("Origin"), value},
                    {STR("Host"), STR("shop")}};
    HttpReq  rq = {.headers = h, .nheaders = COUNT_OF(h)};
    if (http_if_match_rev(&cx, &rq, &rev) == ST_OK)
        ASSERT(rev >= 0);
    (void)http_etag_listed(value, STR("\"e\""), true);
    (void)http_etag_listed(STR("\"e\""), value, false);
    Cidrs all = {.n = 1};
    (void)proxied_client(&all, &rq, (Ip){{0}});
    (void)proxied_tls(&rq);
    if (http_same_origin(&rq))
        ASSERT(value.len > 4);
    Str boundary = http_header_param(&a, value, STR("boundary"));
    ASSERT(boundary.len <= value.len);
    ASSERT(lang_accept(value, LANG_NL) < LANGS);
    ASSERT(!http_csrf_check(value, 7)); /* nobody guesses a MAC */
    (void)http_body_print(&a, value);
    return 0;
}
