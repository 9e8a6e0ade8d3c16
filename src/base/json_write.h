/* json_write.h - write JSON into a Buf. Commas and escaping are taken care of.
 *
 *      Json j = json_begin(&b);
 *      json_obj(&j, NULL);
 *      json_str(&j, "sku", item.sku);
 *      json_i64(&j, "free", 3);
 *      json_end(&j);
 *
 * `key` is NULL inside arrays and at the top. Nesting deeper than 32 asserts. */
#pragma once

#include "base/buf.h"

typedef struct Json {
    Buf     *out;
    uint32_t has_item; /* bit d: level d already has an element */
    uint32_t is_array; /* bit d: level d is an array */
    unsigned depth;
} Json;

Json json_begin(Buf *out);
void json_obj(Json *j, const char *key);
void json_arr(Json *j, const char *key);
void json_end(Json *j); /* closes what was opened last */
void json_str(Json *j, const char *key, Str v);
void json_i64(Json *j, const char *key, int64_t v);
