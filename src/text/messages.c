#include "text/messages_int.h"

#include "text/names.h"

#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 8 };

typedef struct Run { /* one message being written */
    Buf              *b;
    Lang              lang;
    const MessageArg *args;
    size_t            n;
    bool              html;   /* arguments are escaped */
    bool              plural; /* '#' means `number` */
    double            number;
    int               depth;
} Run;

static void add_pattern(Run *r, Str p);

/* --- taking patterns apart ----------------------------------------------------------------------
 */

/* How many bytes an apostrophe at p.ptr[0] and what it quotes take; *ret_text is what is
 * meant. In a plural it quotes '#', too. */
static size_t quoted(Str p, bool plural, Str *ret_text)
{
    if (p.len > 1 && p.ptr[1] == '\'') {
        *ret_text = (Str){p.ptr, 1};
        return 2;
    }
    bool quotes = p.len > 1 && (p.ptr[1] == '{' || p.ptr[1] == '}' || (plural && p.ptr[1] == '#'));
    if (!quotes) {
        *ret_text = (Str){p.ptr, 1};
        return 1;
    }
    size_t end = 1;
    while (end < p.len && p.ptr[end] != '\'')
        end++;
    *ret_text = (Str){p.ptr + 1, end - 1};
    return end < p.len ? end + 1 : end;
}

/* p begins with '{': take it and what it holds off p. False when it never ends. */
static bool take_block(Str *p, Str *ret_inside)
{
    int depth = 0;
    Str text;
    for (size_t i = 0; i < p->len;) {
        if (p->ptr[i] == '\'') {
            i += quoted((Str){p->ptr + i, p->len - i}, false, &text);
            continue;
        }
        depth += (p->ptr[i] == '{') - (p->ptr[i] == '}');
        i++;
        if (depth == 0) {
            *ret_inside = (Str){p->ptr + 1, i - 2};
            *p = (Str){p->ptr + i, p->len - i};
            return true;
        }
    }
    return false;
}

/* "one {…} other {…}": the next word and its block. */
static bool take_choice(Str *rest, Str *ret_word, Str *ret_inside)
{
    size_t n = 0;
    *rest = str_trim(*rest);
    while (n < rest->len && rest->ptr[n] != '{' && rest->ptr[n] != ' ' && rest->ptr[n] != '\n')
        n++;
    *ret_word = (Str){rest->ptr, n};
    *rest = str_trim((Str){rest->ptr + n, rest->len - n});
    return n > 0 && rest->len > 0 && rest->ptr[0] == '{' && take_block(rest, ret_inside);
}

/* --- arguments ----------------------------------------------------------------------------------
 */

static const MessageArg *find_arg(const Run *r, Str name)
{
    for (size_t i = 0; i < r->n; i++)
        if (str_eq(name, str_from_cstr(r->args[i].name)))
            return &r->args[i];
    return NULL;
}

static void add_escaped(Run *r, Str s)
{
    if (r->html)
        buf_add_html(r->b, s);
    else
        buf_add(r->b, s);
}

static void add_money(Buf *b, Lang lang, Money m)
{
    char                  skeleton[40];
    bool                  narrow = currency_is_narrow(lang_tags[lang], m.cur);
    CLEANUP(buf_done) Buf plain;
    buf_init(&plain, 64);
    money_add_text(&plain, m);
    (void)snprintf(skeleton, sizeof skeleton, "currency/%s%s", m.cur,
                   narrow ? " unit-width-narrow" : "");
    icu_add_decimal(b, lang, skeleton, buf_str(&plain));
}

static const char *number_style(Str style)
{
    return str_eq(style, STR("percent")) ? "percent scale/100" : "";
}

static DateStyle date_style(Str style, DateStyle fallback)
{
    static const char *const NAMES[] = {[DATE_SHORT] = "short",
                                        [DATE_MEDIUM] = "medium",
                                        [DATE_LONG] = "long",
                                        [DATE_FULL] = "full",
                                        [DATE_DAY] = "day"};
    for (DateStyle i = DATE_SHORT; i <= DATE_DAY; i++)
        if (str_eq(style, str_from_cstr(NAMES[i])))
            return i;
    return fallback;
}

static void add_time(Run *r, Buf *b, const MessageArg *arg, Str type, Str style)
{
    DateStyle date = DATE_MEDIUM, time = DATE_SHORT;
    if (str_eq(type, STR("date"))) {
        date = date_style(style, DATE_MEDIUM);
        time = DATE_NONE;
    } else if (str_eq(type, STR("time"))) {
        date = DATE_NONE;
        time = date_style(style, DATE_SHORT);
    }
    icu_add_time(b, r->lang, date, time, arg->zone, arg->time);
}

static void add_value(Run *r, const MessageArg *arg, Str type, Str style)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    switch (arg->kind) {
    case MESSAGE_TEXT: add_escaped(r, arg->text); return;
    case MESSAGE_INT: icu_add_int(&b, r->lang, number_style(style), arg->number); break;
    case MESSAGE_REAL: icu_add_real(&b, r->lang, number_style(style), arg->real); break;
    case MESSAGE_MONEY: add_money(&b, r->lang, arg->money); break;
    case MESSAGE_TIME: add_time(r, &b, arg, type, style); break;
    case MESSAGE_NONE: break;
    }
    add_escaped(r, buf_str(&b));
}

