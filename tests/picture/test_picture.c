#include "picture/picture.h"

#include "base/fault.h"
#include "picture/picture_int.h"
#include "test.h"

#include <dirent.h>
#include <unistd.h>
#include <vips/vips.h>
#include <zlib.h>

static const char *const SAVERS[] = {
    [PICTURE_JPEG] = ".jpg",  [PICTURE_PNG] = ".png", [PICTURE_WEBP] = ".webp",
    [PICTURE_AVIF] = ".avif", [PICTURE_GIF] = ".gif", [PICTURE_TIFF] = ".tif",
};

/* --- pictures made here ---------------------------------------------------------------------- */

/* Upper half `top`, lower half `bottom` (0xRRGGBBAA). */
static VipsImage *two_colours(int width, int height, int bands, uint32_t top, uint32_t bottom)
{
    size_t   size = (size_t)width * (size_t)height * (size_t)bands;
    uint8_t *pixels = test_malloc(size);
    for (int y = 0; y < height; y++) {
        uint32_t c = y < height / 2 ? top : bottom;
        for (int x = 0; x < width; x++)
            for (int b = 0; b < bands; b++)
                pixels[(y * width + x) * bands + b] = (uint8_t)(c >> (24 - 8 * b));
    }
    VipsImage *made =
        vips_image_new_from_memory_copy(pixels, size, width, height, bands, VIPS_FORMAT_UCHAR);
    test_free(pixels);
    assert_non_null(made);
    made->Type = VIPS_INTERPRETATION_sRGB;
    return made;
}

static void save(VipsImage *image, const char *how, Buf *out)
{
    void  *bytes = NULL;
    size_t len = 0;
    if (vips_image_write_to_buffer(image, how, &bytes, &len, NULL) != 0)
        fail_msg("%s: %s", how, vips_error_buffer());
    buf_init(out, 64 << 20);
    buf_add(out, (Str){bytes, len});
    g_free(bytes);
}

static void make(PictureFormat format, int width, int height, int bands, Buf *out)
{
    VipsImage *image = two_colours(width, height, bands, 0xc02040ff, 0x2040c080);
    save(image, SAVERS[format], out);
    g_object_unref(image);
}

static void add_u32(Buf *b, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_addc(b, (char)(v >> shift & 0xff));
}

static void add_png_chunk(Buf *b, Str type, Str data)
{
    add_u32(b, (uint32_t)data.len);
    size_t start = b->len;
    buf_add(b, type);
    buf_add(b, data);
    add_u32(b, (uint32_t)crc32(0, (const Bytef *)b->ptr + start, (uInt)(b->len - start)));
}

/* A PNG that says it is width x height and has a megabyte of zeros, packed to a kilobyte. */
static void png_bomb(uint32_t width, uint32_t height, const char depth_colour_interlace[3], Buf *b)
{
    CLEANUP(buf_done) Buf header;
    buf_init(&header, 64);
    add_u32(&header, width);
    add_u32(&header, height);
    buf_add(&header, (Str){depth_colour_interlace, 2});
    buf_add(&header, (Str){"\0\0", 2});
    buf_addc(&header, depth_colour_interlace[2]);
    static Bytef zeros[1 << 20];
    static Bytef packed[1 << 14];
    uLongf       n = sizeof packed;
    assert_int_equal(compress2(packed, &n, zeros, sizeof zeros, 9), Z_OK);
    buf_init(b, 1 << 20);
    buf_add(b, STR("\x89PNG\r\n\x1a\n"));
    add_png_chunk(b, STR("IHDR"), buf_str(&header));
    add_png_chunk(b, STR("IDAT"), (Str){(const char *)packed, n});
    add_png_chunk(b, STR("IEND"), (Str){0});
}

