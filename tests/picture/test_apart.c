/* Decoding in processes of their own, which are this very program. */
#include "picture/picture.h"

#include "base/log.h"
#include "picture/picture_int.h"
#include "test.h"

#include <pthread.h>
#include <signal.h>
#include <vips/vips.h>

static void draw(Buf *out)
{
    VipsImage *image = NULL;
    void      *bytes = NULL;
    size_t     len = 0;
    assert_int_equal(vips_black(&image, 600, 400, "bands", 3, NULL), 0);
    assert_int_equal(vips_image_write_to_buffer(image, ".jpg", &bytes, &len, NULL), 0);
    buf_init(out, 1 << 20);
    buf_add(out, (Str){bytes, len});
    g_free(bytes);
    g_object_unref(image);
}

static void what_is_made_apart_is_what_is_made_here(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf file, here, apart;
    PictureInfo           info, info_here;
    Err                   err;
    draw(&file);
    buf_init(&here, 1 << 20);
    buf_init(&apart, 1 << 20);
    assert_ok(picture_probe_here(buf_str(&file), true, &info_here, &err), &err);
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
    assert_memory_equal(&info, &info_here, sizeof info);
    for (int f = PICTURE_WEBP; f <= PICTURE_AVIF; f++) {
        buf_clear(&here);
        buf_clear(&apart);
        assert_ok(picture_render_here(buf_str(&file), 160, (PictureFormat)f, &here, &err), &err);
        assert_ok(picture_render(buf_str(&file), 160, (PictureFormat)f, &apart, &err), &err);
        assert_int_equal(apart.len, here.len);
        assert_memory_equal(apart.ptr, here.ptr, here.len);
    }
}

static void errors_come_back_as_they_are(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf file, out;
    PictureInfo           info;
    Err                   err;
    draw(&file);
    buf_init(&out, 100);
    assert_fails(picture_render(buf_str(&file), 160, PICTURE_WEBP, &out, &err), ST_LIMIT, &err,
                 "picture.too_big");
    assert_fails(picture_probe(STR("no picture"), false, &info, &err), ST_INVALID, &err,
                 "picture.unsupported");
    assert_fails(picture_probe(str_head(buf_str(&file), file.len / 2), true, &info, &err),
                 ST_INVALID, &err, "picture.unreadable");
    assert_fails(picture_probe((Str){0}, true, &info, &err), ST_INVALID, &err,
                 "picture.unsupported");
}

static void a_process_that_died_is_replaced(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf file;
    PictureInfo           info;
    Err                   err;
    int                   before, after;
    draw(&file);
    picture_rest();
    assert_int_equal(picture_test_children(&before, 1), 0);
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
    assert_int_equal(picture_test_children(&before, 1), 1);
    assert_int_equal(kill(before, SIGKILL), 0);
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
    assert_int_equal(picture_test_children(&after, 1), 1);
    assert_int_not_equal(before, after);
    picture_rest();
    assert_int_equal(kill(after, 0), -1);
}

static void *many(void *arg)
{
    const Buf *file = arg;
    Err        err;
    for (int i = 0; i < 20; i++) {
        CLEANUP(buf_done) Buf out;
        buf_init(&out, 1 << 20);
        if (picture_render(buf_str(file), 160, PICTURE_WEBP, &out, &err) != ST_OK || out.len < 20)
            return arg;
        if (i % 7 == 6)
            picture_rest();
    }
    return NULL;
}

static void threads_do_not_wait_for_each_other(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf file;
    pthread_t             threads[12];
    draw(&file);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many, &file), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed = &file;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

/* /bin/false stands for a decoder that takes its process along. */
static void a_process_that_cannot_work_is_told(void **state)
{
    (void)state;
    CLEANUP(buf_done) Buf file;
    PictureInfo           info;
    Err                   err;
    draw(&file);
    picture_rest();
    log_min_level = LOG_ERROR;
    picture_apart("/bin/false");
    assert_fails(picture_probe(buf_str(&file), true, &info, &err), ST_IO, &err, "picture.failed");
    picture_apart("/nowhere/rapport");
    assert_fails(picture_probe(buf_str(&file), true, &info, &err), ST_IO, &err, "picture.failed");
    picture_apart("/proc/self/exe");
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_made_apart_is_what_is_made_here),
        cmocka_unit_test(errors_come_back_as_they_are),
        cmocka_unit_test(a_process_that_died_is_replaced),
        cmocka_unit_test(threads_do_not_wait_for_each_other),
        cmocka_unit_test(a_process_that_cannot_work_is_told),
    };
    Err err = {0};
    if (argc == 2 && strcmp(argv[1], PICTURE_WORKER) == 0)
        return picture_work();
    picture_apart("/proc/self/exe");
    if (picture_init(&err) != ST_OK || picture_init_here(&err) != ST_OK)
        return 1;
    int failed = cmocka_run_group_tests_name("picture_apart", tests, NULL, NULL);
    picture_exit();
    return failed;
}
