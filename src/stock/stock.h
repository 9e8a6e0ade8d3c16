/* stock.h - what there is of each variant, where, and how much of it can still be sold.
 *
 * A level is a variant at a location. Four numbers stand there:
 *
 *      on_hand    pieces that are there: the sum of all movements, never below 0
 *      allocated  of these, promised to orders that are placed: the sum of open allocations
 *      reserved   of these, held for carts that are checking out, for a while
 *      safety     kept back, never sold
 *
 *      available = on_hand - allocated - reserved - safety
 *
 * and the sum of it over the locations that sell online is what page, cart, feed, API and
 * search mean by available: CatalogVariant.quantity (catalog/product.h) is this number
 * wherever a variant is read. It is below 0 when more was promised than there is, which only
 * happens to variants whose policy allows it, after a count that found less, and with
 * STOCK_FORCE.
 *
 * A shop's product pages show this number up to STOCK_SHOWN_MAX exactly, and above as "at least":
 * the read model of products is renewed when what is shown changes, so that a sale out of
 * a full shelf throws no page away.
 *
 * Every change of on_hand or allocated is a movement that is never changed or deleted; the
 * database itself refuses it. Movements of an order line tell what of it is allocated where:
 * there is no second book.
 *
 *      checkout begins   stock_reserve(cx, cart, lines, n, ttl, &lack)     in cx_in_tx()
 *      shopper is there  stock_extend(cx, cart, ttl)
 *      order is placed   stock_allocate(cx, &ask, &allocation)             in cx_in_tx()
 *      parcel leaves     stock_ship(cx, &move)
 *      cancelled         stock_unallocate(cx, line, qty)
 *
 * These run in the caller's transaction and plan before they write: when they fail with
 * "stock.insufficient" they have written nothing, and the transaction may go on.
 * Statements: reserving n lines 3 + 2n, allocating n lines 4 + 2n, extending 2.
 *
 * A variant that is not tracked can always be sold; nothing is booked for it, but it is routed
 * to a location like the others. What may be sold of a tracked one beyond available says its
 * policy: CATALOG_DENY nothing; CATALOG_CONTINUE and CATALOG_PREORDER any number, or as many
 * as StockItem.oversell_max. Only limited variants are reserved.
 *
 * Invariants (schema, tests/stock)
 *   on_hand = sum of movements' on_hand >= 0      allocated = sum of movements' allocated >= 0
 *   reserved = sum of reservations >= 0           open allocations of an order line >= 0
 *   selling never makes available negative where the policy is CATALOG_DENY (but STOCK_FORCE)
 *
 * Codes: stock.insufficient, stock.no_location, stock.no_transfer, stock.no_count,
 * stock.location_in_use, stock.last_location, stock.not_open, stock.not_allocated. */
#pragma once

#include "base/shape.h"
#include "catalog/product.h"

#define STOCK_LOCATION_ID    "loc"
#define STOCK_MOVEMENT_ID    "smv"
#define STOCK_RESERVATION_ID "rsv"
#define STOCK_TRANSFER_ID    "trf"
#define STOCK_COUNT_ID       "cnt"

enum {
    STOCK_DEFAULT_LOCATION = 1, /* id of the location that every shop has */
    STOCK_LOCATIONS_MAX = 200,
    STOCK_LINES_MAX = 500,      /* of one call, document or bulk change */
    STOCK_QTY_MAX = 1000000000, /* of one number */
    STOCK_SHOWN_MAX = 20        /* up to here shoppers see the number exactly */
};

/* --- locations ---------------------------------------------------------------------------- */

typedef enum StockLocationKind { STOCK_WAREHOUSE, STOCK_SHOP } StockLocationKind;

typedef struct StockLocation {
    uint64_t given;
    int64_t  id;
    Str      name;
    int      kind;     /* StockLocationKind */
    bool     active;   /* inactive: nothing is sold from there or moved */
    bool     online;   /* its stock is sold in the online shop, and sent from there */
    bool     pickup;   /* orders can be fetched there */
    int64_t  priority; /* lower is asked first */
    Str      address1, address2, city, zone, postal, phone; /* zone: state, province */
    Str      country;                                       /* ISO 3166-1 alpha-2; "" not known */
    Str      time_zone;                                     /* IANA; "": the shop's */
    OptReal  latitude, longitude;
    UnixMs   created_at, updated_at;
} StockLocation;

typedef struct StockLocations {
    StockLocation *items;
    size_t         n;
} StockLocations;

extern const char *const stock_location_kind_names[];
extern const Shape       stock_location_shape;

/* All of them, by priority, then age. */
NODISCARD Status stock_locations(Cx *cx, StockLocations *ret);
NODISCARD Status stock_location_get(Cx *cx, int64_t id, StockLocation *ret);
NODISCARD Status stock_location_create(Cx *cx, StockLocation *l);
NODISCARD Status stock_location_update(Cx *cx, int64_t id, StockLocation *l);
/* ST_CONFLICT "stock.location_in_use" while stock is there or was moved there: make it inactive;
 * "stock.last_location". */
