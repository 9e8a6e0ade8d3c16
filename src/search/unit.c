#include "search/unit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

typedef struct Unit {
    char        dimension;
    int64_t     factor; /* how many of the dimension's least unit */
    const char *names;  /* lower case, apart by blanks */
} Unit;

/* Factors by dimension: l length in µm, m mass in mg, v volume in µl, d data in MB,
 * w power in mW, h charge in mAh, e energy in mWh, z frequency in Hz, t time in ms,
 * u voltage in mV, p pixels, i inches, c degrees, b sound in dB, r speed, q data in kB, n pieces.
 */
static const Unit UNITS[] = {
    {'l', 1, "µm мкм"},
    {'l', 1000, "mm мм 毫米 millimeter millimetre milimetre"},
    {'l', 10000, "cm см 厘米 centimeter centimetre santim santimetre"},
    {'l', 1000000, "m м 米 meter metre metres meters метр метра метров метри метрів"},
    {'l', 1000000000, "km км 公里"},
    {'l', 304800, "ft feet foot фут футов"},
    {'i', 1000, "\" '' ″ ” inch inches inç zoll дюйм дюйма дюймов дюйми дюймів 英寸 寸"},
    {'m', 1, "mg мг 毫克"},
    {'m', 1000, "g gr г гр 克 gram grams grammes грамм грамів"},
    {'m', 1000000, "kg кг 公斤 千克 kilo kilogram кило килограмм"},
    {'m', 453592, "lb lbs"},
    {'m', 28350, "oz"},
    {'v', 1000, "ml мл 毫升"},
    {'v', 10000, "cl сл"},
    {'v', 100000, "dl"},
    {'v', 1000000, "l л 升 liter litre liters litres литр литра литров літр літра літрів"},
    {'q', 1, "kb кб"},
    {'d', 1, "mb мб"},
    {'d', 1000, "gb гб"},
    {'d', 1000000, "tb тб"},
    {'w', 1000, "w вт 瓦 watt watts ватт"},
    {'w', 1000000, "kw квт 千瓦"},
    {'h', 1, "mah мач ма·ч ма·год маг 毫安"},
    {'e', 1000, "wh"},
    {'z', 1, "hz гц 赫兹"},
    {'z', 1000, "khz кгц"},
    {'z', 1000000, "mhz мгц"},
    {'z', 1000000000, "ghz ггц"},
    {'t', 1, "ms мс"},
    {'u', 1000, "v вольт volt"},
    {'p', 1, "mp мп megapixel megapixels 万像素"},
    {'b', 1, "db дб"},
    {'r', 1, "rpm dpi"},
    {'n', 1, "pcs pc шт stück stuks adet stk 件 个"},
};

static size_t lower(Str s, char *out, size_t cap)
{
    size_t   n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < s.len && n + 4 <= cap; i += step) {
        step = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (step == 0)
            break;
        if ((c >= 'A' && c <= 'Z') || (c >= 0x0410 && c <= 0x042f))
            c += 32;
        n += utf8_put(out + n, c);
    }
    return n;
}

enum { SLOTS = 512, NAME_MAX_BYTES = 24 };

typedef struct Slot {
    const char *name; /* not terminated; NULL: free */
    size_t      len;
    const Unit *unit;
} Slot;

static Slot           slots[SLOTS];
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

static Slot *slot_of(const char *name, size_t len)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619U;
    for (uint32_t i = h;; i++) {
        Slot *s = &slots[i % SLOTS];
        if (!s->name || (s->len == len && memcmp(s->name, name, len) == 0))
            return s;
    }
}

static void fill_slots(void)
{
    for (size_t i = 0; i < COUNT_OF(UNITS); i++)
        for (const char *at = UNITS[i].names; *at; at += strspn(at, " ")) {
            size_t n = strcspn(at, " ");
            *slot_of(at, n) = (Slot){at, n, &UNITS[i]};
            at += n;
        }
}

/* The unit called exactly `name` (lower case). */
static const Unit *unit_named(Str name)
{
    pthread_once(&slots_once, fill_slots);
    return name.len == 0 || name.len > NAME_MAX_BYTES ? NULL : slot_of(name.ptr, name.len)->unit;
}

static bool is_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c < 0x2000) ||
           c == 0xb7 || c == 0xb5;
}

static bool is_han(uint32_t c)
{
    return c >= 0x4e00 && c <= 0x9fff;
}

/* Names in Han letters may stand before any other letter. */
static size_t han_unit_length(Str s)
{
    for (size_t bytes = 9; bytes >= 3; bytes -= 3)
        if (s.len >= bytes && unit_named(str_head(s, bytes)))
            return bytes;
    return 0;
}

size_t unit_length(Str s)
{
    char     low[64];
    uint32_t c = 0;
    size_t   step = s.len > 0 ? utf8_next(s.ptr, s.ptr + s.len, &c) : 0;
    if (step == 0)
        return 0;
    if (is_han(c))
        return han_unit_length(s);
    if (c == '\'')
        return s.len >= 2 && s.ptr[1] == '\'' ? 2 : 0;
    if (!is_letter(c))
        return unit_named(str_head(s, step)) ? step : 0;
    size_t n = 0;
    while (n < s.len && (step = utf8_next(s.ptr + n, s.ptr + s.len, &c)) > 0 && is_letter(c))
        n += step;
    if (n > 30 || (n < s.len && s.ptr[n] >= '0' && s.ptr[n] <= '9'))
        return 0;
    return unit_named((Str){low, lower(str_head(s, n), low, sizeof low)}) ? n : 0;
}

/* `number` in millionths. */
static bool read_millionths(Str number, int64_t *ret)
{
    int64_t v = 0;
    int     decimals = -1;
    if (number.len == 0 || number.len > 16)
        return false;
    for (size_t i = 0; i < number.len; i++) {
        char c = number.ptr[i];
        if (c == '.' && decimals < 0 && i > 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9' || decimals == 6 || v > INT64_MAX / 100)
            return false;
        v = v * 10 + (c - '0');
        decimals += decimals >= 0;
    }
    for (int d = decimals < 0 ? 0 : decimals; d < 6; d++)
        if (__builtin_mul_overflow(v, 10, &v))
            return false;
    *ret = v;
    return true;
}

size_t unit_key(Str number, Str unit, char key[UNIT_KEY_MAX])
{
    char        low[64];
    int64_t     v;
    const Unit *u = unit_named((Str){low, lower(unit, low, sizeof low)});
    if (!u || !read_millionths(number, &v))
        return 0;
    int64_t factor = u->factor;
    if (u->dimension == 'd')
        while (v >= 1024000000 && v % 1024000000 == 0 && factor < 1000000) {
            v /= 1024;
            factor *= 1000;
        }
    if (__builtin_mul_overflow(v, factor, &v))
        return 0;
    int n = snprintf(key, UNIT_KEY_MAX, "#%c%lld", u->dimension, (long long)v);
    return n > 0 && n < UNIT_KEY_MAX ? (size_t)n : 0;
}
