/* pricing.h - promotions and taxes in memory, for totals.
 *
 * A snapshot of all promotions in force (and to come) and of the tax table is built from SQL
 * when the program starts and again when one of them changes ("order.pricing_changed", in every
 * process); pricing a cart runs no statement of its own. Exceptions, one statement each: codes
 * that were given; how far limits are used, when a promotion that has some is in question.
 *
 * Without pricing_start() (command line, tests) everything is read when it is asked for. */
#pragma once

#include "core/core.h"
#include "order/promotion.h"
#include "order/tax.h"

/* Loads the shipped tax table when there was none yet. After core_start(). */
NODISCARD Status pricing_start(Db *db, Core *core, Err *err);
void             pricing_stop(Db *db); /* after core_stop(): no reaction runs any more */

/* Fill in->promotions and in->tax (table and settings) for a cart whose currency, at, lines,
 * deliveries, fees, buyer and codes are set; utc_offset_min is set for the shop's time zone.
 * in->buyer.customer_id, or `email` of a guest, is whom limits per customer are asked for.
 * A tax provider is only asked outside of transactions. Everything lives in cx->arena. */
NODISCARD Status order_totals_context_load(Cx *cx, Str email, TotalsIn *in);

/* "order.pricing_changed", "core.setting_changed" */
Status pricing_react(Cx *cx, const Event *event); /* reaction, every_process */
