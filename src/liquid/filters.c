#include "liquid/filters.h"

#include "base/utf8.h"

#include <string.h>

const LiquidFilter *lq_filters(size_t table)
{
    const LiquidFilter *const tables[] = {lq_string_filters, lq_html_filters,   lq_url_filters,
                                          lq_array_filters,  lq_select_filters, lq_sort_filters,
                                          lq_math_filters,   lq_date_filters,   lq_money_filters,
                                          lq_colour_filters, lq_theme_filters};
    return table < COUNT_OF(tables) ? tables[table] : NULL;
}

LiquidValue liquid_named(const LiquidArgs *args, Str key)
{
    for (size_t i = 0; i < args->nnamed; i++)
        if (str_eq(args->named[i].key, key))
            return args->named[i].value;
    return liquid_nil();
}

LiquidValue lq_like(LiquidValue in, LiquidValue made)
{
    if (in.type == LIQUID_TEXT && made.type == LIQUID_TEXT)
        made.safe = in.safe;
    return made;
}

Str lq_into(LiquidCx *cx, LiquidValue in, LiquidValue part)
{
    Str  s = liquid_to_text(cx, part);
    bool html = in.type == LIQUID_TEXT && in.safe == LIQUID_SAFE_HTML;
    bool plain = part.type != LIQUID_TEXT || part.safe == LIQUID_UNSAFE;
    return html && plain && !liquid_plain(cx) ? liquid_escape(cx, s) : s;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* Behind "0x", "0b", "0o": their base; 10 when there is none of them. */
static int take_base(Str *s)
{
    if (s->len < 3 || s->ptr[0] != '0')
        return 10;
    char c = (char)(s->ptr[1] | 0x20);
    int  base = c == 'x' ? 16 : c == 'b' ? 2 : c == 'o' ? 8 : 10;
    if (base != 10)
        *s = (Str){s->ptr + 2, s->len - 2};
    return base;
}

/* Ruby's Integer(): digits with a sign, 0x, 0b and 0o, underscores between digits. */
static bool strict_int(Str s, int64_t *ret)
{
    s = str_trim(s);
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (negative || s.ptr[0] == '+'))
        s = (Str){s.ptr + 1, s.len - 1};
    int     base = take_base(&s);
    int64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        int d = digit(s.ptr[i]);
        if (s.ptr[i] == '_' && i > 0 && i + 1 < s.len && s.ptr[i - 1] != '_')
            continue;
        if (d >= base)
            return false;
        if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
            v = INT64_MAX / 32; /* larger than anything that is counted here */
    }
    *ret = negative ? -v : v;
    return s.len > 0;
}

bool liquid_to_int(LiquidCx *cx, LiquidValue v, int64_t *ret)
{
    if (v.type == LIQUID_INT || v.type == LIQUID_MONEY) {
        *ret = v.i;
        return true;
    }
    if (v.type == LIQUID_BIG) {
        *ret = v.big->v < 0 ? INT64_MIN : INT64_MAX;
        return true;
    }
    if (strict_int(liquid_to_text(cx, v), ret))
        return true;
    liquid_fail(cx, "invalid integer");
    return false;
}

LiquidValue liquid_append(LiquidCx *cx, LiquidValue x, LiquidValue y)
{
    LiquidValue in = x.type == LIQUID_TEXT && x.safe == LIQUID_SAFE_HTML ? x : y;
    Str         a = lq_into(cx, in, x), b = lq_into(cx, in, y);
    char       *p = liquid_alloc(cx, a.len + b.len + 1);
    if (p == NULL)
        return liquid_nil();
    if (a.len > 0)
        memcpy(p, a.ptr, a.len);
    if (b.len > 0)
        memcpy(p + a.len, b.ptr, b.len);
    LiquidValue made = liquid_text((Str){p, a.len + b.len});
    if (in.type == LIQUID_TEXT && in.safe == LIQUID_SAFE_HTML)
        made.safe = LIQUID_SAFE_HTML;
    return made;
}

LiquidValue liquid_interpolate(LiquidCx *cx, Str text, const LiquidArgs *args, bool html)
{
    LiquidValue like = {.type = LIQUID_TEXT, .safe = html ? LIQUID_SAFE_HTML : LIQUID_UNSAFE};
    LiquidBuild b = liquid_build(cx, text.len + 32);
    while (text.len > 0) {
        const char *open = memmem(text.ptr, text.len, "{{", 2);
        size_t      n = open != NULL ? (size_t)(open - text.ptr) : text.len;
        const char *close = open != NULL ? memmem(open, text.len - n, "}}", 2) : NULL;
        if (close == NULL)
            n = text.len;
        liquid_build_add(&b, (Str){text.ptr, n});
        if (close == NULL)
            break;
        Str name = str_trim((Str){open + 2, (size_t)(close - open) - 2});
        liquid_build_add(&b, lq_into(cx, like, liquid_named(args, name)));
        n = (size_t)(close - text.ptr) + 2;
        text = (Str){text.ptr + n, text.len - n};
    }
    return lq_like(like, liquid_built(&b));
}

