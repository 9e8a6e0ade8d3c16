#include "base/format.h"

#include "base/utf8.h"

#include <string.h>

static bool alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool wide(char c)
{
    return (unsigned char)c >= 0x80;
}

/* Letters, digits and inner '-', at most 63 bytes. */
static bool is_label(Str s)
{
    if (s.len == 0 || s.len > 63 || s.ptr[0] == '-' || s.ptr[s.len - 1] == '-')
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (!alnum(s.ptr[i]) && !wide(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return true;
}

static bool is_host_name(Str s)
{
    if (s.len > 253)
        return false;
    for (bool more = true; more;) {
        Str label;
        more = str_cut(s, '.', &label, &s);
        if (!is_label(label))
            return false;
    }
    return true;
}

bool format_is_email(Str s)
{
    Str local, domain;
    if (s.len > 254 || !format_is_line(s) || !str_cut(s, '@', &local, &domain))
        return false;
    if (local.len == 0 || local.len > 64)
        return false;
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        if (!alnum(c) && !wide(c) && (c == '\0' || strchr(".!#$%&'*+/=?^_`{|}~-", c) == NULL))
            return false;
    }
    return is_host_name(domain);
}

static bool is_port(Str s)
{
    int64_t port;
    return s.len > 0 && s.ptr[0] != '-' && str_parse_i64(s, &port) && port > 0 && port < 65536;
}

/* "example.com", "127.0.0.1:80", "[::1]:80" */
static bool is_authority(Str s)
{
    Str host, port;
    if (s.len > 0 && s.ptr[0] == '[') {
        if (!str_cut((Str){s.ptr + 1, s.len - 1}, ']', &host, &port) || host.len < 2)
            return false;
        for (size_t i = 0; i < host.len; i++)
            if (strchr("0123456789abcdefABCDEF:.", host.ptr[i]) == NULL)
                return false;
        return port.len == 0 || (port.ptr[0] == ':' && is_port((Str){port.ptr + 1, port.len - 1}));
    }
    bool with_port = str_cut(s, ':', &host, &port);
    if (host.len > 0 && host.ptr[host.len - 1] == '.')
        host.len--;
    return is_host_name(host) && (!with_port || is_port(port));
}

bool format_is_url(Str s)
{
    static const Str SCHEMES[] = {STR_INIT("https://"), STR_INIT("http://")};
    bool             known = false;
    for (size_t i = 0; i < COUNT_OF(SCHEMES) && !known; i++) {
        Str start = {s.ptr, SCHEMES[i].len};
        known = s.len >= start.len && strncasecmp(start.ptr, SCHEMES[i].ptr, start.len) == 0;
        if (known)
            s = (Str){s.ptr + start.len, s.len - start.len};
    }
    if (!known || !format_is_line(s))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (strchr(" <>\"\\", s.ptr[i]) != NULL)
            return false;
    size_t n = 0;
    while (n < s.len && strchr("/?#", s.ptr[n]) == NULL)
        n++;
    return is_authority((Str){s.ptr, n});
}

/* Blanks, dashes and other punctuation that Unicode has beyond ASCII. */
static bool is_wide_punctuation(uint32_t cp)
{
    return cp <= 0xBF || cp == 0xD7 || cp == 0xF7 || (cp >= 0x2000 && cp <= 0x2BFF) ||
           (cp >= 0x3000 && cp <= 0x303F && cp != 0x3005) || cp == 0xFEFF ||
           (cp >= 0xFFF0 && cp <= 0xFFFF);
}

bool format_is_handle(Str s)
{
    const char *p = s.ptr, *end = s.ptr + s.len;
    if (s.len == 0)
        return false;
    while (p < end) {
        uint32_t cp;
        size_t   n = utf8_next(p, end, &cp);
        if (n == 0)
            return false;
        p += n;
        bool ascii = (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || cp == '-' || cp == '_';
        if (!ascii && (cp < 0x80 || is_wide_punctuation(cp)))
            return false;
    }
    return true;
}

bool format_is_line(Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        unsigned char next = i + 1 < s.len ? (unsigned char)s.ptr[i + 1] : 0;
        unsigned char third = i + 2 < s.len ? (unsigned char)s.ptr[i + 2] : 0;
        if (c < 0x20 || c == 0x7F || (c == 0xC2 && next < 0xA0) ||
            (c == 0xE2 && next == 0x80 && (third == 0xA8 || third == 0xA9)))
            return false;
    }
    return true;
}
