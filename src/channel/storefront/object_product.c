/* Products, variants, options. */
#include "channel/storefront/member.h"
#include "channel/storefront/object.h"

#include "base/id.h"

#include <string.h>

static const LiquidDropType *product_drop(void);
static const LiquidDropType *variant_drop(void);

static LiquidValue text_in(const Visit *v, const ProductObject *o, Str field, Str source)
{
    return liquid_text(visit_text(v, o->p->texts, o->p->product.id, field, source));
}

/* --- what a variant costs --------------------------------------------------------------------- */

bool variant_available(const CatalogVariant *v)
{
    return catalog_variant_available(v);
}

const CatalogQuote *variant_quote(Visit *v, VariantObject *x)
{
    if (!x->quoted) {
        const CatalogPricing *pricing = visit_pricing(v);
        x->quoted = true;
        x->has_price = pricing != NULL && catalog_quote(pricing, x->v->prices, 1, &x->quote);
    }
    return x->has_price ? &x->quote : NULL;
}

static const PublishedRange *range_of(Visit *v, ProductObject *o)
{
    if (!o->ranged) {
        const CatalogPricing *pricing = visit_pricing(v);
        o->ranged = true;
        o->has_range = pricing != NULL && published_range(pricing, o->p, &o->range);
    }
    return o->has_range ? &o->range : NULL;
}

/* --- variants --------------------------------------------------------------------------------- */

VariantObject *product_variants(Visit *v, ProductObject *p)
{
    CatalogVariants list = p->p->product.variants;
    if (p->items == NULL) {
        p->items = arena_array(visit_arena(v), VariantObject, list.n + 1);
        for (size_t i = 0; i < list.n; i++)
            p->items[i] = (VariantObject){.product = p, .v = &list.items[i]};
    }
    return p->items;
}

static VariantObject *variant_by_id(Visit *v, ProductObject *p, int64_t id)
{
    VariantObject *items = product_variants(v, p);
    for (size_t i = 0; id != 0 && i < p->p->product.variants.n; i++)
        if (items[i].v->id == id)
            return &items[i];
    return NULL;
}

static VariantObject *first_available(Visit *v, ProductObject *p)
{
    VariantObject *items = product_variants(v, p);
    for (size_t i = 0; i < p->p->product.variants.n; i++)
        if (variant_available(items[i].v) && variant_quote(v, &items[i]) != NULL)
            return &items[i];
    return NULL;
}

VariantObject *product_selected(Visit *v, ProductObject *p)
{
    VariantObject *x = variant_by_id(v, p, p->selected);
    if (x == NULL)
        x = first_available(v, p);
    return x != NULL || p->p->product.variants.n == 0 ? x : product_variants(v, p);
}

/* The name of a value of option `i` in the visitor's language. */
static Str value_name(const Visit *v, const ProductObject *p, size_t i, Str name)
{
    return v->translated ? published_option_value(p->p, i, name, v->tag) : name;
}

LiquidValue object_variant(Visit *v, VariantObject *x)
{
    return x != NULL ? liquid_drop(visit_arena(v), variant_drop(), x) : liquid_nil();
}

static VariantObject *self_variant(const void *self)
{
    return (VariantObject *)(uintptr_t)self; /* it keeps its price */
}

static LiquidValue variant_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_VARIANT_ID, self_variant(self)->v->id);
}

static Str joined_title(Visit *v, const VariantObject *x)
{
    CLEANUP(buf_done) Buf b = {0};
    CatalogTexts          options = x->v->options;
    if (options.n == 0)
        return STR("Default Title");
    buf_init(&b, 4096);
    for (size_t i = 0; i < options.n; i++) {
        buf_add(&b, i > 0 ? STR(" / ") : STR(""));
        buf_add(&b, value_name(v, x->product, i, options.items[i]));
    }
    return str_dup(visit_arena(v), buf_str(&b));
}

static LiquidValue variant_title(Visit *v, const void *self)
{
    return liquid_text(joined_title(v, self));
}

LiquidValue variant_value(Visit *v, const VariantObject *x, size_t i)
{
    return i < x->v->options.n ? liquid_text(value_name(v, x->product, i, x->v->options.items[i]))
                               : liquid_nil();
}

static LiquidValue variant_option1(Visit *v, const void *self)
{
    return variant_value(v, self, 0);
}

