/* published.h - what shoppers see of the catalogue, kept in memory: the read model of
 * storefronts.
 *
 *      const Published        *v;
 *      const PublishedProduct *p;
 *      TRY(published_view(cx, &v));
 *      TRY(published_product_by_handle(cx, v, handle, &p));
 *
 * A view is a snapshot of the whole: it never changes, and everything found in it lives as
 * long as the view is held. Readers take no lock and, what is resident, run no statement
 * and allocate nothing. Behind it a store is built from SQL when the program starts and is
 * renewed by events: within milliseconds of the commit in this process, and on PostgreSQL in
 * every other process as soon as it hears of them. What is dated - publications, prices,
 * price lists, pages, articles - changes at its time by itself.
 *
 * Drafts, archived products and pages of the future are here, too. Ask published_product_shown(),
 * catalog_published() or catalog_shown() before showing one.
 *
 * Revisions
 *   published_rev() grows whenever anything changes; `rev` of a thing is the one in which it
 *   last changed. Numbers are of this process (they begin with the time of its start, so that
 *   they do not come again after a restart): use them as keys of caches in memory and not in
 *   addresses. A cached page notes the `rev` of all that it shows, PUBLISHED_PRICING and
 *   PUBLISHED_SHOP included; it is good as long as published_rev() is the same, or, when that
 *   grew, as published_rev_of() still says the same of each. published_changes() and
 *   published_listen() tell what changed instead.
 *
 * Memory
 *   All is resident but products: of these, heads always (some 200 bytes), bodies up to the
 *   budget (setting catalog.published: memory_mb). What was not read for longest goes
 *   first; a product that is not resident is read from SQL into cx->arena and kept.
 *   Metrics: catalog_published_bytes, _products, _misses, _evictions, _renewals.
 *
 * Codes: catalog.not_published (no store was started), catalog.no_product,
 * catalog.no_variant. */
#pragma once

#include "catalog/attribute.h"
#include "catalog/collection.h"
#include "catalog/content.h"
#include "catalog/price.h"
#include "catalog/redirect.h"
#include "catalog/shop.h"
#include "catalog/translation.h"

/* The channel of the online store, in publications. */
#define PUBLISHED_CHANNEL "web"

typedef struct Published Published;

typedef enum PublishedKind {
    PUBLISHED_PRODUCT,
    PUBLISHED_COLLECTION, /* its texts or what it holds */
    PUBLISHED_PAGE,
    PUBLISHED_BLOG, /* its texts, or which articles it has */
    PUBLISHED_ARTICLE,
    PUBLISHED_MENU,
    PUBLISHED_POLICY, /* id: CatalogPolicyKind + 1 */
    PUBLISHED_REDIRECT,
    PUBLISHED_THINGS,                     /* so far things with ids; of these there is one: */
    PUBLISHED_PRICING = PUBLISHED_THINGS, /* price lists: what anything costs */
    PUBLISHED_SHOP,                       /* settings of the shop */
    PUBLISHED_ATTRIBUTES,                 /* definitions of attributes */
    PUBLISHED_KINDS
} PublishedKind;

/* --- beginning and end -------------------------------------------------------------------- */

typedef struct PublishedOptions {
    int64_t bytes;  /* of bodies of products; 0: as the setting says */
    bool    manual; /* no thread: reactions renew at once (tests, with core_drain) */
} PublishedOptions;

/* Build the store of this database; one for each Db. After core_start(), so that no event is
 * missed. Products' bodies are read in the background, as far as the budget goes. */
NODISCARD Status published_start(Db *db, Core *core, const PublishedOptions *options, Err *err);

/* Before core_stop(): nothing of it is held any more. Without a store: nothing. */
void published_stop(Db *db);

/* Wait until everything that reactions have told so far is in the view (tests). */
NODISCARD Status published_settle(Cx *cx);

/* --- views -------------------------------------------------------------------------------- */

/* The newest view, held until cx->arena is reset. Hold it for one page, not for minutes: what
 * it holds is memory. ST_BUSY "catalog.not_published". */
NODISCARD Status published_view(Cx *cx, const Published **ret);

/* Is there a store? Programs that only write have none. */
bool published_is_there(Cx *cx);

/* The same by hand; NULL when there is no store. */
const Published *published_hold(Db *db);
void             published_release(const Published *v); /* NULL is fine */

int64_t published_rev(const Published *v);

