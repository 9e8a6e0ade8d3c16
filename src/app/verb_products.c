/* `rapport import products` and `rapport export products`. */
#include "app/app.h"
#include "app/verbs.h"
#include "base/csv.h"
#include "base/id.h"
#include "base/rng.h"
#include "catalog/export.h"
#include "catalog/import.h"
#include "catalog/shop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 20, PAGE = 500 };

const CliOption IMPORT_OPTIONS[] = {
    {"images", "DIR", NULL, NULL, "folder of pictures, found by file name"},
    {"fetch-images", NULL, NULL, NULL, "let the server fetch pictures from their addresses"},
    {"currency", "CODE", NULL, NULL, "of the prices; the shop's unless given"},
    {"format", "NAME", "auto", NULL, "shopify or woocommerce; told by the columns unless given"},
    {"report", "FILE", NULL, NULL, "write what was wrong, row by row, as CSV"},
    {"dry-run", NULL, NULL, NULL, "read, check and count; change nothing"},
    {"restart", NULL, NULL, NULL, "begin again where an import of this file was cut off"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

const CliOption EXPORT_OPTIONS[] = {
    {"format", "NAME", "shopify", NULL, "shopify or woocommerce"},
    {"currency", "CODE", NULL, NULL, "of the prices; the shop's unless given"},
    {"origin", "URL", "", NULL, "https://shop.example: where this shop's pictures are"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

/* Open the shop; beside a running server, if one has it. */
static Status open_shop(Cli *cli, App *app, Err *err)
{
    Status st = app_open(cli, DATA_ALONE, app, err);
    if (st == ST_CONFLICT && strcmp(err->code, "app.data_in_use") == 0) {
        unsigned char node;
        app_close(app);
        rng_bytes(&node, 1);
        id_node_set(1 + node % 255); /* the server is 0: ids stay apart */
        st = app_open(cli, DATA_BESIDE, app, err);
    }
    TRY(st);
    TRY(app_pictures(app, err));
    return app_start(app, true, err);
}

static Status format_of(const Cli *cli, int *ret, Err *err)
{
    for (int i = 0; import_format_names[i] != NULL; i++) {
        if (!str_eq(cli_text(cli, "format"), str_from_cstr(import_format_names[i])))
            continue;
        *ret = i;
        return ST_OK;
    }
    return err_set(err, ST_INVALID, "app.bad_option", "--format is shopify or woocommerce");
}

static Status currency_of(const Cli *cli, Cx *cx, Str *ret)
{
    CatalogShop shop;
    TRY(catalog_shop(cx, &shop));
    *ret = cli_cstr(cli, "currency") != NULL ? cli_text(cli, "currency") : shop.currency;
    return ST_OK;
}

/* --- import ------------------------------------------------------------------------------ */

static Status show_progress(void *arg, const Import *im)
{
    cli_progress_at(arg, im->bytes_done, im->bytes);
    return ST_OK;
}

static void show_summary(Cli *cli, const Import *im)
{
    fprintf(cli->out,
            "%s%lld rows: %lld products new, %lld changed, %lld unchanged; %lld variants, %lld "
            "pictures.\n",
            im->dry_run ? "Nothing is changed. " : "", (long long)im->rows, (long long)im->created,
            (long long)im->updated, (long long)im->unchanged, (long long)im->variants,
            (long long)im->pictures);
    if (im->issues > 0)
        fprintf(cli->out, "Problems: %lld. Rows skipped: %lld.\n", (long long)im->issues,
                (long long)im->skipped);
}

static Status show_issues(Cli *cli, Cx *cx, const Import *im)
{
    ImportIssues list;
    TRY(catalog_import_issues(cx, im->id, 0, SHOWN, &list));
    for (size_t i = 0; i < list.n; i++) {
        const ImportIssue *is = &list.items[i];
        fprintf(cli->err, "line %lld%s" STR_FMT ": " STR_FMT " (" STR_FMT ")\n",
                (long long)is->line, is->column.len > 0 ? ", " : "", STR_ARG(is->column),
                STR_ARG(is->detail), STR_ARG(is->code));
    }
    if (im->issues > SHOWN)
        fprintf(cli->err, "… and %lld more: --report FILE has them all\n",
                (long long)(im->issues - SHOWN));
    return ST_OK;
}

static void report_row(CsvWriter *w, Str line, Str column, Str code, Str detail)
{
    csv_field(w, line);
    csv_field(w, column);
    csv_field(w, code);
    csv_field(w, detail);
    csv_row_end(w);
}

static Status write_report(Cx *cx, const Import *im, const char *path)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 20);
    CsvWriter w = {.out = &b, .guard = true};
    report_row(&w, STR("Line"), STR("Column"), STR("Code"), STR("Reason"));
    for (int64_t after = 0;;) {
        ImportIssues list;
        TRY(catalog_import_issues(cx, im->id, after, PAGE, &list));
        for (size_t i = 0; i < list.n; i++) {
            char text[24];
            (void)snprintf(text, sizeof text, "%lld", (long long)list.items[i].line);
            report_row(&w, str_from_cstr(text), list.items[i].column, list.items[i].code,
                       list.items[i].detail);
        }
        after += (int64_t)list.n;
        if (list.n < PAGE)
            break;
    }
    FILE *f = fopen(path, "wbe");
    bool  ok = f != NULL && fwrite(b.ptr, 1, b.len, f) == b.len;
    ok = f != NULL && fclose(f) == 0 && ok;
    return ok ? ST_OK : cx_fail(cx, ST_IO, "app.unwritable", "%.120s cannot be written", path);
}

static void show_json(Cli *cli, const Shape *shape, const void *value)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, shape, value);
    fprintf(cli->out, STR_FMT "\n", STR_ARG(buf_str(&b)));
}

