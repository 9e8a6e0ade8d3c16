#include "base/json_scan.h"

#include "base/json_run.h"
#include "base/real.h"
#include "base/utf8.h"

#include <string.h>

static bool fail_at(JsonScan *s, const char *at, const char *what)
{
    if (s->what == NULL) {
        s->what = what;
        s->at = at;
    }
    return false;
}

void json_scan_init(JsonScan *s, Arena *a, Str text)
{
    const char *p = text.len > 0 ? text.ptr : "";
    *s = (JsonScan){.at = p, .end = p + text.len, .begin = p, .arena = a};
}

static inline void skip_space(JsonScan *s)
{
    const char *p = s->at;
    if (p < s->end && (unsigned char)*p > ' ')
        return; /* as in most JSON between programs */
    while (p < s->end && (unsigned char)*p <= ' ' &&
           (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    s->at = p;
}

bool json_scan_type(JsonScan *s, JsonType *ret)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    if (s->at == s->end)
        return fail_at(s, s->at, "the text ends where a value is due");
    switch (*s->at) {
    case '"': *ret = JSON_STRING; return true;
    case '{': *ret = JSON_OBJECT; return true;
    case '[': *ret = JSON_ARRAY; return true;
    case 't':
    case 'f': *ret = JSON_BOOL; return true;
    case 'n': *ret = JSON_NULL; return true;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9': *ret = JSON_NUMBER; return true;
    default: return fail_at(s, s->at, "not the start of a value");
    }
}

static bool word(JsonScan *s, Str literal)
{
    if ((size_t)(s->end - s->at) < literal.len || memcmp(s->at, literal.ptr, literal.len) != 0)
        return fail_at(s, s->at, "not the start of a value");
    s->at += literal.len;
    return true;
}

bool json_scan_null(JsonScan *s)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    return word(s, STR("null"));
}

bool json_scan_bool(JsonScan *s, bool *ret)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    bool yes = s->at < s->end && *s->at == 't';
    if (!word(s, yes ? STR("true") : STR("false")))
        return false;
    *ret = yes;
    return true;
}

/* --- strings ---------------------------------------------------------------------- */

/* Pass over what is beyond ASCII. NULL at a mistake. */
static const char *wide_run(JsonScan *s, const char *p)
{
    while (p < s->end && (unsigned char)*p >= 0x80) {
        uint32_t cp;
        size_t   n = utf8_next(p, s->end, &cp);
        if (n == 0) {
            fail_at(s, p, "bytes that are not UTF-8");
            return NULL;
        }
        p += n;
    }
    return p;
}

/* Pass over text up to the closing quote or a backslash. NULL at a mistake. */
static const char *text_run(JsonScan *s, const char *p)
{
    for (;;) {
        p = json_plain_run(p, s->end, '"');
        if (p == s->end) {
            fail_at(s, p, "the text ends within a string");
            return NULL;
        }
        if (*p == '"' || *p == '\\')
            return p;
        if ((unsigned char)*p < ' ') {
            fail_at(s, p, "a control character within a string");
            return NULL;
        }
        p = wide_run(s, p);
        if (p == NULL)
            return NULL;
    }
}

static bool hex4(const char *p, const char *end, uint32_t *ret)
{
    if (end - p < 4)
        return false;
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];
        unsigned lower = c | 0x20;
        if (c >= '0' && c <= '9')
            v = v << 4 | (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (lower - 'a' + 10);
        else
            return false;
    }
    *ret = v;
    return true;
}

/* \uXXXX, or a pair of them, at `p` (behind the 'u'). Returns how far it got, or NULL. */
static const char *unicode_escape(JsonScan *s, const char *p, uint32_t *ret)
{
    uint32_t high, low;
    if (!hex4(p, s->end, &high)) {
        fail_at(s, p, "\\u needs four hexadecimal digits");
        return NULL;
    }
    if (high < 0xD800 || high > 0xDFFF) {
        *ret = high;
        return p + 4;
    }
    if (high > 0xDBFF || s->end - p < 10 || p[4] != '\\' || p[5] != 'u' ||
        !hex4(p + 6, s->end, &low) || low < 0xDC00 || low > 0xDFFF) {
        fail_at(s, p, "half of a surrogate pair");
        return NULL;
    }
    *ret = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return p + 10;
}

