/* content.h - what a shop says besides its products: pages, blogs, articles, menus and
 * policies.
 *
 * HTML is kept as written; *_safe is what may be shown (absent: it is safe as written).
 * Pages and articles are shown from published_at (absent: hidden) to unpublish_at. When a
 * handle changes, the old address leads to the new one: /pages/…, /blogs/… (with all its
 * articles) and /blogs/BLOG/….
 *
 * Codes: catalog.no_page, catalog.no_blog, catalog.no_article, catalog.no_menu,
 * catalog.no_policy, catalog.handle_taken, catalog.stale. */
#pragma once

#include "catalog/product.h"

#define CATALOG_PAGE_ID      "pag"
#define CATALOG_BLOG_ID      "blg"
#define CATALOG_ARTICLE_ID   "art"
#define CATALOG_MENU_ID      "mnu"
#define CATALOG_MENU_ITEM_ID "mni"
#define CATALOG_POLICY_ID    "pol"

enum { CATALOG_MENU_DEPTH = 4, CATALOG_MENU_ITEMS_MAX = 1000 };

/* --- pages -------------------------------------------------------------------------------- */

typedef struct CatalogPage {
    uint64_t          given;
    int64_t           id;
    Str               handle;
    Str               title;
    Str               body;
    Str               body_safe;
    Str               author;
    CatalogAttributes attributes;
    Str               seo_title;
    Str               seo_description;
    Str               template_suffix;
    OptTime           published_at;
    OptTime           unpublish_at;
    int64_t           rev;
    UnixMs            created_at;
    UnixMs            updated_at;
} CatalogPage;

extern const Shape catalog_page_shape;

NODISCARD Status catalog_page_get(Cx *cx, int64_t id, CatalogPage *ret);
NODISCARD Status catalog_page_by_handle(Cx *cx, Str handle, CatalogPage *ret);
NODISCARD Status catalog_page_create(Cx *cx, CatalogPage *p);
NODISCARD Status catalog_page_update(Cx *cx, int64_t id, int64_t rev, CatalogPage *p);
NODISCARD Status catalog_page_delete(Cx *cx, int64_t id, int64_t rev);

/* Is something with these times shown at `now`? */
static inline bool catalog_shown(OptTime published_at, OptTime unpublish_at, UnixMs now)
{
    return published_at.has && published_at.v.v <= now.v &&
           (!unpublish_at.has || unpublish_at.v.v > now.v);
}

/* --- blogs and articles ------------------------------------------------------------------- */

typedef struct CatalogBlog {
    uint64_t given;
    int64_t  id;
    Str      handle;
    Str      title;
    Str      seo_title;
    Str      seo_description;
    Str      template_suffix;
    int64_t  rev;
    UnixMs   created_at;
    UnixMs   updated_at;
} CatalogBlog;

typedef struct CatalogArticle {
    uint64_t         given;
    int64_t          id;
    int64_t          blog_id; /* stays */
    Str              handle;  /* unique in its blog */
    Str              title;
    Str              author;
    Str              excerpt; /* plain text */
    Str              body;
    Str              body_safe;
    CatalogTexts     tags;
    CatalogMediaList media;
    Str              seo_title;
    Str              seo_description;
    Str              template_suffix;
    OptTime          published_at;
    OptTime          unpublish_at;
    int64_t          rev;
    UnixMs           created_at;
    UnixMs           updated_at;
} CatalogArticle;

extern const Shape catalog_blog_shape, catalog_article_shape;

NODISCARD Status catalog_blog_get(Cx *cx, int64_t id, CatalogBlog *ret);
NODISCARD Status catalog_blog_by_handle(Cx *cx, Str handle, CatalogBlog *ret);
NODISCARD Status catalog_blog_create(Cx *cx, CatalogBlog *b);
NODISCARD Status catalog_blog_update(Cx *cx, int64_t id, int64_t rev, CatalogBlog *b);
/* With its articles. */
NODISCARD Status catalog_blog_delete(Cx *cx, int64_t id, int64_t rev);

