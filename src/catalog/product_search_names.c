/* What the shop's options and their values are called, for facets. */
#include "catalog/product_search_int.h"

#include "catalog/published_int.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 100000 /* of all options; more have no names but their own */ };

struct ProductNames {
    Arena       arena;
    OptionName *options[SEARCH_FIELDS_MAX];
    size_t      n_values;
};

ProductNames *product_names_new(void)
{
    ProductNames *n = calloc(1, sizeof *n);
    if (n == NULL)
        base_out_of_memory(sizeof *n);
    arena_init(&n->arena, 1 << 14);
    return n;
}

void product_names_free(ProductNames *n)
{
    if (n != NULL)
        arena_done(&n->arena);
    free(n);
}

const OptionName *product_names_option(const ProductNames *n, SearchField field)
{
    return n->options[field];
}

/* Names of one thing in other languages. */
static PublishedTexts texts_of(Arena *a, PublishedTexts texts, int64_t entity)
{
    size_t n = 0;
    for (size_t i = 0; i < texts.n; i++)
        n += texts.items[i].entity == entity && str_eq(texts.items[i].field, STR("name"));
    PublishedText *items = arena_array(a, PublishedText, n + 1);
    n = 0;
    for (size_t i = 0; i < texts.n; i++) {
        const PublishedText *t = &texts.items[i];
        if (t->entity == entity && str_eq(t->field, STR("name")))
            items[n++] = (PublishedText){.entity = entity,
                                         .field = STR("name"),
                                         .locale = str_dup(a, t->locale),
                                         .value = str_dup(a, t->value)};
    }
    return (PublishedTexts){items, n};
}

static bool same_texts(PublishedTexts known, PublishedTexts texts, int64_t entity)
{
    size_t n = 0;
    for (size_t i = 0; i < texts.n; i++) {
        const PublishedText *t = &texts.items[i];
        if (t->entity != entity || !str_eq(t->field, STR("name")))
            continue;
        if (n == known.n || !str_eq(known.items[n].locale, t->locale) ||
            !str_eq(known.items[n].value, t->value))
            return false;
        n++;
    }
    return n == known.n;
}

/* --- the order -------------------------------------------------------------------------------- */

static void put_at(ProductNames *n, OptionName *o, size_t at, ValueName *v)
{
    if (o->n == o->cap) {
        size_t      cap = o->cap == 0 ? 8 : o->cap * 2;
        ValueName **more = arena_array(&n->arena, ValueName *, cap);
        if (o->n > 0)
            memcpy((void *)more, (void *)o->order, o->n * sizeof *more);
        o->order = more;
        o->cap = cap;
    }
    memmove((void *)(o->order + at + 1), (void *)(o->order + at), (o->n - at) * sizeof *o->order);
    o->order[at] = v;
    o->n++;
    for (size_t i = at; i < o->n; i++)
        o->order[i]->place = (uint32_t)i;
}

static ValueName *known_value(const OptionName *o, Str value)
{
    const MapValue *at = map_get(&o->values, value);
    return at != NULL ? at->p : NULL;
}

/* Behind the value that this product has before it, else before the one that it has behind it,
 * else at the end. */
static size_t place_for(const OptionName *o, const CatalogOptionValues *values, size_t i,
                        const ValueName *before)
{
    if (before != NULL)
        return before->place + 1;
    for (size_t k = i + 1; k < values->n; k++) {
        const ValueName *behind = known_value(o, values->items[k].name);
        if (behind != NULL)
            return behind->place;
    }
    return o->n;
}

/* --- learning --------------------------------------------------------------------------------- */

static void name_value(ProductNames *n, ValueName *v, const PublishedProduct *p,
                       const CatalogOptionValue *from)
{
    bool better = v->from == p->product.id || (v->swatch.len == 0 && from->swatch.len > 0) ||
                  (v->texts.n == 0 && p->texts.n > 0);
    if (!better || (v->entity == from->id && str_eq(v->swatch, from->swatch) &&
                    same_texts(v->texts, p->texts, from->id)))
        return;
    PublishedTexts texts = texts_of(&n->arena, p->texts, from->id);
    if (v->from != p->product.id && texts.n < v->texts.n)
        return; /* has the swatch, but fewer names */
    v->from = p->product.id;
    v->entity = from->id;
    v->swatch = str_dup(&n->arena, from->swatch);
    v->texts = texts;
}

static ValueName *new_value(ProductNames *n, OptionName *o, const CatalogOptionValues *values,
                            size_t i, const ValueName *before)
{
    if (n->n_values == VALUES_MAX)
        return NULL;
    ValueName *v = arena_new(&n->arena, ValueName);
    v->value = str_dup(&n->arena, values->items[i].name);
    put_at(n, o, place_for(o, values, i, before), v);
    map_put(&o->values, v->value, NULL)->p = v;
    n->n_values++;
    return v;
}

static OptionName *option_of(ProductNames *n, SearchField field)
{
    OptionName *o = n->options[field];
    if (o == NULL) {
        o = arena_new(&n->arena, OptionName);
        map_init(&o->values, &n->arena, 16);
        n->options[field] = o;
    }
    return o;
}

void product_names_learn(ProductNames *n, SearchField field, const PublishedProduct *p,
                         const CatalogOption *option)
{
    OptionName *o = option_of(n, field);
    ValueName  *before = NULL;
    bool better = o->from == 0 || o->from == p->product.id || (o->texts.n == 0 && p->texts.n > 0);
    if (better && (!str_eq(o->name, option->name) || o->entity != option->id ||
                   !same_texts(o->texts, p->texts, option->id))) {
        o->from = p->product.id;
        o->entity = option->id;
        o->name = str_dup(&n->arena, option->name);
        o->texts = texts_of(&n->arena, p->texts, option->id);
    }
    for (size_t i = 0; i < option->values.n; i++) {
        ValueName *v = known_value(o, option->values.items[i].name);
        if (v == NULL)
            v = new_value(n, o, &option->values, i, before);
        if (v == NULL)
            continue;
        name_value(n, v, p, &option->values.items[i]);
        before = v;
    }
}
