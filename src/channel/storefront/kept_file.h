/* kept_file.h - answers that are too long for memory: sitemaps and product feeds.
 *
 * They are written into a file without a name, product by product, when they are first asked
 * for, and sent from there, with ETag and ranges, until anything in the catalogue or the
 * settings changes, or until what they tell is over (visit_good_until). Memory does not grow with
 * the catalogue. Workers only. */
#pragma once

#include <stdio.h>

#include "channel/storefront/visit.h"

/* Write the whole answer to `out`; whether that failed is asked afterwards. */
typedef Status KeptWrite(Visit *v, FILE *out, int64_t part);

/* Reply with what `write` writes for `name` ("sitemap-products") and `part`. */
NODISCARD Status kept_file_reply(Visit *v, HttpResp *rs, const char *name, int64_t part,
                                 const char *type, KeptWrite *write);
void             kept_files_drop(void); /* all of them: the storefront ends */

/* Go through the products that shoppers see, in the order of their ids, from the `skip`th on, at
 * most `max`, in bounded memory: `fn` gets each with a Cx of its own. */
typedef Status   ProductFn(Visit *v, Cx *cx, const PublishedProduct *p, void *arg);
NODISCARD Status kept_each_product(Visit *v, int64_t skip, int64_t max, ProductFn *fn, void *arg);

/* How many there are. */
int64_t kept_count_products(Visit *v);
