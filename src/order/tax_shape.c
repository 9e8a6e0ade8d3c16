/* Zones, rates, classes and settings of tax as JSON. */
#include "order/tax.h"

static const ShapeField POSTAL[] = {
    SHAPE_TEXT(TaxPostal, from, .min = 1, .max = 16, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(TaxPostal, to, .max = 16, .flags = SHAPE_LINE,
               .doc = "Of the same length; empty: all that begin with `from`."),
};
static const Shape postal_shape =
    SHAPE_OF(TaxPostal, "TaxPostal", POSTAL, .doc = "Postal codes from one to another.");

static const ShapeField RATE[] = {
    SHAPE_ID(TaxRate, id, ORDER_TAX_RATE_ID, .doc = "Of a rate to be changed; absent: a new one."),
    SHAPE_TEXT(TaxRate, tax_class, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_HANDLE,
               .example = "\"standard\""),
    SHAPE_TEXT(TaxRate, name, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "As people read it.", .example = "\"VAT\""),
    SHAPE_INT(TaxRate, rate_ppm, .min = 0, .max = 10000000, .flags = SHAPE_REQUIRED,
              .doc = "Parts per million: 20 % is 200000."),
    SHAPE_BOOL(TaxRate, compound, .doc = "On the amount with the taxes before it."),
    SHAPE_TIME(TaxRate, starts_at),
    SHAPE_TIME(TaxRate, ends_at),
    SHAPE_BOOL(TaxRate, shipped, .flags = SHAPE_READ_ONLY,
               .doc = "As in the table that ships; false: yours."),
};
const Shape tax_rate_shape = SHAPE_OF_PATCH(TaxRate, "TaxRate", RATE, .doc = "A tax.");

static const ShapeField ZONE[] = {
    SHAPE_ID(TaxZone, id, ORDER_TAX_ZONE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(TaxZone, title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(TaxZone, country, .max = 2, .flags = SHAPE_LINE,
               .doc = "ISO 3166-1 alpha-2; empty: everywhere.", .example = "\"DE\""),
    SHAPE_TEXTS(TaxZone, regions, .max = 200, .item_min = 1, .item_max = 64,
                .doc = "ISO 3166-2, with or without the country; empty: all of the country."),
    SHAPE_LIST(TaxZone, postals, TaxPostal, &postal_shape, .max = TAX_POSTALS_MAX),
    SHAPE_BOOL(TaxZone, adds, .doc = "On top of the rates of the next wider zone."),
    SHAPE_BOOL(TaxZone, active),
    SHAPE_LIST(TaxZone, rates, TaxRate, &tax_rate_shape, .max = TAX_RATES_MAX),
    SHAPE_INT(TaxZone, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(TaxZone, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(TaxZone, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape tax_zone_shape =
    SHAPE_OF_PATCH(TaxZone, "TaxZone", ZONE, .doc = "Where which taxes are owed.");

static const ShapeField CLASS[] = {
    SHAPE_ID(TaxClass, id, ORDER_TAX_CLASS_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(TaxClass, handle, .min = 1, .max = 64, .flags = SHAPE_REQUIRED | SHAPE_HANDLE,
               .doc = "What products name; it stays.", .example = "\"books\""),
    SHAPE_TEXT(TaxClass, title, .max = 255, .flags = SHAPE_LINE),
    SHAPE_TEXT(TaxClass, base, .max = 64, .flags = SHAPE_LINE,
               .doc = "Class whose rates hold where a zone has none of this one; empty: standard."),
};
const Shape tax_class_shape =
    SHAPE_OF_PATCH(TaxClass, "TaxClass", CLASS, .doc = "What is taxed alike.");

static const ShapeField SHIPPED[] = {
    SHAPE_TEXT(TaxShipped, date, .doc = "When the table was last checked."),
    SHAPE_TEXT(TaxShipped, source),
    SHAPE_TEXT(TaxShipped, applied, .doc = "Date of the version in use; empty: none."),
    SHAPE_INT(TaxShipped, zones_added),
    SHAPE_INT(TaxShipped, rates_added),
    SHAPE_INT(TaxShipped, rates_ended),
    SHAPE_INT(TaxShipped, rates_kept, .doc = "Of zones that staff changed."),
};
const Shape tax_shipped_shape =
    SHAPE_OF(TaxShipped, "TaxShipped", SHIPPED, .doc = "The tax table that ships with Rapport.");

/* --- settings ----------------------------------------------------------------------------- */

static const char *const ROUNDINGS[] = {"item", "total", NULL};
static const char *const DELIVERIES[] = {"standard", "proportional", NULL};

static const ShapeField SETTINGS[] = {
    SHAPE_BOOL(TaxSettings, prices_include_tax),
    SHAPE_ENUM(TaxSettings, rounding, ROUNDINGS,
               .doc = "item: of each line; total: of all lines with the same rates together."),
    SHAPE_ENUM(TaxSettings, delivery, DELIVERIES,
               .doc = "Deliveries and fees without a class: the standard rate, or in proportion to "
                      "what is delivered."),
    SHAPE_BOOL(TaxSettings, keep_net,
               .doc = "Prices include the tax of the home country; elsewhere that is taken out and "
                      "the tax there added. False: the same price everywhere."),
    SHAPE_TEXT(TaxSettings, home_country, .max = 2, .flags = SHAPE_LINE, .example = "\"DE\""),
    SHAPE_TEXT(TaxSettings, home_region, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXTS(TaxSettings, countries, .max = 250, .item_min = 2, .item_max = 2,
                .doc = "Where the shop collects tax; empty: wherever there is a zone."),
    SHAPE_TEXT(TaxSettings, provider, .max = 64, .flags = SHAPE_LINE,
               .doc = "table, or a service."),
};
static const Shape settings_shape =
    SHAPE_OF(TaxSettings, "TaxSettings", SETTINGS, .doc = "How prices are taxed.");

static const TaxSettings DEFAULTS = {.prices_include_tax = true, .provider = STR_INIT("table")};

const Setting order_tax_settings[1] = {{"order.tax", &settings_shape, &DEFAULTS}};
