/* product.h - products, with their options, variants, prices, media and attributes.
 *
 * A product is read and written whole: CatalogProduct is what the API shows and takes. It
 * always has at least one variant and no "master": what is sold is a variant. A variant
 * has one value of each of the product's options; no two variants have the same values.
 *
 * Writing compares with what is there and touches only rows that differ: saving the same
 * again writes nothing, tells no event and keeps `rev`. `given` (shape.h) says which
 * members are meant; the others keep their value. Lists replace the whole list, but their
 * elements are recognised and keep their id, and the members that are not given:
 *
 *      options     by id, else by name            values    by id, else by name
 *      variants    by id, else by their values     media     by id, else by url
 *      prices      by list, currency, min_qty and starts_at
 *
 * Texts that are empty are "", never null. Times are UTC. Money is in minor units.
 *
 * Invariants (schema, checks, tests/catalog)
 *   a handle belongs to one product; the paths it had before lead to it
 *   1 <= variants of a product <= CATALOG_VARIANTS_MAX; their values are of its options
 *   a collection by rule has exactly the products that its rule holds for, once events
 *   have been delivered
 *
 * Codes: catalog.no_product, catalog.no_variant, catalog.handle_taken, catalog.stale,
 * catalog.last_variant, and "shape.invalid" with issues: not_unique, negative,
 * unknown_option, unknown_attribute, not_found, … */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum {
    CATALOG_OPTIONS_MAX = 50,
    CATALOG_VALUES_MAX = 10000, /* of one option */
    CATALOG_VARIANTS_MAX = 10000,
    CATALOG_MEDIA_MAX = 1000,
    CATALOG_PRICES_MAX = 1000, /* of one variant */
    CATALOG_TAGS_MAX = 250,
    CATALOG_ATTRIBUTES_MAX = 250,
    CATALOG_CHANNELS_MAX = 50,
    CATALOG_HTML_MAX = 512 << 10,
    CATALOG_BASE_LIST = 1 /* id of the price list that every shop has */
};

/* Prefixes of ids outside of the program. */
#define CATALOG_PRODUCT_ID    "prd"
#define CATALOG_VARIANT_ID    "var"
#define CATALOG_OPTION_ID     "opt"
#define CATALOG_VALUE_ID      "opv"
#define CATALOG_PRICE_ID      "pri"
#define CATALOG_PRICE_LIST_ID "plist"
#define CATALOG_MEDIA_ID      "med"
#define CATALOG_COLLECTION_ID "col"

typedef enum CatalogStatus {
    CATALOG_DRAFT,   /* being written; nobody outside sees it */
    CATALOG_ACTIVE,  /* shown on the channels it is published on */
    CATALOG_ARCHIVED /* no longer sold, kept for its orders */
} CatalogStatus;

typedef enum CatalogKind {
    CATALOG_PHYSICAL,
    CATALOG_DIGITAL,
    CATALOG_SERVICE,
    CATALOG_GIFT_CARD,
    CATALOG_BUNDLE
} CatalogKind;

typedef enum CatalogMediaKind { CATALOG_IMAGE, CATALOG_VIDEO, CATALOG_MODEL3D } CatalogMediaKind;

typedef enum CatalogWeightUnit { CATALOG_G, CATALOG_KG, CATALOG_OZ, CATALOG_LB } CatalogWeightUnit;

typedef enum CatalogPolicy {
    CATALOG_DENY,     /* stop selling at quantity 0 */
    CATALOG_CONTINUE, /* sell on: back-order */
    CATALOG_PREORDER  /* sell on: it comes out later */
} CatalogPolicy;

/* How a variant stands, as Google's feeds, schema.org and pages tell it. */
typedef enum CatalogAvailability {
    CATALOG_OUT_OF_STOCK,
    CATALOG_IN_STOCK,
    CATALOG_BACKORDERED, /* sold on: it comes again */
    CATALOG_PREORDERED   /* sold on: it comes out later */
} CatalogAvailability;