/* Decode the escape behind the backslash at `p` into *out. */
static const char *escape(JsonScan *s, const char *p, char **out)
{
    if (p == s->end) {
        fail_at(s, p, "the text ends within a string");
        return NULL;
    }
    uint32_t cp;
    switch (*p) {
    case '"':
    case '\\':
    case '/': cp = (unsigned char)*p; break;
    case 'b': cp = '\b'; break;
    case 'f': cp = '\f'; break;
    case 'n': cp = '\n'; break;
    case 'r': cp = '\r'; break;
    case 't': cp = '\t'; break;
    case 'u':
        p = unicode_escape(s, p + 1, &cp);
        if (p != NULL)
            *out += utf8_put(*out, cp);
        return p;
    default: fail_at(s, p, "an unknown escape"); return NULL;
    }
    *out += utf8_put(*out, cp);
    return p + 1;
}

/* A string with escapes: `p` is at the first backslash, the plain text before it starts
 * at `from`. First find the end, which bounds the decoded length, then decode. */
static bool decode(JsonScan *s, const char *from, const char *p, Str *ret)
{
    const char *end = p;
    while (end != NULL && *end == '\\') {
        end++;
        end += end < s->end && (*end == '"' || *end == '\\');
        end = text_run(s, end);
    }
    if (end == NULL)
        return false;
    char *start = arena_alloc(s->arena, (size_t)(end - from), 1);
    char *out = start;
    for (;;) {
        memcpy(out, from, (size_t)(p - from));
        out += p - from;
        if (*p == '"')
            break;
        p = escape(s, p + 1, &out);
        if (p == NULL)
            return false;
        from = p;
        p = text_run(s, p);
        if (p == NULL)
            return false;
    }
    s->at = end + 1;
    *ret = (Str){start, (size_t)(out - start)};
    return true;
}

bool json_scan_str(JsonScan *s, Str *ret)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    if (s->at == s->end || *s->at != '"')
        return fail_at(s, s->at, "a string is due here");
    const char *from = s->at + 1;
    const char *p = text_run(s, from);
    if (p == NULL)
        return false;
    if (*p == '\\')
        return decode(s, from, p, ret);
    s->at = p + 1;
    *ret = (Str){from, (size_t)(p - from)};
    return true;
}

/* --- numbers ---------------------------------------------------------------------- */

static const char *digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* Pass over a fraction and an exponent. NULL at a mistake. */
static const char *number_tail(JsonScan *s, const char *p)
{
    if (p < s->end && *p == '.') {
        const char *q = digits(p + 1, s->end);
        if (q == p + 1) {
            fail_at(s, q, "a digit is due behind the point");
            return NULL;
        }
        p = q;
    }
    if (p < s->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < s->end && (*p == '+' || *p == '-'))
            p++;
        const char *q = digits(p, s->end);
        if (q == p) {
            fail_at(s, q, "a digit is due in the exponent");
            return NULL;
        }
        p = q;
    }
    return p;
}

bool json_scan_number(JsonScan *s, JsonNumber *ret)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    const char *from = s->at;
    bool        neg = from < s->end && *from == '-';
    const char *p = from + neg;
    uint64_t    v = 0;
    bool        fits = true;
    const char *first = p;
    for (; p < s->end && *p >= '0' && *p <= '9'; p++) {
        if (p - first >= 18) /* 18 digits always fit */
            fits = fits && !__builtin_mul_overflow(v, UINT64_C(10), &v) &&
                   !__builtin_add_overflow(v, (uint64_t)(*p - '0'), &v);
        else
            v = v * 10 + (uint64_t)(*p - '0');
    }
    if (p == first)
        return fail_at(s, p, "a digit is due here");
    if (*first == '0' && p - first > 1)
        return fail_at(s, first + 1, "a number with a leading zero");
    const char *whole = p;
    p = number_tail(s, p);
    if (p == NULL)
        return false;
    ret->text = (Str){from, (size_t)(p - from)};
    ret->integer = p == whole && fits && v <= (uint64_t)INT64_MAX + neg;
    ret->i64 = ret->integer ? (int64_t)(neg ? 0 - v : v) : 0;
    if (ret->integer)
        ret->real = (double)ret->i64;
    else if (!real_parse(ret->text, &ret->real))
        return fail_at(s, from, "a number that does not fit a double");
    s->at = p;
    return true;
}

/* --- arrays and objects ----------------------------------------------------------- */

