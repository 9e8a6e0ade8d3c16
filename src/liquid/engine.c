/* Engines, templates, and what was loaded. */
#include "liquid/parse.h"

#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_MAX = 1 << 20 };

/* --- filters and tags ---------------------------------------------------------------------- */

static void put_filter(Liquid *lq, const LiquidFilter *f)
{
    size_t at = lq_hash(str_from_cstr(f->name)) & (lq->nfilter_slots - 1);
    while (lq->filter_slots[at] != NULL) {
        if (strcmp(lq->filter_slots[at]->name, f->name) == 0)
            return; /* the first one of a name wins: the host's */
        at = (at + 1) & (lq->nfilter_slots - 1);
    }
    lq->filter_slots[at] = f;
}

static void index_filters(Liquid *lq)
{
    size_t n = lq->options.nfilters;
    for (size_t i = 0; lq_filters(i) != NULL; i++)
        for (const LiquidFilter *f = lq_filters(i); f->name != NULL; f++)
            n++;
    lq->nfilter_slots = 64;
    while (lq->nfilter_slots < 3 * n)
        lq->nfilter_slots *= 2;
    lq->filter_slots = calloc(lq->nfilter_slots, sizeof(const LiquidFilter *));
    if (lq->filter_slots == NULL)
        base_out_of_memory(lq->nfilter_slots * sizeof(const LiquidFilter *));
    for (size_t i = 0; i < lq->options.nfilters; i++)
        put_filter(lq, &lq->options.filters[i]);
    for (size_t i = 0; lq_filters(i) != NULL; i++)
        for (const LiquidFilter *f = lq_filters(i); f->name != NULL; f++)
            put_filter(lq, f);
}

const LiquidFilter *lq_find_filter(const Liquid *lq, Str name)
{
    size_t at = lq_hash(name) & (lq->nfilter_slots - 1);
    for (; lq->filter_slots[at] != NULL; at = (at + 1) & (lq->nfilter_slots - 1))
        if (str_eq(name, str_from_cstr(lq->filter_slots[at]->name)))
            return lq->filter_slots[at];
    return NULL;
}

const LiquidTag *lq_find_tag(const Liquid *lq, Str name)
{
    for (size_t i = 0; i < lq->options.ntags; i++)
        if (str_eq(name, str_from_cstr(lq->options.tags[i].name)))
            return &lq->options.tags[i];
    return NULL;
}

/* --- engines --------------------------------------------------------------------------------- */

Liquid *liquid_new(const LiquidOptions *options)
{
    Liquid *lq = calloc(1, sizeof *lq);
    if (lq == NULL)
        base_out_of_memory(sizeof *lq);
    lq->options = *options;
    if (lq->options.source_max == 0 || lq->options.source_max > UINT32_MAX - 1)
        lq->options.source_max = SOURCE_MAX;
    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lq->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    arena_init(&lq->symbols.arena, 4096);
    arena_init(&lq->errors, 1024);
    arena_init(&lq->made, 4096);
    index_filters(lq);
    for (const char *const *name = options->globals; name != NULL && *name != NULL; name++)
        lq->nglobals = lq_symbol(lq, str_from_cstr(*name)) + 1; /* they are the first symbols */
    ASSERT(lq->nglobals <= LQ_GLOBALS_MAX);
    lq->forloop = lq_symbol(lq, STR("forloop"));
    lq->tablerowloop = lq_symbol(lq, STR("tablerowloop"));
    return lq;
}

static void free_template(LiquidTemplate *t)
{
    arena_done(&t->arena);
    free(t);
}

void liquid_free(Liquid *lq)
{
    if (lq == NULL)
        return;
    while (lq->templates != NULL) {
        LiquidTemplate *t = lq->templates;
        lq->templates = t->next;
        free_template(t);
    }
    free(lq->cache);
    free(lq->filter_slots);
    free(lq->symbols.slots);
    arena_done(&lq->symbols.arena);
    arena_done(&lq->errors);
    arena_done(&lq->made);
    pthread_mutex_destroy(&lq->lock);
    free(lq);
}

/* --- compiling ---------------------------------------------------------------------------------
 */

