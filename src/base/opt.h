/* opt.h - values that may be absent: a NULL column, a JSON null.
 *
 * Text needs no wrapper: a Str with ptr NULL is absent, an empty text has a ptr. */
#pragma once

#include "base/clock.h"

typedef struct OptI64 {
    int64_t v; /* 0 when absent */
    bool    has;
} OptI64;

typedef struct OptReal {
    double v;
    bool   has;
} OptReal;

typedef struct OptBool {
    bool v;
    bool has;
} OptBool;

typedef struct OptTime {
    UnixMs v;
    bool   has;
} OptTime;

static inline OptI64 opt_i64(int64_t v)
{
    return (OptI64){.v = v, .has = true};
}
static inline OptTime opt_time(UnixMs v)
{
    return (OptTime){.v = v, .has = true};
}
