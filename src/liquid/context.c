/* Where in an HTML page an output stands, as far as the text before it tells: between tags,
 * in an attribute with or without quotes, or in a script, inside or outside of a string. */
#include "liquid/parse.h"

#include <string.h>

enum { IN_TEXT, TAG_OPEN, TAG_NAME, IN_TAG, VALUE, QUOTED, BARE, COMMENT, SCRIPT };

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static void end_tag(LqHtml *h)
{
    h->script = h->name_len == 6 && memcmp(h->name, "script", 6) == 0 && !h->closing;
    h->state = h->script ? SCRIPT : IN_TEXT;
    h->quote = 0;
}

static void in_tag_name(LqHtml *h, char c)
{
    if (c == '>')
        end_tag(h);
    else if (lq_is_space(c) || c == '/')
        h->state = IN_TAG;
    else if (h->name_len < sizeof h->name)
        h->name[h->name_len++] = lower(c);
}

static void in_tag(LqHtml *h, char c)
{
    if (c == '>')
        end_tag(h);
    else if (c == '=')
        h->state = VALUE;
}

static void before_value(LqHtml *h, char c)
{
    if (c == '"' || c == '\'') {
        h->state = QUOTED;
        h->quote = (uint8_t)c;
    } else if (c == '>') {
        end_tag(h);
    } else if (!lq_is_space(c)) {
        h->state = BARE;
    }
}

/* Strings of JavaScript; a backslash and what follows it are passed over by the caller. */
static void in_script(LqHtml *h, char c)
{
    if (h->quote == 0 && (c == '"' || c == '\'' || c == '`'))
        h->quote = (uint8_t)c;
    else if (h->quote == (uint8_t)c || (c == '\n' && h->quote != '`'))
        h->quote = 0;
}

static void step(LqHtml *h, char c)
{
    switch (h->state) {
    case IN_TEXT:
        if (c == '<')
            h->state = TAG_OPEN;
        break;
    case TAG_OPEN:
        h->closing = c == '/';
        h->name_len = 0;
        if (lower(c) >= 'a' && lower(c) <= 'z')
            h->name[h->name_len++] = lower(c);
        h->state = h->closing || h->name_len > 0 ? TAG_NAME : IN_TEXT;
        break;
    case TAG_NAME: in_tag_name(h, c); break;
    case IN_TAG: in_tag(h, c); break;
    case VALUE: before_value(h, c); break;
    case QUOTED:
        if ((uint8_t)c == h->quote)
            h->state = IN_TAG;
        break;
    case BARE:
        if (c == '>')
            end_tag(h);
        else if (lq_is_space(c))
            h->state = IN_TAG;
        break;
    default: in_script(h, c); break;
    }
}

/* Case does not matter in "</script". */
static bool script_ends(const char *p, const char *end)
{
    static const char CLOSE[] = "</script";
    if (end - p < (ptrdiff_t)sizeof CLOSE - 1)
        return false;
    for (size_t i = 0; i < sizeof CLOSE - 1; i++)
        if (lower(p[i]) != CLOSE[i])
            return false;
    return true;
}

void lq_html_text(LqHtml *h, Str text)
{
    const char *p = text.ptr, *end = p + text.len;
    while (p < end) {
        if (h->state == IN_TEXT && end - p >= 4 && memcmp(p, "<!--", 4) == 0)
            h->state = COMMENT;
        if (h->state == COMMENT) {
            const char *close = memmem(p, (size_t)(end - p), "-->", 3);
            h->state = close != NULL ? IN_TEXT : COMMENT;
            p = close != NULL ? close + 3 : end;
        } else if (h->state == SCRIPT && script_ends(p, end)) {
            h->state = TAG_OPEN;
            p++;
        } else if (h->state == SCRIPT && *p == '\\') {
            p += 2;
        } else {
            step(h, *p++);
        }
    }
}

LqPlace lq_html_place(LqHtml *h)
{
    if (h->state == VALUE)
        h->state = BARE; /* the output is the value */
    if (h->state == BARE)
        return LQ_BARE;
    if (h->state == SCRIPT)
        return h->quote != 0 ? LQ_SCRIPT_S : LQ_SCRIPT;
    return LQ_HTML;
}
