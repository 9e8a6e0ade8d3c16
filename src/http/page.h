/* page.h - cursor pagination, the same for every list of the API.
 *
 *      GET /api/v1/products?limit=50&after=CURSOR
 *      {"data":[…],"page":{"next":"…","prev":null,"has_more":true}}
 *
 * A cursor is the sort key and id of the last row shown, with a MAC over them, the path
 * and the other query parameters: clients cannot make one, and one that was altered or
 * belongs to another list or filter is ST_INVALID "http.bad_cursor". Order is (key, id),
 * stable.
 *
 *      Page page;
 *      TRY(page_read(cx, rq, &page));
 *      TRY(catalog_tag_list(cx, &page, &rows, &n));       // up to page.limit + 1 rows
 *      page_reply(cx, rq, rs, &page, rows, n, tag_key);   // tag_key: PageKeyFn
 */
#pragma once

#include "http/http.h"

enum { PAGE_LIMIT = 50, PAGE_LIMIT_MAX = 250 };

typedef struct PageKey {
    Str     text; /* the sort key of a row: text … */
    int64_t i64;  /* … or number */
    int64_t id;
} PageKey;

typedef struct Page {
    int64_t limit;     /* rows to show; ask the database for limit + 1 */
    bool    has_after; /* a cursor was sent: after or before */
    bool    backwards; /* `before` was sent: read in the opposite order */
    Str     key;       /* sort key of the row to go on from: text … */
    int64_t key_i64;   /* … or number */
    int64_t id;
} Page;

/* Read limit, after and before from the query. */
NODISCARD Status page_read(Cx *cx, const HttpReq *rq, Page *ret);

typedef PageKey PageKeyFn(const void *row);

/* The whole reply. `rows` are `n` structs of route->out in the order read: the rows behind
 * the cursor, at most limit + 1; if backwards, nearest first (they are turned around). */
void page_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const Page *page, const void *rows,
                size_t n, PageKeyFn *key);

/* The same by hand. Begin {"data":[ ; the handler writes the elements with
 * shape_write(&j, NULL, …). */
Json page_begin(HttpResp *rs);

/* End it. Pass cursors made by page_cursor(), absent where there is no such page;
 * has_more tells whether there is a next one. */
void page_end(Json *j, Str next, Str prev);

Str page_cursor(Cx *cx, const HttpReq *rq, PageKey key);
