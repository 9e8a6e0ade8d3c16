/* utf8.h - text as Unicode code points.
 *
 * All text inside the program is valid UTF-8: utf8_valid() checks it once, where it comes
 * in, and utf8_clean() repairs it where refusing is no choice. Everything here is about
 * code points and ASCII; case, order and segmentation of real languages are ICU's. */
#pragma once

#include "base/buf.h"

enum { UTF8_REPLACEMENT = 0xFFFD };

/* Length in bytes (1-4) of the well-formed sequence at `p` (`p` < `end`); its code point
 * goes to *ret_cp. 0 when the bytes are not UTF-8 (overlong forms, surrogates and what is
 * above U+10FFFF included). */
size_t utf8_next(const char *p, const char *end, uint32_t *ret_cp);

/* Write a code point (a Unicode scalar value) to p[0..4); return the number of bytes. */
size_t utf8_put(char *p, uint32_t cp);

/* How many bytes of ASCII stand at `p`. */
size_t utf8_ascii_run(const char *p, const char *end);

bool utf8_valid(Str s);

/* Append `s` with every byte sequence that is not UTF-8 replaced by U+FFFD. */
void utf8_clean(Buf *b, Str s);

/* How many bytes at `p` make up one ill-formed sequence: one U+FFFD stands for them
 * ("maximal subpart", as Unicode recommends). At least 1. */
size_t utf8_bad_len(const char *p, const char *end);

/* Number of code points of valid UTF-8. */
size_t utf8_count(Str s);

/* The longest prefix of at most `bytes` bytes, or `points` code points, that does not end
 * inside a character. */
Str utf8_truncate_bytes(Str s, size_t bytes);
Str utf8_truncate(Str s, size_t points);
