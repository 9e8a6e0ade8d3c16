#include "http/page.h"

#include "http/http_int.h"

#include <sodium.h>
#include <string.h>

/* A cursor is base64url of: MAC, a byte that says whether there is a text, id, number,
 * text. */
enum {
    KEY_TEXT_MAX = 4096,
    HEAD_BYTES = 17,
    CURSOR_MAX = HTTP_MAC_BYTES + HEAD_BYTES + KEY_TEXT_MAX
};

/* What a cursor is bound to: the path and the query without the members that move along
 * the list, in any order. */
static uint64_t list_print(const HttpReq *rq)
{
    uint64_t sum = 0;
    Str      rest = rq->query, name, value;
    while (http_query_next(&rest, &name, &value)) {
        if (str_eq(name, STR("limit")) || str_eq(name, STR("after")) || str_eq(name, STR("before")))
            continue;
        unsigned char mac[HTTP_MAC_BYTES];
        uint64_t      part;
        Str           pair = name; /* and its value, which stands behind it */
        if (value.len > 0)
            pair.len = (size_t)(value.ptr + value.len - name.ptr);
        http_mac("page.filter", pair, mac);
        memcpy(&part, mac, sizeof part);
        sum += part;
    }
    return sum;
}

static void sign(const HttpReq *rq, Str payload, unsigned char mac[HTTP_MAC_BYTES])
{
    CLEANUP(buf_done) Buf b;
    uint64_t              print = list_print(rq);
    buf_init(&b, CURSOR_MAX + HTTP_MAX_TARGET + sizeof print);
    buf_add(&b, (Str){(const char *)&print, sizeof print});
    buf_add(&b, payload);
    buf_add(&b, rq->path);
    ASSERT(!buf_overflowed(&b));
    http_mac("page", buf_str(&b), mac);
}

Str page_cursor(Cx *cx, const HttpReq *rq, PageKey key)
{
    ASSERT(key.text.len <= KEY_TEXT_MAX);
    size_t         n = HTTP_MAC_BYTES + HEAD_BYTES + key.text.len;
    unsigned char *bytes = arena_array(cx->arena, unsigned char, n);
    unsigned char *payload = bytes + HTTP_MAC_BYTES;
    payload[0] = key.text.ptr != NULL;
    memcpy(payload + 1, &key.id, 8);
    memcpy(payload + 9, &key.i64, 8);
    if (key.text.ptr != NULL)
        memcpy(payload + HEAD_BYTES, key.text.ptr, key.text.len);
    sign(rq, (Str){(const char *)payload, n - HTTP_MAC_BYTES}, bytes);
    return http_base64(cx->arena, bytes, n);
}

static Status read_cursor(Cx *cx, const HttpReq *rq, Str text, Page *page)
{
    unsigned char mac[HTTP_MAC_BYTES];
    size_t        n = 0;
    char         *bytes = arena_array(cx->arena, char, text.len + 1);
    bool          fine = text.len <= 2U * CURSOR_MAX && http_unbase64(text, bytes, text.len, &n) &&
                n >= HTTP_MAC_BYTES + HEAD_BYTES;
    if (fine) {
        sign(rq, (Str){bytes + HTTP_MAC_BYTES, n - HTTP_MAC_BYTES}, mac);
        fine = sodium_memcmp(mac, bytes, sizeof mac) == 0;
    }
    if (!fine)
        return cx_fail(cx, ST_INVALID, "http.bad_cursor",
                       "the cursor was not made by this list with these filters");
    const char *payload = bytes + HTTP_MAC_BYTES;
    memcpy(&page->id, payload + 1, 8);
    memcpy(&page->key_i64, payload + 9, 8);
    if (payload[0] != 0)
        page->key = (Str){payload + HEAD_BYTES, n - HTTP_MAC_BYTES - HEAD_BYTES};
    page->has_after = true;
    return ST_OK;
}

Status page_read(Cx *cx, const HttpReq *rq, Page *ret)
{
    Page page = {0};
    Str  after = {0}, before = {0};
    TRY(http_query_i64(cx, rq, STR("limit"), 1, PAGE_LIMIT_MAX, PAGE_LIMIT, &page.limit));
    TRY(http_query(cx, rq, STR("after"), (Str){0}, &after));
    TRY(http_query(cx, rq, STR("before"), (Str){0}, &before));
    if (after.ptr != NULL && before.ptr != NULL)
        return cx_fail(cx, ST_INVALID, "http.bad_param", "either after or before, not both");
    page.backwards = before.ptr != NULL;
    Str cursor = page.backwards ? before : after;
    if (cursor.ptr != NULL)
        TRY(read_cursor(cx, rq, cursor, &page));
    *ret = page;
    return ST_OK;
}

Json page_begin(HttpResp *rs)
{
    Json j = json_begin(&rs->body);
    json_obj(&j, NULL);
    json_arr(&j, "data");
    return j;
}

static void cursor_or_null(Json *j, const char *key, Str cursor)
{
    if (cursor.len > 0)
        json_str(j, key, cursor);
    else
        json_null(j, key);
}

void page_end(Json *j, Str next, Str prev)
{
    json_end(j);
    json_obj(j, "page");
    cursor_or_null(j, "next", next);
    cursor_or_null(j, "prev", prev);
    json_bool(j, "has_more", next.len > 0);
    json_end(j);
    json_end(j);
}

void page_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const Page *page, const void *rows,
                size_t n, PageKeyFn *key)
{
    const Shape *shape = rq->route->out;
    size_t       limit = (size_t)page->limit;
    bool         more = n > limit;
    size_t       shown = more ? limit : n;
    Str          next = {0}, prev = {0};
    Json         j = page_begin(rs);
    ASSERT(shape != NULL);
    const char *first = rows; /* of those shown, as read */
    const char *last = shown > 0 ? first + (shown - 1) * shape->size : first;
    for (size_t i = 0; i < shown; i++)
        shape_write(&j, NULL, shape,
                    page->backwards ? last - i * shape->size : first + i * shape->size);
    if (shown > 0 && page->backwards) {
        next = page_cursor(cx, rq, key(first));
        if (more)
            prev = page_cursor(cx, rq, key(last));
    } else if (shown > 0) {
        if (more)
            next = page_cursor(cx, rq, key(last));
        if (page->has_after)
            prev = page_cursor(cx, rq, key(first));
    }
    page_end(&j, next, prev);
}