/* What a variant costs in one price list and currency, from a quantity on, for a time. */
typedef struct CatalogPrice {
    uint64_t given;
    int64_t  id;
    int64_t  list_id; /* CATALOG_BASE_LIST unless given */
    Money    price;
    Money    compare_at; /* struck through beside it; absent: none */
    int64_t  min_qty;    /* 1 unless given */
    OptTime  starts_at;
    OptTime  ends_at;
    UnixMs   since; /* when `price` became what it is */
} CatalogPrice;

typedef struct CatalogPrices {
    CatalogPrice *items;
    size_t        n;
} CatalogPrices;

/* A value of a custom attribute; its definition is in attribute.h. */
typedef struct CatalogAttribute {
    Str key;   /* "namespace.key" */
    Str value; /* JSON, of the definition's type */
} CatalogAttribute;

typedef struct CatalogAttributes {
    CatalogAttribute *items;
    size_t            n;
} CatalogAttributes;

typedef struct CatalogTexts {
    Str   *items;
    size_t n;
} CatalogTexts;

/* Amount and unit for the unit price that the law wants: 0.75 l, shown per 1 l. */
typedef struct CatalogMeasure {
    double value;
    Str    unit; /* "ml", "l", "g", "kg", "m", "m2", "m3", "item", … */
    double base_value;
    Str    base_unit;
} CatalogMeasure;

typedef struct CatalogVariant {
    uint64_t        given;
    int64_t         id;
    int64_t         product_id;
    int64_t         position; /* 1, 2, … */
    Str             title;    /* "Red / M"; the product's title when it has no options */
    CatalogTexts    options;  /* one value for each option, in their order */
    Str             sku;      /* may be empty, may be there twice: old shops do it */
    Str             barcode;  /* GTIN, EAN, UPC, ISBN */
    Str             mpn;
    CatalogPrices   prices;
    Money           cost; /* absent: not known */
    OptI64          weight_g;
    int             weight_unit; /* CatalogWeightUnit, for display */
    OptI64          length_mm;
    OptI64          width_mm;
    OptI64          height_mm;
    Str             hs_code;
    Str             origin; /* ISO 3166-1 alpha-2 */
    bool            requires_shipping;
    bool            taxable;
    Str             tax_code;
    CatalogMeasure *measure;        /* NULL: none */
    bool            tracked;        /* is `quantity` meant? */
    int             policy;         /* CatalogPolicy */
    int64_t         quantity;       /* what can still be sold of it: stock/stock.h; writing it
                                     * counts the default location, so that it is so */
    int               availability; /* CatalogAvailability, as it was read */
    OptTime           expected_at;  /* when more comes, as the merchant said */
    Str               fulfilment;   /* who sends it: "manual", … */
    int64_t           min_qty;
    OptI64            max_qty;
    int64_t           step_qty;
    OptI64            media_id;    /* the picture that shows it */
    OptI64            media_index; /* instead, when writing: 1 is the product's first media */
    CatalogAttributes attributes;
    UnixMs            created_at;
    UnixMs            updated_at;
    /* not in JSON */
    Str  key;  /* the values' numbers, sorted: "1.4"; equal keys are equal combinations */
    bool full; /* as many as allowed were sold beyond what there is */
} CatalogVariant;

/* How one more piece stands: the one definition, for page, cart, feed, API and search. */
static inline CatalogAvailability catalog_variant_availability(const CatalogVariant *v)
{
    return !v->tracked || v->quantity > 0         ? CATALOG_IN_STOCK
           : v->policy == CATALOG_DENY || v->full ? CATALOG_OUT_OF_STOCK
           : v->policy == CATALOG_PREORDER        ? CATALOG_PREORDERED
                                                  : CATALOG_BACKORDERED;
}

/* Can it be bought now? */
static inline bool catalog_variant_available(const CatalogVariant *v)
{
    return catalog_variant_availability(v) != CATALOG_OUT_OF_STOCK;
}

