/* What the module is to the program. */
#include "catalog/module.h"

#include "catalog/catalog_sql.h"
#include "catalog/events.h"

static const Permission PERMISSIONS[] = {
    {"catalog.read", "See products, collections, pages and prices, drafts and costs too."},
    {"catalog.write", "Change products, collections, prices, pages, menus and policies."},
};

const Module catalog_module = {
    .name = "catalog",
    .migrations = CATALOG_MIGRATIONS,
    .events = catalog_events,
    .nevents = CATALOG_EVENTS,
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
