/* Products from files, and back. The cases are small files of our own; public catalogues
 * that lie beside the repository are imported too, and compared with an independent count
 * (import_oracle.py). */
#include "shop.h"

#include "base/fault.h"
#include "catalog/export.h"
#include "catalog/import.h"
#include "catalog/list.h"
#include "catalog/media.h"
#include "data.h"

#include <stdio.h>
#include <stdlib.h>

/* A new file in a folder that goes with the test. */
static const char *write_file(World *w, const char *text, size_t len)
{
    static int n;
    char      *path = arena_array(&w->arena, char, 64);
    (void)snprintf(path, 64, "/tmp/rapport-import-%d-%d.csv", (int)getpid(), n++);
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static Import import_text(World *w, const char *text, ImportOptions options)
{
    Import      im = {0};
    const char *path = write_file(w, text, strlen(text));
    if (options.currency.len == 0)
        options.currency = STR("EUR");
    assert_ok(catalog_import_file(&w->cx, path, STR("t.csv"), &options, NULL, NULL, &im),
              &w->cx.err);
    unlink(path);
    shop_sound(w);
    return im;
}

static CatalogProduct by_handle(World *w, const char *handle)
{
    CatalogProduct p = {0};
    assert_ok(catalog_product_by_handle(&w->cx, str_from_cstr(handle), CATALOG_WITH_ALL, &p),
              &w->cx.err);
    return p;
}

static void assert_issue_line(World *w, const Import *im, size_t i, int64_t line,
                              const char *column, const char *code)
{
    ImportIssues list;
    assert_ok(catalog_import_issues(&w->cx, im->id, 0, 100, &list), &w->cx.err);
    if (i >= list.n)
        fail_msg("there are %zu issues", list.n);
    const ImportIssue *is = &list.items[i];
    if (is->line != line || !str_eq(is->column, str_from_cstr(column)) ||
        !str_eq(is->code, str_from_cstr(code)))
        fail_msg("issue %zu: line %lld " STR_FMT " " STR_FMT ": " STR_FMT, i, (long long)is->line,
                 STR_ARG(is->column), STR_ARG(is->code), STR_ARG(is->detail));
}

#define OLD                                                                                        \
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name," \
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,"     \
    "Variant Inventory Policy,Variant Price,Variant Compare At Price,Image Src,Image Position,"    \
    "Image Alt Text,Variant Image,Google Shopping / Gender,Fit (product.metafields.custom.fit)\n"

static const char MUG[] =
    OLD "mug,Mug,<p>Holds tea.</p>,Nord,Mugs,\"blue, tea\",true,Colour,Blue,Size,S,M-1,300,shopify,"
        "5,deny,12.50,15,https://x.example/mug.jpg,1,A mug,,unisex,loose\n"
        "mug,,,,,,,,Blue,,L,M-2,400,shopify,0,continue,14.00,,https://x.example/big.jpg,2,,"
        "https://x.example/big.jpg,,\n"
        "mug,,,,,,,,,,,,,,,,,,https://x.example/third.jpg,3,,,,\n";

static void shopify_rows_become_products(void **state)
{
    World *w = *state;
    Import im = import_text(w, MUG, (ImportOptions){0});
    assert_int_equal(im.status, IMPORT_DONE);
    assert_int_equal(im.created, 1);
    assert_int_equal(im.variants, 2);
    assert_int_equal(im.rows, 3);
    assert_int_equal(im.issues, 0);
    CatalogProduct p = by_handle(w, "mug");
    assert_str(p.title, "Mug");
    assert_str(p.vendor, "Nord");
    assert_int_equal(p.status, CATALOG_ACTIVE);
    assert_int_equal(p.tags.n, 2);
    assert_int_equal(p.media.n, 3);
    assert_str(p.media.items[0].alt, "A mug");
    assert_int_equal(p.options.n, 2);
    assert_str(p.options.items[1].name, "Size");
    assert_int_equal(p.variants.n, 2);
    const CatalogVariant *v = p.variants.items;
    assert_str(v[0].options.items[1], "S");
    assert_int_equal(v[0].prices.items[0].price.minor, 1250);
    assert_int_equal(v[0].prices.items[0].compare_at.minor, 1500);
    assert_int_equal(v[0].weight_g.v, 300);
    assert_true(v[0].tracked);
    assert_int_equal(v[0].quantity, 5);
    assert_int_equal(v[1].policy, CATALOG_CONTINUE);
    assert_int_equal(v[1].media_id.v, p.media.items[1].id);
    assert_int_equal(p.attributes.n, 2);
    assert_int_equal(p.publications.n, 1);
}

static void importing_again_changes_nothing(void **state)
{
    World *w = *state;
    (void)import_text(w, MUG, (ImportOptions){0});
    CatalogProduct before = by_handle(w, "mug");
    Import         im = import_text(w, MUG, (ImportOptions){0});
    assert_int_equal(im.created, 0);
    assert_int_equal(im.updated, 0);
    assert_int_equal(im.unchanged, 1);
    assert_int_equal(by_handle(w, "mug").rev, before.rev);
}

static void a_dry_run_writes_nothing(void **state)
{
    World *w = *state;
    Import im = import_text(w, MUG, (ImportOptions){.dry_run = true});
    assert_int_equal(im.created, 1);
    assert_true(im.dry_run);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), 0);
}

