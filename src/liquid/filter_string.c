/* Filters on text. */
#include "liquid/filters.h"
#include "liquid/parse.h"

#include "base/utf8.h"

#include <string.h>

static Str text(LiquidCx *cx, LiquidValue v)
{
    return liquid_to_text(cx, v);
}

static Str from(Str s, size_t n)
{
    return (Str){s.ptr + n, s.len - n};
}

LQ_FILTER(append)
{
    return liquid_append(cx, in, args->v[0]);
}

LQ_FILTER(prepend)
{
    return liquid_append(cx, args->v[0], in);
}

LQ_FILTER(upcase)
{
    (void)args;
    Str         s = text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len);
    lq_upcase(&b, s);
    return lq_like(in, liquid_built(&b));
}

LQ_FILTER(downcase)
{
    (void)args;
    Str         s = text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len);
    lq_downcase(&b, s);
    return lq_like(in, liquid_built(&b));
}

LQ_FILTER(capitalize)
{
    (void)args;
    Str         s = text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len);
    lq_capitalize(&b, s);
    return lq_like(in, liquid_built(&b));
}

static bool is_blank(char c)
{
    return lq_is_space(c) || c == '\0';
}

static LiquidValue trimmed(LiquidCx *cx, LiquidValue in, bool left, bool right)
{
    Str s = text(cx, in);
    while (left && s.len > 0 && is_blank(s.ptr[0]))
        s = from(s, 1);
    while (right && s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return lq_like(in, liquid_text(s));
}

LQ_FILTER(strip)
{
    (void)args;
    return trimmed(cx, in, true, true);
}

LQ_FILTER(lstrip)
{
    (void)args;
    return trimmed(cx, in, true, false);
}

LQ_FILTER(rstrip)
{
    (void)args;
    return trimmed(cx, in, false, true);
}

LQ_FILTER(squish)
{
    (void)args;
    LiquidValue inner = trimmed(cx, in, true, true);
    Str         s = liquid_str(inner);
    LiquidBuild b = liquid_build(cx, s.len);
    for (size_t i = 0, n; i < s.len; i = n) {
        bool space = lq_is_space(s.ptr[i]);
        for (n = i + 1; n < s.len && lq_is_space(s.ptr[n]) == space; n++) {
        }
        liquid_build_add(&b, space ? STR(" ") : (Str){s.ptr + i, n - i});
    }
    return lq_like(in, liquid_built(&b));
}

/* --- replacing -------------------------------------------------------------------------------- */

/* What Ruby makes of backslashes in a replacement: \0 is the match, \\ a backslash. */
static void add_replacement(LiquidBuild *b, Str to, Str whole, size_t at, size_t len)
{
    if (to.len == 0 || memchr(to.ptr, '\\', to.len) == NULL) {
        liquid_build_add(b, to);
        return;
    }
    for (size_t i = 0; i < to.len; i++) {
        char next = (char)(i + 1 < to.len ? to.ptr[i + 1] : '\0');
        if (to.ptr[i] != '\\' || next == '\0') {
            liquid_build_add(b, (Str){to.ptr + i, 1});
            continue;
        }
        i++;
        if (next == '0' || next == '&')
            liquid_build_add(b, (Str){whole.ptr + at, len});
        else if (next == '`')
            liquid_build_add(b, (Str){whole.ptr, at});
        else if (next == '\'')
            liquid_build_add(b, from(whole, at + len));
        else if (next == '\\')
            liquid_build_add(b, STR("\\"));
        else if (next < '1' || next > '9')
            liquid_build_add(b, (Str){to.ptr + i - 1, 2});
    }
}

/* An empty text is found before every character, and at the end. */
static void replace_empty(LiquidBuild *b, Str s, Str to, size_t limit)
{
    size_t i = 0;
    for (; i <= s.len && limit > 0; limit--) {
        add_replacement(b, to, s, i, 0);
        size_t n = i < s.len ? utf8_truncate(from(s, i), 1).len : 1;
        if (i < s.len)
            liquid_build_add(b, (Str){s.ptr + i, n});
        i += n;
    }
    if (i < s.len)
        liquid_build_add(b, from(s, i));
}

static LiquidValue replaced(LiquidCx *cx, LiquidValue in, Str what, Str to, size_t limit)
{
    Str         s = text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len + to.len);
    if (what.len == 0) {
        replace_empty(&b, s, to, limit);
        return lq_like(in, liquid_built(&b));
    }
    size_t      at = 0;
    const char *hit;
    while (limit-- > 0 && at < s.len &&
           (hit = memmem(s.ptr + at, s.len - at, what.ptr, what.len)) != NULL) {
        size_t start = (size_t)(hit - s.ptr);
        liquid_build_add(&b, (Str){s.ptr + at, start - at});
        add_replacement(&b, to, s, start, what.len);
        at = start + what.len;
    }
    liquid_build_add(&b, from(s, at));
    return lq_like(in, liquid_built(&b));
}

