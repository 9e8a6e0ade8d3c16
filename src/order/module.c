/* What the module tells the program. Each part adds its lines to these tables. */
#include "order/module.h"

#include "order/order_sql.h"

/* One a line, so that two who add one do not meet. */
/* clang-format off */
static const Permission PERMISSIONS[] = {
    {"orders.read", "See carts, orders, their payments and deliveries."},
    {"orders.write", "Make, change, pay out and cancel orders."},
};
/* clang-format on */

const Module order_module = {
    .name = "order",
    .migrations = ORDER_MIGRATIONS,
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
