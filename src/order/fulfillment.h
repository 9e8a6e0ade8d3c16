/* fulfillment.h - goods on their way: fulfilments, parcels, tracking.
 *
 * A fulfilment is what of an order leaves together from one location: draft, packed, shipped,
 * delivered; or failed, cancelled. It takes its pieces from the counters of the order's lines
 * (order_int.h) and books them out of stock when it is shipped. Each of its parcels has a
 * carrier, a tracking number, an address to follow it at, and tracking events with the codes below;
 * the newest event says where it is. When all parcels are delivered, the fulfilment is.
 *
 * Tracking events come from staff (API), or as a webhook from whoever follows parcels:
 * POST /webhooks/tracking, signed as Standard Webhooks says with the secret of setting
 * "order.delivery". The same event twice is one.
 *
 * Orders that have not arrived when promised are found by a schedule and told with
 * "order.delivery_late", once, before the customer asks.
 *
 * Codes: order.no_fulfillment, order.no_parcel, order.fulfillment_state (not possible as it
 * stands), order.too_many (more pieces than are left), order.on_hold, order.bad_signature. */
#pragma once

#include "core/event.h"
#include "order/delivery.h"

#define FULFILLMENT_ID "ful"
#define PARCEL_ID      "pcl"
#define TRACKING_ID    "trk"

enum {
    FULFILLMENT_LINES_MAX = 500,
    PARCELS_MAX = 100,   /* of a fulfilment */
    TRACKING_MAX = 500,  /* events of a parcel */
    TRACKING_BATCH = 200 /* in one call */
};

typedef enum FulfillmentStatus {
    FULFILLMENT_DRAFT,
    FULFILLMENT_PACKED,
    FULFILLMENT_SHIPPED,
    FULFILLMENT_DELIVERED,
    FULFILLMENT_FAILED,   /* did not arrive: came back, was lost */
    FULFILLMENT_CANCELLED /* never left */
} FulfillmentStatus;
extern const char *const fulfillment_status_names[];

typedef enum TrackingCode {
    TRACKING_NONE, /* nothing is known yet */
    TRACKING_INFO_RECEIVED,
    TRACKING_IN_TRANSIT,
    TRACKING_OUT_FOR_DELIVERY,
    TRACKING_DELIVERY_ATTEMPT,
    TRACKING_AVAILABLE_FOR_PICKUP,
    TRACKING_DELIVERED,
    TRACKING_EXCEPTION,
    TRACKING_RETURNED
} TrackingCode;
extern const char *const tracking_code_names[]; /* "" first */

typedef struct TrackingEvent {
    int64_t id;
    UnixMs  at;
    int     code; /* TrackingCode */
    Str     text, place;
    Str     source;
} TrackingEvent;
typedef TOTALS_LIST(TrackingEvent) TrackingEvents;

typedef struct Parcel {
    int64_t        id;
    int64_t        fulfillment_id;
    Str            carrier; /* "dhl", "nova_poshta", … or any name */
    Str            carrier_name;
    Str            service, tracking;
    Str            url; /* where to follow it; made from the carrier's template when not given */
    OptI64         weight_g;
    int            status; /* TrackingCode */
    OptTime        status_at;
    TrackingEvents events; /* newest first */
} Parcel;
typedef TOTALS_LIST(Parcel) Parcels;

typedef struct FulfillmentLine {
    int64_t line_id, variant_id;
    int64_t qty;
} FulfillmentLine;
typedef TOTALS_LIST(FulfillmentLine) FulfillmentLines;

typedef struct Fulfillment {
    int64_t          id, order_id;
    int64_t          number; /* 1, 2, … of the order */
    int64_t          location_id;
    int              status;
    Str              note;
    FulfillmentLines lines;
    Parcels          parcels;
    UnixMs           created_at, updated_at;
    OptTime          packed_at, shipped_at, delivered_at;
} Fulfillment;
typedef TOTALS_LIST(Fulfillment) Fulfillments;

extern const Shape fulfillment_shape, fulfillment_line_shape, parcel_shape, tracking_event_shape;

/* --- reading ------------------------------------------------------------------------------ */

/* Of an order, with parcels and their events: four statements however many there are. Pages and
 * e-mails ask here, too. */
NODISCARD Status fulfillments_of_order(Cx *cx, int64_t order_id, Fulfillments *ret);
NODISCARD Status fulfillment_get(Cx *cx, int64_t id, Fulfillment *ret);

typedef struct OrderPromise {
    int64_t from_day, to_day; /* civil.h; 0: nothing was promised */
    bool    late;             /* the customer was told so */
} OrderPromise;
NODISCARD Status order_promise_get(Cx *cx, int64_t order_id, OrderPromise *ret);

/* --- doing -------------------------------------------------------------------------------- */

/* Make what is left of an order into drafts, one for each location as stock was allocated; none
 * are made of what is cancelled or on other fulfilments. ST_CONFLICT "order.on_hold". */
