#include "catalog/import.h"

#include "base/csv_file.h"
#include "base/id.h"
#include "catalog/catalog_int.h"
#include "catalog/import_int.h"
#include "catalog/import_pictures.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const import_format_names[] = {"auto", "shopify", "woocommerce", NULL};
const char *const import_status_names[] = {"running", "done", "failed", NULL};

static const ShapeField IMPORT_FIELDS[] = {
    SHAPE_ID(Import, id, CATALOG_IMPORT_ID),
    SHAPE_TEXT(Import, file, .doc = "Its name."),
    SHAPE_ENUM(Import, format, import_format_names),
    SHAPE_TEXT(Import, encoding, .doc = "As it was found out.", .example = "\"utf-8\""),
    SHAPE_TEXT(Import, currency, .doc = "Of the prices.", .example = "\"EUR\""),
    SHAPE_BOOL(Import, fetch_images, .doc = "Pictures are fetched from their addresses."),
    SHAPE_BOOL(Import, dry_run, .doc = "Checked and counted only."),
    SHAPE_ENUM(Import, status, import_status_names),
    SHAPE_INT(Import, bytes, .doc = "Of the file."),
    SHAPE_INT(Import, bytes_done, .doc = "Read and committed."),
    SHAPE_INT(Import, line, .doc = "Rows up to this line are done."),
    SHAPE_INT(Import, rows),
    SHAPE_INT(Import, created, .doc = "Products."),
    SHAPE_INT(Import, updated, .doc = "Products."),
    SHAPE_INT(Import, unchanged, .doc = "Products."),
    SHAPE_INT(Import, variants),
    SHAPE_INT(Import, pictures, .doc = "That were taken in with their products."),
    SHAPE_INT(Import, skipped, .doc = "Rows that could not be taken."),
    SHAPE_INT(Import, issues, .doc = "What was wrong, in all; the first 10,000 are kept."),
    SHAPE_TEXT(Import, error, .doc = "Why it failed; else empty."),
    SHAPE_TIME(Import, created_at),
    SHAPE_TIME(Import, updated_at),
};
const Shape catalog_import_shape =
    SHAPE_OF(Import, "Import", IMPORT_FIELDS, .doc = "Products being taken from a file.");

static const ShapeField ISSUE_FIELDS[] = {
    SHAPE_INT(ImportIssue, line, .doc = "Of the file, from 1."),
    SHAPE_TEXT(ImportIssue, column, .doc = "The header's name; empty: the whole row."),
    SHAPE_TEXT(ImportIssue, code, .doc = "Stable.", .example = "\"bad_price\""),
    SHAPE_TEXT(ImportIssue, detail),
};
const Shape catalog_import_issue_shape = SHAPE_OF(ImportIssue, "ImportIssue", ISSUE_FIELDS,
                                                  .doc = "Something wrong in an imported file.");

enum {
    BATCH_ROWS = 500, /* a transaction: short enough for other writers */
    BATCH_BYTES = 8 << 20,
    FILE_MAX_GB = 16
};

typedef struct Seen { /* keys of the groups so far: 64-bit hashes, open addressing */
    uint64_t *slots;
    size_t    mask, n;
} Seen;

typedef struct Run {
    const ImportOptions *options;
    ImportFile           file;
    ImportReader         none;
    CsvFile             *csv;
    Arena               *arena; /* for the whole import: headers, columns */
    Import               state; /* as committed */
    Seen                 seen;
    ImportWatch         *watch;
    void                *watch_arg;
    /* the batch that is being collected */
    Arena          batch;
    Cx             cx;
    ImportGroup   *groups;
    size_t         ngroups, groups_cap;
    size_t         rows, bytes;
    ImportProblems problems; /* of rows, and of groups that were refused */
    ImportPictures pictures;
    int64_t        skipped;
} Run;

/* --- keys seen ---------------------------------------------------------------------------- */

static uint64_t key_hash(Str key)
{
    uint64_t h = 0;
    crypto_generichash((unsigned char *)&h, sizeof h, (const unsigned char *)key.ptr, key.len, NULL,
                       0);
    return h | 1; /* 0 is a free slot */
}

