#include "people/journey_trait.h"
#include "people/identity_int.h"

#include "base/map.h"
#include "base/sort.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 5000, CHANGED_MAX = 50000, SOME = 500, PATH_MAX_BYTES = 200, DEPTH_MAX = 32 };

/* What somebody is. */
typedef struct Cell {
    int64_t profile;
    union {
        int64_t     i;
        double      real;
        const char *text; /* in the column's texts, or in those of one before */
    };
    uint32_t len;  /* of the text */
    uint32_t type; /* JourneyType; 0: it was taken back */
} Cell;

/* Immutable once it is shown; the list, questions and what was made of it hold it. */
typedef struct Column {
    atomic_int     refs;
    Cell          *cells; /* by profile */
    size_t         n;
    Arena          texts;
    struct Column *before; /* whose texts are still used */
    int            depth;  /* of those */
} Column;

typedef struct Kept {
    char     path[PATH_MAX_BYTES + 1];
    Column  *column;  /* NULL: it was not read yet */
    int64_t *changed; /* since it was read */
    size_t   nchanged;
    bool     lost;  /* more changed than can be remembered */
    bool     whole; /* it has to be read whole */
    int64_t  asked;
} Kept;

static struct {
    pthread_mutex_t lock;    /* of the list */
    pthread_mutex_t reading; /* one reads at a time; only who reads replaces */
    Kept            kept[TRAIT_PATHS_MAX];
    size_t          n;
    int64_t         clock;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER, .reading = PTHREAD_MUTEX_INITIALIZER};

struct PeopleTraitsHeld {
    size_t n;
    struct {
        char    path[PATH_MAX_BYTES + 1];
        size_t  len;
        Column *column;
    } items[TRAIT_PATHS_MAX];
};

static void column_let(Column *c)
{
    while (c != NULL && atomic_fetch_sub(&c->refs, 1) == 1) {
        Column *before = c->before;
        free(c->cells);
        arena_done(&c->texts);
        free(c);
        c = before;
    }
}

static Column *column_hold(Column *c)
{
    if (c != NULL)
        atomic_fetch_add(&c->refs, 1);
    return c;
}

/* --- making a column ------------------------------------------------------------------------- */

/* Which of several that an identifier each says counts: as people_traits_of() has it. */
typedef struct Weight {
    int64_t at, id;
    bool    verified;
} Weight;

typedef struct Weighed {
    Cell   cell;
    Weight weight;
} Weighed;

typedef struct Making {
    Cx      *cx;
    Str      path, name; /* "address.city", "address" */
    Weighed *items;
    size_t   n, cap, text_bytes;
    Arena    texts;
    Map      seen; /* text -> it, kept */
} Making;

static void making_begin(Making *m, Cx *cx, Str path)
{
    size_t dot = str_find(path, STR("."));
    *m = (Making){.cx = cx, .path = path, .name = dot == SIZE_MAX ? path : str_head(path, dot)};
    arena_init(&m->texts, 1 << 16);
    map_init(&m->seen, NULL, 1024);
}

static void making_end(Making *m)
{
    map_done(&m->seen);
    arena_done(&m->texts);
    free(m->items);
}

static Status too_big(Making *m)
{
    return cx_fail(m->cx, ST_LIMIT, "journey.too_big", "person." STR_FMT " is known of too many",
                   STR_ARG(m->path));
}

static Status add(Making *m, Cell cell, Weight weight)
{
    if (m->n == TRAIT_PEOPLE_MAX)
        return too_big(m);
    if (m->n == m->cap) {
        m->cap = m->cap > 0 ? m->cap * 2 : 1024;
        m->items = realloc(m->items, m->cap * sizeof *m->items);
        if (m->items == NULL)
            base_out_of_memory(m->cap * sizeof *m->items);
    }
    m->items[m->n++] = (Weighed){cell, weight};
    return ST_OK;
}

static Status add_text(Making *m, Cell cell, Str text, Weight weight)
{
    bool      is_new = false;
    MapValue *at = map_get(&m->seen, text);
    if (at == NULL) {
        Str kept = str_dup(&m->texts, text);
        m->text_bytes += text.len;
        at = map_put(&m->seen, kept, &is_new);
        at->p = (void *)(uintptr_t)kept.ptr;
    }
    if (m->text_bytes > TRAIT_TEXT_MAX)
        return too_big(m);
    cell.text = at->p;
    cell.len = (uint32_t)text.len;
    return add(m, cell, weight);
}

/* The value at the rest of the path, or NULL. */
static const JsonValue *inside(const JsonValue *v, Str path, Str name)
{
    Str part, rest = str_skip(path, name.len + 1);
    while (v != NULL && rest.len > 0) {
        (void)str_cut(rest, '.', &part, &rest);
        v = v->type == JSON_OBJECT ? json_get(v, part) : NULL;
    }
    return v;
}

