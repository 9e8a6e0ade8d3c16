/* limiter.h - token buckets in memory, for rate_take() (core.h).
 *
 * Every key has a bucket of `burst` tokens that refills at `per_minute`. A bounded number
 * of keys is kept; the least recently used are forgotten first, which to them looks like
 * a full bucket. Keys are kept as keyed 128-bit hashes. Safe to call from any thread. */
#pragma once

#include "base/clock.h"
#include "base/str.h"

typedef struct Limiter Limiter;

enum { LIMITER_KEYS = 65536 };

Limiter *limiter_new(size_t keys_max); /* 0: LIMITER_KEYS */
void     limiter_free(Limiter *l);     /* NULL is fine */

/* Take `cost` tokens of `key`. False when there are not enough: nothing is taken and
 * *ret_wait says when there will be (at most an hour; also when there never will, because
 * cost > burst or nothing refills). */
bool limiter_take(Limiter *l, Str key, UnixMs now, int64_t burst, int64_t per_minute, int64_t cost,
                  SpanMs *ret_wait);

size_t limiter_keys(Limiter *l); /* kept now */
