#include "catalog/media.h"

#include "base/fault.h"
#include "catalog/catalog_sql.h"
#include "catalog/media_int.h"
#include "catalog/product.h"
#include "text/text.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_LEN = 4096,
    RENDERING_MAX = 2 /* at once for requests: each may take 400 MB and a core */
};

static const ShapeField FILE_FIELDS[] = {
    SHAPE_TEXT(MediaFile, hash, .flags = SHAPE_READ_ONLY, .doc = "BLAKE2b-256 of the bytes."),
    SHAPE_TEXT(MediaFile, mime, .flags = SHAPE_READ_ONLY, .example = "\"image/jpeg\""),
    SHAPE_INT(MediaFile, bytes, .flags = SHAPE_READ_ONLY),
    SHAPE_INT(MediaFile, width, .flags = SHAPE_READ_ONLY, .doc = "Pixels."),
    SHAPE_INT(MediaFile, height, .flags = SHAPE_READ_ONLY, .doc = "Pixels."),
    SHAPE_TEXT(MediaFile, colour, .flags = SHAPE_READ_ONLY,
               .doc = "Its dominant colour, to show while it loads.", .example = "\"#c0a080\""),
    SHAPE_TIME(MediaFile, created_at, .flags = SHAPE_READ_ONLY),
};
const Shape media_file_shape =
    SHAPE_OF(MediaFile, "MediaFile", FILE_FIELDS, .doc = "A picture that was taken in.");

static char            folder[PATH_LEN / 2]; /* set once, before other threads start */
static pthread_mutex_t render_mutex = PTHREAD_MUTEX_INITIALIZER;
static int             rendering;

/* --- files -------------------------------------------------------------------------------- */

static Status make_folder(const char *path, Err *err)
{
    if (mkdir(path, 0750) == 0 || errno == EEXIST)
        return ST_OK;
    return err_set(err, ST_IO, "catalog.media_folder", "cannot make %.120s", path);
}

Status media_open(const char *path, Err *err)
{
    static const char *const PARTS[] = {"", "/originals", "/renditions", "/tmp"};
    char                     full[PATH_LEN];
    if (strlen(path) >= sizeof folder)
        return err_set(err, ST_IO, "catalog.media_folder", "the path is too long");
    snprintf(folder, sizeof folder, "%s", path);
    for (size_t i = 0; i < COUNT_OF(PARTS); i++) {
        snprintf(full, sizeof full, "%s%s", folder, PARTS[i]);
        TRY(make_folder(full, err));
    }
    return ST_OK;
}

const char *media_folder(void)
{
    return folder;
}

/* Files are spread over 256 folders. */
static Str shelf(Str hash)
{
    ASSERT(hash.len == MEDIA_HASH_LEN);
    return (Str){hash.ptr, 2};
}

static void original_path(Str hash, char *ret)
{
    snprintf(ret, PATH_LEN, "%s/originals/" STR_FMT "/" STR_FMT, folder, STR_ARG(shelf(hash)),
             STR_ARG(hash));
}

static void rendition_path(Str hash, int64_t width, PictureFormat format, char *ret)
{
    snprintf(ret, PATH_LEN, "%s/renditions/" STR_FMT "/" STR_FMT "-%lld.%s", folder,
             STR_ARG(shelf(hash)), STR_ARG(hash), (long long)width,
             format == PICTURE_AVIF ? "avif" : "webp");
}

static bool write_all(int fd, Str bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        ssize_t n = fault_hit() ? -1 : write(fd, bytes.ptr + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

/* Write a file so that after a crash it is there whole or not at all. */
static Status store(Cx *cx, const char *path, Str bytes)
{
    char temp[PATH_LEN], dir[PATH_LEN];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    TRY(make_folder(dir, &cx->err));
    snprintf(temp, sizeof temp, "%s/tmp/XXXXXX", folder);
    int fd = mkostemp(temp, O_CLOEXEC);
    if (fd < 0)
        return cx_fail(cx, ST_IO, "catalog.media_folder", "cannot write to the media folder");
    bool ok = write_all(fd, bytes) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    ok = ok && chmod(temp, 0640) == 0 && rename(temp, path) == 0 && sync_folder(dir);
    if (!ok) {
        unlink(temp);
        return cx_fail(cx, ST_IO, "catalog.media_folder", "a picture cannot be stored");
    }
    return ST_OK;
}

static bool exists(const char *path)
{
    struct stat sb;
    return stat(path, &sb) == 0 && sb.st_size > 0;
}

static Status open_file(Cx *cx, const char *path, int *ret_fd, int64_t *ret_bytes)
{
    struct stat sb;
    int         fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &sb) != 0) {
        if (fd >= 0)
            close(fd);
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_file", "the picture is not there");
    }
    *ret_fd = fd;
    *ret_bytes = sb.st_size;
    return ST_OK;
}