static bool seen_put(Seen *s, uint64_t h)
{
    size_t i = (size_t)(h >> 20) & s->mask;
    while (s->slots[i] != 0 && s->slots[i] != h)
        i = (i + 1) & s->mask;
    bool known = s->slots[i] == h;
    s->slots[i] = h;
    return known;
}

/* Was the key there before? It is now. */
static bool seen_add(Seen *s, Str key)
{
    if (2 * (s->n + 1) > s->mask) {
        Seen bigger = {.mask = s->mask == 0 ? 4095 : s->mask * 2 + 1, .n = s->n};
        bigger.slots = calloc(bigger.mask + 1, sizeof *bigger.slots);
        if (bigger.slots == NULL)
            base_out_of_memory((bigger.mask + 1) * sizeof *bigger.slots);
        for (size_t i = 0; s->slots != NULL && i <= s->mask; i++)
            if (s->slots[i] != 0)
                (void)seen_put(&bigger, s->slots[i]);
        free(s->slots);
        *s = bigger;
    }
    bool known = seen_put(s, key_hash(key));
    s->n += !known;
    return known;
}

/* --- what is kept in the database --------------------------------------------------------- */

static void import_row(const Import *im, CatalogImportRow *ret)
{
    *ret = (CatalogImportRow){
        .id = im->id,
        .file = im->file,
        .hash = im->hash,
        .format = im->format,
        .encoding = im->encoding,
        .currency = im->currency,
        .fetch_images = im->fetch_images,
        .dry_run = im->dry_run,
        .status = im->status,
        .bytes = im->bytes,
        .bytes_done = im->bytes_done,
        .line = im->line,
        .rows = im->rows,
        .created = im->created,
        .updated = im->updated,
        .unchanged = im->unchanged,
        .variants = im->variants,
        .pictures = im->pictures,
        .skipped = im->skipped,
        .issues = im->issues,
        .error = im->error,
        .created_ms = im->created_at,
        .updated_ms = im->updated_at,
    };
}

static void import_from_row(const CatalogImportRow *row, Import *ret)
{
    *ret = (Import){
        .id = row->id,
        .file = row->file,
        .hash = row->hash,
        .format = row->format,
        .encoding = row->encoding,
        .currency = row->currency,
        .fetch_images = row->fetch_images,
        .dry_run = row->dry_run,
        .status = row->status,
        .bytes = row->bytes,
        .bytes_done = row->bytes_done,
        .line = row->line,
        .rows = row->rows,
        .created = row->created,
        .updated = row->updated,
        .unchanged = row->unchanged,
        .variants = row->variants,
        .pictures = row->pictures,
        .skipped = row->skipped,
        .issues = row->issues,
        .error = row->error,
        .created_at = row->created_ms,
        .updated_at = row->updated_ms,
    };
}

Status import_state_write(Cx *cx, const Import *im)
{
    CatalogImportRow row;
    import_row(im, &row);
    row.updated_ms = cx->now;
    return catalog_sql_import_put(cx, &row, NULL);
}

static Status issues_write(Cx *cx, Import *im, const ImportProblems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        const ImportIssue *is = &problems->items[i];
        im->issues++;
        if (im->issues > IMPORT_ISSUES_KEPT)
            continue;
        CatalogImportIssueRow row = {.import_id = im->id,
                                     .number = im->issues,
                                     .line = is->line,
                                     .column_name = is->column,
                                     .code = is->code,
                                     .detail = is->detail};
        TRY(catalog_sql_import_issue_put(cx, &row, NULL));
    }
    return ST_OK;
}

/* --- committing groups -------------------------------------------------------------------- */

typedef struct Batch {
    Run           *run;
    size_t         from, to;
    size_t         failed; /* group that was refused */
    bool           last;
    Import         state;    /* as it will be */
    ImportProblems problems; /* of these groups */
} Batch;