/* Of one thing; 0 when there is none. Of kinds of which there is one, `id` is 0. */
int64_t published_rev_of(const Published *v, PublishedKind kind, int64_t id);

/* --- texts in other languages ------------------------------------------------------------- */

typedef struct PublishedTexts { /* of a thing and all that hangs on it */
    const struct PublishedText *items;
    size_t                      n;
} PublishedTexts;

/* Text `field` of `entity` (the thing, an option, a media …) in `locale` ("pt-BR", then "pt"),
 * else `source`: what the thing has in the shop's own language. Of HTML it is the safe
 * form: give the safe form of the source. */
Str published_text(PublishedTexts texts, int64_t entity, Str field, Str locale, Str source);

/* What may be shown of HTML: *_safe, or as it was written. */
static inline Str published_safe(Str written, Str safe)
{
    return safe.ptr ? safe : written;
}

/* --- pictures ----------------------------------------------------------------------------- */

typedef struct PublishedRendition {
    int64_t width, height; /* pixels */
} PublishedRendition;

typedef struct PublishedMedia {           /* one for each of the thing's media, in their order */
    Str path;                             /* "/media/HASH/blue-mug.jpg", add "?width=640"; else its
                                           * url elsewhere */
    const PublishedRendition *renditions; /* ascending; none when it is elsewhere or no picture */
    size_t                    n;
} PublishedMedia;

/* --- products ----------------------------------------------------------------------------- */

typedef struct PublishedHead { /* what is always in memory */
    int64_t id;
    int64_t rev;
    Str     handle;
    int     status;       /* CatalogStatus */
    bool    on_web;       /* is it published there at all? */
    UnixMs  published_at; /* on PUBLISHED_CHANNEL */
    OptTime unpublish_at;
} PublishedHead;

typedef struct PublishedProduct {
    int64_t               rev;
    CatalogProduct        product; /* with all parts; prices of all lists */
    const PublishedMedia *media;   /* product.media.n */
    CatalogIds            collections;
    PublishedTexts        texts;
    const CatalogPast    *past; /* what its variants cost in the last months */
    size_t                npast;
    struct PubThing      *thing; /* the store's own */
} PublishedProduct;

/* The name of option `i`, the value `name` of it, and all values of a variant ("Small / Red"), in
 * `locale`. */
Str published_option_name(const PublishedProduct *p, size_t i, Str locale);
Str published_option_value(const PublishedProduct *p, size_t i, Str name, Str locale);
Str published_variant_title(Arena *a, const PublishedProduct *p, const CatalogVariant *v,
                            Str locale);

/* NULL: there is none. */
const PublishedHead *published_head(const Published *v, int64_t id);
const PublishedHead *published_head_by_handle(const Published *v, Str handle);

/* Active and published in the online store at `now`? */
bool published_product_shown(const PublishedHead *head, UnixMs now);

/* ST_NOT_FOUND "catalog.no_product". */
NODISCARD Status published_product(Cx *cx, const Published *v, int64_t id,
                                   const PublishedProduct **ret);
NODISCARD Status published_product_by_handle(Cx *cx, const Published *v, Str handle,
                                             const PublishedProduct **ret);

/* Many, those that are not resident with a number of statements that does not depend on n.
 * ret[i] is NULL where there is none. */
NODISCARD Status published_products(Cx *cx, const Published *v, const int64_t *ids, size_t n,
                                    const PublishedProduct **ret);

/* One text that a reader made of a product and of the definitions of attributes alone - its JSON -
 * is kept with it as long as both stay, and there is room. */
bool published_kept(const Published *v, const PublishedProduct *p, Str *ret);
void published_keep(const Published *v, const PublishedProduct *p, Str text);

/* One statement. ST_NOT_FOUND "catalog.no_variant". */
NODISCARD Status published_variant(Cx *cx, const Published *v, int64_t variant_id,
                                   const PublishedProduct **ret_product,
                                   const CatalogVariant   **ret);

/* --- prices ------------------------------------------------------------------------------- */

/* catalog_pricing() without a statement; then ask catalog_quote(&pricing, variant->prices, …)
 * or the following. */
NODISCARD Status published_pricing(Cx *cx, const Published *v, const CatalogBuyer *buyer,
                                   Str currency, UnixMs at, CatalogPricing *ret);

typedef struct PublishedRange { /* over the variants of a product, for one piece */
    Money price_min, price_max;
    Money compare_at_min, compare_at_max; /* of variants that have one; absent: none has */
    bool  price_varies, compare_at_varies;
} PublishedRange;

