/* visit.h - one request for a page: who asks, in which language and currency, and what has been
 * shown so far.
 *
 * Addresses are /products/x in the shop's own language and currency, /uk/products/x in another
 * language, /en-usd/products/x in another currency: all that a visitor chose stands in the
 * address, so nothing has to be stored for it in the browser, and a cached page is found by
 * its address alone.
 *
 * Whatever a template reads is noted (visit_note) with its revision: a page in the cache is
 * good as long as none of them changed. */
#pragma once

#include "catalog/published.h"
#include "channel/storefront/locale.h"
#include "channel/storefront/site.h"
#include "channel/storefront/theme.h"
#include "http/http.h"

typedef struct VisitDep {
    int64_t id;
    int64_t rev;
    int     kind; /* PublishedKind; PUBLISHED_KINDS: anything at all */
} VisitDep;

typedef struct VisitDeps {
    VisitDep *items;
    size_t    n, cap;
    uint32_t *slots; /* index + 1, by kind and id */
    size_t    nslots;
} VisitDeps;

/* What a page links to in its head before its body is read, for the header Link. */
typedef struct VisitHint {
    Str url;
    Str as; /* "style", "script", "image", "font" */
} VisitHint;

/* What a part of a page asked of the page that it stands on; see part.h. */
typedef struct VisitAsked {
    Str  path;
    bool within; /* … or below it */
    bool answer;
} VisitAsked;

enum { VISIT_HOLES = 4, VISIT_ASKED = 200 };

typedef struct VisitHole {
    size_t at, len; /* in the output */
} VisitHole;

typedef struct VisitTrace {
    VisitDeps   deps;
    VisitAsked *asked;
    size_t      nasked;
    VisitHole   holes[VISIT_HOLES];
    size_t      nholes;
    bool        on;
    bool        page; /* it read more of its page than can be compared */
    bool        cart; /* it read the cart, which was empty */
} VisitTrace;

enum { VISIT_HINTS = 6, VISIT_STYLE_HASHES = 48, VISIT_GLOBALS = 48 };

/* A search is counted each time that its page is shown. */
typedef enum VisitCounts { COUNTS_NOTHING, COUNTS_FOUND, COUNTS_MISSED } VisitCounts;

typedef struct ThemePage    ThemePage;
typedef struct ThemeSection ThemeSection;
typedef struct Listing      Listing;
typedef struct Cart         Cart;

typedef struct Visit {
    Cx                *cx;
    const HttpReq     *rq;
    const Published   *view;
    Theme             *theme;
    const Site        *site;
    const CatalogShop *shop;
    const Locale      *locale;
    Str                tag;          /* of the language: "uk" */
    bool               translated;   /* it is not the shop's own */
    Str                currency;     /* "EUR" */
    Str                root;         /* "" or "/uk": stands before every path of ours */
    Str                origin;       /* "https://shop.example" */
    Str                raw;          /* the path without root, as sent: "/products/x%20y" */
    Str                path;         /* decoded */
    int64_t            site_rev;     /* of the settings, in this process */
    bool               section_only; /* a part of a page was asked for */
    bool               design_mode;

    /* what it costs */
    CatalogPricing pricing;
    bool           priced;

    VisitDeps   deps;
    VisitTrace *trace; /* while a part is rendered that may be kept; else NULL */
    bool        uncacheable;
    UnixMs      good_until;  /* something that it shows is over then; 0: nothing */
    int64_t     search_said; /* product_search_said() of the answer that it shows; 0: none */
    VisitCounts counts;      /* what each showing of the page counts */

    /* the cart: basket.h */
    const Cart *cart;
    bool        cart_read;
    bool        shows_cart;   /* a template asked for it */
    Str         cart_problem; /* what is to be told of it, or "" */
    Str         cart_removed; /* "var_…:2", taken out just now; or "" */

    /* the page */
    Str kind;   /* "product", "collection", "index", … */
    Str suffix; /* of an alternate template, "" */
    const ThemePage *template;
    Str                 layout;
    int                 status;
    Str                 title, description, canonical; /* canonical: path without root */
    LiquidValue         image; /* that stands for the page when it is shared; or nil */
    LiquidGlobal        globals[VISIT_GLOBALS];
    size_t              nglobals;
    VisitHint           hints[VISIT_HINTS];
    size_t              nhints;
    const ThemeSection *section;     /* the one being rendered */
    size_t              nsections;   /* rendered so far */
    LiquidValue         form;        /* of {% form %}, while its body is rendered */
    int64_t             page_number; /* ?page= */
    Listing            *listing;     /* of the collection or search that the page is about */
    int64_t current_product, current_collection; /* id of what the page is about, or 0 */
    int64_t variant;                             /* ?variant=, or 0 */
    Str     tagged;                              /* of /blogs/x/tagged/TAG, or absent */
    bool    no_index;                            /* ask search engines not to keep it */

    Map       products, things; /* objects made so far */
    LiquidCx *render;           /* the rendering that runs */
} Visit;