static void count(Import *im, const ImportProduct *ip, ImportOutcome outcome)
{
    if (!ip->must_exist) { /* else its product was counted when it began */
        im->created += outcome == IMPORT_CREATED;
        im->updated += outcome == IMPORT_UPDATED;
        im->unchanged += outcome == IMPORT_UNCHANGED;
    }
    im->variants += (int64_t)ip->product.variants.n;
    for (size_t i = 0; i < ip->product.media.n; i++)
        im->pictures += ip->product.media.items[i].hash.len > 0;
    im->skipped += ip->skipped;
}

static Status group_apply(Cx *cx, Batch *b, const ImportGroup *g)
{
    Run          *run = b->run;
    ImportProduct ip;
    ImportOutcome outcome;
    run->file.reader->build(&run->file, g, cx->arena, &b->problems, &ip);
    if (ip.nothing) {
        b->state.skipped += ip.skipped;
        return ST_OK;
    }
    import_pictures_fill(&run->pictures, &ip);
    int64_t variants = (int64_t)ip.product.variants.n;
    TRY(import_apply(cx, &run->file, &ip, &b->problems, &outcome));
    ip.product.variants.n = (size_t)variants; /* of the file, not those that were kept */
    count(&b->state, &ip, outcome);
    return ST_OK;
}

static Status batch_tx(Cx *cx, void *arg)
{
    Batch *b = arg;
    Run   *run = b->run;
    b->state = run->state;
    b->problems = (ImportProblems){.arena = cx->arena};
    b->failed = SIZE_MAX;
    for (size_t i = b->from; i < b->to; i++) {
        Status st = group_apply(cx, b, &run->groups[i]);
        if (st != ST_OK) {
            b->failed = i;
            return st;
        }
    }
    const ImportGroup *end = &run->groups[b->to - 1];
    b->state.line = end->line;
    b->state.bytes_done = end->bytes_done;
    for (size_t i = b->from; i < b->to; i++)
        b->state.rows += (int64_t)run->groups[i].n;
    if (run->options->dry_run) /* undo it all; batch_run() expects this */
        return cx_fail(cx, ST_CONFLICT, "catalog.dry_run", "nothing is kept");
    TRY(issues_write(cx, &b->state, &b->problems));
    return import_state_write(cx, &b->state);
}

static Status dry_tx(Cx *cx, void *arg)
{
    Batch *b = arg;
    TRY(issues_write(cx, &b->state, &b->problems));
    return import_state_write(cx, &b->state);
}

/* Groups from..to, all of them or none. */
static Status batch_run(Run *run, Batch *b)
{
    run->cx.issues.n = run->cx.issues.total = 0;
    Status st = catalog_in_tx(&run->cx, batch_tx, b);
    if (run->options->dry_run && st == ST_CONFLICT && b->failed == SIZE_MAX)
        st = catalog_in_tx(&run->cx, dry_tx, b);
    if (st == ST_OK)
        run->state = b->state;
    return st;
}

/* Problems that concern no committed group: broken rows, refused groups. */
typedef struct Pending {
    Run    *run;
    int64_t line, bytes_done, rows;
    Import  state;
} Pending;

static Status pending_tx(Cx *cx, void *arg)
{
    Pending *p = arg;
    p->state = p->run->state;
    p->state.skipped += p->run->skipped;
    if (p->line > p->state.line) {
        p->state.line = p->line;
        p->state.bytes_done = p->bytes_done;
    }
    p->state.rows += p->rows;
    TRY(issues_write(cx, &p->state, &p->run->problems));
    return import_state_write(cx, &p->state);
}

static Status pending_run(Run *run, const ImportGroup *refused)
{
    Pending p = {.run = run};
    if (refused != NULL) {
        p.line = refused->line;
        p.bytes_done = refused->bytes_done;
        p.rows = (int64_t)refused->n;
    }
    TRY(catalog_in_tx(&run->cx, pending_tx, &p));
    run->state = p.state;
    run->problems.n = 0;
    run->skipped = 0;
    return ST_OK;
}

