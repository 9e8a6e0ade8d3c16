/* values_int.h - the values of a keyword field, numbered.
 *
 * One table per keyword field of an index. Numbers begin at 1, are given in order of
 * appearance and stay for the life of the index, so segments can be merged and counts added up
 * without looking at texts. One thread adds at a time (its callers hold the index's
 * `values_lock`); any thread may look up meanwhile, without a lock: texts never move, and a
 * hash table that was outgrown stays until the end. */
#pragma once

#include "base/str.h"

typedef struct Values Values;

Values *values_new(void);
void    values_free(Values *v);

/* The value's number; a new one is made. Cut at SEARCH_KEYWORD_MAX bytes, whole characters. */
uint32_t values_add(Values *v, Str text);

uint32_t values_find(const Values *v, Str text); /* 0: not there */
Str      values_text(const Values *v, uint32_t number);
uint32_t values_count(const Values *v); /* the greatest number */

/* The first eight bytes, so that numbers order as texts do. */
uint64_t values_prefix(const Values *v, uint32_t number);

size_t values_bytes(const Values *v);
