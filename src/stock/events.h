/* events.h - what stock tells others. */
#pragma once

#include "core/event.h"
#include "stock/stock.h"

typedef struct StockChanged { /* what is shown of a variant's stock; stream: the product */
    int64_t variant_id;
    int64_t product_id;
    int64_t available; /* as it is after this change */
    int64_t was;
} StockChanged;

typedef struct StockLocationChanged {
    int64_t location_id;
} StockLocationChanged;

enum {
    STOCK_EV_CHANGED,       /* internal: renew what shoppers see */
    STOCK_EV_LOW,           /* fell to what the merchant calls low; StockChanged */
    STOCK_EV_SOLD_OUT,      /* fell to 0; StockChanged */
    STOCK_EV_BACK_IN_STOCK, /* rose above 0; StockChanged */
    STOCK_EV_LOCATION_CHANGED,
    STOCK_EVENTS
};

extern const EventType stock_events[];
#define stock_changed          stock_events[STOCK_EV_CHANGED]
#define stock_low              stock_events[STOCK_EV_LOW]
#define stock_sold_out         stock_events[STOCK_EV_SOLD_OUT]
#define stock_back_in_stock    stock_events[STOCK_EV_BACK_IN_STOCK]
#define stock_location_changed stock_events[STOCK_EV_LOCATION_CHANGED]