NODISCARD Status catalog_article_get(Cx *cx, int64_t id, CatalogArticle *ret);
NODISCARD Status catalog_article_by_handle(Cx *cx, int64_t blog_id, Str handle,
                                           CatalogArticle *ret);
NODISCARD Status catalog_article_create(Cx *cx, int64_t blog_id, CatalogArticle *a);
NODISCARD Status catalog_article_update(Cx *cx, int64_t id, int64_t rev, CatalogArticle *a);
NODISCARD Status catalog_article_delete(Cx *cx, int64_t id, int64_t rev);

/* --- menus -------------------------------------------------------------------------------- */

typedef enum CatalogTarget {
    CATALOG_TO_PRODUCT,
    CATALOG_TO_COLLECTION,
    CATALOG_TO_PAGE,
    CATALOG_TO_BLOG,
    CATALOG_TO_ARTICLE,
    CATALOG_TO_POLICY,
    CATALOG_TO_URL
} CatalogTarget;

typedef struct CatalogMenuItem CatalogMenuItem;

typedef struct CatalogMenuItems {
    CatalogMenuItem *items;
    size_t           n;
} CatalogMenuItems;

struct CatalogMenuItem {
    uint64_t         given;
    int64_t          id;
    Str              title;
    int              kind;   /* CatalogTarget */
    Str              target; /* "prd_…", or "shipping" for a policy; "" with a url */
    Str              url;    /* for kind url: a path or an http(s) address */
    Str              path;   /* where it leads now; "" when the target is gone */
    CatalogMenuItems items;  /* below it; at most CATALOG_MENU_DEPTH levels */
};

typedef struct CatalogMenu {
    uint64_t         given;
    int64_t          id;
    Str              handle;
    Str              title;
    CatalogMenuItems items;
    int64_t          rev;
    UnixMs           created_at;
    UnixMs           updated_at;
} CatalogMenu;

extern const char *const catalog_target_names[];
extern const Shape       catalog_menu_shape;

NODISCARD Status catalog_menu_get(Cx *cx, int64_t id, CatalogMenu *ret);
NODISCARD Status catalog_menu_by_handle(Cx *cx, Str handle, CatalogMenu *ret);
/* Items that are given replace all; those with an id keep it, and so their translations. */
NODISCARD Status catalog_menu_create(Cx *cx, CatalogMenu *m);
NODISCARD Status catalog_menu_update(Cx *cx, int64_t id, int64_t rev, CatalogMenu *m);
NODISCARD Status catalog_menu_delete(Cx *cx, int64_t id, int64_t rev);

/* --- policies ----------------------------------------------------------------------------- */

typedef enum CatalogPolicyKind {
    CATALOG_SHIPPING,
    CATALOG_RETURNS,
    CATALOG_PRIVACY,
    CATALOG_TERMS,
    CATALOG_LEGAL_NOTICE,
    CATALOG_CONTACT,
    CATALOG_SUBSCRIPTION
} CatalogPolicyKind;

typedef struct CatalogPolicyText {
    uint64_t given;
    int64_t  id;
    int      kind;    /* CatalogPolicyKind */
    int64_t  version; /* 1, 2, …; every one is kept */
    Str      title;
    Str      body;
    Str      body_safe;
    UnixMs   created_at;
} CatalogPolicyText;

typedef struct CatalogPolicies {
    CatalogPolicyText *items;
    size_t             n;
} CatalogPolicies;

extern const char *const catalog_policy_kind_names[];
extern const Shape       catalog_policy_shape;

NODISCARD Status catalog_policies(Cx *cx, CatalogPolicies *ret); /* the newest of each */
/* version 0: the newest */
NODISCARD Status catalog_policy_get(Cx *cx, int kind, int64_t version, CatalogPolicyText *ret);
NODISCARD Status catalog_policy_versions(Cx *cx, int kind, CatalogPolicies *ret); /* newest first */
/* A new version, unless title and body are those of the newest. */
NODISCARD Status catalog_policy_put(Cx *cx, int kind, CatalogPolicyText *p);
