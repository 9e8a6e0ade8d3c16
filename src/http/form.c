#include "http/http_form.h"

#include "base/utf8.h"
#include "http/http_int.h"

#include <string.h>

static bool is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c > 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* Take a quoted string off *s, which starts behind its opening quote. Only \" and \\ are
 * escapes: some clients send paths with bare backslashes. */
static bool take_quoted(Arena *a, Str *s, Str *ret)
{
    char  *out = arena_array(a, char, s->len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s->len; i++) {
        char c = s->ptr[i];
        if (c == '"') {
            *ret = (Str){out, n};
            *s = (Str){s->ptr + i + 1, s->len - i - 1};
            return true;
        }
        if (c == '\\' && i + 1 < s->len && (s->ptr[i + 1] == '"' || s->ptr[i + 1] == '\\'))
            c = s->ptr[++i];
        out[n++] = c;
    }
    return false;
}

static Str take_token(Str *s)
{
    size_t n = 0;
    while (n < s->len && is_token_char(s->ptr[n]))
        n++;
    Str token = {s->ptr, n};
    *s = (Str){s->ptr + n, s->len - n};
    return token;
}

/* Take `; name=value` off *s. False at the end and at what is malformed. */
static bool take_param(Arena *a, Str *s, Str *ret_name, Str *ret_value)
{
    *s = str_trim(*s);
    if (!str_starts(*s, STR(";")))
        return false;
    *s = str_trim((Str){s->ptr + 1, s->len - 1});
    *ret_name = take_token(s);
    if (ret_name->len == 0 || !str_starts(*s, STR("=")))
        return false;
    *s = (Str){s->ptr + 1, s->len - 1};
    if (str_starts(*s, STR("\""))) {
        *s = (Str){s->ptr + 1, s->len - 1};
        return take_quoted(a, s, ret_value);
    }
    *ret_value = take_token(s);
    return ret_value->len > 0;
}

Str http_header_param(Arena *a, Str value, Str name)
{
    size_t n = 0;
    Str    key, text;
    while (n < value.len && value.ptr[n] != ';')
        n++;
    Str rest = {value.ptr + n, value.len - n};
    while (take_param(a, &rest, &key, &text))
        if (http_eq_nocase(key, name))
            return text;
    return (Str){0};
}

static Status bad(Cx *cx, const char *why)
{
    return cx_fail(cx, ST_INVALID, "http.bad_form", "the form is malformed: %s", why);
}

static Status too_big(Cx *cx, const char *what)
{
    return cx_fail(cx, ST_LIMIT, "http.form_too_big", "the form has too %s", what);
}

/* --- application/x-www-form-urlencoded ------------------------------------------------------ */

Status http_form_urlencoded(Cx *cx, Str body, HttpForm *ret)
{
    size_t n = body.len > 0;
    for (size_t i = 0; i < body.len; i++)
        n += body.ptr[i] == '&';
    if (n > HTTP_FORM_PARTS)
        return too_big(cx, "many fields");
    HttpPart *parts = arena_array(cx->arena, HttpPart, n + 1);
    Str       name, value;
    for (n = 0; http_query_next(&body, &name, &value); n++) {
        TRY(http_decode_form(cx, name, &parts[n].name));
        TRY(http_decode_form(cx, value, &parts[n].value));
        if (parts[n].name.len == 0)
            return bad(cx, "a field without a name");
        if (parts[n].name.len > HTTP_FORM_NAME || parts[n].value.len > HTTP_FORM_TEXT)
            return too_big(cx, "long a field");
    }
    *ret = (HttpForm){parts, n};
    return ST_OK;
}

/* --- multipart/form-data -------------------------------------------------------------------- */

typedef struct Reader {
    Cx *cx;
    Str rest;      /* not read yet */
    Str delimiter; /* "\r\n--boundary" */
} Reader;

static void skip(Reader *r, size_t n)
{
    r->rest = (Str){r->rest.ptr + n, r->rest.len - n};
}

static bool take(Reader *r, Str s)
{
    if (!str_starts(r->rest, s))
        return false;
    skip(r, s.len);
    return true;
}

/* Where `what` begins in the rest; its length when it does not occur. */
static size_t find(const Reader *r, Str what)
{
    const char *at = r->rest.len > 0 ? memmem(r->rest.ptr, r->rest.len, what.ptr, what.len) : NULL;
    return at != NULL ? (size_t)(at - r->rest.ptr) : r->rest.len;
}

/* Browsers used to send the whole path. */
static Str base_name(Str path)
{
    size_t from = 0;
    for (size_t i = 0; path.ptr != NULL && i < path.len; i++)
        if (path.ptr[i] == '/' || path.ptr[i] == '\\')
            from = i + 1;
    return (Str){path.ptr + from, path.len - from};
}

static Status read_disposition(Cx *cx, Str value, HttpPart *part)
{
    Str kind, rest;
    str_cut(value, ';', &kind, &rest);
    if (!http_eq_nocase(str_trim(kind), STR("form-data")))
        return bad(cx, "a part that is not form-data");
    if (part->name.ptr != NULL)
        return bad(cx, "a part with two dispositions");
    part->name = http_header_param(cx->arena, value, STR("name"));
    Str filename = http_header_param(cx->arena, value, STR("filename"));
    part->is_file = filename.ptr != NULL;
    part->filename = base_name(filename);
    if (part->name.ptr == NULL || part->name.len == 0)
        return bad(cx, "a part without a name");
    if (part->name.len > HTTP_FORM_NAME || part->filename.len > HTTP_FORM_NAME)
        return too_big(cx, "long a name");
    if (!utf8_valid(part->name) || !utf8_valid(part->filename) ||
        memchr(part->name.ptr, 0, part->name.len) != NULL)
        return bad(cx, "a name that is not UTF-8");
    return ST_OK;
}

