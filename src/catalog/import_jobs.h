/* import_jobs.h - imports that arrive over HTTP and run in the background. */
#pragma once

#include "catalog/import.h"
#include "core/job.h"

typedef struct ImportUpload {
    Str  bytes;
    Str  name;
    int  format;
    Str  currency;
    bool dry_run, fetch_images;
} ImportUpload;

/* Keep the file beside the media, and queue the job "catalog.import". */
NODISCARD Status import_upload(Cx *cx, const ImportUpload *up, Import *ret);

Status import_job(Cx *cx, const Job *job);

/* An open file without a name, in the media folder; -1 when none can be made. */
int import_temp_file(void);
