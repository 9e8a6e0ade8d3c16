/* render.h - a visit becomes HTML. */
#pragma once

#include "channel/storefront/visit.h"

/* The page of v->kind into *rs, with its layout, headers and policy. Objects of the page were
 * added with visit_global(). ST_NOT_FOUND "storefront.no_template", ST_IO
 * "storefront.bad_template". */
NODISCARD Status render_page(Visit *v, HttpResp *rs);

/* Only these sections ("a,b", at most RENDER_SECTIONS_MAX), as JSON {id: html}; `alone`: only the
 * HTML of the first. */
enum { RENDER_SECTIONS_MAX = 5 };
NODISCARD Status render_sections(Visit *v, Str ids, bool alone, HttpResp *rs);

/* One template without a layout, of type `type`. */
NODISCARD Status render_bare(Visit *v, const LiquidTemplate *t, const char *type, HttpResp *rs);

/* Headers that every page has: policy, referrer, language. */
void render_headers(Visit *v, HttpResp *rs);

/* --- for tags --------------------------------------------------------------------------------- */

void render_section(LiquidCx *cx, const ThemeSection *s, int64_t index);
void render_group(LiquidCx *cx, const ThemePage *page);

/* --- csp.c ------------------------------------------------------------------------------------ */

/* Content-Security-Policy for the page `html`. Lives in the visit's arena. */
const char *csp_of(Visit *v, Str html);

/* --- head.c -------------------------------------------------------------------------------------
 */

/* What {{ content_for_header }} says. */
LiquidValue head_content(Visit *v);
