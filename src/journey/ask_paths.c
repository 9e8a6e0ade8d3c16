/* Paths: runs of events that follow each other without a long gap, counted by what they are. */
#include "journey/ask.h"

#include "base/sort.h"

enum { LENGTH_MAX = 8, CUBE_BITS_MAX = 8, VALUES_MAX = 50, PATHS_MAX = 4 << 20 };

typedef struct Paths {
    size_t           node; /* field */
    size_t           by;   /* field: the value at a path's first event; SIZE_MAX: none */
    size_t           selector;
    int64_t          gap_ms, gap;
    int64_t          length, top;
    bool             collapse;  /* the same node again is not a step */
    bool             drop_offs; /* shorter ones count too, and end with null */
    const JsonValue *from, *to, *through;
    const JsonValue *cell; /* the path that is watched; NULL: all */
} Paths;

/* A path's nodes, 32 bits each, unused ones UINT32_MAX. */
typedef struct Path {
    uint32_t node[LENGTH_MAX];
    uint32_t group; /* code of `by`; 0 without */
    uint64_t count;
} Path;

typedef struct State {
    uint32_t *cube; /* [a << 2b | b << b | c]: counts of three nodes */
    unsigned  bits;
    Path     *paths; /* hash table; count 0: free */
    size_t    cap, n;
    uint8_t  *marks; /* [node]: what the question says of it, Mark; 0: not asked yet */
    size_t    nmarks;
    uint32_t *nodes; /* of the person at hand, and */
    uint32_t *codes; /* of `by` */
    size_t    cap_rows;
} State;

/* A node, or a list of some. */
static Status read_nodes(Ask *q, const char *member, const JsonValue **ret, Err *err)
{
    *ret = json_get(q->json, str_from_cstr(member));
    if (*ret == NULL)
        return ST_OK;
    if ((*ret)->type == JSON_OBJECT)
        return ask_bad(err, member, "must be a node or a list of nodes");
    return (*ret)->type == JSON_ARRAY && ((*ret)->n < 1 || (*ret)->n > VALUES_MAX)
               ? ask_bad(err, member, "must list 1 to 50 nodes")
               : ST_OK;
}

static Status read(Ask *q, Err *err)
{
    Paths *p = q->own = arena_new(q->arena, Paths);
    *p = (Paths){.gap_ms = 30 * 60000LL, .length = 3, .top = 20};
    TRY(ask_by(q, q->json, "node", &p->node, err));
    if (p->node == SIZE_MAX)
        TRY(ask_field(q, STR("event"), "node", &p->node, err));
    TRY(ask_by(q, q->json, "by", &p->by, err));
    TRY(ask_selector(q, json_get(q->json, STR("event")), "event", &p->selector, err));
    TRY(ask_span(q->json, "gap", &p->gap_ms, err));
    TRY(ask_i64(q->json, "length", 2, LENGTH_MAX, &p->length, err));
    TRY(ask_i64(q->json, "top", 1, 10000, &p->top, err));
    TRY(ask_bool(q->json, "collapse", &p->collapse, err));
    TRY(ask_bool(q->json, "drop_offs", &p->drop_offs, err));
    TRY(read_nodes(q, "from_node", &p->from, err));
    TRY(read_nodes(q, "to_node", &p->to, err));
    TRY(read_nodes(q, "through_node", &p->through, err));
    p->cell = q->watching ? json_get(q->cell, STR("path")) : NULL;
    if (p->cell != NULL && (p->cell->type != JSON_ARRAY || p->cell->n < 1))
        return ask_bad(err, "cell/path", "must be a list of nodes");
    if (p->cell != NULL && (p->cell->n > p->length || (p->cell->n < p->length && !p->drop_offs)))
        return ask_bad(err, "cell/path", "must be as long as the paths of the question");
    return ST_OK;
}

static Status bound(Ask *q, Err *err)
{
    Paths *p = q->own;
    (void)err;
    p->gap = ask_ticks(q, p->gap_ms);
    return ST_OK;
}

