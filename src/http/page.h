/* page.h - cursor pagination, the same for every list of the API.
 *
 *      GET /api/v1/products?limit=50&after=CURSOR
 *      {"data":[…],"page":{"next":"…","prev":null,"has_more":true}}
 *
 * A cursor is the sort key and id of the last row shown, with a MAC: clients cannot make
 * one, and an altered one is ST_INVALID "http.bad_cursor". Order is (key, id), stable. */
#pragma once

#include "http/http.h"

enum { PAGE_LIMIT = 50, PAGE_LIMIT_MAX = 250 };

typedef struct Page {
    int64_t limit; /* rows to show; ask the database for limit + 1 */
    bool    has_after;
    bool    backwards; /* `before` was sent: read in the opposite order, then turn around */
    Str     key;       /* sort key of the row to go on from: text … */
    int64_t key_i64;   /* … or number */
    int64_t id;
} Page;

/* Read limit, after and before from the query. */
NODISCARD Status page_read(Cx *cx, const HttpReq *rq, Page *ret);

/* Begin {"data":[ ; the handler writes the elements with shape_write(j, NULL, …). */
Json page_begin(HttpResp *rs);

/* End it. Pass cursors made by page_cursor(), absent where there is no such page. */
void page_end(Json *j, Str next, Str prev);
Str  page_cursor(Cx *cx, Str key, int64_t key_i64, int64_t id);
