/* part.h - sections that come out the same on many pages, rendered once: header, footer.
 *
 * While a section is rendered, all that it reads of this very page is noted in the visit's trace:
 * "is the page at this path?" with its answer, and what it shows of the catalogue. When that is
 * all, the text is kept, and written again on the next page of the same language, currency and
 * host on which the answers and revisions are the same. What reads more of its page (a product, a
 * query, a form of a session) is rendered each time. Authors of themes see no difference.
 *
 * The one thing that may differ is where the page is: a form that leads back here leaves a hole,
 * and the path is written into it. */
#pragma once

#include "channel/storefront/visit.h"

typedef struct Parts Parts; /* of one theme */

Parts *parts_new(void);
void   parts_free(Parts *parts); /* NULL is fine */

/* Keep none while `off`: to compare what is kept with what is rendered. */
void parts_rest(bool off);

/* The part before the rendering, given to part_end() behind it. */
typedef struct PartStart {
    VisitTrace trace;
    size_t     from; /* of the output */
    size_t     errors;
    unsigned   saw;
    size_t     nsections;
} PartStart;

/* Write the section as it was kept: true. Or begin to trace it (`start->trace.on`). */
NODISCARD bool part_begin(LiquidCx *cx, Visit *v, const ThemeSection *s, PartStart *start);
void           part_end(LiquidCx *cx, Visit *v, const ThemeSection *s, PartStart *start);
