#include "base/encoding.h"

#include "base/encoding_tables.h"
#include "base/utf8.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    Encoding    encoding;
} NAMES[] = {
    {"utf-8", ENCODING_UTF8},
    {"utf-16le", ENCODING_UTF16LE},
    {"utf-16be", ENCODING_UTF16BE},
    {"windows-1251", ENCODING_WINDOWS_1251},
    {"windows-1252", ENCODING_WINDOWS_1252},
    {"windows-1254", ENCODING_WINDOWS_1254},
    {"utf8", ENCODING_UTF8},
    {"us-ascii", ENCODING_UTF8},
    {"ascii", ENCODING_UTF8},
    {"utf-16", ENCODING_UTF16LE},
    {"cp1251", ENCODING_WINDOWS_1251},
    {"cp1252", ENCODING_WINDOWS_1252},
    {"iso-8859-1", ENCODING_WINDOWS_1252}, /* as browsers read it */
    {"latin-1", ENCODING_WINDOWS_1252},
    {"latin1", ENCODING_WINDOWS_1252},
    {"cp1254", ENCODING_WINDOWS_1254},
    {"iso-8859-9", ENCODING_WINDOWS_1254},
    {"latin5", ENCODING_WINDOWS_1254},
};

const char *encoding_name(Encoding e)
{
    return NAMES[e].name;
}

bool encoding_find(Str name, Encoding *ret)
{
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        if (name.len == strlen(NAMES[i].name) &&
            strncasecmp(name.ptr, NAMES[i].name, name.len) == 0) {
            *ret = NAMES[i].encoding;
            return true;
        }
    }
    return false;
}

/* --- finding out -------------------------------------------------------------------- */

static bool ascii_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* A letter in windows-1251 or in windows-1252. */
static bool wide_letter(unsigned char c)
{
    return c >= 0xC0 || (c >= 0xA1 && c <= 0xBF &&
                         strchr("\xA1\xA2\xA3\xA5\xA8\xAA\xAF\xB2\xB3"
                                "\xB4\xB8\xBA\xBC\xBD\xBE\xBF",
                                c) != NULL);
}

static void count_neighbours(EncodingGuess *g, unsigned char before, unsigned char c)
{
    bool wide = wide_letter(c), wide_before = wide_letter(before);
    g->wide_pairs += wide && wide_before;
    g->mixed_pairs += (wide && ascii_letter(before)) || (ascii_letter(c) && wide_before);
    switch (c) {
    case 0xD0: /* Ğ */
    case 0xDD: /* İ */
    case 0xDE: /* Ş */
    case 0xF0: /* ğ */
    case 0xFD: /* ı */
    case 0xFE: /* ş */ g->turkish++; break;
    case 0xE1: /* á */
    case 0xE6: /* æ */
    case 0xE9: /* é */
    case 0xED: /* í */
    case 0xF3: /* ó */
    case 0xFA: /* ú */ g->icelandic++; break;
    default: break;
    }
}

/* Count UTF-8 in `p`; what is cut off at its end is kept for the next chunk. */
static void count_utf8(EncodingGuess *g, const char *p, const char *end)
{
    while ((p += utf8_ascii_run(p, end)) < end) {
        uint32_t cp;
        size_t   n = utf8_next(p, end, &cp);
        if (n > 0) {
            g->good++;
            p += n;
            continue;
        }
        n = utf8_bad_len(p, end);
        if (p + n == end && end - p < 4 && (unsigned char)*p >= 0xC2 && (unsigned char)*p < 0xF5) {
            g->ncut = (unsigned char)(end - p);
            memcpy(g->cut, p, g->ncut);
            return;
        }
        g->bad++;
        p += n;
    }
}

