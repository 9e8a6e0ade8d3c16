/* Facets of an answer: which there are, what they and their values are called, in which order. */
#include "catalog/product_search_int.h"

#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_option(Str field)
{
    return str_starts(field, STR("option."));
}

/* An attribute of numbers. */
static bool is_number(Str field)
{
    return str_starts(field, STR("n."));
}

static bool is_attribute(Str field)
{
    return str_starts(field, STR("m.")) || is_number(field);
}

/* "option.colour" -> "filter.v.option.colour"; empty: not a facet. */
static Str param_of(const Question *q, SearchField field)
{
    const ProductFields  *f = &q->s->fields;
    const SearchFieldDef *def = search_field_def(q->s->ix, field);
    const char           *before = is_option(def->name)      ? "filter.v."
                                   : is_attribute(def->name) ? "filter.p."
                                                             : NULL;
    if (before != NULL) {
        size_t n = strlen(before) + def->name.len;
        char  *z = arena_alloc(q->cx->arena, n, 1);
        memcpy(z, before, strlen(before));
        memcpy(z + strlen(before), def->name.ptr, def->name.len);
        if (is_number(def->name))
            z[strlen(before)] = 'm';
        return (Str){z, n};
    }
    return field == f->vendor_is            ? STR("filter.p.vendor")
           : field == f->type_is            ? STR("filter.p.product_type")
           : field == f->tag_is             ? STR("filter.p.tag")
           : field == f->available          ? STR("filter.v.availability")
           : q->priced && field == q->price ? STR("filter.v.price")
                                            : (Str){0};
}

/* --- which ------------------------------------------------------------------------------------ */

static void plan_add(const Question *q, FacetPlan *plan, SearchField field)
{
    Str param = param_of(q, field);
    if (param.len == 0 || (q->ask->only.len > 0 && !str_eq(param, q->ask->only)))
        return;
    if (plan->n == PRODUCT_SEARCH_FACETS_MAX) {
        plan->too_many = true;
        return;
    }
    uint16_t values = q->ask->values == 0                          ? PRODUCT_SEARCH_VALUES
                      : q->ask->values < PRODUCT_SEARCH_VALUES_MAX ? q->ask->values
                                                                   : PRODUCT_SEARCH_VALUES_MAX;
    plan->params[plan->n] = param;
    plan->asks[plan->n++] =
        (SearchFacetAsk){.field = field, .limit = q->priced && field == q->price ? 0 : values};
}

typedef struct Weighed {
    SearchField field;
    uint16_t    products; /* that have it */
} Weighed;

static int by_products(const void *x, const void *y)
{
    const Weighed *a = x, *b = y;
    if (a->products != b->products)
        return a->products > b->products ? -1 : 1;
    return (a->field > b->field) - (a->field < b->field);
}

/* Each field of a product counts once. */
static void weigh_product(const Question *q, const CatalogProduct *p, Weighed *fields)
{
    Arena      *a = q->cx->arena;
    SearchField field;
    for (size_t i = 0; i < p->attributes.n; i++)
        if (search_field_find(q->s->ix, product_field_name(a, "n.", p->attributes.items[i].key),
                              &field) ||
            search_field_find(q->s->ix, product_field_name(a, "m.", p->attributes.items[i].key),
                              &field))
            fields[field].products++;
    for (size_t i = 0; i < p->options.n; i++) {
        Str handle = text_handle(a, p->options.items[i].name, STR(""));
        if (search_field_find(q->s->ix, product_field_name(a, "option.", handle), &field))
            fields[field].products++;
    }
}

/* What was chosen must be told whatever else is. */
static void weigh_chosen(const Question *q, Weighed *fields)
{
    for (size_t i = 0; i < q->n_filters; i++)
        if (!q->filters[i].fixed && fields[q->filters[i].field].products > 0)
            fields[q->filters[i].field].products = UINT16_MAX;
        else if (!q->filters[i].fixed)
            fields[q->filters[i].field].products = 1;
}