static void state_done(void *state)
{
    State *s = state;
    free(s->cube);
    free(s->paths);
    free(s->marks);
    free(s->nodes);
    free(s->codes);
}

/* --- counting paths of any kind ------------------------------------------------------ */

static size_t slot_of(const State *s, const uint32_t *node, uint32_t group)
{
    uint64_t h = group;
    for (size_t i = 0; i < LENGTH_MAX; i++)
        h = (h ^ node[i]) * 0x9e3779b97f4a7c15ULL + (h >> 29);
    size_t at = (size_t)(h >> 24) & (s->cap - 1);
    while (s->paths[at].count != 0 &&
           (s->paths[at].group != group ||
            memcmp(s->paths[at].node, node, sizeof s->paths[at].node) != 0))
        at = (at + 1) & (s->cap - 1);
    return at;
}

static void path_add(State *s, const uint32_t *node, uint32_t group, uint64_t count)
{
    if (s->n * 3 + 3 > s->cap * 2) {
        Path  *old = s->paths;
        size_t cap = s->cap;
        s->cap = cap > 0 ? cap * 2 : 1024;
        s->paths = calloc(s->cap, sizeof *s->paths);
        if (s->paths == NULL)
            base_out_of_memory(s->cap);
        for (size_t i = 0; i < cap; i++)
            if (old[i].count != 0)
                s->paths[slot_of(s, old[i].node, old[i].group)] = old[i];
        free(old);
    }
    Path *p = &s->paths[slot_of(s, node, group)];
    s->n += p->count == 0;
    p->group = group;
    memcpy(p->node, node, sizeof p->node);
    p->count += count;
}

/* --- the plain question: all runs of three, few nodes -------------------------------- */

static uint32_t greatest(const uint32_t *v, size_t from, size_t to)
{
    uint32_t most = 0;
    for (size_t i = from; i < to; i++)
        most = v[i] > most ? v[i] : most;
    return most;
}

static void spill(State *s)
{
    uint32_t mask = (1U << s->bits) - 1;
    for (uint32_t i = 0; s->cube != NULL && i < 1U << (3 * s->bits); i++) {
        if (s->cube[i] == 0)
            continue;
        uint32_t node[LENGTH_MAX];
        memset(node, 0xff, sizeof node);
        node[0] = i >> (2 * s->bits);
        node[1] = i >> s->bits & mask;
        node[2] = i & mask;
        path_add(s, node, 0, s->cube[i]);
    }
    free(s->cube);
    s->cube = NULL;
}

static bool need_cube(State *s, uint32_t most)
{
    unsigned bits = 6;
    while (bits <= CUBE_BITS_MAX && most >> bits != 0)
        bits++;
    if (bits > CUBE_BITS_MAX)
        return false;
    if (s->cube != NULL && s->bits >= bits)
        return true;
    spill(s);
    s->bits = bits;
    s->cube = calloc((size_t)1 << (3 * bits), sizeof *s->cube);
    if (s->cube == NULL)
        base_out_of_memory((size_t)1 << (3 * bits));
    return true;
}

/* Bit i: no path goes from row i - 1 to row i. */
static const uint64_t *breaks(const Paths *o, Slab *s)
{
    bool      fresh;
    uint64_t *bits = kept_bits(s, 0, &fresh);
    if (fresh) {
        bits_gaps(bits, s, o->gap);
        for (size_t p = 0; p < s->persons; p++)
            bits[s->start[p] >> 6] |= 1ULL << (s->start[p] & 63);
    }
    return bits;
}

static void count_threes(State *st, const uint64_t *brk, const uint32_t *node, size_t from,
                         size_t to)
{
    uint32_t *cube = st->cube;
    unsigned  b = st->bits;
    for (size_t w = from >> 6; w <= (to - 1) >> 6; w++) {
        /* rows whose two predecessors reach them: neither they nor the one before is a break */
        uint64_t before = brk[w] << 1 | (w > 0 ? brk[w - 1] >> 63 : 1);
        uint64_t ends = ~(brk[w] | before);
        if (w == from >> 6)
            ends &= UINT64_MAX << (from & 63);
        if (w == (to - 1) >> 6)
            ends &= UINT64_MAX >> (63 - ((to - 1) & 63));
        for (; ends != 0; ends &= ends - 1) {
            size_t row = (w << 6) + (size_t)__builtin_ctzll(ends);
            cube[node[row - 2] << (2 * b) | node[row - 1] << b | node[row]]++;
        }
    }
}

