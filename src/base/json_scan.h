/* json_scan.h - read JSON (RFC 8259, strictly) piece by piece, without a tree.
 *
 * The caller asks for what it expects next; nothing is built that it does not want. Both
 * json_parse() and shape_read() stand on this.
 *
 *      JsonScan s;
 *      json_scan_init(&s, arena, body);
 *      Str key;
 *      json_scan_open(&s, JSON_OBJECT);
 *      while (json_scan_key(&s, &key)) {
 *          if (str_eq(key, STR("name")))
 *              json_scan_str(&s, &name);
 *          else
 *              json_scan_skip(&s, NULL);
 *      }
 *      json_scan_end(&s);
 *      return json_scan_status(&s, err);
 *
 * The first mistake sticks: from then on every call returns false and json_scan_key() and
 * json_scan_item() say that nothing follows, so one question at the end is enough. */
#pragma once

#include "base/json_read.h"

typedef struct JsonScan {
    const char *at, *end;
    const char *begin;
    Arena      *arena; /* strings with escapes are decoded here */
    const char *what;  /* NULL while all is well; else the mistake at `at` */
    bool        limit; /* the mistake is that a limit was passed */
    bool        fresh; /* just behind a bracket: no comma is due */
    unsigned    depth;
} JsonScan;

typedef struct JsonNumber {
    bool    integer; /* written without '.', 'e' and fits i64 */
    int64_t i64;     /* with `integer`, else 0 */
    double  real;    /* the nearest double, always */
    Str     text;    /* as written */
} JsonNumber;

/* `text` must outlive the strings that are read from it. */
void json_scan_init(JsonScan *s, Arena *a, Str text);

/* What comes next? False at a mistake. */
NODISCARD bool json_scan_type(JsonScan *s, JsonType *ret);

/* Read a value that is known (json_scan_type) to be of this type; another type is a
 * mistake. Strings without escapes are slices of the text. */
bool json_scan_null(JsonScan *s);
bool json_scan_bool(JsonScan *s, bool *ret);
bool json_scan_number(JsonScan *s, JsonNumber *ret);
bool json_scan_str(JsonScan *s, Str *ret);

/* Enter an array or an object, then call json_scan_item() or json_scan_key() until they
 * return false, reading or skipping one value after each true. */
bool           json_scan_open(JsonScan *s, JsonType type);
NODISCARD bool json_scan_item(JsonScan *s);
NODISCARD bool json_scan_key(JsonScan *s, Str *ret);

/* Pass over one value of any type, checking it as strictly as if it were read. `ret_raw`
 * (may be NULL) gets its slice of the text. */
bool json_scan_skip(JsonScan *s, Str *ret_raw);

/* True when nothing but white space is left. */
bool json_scan_end(JsonScan *s);

/* ST_OK, ST_INVALID "json.syntax" with line and column, or ST_LIMIT "json.too_deep". */
NODISCARD Status json_scan_status(const JsonScan *s, Err *err);

/* Line and column (both from 1, columns in characters) of `at` in `text`. */
void json_position(Str text, const char *at, int64_t *ret_line, int64_t *ret_column);
