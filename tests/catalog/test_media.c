/* Pictures: taken in once, shown in the size and format that fit, forgotten when unused. */
#include "shop.h"

#include "catalog/media.h"
#include "catalog/media_int.h"
#include "core/core.h"
#include "data.h"
#include "png.h"

static char folder[64];

static int open_folder(void **state)
{
    (void)state;
    Err err;
    (void)snprintf(folder, sizeof folder, "/tmp/rapport-media-XXXXXX");
    if (mkdtemp(folder) == NULL || picture_init(&err) != ST_OK)
        return -1;
    return media_open(folder, &err) == ST_OK ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    test_rmdir(folder);
    picture_exit();
    return 0;
}

static Core *begin(World *w)
{
    Core       *core = NULL;
    CoreOptions options = {.manual = true};
    assert_ok(core_start(w->db, world_modules, world_nmodules, &options, &core, &w->cx.err),
              &w->cx.err);
    w->cx.core = core;
    return core;
}

static void end(World *w, Core *core)
{
    w->cx.core = NULL;
    assert_true(core_stop(core));
}

static void the_same_picture_is_stored_once(void **state)
{
    World    *w = *state;
    Core     *core = begin(w);
    MediaFile first, second;
    Str       png = make_png(w, 400, 300, 10);
    assert_ok(media_take(&w->cx, png, &first), &w->cx.err);
    assert_int_equal(first.width, 400);
    assert_str(first.mime, "image/png");
    assert_ok(media_take(&w->cx, png, &second), &w->cx.err);
    assert_true(str_eq(first.hash, second.hash));
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_file"), 1);
    end(w, core);
}

static void renditions_are_made_by_a_job_and_fit(void **state)
{
    World    *w = *state;
    Core     *core = begin(w);
    MediaFile file;
    int       fd;
    int64_t   bytes, width;
    assert_ok(media_take(&w->cx, make_png(w, 1000, 500, 20), &file), &w->cx.err);
    assert_ok(core_drain(core, &w->cx.err), &w->cx.err);
    assert_ok(media_rendition(&w->cx, &file, 300, PICTURE_WEBP, &fd, &bytes, &width), &w->cx.err);
    assert_int_equal(width, 320);
    char head[12];
    assert_int_equal(read(fd, head, sizeof head), sizeof head);
    assert_memory_equal(head, "RIFF", 4);
    assert_memory_equal(head + 8, "WEBP", 4);
    close(fd);
    assert_ok(media_rendition(&w->cx, &file, 5000, PICTURE_AVIF, &fd, &bytes, &width), &w->cx.err);
    assert_int_equal(width, 1000); /* never up */
    close(fd);
    end(w, core);
}

static void what_is_no_picture_is_refused(void **state)
{
    World    *w = *state;
    Core     *core = begin(w);
    MediaFile file;
    assert_fails(media_take(&w->cx, STR("<svg/>"), &file), ST_INVALID, &w->cx.err,
                 "picture.unsupported");
    Str png = make_png(w, 64, 64, 30);
    assert_int_equal(media_take(&w->cx, (Str){png.ptr, 20}, &file), ST_INVALID);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_file"), 0);
    end(w, core);
}

static void files_that_nothing_names_go_after_a_day(void **state)
{
    World         *w = *state;
    Core          *core = begin(w);
    MediaFile      used, unused;
    CatalogProduct p = shop_product(w, "{\"title\":\"Mug\"}");
    assert_ok(media_take(&w->cx, make_png(w, 50, 50, 40), &used), &w->cx.err);
    assert_ok(media_take(&w->cx, make_png(w, 50, 50, 50), &unused), &w->cx.err);
    CatalogMedia   m = {0};
    CatalogProduct change = {.media = {&m, 1}};
    media_fill(&m, &used);
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &change, media);
    assert_ok(catalog_product_update(&w->cx, p.id, 0, &change, NULL), &w->cx.err);
    assert_ok(media_prune(&w->cx), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_file"), 2);
    w->cx.now = unix_ms_add(w->cx.now, SPAN_DAYS(2));
    assert_ok(media_prune(&w->cx), &w->cx.err);
    assert_int_equal(shop_number(w, "SELECT count(*) FROM catalog_file"), 1);
    MediaFile found;
    assert_ok(media_get(&w->cx, used.hash, &found), &w->cx.err);
    assert_fails(media_get(&w->cx, unused.hash, &found), ST_NOT_FOUND, &w->cx.err,
                 "catalog.no_file");
    end(w, core);
}

static void paths_carry_the_hash(void **state)
{
    World      *w = *state;
    const char *hash = "baf22b22acac833b6942ffcf643943c193294d986f715cf8dac7a802fc9553ae";
    Str         path = media_path(&w->arena, str_from_cstr(hash), STR("mug"));
    assert_str(media_path_hash(path), hash);
    assert_str(media_path_hash(STR("/media/xyz/mug")), "");
    assert_str(media_path_hash(STR("")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_WORLD(the_same_picture_is_stored_once),
        TEST_SQLITE(renditions_are_made_by_a_job_and_fit),
        TEST_WORLD(what_is_no_picture_is_refused),
        TEST_WORLD(files_that_nothing_names_go_after_a_day),
        TEST_SQLITE(paths_carry_the_hash),
    };
    return cmocka_run_group_tests(tests, open_folder, drop_folder);
}
