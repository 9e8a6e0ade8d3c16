/* Variants: recognised by id or by their option values, completed, and numbered.
 *
 * A value of an option has a number within its product; a variant's key is its numbers in
 * ascending order. Everything here compares numbers, so that renaming a value, moving an
 * option or adding one leaves variants what they are. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/sort.h"
#include "catalog/catalog_int.h"

#define P &catalog_product_shape, CatalogProduct
#define V &catalog_variant_shape, CatalogVariant

typedef struct NumberAt {       /* what is known of a value's number */
    size_t              option; /* in after->options, + 1; 0: that option is gone */
    CatalogOptionValue *was;
    bool                there; /* in after->options already */
} NumberAt;

typedef struct Merge {
    Edit      *e;
    Arena     *a;
    size_t     nopt;
    NameTable *values; /* of each option of `after`, by name */
    size_t    *caps;   /* of their arrays */
    NumberAt  *numbers;
    size_t     nnumbers; /* those of `before` */
    IdIndex    by_id;    /* variants of `before` */
    NameTable  by_key;   /* the same, by the keys that they would have now */
} Merge;

/* --- values ------------------------------------------------------------------------------- */

static void add_value(Merge *m, size_t i, CatalogOptionValue v)
{
    CatalogOptionValues *list = &m->e->after->options.items[i].values;
    if (list->n == m->caps[i]) {
        m->caps[i] = m->caps[i] < 8 ? 16 : m->caps[i] * 2;
        CatalogOptionValue *more = arena_array(m->a, CatalogOptionValue, m->caps[i]);
        if (list->n)
            memcpy(more, list->items, list->n * sizeof *more);
        list->items = more;
        name_table_init(&m->values[i], m->a, m->caps[i]);
        for (size_t j = 0; j < list->n; j++)
            (void)!name_table_add(&m->values[i], more[j].name, &more[j]);
    }
    list->items[list->n] = v;
    (void)!name_table_add(&m->values[i], v.name, &list->items[list->n]);
    list->n++;
}

static void index_options(Merge *m)
{
    const CatalogProduct *before = m->e->before;
    CatalogProduct       *p = m->e->after;
    m->nopt = p->options.n;
    m->values = arena_array(m->a, NameTable, m->nopt ? m->nopt : 1);
    m->caps = arena_array(m->a, size_t, m->nopt ? m->nopt : 1);
    m->nnumbers = before ? (size_t)before->value_count + 1 : 1;
    m->numbers = arena_array(m->a, NumberAt, m->nnumbers);
    for (size_t i = 0; before && i < before->options.n; i++) {
        const CatalogOption *was = &before->options.items[i];
        size_t               now = 0;
        for (size_t j = 0; j < m->nopt && !now; j++)
            now = p->options.items[j].id == was->id ? j + 1 : 0;
        for (size_t j = 0; j < was->values.n; j++)
            m->numbers[was->values.items[j].number] = (NumberAt){now, &was->values.items[j], false};
    }
    for (size_t i = 0; i < m->nopt; i++) {
        CatalogOptionValues *list = &p->options.items[i].values;
        m->caps[i] = list->n; /* the array may be `before`'s: grow before adding */
        name_table_init(&m->values[i], m->a, list->n);
        for (size_t j = 0; j < list->n; j++) {
            (void)!name_table_add(&m->values[i], list->items[j].name, &list->items[j]);
            if ((size_t)list->items[j].number < m->nnumbers)
                m->numbers[list->items[j].number].there = true;
        }
    }
}

/* --- keys --------------------------------------------------------------------------------- */

static int by_number(const void *x, const void *y)
{
    int64_t p = *(const int64_t *)x, q = *(const int64_t *)y;
    return p < q ? -1 : p > q;
}

static Str make_key(Merge *m, const int64_t *numbers)
{
    if (m->nopt == 0)
        return STR("");
    int64_t sorted[CATALOG_OPTIONS_MAX];
    memcpy(sorted, numbers, m->nopt * sizeof *sorted);
    array_sort(sorted, m->nopt, sizeof *sorted, by_number);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, (size_t)CATALOG_OPTIONS_MAX * 24);
    for (size_t i = 0; i < m->nopt; i++) {
        if (i > 0)
            buf_addc(&b, '.');
        buf_add_i64(&b, sorted[i]);
    }
    return str_dup(m->a, buf_str(&b));
}

/* The numbers that a variant of `before` has in the options of `after`; 0 where its value
 * is of an option that is gone or new. */
static void numbers_of(const Merge *m, const CatalogVariant *was, int64_t *ret)
{
    for (size_t i = 0; i < m->nopt; i++)
        ret[i] = 0;
    Str     part, rest = was->key;
    int64_t number;
    while (rest.len > 0) {
        str_cut(rest, '.', &part, &rest);
        if (str_parse_i64(part, &number) && number > 0 && (size_t)number < m->nnumbers &&
            m->numbers[number].option > 0)
            ret[m->numbers[number].option - 1] = number;
    }
}

