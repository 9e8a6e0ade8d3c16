/* catalog.h - what a shop sells and says: the whole interface of the module.
 *
 *      product.h      products, variants, options, media, publications: start here
 *      price.h        price lists, and the one function that says what something costs
 *      collection.h   groups of products, by hand or by rule
 *      attribute.h    custom attributes
 *      content.h      pages, blogs, articles, menus, policies
 *      redirect.h     paths that moved
 *      translation.h  texts in other languages
 *      stock_hook.h   where the numbers of pieces come from
 *      events.h       what it tells others */
#pragma once

#include "catalog/attribute.h"
#include "catalog/collection.h"
#include "catalog/content.h"
#include "catalog/price.h"
#include "catalog/product.h"
#include "catalog/redirect.h"
#include "catalog/translation.h"

/* --- what several of them share ----------------------------------------------------------- */

/* http(s), or a path or file name of ours; no other scheme, so nothing that runs. */
bool catalog_is_address(Str s);

bool catalog_published(CatalogPublications list, Str channel, UnixMs now);

/* A product without its options and variants: for the audit log. */
extern const Shape catalog_product_head_shape;
