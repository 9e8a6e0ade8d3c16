#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>

Status err_set_at(Err *err, Status status, const char *code, const char *file, int line,
                  const char *fmt, ...)
{
    ASSERT(status > ST_OK && status < ST_COUNT_);
    *err = (Err){.status = status, .code = code, .file = file, .line = line};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    return status;
}

const char *status_name(Status status)
{
    static const char *const NAMES[ST_COUNT_] = {
        [ST_OK] = "ok",
        [ST_INVALID] = "invalid",
        [ST_UNKNOWN] = "unknown",
        [ST_DENIED] = "denied",
        [ST_NOT_FOUND] = "not_found",
        [ST_CONFLICT] = "conflict",
        [ST_STALE] = "stale",
        [ST_LIMIT] = "limit",
        [ST_RATE] = "rate",
        [ST_BUSY] = "busy",
        [ST_IO] = "io",
    };
    ASSERT(status >= ST_OK && status < ST_COUNT_);
    return NAMES[status];
}
