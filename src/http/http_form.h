/* http_form.h - bodies of HTML forms: x-www-form-urlencoded and multipart/form-data.
 *
 *      HttpForm form;
 *      TRY(http_form_read(cx, rq, &form));
 *      Str             title = http_form_text(&form, STR("title"));
 *      const HttpPart *image = http_form_file(&form, STR("image"));
 *
 * Strict (RFC 7578, RFC 2046): a form that is cut off, has a part without a name or more
 * than HTTP_FORM_PARTS parts is refused as a whole. Contents are slices of rq->body, which
 * may be mapped from a temporary file: a big upload costs no memory. */
#pragma once

#include "http/http.h"

enum {
    HTTP_FORM_PARTS = 1000,
    HTTP_FORM_TEXT = 1 << 20, /* longest field that is not a file */
    HTTP_FORM_NAME = 255,     /* longest name of a field or file */
    HTTP_FORM_HEADERS = 2048  /* bytes of headers in one part */
};

typedef struct HttpPart {
    Str  name;
    bool is_file;  /* sent with a file name */
    Str  filename; /* without folders; for people, never for opening */
    Str  type;     /* Content-Type as sent; empty: none */
    Str  value;    /* decoded text, or the file's bytes */
} HttpPart;

typedef struct HttpForm {
    const HttpPart *parts;
    size_t          n;
} HttpForm;

/* Read the body of a route with HTTP_BODY_FORM. ST_INVALID "http.bad_form", ST_LIMIT
 * "http.form_too_big". */
NODISCARD Status http_form_read(Cx *cx, const HttpReq *rq, HttpForm *ret);

/* The first field of that name; absent (ptr NULL) when there is none. */
Str http_form_text(const HttpForm *form, Str name);

/* The first file of that name that is not empty, or NULL. */
const HttpPart *http_form_file(const HttpForm *form, Str name);

/* The parsers themselves, on any bytes. */
NODISCARD Status http_form_urlencoded(Cx *cx, Str body, HttpForm *ret);
NODISCARD Status http_form_multipart(Cx *cx, Str body, Str boundary, HttpForm *ret);

/* A parameter of a header's value: `boundary` of "multipart/form-data; boundary=x".
 * Quoted strings are unquoted into the arena; absent when it is not there. */
Str http_header_param(Arena *a, Str value, Str name);
