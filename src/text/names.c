#include "text/names.h"

#include <stdio.h>
#include <unicode/ucurr.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { NAME = 32, COUNTRY_NAME = 128 };

static int32_t name_of(const char *tag, const UChar *code, UCurrNameStyle style,
                       UChar ret[static NAME])
{
    UErrorCode   e = U_ZERO_ERROR;
    UBool        choice = false;
    int32_t      n = 0;
    const UChar *name = ucurr_getName(code, tag, style, &choice, &n, &e);
    if (U_FAILURE(e) || n >= NAME)
        n = 0;
    u_memcpy(ret, name, n);
    ret[n] = 0;
    return n;
}

bool currency_is_narrow(const char *tag, const char *code)
{
    UChar wide[4] = {(UChar)code[0], (UChar)code[1], (UChar)code[2], 0};
    UChar usual[NAME], narrow[NAME], english[NAME];
    name_of(tag, wide, UCURR_SYMBOL_NAME, usual);
    if (u_strcmp(usual, wide) != 0)
        return false;
    int32_t n = name_of(tag, wide, UCURR_NARROW_SYMBOL_NAME, narrow);
    name_of("en", wide, UCURR_SYMBOL_NAME, english);
    bool clear = n == 1 && narrow[0] > 0x7f && narrow[0] != 0xa3 && narrow[0] != 0xa5;
    return n > 0 && (clear || u_strcmp(english, narrow) == 0);
}

Str country_name(Arena *a, const char *tag, const char *code)
{
    char       region[16], utf8[COUNTRY_NAME * 3];
    UChar      name[COUNTRY_NAME];
    UErrorCode st = U_ZERO_ERROR;
    int32_t    n = 0;
    (void)snprintf(region, sizeof region, "und_%.8s", code);
    uloc_getDisplayCountry(region, tag, name, COUNTRY_NAME, &st);
    u_strToUTF8(utf8, sizeof utf8, &n, name, -1, &st);
    return str_dup(a, U_SUCCESS(st) && n > 0 ? (Str){utf8, (size_t)n} : str_from_cstr(code));
}