static Status add_json(Making *m, int64_t profile, Str json, Weight weight)
{
    const JsonValue *v;
    Err              err;
    Cell             cell = {.profile = profile};
    if (json_parse(m->cx->arena, json, &v, &err) == ST_OK)
        v = inside(v, m->path, m->name);
    else
        v = NULL;
    switch (v != NULL ? v->type : JSON_NULL) {
    case JSON_STRING: cell.type = JOURNEY_TEXT; return add_text(m, cell, v->text, weight);
    case JSON_ARRAY:
    case JSON_OBJECT: cell.type = JOURNEY_JSON; return add_text(m, cell, v->text, weight);
    case JSON_BOOL:
        cell.type = JOURNEY_BOOL;
        cell.i = v->boolean;
        break;
    case JSON_NUMBER:
        cell.type = v->integer ? JOURNEY_INT : JOURNEY_REAL;
        if (v->integer)
            cell.i = v->i64;
        else
            cell.real = v->real;
        break;
    case JSON_NULL: break;
    }
    return add(m, cell, weight);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool is_fact(Str path)
{
    static const char *const FACTS[] = {"email", "phone", "name", "country", "locale", "known"};
    for (size_t i = 0; i < COUNT_OF(FACTS); i++)
        if (str_eq(path, str_from_cstr(FACTS[i])))
            return true;
    return false;
}

static Status add_fact(Making *m, const PeopleProfileWalk *p)
{
    const struct {
        Str name, value;
    } FACTS[] = {{STR("email"), p->email},
                 {STR("phone"), p->phone},
                 {STR("name"), p->name},
                 {STR("country"), p->country},
                 {STR("locale"), p->locale}};
    Cell cell = {.profile = p->id, .i = p->known, .type = JOURNEY_BOOL};
    if (str_eq(m->path, STR("known")))
        return add(m, cell, (Weight){0});
    cell.type = JOURNEY_TEXT;
    for (size_t i = 0; i < COUNT_OF(FACTS); i++)
        if (str_eq(m->path, FACTS[i].name) && FACTS[i].value.ptr != NULL)
            return add_text(m, cell, FACTS[i].value, (Weight){0});
    return ST_OK;
}

static Status add_traits(Making *m, const PeopleTraitWalkList *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const PeopleTraitWalk *r = &rows->items[i];
        TRY(add_json(m, r->profile_id, r->value, (Weight){r->at_ms.v, r->id, r->verified}));
    }
    return ST_OK;
}

static Status add_facts(Making *m, const PeopleProfileWalkList *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        TRY(add_fact(m, &rows->items[i]));
    return ST_OK;
}

/* A page of everybody behind *after; *ret_more: there may be others. */
static Status read_page(Making *m, int64_t *after, bool *ret_more)
{
    PeopleTraitWalkList   traits;
    PeopleProfileWalkList facts;
    if (is_fact(m->path)) {
        TRY(people_sql_profile_walk(m->cx, *after, PAGE, &facts));
        *ret_more = facts.n == PAGE;
        *after = facts.n > 0 ? facts.items[facts.n - 1].id : *after;
        return add_facts(m, &facts);
    }
    TRY(people_sql_trait_walk(m->cx, m->name, *after, PAGE, &traits));
    *ret_more = traits.n == PAGE;
    *after = traits.n > 0 ? traits.items[traits.n - 1].identifier_id : *after;
    return add_traits(m, &traits);
}

static Status read_some(Making *m, const int64_t *ids, size_t n)
{
    PeopleTraitWalkList   traits;
    PeopleProfileWalkList facts;
    if (is_fact(m->path)) {
        TRY(people_sql_profile_walk_some(m->cx, ids, n, SOME, &facts));
        return add_facts(m, &facts);
    }
    TRY(people_sql_trait_walk_some(m->cx, ids, n, m->name, SOME * PEOPLE_IDENTIFIERS_MAX, &traits));
    return add_traits(m, &traits);
}

static int by_weight(const void *x, const void *y)
{
    const Weighed *a = x, *b = y;
    const Weight  *v = &a->weight, *w = &b->weight;
    if (a->cell.profile != b->cell.profile)
        return a->cell.profile < b->cell.profile ? -1 : 1;
    if (v->verified != w->verified)
        return v->verified ? -1 : 1;
    if (v->at != w->at)
        return v->at > w->at ? -1 : 1;
    return (v->id < w->id) - (v->id > w->id);
}

/* The best of each profile, in their order; what was taken back stays, as type 0. */
static void weigh(Making *m)
{
    size_t n = 0;
    if (m->n > 0)
        array_sort(m->items, m->n, sizeof *m->items, by_weight);
    for (size_t i = 0; i < m->n; i++)
        if (i == 0 || m->items[i].cell.profile != m->items[i - 1].cell.profile)
            m->items[n++] = m->items[i];
    m->n = n;
}

