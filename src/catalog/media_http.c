#include "catalog/media_http.h"

#include "catalog/catalog_int.h"
#include "catalog/media_int.h"
#include "catalog/product.h"
#include "http/http_etag.h"
#include "http/http_form.h"

/* The picture in the body: the file "file" of a form, or the body itself. */
static Status picture_of(Cx *cx, const HttpReq *rq, Str *ret_bytes, HttpForm *ret_form)
{
    Str type = http_header(rq, STR("content-type"));
    *ret_form = (HttpForm){0};
    if (!str_starts(type, STR("multipart/form-data"))) {
        *ret_bytes = rq->body;
        return ST_OK;
    }
    TRY(http_form_read(cx, rq, ret_form));
    const HttpPart *file = http_form_file(ret_form, STR("file"));
    if (file == NULL)
        return cx_fail(cx, ST_INVALID, "catalog.no_picture", "the form has no file \"file\"");
    *ret_bytes = file->value;
    return ST_OK;
}

/* POST /api/v1/media -> 201 MediaFile */
static Status post_media(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Str       bytes;
    HttpForm  form;
    MediaFile file;
    TRY(picture_of(cx, rq, &bytes, &form));
    TRY(media_take(cx, bytes, &file));
    rs->status = 201;
    http_reply(rq, rs, &file);
    return ST_OK;
}

/* GET /api/v1/media/:hash */
static Status get_file(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    MediaFile file;
    TRY(media_get(cx, rq->params[0], &file));
    http_reply(rq, rs, &file);
    return ST_OK;
}

typedef struct Attach {
    int64_t      product;
    CatalogMedia media;
    CatalogMedia made;
} Attach;

static Status attach_tx(Cx *cx, void *arg)
{
    Attach        *at = arg;
    CatalogProduct p;
    TRY(catalog_product_get(cx, at->product, CATALOG_WITH_MEDIA, &p));
    CatalogProduct change = {.media = {arena_array(cx->arena, CatalogMedia, p.media.n + 1), 0}};
    for (; change.media.n < p.media.n; change.media.n++) {
        CatalogMedia *m = &change.media.items[change.media.n];
        m->id = p.media.items[change.media.n].id;
        CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, id);
    }
    change.media.items[change.media.n++] = at->media;
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &change, media);
    TRY(catalog_product_update(cx, p.id, 0, &change, NULL));
    at->made = change.media.items[change.media.n - 1];
    return ST_OK;
}

/* POST /api/v1/products/:id/media -> 201 Media: takes a picture in and adds it at the end */
static Status post_product_media(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Attach    at = {0};
    Str       bytes, alt;
    HttpForm  form;
    MediaFile file;
    TRY(http_param_id(cx, rq, 0, CATALOG_PRODUCT_ID, &at.product));
    TRY(picture_of(cx, rq, &bytes, &form));
    TRY(http_query(cx, rq, STR("alt"), STR(""), &alt));
    if (form.n > 0 && http_form_text(&form, STR("alt")).ptr != NULL)
        alt = http_form_text(&form, STR("alt"));
    TRY(media_take(cx, bytes, &file));
    at.media.alt = alt;
    CATALOG_GIVE(&catalog_media_shape, CatalogMedia, &at.media, alt);
    media_fill(&at.media, &file);
    TRY(catalog_in_tx(cx, attach_tx, &at));
    rs->status = 201;
    http_reply(rq, rs, &at.made);
    return ST_OK;
}

/* --- for browsers ------------------------------------------------------------------------- */

typedef enum Choice { CHOICE_ORIGINAL, CHOICE_WEBP, CHOICE_AVIF } Choice;

static bool accepts(Str accept, Str type)
{
    for (size_t i = 0; i + type.len <= accept.len; i++)
        if (str_eq((Str){accept.ptr + i, type.len}, type))
            return true;
    return false;
}

/* Browsers say which new formats they know; mail programs and old ones get the original,
 * unless that is in a format that few can show. */
static Choice choose(const HttpReq *rq, const MediaFile *file)
{
    Str  accept = http_header(rq, STR("accept"));
    bool common = str_eq(file->mime, STR("image/jpeg")) || str_eq(file->mime, STR("image/png")) ||
                  str_eq(file->mime, STR("image/gif"));
    if (accepts(accept, STR("image/avif")))
        return CHOICE_AVIF;
    if (accepts(accept, STR("image/webp")) || !common)
        return CHOICE_WEBP;
    return CHOICE_ORIGINAL;
}

static Str etag_of(Cx *cx, const MediaFile *file, int64_t width, const char *type)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 200);
    buf_addf(&b, "\"%.24s-%lld-%s\"", file->hash.ptr, (long long)width, type);
    return str_dup(cx->arena, buf_str(&b));
}

/* GET /media/:hash/:name?width=640 */
static Status get_media(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    MediaFile file;
    int64_t   wanted, width = 0;
    TRY(http_query_i64(cx, rq, STR("width"), 0, PICTURE_SIDE_MAX, 0, &wanted));
    TRY(media_get(cx, rq->params[0], &file));
    Choice choice = choose(rq, &file);
    bool   ready = true;
    if (choice != CHOICE_ORIGINAL) {
        bool   avif = choice == CHOICE_AVIF;
        Status st = media_rendition(cx, &file, wanted, avif ? PICTURE_AVIF : PICTURE_WEBP,
                                    &rs->file, &rs->file_size, &width);
        ready = st != ST_BUSY;
        if (ready)
            TRY(st);
        rs->type = avif ? "image/avif" : "image/webp";
    }
    if (choice == CHOICE_ORIGINAL || !ready) { /* better a big picture now than none */
        TRY(media_original(cx, &file, &rs->file, &rs->file_size));
        rs->type = str_cstr(cx->arena, file.mime);
    }
    if (ready)
        rs->etag = etag_of(cx, &file, width, rs->type);
    rs->cache_control = ready ? "public, max-age=31536000, immutable" : "no-store";
    http_set_header(cx, rs, "Vary", STR("Accept"));
    return ST_OK;
}

static const HttpParam ALT_PARAMS[] = {
    {"alt", "What the picture shows; also as a field of the form.", "string"},
    {0},
};

static const HttpRoute ROUTES[] = {
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/media"),
     .handler = post_media,
     .permission = "catalog.write",
     .body = HTTP_BODY_RAW,
     .body_max = PICTURE_BYTES_MAX + 65536,
     .out = &media_file_shape,
     .status = 201,
     .summary = "Take a picture in: its bytes, or a form with a file \"file\""},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/api/v1/media/:hash"),
     .handler = get_file,
     .permission = "catalog.read",
     .out = &media_file_shape,
     .summary = "What is known of a picture"},
    {.method = HTTP_POST,
     .pattern = STR_INIT("/api/v1/products/:id/media"),
     .handler = post_product_media,
     .permission = "catalog.write",
     .body = HTTP_BODY_RAW,
     .body_max = PICTURE_BYTES_MAX + 65536,
     .out = &catalog_media_shape,
     .status = 201,
     .params = ALT_PARAMS,
     .summary = "Take a picture in and add it to a product"},
    {.method = HTTP_GET,
     .pattern = STR_INIT("/media/:hash/:name"),
     .handler = get_media,
     .flags = HTTP_PUBLIC | HTTP_NO_AUTH | HTTP_HIDDEN},
};

const HttpRoutes catalog_media_routes = {"Pictures", ROUTES, COUNT_OF(ROUTES)};
