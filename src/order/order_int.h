/* order_int.h - between the files of this folder. */
#pragma once

#include "core/audit.h"
#include "order/order.h"
#include "order/order_sql.h"

/* Derive payment, fulfilment and return status of an order from its payments and lines, and
 * write them if they changed; close the order that is paid and delivered. In the caller's
 * transaction, after whatever changed them. Two statements, and one that writes. */
NODISCARD Status order_derive(Cx *cx, int64_t order_id);

/* What is to have been paid: the total without what was granted (payment.h). */
int64_t order_owed(int64_t total, int64_t granted);

/* How much of a refund of `amount`, opened now, is granted: what is not paid too much. */
int64_t order_grants(int64_t total, const struct PaymentSums *s, int64_t amount);

/* Counters of a line, in the caller's transaction: pieces were packed, left, arrived (qty < 0
 * takes back). ST_CONFLICT "order.too_many" when there are not so many. order_derive() follows
 * once all lines are done. */
NODISCARD Status order_line_fulfilled(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty);
NODISCARD Status order_line_shipped(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty);
NODISCARD Status order_line_delivered(Cx *cx, int64_t order_id, int64_t line_id, int64_t qty);
