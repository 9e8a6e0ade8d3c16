/* route.h - which location sends what of an order. Pure: no database, no clock.
 *
 * What is there is divided so that, in the order of the rules,
 *      STOCK_FEWEST_PARCELS  as few locations as can be send something: the best choice of all
 *                            when there are at most ROUTE_EXACT places, else the one that covers
 *                            most comes first
 *      STOCK_NEAREST         the smallest `far` come first
 *      STOCK_PRIORITY        the smallest `priority` come first
 * A line comes from one place when one of those chosen has all of it. What is not there yet is
 * promised from the first place in that order; what is not counted, from the place that sends
 * something anyway. */
#pragma once

#include "stock/setting.h"
#include "stock/stock.h"

enum { ROUTE_EXACT = 10, ROUTE_PLACES = 32 /* the rest is not looked at */ };

typedef struct RoutePlace {
    int64_t id;
    int64_t priority;
    double  far; /* route_distance() */
} RoutePlace;

typedef struct RouteLine {
    int64_t        qty;
    bool           anywhere; /* not counted */
    const int64_t *there;    /* pieces at each place, in the order of the places; may be < 0 */
    size_t         shares;   /* index of an earlier line of the same variant + 1; 0: none */
} RouteLine;

typedef struct RoutePart {
    size_t  line, place; /* indices */
    int64_t qty;
    bool    backorder;
} RoutePart;

typedef struct RouteAsk {
    const RoutePlace *places; /* 1 … ROUTE_PLACES */
    size_t            nplaces;
    const RouteLine  *lines;
    size_t            nlines;
    const int        *rules; /* StockRule */
    size_t            nrules;
} RouteAsk;

/* Parts in the order of the lines: at most nlines * (nplaces + 1), in the arena. */
size_t route(Arena *a, const RouteAsk *ask, RoutePart **ret);

/* How far a location is from an address, in something like kilometres: by postal code within a
 * country, by state, and between countries by where they lie. Unknown parts count as far. */
double route_distance(const StockLocation *from, const StockDestination *to);