static LiquidValue variant_option2(Visit *v, const void *self)
{
    return variant_value(v, self, 1);
}

static LiquidValue variant_option3(Visit *v, const void *self)
{
    return variant_value(v, self, 2);
}

static LiquidValue variant_options(Visit *v, const void *self)
{
    const VariantObject *x = self;
    LiquidValue         *items = arena_array(visit_arena(v), LiquidValue, x->v->options.n + 1);
    for (size_t i = 0; i < x->v->options.n; i++)
        items[i] = variant_value(v, x, i);
    return object_list(v, items, x->v->options.n);
}

static LiquidValue variant_price(Visit *v, const void *self)
{
    const CatalogQuote *q = variant_quote(v, self_variant(self));
    return q != NULL ? liquid_money(q->price) : liquid_nil();
}

static LiquidValue variant_compare_at(Visit *v, const void *self)
{
    const CatalogQuote *q = variant_quote(v, self_variant(self));
    return q != NULL ? object_money(q->compare_at) : liquid_nil();
}

/* Beside a reduced price: the lowest of the 30 days before it. */
static LiquidValue variant_lowest(Visit *v, const void *self)
{
    VariantObject      *x = self_variant(self);
    const CatalogQuote *q = variant_quote(v, x);
    Money               m;
    bool                reduced =
        q != NULL && !money_absent(q->compare_at) && q->compare_at.minor > q->price.minor;
    return reduced && published_lowest(v->view, x->product->p, x->v, q, &m) ? liquid_money(m)
                                                                            : liquid_nil();
}

static LiquidValue variant_is_available(Visit *v, const void *self)
{
    VariantObject *x = self_variant(self);
    return liquid_bool(variant_available(x->v) && variant_quote(v, x) != NULL);
}

static LiquidValue variant_how_available(Visit *v, const void *self)
{
    VariantObject      *x = self_variant(self);
    CatalogAvailability how = catalog_variant_availability(x->v);
    if (how != CATALOG_OUT_OF_STOCK && variant_quote(v, x) == NULL)
        how = CATALOG_OUT_OF_STOCK;
    return liquid_text(str_from_cstr(catalog_availability_names[how]));
}

static LiquidValue variant_comes_at(Visit *v, const void *self)
{
    OptTime at = catalog_variant_comes_at(self_variant(self)->v, v->cx->now);
    if (!at.has)
        return liquid_nil();
    visit_good_until(v, at.v);
    return liquid_time(at.v);
}

static LiquidValue variant_sku(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_variant(self)->v->sku);
}

static LiquidValue variant_barcode(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_variant(self)->v->barcode);
}

static LiquidValue variant_mpn(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_variant(self)->v->mpn);
}

static LiquidValue variant_quantity(Visit *v, const void *self)
{
    (void)v;
    return liquid_int(self_variant(self)->v->quantity);
}

static LiquidValue variant_management(Visit *v, const void *self)
{
    (void)v;
    return self_variant(self)->v->tracked ? liquid_text(STR("rapport")) : liquid_nil();
}

static LiquidValue variant_policy(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_variant(self)->v->policy != CATALOG_DENY ? STR("continue")
                                                                     : STR("deny"));
}

static LiquidValue variant_weight(Visit *v, const void *self)
{
    OptI64 g = self_variant(self)->v->weight_g;
    (void)v;
    return g.has ? liquid_int(g.v) : liquid_int(0);
}

static LiquidValue variant_weight_unit(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(
        str_from_cstr(catalog_weight_unit_names[self_variant(self)->v->weight_unit]));
}

static LiquidValue variant_requires_shipping(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(self_variant(self)->v->requires_shipping);
}

static LiquidValue variant_taxable(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(self_variant(self)->v->taxable);
}

Str variant_address(Visit *v, const VariantObject *x)
{
    Str url = product_url(v, x->product);
    Str id = id_format(visit_arena(v), CATALOG_VARIANT_ID, x->v->id);
    return visit_urlf(&(Visit){.cx = v->cx, .root = url}, "?variant=" STR_FMT, STR_ARG(id));
}

static LiquidValue variant_url(Visit *v, const void *self)
{
    return liquid_text(variant_address(v, self));
}

