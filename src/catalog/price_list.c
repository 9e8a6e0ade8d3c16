/* Price lists, and writing prices of one list for many variants. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/sort.h"
#include "catalog/catalog_int.h"
#include "catalog/events.h"
#include "text/text.h"

#define L &catalog_price_list_shape, CatalogPriceList

const char *const catalog_list_kind_names[] = {"base", "sale", "override", "contract", NULL};

static const ShapeField LIST[] = {
    SHAPE_ID(CatalogPriceList, id, CATALOG_PRICE_LIST_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(CatalogPriceList, handle, .max = 255, .flags = SHAPE_LINE,
               .doc = "Made from the title when absent."),
    SHAPE_TEXT(CatalogPriceList, title, .min = 1, .max = 255, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_ENUM(CatalogPriceList, kind, catalog_list_kind_names, .flags = SHAPE_REQUIRED),
    SHAPE_TEXT(CatalogPriceList, currency, .max = 3, .flags = SHAPE_LINE,
               .doc = "Of all its prices; empty: any.", .example = "\"EUR\""),
    SHAPE_INT(CatalogPriceList, priority, .min = -1000000, .max = 1000000,
              .doc = "Of lists of one kind the highest goes first."),
    SHAPE_BOOL(CatalogPriceList, active),
    SHAPE_JSON(CatalogPriceList, conditions, .max = 16384, .flags = SHAPE_NULLABLE,
               .doc = "A condition on the buyer; null: everybody.",
               .example = "{\"groups\":{\"$in\":[\"wholesale\"]}}"),
    SHAPE_TIME(CatalogPriceList, starts_at),
    SHAPE_TIME(CatalogPriceList, ends_at),
    SHAPE_INT(CatalogPriceList, rev, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogPriceList, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(CatalogPriceList, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape catalog_price_list_shape =
    SHAPE_OF_PATCH(CatalogPriceList, "PriceList", LIST, .doc = "A list of prices.");

static const ShapeField LIST_PRICE[] = {
    SHAPE_ID(CatalogListPrice, id, CATALOG_PRICE_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(CatalogListPrice, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_ID(CatalogListPrice, product_id, CATALOG_PRODUCT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_MONEY(CatalogListPrice, price, .flags = SHAPE_REQUIRED),
    SHAPE_MONEY(CatalogListPrice, compare_at, .flags = SHAPE_NULLABLE),
    SHAPE_INT(CatalogListPrice, min_qty, .min = 0, .max = 1000000, .doc = "1 when absent."),
    SHAPE_TIME(CatalogListPrice, starts_at),
    SHAPE_TIME(CatalogListPrice, ends_at),
};
const Shape catalog_list_price_shape =
    SHAPE_OF(CatalogListPrice, "ListPrice", LIST_PRICE, .doc = "A variant's price in one list.");

/* --- rows --------------------------------------------------------------------------------- */

static CatalogPriceList from_row(const CatalogPriceListRow *r)
{
    return (CatalogPriceList){
        .id = r->id,
        .handle = r->handle,
        .title = r->title,
        .kind = r->kind,
        .currency = r->currency,
        .priority = r->priority,
        .active = r->active,
        .conditions = r->conditions.len ? r->conditions : (Str){0},
        .starts_at = r->starts_ms,
        .ends_at = r->ends_ms,
        .rev = r->rev,
        .created_at = r->created_ms,
        .updated_at = r->updated_ms,
    };
}

static CatalogPriceListRow to_row(const CatalogPriceList *l)
{
    return (CatalogPriceListRow){
        .id = l->id,
        .handle = l->handle,
        .title = l->title,
        .kind = l->kind,
        .currency = l->currency,
        .priority = l->priority,
        .active = l->active,
        .conditions = l->conditions,
        .starts_ms = l->starts_at,
        .ends_ms = l->ends_at,
        .rev = l->rev,
        .created_ms = l->created_at,
        .updated_ms = l->updated_at,
    };
}

Status catalog_price_list_get(Cx *cx, int64_t id, CatalogPriceList *ret)
{
    CatalogPriceListRow row;
    TRY(catalog_sql_price_list_get(cx, id, &row));
    *ret = from_row(&row);
    return ST_OK;
}