/* Those that most of the first hits have. */
static Status plan_by_hits(const Question *q, const SearchResult *hits, FacetPlan *plan)
{
    Arena                   *a = q->cx->arena;
    Weighed                 *fields = arena_array(a, Weighed, SEARCH_FIELDS_MAX);
    int64_t                 *ids = arena_array(a, int64_t, hits->n_hits + 1);
    const PublishedProduct **p = arena_array(a, const PublishedProduct *, hits->n_hits + 1);
    for (size_t i = 0; i < hits->n_hits; i++)
        ids[i] = hits->hits[i].id;
    for (size_t i = 0; i < SEARCH_FIELDS_MAX; i++)
        fields[i].field = (SearchField)i;
    TRY(published_products(q->cx, q->view, ids, hits->n_hits, p));
    for (size_t i = 0; i < hits->n_hits; i++)
        if (p[i] != NULL)
            weigh_product(q, &p[i]->product, fields);
    weigh_chosen(q, fields);
    qsort(fields, SEARCH_FIELDS_MAX, sizeof *fields, by_products);
    for (size_t i = 0; i < SEARCH_FIELDS_MAX && fields[i].products > 0; i++) {
        Str name = search_field_def(q->s->ix, fields[i].field)->name;
        if (is_option(name) || is_attribute(name))
            plan_add(q, plan, fields[i].field);
    }
    return ST_OK;
}

Status facet_plan(const Question *q, const SearchResult *hits, FacetPlan *ret)
{
    size_t all = search_fields(q->s->ix);
    *ret = (FacetPlan){0};
    for (size_t i = 0; i < all; i++) {
        Str  name = search_field_def(q->s->ix, (SearchField)i)->name;
        bool own = is_option(name) || is_attribute(name);
        if (hits == NULL || !own)
            plan_add(q, ret, (SearchField)i);
    }
    return hits != NULL ? plan_by_hits(q, hits, ret) : ST_OK;
}

/* --- how they are called ---------------------------------------------------------------------- */

static const CatalogAttributeDef *attribute_of(const Question *q, Str field)
{
    CatalogAttributeDefs defs = published_attributes(q->view, CATALOG_SCOPE_PRODUCT);
    for (size_t i = 0; i < defs.n; i++)
        if (str_eq(defs.items[i].key, str_skip(field, STR("m.").len)))
            return &defs.items[i];
    return NULL;
}

static Str with_unit(Arena *a, Str number, Str unit)
{
    size_t n = number.len + 1 + unit.len;
    char  *z = arena_alloc(a, n, 1);
    memcpy(z, number.ptr, number.len);
    z[number.len] = ' ';
    memcpy(z + number.len + 1, unit.ptr, unit.len);
    return (Str){z, n};
}

/* While the names are locked. */
static void name_option_value(const Question *q, const OptionName *o, ProductSearchValue *v)
{
    const MapValue *at = o != NULL ? map_get(&o->values, v->text) : NULL;
    if (at == NULL)
        return;
    const ValueName *name = at->p;
    Arena           *a = q->cx->arena;
    v->place = name->place;
    v->swatch = str_dup(a, name->swatch);
    if (name->texts.n > 0)
        v->label =
            str_dup(a, published_text(name->texts, name->entity, STR("name"), q->locale, v->text));
}

static void name_values(const Question *q, const CatalogAttributeDef *def, const OptionName *o,
                        ProductSearchFacet *f)
{
    for (size_t i = 0; i < f->n; i++) {
        ProductSearchValue *v = &f->values[i];
        if (def != NULL && def->unit.len > 0)
            v->label = with_unit(q->cx->arena, v->text, def->unit);
        name_option_value(q, o, v);
    }
}