static LiquidValue variant_image(Visit *v, const void *self)
{
    const VariantObject    *x = self;
    const PublishedProduct *p = x->product->p;
    for (size_t i = 0; x->v->media_id.has && i < p->product.media.n; i++)
        if (p->product.media.items[i].id == x->v->media_id.v)
            return object_media(v, p->product.media, p->media, i, p->texts);
    return liquid_nil();
}

static LiquidValue variant_selected(Visit *v, const void *self)
{
    const VariantObject *x = self;
    return liquid_bool(product_selected(v, x->product) == x);
}

static LiquidValue variant_product(Visit *v, const void *self)
{
    return liquid_drop(visit_arena(v), product_drop(), self_variant(self)->product);
}

static LiquidValue variant_unit_price(Visit *v, const void *self)
{
    VariantObject      *x = self_variant(self);
    const CatalogQuote *q = variant_quote(v, x);
    Money               m;
    return q != NULL && published_unit_price(x->v, q->price, &m) ? liquid_money(m) : liquid_nil();
}

static LiquidValue variant_measure(Visit *v, const void *self)
{
    const CatalogMeasure *m = self_variant(self)->v->measure;
    if (m == NULL)
        return liquid_nil();
    LiquidPair *p = arena_array(visit_arena(v), LiquidPair, 4);
    p[0] = (LiquidPair){STR("quantity_value"), liquid_real(m->value)};
    p[1] = (LiquidPair){STR("quantity_unit"), liquid_text(m->unit)};
    p[2] = (LiquidPair){STR("reference_value"), liquid_real(m->base_value)};
    p[3] = (LiquidPair){STR("reference_unit"), liquid_text(m->base_unit)};
    return liquid_map(visit_arena(v), p, 4);
}

static LiquidValue variant_rule(Visit *v, const void *self)
{
    const CatalogVariant *x = self_variant(self)->v;
    LiquidPair           *p = arena_array(visit_arena(v), LiquidPair, 3);
    p[0] = (LiquidPair){STR("min"), liquid_int(x->min_qty)};
    p[1] = (LiquidPair){STR("max"), x->max_qty.has ? liquid_int(x->max_qty.v) : liquid_nil()};
    p[2] = (LiquidPair){STR("increment"), liquid_int(x->step_qty)};
    return liquid_map(visit_arena(v), p, 3);
}

static LiquidValue variant_metafields(Visit *v, const void *self)
{
    return object_metafields(v, self_variant(self)->v->attributes, CATALOG_SCOPE_VARIANT);
}

static LiquidValue variant_promise(Visit *v, const void *self)
{
    const VariantObject *x = self;
    return promise_of_variant(v, x->v, x->product->p->product.id);
}

static const Member VARIANT[] = {
    {"id", variant_id, true},
    {"title", variant_title, true},
    {"option1", variant_option1, true},
    {"option2", variant_option2, true},
    {"option3", variant_option3, true},
    {"options", variant_options, true},
    {"sku", variant_sku, true},
    {"barcode", variant_barcode, true},
    {"available", variant_is_available, true},
    {"availability", variant_how_available, true},
    {"availability_date", variant_comes_at, true},
    {"price", variant_price, true},
    {"compare_at_price", variant_compare_at, true},
    {"unit_price", variant_unit_price, true},
    {"lowest_price", variant_lowest, true},
    {"weight", variant_weight, true},
    {"requires_shipping", variant_requires_shipping, true},
    {"taxable", variant_taxable, true},
    {"inventory_management", variant_management, true},
    {"inventory_policy", variant_policy, true},
    {"featured_image", variant_image, true},
    {"quantity_rule", variant_rule, true},
    {"inventory_quantity", variant_quantity, false},
    {"mpn", variant_mpn, false},
    {"weight_unit", variant_weight_unit, false},
    {"image", variant_image, false},
    {"featured_media", variant_image, false},
    {"delivery_promise", variant_promise, false},
    {"url", variant_url, false},
    {"selected", variant_selected, false},
    {"product", variant_product, false},
    {"unit_price_measurement", variant_measure, false},
    {"metafields", variant_metafields, false},
};
OBJECT(variant, "VariantDrop", VARIANT)

static const LiquidDropType *variant_drop(void)
{
    return &variant_type;
}

/* --- products
 * --------------------------------------------------------------------------------------- */

static ProductObject *self_product(const void *self)
{
    return (ProductObject *)(uintptr_t)self; /* it keeps what it worked out */
}

