/* export_int.h - between export.c and the formats; private to src/catalog. */
#pragma once

#include "base/csv.h"
#include "catalog/attribute.h"
#include "catalog/catalog_int.h"
#include "catalog/export.h"
#include "catalog/price.h"

/* What the products of the catalogue use: found out by the first pass. */
typedef struct ExportUse {
    size_t               options;     /* most of one product */
    bool                 columns[64]; /* of the format's own columns: by index */
    CatalogAttributeDefs defs;        /* of products */
    bool                *attributes;  /* defs.n: has values */
    CatalogPriceLists    lists;
    bool                *in_lists; /* lists.n: has prices in the currency */
    CatalogTexts         channels; /* besides "web" */
    size_t               channels_cap;
} ExportUse;

typedef struct Export {
    const ExportOptions *options;
    Str                  currency;
    Arena               *arena; /* for the whole export */
    ExportUse            use;
    Buf                  out;
    CsvWriter            csv;
    ExportSink          *sink;
    void                *sink_arg;
    ExportCounts         counts;
    CatalogTexts         categories; /* of the product at hand: category.h */
} Export;

typedef struct ExportFormat {
    void (*look)(Export *ex, const CatalogProduct *p); /* first pass: note own columns in use */
    void (*header)(Export *ex);
    void (*product)(Export *ex, Arena *a, const CatalogProduct *p);
} ExportFormat;

extern const ExportFormat export_shopify, export_woocommerce;

/* --- cells -------------------------------------------------------------------------------- */

void export_text(Export *ex, const char *text); /* a field */
void export_i64(Export *ex, int64_t v);
void export_opt(Export *ex, OptI64 v);
void export_real(Export *ex, double v);
void export_bool(Export *ex, bool v); /* TRUE, FALSE */
void export_money(Export *ex, Money m);
void export_list(Export *ex, CatalogTexts texts); /* "a, b"; commas as "\," */

/* The value of an attribute as plain text: JSON texts without quotes. */
Str export_attribute(Arena *a, const CatalogProduct *p, Str key);

/* Price of a list in the currency, for one piece and without schedule; NULL: none. */
const CatalogPrice *export_price(const Export *ex, const CatalogVariant *v, int64_t list);

/* Where a picture is: its own address, else that in this shop. */
Str export_picture(const Export *ex, Arena *a, const CatalogProduct *p, const CatalogMedia *m);
