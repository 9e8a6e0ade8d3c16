#include "picture/picture.h"

#include "base/fault.h"
#include "picture/picture_int.h"

#include <malloc.h>
#include <vips/vips.h>

enum {
    WEBP_SIDE_MAX = 16383,
    COLOUR_SIDE = 64, /* the dominant colour is looked for in so small a copy */
    WEBP_QUALITY = 80,
    AVIF_QUALITY = 50,
    /* Measured on product photographs: WebP at effort 2, 3, 6 gave 100 %, 97 %, 95 % of the bytes
     * in 1, 1.8 and 3.2 times the time; AVIF at 0, 2, 4, 6 gave 138, 100, 103 and 99 % in 0.6, 1,
     * 5 and 13 times. */
    WEBP_EFFORT = 3,
    AVIF_EFFORT = 2
};

static const char *const LOADERS[] = {
    [PICTURE_JPEG] = "jpegload_buffer", [PICTURE_PNG] = "pngload_buffer",
    [PICTURE_WEBP] = "webpload_buffer", [PICTURE_AVIF] = "heifload_buffer",
    [PICTURE_GIF] = "gifload_buffer",   [PICTURE_TIFF] = "tiffload_buffer",
};

static void stay_silent(const char *domain, GLogLevelFlags level, const char *message, void *arg)
{
    (void)domain, (void)level, (void)message, (void)arg;
}

Status picture_init_here(Err *err)
{
    static const char *const ALLOWED[] = {
        "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",   "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadHeifBuffer", "VipsForeignLoadNsgifBuffer", "VipsForeignLoadTiffBuffer",
    };
    if (VIPS_INIT("rapport") != 0)
        return err_set(err, ST_IO, "picture.no_vips", "libvips does not start: %s",
                       vips_error_buffer());
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < COUNT_OF(ALLOWED); i++)
        vips_operation_block_set(ALLOWED[i], FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO, stay_silent, NULL);
    return ST_OK;
}

void picture_exit_here(void)
{
    vips_shutdown();
}

void picture_rest_here(void)
{
    (void)malloc_trim(0);
}

/* --- formats --------------------------------------------------------------------------------- */

static bool has_at(Str bytes, size_t at, Str what)
{
    return bytes.len >= at + what.len && memcmp(bytes.ptr + at, what.ptr, what.len) == 0;
}

static bool is_heif(Str bytes)
{
    static const Str BRANDS[] = {STR_INIT("avif"), STR_INIT("avis"), STR_INIT("heic"),
                                 STR_INIT("heix"), STR_INIT("mif1"), STR_INIT("msf1")};
    if (!has_at(bytes, 4, STR("ftyp")))
        return false;
    for (size_t i = 0; i < COUNT_OF(BRANDS); i++)
        if (has_at(bytes, 8, BRANDS[i]))
            return true;
    return false;
}

bool picture_sniff(Str bytes, PictureFormat *ret)
{
    if (has_at(bytes, 0, STR("\xff\xd8\xff")))
        *ret = PICTURE_JPEG;
    else if (has_at(bytes, 0, STR("\x89PNG\r\n\x1a\n")))
        *ret = PICTURE_PNG;
    else if (has_at(bytes, 0, STR("RIFF")) && has_at(bytes, 8, STR("WEBP")))
        *ret = PICTURE_WEBP;
    else if (has_at(bytes, 0, STR("GIF87a")) || has_at(bytes, 0, STR("GIF89a")))
        *ret = PICTURE_GIF;
    else if (has_at(bytes, 0, STR("II*\0")) || has_at(bytes, 0, STR("MM\0*")))
        *ret = PICTURE_TIFF;
    else if (is_heif(bytes))
        *ret = PICTURE_AVIF;
    else
        return false;
    return true;
}

const char *picture_type(PictureFormat format)
{
    static const char *const TYPES[] = {
        [PICTURE_JPEG] = "image/jpeg", [PICTURE_PNG] = "image/png", [PICTURE_WEBP] = "image/webp",
        [PICTURE_AVIF] = "image/avif", [PICTURE_GIF] = "image/gif", [PICTURE_TIFF] = "image/tiff",
    };
    return TYPES[format];
}

/* --- opening: header only -------------------------------------------------------------------- */

static void image_done(VipsImage **image)
{
    g_clear_object(image);
}

