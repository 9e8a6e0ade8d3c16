/* tag.h - how a host adds tags of its own: section, form, paginate …
 *
 * A tag's markup is read by the engine: expressions, separated by commas or by one of the
 * tag's `words`, and `key: value` arguments:
 *
 *      {% paginate collection.products by 12 %} … {% endpaginate %}
 *      {% form 'product', product, class: 'form' %} … {% endform %}
 *
 * Values are worked out each time, before `render` is called. */
#pragma once

#include "liquid/filter.h"

typedef struct LiquidTemplate LiquidTemplate;

typedef enum LiquidTagKind {
    LIQUID_TAG_LINE, /* {% section 'header' %} */
    LIQUID_TAG_BODY, /* has a body of Liquid, up to endNAME */
    LIQUID_TAG_RAW   /* has a body that is not read as Liquid, up to endNAME */
} LiquidTagKind;

typedef struct LiquidTagCall {
    const struct LiquidTag *tag;
    LiquidArgs              args;
    const void             *body;  /* for liquid_render_body() */
    Str                     raw;   /* LIQUID_TAG_RAW */
    size_t                  index; /* which one of its kind in the template, from 0 */
} LiquidTagCall;

typedef struct LiquidTag {
    const char   *name;
    LiquidTagKind kind;
    const char   *words; /* bare words between arguments: "by", "with for"; NULL: none */
    uint8_t       min, max;
    /* NULL: prints nothing (the raw text is still there for liquid_raw_block()). */
    void (*render)(LiquidCx *cx, const LiquidTagCall *call);
} LiquidTag;

/* Write text into the output as it is, or escaped as the template asks for. */
void liquid_write(LiquidCx *cx, Str html);
void liquid_write_value(LiquidCx *cx, LiquidValue v);

/* Render the body once; names set with liquid_set() before are seen in it. */
void liquid_render_body(LiquidCx *cx, const LiquidTagCall *call);

/* Render it into a text of its own. */
LiquidValue liquid_capture_body(LiquidCx *cx, const LiquidTagCall *call);

/* Names that hold until liquid_leave(). False, with an error, when scopes are too deep. */
NODISCARD bool liquid_enter(LiquidCx *cx);
void           liquid_set(LiquidCx *cx, Str name, LiquidValue v);
void           liquid_leave(LiquidCx *cx);

/* The value of a name as the template would see it. */
LiquidValue liquid_lookup(LiquidCx *cx, Str name);

/* Render another template here with names of its own, as {% render %} does. */
void liquid_render_other(LiquidCx *cx, const LiquidTemplate *t, const LiquidPair *names, size_t n);