/* Pixel x, y of a rendition as 0xRRGGBBAA; its size too. */
static uint32_t pixel_of(Str file, int x, int y, int *ret_width, int *ret_height)
{
    VipsImage *image = vips_image_new_from_buffer(file.ptr, file.len, "", NULL);
    double    *values = NULL;
    int        n = 0;
    uint32_t   pixel = 0;
    assert_non_null(image);
    *ret_width = vips_image_get_width(image);
    *ret_height = vips_image_get_height(image);
    assert_int_equal(vips_getpoint(image, &values, &n, x, y, NULL), 0);
    assert_true(n == 3 || n == 4);
    for (int i = 0; i < 4; i++)
        pixel = pixel << 8 | (i < n ? (uint32_t)values[i] : 255);
    g_free(values);
    g_object_unref(image);
    return pixel;
}

static void assert_near_at(uint32_t x, uint32_t y, int tolerance, int line)
{
    for (int shift = 0; shift < 32; shift += 8) {
        if (abs((int)(x >> shift & 255) - (int)(y >> shift & 255)) > tolerance) {
            print_error("# %08x is not near %08x\n", x, y);
            _fail(__FILE__, line);
        }
    }
}
#define assert_near(x, y, tolerance) assert_near_at((x), (y), (tolerance), __LINE__)

static Status render(Str bytes, int64_t width, PictureFormat format, Buf *out, Err *err)
{
    buf_init(out, 8 << 20);
    return picture_render(bytes, width, format, out, err);
}

/* --- reading --------------------------------------------------------------------------------- */

static void all_six_formats_are_known_by_their_bytes(void **state)
{
    (void)state;
    for (int f = 0; f <= PICTURE_TIFF; f++) {
        CLEANUP(buf_done) Buf file;
        PictureInfo           info;
        Err                   err = {0};
        make((PictureFormat)f, 64, 48, 3, &file);
        assert_ok(picture_probe(buf_str(&file), false, &info, &err), &err);
        assert_int_equal(info.format, f);
        assert_int_equal(info.width, 64);
        assert_int_equal(info.height, 48);
    }
}