static void name_facet(const Question *q, SearchField field, ProductSearchFacet *f)
{
    Str                        name = search_field_def(q->s->ix, field)->name;
    const CatalogAttributeDef *def = is_attribute(name) ? attribute_of(q, name) : NULL;
    const OptionName *o = is_option(name) ? product_names_option(q->s->names, field) : NULL;
    if (def != NULL) {
        f->label = def->name;
        f->unit = def->unit;
    }
    if (o != NULL)
        f->label = str_dup(q->cx->arena,
                           published_text(o->texts, o->entity, STR("name"), q->locale, o->name));
    name_values(q, def, o, f);
}

/* --- in which order --------------------------------------------------------------------------- */

/* "38.5" as a number; false: it is none. */
static bool number_of(Str s, double *ret)
{
    char text[32], *end;
    if (s.len == 0 || s.len >= sizeof text ||
        ((s.ptr[0] < '0' || s.ptr[0] > '9') && s.ptr[0] != '-'))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    *ret = strtod(text, &end);
    return *end == '\0';
}

static int by_place(const void *x, const void *y)
{
    const ProductSearchValue *a = x, *b = y;
    if (a->place < b->place || a->place > b->place)
        return a->place < b->place ? -1 : 1;
    int order = str_cmp(a->label, b->label);
    return order != 0 ? order : str_cmp(a->text, b->text);
}

/* Where every value is a number they go by size. */
static void place_values(ProductSearchFacet *f)
{
    double number;
    bool   numbers = true;
    for (size_t i = 0; numbers && i < f->n; i++)
        numbers = number_of(f->values[i].text, &number);
    for (size_t i = 0; numbers && i < f->n; i++)
        if (number_of(f->values[i].text, &number))
            f->values[i].place = number;
    if (f->n > 1)
        qsort(f->values, f->n, sizeof *f->values, by_place);
}

/* --- telling ---------------------------------------------------------------------------------- */

static Str number_text(Arena *a, double number)
{
    char *z = arena_alloc(a, 32, 1);
    int   n = snprintf(z, 32, "%.15g", number);
    return (Str){z, (size_t)n};
}

static void take_values(const Question *q, const SearchFacet *x, ProductSearchFacet *f)
{
    bool yes_or_no = x->field == q->s->fields.available;
    f->values = arena_array(q->cx->arena, ProductSearchValue, x->n_values + 1);
    for (size_t i = 0; i < x->n_values; i++) {
        const SearchFacetValue *v = &x->values[i];
        ProductSearchValue     *to = &f->values[f->n++];
        *to = (ProductSearchValue){.text = v->text, .count = v->count, .chosen = v->chosen};
        if (yes_or_no) { /* what there is comes first */
            to->text = v->number > 0 ? STR("1") : STR("0");
            to->place = v->number > 0 ? 0 : 1;
        } else {
            if (f->number)
                to->text = number_text(q->cx->arena, v->number);
            to->label = to->text;
        }
    }
}

void facet_tell(const Question *q, const FacetPlan *plan, ProductSearchAnswer *ret)
{
    const SearchResult *r = &ret->result;
    ret->facets = arena_array(q->cx->arena, ProductSearchFacet, r->n_facets + 1);
    pthread_rwlock_rdlock(&q->s->names_lock);
    for (size_t i = 0; i < r->n_facets; i++) {
        const SearchFacet *x = &r->facets[i];
        if (x->n_docs == 0 && x->n_values == 0)
            continue;
        ProductSearchFacet *f = &ret->facets[ret->n_facets++];
        *f = (ProductSearchFacet){.param = plan->params[i],
                                  .range = q->priced && x->field == q->price,
                                  .min = (int64_t)x->min,
                                  .max = (int64_t)x->max};
        f->number = is_number(search_field_def(q->s->ix, x->field)->name);
        f->low = f->number ? x->min : 0;
        f->high = f->number ? x->max : 0;
        take_values(q, x, f);
        name_facet(q, x->field, f);
        if (q->ask->own_order && x->field == q->s->fields.available)
            qsort(f->values, f->n, sizeof *f->values, by_place);
        else if (q->ask->own_order)
            place_values(f);
    }
    pthread_rwlock_unlock(&q->s->names_lock);
}
