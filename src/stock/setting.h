/* setting.h - "stock.routing": from where orders are sent, and what is called low. */
#pragma once

#include "core/setting.h"

typedef enum StockRule {
    STOCK_FEWEST_PARCELS, /* from as few locations as can be */
    STOCK_NEAREST,        /* to the address: country, state, postal code */
    STOCK_PRIORITY        /* as the merchant numbered them */
} StockRule;

enum { STOCK_RULES_MAX = 3 };

typedef struct StockRouting {
    struct {
        int   *items; /* StockRule, the first decides, the next where it is a draw */
        size_t n;
    } rules;
    int64_t
        low_at; /* of variants that say nothing: 0 - STOCK_SHOWN_MAX; "stock.low" is told then */
} StockRouting;

extern const char *const stock_rule_names[];
extern const Setting     stock_settings[1];
#define stock_routing_setting stock_settings[0]