static Status unreadable(Err *err)
{
    char *text = vips_error_buffer_copy();
    Str   line, rest;
    str_cut(str_from_cstr(text), '\n', &line, &rest);
    Status st = err_set(err, ST_INVALID, "picture.unreadable", "the picture is damaged: " STR_FMT,
                        STR_ARG(line));
    g_free(text);
    return st;
}

static Status too_big(Err *err, const char *what)
{
    return err_set(err, ST_LIMIT, "picture.too_big", "the picture is too big: %s", what);
}

static bool has_set(const VipsImage *image, const char *field)
{
    int value = 0;
    return vips_image_get_typeof(image, field) == G_TYPE_INT &&
           vips_image_get_int(image, field, &value) == 0 && value != 0;
}

/* Does decoding need all pixels in memory? Sequential JPEG and PNG go line by line. */
static bool decoded_whole(const VipsImage *image, PictureFormat format)
{
    bool by_line = format == PICTURE_JPEG || format == PICTURE_PNG;
    return !by_line || has_set(image, "interlaced") || has_set(image, "jpeg-multiscan");
}

static Status check_size(const VipsImage *image, PictureFormat format, Err *err)
{
    int64_t width = vips_image_get_width(image);
    int64_t height = vips_image_get_page_height((VipsImage *)(uintptr_t)image);
    int64_t frames = vips_image_get_n_pages((VipsImage *)(uintptr_t)image);
    if (width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX)
        return too_big(err, "a side is longer than 16,384 pixels");
    if (frames > PICTURE_PIXELS_MAX || width * height > PICTURE_PIXELS_MAX / frames)
        return too_big(err, "more than 67 million pixels in all frames");
    guint64 channel = vips_format_sizeof(vips_image_get_format(image));
    int64_t whole = width * height * (int64_t)channel * vips_image_get_bands(image);
    if (decoded_whole(image, format) && whole > PICTURE_WHOLE_MAX)
        return too_big(err, "it would take too much memory");
    return ST_OK;
}

static Status open_header(Str bytes, PictureFormat *ret_format, VipsImage **ret, Err *err)
{
    if (bytes.len > PICTURE_BYTES_MAX)
        return too_big(err, "more than 32 MiB");
    if (!picture_sniff(bytes, ret_format))
        return err_set(err, ST_INVALID, "picture.unsupported",
                       "not a JPEG, PNG, WebP, GIF, AVIF, HEIF or TIFF picture");
    if (fault_hit())
        return err_set(err, ST_IO, "picture.failed", "injected fault");
    VipsBlob  *blob = vips_blob_new(NULL, bytes.ptr, bytes.len);
    VipsImage *image = NULL;
    int        rc = vips_call(LOADERS[*ret_format], blob, &image, "access", VIPS_ACCESS_SEQUENTIAL,
                              "fail_on", VIPS_FAIL_ON_ERROR, NULL);
    vips_area_unref(VIPS_AREA(blob));
    if (rc != 0)
        return unreadable(err);
    Status st = check_size(image, *ret_format, err);
    if (st != ST_OK)
        g_object_unref(image);
    else
        *ret = image;
    return st;
}

/* --- decoding, within a time ----------------------------------------------------------------- */

typedef struct Watch {
    gint64 until; /* g_get_monotonic_time(), microseconds */
    bool   expired;
} Watch;

static void on_eval(VipsImage *image, VipsProgress *progress, void *arg)
{
    Watch *watch = arg;
    (void)progress;
    if (!watch->expired && g_get_monotonic_time() > watch->until) {
        watch->expired = true;
        vips_image_set_kill(image, TRUE);
    }
}

#ifdef FAULT_INJECTION
int64_t picture_test_limit_us;
#endif

static void watch_start(VipsImage *image, Watch *watch)
{
    gint64 limit = (gint64)PICTURE_SECONDS_MAX * G_TIME_SPAN_SECOND;
#ifdef FAULT_INJECTION
    limit = picture_test_limit_us != 0 ? picture_test_limit_us : limit;
#endif
    *watch = (Watch){.until = g_get_monotonic_time() + limit};
    vips_image_set_progress(image, TRUE);
    g_signal_connect(image, "eval", G_CALLBACK(on_eval), watch);
}

static Status explain(const Watch *watch, Err *err)
{
    if (!watch->expired)
        return unreadable(err);
    vips_error_clear();
    return err_set(err, ST_LIMIT, "picture.too_slow", "the picture takes over %d s to read",
                   PICTURE_SECONDS_MAX);
}