/* Keep the values that a variant has: those missing in the list come back, a new option
 * gives its first. */
static void settle_numbers(Merge *m, size_t index, int64_t *numbers)
{
    for (size_t i = 0; i < m->nopt; i++) {
        if (numbers[i] == 0) {
            const CatalogOptionValues *list = &m->e->after->options.items[i].values;
            if (list->n > 0)
                numbers[i] = list->items[0].number;
            else
                issue_at(m->e->cx, "variants", index, "options", "required",
                         "has no value for option %zu", i + 1);
        } else if (!m->numbers[numbers[i]].there) {
            m->numbers[numbers[i]].there = true;
            add_value(m, i, *m->numbers[numbers[i]].was);
        }
    }
}

/* The numbers of the values named in v->options; what is not there yet is added. */
static bool name_numbers(Merge *m, size_t index, const CatalogVariant *v, int64_t *numbers)
{
    if (v->options.n != m->nopt) {
        issue_at(m->e->cx, "variants", index, "options", "unknown_option",
                 "has %zu values, the product has %zu options", v->options.n, m->nopt);
        return false;
    }
    for (size_t i = 0; i < m->nopt; i++) {
        const CatalogOptionValue *value = name_table_find(&m->values[i], v->options.items[i]);
        if (!value) {
            add_value(m, i,
                      (CatalogOptionValue){.id = id_new(),
                                           .name = v->options.items[i],
                                           .number = ++m->e->after->value_count});
            value = name_table_find(&m->values[i], v->options.items[i]);
        }
        numbers[i] = value->number;
    }
    return true;
}

/* --- prices ------------------------------------------------------------------------------- */

bool price_same_place(const CatalogPrice *x, const CatalogPrice *y)
{
    return x->list_id == y->list_id && strcmp(x->price.cur, y->price.cur) == 0 &&
           x->min_qty == y->min_qty && x->starts_at.v.v == y->starts_at.v.v;
}

static void merge_price(Merge *m, size_t index, const CatalogPrices *were, CatalogPrice *price)
{
    price->list_id = price->list_id ? price->list_id : CATALOG_BASE_LIST;
    price->min_qty = price->min_qty ? price->min_qty : 1;
    if (money_absent(price->price))
        issue_at(m->e->cx, "variants", index, "prices", "required", "has one without price");
    for (size_t i = 0; i < were->n; i++)
        if (price_same_place(&were->items[i], price)) {
            catalog_keep(&catalog_price_shape, price, &were->items[i]);
            price->id = were->items[i].id;
            return;
        }
    price->id = id_new();
    price->since = m->e->cx->now;
}

static void merge_prices(Merge *m, size_t index, const CatalogPrices *were, CatalogVariant *v)
{
    CatalogPrices in = v->prices;
    v->prices.items = arena_array(m->a, CatalogPrice, in.n ? in.n : 1);
    for (size_t i = 0; i < in.n; i++) {
        v->prices.items[i] = in.items[i];
        merge_price(m, index, were, &v->prices.items[i]);
        for (size_t j = 0; j < i; j++)
            if (price_same_place(&v->prices.items[j], &v->prices.items[i]))
                issue_at(m->e->cx, "variants", index, "prices", "not_unique",
                         "has two for one list, currency, quantity and start");
    }
}

/* --- variants ----------------------------------------------------------------------------- */

static CatalogVariant new_variant(const Merge *m)
{
    return (CatalogVariant){
        .requires_shipping =
            m->e->after->kind == CATALOG_PHYSICAL || m->e->after->kind == CATALOG_BUNDLE,
        .taxable = m->e->after->kind != CATALOG_GIFT_CARD,
        .fulfilment = STR("manual"),
        .min_qty = 1,
        .step_qty = 1,
        .weight_unit = CATALOG_G,
    };
}

static void merge_media_id(Merge *m, size_t index, CatalogVariant *v)
{
    const CatalogMediaList *media = &m->e->after->media;
    if (v->media_index.has && GIVEN(V, v, media_index)) {
        if (v->media_index.v >= 1 && (size_t)v->media_index.v <= media->n)
            v->media_id = opt_i64(media->items[v->media_index.v - 1].id);
        else
            issue_at(m->e->cx, "variants", index, "media_index", "not_found",
                     "the product has %zu media", media->n);
    }
    if (!v->media_id.has)
        return;
    for (size_t i = 0; i < media->n; i++)
        if (media->items[i].id == v->media_id.v)
            return;
    if (GIVEN(V, v, media_id))
        issue_at(m->e->cx, "variants", index, "media_id", "not_found",
                 "is not among the product's media");
    v->media_id = (OptI64){0};
}

