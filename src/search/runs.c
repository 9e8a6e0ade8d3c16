#include "search/runs.h"

#include <pthread.h>
#include <string.h>

#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include "base/utf8.h"
#include "search/fold.h"

typedef enum Class { C_OTHER, C_BLANK, C_LETTER, C_DIGIT, C_DENSE } Class;

typedef struct Scan {
    Language l;
    Str      s;
    Arena   *a;
    Runs    *runs;
    size_t   max;
    size_t   cap;
} Scan;

static bool is_dense(uint32_t c)
{
    return (c >= 0x3400 && c <= 0x9fff) || (c >= 0x3040 && c <= 0x30ff && c != 0x30fb) ||
           (c >= 0x2e80 && c <= 0x2fdf) || (c >= 0xf900 && c <= 0xfaff) || c == 0x3005 ||
           (c >= 0x20000 && c <= 0x3ffff) || (c >= 0x0e01 && c <= 0x0eff && c != 0x0e3f) ||
           (c >= 0x1780 && c <= 0x17d3) || (c >= 0x1000 && c <= 0x109f);
}

static Class class_of(uint32_t c)
{
    if (c < 0x80) {
        if (c >= '0' && c <= '9')
            return C_DIGIT;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            return C_LETTER;
        return c == ' ' || c == '\t' || c == '\n' || c == '\r' ? C_BLANK : C_OTHER;
    }
    if (c == 0xa0 || c == 0x202f || c == 0x3000 || c == 0x2009)
        return C_BLANK;
    if ((c >= 0x0400 && c <= 0x0481) || (c >= 0xc0 && c <= 0x24f && c != 0xd7 && c != 0xf7))
        return C_LETTER;
    if (is_dense(c))
        return C_DENSE;
    uint32_t mask = U_GET_GC_MASK((UChar32)c);
    if (fold_is_apostrophe(c))
        return C_OTHER;
    if (mask & (U_GC_L_MASK | U_GC_M_MASK))
        return C_LETTER;
    return mask & U_GC_ND_MASK ? C_DIGIT : C_OTHER;
}

/* The class of what stands at `i`; *ret_n its bytes (at least 1 before the end). */
static Class at(const Scan *sc, size_t i, uint32_t *ret_c, size_t *ret_n)
{
    if (i >= sc->s.len) {
        *ret_n = 0;
        *ret_c = 0;
        return C_OTHER;
    }
    unsigned char byte = (unsigned char)sc->s.ptr[i];
    if (byte < 0x80) {
        *ret_n = 1;
        *ret_c = byte;
        return class_of(byte);
    }
    *ret_n = utf8_next(sc->s.ptr + i, sc->s.ptr + sc->s.len, ret_c);
    if (*ret_n == 0) {
        *ret_n = 1;
        *ret_c = 0;
        return C_OTHER;
    }
    return class_of(*ret_c);
}

static Run *add_run(Scan *sc, size_t from, size_t to, RunKind kind)
{
    Runs *r = sc->runs;
    if (r->n == sc->cap) {
        size_t cap = sc->cap ? sc->cap * 2 : 16;
        Run   *items = arena_array(sc->a, Run, cap);
        if (r->n > 0)
            memcpy(items, r->items, r->n * sizeof *items);
        r->items = items;
        sc->cap = cap;
    }
    Run *run = &r->items[r->n++];
    *run = (Run){.from = (uint32_t)from, .to = (uint32_t)to, .core = (uint32_t)to, .kind = kind};
    return run;
}

/* --- scripts without blanks --------------------------------------------------------------- */

enum { DENSE_MAX = 2048 /* UTF-16 units cut at once */, BREAKERS_MAX = 8 };

/* Break iterators serve one thread at a time and are slow to open: some are kept. ICU picks
 * its dictionary by script, not by locale. */
static pthread_mutex_t breakers_lock = PTHREAD_MUTEX_INITIALIZER;
static UBreakIterator *breakers[BREAKERS_MAX];
static size_t          n_breakers;

static UBreakIterator *breaker_take(void)
{
    UBreakIterator *b = NULL;
    pthread_mutex_lock(&breakers_lock);
    if (n_breakers > 0)
        b = breakers[--n_breakers];
    pthread_mutex_unlock(&breakers_lock);
    UErrorCode e = U_ZERO_ERROR;
    return b ? b : ubrk_open(UBRK_WORD, "zh", NULL, 0, &e);
}

static void breaker_give(UBreakIterator *b)
{
    pthread_mutex_lock(&breakers_lock);
    bool keep = n_breakers < BREAKERS_MAX;
    if (keep)
        breakers[n_breakers++] = b;
    pthread_mutex_unlock(&breakers_lock);
    if (!keep)
        ubrk_close(b);
}

static size_t dense_end(const Scan *sc, size_t from, UChar *u, uint32_t *bytes, int32_t *ret_n)
{
    int32_t  n = 0;
    uint32_t c;
    size_t   i = from, step;
    while (n + 2 < DENSE_MAX && i < sc->s.len && at(sc, i, &c, &step) == C_DENSE) {
        int32_t before = n;
        U16_APPEND_UNSAFE(u, n, c);
        for (int32_t k = before; k < n; k++)
            bytes[k] = (uint32_t)i;
        i += step;
    }
    bytes[n] = (uint32_t)i;
    *ret_n = n;
    return i;
}

