/* shared_http.h - what the routes of this folder share. */
#pragma once

#include "catalog/list.h"
#include "http/http_etag.h"
#include "http/page.h"

/* Which sorts a list has: "created" always; with these more. */
enum { SORT_UPDATED = 1, SORT_TITLE = 2, SORT_COLLECTION = 4 };

/* limit, cursor and sort ("title", "-updated" …) of the query. */
NODISCARD Status slice_read(Cx *cx, const HttpReq *rq, unsigned sorts, Page *page,
                            CatalogSlice *ret);

/* The ids of the rows that are shown, in the order read. */
CatalogIds slice_ids(Cx *cx, const Page *page, const CatalogKeyedList *keys);

/* Structs in the order of slice_ids(); those that went away in between are left out. */
typedef struct ShapeRows {
    const Shape *shape;
    const void  *items;
    size_t       n;
    const bool  *wanted; /* of its fields; NULL: all */
} ShapeRows;

void slice_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const CatalogSlice *s, const Page *page,
                 const CatalogKeyedList *keys, ShapeRows rows);

NODISCARD Status query_enum(Cx *cx, const HttpReq *rq, const char *name, const char *const *names,
                            int *ret); /* index + 1; 0: absent */
NODISCARD Status query_time(Cx *cx, const HttpReq *rq, const char *name, OptTime *ret);
/* "ids=prd_1,prd_2": at most PAGE_LIMIT_MAX; *ret_ids NULL when absent. */
NODISCARD Status query_ids(Cx *cx, const HttpReq *rq, const char *prefix, const int64_t **ret_ids,
                           size_t *ret_n);

/* "fields=id,title": which of the shape's fields to write; NULL: all. */
NODISCARD Status query_fields(Cx *cx, const HttpReq *rq, const Shape *shape, const bool **ret);