NODISCARD Status fulfillment_plan(Cx *cx, int64_t order_id, Fulfillments *ret);

typedef struct FulfillmentIn {
    int64_t          order_id, location_id; /* 0: where it is allocated */
    FulfillmentLines lines;                 /* none: all that is left */
    Str              note;
} FulfillmentIn;
extern const Shape fulfillment_in_shape;
NODISCARD Status   fulfillment_create(Cx *cx, const FulfillmentIn *in, Fulfillment *ret);

typedef struct ParcelIn {
    Str    carrier, service, tracking, url;
    OptI64 weight_g;
} ParcelIn;
extern const Shape parcel_in_shape;

NODISCARD Status fulfillment_pack(Cx *cx, int64_t id, Fulfillment *ret);
/* With parcels, or without: then those that it has. A draft is packed by it. */
NODISCARD Status fulfillment_ship(Cx *cx, int64_t id, const ParcelIn *parcels, size_t n,
                                  Fulfillment *ret);
NODISCARD Status fulfillment_deliver(Cx *cx, int64_t id, Fulfillment *ret);
/* A shipped one did not arrive; with `restock` its pieces are in stock again. */
NODISCARD Status fulfillment_fail(Cx *cx, int64_t id, bool restock, Fulfillment *ret);
/* Before it is shipped: its pieces are to be fulfilled again. */
NODISCARD Status fulfillment_cancel(Cx *cx, int64_t id, Fulfillment *ret);

NODISCARD Status parcel_add(Cx *cx, int64_t fulfillment_id, const ParcelIn *in, Parcel *ret);
NODISCARD Status parcel_update(Cx *cx, int64_t id, const ParcelIn *in, Parcel *ret);

typedef struct TrackingIn {
    Str     carrier;  /* "" any */
    Str     tracking; /* number; or parcel_id */
    int64_t parcel_id;
    int     code;
    UnixMs  at;
    Str     text, place;
} TrackingIn;
extern const Shape tracking_in_shape;

/* Note them; *ret_new is how many were not known. Numbers that belong to no parcel are passed over.
 * Moves parcels, fulfilments and the order along. */
NODISCARD Status tracking_note(Cx *cx, const TrackingIn *events, size_t n, Str source,
                               int64_t *ret_new);

/* --- carriers ----------------------------------------------------------------------------- */

typedef struct Carrier {
    const char *key, *name;
    const char *url; /* {} is where the number goes, percent-encoded */
} Carrier;

/* NULL: not in the table. */
const Carrier *carrier_find(Str key);
const Carrier *carriers(size_t *ret_n);
/* Where a parcel can be followed; "" when the carrier is not known. */
Str carrier_url(Arena *a, Str carrier, Str tracking);

/* --- events ------------------------------------------------------------------------------- */

typedef struct FulfillmentTold { /* of an order; stream: the order */
    int64_t order_id, fulfillment_id;
    int64_t parcel_id; /* 0: of all */
    int     status;    /* FulfillmentStatus */
    int     code;      /* TrackingCode of the parcel */
    Str     tracking, carrier, url;
} FulfillmentTold;

typedef struct DeliveryLate {
    int64_t order_id;
    Str     promised; /* "2026-11-27": the last day */
    int64_t days;     /* ago */
    bool    shipped;  /* it is on its way */
} DeliveryLate;

enum {
    FULFILLMENT_EV_PACKED,
    FULFILLMENT_EV_SHIPPED,
    FULFILLMENT_EV_OUT_FOR_DELIVERY,
    FULFILLMENT_EV_READY, /* to be fetched */
    FULFILLMENT_EV_DELIVERED,
    FULFILLMENT_EV_FAILED,
    FULFILLMENT_EV_CANCELLED,
    FULFILLMENT_EV_TRACKED, /* any tracking event that was new */
    FULFILLMENT_EV_LATE,    /* DeliveryLate */
    DELIVERY_EV_CHANGED,    /* tables of delivery: renew what is in memory */
    FULFILLMENT_EVENTS
};
/* "order.packed", "order.shipped", "order.out_for_delivery", "order.ready_for_pickup",
 * "order.delivered", "order.delivery_failed", "order.fulfillment_cancelled",
 * "order.tracked", "order.delivery_late", "order.delivery_changed" */
extern const EventType fulfillment_events[];

/* --- what others send ---------------------------------------------------------------------- */

typedef struct TrackingSigned { /* headers webhook-id, webhook-timestamp, webhook-signature */
    Str id, timestamp, signature;
    Str body; /* as it came */
} TrackingSigned;

extern const Shape tracking_batch_shape; /* {"events":[…]} */

/* Check the signature (five minutes old at most), read and note. ST_UNKNOWN "order.bad_signature",
 * also when no secret is set. */
NODISCARD Status tracking_hook(Cx *cx, const TrackingSigned *in, int64_t *ret_new);
