/* What the module tells the program. Each part adds its lines to these tables. */
#include "order/module.h"

#include "order/delivery_int.h"
#include "order/events.h"
#include "order/mail.h"
#include "order/order_sql.h"
#include "order/order_store.h"
#include "order/payment_module.h"

/* One a line, so that two who add one do not meet. */
/* clang-format off */
static const Permission PERMISSIONS[] = {
    {"orders.read", "See carts, orders, their payments and deliveries."},
    {"orders.write", "Make, change, pay out and cancel orders."},
};

static const EventType EVENTS[] = {
    FULFILLMENT_EVENT_LINES,
    ORDER_EVENT_LINES,
    PAYMENT_EVENT_LINES,
};

static const Reaction REACTIONS[] = {
    DELIVERY_REACTION_LINES,
    ORDER_MAIL_REACTION_LINES,
    {"order.payment_settings", "core.setting_changed", payment_config_changed, .every_process = true},
};

static const JobKind JOBS[] = {
    {"order.void", order_void_job},
    {"order.payment_move", payment_txn_job, .parallel = 4},
    {"order.payment_test_event", payment_test_event_job},
};

static const Schedule SCHEDULES[] = {
    DELIVERY_SCHEDULE_LINES,
    {"order.checkout_sweep", "* * * * *", checkout_sweep},
    {"order.payment_sweep", "* * * * *", payment_sweep},
    {"order.payment_prune", "23 * * * *", payment_prune},
};

static const Setting SETTINGS[] = {
    DELIVERY_SETTING_LINES,
    ORDER_SETTING_LINES,
    PAYMENT_SETTING_LINES,
};
/* clang-format on */

const Module order_module = {
    .name = "order",
    .migrations = ORDER_MIGRATIONS,
    .events = EVENTS,
    .nevents = COUNT_OF(EVENTS),
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .jobs = JOBS,
    .njobs = COUNT_OF(JOBS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .settings = SETTINGS,
    .nsettings = COUNT_OF(SETTINGS),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};

void order_install(void)
{
    payment_on_settled(checkout_on_payment);
    order_mail_install();
}
