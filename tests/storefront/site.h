/* site.h - a shop whose storefront tests ask for pages, without sockets. */
#pragma once

#include "order/module.h"
#include "people/people.h"
#include "shop.h"
#include "stock/module.h"
#include "world.h"

#include "catalog/published.h"
#include "channel/storefront/storefront.h"
#include "http/http.h"

/* The catalogue's read model and the storefront with the theme of this folder. */
void site_open(World *w);
void site_open_with(World *w, const char *theme); /* NULL: the one built in */
void site_close(World *w);

/* Deliver what was told, and wait until it is shown. */
void site_settle(World *w);

typedef struct Reply {
    int         status;
    const char *text;
    size_t      len;
    const char *type, *csp, *location, *etag, *link, *cache;
    int64_t     statements;
} Reply;

/* GET target with one more header, or NULL. */
Reply site_get(World *w, const char *target, const char *name, const char *value);
Reply site_post(World *w, const char *target, const char *form);

/* GET with this status expected. */
Reply site_page(World *w, const char *target, int status);

void assert_has_at(const char *text, const char *part, const char *file, int line);
void assert_lacks_at(const char *text, const char *part, const char *file, int line);
#define assert_has(text, part)   assert_has_at((text), (part), __FILE__, __LINE__)
#define assert_lacks(text, part) assert_lacks_at((text), (part), __FILE__, __LINE__)

/* Change "storefront.site" from JSON. */
void site_settings(World *w, const char *json);