static int by_number(const void *x, const void *y)
{
    const int64_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* `old` (NULL: none) without `gone`, which ascend, and with what was read. Takes the texts. */
static Column *combine(Making *m, Column *old, const int64_t *gone, size_t ngone)
{
    Column *c = calloc(1, sizeof *c);
    size_t  was = old != NULL ? old->n : 0, k = 0, g = 0;
    if (c == NULL || (c->cells = malloc((was + m->n + 1) * sizeof *c->cells)) == NULL)
        base_out_of_memory((was + m->n) * sizeof *c->cells);
    atomic_store(&c->refs, 1);
    for (size_t i = 0; i < was; i++) {
        const Cell *cell = &old->cells[i];
        for (; k < m->n && m->items[k].cell.profile < cell->profile; k++)
            if (m->items[k].cell.type != 0)
                c->cells[c->n++] = m->items[k].cell;
        while (g < ngone && gone[g] < cell->profile)
            g++;
        if (g == ngone || gone[g] != cell->profile)
            c->cells[c->n++] = *cell;
    }
    for (; k < m->n; k++)
        if (m->items[k].cell.type != 0)
            c->cells[c->n++] = m->items[k].cell;
    c->texts = m->texts;
    arena_init(&m->texts, 64);
    c->before = column_hold(old);
    c->depth = old != NULL ? old->depth + 1 : 0;
    return c;
}

static Status read_rows(Making *m, const int64_t *some, size_t nsome, bool whole)
{
    bool more = whole;
    for (int64_t after = 0; more; arena_reset(m->cx->arena))
        TRY(read_page(m, &after, &more));
    for (size_t i = 0; i < nsome && !whole; i += SOME, arena_reset(m->cx->arena))
        TRY(read_some(m, some + i, nsome - i < SOME ? nsome - i : SOME));
    return ST_OK;
}

/* Read everybody (`old` is NULL) or those that changed, which are sorted. Pages of rows come and
 * go in an arena of their own. */
static Status make(Cx *cx, Str path, Column *old, const int64_t *some, size_t nsome, Column **ret)
{
    CLEANUP(arena_done) Arena page;
    Arena                    *whole = cx->arena;
    Making                    m;
    arena_init(&page, 1 << 18);
    making_begin(&m, cx, path);
    cx->arena = &page;
    Status st = read_rows(&m, some, nsome, old == NULL);
    cx->arena = whole;
    if (st == ST_OK) {
        weigh(&m);
        *ret = combine(&m, old, some, nsome);
    }
    making_end(&m);
    return st;
}

/* --- what is kept ---------------------------------------------------------------------------- */

static Kept *find(Str path)
{
    for (size_t i = 0; i < all.n; i++)
        if (str_eq(str_from_cstr(all.kept[i].path), path))
            return &all.kept[i];
    return NULL;
}

static void drop(Kept *k)
{
    column_let(k->column);
    free(k->changed);
    *k = (Kept){0};
}

/* The place of the path; the least recently asked makes room. */
static Kept *place(Str path)
{
    Kept *k = find(path);
    if (k == NULL && all.n < TRAIT_PATHS_MAX) {
        k = &all.kept[all.n++];
    } else if (k == NULL) {
        k = &all.kept[0];
        for (size_t i = 1; i < all.n; i++)
            k = all.kept[i].asked < k->asked ? &all.kept[i] : k;
        drop(k);
    }
    if (k->path[0] == '\0')
        memcpy(k->path, path.ptr, path.len);
    k->asked = ++all.clock;
    return k;
}

void people_traits_changed(int64_t profile)
{
    pthread_mutex_lock(&all.lock);
    for (size_t i = 0; i < all.n; i++) {
        Kept *k = &all.kept[i];
        if (k->changed == NULL && (k->changed = calloc(CHANGED_MAX, sizeof(int64_t))) == NULL)
            base_out_of_memory(CHANGED_MAX * sizeof(int64_t));
        k->lost |= k->nchanged == CHANGED_MAX;
        if (!k->lost && (k->nchanged == 0 || k->changed[k->nchanged - 1] != profile))
            k->changed[k->nchanged++] = profile;
    }
    pthread_mutex_unlock(&all.lock);
}

void people_traits_close(void)
{
    pthread_mutex_lock(&all.lock);
    while (all.n > 0)
        drop(&all.kept[--all.n]);
    pthread_mutex_unlock(&all.lock);
}

/* Put `fresh` in its place, unless that was given to another path meanwhile. */
static void keep(Str path, Column *fresh)
{
    pthread_mutex_lock(&all.lock);
    Kept *k = find(path);
    if (k != NULL) {
        column_let(k->column);
        k->column = column_hold(fresh);
        k->whole = false;
    }
    pthread_mutex_unlock(&all.lock);
}

/* What changes while it is read is noted again, and read by the next question. */
static Status renew(Cx *cx, Str path, Column **ret)
{
    enum { DEEP = 32 };
    int64_t *changed = NULL;
    size_t   n = 0;
    pthread_mutex_lock(&all.lock);
    Kept   *k = place(path);
    bool    whole = k->column == NULL || k->lost || k->whole || k->column->depth >= DEEP;
    bool    fresh = !whole && k->nchanged == 0;
    Column *old = column_hold(whole ? NULL : k->column);
    if (!fresh) {
        changed = k->changed;
        n = whole ? 0 : k->nchanged;
        k->changed = NULL;
        k->nchanged = 0;
        k->lost = false;
        k->whole = true; /* until it is read */
    }
    pthread_mutex_unlock(&all.lock);
    if (fresh) {
        *ret = old;
        return ST_OK;
    }
    if (n > 0)
        array_sort(changed, n, sizeof *changed, by_number);
    Status st = make(cx, path, old, changed, n, ret);
    free(changed);
    column_let(old);
    if (st == ST_OK)
        keep(path, *ret);
    return st;
}

/* --- a question ------------------------------------------------------------------------------ */

static Status want(Cx *cx, PeopleTraitsHeld *held, Str path)
{
    if (path.len == 0 || path.len > PATH_MAX_BYTES || memchr(path.ptr, 0, path.len) != NULL)
        return ST_OK; /* nobody has such a trait */
    for (size_t i = 0; i < held->n; i++)
        if (str_eq((Str){held->items[i].path, held->items[i].len}, path))
            return ST_OK;
    if (held->n == TRAIT_PATHS_MAX)
        return cx_fail(cx, ST_LIMIT, "journey.too_big", "at most %d traits of people in a question",
                       TRAIT_PATHS_MAX);
    memcpy(held->items[held->n].path, path.ptr, path.len);
    held->items[held->n++].len = path.len;
    return ST_OK;
}

/* Every "person.x" of the question, be it a filter's or what answers are split by. */
static Status look(Cx *cx, PeopleTraitsHeld *held, const JsonValue *v, int depth)
{
    const Str PERSON = STR("person.");
    if (v->type == JSON_STRING && str_starts(v->text, PERSON))
        return want(cx, held, str_skip(v->text, PERSON.len));
    if ((v->type != JSON_ARRAY && v->type != JSON_OBJECT) || depth == DEPTH_MAX)
        return ST_OK;
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->type == JSON_OBJECT && str_starts(v->members[i].key, PERSON))
            TRY(want(cx, held, str_skip(v->members[i].key, PERSON.len)));
        TRY(look(cx, held, v->type == JSON_OBJECT ? &v->members[i].value : &v->items[i],
                 depth + 1));
    }
    return ST_OK;
}

