/* import.h - products from the files that other shops export.
 *
 * Formats: Shopify's product CSV (both generations of column names) and WooCommerce's.
 * The file is read once, in bounded memory. Rows of one product are taken together and
 * brought into the catalogue by the same functions that the API uses, some hundred rows a
 * transaction; so an import that was cut off - even by kill -9 - has whole products only,
 * and the same call with the same file goes on behind the last of them. Importing a file
 * twice changes nothing.
 *
 * A row that cannot be understood is skipped and told with line, column and reason; the
 * other rows of its product are kept. A column that the file does not have leaves the
 * catalogue's value alone, an empty cell empties it. Variants that the file no longer has
 * are removed, unless rows of their product were skipped; WooCommerce rows of one product may
 * stand apart, so there they stay.
 *
 * Pictures are taken from a folder by file name, or fetched later from their address by a
 * job (catalog.fetch_media), when that is allowed; else the address is kept. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

#define CATALOG_IMPORT_ID "imp"

/* A column without cells by which our own exports are known: only there a leading apostrophe
 * may be our guard against formulas; in foreign files it belongs to the text. */
#define IMPORT_MARK "Rapport"

enum { IMPORT_ISSUES_KEPT = 10000 /* of one import; more are counted */ };

typedef enum ImportFormat { IMPORT_AUTO, IMPORT_SHOPIFY, IMPORT_WOOCOMMERCE } ImportFormat;

typedef enum ImportStatus { IMPORT_RUNNING, IMPORT_DONE, IMPORT_FAILED } ImportStatus;

extern const char *const import_format_names[]; /* "auto", "shopify", "woocommerce" */
extern const char *const import_status_names[]; /* "running", "done", "failed" */

typedef struct ImportOptions {
    int         format;     /* ImportFormat */
    Str         currency;   /* of the prices; empty: the shop's */
    const char *images_dir; /* folder of pictures; NULL: none */
    bool        fetch_images;
    bool        dry_run; /* read, check and count; write nothing */
    bool        restart; /* do not go on where an unfinished import of this file stopped */
    int64_t     import;  /* id of an Import that waits for this file; 0: find or make one */
} ImportOptions;

typedef struct ImportIssue {
    int64_t line;   /* in the file, from 1 */
    Str     column; /* the header's name; empty: the whole row */
    Str     code;
    Str     detail;
} ImportIssue;

typedef struct ImportIssues {
    ImportIssue *items;
    size_t       n;
} ImportIssues;

/* One import: how far it is, and what it did. Counts go on when an import is resumed. */
typedef struct Import {
    int64_t id;
    Str     file; /* its name, without folders */
    Str     hash; /* BLAKE2b-256 of the bytes, hexadecimal */
    int     format;
    Str     encoding; /* "utf-8", "windows-1251" … */
    Str     currency;
    bool    fetch_images;
    bool    dry_run;
    int     status;
    int64_t bytes;      /* of the file */
    int64_t bytes_done; /* read and committed */
    int64_t line;       /* rows up to here are done */
    int64_t rows;
    int64_t created; /* products */
    int64_t updated;
    int64_t unchanged;
    int64_t variants;
    int64_t pictures;
    int64_t skipped; /* rows */
    int64_t issues;
    Str     error; /* why it failed */
    UnixMs  created_at;
    UnixMs  updated_at;
} Import;

extern const Shape catalog_import_shape, catalog_import_issue_shape;

typedef struct Imports {
    Import *items;
    size_t  n;
} Imports;

/* Called after every commit, and at the end. The Import is valid during the call. What it
 * returns other than ST_OK ends the import there; it can be resumed. */
typedef Status ImportWatch(void *arg, const Import *state);

/* Import the file at `path`. ST_OK also when rows were skipped: see ret->issues and
 * catalog_import_issues(). ST_NOT_FOUND "catalog.no_file", ST_INVALID
 * "catalog.unknown_format", "catalog.unknown_currency", ST_LIMIT "catalog.file_too_big". */
NODISCARD Status catalog_import_file(Cx *cx, const char *path, Str name,
                                     const ImportOptions *options, ImportWatch *watch, void *arg,
                                     Import *ret);

NODISCARD Status catalog_import_get(Cx *cx, int64_t id, Import *ret);

/* Those with an id < `before`, newest first, at most `max`. */
NODISCARD Status catalog_imports(Cx *cx, int64_t before, int64_t max, Imports *ret);

/* Issues with a number > `after`, at most `max`; the first has number 1. A dry run's too. */
NODISCARD Status catalog_import_issues(Cx *cx, int64_t id, int64_t after, int64_t max,
                                       ImportIssues *ret);
