/* db_col.h - parameters and columns of the types that queries.sql knows, for generated
 * code: what db.h has, with absent values, times, money and names. */
#pragma once

#include "base/money.h"
#include "db/db.h"

#include <string.h>

static inline void db_bind_time(DbRun *run, int index, UnixMs v)
{
    db_bind_i64(run, index, v.v);
}

static inline void db_bind_opt_i64(DbRun *run, int index, OptI64 v)
{
    v.has ? db_bind_i64(run, index, v.v) : db_bind_null(run, index);
}

static inline void db_bind_opt_time(DbRun *run, int index, OptTime v)
{
    v.has ? db_bind_i64(run, index, v.v.v) : db_bind_null(run, index);
}

static inline void db_bind_opt_real(DbRun *run, int index, OptReal v)
{
    v.has ? db_bind_real(run, index, v.v) : db_bind_null(run, index);
}

static inline void db_bind_opt_bool(DbRun *run, int index, OptBool v)
{
    v.has ? db_bind_bool(run, index, v.v) : db_bind_null(run, index);
}

static inline void db_bind_opt_str(DbRun *run, int index, Str v)
{
    v.ptr != NULL ? db_bind_str(run, index, v) : db_bind_null(run, index);
}

static inline void db_bind_opt_blob(DbRun *run, int index, Str v)
{
    v.ptr != NULL ? db_bind_blob(run, index, v) : db_bind_null(run, index);
}

/* Two parameters: the amount, then the currency, which is not copied: *v stays until db_step(). */
static inline void db_bind_money(DbRun *run, int index, const Money *v)
{
    db_bind_i64(run, index, v->minor);
    db_bind_str(run, index + 1, str_from_cstr(v->cur));
}

/* An enum is stored by name; `names` ends with NULL. */
static inline void db_bind_enum(DbRun *run, int index, int v, const char *const *names)
{
    ASSERT(v >= 0);
    for (int i = 0; i <= v; i++)
        ASSERT(names[i] != NULL);
    db_bind_str(run, index, str_from_cstr(names[v]));
}

static inline UnixMs db_col_time(DbRun *run, int index)
{
    return (UnixMs){db_col_i64(run, index)};
}

static inline OptI64 db_col_opt_i64(DbRun *run, int index)
{
    return (OptI64){.v = db_col_i64(run, index), .has = !db_col_null(run, index)};
}

static inline OptTime db_col_opt_time(DbRun *run, int index)
{
    return (OptTime){.v = db_col_time(run, index), .has = !db_col_null(run, index)};
}

static inline OptReal db_col_opt_real(DbRun *run, int index)
{
    return (OptReal){.v = db_col_real(run, index), .has = !db_col_null(run, index)};
}

static inline OptBool db_col_opt_bool(DbRun *run, int index)
{
    return (OptBool){.v = db_col_bool(run, index), .has = !db_col_null(run, index)};
}

static inline Money db_col_money(DbRun *run, int index)
{
    Money m = {.minor = db_col_i64(run, index)};
    db_col_chars(run, index + 1, m.cur, sizeof m.cur);
    return m;
}

static inline int db_col_enum(DbRun *run, int index, const char *const *names)
{
    return db_col_name(run, index, names);
}