NODISCARD Status stock_location_delete(Cx *cx, int64_t id);

/* --- movements ---------------------------------------------------------------------------- */

typedef enum StockKind {
    STOCK_RECEIVED, /* from a supplier */
    STOCK_ADJUSTED,
    STOCK_COUNTED,
    STOCK_TRANSFER_OUT,
    STOCK_TRANSFER_IN,
    STOCK_ALLOCATED,
    STOCK_RELEASED,
    STOCK_SHIPPED,
    STOCK_RETURNED,
    STOCK_DAMAGED
} StockKind;

extern const char *const stock_movement_kind_names[];

/* --- reading ------------------------------------------------------------------------------ */

typedef struct StockAvailability { /* of one variant, over all locations that sell online */
    int64_t variant_id;
    int64_t product_id;
    bool    known;   /* false: there is no such variant */
    bool    tracked; /* false: always available */
    int     policy;  /* CatalogPolicy */
    int64_t available;
    int64_t sellable;    /* how many more may be sold now, STOCK_QTY_MAX for any number */
    OptTime expected_at; /* when more comes, as the merchant said */
} StockAvailability;

/* ret[i] of variant ids[i], exactly as it stands: one statement. */
NODISCARD Status stock_available(Cx *cx, const int64_t *ids, size_t n, StockAvailability *ret);

/* --- carts -------------------------------------------------------------------------------- */

typedef struct StockLine {
    int64_t variant_id;
    int64_t qty;     /* >= 1 */
    int64_t line_id; /* of the order, for stock_allocate(); of the cart, or 0 */
} StockLine;

typedef struct StockLack { /* a line that cannot be had in full */
    int64_t variant_id;
    int64_t line_id;
    int64_t wanted;
    int64_t available; /* for this line, after those before it: 0 … wanted - 1 */
} StockLack;

typedef struct StockShort {
    StockLack *items;
    size_t     n;
} StockShort;

/* Hold `lines` for `owner` (a cart) until cx->now + ttl, in place of what it held: calling it
 * again with the same lines writes only the new end. All or nothing: ST_CONFLICT
 * "stock.insufficient" fills *ret with what lacks, writes nothing, and what was held before is
 * held on. Reservations that have ended never make it fail. In the caller's transaction. */
NODISCARD Status stock_reserve(Cx *cx, int64_t owner, const StockLine *lines, size_t n, SpanMs ttl,
                               StockShort *ret);

/* Hold what `owner` holds until cx->now + ttl at least. In the caller's transaction.
 * *ret_held (may be NULL): how many reservations; 0: none (any more), or none was needed. */
NODISCARD Status stock_extend(Cx *cx, int64_t owner, SpanMs ttl, int64_t *ret_held);

/* Hold nothing any more. In the caller's transaction. */
NODISCARD Status stock_release(Cx *cx, int64_t owner);

/* --- orders ------------------------------------------------------------------------------- */

typedef struct StockDestination {
    Str     country, zone, postal; /* of the delivery address; "" where not known */
    int64_t location_id;           /* 0, or: from here as far as it is there (pickup in shop) */
} StockDestination;

enum StockFlags {
    STOCK_FORCE = 1 /* allocate what lacks, too: available becomes negative (paid orders) */
};

typedef struct StockAsk {
    int64_t          owner;    /* the cart whose reservations become allocations; 0: none */
    int64_t          order_id; /* for the movements */
    const StockLine *lines;    /* with line_id */
    size_t           n;
    StockDestination to;
    unsigned         flags; /* StockFlags */
} StockAsk;

typedef struct StockPart { /* so many of an order line come from there */
    int64_t line_id;
    int64_t variant_id;
    int64_t location_id;
    int64_t qty;
    bool    backorder; /* not there yet: beyond what was available */
} StockPart;

typedef struct StockParts {
    StockPart *items;
    size_t     n;
} StockParts;

typedef struct StockAllocation {
    StockParts parts; /* in the order of the lines; variants that are not tracked too */
    StockShort lack;  /* with "stock.insufficient"; with STOCK_FORCE: what was forced */
} StockAllocation;

/* Promise the lines to the order, from locations chosen by the rules (setting "stock.routing"), and
 * end the reservations of `owner`. In the caller's transaction.
 * ST_CONFLICT "stock.insufficient": ret->lack says what, nothing was written. */
NODISCARD Status stock_allocate(Cx *cx, const StockAsk *ask, StockAllocation *ret);

/* Give `qty` pieces of an order line back, those allocated last first; what was never booked (not
 * tracked) is passed over. In the caller's transaction. */
NODISCARD Status stock_unallocate(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty);

