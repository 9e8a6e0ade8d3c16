/* catalog_int.h - between the files of this folder. */
#pragma once

#include "catalog/catalog.h"
#include "catalog/catalog_sql.h"
#include "catalog/stock_hook.h"
#include "core/event.h"

/* --- structs through their shapes: same.c ------------------------------------------------- */

/* GIVEN(&catalog_product_shape, CatalogProduct, p, title), the first two often a macro */
#define GIVEN(...) SHAPE_GIVEN(__VA_ARGS__)

/* Are all members the same that bodies can set, except lists and those write-only? */
bool catalog_same(const Shape *shape, const void *x, const void *y);

bool catalog_texts_same(CatalogTexts x, CatalogTexts y);

/* --- finding things by id: index.c -------------------------------------------------------- */

typedef struct IdSlot {
    int64_t id;
    void   *at;
} IdSlot;

typedef struct IdIndex {
    IdSlot *slots;
    size_t  n;
    bool    sorted;
} IdIndex;

void  id_index_init(IdIndex *x, Arena *a, size_t cap);
void  id_index_add(IdIndex *x, int64_t id, void *at);
void *id_index_find(IdIndex *x, int64_t id); /* NULL when it is not there */

/* The same by text, and it may grow while it is searched. */
typedef struct NameSlot {
    Str   name; /* ptr NULL: free */
    void *at;
} NameSlot;

typedef struct NameTable {
    Arena    *arena;
    NameSlot *slots;
    size_t    mask; /* number of slots - 1 */
    size_t    n;
} NameTable;

void  name_table_init(NameTable *t, Arena *a, size_t expected);
void *name_table_find(const NameTable *t, Str name); /* NULL when it is not there */
/* False, and nothing is added, when the name is there. `at` is not NULL. */
bool name_table_add(NameTable *t, Str name, void *at);

typedef struct Ids {
    int64_t *items;
    size_t   n;
} Ids;

Ids  ids_new(Arena *a, size_t cap);
void ids_add(Ids *ids, int64_t id);

/* --- text --------------------------------------------------------------------------------- */

/* Tags and choices are kept one a line. */
Str          lines_join(Arena *a, CatalogTexts texts);
CatalogTexts lines_split(Arena *a, Str text);

/* The safe form of HTML, for a *_safe column: absent when `html` is safe as it is. */
Str html_safe(Arena *a, Str html);
/* `safe` as it was stored with `version`: made anew when the rules have changed. */
Str html_safe_again(Arena *a, Str html, Str safe, int64_t version);

/* --- loading: product_load.c -------------------------------------------------------------- */

/* Variants by id with prices and attributes, as they stand in the database: `options` and
 * `title` are empty, only `key` tells the values. */
NODISCARD Status variants_load(Cx *cx, const int64_t *ids, size_t n, CatalogVariants *ret);

/* Fill options and title of variants from their keys. */
void variants_name(Arena *a, const CatalogProduct *p, CatalogVariants variants);

void variant_row(const CatalogVariant *v, CatalogVariantRow *ret);

void             price_from_row(const CatalogPriceRow *r, CatalogPrice *p);
NODISCARD Status prices_load(Cx *cx, int64_t variant, CatalogPrices *ret);

/* Do they hold for the same list, currency, quantity and start? */
bool price_same_place(const CatalogPrice *x, const CatalogPrice *y);

/* Media, attributes and publications of several owners: parts.c. Add the owners, with the
 * lists to fill (NULL: it has none of these), then load. */
typedef struct Parts {
    Arena  *arena;
    void   *owners;
    IdIndex index;
} Parts;

void parts_init(Parts *p, Arena *a, size_t cap);
void parts_add(Parts *p, int64_t id, CatalogMediaList *media, CatalogAttributes *attributes,
               CatalogPublications *publications);
NODISCARD Status parts_load(Cx *cx, Parts *p, const int64_t *ids, size_t n, unsigned parts);
/* Attributes of just these, not of all that hangs on a product. */
NODISCARD Status parts_load_attributes(Cx *cx, Parts *p, const int64_t *entities, size_t n);

/* Adds issues. */
void parts_check(Cx *cx, CatalogMediaList media, CatalogPublications publications,
                 Str template_suffix);

void shown_check(Cx *cx, OptTime published_at, OptTime unpublish_at);

/* Tags without blanks around them, without doubles that differ in case only. */
CatalogTexts tags_tidy(Arena *a, CatalogTexts tags);

/* Delete the attributes, translations, publications and media of something that goes. */
NODISCARD Status root_forget(Cx *cx, int64_t id);

/* stock_hook.c: numbers of pieces of those that are tracked. Was the number of `v` written? Then it
 * is told, with others. */
NODISCARD Status variants_fill(Cx *cx, CatalogVariant *const *variants, size_t n);
bool             variant_counts(const CatalogVariant *was, const CatalogVariant *v);
NODISCARD Status variants_count(Cx *cx, const CatalogCounted *counted, size_t n);

/* --- one change to one product ------------------------------------------------------------ */

typedef struct Edit {
    Cx                   *cx;
    const CatalogProduct *before;  /* NULL: it is new */
    CatalogProduct       *after;   /* what was given, then what shall be */
    bool                  partial; /* variants are only those that change */
    bool                  changed; /* set when something is written */
    int64_t               added;   /* partial: variants more or fewer */
    struct AttributeDefs *defs;    /* loaded when they are needed */
} Edit;

/* What needs no transaction, done before it: HTML made safe. */
void product_prepare(Cx *cx, CatalogProduct *p);