static void bad_rows_are_told_and_the_others_kept(void **state)
{
    World     *w = *state;
    const char text[] =
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Grams,Published\n"
        "one,One,Size,S,-5,1,true\n"
        "one,,,M,10.00,1,\n"
        "one,,,L,abc,1,\n"
        "one,,,M,11.00,1,\n"
        "two,,Size,S,3.00,1,true\n"
        "three,Three,Size,S,3.999,1,true\n"
        "four,Four,Size,S,4.00,heavy,true\n"
        "four,,,M,4.00,1,\n"
        "five,Five,,,5.00,1,perhaps\n"
        "one,One again,Size,S,1.00,1,true\n";
    Import im = import_text(w, text, (ImportOptions){0});
    assert_int_equal(im.created, 3);
    assert_issue_line(w, &im, 0, 2, "Variant Price", "negative");
    assert_issue_line(w, &im, 1, 4, "Variant Price", "bad_price");
    assert_issue_line(w, &im, 2, 5, "", "duplicate_variant");
    assert_int_equal(by_handle(w, "one").variants.n, 1);
    assert_int_equal(by_handle(w, "four").variants.n, 1);
    CatalogProduct p;
    assert_int_equal(catalog_product_by_handle(&w->cx, STR("two"), 0, &p), ST_NOT_FOUND);
    ImportIssues list;
    assert_ok(catalog_import_issues(&w->cx, im.id, 0, 100, &list), &w->cx.err);
    bool duplicate = false;
    for (size_t i = 0; i < list.n; i++)
        duplicate = duplicate || (list.items[i].line == 11 &&
                                  str_eq(list.items[i].code, STR("duplicate_handle")));
    assert_true(duplicate);
    assert_str(by_handle(w, "one").title, "One");
}

static void a_file_cut_within_quotes_keeps_what_came_before(void **state)
{
    World     *w = *state;
    const char text[] = "Handle,Title,Variant Price\n"
                        "one,One,1.00\n"
                        "two,Two,2.00\n"
                        "three,\"Three, and then noth";
    Import     im = import_text(w, text, (ImportOptions){0});
    assert_int_equal(im.created, 2);
    assert_issue_line(w, &im, 0, 4, "", "csv.open_quote");
}

static void a_missing_column_leaves_alone_and_an_empty_cell_empties(void **state)
{
    World *w = *state;
    (void)import_text(w, MUG, (ImportOptions){0});
    (void)import_text(w, "Handle,Title,Vendor\nmug,Mug,\n", (ImportOptions){0});
    CatalogProduct p = by_handle(w, "mug");
    assert_str(p.vendor, "");
    assert_str(p.type, "Mugs");
    assert_int_equal(p.variants.n, 2);
    assert_int_equal(p.media.n, 3);
}

static void other_encodings_are_found_out(void **state)
{
    World     *w = *state;
    const char text[] = "Handle,Title,Variant Price\n"
                        "shoes,\xD7\xE5\xF0\xE2\xEE\xED\xB3 \xEA\xF0\xEE\xF1\xB3\xE2\xEA\xE8 "
                        "\xE4\xEB\xFF \xE1\xB3\xE3\xF3,100\n"; /* windows-1251 */
    Import     im = import_text(w, text, (ImportOptions){0});
    assert_str(im.encoding, "windows-1251");
    assert_str(by_handle(w, "shoes").title, "Червоні кросівки для бігу");
}

