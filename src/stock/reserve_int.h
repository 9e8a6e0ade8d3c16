/* reserve_int.h - what reservations and allocations share; private to this folder. */
#pragma once

#include "core/core.h"
#include "stock/stand.h"

/* Take what is held off the levels, in memory. */
void reservations_off(const StockStands *s, const StockReservationRowList *rows);

/* A variant that was deleted has levels still: take it off those, by a statement each. */
NODISCARD Status reservations_orphans(Cx *cx, const StockStands *s,
                                      const StockReservationRowList *rows);

/* In a transaction: end some of those whose time is over. */
NODISCARD Status reservations_prune_some(Cx *cx, int64_t *ret_n);

/* The schedule: end them all. */
Status stock_prune(Cx *cx);

/* Variants of lines, then of what is held: n + held->n. */
int64_t *stock_line_ids(Cx *cx, const StockLine *lines, size_t n,
                        const StockReservationRowList *held);

void lack_add(Cx *cx, StockShort *list, size_t cap, const StockLine *line, int64_t left);
