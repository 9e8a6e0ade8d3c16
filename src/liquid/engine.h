/* engine.h - inside of the engine: what templates share. */
#pragma once

#include "liquid/liquid.h"
#include "liquid/node.h"

#include <pthread.h>

typedef struct LqRaw {
    Str tag;
    Str text;
} LqRaw;

struct LiquidTemplate {
    Liquid         *engine;
    Arena           arena;
    Str             name;
    Str             source;
    LqBlock         body;
    uint32_t        nsyms; /* no name in it has a higher number */
    LqRaw          *raws;
    size_t          nraws;
    LiquidError    *warnings;
    size_t          nwarnings;
    LiquidFact     *facts;
    size_t          nfacts, facts_cap;
    LiquidTemplate *next; /* in the engine's list */
};

enum { LQ_CHUNK = 256, LQ_CHUNKS = 1024, LQ_GLOBALS_MAX = 128 };

/* Names as numbers: open addressing, never shrinks. Names stay where they are, so that a
 * number that a template has is turned into its name without the lock. */
typedef struct LqSymbols {
    Str      *chunks[LQ_CHUNKS]; /* by number, LQ_CHUNK each */
    uint32_t *slots;             /* number + 1, or 0 */
    size_t    n, nslots;
    Arena     arena;
} LqSymbols;

typedef struct LqCached {
    Str name;
    LiquidTemplate *template; /* NULL: it does not parse, see `error` */
    LiquidError error;
} LqCached;

struct Liquid {
    LiquidOptions        options;
    pthread_mutex_t      lock; /* symbols, templates, cache; recursive */
    LqSymbols            symbols;
    LiquidTemplate      *templates;
    LqCached            *cache;
    size_t               ncache, cache_cap;
    const LiquidFilter **filter_slots; /* by hash of the name */
    size_t               nfilter_slots;
    uint32_t             forloop, tablerowloop; /* symbols */
    uint32_t             nglobals; /* symbols below this are names of globals; 0: nobody knows */
    Arena                errors;   /* texts of errors of parsing */
    Arena                made;     /* what fixed snippets came to */
};

/* Number of a name. Call with the lock held. */
uint32_t lq_symbol(Liquid *lq, Str name);
uint32_t lq_symbol_locked(Liquid *lq, Str name); /* takes the lock itself */

/* Number of a name that exists already; false when no template ever used it. */
bool     lq_symbol_find(Liquid *lq, Str name, uint32_t *ret);
Str      lq_symbol_name(const Liquid *lq, uint32_t sym);
uint32_t lq_symbol_count(Liquid *lq);

const LiquidFilter *lq_find_filter(const Liquid *lq, Str name);
const LiquidTag    *lq_find_tag(const Liquid *lq, Str name);

uint32_t lq_hash(Str s);

/* Line and column, from 1, of an offset; the column counts code points. */
void lq_place_of(const LiquidTemplate *t, size_t at, uint32_t *ret_line, uint32_t *ret_column);
