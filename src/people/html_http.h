/* html_http.h - pieces of the few pages for staff: head, fields, messages, times. They work
 * without JavaScript; everything is escaped here. */
#pragma once

#include "http/http.h"

/* From <!doctype> to the opened <main>; wide: for tables, else one narrow column. Titles and
 * labels are keys of texts (text/messages.h), shown in cx->lang. */
void html_begin(Cx *cx, HttpResp *rs, const char *title_key, bool wide);
void html_end(HttpResp *rs);

typedef struct HtmlField {
    const char *name;
    const char *label_key;
    const char *type;         /* "email", "password", "text" */
    const char *autocomplete; /* "username" */
    const char *hint_key;     /* NULL: none */
    const char *more;         /* further attributes, a literal: " minlength=\"10\""; NULL: none */
    Str         value;        /* what was typed before; never a password */
} HtmlField;

/* Label, input, hint, and what cx->issues says about it. */
void html_field(Cx *cx, HttpResp *rs, const HtmlField *f);

/* What went wrong with the whole of it: cx->err, but for issues that stand at their fields. */
void html_problem(Cx *cx, HttpResp *rs);

/* <form method="post" action="…"> with the session's token, if there is a session. */
void html_form(Cx *cx, HttpResp *rs, const char *action, Str id);

/* A text between two pieces of HTML. */
void html_say(Cx *cx, HttpResp *rs, const char *before, const char *key, const char *after);

/* "Firefox on Linux", in the arena */
Str html_agent(Arena *a, Lang lang, Str agent);