/* When more comes; absent: nobody said a day that is still to come. */
static inline OptTime catalog_variant_more_at(const CatalogVariant *v, UnixMs now)
{
    return v->expected_at.has && v->expected_at.v.v > now.v ? v->expected_at : (OptTime){0};
}

/* When a piece comes that is sold now but is not there. */
static inline OptTime catalog_variant_comes_at(const CatalogVariant *v, UnixMs now)
{
    CatalogAvailability how = catalog_variant_availability(v);
    return how == CATALOG_BACKORDERED || how == CATALOG_PREORDERED ? catalog_variant_more_at(v, now)
                                                                   : (OptTime){0};
}

typedef struct CatalogVariants {
    CatalogVariant *items;
    size_t          n;
} CatalogVariants;

typedef struct CatalogOptionValue {
    uint64_t given;
    int64_t  id;
    Str      name;
    Str      swatch; /* "#c0ffee", or "" */
    /* not in JSON */
    int64_t number; /* 1, 2, … within the product, never used again */
} CatalogOptionValue;

typedef struct CatalogOptionValues {
    CatalogOptionValue *items;
    size_t              n;
} CatalogOptionValues;

typedef struct CatalogOption {
    uint64_t            given;
    int64_t             id;
    Str                 name;
    CatalogOptionValues values; /* those that variants use are added by themselves */
} CatalogOption;

typedef struct CatalogOptions {
    CatalogOption *items;
    size_t         n;
} CatalogOptions;

typedef struct CatalogMedia {
    uint64_t given;
    int64_t  id;
    int      kind; /* CatalogMediaKind */
    Str      url;  /* where it came from, or lies when it is not ours; may be "" with `hash` */
    Str      hash; /* of the stored file; "" when it is elsewhere */
    Str      mime;
    Str      alt;
    OptI64   width; /* pixels */
    OptI64   height;
    Str      colour; /* "#rrggbb" to show while it loads, or "" */
    Str      poster; /* of a video or model: address of a picture, or "" */
} CatalogMedia;

typedef struct CatalogMediaList {
    CatalogMedia *items;
    size_t        n;
} CatalogMediaList;

/* On a channel from one moment to another. */
typedef struct CatalogPublication {
    Str     channel;      /* "web", "pos", "agent", "marketplace", or one of the shop's own */
    OptTime published_at; /* absent when writing: now */
    OptTime unpublish_at;
} CatalogPublication;

typedef struct CatalogPublications {
    CatalogPublication *items;
    size_t              n;
} CatalogPublications;

typedef struct CatalogProduct {
    uint64_t            given;
    int64_t             id;
    Str                 handle; /* made from the title when not given */
    int                 status; /* CatalogStatus */
    int                 kind;   /* CatalogKind */
    Str                 title;
    Str                 description;      /* HTML as written; not safe to show */
    Str                 description_safe; /* safe to show; absent: `description` is, as it is */
    Str                 vendor;
    Str                 type;
    CatalogTexts        tags;
    Str                 category; /* path or id in a taxonomy such as Google's */
    Str                 tax_class;
    Str                 seo_title;
    Str                 seo_description;
    Str                 template_suffix; /* of the theme's template: "product.SUFFIX" */
    CatalogOptions      options;
    CatalogVariants     variants;
    CatalogMediaList    media;
    CatalogAttributes   attributes;
    CatalogPublications publications; /* new products: "web", from now */
    int64_t             variant_count;
    int64_t             rev; /* grows with every change; If-Match */
    UnixMs              created_at;
    UnixMs              updated_at;
    /* not in JSON */
    int64_t value_count; /* highest number of an option value ever given */
} CatalogProduct;

typedef struct CatalogProducts {
    CatalogProduct *items;
    size_t          n;
} CatalogProducts;

/* Say that a member is given, when a struct was not read from JSON:
 *      CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &p, title) */
