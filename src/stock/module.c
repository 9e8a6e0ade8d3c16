#include "stock/module.h"

#include "stock/stock_int.h"

static const Permission PERMISSIONS[] = {
    {"stock.read", "See locations, levels, movements, transfers and counts."},
    {"stock.write", "Change locations and levels, move and count stock."},
};

const Module stock_module = {
    .name = "stock",
    .migrations = STOCK_MIGRATIONS,
    .events = stock_events,
    .nevents = STOCK_EVENTS,
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
