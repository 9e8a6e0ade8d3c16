/* names.h - how people write currencies and countries.
 *
 * Pages, hints, mails and documents all ask here, so that an amount and an address look the same
 * in each. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

/* A language may have no symbol of its own for a currency: CLDR writes "EUR" in Ukrainian, where
 * everybody writes "€". True: its narrow symbol stands for `code` (ISO 4217) in the language `tag`
 * ("uk"). Not when several currencies share it ("$", "£", "¥", "kr") and this one is not the first
 * that comes to mind. */
bool currency_is_narrow(const char *tag, const char *code);

/* "Нідерланди" for NL (ISO 3166-1 alpha-2) in `tag`; a code that nobody knows as it is. */
Str country_name(Arena *a, const char *tag, const char *code);