/* --- in general ---------------------------------------------------------------------- */

static bool node_in(Ask *q, const JsonValue *list, uint32_t code)
{
    const Paths *o = q->own;
    bool         pairs = q->fields[o->node].kind == FIELD_MANY; /* one is a list itself */
    if (list->type != JSON_ARRAY || (pairs && list->items[0].type != JSON_ARRAY))
        return ask_code_is(q, o->node, code, list);
    for (size_t i = 0; i < list->n && i < VALUES_MAX; i++)
        if (ask_code_is(q, o->node, code, &list->items[i]))
            return true;
    return false;
}

/* Paths may begin, end, lead through there. */
typedef enum Mark { MARKED = 1, MARK_FROM = 2, MARK_TO = 4, MARK_THROUGH = 8 } Mark;

static unsigned mark_of(Ask *q, State *st, uint32_t code)
{
    const Paths *o = q->own;
    if (code >= st->nmarks) {
        size_t n = code + code / 2 + 64;
        st->marks = realloc(st->marks, n);
        if (st->marks == NULL)
            base_out_of_memory(n);
        memset(st->marks + st->nmarks, 0, n - st->nmarks);
        st->nmarks = n;
    }
    if (st->marks[code] == 0) {
        unsigned from = o->from == NULL || node_in(q, o->from, code) ? MARK_FROM : 0;
        unsigned to = o->to == NULL || node_in(q, o->to, code) ? MARK_TO : 0;
        unsigned by = o->through == NULL || node_in(q, o->through, code) ? MARK_THROUGH : 0;
        st->marks[code] = (uint8_t)(MARKED | from | to | by);
    }
    return st->marks[code];
}

/* One path of n nodes; with drop_offs it may be shorter than asked for. */
static bool wanted(Ask *q, State *st, const uint32_t *node, size_t n)
{
    bool through = false;
    if ((mark_of(q, st, node[0]) & MARK_FROM) == 0 || (mark_of(q, st, node[n - 1]) & MARK_TO) == 0)
        return false;
    for (size_t i = 0; i < n && !through; i++)
        through = (mark_of(q, st, node[i]) & MARK_THROUGH) != 0;
    return through;
}

static bool is_cell(Ask *q, const uint32_t *node, size_t n)
{
    const Paths     *o = q->own;
    const JsonValue *path = o->cell;
    if (path == NULL)
        return true;
    bool same = path->n == n;
    for (size_t i = 0; same && i < n; i++)
        same = ask_code_is(q, o->node, node[i], &path->items[i]);
    return same;
}

/* The n nodes of a visit that st->nodes holds, and what they are by. */
static bool count_run(Ask *q, State *st, size_t n)
{
    const Paths    *o = q->own;
    const uint32_t *node = st->nodes;
    size_t          length = (size_t)o->length;
    bool            cell = false;
    for (size_t i = 0; i < n; i++) {
        size_t   k = n - i < length ? n - i : length;
        uint32_t path[LENGTH_MAX], group = o->by != SIZE_MAX ? st->codes[i] : 0;
        if ((k < length && !o->drop_offs) || !wanted(q, st, node + i, k))
            continue;
        memset(path, 0xff, sizeof path);
        memcpy(path, node + i, k * sizeof *path);
        path_add(st, path, group, 1);
        cell = cell || (q->watching && is_cell(q, node + i, k) && ask_cell_by(q, o->by, group));
    }
    return cell;
}

static void need_nodes(State *st, size_t n)
{
    if (n <= st->cap_rows)
        return;
    st->cap_rows = n * 2;
    free(st->nodes);
    free(st->codes);
    st->nodes = malloc(st->cap_rows * sizeof *st->nodes);
    st->codes = malloc(st->cap_rows * sizeof *st->codes);
    if (st->nodes == NULL || st->codes == NULL)
        base_out_of_memory(st->cap_rows);
}

