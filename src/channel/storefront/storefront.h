/* storefront.h - the online store: pages of the published catalogue, rendered by a theme.
 *
 *      TRY(storefront_start(&(StorefrontOptions){.db = db, .core = core}, &err));
 *      …                       // storefront_routes among the program's routes
 *      storefront_stop();
 *
 * One per process, after published_start(). Pages run no SQL statement for what is resident in
 * the published catalogue; those of visitors without a session are kept, compressed, until
 * something that they show changes (cache.h).
 *
 * Nothing is stored in a visitor's browser: language and currency stand in the address. A
 * session's cookie, for who signed in, is the only one that the storefront reads.
 *
 * Codes: storefront.bad_theme, storefront.bad_template, storefront.no_template,
 * storefront.no_section, storefront.template_limit, storefront.not_started. */
#pragma once

#include "core/module.h"
#include "http/http.h"

typedef struct StorefrontOptions {
    Db         *db;
    Core       *core;
    const char *theme;       /* folder of a theme; NULL: the one built in */
    bool        watch;       /* show every change of that folder at once; pages are not kept */
    int64_t     cache_bytes; /* of rendered pages; 0: 64 MB; < 0: keep none */
    Str (*head)(Arena *a);   /* HTML that goes into the head of every page; NULL: none */
} StorefrontOptions;

NODISCARD Status storefront_start(const StorefrontOptions *options, Err *err);
void             storefront_stop(void);

/* Is there a theme to show? Without one there is no storefront. */
bool storefront_runs(void);

/* The home page, at "/", which the program shares with what it shows without a storefront. */
Status storefront_home(Cx *cx, const HttpReq *rq, HttpResp *rs);

extern const HttpRoutes theme_routes;      /* /api/v1/theme: what a merchant changes of the theme */
extern const HttpRoutes storefront_routes; /* all other addresses that nobody else has */
extern const Module     storefront_module; /* its setting, and the reaction that renews it */
