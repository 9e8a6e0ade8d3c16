/* import_int.h - between the parts of the product import; private to src/catalog.
 *
 *   import.c              reads the file, groups rows, commits, goes on after a crash
 *   import_cell.c         cells: numbers, truth values, money, lists
 *   import_shopify.c      rows -> ImportProduct
 *   import_woocommerce.c  rows -> ImportProduct
 *   import_apply.c        ImportProduct -> the catalogue
 */
#pragma once

#include "catalog/import.h"
#include "catalog/product.h"

enum {
    IMPORT_ROWS_MAX = 20000,       /* rows of one product */
    IMPORT_GROUP_BYTES = 32 << 20, /* of text in one product's rows */
    IMPORT_TEXTS_MAX = 50          /* options of one product, price lists of a file */
};

/* Where problems go. Both live in the arena of the batch. */
typedef struct ImportProblems {
    Arena       *arena;
    ImportIssue *items;
    size_t       n, cap;
} ImportProblems;

void import_problem(ImportProblems *p, int64_t line, Str column, const char *code, const char *fmt,
                    ...) PRINTF_LIKE(5, 6);

typedef struct ImportRow {
    int64_t    line;
    const Str *cells; /* as many as the file has columns */
} ImportRow;

/* Rows of one product, as they stand together in the file. */
typedef struct ImportGroup {
    Str        key;
    ImportRow *rows;
    size_t     n, cap;
    size_t     bytes;
    bool       more;       /* an earlier group of this file has the same key */
    int64_t    line;       /* last row */
    int64_t    bytes_done; /* of the file, behind the last row */
} ImportGroup;

/* What a column means. Formats have enumerations of their own. */
typedef struct ImportColumn {
    int         meaning; /* 0: passed over */
    int         index;   /* of the option, price list … */
    const char *field;   /* of the product or variant, by its name in the shape */
    Str         key;     /* "google.gender": of an attribute */
    Str         name;    /* of the attribute or price list, for people */
} ImportColumn;

typedef struct ImportFile {
    Str                        currency;
    const char                *images_dir;
    bool                       fetch_images;
    const struct ImportReader *reader;
    Str                       *headers;
    ImportColumn              *columns;
    size_t                     n;
    Str                        lists[IMPORT_TEXTS_MAX]; /* titles of further price lists */
    size_t                     nlists;
} ImportFile;

/* A price in one of the file's further lists, until the list's id is known. */
typedef struct ImportListPrice {
    size_t variant; /* index */
    size_t list;
    Money  price, compare_at;
} ImportListPrice;

typedef struct ImportPublication {
    Str  channel;
    bool on;
} ImportPublication;

/* What a group says about its product. */
typedef struct ImportProduct {
    CatalogProduct     product; /* with the bits of what is given */
    int64_t            line;    /* of the first row */
    int64_t           *variant_lines;
    size_t             variants_cap, media_cap;
    int64_t            skipped;       /* rows that could not be taken */
    bool               keep_variants; /* the list is not the whole: keep others that exist */
    bool               nothing;       /* no usable row: pass over */
    Str                external_id;   /* value of the attribute "woo.id" that tells who it is */
    Str                sku;           /* else of a variant that tells it */
    bool               must_exist;    /* rows that only add to a product */
    ImportListPrice   *list_prices;
    size_t             nlist_prices, list_prices_cap;
    ImportPublication *publications;
    size_t             npublications, publications_cap;
    Str               *attribute_names; /* beside product.attributes: what people call them */
    size_t             attributes_cap;
    Str               *categories; /* paths of collections that it belongs to: category.h */
    size_t             ncategories, categories_cap;
    bool               categories_whole; /* it leaves others of other files */
} ImportProduct;

typedef struct ImportReader { /* a format */
    int format;
    /* Are these its columns? */
    bool (*recognises)(const Str *headers, size_t n);
    /* Fill file->columns from file->headers; tell of what is not understood. */
    void (*map)(ImportFile *file, Arena *a, ImportProblems *problems);
    /* What rows of one product have in common; empty: the row goes with the one before. */
    Str (*key)(const ImportFile *file, const ImportRow *row, Arena *a);
    /* All that can be wrong is told; never fails. */
    void (*build)(const ImportFile *file, const ImportGroup *g, Arena *a, ImportProblems *problems,
                  ImportProduct *ret);
} ImportReader;

extern const ImportReader import_shopify, import_woocommerce;

/* Names of columns compare without case and with blanks squeezed. */
bool import_is_header(Str header, const char *name);

/* --- cells (import_cell.c): false when the cell is no such thing -------------------------- */

bool cell_bool(Str cell, bool *ret);   /* true TRUE 1 yes, false FALSE 0 no */
bool cell_i64(Str cell, int64_t *ret); /* "12", "12.0" */
/* Decimal number times `scale`, rounded half up: grams of "0.454" kg with scale 1000. */
bool cell_scaled(Str cell, double scale, int64_t *ret);

typedef struct CellAt { /* where a cell stands, for its problems */
    ImportProblems *problems;
    int64_t         line;
    Str             column;
} CellAt;

/* "12.50", also with a decimal comma. An empty cell gives an absent Money. False, and a
 * problem told, for anything else: bad_price, negative, too_precise, out_of_range. */
bool cell_money(const CellAt *at, Str cell, Str currency, Money *ret);

/* Items of a list separated by commas, trimmed, empty ones left out; "\," is a comma. */
CatalogTexts cell_list(Arena *a, Str cell);

/* JSON string of a text. */
Str cell_json(Arena *a, Str text);

/* --- building ----------------------------------------------------------------------------- */

/* Mark a member as given, by its name in the shape (asserts that there is such a field). */
void import_give(uint64_t *given, const Shape *shape, const char *field);
bool import_given(uint64_t given, const Shape *shape, const char *field);

/* Set a text member and mark it. */
void import_set_text(void *dst, uint64_t *given, const Shape *shape, const char *field, Str v);

CatalogVariant *import_add_variant(ImportProduct *ip, Arena *a, int64_t line);
CatalogMedia   *import_add_media(ImportProduct *ip, Arena *a);
void            import_add_attribute(ImportProduct *ip, Arena *a, Str key, Str name, Str text);
/* A category, as the file writes it: "Clothing > Shirts"; a problem when it is none. */
void import_add_category(ImportProduct *ip, Arena *a, const CellAt *at, Str path);
void import_add_publication(ImportProduct *ip, Arena *a, Str channel, bool on);

/* Make room for one more element: returns where it goes and counts it. */
void *import_push(Arena *a, void **items, size_t *n, size_t *cap, size_t size);

/* --- applying ----------------------------------------------------------------------------- */

typedef enum ImportOutcome { IMPORT_CREATED, IMPORT_UPDATED, IMPORT_UNCHANGED } ImportOutcome;

/* Inside a transaction. What the catalogue refuses is told in *problems, and the failure
 * returned: the transaction is then to be rolled back. */
NODISCARD Status import_apply(Cx *cx, const ImportFile *file, ImportProduct *ip,
                              ImportProblems *problems, ImportOutcome *ret);

/* Write the state of an import, in the running transaction. */
NODISCARD Status import_state_write(Cx *cx, const Import *im);