typedef struct Rows { /* of a slab */
    const uint64_t *rows;
    const uint32_t *nodes, *codes; /* codes: of `by`, or NULL */
} Rows;

static void run_person(Ask *q, State *st, Slab *s, const Rows *r, size_t p)
{
    const Paths *o = q->own;
    size_t       to = s->start[p + 1], n = 0;
    int64_t      last = 0;
    bool         cell = false;
    need_nodes(st, to - s->start[p]);
    for (size_t row = bit_next(r->rows, s->start[p], to); row < to;
         row = bit_next(r->rows, row + 1, to)) {
        int64_t t = slab_tick(s, row);
        if (n > 0 && t - last > o->gap) {
            cell = count_run(q, st, n) || cell;
            n = 0;
        }
        last = t;
        if (n > 0 && o->collapse && st->nodes[n - 1] == r->nodes[row])
            continue;
        st->codes[n] = r->codes != NULL ? r->codes[row] : 0;
        st->nodes[n++] = r->nodes[row];
    }
    if (n > 0)
        cell = count_run(q, st, n) || cell;
    if (cell)
        ask_watch(q, s, p);
}

static Status run(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err)
{
    const Paths *o = q->own;
    State       *st = state;
    Rows         r = {0};
    size_t       from = s->start[first], to = s->start[end];
    TRY(ask_rows(q, s, o->selector, &r.rows, err));
    TRY(slab_time(s, err));
    TRY(ask_codes(q, s, o->node, &r.nodes, err));
    if (o->by != SIZE_MAX)
        TRY(ask_codes(q, s, o->by, &r.codes, err));
    if (r.rows == NULL && o->by == SIZE_MAX && o->length == 3 && !o->collapse && !o->drop_offs &&
        o->from == NULL && o->to == NULL && o->through == NULL && !q->watching &&
        need_cube(st, greatest(r.nodes, from, to))) {
        count_threes(st, breaks(o, s), r.nodes, from, to);
        return ST_OK;
    }
    for (size_t p = first; p < end; p++)
        run_person(q, st, s, &r, p);
    if (st->n > PATHS_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d different paths", PATHS_MAX);
    return ST_OK;
}

static void add(Ask *q, void *into, void *from)
{
    State *a = into, *b = from;
    (void)q;
    spill(b);
    for (size_t i = 0; i < b->cap; i++)
        if (b->paths[i].count != 0)
            path_add(a, b->paths[i].node, b->paths[i].group, b->paths[i].count);
}

/* --- answer -------------------------------------------------------------------------- */

typedef struct Ordered {
    const Path *path;
    Str         text[LENGTH_MAX];
} Ordered;

static int by_count(const void *x, const void *y)
{
    const Path *a = *(Path *const *)x, *b = *(Path *const *)y;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return memcmp(a->node, b->node, sizeof a->node);
}

static int by_text(const void *x, const void *y)
{
    const Ordered *a = x, *b = y;
    if (a->path->count != b->path->count)
        return a->path->count > b->path->count ? -1 : 1;
    for (size_t i = 0; i < LENGTH_MAX; i++) {
        int order = str_cmp(a->text[i], b->text[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

/* All paths, group by group, the most frequent first. */
static const Path **sorted(Ask *q, const State *s)
{
    const Path **list = arena_array(q->arena, const Path *, s->n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < s->cap; i++)
        if (s->paths[i].count != 0)
            list[n++] = &s->paths[i];
    array_sort((void *)(uintptr_t)list, n, sizeof(Path *), by_count);
    return list;
}

/* The most frequent of n paths, which are sorted by count: only those that may be shown are sorted
 * by their texts. */
static Ordered *ordered(Ask *q, const Path *const *list, size_t n, size_t *ret_n)
{
    const Paths *o = q->own;
    size_t       keep = n < (size_t)o->top ? n : (size_t)o->top;
    while (keep > 0 && keep < n && list[keep]->count == list[keep - 1]->count)
        keep++;
    Ordered *out = arena_array(q->arena, Ordered, keep + 1);
    for (size_t i = 0; i < keep; i++) {
        out[i].path = list[i];
        for (size_t k = 0; k < LENGTH_MAX; k++)
            if (list[i]->node[k] != UINT32_MAX)
                out[i].text[k] = ask_code_text(q, o->node, list[i]->node[k], q->arena);
    }
    array_sort(out, keep, sizeof *out, by_text);
    *ret_n = keep < (size_t)o->top ? keep : (size_t)o->top;
    return out;
}

/* "paths", "different" and "top" of n paths. */
static void put_paths(Ask *q, const Path *const *all, size_t n, Json *out)
{
    const Paths *o = q->own;
    uint64_t     total = 0;
    size_t       shown;
    for (size_t i = 0; i < n; i++)
        total += all[i]->count;
    json_u64(out, "paths", total);
    json_u64(out, "different", n);
    const Ordered *list = ordered(q, all, n, &shown);
    json_arr(out, "top");
    for (size_t i = 0; i < shown; i++) {
        json_obj(out, NULL);
        json_arr(out, "path");
        for (size_t k = 0; k < (size_t)o->length; k++)
            if (list[i].path->node[k] != UINT32_MAX)
                ask_write_code(q, o->node, list[i].path->node[k], NULL, out);
        json_end(out);
        json_u64(out, "count", list[i].path->count);
        if (o->drop_offs)
            json_bool(out, "dropped", list[i].path->node[o->length - 1] == UINT32_MAX);
        json_end(out);
    }
    json_end(out);
}

typedef struct Group {
    AskRank  rank;
    size_t   first, n; /* of the sorted paths */
    uint64_t count;
} Group;

static void put_groups(Ask *q, const Path *const *list, size_t n, Json *out)
{
    const Paths *o = q->own;
    size_t       ngroups = 0;
    uint64_t     other = 0;
    Group       *groups = arena_array(q->arena, Group, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || list[i]->group != list[i - 1]->group)
            groups[ngroups++] = (Group){.rank = ask_rank(q, o->by, list[i]->group, 0), .first = i};
        Group *g = &groups[ngroups - 1];
        g->n++;
        g->count += list[i]->count;
        g->rank.size += (double)list[i]->count;
    }
    ask_sort(groups, ngroups, sizeof *groups);
    size_t shown = ngroups < (size_t)q->limit ? ngroups : (size_t)q->limit;
    json_u64(out, "groups_total", ngroups);
    json_arr(out, "groups");
    for (size_t i = 0; i < shown && !buf_overflowed(out->out); i++) {
        json_obj(out, NULL);
        ask_write_code(q, o->by, groups[i].rank.code, "by", out);
        put_paths(q, list + groups[i].first, groups[i].n, out);
        json_end(out);
    }
    json_end(out);
    if (shown == ngroups)
        return;
    for (size_t i = shown; i < ngroups; i++)
        other += groups[i].count;
    json_obj(out, "other");
    json_u64(out, "groups", ngroups - shown);
    json_u64(out, "paths", other);
    json_end(out);
}

static Status answer(Ask *q, void *state, Json *out, Err *err)
{
    const Paths *o = q->own;
    State       *s = state, whole = {0};
    (void)err;
    spill(s);
    if (o->by == SIZE_MAX) {
        put_paths(q, sorted(q, s), s->n, out);
        return ST_OK;
    }
    for (size_t i = 0; i < s->cap; i++) /* the same, whatever the group */
        if (s->paths[i].count != 0)
            path_add(&whole, s->paths[i].node, 0, s->paths[i].count);
    put_paths(q, sorted(q, &whole), whole.n, out);
    put_groups(q, sorted(q, s), s->n, out);
    free(whole.paths);
    return ST_OK;
}

const AskKind ASK_PATHS = {
    .name = "paths",
    .members = "node event length gap top collapse drop_offs from_node to_node through_node by ",
    .cell = "path by ",
    .read = read,
    .bound = bound,
    .state_size = sizeof(State),
    .state_done = state_done,
    .run = run,
    .add = add,
    .answer = answer,
};
