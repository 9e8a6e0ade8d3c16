/* lang.h - the languages that the program speaks.
 *
 * Which one a request gets is cx->lang: what its Accept-Language asks for, or what whoever
 * is signed in has chosen. Texts in them: text/messages.h. What merchants write has locales
 * of its own, any BCP 47 tag. */
#pragma once

#include "base/str.h"

typedef enum Lang { LANG_EN, LANG_UK, LANG_RU, LANG_TR, LANG_NL, LANG_ZH, LANGS } Lang;

extern const char *const lang_tags[]; /* "en", "uk", …, NULL: for enums in shapes and SQL */

Str lang_tag(Lang lang);  /* "uk" */
Str lang_name(Lang lang); /* "Українська" */

/* Our language for a tag: "uk", "uk-UA" and "UK" are Ukrainian. False: none of ours. */
bool lang_find(Str tag, Lang *ret);

/* The first choice of an Accept-Language that we have, or `fallback`. */
Lang lang_accept(Str header, Lang fallback);