/* How colours become sRGB. Given a profile to aim at, libvips treats pixels without a profile of
 * their own as if they had some other, so it gets none unless there is something to convert. */
typedef struct Colours {
    const char *import; /* for pictures without an embedded profile */
    const char *export;
} Colours;

static Colours colours_of(const VipsImage *image)
{
    bool cmyk = vips_image_get_interpretation(image) == VIPS_INTERPRETATION_CMYK;
    bool profile = vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0;
    return (Colours){.import = cmyk ? "cmyk" : "srgb", .export = cmyk || profile ? "srgb" : NULL};
}

/* A copy of at most width x height, upright, in sRGB, 8 bits per channel; pixels are decoded
 * when they are asked for. */
static Status scaled(Str bytes, Colours colours, int64_t width, int64_t height, VipsImage **ret,
                     Err *err)
{
    /* The cast drops a const that libvips has no word for; it only reads. Its own "fail_on" does
     * not reach the loader, so it is given as an option. A NULL name ends the list. */
    int rc =
        vips_thumbnail_buffer((void *)(uintptr_t)bytes.ptr, bytes.len, ret, (int)width, "height",
                              (int)height, "size", VIPS_SIZE_DOWN, "option_string",
                              "[fail_on=error]", colours.export == NULL ? NULL : "export_profile",
                              colours.export, "import_profile", colours.import, NULL);
    return rc == 0 ? ST_OK : unreadable(err);
}

/* --- the dominant colour --------------------------------------------------------------------- */

typedef struct Bin {
    uint32_t weight; /* 64 x 64 pixels x 255 x 255 fit */
    uint32_t sum[3];
} Bin;

/* The mean of the fullest of 8 x 8 x 8 boxes of colour; transparent pixels do not count. */
static uint32_t dominant(const uint8_t *pixels, size_t n, int bands)
{
    static const uint32_t WHITE = 0xffffff;
    Bin                   bins[512] = {0};
    size_t                best = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *p = pixels + i * (size_t)bands;
        uint8_t        rgb[3] = {p[0], bands >= 3 ? p[1] : p[0], bands >= 3 ? p[2] : p[0]};
               uint32_t alpha = bands == 2 || bands == 4 ? p[bands - 1] : 255;
        Bin           *bin = &bins[(rgb[0] >> 5) * 64 + (rgb[1] >> 5) * 8 + (rgb[2] >> 5)];
        bin->weight += alpha;
        for (int c = 0; c < 3; c++)
            bin->sum[c] += alpha * rgb[c];
    }
    for (size_t i = 1; i < COUNT_OF(bins); i++)
        if (bins[i].weight > bins[best].weight)
            best = i;
    const Bin *bin = &bins[best];
    if (bin->weight == 0)
        return WHITE;
    uint32_t colour = 0;
    for (int c = 0; c < 3; c++)
        colour = colour << 8 | (bin->sum[c] + bin->weight / 2) / bin->weight;
    return colour;
}

static Status find_colour(Str bytes, Colours colours, uint32_t *ret, Err *err)
{
    CLEANUP(image_done) VipsImage *small = NULL;
    Watch                          watch;
    size_t                         size = 0;
    TRY(scaled(bytes, colours, COLOUR_SIDE, COLOUR_SIDE, &small, err));
    watch_start(small, &watch);
    uint8_t *pixels = vips_image_write_to_memory(small, &size);
    if (pixels == NULL)
        return explain(&watch, err);
    int bands = vips_image_get_bands(small);
    *ret = dominant(pixels, size / (size_t)bands, bands);
    g_free(pixels);
    return ST_OK;
}

Status picture_probe_here(Str bytes, bool with_colour, PictureInfo *ret, Err *err)
{
    CLEANUP(image_done) VipsImage *image = NULL;
    PictureInfo                    info = {0};
    TRY(open_header(bytes, &info.format, &image, err));
    bool turned = vips_image_get_orientation_swap(image);
    info.width = turned ? vips_image_get_height(image) : vips_image_get_width(image);
    info.height = turned ? vips_image_get_width(image) : vips_image_get_height(image);
    info.alpha = vips_image_hasalpha(image);
    Colours colours = colours_of(image);
    image_done(&image);
    if (with_colour)
        TRY(find_colour(bytes, colours, &info.colour, err));
    *ret = info;
    return ST_OK;
}

/* --- renditions ------------------------------------------------------------------------------ */