static Status read_header(Cx *cx, Str line, HttpPart *part)
{
    Str name, value;
    if (!str_cut(line, ':', &name, &value) || name.len == 0)
        return bad(cx, "a header without a colon");
    for (size_t i = 0; i < line.len; i++)
        if (i < name.len ? !is_token_char(line.ptr[i])
                         : (unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t')
            return bad(cx, "a header with odd characters");
    value = str_trim(value);
    if (http_eq_nocase(name, STR("Content-Disposition")))
        return read_disposition(cx, value, part);
    if (http_eq_nocase(name, STR("Content-Type")))
        part->type = value;
    if (http_eq_nocase(name, STR("Content-Transfer-Encoding")) &&
        !http_eq_nocase(value, STR("binary")) && !http_eq_nocase(value, STR("8bit")) &&
        !http_eq_nocase(value, STR("7bit")))
        return bad(cx, "an encoded part");
    return ST_OK;
}

static Status read_headers(Reader *r, HttpPart *part)
{
    size_t all = r->rest.len;
    while (!take(r, STR("\r\n"))) {
        size_t n = find(r, STR("\r\n"));
        if (n == r->rest.len)
            return bad(r->cx, "it ends inside a part's headers");
        if (all - r->rest.len + n > HTTP_FORM_HEADERS)
            return too_big(r->cx, "long headers in a part");
        TRY(read_header(r->cx, (Str){r->rest.ptr, n}, part));
        skip(r, n + 2);
    }
    return part->name.ptr != NULL ? ST_OK : bad(r->cx, "a part without a name");
}

static Status read_part(Reader *r, HttpPart *part)
{
    TRY(read_headers(r, part));
    size_t n = find(r, r->delimiter);
    if (n == r->rest.len)
        return bad(r->cx, "it ends inside a part");
    part->value = (Str){r->rest.ptr, n};
    skip(r, n + r->delimiter.len);
    if (part->is_file)
        return ST_OK;
    if (n > HTTP_FORM_TEXT)
        return too_big(r->cx, "long a field");
    if (!utf8_valid(part->value) || (n > 0 && memchr(part->value.ptr, 0, n) != NULL))
        return bad(r->cx, "a text that is not UTF-8");
    return ST_OK;
}

/* Behind a boundary: "--" ends the form, padding and CRLF begin a part. */
static Status next_part(Reader *r, bool *ret_more)
{
    *ret_more = !take(r, STR("--"));
    while (take(r, STR(" ")) || take(r, STR("\t")))
        ;
    if (take(r, STR("\r\n")) || (!*ret_more && r->rest.len == 0))
        return *ret_more || r->rest.len == 0 ? ST_OK : bad(r->cx, "something behind its end");
    return bad(r->cx, "a boundary with something behind it");
}

Status http_form_multipart(Cx *cx, Str body, Str boundary, HttpForm *ret)
{
    if (boundary.len == 0 || boundary.len > 70)
        return bad(cx, "its boundary");
    char *text = arena_array(cx->arena, char, boundary.len + 5);
    memcpy(text, "\r\n--", 5);
    memcpy(text + 4, boundary.ptr, boundary.len);
    Reader r = {.cx = cx, .rest = body, .delimiter = {text, boundary.len + 4}};
    if (!take(&r, (Str){text + 2, boundary.len + 2}))
        return bad(cx, "it does not begin with its boundary");
    HttpPart *parts = NULL;
    size_t    n = 0, room = 0;
    for (;;) {
        bool more;
        TRY(next_part(&r, &more));
        if (!more)
            break;
        if (n == HTTP_FORM_PARTS)
            return too_big(cx, "many parts");
        if (n == room) {
            room = room == 0 ? 16 : room * 2;
            HttpPart *grown = arena_array(cx->arena, HttpPart, room);
            if (n > 0)
                memcpy(grown, parts, n * sizeof *parts);
            parts = grown;
        }
        TRY(read_part(&r, &parts[n++]));
    }
    *ret = (HttpForm){parts, n};
    return ST_OK;
}

/* --- both ----------------------------------------------------------------------------------- */

Status http_form_read(Cx *cx, const HttpReq *rq, HttpForm *ret)
{
    Str header = http_header(rq, STR("Content-Type"));
    *ret = (HttpForm){0};
    if (rq->body.len == 0)
        return ST_OK;
    if (!http_starts_nocase(header, STR("multipart/form-data")))
        return http_form_urlencoded(cx, rq->body, ret);
    Str boundary = http_header_param(cx->arena, header, STR("boundary"));
    return http_form_multipart(cx, rq->body, boundary, ret);
}

Str http_form_text(const HttpForm *form, Str name)
{
    for (size_t i = 0; i < form->n; i++)
        if (!form->parts[i].is_file && str_eq(form->parts[i].name, name))
            return form->parts[i].value.ptr != NULL ? form->parts[i].value : STR("");
    return (Str){0};
}

const HttpPart *http_form_file(const HttpForm *form, Str name)
{
    for (size_t i = 0; i < form->n; i++)
        if (form->parts[i].is_file && form->parts[i].value.len > 0 &&
            str_eq(form->parts[i].name, name))
            return &form->parts[i];
    return NULL;
}
