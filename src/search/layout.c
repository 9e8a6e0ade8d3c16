#include "search/layout.h"

#include <uchar.h>

#include "base/utf8.h"

/* Keys in rows from the left; a shifted key that writes punctuation in one layout and a letter
 * in the other is the same key. */
static const char16_t US[] = u"`qwertyuiop[]asdfghjkl;'zxcvbnm,.\\";
static const char16_t RU[] = u"ёйцукенгшщзхъфывапролджэячсмитьбю\\";
static const char16_t UK[] = u"'йцукенгшщзхїфівапролджєячсмитьбюґ";
static const char16_t US_SHIFT[] = u"~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>|";

enum { KEYS = sizeof US / sizeof US[0] - 1 };
_Static_assert(sizeof RU == sizeof US && sizeof UK == sizeof US && sizeof US_SHIFT == sizeof US,
               "one key, one letter");

static uint32_t lower_cyrillic(uint32_t c)
{
    if (c >= 0x0410 && c <= 0x042f)
        return c + 32;
    if (c >= 0x0400 && c <= 0x040f)
        return c + 80;
    return c == 0x0490 ? 0x0491 : c;
}

/* The key that writes `c`, or KEYS. */
static size_t key_of(LayoutSlip slip, uint32_t c)
{
    bool            from_us = slip == LAYOUT_US_TO_RU || slip == LAYOUT_US_TO_UK;
    const char16_t *keys = from_us ? US : slip == LAYOUT_RU_TO_US ? RU : UK;
    uint32_t        low = from_us ? c : lower_cyrillic(c);
    for (size_t i = 0; i < KEYS; i++)
        if (keys[i] == low || (from_us && US_SHIFT[i] == c))
            return i;
    return KEYS;
}

static uint32_t letter_at(LayoutSlip slip, size_t key)
{
    if (slip == LAYOUT_US_TO_RU)
        return RU[key];
    return slip == LAYOUT_US_TO_UK ? UK[key] : US[key];
}

static bool stays(uint32_t c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == ' ' || c == '/' || c == '+';
}

Str layout_slip(LayoutSlip slip, Str s, Arena *a)
{
    char    *out = arena_array(a, char, s.len * 2 + 1);
    size_t   n = 0;
    bool     changed = false;
    uint32_t c = 0;
    for (size_t i = 0, step; i < s.len; i += step) {
        step = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (step == 0)
            return (Str){0};
        size_t key = key_of(slip, c);
        if (key < KEYS)
            changed = true;
        else if (!stays(c))
            return (Str){0};
        n += utf8_put(out + n, key < KEYS ? letter_at(slip, key) : c);
    }
    return changed ? (Str){out, n} : (Str){0};
}