static bool is_refusal(Status st)
{
    return st == ST_INVALID || st == ST_CONFLICT || st == ST_LIMIT || st == ST_NOT_FOUND ||
           st == ST_STALE;
}

/* Copy problems that outlive the transaction in which they were found. */
static void keep_problems(Run *run, const Batch *b)
{
    for (size_t i = 0; i < b->problems.n; i++)
        *(ImportIssue *)import_push(&run->batch, (void **)&run->problems.items, &run->problems.n,
                                    &run->problems.cap, sizeof(ImportIssue)) = b->problems.items[i];
}

/* Commit the collected groups. A group that the catalogue refuses is told and left out; those
 * before and behind it are committed. */
static Status flush(Run *run)
{
    size_t from = 0;
    if (run->options->images_dir != NULL)
        for (size_t i = 0; i < run->ngroups; i++)
            import_pictures_take(&run->pictures, &run->cx, &run->file, &run->groups[i],
                                 &run->problems);
    if (run->problems.n > 0 || run->skipped > 0)
        TRY(pending_run(run, NULL));
    while (from < run->ngroups) {
        Batch  b = {.run = run, .from = from, .to = run->ngroups};
        Status st = batch_run(run, &b);
        if (st != ST_OK && !is_refusal(st))
            return st;
        if (st == ST_OK) {
            from = b.to;
            continue;
        }
        ASSERT(b.failed != SIZE_MAX);
        size_t bad = b.failed;
        if (bad > from) {
            b = (Batch){.run = run, .from = from, .to = bad};
            TRY(batch_run(run, &b));
        }
        b = (Batch){.run = run, .from = bad, .to = bad + 1};
        st = batch_run(run, &b); /* alone: what it is told for is its own */
        if (st != ST_OK && !is_refusal(st))
            return st;
        if (st != ST_OK) {
            keep_problems(run, &b);
            run->skipped += (int64_t)run->groups[bad].n;
            TRY(pending_run(run, &run->groups[bad]));
        }
        from = bad + 1;
    }
    return run->watch == NULL ? ST_OK : run->watch(run->watch_arg, &run->state);
}

/* --- collecting rows ---------------------------------------------------------------------- */

static Status batch_begin(Run *run, Cx *parent)
{
    arena_init(&run->batch, 256 << 10);
    TRY(cx_begin(&run->cx, &run->batch, parent->db, parent->now));
    run->cx.core = parent->core;
    run->cx.actor = parent->actor;
    run->cx.request_id = parent->request_id;
    run->problems = (ImportProblems){.arena = &run->batch};
    import_pictures_init(&run->pictures, &run->batch);
    return ST_OK;
}

static void batch_reset(Run *run)
{
    arena_reset(&run->batch);
    run->cx.issues = (Issues){.arena = &run->batch};
    run->problems = (ImportProblems){.arena = &run->batch};
    run->groups = NULL;
    run->ngroups = run->groups_cap = 0;
    run->rows = run->bytes = 0;
    import_pictures_init(&run->pictures, &run->batch);
}

static ImportGroup *group_open(Run *run, Str key)
{
    ImportGroup *g =
        import_push(&run->batch, (void **)&run->groups, &run->ngroups, &run->groups_cap, sizeof *g);
    *g = (ImportGroup){.key = str_dup(&run->batch, key), .more = seen_add(&run->seen, key)};
    return g;
}

static void row_copy(Run *run, ImportGroup *g, const CsvRow *row)
{
    Str *cells = arena_array(&run->batch, Str, run->file.n + 1);
    for (size_t i = 0; i < run->file.n && i < row->n; i++) {
        if (row->fields[i].len == 0)
            continue;
        cells[i] = str_dup(&run->batch, row->fields[i]);
        g->bytes += row->fields[i].len;
        run->bytes += row->fields[i].len;
    }
    ImportRow *r = import_push(&run->batch, (void **)&g->rows, &g->n, &g->cap, sizeof *r);
    *r = (ImportRow){.line = row->line, .cells = cells};
    run->rows++;
}

