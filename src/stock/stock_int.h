/* stock_int.h - between the files of this folder. */
#pragma once

#include "core/audit.h"
#include "people/country.h"
#include "stock/events.h"
#include "stock/stock.h"
#include "stock/stock_sql.h"
#include "text/zone.h"

/* Locations changed: whoever keeps them in memory reads them again. */
NODISCARD Status stock_tell_locations(Cx *cx, int64_t location);
