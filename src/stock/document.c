#include "stock/document.h"

#include "base/id.h"
#include "stock/stand.h"

const char *const transfer_status_names[] = {"draft", "in_transit", "received", "cancelled", NULL};
const char *const count_status_names[] = {"open", "posted", "cancelled", NULL};

enum { COUNT_LINES_MAX = 5000 };

static const ShapeField TRANSFER_LINE[] = {
    SHAPE_ID(TransferLine, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(TransferLine, qty, .min = 0, .max = STOCK_QTY_MAX),
    SHAPE_INT(TransferLine, received, .min = 0, .max = STOCK_QTY_MAX, .doc = "So many arrived …"),
    SHAPE_INT(TransferLine, lost, .min = 0, .max = STOCK_QTY_MAX, .doc = "… and so many did not."),
};
static const Shape transfer_line_shape =
    SHAPE_OF(TransferLine, "StockTransferLine", TRANSFER_LINE, .doc = "Pieces of a transfer.");

static const ShapeField TRANSFER[] = {
    SHAPE_ID(Transfer, id, STOCK_TRANSFER_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(Transfer, from_id, STOCK_LOCATION_ID, .flags = SHAPE_REQUIRED),
    SHAPE_ID(Transfer, to_id, STOCK_LOCATION_ID, .flags = SHAPE_REQUIRED),
    SHAPE_ENUM(Transfer, status, transfer_status_names, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(Transfer, note, .max = 2000),
    SHAPE_TIME(Transfer, expected_at),
    SHAPE_TIME(Transfer, sent_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(Transfer, done_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(Transfer, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(Transfer, updated_at, .flags = SHAPE_READ_ONLY),
    SHAPE_LIST(Transfer, lines, TransferLine, &transfer_line_shape, .max = STOCK_LINES_MAX),
};
const Shape stock_transfer_shape =
    SHAPE_OF(Transfer, "StockTransfer", TRANSFER, .doc = "Goods from one location to another.");

static const ShapeField COUNT_LINE[] = {
    SHAPE_ID(CountLine, variant_id, CATALOG_VARIANT_ID, .flags = SHAPE_REQUIRED),
    SHAPE_INT(CountLine, counted, .min = 0, .max = STOCK_QTY_MAX, .flags = SHAPE_REQUIRED),
    SHAPE_INT(CountLine, expected, .flags = SHAPE_READ_ONLY, .doc = "As the books said then."),
    SHAPE_TIME(CountLine, counted_at, .flags = SHAPE_READ_ONLY),
};
static const Shape count_line_shape =
    SHAPE_OF(CountLine, "StockCountLine", COUNT_LINE, .doc = "What was counted of a variant.");

static const ShapeField COUNT[] = {
    SHAPE_ID(Count, id, STOCK_COUNT_ID, .flags = SHAPE_READ_ONLY),
    SHAPE_ID(Count, location_id, STOCK_LOCATION_ID, .flags = SHAPE_REQUIRED),
    SHAPE_ENUM(Count, status, count_status_names, .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(Count, note, .max = 2000),
    SHAPE_TIME(Count, posted_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(Count, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(Count, updated_at, .flags = SHAPE_READ_ONLY),
    SHAPE_LIST(Count, lines, CountLine, &count_line_shape, .max = STOCK_LINES_MAX),
};
const Shape stock_count_shape =
    SHAPE_OF(Count, "StockCount", COUNT, .doc = "Somebody counts what is on the shelf.");

/* --- transfers: reading ------------------------------------------------------------------- */

static Transfer transfer_from_row(const StockTransferRow *r)
{
    return (Transfer){.id = r->id,
                      .from_id = r->from_id,
                      .to_id = r->to_id,
                      .status = r->status,
                      .note = r->note,
                      .expected_at = r->expected_ms,
                      .sent_at = r->sent_ms,
                      .done_at = r->done_ms,
                      .created_at = r->created_ms,
                      .updated_at = r->updated_ms};
}

Status stock_transfers(Cx *cx, int64_t before, int64_t limit, Transfers *ret)
{
    StockTransferRowList rows;
    TRY(stock_sql_transfers_before(cx, before > 0 ? before : INT64_MAX, limit, &rows));
    *ret = (Transfers){arena_array(cx->arena, Transfer, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = transfer_from_row(&rows.items[i]);
    return ST_OK;
}

Status stock_transfer_get(Cx *cx, int64_t id, Transfer *ret)
{
    StockTransferRow         row = {0};
    StockTransferLineRowList lines;
    TRY(stock_sql_transfer_get(cx, id, &row));
    TRY(stock_sql_transfer_lines(cx, id, STOCK_LINES_MAX, &lines));
    *ret = transfer_from_row(&row);
    ret->lines = (TransferLines){arena_array(cx->arena, TransferLine, lines.n + 1), lines.n};
    for (size_t i = 0; i < lines.n; i++)
        ret->lines.items[i] = (TransferLine){lines.items[i].variant_id, lines.items[i].qty,
                                             lines.items[i].received, lines.items[i].lost};
    return ST_OK;
}

static Status not_open(Cx *cx, const char *status)
{
    return cx_fail(cx, ST_CONFLICT, "stock.not_open", "it is %s", status);
}

static Status load_stands(Cx *cx, const Transfer *t, StockStands *ret)
{
    int64_t *ids = arena_array(cx->arena, int64_t, t->lines.n + 1);
    for (size_t i = 0; i < t->lines.n; i++)
        ids[i] = t->lines.items[i].variant_id;
    return stands_load(cx, ids, t->lines.n, ret);
}

/* --- transfers: writing ------------------------------------------------------------------- */

static Status transfer_create_tx(Cx *cx, void *arg)
{
    Transfer   *t = arg;
    StockStands s;
    cx->issues.n = cx->issues.total = 0;
    TRY(load_stands(cx, t, &s));
    if (t->lines.n == 0)
        issue_add(&cx->issues, STR("/lines"), "missing", "nothing is to be moved");
    if (stand_location(&s, t->from_id) == NULL)
        issue_add(&cx->issues, STR("/from_id"), "not_found", "there is no such location");
    if (stand_location(&s, t->to_id) == NULL || t->to_id == t->from_id)
        issue_add(&cx->issues, STR("/to_id"), "not_found", "must be another location");
    for (size_t i = 0; i < t->lines.n; i++)
        if (stand_of(&s, t->lines.items[i].variant_id) == NULL || t->lines.items[i].qty < 1)
            issue_add(&cx->issues, STR("/lines"), "not_found",
                      "line %zu: no such variant, or no pieces", i);
    TRY(cx_check_issues(cx));
    t->id = id_new();
    TRY(stock_sql_transfer_insert(cx, t->id, t->from_id, t->to_id, t->note.ptr ? t->note : STR(""),
                                  t->expected_at, cx->now, NULL));
    for (size_t i = 0; i < t->lines.n; i++)
        TRY(stock_sql_transfer_line_put(cx, t->id, t->lines.items[i].variant_id,
                                        t->lines.items[i].qty, 0, 0, NULL));
    TRY(audit_add(cx, "stock.transfer", t->id, "create", &stock_transfer_shape, NULL, t));
    Transfer made;
    TRY(stock_transfer_get(cx, t->id, &made));
    *t = made;
    return ST_OK;
}

Status stock_transfer_create(Cx *cx, Transfer *t)
{
    Transfer copy = *t;
    TRY(cx_in_tx(cx, transfer_create_tx, &copy));
    *t = copy;
    return ST_OK;
}

typedef struct Step {
    int64_t              id;
    const TransferLines *lines;
    bool                 cancel;
    Transfer             done; /* as it is then */
} Step;

static Status move(Cx *cx, const Transfer *t, StockStands *s, const TransferLine *line, int kind,
                   int64_t location, int64_t by)
{
    StockStand *x = stand_of(s, line->variant_id);
    if (x == NULL || by == 0)
        return ST_OK;
    StockMovementIn in = {.variant_id = line->variant_id,
                          .location_id = location,
                          .kind = kind,
                          .on_hand = by,
                          .document_id = opt_i64(t->id)};
    level_book(stand_level(s, x, location), by, 0, 0);
    return stands_move(cx, &in);
}

static Status set_transfer(Cx *cx, const Transfer *t, int status)
{
    int64_t changed;
    OptTime now = opt_time(cx->now);
    bool    sent = status == TRANSFER_IN_TRANSIT;
    TRY(stock_sql_transfer_set(cx, t->id, t->status, status, sent ? now : t->sent_at,
                               sent ? (OptTime){0} : now, cx->now, &changed));
    if (changed == 0)
        return not_open(cx, "changed meanwhile");
    Transfer after = *t;
    after.status = status;
    return audit_add(cx, "stock.transfer", t->id, "update", &stock_transfer_shape, t, &after);
}

static Status send_tx(Cx *cx, void *arg)
{
    Step       *job = arg;
    Transfer    t;
    StockStands s;
    TRY(stock_transfer_get(cx, job->id, &t));
    if (t.status != TRANSFER_DRAFT)
        return not_open(cx, transfer_status_names[t.status]);
    TRY(load_stands(cx, &t, &s));
    for (size_t i = 0; i < t.lines.n; i++) {
        const TransferLine *line = &t.lines.items[i];
        StockStand         *x = stand_of(&s, line->variant_id);
        if (x != NULL && stand_level(&s, x, t.from_id)->on_hand < line->qty)
            return cx_fail(cx, ST_CONFLICT, "stock.insufficient", "fewer than %lld are there",
                           (long long)line->qty);
    }
    for (size_t i = 0; i < t.lines.n; i++)
        TRY(move(cx, &t, &s, &t.lines.items[i], STOCK_TRANSFER_OUT, t.from_id,
                 -t.lines.items[i].qty));
    TRY(set_transfer(cx, &t, TRANSFER_IN_TRANSIT));
    TRY(stands_write(cx, &s));
    return stock_transfer_get(cx, job->id, &job->done);
}

/* What came of a line: as said, else all of it. */
static TransferLine arrived(const TransferLines *said, const TransferLine *line)
{
    TransferLine r = *line;
    r.received = said == NULL || said->n == 0 ? line->qty : 0;
    for (size_t i = 0; said != NULL && i < said->n; i++)
        if (said->items[i].variant_id == line->variant_id)
            r.received = said->items[i].received < line->qty ? said->items[i].received : line->qty;
    r.lost = line->qty - r.received;
    return r;
}

static Status end_tx(Cx *cx, void *arg)
{
    Step       *job = arg;
    Transfer    t;
    StockStands s;
    TRY(stock_transfer_get(cx, job->id, &t));
    if (t.status != TRANSFER_IN_TRANSIT && !(job->cancel && t.status == TRANSFER_DRAFT))
        return not_open(cx, transfer_status_names[t.status]);
    TRY(load_stands(cx, &t, &s));
    for (size_t i = 0; i < t.lines.n && t.status == TRANSFER_IN_TRANSIT; i++) {
        const TransferLine *line = &t.lines.items[i];
        TransferLine        came = arrived(job->cancel ? NULL : job->lines, line);
        TRY(move(cx, &t, &s, line, STOCK_TRANSFER_IN, job->cancel ? t.from_id : t.to_id,
                 came.received));
        if (!job->cancel)
            TRY(stock_sql_transfer_line_put(cx, t.id, line->variant_id, line->qty, came.received,
                                            came.lost, NULL));
    }
    TRY(set_transfer(cx, &t, job->cancel ? TRANSFER_CANCELLED : TRANSFER_RECEIVED));
    TRY(stands_write(cx, &s));
    return stock_transfer_get(cx, job->id, &job->done);
}

Status stock_transfer_send(Cx *cx, int64_t id, Transfer *ret)
{
    Step job = {.id = id};
    TRY(cx_in_tx(cx, send_tx, &job));
    *ret = job.done;
    return ST_OK;
}

Status stock_transfer_receive(Cx *cx, int64_t id, const TransferLines *lines, Transfer *ret)
{
    Step job = {.id = id, .lines = lines};
    TRY(cx_in_tx(cx, end_tx, &job));
    *ret = job.done;
    return ST_OK;
}

Status stock_transfer_cancel(Cx *cx, int64_t id, Transfer *ret)
{
    Step job = {.id = id, .cancel = true};
    TRY(cx_in_tx(cx, end_tx, &job));
    *ret = job.done;
    return ST_OK;
}

/* --- counts ------------------------------------------------------------------------------- */

static Count count_from_row(const StockCountRow *r)
{
    return (Count){.id = r->id,
                   .location_id = r->location_id,
                   .status = r->status,
                   .note = r->note,
                   .posted_at = r->posted_ms,
                   .created_at = r->created_ms,
                   .updated_at = r->updated_ms};
}

Status stock_counts(Cx *cx, int64_t before, int64_t limit, Counts *ret)
{
    StockCountRowList rows;
    TRY(stock_sql_counts_before(cx, before > 0 ? before : INT64_MAX, limit, &rows));
    *ret = (Counts){arena_array(cx->arena, Count, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = count_from_row(&rows.items[i]);
    return ST_OK;
}

Status stock_count_get(Cx *cx, int64_t id, Count *ret)
{
    StockCountRow         row = {0};
    StockCountLineRowList lines;
    TRY(stock_sql_count_get(cx, id, &row));
    TRY(stock_sql_count_lines(cx, id, COUNT_LINES_MAX, &lines));
    *ret = count_from_row(&row);
    ret->lines = (CountLines){arena_array(cx->arena, CountLine, lines.n + 1), lines.n};
    for (size_t i = 0; i < lines.n; i++)
        ret->lines.items[i] = (CountLine){lines.items[i].variant_id, lines.items[i].counted,
                                          lines.items[i].expected, lines.items[i].counted_ms};
    return ST_OK;
}

typedef struct Counting {
    int64_t           id;
    Count            *in;
    const CountLines *lines;
    bool              cancel;
    Count             done; /* as it is then */
} Counting;

static Status note_lines(Cx *cx, int64_t id, int64_t location, const CountLines *lines)
{
    StockStands s;
    int64_t    *ids = arena_array(cx->arena, int64_t, lines->n + 1);
    for (size_t i = 0; i < lines->n; i++)
        ids[i] = lines->items[i].variant_id;
    TRY(stands_load(cx, ids, lines->n, &s));
    for (size_t i = 0; i < lines->n; i++)
        if (stand_of(&s, ids[i]) == NULL)
            issue_add(&cx->issues, STR("/lines"), "not_found", "line %zu: no such variant", i);
    TRY(cx_check_issues(cx));
    for (size_t i = 0; i < lines->n; i++) {
        const StockLevel *l = stand_level(&s, stand_of(&s, ids[i]), location);
        TRY(stock_sql_count_line_put(cx, id, ids[i], lines->items[i].counted, l->on_hand, cx->now,
                                     NULL));
    }
    return ST_OK;
}

static Status count_create_tx(Cx *cx, void *arg)
{
    Counting     *job = arg;
    StockLocation there;
    cx->issues.n = cx->issues.total = 0;
    TRY(stock_location_get(cx, job->in->location_id, &there));
    job->id = id_new();
    TRY(stock_sql_count_insert(cx, job->id, there.id, job->in->note.ptr ? job->in->note : STR(""),
                               cx->now, NULL));
    TRY(note_lines(cx, job->id, there.id, &job->in->lines));
    return stock_count_get(cx, job->id, &job->done);
}

Status stock_count_create(Cx *cx, Count *c)
{
    Counting job = {.in = c};
    TRY(cx_in_tx(cx, count_create_tx, &job));
    *c = job.done;
    return ST_OK;
}

static Status open_count(Cx *cx, int64_t id, Count *ret)
{
    cx->issues.n = cx->issues.total = 0;
    TRY(stock_count_get(cx, id, ret));
    return ret->status == COUNT_OPEN ? ST_OK : not_open(cx, count_status_names[ret->status]);
}

static Status count_note_tx(Cx *cx, void *arg)
{
    Counting *job = arg;
    Count     c;
    TRY(open_count(cx, job->id, &c));
    if (c.lines.n + job->lines->n > COUNT_LINES_MAX)
        return cx_fail(cx, ST_LIMIT, "stock.too_many_lines", "at most %d in a count",
                       COUNT_LINES_MAX);
    TRY(note_lines(cx, job->id, c.location_id, job->lines));
    return stock_count_get(cx, job->id, &job->done);
}

Status stock_count_note(Cx *cx, int64_t id, const CountLines *lines, Count *ret)
{
    Counting job = {.id = id, .lines = lines};
    TRY(cx_in_tx(cx, count_note_tx, &job));
    *ret = job.done;
    return ST_OK;
}

static Status count_end_tx(Cx *cx, void *arg)
{
    Counting   *job = arg;
    Count       c;
    StockStands s;
    int64_t     changed;
    TRY(open_count(cx, job->id, &c));
    TRY(stock_sql_count_set(cx, c.id, job->cancel ? COUNT_CANCELLED : COUNT_POSTED,
                            job->cancel ? (OptTime){0} : opt_time(cx->now), cx->now, &changed));
    int64_t *ids = arena_array(cx->arena, int64_t, c.lines.n + 1);
    for (size_t i = 0; i < c.lines.n; i++)
        ids[i] = c.lines.items[i].variant_id;
    TRY(stock_count_get(cx, c.id, &job->done));
    if (job->cancel)
        return audit_add(cx, "stock.count", c.id, "cancel", &stock_count_shape, NULL, &c);
    TRY(stands_load(cx, ids, c.lines.n, &s));
    for (size_t i = 0; i < c.lines.n; i++) {
        StockStand *x = stand_of(&s, ids[i]);
        if (x != NULL) /* not deleted meanwhile */
            TRY(stands_count(cx, &s, x, c.location_id,
                             c.lines.items[i].counted - c.lines.items[i].expected, STR("count")));
    }
    TRY(audit_add(cx, "stock.count", c.id, "post", &stock_count_shape, NULL, &c));
    return stands_write(cx, &s);
}

Status stock_count_post(Cx *cx, int64_t id, Count *ret)
{
    Counting job = {.id = id};
    TRY(cx_in_tx(cx, count_end_tx, &job));
    *ret = job.done;
    return ST_OK;
}

Status stock_count_cancel(Cx *cx, int64_t id, Count *ret)
{
    Counting job = {.id = id, .cancel = true};
    TRY(cx_in_tx(cx, count_end_tx, &job));
    *ret = job.done;
    return ST_OK;
}
