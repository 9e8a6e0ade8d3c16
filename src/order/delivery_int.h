/* delivery_int.h - between the files about delivery; private to this folder. */
#pragma once

#include "core/core.h"
#include "order/delivery.h"
#include "order/fulfillment.h"
#include "order/order_sql.h"
#include "stock/stock.h"

typedef struct DeliveryDay { /* a holiday */
    int64_t day;             /* civil.h; of yearly ones month and day count */
    Str     country;
    bool    yearly;
} DeliveryDay;

typedef struct DeliveryIn { /* a product that is not in the default profile */
    int64_t product_id, profile_id;
} DeliveryIn;

/* Everything that says how goods are delivered; never changes, shared by readers. */
typedef struct DeliveryTables {
    Arena            arena; /* all of it lives here */
    DeliverySettings settings;
    Str              time_zone;
    DeliveryProfiles profiles; /* by id */
    DeliveryZones    zones;
    DeliveryMethods  methods;         /* active ones, by position */
    DeliveryPoints   points;          /* by country, then postal code */
    StockLocations   shops;           /* where orders can be fetched */
    TOTALS_LIST(DeliveryIn) products; /* by product */
    TOTALS_LIST(DeliveryDay) days;
} DeliveryTables;

/* The newest, held until cx->arena is reset. Reads SQL only when something changed. */
NODISCARD Status delivery_tables(Cx *cx, const DeliveryTables **ret);

/* In a transaction that changed them. */
NODISCARD Status delivery_tell(Cx *cx);
/* The reaction: what is in memory is out of date. */
Status delivery_react(Cx *cx, const Event *event);
/* The schedule: orders that are late. */
Status delivery_watch(Cx *cx);

/* --- pure --------------------------------------------------------------------------------- */

typedef struct DeliveryTo {
    Str country, region, postal;
} DeliveryTo;

/* The most specific zone of a profile; NULL: not served. */
const DeliveryZone *delivery_zone_of(const DeliveryTables *t, int64_t profile,
                                     const DeliveryTo *to);

int64_t delivery_profile_of(const DeliveryTables *t, int64_t product);

typedef struct DeliveryLoad { /* goods together */
    int64_t weight_g, amount, qty;
} DeliveryLoad;

/* What they cost. False: not by this method. *ret_to_free: absent, or what is missing. */
bool delivery_rate(const DeliveryMethod *m, const DeliveryLoad *load, Str currency, Money *ret,
                   Money *ret_to_free);

typedef struct DeliveryWhen {
    UnixMs  now;
    OptTime expected_at; /* nothing is packed before */
    bool    unknown;     /* nobody knows when goods come */
    bool    here;        /* pickup: it is in the shop */
} DeliveryWhen;

DeliveryPromise delivery_promise(const DeliveryTables *t, const DeliveryMethod *m, Str country,
                                 const DeliveryWhen *when);

/* The day on which goods are packed, if ordered now; 0: none within a year. */
int64_t delivery_ready(const DeliveryTables *t, const DeliveryMethod *m, const DeliveryWhen *when,
                       OptTime *ret_order_by);

/* Slots from `ready` on, full ones too. */
NODISCARD Status delivery_slots(Cx *cx, const DeliveryTables *t, const DeliveryMethod *m,
                                const DeliveryWhen *when, DeliveryOffers *ret);

Str  delivery_slot_id(Arena *a, int64_t day, int64_t from, int64_t to);
Str  delivery_date(Arena *a, int64_t day);
bool delivery_date_read(Str s, int64_t *ret_day);

#define DELIVERY_REACTION_LINES                                                                    \
    {"order.delivery_renew", "order.delivery_changed", delivery_react, .every_process = true},     \
        {"order.delivery_setting", "core.setting_changed", delivery_react, .every_process = true}, \
    {                                                                                              \
        "order.delivery_location", "stock.location_changed", delivery_react, .every_process = true \
    }
#define DELIVERY_SCHEDULE_LINES                                                                    \
    {                                                                                              \
        "order.delivery_watch", "11 * * * *", delivery_watch                                       \
    }
#define DELIVERY_SETTING_LINES                                                                     \
    {                                                                                              \
        "order.delivery", &delivery_settings_shape, &delivery_settings_default                     \
    }
extern const Shape            delivery_settings_shape;
extern const DeliverySettings delivery_settings_default;

/* Events, for the module's table; in the order of the enum of fulfillment.h. */
#define FULFILLMENT_EVENT_LINES                                                                    \
    {"order.packed", 1, &fulfillment_told_shape, "Goods of an order are packed."},                 \
        {"order.shipped", 1, &fulfillment_told_shape, "Goods of an order left."},                  \
        {"order.out_for_delivery", 1, &fulfillment_told_shape, "A parcel comes today."},           \
        {"order.ready_for_pickup", 1, &fulfillment_told_shape, "A parcel can be fetched."},        \
        {"order.delivered", 1, &fulfillment_told_shape, "Goods of an order arrived."},             \
        {"order.delivery_failed", 1, &fulfillment_told_shape,                                      \
         "Goods of an order came back or were lost."},                                             \
        {"order.fulfillment_cancelled", 1, &fulfillment_told_shape,                                \
         "Goods were unpacked: they do not leave."},                                               \
        {"order.tracked", 1, &fulfillment_told_shape, "A parcel was somewhere."},                  \
        {"order.delivery_late", 1, &delivery_late_shape,                                           \
         "An order has not arrived when promised."},                                               \
    {                                                                                              \
        "order.delivery_changed", 1, &delivery_changed_shape,                                      \
            "Methods, zones or holidays changed."                                                  \
    }
extern const Shape fulfillment_told_shape, delivery_late_shape, delivery_changed_shape;
