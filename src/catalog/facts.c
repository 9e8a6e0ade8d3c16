/* What a rule can ask about a product. */
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog_int.h"
#include "catalog/rule.h"

/* Objects whose members depend on the product are made as JSON, when they are asked for. */
typedef struct VariantFacts {
    Str     sku;
    Str     barcode;
    Str     title;
    int64_t quantity;
    OptI64  weight_g;
    bool    in_stock;
    bool    on_sale;
    Str     price;      /* {"EUR":1999} */
    Str     compare_at; /* {"EUR":2499} */
    Str     options;    /* {"Colour":"Red"} */
    Str     attributes; /* {"ns":{"key":…}} */
} VariantFacts;

struct Facts {
    Str          title;
    Str          handle;
    int          status;
    int          kind;
    Str          vendor;
    Str          type;
    Str          category;
    CatalogTexts tags;
    int64_t      variant_count;
    UnixMs       created_at;
    UnixMs       updated_at;
    bool         on_sale;
    bool         in_stock;
    int64_t      quantity;
    Str          price;
    Str          price_max;
    Str          options; /* {"Colour":["Red","Blue"]} */
    Str          attributes;
    struct {
        VariantFacts *items;
        size_t        n;
    } variants;
};

static const ShapeField VARIANT[] = {
    SHAPE_TEXT(VariantFacts, sku),        SHAPE_TEXT(VariantFacts, barcode),
    SHAPE_TEXT(VariantFacts, title),      SHAPE_INT(VariantFacts, quantity),
    SHAPE_INT(VariantFacts, weight_g),    SHAPE_BOOL(VariantFacts, in_stock),
    SHAPE_BOOL(VariantFacts, on_sale),    SHAPE_JSON(VariantFacts, price),
    SHAPE_JSON(VariantFacts, compare_at), SHAPE_JSON(VariantFacts, options),
    SHAPE_JSON(VariantFacts, attributes),
};
static const Shape variant_facts = SHAPE_OF(VariantFacts, "VariantFacts", VARIANT);

static const ShapeField PRODUCT[] = {
    SHAPE_TEXT(Facts, title),
    SHAPE_TEXT(Facts, handle),
    SHAPE_ENUM(Facts, status, catalog_status_names),
    SHAPE_ENUM(Facts, kind, catalog_kind_names),
    SHAPE_TEXT(Facts, vendor),
    SHAPE_TEXT(Facts, type),
    SHAPE_TEXT(Facts, category),
    SHAPE_TEXTS(Facts, tags),
    SHAPE_INT(Facts, variant_count),
    SHAPE_TIME(Facts, created_at),
    SHAPE_TIME(Facts, updated_at),
    SHAPE_BOOL(Facts, on_sale),
    SHAPE_BOOL(Facts, in_stock),
    SHAPE_INT(Facts, quantity),
    SHAPE_JSON(Facts, price),
    SHAPE_JSON(Facts, price_max),
    SHAPE_JSON(Facts, options),
    SHAPE_JSON(Facts, attributes),
    SHAPE_LIST(Facts, variants, VariantFacts, &variant_facts),
};
static const Shape product_facts = SHAPE_OF(Facts, "ProductFacts", PRODUCT);

/* --- making them -------------------------------------------------------------------------- */

enum { JSON_MAX = 4 << 20 };

static bool sells(const CatalogVariant *v)
{
    return catalog_variant_available(v);
}

static bool base_price(const CatalogPrice *p)
{
    return p->list_id == CATALOG_BASE_LIST && p->min_qty == 1 && !p->starts_at.has;
}

static bool reduced(const CatalogVariant *v)
{
    for (size_t i = 0; i < v->prices.n; i++) {
        const CatalogPrice *p = &v->prices.items[i];
        if (base_price(p) && !money_absent(p->compare_at) && p->compare_at.minor > p->price.minor)
            return true;
    }
    return false;
}

static Str finished(Arena *a, Json *j, Buf *b)
{
    json_end(j);
    Str s = str_dup(a, buf_str(b));
    buf_done(b);
    return s;
}