static void row_extent(Run *run, ImportGroup *g, const CsvRow *row)
{
    g->line = row->next_line - 1;
    g->bytes_done = csv_file_done(run->csv);
}

/* Take the row in; commit what is complete when it is enough. */
static Status row_take(Run *run, const CsvRow *row)
{
    ImportRow    peek = {.line = row->line, .cells = row->fields};
    ImportGroup *last = run->ngroups > 0 ? &run->groups[run->ngroups - 1] : NULL;
    if (row->n < run->file.n) { /* the reader looks at every column */
        Str *cells = arena_array(&run->batch, Str, run->file.n + 1);
        memcpy(cells, row->fields, row->n * sizeof *cells);
        peek.cells = cells;
    }
    Str key = run->file.reader->key(&run->file, &peek, &run->batch);
    if (key.len == 0 && last == NULL) {
        import_problem(&run->problems, row->line, STR(""), "no_product",
                       "the row names no product and follows none");
        run->skipped++;
        return ST_OK;
    }
    bool same = last != NULL && (key.len == 0 || str_eq(key, last->key));
    if (!same && (run->rows >= BATCH_ROWS || run->bytes >= BATCH_BYTES)) {
        CLEANUP(buf_done) Buf kept; /* `key` may live in the batch */
        buf_init(&kept, CSV_ROW_MAX);
        buf_add(&kept, key);
        TRY(flush(run));
        batch_reset(run);
        last = group_open(run, buf_str(&kept));
    } else if (!same) {
        last = group_open(run, key);
    }
    if (last->n >= IMPORT_ROWS_MAX || last->bytes > IMPORT_GROUP_BYTES) {
        import_problem(&run->problems, row->line, STR(""), "too_many_rows",
                       "the product has more than %d rows or too much text", IMPORT_ROWS_MAX);
        run->skipped++;
    } else {
        row_copy(run, last, row);
    }
    row_extent(run, last, row);
    return ST_OK;
}

/* Rows that an earlier run has committed: only their keys count. */
static void row_pass(Run *run, const CsvRow *row)
{
    Arena *a = &run->batch;
    Str   *cells = arena_array(a, Str, run->file.n + 1);
    for (size_t i = 0; i < run->file.n && i < row->n; i++)
        cells[i] = row->fields[i];
    ImportRow r = {.line = row->line, .cells = cells};
    Str       key = run->file.reader->key(&run->file, &r, a);
    if (key.len > 0)
        (void)seen_add(&run->seen, key);
    if (a->used > BATCH_BYTES)
        batch_reset(run);
}

/* The reader's text begins with the line, which the report shows in front of it. */
static void unreadable_row(Run *run, int64_t line, const Err *err)
{
    char shown[40];
    int  n = snprintf(shown, sizeof shown, "line %lld, ", (long long)line);
    bool twice = strncmp(err->msg, shown, (size_t)n) == 0;
    import_problem(&run->problems, line, STR(""), err->code, "%s", err->msg + (twice ? n : 0));
}

static Status rows_read(Run *run, Cx *cx)
{
    CsvRow  row;
    int64_t resume = run->state.line;
    for (;;) {
        Err     err = {0};
        CsvNext next = csv_file_next(run->csv, &row, &err);
        if (next == CSV_END)
            break;
        if (next == CSV_FAILED) {
            cx->err = err;
            return err.status;
        }
        if (row.line <= resume) {
            if (next == CSV_ROW)
                row_pass(run, &row);
            continue;
        }
        if (next == CSV_BAD) {
            unreadable_row(run, row.line, &err);
            run->skipped++;
            continue;
        }
        if (row.n > run->file.n)
            import_problem(&run->problems, row.line, STR(""), "too_many_cells",
                           "%zu cells under %zu columns: the last ones are passed over", row.n,
                           run->file.n);
        TRY(row_take(run, &row));
    }
    return ST_OK;
}

/* --- the beginning and the end ------------------------------------------------------------ */

