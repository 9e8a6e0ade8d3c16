/* text_format.h - vsnprintf() for the directives that pages are full of, several times faster.
 *
 * %s %.*s %c %d %i %u %ld %lu %lld %llu %zu %% are written directly; a format with anything
 * else (widths, fractions, hexadecimal) goes to vsnprintf() as a whole. Bytes and result are the
 * same either way. */
#pragma once

#include "base/base.h"

#include <stdarg.h>

/* Write at most `size` bytes, the last of them a NUL; the result is the length that the whole
 * text has, or less than 0 when the C library refused. */
int text_format(char *out, size_t size, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);
