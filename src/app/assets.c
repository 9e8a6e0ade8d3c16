#include "app/assets.h"

#include "http/http_encode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char PREFIX[] = "/assets/";

static const char *folder; /* of --assets; NULL: the built-in ones */

void assets_folder_set(const char *dir)
{
    folder = dir;
}

static const Asset *asset_named(Str name)
{
    size_t low = 0, high = nassets;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    order = str_cmp(assets[mid].name, name);
        if (order == 0)
            return &assets[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

Str assets_url(Arena *a, Str name)
{
    const Asset *asset = asset_named(name);
    ASSERT(asset != NULL);
    if (folder == NULL)
        return asset->path;
    char *url = arena_array(a, char, sizeof PREFIX + name.len);
    int   n = snprintf(url, sizeof PREFIX + name.len, "%s" STR_FMT, PREFIX, STR_ARG(name));
    return (Str){url, (size_t)n};
}

/* "console/app.0123456789abcdef.js" -> "console/app.js"; without a hash, `served` itself. */
static Str without_hash(Arena *a, Str served)
{
    enum { HASH = 16 };
    size_t dot = served.len;
    while (dot > 0 && served.ptr[dot - 1] != '.' && served.ptr[dot - 1] != '/')
        dot--;
    if (dot < HASH + 2 || served.ptr[dot - 1] != '.' || served.ptr[dot - 2 - HASH] != '.')
        return served;
    Buf b;
    buf_init(&b, served.len);
    buf_add(&b, (Str){served.ptr, dot - 2 - HASH});
    buf_add(&b, (Str){served.ptr + dot - 1, served.len - dot + 1});
    Str name = str_dup(a, buf_str(&b));
    buf_done(&b);
    return name;
}

static const char *type_of(Str name)
{
    for (size_t i = 0; i < nasset_types; i++) {
        Str extension = str_from_cstr(asset_types[i].extension);
        if (name.len > extension.len &&
            str_eq((Str){name.ptr + name.len - extension.len, extension.len}, extension))
            return asset_types[i].type;
    }
    return "application/octet-stream";
}

/* A path below the folder: no empty, hidden or ".." part. */
static bool is_plain(Str path)
{
    Str part;
    while (path.len > 0) {
        bool more = str_cut(path, '/', &part, &path);
        if (part.len == 0 || part.ptr[0] == '.' || (more && path.len == 0))
            return false;
    }
    return true;
}

static Status no_asset(Cx *cx)
{
    return cx_fail(cx, ST_NOT_FOUND, "app.no_asset", "no such file");
}

/* Somebody works on the files: the newest bytes, never kept by the browser. */
static Status from_folder(Cx *cx, Str name, HttpResp *rs)
{
    if (!is_plain(name) || memchr(name.ptr, '\0', name.len) != NULL)
        return no_asset(cx);
    CLEANUP(buf_done) Buf path;
    buf_init(&path, 4096);
    buf_addf(&path, "%s/" STR_FMT, folder, STR_ARG(name));
    struct stat st;
    int         fd = buf_overflowed(&path) ? -1 : open(path.ptr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return no_asset(cx);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)close(fd);
        return no_asset(cx);
    }
    rs->type = type_of(name);
    rs->file = fd;
    rs->file_size = st.st_size;
    return ST_OK;
}

/* The twin that the client takes, or the plain bytes. */
static void reply_asset(Cx *cx, const HttpReq *rq, const Asset *asset, HttpResp *rs)
{
    unsigned offered =
        (asset->zstd.len > 0 ? 1U << HTTP_ZSTD : 0) | (asset->gzip.len > 0 ? 1U << HTTP_GZIP : 0);
    HttpCoding coding = http_coding_pick(http_header(rq, STR("Accept-Encoding")), offered);
    rs->borrowed = coding == HTTP_ZSTD   ? asset->zstd
                   : coding == HTTP_GZIP ? asset->gzip
                                         : asset->bytes;
    rs->type = asset->type;
    rs->encoding = http_coding_name(coding);
    rs->etag = coding == HTTP_ZSTD   ? asset->etag_zstd
               : coding == HTTP_GZIP ? asset->etag_gzip
                                     : asset->etag;
    if (offered != 0)
        http_set_header(cx, rs, "Vary", STR("Accept-Encoding"));
}

static Status get_asset(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str name = without_hash(cx->arena, rq->params[0]);
    if (folder != NULL)
        return from_folder(cx, name, rs);
    const Asset *asset = asset_named(name);
    if (asset == NULL)
        return no_asset(cx);
    /* A page that an older program made asks for older bytes: the newest do, for once. */
    rs->cache_control =
        str_eq(rq->path, asset->path) ? "public, max-age=31536000, immutable" : "no-cache";
    reply_asset(cx, rq, asset, rs);
    return ST_OK;
}

static const HttpRoute ROUTES[] = {
    {.method = HTTP_GET,
     .pattern = STR_INIT("/assets/:*file"),
     .handler = get_asset,
     .flags = HTTP_QUICK | HTTP_NO_AUTH | HTTP_PUBLIC | HTTP_HIDDEN},
};

const HttpRoutes assets_routes = {"Files", ROUTES, COUNT_OF(ROUTES)};
