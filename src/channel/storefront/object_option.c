/* Options of products: the values one can choose, and which variants they lead to. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

typedef struct OptionObject {
    ProductObject *product;
    size_t         i;
    bool          *available; /* of each value; made when asked for */
} OptionObject;

typedef struct ValueObject {
    OptionObject             *option;
    const CatalogOptionValue *value;
    size_t                    k;
} ValueObject;

static const CatalogOption *option_of(const OptionObject *o)
{
    return &o->product->p->product.options.items[o->i];
}

/* Do the values of the options before `i` stand as in the selected variant? */
static bool same_before(const CatalogVariant *x, const CatalogVariant *selected, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (k >= x->options.n || k >= selected->options.n ||
            !str_eq(x->options.items[k], selected->options.items[k]))
            return false;
    return true;
}

/* A value can be chosen when a variant has it that is available and fits what was chosen in the
 * options before. */
static const bool *values_available(Visit *v, OptionObject *o)
{
    if (o->available != NULL)
        return o->available;
    const CatalogOption *option = option_of(o);
    CatalogVariants      variants = o->product->p->product.variants;
    const VariantObject *selected = product_selected(v, o->product);
    VariantObject       *items = product_variants(v, o->product);
    Map                  index;
    map_init(&index, visit_arena(v), option->values.n);
    for (size_t k = 0; k < option->values.n; k++)
        map_put(&index, option->values.items[k].name, NULL)->i = (int64_t)k;
    o->available = arena_array(visit_arena(v), bool, option->values.n + 1);
    for (size_t i = 0; i < variants.n; i++) {
        const CatalogVariant *x = items[i].v;
        if (o->i >= x->options.n || !variant_available(x) ||
            (selected != NULL && !same_before(x, selected->v, o->i)))
            continue;
        const MapValue *at = map_get(&index, x->options.items[o->i]);
        if (at != NULL && variant_quote(v, &items[i]) != NULL)
            o->available[at->i] = true;
    }
    return o->available;
}

static LiquidValue value_shown(Visit *v, const void *self)
{
    const ValueObject   *x = self;
    const ProductObject *p = x->option->product;
    return liquid_text(visit_text(v, p->p->texts, x->value->id, STR("name"), x->value->name));
}

static LiquidValue value_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_VALUE_ID, ((const ValueObject *)self)->value->id);
}

static LiquidValue value_available(Visit *v, const void *self)
{
    const ValueObject *x = self;
    return liquid_bool(values_available(v, x->option)[x->k]);
}

static bool is_selected(Visit *v, const ValueObject *x)
{
    const VariantObject *s = product_selected(v, x->option->product);
    return s != NULL && x->option->i < s->v->options.n &&
           str_eq(s->v->options.items[x->option->i], x->value->name);
}

static LiquidValue value_selected(Visit *v, const void *self)
{
    return liquid_bool(is_selected(v, self));
}

static LiquidValue value_swatch(Visit *v, const void *self)
{
    const ValueObject *x = self;
    if (x->value->swatch.len == 0)
        return liquid_nil();
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 2);
    p[0] = (LiquidPair){STR("color"), liquid_text(x->value->swatch)};
    p[1] = (LiquidPair){STR("image"), liquid_nil()};
    return liquid_map(visit_arena(v), p, 2);
}

/* The variant with this value and otherwise those of the selected one; else the first that has
 * it and is available, else any. */
static VariantObject *variant_with(Visit *v, const ValueObject *x)
{
    ProductObject       *p = x->option->product;
    const VariantObject *s = product_selected(v, p);
    VariantObject       *items = product_variants(v, p), *best = NULL;
    size_t               at = x->option->i;
    int                  best_score = -1;
    for (size_t i = 0; i < p->p->product.variants.n; i++) {
        const CatalogVariant *c = items[i].v;
        if (at >= c->options.n || !str_eq(c->options.items[at], x->value->name))
            continue;
        int score = variant_available(c) ? 1 : 0;
        for (size_t k = 0; s != NULL && k < c->options.n && k < s->v->options.n; k++)
            score += k != at && str_eq(c->options.items[k], s->v->options.items[k]) ? 2 : 0;
        if (score > best_score) {
            best = &items[i];
            best_score = score;
        }
    }
    return best;
}