/* --- item[property] ------------------------------------------------------------------------- */

static LqPick pick_from_text(LiquidValue item, LiquidValue property, LiquidValue *ret)
{
    Str s = liquid_str(item);
    *ret = liquid_nil();
    if (property.type == LIQUID_TEXT) {
        Str part = liquid_str(property);
        if (part.len == 0 || memmem(s.ptr, s.len, part.ptr, part.len) != NULL)
            *ret = property;
        return LQ_PICKED;
    }
    if (property.type != LIQUID_INT)
        return LQ_NO_INDEX;
    int64_t n = (int64_t)utf8_count(s), i = property.i < 0 ? property.i + n : property.i;
    if (i >= 0 && i < n) {
        Str head = utf8_truncate(s, (size_t)i);
        *ret = lq_end_char((Str){s.ptr + head.len, s.len - head.len}, false);
    }
    return LQ_PICKED;
}

LqPick lq_pick(LiquidCx *cx, LiquidValue item, LiquidValue property, LiquidValue *ret)
{
    *ret = liquid_nil();
    if (property.type == LIQUID_REAL && property.r > -1e15 && property.r < 1e15)
        property = liquid_int((int64_t)property.r);
    if (item.type == LIQUID_TEXT)
        return pick_from_text(item, property, ret);
    if (item.type == LIQUID_INT || item.type == LIQUID_BIG) {
        if (property.type != LIQUID_INT)
            return LQ_NO_INDEX;
        int64_t bit = property.i < 0 ? 64 : property.i < 63 ? property.i : 63;
        *ret = liquid_int(bit == 64 ? 0 : (item.i >> bit) & 1);
        return LQ_PICKED;
    }
    if (lq_is_object(item)) {
        if (property.type == LIQUID_TEXT && !lq_member(cx, item, liquid_str(property), NULL, ret))
            *ret = liquid_nil();
        return LQ_PICKED;
    }
    if (!lq_is_list(item) || item.type == LIQUID_RANGE)
        return LQ_NO_METHOD;
    if (property.type != LIQUID_INT)
        return LQ_NO_INDEX;
    int64_t n = (int64_t)liquid_count(cx, item), i = property.i < 0 ? property.i + n : property.i;
    if (i >= 0 && i < n)
        *ret = liquid_at(cx, item, (size_t)i);
    return LQ_PICKED;
}

LiquidValue lq_pick_error(LiquidCx *cx, LiquidValue property)
{
    Str s = liquid_to_text(cx, property);
    return liquid_fail(cx, "cannot select the property '" STR_FMT "'", STR_ARG(s));
}

/* --- lists, flat -------------------------------------------------------------------------------
 */

typedef struct Flat {
    LiquidValue *items;
    size_t       n, cap;
} Flat;

static bool push(LiquidCx *cx, Flat *f, LiquidValue v)
{
    if (f->n == f->cap) {
        size_t       cap = f->cap == 0 ? 8 : 2 * f->cap;
        LiquidValue *bigger = liquid_alloc(cx, cap * sizeof *bigger);
        if (bigger == NULL)
            return false;
        if (f->n > 0)
            memcpy(bigger, f->items, f->n * sizeof *bigger);
        f->items = bigger;
        f->cap = cap;
    }
    f->items[f->n++] = v;
    return true;
}

static bool is_array(LiquidValue v)
{
    return v.type == LIQUID_ARRAY || v.type == LIQUID_JLIST || v.type == LIQUID_SLIST;
}

static bool flatten(LiquidCx *cx, Flat *f, LiquidValue v, unsigned depth)
{
    size_t n = liquid_count(cx, v);
    for (size_t i = 0; i < n; i++) {
        LiquidValue item = liquid_at(cx, v, i);
        lq_burn(cx, 1);
        bool ok =
            is_array(item) && depth < 100 ? flatten(cx, f, item, depth + 1) : push(cx, f, item);
        if (!ok || cx->fatal)
            return false;
    }
    return true;
}

bool lq_flat(LiquidCx *cx, LiquidValue in, LiquidValue **ret, size_t *ret_n)
{
    Flat f = {0};
    bool ok = in.type == LIQUID_NIL || (lq_is_list(in) ? flatten(cx, &f, in, 0) : push(cx, &f, in));
    *ret = f.items;
    *ret_n = f.n;
    return ok;
}
