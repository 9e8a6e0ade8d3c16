/* filter.h - how filters are written; the tables of the engine and of its hosts.
 *
 *      static LiquidValue shout(LiquidCx *cx, LiquidValue in, const LiquidArgs *args)
 *      {
 *          (void)args;
 *          return liquid_append(cx, in, liquid_text(STR("!")));
 *      }
 *      static const LiquidFilter MINE[] = {{"shout", shout, 0, 0, false}};
 */
#pragma once

#include "liquid/value.h"

typedef struct LiquidArgs {
    const LiquidValue *v; /* as written, without the input */
    size_t             n;
    const LiquidPair  *named; /* key: value */
    size_t             nnamed;
} LiquidArgs;

typedef LiquidValue LiquidFilterFn(LiquidCx *cx, LiquidValue in, const LiquidArgs *args);

typedef struct LiquidFilter {
    const char     *name;
    LiquidFilterFn *fn;
    uint8_t         min, max; /* arguments besides the input */
    bool            named;    /* takes `key: value` arguments, which do not count */
} LiquidFilter;

/* Argument `i`, or nil. */
static inline LiquidValue liquid_arg(const LiquidArgs *args, size_t i)
{
    return i < args->n ? args->v[i] : liquid_nil();
}

/* The argument called `key`, or nil. */
LiquidValue liquid_named(const LiquidArgs *args, Str key);

/* Record an error ("Liquid error (line n): …") and return nil. */
LiquidValue liquid_fail(LiquidCx *cx, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Memory for a value: NULL, with the rendering stopped, when the limit is reached. */
void *liquid_alloc(LiquidCx *cx, size_t size);

/* A whole number as `slice: 2` wants it. False, with an error recorded, when it is none. */
NODISCARD bool liquid_to_int(LiquidCx *cx, LiquidValue v, int64_t *ret);

/* Text of both, one after the other. HTML stays HTML: the other part is escaped then. */
LiquidValue liquid_append(LiquidCx *cx, LiquidValue x, LiquidValue y);

/* `s`, escaped, in the arena. */
Str liquid_escape(LiquidCx *cx, Str s);

/* A translation with {{ name }} replaced by named arguments. With `html`, the text is HTML
 * and what goes into it is escaped; otherwise the result is plain text. */
LiquidValue liquid_interpolate(LiquidCx *cx, Str text, const LiquidArgs *args, bool html);

Arena *liquid_arena(LiquidCx *cx);
void  *liquid_host(LiquidCx *cx); /* LiquidRender.host */
UnixMs liquid_now(LiquidCx *cx);
bool   liquid_plain(LiquidCx *cx); /* output is not escaped */

/* --- text that is built piece by piece ------------------------------------------------ */

typedef struct LiquidBuild {
    LiquidCx *cx;
    char     *ptr;
    size_t    len, cap;
    bool      failed; /* the limit was reached */
} LiquidBuild;

LiquidBuild liquid_build(LiquidCx *cx, size_t expected);
void        liquid_build_add(LiquidBuild *b, Str s);
void        liquid_build_html(LiquidBuild *b, Str s); /* escaped */
LiquidValue liquid_built(LiquidBuild *b);             /* text; nil when the limit was reached */
LiquidValue liquid_built_html(LiquidBuild *b);        /* the same, marked as HTML */

/* The engine's own filters, table by table, each ending with an empty entry; NULL behind
 * the last one. */
const LiquidFilter *lq_filters(size_t table);