/* False: no variant has a price. */
NODISCARD bool published_range(const CatalogPricing *pricing, const PublishedProduct *p,
                               PublishedRange *ret);

/* catalog_lowest_before() of a variant of this product, without a statement. */
NODISCARD bool published_lowest(const Published *v, const PublishedProduct *p,
                                const CatalogVariant *variant, const CatalogQuote *q, Money *ret);

/* What a base unit costs (1 l of a 0.75 l bottle), rounded half up. False: the variant has no
 * measure. */
NODISCARD bool published_unit_price(const CatalogVariant *v, Money price, Money *ret);

/* --- collections -------------------------------------------------------------------------- */

typedef struct PublishedCollection {
    int64_t               rev;
    CatalogCollection     collection;
    const PublishedMedia *media;
    CatalogIds            products; /* in its order; drafts and hidden ones, too */
    const uint32_t       *by_id;    /* products.n places in it, so that the ids ascend */
    PublishedTexts        texts;
} PublishedCollection;

/* These, and the like below: NULL when there is none. */
const PublishedCollection *published_collection(const Published *v, int64_t id);
const PublishedCollection *published_collection_by_handle(const Published *v, Str handle);

/* Ids of all things of a kind: products by age, collections, pages and blogs by title,
 * menus by handle, policies by kind; none of other kinds. */
CatalogIds published_ids(const Published *v, PublishedKind kind);

/* --- content ------------------------------------------------------------------------------ */

typedef struct PublishedPage {
    int64_t        rev;
    CatalogPage    page;
    PublishedTexts texts;
} PublishedPage;

typedef struct PublishedBlog {
    int64_t        rev;
    CatalogBlog    blog;
    CatalogIds     articles; /* newest published_at first, hidden ones last */
    PublishedTexts texts;
} PublishedBlog;

typedef struct PublishedArticle {
    int64_t               rev;
    CatalogArticle        article;
    const PublishedMedia *media;
    PublishedTexts        texts;
} PublishedArticle;

typedef struct PublishedMenu {
    int64_t        rev;
    CatalogMenu    menu; /* `path` of its items leads where the target is now */
    PublishedTexts texts;
} PublishedMenu;

typedef struct PublishedPolicy {
    int64_t           rev;
    CatalogPolicyText policy; /* the newest version */
    PublishedTexts    texts;
} PublishedPolicy;

const PublishedPage    *published_page(const Published *v, int64_t id);
const PublishedPage    *published_page_by_handle(const Published *v, Str handle);
const PublishedBlog    *published_blog(const Published *v, int64_t id);
const PublishedBlog    *published_blog_by_handle(const Published *v, Str handle);
const PublishedArticle *published_article(const Published *v, int64_t id);
const PublishedArticle *published_article_by_handle(const Published *v, int64_t blog_id,
                                                    Str handle);
const PublishedMenu    *published_menu_by_handle(const Published *v, Str handle);
const PublishedPolicy  *published_policy(const Published *v, int kind /* CatalogPolicyKind */);

/* Where `path` ("/products/old", decoded) leads; false: nowhere. */
bool published_redirect(const Published *v, Str path, Str *ret_target);

/* --- the shop ----------------------------------------------------------------------------- */

const CatalogShop *published_shop(const Published *v);

/* Definitions of a scope, by position and key. */
CatalogAttributeDefs published_attributes(const Published *v, CatalogScope scope);

/* --- what changed ------------------------------------------------------------------------- */

typedef struct PublishedChange {
    int64_t       rev;
    PublishedKind kind;
    int64_t       id; /* 0: of kinds of which there is one */
} PublishedChange;

enum { PUBLISHED_LOG = 4096 /* changes that are remembered */ };

/* Everything that changed after revision `since`, oldest first, at most `max` of it; *ret_n
 * is how many. False: it is too long ago, or more than `max`: take it that all changed. */
NODISCARD bool published_changes(const Published *v, int64_t since, PublishedChange *changes,
                                 size_t max, size_t *ret_n);

/* Be called after each renewal, on the thread that did it, when the new view is there already;
 * be quick. At most 8 listeners; false: there are as many. */
typedef void   PublishedListener(const PublishedChange *changes, size_t n, void *arg);
NODISCARD bool published_listen(Db *db, PublishedListener *fn, void *arg);
void           published_unlisten(Db *db, PublishedListener *fn, void *arg);