static Str prices_json(Arena *a, const CatalogPrices *prices, bool compare)
{
    Buf b;
    buf_init(&b, JSON_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < prices->n; i++) {
        const CatalogPrice *p = &prices->items[i];
        if (base_price(p) && !(compare && money_absent(p->compare_at)))
            json_i64(&j, p->price.cur, compare ? p->compare_at.minor : p->price.minor);
    }
    return finished(a, &j, &b);
}

static Str variant_options_json(Arena *a, const CatalogProduct *p, const CatalogVariant *v)
{
    Buf b;
    buf_init(&b, JSON_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < p->options.n && i < v->options.n; i++) {
        json_key(&j, p->options.items[i].name);
        json_str(&j, NULL, v->options.items[i]);
    }
    return finished(a, &j, &b);
}

static Str options_json(Arena *a, const CatalogProduct *p)
{
    Buf b;
    buf_init(&b, JSON_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < p->options.n; i++) {
        const CatalogOption *o = &p->options.items[i];
        json_key(&j, o->name);
        json_arr(&j, NULL);
        for (size_t k = 0; k < o->values.n; k++)
            json_str(&j, NULL, o->values.items[k].name);
        json_end(&j);
    }
    return finished(a, &j, &b);
}

/* Attributes are sorted by key, so those of a namespace stand together. */
static Str attributes_json(Arena *a, CatalogAttributes attributes)
{
    Buf b;
    Str open = {0}, space, key;
    buf_init(&b, JSON_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    for (size_t i = 0; i < attributes.n; i++) {
        str_cut(attributes.items[i].key, '.', &space, &key);
        if (!open.ptr || !str_eq(open, space)) {
            if (open.ptr)
                json_end(&j);
            json_key(&j, space);
            json_obj(&j, NULL);
            open = space;
        }
        json_key(&j, key);
        json_raw(&j, NULL, attributes.items[i].value);
    }
    if (open.ptr)
        json_end(&j);
    return finished(a, &j, &b);
}

typedef struct Span {
    Money min, max;
} Span;

static void widen(Span *spans, size_t *n, size_t max, Money m)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(spans[i].min.cur, m.cur) == 0) {
            spans[i].min = m.minor < spans[i].min.minor ? m : spans[i].min;
            spans[i].max = m.minor > spans[i].max.minor ? m : spans[i].max;
            return;
        }
    if (*n < max)
        spans[(*n)++] = (Span){m, m};
}

static void span_facts(Arena *a, const CatalogProduct *p, Facts *f)
{
    Span   spans[64];
    size_t n = 0;
    for (size_t i = 0; i < p->variants.n; i++)
        for (size_t k = 0; k < p->variants.items[i].prices.n; k++)
            if (base_price(&p->variants.items[i].prices.items[k]))
                widen(spans, &n, COUNT_OF(spans), p->variants.items[i].prices.items[k].price);
    Buf low, high;
    buf_init(&low, JSON_MAX);
    buf_init(&high, JSON_MAX);
    Json jl = json_begin(&low), jh = json_begin(&high);
    json_obj(&jl, NULL);
    json_obj(&jh, NULL);
    for (size_t i = 0; i < n; i++) {
        json_i64(&jl, spans[i].min.cur, spans[i].min.minor);
        json_i64(&jh, spans[i].max.cur, spans[i].max.minor);
    }
    f->price = finished(a, &jl, &low);
    f->price_max = finished(a, &jh, &high);
}

static void variant_fact(Arena *a, const CatalogProduct *p, const CatalogVariant *v,
                         VariantFacts *f)
{
    *f = (VariantFacts){
        .sku = v->sku,
        .barcode = v->barcode,
        .title = v->title,
        .quantity = v->quantity,
        .weight_g = v->weight_g,
        .in_stock = sells(v),
        .on_sale = reduced(v),
        .price = prices_json(a, &v->prices, false),
        .compare_at = prices_json(a, &v->prices, true),
        .options = variant_options_json(a, p, v),
        .attributes = attributes_json(a, v->attributes),
    };
}

