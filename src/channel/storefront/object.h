/* object.h - what templates see, under the names that theme authors know.
 *
 * Everything is a view of the published catalogue: nothing is copied, members are worked out
 * when they are asked for, and each object notes on the visit what it shows. Objects of one
 * thing are made once for a visit. What may not be shown is nil. */
#pragma once

#include "channel/storefront/visit.h"

/* --- pictures ------------------------------------------------------------------------------------
 */

typedef struct ImageObject {
    Str                   path; /* "/media/HASH/x.jpg", "/theme/x.jpg" or an address elsewhere */
    Str                   alt, colour;
    int64_t               id;
    int64_t               width, height; /* 0: not known */
    int64_t               position;
    bool                  sized; /* takes ?width= */
    const CatalogMedia   *media; /* NULL: none of the catalogue's */
    const PublishedMedia *published;
    Str                   poster;
} ImageObject;

/* Of a value that templates use for a picture: an image, a product, a variant, a collection,
 * an article, an address. */
NODISCARD bool object_to_image(Visit *v, LiquidValue value, ImageObject *ret);

LiquidValue object_image(Visit *v, const ImageObject *image);
LiquidValue object_media(Visit *v, CatalogMediaList media, const PublishedMedia *published,
                         size_t i, PublishedTexts texts);
/* All pictures, or with `all` all media. */
LiquidValue object_media_list(Visit *v, CatalogMediaList media, const PublishedMedia *published,
                              PublishedTexts texts, bool all);

/* Address for `width` pixels (0: as it is). */
Str image_url(Visit *v, const ImageObject *image, int64_t width);

/* --- the catalogue -------------------------------------------------------------------------------
 */

typedef struct ProductObject {
    const PublishedProduct *p;
    Str                     within; /* "/collections/x" for addresses, or "" */
    PublishedRange          range;
    bool                    ranged, has_range;
    LiquidValue             variants, media, images, options, related; /* nil: not made yet */
    struct VariantObject   *items;
    int64_t                 selected; /* id of a variant, 0: none was asked for */
} ProductObject;

typedef struct VariantObject {
    ProductObject        *product;
    const CatalogVariant *v;
    CatalogQuote          quote;
    bool                  quoted, has_price;
} VariantObject;

LiquidValue object_product(Visit *v, int64_t id);
LiquidValue object_product_by_handle(Visit *v, Str handle);
/* The visible ones of `ids`, at most `max`. */
LiquidValue object_products(Visit *v, const int64_t *ids, size_t n, size_t max);
/* The product behind a value; NULL when it is none. */
ProductObject *object_to_product(LiquidValue value);
VariantObject *object_to_variant(LiquidValue value);
/* The object of a visible product, NULL: there is none. */
ProductObject      *product_object(Visit *v, int64_t id);
VariantObject      *product_selected(Visit *v, ProductObject *p);
VariantObject      *product_variants(Visit *v, ProductObject *p);
LiquidValue         object_variant(Visit *v, VariantObject *x);
Str                 variant_address(Visit *v, const VariantObject *x);
LiquidValue         variant_value(Visit *v, const VariantObject *x, size_t i); /* of option i */
LiquidValue         object_options(Visit *v, ProductObject *p);
LiquidValue         object_options_by_name(Visit *v, ProductObject *p);
bool                variant_available(const CatalogVariant *v);
Str                 product_url(Visit *v, const ProductObject *p);
Str                 product_title(const Visit *v, const ProductObject *p);
const CatalogQuote *variant_quote(Visit *v, VariantObject *x); /* NULL: no price */

LiquidValue object_collection(Visit *v, int64_t id);
LiquidValue object_collection_by_handle(Visit *v, Str handle);
LiquidValue object_collection_all(Visit *v); /* /collections/all */
LiquidValue object_collections(Visit *v);    /* all of them */

typedef struct CollectionObject {
    const PublishedCollection *c; /* NULL: all products */
    Listing                   *listing;
    LiquidValue                products; /* nil: not asked for yet */
} CollectionObject;
CollectionObject *object_to_collection(LiquidValue value);
Str               collection_title(const Visit *v, const CollectionObject *c);
Str               collection_url(Visit *v, const CollectionObject *c);

LiquidValue object_filters(Visit *v, Listing *l);
LiquidValue object_sorts(Visit *v, bool search);

/* What is bought and shown with a product: of its collections and tags, the same each time. */
LiquidValue object_recommendations(Visit *v, int64_t product_id, size_t max);
LiquidValue object_search(Visit *v, Str terms);
LiquidValue object_predictive_search(Visit *v, Str terms);
LiquidValue object_related(Visit *v, int64_t product_id, size_t max);

/* --- content
 * --------------------------------------------------------------------------------------- */

LiquidValue object_page(Visit *v, int64_t id);
LiquidValue object_page_by_handle(Visit *v, Str handle);
LiquidValue object_blog(Visit *v, int64_t id);
LiquidValue object_blog_by_handle(Visit *v, Str handle);
LiquidValue object_article(Visit *v, int64_t id);
LiquidValue object_article_by_path(Visit *v, Str path); /* "news/first" */
LiquidValue object_policy(Visit *v, int kind);
LiquidValue object_menu(Visit *v, Str handle);

/* Attributes as metafields: object.metafields.NAMESPACE.KEY */
LiquidValue object_metafields(Visit *v, CatalogAttributes attributes, CatalogScope scope);

/* --- the theme
 * ------------------------------------------------------------------------------------- */

LiquidValue object_settings(Visit *v); /* of the theme */
LiquidValue object_section(Visit *v, const ThemeSection *s, int64_t index);

/* --- the shop and the visit: made into globals
 * -------------------------------------------------------- */

void object_globals(Visit *v);

LiquidValue object_cart(Visit *v);

/* When one piece of it arrives and what that costs, or nil. */
LiquidValue promise_of_variant(Visit *v, const CatalogVariant *x, int64_t product_id);

/* A list of `n` items that lives in the visit's arena. */
LiquidValue object_list(Visit *v, const LiquidValue *items, size_t n);
LiquidValue object_texts(Visit *v, CatalogTexts texts);
LiquidValue object_id(Visit *v, const char *prefix, int64_t id);

static inline LiquidValue object_money(Money m)
{
    return money_absent(m) ? liquid_nil() : liquid_money(m);
}
static inline LiquidValue object_time(OptTime t)
{
    return t.has ? liquid_time(t.v) : liquid_nil();
}
