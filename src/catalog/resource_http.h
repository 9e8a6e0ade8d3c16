/* resource_http.h - create, read, change and delete, alike for all things that have an id. */
#pragma once

#include "http/http.h"

typedef struct Resource {
    const char  *path;   /* "/api/v1/pages" */
    const char  *prefix; /* of its ids */
    const Shape *shape;
    size_t       id_at, rev_at; /* offsets; rev_at SIZE_MAX: it has none */
    Status (*get)(Cx *cx, int64_t id, void *ret);
    Status (*create)(Cx *cx, void *in); /* *in becomes the result */
    Status (*update)(Cx *cx, int64_t id, int64_t rev, void *in);
    Status (*remove)(Cx *cx, int64_t id, int64_t rev);
} Resource;

Status resource_get(Cx *cx, const HttpReq *rq, HttpResp *rs);
Status resource_post(Cx *cx, const HttpReq *rq, HttpResp *rs);
Status resource_patch(Cx *cx, const HttpReq *rq, HttpResp *rs);
Status resource_delete(Cx *cx, const HttpReq *rq, HttpResp *rs);

/* Reply with *value, with its ETag. */
void resource_reply(Cx *cx, const HttpReq *rq, HttpResp *rs, const Resource *r, const void *value);

extern const Resource resource_pages, resource_blogs, resource_articles, resource_menus,
    resource_redirects, resource_collections, resource_price_lists, resource_attributes,
    resource_products, resource_synonyms, resource_query_redirects, resource_search_rules;

/* --- entries of route tables -------------------------------------------------------------- */

#define READ  "catalog.read"
#define WRITE "catalog.write"

/* The five routes that all things with an id have. */
#define GET_ONE(url, shape_, what)                                                                 \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url "/:id"), .handler = resource_get,              \
        .permission = READ, .out = &(shape_), .summary = "One " what                               \
    }
#define POST_ONE(url, shape_, what)                                                                \
    {                                                                                              \
        .method = HTTP_POST, .pattern = STR_INIT(url), .handler = resource_post,                   \
        .permission = WRITE, .flags = HTTP_IDEMPOTENT | HTTP_ONE_TX, .body = HTTP_BODY_JSON,       \
        .in = &(shape_), .out = &(shape_), .status = 201, .summary = "Make a " what                \
    }
#define PATCH_ONE(url, shape_, what)                                                               \
    {                                                                                              \
        .method = HTTP_PATCH, .pattern = STR_INIT(url "/:id"), .handler = resource_patch,          \
        .permission = WRITE, .body = HTTP_BODY_JSON, .mode = SHAPE_PATCH, .in = &(shape_),         \
        .out = &(shape_), .summary = "Change a " what                                              \
    }
#define DELETE_ONE(url, what)                                                                      \
    {                                                                                              \
        .method = HTTP_DELETE, .pattern = STR_INIT(url "/:id"), .handler = resource_delete,        \
        .permission = WRITE, .status = 204, .summary = "Delete a " what                            \
    }
#define LIST_ALL(url, handler_, shape_, params_, what)                                             \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url), .handler = (handler_), .permission = READ,   \
        .flags = HTTP_LIST, .out = &(shape_), .params = (params_), .summary = (what)               \
    }

/* A part of a thing, read and replaced as a whole. */
#define GET_PART(url, handler_, shape_, what)                                                      \
    {                                                                                              \
        .method = HTTP_GET, .pattern = STR_INIT(url), .handler = (handler_), .permission = READ,   \
        .out = &(shape_), .summary = (what)                                                        \
    }
#define PUT_PART(url, handler_, shape_, what)                                                      \
    {                                                                                              \
        .method = HTTP_PUT, .pattern = STR_INIT(url), .handler = (handler_), .permission = WRITE,  \
        .body = HTTP_BODY_JSON, .in = &(shape_), .out = &(shape_), .summary = (what)               \
    }
