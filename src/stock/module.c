#include "stock/module.h"

#include "catalog/stock_hook.h"
#include "stock/reserve_int.h"
#include "stock/setting.h"

static const Permission PERMISSIONS[] = {
    {"stock.read", "See locations, levels, movements, transfers and counts."},
    {"stock.write", "Change locations and levels, move and count stock."},
};

/* --- what is shown of stock follows it ---------------------------------------------------- */

static Status renew_product(Cx *cx, const Event *event)
{
    return catalog_published_renew(cx, event->stream);
}

static Status renew_all(Cx *cx, const Event *event)
{
    (void)event;
    return catalog_published_renew(cx, 0);
}

static Status collect(Cx *cx, const Event *event)
{
    return catalog_collect_again(cx, event->stream);
}

static const Reaction REACTIONS[] = {
    {"stock.renew_product", "stock.changed", renew_product, true},
    {"stock.renew_all", "stock.location_changed", renew_all, true},
    {"stock.collect", "stock.changed", collect, false},
};

static const Schedule SCHEDULES[] = {
    {"stock.prune", "* * * * *", stock_prune},
};

const Module stock_module = {
    .name = "stock",
    .migrations = STOCK_MIGRATIONS,
    .events = stock_events,
    .nevents = STOCK_EVENTS,
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
    .settings = stock_settings,
    .nsettings = COUNT_OF(stock_settings),
};
