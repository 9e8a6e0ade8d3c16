/* Groups of an answer, by the values of `by`. */
#include "journey/ask.h"

#include "base/sort.h"

enum { TALLY_MAX = 2 << 20 };

Status ask_count_cell(Tally *t, uint32_t code, uint32_t cell, Err *err)
{
    if (t->n >= TALLY_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big",
                       "too many groups: take a property with fewer values in `by`, a shorter "
                       "range or a larger interval");
    tally_add(t, (uint64_t)code << 32 | cell, 1);
    return ST_OK;
}

bool ask_cell_by(Ask *q, size_t field, uint32_t code)
{
    const JsonValue *by = json_get(q->cell, STR("by"));
    return by == NULL || field == SIZE_MAX || ask_code_is(q, field, code, by);
}

void *ask_room(void *v, size_t *cap, size_t i, size_t size)
{
    if (i < *cap)
        return v;
    size_t n = i + i / 2 + 16;
    v = realloc(v, n * size);
    if (v == NULL)
        base_out_of_memory(n * size);
    memset((char *)v + *cap * size, 0, (n - *cap) * size);
    *cap = n;
    return v;
}

AskRank ask_rank(Ask *q, size_t field, uint32_t code, double size)
{
    return (AskRank){size, code, ask_code_text(q, field, code, q->arena)};
}

static int by_size(const void *x, const void *y)
{
    const AskRank *a = x, *b = y;
    if (a->size > b->size || a->size < b->size)
        return a->size > b->size ? -1 : 1;
    return str_cmp(a->text, b->text);
}

void ask_sort(void *items, size_t n, size_t item_size)
{
    array_sort(items, n, item_size, by_size);
}

typedef struct Group {
    AskRank rank;
    int64_t size;
    size_t  n; /* entries */
    size_t  at;
} Group;

/* Those that occur, largest first; rank[code] says where. */
static Group *groups_of(Ask *q, const AskGroups *g, size_t *ret_n, uint32_t **ret_rank)
{
    size_t    codes = ask_code_count(q, g->by), n = 0;
    Group    *groups = arena_array(q->arena, Group, codes + 1);
    uint32_t *rank = *ret_rank = arena_array(q->arena, uint32_t, codes + 1);
    for (size_t i = 0; i < g->tally->cap; i++) {
        const TallyEntry *e = &g->tally->entries[i];
        if (e->count == 0)
            continue;
        Group *of = &groups[e->key >> 32];
        of->n++;
        of->size += g->sized(q, (uint32_t)e->key) ? e->count : 0;
    }
    for (uint32_t code = 0; code < codes; code++) {
        if (groups[code].n == 0)
            continue;
        groups[n] = groups[code];
        groups[n].rank = ask_rank(q, g->by, code, (double)groups[n].size);
        n++;
    }
    ask_sort(groups, n, sizeof *groups);
    memset(rank, 0xff, (codes + 1) * sizeof *rank);
    for (size_t i = 0; i < n; i++)
        rank[groups[i].rank.code] = (uint32_t)i;
    *ret_n = n;
    return groups;
}

/* Entries in the order of their groups. */
static TallyEntry *in_order(Ask *q, const AskGroups *g, Group *groups, size_t n,
                            const uint32_t *rank)
{
    TallyEntry *list = arena_array(q->arena, TallyEntry, g->tally->n + 1);
    size_t      at = 0;
    for (size_t i = 0; i < n; i++) {
        groups[i].at = at;
        at += groups[i].n;
    }
    for (size_t i = 0; i < g->tally->cap; i++) {
        const TallyEntry *e = &g->tally->entries[i];
        if (e->count != 0 && rank[e->key >> 32] != UINT32_MAX)
            list[groups[rank[e->key >> 32]].at++] = *e;
    }
    for (size_t i = 0; i < n; i++)
        groups[i].at -= groups[i].n;
    return list;
}

static void fill(const TallyEntry *list, const Group *of, int64_t *cells)
{
    for (size_t i = of->at; i < of->at + of->n; i++)
        cells[(uint32_t)list[i].key] += list[i].count;
}

void ask_put_groups(Ask *q, const AskGroups *g, Json *out)
{
    size_t            n;
    uint32_t         *rank;
    Group            *groups = groups_of(q, g, &n, &rank);
    const TallyEntry *list = in_order(q, g, groups, n, rank);
    size_t            shown = n < (size_t)q->limit ? n : (size_t)q->limit;
    int64_t          *cells = arena_array(q->arena, int64_t, g->cells + 1);
    json_i64(out, "groups_total", (int64_t)n);
    json_arr(out, "groups");
    for (size_t i = 0; i < shown && !buf_overflowed(out->out); i++) {
        memset(cells, 0, g->cells * sizeof *cells);
        fill(list, &groups[i], cells);
        json_obj(out, NULL);
        ask_write_code(q, g->by, groups[i].rank.code, "by", out);
        g->put(q, cells, out);
        json_end(out);
    }
    json_end(out);
    if (shown == n)
        return;
    memset(cells, 0, g->cells * sizeof *cells);
    for (size_t i = shown; i < n; i++)
        fill(list, &groups[i], cells);
    json_obj(out, "other");
    json_i64(out, "groups", (int64_t)(n - shown));
    g->put(q, cells, out);
    json_end(out);
}