/* What is searched for is escaped as the text is that it is searched in. */
LQ_FILTER(replace)
{
    return replaced(cx, in, lq_into(cx, in, args->v[0]), lq_into(cx, in, liquid_arg(args, 1)),
                    SIZE_MAX);
}

LQ_FILTER(replace_first)
{
    return replaced(cx, in, lq_into(cx, in, args->v[0]), lq_into(cx, in, liquid_arg(args, 1)), 1);
}

LQ_FILTER(remove_all)
{
    return replaced(cx, in, lq_into(cx, in, args->v[0]), STR(""), SIZE_MAX);
}

LQ_FILTER(remove_first)
{
    return replaced(cx, in, lq_into(cx, in, args->v[0]), STR(""), 1);
}

static LiquidValue last_replaced(LiquidCx *cx, LiquidValue in, Str what, Str to)
{
    Str s = text(cx, in);
    if (what.len > s.len)
        return lq_like(in, liquid_text(s));
    for (size_t i = s.len - what.len + 1; i > 0; i--) {
        if (what.len > 0 && memcmp(s.ptr + i - 1, what.ptr, what.len) != 0)
            continue;
        LiquidBuild b = liquid_build(cx, s.len + to.len);
        liquid_build_add(&b, (Str){s.ptr, i - 1});
        liquid_build_add(&b, to);
        liquid_build_add(&b, from(s, i - 1 + what.len));
        return lq_like(in, liquid_built(&b));
    }
    return lq_like(in, liquid_text(s));
}

LQ_FILTER(replace_last)
{
    return last_replaced(cx, in, lq_into(cx, in, args->v[0]), lq_into(cx, in, args->v[1]));
}

LQ_FILTER(remove_last)
{
    return last_replaced(cx, in, lq_into(cx, in, args->v[0]), STR(""));
}

/* --- cutting -----------------------------------------------------------------------------------
 */

LQ_FILTER(truncate)
{
    int64_t length = 50;
    if (in.type == LIQUID_NIL)
        return in;
    Str s = text(cx, in);
    Str end = args->n > 1 ? lq_into(cx, in, args->v[1]) : STR("...");
    if (args->n > 0 && !liquid_to_int(cx, args->v[0], &length))
        return liquid_nil();
    int64_t has = (int64_t)utf8_count(s), keep = length - (int64_t)utf8_count(end);
    if (has <= length)
        return lq_like(in, liquid_text(s));
    Str         head = utf8_truncate(s, keep > 0 ? (size_t)keep : 0);
    LiquidBuild b = liquid_build(cx, head.len + end.len);
    liquid_build_add(&b, head);
    liquid_build_add(&b, end);
    return lq_like(in, liquid_built(&b));
}

/* The next word in *s, which moves behind it. */
static bool next_word(Str *s, Str *ret)
{
    while (s->len > 0 && is_blank(s->ptr[0]))
        *s = from(*s, 1);
    size_t n = 0;
    while (n < s->len && !is_blank(s->ptr[n]))
        n++;
    *ret = (Str){s->ptr, n};
    *s = from(*s, n);
    return n > 0;
}

LQ_FILTER(truncatewords)
{
    int64_t words = 15;
    Str     word;
    if (in.type == LIQUID_NIL)
        return in;
    if (args->n > 0 && !liquid_to_int(cx, args->v[0], &words))
        return liquid_nil();
    if (words <= 0)
        words = 1;
    Str         s = text(cx, in), rest = s;
    LiquidBuild b = liquid_build(cx, 128);
    for (int64_t i = 0; i < words; i++) {
        if (!next_word(&rest, &word))
            return lq_like(in, liquid_text(s));
        liquid_build_add(&b, i > 0 ? STR(" ") : STR(""));
        liquid_build_add(&b, word);
    }
    if (!next_word(&rest, &word))
        return lq_like(in, liquid_text(s));
    liquid_build_add(&b, args->n > 1 ? lq_into(cx, in, args->v[1]) : STR("..."));
    return lq_like(in, liquid_built(&b));
}

/* Offset and length as Ruby's slice takes them. False: nothing there. */
static bool clamp(int64_t count, int64_t *offset, int64_t *length)
{
    if (*offset < 0)
        *offset += count;
    if (*offset < 0 || *offset > count || *length < 0)
        return false;
    if (*length > count - *offset)
        *length = count - *offset;
    return true;
}

static LiquidValue list_slice(LiquidCx *cx, LiquidValue in, int64_t offset, int64_t length)
{
    if (!clamp((int64_t)liquid_count(cx, in), &offset, &length))
        length = 0;
    LiquidValue *items = liquid_alloc(cx, ((size_t)length + 1) * sizeof *items);
    if (items == NULL)
        return liquid_nil();
    for (int64_t i = 0; i < length; i++)
        items[i] = liquid_at(cx, in, (size_t)(offset + i));
    return liquid_array(cx->arena, items, (size_t)length);
}