/* product_merge.c, variant_merge.c: make *after whole from what was given and *before:
 * recognise elements, give ids and numbers, put in defaults. Adds issues. */
NODISCARD Status product_merge(Edit *e);
void             options_merge(Edit *e);
NODISCARD Status variants_merge(Edit *e);

/* product_check.c: is *after right in itself? Adds issues. */
void product_check(Edit *e);

/* Issues at "/list/i/PREFIXprice". */
void price_check(Cx *cx, const char *list, size_t i, const char *prefix, const CatalogPrice *p);

/* Write the prices of variants of any products, sorted by product; all else stays. */
NODISCARD Status variants_reprice(Cx *cx, CatalogVariants before, CatalogVariants after);

/* price.c: the condition of a list (NULL: everybody); one that cannot be read makes the list
 * inactive. Then which of the lists apply. */
void pricing_compile(Arena *a, CatalogPriceList *l, const Condition **ret);
void pricing_of_lists(Arena *a, const CatalogPriceLists *lists, const Condition *const *conditions,
                      const CatalogBuyer *buyer, Str currency, UnixMs at, CatalogPricing *ret);

/* price_list.c: are the lists there, and do currencies fit? Adds issues. */
NODISCARD Status price_lists_check(Edit *e);

/* product.c: in the caller's transaction, for many at once. product_prepare() came before. `defs`:
 * what products of one transaction share, NULL at its beginning. */
NODISCARD Status product_create_in_tx(Cx *cx, struct AttributeDefs **defs, const CatalogProduct *in,
                                      CatalogProduct *ret);
NODISCARD Status product_update_in_tx(Cx *cx, struct AttributeDefs **defs, int64_t id, int64_t rev,
                                      const CatalogProduct *in, CatalogProduct *ret,
                                      bool *ret_changed);
NODISCARD Status product_delete_in_tx(Cx *cx, int64_t id, int64_t rev);

/* product_save.c, variant_save.c: write what differs. */
NODISCARD Status product_save(Edit *e);
NODISCARD Status variants_save(Edit *e);

/* Add an issue at "/list/INDEX/member"; member may hold further steps, or be "". */
void issue_at(Cx *cx, const char *list, size_t index, const char *member, const char *code,
              const char *fmt, ...) PRINTF_LIKE(6, 7);

/* ST_STALE "catalog.stale" unless `wanted` is 0 or what it `is`. */
NODISCARD Status rev_check(Cx *cx, int64_t wanted, int64_t is);

/* audit_add() with the action that before and after tell; nothing for the program itself. */
NODISCARD Status audit_change(Cx *cx, const char *entity, int64_t id, const Shape *shape,
                              const void *before, const void *after);

/* race.c: cx_in_tx() that runs fn again when somebody else took a name, or whatever there is
 * one of, after fn had found it free: then it is found taken. PostgreSQL knows it only in the end.
 * Every transaction here that looks for a name goes this way. */
NODISCARD Status catalog_in_tx(Cx *cx, CxTxFn *fn, void *arg);

/* How often the running transaction has lost such a race already. */
int races_lost(void);

/* --- parts that several kinds of things have ---------------------------------------------- */

/* media_rows.c: bring the media of an owner from `before` to `after`. */
NODISCARD Status media_save(Cx *cx, int64_t owner, CatalogMediaList before, CatalogMediaList after,
                            bool *changed);
void media_merge(Cx *cx, const char *list, CatalogMediaList before, CatalogMediaList *after);

/* publication.c */
void             publications_merge(Cx *cx, CatalogPublications before, bool by_default,
                                    CatalogPublications *after);
NODISCARD Status publications_save(Cx *cx, int64_t entity, CatalogPublications before,
                                   CatalogPublications after, bool *changed);

/* attribute_values.c: `list` is where they stand, for issues. */
NODISCARD Status attributes_check(Cx *cx, struct AttributeDefs **defs, int scope, const char *list,
                                  CatalogAttributes attributes);
NODISCARD Status attributes_save(Cx *cx, struct AttributeDefs **defs, int scope, int64_t entity,
                                 int64_t root, CatalogAttributes before, CatalogAttributes after,
                                 bool *changed);

/* handle.c */

/* A free handle like `wish` for something else than `self`: "wish", "wish-2", … */
typedef Status   HandleOwnerFn(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id);
NODISCARD Status handle_settle(Cx *cx, HandleOwnerFn *owner, int64_t scope, int64_t self,
                               bool explicit, const char *fallback, Str *handle);

/* redirect.c: a thing moved from `from` to `to`, each a path prefix and a handle. */
NODISCARD Status redirect_moved(Cx *cx, const char *prefix, Str from, Str to);
NODISCARD Status redirect_path_moved(Cx *cx, Str from_prefix, Str from, Str to_prefix, Str to);
/* Nothing leads away from a path that is live. */
NODISCARD Status redirect_live(Cx *cx, const char *prefix, Str handle);

typedef struct TextChange {
    const char *field;
    Str         was, is;
} TextChange;

NODISCARD Status translations_outdate(Cx *cx, int64_t entity, const TextChange *texts, size_t n);

/* The payload of an event, a struct of type->payload. ST_INVALID parks it. */
NODISCARD Status event_read(Cx *cx, const Event *event, const EventType *type, void *ret);

/* translation.c */
NODISCARD Status translation_outdate(Cx *cx, int64_t entity, const char *field);
NODISCARD Status translation_forget(Cx *cx, const int64_t *entities, size_t n);
