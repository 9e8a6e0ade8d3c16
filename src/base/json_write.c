#include "base/json_write.h"

#include "base/json_run.h"
#include "base/real.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

static void add_escape(Buf *b, unsigned char c)
{
    static const char HEX[] = "0123456789abcdef";
    char              text[6] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
    size_t            len = 2;
    switch (c) {
    case '"':
    case '\\': text[1] = (char)c; break;
    case '\b': text[1] = 'b'; break;
    case '\f': text[1] = 'f'; break;
    case '\n': text[1] = 'n'; break;
    case '\r': text[1] = 'r'; break;
    case '\t': text[1] = 't'; break;
    default: len = sizeof text;
    }
    buf_add(b, (Str){text, len});
}

/* What is beyond ASCII at `p`: *ret_replace says what to write instead of the bytes passed,
 * if anything. */
static size_t wide(const char *p, const char *end, Str *ret_replace)
{
    uint32_t cp;
    size_t   n = utf8_next(p, end, &cp);
    *ret_replace = (Str){0};
    if (n == 0) {
        *ret_replace = STR("\xEF\xBF\xBD");
        return utf8_bad_len(p, end);
    }
    if (cp == 0x2028 || cp == 0x2029)
        *ret_replace = cp == 0x2028 ? STR("\\u2028") : STR("\\u2029");
    return n;
}

static void add_string(Buf *b, Str s)
{
    const char *p = s.len > 0 ? s.ptr : "";
    const char *end = p + s.len;
    const char *from = p;
    buf_addc(b, '"');
    for (;;) {
        p = json_plain_run(p, end, '<'); /* '<': safe inside <script> too */
        if (p == end)
            break;
        Str    replace = {0};
        size_t n = (unsigned char)*p < 0x80 ? 0 : wide(p, end, &replace);
        if (n > 0 && replace.len == 0) {
            p += n;
            continue;
        }
        buf_add(b, (Str){from, (size_t)(p - from)});
        if (n == 0)
            add_escape(b, (unsigned char)*p);
        buf_add(b, replace);
        p += n > 0 ? n : 1;
        from = p;
    }
    buf_add(b, (Str){from, (size_t)(end - from)});
    buf_addc(b, '"');
}

static void add_comma(Json *j)
{
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    if (j->has_item & bit)
        buf_addc(j->out, ',');
    j->has_item |= bit;
}

static bool in_object(const Json *j)
{
    return j->depth > 0 && !(j->is_array >> (j->depth & 63) & 1);
}

static void add_key(Json *j, const char *key)
{
    if (key == NULL && j->keyed) {
        j->keyed = false;
        return;
    }
    ASSERT((key != NULL) == in_object(j) && !j->keyed);
    add_comma(j);
    if (key == NULL)
        return;
    json_key_text(j->out, str_from_cstr(key));
}

void json_key(Json *j, Str key)
{
    ASSERT(in_object(j) && !j->keyed);
    add_comma(j);
    json_key_text(j->out, key);
    j->keyed = true;
}

void json_key_made(Json *j, Str made)
{
    ASSERT(in_object(j) && !j->keyed);
    add_comma(j);
    buf_add(j->out, made);
    j->keyed = true;
}

void json_key_text(Buf *b, Str key)
{
    add_string(b, key);
    buf_addc(b, ':');
}

/* Levels are numbered 1 … 64, and level 64 shares bit 0 with the top, which by then has
 * its one element and is no array: json_end() puts that back. */
static void push(Json *j, const char *key, bool array)
{
    add_key(j, key);
    ASSERT(j->depth < JSON_WRITE_DEPTH_MAX);
    j->depth++;
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    j->has_item &= ~bit;
    j->is_array = array ? j->is_array | bit : j->is_array & ~bit;
    buf_addc(j->out, array ? '[' : '{');
}

Json json_begin(Buf *out)
{
    return (Json){.out = out};
}

void json_obj(Json *j, const char *key)
{
    push(j, key, false);
}

void json_arr(Json *j, const char *key)
{
    push(j, key, true);
}

void json_end(Json *j)
{
    ASSERT(j->depth > 0 && !j->keyed);
    buf_addc(j->out, j->is_array >> (j->depth & 63) & 1 ? ']' : '}');
    if (j->depth == JSON_WRITE_DEPTH_MAX) {
        j->has_item |= 1;
        j->is_array &= ~UINT64_C(1);
    }
    j->depth--;
}

void json_str(Json *j, const char *key, Str v)
{
    add_key(j, key);
    add_string(j->out, v);
}

void json_i64(Json *j, const char *key, int64_t v)
{
    add_key(j, key);
    buf_add_i64(j->out, v);
}

void json_u64(Json *j, const char *key, uint64_t v)
{
    add_key(j, key);
    buf_add_u64(j->out, v);
}

void json_bool(Json *j, const char *key, bool v)
{
    add_key(j, key);
    buf_add(j->out, v ? STR("true") : STR("false"));
}

void json_null(Json *j, const char *key)
{
    add_key(j, key);
    buf_add(j->out, STR("null"));
}

void json_real(Json *j, const char *key, double v)
{
    if (!isfinite(v)) {
        json_null(j, key);
        return;
    }
    add_key(j, key);
    real_add(j->out, v);
}

/* Valid JSON has '<' and what is beyond ASCII in strings only, where an escape may stand. */
void json_raw(Json *j, const char *key, Str v)
{
    ASSERT(v.len > 0);
    add_key(j, key);
    const char *from = v.ptr, *end = v.ptr + v.len;
    for (const char *p = from; p < end; p++) {
        if (*p != '<' && (unsigned char)*p != 0xE2)
            continue;
        Str    replace = {0};
        size_t n = *p == '<' ? 1 : wide(p, end, &replace);
        if (*p == '<' || replace.len > 0) {
            buf_add(j->out, (Str){from, (size_t)(p - from)});
            buf_add(j->out, *p == '<' ? STR("\\u003c") : replace);
            from = p + n;
        }
        p += n - 1;
    }
    buf_add(j->out, (Str){from, (size_t)(end - from)});
}
