/* status.h - how functions report failure.
 *
 * A function that can fail returns a Status and says more in an Err. The Status decides
 * what the program does next (retry? which HTTP status?); the code in the Err is a stable
 * name that clients, tests and dashboards may rely on; the message is for people.
 *
 * Out-parameters are called ret_*; they are set on success and left alone on failure. */
#pragma once

#include "base/base.h"

typedef enum Status {
    ST_OK = 0,
    ST_INVALID,   /* the request can never succeed as sent        -> 400, 422 */
    ST_UNKNOWN,   /* we do not know who is asking                 -> 401 */
    ST_DENIED,    /* known caller, not allowed                    -> 403 */
    ST_NOT_FOUND, /*                                              -> 404 */
    ST_CONFLICT,  /* right request, wrong moment (out of stock)   -> 409 */
    ST_STALE,     /* the caller's copy is not the newest one      -> 412 */
    ST_LIMIT,     /* a size limit was reached                     -> 413 */
    ST_RATE,      /* asked too often; later is fine               -> 429 */
    ST_BUSY,      /* try again soon: lock, serialization, backlog -> 503 */
    ST_IO,        /* disk, database or network failed             -> 500 */
    ST_COUNT_     /* number of values; not a status */
} Status;

typedef struct Err {
    Status      status;
    const char *code; /* "module.what", a literal; listed in docs/errors.md */
    const char *file; /* where it was raised; for the log only */
    int         line;
    char        msg[160]; /* for people; fixed size so that failing needs no memory */
} Err;

/* Fill *err and return `status`: return err_set(err, ST_CONFLICT, "stock.short", ...); */
#define err_set(err, status, code, ...)                                                            \
    err_status(err_set_at((err), (status), "" code, __FILE__, __LINE__, __VA_ARGS__), (status))

Status err_set_at(Err *err, Status status, const char *code, const char *file, int line,
                  const char *fmt, ...) PRINTF_LIKE(6, 7);

/* The status once more, where a static analyser can see that it is not ST_OK. */
static inline Status err_status(Status set, Status status)
{
    (void)set;
    return status;
}

const char *status_name(Status status);

/* The one macro with a hidden return. Everything that must be released is released by
 * CLEANUP or by the arena, so leaving early is always safe. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        Status try_st_ = (expr);                                                                   \
        if (try_st_ != ST_OK)                                                                      \
            return try_st_;                                                                        \
    } while (0)
