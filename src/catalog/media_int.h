/* media_int.h - between media.c, media_jobs.c and media_http.c; private to src/catalog. */
#pragma once

#include "catalog/media.h"
#include "core/job.h"
#include "core/schedule.h"
#include "picture/picture.h"

/* Job bodies and the schedule, for the module's tables. */
Status media_job_render(Cx *cx, const Job *job);
Status media_job_fetch(Cx *cx, const Job *job);
Status media_prune(Cx *cx); /* files that nothing names for a day */

/* Read the whole original. */
NODISCARD Status media_read(Cx *cx, const MediaFile *file, Buf *ret);

/* Make one rendition from the original's bytes, if it is not there. */
NODISCARD Status media_render(Cx *cx, const MediaFile *file, Str bytes, int64_t width,
                              PictureFormat format);

const char *media_folder(void);

/* Remove the original and all renditions. */
void media_unlink(Str hash);