static void foreign_files_are_refused(void **state)
{
    World        *w = *state;
    Import        im;
    ImportOptions options = {.currency = STR("EUR")};
    const char   *path = write_file(w, "a,b\n1,2\n", 8);
    assert_fails(catalog_import_file(&w->cx, path, STR("x"), &options, NULL, NULL, &im), ST_INVALID,
                 &w->cx.err, "catalog.unknown_format");
    unlink(path);
    assert_fails(catalog_import_file(&w->cx, "/nowhere", STR("x"), &options, NULL, NULL, &im),
                 ST_NOT_FOUND, &w->cx.err, "catalog.no_file");
    options.currency = STR("XXZ");
    assert_fails(catalog_import_file(&w->cx, path, STR("x"), &options, NULL, NULL, &im), ST_INVALID,
                 &w->cx.err, "catalog.unknown_currency");
}

#ifdef FAULT_INJECTION
/* Fail the n-th call of the database, for every n: whatever it was, the shop is sound, has the
 * product whole or not at all, and the same import afterwards brings it. */
static void a_fault_at_any_call_leaves_nothing_half_done(void **state)
{
    World        *w = *state;
    ImportOptions options = {.currency = STR("EUR")};
    int           n = 1;
    bool          clean = false;
    for (; n < 2000 && !clean; n++) {
        Import      im = {0};
        const char *path = write_file(w, MUG, sizeof MUG - 1);
        fault_arm(n, false);
        Status st = catalog_import_file(&w->cx, path, STR("t.csv"), &options, NULL, NULL, &im);
        clean = !fault_fired();
        fault_arm(0, false);
        assert_true(!clean || st == ST_OK);
        int64_t there = shop_number(w, "SELECT count(*) FROM catalog_product");
        assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_variant"), 2 * there);
        shop_sound(w);
        world_again(w);
        path = write_file(w, MUG, sizeof MUG - 1);
        assert_ok(catalog_import_file(&w->cx, path, STR("t.csv"), &options, NULL, NULL, &im),
                  &w->cx.err);
        CatalogProduct p = by_handle(w, "mug");
        assert_int_equal(p.variants.n, 2);
        assert_int_equal(p.media.n, 3);
        assert_ok(catalog_product_delete(&w->cx, p.id, 0), &w->cx.err);
        world_again(w);
        (void)test_run(
            (const char *const[]){"sh", "-c", "rm -f /tmp/rapport-import-$PPID-*.csv", NULL});
    }
    assert_true(clean);
    assert_true(n > 30);
}
#endif

/* --- export ------------------------------------------------------------------------------- */

static Status to_buf(void *arg, Str bytes, Err *err)
{
    (void)err;
    buf_add(arg, bytes);
    return ST_OK;
}

static Str export_text_of(World *w, int format)
{
    Buf           b;
    ExportCounts  counts;
    ExportOptions options = {
        .format = format, .currency = STR("EUR"), .origin = STR("https://shop.example")};
    buf_init(&b, 256 << 20);
    assert_ok(catalog_export_products(&w->cx, &options, to_buf, &b, &counts), &w->cx.err);
    Str copy = str_dup(&w->arena, buf_str(&b));
    buf_done(&b);
    return copy;
}

static void export_and_import_again(World *w, int format)
{
    int64_t       products = shop_number(w, "SELECT count(*) FROM catalog_product");
    int64_t       revs = shop_number(w, "SELECT CAST(sum(rev) AS BIGINT) FROM catalog_product");
    Str           csv = export_text_of(w, format);
    const char   *path = write_file(w, csv.ptr, csv.len);
    Import        im = {0};
    ImportOptions options = {.currency = STR("EUR")};
    assert_ok(catalog_import_file(&w->cx, path, STR("again.csv"), &options, NULL, NULL, &im),
              &w->cx.err);
    if (im.unchanged != products || im.issues != 0) {
        ImportIssues list;
        assert_ok(catalog_import_issues(&w->cx, im.id, 0, 5, &list), &w->cx.err);
        for (size_t i = 0; i < list.n; i++)
            print_message("# line %lld " STR_FMT " " STR_FMT " " STR_FMT "\n",
                          (long long)list.items[i].line, STR_ARG(list.items[i].column),
                          STR_ARG(list.items[i].code), STR_ARG(list.items[i].detail));
        fail_msg("%lld of %lld unchanged, %lld issues, %s", (long long)im.unchanged,
                 (long long)products, (long long)im.issues, path);
    }
    assert_int_equal(shop_number(w, "SELECT CAST(sum(rev) AS BIGINT) FROM catalog_product"), revs);
    unlink(path);
    Str second = export_text_of(w, format);
    assert_int_equal(csv.len, second.len);
    assert_memory_equal(csv.ptr, second.ptr, csv.len);
}

