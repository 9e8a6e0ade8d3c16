/* A template cut into text, {{ variables }} and {% tags %}, byte by byte as the reference
 * does it, unfinished ones included. */
#include "liquid/parse.h"

#include <string.h>

bool lq_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool lq_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Str lq_skip_space(Str s)
{
    while (s.len > 0 && lq_is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

bool lq_only_space(Str s)
{
    return lq_skip_space(s).len == 0;
}

static Str upto(LqTokens *t, const char *to)
{
    Str s = {t->p, (size_t)(to - t->p)};
    t->p = to;
    return s;
}

/* Just behind the next "%}", or NULL. */
static const char *tag_end(const char *p, const char *end)
{
    const char *hit = memmem(p, (size_t)(end - p), "%}", 2);
    return hit != NULL ? hit + 2 : NULL;
}

static Str text_token(LqTokens *t)
{
    const char *p = t->p;
    while ((p = memchr(p, '{', (size_t)(t->end - p))) != NULL) {
        if (p + 1 < t->end && (p[1] == '{' || p[1] == '%'))
            return upto(t, p);
        p++;
    }
    return upto(t, t->end);
}

static Str tag_token(LqTokens *t)
{
    const char *end = tag_end(t->p + 2, t->end);
    if (end != NULL)
        return upto(t, end);
    Str s = {t->p, 2};
    t->p = t->end;
    return s;
}

/* "{{": up to "}}", to a "}" that stands alone, or through a "{%" tag inside. */
static Str variable_token(LqTokens *t)
{
    const char *p = t->p + 2;
    while (p < t->end) {
        if (*p != '}' && *p != '{') {
            p++;
            continue;
        }
        if (p + 1 == t->end)
            break;
        if (*p == '}')
            return upto(t, p[1] == '}' ? p + 2 : p + 1);
        if (p[1] == '%') {
            const char *end = tag_end(p + 2, t->end);
            return upto(t, end != NULL ? end : p + 2);
        }
        p++;
    }
    if (p < t->end && *p == '}')
        return upto(t, t->end);
    Str s = {t->p, 2};
    t->p = t->end;
    return s;
}

static Str line_token(LqTokens *t)
{
    const char *newline = memchr(t->p, '\n', (size_t)(t->end - t->p));
    Str         line = upto(t, newline != NULL ? newline : t->end);
    if (newline != NULL)
        t->p++;
    return line;
}

bool lq_next_token(LqTokens *t, Str *ret)
{
    if (t->p >= t->end)
        return false;
    if (t->lines)
        *ret = line_token(t);
    else if (t->p[0] == '{' && t->p + 1 < t->end && t->p[1] == '%')
        *ret = tag_token(t);
    else if (t->p[0] == '{' && t->p + 1 < t->end && t->p[1] == '{')
        *ret = variable_token(t);
    else
        *ret = text_token(t);
    return true;
}

/* "#" or a word. */
static size_t name_len(Str s)
{
    if (s.len > 0 && s.ptr[0] == '#')
        return 1;
    size_t n = 0;
    while (n < s.len && lq_is_word(s.ptr[n]))
        n++;
    return n;
}

static Str from(Str s, size_t n)
{
    return (Str){s.ptr + n, s.len - n};
}

bool lq_line_parts(Str line, Str *ret_name, Str *ret_markup)
{
    Str    s = lq_skip_space(line);
    size_t n = name_len(s);
    *ret_name = (Str){s.ptr, n};
    *ret_markup = lq_skip_space(from(s, n));
    return n > 0;
}

bool lq_tag_parts(Str token, Str *ret_name, Str *ret_markup)
{
    if (token.len < 4 || token.ptr[token.len - 1] != '}' || token.ptr[token.len - 2] != '%')
        return false;
    Str s = {token.ptr + 2, token.len - 4};
    if (s.len > 0 && s.ptr[0] == '-')
        s = from(s, 1);
    s = lq_skip_space(s);
    size_t n = name_len(s);
    *ret_name = (Str){s.ptr, n};
    s = lq_skip_space(from(s, n));
    if (s.len > 0 && s.ptr[s.len - 1] == '-')
        s.len--;
    *ret_markup = s;
    return n > 0;
}

bool lq_loose_tag(Str token, Str *ret_before, Str *ret_name)
{
    if (token.len < 4 || memcmp(token.ptr + token.len - 2, "%}", 2) != 0)
        return false;
    /* The last "{%" that a name follows: what stands before it is greedy. */
    for (const char *p = token.ptr + token.len - 4; p >= token.ptr; p--) {
        if (p[0] != '{' || p[1] != '%')
            continue;
        Str s = {p + 2, (size_t)(token.ptr + token.len - 2 - (p + 2))};
        if (s.len > 0 && s.ptr[0] == '-')
            s = from(s, 1);
        s = lq_skip_space(s);
        size_t n = 0;
        while (n < s.len && lq_is_word(s.ptr[n]))
            n++;
        if (n == 0)
            continue;
        *ret_before = (Str){token.ptr, (size_t)(p - token.ptr)};
        *ret_name = (Str){s.ptr, n};
        return true;
    }
    return false;
}
