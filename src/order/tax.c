/* Tax zones with their rates, and tax classes, as staff write them. */
#include "order/tax.h"

#include <string.h>

#include "base/id.h"
#include "catalog/product.h"
#include "order/tax_int.h"
#include "people/country.h"

/* --- lists in a text ---------------------------------------------------------------------- */

/* Regions and postals are kept as JSON: {"regions": [...]}. */
static Str list_json(Cx *cx, const TaxZone *z, const char *name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256 << 10);
    Json  j = json_begin(&b);
    bool *wanted = arena_array(cx->arena, bool, tax_zone_shape.n);
    for (size_t i = 0; i < tax_zone_shape.n; i++)
        wanted[i] = strcmp(tax_zone_shape.fields[i].name, name) == 0;
    shape_write_some(&j, &tax_zone_shape, z, wanted);
    return str_dup(cx->arena, buf_str(&b));
}

static Status read_list(Cx *cx, Str json, TaxZone *z)
{
    Issues issues = {.arena = cx->arena};
    return shape_read(&tax_zone_shape, SHAPE_PATCH, json, cx->arena, z, &issues, &cx->err);
}

/* --- rows --------------------------------------------------------------------------------- */

static Status zone_from_row(Cx *cx, const OrderTaxZoneRow *r, TaxZone *ret)
{
    TaxZone z = {0};
    TRY(read_list(cx, r->regions, &z));
    TRY(read_list(cx, r->postals, &z));
    z.given = 0;
    z.id = r->id;
    z.title = r->title;
    z.country = r->country;
    z.adds = r->adds;
    z.active = r->active;
    z.rev = r->rev;
    z.created_at = r->created_ms;
    z.updated_at = r->updated_ms;
    *ret = z;
    return ST_OK;
}

static OrderTaxZoneRow zone_to_row(Cx *cx, const TaxZone *z, bool shipped)
{
    return (OrderTaxZoneRow){
        .id = z->id,
        .title = z->title,
        .country = z->country,
        .regions = list_json(cx, z, "regions"),
        .postals = list_json(cx, z, "postals"),
        .adds = z->adds,
        .active = z->active,
        .shipped = shipped,
        .rev = z->rev,
        .created_ms = z->created_at,
        .updated_ms = z->updated_at,
    };
}

static TaxRate rate_from_row(const OrderTaxRateRow *r)
{
    return (TaxRate){
        .id = r->id,
        .tax_class = r->tax_class,
        .name = r->name,
        .rate_ppm = r->rate_ppm,
        .compound = r->compound,
        .starts_at = r->starts_ms,
        .ends_at = r->ends_ms,
        .shipped = r->shipped,
    };
}

Status tax_rate_write(Cx *cx, int64_t zone_id, size_t position, const TaxRate *rate)
{
    const OrderTaxRateRow row = {
        .id = rate->id,
        .zone_id = zone_id,
        .position = (int64_t)position,
        .tax_class = rate->tax_class,
        .name = rate->name,
        .rate_ppm = rate->rate_ppm,
        .compound = rate->compound,
        .starts_ms = rate->starts_at,
        .ends_ms = rate->ends_at,
        .shipped = rate->shipped,
    };
    return order_sql_tax_rate_put(cx, &row, NULL);
}

/* --- reading ------------------------------------------------------------------------------ */

Status tax_zones(Cx *cx, TaxZones *ret)
{
    OrderTaxZoneRowList zones;
    OrderTaxRateRowList rates;
    TRY(order_sql_tax_zones(cx, TAX_ZONES_MAX, &zones));
    TRY(order_sql_tax_rates(cx, (int64_t)TAX_ZONES_MAX * TAX_RATES_MAX, &rates));
    *ret = (TaxZones){arena_array(cx->arena, TaxZone, zones.n + 1), zones.n};
    TaxRate *all = arena_array(cx->arena, TaxRate, rates.n + 1);
    for (size_t i = 0; i < rates.n; i++)
        all[i] = rate_from_row(&rates.items[i]);
    for (size_t i = 0; i < zones.n; i++) {
        TaxZone *z = &ret->items[i];
        size_t   low = 0, high = rates.n; /* rates are by zone */
        TRY(zone_from_row(cx, &zones.items[i], z));
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (rates.items[mid].zone_id < z->id)
                low = mid + 1;
            else
                high = mid;
        }
        z->rates.items = &all[low];
        while (low < rates.n && rates.items[low].zone_id == z->id)
            low++;
        z->rates.n = (size_t)(&all[low] - z->rates.items);
    }
    return ST_OK;
}

