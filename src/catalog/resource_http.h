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
    resource_products;
