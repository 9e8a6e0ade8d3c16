#include "core/secret.h"

#include "core/core_int.h"

#include <string.h>
#include <sys/random.h>

typedef struct Make {
    Str           name;
    unsigned char bytes[SECRET_BYTES];
} Make;

static Status find(Cx *cx, Str name, bool *ret_found, unsigned char ret[SECRET_BYTES])
{
    Str bytes;
    TRY(core_sql_secret_get(cx, name, ret_found, &bytes));
    if (*ret_found) {
        ASSERT(bytes.len == SECRET_BYTES); /* the schema says so */
        memcpy(ret, bytes.ptr, SECRET_BYTES);
    }
    return ST_OK;
}

static Status make_tx(Cx *cx, void *arg)
{
    Make   *make = arg;
    bool    found;
    ssize_t got = getrandom(make->bytes, SECRET_BYTES, 0);
    ASSERT(got == SECRET_BYTES);
    TRY(core_sql_secret_add(cx, make->name, (Str){(const char *)make->bytes, SECRET_BYTES}, cx->now,
                            NULL));
    return find(cx, make->name, &found, make->bytes); /* ours, or whose was faster */
}

Status secret_get(Cx *cx, const char *name, unsigned char ret[SECRET_BYTES])
{
    Make make = {.name = str_from_cstr(name)};
    bool found;
    TRY(find(cx, make.name, &found, ret));
    if (found)
        return ST_OK;
    TRY(cx_in_tx(cx, make_tx, &make));
    memcpy(ret, make.bytes, SECRET_BYTES);
    return ST_OK;
}