/* Begin a visit: language and currency from the address, the newest view. The theme is held
 * until the arena ends. ST_INVALID "http.bad_escape". */
NODISCARD Status visit_open(Cx *cx, const HttpReq *rq, Theme *theme, const Site *site, Visit *v);

/* Note that the page shows this. */
void visit_note(Visit *v, PublishedKind kind, int64_t id);
/* … or that it depends on which things there are at all. */
void visit_note_all(Visit *v);

/* The page shows something that is over at `until`; 0: it shows nothing of the kind. No part
 * that shows it is kept by itself. */
void visit_good_until(Visit *v, UnixMs until);

/* The same with the revision of now, for what was noted when a part was kept. */
void visit_note_again(Visit *v, const VisitDep *dep);

/* --- what parts read of their page (part.h) --------------------------------------------------- */

/* Begin to trace into `t`. */
void visit_trace(Visit *v, VisitTrace *t);

/* Something of this very page, or of this visitor, is being read: the part cannot be kept. Every
 * object, filter and tag that looks at the address, the query, the page's product or a session
 * calls it. */
void visit_reads_page(Visit *v);

/* Is the page at `path`, or (`within`) below it? */
bool visit_is_at(Visit *v, Str path, bool within);
bool visit_answer(const Visit *v, Str path, bool within); /* the same, untraced */

/* The cart is being read. */
void visit_reads_cart(Visit *v);
/* Does this visitor have one, perhaps with things in it? */
bool visit_has_cart(const Visit *v);

/* Are all things as they were noted? */
bool visit_deps_hold(const VisitDep *deps, size_t n, const Published *view);

/* Add a name that every template sees: one of visit_global_names, where a new one is entered. */
void visit_global(Visit *v, const char *name, LiquidValue value);

/* All of them, NULL behind the last: first those that are the same on every page. */
extern const char *const visit_global_names[];

/* The pricing of this visitor; NULL when it cannot be had. */
const CatalogPricing *visit_pricing(Visit *v);

/* Text `field` of `entity` in the visitor's language. */
Str visit_text(const Visit *v, PublishedTexts texts, int64_t entity, Str field, Str source);

/* The plain text `key` of the theme ("general.all_products"); "" when it has none. */
Str visit_theme_text(const Visit *v, const char *key);

/* "/uk" + path; addresses elsewhere stay. */
Str visit_url(Visit *v, Str path);
/* root + FORMAT … */
Str visit_urlf(Visit *v, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Query parameter as sent, decoded; absent: ptr NULL. */
Str visit_param(Visit *v, Str name);

/* Does any page listen to this parameter? All others are left out of links and of keys. */
bool visit_listens(Str name);

/* The query with `name` set to `value` (absent: left out) and ?page= left out: for links
 * that filter and sort. "?a=b", or "". */
Str visit_query_with(Visit *v, Str name, Str value);

/* --- languages and currencies ---------------------------------------------------------------- */

typedef struct VisitWays { /* what the shop offers, its own first */
    Str    locales[SITE_LOCALES_MAX + 1];
    size_t nlocales;
    Str    currencies[SITE_CURRENCIES_MAX + 1];
    size_t ncurrencies;
} VisitWays;

void visit_ways(const Visit *v, VisitWays *ret);

/* What stands before paths in that language and currency: "", "/uk", "/uk-usd". */
Str visit_root_for(const Visit *v, Str tag, Str currency);

static inline Arena *visit_arena(const Visit *v)
{
    return v->cx->arena;
}
