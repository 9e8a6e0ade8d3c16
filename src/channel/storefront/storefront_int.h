/* storefront_int.h - the running storefront, between the files of this folder. */
#pragma once

#include "channel/storefront/render.h"
#include "channel/storefront/storefront.h"

#define RELOAD_SCRIPT THEME_PATH "_reload.js"
#define RELOAD_STREAM THEME_PATH "_reload"

typedef struct SiteSnapshot { /* settings in memory, counted */
    Arena       arena;
    _Atomic int refs;
    Site        site;
    int64_t     rev; /* of this process */
} SiteSnapshot;

/* Both held; ST_BUSY "storefront.not_started". */
NODISCARD Status storefront_hold(Cx *cx, Theme **ret_theme, SiteSnapshot **ret_site);
void             site_release(SiteSnapshot *site);

/* Is a folder watched? Then pages are not kept and reload themselves. */
bool storefront_watches(void);
Str  storefront_head(Arena *a); /* what the program puts into the head */

/* The folder of the theme; NULL: the one built in. */
const char *storefront_folder(void);

/* Begin a visit with the theme and settings of now. */
NODISCARD Status storefront_visit(Cx *cx, const HttpReq *rq, Visit *v);

/* Let the visit go on in the built-in theme: for pages that the shop's theme does not have.
 * ST_NOT_FOUND "storefront.no_template": the program has none built in. */
NODISCARD Status storefront_own_theme(Visit *v);

/* A page that says `status` in the theme's "404" or "500" … or plainly. Never fails. */
void storefront_say(Visit *v, HttpResp *rs, int status);

/* Is it a path of ours ("/x?y", not "//x"), so that going there leaves nobody's hands? */
bool storefront_is_local(Str path);

/* watch.c: looks after a theme's folder and calls storefront_reload() when it changed. */
NODISCARD Status  watch_start(const char *folder, Err *err);
void              watch_stop(void);
void              storefront_reload(void);
struct HttpTopic *watch_topic(void);

/* negotiate.c: a redirect to the language that a first visitor's browser asks for; false: none. */
bool negotiate_language(Visit *v, HttpResp *rs);

/* pages.c: what is at v->raw. */
NODISCARD Status pages_answer(Visit *v, HttpResp *rs);

/* Count what the page that was kept counts each time that it is shown. */
void pages_recount(Visit *v);