Str product_url(Visit *v, const ProductObject *p)
{
    return visit_urlf(v, STR_FMT "/products/" STR_FMT, STR_ARG(p->within),
                      STR_ARG(p->p->product.handle));
}

Str product_title(const Visit *v, const ProductObject *p)
{
    return visit_text(v, p->p->texts, p->p->product.id, STR("title"), p->p->product.title);
}

static LiquidValue product_id(Visit *v, const void *self)
{
    return object_id(v, CATALOG_PRODUCT_ID, self_product(self)->p->product.id);
}

static LiquidValue product_title_value(Visit *v, const void *self)
{
    return liquid_text(product_title(v, self));
}

static LiquidValue product_handle(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_product(self)->p->product.handle);
}

static LiquidValue product_description(Visit *v, const void *self)
{
    const CatalogProduct *p = &self_product(self)->p->product;
    return liquid_html(visit_text(v, self_product(self)->p->texts, p->id, STR("description"),
                                  published_safe(p->description, p->description_safe)));
}

static LiquidValue product_vendor(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_product(self)->p->product.vendor);
}

static LiquidValue product_type_value(Visit *v, const void *self)
{
    return text_in(v, self, STR("type"), self_product(self)->p->product.type);
}

static LiquidValue product_category(Visit *v, const void *self)
{
    (void)v;
    return liquid_text(self_product(self)->p->product.category);
}

static LiquidValue product_tags(Visit *v, const void *self)
{
    return object_texts(v, self_product(self)->p->product.tags);
}

static LiquidValue product_url_value(Visit *v, const void *self)
{
    return liquid_text(product_url(v, self));
}

static LiquidValue product_price(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return r != NULL ? liquid_money(r->price_min) : liquid_nil();
}

static LiquidValue product_price_max(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return r != NULL ? liquid_money(r->price_max) : liquid_nil();
}

static LiquidValue product_price_varies(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return liquid_bool(r != NULL && r->price_varies);
}

static LiquidValue product_compare_min(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return r != NULL ? object_money(r->compare_at_min) : liquid_nil();
}

static LiquidValue product_compare_max(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return r != NULL ? object_money(r->compare_at_max) : liquid_nil();
}

/* … of the variant whose price the product is shown with: the lowest. */
static LiquidValue product_lowest(Visit *v, const void *self)
{
    ProductObject        *p = self_product(self);
    const PublishedRange *r = range_of(v, p);
    VariantObject        *items = product_variants(v, p);
    for (size_t i = 0; r != NULL && i < p->p->product.variants.n; i++) {
        const CatalogQuote *q = variant_quote(v, &items[i]);
        if (q != NULL && q->price.minor == r->price_min.minor)
            return variant_lowest(v, &items[i]);
    }
    return liquid_nil();
}

static LiquidValue product_compare_varies(Visit *v, const void *self)
{
    const PublishedRange *r = range_of(v, self_product(self));
    return liquid_bool(r != NULL && r->compare_at_varies);
}

static LiquidValue product_available(Visit *v, const void *self)
{
    return liquid_bool(first_available(v, self_product(self)) != NULL);
}

static LiquidValue product_variants_value(Visit *v, const void *self)
{
    ProductObject *p = self_product(self);
    if (p->variants.type == LIQUID_NIL) {
        size_t         n = p->p->product.variants.n;
        VariantObject *objects = product_variants(v, p);
        LiquidValue   *items = arena_array(visit_arena(v), LiquidValue, n + 1);
        for (size_t i = 0; i < n; i++)
            items[i] = object_variant(v, &objects[i]);
        p->variants = object_list(v, items, n);
    }
    return p->variants;
}

static LiquidValue product_variants_count(Visit *v, const void *self)
{
    (void)v;
    return liquid_int((int64_t)self_product(self)->p->product.variants.n);
}

static LiquidValue product_only_default(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(self_product(self)->p->product.options.n == 0);
}

static LiquidValue product_selected_variant(Visit *v, const void *self)
{
    ProductObject *p = self_product(self);
    return object_variant(v, variant_by_id(v, p, p->selected));
}

static LiquidValue product_first_available(Visit *v, const void *self)
{
    return object_variant(v, first_available(v, self_product(self)));
}

static LiquidValue product_selected_or_first(Visit *v, const void *self)
{
    return object_variant(v, product_selected(v, self_product(self)));
}

