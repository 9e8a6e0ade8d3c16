/* pricing_int.h - what the files of promotions and tax share. */
#pragma once

#include "core/audit.h"
#include "order/order_sql.h"
#include "order/pricing.h"

/* ST_STALE "order.stale" unless `wanted` is 0 or the revision that there is. */
NODISCARD Status pricing_check_rev(Cx *cx, int64_t wanted, int64_t is);

/* In the transaction: what is in memory must be read again. */
NODISCARD Status pricing_tell(Cx *cx, const char *what);

NODISCARD Status promotion_from_row(Cx *cx, const OrderPromotionRow *row, OrderPromotion *ret);

/* pricing_module.c: promotions and tax in the list of modules. */
