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
    int n = vsnprintf(err->msg, sizeof err->msg, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    if ((size_t)n >= sizeof err->msg) { /* cut, but not within a character */
        size_t end = sizeof err->msg - 1;
        while (end > 0 && ((unsigned char)err->msg[end - 1] & 0xC0) == 0x80)
            end--;
        end -= end > 0 && (unsigned char)err->msg[end - 1] >= 0xC0;
        err->msg[end] = '\0';
    }
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