static Str file_name(Str path)
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return (Str){path.ptr + from, path.len - from};
}

static Status import_products(Cli *cli, Cx *cx)
{
    CliProgress   bar = cli_progress(cli, "Importing");
    ImportOptions options = {.images_dir = cli_cstr(cli, "images"),
                             .fetch_images = cli_flag(cli, "fetch-images"),
                             .dry_run = cli_flag(cli, "dry-run"),
                             .restart = cli_flag(cli, "restart")};
    Import        im;
    Str           file = cli->arguments[0];
    if (options.images_dir != NULL && access(options.images_dir, R_OK | X_OK) != 0)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_file", "%.120s is no folder that can be read",
                       options.images_dir);
    TRY(format_of(cli, &options.format, &cx->err));
    TRY(currency_of(cli, cx, &options.currency));
    Status st = catalog_import_file(cx, str_cstr(cx->arena, file), file_name(file), &options,
                                    show_progress, &bar, &im);
    cli_progress_end(&bar);
    TRY(st);
    if (cli_flag(cli, "json"))
        show_json(cli, &catalog_import_shape, &im);
    else
        show_summary(cli, &im);
    if (cli_cstr(cli, "report") != NULL)
        TRY(write_report(cx, &im, cli_cstr(cli, "report")));
    return cli_flag(cli, "json") ? ST_OK : show_issues(cli, cx, &im);
}

Status verb_import_products(Cli *cli, Err *err)
{
    CLEANUP(app_close) App app = {0};
    TRY(open_shop(cli, &app, err));
    CLEANUP(app_cx_end) AppCx c = {0};
    TRY(app_cx_begin(&app, &c, err));
    return app_failed(&c, import_products(cli, &c.cx), err);
}

/* --- export -------------------------------------------------------------------------------- */

static Status write_piece(void *arg, Str bytes, Err *err)
{
    if (fwrite(bytes.ptr, 1, bytes.len, arg) == bytes.len)
        return ST_OK;
    return err_set(err, ST_IO, "app.unwritable", "the file cannot be written: %s",
                   errno == ENOSPC ? "the disk is full" : "an error of the disk");
}

static void show_exported(void *arg, int64_t done, int64_t total)
{
    cli_progress_at(arg, done, total);
}

/* Write beside, then put in place: a file that was there stays whole until then. */
static Status export_to(Cli *cli, Cx *cx, const char *path, ExportCounts *ret)
{
    CliProgress   bar = cli_progress(cli, "Exporting");
    ExportOptions options = {
        .origin = cli_text(cli, "origin"), .watch = show_exported, .watch_arg = &bar};
    TRY(format_of(cli, &options.format, &cx->err));
    TRY(currency_of(cli, cx, &options.currency));
    CLEANUP(buf_done) Buf temp;
    buf_init(&temp, 8192);
    buf_addf(&temp, "%s.part", path);
    FILE *f = fopen(temp.ptr, "wbe");
    if (f == NULL)
        return cx_fail(cx, ST_IO, "app.unwritable", "%.120s cannot be written", path);
    Status st = catalog_export_products(cx, &options, write_piece, f, ret);
    cli_progress_end(&bar);
    bool ok = fclose(f) == 0 && st == ST_OK && rename(temp.ptr, path) == 0;
    if (!ok)
        unlink(temp.ptr);
    if (st == ST_OK && !ok)
        return cx_fail(cx, ST_IO, "app.unwritable", "%.120s cannot be written", path);
    return st;
}

static Status export_products(Cli *cli, Cx *cx)
{
    ExportCounts n;
    TRY(export_to(cli, cx, str_cstr(cx->arena, cli->arguments[0]), &n));
    if (cli_flag(cli, "json"))
        fprintf(cli->out,
                "{\"products\":%lld,\"variants\":%lld,\"rows\":%lld,\"prices_left\":%lld}\n",
                (long long)n.products, (long long)n.variants, (long long)n.rows,
                (long long)n.prices_left);
    else
        fprintf(cli->out, "%lld products, %lld variants in %lld rows.\n", (long long)n.products,
                (long long)n.variants, (long long)n.rows);
    if (n.prices_left > 0)
        fprintf(cli->err, "%lld prices in other currencies or for other quantities stay out.\n",
                (long long)n.prices_left);
    return ST_OK;
}

Status verb_export_products(Cli *cli, Err *err)
{
    CLEANUP(app_close) App app = {0};
    TRY(open_shop(cli, &app, err));
    CLEANUP(app_cx_end) AppCx c = {0};
    TRY(app_cx_begin(&app, &c, err));
    return app_failed(&c, export_products(cli, &c.cx), err);
}
