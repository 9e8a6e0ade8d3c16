/* Levels as CSV, out and in. */
#include "base/csv.h"
#include "base/id.h"
#include "base/utf8.h"
#include "stock/stand.h"

enum { BATCH = 500, PROBLEMS_MAX = 100 };

typedef enum Column { C_SKU, C_VARIANT, C_LOCATION, C_ON_HAND, C_SAFETY, COLUMNS } Column;

static const char *const NAMES[COLUMNS] = {"sku", "variant id", "location", "on hand", "safety"};

static const ShapeField PROBLEM[] = {
    SHAPE_INT(StockCsvProblem, line),
    SHAPE_TEXT(StockCsvProblem, code),
    SHAPE_TEXT(StockCsvProblem, detail),
};
static const Shape problem_shape =
    SHAPE_OF(StockCsvProblem, "StockCsvProblem", PROBLEM, .doc = "A row that was passed over.");

static const ShapeField DONE[] = {
    SHAPE_INT(StockCsvDone, rows, .doc = "Rows of the file."),
    SHAPE_INT(StockCsvDone, changed, .doc = "Of these, written."),
    SHAPE_LIST(StockCsvDone, problems, StockCsvProblem, &problem_shape),
};
const Shape stock_csv_done_shape =
    SHAPE_OF(StockCsvDone, "StockCsvDone", DONE, .doc = "What became of a file of levels.");

/* --- out ---------------------------------------------------------------------------------- */

static void field_i64(CsvWriter *w, int64_t v)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 32);
    buf_add_i64(&b, v);
    csv_field(w, buf_str(&b));
}

Status stock_csv_write(Cx *cx, Buf *out)
{
    StockLocations    locations;
    StockLevelRowList rows;
    int64_t           variant = 0, location = 0;
    CsvWriter         w = {.out = out, .guard = true};
    TRY(stock_locations(cx, &locations));
    static const char *const HEAD[] = {"SKU",       "Variant ID", "Product", "Location", "On hand",
                                       "Allocated", "Reserved",   "Safety",  "Available"};
    for (size_t i = 0; i < COUNT_OF(HEAD); i++)
        csv_field(&w, str_from_cstr(HEAD[i]));
    csv_row_end(&w);
    for (;;) {
        TRY(stock_sql_levels_after(cx, variant, location, BATCH, &rows));
        for (size_t i = 0; i < rows.n; i++) {
            const StockLevelRow *r = &rows.items[i];
            const int64_t        numbers[] = {r->on_hand, r->allocated, r->reserved, r->safety,
                                              r->on_hand - r->allocated - r->reserved - r->safety};
            Str                  name = STR("");
            for (size_t k = 0; k < locations.n; k++)
                if (locations.items[k].id == r->location_id)
                    name = locations.items[k].name;
            csv_field(&w, r->sku.ptr ? r->sku : STR(""));
            csv_field(&w, id_format(cx->arena, CATALOG_VARIANT_ID, r->variant_id));
            csv_field(&w, r->title.ptr ? r->title : STR(""));
            csv_field(&w, name);
            for (size_t k = 0; k < COUNT_OF(numbers); k++)
                field_i64(&w, numbers[k]);
            csv_row_end(&w);
            variant = r->variant_id;
            location = r->location_id;
        }
        if (rows.n < BATCH)
            return ST_OK;
    }
}

/* --- in ----------------------------------------------------------------------------------- */

typedef struct Reading {
    Cx            *cx;
    StockCsvDone  *done;
    StockLocations locations;
    size_t         at[COLUMNS]; /* index + 1 of each column; 0: the file has none */
    StockSet      *batch;
    int64_t       *lines; /* of batch */
    size_t         n;
} Reading;

static void tell_problem(Reading *r, int64_t line, const char *code, const char *detail)
{
    StockCsvDone *d = r->done;
    if (d->problems.n < PROBLEMS_MAX)
        d->problems.items[d->problems.n++] = (StockCsvProblem){
            line, str_from_cstr(code), str_dup(r->cx->arena, str_from_cstr(detail))};
}

static Str cell(const Reading *r, const CsvRow *row, Column c)
{
    if (r->at[c] == 0 || r->at[c] > row->n)
        return STR("");
    return str_trim(row->fields[r->at[c] - 1]);
}

static bool find_columns(Reading *r, const CsvRow *row)
{
    for (size_t i = 0; i < row->n; i++)
        for (Column c = 0; c < COLUMNS; c++)
            if (r->at[c] == 0 && str_eq_nocase(str_trim(row->fields[i]), str_from_cstr(NAMES[c])))
                r->at[c] = i + 1;
    return (r->at[C_SKU] || r->at[C_VARIANT]) && (r->at[C_ON_HAND] || r->at[C_SAFETY]);
}

