/* format.h - is this text written as such a thing? For checks of input; nothing is looked
 * up, so a well-formed address may still lead nowhere. */
#pragma once

#include "base/str.h"

/* As HTML's <input type=email> sees it, and letters beyond ASCII. At most 254 bytes. */
bool format_is_email(Str s);

/* Absolute http or https URL with a host, without user name, blanks or control
 * characters. */
bool format_is_url(Str s);

/* Part of a path that people see: a-z, 0-9, '-', '_', and letters beyond ASCII. */
bool format_is_handle(Str s);

/* Text in one line: no control characters, no line or paragraph separators. */
bool format_is_line(Str s);