static Status header_read(Run *run, Cx *cx)
{
    static const ImportReader *const READERS[] = {&import_shopify, &import_woocommerce};
    CsvRow                           row;
    Err                              err = {0};
    CsvNext                          next = csv_file_next(run->csv, &row, &err);
    if (next == CSV_FAILED) {
        cx->err = err;
        return err.status;
    }
    if (next != CSV_ROW)
        return cx_fail(cx, ST_INVALID, "catalog.unknown_format", "the file has no header: %s",
                       next == CSV_BAD ? err.msg : "it is empty");
    ImportFile *f = &run->file;
    f->n = row.n;
    f->headers = arena_array(run->arena, Str, f->n);
    f->columns = arena_array(run->arena, ImportColumn, f->n);
    for (size_t i = 0; i < f->n; i++)
        f->headers[i] = str_dup(run->arena, row.fields[i]);
    for (size_t i = 0; i < COUNT_OF(READERS) && f->reader == NULL; i++) {
        bool wanted =
            run->options->format == IMPORT_AUTO || run->options->format == READERS[i]->format;
        if (wanted && READERS[i]->recognises(f->headers, f->n))
            f->reader = READERS[i];
    }
    if (f->reader == NULL)
        return cx_fail(cx, ST_INVALID, "catalog.unknown_format",
                       "the columns are neither those of Shopify nor of WooCommerce");
    ImportProblems *problems = &run->problems;
    f->reader->map(f, run->arena, problems);
    return ST_OK;
}

