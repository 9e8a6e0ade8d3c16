/* locale.h - the languages of a storefront: texts of a theme, plurals, money and dates.
 *
 * Texts come from locales/TAG.json; TAG.default.json fills what others lack. A text with
 * plural forms is an object of "one", "few", "many", "other" …, as CLDR names them for the
 * language. Keys that end with "_html" are HTML.
 *
 * A Locale is what ICU knows about a language, made once and kept for the life of the program,
 * for any thread. There are at most LOCALES_MAX of them: only those that a theme has texts
 * for, or the shop's own. */
#pragma once

#include "base/clock.h"
#include "base/money.h"

enum { LOCALES_MAX = 64, LOCALE_TAG_MAX = 24 };

typedef struct Locale     Locale;
typedef struct Theme      Theme;
typedef struct ThemeTexts ThemeTexts;

/* "pt-BR", "zh-Hant": letters and digits in parts of at most 8, in canonical case. False for
 * anything else. */
NODISCARD bool locale_tag(Str s, char ret[static LOCALE_TAG_MAX + 1]);

/* NULL: malformed, or there are too many. */
const Locale *locale_of(Str s);
Str           locale_tag_of(const Locale *l); /* "uk" */
Str           locale_name(const Locale *l);   /* in the language itself: "Українська" */
bool          locale_is_rtl(const Locale *l); /* written from the right */

/* --- texts --------------------------------------------------------------------------------- */

ThemeTexts *theme_texts_read(Theme *t); /* notes problems */
void        theme_texts_free(ThemeTexts *texts);

/* Tags that there are texts for, the default first. */
const Str *theme_locales(const ThemeTexts *texts, size_t *ret_n);

/* The text of `key`, in the form for `count` when it has several (has_count). *ret_html: it is
 * HTML. False: no locale has it. */
NODISCARD bool theme_text(const ThemeTexts *texts, const Locale *l, Str key, bool has_count,
                          double count, Str *ret, bool *ret_html);

/* "one", "few" …: static text. */
Str locale_plural(const Locale *l, double count);

/* --- money, numbers, dates ------------------------------------------------------------------ */

typedef enum MoneyStyle {
    MONEY_SYMBOL,    /* "12,50 €" */
    MONEY_CODE,      /* "12,50 € EUR" */
    MONEY_BARE,      /* "12,50" */
    MONEY_NO_ZEROS,  /* "12 €", but "12,50 €" */
    MONEY_CODE_ZEROS /* … "12 € EUR" */
} MoneyStyle;

Str locale_money(Arena *a, const Locale *l, Money m, MoneyStyle style);

/* `code` ("EUR") as people write it there: "€". */
Str locale_currency_symbol(Arena *a, const Locale *l, Str code);

typedef enum DateStyle { DATE_SHORT, DATE_MEDIUM, DATE_LONG, DATE_FULL } DateStyle;

/* In the IANA time zone `zone`; with the hour when `time`. */
Str locale_date(Arena *a, const Locale *l, UnixMs at, Str zone, DateStyle style, bool time);

/* By a skeleton of CLDR: "yMMMMd". */
Str locale_date_skeleton(Arena *a, const Locale *l, UnixMs at, Str zone, Str skeleton);

/* Seconds east of UTC in `zone` at a moment. */
int32_t locale_zone_offset(Str zone, int64_t unix_s);