/* Complete one variant of the input; `was` is what it was, or NULL. */
static void complete(Merge *m, size_t i, const CatalogVariant *was, CatalogVariant *v)
{
    CatalogVariant fresh = new_variant(m);
    bool           prices = GIVEN(V, v, prices);
    int64_t        position = v->position;
    if (was && was->id == 0)
        was = NULL;
    catalog_keep(&catalog_variant_shape, v, was ? was : &fresh);
    v->id = was ? was->id : id_new();
    v->product_id = m->e->after->id;
    v->created_at = was ? was->created_at : m->e->cx->now;
    v->position = m->e->partial ? (was ? was->position : position) : (int64_t)i + 1;
    if (prices)
        merge_prices(m, i, was ? &was->prices : &(CatalogPrices){0}, v);
    merge_media_id(m, i, v);
}

static void merge_given(Merge *m, size_t i, CatalogVariant *v)
{
    int64_t               numbers[CATALOG_OPTIONS_MAX] = {0};
    const CatalogVariant *was = v->id ? id_index_find(&m->by_id, v->id) : NULL;
    bool                  ok = true;
    if (v->id && !was)
        issue_at(m->e->cx, "variants", i, "id", "not_found", "is not a variant of this product");
    if (GIVEN(V, v, options)) {
        ok = name_numbers(m, i, v, numbers);
    } else {
        if (was)
            numbers_of(m, was, numbers);
        settle_numbers(m, i, numbers);
    }
    Str key = ok ? make_key(m, numbers) : STR("");
    if (!was && !v->id && ok)
        was = name_table_find(&m->by_key, key);
    complete(m, i, was, v);
    v->key = key;
}

static void merge_kept(Merge *m, size_t i, const CatalogVariant *was, CatalogVariant *v)
{
    int64_t numbers[CATALOG_OPTIONS_MAX] = {0};
    *v = *was;
    v->given = 0;
    numbers_of(m, was, numbers);
    settle_numbers(m, i, numbers);
    v->key = make_key(m, numbers);
    merge_media_id(m, i, v);
}

static void index_before(Merge *m)
{
    const CatalogVariants *were = m->e->before ? &m->e->before->variants : &(CatalogVariants){0};
    id_index_init(&m->by_id, m->a, were->n);
    name_table_init(&m->by_key, m->a, were->n);
    for (size_t i = 0; i < were->n; i++) {
        int64_t numbers[CATALOG_OPTIONS_MAX] = {0};
        id_index_add(&m->by_id, were->items[i].id, &were->items[i]);
        numbers_of(m, &were->items[i], numbers);
        (void)!name_table_add(&m->by_key, make_key(m, numbers), &were->items[i]);
    }
}

static void check_unique(Merge *m)
{
    const CatalogVariants *list = &m->e->after->variants;
    NameTable              keys;
    IdIndex                ids;
    name_table_init(&keys, m->a, list->n);
    id_index_init(&ids, m->a, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (!name_table_add(&keys, list->items[i].key, &list->items[i]))
            issue_at(m->e->cx, "variants", i, "options", "not_unique",
                     "another variant has these values");
        id_index_add(&ids, list->items[i].id, &list->items[i]);
    }
    if (list->n > 0)
        id_index_find(&ids, 0); /* sorts */
    for (size_t i = 1; i < ids.n; i++)
        if (ids.slots[i].id == ids.slots[i - 1].id)
            issue_at(m->e->cx, "variants",
                     (size_t)((const CatalogVariant *)ids.slots[i].at - list->items), "id",
                     "not_unique", "is there twice");
}

Status variants_merge(Edit *e)
{
    CatalogProduct *p = e->after;
    Merge           m = {.e = e, .a = e->cx->arena};
    if (p->options.n > CATALOG_OPTIONS_MAX)
        return cx_check_issues(e->cx);
    index_options(&m);
    index_before(&m);
    bool            given = GIVEN(P, p, variants);
    CatalogVariants in = p->variants;
    if (!e->before && !given) { /* there is always one */
        in = (CatalogVariants){arena_new(m.a, CatalogVariant), 1};
        given = true;
    }
    p->variants = (CatalogVariants){arena_array(m.a, CatalogVariant, in.n ? in.n : 1), in.n};
    for (size_t i = 0; i < in.n; i++) {
        CatalogVariant *v = &p->variants.items[i];
        *v = in.items[i];
        if (given)
            merge_given(&m, i, v);
        else
            merge_kept(&m, i, &in.items[i], v);
    }
    if (in.n == 0 && !e->partial)
        issue_add(&e->cx->issues, STR("/variants"), "too_few", "a product has at least one");
    check_unique(&m);
    p->variant_count = (int64_t)in.n;
    variants_name(m.a, p, p->variants);
    return ST_OK;
}
