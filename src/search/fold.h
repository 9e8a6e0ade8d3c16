/* fold.h - one word in the form in which it is compared. */
#pragma once

#include "search/language.h"

/* `raw` in lower case, compatibility forms made plain ("ＵＳＢ" -> "usb", "ﬁ" -> "fi"), without
 * apostrophes, accents kept. Turkish knows that I is ı and İ is i. At most TERM_MAX bytes
 * (analysis.h), whole characters. Bytes that are no UTF-8 are left out. */
Str fold_word(Language l, Str raw, Arena *a);

/* A folded word without accents: what people type who do not bother. Letters of Latin and
 * Greek lose them all, ı is i, æ is ae; of Cyrillic only ё becomes е and ґ г, for й and ї are
 * other letters than и and і. Returns `word` itself when nothing changes. */
Str fold_accents(Str word, Arena *a);

/* Traditional Chinese characters made simplified. */
Str fold_han(Str word, Arena *a);

bool fold_is_apostrophe(uint32_t c);
