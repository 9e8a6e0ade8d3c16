/* html.h - HTML that people wrote, made safe to show to others.
 *
 * Merchants paste descriptions from word processors, old shops and suppliers. We keep the
 * source as written and show what html_clean() makes of it. The cleaner does not try to
 * find what is bad: it takes the source apart as a browser's tokenizer does and writes
 * anew, from an allow-list, only
 *   - elements that structure text, pictures, tables, video; frames of two video hosts;
 *   - attributes that each of these needs, always quoted, always escaped;
 *   - addresses that are relative or begin with a harmless scheme;
 *   - style declarations from a short list, without url() and functions;
 *   - text, with every '<' escaped.
 * Every element written is closed, so a description cannot break out of its box. There is
 * no element in which text means something else (script, style, svg, textarea …), so what
 * a browser's repairs make of the result is again made of these parts only. Time and
 * memory are linear in the source. */
#pragma once

#include "base/str.h"

enum {
    HTML_CLEAN_VERSION = 1, /* grows when the result for the same source changes */
    HTML_DEPTH_MAX = 64     /* elements nested deeper lose their tags, not their text */
};

/* Lives in `a`. Cleaning what was cleaned changes nothing. */
Str html_clean(Arena *a, Str html);

/* The text alone: tags gone, entities decoded, white space squeezed, blocks separated by a
 * blank. At most `max` bytes, cut between words with "…". Not HTML: escape it for a page. */
Str html_text(Arena *a, Str html, size_t max);