void media_unlink(Str hash)
{
    int64_t widths[PICTURE_PLAN_MAX];
    char    path[PATH_LEN];
    original_path(hash, path);
    unlink(path);
    /* Its width is forgotten by now, so try what every picture may have had. */
    size_t n = picture_plan(PICTURE_SIDE_MAX, widths);
    for (size_t i = 0; i < n; i++) {
        rendition_path(hash, widths[i], PICTURE_WEBP, path);
        unlink(path);
        rendition_path(hash, widths[i], PICTURE_AVIF, path);
        unlink(path);
    }
}

/* --- taking in ---------------------------------------------------------------------------- */

static void file_from_row(const CatalogFileRow *row, MediaFile *ret)
{
    *ret = (MediaFile){.hash = row->hash,
                       .mime = row->mime,
                       .bytes = row->bytes,
                       .width = row->width,
                       .height = row->height,
                       .colour = row->colour,
                       .created_at = row->created_ms};
}

static Str hash_of(Arena *a, Str bytes)
{
    unsigned char digest[MEDIA_HASH_LEN / 2];
    char         *hex = arena_array(a, char, MEDIA_HASH_LEN + 1);
    crypto_generichash(digest, sizeof digest, (const unsigned char *)bytes.ptr, bytes.len, NULL, 0);
    sodium_bin2hex(hex, MEDIA_HASH_LEN + 1, digest, sizeof digest);
    return (Str){hex, MEDIA_HASH_LEN};
}

static Status take_tx(Cx *cx, void *arg)
{
    const MediaFile *f = arg;
    CatalogFileRow   row = {.hash = f->hash,
                            .mime = f->mime,
                            .bytes = f->bytes,
                            .width = f->width,
                            .height = f->height,
                            .colour = f->colour,
                            .created_ms = cx->now};
    TRY(catalog_sql_file_put(cx, &row, NULL));
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "hash", f->hash);
    json_end(&j);
    JobOptions options = {.priority = -10, .unique = f->hash};
    return job_queue(cx, "catalog.render", buf_str(&b), &options, NULL);
}

Status media_take(Cx *cx, Str bytes, MediaFile *ret)
{
    PictureInfo    info;
    CatalogFileRow row;
    char           path[PATH_LEN];
    bool           known;
    Str            hash = hash_of(cx->arena, bytes);
    original_path(hash, path);
    TRY(catalog_sql_file_get(cx, hash, &known, &row));
    if (known && exists(path)) {
        file_from_row(&row, ret);
        return ST_OK;
    }
    TRY(picture_probe(bytes, true, &info, &cx->err));
    char *colour = arena_array(cx->arena, char, 8);
    snprintf(colour, 8, "#%06x", (unsigned)info.colour & 0xffffff);
    *ret = (MediaFile){.hash = hash,
                       .mime = str_from_cstr(picture_type(info.format)),
                       .bytes = (int64_t)bytes.len,
                       .width = info.width,
                       .height = info.height,
                       .colour = {colour, 7},
                       .created_at = cx->now};
    TRY(store(cx, path, bytes)); /* first the file, then the row that speaks of it */
    return cx_in_tx(cx, take_tx, ret);
}

