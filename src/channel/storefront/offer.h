/* offer.h - what is said of a variant to machines: structured data and product feeds.
 *
 * Price and availability come from the functions that pages ask (catalog/product.h's
 * catalog_variant_availability, catalog_quote), so that page, structured data, feed and API cannot
 * differ. */
#pragma once

#include "channel/storefront/visit.h"

typedef struct Offer {
    const PublishedProduct *p;
    const CatalogVariant   *v;
    bool                    priced;
    int                     availability; /* CatalogAvailability; without a price: none */
    OptTime                 comes_at;     /* sold before it is there: when it comes */
    Money                   price;        /* to be paid */
    Money                   compare_at;   /* what it cost, or is said to; absent: none higher */
    OptTime                 ends_at;      /* of the price */
    Str                     gtin;         /* digits with a right check digit; else absent */
    const CatalogMedia     *image;        /* that shows the variant, else the product's first */
    Str                     image_path;   /* "/media/…" or an address elsewhere; absent: none */
} Offer;

/* `pricing` may be NULL: then there is no price. */
Offer offer_of(const CatalogPricing *pricing, const PublishedProduct *p, const CatalogVariant *v,
               UnixMs now);

/* What an option is, by its name in any of the shop's languages: "color", "size", "material",
 * "pattern"; NULL: something else. */
const char *offer_option(Str name);

/* Append an address with what may not stand in one (spaces, quotes, letters beyond ASCII)
 * %-encoded; a path gets `origin` in front. */
void offer_url(Buf *b, Str origin, Str path);
Str  offer_address(Arena *a, Str origin, Str path);