/* --- choices ------------------------------------------------------------------------------------
 */

static bool is_exactly(Str word, double v)
{
    int64_t n = 0;
    if (word.len < 2 || word.ptr[0] != '=' || !str_parse_i64((Str){word.ptr + 1, word.len - 1}, &n))
        return false;
    double d = v - (double)n;
    return d > -1e-9 && d < 1e-9;
}

/* The block of `=N` where there is one, else that of the form, else "other". */
static void add_plural(Run *r, double v, bool ordinal, Str choices)
{
    Str     word, inside, chosen = {0}, other = {0};
    int64_t offset = 0;
    bool    exact = false;
    choices = str_trim(choices);
    if (str_starts(choices, STR("offset:"))) {
        str_cut((Str){choices.ptr + 7, choices.len - 7}, ' ', &word, &choices);
        if (!str_parse_i64(word, &offset))
            offset = 0;
    }
    const char *form = icu_plural(r->lang, ordinal, v - (double)offset);
    while (!exact && take_choice(&choices, &word, &inside)) {
        exact = is_exactly(word, v);
        if (exact || str_eq(word, str_from_cstr(form)))
            chosen = inside;
        if (str_eq(word, STR("other")))
            other = inside;
    }
    Run inner = *r;
    inner.plural = true;
    inner.number = v - (double)offset;
    add_pattern(&inner, chosen.ptr != NULL ? chosen : other);
}

static void add_select(Run *r, Str value, Str choices)
{
    Str word, inside, other = {0};
    while (take_choice(&choices, &word, &inside)) {
        if (str_eq(word, value)) {
            add_pattern(r, inside);
            return;
        }
        if (str_eq(word, STR("other")))
            other = inside;
    }
    add_pattern(r, other);
}

/* --- patterns -----------------------------------------------------------------------------------
 */

/* "name", "name, type" or "name, type, style". False: it names nothing we have. */
static bool add_argument(Run *r, Str inside)
{
    Str name, type, style;
    str_cut(inside, ',', &name, &type);
    str_cut(type, ',', &type, &style);
    name = str_trim(name);
    type = str_trim(type);
    style = str_trim(style);
    const MessageArg *arg = find_arg(r, name);
    if (arg == NULL)
        return false;
    double v = arg->kind == MESSAGE_REAL ? arg->real : (double)arg->number;
    if (str_eq(type, STR("plural")))
        add_plural(r, v, false, style);
    else if (str_eq(type, STR("selectordinal")))
        add_plural(r, v, true, style);
    else if (str_eq(type, STR("select")))
        add_select(r, arg->text, style);
    else
        add_value(r, arg, type, style);
    return true;
}

/* What begins with '{'. */
static void add_braces(Run *r, Str *p)
{
    Str all = *p, inside;
    if (r->depth >= DEPTH_MAX || !take_block(p, &inside)) {
        buf_add(r->b, all);
        *p = (Str){0};
        return;
    }
    if (!add_argument(r, inside))
        buf_add(r->b, (Str){all.ptr, all.len - p->len});
}

static void add_pattern(Run *r, Str p)
{
    Str text;
    r->depth++;
    while (p.len > 0) {
        size_t n = 0;
        while (n < p.len && p.ptr[n] != '{' && p.ptr[n] != '\'' && !(r->plural && p.ptr[n] == '#'))
            n++;
        buf_add(r->b, (Str){p.ptr, n});
        p = (Str){p.ptr + n, p.len - n};
        if (p.len == 0)
            break;
        if (p.ptr[0] == '{') {
            add_braces(r, &p);
        } else if (p.ptr[0] == '#') {
            icu_add_real(r->b, r->lang, "", r->number);
            p = (Str){p.ptr + 1, p.len - 1};
        } else {
            n = quoted(p, r->plural, &text);
            buf_add(r->b, text);
            p = (Str){p.ptr + n, p.len - n};
        }
    }
    r->depth--;
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static const MessageRow *find(Str key)
{
    size_t low = 0, high = message_nrows;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int    d = str_cmp(message_rows[middle].key, key);
        if (d == 0)
            return &message_rows[middle];
        if (d < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool message_has(Str key)
{
    return find(key) != NULL;
}

static void add_by_key(Run *r, const char *key)
{
    const MessageRow *row = find(str_from_cstr(key));
    add_pattern(r, row != NULL ? row->texts[r->lang] : str_from_cstr(key));
}

void message_add(Buf *b, Lang lang, const char *key, const MessageArg *args, size_t n)
{
    add_by_key(&(Run){.b = b, .lang = lang, .args = args, .n = n}, key);
}

void message_add_html(Buf *b, Lang lang, const char *key, const MessageArg *args, size_t n)
{
    add_by_key(&(Run){.b = b, .lang = lang, .args = args, .n = n, .html = true}, key);
}

Str message_make(Arena *a, Lang lang, const char *key, const MessageArg *args, size_t n)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, MESSAGE_MAX);
    message_add(&b, lang, key, args, n);
    return str_dup(a, buf_str(&b));
}

void message_format(Buf *b, Lang lang, Str pattern, const MessageArg *args, size_t n)
{
    add_pattern(&(Run){.b = b, .lang = lang, .args = args, .n = n}, pattern);
}