Status catalog_price_lists(Cx *cx, CatalogPriceLists *ret)
{
    CatalogPriceListRowList rows;
    TRY(catalog_sql_price_lists(cx, &rows));
    *ret = (CatalogPriceLists){arena_array(cx->arena, CatalogPriceList, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = from_row(&rows.items[i]);
    return ST_OK;
}

/* --- writing a list ----------------------------------------------------------------------- */

static Status owner(Cx *cx, Str handle, int64_t scope, bool *ret_found, int64_t *ret_id)
{
    (void)scope;
    return catalog_sql_price_list_by_handle(cx, handle, ret_found, ret_id);
}

static void check(Cx *cx, const CatalogPriceList *l, const CatalogPriceList *was)
{
    const Condition *c;
    Err              err;
    if (l->currency.len > 0 && !currency_find(l->currency))
        issue_add(&cx->issues, STR("/currency"), "unknown_currency", "is not an ISO 4217 currency");
    if (l->starts_at.has && l->ends_at.has && l->ends_at.v.v <= l->starts_at.v.v)
        issue_add(&cx->issues, STR("/ends_at"), "out_of_range", "is not after starts_at");
    if ((l->kind == CATALOG_LIST_BASE) != (l->id == CATALOG_BASE_LIST))
        issue_add(&cx->issues, STR("/kind"), "not_one_of", "there is one base list, and it stays");
    if (l->conditions.len > 0 &&
        condition_compile_text(cx->arena, l->conditions, COND_STRICT, &c, &err) != ST_OK)
        issue_add(&cx->issues, STR("/conditions"), "bad_format", "%s", err.msg);
    if (l->id == CATALOG_BASE_LIST && (!l->active || l->conditions.len > 0 || l->currency.len > 0 ||
                                       l->starts_at.has || l->ends_at.has))
        issue_add(&cx->issues, STR(""), "read_only", "the base list holds for everybody, always");
    if (was->id && l->currency.len > 0 && !str_eq(l->currency, was->currency))
        issue_add(&cx->issues, STR("/currency"), "read_only", "stays once it is there");
}

typedef struct Change {
    int64_t          id, rev;
    CatalogPriceList in, out;
} Change;

static Status save_tx(Cx *cx, void *arg)
{
    Change          *job = arg;
    CatalogPriceList was = {.kind = CATALOG_LIST_SALE, .active = true}, *l = &job->out;
    cx->issues.n = cx->issues.total = 0;
    if (job->id) {
        TRY(catalog_price_list_get(cx, job->id, &was));
        TRY(rev_check(cx, job->rev, was.rev));
    }
    *l = job->in;
    bool explicit = GIVEN(L, l, handle) && l->handle.len > 0;
    catalog_keep(&catalog_price_list_shape, l, &was);
    l->id = job->id ? job->id : id_new();
    if (l->title.len == 0)
        issue_add(&cx->issues, STR("/title"), "required", "is missing");
    check(cx, l, &was);
    TRY(cx_check_issues(cx));
    if (l->handle.len == 0)
        l->handle = text_handle(cx->arena, l->title, STR(""));
    TRY(handle_settle(cx, owner, 0, l->id, explicit, "prices", &l->handle));
    l->rev = was.rev + 1;
    l->created_at = job->id ? was.created_at : cx->now;
    l->updated_at = cx->now;
    CatalogPriceListRow row = to_row(l);
    TRY(job->id ? catalog_sql_price_list_update(cx, &row, NULL)
                : catalog_sql_price_list_insert(cx, &row, NULL));
    TRY(catalog_tell_content(cx, "price_list", l->id, false));
    return audit_change(cx, "catalog.price_list", l->id, &catalog_price_list_shape,
                        job->id ? &was : NULL, l);
}

Status catalog_price_list_create(Cx *cx, CatalogPriceList *l)
{
    Change job = {.in = *l};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *l = job.out;
    return ST_OK;
}

Status catalog_price_list_update(Cx *cx, int64_t id, int64_t rev, CatalogPriceList *l)
{
    Change job = {.id = id, .rev = rev, .in = *l};
    TRY(catalog_in_tx(cx, save_tx, &job));
    *l = job.out;
    return ST_OK;
}

static Status delete_tx(Cx *cx, void *arg)
{
    Change *job = arg;
    TRY(catalog_price_list_get(cx, job->id, &job->out));
    TRY(rev_check(cx, job->rev, job->out.rev));
    if (job->id == CATALOG_BASE_LIST)
        return cx_fail(cx, ST_CONFLICT, "catalog.base_list", "the base list stays");
    TRY(catalog_sql_price_list_delete(cx, job->id, NULL));
    TRY(catalog_tell_content(cx, "price_list", job->id, true));
    return audit_change(cx, "catalog.price_list", job->id, &catalog_price_list_shape, &job->out,
                        NULL);
}

Status catalog_price_list_delete(Cx *cx, int64_t id, int64_t rev)
{
    Change job = {.id = id, .rev = rev};
    return catalog_in_tx(cx, delete_tx, &job);
}

/* --- prices of a product name lists ------------------------------------------------------- */

static void check_list(Cx *cx, const CatalogPriceLists *lists, size_t i, size_t j,
                       const CatalogPrice *p)
{
    char at[64];
    for (size_t k = 0; k < lists->n; k++)
        if (lists->items[k].id == p->list_id) {
            Str currency = lists->items[k].currency;
            snprintf(at, sizeof at, "prices/%zu/price/currency", j);
            if (currency.len > 0 && !str_eq(currency, str_from_cstr(p->price.cur)))
                issue_at(cx, "variants", i, at, "other_currency", "the price list is in " STR_FMT,
                         STR_ARG(currency));
            return;
        }
    snprintf(at, sizeof at, "prices/%zu/list_id", j);
    issue_at(cx, "variants", i, at, "not_found", "there is no such price list");
}

/* The lists are only asked for when a price names another than the base list. */
Status price_lists_check(Edit *e)
{
    CatalogPriceLists lists;
    bool              loaded = false;
    for (size_t i = 0; i < e->after->variants.n; i++) {
        const CatalogVariant *v = &e->after->variants.items[i];
        for (size_t j = 0; j < v->prices.n; j++) {
            if (v->prices.items[j].list_id == CATALOG_BASE_LIST)
                continue;
            if (!loaded)
                TRY(catalog_price_lists(e->cx, &lists));
            loaded = true;
            check_list(e->cx, &lists, i, j, &v->prices.items[j]);
        }
    }
    return ST_OK;
}

/* --- many prices of one list
 * ---------------------------------------------------------------------- */

Status catalog_list_prices_get(Cx *cx, int64_t list_id, int64_t after, int64_t max,
                               CatalogListPrices *ret)
{
    CatalogPriceRowList rows;
    TRY(catalog_sql_prices_of_list(cx, list_id, after, max, &rows));
    *ret = (CatalogListPrices){arena_array(cx->arena, CatalogListPrice, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const CatalogPriceRow *r = &rows.items[i];
        CatalogPrice           p;
        price_from_row(r, &p);
        ret->items[i] = (CatalogListPrice){
            .id = p.id,
            .variant_id = r->variant_id,
            .product_id = r->product_id,
            .price = p.price,
            .compare_at = p.compare_at,
            .min_qty = p.min_qty,
            .starts_at = p.starts_at,
            .ends_at = p.ends_at,
        };
    }
    return ST_OK;
}

typedef struct PutJob {
    int64_t           list;
    CatalogListPrices in;
} PutJob;

static CatalogPrice given_price(const CatalogListPrice *in, int64_t list)
{
    return (CatalogPrice){
        .given = UINT64_MAX,
        .list_id = list,
        .price = in->price,
        .compare_at = in->compare_at,
        .min_qty = in->min_qty ? in->min_qty : 1,
        .starts_at = in->starts_at,
        .ends_at = in->ends_at,
    };
}

/* Put it among the variant's prices, in place of the one that it replaces. */
static void place(Cx *cx, CatalogVariant *v, CatalogPrice p)
{
    for (size_t i = 0; i < v->prices.n; i++)
        if (price_same_place(&v->prices.items[i], &p)) {
            p.id = v->prices.items[i].id;
            p.since = v->prices.items[i].since;
            v->prices.items[i] = p;
            return;
        }
    p.id = id_new();
    CatalogPrice *more = arena_array(cx->arena, CatalogPrice, v->prices.n + 1);
    if (v->prices.n)
        memcpy(more, v->prices.items, v->prices.n * sizeof *more);
    more[v->prices.n] = p;
    v->prices = (CatalogPrices){more, v->prices.n + 1};
}

static int by_product(const void *x, const void *y)
{
    int64_t p = ((const CatalogVariant *)x)->product_id,
            q = ((const CatalogVariant *)y)->product_id;
    return p < q ? -1 : p > q;
}

static CatalogPrices prices_dup(Arena *a, CatalogPrices prices)
{
    CatalogPrice *copy = arena_array(a, CatalogPrice, prices.n + 1);
    if (prices.n)
        memcpy(copy, prices.items, prices.n * sizeof *copy);
    return (CatalogPrices){copy, prices.n};
}

/* Issues say which of the request's prices they are about, not which variant. */
static Status put_tx(Cx *cx, void *arg)
{
    PutJob          *job = arg;
    CatalogPriceList list;
    CatalogVariants  before;
    cx->issues.n = cx->issues.total = 0;
    TRY(catalog_price_list_get(cx, job->list, &list));
    Ids ids = ids_new(cx->arena, job->in.n);
    for (size_t i = 0; i < job->in.n; i++)
        ids_add(&ids, job->in.items[i].variant_id);
    TRY(variants_load(cx, ids.items, ids.n, &before));
    array_sort(before.items, before.n, sizeof *before.items, by_product);
    CatalogVariants after = {arena_array(cx->arena, CatalogVariant, before.n + 1), before.n};
    IdIndex         index;
    id_index_init(&index, cx->arena, before.n);
    for (size_t i = 0; i < before.n; i++) {
        after.items[i] = before.items[i];
        after.items[i].given = 0;
        after.items[i].prices = prices_dup(cx->arena, before.items[i].prices);
        id_index_add(&index, after.items[i].id, &after.items[i]);
    }
    for (size_t i = 0; i < job->in.n; i++) {
        CatalogVariant *v = id_index_find(&index, job->in.items[i].variant_id);
        CatalogPrice    p = given_price(&job->in.items[i], job->list);
        if (!v)
            issue_at(cx, "prices", i, "variant_id", "not_found", "there is no such variant");
        if (list.currency.len > 0 && !str_eq(list.currency, str_from_cstr(p.price.cur)))
            issue_at(cx, "prices", i, "price/currency", "other_currency",
                     "the price list is in " STR_FMT, STR_ARG(list.currency));
        price_check(cx, "prices", i, "", &p);
        if (v)
            place(cx, v, p);
    }
    TRY(cx_check_issues(cx));
    return variants_reprice(cx, before, after);
}

Status catalog_list_prices_put(Cx *cx, int64_t list_id, CatalogListPrices prices)
{
    PutJob job = {.list = list_id, .in = prices};
    if (prices.n > CATALOG_PRICES_PUT_MAX)
        return cx_fail(cx, ST_LIMIT, "catalog.too_many", "at most %d prices at once",
                       CATALOG_PRICES_PUT_MAX);
    return catalog_in_tx(cx, put_tx, &job);
}

static Status price_delete_tx(Cx *cx, void *arg)
{
    const Change   *job = arg;
    bool            found;
    CatalogPriceRow row = {0};
    CatalogVariants before;
    TRY(catalog_sql_price_get(cx, job->id, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_price", "there is no such price");
    TRY(variants_load(cx, &row.variant_id, 1, &before));
    CatalogVariant  v = before.items[0];
    CatalogVariants after = {&v, 1};
    v.given = 0;
    v.prices = (CatalogPrices){arena_array(cx->arena, CatalogPrice, v.prices.n), 0};
    for (size_t i = 0; i < before.items[0].prices.n; i++)
        if (before.items[0].prices.items[i].id != job->id)
            v.prices.items[v.prices.n++] = before.items[0].prices.items[i];
    return variants_reprice(cx, before, after);
}

Status catalog_list_price_delete(Cx *cx, int64_t id)
{
    Change job = {.id = id};
    return catalog_in_tx(cx, price_delete_tx, &job);
}
