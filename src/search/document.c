#include "search/document.h"

#include <string.h>

/* Arrays double when their length is a power of two: no capacity to keep. */
static void *grow(Arena *a, void *items, size_t n, size_t size, size_t align)
{
    if (n >= 4 && (n & (n - 1)) != 0)
        return items;
    if (n > 0 && n < 4)
        return items;
    void *bigger = arena_alloc_array(a, n == 0 ? 4 : n * 2, size, align);
    if (n > 0)
        memcpy(bigger, items, n * size);
    return bigger;
}

static void add_text(SearchDoc *d, Arena *a, SearchText t)
{
    d->texts = grow(a, d->texts, d->n_texts, sizeof t, _Alignof(SearchText));
    d->texts[d->n_texts++] = t;
}

static void add_value(SearchDoc *d, Arena *a, SearchValue v)
{
    d->values = grow(a, d->values, d->n_values, sizeof v, _Alignof(SearchValue));
    d->values[d->n_values++] = v;
}

void search_doc_text(SearchDoc *d, Arena *a, SearchField field, Str locale, Str text)
{
    add_text(d, a, (SearchText){.field = field, .locale = locale, .text = text});
}

void search_doc_code(SearchDoc *d, Arena *a, SearchField field, Str code)
{
    add_text(d, a, (SearchText){.field = field, .text = code});
}

void search_doc_keyword(SearchDoc *d, Arena *a, SearchField field, int32_t group, Str value)
{
    add_value(d, a, (SearchValue){.field = field, .group = group, .text = value});
}

void search_doc_number(SearchDoc *d, Arena *a, SearchField field, int32_t group, double value)
{
    add_value(d, a, (SearchValue){.field = field, .group = group, .number = value});
}

int32_t search_doc_group(SearchDoc *d, Arena *a, int64_t id)
{
    d->groups = grow(a, d->groups, d->n_groups, sizeof id, _Alignof(int64_t));
    d->groups[d->n_groups] = id;
    return (int32_t)d->n_groups++;
}
