/* messages_int.h - what the files behind messages.h share; not for others. */
#pragma once

#include "text/messages.h"

typedef struct MessageRow {
    Str key;
    Str texts[LANGS];
} MessageRow;

/* Made by scripts/messages.py; sorted by key. */
extern const MessageRow message_rows[];
extern const size_t     message_nrows;

/* --- what ICU writes: icu.c ------------------------------------------------------------------
 */

typedef enum DateStyle {
    DATE_NONE,
    DATE_SHORT,
    DATE_MEDIUM,
    DATE_LONG,
    DATE_FULL,
    DATE_DAY /* of the week and the month, no year */
} DateStyle;

/* A number by ICU's skeleton: "", "percent scale/100", "currency/EUR". */
void icu_add_int(Buf *b, Lang lang, const char *skeleton, int64_t v);
void icu_add_real(Buf *b, Lang lang, const char *skeleton, double v);
void icu_add_decimal(Buf *b, Lang lang, const char *skeleton, Str decimal);

void icu_add_time(Buf *b, Lang lang, DateStyle date, DateStyle time, const char *zone, UnixMs t);

/* The plural form: "one", "few", "many", "other", … */
const char *icu_plural(Lang lang, bool ordinal, double v);
