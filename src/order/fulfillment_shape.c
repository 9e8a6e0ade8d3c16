/* What fulfilments look like in JSON, and the events that tell of them. */
#include "order/delivery_int.h"

const char *const fulfillment_status_names[] = {"draft",  "packed",    "shipped", "delivered",
                                                "failed", "cancelled", NULL};
const char *const tracking_code_names[] = {"",
                                           "info_received",
                                           "in_transit",
                                           "out_for_delivery",
                                           "delivery_attempt",
                                           "available_for_pickup",
                                           "delivered",
                                           "exception",
                                           "returned",
                                           NULL};

static const ShapeField TRACKING[] = {
    SHAPE_ID(TrackingEvent, id, TRACKING_ID),
    SHAPE_TIME(TrackingEvent, at),
    SHAPE_ENUM(TrackingEvent, code, tracking_code_names),
    SHAPE_TEXT(TrackingEvent, text, .doc = "As the carrier says it."),
    SHAPE_TEXT(TrackingEvent, place),
    SHAPE_TEXT(TrackingEvent, source, .doc = "staff or webhook"),
};
const Shape tracking_event_shape =
    SHAPE_OF(TrackingEvent, "TrackingEvent", TRACKING, .doc = "Where a parcel was, and when.");

static const ShapeField PARCEL[] = {
    SHAPE_ID(Parcel, id, PARCEL_ID),
    SHAPE_ID(Parcel, fulfillment_id, FULFILLMENT_ID),
    SHAPE_TEXT(Parcel, carrier),
    SHAPE_TEXT(Parcel, carrier_name),
    SHAPE_TEXT(Parcel, service),
    SHAPE_TEXT(Parcel, tracking),
    SHAPE_TEXT(Parcel, url, .doc = "Where it can be followed; empty: not known."),
    SHAPE_INT(Parcel, weight_g),
    SHAPE_ENUM(Parcel, status, tracking_code_names, .doc = "Of the newest event; empty: none."),
    SHAPE_TIME(Parcel, status_at),
    SHAPE_LIST(Parcel, events, TrackingEvent, &tracking_event_shape, .doc = "Newest first."),
};
const Shape parcel_shape = SHAPE_OF(Parcel, "Parcel", PARCEL, .doc = "A box on its way.");

static const ShapeField LINE[] = {
    SHAPE_ID(FulfillmentLine, line_id, "oln", .flags = SHAPE_REQUIRED),
    SHAPE_ID(FulfillmentLine, variant_id, "var", .flags = SHAPE_READ_ONLY),
    SHAPE_INT(FulfillmentLine, qty, .min = 1, .max = TOTALS_QTY_MAX, .flags = SHAPE_REQUIRED),
};
const Shape fulfillment_line_shape =
    SHAPE_OF(FulfillmentLine, "FulfillmentLine", LINE, .doc = "Pieces of a line of the order.");

static const ShapeField FULFILLMENT[] = {
    SHAPE_ID(Fulfillment, id, FULFILLMENT_ID),
    SHAPE_ID(Fulfillment, order_id, "ord"),
    SHAPE_INT(Fulfillment, number, .doc = "1, 2, … of the order."),
    SHAPE_ID(Fulfillment, location_id, STOCK_LOCATION_ID),
    SHAPE_ENUM(Fulfillment, status, fulfillment_status_names),
    SHAPE_TEXT(Fulfillment, note),
    SHAPE_LIST(Fulfillment, lines, FulfillmentLine, &fulfillment_line_shape),
    SHAPE_LIST(Fulfillment, parcels, Parcel, &parcel_shape),
    SHAPE_TIME(Fulfillment, created_at),
    SHAPE_TIME(Fulfillment, updated_at),
    SHAPE_TIME(Fulfillment, packed_at),
    SHAPE_TIME(Fulfillment, shipped_at),
    SHAPE_TIME(Fulfillment, delivered_at),
};
const Shape fulfillment_shape =
    SHAPE_OF(Fulfillment, "Fulfillment", FULFILLMENT, .doc = "What of an order leaves together.");

