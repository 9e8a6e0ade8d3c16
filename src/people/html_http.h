/* html_http.h - pieces of the few pages for staff: head, fields, messages, times. They work
 * without JavaScript; everything is escaped here. */
#pragma once

#include "http/http.h"

/* From <!doctype> to the opened <main>; wide: for tables, else one narrow column. */
void html_begin(Cx *cx, HttpResp *rs, const char *title, bool wide);
void html_end(HttpResp *rs);

typedef struct HtmlField {
    const char *name;
    const char *label;
    const char *type;         /* "email", "password", "text" */
    const char *autocomplete; /* "username" */
    const char *hint;         /* NULL: none */
    const char *more;         /* further attributes, a literal: " minlength=\"10\""; NULL: none */
    Str         value;        /* what was typed before; never a password */
} HtmlField;

/* Label, input, hint, and what cx->issues says about it. */
void html_field(Cx *cx, HttpResp *rs, const HtmlField *f);

/* What went wrong with the whole of it: cx->err, but for issues that stand at their fields. */
void html_problem(Cx *cx, HttpResp *rs);

/* <form method="post" action="…"> with the session's token, if there is a session. */
void html_form(Cx *cx, HttpResp *rs, const char *action, Str id);

/* "Tue 3 March 2026, 14:05 UTC" */
void html_time(HttpResp *rs, UnixMs t);

/* "Firefox on Linux" */
void html_agent(HttpResp *rs, Str agent);