Facts *facts_of(Arena *a, const CatalogProduct *p)
{
    Facts *f = arena_new(a, Facts);
    *f = (Facts){
        .title = p->title,
        .handle = p->handle,
        .status = p->status,
        .kind = p->kind,
        .vendor = p->vendor,
        .type = p->type,
        .category = p->category,
        .tags = p->tags,
        .variant_count = p->variant_count,
        .created_at = p->created_at,
        .updated_at = p->updated_at,
        .options = options_json(a, p),
        .attributes = attributes_json(a, p->attributes),
    };
    f->variants.items = arena_array(a, VariantFacts, p->variants.n + 1);
    f->variants.n = p->variants.n;
    for (size_t i = 0; i < p->variants.n; i++) {
        VariantFacts *v = &f->variants.items[i];
        variant_fact(a, p, &p->variants.items[i], v);
        f->on_sale |= v->on_sale;
        f->in_stock |= v->in_stock;
        f->quantity += v->quantity;
    }
    span_facts(a, p, f);
    return f;
}

bool rule_holds(const Rule *r, const Facts *facts, Arena *a)
{
    return r->condition &&
           condition_holds(r->condition, cond_shape(&product_facts, facts), NULL, a);
}

/* --- what a rule looks at ----------------------------------------------------------------- */

static const struct {
    const char *fact;
    unsigned    parts;
} NEEDS[] = {
    {"on_sale", CATALOG_WITH_PRICES},
    {"price", CATALOG_WITH_PRICES},
    {"price_max", CATALOG_WITH_PRICES},
    {"in_stock", CATALOG_WITH_VARIANTS},
    {"quantity", CATALOG_WITH_VARIANTS},
    {"options", CATALOG_WITH_OPTIONS},
    {"attributes", CATALOG_WITH_ATTRIBUTES},
    {"variants", CATALOG_WITH_PRICES | CATALOG_WITH_ATTRIBUTES},
};

static unsigned parts_of(Str fact)
{
    for (size_t i = 0; i < COUNT_OF(NEEDS); i++)
        if (str_eq(fact, str_from_cstr(NEEDS[i].fact)))
            return NEEDS[i].parts;
    return 0;
}

static Status check_path(Str path, Err *err)
{
    Str head, rest, second, more;
    str_cut(path, '.', &head, &rest);
    if (!shape_field(&product_facts, head))
        return err_set(err, ST_INVALID, "condition.bad", "there is no fact \"" STR_FMT "\"",
                       STR_ARG(head));
    if (!str_eq(head, STR("variants")) || rest.len == 0)
        return ST_OK;
    str_cut(rest, '.', &second, &more);
    if (second.ptr[0] >= '0' && second.ptr[0] <= '9') /* variants.0.sku */
        str_cut(more, '.', &second, &more);
    if (second.len > 0 && !shape_field(&variant_facts, second))
        return err_set(err, ST_INVALID, "condition.bad", "a variant has no fact \"" STR_FMT "\"",
                       STR_ARG(second));
    return ST_OK;
}

Status rule_check(Arena *a, Str rule, Err *err)
{
    const Condition *c;
    TRY(condition_compile_text(a, rule, COND_STRICT, &c, err));
    CondPaths paths = condition_paths(c, a);
    for (size_t i = 0; i < paths.n; i++)
        TRY(check_path(paths.items[i], err));
    return ST_OK;
}

static void add_rule(Cx *cx, const CatalogRuleRow *row, Rules *rules)
{
    Rule *r = &rules->items[rules->n++];
    Err   err;
    r->collection = row->id;
    if (condition_compile_text(cx->arena, row->rule, COND_STRICT, &r->condition, &err) != ST_OK) {
        r->condition = NULL;
        return;
    }
    CondPaths paths = condition_paths(r->condition, cx->arena);
    for (size_t i = 0; i < paths.n; i++) {
        Str head, rest;
        str_cut(paths.items[i], '.', &head, &rest);
        r->parts |= parts_of(head);
    }
    rules->parts |= r->parts;
}

Status rules_load(Cx *cx, int64_t collection, Rules *ret)
{
    CatalogRuleRowList rows;
    TRY(catalog_sql_rules(cx, &rows));
    *ret = (Rules){.items = arena_array(cx->arena, Rule, rows.n + 1)};
    for (size_t i = 0; i < rows.n; i++)
        if (collection == 0 || rows.items[i].id == collection)
            add_rule(cx, &rows.items[i], ret);
    return ST_OK;
}
