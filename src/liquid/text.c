/* Values as text: what {{ }} prints, and what Ruby's inspect shows inside of lists. */
#include "liquid/cx.h"

#include "liquid/date.h"
#include "liquid/number.h"

#include "base/html_run.h"
#include "base/utf8.h"

#include <string.h>

enum { DEPTH_MAX = 100 };

/* --- text built piece by piece -------------------------------------------------------------- */

LiquidBuild liquid_build(LiquidCx *cx, size_t expected)
{
    LiquidBuild b = {.cx = cx, .cap = expected + 16};
    b.ptr = liquid_alloc(cx, b.cap);
    b.failed = b.ptr == NULL;
    return b;
}

static bool build_room(LiquidBuild *b, size_t n)
{
    if (b->failed)
        return false;
    if (n <= b->cap - b->len)
        return true;
    size_t cap = b->cap + b->cap / 2 + n;
    char  *bigger = liquid_alloc(b->cx, cap);
    if (bigger == NULL) {
        b->failed = true;
        return false;
    }
    memcpy(bigger, b->ptr, b->len);
    b->ptr = bigger;
    b->cap = cap;
    return true;
}

void liquid_build_add(LiquidBuild *b, Str s)
{
    if (s.len == 0 || !build_room(b, s.len))
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}

void liquid_build_html(LiquidBuild *b, Str s)
{
    const char *p = s.len > 0 ? s.ptr : "", *end = p + s.len;
    for (;;) {
        const char *from = p;
        p = html_plain_run(p, end);
        liquid_build_add(b, (Str){from, (size_t)(p - from)});
        if (p == end)
            return;
        liquid_build_add(b, html_entity_of(*p++));
    }
}

LiquidValue liquid_built(LiquidBuild *b)
{
    return b->failed ? liquid_nil() : liquid_text((Str){b->ptr, b->len});
}

LiquidValue liquid_built_html(LiquidBuild *b)
{
    return b->failed ? liquid_nil() : liquid_html((Str){b->ptr, b->len});
}

Str liquid_escape(LiquidCx *cx, Str s)
{
    LiquidBuild b = liquid_build(cx, s.len + s.len / 8);
    liquid_build_html(&b, s);
    return (Str){b.ptr, b.failed ? 0 : b.len};
}

/* --- printing ----------------------------------------------------------------------------------
 */

static void add_cstr(LiquidBuild *b, const char *z)
{
    liquid_build_add(b, str_from_cstr(z));
}

static void add_int(LiquidBuild *b, LqWide v)
{
    char text[LQ_NUMBER_MAX];
    liquid_build_add(b, (Str){text, lq_wide_text(v, text)});
}

static void add_range(LiquidBuild *b, const LiquidRange *r)
{
    add_int(b, r->first);
    add_cstr(b, "..");
    add_int(b, r->last);
}

static void add_drop(LiquidBuild *b, const LiquidDrop *d)
{
    if (d->type->text != NULL)
        lq_text_add(b, d->type->text(b->cx, d->self));
    else
        add_cstr(b, d->type->name);
}

static void add_real(LiquidBuild *b, double v)
{
    char text[LQ_NUMBER_MAX];
    liquid_build_add(b, (Str){text, lq_real_text(v, text)});
}

/* The simple ones; false for lists and objects. */
static bool add_scalar(LiquidBuild *b, LiquidValue v)
{
    switch ((LiquidType)v.type) {
    case LIQUID_NIL:
    case LIQUID_EMPTY:
    case LIQUID_BLANK: return true;
    case LIQUID_BOOL: add_cstr(b, v.b ? "true" : "false"); return true;
    case LIQUID_MONEY:
    case LIQUID_INT: add_int(b, v.i); return true;
    case LIQUID_BIG: add_int(b, v.big->v); return true;
    case LIQUID_REAL: add_real(b, v.r); return true;
    case LIQUID_TEXT: liquid_build_add(b, liquid_str(v)); return true;
    case LIQUID_TIME: lq_time_add(b, (UnixMs){v.i}); return true;
    case LIQUID_RANGE: add_range(b, v.range); return true;
    case LIQUID_LOOP:
        add_cstr(b, v.loop->cols < 0 ? "Liquid::ForloopDrop" : "Liquid::TablerowloopDrop");
        return true;
    case LIQUID_DROP: add_drop(b, v.drop); return true;
    case LIQUID_ARRAY:
    case LIQUID_JLIST:
    case LIQUID_SLIST:
    case LIQUID_MAP:
    case LIQUID_JOBJ:
    case LIQUID_STRUCT: break;
    }
    return false;
}

