/* Markup as the first Liquid read it: by looking for fragments and passing over the rest. */
#include "liquid/parse.h"

#include <string.h>

size_t lq_quoted_len(Str s)
{
    if (s.len == 0 || (s.ptr[0] != '"' && s.ptr[0] != '\''))
        return 0;
    const char *end = memchr(s.ptr + 1, s.ptr[0], s.len - 1);
    return end != NULL ? (size_t)(end - s.ptr) + 1 : 0;
}

static bool is_plain(char c)
{
    return !lq_is_space(c) && c != ',' && c != '|' && c != '\'' && c != '"';
}

static Str from(Str s, size_t n)
{
    return (Str){s.ptr + n, s.len - n};
}

/* Characters and quoted texts, mixed. */
static size_t mixed_len(Str s)
{
    size_t n = 0;
    while (n < s.len) {
        size_t more = is_plain(s.ptr[n]) ? 1 : lq_quoted_len(from(s, n));
        if (more == 0)
            break;
        n += more;
    }
    return n;
}

size_t lq_fragment_len(Str s)
{
    size_t n = lq_quoted_len(s);
    return n > 0 ? n : mixed_len(s);
}

size_t lq_fragments_len(Str s)
{
    return mixed_len(s);
}

bool lq_find_fragment(Str *s, Str *ret)
{
    for (size_t i = 0; i < s->len; i++) {
        size_t n = lq_fragment_len(from(*s, i));
        if (n == 0)
            continue;
        *ret = (Str){s->ptr + i, n};
        *s = from(*s, i + n);
        return true;
    }
    return false;
}

/* A key at `s`: a word character, then those and dashes. */
static size_t key_len(Str s)
{
    if (s.len == 0 || !lq_is_word(s.ptr[0]))
        return 0;
    size_t n = 1;
    while (n < s.len && (lq_is_word(s.ptr[n]) || s.ptr[n] == '-'))
        n++;
    return n;
}

bool lq_find_attribute(Str *s, Str *ret_key, Str *ret_value)
{
    size_t i = 0;
    while (i < s->len) {
        Str    here = from(*s, i);
        size_t n = key_len(here);
        Str    rest = lq_skip_space(from(here, n));
        if (n == 0 || rest.len == 0 || rest.ptr[0] != ':') {
            i += n > 0 ? n : 1;
            continue;
        }
        rest = lq_skip_space(from(rest, 1));
        size_t len = lq_fragment_len(rest);
        if (len == 0) {
            i += n;
            continue;
        }
        *ret_key = (Str){here.ptr, n};
        *ret_value = (Str){rest.ptr, len};
        *s = from(rest, len);
        return true;
    }
    return false;
}