static void export_imports_without_a_change(void **state)
{
    World *w = *state;
    (void)import_text(w, MUG, (ImportOptions){0});
    (void)shop_product(w, "{\"title\":\"=cmd()\",\"vendor\":\"@x\",\"tags\":[\"a, b\",\"c\"],"
                          "\"options\":[{\"name\":\"A\"},{\"name\":\"B\"},{\"name\":\"C\"},"
                          "{\"name\":\"D\"}],\"variants\":[{\"options\":[\"1\",\"2\",\"3\",\"4\"],"
                          "\"hs_code\":\"640411\",\"origin\":\"UA\",\"min_qty\":2,\"step_qty\":2,"
                          "\"length_mm\":120,\"prices\":[{\"price\":{\"amount\":1000,"
                          "\"currency\":\"EUR\"}}],\"measure\":{\"value\":0.75,\"unit\":\"l\","
                          "\"base_value\":1,\"base_unit\":\"l\"}}]}");
    export_and_import_again(w, IMPORT_SHOPIFY);
}

/* --- WooCommerce ----------------------------------------------------------------------------- */

static const char WOO[] =
    "ID,Type,SKU,Name,Published,Short description,Description,Date sale price starts,"
    "Date sale price ends,Tax status,In stock?,Stock,Backorders allowed?,Sold individually?,"
    "Weight (kg),Length (cm),Sale price,Regular price,Categories,Tags,Images,Parent,"
    "Attribute 1 name,Attribute 1 value(s),Attribute 1 visible,Attribute 1 global,"
    "Attribute 2 name,Attribute 2 value(s),Attribute 2 visible,Attribute 2 global,Meta: _x\n"
    "10,simple,CUP,Cup,1,Short,<p>Long</p>,,,taxable,1,7,0,1,0.25,12.5,8,10,\"Kitchen > Cups, "
    "New\","
    "\"a\\, b, c\",\"https://x.example/1.jpg, https://x.example/2.jpg\",,Material,Clay,1,0,,,,,m\n"
    "11,variable,TEE,Tee,1,,,,,taxable,1,,0,0,,,,,Shirts,,https://x.example/t.jpg,,Size,\"S, "
    "M\",1,1,"
    "Care,\"Wash, warm\",1,0,\n"
    "12,variation,TEE-S,Tee - S,1,,,2026-12-01,2026-12-24,taxable,1,3,notify,0,0.2,,15,20,,,,TEE,"
    "Size,S,,1,,,,,\n"
    "13,variation,TEE-M,Tee - "
    "M,1,,,,,none,1,,0,0,,,,21.50,,,https://x.example/m.jpg,id:11,Size,M,,1,"
    ",,,,\n"
    "14,\"simple, virtual\",,Voucher,-1,,,,,taxable,1,,0,0,,,,50,,,,,,,,,,,,,\n";

static void woocommerce_rows_become_products(void **state)
{
    World *w = *state;
    Import im = import_text(w, WOO, (ImportOptions){0});
    assert_int_equal(im.format, IMPORT_WOOCOMMERCE);
    assert_int_equal(im.created, 3);
    assert_int_equal(im.issues, 0);
    CatalogProduct cup = by_handle(w, "cup");
    assert_int_equal(cup.variants.n, 1);
    const CatalogVariant *v = &cup.variants.items[0];
    assert_str(v->sku, "CUP");
    assert_int_equal(v->weight_g.v, 250);
    assert_int_equal(v->length_mm.v, 125);
    assert_int_equal(v->prices.items[0].price.minor, 800);
    assert_int_equal(v->prices.items[0].compare_at.minor, 1000);
    assert_int_equal(v->max_qty.v, 1);
    assert_int_equal(cup.media.n, 2);
    assert_str(cup.tags.items[0], "a, b");
    CatalogProduct tee = by_handle(w, "tee");
    assert_int_equal(tee.variants.n, 2);
    assert_int_equal(tee.options.n, 1);
    assert_int_equal(tee.variants.items[0].prices.n, 2);
    assert_int_equal(tee.variants.items[0].policy, CATALOG_CONTINUE);
    assert_false(tee.variants.items[1].taxable);
    assert_int_equal(tee.variants.items[1].media_id.v, tee.media.items[1].id);
    CatalogProduct voucher = by_handle(w, "voucher");
    assert_int_equal(voucher.status, CATALOG_DRAFT);
    assert_false(voucher.variants.items[0].requires_shipping);
    im = import_text(w, WOO, (ImportOptions){0});
    assert_int_equal(im.unchanged, 3);
}

