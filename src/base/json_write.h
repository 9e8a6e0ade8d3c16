/* json_write.h - write JSON into a Buf. Commas and escaping are taken care of.
 *
 *      Json j = json_begin(&b);
 *      json_obj(&j, NULL);
 *      json_str(&j, "sku", item.sku);
 *      json_i64(&j, "free", 3);
 *      json_end(&j);
 *
 * `key` is NULL inside arrays and at the top; keys stand in the order they were written.
 * Nesting deeper than 64 asserts. The result may stand inside <script> as it is: '<',
 * U+2028 and U+2029 are escaped. Bytes that are not UTF-8 become U+FFFD. */
#pragma once

#include "base/buf.h"

enum { JSON_WRITE_DEPTH_MAX = 64 };

typedef struct Json {
    Buf     *out;
    uint64_t has_item; /* bit d: level d already has an element */
    uint64_t is_array; /* bit d: level d is an array */
    unsigned depth;    /* brackets open; 0 at the top */
    bool     keyed;    /* json_key() was called: a value is due */
} Json;

Json json_begin(Buf *out);
void json_obj(Json *j, const char *key);
void json_arr(Json *j, const char *key);
void json_end(Json *j); /* closes what was opened last */

void json_str(Json *j, const char *key, Str v);
void json_i64(Json *j, const char *key, int64_t v);
void json_u64(Json *j, const char *key, uint64_t v);
void json_bool(Json *j, const char *key, bool v);
void json_null(Json *j, const char *key);

/* Shortest text that reads back as the same double; null for what is not finite. */
void json_real(Json *j, const char *key, double v);

/* `v` is valid JSON already (a stored payload, a cached object) and is copied, with the
 * escapes that <script> needs. */
void json_raw(Json *j, const char *key, Str v);

/* For keys that are made at run time: followed by one value with `key` NULL. */
void json_key(Json *j, Str key);

/* The same for a key that json_key_text() has written before: `"name":`. */
void json_key_made(Json *j, Str made);
void json_key_text(Buf *b, Str key);
