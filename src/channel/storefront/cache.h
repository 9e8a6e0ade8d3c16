/* cache.h - pages that were rendered, kept until something that they show changes.
 *
 * A page is kept with what it noted (visit.h): when the published catalogue is still at the
 * revision at which the page was last looked at, it is sent as it is; when that moved on, each
 * thing's own revision is compared, and the page is dropped at the first that differs. Nothing
 * expires by time, but a page that promises a day of delivery does at the cut-off (good_until).
 * Found products are dropped when what the merchant says of finding changes (search_said).
 * Changes of theme, settings or delivery empty the cache.
 *
 * Keys are the path and those parameters of the query that pages listen to; pages are kept plain
 * and, from the second request on, packed. The least recently used go when the bytes run out.
 *
 * A page that shows the cart is kept as who has none sees it, and is not sent to a browser that
 * says it has one (basket.h).
 *
 * Metrics: storefront_cache_bytes, _pages, _hits, _misses, _stale. */
#pragma once

#include "channel/storefront/visit.h"

void cache_open(size_t max_bytes); /* 0: nothing is kept */
void cache_close(void);
void cache_clear(void);

/* Reply with a page that is kept; false: there is none. */
NODISCARD bool cache_find(Visit *v, HttpResp *rs);

/* Give the reply its ETag and keep it, when it may be kept. */
void cache_keep(Visit *v, HttpResp *rs);
