#include "catalog/import_jobs.h"

#include "base/id.h"
#include "catalog/import_int.h"
#include "catalog/media_int.h"
#include "core/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LEN = 4096 };

static void upload_path(int64_t id, char *ret)
{
    snprintf(ret, PATH_LEN, "%s/tmp/import-%lld.csv", media_folder(), (long long)id);
}

int import_temp_file(void)
{
    char path[PATH_LEN];
    snprintf(path, sizeof path, "%s/tmp/export-XXXXXX", media_folder());
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static Status keep(Cx *cx, int64_t id, Str bytes)
{
    char path[PATH_LEN];
    upload_path(id, path);
    int  fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0;
    while (ok && bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        ok = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0)
            bytes = (Str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (ok)
        return ST_OK;
    unlink(path);
    return cx_fail(cx, ST_IO, "catalog.media_folder", "the file cannot be kept");
}

typedef struct Upload {
    const ImportUpload *up;
    Import             *im;
} Upload;

static Status upload_tx(Cx *cx, void *arg)
{
    const Upload         *u = arg;
    CLEANUP(buf_done) Buf b = {0};
    TRY(import_state_write(cx, u->im));
    buf_init(&b, 1024);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_i64(&j, "import", u->im->id);
    json_end(&j);
    return job_queue(cx, "catalog.import", buf_str(&b), NULL, NULL);
}

Status import_upload(Cx *cx, const ImportUpload *up, Import *ret)
{
    *ret = (Import){.id = id_new(),
                    .file = up->name,
                    .hash = STR(""),
                    .format = up->format,
                    .encoding = STR(""),
                    .currency = up->currency,
                    .fetch_images = up->fetch_images,
                    .dry_run = up->dry_run,
                    .status = IMPORT_RUNNING,
                    .bytes = (int64_t)up->bytes.len,
                    .error = STR(""),
                    .created_at = cx->now,
                    .updated_at = cx->now};
    TRY(keep(cx, ret->id, up->bytes));
    Upload u = {.up = up, .im = ret};
    Status st = cx_in_tx(cx, upload_tx, &u);
    if (st != ST_OK) {
        char path[PATH_LEN];
        upload_path(ret->id, path);
        unlink(path);
    }
    return st;
}

typedef struct Watching {
    Cx        *cx;
    const Job *job;
} Watching;

static Status watch(void *arg, const Import *im)
{
    const Watching *w = arg;
    char            note[120];
    if (core_stopping(w->cx->core))
        return cx_fail(w->cx, ST_BUSY, "core.stopping", "goes on with the next start");
    snprintf(note, sizeof note, "%lld rows, %lld issues", (long long)im->rows,
             (long long)im->issues);
    TRY(job_extend(w->cx, w->job, SPAN_MINUTES(5)));
    int percent = im->bytes > 0 ? (int)(im->bytes_done * 100 / im->bytes) : 0;
    return job_progress(w->cx, w->job, percent > 100 ? 100 : percent, str_from_cstr(note));
}

static Status failed_tx(Cx *cx, void *arg)
{
    return import_state_write(cx, arg);
}

/* {"import": id} */
Status import_job(Cx *cx, const Job *job)
{
    const JsonValue *body;
    Import           im;
    char             path[PATH_LEN];
    TRY(json_parse(cx->arena, job->payload, &body, &cx->err));
    const JsonValue *id = json_get(body, STR("import"));
    if (id == NULL || !id->integer)
        return cx_fail(cx, ST_NOT_FOUND, "catalog.no_import", "the job names no import");
    TRY(catalog_import_get(cx, id->i64, &im));
    upload_path(im.id, path);
    ImportOptions options = {.format = im.format,
                             .currency = im.currency,
                             .fetch_images = im.fetch_images,
                             .dry_run = im.dry_run,
                             .import = im.id};
    Watching      w = {.cx = cx, .job = job};
    Import        done;
    Status        st = catalog_import_file(cx, path, im.file, &options, watch, &w, &done);
    bool          final = st == ST_INVALID || st == ST_LIMIT || st == ST_NOT_FOUND;
    if (final) {
        im.status = IMPORT_FAILED;
        im.error = str_dup(cx->arena, str_from_cstr(cx->err.msg));
        st = cx_in_tx(cx, failed_tx, &im);
    }
    if (st == ST_OK)
        unlink(path);
    return st;
}