/* As Array#inspect and Hash#inspect show it. */
static void add_plain_text(LiquidBuild *b, LiquidValue v)
{
    if (!add_scalar(b, v))
        lq_inspect_add(b, v, 0);
}

void lq_text_add(LiquidBuild *b, LiquidValue v)
{
    add_plain_text(b, v);
}

static void inspect_control(LiquidBuild *b, unsigned char c)
{
    static const char NAMED[] = "abtnvfr"; /* 7 … 13 */
    char              text[8];
    if (c >= 7 && c <= 13)
        (void)snprintf(text, sizeof text, "\\%c", NAMED[c - 7]);
    else if (c == 27)
        (void)snprintf(text, sizeof text, "\\e");
    else
        (void)snprintf(text, sizeof text, c == 127 ? "\\x%02X" : "\\u%04X", c);
    add_cstr(b, text);
}

static void inspect_text(LiquidBuild *b, Str s)
{
    add_cstr(b, "\"");
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool          hash = c == '#' && i + 1 < s.len && strchr("{$@", s.ptr[i + 1]) != NULL;
        if (c == '"' || c == '\\' || hash)
            add_cstr(b, "\\");
        if (c < 0x20 || c == 127)
            inspect_control(b, c);
        else
            liquid_build_add(b, (Str){s.ptr + i, 1});
    }
    add_cstr(b, "\"");
}

static void inspect_pairs(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    size_t n = liquid_count(b->cx, v);
    add_cstr(b, "{");
    for (size_t i = 0; i < n && !b->failed; i++) {
        LiquidValue pair = liquid_at(b->cx, v, i);
        add_cstr(b, i > 0 ? ", " : "");
        lq_inspect_add(b, pair.array->items[0], depth);
        add_cstr(b, "=>");
        lq_inspect_add(b, pair.array->items[1], depth);
    }
    add_cstr(b, "}");
}

static void inspect_items(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    size_t n = liquid_count(b->cx, v);
    add_cstr(b, "[");
    for (size_t i = 0; i < n && !b->failed; i++) {
        add_cstr(b, i > 0 ? ", " : "");
        lq_inspect_add(b, liquid_at(b->cx, v, i), depth);
    }
    add_cstr(b, "]");
}

void lq_inspect_add(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    lq_burn(b->cx, 1);
    if (depth > DEPTH_MAX || b->cx->fatal)
        return;
    if (v.type == LIQUID_NIL)
        add_cstr(b, "nil");
    else if (v.type == LIQUID_TEXT)
        inspect_text(b, liquid_str(v));
    else if (v.type == LIQUID_ARRAY || v.type == LIQUID_JLIST || v.type == LIQUID_SLIST)
        inspect_items(b, v, depth + 1);
    else if (v.type == LIQUID_MAP || v.type == LIQUID_JOBJ || v.type == LIQUID_STRUCT)
        inspect_pairs(b, v, depth + 1);
    else
        add_scalar(b, v);
}

Str lq_inspect(LiquidCx *cx, LiquidValue v)
{
    LiquidBuild b = liquid_build(cx, 64);
    lq_inspect_add(&b, v, 0);
    return (Str){b.ptr, b.failed ? 0 : b.len};
}

Str liquid_to_text(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_TEXT)
        return liquid_str(v);
    if (v.type == LIQUID_NIL)
        return STR("");
    LiquidBuild b = liquid_build(cx, 32);
    lq_text_add(&b, v);
    return (Str){b.ptr, b.failed ? 0 : b.len};
}

Str lq_class_name(LiquidValue v)
{
    switch ((LiquidType)v.type) {
    case LIQUID_NIL: return STR("nil");
    case LIQUID_BOOL: return v.b ? STR("true") : STR("false");
    case LIQUID_INT:
    case LIQUID_MONEY:
    case LIQUID_BIG: return STR("Integer");
    case LIQUID_REAL: return STR("Float");
    case LIQUID_TEXT: return STR("String");
    case LIQUID_TIME: return STR("Time");
    case LIQUID_RANGE: return STR("Range");
    case LIQUID_ARRAY:
    case LIQUID_JLIST:
    case LIQUID_SLIST: return STR("Array");
    case LIQUID_MAP:
    case LIQUID_JOBJ:
    case LIQUID_STRUCT: return STR("Hash");
    case LIQUID_DROP:
    case LIQUID_LOOP:
    case LIQUID_EMPTY:
    case LIQUID_BLANK: break;
    }
    return STR("Object");
}
