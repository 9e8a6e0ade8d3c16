/* language.h - the languages that search knows, and their stemmers. */
#pragma once

#include "base/str.h"

typedef enum Language {
    LANG_GENERAL, /* folds, does not stem: names, brands, languages that we do not know */
    LANG_AR,
    LANG_CA,
    LANG_DA,
    LANG_DE,
    LANG_EL,
    LANG_EN,
    LANG_ES,
    LANG_EU,
    LANG_FI,
    LANG_FR,
    LANG_GA,
    LANG_HI,
    LANG_HU,
    LANG_HY,
    LANG_ID,
    LANG_IT,
    LANG_JA,
    LANG_LT,
    LANG_NE,
    LANG_NL,
    LANG_NO,
    LANG_PT,
    LANG_RO,
    LANG_RU,
    LANG_SR,
    LANG_SV,
    LANG_TA,
    LANG_TR,
    LANG_UK,
    LANG_YI,
    LANG_ZH,
    LANGUAGES,
} Language;

/* Of a BCP 47 tag; the region does not matter. */
Language language_of(Str locale);

/* ISO 639 code: "uk"; "" for the general one. */
const char *language_code(Language l);

typedef struct Stemmer Stemmer;

/* The stemmer of one language, for one thread at a time; NULL where there is none. Making
 * one costs microseconds: keep it. Ukrainian has none here, see stem_uk.h. */
Stemmer *stemmer_new(Language l);
void     stemmer_free(Stemmer *s); /* NULL is fine */

/* The stem of a folded word; valid until the next call. Without a stemmer: the word. */
Str stemmer_stem(Stemmer *s, Str word);

/* Is this folded word one that says next to nothing in this language ("the", "для") or that
 * only says that one wants to buy ("kaufen", "купити")? */
bool stop_word(Language l, Str word);

/* Does what follows this folded word only tell more of what stands before it ("case for a
 * phone", "чохол для телефона")? */
bool preposition(Language l, Str word);
/* Turkish puts it behind: "telefon için kılıf". */
bool postposition(Language l, Str word);

/* Does the word that names the thing stand last ("notebook sleeve" is a sleeve)? */
bool head_is_last(Language l);
