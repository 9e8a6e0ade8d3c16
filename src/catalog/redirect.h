/* redirect.h - paths that moved: "/products/old" leads to "/products/new".
 *
 * Made by themselves when the handle of a product, collection, page, blog or article
 * changes, and by hand. A target is never itself redirected: chains are collapsed when
 * they would come to be, loops are refused, and a path that becomes live again loses its
 * redirect. So following one takes one look-up.
 *
 * Codes: catalog.no_redirect, catalog.redirect_taken; issues loop, and live: something has
 * that address. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum { CATALOG_PATH_MAX = 2048 };

#define CATALOG_REDIRECT_ID "red"

typedef struct CatalogRedirect {
    uint64_t given;
    int64_t  id;
    Str      path;   /* begins with '/', as browsers send it, decoded */
    Str      target; /* a path, or an http(s) address elsewhere */
    bool     automatic;
    UnixMs   created_at;
} CatalogRedirect;

extern const Shape catalog_redirect_shape;

/* Where `path` leads; *ret_found false: nowhere. */
NODISCARD Status catalog_redirect_find(Cx *cx, Str path, bool *ret_found, CatalogRedirect *ret);

NODISCARD Status catalog_redirect_get(Cx *cx, int64_t id, CatalogRedirect *ret);
NODISCARD Status catalog_redirect_create(Cx *cx, CatalogRedirect *r);
NODISCARD Status catalog_redirect_update(Cx *cx, int64_t id, CatalogRedirect *r);
NODISCARD Status catalog_redirect_delete(Cx *cx, int64_t id);