Status tax_zone_get(Cx *cx, int64_t id, TaxZone *ret)
{
    OrderTaxZoneRow     row;
    OrderTaxRateRowList rates;
    TRY(order_sql_tax_zone_get(cx, id, &row));
    TRY(zone_from_row(cx, &row, ret));
    TRY(order_sql_tax_rates_of(cx, id, TAX_RATES_MAX, &rates));
    ret->rates.items = arena_array(cx->arena, TaxRate, rates.n + 1);
    ret->rates.n = rates.n;
    for (size_t i = 0; i < rates.n; i++)
        ret->rates.items[i] = rate_from_row(&rates.items[i]);
    return ST_OK;
}

/* --- is it sound? ------------------------------------------------------------------------- */

static void check_postals(Cx *cx, const TaxZone *z)
{
    char pointer[64];
    for (size_t i = 0; i < z->postals.n; i++) {
        const TaxPostal *p = &z->postals.items[i];
        if (p->to.len > 0 && (p->to.len != p->from.len || str_cmp(p->to, p->from) < 0)) {
            snprintf(pointer, sizeof pointer, "/postals/%zu/to", i);
            issue_add(&cx->issues, str_from_cstr(pointer), "out_of_range",
                      "is not as long as `from`, or comes before it");
        }
    }
}

static void check_rates(Cx *cx, const TaxZone *z)
{
    char   pointer[64];
    size_t compound = 0;
    for (size_t i = 0; i < z->rates.n; i++) {
        const TaxRate *r = &z->rates.items[i];
        snprintf(pointer, sizeof pointer, "/rates/%zu", i);
        compound += r->compound;
        if (r->name.len == 0 || r->tax_class.len == 0)
            issue_add(&cx->issues, str_from_cstr(pointer), "required", "lacks a name or class");
        if (str_eq(r->tax_class, STR("exempt")))
            issue_add(&cx->issues, str_from_cstr(pointer), "not_one_of",
                      "what is exempt has no rate");
        if (r->starts_at.has && r->ends_at.has && r->ends_at.v.v <= r->starts_at.v.v)
            issue_add(&cx->issues, str_from_cstr(pointer), "out_of_range", "ends before it starts");
    }
    if (compound > 2)
        issue_add(&cx->issues, STR("/rates"), "too_many", "at most two rates can be compound");
}

static void check(Cx *cx, const TaxZone *z)
{
    if (z->country.len > 0 && !country_find(z->country))
        issue_add(&cx->issues, STR("/country"), "not_found", "is no country of ISO 3166-1");
    if (z->country.len == 0 && z->regions.n + z->postals.n > 0)
        issue_add(&cx->issues, STR("/country"), "required", "is missing, with regions or codes");
    check_postals(cx, z);
    check_rates(cx, z);
}

/* --- writing ------------------------------------------------------------------------------ */

typedef struct Change {
    int64_t id, rev;
    TaxZone in, out;
} Change;

static const TaxRate *rate_by_id(const TaxZone *z, int64_t id)
{
    for (size_t i = 0; id != 0 && i < z->rates.n; i++)
        if (z->rates.items[i].id == id)
            return &z->rates.items[i];
    return NULL;
}

static bool same_rate(const TaxRate *x, const TaxRate *y)
{
    return str_eq(x->tax_class, y->tax_class) && str_eq(x->name, y->name) &&
           x->rate_ppm == y->rate_ppm && x->compound == y->compound &&
           x->starts_at.has == y->starts_at.has && x->starts_at.v.v == y->starts_at.v.v &&
           x->ends_at.has == y->ends_at.has && x->ends_at.v.v == y->ends_at.v.v;
}

