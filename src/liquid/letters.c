/* Upper and lower case of all letters. */
#include "liquid/filters.h"

#include "base/utf8.h"

#include <string.h>
#include <unicode/uchar.h>

typedef enum Case { UPPER, LOWER } Case;

static void put(LiquidBuild *b, uint32_t cp)
{
    char text[4];
    liquid_build_add(b, (Str){text, utf8_put(text, cp)});
}

/* A letter beyond ASCII. */
static void add_letter(LiquidBuild *b, uint32_t cp, Case to)
{
    if (to == UPPER && cp == 0xDF)
        liquid_build_add(b, STR("SS"));
    else if (to == UPPER)
        put(b, (uint32_t)u_toupper((UChar32)cp));
    else
        put(b, (uint32_t)u_tolower((UChar32)cp));
}

static char ascii_case(char c, Case to)
{
    if (to == UPPER && c >= 'a' && c <= 'z')
        return (char)(c - 'a' + 'A');
    if (to == LOWER && c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

static void add_cased(LiquidBuild *b, Str s, Case to)
{
    const char *p = s.ptr, *end = s.ptr + s.len;
    char        run[64];
    size_t      n = 0;
    while (p < end) {
        if ((unsigned char)*p < 0x80 && n < sizeof run) {
            run[n++] = ascii_case(*p++, to);
            continue;
        }
        liquid_build_add(b, (Str){run, n});
        n = 0;
        uint32_t cp;
        size_t   len = (unsigned char)*p < 0x80 ? 0 : utf8_next(p, end, &cp);
        if (len > 0)
            add_letter(b, cp, to);
        else if ((unsigned char)*p >= 0x80)
            liquid_build_add(b, (Str){p, len = 1});
        p += len;
    }
    liquid_build_add(b, (Str){run, n});
}

void lq_upcase(LiquidBuild *b, Str s)
{
    add_cased(b, s, UPPER);
}

void lq_downcase(LiquidBuild *b, Str s)
{
    add_cased(b, s, LOWER);
}

void lq_capitalize(LiquidBuild *b, Str s)
{
    Str first = utf8_truncate(s, 1);
    add_cased(b, first, UPPER);
    add_cased(b, (Str){s.ptr + first.len, s.len - first.len}, LOWER);
}

int lq_casecmp(Str x, Str y)
{
    size_t n = x.len < y.len ? x.len : y.len;
    for (size_t i = 0; i < n; i++) {
        unsigned char a = (unsigned char)ascii_case(x.ptr[i], LOWER);
        unsigned char b = (unsigned char)ascii_case(y.ptr[i], LOWER);
        if (a != b)
            return a < b ? -1 : 1;
    }
    return (x.len > y.len) - (x.len < y.len);
}
