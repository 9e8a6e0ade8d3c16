#include "liquid/json_out.h"

#include "liquid/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

static void add(LiquidBuild *b, const char *z)
{
    liquid_build_add(b, str_from_cstr(z));
}

/* How a byte is written; NULL: as it is. */
static const char *escape(unsigned char c, char text[static 8])
{
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
    }
    if (c >= 0x20 && c != '<' && c != '>' && c != '&' && c != '\'' && c != '`' && c != 0x7F)
        return NULL;
    (void)snprintf(text, 8, "\\u%04x", c);
    return text;
}

/* U+2028 and U+2029 end a line in old JavaScript. */
static bool is_separator(Str s, size_t i)
{
    return i + 2 < s.len && memcmp(s.ptr + i, "\xE2\x80", 2) == 0 &&
           ((unsigned char)s.ptr[i + 2] == 0xA8 || (unsigned char)s.ptr[i + 2] == 0xA9);
}

static void inner(LiquidBuild *b, Str s)
{
    size_t from = 0;
    char   text[8];
    for (size_t i = 0; i < s.len; i++) {
        bool        line = is_separator(s, i);
        const char *e = line ? ((unsigned char)s.ptr[i + 2] == 0xA8 ? "\\u2028" : "\\u2029")
                             : escape((unsigned char)s.ptr[i], text);
        if (e == NULL)
            continue;
        liquid_build_add(b, (Str){s.ptr + from, i - from});
        add(b, e);
        i += line ? 2 : 0;
        from = i + 1;
    }
    liquid_build_add(b, (Str){s.ptr + from, s.len - from});
}

static void quoted(LiquidBuild *b, Str s)
{
    add(b, "\"");
    inner(b, s);
    add(b, "\"");
}

static void members(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    size_t n = liquid_count(b->cx, v);
    add(b, "{");
    for (size_t i = 0; i < n && !b->failed; i++) {
        LiquidValue pair = liquid_at(b->cx, v, i);
        add(b, i > 0 ? "," : "");
        quoted(b, liquid_to_text(b->cx, pair.array->items[0]));
        add(b, ":");
        lq_json_add(b, pair.array->items[1], depth + 1);
    }
    add(b, "}");
}

static void items(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    size_t n = liquid_count(b->cx, v);
    add(b, "[");
    for (size_t i = 0; i < n && !b->failed; i++) {
        add(b, i > 0 ? "," : "");
        lq_json_add(b, liquid_at(b->cx, v, i), depth + 1);
    }
    add(b, "]");
}

static bool is_object(LiquidValue v)
{
    return v.type == LIQUID_JOBJ || v.type == LIQUID_MAP || v.type == LIQUID_STRUCT ||
           (v.type == LIQUID_DROP && v.drop->type->key_at != NULL);
}

void lq_json_add(LiquidBuild *b, LiquidValue v, unsigned depth)
{
    lq_burn(b->cx, 1);
    if (b->cx->fatal)
        return;
    bool number = v.type == LIQUID_INT || v.type == LIQUID_BIG || v.type == LIQUID_MONEY ||
                  v.type == LIQUID_BOOL || (v.type == LIQUID_REAL && isfinite(v.r));
    if (v.type == LIQUID_NIL || depth > DEPTH_MAX || (v.type == LIQUID_REAL && !isfinite(v.r)))
        add(b, "null");
    else if (number)
        lq_text_add(b, v);
    else if (lq_is_list(v) && v.type != LIQUID_RANGE)
        items(b, v, depth);
    else if (is_object(v))
        members(b, v, depth);
    else
        quoted(b, liquid_to_text(b->cx, v));
}

static void out(LiquidCx *cx, const LiquidBuild *b)
{
    if (!b->failed)
        lq_out(cx, b->ptr, b->len);
}

void lq_json_out(LiquidCx *cx, LiquidValue v)
{
    if (v.type == LIQUID_TEXT &&
        v.safe != LIQUID_UNSAFE) { /* the json filter's, or raw: as it is */
        lq_out(cx, v.s, v.len);
        return;
    }
    LiquidBuild b = liquid_build(cx, 64);
    lq_json_add(&b, v, 0);
    out(cx, &b);
}

void lq_json_inner(LiquidCx *cx, Str s)
{
    LiquidBuild b = liquid_build(cx, s.len + 16);
    inner(&b, s);
    out(cx, &b);
}