/* Rates are recognised by their id; what staff change is no longer as shipped. */
static void settle_rates(Cx *cx, const TaxZone *was, TaxZone *z)
{
    TaxRate *all = arena_array(cx->arena, TaxRate, z->rates.n + 1);
    for (size_t i = 0; i < z->rates.n; i++) {
        const TaxRate *old = rate_by_id(was, z->rates.items[i].id);
        all[i] = z->rates.items[i];
        for (size_t j = 0; j < i; j++)
            if (old && all[j].id == old->id)
                old = NULL;
        if (old)
            catalog_keep(&tax_rate_shape, &all[i], old);
        all[i].id = old ? old->id : id_new();
        all[i].shipped = old && old->shipped && same_rate(old, &all[i]);
    }
    z->rates.items = all;
}

static Status write_rates(Cx *cx, const TaxZone *was, const TaxZone *z)
{
    for (size_t i = 0; i < was->rates.n; i++)
        if (!rate_by_id(z, was->rates.items[i].id))
            TRY(order_sql_tax_rate_drop(cx, was->rates.items[i].id, NULL));
    for (size_t i = 0; i < z->rates.n; i++)
        TRY(tax_rate_write(cx, z->id, i, &z->rates.items[i]));
    return ST_OK;
}

static Status save_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TaxZone was = {.active = true}, *z = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(tax_zone_get(cx, job->id, &was));
        TRY(pricing_check_rev(cx, job->rev, was.rev));
    }
    *z = job->in;
    catalog_keep(&tax_zone_shape, z, &was);
    z->id = job->id ? job->id : id_new();
    settle_rates(cx, &was, z);
    check(cx, z);
    TRY(cx_check_issues(cx));
    z->title = z->title.len ? z->title : z->country.len ? z->country : STR("*");
    z->rev = was.rev + 1;
    z->created_at = job->id ? was.created_at : cx->now;
    z->updated_at = cx->now;
    OrderTaxZoneRow row = zone_to_row(cx, z, false);
    TRY(job->id ? order_sql_tax_zone_set(cx, &row, NULL) : order_sql_tax_zone_add(cx, &row, NULL));
    TRY(write_rates(cx, &was, z));
    TRY(pricing_tell(cx, "tax"));
    return audit_add(cx, "order.tax_zone", z->id, job->id ? "update" : "create", &tax_zone_shape,
                     job->id ? &was : NULL, z);
}

Status tax_zone_create(Cx *cx, TaxZone *z)
{
    Change job = {.in = *z};
    TRY(cx_in_tx(cx, save_tx, &job));
    *z = job.out;
    return ST_OK;
}

Status tax_zone_update(Cx *cx, int64_t id, int64_t rev, TaxZone *z)
{
    Change job = {.id = id, .rev = rev, .in = *z};
    TRY(cx_in_tx(cx, save_tx, &job));
    *z = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    const Change *job = arg;
    TaxZone       was;
    TRY(tax_zone_get(cx, job->id, &was));
    TRY(pricing_check_rev(cx, job->rev, was.rev));
    TRY(order_sql_tax_zone_drop(cx, job->id, NULL));
    TRY(pricing_tell(cx, "tax"));
    return audit_add(cx, "order.tax_zone", job->id, "delete", &tax_zone_shape, &was, NULL);
}

Status tax_zone_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return cx_in_tx(cx, delete_tx, &job);
}

/* The shipped table adds zones of its own, within its transaction. */
Status tax_zone_add_shipped(Cx *cx, TaxZone *z)
{
    z->id = id_new();
    z->rev = 1;
    z->active = true;
    z->created_at = z->updated_at = cx->now;
    OrderTaxZoneRow row = zone_to_row(cx, z, true);
    return order_sql_tax_zone_add(cx, &row, NULL);
}

/* --- classes ------------------------------------------------------------------------------ */

static TaxClass class_from_row(const OrderTaxClassRow *r)
{
    return (TaxClass){.id = r->id, .handle = r->handle, .title = r->title, .base = r->base};
}

