/* text.h - what Unicode knows about text: handles for addresses, keys for searching.
 *
 * Everything takes and gives UTF-8 and is safe to call from any thread. ICU does the work
 * for text that is not ASCII. */
#pragma once

#include "base/str.h"

enum { TEXT_HANDLE_MAX = 255 /* bytes */ };

/* A handle made from a title: transliterated to Latin, lower case, and everything that is
 * not a letter or digit turned into one '-'.
 *
 *      "Червоні кросівки"  "chervoni-krosivky"      "Größe ½"  "grosse-1-2"
 *
 * Cyrillic is read as Ukrainian when it has a letter that only Ukrainian has (or `locale`
 * says "uk"), else as Russian. At most TEXT_HANDLE_MAX bytes, cut at a '-' where that
 * loses little. Empty when nothing is left. `locale` may be empty. */
Str text_handle(Arena *a, Str s, Str locale);

/* Is `s` a handle that may stand in an address as it is: letters and digits of any script
 * without upper case, '-' and '_', 1 to TEXT_HANDLE_MAX bytes? */
bool text_is_handle(Str s);

/* A key under which texts that differ only in case, width or spacing are the same: NFKC,
 * case folded, white space trimmed and squeezed. Bytewise order groups prefixes. */
Str text_fold(Arena *a, Str s);