typedef struct StockMove { /* pieces of an order line at a location */
    int64_t order_id;
    int64_t line_id;
    int64_t variant_id;
    int64_t location_id;
    int64_t qty; /* >= 1 */
} StockMove;

/* They leave: on_hand and the line's allocation go down. What is allocated elsewhere is taken from
 * there in the books. When the books say there are fewer than leave, the difference is found: a
 * movement STOCK_ADJUSTED comes before. In the caller's transaction. */
NODISCARD Status stock_ship(Cx *cx, const StockMove *move);

/* They came back: on_hand goes up, or with `damaged` it is only written down that they did. In the
 * caller's transaction. */
NODISCARD Status stock_return(Cx *cx, const StockMove *move, bool damaged);

/* What of an order is allocated and has not left, by line and location: one statement. */
NODISCARD Status stock_allocated(Cx *cx, int64_t order_id, StockParts *ret);

/* Of each variant at each location, what is free there: one statement, at most STOCK_LINES_MAX
 * variants. `qty` may be negative; variants that are not counted are not in it. */
NODISCARD Status stock_spread(Cx *cx, const int64_t *variants, size_t n, StockParts *ret);

/* --- for staff ---------------------------------------------------------------------------- */

typedef struct StockRow { /* a variant at a location, as lists show it */
    int64_t variant_id, location_id, product_id;
    Str     sku, title; /* of the product; "" when it was deleted */
    int64_t on_hand, allocated, reserved, safety, available;
    UnixMs  changed_at;
} StockRow;
typedef struct StockRows {
    StockRow *items;
    size_t    n;
} StockRows;

typedef struct StockFilter { /* 0, "": any */
    int64_t location_id, variant_id, product_id;
    Str     sku;
    bool    low; /* at most `low_max` available */
    int64_t low_max;
    int64_t after_variant, after_location; /* go on behind this one */
    int64_t limit;
} StockFilter;

extern const Shape stock_row_shape;
NODISCARD Status   stock_levels(Cx *cx, const StockFilter *f, StockRows *ret);

typedef struct StockSet { /* one number of one variant at one location */
    int64_t variant_id;   /* or … */
    Str     sku;          /* … this, when only one variant has it */
    int64_t location_id;  /* 0: the default one */
    OptI64  on_hand;      /* counted: so many are there */
    OptI64  available;    /* so many shall be available there */
    OptI64  adjust;       /* so many more, or fewer */
    OptI64  received;     /* so many came from a supplier */
    OptI64  safety;       /* keep so many back */
    Str     reason;
} StockSet;
extern const Shape stock_set_shape;

/* All of them or none, in one transaction; at most STOCK_LINES_MAX. ST_INVALID "shape.invalid" with
 * issues at /items/i. */
NODISCARD Status stock_set(Cx *cx, const StockSet *items, size_t n);

typedef struct StockItem {
    int64_t variant_id;
    OptI64  low_at;       /* stock.low is told then; absent: as the setting says */
    OptI64  oversell_max; /* back-orders and pre-orders taken at most; absent: any number */
    OptTime expected_at;  /* when more comes */
} StockItem;
extern const Shape stock_item_shape;
NODISCARD Status   stock_item_get(Cx *cx, int64_t variant_id, StockItem *ret);
NODISCARD Status   stock_item_put(Cx *cx, const StockItem *item);

typedef struct StockMovement {
    int64_t id, variant_id, location_id;
    int     kind; /* StockKind */
    int64_t on_hand, allocated;
    OptI64  order_id, line_id, document_id;
    Str     reason;
    UnixMs  at;
} StockMovement;
typedef struct StockMovements {
    StockMovement *items;
    size_t         n;
} StockMovements;
extern const Shape stock_movement_shape;

/* Of a variant, newest first, id < before (0: all). */
NODISCARD Status stock_movements(Cx *cx, int64_t variant_id, int64_t before, int64_t limit,
                                 StockMovements *ret);

/* A file of all levels, as CSV with the columns SKU, Variant ID, Product, Location, On hand,
 * Allocated, Reserved, Safety, Available. Appends to `out`. */
NODISCARD Status stock_csv_write(Cx *cx, Buf *out);

typedef struct StockCsvProblem {
    int64_t line;
    Str     code, detail;
} StockCsvProblem;
typedef struct StockCsvDone {
    int64_t rows, changed;
    struct {
        StockCsvProblem *items; /* the first hundred */
        size_t           n;
    } problems;
} StockCsvDone;
extern const Shape stock_csv_done_shape;

/* Take such a file: SKU or Variant ID, Location (its name or id; none: the default one), On hand,
 * Safety. Columns may be missing, rows that are wrong are told and passed over; as many rows as fit
 * are written together, so a file that fails halfway can be sent again. */
NODISCARD Status stock_csv_read(Cx *cx, Str file, StockCsvDone *ret);
