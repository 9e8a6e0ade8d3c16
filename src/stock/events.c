#include "stock/events.h"

#include "stock/stock_int.h"

static const ShapeField CHANGED[] = {
    SHAPE_ID(StockChanged, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(StockChanged, product_id, CATALOG_PRODUCT_ID),
    SHAPE_INT(StockChanged, available, .doc = "Pieces that can be sold now …"),
    SHAPE_INT(StockChanged, was, .doc = "… and before."),
};
static const Shape changed =
    SHAPE_OF(StockChanged, "StockChanged", CHANGED, .doc = "What can be sold of a variant.");

static const ShapeField LOCATION_CHANGED[] = {
    SHAPE_ID(StockLocationChanged, location_id, STOCK_LOCATION_ID),
};
static const Shape location_changed =
    SHAPE_OF(StockLocationChanged, "StockLocationChanged", LOCATION_CHANGED,
             .doc = "A location was made, changed or deleted.");

const EventType stock_events[] = {
    [STOCK_EV_CHANGED] = {"stock.changed", 1, &changed,
                          "What shoppers see of a variant's stock changed: whether it can be "
                          "bought, or how many are left when few are."},
    [STOCK_EV_LOW] = {"stock.low", 1, &changed, "Few are left of a variant: time to order more."},
    [STOCK_EV_SOLD_OUT] = {"stock.sold_out", 1, &changed, "None is left of a variant."},
    [STOCK_EV_BACK_IN_STOCK] = {"stock.back_in_stock", 1, &changed,
                                "There is something of a variant again."},
    [STOCK_EV_LOCATION_CHANGED] = {"stock.location_changed", 1, &location_changed,
                                   "A location was made, changed or deleted."},
};

Status stock_tell_locations(Cx *cx, int64_t location)
{
    const StockLocationChanged told = {.location_id = location};
    return event_tell(cx, &stock_location_changed, location, &told);
}