Status tax_classes(Cx *cx, TaxClasses *ret)
{
    OrderTaxClassRowList rows;
    TRY(order_sql_tax_classes(cx, TAX_ZONES_MAX, &rows));
    *ret = (TaxClasses){arena_array(cx->arena, TaxClass, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = class_from_row(&rows.items[i]);
    return ST_OK;
}

Status tax_class_get(Cx *cx, int64_t id, TaxClass *ret)
{
    OrderTaxClassRow row;
    TRY(order_sql_tax_class_get(cx, id, &row));
    *ret = class_from_row(&row);
    return ST_OK;
}

static bool is_built_in(Str handle)
{
    return str_eq(handle, STR("standard")) || str_eq(handle, STR("zero")) ||
           str_eq(handle, STR("exempt"));
}

typedef struct ClassChange {
    int64_t  id;
    TaxClass in, out;
} ClassChange;

/* A class is based on another one that there is, and not on itself by any way. */
static Status check_base(Cx *cx, const TaxClass *c)
{
    TaxClasses all;
    Str        base = c->base;
    TRY(tax_classes(cx, &all));
    for (int depth = 0; base.len > 0; depth++) {
        const TaxClass *found = NULL;
        for (size_t i = 0; i < all.n; i++)
            if (str_eq(all.items[i].handle, base))
                found = &all.items[i];
        if (!found || str_eq(base, c->handle) || depth > 3) {
            issue_add(&cx->issues, STR("/base"), found ? "not_one_of" : "not_found",
                      found ? "leads back to this class, or too far" : "there is no such class");
            return ST_OK;
        }
        base = found->base;
    }
    return ST_OK;
}

static Status class_tx(Cx *cx, void *arg)
{
    ClassChange *job = arg;
    TaxClass     was = {.base = STR("")}, *c = &job->out;
    int64_t      n = 1;
    cx->issues.n = cx->issues.total = 0;
    if (job->id)
        TRY(tax_class_get(cx, job->id, &was));
    *c = job->in;
    catalog_keep(&tax_class_shape, c, &was);
    if (job->id && !str_eq(c->handle, was.handle))
        issue_add(&cx->issues, STR("/handle"), "read_only", "stays: products name it");
    c->base = c->base.ptr ? c->base : STR("");
    TRY(check_base(cx, c));
    TRY(cx_check_issues(cx));
    c->id = job->id ? job->id : id_new();
    c->title = c->title.len ? c->title : c->handle;
    TRY(job->id ? order_sql_tax_class_set(cx, c->id, c->title, c->base, &n)
                : order_sql_tax_class_add(cx, c->id, c->handle, c->title, c->base, &n));
    if (n == 0)
        return cx_fail(cx, ST_CONFLICT, "order.tax_class_taken", "there is such a class already");
    TRY(pricing_tell(cx, "tax"));
    return audit_add(cx, "order.tax_class", c->id, job->id ? "update" : "create", &tax_class_shape,
                     job->id ? &was : NULL, c);
}

Status tax_class_create(Cx *cx, TaxClass *c)
{
    ClassChange job = {.in = *c};
    TRY(cx_in_tx(cx, class_tx, &job));
    *c = job.out;
    return ST_OK;
}

Status tax_class_update(Cx *cx, int64_t id, TaxClass *c)
{
    ClassChange job = {.id = id, .in = *c};
    TRY(cx_in_tx(cx, class_tx, &job));
    *c = job.out;
    return ST_OK;
}

static Status class_delete_tx(Cx *cx, void *arg)
{
    const int64_t *id = arg;
    TaxClass       was;
    bool           used;
    int64_t        zone;
    TRY(tax_class_get(cx, *id, &was));
    TRY(order_sql_tax_class_used(cx, was.handle, &used, &zone));
    if (used || is_built_in(was.handle))
        return cx_fail(cx, ST_CONFLICT, "order.tax_class_in_use",
                       used ? "zones have rates of this class" : "this class stays");
    TRY(order_sql_tax_class_drop(cx, *id, NULL));
    TRY(pricing_tell(cx, "tax"));
    return audit_add(cx, "order.tax_class", *id, "delete", &tax_class_shape, &was, NULL);
}

Status tax_class_delete(Cx *cx, int64_t id)
{
    return cx_in_tx(cx, class_delete_tx, &id);
}
