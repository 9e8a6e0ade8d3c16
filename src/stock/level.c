/* Levels for staff: lists, bulk changes, what is said of a variant. */
#include "core/event.h"
#include "stock/stand.h"

#include <stdio.h>
#include <string.h>

enum { SKUS_MAX = 2 * STOCK_LINES_MAX };

/* --- shapes ------------------------------------------------------------------------------- */

static const ShapeField ROW[] = {
    SHAPE_ID(StockRow, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(StockRow, location_id, STOCK_LOCATION_ID),
    SHAPE_ID(StockRow, product_id, CATALOG_PRODUCT_ID),
    SHAPE_TEXT(StockRow, sku),
    SHAPE_TEXT(StockRow, title, .doc = "Of the product."),
    SHAPE_INT(StockRow, on_hand, .doc = "Pieces that are there."),
    SHAPE_INT(StockRow, allocated, .doc = "Of these, promised to orders."),
    SHAPE_INT(StockRow, reserved, .doc = "Of these, held for carts that check out."),
    SHAPE_INT(StockRow, safety, .doc = "Of these, kept back."),
    SHAPE_INT(StockRow, available, .doc = "What is left to be sold."),
    SHAPE_TIME(StockRow, changed_at),
};
const Shape stock_row_shape =
    SHAPE_OF(StockRow, "StockLevel", ROW, .doc = "A variant at a location.");

#define QTY(member, min_, doc_)                                                                    \
    SHAPE_INT(StockSet, member, .min = (min_), .max = STOCK_QTY_MAX, .doc = (doc_))
static const ShapeField SET[] = {
    SHAPE_ID(StockSet, variant_id, CATALOG_VARIANT_ID),
    SHAPE_TEXT(StockSet, sku, .max = 255, .flags = SHAPE_LINE, .doc = "Instead of variant_id."),
    SHAPE_ID(StockSet, location_id, STOCK_LOCATION_ID, .doc = "Absent: the default location."),
    QTY(on_hand, 0, "Counted: so many are there."),
    QTY(available, -STOCK_QTY_MAX, "So many shall be available there."),
    QTY(adjust, -STOCK_QTY_MAX, "So many more, or fewer."),
    QTY(received, 0, "So many came in."),
    QTY(safety, 0, "Keep so many back."),
    SHAPE_TEXT(StockSet, reason, .max = 200, .flags = SHAPE_LINE),
};
const Shape stock_set_shape =
    SHAPE_OF(StockSet, "StockSet", SET, .doc = "One number of a variant at a location.");

static const ShapeField ITEM[] = {
    SHAPE_ID(StockItem, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(StockItem, low_at, .min = 0, .max = STOCK_QTY_MAX,
              .doc = "stock.low is told when so many are left; null: as the setting says."),
    SHAPE_INT(StockItem, oversell_max, .min = 0, .max = STOCK_QTY_MAX,
              .doc = "Back-orders and pre-orders taken at most; null: any number."),
    SHAPE_TIME(StockItem, expected_at, .doc = "When more comes."),
};
const Shape stock_item_shape =
    SHAPE_OF(StockItem, "StockItem", ITEM, .doc = "What is said of a variant's stock.");

static const ShapeField MOVEMENT[] = {
    SHAPE_ID(StockMovement, id, STOCK_MOVEMENT_ID),
    SHAPE_ID(StockMovement, variant_id, CATALOG_VARIANT_ID),
    SHAPE_ID(StockMovement, location_id, STOCK_LOCATION_ID),
    SHAPE_ENUM(StockMovement, kind, stock_movement_kind_names),
    SHAPE_INT(StockMovement, on_hand, .doc = "By how much it changed."),
    SHAPE_INT(StockMovement, allocated),
    SHAPE_ID(StockMovement, order_id, "ord"),
    SHAPE_ID(StockMovement, line_id, "oln"),
    SHAPE_INT(StockMovement, document_id, .doc = "Number of the transfer or count."),
    SHAPE_TEXT(StockMovement, reason),
    SHAPE_TIME(StockMovement, at),
};
const Shape stock_movement_shape = SHAPE_OF(StockMovement, "StockMovement", MOVEMENT,
                                            .doc = "A change of a level. It is for ever.");

/* --- lists -------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
    "SELECT l.variant_id, l.location_id, v.product_id, v.sku, p.title, l.on_hand, l.allocated,"    \
    " l.reserved, l.safety, l.changed_ms FROM stock_level l"                                       \
    " LEFT JOIN catalog_variant v ON v.id = l.variant_id"                                          \
    " LEFT JOIN catalog_product p ON p.id = v.product_id WHERE TRUE"

static void filter(const StockFilter *f, DbFilter *q)
{
    if (f->variant_id) {
        db_filter_sql(q, " AND l.variant_id = ");
        db_filter_i64(q, f->variant_id);
    }
    if (f->product_id) {
        db_filter_sql(q, " AND v.product_id = ");
        db_filter_i64(q, f->product_id);
    }
    if (f->location_id) {
        db_filter_sql(q, " AND l.location_id = ");
        db_filter_i64(q, f->location_id);
    }
    if (f->sku.len > 0) {
        db_filter_sql(q, " AND v.sku = ");
        db_filter_str(q, f->sku);
    }
    if (f->low) {
        db_filter_sql(q, " AND l.on_hand - l.allocated - l.reserved - l.safety <= ");
        db_filter_i64(q, f->low_max);
    }
    if (f->after_variant) {
        db_filter_sql(q, " AND (l.variant_id, l.location_id) > (");
        db_filter_i64(q, f->after_variant);
        db_filter_sql(q, ", ");
        db_filter_i64(q, f->after_location);
        db_filter_sql(q, ")");
    }
    db_filter_sql(q, " ORDER BY l.variant_id, l.location_id LIMIT ");
    db_filter_i64(q, f->limit);
}

static StockRow row_of(Cx *cx, DbRun *run)
{
    StockRow r = {.variant_id = db_col_i64(run, 0),
                  .location_id = db_col_i64(run, 1),
                  .product_id = db_col_i64(run, 2),
                  .sku = db_col_str(run, cx->arena, 3),
                  .title = db_col_str(run, cx->arena, 4),
                  .on_hand = db_col_i64(run, 5),
                  .allocated = db_col_i64(run, 6),
                  .reserved = db_col_i64(run, 7),
                  .safety = db_col_i64(run, 8),
                  .changed_at = {db_col_i64(run, 9)}};
    r.available = r.on_hand - r.allocated - r.reserved - r.safety;
    if (r.sku.ptr == NULL)
        r.sku = r.title = STR("");
    return r;
}

Status stock_levels(Cx *cx, const StockFilter *f, StockRows *ret)
{
    DbFilter                  q;
    CLEANUP(db_run_end) DbRun run = {0};
    bool                      more;
    db_filter_init(&q, cx->arena, COLUMNS);
    filter(f, &q);
    TRY(cx_filter_run(cx, &q, "iiITTiiiii", &run));
    *ret = (StockRows){arena_array(cx->arena, StockRow, (size_t)f->limit + 1), 0};
    for (;;) {
        TRY(db_step(&run, &more, &cx->err));
        if (!more || ret->n > (size_t)f->limit)
            return ST_OK;
        ret->items[ret->n++] = row_of(cx, &run);
    }
}

Status stock_movements(Cx *cx, int64_t variant_id, int64_t before, int64_t limit,
                       StockMovements *ret)
{
    StockMovementRowList rows;
    TRY(stock_sql_movements_of(cx, variant_id, before > 0 ? before : INT64_MAX, limit, &rows));
    *ret = (StockMovements){arena_array(cx->arena, StockMovement, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const StockMovementRow *r = &rows.items[i];
        ret->items[i] = (StockMovement){r->id,          r->variant_id, r->location_id, r->kind,
                                        r->on_hand,     r->allocated,  r->order_id,    r->line_id,
                                        r->document_id, r->reason,     r->at_ms};
    }
    return ST_OK;
}

/* --- setting ------------------------------------------------------------------------------ */

typedef struct Sets {
    const StockSet *items;
    size_t          n;
    int64_t        *variants; /* found by their SKU, too */
} Sets;

static void problem(Cx *cx, size_t i, const char *member, const char *code, const char *detail)
{
    char at[48];
    (void)snprintf(at, sizeof at, "/items/%zu%s", i, member);
    issue_add(&cx->issues, str_dup(cx->arena, str_from_cstr(at)), code, "%s", detail);
}

static int64_t variant_of_sku(const StockSkuRowList *rows, Str sku, size_t *ret_n)
{
    int64_t id = 0;
    *ret_n = 0;
    for (size_t i = 0; i < rows->n; i++)
        if (str_eq(rows->items[i].sku, sku)) {
            id = rows->items[i].id;
            ++*ret_n;
        }
    return id;
}

static Status find_variants(Cx *cx, Sets *job)
{
    StockSkuRowList rows = {0};
    Str            *skus = arena_array(cx->arena, Str, job->n + 1);
    size_t          nskus = 0;
    for (size_t i = 0; i < job->n; i++)
        if (job->items[i].variant_id == 0 && job->items[i].sku.len > 0)
            skus[nskus++] = job->items[i].sku;
    if (nskus > 0)
        TRY(stock_sql_variants_of_sku(cx, skus, nskus, SKUS_MAX, &rows));
    for (size_t i = 0; i < job->n; i++) {
        size_t same = 1;
        job->variants[i] = job->items[i].variant_id;
        if (job->variants[i] == 0)
            job->variants[i] = variant_of_sku(&rows, job->items[i].sku, &same);
        if (same > 1)
            problem(cx, i, "/sku", "ambiguous", "several variants have it");
        else if (job->variants[i] == 0)
            problem(cx, i, "/variant_id", "not_found", "there is no such variant");
    }
    return ST_OK;
}

static Status set_one(Cx *cx, StockStands *s, StockStand *x, const StockSet *in)
{
    int64_t     location = in->location_id ? in->location_id : STOCK_DEFAULT_LOCATION;
    StockLevel *l = stand_level(s, x, location);
    Str         reason = in->reason.ptr ? in->reason : STR("");
    l->kept = true;
    if (in->on_hand.has)
        TRY(stands_count(cx, s, x, location, in->on_hand.v - l->on_hand, reason));
    if (in->available.has)
        TRY(stands_count(cx, s, x, location, in->available.v - level_free(l), reason));
    if (in->safety.has)
        l->safety = in->safety.v;
    int64_t by = in->received.v + in->adjust.v;
    if (by < -l->on_hand)
        by = -l->on_hand;
    if (by == 0)
        return ST_OK;
    StockMovementIn move = {.variant_id = x->variant_id,
                            .location_id = location,
                            .kind = in->received.has ? STOCK_RECEIVED : STOCK_ADJUSTED,
                            .on_hand = by,
                            .reason = reason};
    level_book(l, by, 0, 0);
    return stands_move(cx, &move);
}

static Status set_tx(Cx *cx, void *arg)
{
    Sets       *job = arg;
    StockStands s;
    cx->issues.n = cx->issues.total = 0;
    TRY(find_variants(cx, job));
    TRY(stands_load(cx, job->variants, job->n, &s));
    for (size_t i = 0; i < job->n; i++) {
        int64_t location = job->items[i].location_id;
        if (job->variants[i] != 0 && stand_of(&s, job->variants[i]) == NULL)
            problem(cx, i, "/variant_id", "not_found", "there is no such variant");
        if (location != 0 && stand_location(&s, location) == NULL)
            problem(cx, i, "/location_id", "not_found", "there is no such location");
    }
    TRY(cx_check_issues(cx));
    for (size_t i = 0; i < job->n; i++)
        TRY(set_one(cx, &s, stand_of(&s, job->variants[i]), &job->items[i]));
    return stands_write(cx, &s);
}

Status stock_set(Cx *cx, const StockSet *items, size_t n)
{
    Sets job = {.items = items, .n = n, .variants = arena_array(cx->arena, int64_t, n + 1)};
    if (n > STOCK_LINES_MAX)
        return cx_fail(cx, ST_LIMIT, "stock.too_many_lines", "at most %d at once", STOCK_LINES_MAX);
    return cx_in_tx(cx, set_tx, &job);
}

/* --- what is said of a variant ------------------------------------------------------------ */

Status stock_item_get(Cx *cx, int64_t variant_id, StockItem *ret)
{
    StockItemRow      row = {0};
    StockAvailability a;
    bool              found;
    TRY(stock_available(cx, &variant_id, 1, &a));
    if (!a.known)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_variant", "there is no such variant");
    TRY(stock_sql_item_get(cx, variant_id, &found, &row));
    *ret = (StockItem){variant_id, row.low_at, row.oversell_max, row.expected_ms};
    return ST_OK;
}

static Status item_tx(Cx *cx, void *arg)
{
    const StockItem *in = arg;
    StockItem        was;
    StockStands      s;
    TRY(stock_item_get(cx, in->variant_id, &was));
    TRY(stock_sql_item_put(cx, in->variant_id, in->low_at, in->oversell_max, in->expected_at,
                           cx->now, NULL));
    TRY(stands_load(cx, &in->variant_id, 1, &s));
    stand_level(&s, &s.items[0], STOCK_DEFAULT_LOCATION)->kept = true; /* it is read with levels */
    TRY(stands_write(cx, &s));
    const StockChanged told = {.variant_id = in->variant_id,
                               .product_id = s.items[0].product_id,
                               .available = stand_available(&s.items[0]),
                               .was = stand_available(&s.items[0])};
    TRY(event_tell(cx, &stock_changed, told.product_id, &told)); /* a date, or a limit */
    return audit_add(cx, "stock.item", in->variant_id, "update", &stock_item_shape, &was, in);
}

Status stock_item_put(Cx *cx, const StockItem *item)
{
    StockItem copy = *item;
    return cx_in_tx(cx, item_tx, &copy);
}