static bool find_location(const Reading *r, Str name, int64_t *ret)
{
    int64_t id;
    *ret = STOCK_DEFAULT_LOCATION;
    if (name.len == 0)
        return true;
    for (size_t i = 0; i < r->locations.n; i++)
        if (str_eq_nocase(r->locations.items[i].name, name) ||
            (id_parse(name, STOCK_LOCATION_ID, &id) && id == r->locations.items[i].id)) {
            *ret = r->locations.items[i].id;
            return true;
        }
    return false;
}

/* An empty cell leaves the number as it is. */
static bool read_number(Str text, OptI64 *ret)
{
    int64_t v;
    *ret = (OptI64){0};
    if (text.len == 0)
        return true;
    if (!str_parse_i64(text, &v) || v < 0 || v > STOCK_QTY_MAX)
        return false;
    *ret = opt_i64(v);
    return true;
}

static void read_row(Reading *r, const CsvRow *row)
{
    StockSet in = {.sku = str_dup(r->cx->arena, cell(r, row, C_SKU)), .reason = STR("csv")};
    Str      id = cell(r, row, C_VARIANT);
    r->done->rows++;
    if (id.len > 0 && !id_parse(id, CATALOG_VARIANT_ID, &in.variant_id))
        tell_problem(r, row->line, "bad_id", "Variant ID is not an id of a variant");
    else if (id.len == 0 && in.sku.len == 0)
        tell_problem(r, row->line, "no_variant", "neither SKU nor Variant ID is given");
    else if (!find_location(r, cell(r, row, C_LOCATION), &in.location_id))
        tell_problem(r, row->line, "no_location", "there is no such location");
    else if (!read_number(cell(r, row, C_ON_HAND), &in.on_hand) ||
             !read_number(cell(r, row, C_SAFETY), &in.safety))
        tell_problem(r, row->line, "bad_number", "On hand and Safety are whole numbers from 0");
    else if (in.on_hand.has || in.safety.has) {
        r->batch[r->n] = in;
        r->lines[r->n++] = row->line;
    }
}

static void tell_refused(Reading *r, int64_t line)
{
    const Cx *cx = r->cx;
    if (cx->issues.n > 0)
        tell_problem(r, line, cx->issues.items[0].code,
                     str_cstr(cx->arena, cx->issues.items[0].detail));
    else
        tell_problem(r, line, cx->err.code, cx->err.msg);
}

/* All together; when some are wrong, these are told and the others written one by one. */
static Status write_batch(Reading *r)
{
    Cx *cx = r->cx;
    if (r->n == 0)
        return ST_OK;
    Status st = stock_set(cx, r->batch, r->n);
    if (st == ST_OK)
        r->done->changed += (int64_t)r->n;
    for (size_t i = 0; st == ST_INVALID && i < r->n; i++) {
        Status one = stock_set(cx, &r->batch[i], 1);
        if (one == ST_OK)
            r->done->changed++;
        else if (one != ST_INVALID)
            return one;
        else
            tell_refused(r, r->lines[i]);
    }
    r->n = 0;
    return st == ST_INVALID ? ST_OK : st;
}

static Status read_all(Reading *r, CsvReader *reader)
{
    bool   head = true;
    CsvRow row;
    Err    bad;
    for (;;) {
        switch (csv_next(reader, &row, &bad)) {
        case CSV_ROW:
            if (head && !find_columns(r, &row))
                return cx_fail(r->cx, ST_INVALID, "stock.bad_csv",
                               "the first row must name SKU or Variant ID, and On hand or Safety");
            if (!head)
                read_row(r, &row);
            head = false;
            if (r->n == BATCH)
                TRY(write_batch(r));
            break;
        case CSV_BAD: tell_problem(r, row.line, bad.code, bad.msg); break;
        case CSV_MORE:
        case CSV_FAILED:
        case CSV_END: return write_batch(r);
        }
    }
}

Status stock_csv_read(Cx *cx, Str file, StockCsvDone *ret)
{
    CLEANUP(csv_reader_done) CsvReader reader = {0};
    *ret = (StockCsvDone){0};
    ret->problems.items = arena_array(cx->arena, StockCsvProblem, PROBLEMS_MAX);
    Reading r = {.cx = cx,
                 .done = ret,
                 .batch = arena_array(cx->arena, StockSet, BATCH),
                 .lines = arena_array(cx->arena, int64_t, BATCH)};
    if (!utf8_valid(file))
        return cx_fail(cx, ST_INVALID, "stock.bad_csv", "the file is not UTF-8");
    TRY(stock_locations(cx, &r.locations));
    csv_reader_init(&reader,
                    &(CsvOptions){.unguard = true, .row_max = 64 << 10, .fields_max = 200});
    csv_feed(&reader, file, true);
    return read_all(&r, &reader);
}