static size_t scan_dense(Scan *sc, size_t from)
{
    UChar    *u = arena_array(sc->a, UChar, DENSE_MAX);
    uint32_t *bytes = arena_array(sc->a, uint32_t, DENSE_MAX + 1);
    int32_t   n;
    size_t    end = dense_end(sc, from, u, bytes, &n);

    UBreakIterator *b = breaker_take();
    UErrorCode      e = U_ZERO_ERROR;
    bool            first = true;
    if (b)
        ubrk_setText(b, u, n, &e);
    if (!b || U_FAILURE(e)) {
        add_run(sc, from, end, RUN_DENSE)->first_of_dense = true;
    } else {
        int32_t p = ubrk_first(b);
        for (int32_t q; (q = ubrk_next(b)) != UBRK_DONE && sc->runs->n < sc->max; p = q) {
            add_run(sc, bytes[p], bytes[q], RUN_DENSE)->first_of_dense = first;
            first = false;
        }
        ubrk_setText(b, u, 0, &e); /* forgets our memory */
    }
    if (b)
        breaker_give(b);
    return end;
}

/* --- words and numbers -------------------------------------------------------------------- */

/* French and Italian put an article before the apostrophe; there a word begins behind it. */
static bool splits_at_apostrophe(Language l)
{
    return l == LANG_FR || l == LANG_IT || l == LANG_CA || l == LANG_GA;
}

static bool is_cyrillic(uint32_t c)
{
    return c >= 0x0400 && c <= 0x052f;
}

typedef struct Grow { /* a run being read */
    size_t   i;
    size_t   core; /* 0: not set off */
    uint32_t before;
    bool     letters, digits, point;
} Grow;

/* A decimal mark or thousands' mark between digits of a number. */
static bool grow_mark(const Scan *sc, Grow *g, uint32_t c)
{
    uint32_t next;
    size_t   n;
    if ((c != '.' && c != ',') || g->letters || !g->digits || g->point ||
        at(sc, g->i + 1, &next, &n) != C_DIGIT)
        return false;
    g->point = true;
    g->i++;
    return true;
}

static bool grow_apostrophe(const Scan *sc, Grow *g, uint32_t c, size_t step)
{
    uint32_t next;
    size_t   n;
    if (!fold_is_apostrophe(c) || !g->letters || splits_at_apostrophe(sc->l) ||
        at(sc, g->i + step, &next, &n) != C_LETTER)
        return false;
    if (!is_cyrillic(g->before) && g->core == 0)
        g->core = g->i;
    g->i += step;
    return true;
}

/* What follows the apostrophe is no word of its own when it is short ("men's") or Turkish. */
static size_t core_of(const Scan *sc, const Grow *g)
{
    if (g->core == 0)
        return g->i;
    return sc->l == LANG_TR || g->i - g->core <= 3 ? g->core : g->i;
}

static size_t scan_run(Scan *sc, size_t from)
{
    Grow g = {.i = from};
    for (;;) {
        uint32_t c;
        size_t   step;
        Class    k = at(sc, g.i, &c, &step);
        if (k == C_LETTER || k == C_DIGIT) {
            g.letters |= k == C_LETTER;
            g.digits |= k == C_DIGIT;
            g.before = c;
            g.i += step;
        } else if (step == 0 || (!grow_mark(sc, &g, c) && !grow_apostrophe(sc, &g, c, step))) {
            break;
        }
    }
    RunKind kind = !g.digits ? RUN_WORD : g.letters ? RUN_MIXED : RUN_NUMBER;
    add_run(sc, from, g.i, kind)->core = (uint32_t)core_of(sc, &g);
    return g.i;
}

static char link_between(const Scan *sc, size_t from, size_t to)
{
    if (from == to)
        return '.'; /* "5公斤": next to each other */
    uint32_t c = 0;
    size_t   n = utf8_next(sc->s.ptr + from, sc->s.ptr + to, &c);
    if (n != to - from)
        return 0;
    if (c == 0x2010 || c == 0x2011 || c == 0x2212 || c == 0x2013)
        return '-';
    if (class_of(c) == C_BLANK)
        return ' ';
    return c == '-' || c == '/' || c == '.' || c == '_' || c == '+' ? (char)c : 0;
}

void runs_of(Language l, Str s, size_t max, Arena *a, Runs *ret)
{
    *ret = (Runs){0};
    Scan   sc = {.l = l, .s = s, .a = a, .runs = ret, .max = max};
    size_t i = 0;
    while (i < s.len && ret->n < max) {
        uint32_t c;
        size_t   step;
        Class    k = at(&sc, i, &c, &step);
        if (k != C_LETTER && k != C_DIGIT && k != C_DENSE) {
            i += step;
            continue;
        }
        size_t had = ret->n;
        size_t end = k == C_DENSE ? scan_dense(&sc, i) : scan_run(&sc, i);
        if (had > 0 && ret->n > had)
            ret->items[had].link = link_between(&sc, ret->items[had - 1].to, i);
        i = end;
    }
}
