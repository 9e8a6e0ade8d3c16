/* fulfillment_int.h - between the files about fulfilments; private to this folder. */
#pragma once

#include "order/fulfillment.h"
#include "order/order_sql.h"

/* All in the caller's transaction. */

/* Tell an event, and write `type` (NULL: not) into the timeline. `p` NULL: of all parcels. */
NODISCARD Status fulfillment_tell(Cx *cx, const Fulfillment *f, int event, const char *type,
                                  const Parcel *p);

/* Write the status and times of *f. ST_CONFLICT "order.fulfillment_state" when it was changed. */
NODISCARD Status fulfillment_set(Cx *cx, Fulfillment *f, int status);

/* A shipped one is there. */
NODISCARD Status fulfillment_arrived(Cx *cx, Fulfillment *f, UnixMs at);

NODISCARD Status parcel_insert(Cx *cx, const Fulfillment *f, const ParcelIn *in, int64_t *ret_id);
Parcel           parcel_from_row(const OrderParcelRow *r);
