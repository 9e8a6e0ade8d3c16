#include "channel/storefront/part.h"

#include "channel/storefront/object.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLOTS = 64,
    PARTS_MAX = 512,     /* kept of one theme; then all go */
    PART_MAX = 64 << 10, /* bytes of one */
    TRIES_MAX = 8,       /* so often a section may turn out to be its page's own */
    NSECTIONS_CLASS = 4  /* sections before it: more make no difference */
};

typedef struct Part {
    struct Part *next;
    Arena        arena;
    Str          tag, currency, origin, text;
    int64_t      site_rev, view_rev;
    int64_t      second; /* in which it was made, when it shows the time; 0: it does not */
    size_t       nsections, more;
    bool         cart; /* made without a cart, and showing that */
    VisitDep    *deps;
    size_t       ndeps;
    VisitAsked  *asked;
    size_t       nasked;
    size_t       holes[VISIT_HOLES];
    size_t       nholes;
} Part;

typedef struct Slot {
    struct Slot        *next;
    const ThemeSection *section;
    unsigned            tries;
    Part               *parts;
} Slot;

struct Parts {
    pthread_mutex_t lock;
    Slot           *slots[SLOTS];
    size_t          n;
};

static _Atomic bool resting;

void parts_rest(bool off)
{
    resting = off;
}

