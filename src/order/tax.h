/* tax.h - taxes: classes, zones, rates, and where they come from.
 *
 * A zone is a country, or some regions or postal codes of one, or ("") the world. A
 * destination is in the most specific zone that fits: postal codes before regions before the
 * country before the world; of equals the older one. What is sold there is taxed with the rates
 * of that zone; a zone that `adds` comes on top of the next wider one (a province's tax beside
 * the country's). A zone that is not active is not there.
 *
 * A rate is of one class and holds for a time. When a zone has no rate for a class, its rate for
 * "standard" is taken; what is of class "exempt", or not taxable, has none. Class "zero" has a
 * rate of 0 that is shown. Rates of one zone and class add up in their order; one that is
 * `compound` is on the amount with those before it.
 *
 * The table that ships (tax_rates.csv: EU, GB, UA, TR, CH; its date and sources stand in it) is
 * loaded when the program first starts on a database and is the shop's own from then on:
 * staff change it. tax_shipped_apply() brings later versions in, without touching rates that
 * staff wrote.
 *
 * Codes: order.no_tax_zone, order.no_tax_rate, order.no_tax_class, order.stale,
 * order.tax_class_taken, order.tax_class_in_use. */
#pragma once

#include "core/cx.h"
#include "core/setting.h"
#include "order/totals.h"

#define ORDER_TAX_ZONE_ID  "txz"
#define ORDER_TAX_RATE_ID  "txr"
#define ORDER_TAX_CLASS_ID "txc"

enum { TAX_ZONES_MAX = 2000, TAX_RATES_MAX = 200 /* of one zone */, TAX_POSTALS_MAX = 200 };

/* Codes from..to of the same length compare as text, without spaces, in upper case; `to` empty:
 * all that begin with `from`. */
typedef struct TaxPostal {
    Str from, to;
} TaxPostal;

typedef struct TaxRate {
    uint64_t given;
    int64_t  id;
    Str      tax_class;
    Str      name; /* as people read it: "VAT", "ПДВ" */
    int64_t  rate_ppm;
    bool     compound;
    OptTime  starts_at, ends_at;
    bool     shipped; /* as in the table that ships; false once staff changed it */
} TaxRate;

typedef struct TaxZone {
    uint64_t given;
    int64_t  id;
    Str      title;
    Str      country; /* ISO 3166-1 alpha-2; "": the world */
    TOTALS_LIST(Str) regions;
    TOTALS_LIST(TaxPostal) postals;
    bool adds;
    bool active;
    TOTALS_LIST(TaxRate) rates; /* a list replaces the whole; kept by id */
    int64_t rev;
    UnixMs  created_at, updated_at;
} TaxZone;

typedef TOTALS_LIST(TaxZone) TaxZones;

typedef struct TaxClass {
    uint64_t given;
    int64_t  id;
    Str      handle; /* what products name: "standard", "reduced", "books" */
    Str      title;
    Str      base; /* class whose rates are taken where a zone has none; "": standard */
} TaxClass;

typedef TOTALS_LIST(TaxClass) TaxClasses;

extern const Shape tax_zone_shape, tax_rate_shape, tax_class_shape;

/* --- settings "order.tax" ----------------------------------------------------------------- */

typedef struct TaxSettings {
    bool prices_include_tax;
    int  rounding; /* 0 per item, 1 per total */
    int  delivery; /* TotalsDeliveryTax */
    bool keep_net;
    Str  home_country, home_region;
    TOTALS_LIST(Str) countries;
    Str provider; /* "table", or one that was added */
} TaxSettings;

extern const Setting order_tax_settings[1];
#define order_tax_setting order_tax_settings[0]

/* --- the table in memory ------------------------------------------------------------------ */

/* Pure. `zones` and `classes` must live as long as the result. */
const TaxTable *tax_table_make(Arena *a, const TaxZones *zones, const TaxClasses *classes);

/* The rates of class "" (standard) … at a destination, in the order in which they apply.
 * *ret_zone (may be NULL): the most specific zone, or 0. */
TotalsRates tax_table_rates(const TaxTable *t, Arena *a, Str country, Str region, Str postal,
                            Str tax_class, UnixMs at, int64_t *ret_zone);

/* --- providers ---------------------------------------------------------------------------- */

/* Somebody else who knows the rates: a service for US sales tax, say. It is asked before totals,
 * outside of transactions, and says the rates of every line, delivery and fee by setting their
 * `rates`; those that it leaves NULL come from the table. It may wait for a server: with a short
 * deadline, and a memory of its own for what it was asked before. When it fails, the cart is
 * priced by the table, and the failure logged. */
typedef struct TaxProvider {
    const char *key;
    Status (*rates)(Cx *cx, const TotalsIn *in, TotalsLine *lines, TotalsDelivery *deliveries,
                    TotalsFee *fees);
} TaxProvider;

/* At start, before requests. At most 8. */
void               tax_provider_add(const TaxProvider *p);
const TaxProvider *tax_provider_find(Str key); /* NULL: the table, or unknown */

/* --- writing ------------------------------------------------------------------------------ */

NODISCARD Status tax_zones(Cx *cx, TaxZones *ret); /* by country, then age */
NODISCARD Status tax_zone_get(Cx *cx, int64_t id, TaxZone *ret);
NODISCARD Status tax_zone_create(Cx *cx, TaxZone *z);
NODISCARD Status tax_zone_update(Cx *cx, int64_t id, int64_t rev, TaxZone *z);
NODISCARD Status tax_zone_delete(Cx *cx, int64_t id, int64_t rev);

NODISCARD Status tax_classes(Cx *cx, TaxClasses *ret); /* by handle */
NODISCARD Status tax_class_get(Cx *cx, int64_t id, TaxClass *ret);
NODISCARD Status tax_class_create(Cx *cx, TaxClass *c);
NODISCARD Status tax_class_update(Cx *cx, int64_t id, TaxClass *c);
NODISCARD Status tax_class_delete(Cx *cx, int64_t id); /* standard, zero, exempt stay */

/* --- the table that ships ----------------------------------------------------------------- */

typedef struct TaxShipped {
    Str     date;   /* "2026-11-22": when it was last checked */
    Str     source; /* where its facts are from */
    int64_t zones_added, rates_added, rates_ended, rates_kept; /* what applying did */
    Str     applied; /* date of the version that was applied before; "": none */
} TaxShipped;
extern const Shape tax_shipped_shape;

/* Bring it in, if it is newer than what was applied before (or `again`). Rates of zones that
 * staff changed are kept and counted in rates_kept. */
NODISCARD Status tax_shipped_apply(Cx *cx, bool again, TaxShipped *ret);
NODISCARD Status tax_shipped_get(Cx *cx, TaxShipped *ret);
