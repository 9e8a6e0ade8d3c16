/* test_assets.c - built-in files: found by name, cached for ever by hash, sent packed. */
#include "test.h"

#include "app/assets.h"

#include <sys/stat.h>
#include <unistd.h>

static HttpApp app = {.tables = &assets_routes, .ntables = 1};

typedef struct Got {
    Arena    arena;
    Cx       cx;
    HttpResp rs;
} Got;

static void get(Got *g, Str path, const char *accept)
{
    HttpPair headers[] = {{STR("Accept-Encoding"), str_from_cstr(accept)}};
    HttpReq  rq = {.method = HTTP_GET, .target = path, .headers = headers, .nheaders = 1};
    *g = (Got){0};
    arena_init(&g->arena, 4096);
    assert_ok(cx_begin(&g->cx, &g->arena, NULL, (UnixMs){0}), &g->cx.err);
    http_dispatch(&app, &g->cx, &rq, &g->rs);
}

static void done(Got *g)
{
    http_resp_done(&g->rs);
    cx_end(&g->cx);
    arena_done(&g->arena);
}

static Str header(const Got *g, const char *name)
{
    for (size_t i = 0; i < g->rs.nheaders; i++)
        if (str_eq(g->rs.headers[i].name, str_from_cstr(name)))
            return g->rs.headers[i].value;
    return (Str){0};
}

static void names_are_in_order(void **state)
{
    (void)state;
    assert_true(nassets > 1);
    for (size_t i = 1; i < nassets; i++)
        assert_true(str_cmp(assets[i - 1].name, assets[i].name) < 0);
}

static void every_asset_is_found_under_its_hash_and_kept_for_ever(void **state)
{
    (void)state;
    for (size_t i = 0; i < nassets; i++) {
        Got g;
        get(&g, assets[i].path, "identity");
        assert_int_equal(g.rs.status, 200);
        assert_true(str_eq(g.rs.borrowed, assets[i].bytes));
        assert_true(str_eq(g.rs.etag, assets[i].etag));
        assert_string_equal(g.rs.type, assets[i].type);
        assert_string_equal(g.rs.cache_control, "public, max-age=31536000, immutable");
        assert_true(str_eq(assets_url(&g.arena, assets[i].name), assets[i].path));
        done(&g);
    }
}

static void the_twin_that_the_client_takes_is_sent(void **state)
{
    (void)state;
    const Asset *css = &assets[nassets - 1];
    assert_str(css->name, "welcome.css");
    const struct {
        const char *accept, *coding;
        Str         bytes, etag;
    } cases[] = {
        {"gzip, zstd, br", "zstd", css->zstd, css->etag_zstd},
        {"gzip", "gzip", css->gzip, css->etag_gzip},
        {"gzip;q=1, zstd;q=0", "gzip", css->gzip, css->etag_gzip},
        {"br", "", css->bytes, css->etag},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Got g;
        get(&g, css->path, cases[i].accept);
        assert_str(g.rs.encoding, cases[i].coding);
        assert_true(str_eq(g.rs.borrowed, cases[i].bytes));
        assert_true(str_eq(g.rs.etag, cases[i].etag));
        assert_str(header(&g, "Vary"), "Accept-Encoding");
        done(&g);
    }
    assert_true(css->zstd.len < css->bytes.len && css->gzip.len < css->bytes.len);
}

static void an_old_hash_gets_the_newest_bytes_uncached(void **state)
{
    (void)state;
    Got g;
    get(&g, STR("/assets/welcome.0000000000000000.css"), "");
    assert_int_equal(g.rs.status, 200);
    assert_string_equal(g.rs.cache_control, "no-cache");
    done(&g);
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/assets/none.css",
                                        "/assets/welcome",
                                        "/assets/.css",
                                        "/assets/../welcome.css",
                                        "/assets/.0000000000000000.css",
                                        "/assets/0000000000000000.css"};
    for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
        Got g;
        get(&g, str_from_cstr(PATHS[i]), "");
        assert_int_equal(g.rs.status, 404);
        done(&g);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void a_folder_takes_the_place_of_the_built_in_files(void **state)
{
    (void)state;
    char dir[] = "/tmp/rapport-assets-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    write_file("welcome.css", "body{}");
    write_file(".hidden.css", "secret");
    assert_int_equal(mkdir("sub", 0700), 0);
    assert_int_equal(symlink("/etc/passwd", "link.css"), 0);
    assets_folder_set(dir);
    const struct {
        const char *path;
        int         status;
    } cases[] = {
        {"/assets/welcome.css", 200}, {"/assets/welcome.0123456789abcdef.css", 200},
        {"/assets/sub", 404},         {"/assets/.hidden.css", 404},
        {"/assets/link.css", 404},    {"/assets/%2e%2e/passwd", 404},
        {"/assets/sub/..%2f..", 404}, {"/assets/none.css", 404},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Got g;
        get(&g, str_from_cstr(cases[i].path), "gzip");
        if (g.rs.status != cases[i].status)
            fail_msg("%s gave %d", cases[i].path, g.rs.status);
        if (g.rs.status == 200) {
            assert_int_equal(g.rs.file_size, 6);
            assert_string_equal(g.rs.type, "text/css; charset=utf-8");
            assert_null(g.rs.cache_control);
            assert_str(assets_url(&g.arena, STR("welcome.css")), "/assets/welcome.css");
        }
        done(&g);
    }
    assets_folder_set(NULL);
    assert_int_equal(unlink("welcome.css") | unlink(".hidden.css") | unlink("link.css") |
                         rmdir("sub") | rmdir(dir),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_in_order),
        cmocka_unit_test(every_asset_is_found_under_its_hash_and_kept_for_ever),
        cmocka_unit_test(the_twin_that_the_client_takes_is_sent),
        cmocka_unit_test(an_old_hash_gets_the_newest_bytes_uncached),
        cmocka_unit_test(what_is_not_there_is_not_found),
        cmocka_unit_test(a_folder_takes_the_place_of_the_built_in_files),
    };
    log_min_level = LOG_ERROR;
    http_app_index(&app);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    http_app_done(&app);
    return failed;
}
