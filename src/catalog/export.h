/* export.h - all products as a file that other shops read, and import.h reads back.
 *
 * One pass finds out what columns are needed, a second one writes; both see the same state
 * of the catalogue, in bounded memory. What is exported and imported again changes nothing.
 *
 * The file has one currency, in the base prices and in further lists; other prices stay
 * out, and are counted. Cells that a spreadsheet would run as a formula are guarded by an
 * apostrophe, which the import takes away. */
#pragma once

#include "catalog/import.h"

typedef struct ExportOptions {
    int format;   /* IMPORT_SHOPIFY (also for IMPORT_AUTO) or IMPORT_WOOCOMMERCE */
    Str currency; /* empty: the shop's */
    Str origin;   /* "https://shop.example", put in front of our own pictures' paths */
    void (*watch)(void *arg, int64_t done, int64_t total); /* products; may be NULL */
    void *watch_arg;
} ExportOptions;

typedef struct ExportCounts {
    int64_t products;
    int64_t variants;
    int64_t rows;
    int64_t prices_left; /* in other currencies, of other quantities */
} ExportCounts;

/* Takes the next piece of the file; what it returns other than ST_OK ends the export. */
typedef Status ExportSink(void *arg, Str bytes, Err *err);

NODISCARD Status catalog_export_products(Cx *cx, const ExportOptions *options, ExportSink *sink,
                                         void *arg, ExportCounts *ret);
