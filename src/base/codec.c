#include "base/codec.h"

#include <string.h>

void codec_add_hex(Buf *b, Str bytes)
{
    static const char DIGITS[] = "0123456789abcdef";
    char             *p = buf_extend(b, 2 * bytes.len);
    for (size_t i = 0; p != NULL && i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        *p++ = DIGITS[c >> 4];
        *p++ = DIGITS[c & 15];
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool codec_hex(Str s, Buf *b)
{
    if (s.len % 2 != 0)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (hex_digit(s.ptr[i]) < 0)
            return false;
    char *p = buf_extend(b, s.len / 2);
    for (size_t i = 0; p != NULL && i < s.len; i += 2)
        *p++ = (char)(hex_digit(s.ptr[i]) << 4 | hex_digit(s.ptr[i + 1]));
    return p != NULL;
}

/* --- base64 --------------------------------------------------------------------------- */

static char digit_of(CodecBase64 kind, unsigned v)
{
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (v < 62)
        return DIGITS[v];
    if (kind == CODEC_BASE64URL)
        return v == 62 ? '-' : '_';
    return v == 62 ? '+' : '/';
}

void codec_add_base64(Buf *b, CodecBase64 kind, Str bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    size_t               full = bytes.len / 3, rest = bytes.len % 3;
    size_t               tail = rest == 0 ? 0 : kind == CODEC_BASE64 ? 4 : rest + 1;
    char                *out = buf_extend(b, full * 4 + tail);
    if (out == NULL)
        return;
    for (size_t i = 0; i < full; i++, p += 3) {
        unsigned v = (unsigned)p[0] << 16 | (unsigned)p[1] << 8 | p[2];
        for (unsigned shift = 0; shift < 24; shift += 6)
            *out++ = digit_of(kind, v >> (18 - shift) & 63);
    }
    if (rest == 0)
        return;
    unsigned v = (unsigned)p[0] << 16 | (rest == 2 ? (unsigned)p[1] << 8 : 0);
    for (unsigned i = 0; i < tail; i++)
        *out++ = i <= rest ? digit_of(kind, v >> (18 - 6 * i) & 63) : '=';
}

static int value_of(CodecBase64 kind, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (kind == CODEC_BASE64 ? '+' : '-'))
        return 62;
    return c == (kind == CODEC_BASE64 ? '/' : '_') ? 63 : -1;
}

/* Without the padding. False when it is missing or should not be there. */
static bool unpad(CodecBase64 kind, Str *s)
{
    if (kind == CODEC_BASE64URL)
        return s->len % 4 != 1;
    if (s->len % 4 != 0)
        return false;
    for (int i = 0; i < 2 && s->len > 0 && s->ptr[s->len - 1] == '='; i++)
        s->len--;
    return s->len % 4 != 1;
}

bool codec_base64(CodecBase64 kind, Str s, Buf *b)
{
    if (!unpad(kind, &s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (value_of(kind, s.ptr[i]) < 0)
            return false;
    size_t   rest = s.len % 4; /* 0, 2 or 3 digits: 0, 1 or 2 bytes */
    unsigned stray = rest == 2 ? 15 : rest == 3 ? 3 : 0;
    if (rest != 0 && ((unsigned)value_of(kind, s.ptr[s.len - 1]) & stray) != 0)
        return false;
    char *out = buf_extend(b, s.len / 4 * 3 + (rest != 0 ? rest - 1 : 0));
    if (out == NULL)
        return false;
    unsigned v = 0, bits = 0;
    for (size_t i = 0; i < s.len; i++) {
        v = (v << 6 | (unsigned)value_of(kind, s.ptr[i])) & 0xFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *out++ = (char)(v >> bits);
        }
    }
    return true;
}
