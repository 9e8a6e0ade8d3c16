/* currency.h - how people write a currency: "€", where CLDR would write "EUR".
 *
 * Pages, hints, mails and documents all ask here, so that an amount looks the same in each. */
#pragma once

#include <stdbool.h>

/* A language may have no symbol of its own for a currency: CLDR writes "EUR" in Ukrainian, where
 * everybody writes "€". True: its narrow symbol stands for `code` (ISO 4217) in the language `tag`
 * ("uk"). Not when several currencies share it ("$", "£", "¥", "kr") and this one is not the first
 * that comes to mind. */
bool currency_is_narrow(const char *tag, const char *code);