Status people_traits_hold(Cx *cx, const JsonValue *question, PeopleTraitsHeld **ret)
{
    PeopleTraitsHeld *held = calloc(1, sizeof *held);
    if (held == NULL)
        base_out_of_memory(sizeof *held);
    *ret = NULL;
    Status st = look(cx, held, question, 0);
    if (st == ST_OK && held->n > 0) {
        pthread_mutex_lock(&all.reading);
        for (size_t i = 0; st == ST_OK && i < held->n; i++)
            st = renew(cx, (Str){held->items[i].path, held->items[i].len}, &held->items[i].column);
        pthread_mutex_unlock(&all.reading);
    }
    if (st != ST_OK || held->n == 0) {
        people_traits_let(held);
        return st;
    }
    *ret = held;
    return ST_OK;
}

void people_traits_let(PeopleTraitsHeld *held)
{
    for (size_t i = 0; held != NULL && i < held->n; i++)
        column_let(held->items[i].column);
    free(held);
}

JourneyValue people_traits_value(void *arg, int64_t profile, Str path, Arena *a)
{
    const PeopleTraitsHeld *held = arg;
    const Column           *c = NULL;
    (void)a;
    for (size_t i = 0; held != NULL && i < held->n && c == NULL; i++)
        if (str_eq((Str){held->items[i].path, held->items[i].len}, path))
            c = held->items[i].column;
    size_t low = 0, high = c != NULL ? c->n : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->cells[mid].profile < profile)
            low = mid + 1;
        else
            high = mid;
    }
    if (c == NULL || low == c->n || c->cells[low].profile != profile)
        return (JourneyValue){0};
    const Cell  *cell = &c->cells[low];
    JourneyValue v = {.type = (JourneyType)cell->type};
    if (v.type == JOURNEY_TEXT || v.type == JOURNEY_JSON)
        v.text = (Str){cell->text, cell->len};
    else if (v.type == JOURNEY_REAL)
        v.real = cell->real;
    else
        v.i = cell->i;
    return v;
}
