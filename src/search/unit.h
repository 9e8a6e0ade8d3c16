/* unit.h - numbers with units: which of them say the same.
 *
 *      "10 mm", "10mm", "1 cm", "1 см"      "#l10000"     (length, in micrometres)
 *      "2TB", "2 ТБ", "2000 GB"             "#d2000000"   (data, in MB)
 *
 * 1024 of a unit of data are one of the next, as memory is sold: 2048 MB are 2 GB, and so
 * are 2000 MB. Inches are not turned into millimetres: who looks for 15.6" does not mean
 * a width. */
#pragma once

#include "base/str.h"

enum { UNIT_KEY_MAX = 32 };

/* How many bytes at the beginning of `s` are a unit's sign or word ("mm", "кг", "\"", "inch",
 * "公斤"), in any case, not followed by a letter; 0: none. The longest one counts. */
size_t unit_length(Str s);

/* A key that is the same for equal amounts: `number` is "12", "1.5" (a dot and at most 6
 * decimals), `unit` what unit_length() found. Bytes in key, 0 when it is no amount. */
size_t unit_key(Str number, Str unit, char key[UNIT_KEY_MAX]);