static void woocommerce_goes_round(void **state)
{
    World *w = *state;
    (void)import_text(w, WOO, (ImportOptions){0});
    (void)import_text(w, MUG, (ImportOptions){0});
    export_and_import_again(w, IMPORT_WOOCOMMERCE);
}

/* Titles of the collections that a product is in, sorted: "Cups|Kitchen". */
static const char *collections_of(World *w, const char *handle)
{
    CatalogIds         ids;
    CatalogCollections list;
    assert_ok(catalog_collections_of(&w->cx, by_handle(w, handle).id, &ids), &w->cx.err);
    assert_ok(catalog_collections_get(&w->cx, ids.items, ids.n, &list), &w->cx.err);
    char  *out = arena_array(&w->arena, char, 1000);
    size_t at = 0;
    for (Str last = STR("");;) {
        const CatalogCollection *next = NULL;
        for (size_t i = 0; i < list.n; i++)
            if (str_cmp(list.items[i].handle, last) > 0 &&
                (!next || str_cmp(list.items[i].handle, next->handle) < 0))
                next = &list.items[i];
        if (!next)
            return out;
        last = next->handle;
        at += (size_t)snprintf(out + at, 1000 - at, "%s" STR_FMT "=" STR_FMT, at > 0 ? "|" : "",
                               STR_ARG(next->handle), STR_ARG(next->title));
    }
}

static const char WOO_TREE[] =
    "ID,Type,Name,Published,Regular price,Categories\n"
    "1,simple,Cup,1,10,\"Kitchen > Cups, New\"\n"
    "2,simple,Bowl,1,10,\"Kitchen, Men > Cups, Tom &amp; Co &gt; Sons\"\n"
    "3,simple,Hat,1,10,\n";

static void woocommerce_categories_become_collections(void **state)
{
    World *w = *state;
    /* staff made one of that name: it is joined, and never left */
    CatalogCollection own = shop_collection(w, "{\"title\":\"New\",\"handle\":\"novelties\"}");
    Import            im = import_text(w, WOO_TREE, (ImportOptions){.dry_run = true});
    assert_int_equal(im.created, 3);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_collection"), 1);
    im = import_text(w, WOO_TREE, (ImportOptions){0});
    assert_int_equal(im.created, 3);
    assert_int_equal(im.issues, 0);
    assert_string_equal(collections_of(w, "cup"),
                        "kitchen=Kitchen|kitchen-cups=Cups|novelties=New");
    assert_string_equal(collections_of(w, "bowl"),
                        "kitchen=Kitchen|men=Men|men-cups=Cups|tom-co-sons=Tom & Co > Sons");
    assert_string_equal(collections_of(w, "hat"), "");
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_collection"), 6);
    im = import_text(w, WOO_TREE, (ImportOptions){0});
    assert_int_equal(im.unchanged, 3);
    /* a collection may be called otherwise meanwhile: its category stays */
    CatalogCollection c;
    assert_ok(catalog_collection_by_handle(&w->cx, STR("kitchen-cups"), &c), &w->cx.err);
    assert_ok(shop_collection_update(&w->cx, c.id, "{\"title\":\"Mugs\"}", &c), &w->cx.err);
    im = import_text(w, WOO_TREE, (ImportOptions){0});
    assert_int_equal(im.unchanged, 3);
    export_and_import_again(w, IMPORT_WOOCOMMERCE);
    /* it moves: what it had from files goes, what staff chose stays */
    static const char MOVED[] =
        "ID,Type,Name,Published,Regular price,Categories\n1,simple,Cup,1,10,Table\n";
    im = import_text(w, MOVED, (ImportOptions){0});
    assert_int_equal(im.updated, 1);
    assert_string_equal(collections_of(w, "cup"), "novelties=New|table=Table");
    assert_int_equal(shop_members(w, own.id), 1);
    /* without the column nothing is said about them */
    im = import_text(w, "ID,Type,Name,Published,Regular price\n1,simple,Cup,1,10\n",
                     (ImportOptions){0});
    assert_int_equal(im.unchanged, 1);
}