LQ_FILTER(slice)
{
    int64_t offset, length = 1;
    if (!liquid_to_int(cx, args->v[0], &offset))
        return liquid_nil();
    if (liquid_truthy(liquid_arg(args, 1)) && !liquid_to_int(cx, args->v[1], &length))
        return liquid_nil();
    if (lq_is_list(in) && in.type != LIQUID_RANGE)
        return list_slice(cx, in, offset, length);
    Str s = text(cx, in);
    if (!clamp((int64_t)utf8_count(s), &offset, &length))
        return liquid_text(STR(""));
    s = from(s, utf8_truncate(s, (size_t)offset).len);
    return lq_like(in, liquid_text(utf8_truncate(s, (size_t)length)));
}

/* --- parting ------------------------------------------------------------------------------------
 */

typedef struct Parts {
    LiquidCx    *cx;
    LiquidValue *items;
    size_t       n, cap, used; /* used: without empty ones at the end */
    bool         failed;
} Parts;

static void add_part(Parts *p, Str s)
{
    if (p->failed)
        return;
    if (p->n == p->cap) {
        p->cap = p->cap == 0 ? 16 : 2 * p->cap;
        LiquidValue *bigger = liquid_alloc(p->cx, p->cap * sizeof *bigger);
        p->failed = bigger == NULL;
        if (p->failed)
            return;
        if (p->n > 0)
            memcpy(bigger, p->items, p->n * sizeof *bigger);
        p->items = bigger;
    }
    p->items[p->n++] = liquid_text(s);
    if (s.len > 0)
        p->used = p->n;
}

static void part(Parts *p, Str s, Str by)
{
    Str word;
    if (str_eq(by, STR(" "))) {
        while (next_word(&s, &word))
            add_part(p, word);
        return;
    }
    while (by.len == 0 && s.len > 0) {
        Str c = utf8_truncate(s, 1);
        add_part(p, c);
        s = from(s, c.len);
    }
    const char *hit;
    while (by.len > 0 && s.len > 0 && (hit = memmem(s.ptr, s.len, by.ptr, by.len)) != NULL) {
        size_t n = (size_t)(hit - s.ptr);
        add_part(p, (Str){s.ptr, n});
        s = from(s, n + by.len);
    }
    if (s.len > 0)
        add_part(p, s);
}

LQ_FILTER(split)
{
    Parts p = {.cx = cx};
    part(&p, text(cx, in), text(cx, args->v[0]));
    if (p.failed)
        return liquid_nil();
    for (size_t i = 0; i < p.used; i++)
        p.items[i] = lq_like(in, p.items[i]);
    return liquid_array(cx->arena, p.items, p.used);
}

LQ_FILTER(strip_newlines)
{
    (void)args;
    Str         s = text(cx, in);
    LiquidBuild b = liquid_build(cx, s.len);
    size_t      at = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\n')
            continue;
        size_t cut = i > at && s.ptr[i - 1] == '\r' ? i - 1 : i;
        liquid_build_add(&b, (Str){s.ptr + at, cut - at});
        at = i + 1;
    }
    liquid_build_add(&b, from(s, at));
    return lq_like(in, liquid_built(&b));
}

LQ_FILTER(size)
{
    (void)args;
    LiquidValue v;
    return lq_size(cx, in, &v) ? v : liquid_int(0);
}

/* allow_false comes by name, or as an object behind the default. */
LQ_FILTER(or_default)
{
    LiquidValue allow = liquid_named(args, STR("allow_false"));
    if (args->n > 1)
        allow = liquid_get(cx, args->v[1], STR("allow_false"));
    bool missing = liquid_truthy(allow) ? in.type == LIQUID_NIL : !liquid_truthy(in);
    if (!missing && !lq_is_empty(cx, in))
        return in;
    return args->n > 0 ? args->v[0] : liquid_text(STR(""));
}

const LiquidFilter lq_string_filters[] = {
    {"append", append, 1, 1, false},
    {"capitalize", capitalize, 0, 0, false},
    {"default", or_default, 0, 2, true},
    {"downcase", downcase, 0, 0, false},
    {"lstrip", lstrip, 0, 0, false},
    {"prepend", prepend, 1, 1, false},
    {"remove", remove_all, 1, 1, false},
    {"remove_first", remove_first, 1, 1, false},
    {"remove_last", remove_last, 1, 1, false},
    {"replace", replace, 1, 2, false},
    {"replace_first", replace_first, 1, 2, false},
    {"replace_last", replace_last, 2, 2, false},
    {"rstrip", rstrip, 0, 0, false},
    {"size", size, 0, 0, false},
    {"slice", slice, 1, 2, false},
    {"split", split, 1, 1, false},
    {"squish", squish, 0, 0, false},
    {"strip", strip, 0, 0, false},
    {"strip_newlines", strip_newlines, 0, 0, false},
    {"truncate", truncate, 0, 2, false},
    {"truncatewords", truncatewords, 0, 2, false},
    {"upcase", upcase, 0, 0, false},
    {0},
};