void lq_place_of(const LiquidTemplate *t, size_t at, uint32_t *ret_line, uint32_t *ret_column)
{
    size_t   end = at < t->source.len ? at : t->source.len, start = 0;
    uint32_t line = 1;
    for (size_t i = 0; i < end; i++)
        if (t->source.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    *ret_line = line;
    *ret_column = (uint32_t)utf8_count((Str){t->source.ptr + start, end - start}) + 1;
}

/* What lq_syntax() left, in words; texts go to the engine. */
static LiquidError describe(Liquid *lq, const LqParse *p)
{
    LiquidError e = {.template = str_dup(&lq->errors, p->t->name), .syntax = true};
    uint32_t    line, column;
    lq_place_of(p->t, (size_t)(p->at - p->t->source.ptr), &line, &column);
    const char *at = p->error_at != NULL ? p->error_at : p->at;
    lq_place_of(p->t, (size_t)(at - p->t->source.ptr), &e.line, &e.column);
    size_t size = p->message.len + p->context.len + 1;
    char  *z = arena_alloc(&lq->errors, size, 1);
    int    n = snprintf(z, size, STR_FMT STR_FMT, STR_ARG(p->message), STR_ARG(p->context));
    e.detail = (Str){z, n > 0 ? (size_t)n : 0};
    size = e.detail.len + 64;
    z = arena_alloc(&lq->errors, size, 1);
    n = p->stack
            ? snprintf(z, size, "Liquid error: " STR_FMT, STR_ARG(e.detail))
            : snprintf(z, size, "Liquid syntax error (line %u): " STR_FMT, line, STR_ARG(e.detail));
    e.message = (Str){z, n > 0 ? (size_t)n : 0};
    e.syntax = !p->stack;
    return e;
}

static LiquidTemplate *new_template(Liquid *lq, Str name, Str source)
{
    LiquidTemplate *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    t->engine = lq;
    arena_init(&t->arena, source.len < 1024 ? 4096 : 16384);
    t->name = str_dup(&t->arena, name);
    t->source = str_dup(&t->arena, source);
    return t;
}

static bool check_source(Liquid *lq, LqParse *p)
{
    if (p->t->source.len > lq->options.source_max)
        return lq_syntax(p, NULL, "Template is longer than %zu bytes", lq->options.source_max);
    if (!utf8_valid(p->t->source))
        return lq_syntax(p, NULL, "Invalid template encoding");
    return true;
}

static LiquidTemplate *compile(Liquid *lq, Str name, Str source, LiquidError *ret_error)
{
    LiquidTemplate *t = new_template(lq, name, source);
    LqParse p = {.lq = lq, .t = t, .a = &t->arena, .mode = lq->options.mode, .at = t->source.ptr};
    bool    ok = check_source(lq, &p) && lq_parse_document(&p);
    free(p.toks);
    t->nsyms = (uint32_t)lq->symbols.n;
    if (ok) {
        t->next = lq->templates;
        lq->templates = t;
        return t;
    }
    *ret_error = describe(lq, &p);
    free_template(t);
    return NULL;
}

Status liquid_compile(Liquid *lq, Str name, Str source, const LiquidTemplate **ret,
                      LiquidError *ret_error)
{
    pthread_mutex_lock(&lq->lock);
    LiquidTemplate *t = compile(lq, name, source, ret_error);
    pthread_mutex_unlock(&lq->lock);
    if (t == NULL)
        return ST_INVALID;
    *ret = t;
    return ST_OK;
}

/* --- loading
 * -------------------------------------------------------------------------------------- */

static LqCached *find_cached(Liquid *lq, Str name)
{
    for (size_t i = 0; i < lq->ncache; i++)
        if (str_eq(lq->cache[i].name, name))
            return &lq->cache[i];
    return NULL;
}

static LqCached *add_cached(Liquid *lq, Str name)
{
    if (lq->ncache == lq->cache_cap) {
        lq->cache_cap = lq->cache_cap == 0 ? 32 : 2 * lq->cache_cap;
        lq->cache = reallocarray(lq->cache, lq->cache_cap, sizeof *lq->cache);
        if (lq->cache == NULL)
            base_out_of_memory(lq->cache_cap * sizeof *lq->cache);
    }
    LqCached *c = &lq->cache[lq->ncache++];
    *c = (LqCached){.name = str_dup(&lq->errors, name)};
    return c;
}

/* With the lock held. */
static Status load(Liquid *lq, Str name, const LiquidTemplate **ret, LiquidError *ret_error)
{
    LqCached *c = find_cached(lq, name);
    if (c == NULL) {
        CLEANUP(arena_done) Arena a;
        Str                       source;
        arena_init(&a, 16384);
        if (lq->options.load == NULL || !lq->options.load(lq->options.load_arg, name, &a, &source))
            return ST_NOT_FOUND;
        c = add_cached(lq, name);
        size_t          slot = (size_t)(c - lq->cache);
        LiquidError     error = {0};
        LiquidTemplate *t = compile(lq, name, source, &error);
        c = &lq->cache[slot];
        c->template = t;
        c->error = error;
    }
    if (c->template == NULL) {
        *ret_error = c->error;
        return ST_INVALID;
    }
    *ret = c->template;
    return ST_OK;
}

Status liquid_load(Liquid *lq, Str name, const LiquidTemplate **ret, LiquidError *ret_error)
{
    *ret_error = (LiquidError){.template = name};
    pthread_mutex_lock(&lq->lock);
    Status st = load(lq, name, ret, ret_error);
    pthread_mutex_unlock(&lq->lock);
    return st;
}

/* --- looking at templates
 * ----------------------------------------------------------------------------- */

size_t liquid_warnings(const LiquidTemplate *t)
{
    return t->nwarnings;
}

const LiquidError *liquid_warning(const LiquidTemplate *t, size_t i)
{
    ASSERT(i < t->nwarnings);
    return &t->warnings[i];
}

size_t liquid_facts(const LiquidTemplate *t, const LiquidFact **ret)
{
    *ret = t->facts;
    return t->nfacts;
}

Str liquid_source(const LiquidTemplate *t)
{
    return t->source;
}

Str liquid_raw_block(const LiquidTemplate *t, Str tag)
{
    Str    found = {0};
    size_t n = 0, size = 0;
    for (size_t i = 0; i < t->nraws; i++)
        if (str_eq(t->raws[i].tag, tag)) {
            found = t->raws[i].text;
            size += found.len + 1;
            n++;
        }
    if (n < 2)
        return found;
    Liquid *lq = t->engine;
    pthread_mutex_lock(&lq->lock);
    char *z = arena_alloc(&lq->errors, size, 1);
    pthread_mutex_unlock(&lq->lock);
    size_t len = 0;
    for (size_t i = 0; i < t->nraws; i++) {
        if (!str_eq(t->raws[i].tag, tag))
            continue;
        if (len > 0)
            z[len++] = '\n';
        if (t->raws[i].text.len > 0)
            memcpy(z + len, t->raws[i].text.ptr, t->raws[i].text.len);
        len += t->raws[i].text.len;
    }
    return (Str){z, len};
}