Status media_get(Cx *cx, Str hash, MediaFile *ret)
{
    CatalogFileRow row;
    bool           found = false;
    if (hash.len == MEDIA_HASH_LEN)
        TRY(catalog_sql_file_get(cx, hash, &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_file", "there is no such picture");
    file_from_row(&row, ret);
    return ST_OK;
}

Status media_read(Cx *cx, const MediaFile *file, Buf *ret)
{
    char    path[PATH_LEN], block[16 << 9];
    int     fd;
    int64_t bytes;
    ssize_t n;
    original_path(file->hash, path);
    TRY(open_file(cx, path, &fd, &bytes));
    while ((n = read(fd, block, sizeof block)) > 0)
        buf_add(ret, (Str){block, (size_t)n});
    close(fd);
    if (n < 0 || buf_overflowed(ret))
        return cx_fail(cx, ST_IO, "catalog.media_folder", "a picture cannot be read");
    return ST_OK;
}

/* --- renditions --------------------------------------------------------------------------- */

Status media_render(Cx *cx, const MediaFile *file, Str bytes, int64_t width, PictureFormat format)
{
    char path[PATH_LEN];
    rendition_path(file->hash, width, format, path);
    if (exists(path))
        return ST_OK;
    CLEANUP(buf_done) Buf out;
    buf_init(&out, PICTURE_BYTES_MAX);
    TRY(picture_render(bytes, width, format, &out, &cx->err));
    return store(cx, path, buf_str(&out));
}

/* The step of the plan that serves `width` pixels. */
static int64_t step_for(const MediaFile *file, int64_t width)
{
    int64_t widths[PICTURE_PLAN_MAX];
    size_t  n = picture_plan(file->width, widths);
    for (size_t i = 0; width > 0 && i < n; i++)
        if (widths[i] >= width)
            return widths[i];
    return widths[n - 1];
}

static bool rendering_begin(void)
{
    pthread_mutex_lock(&render_mutex);
    bool ok = rendering < RENDERING_MAX;
    rendering += ok;
    pthread_mutex_unlock(&render_mutex);
    return ok;
}

static void rendering_end(void)
{
    pthread_mutex_lock(&render_mutex);
    rendering--;
    pthread_mutex_unlock(&render_mutex);
}

static Status render_now(Cx *cx, const MediaFile *file, int64_t width, PictureFormat format)
{
    CLEANUP(buf_done) Buf bytes;
    buf_init(&bytes, PICTURE_BYTES_MAX);
    TRY(media_read(cx, file, &bytes));
    return media_render(cx, file, buf_str(&bytes), width, format);
}

Status media_rendition(Cx *cx, const MediaFile *file, int64_t width, int format, int *ret_fd,
                       int64_t *ret_bytes, int64_t *ret_width)
{
    char          path[PATH_LEN];
    int64_t       step = step_for(file, width);
    PictureFormat f = format == PICTURE_AVIF ? PICTURE_AVIF : PICTURE_WEBP;
    rendition_path(file->hash, step, f, path);
    if (!exists(path)) {
        if (!rendering_begin())
            return cx_fail(cx, ST_BUSY, "catalog.rendering", "the picture is being made");
        Status st = render_now(cx, file, step, f);
        rendering_end();
        TRY(st);
    }
    *ret_width = step;
    return open_file(cx, path, ret_fd, ret_bytes);
}

Status media_original(Cx *cx, const MediaFile *file, int *ret_fd, int64_t *ret_bytes)
{
    char path[PATH_LEN];
    original_path(file->hash, path);
    return open_file(cx, path, ret_fd, ret_bytes);
}

/* --- media of products -------------------------------------------------------------------- */

void media_fill(CatalogMedia *m, const MediaFile *file)
{
    m->hash = file->hash;
    m->mime = file->mime;
    m->width = opt_i64(file->width);
    m->height = opt_i64(file->height);
    m->colour = file->colour;
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, mime);
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, width);
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, height);
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, colour);
}

Str media_path(Arena *a, Str hash, Str name)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 512);
    buf_addf(&b, "/media/" STR_FMT "/", STR_ARG(hash));
    buf_add(&b, name.len > 0 && name.len < 256 ? name : STR("picture"));
    return str_dup(a, buf_str(&b));
}

Str media_path_hash(Str path)
{
    static const char MARK[] = "/media/";
    for (size_t i = 0; i + sizeof MARK - 1 + MEDIA_HASH_LEN < path.len; i++) {
        if (memcmp(path.ptr + i, MARK, sizeof MARK - 1) != 0)
            continue;
        Str  hash = {path.ptr + i + sizeof MARK - 1, MEDIA_HASH_LEN};
        bool ok = path.ptr[i + sizeof MARK - 1 + MEDIA_HASH_LEN] == '/';
        for (size_t k = 0; ok && k < hash.len; k++)
            ok = (hash.ptr[k] >= '0' && hash.ptr[k] <= '9') ||
                 (hash.ptr[k] >= 'a' && hash.ptr[k] <= 'f');
        return ok ? hash : (Str){0};
    }
    return (Str){0};
}

Status media_fetch_queue(Cx *cx, const CatalogProduct *p)
{
    for (size_t i = 0; i < p->media.n; i++) {
        const CatalogMedia *m = &p->media.items[i];
        bool elsewhere = str_starts(m->url, STR("http://")) || str_starts(m->url, STR("https://"));
        if (m->hash.len > 0 || m->kind != CATALOG_IMAGE || !elsewhere)
            continue;
        CLEANUP(buf_done) Buf b;
        char                  key[32];
        buf_init(&b, 200);
        Json j = json_begin(&b);
        json_obj(&j, NULL);
        json_i64(&j, "media", m->id);
        json_i64(&j, "product", p->id);
        json_end(&j);
        snprintf(key, sizeof key, "%lld", (long long)m->id);
        JobOptions options = {.priority = -5, .unique = str_from_cstr(key)};
        TRY(job_queue(cx, "catalog.fetch_media", buf_str(&b), &options, NULL));
    }
    return ST_OK;
}