static Status hash_file(Cx *cx, const char *path, Str *ret_hash, int64_t *ret_size)
{
    unsigned char            digest[32];
    char                    *hex = arena_array(cx->arena, char, 65);
    crypto_generichash_state st;
    struct stat              sb;
    int                      fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_file", "%.120s cannot be read", path);
    if (fstat(fd, &sb) != 0 || !S_ISREG(sb.st_mode)) {
        close(fd);
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_file", "%.120s is not a file", path);
    }
    unsigned char *block = arena_array(cx->arena, unsigned char, 64 << 10);
    ssize_t        n;
    crypto_generichash_init(&st, NULL, 0, sizeof digest);
    while ((n = read(fd, block, 64 << 10)) > 0)
        crypto_generichash_update(&st, block, (size_t)n);
    close(fd);
    if (n < 0)
        return cx_fail(cx, ST_IO, "catalog.unreadable", "%.120s cannot be read", path);
    if (sb.st_size > (off_t)FILE_MAX_GB << 30)
        return cx_fail(cx, ST_LIMIT, "catalog.file_too_big", "more than %d GB", FILE_MAX_GB);
    crypto_generichash_final(&st, digest, sizeof digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    *ret_hash = (Str){hex, 64};
    *ret_size = sb.st_size;
    return ST_OK;
}

static Status begin_tx(Cx *cx, void *arg)
{
    return import_state_write(cx, arg);
}

/* Find where to go on, or begin a new import. */
static Status state_begin(Run *run, Cx *cx, Str hash, Str name, int64_t size)
{
    Import *im = &run->state;
    bool    found = false;
    if (run->options->import != 0) {
        TRY(catalog_import_get(cx, run->options->import, im));
        im->hash = hash;
        im->format = run->file.reader->format;
        im->encoding = str_from_cstr(encoding_name(csv_file_encoding(run->csv)));
        return ST_OK;
    }
    if (!run->options->dry_run && !run->options->restart) {
        CatalogImportRow row;
        TRY(catalog_sql_import_unfinished(cx, hash, &found, &row));
        if (found)
            import_from_row(&row, im);
    }
    if (found && im->format == run->file.reader->format && str_eq(im->currency, run->file.currency))
        return ST_OK;
    *im = (Import){.id = id_new(),
                   .file = name,
                   .hash = hash,
                   .format = run->file.reader->format,
                   .encoding = str_from_cstr(encoding_name(csv_file_encoding(run->csv))),
                   .currency = run->file.currency,
                   .fetch_images = run->options->fetch_images,
                   .dry_run = run->options->dry_run,
                   .status = IMPORT_RUNNING,
                   .bytes = size,
                   .error = STR(""),
                   .created_at = cx->now,
                   .updated_at = cx->now};
    return catalog_in_tx(cx, begin_tx, im);
}

static bool is_ours(const ImportFile *file)
{
    for (size_t i = 0; i < file->n; i++)
        if (import_is_header(file->headers[i], IMPORT_MARK))
            return true;
    return false;
}

/* Begin again behind the header, and take our guard against formulas off the cells. */
static Status open_unguarded(Run *run, Cx *cx, const char *path)
{
    CsvRow row;
    csv_file_close(run->csv);
    run->csv = NULL;
    TRY(csv_file_open(path, &(CsvFileOptions){.csv.unguard = true}, &run->csv, &cx->err));
    CsvNext next = csv_file_next(run->csv, &row, &cx->err);
    return next == CSV_ROW ? ST_OK : cx_fail(cx, ST_IO, "catalog.unreadable", "the file changes");
}

static Status run_file(Run *run, Cx *cx, const char *path, Str name)
{
    Str     hash;
    int64_t size;
    TRY(hash_file(cx, path, &hash, &size));
    TRY(csv_file_open(path, &(CsvFileOptions){0}, &run->csv, &cx->err));
    TRY(header_read(run, cx));
    if (is_ours(&run->file))
        TRY(open_unguarded(run, cx, path));
    TRY(state_begin(run, cx, hash, name, size));
    if (run->state.line > 0)
        run->problems.n = 0; /* the columns were told of when it began */
    TRY(rows_read(run, cx));
    TRY(flush(run));
    run->state.status = IMPORT_DONE;
    run->state.bytes_done = size;
    return catalog_in_tx(&run->cx, begin_tx, &run->state);
}

Status catalog_import_file(Cx *cx, const char *path, Str name, const ImportOptions *options,
                           ImportWatch *watch, void *arg, Import *ret)
{
    Run run = {.options = options,
               .arena = cx->arena,
               .watch = watch,
               .watch_arg = arg,
               .file = {.currency = options->currency,
                        .images_dir = options->images_dir,
                        .fetch_images = options->fetch_images}};
    if (currency_find(options->currency) == NULL)
        return cx_fail(cx, ST_INVALID, "catalog.unknown_currency", "\"%.*s\" is no currency",
                       (int)(options->currency.len < 20 ? options->currency.len : 20),
                       options->currency.ptr != NULL ? options->currency.ptr : "");
    TRY(batch_begin(&run, cx));
    Status st = run_file(&run, cx, path, name);
    if (st != ST_OK && cx->err.status != st)
        cx->err = run.cx.err;
    if (st == ST_OK && watch != NULL)
        st = watch(arg, &run.state);
    *ret = run.state;
    csv_file_close(run.csv);
    cx_end(&run.cx);
    arena_done(&run.batch);
    free(run.seen.slots);
    return st;
}

Status catalog_import_get(Cx *cx, int64_t id, Import *ret)
{
    CatalogImportRow row;
    TRY(catalog_sql_import_get(cx, id, &row));
    import_from_row(&row, ret);
    return ST_OK;
}

Status catalog_imports(Cx *cx, int64_t before, int64_t max, Imports *ret)
{
    CatalogImportRowList rows;
    TRY(catalog_sql_imports_list(cx, before, max, &rows));
    ret->items = arena_array(cx->arena, Import, rows.n + 1);
    ret->n = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        import_from_row(&rows.items[i], &ret->items[i]);
    return ST_OK;
}

Status catalog_import_issues(Cx *cx, int64_t id, int64_t after, int64_t max, ImportIssues *ret)
{
    CatalogImportIssueRowList rows;
    TRY(catalog_sql_import_issues(cx, id, after, max, &rows));
    ret->items = arena_array(cx->arena, ImportIssue, rows.n + 1);
    ret->n = rows.n;
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (ImportIssue){.line = rows.items[i].line,
                                      .column = rows.items[i].column_name,
                                      .code = rows.items[i].code,
                                      .detail = rows.items[i].detail};
    return ST_OK;
}