void encoding_look(EncodingGuess *g, Str bytes)
{
    size_t i = 0;
    for (; g->nfirst < sizeof g->first && i < bytes.len; i++)
        g->first[g->nfirst++] = (unsigned char)bytes.ptr[i];
    for (i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if ((c | g->before) >= 0x80) {
            count_neighbours(g, g->before, c);
        } else { /* nothing to count until the run of ASCII ends */
            i += utf8_ascii_run(bytes.ptr + i, bytes.ptr + bytes.len) - 1;
            c = (unsigned char)bytes.ptr[i];
        }
        g->before = c;
    }
    /* Finish the character that was cut, byte by byte, then take the rest at once. */
    i = 0;
    while (g->ncut > 0 && i < bytes.len) {
        char   joined[8];
        size_t n = g->ncut;
        memcpy(joined, g->cut, n);
        joined[n] = bytes.ptr[i];
        g->ncut = 0;
        if (((unsigned char)joined[n] & 0xC0) != 0x80) {
            g->bad++;
            break;
        }
        i++;
        count_utf8(g, joined, joined + n + 1);
    }
    if (i < bytes.len)
        count_utf8(g, bytes.ptr + i, bytes.ptr + bytes.len);
}

Encoding encoding_guess(const EncodingGuess *g)
{
    const unsigned char *f = g->first;
    if (g->nfirst == 3 && f[0] == 0xEF && f[1] == 0xBB && f[2] == 0xBF)
        return ENCODING_UTF8;
    if (g->nfirst >= 2 && f[0] == 0xFF && f[1] == 0xFE)
        return ENCODING_UTF16LE;
    if (g->nfirst >= 2 && f[0] == 0xFE && f[1] == 0xFF)
        return ENCODING_UTF16BE;
    if (g->bad == 0 || g->good > 10 * g->bad)
        return ENCODING_UTF8;
    if (g->wide_pairs > g->mixed_pairs)
        return ENCODING_WINDOWS_1251;
    return g->turkish > 4 * g->icelandic ? ENCODING_WINDOWS_1254 : ENCODING_WINDOWS_1252;
}

Encoding encoding_of(Str sample)
{
    EncodingGuess g = {0};
    encoding_look(&g, sample);
    return encoding_guess(&g);
}

/* --- decoding ----------------------------------------------------------------------- */

static uint32_t turkish(unsigned char c)
{
    switch (c) {
    case 0x8E:
    case 0x9E: return 0xFFFD;
    case 0xD0: return 0x11E;
    case 0xDD: return 0x130;
    case 0xDE: return 0x15E;
    case 0xF0: return 0x11F;
    case 0xFD: return 0x131;
    case 0xFE: return 0x15F;
    default: return c < 0xA0 ? WINDOWS_1252[c - 0x80] : c;
    }
}

static uint32_t byte_meaning(Encoding e, unsigned char c)
{
    if (c < 0x80)
        return c;
    if (e == ENCODING_WINDOWS_1251)
        return WINDOWS_1251[c - 0x80];
    if (e == ENCODING_WINDOWS_1254)
        return turkish(c);
    return c < 0xA0 ? WINDOWS_1252[c - 0x80] : c;
}

#define DAMAGED UINT32_MAX /* instead of a code point */

static void add_point(Decoder *d, uint32_t cp, Buf *out)
{
    char text[4];
    d->damaged += cp == DAMAGED;
    buf_add(out, (Str){text, utf8_put(text, cp == DAMAGED ? UTF8_REPLACEMENT : cp)});
}

static void decode_bytes(Decoder *d, Str s, Buf *out)
{
    for (size_t i = 0; i < s.len;) {
        size_t run = utf8_ascii_run(s.ptr + i, s.ptr + s.len);
        buf_add(out, (Str){s.ptr + i, run});
        i += run;
        if (i < s.len) {
            uint32_t cp = byte_meaning(d->encoding, (unsigned char)s.ptr[i++]);
            add_point(d, cp == 0xFFFD ? DAMAGED : cp, out); /* a byte without meaning */
        }
    }
}

/* Bytes of `s` (at least 1) that make up its first character, and that character; 0 when
 * more bytes are needed to tell. Only at `last` is a cut character a mistake. */
