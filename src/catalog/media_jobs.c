/* Work on pictures that nobody waits for. */
#include "base/json_read.h"
#include "catalog/catalog_int.h"
#include "catalog/media_int.h"
#include "catalog/product.h"
#include "wire/http_client.h"

enum { PRUNE_MAX = 500 };

static Status render_all(Cx *cx, const Job *job, const MediaFile *file)
{
    static const PictureFormat FORMATS[] = {PICTURE_WEBP, PICTURE_AVIF};
    int64_t                    widths[PICTURE_PLAN_MAX];
    CLEANUP(buf_done) Buf      bytes;
    buf_init(&bytes, PICTURE_BYTES_MAX);
    TRY(media_read(cx, file, &bytes));
    size_t n = picture_plan(file->width, widths);
    for (size_t i = 0; i < n; i++) {
        for (size_t f = 0; f < COUNT_OF(FORMATS); f++)
            TRY(media_render(cx, file, buf_str(&bytes), widths[i], FORMATS[f]));
        TRY(job_extend(cx, job, SPAN_MINUTES(5)));
    }
    return ST_OK;
}

/* {"hash": …}: make all renditions of a picture. */
Status media_job_render(Cx *cx, const Job *job)
{
    const JsonValue *body;
    MediaFile        file;
    TRY(json_parse(cx->arena, job->payload, &body, &cx->err));
    const JsonValue *hash = json_get(body, STR("hash"));
    Status           st = media_get(cx, hash != NULL ? hash->text : (Str){0}, &file);
    if (st == ST_NOT_FOUND) /* pruned meanwhile */
        return ST_OK;
    TRY(st);
    st = render_all(cx, job, &file);
    picture_rest();
    return st;
}

typedef struct Fetched {
    int64_t   media;
    MediaFile file;
} Fetched;

static Status fetched_tx(Cx *cx, void *arg)
{
    const Fetched  *f = arg;
    CatalogMediaRow row;
    bool            found;
    TRY(catalog_sql_media_get(cx, f->media, &found, &row));
    if (!found)
        return ST_OK; /* deleted meanwhile */
    CatalogProduct p;
    Status         st = catalog_product_get(cx, row.owner_id, CATALOG_WITH_MEDIA, &p);
    if (st == ST_NOT_FOUND)
        return ST_OK;
    TRY(st);
    CatalogProduct change = {.media = p.media};
    for (size_t i = 0; i < p.media.n; i++) {
        CatalogMedia *m = &change.media.items[i];
        m->given = 0;
        CATALOG_GIVE(&catalog_media_shape, CatalogMedia, m, id);
        if (m->id == f->media)
            media_fill(m, &f->file);
    }
    CATALOG_GIVE(&catalog_product_shape, CatalogProduct, &change, media);
    return catalog_product_update(cx, p.id, 0, &change, NULL);
}

static bool is_final(Status st)
{
    return st == ST_INVALID || st == ST_DENIED || st == ST_LIMIT;
}

/* {"media": id, "product": id}: fetch a picture from its address and take it in. */
Status media_job_fetch(Cx *cx, const Job *job)
{
    const JsonValue *body;
    CatalogMediaRow  row;
    HttpClientReply  reply;
    bool             found;
    TRY(json_parse(cx->arena, job->payload, &body, &cx->err));
    const JsonValue *id = json_get(body, STR("media"));
    if (id == NULL || !id->integer)
        return ST_OK;
    TRY(catalog_sql_media_get(cx, id->i64, &found, &row));
    if (!found || row.hash.len > 0)
        return ST_OK;
    cx_idle(cx); /* no connection to the database while the other server thinks */
    HttpClientRequest rq = {.url = row.url,
                            .redirects = 5,
                            .timeout = SPAN_SECONDS(30),
                            .reply_max = PICTURE_BYTES_MAX};
    Status            st = http_client_fetch(cx->arena, &rq, &reply, &cx->err);
    if (st == ST_OK && reply.status >= 400 && reply.status < 500 && reply.status != 429)
        st = cx_fail(cx, ST_INVALID, "catalog.fetch_refused", "status %d", reply.status);
    else if (st == ST_OK && reply.status != 200)
        st = cx_fail(cx, ST_BUSY, "catalog.fetch_failed", "status %d", reply.status);
    Fetched f = {.media = row.id};
    if (st == ST_OK)
        st = media_take(cx, reply.body, &f.file);
    if (is_final(st)) /* trying again would not help: dead at once, for staff to see */
        return cx->err.status = ST_INVALID;
    TRY(st);
    return catalog_in_tx(cx, fetched_tx, &f);
}

static Status prune_tx(Cx *cx, void *arg)
{
    return catalog_sql_file_delete_unused(cx, *(const Str *)arg, NULL);
}

/* First the row, when nothing names it, then the files: a crash between them leaves files
 * that the next picture of the same bytes takes over. */
Status media_prune(Cx *cx)
{
    CatalogHashRowList rows;
    UnixMs             before = {cx->now.v - SPAN_MINUTES(24 * 60).v};
    TRY(catalog_sql_files_unused(cx, before, PRUNE_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        Str            hash = rows.items[i].hash;
        bool           known;
        CatalogFileRow row;
        TRY(catalog_in_tx(cx, prune_tx, &hash));
        TRY(catalog_sql_file_get(cx, hash, &known, &row));
        if (!known)
            media_unlink(hash);
    }
    return ST_OK;
}
