/* tax_int.h - between tax.c and the table that ships. */
#pragma once

#include "order/pricing_int.h"

NODISCARD Status tax_rate_write(Cx *cx, int64_t zone_id, size_t position, const TaxRate *rate);
/* In a transaction: as from the table that ships; without its rates. Sets z->id. */
NODISCARD Status tax_zone_add_shipped(Cx *cx, TaxZone *z);