static const ShapeField FULFILLMENT_IN[] = {
    SHAPE_ID(FulfillmentIn, location_id, STOCK_LOCATION_ID,
             .doc = "From where; absent: where it is allocated."),
    SHAPE_LIST(FulfillmentIn, lines, FulfillmentLine, &fulfillment_line_shape,
               .max = FULFILLMENT_LINES_MAX, .doc = "Absent: all that is left of the order."),
    SHAPE_TEXT(FulfillmentIn, note, .max = 2000),
};
const Shape fulfillment_in_shape =
    SHAPE_OF(FulfillmentIn, "FulfillmentIn", FULFILLMENT_IN, .doc = "What shall leave together.");

static const ShapeField PARCEL_IN[] = {
    SHAPE_TEXT(ParcelIn, carrier, .max = 64, .flags = SHAPE_LINE,
               .doc = "A key as \"dhl\" or \"nova_poshta\", or any name."),
    SHAPE_TEXT(ParcelIn, service, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(ParcelIn, tracking, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(ParcelIn, url, .max = 1000, .flags = SHAPE_LINE,
               .doc = "Empty: made from the carrier and the number."),
    SHAPE_INT(ParcelIn, weight_g, .min = 0, .max = 1000000000),
};
const Shape parcel_in_shape = SHAPE_OF(ParcelIn, "ParcelIn", PARCEL_IN, .doc = "A box to be sent.");

static const ShapeField TRACKING_IN[] = {
    SHAPE_TEXT(TrackingIn, carrier, .max = 64, .flags = SHAPE_LINE),
    SHAPE_TEXT(TrackingIn, tracking, .max = 64, .flags = SHAPE_LINE,
               .doc = "The parcel's number; or parcel_id."),
    SHAPE_ID(TrackingIn, parcel_id, PARCEL_ID),
    SHAPE_ENUM(TrackingIn, code, tracking_code_names, .flags = SHAPE_REQUIRED),
    SHAPE_TIME(TrackingIn, at, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(TrackingIn, text, .max = 500, .flags = SHAPE_LINE),
    SHAPE_TEXT(TrackingIn, place, .max = 200, .flags = SHAPE_LINE),
};
const Shape tracking_in_shape =
    SHAPE_OF(TrackingIn, "TrackingIn", TRACKING_IN, .doc = "A parcel was somewhere.");

/* --- events ------------------------------------------------------------------------------- */

static const ShapeField TOLD[] = {
    SHAPE_ID(FulfillmentTold, order_id, "ord"),
    SHAPE_ID(FulfillmentTold, fulfillment_id, FULFILLMENT_ID),
    SHAPE_ID(FulfillmentTold, parcel_id, PARCEL_ID, .doc = "Of which this is told; 0: of all."),
    SHAPE_ENUM(FulfillmentTold, status, fulfillment_status_names),
    SHAPE_ENUM(FulfillmentTold, code, tracking_code_names),
    SHAPE_TEXT(FulfillmentTold, tracking),
    SHAPE_TEXT(FulfillmentTold, carrier),
    SHAPE_TEXT(FulfillmentTold, url),
};
const Shape fulfillment_told_shape = SHAPE_OF(FulfillmentTold, "FulfillmentTold", TOLD,
                                              .doc = "Goods of an order are on their way.");

static const ShapeField LATE[] = {
    SHAPE_ID(DeliveryLate, order_id, "ord"),
    SHAPE_TEXT(DeliveryLate, promised, .doc = "The last day that was promised."),
    SHAPE_INT(DeliveryLate, days, .doc = "Since then."),
    SHAPE_BOOL(DeliveryLate, shipped, .doc = "It is on its way."),
};
const Shape delivery_late_shape =
    SHAPE_OF(DeliveryLate, "DeliveryLate", LATE, .doc = "An order has not arrived when promised.");

typedef struct Nothing {
    int64_t none;
} Nothing;
static const ShapeField NOTHING[] = {SHAPE_INT(Nothing, none)};
const Shape             delivery_changed_shape =
    SHAPE_OF(Nothing, "DeliveryChanged", NOTHING, .doc = "Nothing.");

/* In the order of the enum. */
const EventType fulfillment_events[] = {FULFILLMENT_EVENT_LINES};
