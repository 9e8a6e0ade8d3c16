/* Small helpers that several files need: ids, lines, safe HTML, issues. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "catalog/catalog_int.h"
#include "core/audit.h"
#include "text/html.h"

/* --- ids ---------------------------------------------------------------------------------- */

void id_index_init(IdIndex *x, Arena *a, size_t cap)
{
    *x = (IdIndex){.slots = arena_array(a, IdSlot, cap ? cap : 1), .sorted = true};
}

void id_index_add(IdIndex *x, int64_t id, void *at)
{
    if (x->n > 0 && x->slots[x->n - 1].id > id)
        x->sorted = false;
    x->slots[x->n++] = (IdSlot){id, at};
}

static int by_id(const void *x, const void *y)
{
    int64_t p = ((const IdSlot *)x)->id, q = ((const IdSlot *)y)->id;
    return p < q ? -1 : p > q;
}

void *id_index_find(IdIndex *x, int64_t id)
{
    if (!x->sorted) {
        array_sort(x->slots, x->n, sizeof *x->slots, by_id);
        x->sorted = true;
    }
    const IdSlot  key = {.id = id};
    const IdSlot *slot = bsearch(&key, x->slots, x->n, sizeof key, by_id);
    return slot ? slot->at : NULL;
}

/* --- names -------------------------------------------------------------------------------- */

static uint64_t name_hash(Str s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return h ^ h >> 29;
}

void name_table_init(NameTable *t, Arena *a, size_t expected)
{
    size_t slots = 16;
    while (slots < expected * 2)
        slots *= 2;
    *t = (NameTable){.arena = a, .slots = arena_array(a, NameSlot, slots), .mask = slots - 1};
}

static NameSlot *name_slot(const NameTable *t, Str name)
{
    size_t i = name_hash(name) & t->mask;
    while (t->slots[i].at && !str_eq(t->slots[i].name, name))
        i = (i + 1) & t->mask;
    return &t->slots[i];
}

void *name_table_find(const NameTable *t, Str name)
{
    return name_slot(t, name)->at;
}

bool name_table_add(NameTable *t, Str name, void *at)
{
    if ((t->n + 1) * 2 > t->mask) {
        NameTable more;
        name_table_init(&more, t->arena, t->mask + 1);
        for (size_t i = 0; i <= t->mask; i++)
            if (t->slots[i].at)
                *name_slot(&more, t->slots[i].name) = t->slots[i];
        t->slots = more.slots;
        t->mask = more.mask;
    }
    NameSlot *slot = name_slot(t, name);
    if (slot->at)
        return false;
    *slot = (NameSlot){name, at};
    t->n++;
    return true;
}

/* --- lists of ids ------------------------------------------------------------------------- */

Ids ids_new(Arena *a, size_t cap)
{
    return (Ids){.items = arena_array(a, int64_t, cap ? cap : 1)};
}

void ids_add(Ids *ids, int64_t id)
{
    ids->items[ids->n++] = id;
}

/* --- lines -------------------------------------------------------------------------------- */

Str lines_join(Arena *a, CatalogTexts texts)
{
    size_t len = 0;
    for (size_t i = 0; i < texts.n; i++)
        len += texts.items[i].len + 1;
    char *out = arena_array(a, char, len + 1), *p = out;
    for (size_t i = 0; i < texts.n; i++) {
        if (i > 0)
            *p++ = '\n';
        if (texts.items[i].len)
            memcpy(p, texts.items[i].ptr, texts.items[i].len);
        p += texts.items[i].len;
    }
    return (Str){out, (size_t)(p - out)};
}

CatalogTexts lines_split(Arena *a, Str text)
{
    CatalogTexts out = {0};
    if (text.len == 0)
        return out;
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == '\n';
    out.items = arena_array(a, Str, n);
    while (out.n < n)
        str_cut(text, '\n', &out.items[out.n++], &text);
    return out;
}

/* --- HTML --------------------------------------------------------------------------------- */

Str html_safe(Arena *a, Str html)
{
    if (html.len == 0)
        return (Str){0};
    Str clean = html_clean(a, html);
    return str_eq(clean, html) ? (Str){0} : clean;
}

Str html_safe_again(Arena *a, Str html, Str safe, int64_t version)
{
    return version == HTML_CLEAN_VERSION ? safe : html_safe(a, html);
}

/* --- issues ------------------------------------------------------------------------------- */

void issue_at(Cx *cx, const char *list, size_t index, const char *member, const char *code,
              const char *fmt, ...)
{
    char pointer[256], text[160];
    int  n =
        snprintf(pointer, sizeof pointer, "/%s/%zu%s%s", list, index, member[0] ? "/" : "", member);
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof pointer ? (size_t)n : sizeof pointer - 1;
    issue_add(&cx->issues, (Str){pointer, len}, code, "%s", text);
}

Status rev_check(Cx *cx, int64_t wanted, int64_t is)
{
    if (wanted == 0 || wanted == is)
        return ST_OK;
    return cx_fail(cx, ST_STALE, "catalog.stale", "revision %lld is not the newest, %lld is",
                   (long long)wanted, (long long)is);
}

Status audit_change(Cx *cx, const char *entity, int64_t id, const Shape *shape, const void *before,
                    const void *after)
{
    if (cx->actor.kind == ACTOR_SYSTEM)
        return ST_OK;
    return audit_add(cx, entity, id,
                     !before ? "create"
                     : after ? "update"
                             : "delete",
                     shape, before, after);
}
