#include "base/json_write.h"

static void add_string(Buf *b, Str s)
{
    buf_addc(b, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '"' || c == '\\') {
            buf_addc(b, '\\');
            buf_addc(b, (char)c);
        } else if (c < 0x20 || c == '<') { /* '<': safe inside <script> too */
            buf_addf(b, "\\u%04x", c);
        } else {
            buf_addc(b, (char)c);
        }
    }
    buf_addc(b, '"');
}

static void add_key(Json *j, const char *key)
{
    uint32_t bit = UINT32_C(1) << j->depth;
    if (j->has_item & bit)
        buf_addc(j->out, ',');
    j->has_item |= bit;
    ASSERT((key != NULL) == (j->depth > 0 && !(j->is_array & bit)));
    if (key != NULL) {
        add_string(j->out, str_from_cstr(key));
        buf_addc(j->out, ':');
    }
}

static void push(Json *j, const char *key, bool array)
{
    add_key(j, key);
    ASSERT(j->depth < 31);
    j->depth++;
    uint32_t bit = UINT32_C(1) << j->depth;
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
    ASSERT(j->depth > 0);
    buf_addc(j->out, j->is_array >> j->depth & 1 ? ']' : '}');
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
    buf_addf(j->out, "%lld", (long long)v);
}
