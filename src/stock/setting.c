#include "stock/setting.h"

#include "stock/stock.h"

const char *const stock_rule_names[] = {"fewest_parcels", "nearest", "priority", NULL};

static const ShapeField ROUTING[] = {
    SHAPE_ENUMS(StockRouting, rules, stock_rule_names, .max = STOCK_RULES_MAX,
                .doc = "From where an order is sent: the first decides, the next where it is a "
                       "draw."),
    SHAPE_INT(StockRouting, low_at, .min = 0, .max = STOCK_SHOWN_MAX,
              .doc = "Down to how many of a variant stock.low is told, unless the variant says "
                     "otherwise."),
};
static const Shape routing_shape =
    SHAPE_OF(StockRouting, "StockRouting", ROUTING, .doc = "How orders are routed to locations.");

static int                RULES[] = {STOCK_FEWEST_PARCELS, STOCK_NEAREST, STOCK_PRIORITY};
static const StockRouting DEFAULTS = {.rules = {RULES, COUNT_OF(RULES)}, .low_at = 3};

const Setting stock_settings[1] = {{"stock.routing", &routing_shape, &DEFAULTS}};