static void too_long_categories_are_told(void **state)
{
    World *w = *state;
    Buf    b;
    buf_init(&b, 4096);
    buf_add(&b, STR("ID,Type,Name,Published,Regular price,Categories\n1,simple,Cup,1,10,\"Ok, "));
    for (int i = 0; i < 300; i++)
        buf_addc(&b, 'x');
    buf_add(&b, STR(",a>b>c>d>e>f>g>h>i>j>k, > >\"\n"));
    Import im = import_text(w, str_cstr(&w->arena, buf_str(&b)), (ImportOptions){0});
    buf_done(&b);
    assert_int_equal(im.created, 1);
    assert_int_equal(im.issues, 3);
    assert_string_equal(collections_of(w, "cup"), "ok=Ok");
}

static void empty_shop(World *w)
{
    CatalogKeyedList   list;
    const CatalogSlice slice = {.order = CATALOG_ORDER_CREATED, .limit = 100};
    assert_ok(catalog_product_list(&w->cx, &(CatalogProductFilter){0}, &slice, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        assert_ok(catalog_product_delete(&w->cx, list.items[i].id, 0), &w->cx.err);
    assert_ok(catalog_collection_list(&w->cx, &(CatalogCollectionFilter){0}, &slice, &list),
              &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        assert_ok(catalog_collection_delete(&w->cx, list.items[i].id, 0), &w->cx.err);
}

/* A shop is built anew from its file, and has the same collections. */
static void collections_go_round(World *w, int format)
{
    (void)import_text(w, WOO_TREE, (ImportOptions){0});
    export_and_import_again(w, format);
    Str         csv = export_text_of(w, format);
    const char *cup = collections_of(w, "cup"), *bowl = collections_of(w, "bowl");
    empty_shop(w);
    Import im = import_text(w, str_cstr(&w->arena, csv), (ImportOptions){0});
    assert_int_equal(im.created, 3);
    assert_string_equal(collections_of(w, "cup"), cup);
    assert_string_equal(collections_of(w, "bowl"), bowl);
}

#ifdef FAULT_INJECTION
/* Products and their collections come together or not at all, and the same file again brings
 * what is missing. */
static void a_fault_among_collections_leaves_nothing_half_done(void **state)
{
    World        *w = *state;
    ImportOptions options = {.currency = STR("EUR")};
    bool          fired = true;
    int           n = 1;
    for (; n < 2000 && fired; n++) {
        Import      im = {0};
        const char *path = write_file(w, WOO_TREE, sizeof WOO_TREE - 1);
        fault_arm(n, false);
        (void)!catalog_import_file(&w->cx, path, STR("t.csv"), &options, NULL, NULL, &im);
        fired = fault_fired();
        fault_arm(0, false);
        world_again(w);
        shop_sound(w);
        int64_t cups = shop_number(w, "SELECT count(*) FROM catalog_product WHERE handle = 'cup'");
        if (cups > 0)
            assert_string_equal(collections_of(w, "cup"),
                                "kitchen=Kitchen|kitchen-cups=Cups|new=New");
        (void)import_text(w, WOO_TREE, (ImportOptions){0});
        assert_string_equal(collections_of(w, "cup"), "kitchen=Kitchen|kitchen-cups=Cups|new=New");
        assert_string_equal(collections_of(w, "bowl"),
                            "kitchen=Kitchen|men=Men|men-cups=Cups|tom-co-sons=Tom & Co > Sons");
        empty_shop(w);
        world_again(w);
        unlink(path);
    }
    assert_false(fired);
    assert_true(n > 50);
}
#endif

static void collections_of_woocommerce_go_round(void **state)
{
    collections_go_round(*state, IMPORT_WOOCOMMERCE);
}

static void collections_of_shopify_go_round(void **state)
{
    collections_go_round(*state, IMPORT_SHOPIFY);
}

static void a_shopify_collection_is_joined(void **state)
{
    World            *w = *state;
    static const char CSV[] = "Handle,Title,Variant Price,Collection\n"
                              "a,A,1,Summer > 2026\nb,B,1,\nc,C,1,Summer > 2026\n";
    (void)import_text(w, CSV, (ImportOptions){0});
    assert_string_equal(collections_of(w, "a"), "summer-2026=Summer > 2026");
    assert_string_equal(collections_of(w, "b"), "");
    assert_string_equal(collections_of(w, "c"), "summer-2026=Summer > 2026");
    Import im = import_text(w, CSV, (ImportOptions){0});
    assert_int_equal(im.unchanged, 3);
    export_and_import_again(w, IMPORT_SHOPIFY);
}

/* --- public catalogues ---------------------------------------------------------------------------
 */

static void round_of_file(World *w, const char *name)
{
    const char *path = test_data(&w->arena, name);
    size_t      n = strlen(path);
    if (n > 3 && strcmp(path + n - 3, ".xz") == 0) {
        char *command = arena_array(&w->arena, char, n + 100);
        char *plain = arena_array(&w->arena, char, 64);
        (void)snprintf(plain, 64, "/tmp/rapport-import-%d.csv", (int)getpid());
        (void)snprintf(command, n + 100, "xz -dc '%s' > %s", path, plain);
        const char *argv[] = {"sh", "-c", command, NULL};
        assert_int_equal(test_run(argv), 0);
        path = plain;
    }
    Import        im = {0};
    ImportOptions options = {.currency = STR("EUR")};
    assert_ok(catalog_import_file(&w->cx, path, STR("data.csv"), &options, NULL, NULL, &im),
              &w->cx.err);
    ImportIssues list;
    assert_ok(catalog_import_issues(&w->cx, im.id, 0, 10, &list), &w->cx.err);
    for (size_t i = 0; i < list.n; i++)
        print_message("# %s line %lld " STR_FMT " " STR_FMT " " STR_FMT "\n", name,
                      (long long)list.items[i].line, STR_ARG(list.items[i].column),
                      STR_ARG(list.items[i].code), STR_ARG(list.items[i].detail));
    print_message("# %s: %lld products, %lld variants, %lld rows, %lld issues\n", name,
                  (long long)im.created, (long long)im.variants, (long long)im.rows,
                  (long long)im.issues);
    assert_int_equal(im.skipped, 0);
    shop_sound(w);
    export_and_import_again(w, IMPORT_SHOPIFY);
}

static void fashion_goes_round(void **state)
{
    World *w = *state;
    round_of_file(w, "shopify/fashion.csv.xz");
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), 997);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_variant"), 3684);
}

static void smaller_catalogues_go_round(void **state)
{
    World *w = *state;
    round_of_file(w, "shopify/apparel.csv");
    round_of_file(w, "shopify/jewelery.csv");
    round_of_file(w, "shopify/home-and-garden.csv");
    round_of_file(w, "shopify/snowdevil.csv.xz");
}

static void bicycles_go_round(void **state)
{
    World *w = *state;
    round_of_file(w, "shopify/bicycles.csv.xz");
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_product"), 284);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_variant"), 1121);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(shopify_rows_become_products),
        TEST_WORLD(importing_again_changes_nothing),
        TEST_WORLD(a_dry_run_writes_nothing),
        TEST_WORLD(bad_rows_are_told_and_the_others_kept),
        TEST_WORLD(a_file_cut_within_quotes_keeps_what_came_before),
        TEST_WORLD(a_missing_column_leaves_alone_and_an_empty_cell_empties),
        TEST_WORLD(other_encodings_are_found_out),
        TEST_WORLD(foreign_files_are_refused),
#ifdef FAULT_INJECTION
        TEST_SQLITE(a_fault_at_any_call_leaves_nothing_half_done),
#endif
        TEST_WORLD(export_imports_without_a_change),
        TEST_WORLD(woocommerce_rows_become_products),
        TEST_WORLD(woocommerce_goes_round),
        TEST_WORLD(woocommerce_categories_become_collections),
        TEST_WORLD(too_long_categories_are_told),
        TEST_WORLD(collections_of_woocommerce_go_round),
        TEST_WORLD(collections_of_shopify_go_round),
        TEST_WORLD(a_shopify_collection_is_joined),
#ifdef FAULT_INJECTION
        TEST_SQLITE(a_fault_among_collections_leaves_nothing_half_done),
#endif
        TEST_WORLD(fashion_goes_round),
        TEST_SQLITE(bicycles_go_round),
        TEST_SQLITE(smaller_catalogues_go_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