size_t picture_plan(int64_t width, int64_t ret_widths[PICTURE_PLAN_MAX])
{
    static const int64_t STEPS[] = {160, 320, 480, 640, 960, 1280, 1920};
    const int64_t        widest = 2560;
    int64_t              own = width < widest ? width : widest;
    size_t               n = 0;
    for (size_t i = 0; i < COUNT_OF(STEPS); i++)
        if (STEPS[i] < own - own / 8) /* a step close below its own width saves nothing */
            ret_widths[n++] = STEPS[i];
    ret_widths[n++] = own;
    return n;
}

/* The pixels of `image` alone: "strip" of some savers leaves EXIF and profile in place. */
static Status bare(VipsImage *image, VipsImage **ret, Err *err)
{
    if (vips_copy(image, ret, NULL) != 0)
        return unreadable(err);
    char **fields = vips_image_get_fields(*ret);
    for (char **field = fields; *field != NULL; field++)
        vips_image_remove(*ret, *field);
    g_strfreev(fields);
    return ST_OK;
}

static int encode(VipsImage *image, PictureFormat format, void **ret, size_t *ret_len)
{
    if (format == PICTURE_WEBP)
        return vips_webpsave_buffer(image, ret, ret_len, "Q", WEBP_QUALITY, "effort", WEBP_EFFORT,
                                    "strip", TRUE, NULL);
    return vips_heifsave_buffer(image, ret, ret_len, "Q", AVIF_QUALITY, "effort", AVIF_EFFORT,
                                "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "bitdepth", 8,
                                "strip", TRUE, NULL);
}

/* Append a WebP file without its metadata chunks: libvips makes an EXIF chunk of its own whatever
 * it is told. The layout: "RIFF" size "WEBP", then chunks of a name, a size and padded data. */
static void add_webp(Buf *out, Str file)
{
    static const uint8_t METADATA_FLAGS = 0x20 | 0x08 | 0x04; /* ICC, EXIF, XMP, in VP8X */
    size_t               start = out->len;
    buf_add(out, (Str){file.ptr, 12});
    for (size_t at = 12; at + 8 <= file.len;) {
        const uint8_t *b = (const uint8_t *)file.ptr + at;
        size_t size = (size_t)b[4] | (size_t)b[5] << 8 | (size_t)b[6] << 16 | (size_t)b[7] << 24;
        Str    chunk = {file.ptr + at, 8 + size + (size & 1)};
        ASSERT(chunk.len <= file.len - at);
        at += chunk.len;
        if (str_starts(chunk, STR("EXIF")) || str_starts(chunk, STR("XMP ")) ||
            str_starts(chunk, STR("ICCP")))
            continue;
        size_t flags = out->len + 8;
        buf_add(out, chunk);
        if (str_starts(chunk, STR("VP8X")) && !buf_overflowed(out))
            out->ptr[flags] = (char)((uint8_t)out->ptr[flags] & ~METADATA_FLAGS);
    }
    if (buf_overflowed(out))
        return;
    size_t riff = out->len - start - 8;
    for (size_t i = 0; i < 4; i++)
        out->ptr[start + 4 + i] = (char)(riff >> (8 * i) & 0xff);
}

Status picture_render_here(Str bytes, int64_t width, PictureFormat format, Buf *ret_bytes, Err *err)
{
    ASSERT(format == PICTURE_WEBP || format == PICTURE_AVIF);
    ASSERT(width > 0);
    CLEANUP(image_done) VipsImage *image = NULL;
    CLEANUP(image_done) VipsImage *plain = NULL;
    PictureFormat                  from;
    Watch                          watch;
    void                          *out = NULL;
    size_t                         len = 0;
    TRY(open_header(bytes, &from, &image, err)); /* its limits hold before a pixel is decoded */
    Colours colours = colours_of(image);
    image_done(&image);
    TRY(scaled(bytes, colours, width < WEBP_SIDE_MAX ? width : WEBP_SIDE_MAX, WEBP_SIDE_MAX, &image,
               err));
    TRY(bare(image, &plain, err));
    watch_start(plain, &watch);
    if (encode(plain, format, &out, &len) != 0)
        return explain(&watch, err);
    if (format == PICTURE_WEBP)
        add_webp(ret_bytes, (Str){out, len});
    else
        buf_add(ret_bytes, (Str){out, len});
    g_free(out);
    if (buf_overflowed(ret_bytes))
        return too_big(err, "its rendition does not fit");
    return ST_OK;
}
