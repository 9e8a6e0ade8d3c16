/* liquid.h - the template language: compile a template once, render it often.
 *
 * An engine (Liquid) holds what templates share: filters, tags, the names they use, and
 * the templates that were loaded. Templates are immutable once compiled; any number of
 * threads may render at once, each with an arena and a buffer of its own.
 *
 *      Liquid *lq = liquid_new(&(LiquidOptions){.load = from_folder, .load_arg = &folder});
 *      const LiquidTemplate *page;
 *      TRY(liquid_load(lq, STR("product"), &page, &problem));
 *      LiquidRender r = {.arena = &cx->arena, .out = &body, .data = data};
 *      TRY(liquid_render(page, &r, &problem));
 *
 * Output is escaped for HTML unless the engine is `plain`. What a template of an author
 * whom nobody knows can do is bounded by LiquidLimits. */
#pragma once

#include "liquid/filter.h"
#include "liquid/tag.h"
#include "liquid/value.h"

typedef struct Liquid Liquid;

typedef enum LiquidMode {
    LIQUID_LAX,    /* forgive what the first Liquid forgave */
    LIQUID_WARN,   /* forgive, and count warnings */
    LIQUID_STRICT, /* refuse malformed expressions */
    LIQUID_STRICT2 /* refuse malformed tags too */
} LiquidMode;

/* What went wrong, where. `message` is in the reference's words, with its prefix; it
 * belongs to the arena of the rendering, or to the engine for errors of parsing. */
typedef struct LiquidError {
    Str message;  /* "Liquid error (line 3): divided by 0" */
    Str detail;   /* without the prefix */
    Str template; /* name of the template */
    uint32_t line, column;
    bool     syntax; /* while parsing */
} LiquidError;

/* What a template says about itself, for linters: collected with LiquidOptions.facts. */
typedef enum LiquidFactKind {
    LIQUID_FACT_FILTER,  /* uses a filter that nobody knows */
    LIQUID_FACT_RENDER,  /* renders this snippet */
    LIQUID_FACT_INCLUDE, /* includes it; empty: a name that is worked out */
    LIQUID_FACT_TAG,     /* a host's tag with a constant first argument: "section header" */
    LIQUID_FACT_TEXT,    /* asks for the translation of this key: 'key' | t */
    LIQUID_FACT_SET,     /* assigns or captures this name */
    LIQUID_FACT_GET      /* looks this name up */
} LiquidFactKind;

typedef struct LiquidFact {
    LiquidFactKind kind;
    Str            name;
    uint32_t       line, column;
} LiquidFact;

/* Give the source of the template called `name`: text that lives in `a`. False when there
 * is none. Called under the engine's lock. */
typedef bool LiquidLoad(void *arg, Str name, Arena *a, Str *ret_source);

typedef struct LiquidOptions {
    LiquidMode          mode;
    bool                plain; /* do not escape output: text, e-mail bodies, conformance */
    LiquidLoad         *load;  /* NULL: no include, render, section */
    void               *load_arg;
    const LiquidFilter *filters; /* more filters; they go before those built in */
    size_t              nfilters;
    const LiquidTag    *tags; /* more tags */
    size_t              ntags;
    /* Names that renderings may be given as globals, NULL behind the last one; NULL: any. With
     * them, snippets that read nothing from outside are rendered once and kept. */
    const char *const *globals;
    bool               facts;      /* keep what liquid_facts() tells */
    size_t             source_max; /* bytes of one template; 0: 1 MB */
} LiquidOptions;

Liquid *liquid_new(const LiquidOptions *options);
void    liquid_free(Liquid *lq);

/* Compile `source`, which is copied. ST_INVALID with *ret_error. The template lives as
 * long as the engine. */
NODISCARD Status liquid_compile(Liquid *lq, Str name, Str source, const LiquidTemplate **ret,
                                LiquidError *ret_error);

/* The template called `name`, compiled when it was first asked for. ST_NOT_FOUND,
 * ST_INVALID. */
NODISCARD Status liquid_load(Liquid *lq, Str name, const LiquidTemplate **ret,
                             LiquidError *ret_error);

/* Syntax that only LIQUID_WARN reports: how many, and the i-th. */
size_t             liquid_warnings(const LiquidTemplate *t);
const LiquidError *liquid_warning(const LiquidTemplate *t, size_t i);

/* The raw text inside {% schema %}, {% stylesheet %}, {% javascript %} …; empty when the
 * template has no such block. The second and later ones are joined with a newline. */
Str liquid_raw_block(const LiquidTemplate *t, Str tag);

/* The facts of a template, in the order of its text; how many. */
size_t liquid_facts(const LiquidTemplate *t, const LiquidFact **ret);

/* The template's text. */
Str liquid_source(const LiquidTemplate *t);

/* 0 means: the default in brackets. */
typedef struct LiquidLimits {
    size_t   output;  /* bytes written (16 MB) */
    size_t   memory;  /* bytes of values made (64 MB) */
    uint64_t steps;   /* nodes, iterations, compared and copied items (20 million) */
    int64_t  time_ms; /* (5,000) */
    unsigned depth;   /* scopes inside each other: includes, loops (100) */
} LiquidLimits;

/* A name that every template sees, snippets as well. */
typedef struct LiquidGlobal {
    Str         name;
    LiquidValue value;
    bool        shared; /* the host says: the same in all its renderings */
} LiquidGlobal;

/* What a rendering read from outside of its templates, as bits of LiquidRender.saw. A host that
 * clears them before a part and looks behind it learns whether the part would be the same in
 * another rendering. */
enum {
    LIQUID_SAW_SHARED = 1, /* a global that is shared */
    LIQUID_SAW_OWN = 2,    /* another global, the data, or that a name is none of them */
    LIQUID_SAW_NOW = 4,    /* the time */
    LIQUID_SAW_HOST = 8,   /* a filter or tag of the host was asked */
    LIQUID_CAPTURED = 16   /* output was taken back into a variable */
};

typedef struct LiquidRender {
    Arena              *arena; /* values that the rendering makes */
    Buf                *out;
    LiquidValue         data; /* an object: names that this template sees, not its snippets */
    const LiquidGlobal *globals;
    size_t              nglobals;
    LiquidLimits        limits;
    bool                raise; /* stop at the first error instead of writing it into the output */
    bool                strict_variables; /* an unknown variable is an error */
    bool                strict_filters;   /* an unknown filter is an error */
    UnixMs              now;              /* 0: the clock's */
    /* Seconds east of UTC at a moment, and the zone's short name; NULL: UTC. */
    int32_t (*offset_at)(void *arg, int64_t unix_s, char name[static 8]);
    void *offset_arg;
    void *host; /* for the host's own filters, tags and drops: liquid_host() */

    unsigned    saw;    /* out: LIQUID_SAW_… */
    size_t      errors; /* out: how many errors the output contains */
    LiquidError first;  /* out: the first of them */
} LiquidRender;

/* Append the page to r->out. Errors of the template are written where they happen and
 * counted in r->errors; with `raise`, the first one gives ST_INVALID. ST_LIMIT when a limit
 * of r->limits was reached: the output is not complete then. */
NODISCARD Status liquid_render(const LiquidTemplate *t, LiquidRender *r, LiquidError *ret_error);

/* The rendering that a filter, tag or drop is called from: its `saw` and `errors`. */
LiquidRender *liquid_rendering(LiquidCx *cx);

/* How long the output is, and the bytes from `from` on, which hold until more is written. */
size_t liquid_written(const LiquidCx *cx);
Str    liquid_written_since(const LiquidCx *cx, size_t from);