void catalog_give(const Shape *shape, void *value, size_t offset);
#define CATALOG_GIVE(...) CATALOG_GIVE_(__VA_ARGS__)
#define CATALOG_GIVE_(shape, T, value, member)                                                     \
    catalog_give((shape), (T *){(value)}, offsetof(T, member))

/* Copy the members that are not given in *to from *from, lists included. */
void catalog_keep(const Shape *shape, void *to, const void *from);

extern const char *const catalog_status_names[],
    *const catalog_kind_names[], *const catalog_media_kind_names[],
                                     *const         catalog_weight_unit_names[],
                                         *const     catalog_policy_names[],
                                             *const catalog_availability_names[];

extern const Shape catalog_price_shape, catalog_attribute_shape, catalog_measure_shape,
    catalog_variant_shape, catalog_option_value_shape, catalog_option_shape, catalog_media_shape,
    catalog_publication_shape, catalog_product_shape;

/* --- reading ------------------------------------------------------------------------------ */

enum CatalogParts { /* what to load besides the product's own row */
                    CATALOG_WITH_OPTIONS = 1,
                    CATALOG_WITH_VARIANTS = 2, /* includes options */
                    CATALOG_WITH_PRICES = 4,   /* includes variants */
                    CATALOG_WITH_MEDIA = 8,
                    CATALOG_WITH_ATTRIBUTES = 16,
                    CATALOG_WITH_PUBLICATIONS = 32,
                    CATALOG_WITH_ALL = 63
};

/* One statement for each part, however many variants there are.
 * ST_NOT_FOUND "catalog.no_product". */
NODISCARD Status catalog_product_get(Cx *cx, int64_t id, unsigned parts, CatalogProduct *ret);
NODISCARD Status catalog_product_by_handle(Cx *cx, Str handle, unsigned parts, CatalogProduct *ret);

/* Those of `ids` that exist, in that order: the same number of statements as for one. */
NODISCARD Status catalog_products_get(Cx *cx, const int64_t *ids, size_t n, unsigned parts,
                                      CatalogProducts *ret);

/* At most `max` products with id > `after`, in the order of their ids: for going through
 * all of them. */
NODISCARD Status catalog_products_after(Cx *cx, int64_t after, int64_t max, unsigned parts,
                                        CatalogProducts *ret);

/* Is it shown on `channel` at `now`? Wants the publications. */
bool catalog_product_visible(const CatalogProduct *p, Str channel, UnixMs now);

/* --- writing ------------------------------------------------------------------------------ */

/* Make a product of what is given and fill *p with the result. Without a handle, one is
 * made from the title and gets "-2", "-3" … when it is taken; one that was given and is
 * taken is ST_CONFLICT "catalog.handle_taken". Wrong input is ST_INVALID "shape.invalid"
 * with cx->issues. */
NODISCARD Status catalog_product_create(Cx *cx, CatalogProduct *p);

/* Change product `id` to what is given in *p and fill *p with the result. `rev` that is
 * not 0 must be the product's: ST_STALE "catalog.stale". *ret_changed (may be NULL) is
 * false when all was so already. */
NODISCARD Status catalog_product_update(Cx *cx, int64_t id, int64_t rev, CatalogProduct *p,
                                        bool *ret_changed);

NODISCARD Status catalog_product_delete(Cx *cx, int64_t id, int64_t rev);

/* Those of `ids` that exist, in that order, with their options named. */
NODISCARD Status catalog_variants_get(Cx *cx, const int64_t *ids, size_t n, CatalogVariants *ret);

/* One variant, without loading its sisters. */
NODISCARD Status catalog_variant_get(Cx *cx, int64_t id, CatalogVariant *ret);
NODISCARD Status catalog_variant_create(Cx *cx, int64_t product_id, CatalogVariant *v);
NODISCARD Status catalog_variant_update(Cx *cx, int64_t id, CatalogVariant *v);
/* ST_CONFLICT "catalog.last_variant" */
NODISCARD Status catalog_variant_delete(Cx *cx, int64_t id);
