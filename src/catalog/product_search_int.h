/* product_search_int.h - how products become documents. */
#pragma once

#include "catalog/product_search.h"
#include "search/search.h"

typedef struct ProductFields { /* those that are always there */
    SearchField title, vendor, type, words, description, code;
    SearchField vendor_is, type_is, tag_is, collection_is, title_key;
    SearchField available, created, stock;
} ProductFields;

NODISCARD Status product_fields(SearchIndex *ix, ProductFields *ret, Err *err);

typedef struct DocMaker {
    SearchIndex         *ix;
    const ProductFields *fields;
    Cx                  *cx;
    const Published     *view;
    CatalogPricing       pricing[8]; /* one for each currency that prices are known in */
    SearchField          price[8];
    size_t               n_prices;
} DocMaker;

/* Currency: the shop's first. */
NODISCARD Status doc_maker(SearchIndex *ix, const ProductFields *fields, Cx *cx,
                           const Published *view, DocMaker *ret);

/* The document of a product that is shown. Lives in m->cx->arena. */
NODISCARD Status doc_of(DocMaker *m, const PublishedProduct *p, SearchDoc *ret);

/* "price.EUR"; "option.colour"; in `a`. */
Str product_field_name(Arena *a, const char *prefix, Str name);