static LiquidValue value_variant(Visit *v, const void *self)
{
    return object_variant(v, variant_with(v, self));
}

static LiquidValue value_url(Visit *v, const void *self)
{
    VariantObject *x = variant_with(v, self);
    return x != NULL ? liquid_text(variant_address(v, x)) : liquid_nil();
}

static const Member VALUE[] = {
    {"id", value_id, true},
    {"name", value_shown, true},
    {"available", value_available, true},
    {"selected", value_selected, true},
    {"swatch", value_swatch, false},
    {"variant", value_variant, false},
    {"url", value_url, false},
};
OBJECT(value, "ProductOptionValueDrop", VALUE)

static LiquidValue value_text(LiquidCx *cx, const void *self)
{
    return value_shown(liquid_host(cx), self);
}

static const LiquidDropType shown_value_type = {.name = "ProductOptionValueDrop",
                                                .get = value_get,
                                                .count = value_count,
                                                .key_at = value_key,
                                                .text = value_text};

static LiquidValue option_name(Visit *v, const void *self)
{
    const OptionObject  *o = self;
    const CatalogOption *option = option_of(o);
    (void)value_type;
    return liquid_text(visit_text(v, o->product->p->texts, option->id, STR("name"), option->name));
}

static LiquidValue option_position(Visit *v, const void *self)
{
    (void)v;
    return liquid_int((int64_t)((const OptionObject *)self)->i + 1);
}

static LiquidValue option_values(Visit *v, const void *self)
{
    OptionObject       *o = (OptionObject *)(uintptr_t)self;
    CatalogOptionValues values = option_of(o)->values;
    LiquidValue        *items = arena_array(visit_arena(v), LiquidValue, values.n + 1);
    ValueObject        *objects = arena_array(visit_arena(v), ValueObject, values.n + 1);
    for (size_t k = 0; k < values.n; k++) {
        objects[k] = (ValueObject){o, &values.items[k], k};
        items[k] = liquid_drop(visit_arena(v), &shown_value_type, &objects[k]);
    }
    return object_list(v, items, values.n);
}

static LiquidValue option_selected(Visit *v, const void *self)
{
    const OptionObject  *o = self;
    const VariantObject *s = product_selected(v, o->product);
    return s != NULL ? variant_value(v, s, o->i) : liquid_nil();
}

static const Member OPTION[] = {
    {"name", option_name, true},
    {"position", option_position, true},
    {"values", option_values, true},
    {"selected_value", option_selected, false},
};
OBJECT(option, "ProductOptionDrop", OPTION)

static LiquidValue option_text(LiquidCx *cx, const void *self)
{
    return option_name(liquid_host(cx), self);
}

static const LiquidDropType shown_option_type = {.name = "ProductOptionDrop",
                                                 .get = option_get,
                                                 .count = option_count,
                                                 .key_at = option_key,
                                                 .text = option_text};

static LiquidValue option_drop(Visit *v, ProductObject *p, size_t i)
{
    OptionObject *o = arena_new(visit_arena(v), OptionObject);
    *o = (OptionObject){.product = p, .i = i};
    return liquid_drop(visit_arena(v), &shown_option_type, o);
}

LiquidValue object_options(Visit *v, ProductObject *p)
{
    size_t       n = p->p->product.options.n;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, n + 1);
    for (size_t i = 0; i < n; i++)
        items[i] = option_drop(v, p, i);
    (void)option_type;
    return object_list(v, items, n);
}

LiquidValue object_options_by_name(Visit *v, ProductObject *p)
{
    size_t      n = p->p->product.options.n;
    LiquidPair *pairs = arena_array(visit_arena(v), LiquidPair, n + 1);
    for (size_t i = 0; i < n; i++)
        pairs[i] = (LiquidPair){p->p->product.options.items[i].name, option_drop(v, p, i)};
    return liquid_map(visit_arena(v), pairs, n);
}