static void what_is_no_picture_is_refused(void **state)
{
    static const struct {
        Str         bytes;
        const char *code;
    } CASES[] = {
        {STR_INIT(""), "picture.unsupported"},
        {STR_INIT("\xff"), "picture.unsupported"},
        {STR_INIT("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), "picture.unsupported"},
        {STR_INIT("<?xml version=\"1.0\"?><svg/>"), "picture.unsupported"},
        {STR_INIT("%PDF-1.4\n\xff\xd8\xff"), "picture.unsupported"},
        {STR_INIT("BM\0\0\0\0"), "picture.unsupported"},
        {STR_INIT("P6 1 1 255 abc"), "picture.unsupported"},
        {STR_INIT("<!doctype html><script>"), "picture.unsupported"},
        {STR_INIT("RIFF\0\0\0\0WAVE"), "picture.unsupported"},
        {STR_INIT("\0\0\0\x18"
                  "ftypmp42"),
         "picture.unsupported"},
        {STR_INIT("GIF89a=1;alert(1)//"), "picture.unreadable"},
        {STR_INIT("\xff\xd8\xff\xe0 and nothing more"), "picture.unreadable"},
        {STR_INIT("\x89PNG\r\n\x1a\n"), "picture.unreadable"},
        {STR_INIT("RIFF\xff\xff\xff\xffWEBPVP8 "), "picture.unreadable"},
        {STR_INIT("II*\0\xff\xff\xff\xff"), "picture.unreadable"},
        {STR_INIT("\0\0\0\x1c"
                  "ftypavif\0\0\0\0avif"),
         "picture.unreadable"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        PictureInfo info;
        Err         err = {0};
        assert_fails(picture_probe(CASES[i].bytes, true, &info, &err), ST_INVALID, &err,
                     CASES[i].code);
    }
}

static void bytes_after_the_picture_do_not_reach_the_rendition(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf out;
    Err                   err = {0};
    (void)state;
    make(PICTURE_JPEG, 64, 64, 3, &file);
    buf_add(&file, STR("PK\3\4<script>polyglot</script>"));
    assert_ok(render(buf_str(&file), 64, PICTURE_WEBP, &out, &err), &err);
    assert_null(memmem(out.ptr, out.len, "polyglot", 8));
}

static void bombs_cost_a_header(void **state)
{
    static const struct {
        uint32_t width, height;
        char     form[3]; /* depth, colour type, interlace */
    } CASES[] = {
        {50000, 50000, {8, 2, 0}},  {16385, 1, {8, 2, 0}},         {1, 16385, {8, 2, 0}},
        {16384, 16384, {8, 2, 0}},  {8192, 8193, {8, 2, 0}},       {5000, 5000, {16, 6, 1}},
        {1, 2147483647, {1, 0, 0}}, {1000000, 1000000, {1, 3, 0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf bomb;
        CLEANUP(buf_done) Buf out;
        PictureInfo           info;
        Err                   err = {0};
        png_bomb(CASES[i].width, CASES[i].height, CASES[i].form, &bomb);
        Status st = picture_probe(buf_str(&bomb), true, &info, &err);
        if (st != ST_LIMIT && !(i >= 6 && st == ST_INVALID)) /* libpng has limits of its own */
            fail_msg("%u x %u: %s", CASES[i].width, CASES[i].height, status_name(st));
        assert_int_not_equal(render(buf_str(&bomb), 160, PICTURE_WEBP, &out, &err), ST_OK);
    }
    CLEANUP(buf_done) Buf big;
    PictureInfo           info;
    Err                   err = {0};
    buf_init(&big, PICTURE_BYTES_MAX + 1);
    for (int i = 0; i <= PICTURE_BYTES_MAX; i++)
        buf_addc(&big, '\xff');
    assert_fails(picture_probe(buf_str(&big), false, &info, &err), ST_LIMIT, &err,
                 "picture.too_big");
}

static void patch(Buf *file, Str marker, size_t at, Str bytes)
{
    char *found = memmem(file->ptr, file->len, marker.ptr, marker.len);
    assert_non_null(found);
    memcpy(found + at, bytes.ptr, bytes.len);
}

static void what_is_decoded_line_by_line_may_be_bigger(void **state)
{
    static const struct {
        char   form[3]; /* of a PNG */
        Status status;
    } CASES[] = {{{8, 2, 0}, ST_OK}, {{16, 6, 0}, ST_OK}, {{8, 2, 1}, ST_LIMIT}};
    CLEANUP(buf_done) Buf baseline;
    CLEANUP(buf_done) Buf progressive;
    PictureInfo           info;
    Err                   err = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf png;
        png_bomb(8000, 8000, CASES[i].form, &png);
        assert_int_equal(picture_probe(buf_str(&png), false, &info, &err), CASES[i].status);
    }
    VipsImage *image = two_colours(64, 64, 3, 0xc02040ff, 0x2040c0ff);
    save(image, ".jpg", &baseline);
    save(image, ".jpg[interlace]", &progressive);
    g_object_unref(image);
    patch(&baseline, STR("\xff\xc0"), 5, STR("\x1f\x40\x1f\x40")); /* 8,000 x 8,000 */
    patch(&progressive, STR("\xff\xc2"), 5, STR("\x1f\x40\x1f\x40"));
    assert_ok(picture_probe(buf_str(&baseline), false, &info, &err), &err);
    assert_int_equal(info.width, 8000);
    assert_fails(picture_probe(buf_str(&progressive), false, &info, &err), ST_LIMIT, &err,
                 "picture.too_big");
}

static void animations_count_every_frame(void **state)
{
    /* 2,000 x 2,000 and frames of one pixel. */
    static const Str HEAD = STR_INIT("GIF89a\xd0\x07\xd0\x07\x80\0\0\0\0\0\xff\xff\xff");
    static const Str FRAME = STR_INIT("!\xf9\4\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2\x44\1\0");
    (void)state;
    for (int frames = 16; frames <= 17; frames++) {
        CLEANUP(buf_done) Buf gif;
        PictureInfo           info;
        Err                   err = {0};
        buf_init(&gif, 4096);
        buf_add(&gif, HEAD);
        for (int i = 0; i < frames; i++)
            buf_add(&gif, FRAME);
        buf_addc(&gif, ';');
        Status st = picture_probe(buf_str(&gif), false, &info, &err);
        assert_int_equal(st, frames == 16 ? ST_OK : ST_LIMIT);
    }
}

static void webp_and_avif_that_lie_about_their_size_are_refused(void **state)
{
    CLEANUP(buf_done) Buf webp;
    CLEANUP(buf_done) Buf avif;
    CLEANUP(buf_done) Buf out;
    CLEANUP(buf_done) Buf out2;
    Err                   err = {0};
    (void)state;
    make(PICTURE_WEBP, 64, 64, 4, &webp);
    patch(&webp, STR("VP8X"), 12, STR("\xff\x3f\0\xff\x3f\0")); /* 16,384 x 16,384 */
    assert_int_not_equal(render(buf_str(&webp), 160, PICTURE_WEBP, &out, &err), ST_OK);
    make(PICTURE_AVIF, 64, 64, 3, &avif);
    patch(&avif, STR("ispe"), 8, STR("\0\0\xea\x60\0\0\xea\x60")); /* 60,000 x 60,000 */
    assert_int_not_equal(render(buf_str(&avif), 160, PICTURE_WEBP, &out2, &err), ST_OK);
}

static void truncated_files_end_in_an_error(void **state)
{
    (void)state;
    for (int f = 0; f <= PICTURE_TIFF; f++) {
        CLEANUP(buf_done) Buf file;
        make((PictureFormat)f, 200, 150, 3, &file);
        for (size_t len = 0; len < file.len; len += file.len / 23 + 1) {
            CLEANUP(buf_done) Buf out;
            Err                   err = {0};
            Status                st = render((Str){file.ptr, len}, 100, PICTURE_WEBP, &out, &err);
            /* GIF and TIFF may have all pixels before the end of the file. */
            if (st == ST_OK && f != PICTURE_GIF && f != PICTURE_TIFF)
                fail_msg("%s cut at %zu of %zu was taken", SAVERS[f], len, file.len);
        }
    }
}

static void slow_pictures_are_given_up(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf out;
    Err                   err = {0};
    (void)state;
    make(PICTURE_PNG, 3000, 3000, 3, &file);
    picture_test_limit_us = 1;
    Status st = render(buf_str(&file), 2000, PICTURE_WEBP, &out, &err);
    picture_test_limit_us = 0;
    assert_int_equal(st, ST_LIMIT);
    assert_string_equal(err.code, "picture.too_slow");
}

/* --- renditions ------------------------------------------------------------------------------ */

static void every_format_becomes_webp_and_avif(void **state)
{
    static const PictureFormat OUT[] = {PICTURE_WEBP, PICTURE_AVIF};
    (void)state;
    for (int f = 0; f <= PICTURE_TIFF; f++) {
        for (size_t o = 0; o < COUNT_OF(OUT); o++) {
            CLEANUP(buf_done) Buf file;
            CLEANUP(buf_done) Buf out;
            PictureFormat         made;
            Err                   err = {0};
            int                   width, height;
            make((PictureFormat)f, 400, 200, 3, &file);
            assert_ok(render(buf_str(&file), 100, OUT[o], &out, &err), &err);
            assert_true(picture_sniff(buf_str(&out), &made));
            assert_int_equal(made, OUT[o]);
            assert_near(pixel_of(buf_str(&out), 50, 10, &width, &height), 0xc02040ff, 20);
            assert_near(pixel_of(buf_str(&out), 50, 40, &width, &height), 0x2040c0ff, 20);
            assert_int_equal(width, 100);
            assert_int_equal(height, 50);
        }
    }
}

static void pictures_are_never_scaled_up(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf out;
    CLEANUP(buf_done) Buf tall;
    CLEANUP(buf_done) Buf out2;
    Err                   err = {0};
    int                   width, height;
    (void)state;
    make(PICTURE_PNG, 40, 30, 3, &file);
    assert_ok(render(buf_str(&file), 2560, PICTURE_WEBP, &out, &err), &err);
    pixel_of(buf_str(&out), 0, 0, &width, &height);
    assert_int_equal(width, 40);
    make(PICTURE_PNG, 4, 16384, 3, &tall); /* one more than WebP can hold */
    assert_ok(render(buf_str(&tall), 2560, PICTURE_WEBP, &out2, &err), &err);
}

static void orientation_is_applied(void **state)
{
    static const struct {
        int  orientation;
        bool turned;
        int  x, y; /* where the upper half ends up, in a picture of 100 x 60 or 60 x 100 */
    } CASES[] = {{1, false, 50, 10}, {2, false, 50, 10}, {3, false, 50, 50}, {4, false, 50, 50},
                 {5, true, 10, 50},  {6, true, 50, 50},  {7, true, 50, 50},  {8, true, 10, 50}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        CLEANUP(buf_done) Buf file;
        CLEANUP(buf_done) Buf out;
        PictureInfo           info;
        Err                   err = {0};
        int                   width, height;
        VipsImage            *image = two_colours(100, 60, 3, 0xc02040ff, 0x2040c0ff);
        vips_image_set_int(image, VIPS_META_ORIENTATION, CASES[i].orientation);
        save(image, ".jpg[Q=95]", &file);
        g_object_unref(image);
        assert_ok(picture_probe(buf_str(&file), false, &info, &err), &err);
        assert_int_equal(info.width, CASES[i].turned ? 60 : 100);
        assert_int_equal(info.height, CASES[i].turned ? 100 : 60);
        assert_ok(render(buf_str(&file), 500, PICTURE_WEBP, &out, &err), &err);
        uint32_t pixel = pixel_of(buf_str(&out), CASES[i].x, CASES[i].y, &width, &height);
        assert_near(pixel, 0xc02040ff, 20);
        assert_int_equal(width, info.width);
        assert_int_equal(height, info.height);
    }
}

static void metadata_does_not_leave(void **state)
{
    static const PictureFormat OUT[] = {PICTURE_WEBP, PICTURE_AVIF};
    CLEANUP(buf_done) Buf      file;
    (void)state;
    VipsImage *image = two_colours(64, 64, 3, 0xc02040ff, 0x2040c0ff);
    vips_image_set_string(image, "exif-ifd0-Copyright", "Jane Doe, 1 Home Street");
    vips_image_set_string(image, "exif-ifd3-GPSLatitude", "50/1 27/1 0/1");
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, "<x>xmp-note</x>", 15);
    save(image, ".jpg", &file);
    g_object_unref(image);
    assert_non_null(memmem(file.ptr, file.len, "Jane Doe", 8));
    assert_non_null(memmem(file.ptr, file.len, "xmp-note", 8));
    for (size_t i = 0; i < COUNT_OF(OUT); i++) {
        static const char *const GONE[] = {"Jane Doe", "xmp-note", "EXIF", "Exif", "ICCP", "prof"};
        CLEANUP(buf_done) Buf    out;
        Err                      err = {0};
        assert_ok(render(buf_str(&file), 64, OUT[i], &out, &err), &err);
        for (size_t g = 0; g < COUNT_OF(GONE); g++)
            assert_null(memmem(out.ptr, out.len, GONE[g], strlen(GONE[g])));
    }
}

static void transparency_survives(void **state)
{
    static const PictureFormat OUT[] = {PICTURE_WEBP, PICTURE_AVIF};
    CLEANUP(buf_done) Buf      file;
    PictureInfo                info;
    Err                        err = {0};
    (void)state;
    make(PICTURE_PNG, 64, 64, 4, &file);
    assert_ok(picture_probe(buf_str(&file), false, &info, &err), &err);
    assert_true(info.alpha);
    for (size_t i = 0; i < COUNT_OF(OUT); i++) {
        CLEANUP(buf_done) Buf out;
        int                   width, height;
        assert_ok(render(buf_str(&file), 32, OUT[i], &out, &err), &err);
        assert_near(pixel_of(buf_str(&out), 16, 4, &width, &height), 0xc02040ff, 20);
        assert_near(pixel_of(buf_str(&out), 16, 28, &width, &height), 0x2040c080, 20);
    }
}

static void print_colours_become_screen_colours(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf out;
    PictureInfo           info;
    Err                   err = {0};
    int                   width, height;
    VipsImage            *cmyk = NULL;
    (void)state;
    VipsImage *image = two_colours(64, 64, 3, 0xc02040ff, 0xc02040ff);
    assert_int_equal(vips_icc_transform(image, &cmyk, "cmyk", "input_profile", "srgb", NULL), 0);
    save(cmyk, ".jpg[Q=95]", &file);
    g_object_unref(cmyk);
    g_object_unref(image);
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
    assert_near(info.colour << 8 | 255, 0xc02040ff, 24);
    assert_ok(render(buf_str(&file), 64, PICTURE_WEBP, &out, &err), &err);
    assert_near(pixel_of(buf_str(&out), 32, 32, &width, &height), 0xc02040ff, 24);
}

static void the_dominant_colour_is_the_one_most_seen(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf clear;
    PictureInfo           info;
    Err                   err = {0};
    (void)state;
    make(PICTURE_PNG, 200, 199, 3, &file); /* the lower half has a row more */
    assert_ok(picture_probe(buf_str(&file), true, &info, &err), &err);
    assert_near(info.colour << 8, 0x2040c000, 4);
    VipsImage *image = two_colours(20, 20, 4, 0x00000000, 0x00000000);
    save(image, ".png", &clear);
    g_object_unref(image);
    assert_ok(picture_probe(buf_str(&clear), true, &info, &err), &err);
    assert_int_equal(info.colour, 0xffffff);
}

static void the_same_bytes_give_the_same_rendition(void **state)
{
    static const PictureFormat OUT[] = {PICTURE_WEBP, PICTURE_AVIF};
    CLEANUP(buf_done) Buf      file;
    Err                        err = {0};
    (void)state;
    make(PICTURE_JPEG, 640, 480, 3, &file);
    for (size_t i = 0; i < COUNT_OF(OUT); i++) {
        CLEANUP(buf_done) Buf first;
        CLEANUP(buf_done) Buf again;
        assert_ok(render(buf_str(&file), 320, OUT[i], &first, &err), &err);
        assert_ok(render(buf_str(&file), 320, OUT[i], &again, &err), &err);
        assert_true(str_eq(buf_str(&first), buf_str(&again)));
    }
}

static void a_rendition_that_does_not_fit_is_told(void **state)
{
    CLEANUP(buf_done) Buf file;
    CLEANUP(buf_done) Buf out;
    Err                   err = {0};
    (void)state;
    make(PICTURE_JPEG, 640, 480, 3, &file);
    buf_init(&out, 50);
    assert_fails(picture_render(buf_str(&file), 320, PICTURE_WEBP, &out, &err), ST_LIMIT, &err,
                 "picture.too_big");
    fault_arm(1, false);
    assert_fails(picture_render(buf_str(&file), 320, PICTURE_WEBP, &out, &err), ST_IO, &err,
                 "picture.failed");
    fault_arm(0, false);
}

static void the_plan_has_no_width_beyond_the_picture(void **state)
{
    static const struct {
        int64_t width;
        size_t  n;
        int64_t last_but_one;
        int64_t last;
    } CASES[] = {
        {1, 1, 0, 1},         {160, 1, 0, 160},      {180, 1, 0, 180},
        {200, 2, 160, 200},   {640, 4, 480, 640},    {1000, 5, 640, 1000},
        {1264, 6, 960, 1264}, {2560, 8, 1920, 2560}, {16384, 8, 1920, 2560},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        int64_t widths[PICTURE_PLAN_MAX];
        size_t  n = picture_plan(CASES[i].width, widths);
        assert_int_equal(n, CASES[i].n);
        assert_int_equal(widths[n - 1], CASES[i].last);
        if (n > 1)
            assert_int_equal(widths[n - 2], CASES[i].last_but_one);
    }
}

/* --- pictures that shops have ---------------------------------------------------------------- */

static void read_file(const char *path, Buf *out)
{
    char  block[4096];
    FILE *f = fopen(path, "rbe");
    assert_non_null(f);
    buf_init(out, PICTURE_BYTES_MAX);
    for (size_t n = 1; n > 0;) {
        n = fread(block, 1, sizeof block, f);
        buf_add(out, (Str){block, n});
    }
    fclose(f);
}

static void pictures_of_real_shops_are_taken(void **state)
{
    const char *folder = getenv("RAPPORT_SHOP_IMAGES"); /* NOLINT(concurrency-mt-unsafe) */
    DIR        *dir = folder != NULL ? opendir(folder) : NULL;
    int         taken = 0;
    (void)state;
    if (dir == NULL) {
        print_message("# skipped: no pictures in RAPPORT_SHOP_IMAGES\n");
        skip();
        return;
    }
    struct dirent *e;
    while ((e = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        char path[4096];
        if (e->d_name[0] == '.')
            continue;
        CLEANUP(buf_done) Buf file;
        CLEANUP(buf_done) Buf out;
        PictureInfo           info;
        Err                   err = {0};
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        read_file(path, &file);
        if (picture_probe(buf_str(&file), true, &info, &err) != ST_OK ||
            render(buf_str(&file), 160, PICTURE_WEBP, &out, &err) != ST_OK)
            fail_msg("%s: %s %s", e->d_name, err.code, err.msg);
        taken++;
    }
    closedir(dir);
    print_message("# %d pictures of real shops\n", taken);
    assert_true(taken > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_six_formats_are_known_by_their_bytes),
        cmocka_unit_test(what_is_no_picture_is_refused),
        cmocka_unit_test(bytes_after_the_picture_do_not_reach_the_rendition),
        cmocka_unit_test(bombs_cost_a_header),
        cmocka_unit_test(what_is_decoded_line_by_line_may_be_bigger),
        cmocka_unit_test(animations_count_every_frame),
        cmocka_unit_test(webp_and_avif_that_lie_about_their_size_are_refused),
        cmocka_unit_test(truncated_files_end_in_an_error),
        cmocka_unit_test(slow_pictures_are_given_up),
        cmocka_unit_test(every_format_becomes_webp_and_avif),
        cmocka_unit_test(pictures_are_never_scaled_up),
        cmocka_unit_test(orientation_is_applied),
        cmocka_unit_test(metadata_does_not_leave),
        cmocka_unit_test(transparency_survives),
        cmocka_unit_test(print_colours_become_screen_colours),
        cmocka_unit_test(the_dominant_colour_is_the_one_most_seen),
        cmocka_unit_test(the_same_bytes_give_the_same_rendition),
        cmocka_unit_test(a_rendition_that_does_not_fit_is_told),
        cmocka_unit_test(the_plan_has_no_width_beyond_the_picture),
        cmocka_unit_test(pictures_of_real_shops_are_taken),
    };
    Err err = {0};
    if (picture_init(&err) != ST_OK)
        return 1;
    int failed = cmocka_run_group_tests_name("picture", tests, NULL, NULL);
    picture_exit();
    return failed;
}