static LiquidValue product_images(Visit *v, const void *self)
{
    ProductObject          *o = self_product(self);
    const PublishedProduct *p = o->p;
    if (o->images.type == LIQUID_NIL)
        o->images = object_media_list(v, p->product.media, p->media, p->texts, false);
    return o->images;
}

static LiquidValue product_media(Visit *v, const void *self)
{
    ProductObject          *o = self_product(self);
    const PublishedProduct *p = o->p;
    if (o->media.type == LIQUID_NIL)
        o->media = object_media_list(v, p->product.media, p->media, p->texts, true);
    return o->media;
}

static LiquidValue product_featured_image(Visit *v, const void *self)
{
    const PublishedProduct *p = self_product(self)->p;
    for (size_t i = 0; i < p->product.media.n; i++)
        if (p->product.media.items[i].kind == CATALOG_IMAGE)
            return object_media(v, p->product.media, p->media, i, p->texts);
    return liquid_nil();
}

static LiquidValue product_featured_media(Visit *v, const void *self)
{
    const PublishedProduct *p = self_product(self)->p;
    return object_media(v, p->product.media, p->media, 0, p->texts);
}

static LiquidValue product_options(Visit *v, const void *self)
{
    ProductObject *o = self_product(self);
    if (o->options.type == LIQUID_NIL)
        o->options = object_options(v, o);
    return o->options;
}

static LiquidValue product_options_by_name(Visit *v, const void *self)
{
    return object_options_by_name(v, self_product(self));
}

static LiquidValue product_collections(Visit *v, const void *self)
{
    CatalogIds   ids = self_product(self)->p->collections;
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, ids.n + 1);
    size_t       n = 0;
    for (size_t i = 0; i < ids.n; i++) {
        LiquidValue c = object_collection(v, ids.items[i]);
        if (c.type != LIQUID_NIL)
            items[n++] = c;
    }
    return object_list(v, items, n);
}

static LiquidValue product_created(Visit *v, const void *self)
{
    (void)v;
    return liquid_time(self_product(self)->p->product.created_at);
}

static LiquidValue product_published(Visit *v, const void *self)
{
    const PublishedHead *head = published_head(v->view, self_product(self)->p->product.id);
    return head != NULL ? liquid_time(head->published_at) : liquid_nil();
}

static LiquidValue product_suffix(Visit *v, const void *self)
{
    Str s = self_product(self)->p->product.template_suffix;
    (void)v;
    return s.len > 0 ? liquid_text(s) : liquid_nil();
}

static LiquidValue product_gift_card(Visit *v, const void *self)
{
    (void)v;
    return liquid_bool(self_product(self)->p->product.kind == CATALOG_GIFT_CARD);
}

static LiquidValue product_metafields(Visit *v, const void *self)
{
    return object_metafields(v, self_product(self)->p->product.attributes, CATALOG_SCOPE_PRODUCT);
}

static LiquidValue product_related(Visit *v, const void *self)
{
    ProductObject *o = self_product(self);
    if (o->related.type == LIQUID_NIL)
        o->related = object_related(v, o->p->product.id, 8);
    return o->related;
}

static LiquidValue product_none(Visit *v, const void *self)
{
    (void)self;
    return object_list(v, NULL, 0);
}

static const Member PRODUCT[] = {
    {"id", product_id, true},
    {"title", product_title_value, true},
    {"handle", product_handle, true},
    {"description", product_description, true},
    {"published_at", product_published, true},
    {"created_at", product_created, true},
    {"vendor", product_vendor, true},
    {"type", product_type_value, true},
    {"tags", product_tags, true},
    {"price", product_price, true},
    {"price_min", product_price, true},
    {"price_max", product_price_max, true},
    {"available", product_available, true},
    {"price_varies", product_price_varies, true},
    {"compare_at_price", product_compare_min, true},
    {"compare_at_price_min", product_compare_min, true},
    {"compare_at_price_max", product_compare_max, true},
    {"lowest_price", product_lowest, true},
    {"compare_at_price_varies", product_compare_varies, true},
    {"variants", product_variants_value, true},
    {"images", product_images, true},
    {"featured_image", product_featured_image, true},
    {"options", product_options, true},
    {"url", product_url_value, true},
    {"content", product_description, false},
    {"category", product_category, false},
    {"variants_count", product_variants_count, false},
    {"has_only_default_variant", product_only_default, false},
    {"selected_variant", product_selected_variant, false},
    {"first_available_variant", product_first_available, false},
    {"selected_or_first_available_variant", product_selected_or_first, false},
    {"media", product_media, false},
    {"featured_media", product_featured_media, false},
    {"options_with_values", product_options, false},
    {"options_by_name", product_options_by_name, false},
    {"collections", product_collections, false},
    {"template_suffix", product_suffix, false},
    {"gift_card?", product_gift_card, false},
    {"metafields", product_metafields, false},
    {"related", product_related, false},
    {"requires_selling_plan", member_no, false},
    {"selling_plan_groups", product_none, false},
    {"quantity_price_breaks_configured?", member_no, false},
};
OBJECT(product, "ProductDrop", PRODUCT)