Parts *parts_new(void)
{
    Parts *p = calloc(1, sizeof *p);
    if (p == NULL)
        base_out_of_memory(sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    return p;
}

static void free_part(Part *part)
{
    arena_done(&part->arena);
    free(part);
}

static void drop_all(Parts *p)
{
    for (size_t i = 0; i < SLOTS; i++)
        for (Slot *s = p->slots[i]; s != NULL; s = s->next)
            while (s->parts != NULL) {
                Part *part = s->parts;
                s->parts = part->next;
                free_part(part);
            }
    p->n = 0;
}

void parts_free(Parts *p)
{
    if (p == NULL)
        return;
    drop_all(p);
    for (size_t i = 0; i < SLOTS; i++)
        while (p->slots[i] != NULL) {
            Slot *s = p->slots[i];
            p->slots[i] = s->next;
            free(s);
        }
    pthread_mutex_destroy(&p->lock);
    free(p);
}

static Slot *slot_of(Parts *p, const ThemeSection *section)
{
    Slot **at = &p->slots[((uintptr_t)section >> 4) % SLOTS];
    for (; *at != NULL; at = &(*at)->next)
        if ((*at)->section == section)
            return *at;
    *at = calloc(1, sizeof **at);
    if (*at == NULL)
        base_out_of_memory(sizeof **at);
    (*at)->section = section;
    return *at;
}

/* --- does it fit this page? ------------------------------------------------------------------ */

static size_t class_of(size_t nsections)
{
    return nsections < NSECTIONS_CLASS ? nsections : NSECTIONS_CLASS;
}

static bool same_visitor(const Visit *v, const Part *part)
{
    return str_eq(part->tag, v->tag) && str_eq(part->currency, v->currency) &&
           str_eq(part->origin, v->origin) && part->site_rev == v->site_rev &&
           part->nsections == class_of(v->nsections);
}

static bool holds(const Visit *v, Part *part)
{
    int64_t rev = published_rev(v->view);
    if ((part->second != 0 && part->second != v->cx->now.v / 1000) ||
        (part->cart && visit_has_cart(v)))
        return false;
    for (size_t i = 0; i < part->nasked; i++)
        if (visit_answer(v, part->asked[i].path, part->asked[i].within) != part->asked[i].answer)
            return false;
    if (part->view_rev == rev)
        return true;
    if (!visit_deps_hold(part->deps, part->ndeps, v->view))
        return false;
    part->view_rev = rev;
    return true;
}

static Part *find(Visit *v, Slot *slot)
{
    for (Part *part = slot->parts; part != NULL; part = part->next)
        if (same_visitor(v, part) && holds(v, part))
            return part;
    return NULL;
}

static void write_part(LiquidCx *cx, Visit *v, const Part *part)
{
    size_t at = 0;
    for (size_t i = 0; i < part->nholes; i++) {
        liquid_write(cx, (Str){part->text.ptr + at, part->holes[i] - at});
        liquid_write_value(cx, liquid_text(v->raw));
        at = part->holes[i];
    }
    liquid_write(cx, str_skip(part->text, at));
    for (size_t i = 0; i < part->ndeps; i++)
        visit_note_again(v, &part->deps[i]);
    v->nsections += part->more;
}

/* Pages of a person are made for that person alone. */
static bool usable(const Visit *v)
{
    return !resting && v->theme->parts != NULL && v->trace == NULL && !v->section_only &&
           !v->design_mode && v->cx->actor.session == 0 && !v->uncacheable;
}

bool part_begin(LiquidCx *cx, Visit *v, const ThemeSection *s, PartStart *start)
{
    Parts *p = v->theme->parts;
    start->trace.on = false;
    if (!usable(v))
        return false;
    pthread_mutex_lock(&p->lock);
    Slot       *slot = slot_of(p, s);
    const Part *part = find(v, slot);
    bool        traced = part == NULL && slot->tries < TRIES_MAX;
    if (part != NULL)
        write_part(cx, v, part);
    pthread_mutex_unlock(&p->lock);
    if (traced) {
        LiquidRender *r = liquid_rendering(cx);
        start->from = liquid_written(cx);
        start->saw = r->saw;
        start->errors = r->errors;
        start->nsections = v->nsections;
        r->saw = 0;
        visit_trace(v, &start->trace);
    }
    return part != NULL;
}

/* --- keeping --------------------------------------------------------------------------------- */

static Str keep(Arena *a, Str s)
{
    return s.len > 0 ? str_dup(a, s) : STR("");
}

/* The text without what was written where the holes are. */
static void keep_text(Part *part, const PartStart *start, Str text)
{
    const VisitTrace *t = &start->trace;
    char             *z = arena_array(&part->arena, char, text.len + 1);
    size_t            n = 0, at = 0;
    part->nholes = t->nholes;
    for (size_t i = 0; i <= t->nholes; i++) {
        size_t end = i < t->nholes ? t->holes[i].at - start->from : text.len;
        memcpy(z + n, text.ptr + at, end - at);
        n += end - at;
        if (i < t->nholes) {
            part->holes[i] = n;
            at = end + t->holes[i].len;
        }
    }
    part->text = (Str){z, n};
}

static Part *new_part(const Visit *v, const PartStart *start, unsigned saw, Str text)
{
    const VisitTrace *t = &start->trace;
    Part             *part = calloc(1, sizeof *part);
    if (part == NULL)
        base_out_of_memory(sizeof *part);
    arena_init(&part->arena, text.len + 2048);
    Arena *a = &part->arena;
    part->tag = keep(a, v->tag);
    part->currency = keep(a, v->currency);
    part->origin = keep(a, v->origin);
    part->site_rev = v->site_rev;
    part->view_rev = published_rev(v->view);
    part->second = saw & LIQUID_SAW_NOW ? v->cx->now.v / 1000 : 0;
    part->nsections = class_of(start->nsections);
    part->more = v->nsections - start->nsections;
    part->cart = t->cart;
    part->ndeps = t->deps.n;
    part->deps = arena_array(a, VisitDep, t->deps.n + 1);
    memcpy(part->deps, t->deps.items, t->deps.n * sizeof *part->deps);
    part->nasked = t->nasked;
    part->asked = arena_array(a, VisitAsked, t->nasked + 1);
    for (size_t i = 0; i < t->nasked; i++) {
        part->asked[i] = t->asked[i];
        part->asked[i].path = keep(a, t->asked[i].path);
    }
    keep_text(part, start, text);
    return part;
}

/* A part that no longer holds makes room for the one that does. */
static void drop_stale(Parts *p, Slot *slot, const Visit *v)
{
    for (Part **at = &slot->parts; *at != NULL;) {
        Part *part = *at;
        bool  old = part->second != 0 && part->second != v->cx->now.v / 1000;
        if (!old && visit_deps_hold(part->deps, part->ndeps, v->view)) {
            at = &part->next;
            continue;
        }
        *at = part->next;
        free_part(part);
        p->n--;
    }
}

void part_end(LiquidCx *cx, Visit *v, const ThemeSection *s, PartStart *start)
{
    Parts        *p = v->theme->parts;
    LiquidRender *r = liquid_rendering(cx);
    if (!start->trace.on)
        return;
    v->trace = NULL;
    unsigned saw = r->saw;
    Str      text = liquid_written_since(cx, start->from);
    r->saw |= start->saw;
    bool moved = start->trace.nholes > 0 && (saw & LIQUID_CAPTURED) != 0;
    if (r->errors != start->errors || text.len > PART_MAX || moved)
        start->trace.page = true;
    bool own = start->trace.page || v->uncacheable || (saw & LIQUID_SAW_OWN) != 0;
    pthread_mutex_lock(&p->lock);
    Slot *slot = slot_of(p, s);
    if (own) {
        slot->tries++;
    } else {
        drop_stale(p, slot, v);
        if (p->n == PARTS_MAX)
            drop_all(p);
        Part *part = new_part(v, start, saw, text);
        part->next = slot->parts;
        slot->parts = part;
        p->n++;
    }
    pthread_mutex_unlock(&p->lock);
}
