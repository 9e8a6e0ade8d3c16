/* country.h - which parts an address has in each country, and in what order they are written.
 *
 * All countries and areas of ISO 3166-1 that post goes to. Where a country's postal codes have
 * a form, addresses are held to it; where it has none, none is asked for. Names of countries
 * in a reader's language are ICU's. */
#pragma once

#include "base/str.h"

typedef enum CountryField {
    COUNTRY_POSTAL = 1,        /* has postal codes ... */
    COUNTRY_POSTAL_NEEDED = 2, /* ... and an address without one does not arrive */
    COUNTRY_ZONE = 4,          /* states, provinces, prefectures are written ... */
    COUNTRY_ZONE_NEEDED = 8,   /* ... always */
    COUNTRY_POSTAL_FIRST = 16  /* "1012 AB Amsterdam" rather than "London SW1A 1AA" */
} CountryField;

typedef struct Country {
    char        code[3];
    unsigned    fields;     /* CountryField */
    const char *postal;     /* forms, with '|': N digit, A letter, * either, others themselves */
    const char *zone_label; /* "state", "province", "prefecture" …; NULL: no zone */
} Country;

/* In order of code; how many. */
const Country *countries(size_t *ret_n);

/* NULL: there is no such country. Either case. */
const Country *country_find(Str code);

/* What stands in an address for a zone that came as a number of ISO 3166-2, where the country
 * counts them: "34" and "TR-34" in Turkey are "İstanbul". Any other as it is. */
Str country_zone_name(Str country, Str zone);

/* Does the postal code have the form of this country? Case and spaces at the ends aside. */
bool country_postal_fits(const Country *c, Str postal);