static const LiquidDropType *product_drop(void)
{
    return &product_type;
}

/* --- getting them
 * ------------------------------------------------------------------------------------ */

ProductObject *object_to_product(LiquidValue value)
{
    return value.type == LIQUID_DROP && value.drop->type == &product_type
               ? (ProductObject *)(uintptr_t)value.drop->self
               : NULL;
}

VariantObject *object_to_variant(LiquidValue value)
{
    return value.type == LIQUID_DROP && value.drop->type == &variant_type
               ? (VariantObject *)(uintptr_t)value.drop->self
               : NULL;
}

static Str key_of(int64_t id, char room[static 8])
{
    memcpy(room, &id, 8);
    return (Str){room, 8};
}

static ProductObject *keep(Visit *v, const PublishedProduct *p)
{
    char           room[8];
    ProductObject *o = arena_new(visit_arena(v), ProductObject);
    *o = (ProductObject){.p = p, .within = STR("")};
    if (p->product.id == v->current_product)
        o->selected = v->variant;
    map_put(&v->products, str_dup(visit_arena(v), key_of(p->product.id, room)), NULL)->p = o;
    return o;
}

static bool is_shown(Visit *v, int64_t id)
{
    const PublishedHead *head = published_head(v->view, id);
    visit_note(v, PUBLISHED_PRODUCT, id);
    return head != NULL && published_product_shown(head, v->cx->now);
}

ProductObject *product_object(Visit *v, int64_t id)
{
    char                    room[8];
    const MapValue         *known = map_get(&v->products, key_of(id, room));
    const PublishedProduct *p;
    visit_reads_page(v);
    if (known != NULL)
        return known->p;
    if (!is_shown(v, id) || published_product(v->cx, v->view, id, &p) != ST_OK)
        return NULL;
    return keep(v, p);
}

LiquidValue object_product(Visit *v, int64_t id)
{
    ProductObject *o = product_object(v, id);
    return o != NULL ? liquid_drop(visit_arena(v), &product_type, o) : liquid_nil();
}

LiquidValue object_product_by_handle(Visit *v, Str handle)
{
    const PublishedHead *head = published_head_by_handle(v->view, handle);
    if (head == NULL) {
        visit_note_all(v);
        return liquid_nil();
    }
    return object_product(v, head->id);
}

LiquidValue object_products(Visit *v, const int64_t *ids, size_t n, size_t max)
{
    size_t                   wanted = n < max ? n : max, found = 0, made = 0;
    int64_t                 *shown = arena_array(visit_arena(v), int64_t, wanted + 1);
    const PublishedProduct **all =
        arena_array(visit_arena(v), const PublishedProduct *, wanted + 1);
    LiquidValue *items = arena_array(visit_arena(v), LiquidValue, wanted + 1);
    visit_reads_page(v);
    for (size_t i = 0; i < n && found < wanted; i++)
        if (is_shown(v, ids[i]))
            shown[found++] = ids[i];
    if (found > 0 && published_products(v->cx, v->view, shown, found, all) != ST_OK)
        return object_list(v, NULL, 0);
    for (size_t i = 0; i < found; i++) {
        char            room[8];
        const MapValue *known = map_get(&v->products, key_of(shown[i], room));
        ProductObject  *o = known != NULL ? known->p : all[i] != NULL ? keep(v, all[i]) : NULL;
        if (o != NULL)
            items[made++] = liquid_drop(visit_arena(v), &product_type, o);
    }
    return object_list(v, items, made);
}