static size_t utf16_next(const Decoder *d, Str s, bool last, uint32_t *ret)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    bool                 little = d->encoding == ENCODING_UTF16LE;
    *ret = DAMAGED;
    if (s.len < 2)
        return last ? s.len : 0;
    uint32_t unit = little ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)(p[0] << 8 | p[1]);
    if (unit < 0xD800 || unit > 0xDFFF) {
        *ret = unit;
        return 2;
    }
    if (unit > 0xDBFF)
        return 2;
    if (s.len < 4)
        return last ? s.len : 0;
    uint32_t low = little ? (uint32_t)(p[2] | p[3] << 8) : (uint32_t)(p[2] << 8 | p[3]);
    if (low < 0xDC00 || low > 0xDFFF)
        return 2;
    *ret = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    return 4;
}

/* As utf16_next(), for UTF-8. */
static size_t utf8_next_of(Str s, bool last, uint32_t *ret)
{
    const char *end = s.ptr + s.len;
    size_t      n = utf8_next(s.ptr, end, ret);
    if (n > 0)
        return n;
    unsigned char lead = (unsigned char)s.ptr[0];
    *ret = DAMAGED;
    n = utf8_bad_len(s.ptr, end);
    bool cut = n == s.len && lead >= 0xC2 && lead < 0xF5;
    return cut && !last ? 0 : n;
}

/* Decode characters of several bytes; return how many bytes of `s` were used up. */
static size_t decode_wide(Decoder *d, Str s, bool last, Buf *out)
{
    size_t i = 0;
    while (i < s.len) {
        Str      rest = {s.ptr + i, s.len - i};
        uint32_t cp;
        size_t   n = d->encoding == ENCODING_UTF8 ? utf8_next_of(rest, last, &cp)
                                                  : utf16_next(d, rest, last, &cp);
        if (n == 0)
            break;
        if (d->begun || cp != 0xFEFF)
            add_point(d, cp, out);
        d->begun = true;
        i += n;
    }
    return i;
}

/* UTF-8 that is whole goes over in one piece. */
static size_t copy_valid(Decoder *d, Str s, Buf *out)
{
    if (d->encoding != ENCODING_UTF8 || (!d->begun && (unsigned char)s.ptr[0] == 0xEF))
        return 0;
    size_t n = s.len; /* without the last character, which may be cut */
    for (int back = 0; back < 3 && n > 0 && ((unsigned char)s.ptr[n - 1] & 0xC0) == 0x80; back++)
        n--;
    n -= n > 0 && (unsigned char)s.ptr[n - 1] >= 0xC0;
    if (!utf8_valid((Str){s.ptr, n}))
        return 0;
    buf_add(out, (Str){s.ptr, n});
    d->begun = d->begun || n > 0;
    return n;
}

void decoder_feed(Decoder *d, Str bytes, bool last, Buf *out)
{
    if (d->encoding >= ENCODING_WINDOWS_1251) {
        decode_bytes(d, bytes, out);
        return;
    }
    /* Finish the character that was cut. */
    while (d->ncut > 0 && bytes.len > 0) {
        char   joined[8];
        size_t n = d->ncut;
        memcpy(joined, d->cut, n);
        joined[n++] = bytes.ptr[0];
        bytes = (Str){bytes.ptr + 1, bytes.len - 1};
        size_t used = decode_wide(d, (Str){joined, n}, last && bytes.len == 0, out);
        d->ncut = (unsigned char)(n - used);
        memcpy(d->cut, joined + used, n - used);
    }
    if (bytes.len > 0) {
        size_t used = copy_valid(d, bytes, out);
        bytes = (Str){bytes.ptr + used, bytes.len - used};
        used = decode_wide(d, bytes, last, out);
        d->ncut = (unsigned char)(bytes.len - used);
        memcpy(d->cut, bytes.ptr + used, d->ncut);
    }
    if (last && d->ncut > 0) {
        add_point(d, DAMAGED, out);
        d->ncut = 0;
    }
}
