#include "base/utf8.h"

#include <string.h>

/* What may follow a lead byte: number of further bytes, and the range of the first of
 * them, which excludes overlong forms, surrogates and code points above U+10FFFF. */
typedef struct Lead {
    unsigned char more, low, high;
} Lead;

static Lead lead_of(unsigned char c)
{
    if (c < 0xC2)
        return (Lead){0};
    if (c < 0xE0)
        return (Lead){1, 0x80, 0xBF};
    if (c < 0xF0)
        return (Lead){2, c == 0xE0 ? 0xA0 : 0x80, c == 0xED ? 0x9F : 0xBF};
    if (c < 0xF5)
        return (Lead){3, c == 0xF0 ? 0x90 : 0x80, c == 0xF4 ? 0x8F : 0xBF};
    return (Lead){0};
}

/* Bytes of the sequence at `p` that are as they should be; *ret_whole: all of them. */
static size_t sequence(const char *p, const char *end, bool *ret_whole)
{
    Lead lead = lead_of((unsigned char)*p);
    *ret_whole = false;
    if (lead.more == 0)
        return 1;
    for (size_t i = 1; i <= lead.more; i++) {
        if (end - p <= (ptrdiff_t)i)
            return i;
        unsigned char c = (unsigned char)p[i];
        if (c < (i == 1 ? lead.low : 0x80) || c > (i == 1 ? lead.high : 0xBF))
            return i;
    }
    *ret_whole = true;
    return (size_t)lead.more + 1;
}

size_t utf8_next(const char *p, const char *end, uint32_t *ret_cp)
{
    unsigned char c = (unsigned char)*p;
    if (c < 0x80) {
        *ret_cp = c;
        return 1;
    }
    if (c >= 0xC2 && c < 0xE0 && end - p >= 2 && ((unsigned char)p[1] & 0xC0) == 0x80) {
        *ret_cp = (c & 0x1FU) << 6 | ((unsigned char)p[1] & 0x3FU);
        return 2; /* Cyrillic, Greek, accents: the usual case */
    }
    bool   whole;
    size_t n = sequence(p, end, &whole);
    if (!whole)
        return 0;
    uint32_t cp = c & (0x7FU >> n);
    for (size_t i = 1; i < n; i++)
        cp = cp << 6 | ((unsigned char)p[i] & 0x3FU);
    *ret_cp = cp;
    return n;
}

size_t utf8_bad_len(const char *p, const char *end)
{
    bool whole;
    return sequence(p, end, &whole);
}

size_t utf8_put(char *p, uint32_t cp)
{
    ASSERT(cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF));
    if (cp < 0x80) {
        p[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        p[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    p[0] = (char)((0xF00U >> n & 0xFFU) | cp);
    return n;
}

size_t utf8_ascii_run(const char *p, const char *end)
{
    const char *from = p;
    while (end - p >= 8) { /* eight bytes at a time */
        uint64_t word;
        memcpy(&word, p, 8);
        if (word & UINT64_C(0x8080808080808080))
            break;
        p += 8;
    }
    while (p < end && (unsigned char)*p < 0x80)
        p++;
    return (size_t)(p - from);
}

bool utf8_valid(Str s)
{
    const char *p = s.ptr;
    const char *end = s.len > 0 ? s.ptr + s.len : s.ptr;
    while (p < end) {
        p += utf8_ascii_run(p, end);
        uint32_t cp;
        size_t   n = p < end ? utf8_next(p, end, &cp) : 1;
        if (n == 0)
            return false;
        p += p < end ? n : 0;
    }
    return true;
}

void utf8_clean(Buf *b, Str s)
{
    const char *p = s.ptr;
    const char *end = s.len > 0 ? s.ptr + s.len : s.ptr;
    const char *from = p;
    while (p < end) {
        uint32_t cp;
        p += utf8_ascii_run(p, end);
        size_t n = p < end ? utf8_next(p, end, &cp) : 0;
        if (n > 0 || p == end) {
            p += n;
            continue;
        }
        buf_add(b, (Str){from, (size_t)(p - from)});
        buf_add(b, STR("\xEF\xBF\xBD"));
        p += utf8_bad_len(p, end);
        from = p;
    }
    if (from < end)
        buf_add(b, (Str){from, (size_t)(end - from)});
}

static bool is_start(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

size_t utf8_count(Str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += is_start(s.ptr[i]);
    return n;
}

Str utf8_truncate_bytes(Str s, size_t bytes)
{
    if (s.len <= bytes)
        return s;
    while (bytes > 0 && !is_start(s.ptr[bytes]))
        bytes--;
    return (Str){s.ptr, bytes};
}

Str utf8_truncate(Str s, size_t points)
{
    if (s.len <= points)
        return s;
    size_t i = 0;
    for (; i < s.len; i++)
        if (is_start(s.ptr[i]) && points-- == 0)
            break;
    return (Str){s.ptr, i};
}
