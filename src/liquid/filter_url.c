/* Filters on URLs and Base64. */
#include "liquid/filters.h"
#include "liquid/parse.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

static void add_percent(LiquidBuild *b, unsigned char c)
{
    char text[4];
    (void)snprintf(text, sizeof text, "%%%02X", c);
    liquid_build_add(b, (Str){text, 3});
}

/* Percent-encode all but letters, digits and `keep`. */
static void encode(LiquidBuild *b, Str s, const char *keep, bool plus)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool word = lq_is_word(c) && c != '_';
        if (c == ' ' && plus)
            liquid_build_add(b, STR("+"));
        else if (word || (c != '\0' && strchr(keep, c) != NULL))
            liquid_build_add(b, (Str){s.ptr + i, 1});
        else
            add_percent(b, (unsigned char)c);
    }
}

LQ_FILTER(url_encode)
{
    (void)args;
    if (in.type == LIQUID_NIL)
        return in;
    Str         s = liquid_to_text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len * 2);
    encode(&b, s, "-_.~", true);
    return liquid_built(&b);
}

/* A whole URL: what has a meaning in it stays. */
LQ_FILTER(url_escape)
{
    (void)args;
    Str         s = liquid_to_text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len * 2);
    encode(&b, s, "-_.~!*'();:@&=+$,/?#[]%", false);
    return liquid_built(&b);
}

/* One value inside of a URL. */
LQ_FILTER(url_param_escape)
{
    (void)args;
    Str         s = liquid_to_text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len * 2);
    encode(&b, s, "-_.~", false);
    return liquid_built(&b);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

LQ_FILTER(url_decode)
{
    (void)args;
    if (in.type == LIQUID_NIL)
        return in;
    Str   s = liquid_to_text(cx, in);
    char *out = liquid_alloc(cx, s.len + 1);
    if (out == NULL)
        return liquid_nil();
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        int high = s.ptr[i] == '%' && i + 2 < s.len ? hex(s.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex(s.ptr[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = (char)(s.ptr[i] == '+' ? ' ' : s.ptr[i]);
        }
    }
    if (!utf8_valid((Str){out, n}))
        return liquid_fail(cx, "invalid byte sequence in UTF-8");
    return liquid_text((Str){out, n});
}

/* --- Base64 -------------------------------------------------------------------------------------
 */

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL_SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static LiquidValue encode64(LiquidCx *cx, LiquidValue in, const char *letters)
{
    Str   s = liquid_to_text(cx, in);
    char *out = liquid_alloc(cx, (s.len / 3 + 1) * 4 + 1);
    if (out == NULL)
        return liquid_nil();
    size_t n = 0;
    for (size_t i = 0; i < s.len; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)s.ptr[i] << 16;
        if (i + 1 < s.len)
            v |= (uint32_t)(unsigned char)s.ptr[i + 1] << 8;
        if (i + 2 < s.len)
            v |= (unsigned char)s.ptr[i + 2];
        out[n++] = letters[v >> 18];
        out[n++] = letters[(v >> 12) & 63];
        out[n++] = (char)(i + 1 < s.len ? letters[(v >> 6) & 63] : '=');
        out[n++] = (char)(i + 2 < s.len ? letters[v & 63] : '=');
    }
    return liquid_text((Str){out, n});
}

/* The value of a letter, or -1. */
static int value64(char c, bool url)
{
    if (url)
        c = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
    const char *hit = c != '\0' ? strchr(STANDARD, c) : NULL;
    return hit != NULL ? (int)(hit - STANDARD) : -1;
}

/* Length without the '=' at the end; false when that is not in groups of four. */
static bool unpadded(Str *s, bool url)
{
    if (url && (s->len == 0 || s->ptr[s->len - 1] != '='))
        return true;
    if (s->len % 4 != 0)
        return false;
    for (int pad = 0; pad < 2 && s->len > 0 && s->ptr[s->len - 1] == '='; pad++)
        s->len--;
    return true;
}

/* Strictly: whole groups of four, '=' at the end only, no stray bits. */
static bool decode64(Str s, bool url, char *out, size_t *ret_n)
{
    size_t   n = 0;
    uint32_t bits = 0;
    if (!unpadded(&s, url))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        int v = value64(s.ptr[i], url);
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        if (i % 4 != 0)
            out[n++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    uint32_t rest = s.len % 4 == 2 ? bits & 15 : s.len % 4 == 3 ? bits & 3 : 0;
    *ret_n = n;
    return rest == 0 && s.len % 4 != 1;
}

static LiquidValue decoded(LiquidCx *cx, LiquidValue in, bool url, const char *name)
{
    Str    s = liquid_to_text(cx, in);
    char  *out = liquid_alloc(cx, s.len + 4);
    size_t n;
    if (out == NULL)
        return liquid_nil();
    if (!decode64(s, url, out, &n))
        return liquid_fail(cx, "invalid base64 provided to %s", name);
    if (utf8_valid((Str){out, n}))
        return liquid_text((Str){out, n});
    CLEANUP(buf_done) Buf clean; /* bytes that are no text are not shown as such */
    buf_init(&clean, 3 * n + 16);
    utf8_clean(&clean, (Str){out, n});
    return liquid_text(str_dup(cx->arena, buf_str(&clean)));
}

LQ_FILTER(base64_encode)
{
    (void)args;
    return encode64(cx, in, STANDARD);
}

LQ_FILTER(base64_decode)
{
    (void)args;
    return decoded(cx, in, false, "base64_decode");
}

LQ_FILTER(base64_url_safe_encode)
{
    (void)args;
    return encode64(cx, in, URL_SAFE);
}

LQ_FILTER(base64_url_safe_decode)
{
    (void)args;
    return decoded(cx, in, true, "base64_url_safe_decode");
}

const LiquidFilter lq_url_filters[] = {
    {"base64_decode", base64_decode, 0, 0, false},
    {"base64_encode", base64_encode, 0, 0, false},
    {"base64_url_safe_decode", base64_url_safe_decode, 0, 0, false},
    {"base64_url_safe_encode", base64_url_safe_encode, 0, 0, false},
    {"url_decode", url_decode, 0, 0, false},
    {"url_encode", url_encode, 0, 0, false},
    {"url_escape", url_escape, 0, 0, false},
    {"url_param_escape", url_param_escape, 0, 0, false},
    {0},
};