bool json_scan_open(JsonScan *s, JsonType type)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    bool array = type == JSON_ARRAY;
    if (s->at == s->end || *s->at != (array ? '[' : '{'))
        return fail_at(s, s->at, array ? "an array is due here" : "an object is due here");
    if (s->depth == JSON_DEPTH_MAX) {
        s->limit = true;
        return fail_at(s, s->at, "too many levels");
    }
    s->depth++;
    s->at++;
    s->fresh = true;
    return true;
}

/* Behind a bracket or a value: close (false), or pass the comma that is due (true). */
static bool more(JsonScan *s, char close)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    bool fresh = s->fresh;
    s->fresh = false;
    if (s->at == s->end)
        return fail_at(s, s->at, "the text ends within an array or object");
    if (*s->at == close) {
        s->at++;
        s->depth--;
        return false;
    }
    if (fresh)
        return true;
    if (*s->at != ',')
        return fail_at(s, s->at, "a comma or the end of the array or object is due here");
    s->at++;
    return true;
}

bool json_scan_item(JsonScan *s)
{
    return more(s, ']');
}

bool json_scan_key(JsonScan *s, Str *ret)
{
    if (!more(s, '}') || !json_scan_str(s, ret))
        return false;
    skip_space(s);
    if (s->at == s->end || *s->at != ':')
        return fail_at(s, s->at, "a colon is due here");
    s->at++;
    return true;
}

/* Pass over a string without keeping what its escapes decode to. */
static bool skip_str(JsonScan *s)
{
    skip_space(s);
    if (s->at == s->end || *s->at != '"')
        return fail_at(s, s->at, "a string is due here");
    const char *p = text_run(s, s->at + 1);
    while (p != NULL && *p == '\\') {
        char  scratch[4];
        char *out = scratch;
        p = escape(s, p + 1, &out);
        if (p != NULL)
            p = text_run(s, p);
    }
    if (p == NULL)
        return false;
    s->at = p + 1;
    return true;
}

static bool skip_object(JsonScan *s)
{
    json_scan_open(s, JSON_OBJECT);
    while (more(s, '}')) {
        if (!skip_str(s))
            return false;
        skip_space(s);
        if (s->at == s->end || *s->at != ':')
            return fail_at(s, s->at, "a colon is due here");
        s->at++;
        json_scan_skip(s, NULL);
    }
    return s->what == NULL;
}

bool json_scan_skip(JsonScan *s, Str *ret_raw)
{
    JsonType   type;
    JsonNumber number;
    bool       boolean;
    if (!json_scan_type(s, &type))
        return false;
    const char *from = s->at;
    switch (type) {
    case JSON_NULL: json_scan_null(s); break;
    case JSON_BOOL: json_scan_bool(s, &boolean); break;
    case JSON_NUMBER: json_scan_number(s, &number); break;
    case JSON_STRING: skip_str(s); break;
    case JSON_ARRAY:
        json_scan_open(s, JSON_ARRAY);
        while (json_scan_item(s))
            json_scan_skip(s, NULL);
        break;
    case JSON_OBJECT: skip_object(s); break;
    default: ASSERT(false);
    }
    if (s->what == NULL && ret_raw != NULL)
        *ret_raw = (Str){from, (size_t)(s->at - from)};
    return s->what == NULL;
}

bool json_scan_end(JsonScan *s)
{
    if (s->what != NULL)
        return false;
    skip_space(s);
    return s->at == s->end || fail_at(s, s->at, "something stands behind the value");
}

Status json_scan_status(const JsonScan *s, Err *err)
{
    if (s->what == NULL)
        return ST_OK;
    int64_t line, column;
    Str     text = {s->begin, (size_t)(s->end - s->begin)};
    json_position(text, s->at, &line, &column);
    if (s->limit)
        return err_set(err, ST_LIMIT, "json.too_deep",
                       "line %lld, column %lld: more than %d levels", (long long)line,
                       (long long)column, JSON_DEPTH_MAX);
    return err_set(err, ST_INVALID, "json.syntax", "line %lld, column %lld: %s", (long long)line,
                   (long long)column, s->what);
}

void json_position(Str text, const char *at, int64_t *ret_line, int64_t *ret_column)
{
    *ret_line = 1;
    const char *line = text.ptr;
    for (const char *p = text.ptr; p < at;) {
        p = memchr(p, '\n', (size_t)(at - p));
        if (p == NULL)
            break;
        line = ++p;
        ++*ret_line;
    }
    *ret_column = 1 + (int64_t)utf8_count((Str){line, (size_t)(at - line)});
}
