#include "text/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

typedef enum Kind {
    KEEP,     /* written, and closed */
    VOID,     /* written, has no end */
    DROP,     /* its tags are left out, what is in it stays */
    DROP_RAW, /* left out up to its end tag, inside which nothing is a tag */
    DROP_ALL  /* left out with all that is in it */
} Kind;

enum {            /* Element.flags */
       BLOCK = 1, /* its start ends an open paragraph */
       SCOPE = 2, /* what is open outside of it is not closed from inside */
       FRAME = 4  /* written only with an address of a video host */
};

typedef struct Element {
    const char *name;
    Kind        kind;
    unsigned    flags;
    const char *attrs; /* allowed besides GLOBAL_ATTRS; " a b c " */
    const char *ends;  /* elements that its start ends, up to a SCOPE: " li " */
} Element;

static const char GLOBAL_ATTRS[] = " class title lang dir style ";

/* Sorted by name. What is not here is DROP. */
static const Element ELEMENTS[] = {
    {"a", KEEP, 0, " href target ", " a "},
    {"abbr", KEEP, 0, "", ""},
    {"address", KEEP, BLOCK, "", ""},
    {"article", KEEP, BLOCK, "", ""},
    {"aside", KEEP, BLOCK, "", ""},
    {"audio", KEEP, 0, " src controls loop muted preload ", ""},
    {"b", KEEP, 0, "", ""},
    {"bdi", KEEP, 0, "", ""},
    {"bdo", KEEP, 0, "", ""},
    {"blockquote", KEEP, BLOCK, " cite ", ""},
    {"br", VOID, 0, "", ""},
    {"caption", KEEP, SCOPE, "", ""},
    {"center", KEEP, BLOCK, "", ""},
    {"cite", KEEP, 0, "", ""},
    {"code", KEEP, 0, "", ""},
    {"col", VOID, 0, " span width ", ""},
    {"colgroup", KEEP, 0, " span ", ""},
    {"dd", KEEP, BLOCK, "", " dd dt "},
    {"del", KEEP, 0, " cite datetime ", ""},
    {"details", KEEP, BLOCK, " open ", ""},
    {"dfn", KEEP, 0, "", ""},
    {"div", KEEP, BLOCK, " align ", ""},
    {"dl", KEEP, BLOCK | SCOPE, "", ""},
    {"dt", KEEP, BLOCK, "", " dd dt "},
    {"em", KEEP, 0, "", ""},
    {"figcaption", KEEP, BLOCK, "", ""},
    {"figure", KEEP, BLOCK, "", ""},
    {"footer", KEEP, BLOCK, "", ""},
    {"h1", KEEP, BLOCK, " align ", ""},
    {"h2", KEEP, BLOCK, " align ", ""},
    {"h3", KEEP, BLOCK, " align ", ""},
    {"h4", KEEP, BLOCK, " align ", ""},
    {"h5", KEEP, BLOCK, " align ", ""},
    {"h6", KEEP, BLOCK, " align ", ""},
    {"header", KEEP, BLOCK, "", ""},
    {"hr", VOID, BLOCK, "", ""},
    {"i", KEEP, 0, "", ""},
    {"iframe", DROP_RAW, FRAME, " src width height allowfullscreen ", ""},
    {"img", VOID, 0, " src alt width height loading ", ""},
    {"ins", KEEP, 0, " cite datetime ", ""},
    {"kbd", KEEP, 0, "", ""},
    {"li", KEEP, BLOCK, " value ", " li "},
    {"mark", KEEP, 0, "", ""},
    {"math", DROP_ALL, 0, "", ""},
    {"noembed", DROP_RAW, 0, "", ""},
    {"noframes", DROP_RAW, 0, "", ""},
    {"noscript", DROP_RAW, 0, "", ""},
    {"object", DROP_ALL, 0, "", ""},
    {"ol", KEEP, BLOCK | SCOPE, " start type reversed ", ""},
    {"p", KEEP, BLOCK, " align ", ""},
    {"plaintext", DROP_RAW, 0, "", ""},
    {"pre", KEEP, BLOCK, "", ""},
    {"q", KEEP, 0, " cite ", ""},
    {"rp", KEEP, 0, "", ""},
    {"rt", KEEP, 0, "", ""},
    {"ruby", KEEP, 0, "", ""},
    {"s", KEEP, 0, "", ""},
    {"samp", KEEP, 0, "", ""},
    {"script", DROP_RAW, 0, "", ""},
    {"section", KEEP, BLOCK, "", ""},
    {"select", DROP_ALL, 0, "", ""},
    {"small", KEEP, 0, "", ""},
    {"source", VOID, 0, " src type ", ""},
    {"span", KEEP, 0, "", ""},
    {"strike", KEEP, 0, "", ""},
    {"strong", KEEP, 0, "", ""},
    {"style", DROP_RAW, 0, "", ""},
    {"sub", KEEP, 0, "", ""},
    {"summary", KEEP, BLOCK, "", ""},
    {"sup", KEEP, 0, "", ""},
    {"svg", DROP_ALL, 0, "", ""},
    {"table", KEEP, BLOCK | SCOPE, " width border cellpadding cellspacing ", ""},
    {"tbody", KEEP, 0, "", " caption colgroup tbody td tfoot th thead tr "},
    {"td", KEEP, 0, " colspan rowspan width align valign ", " td th "},
    {"template", DROP_ALL, 0, "", ""},
    {"textarea", DROP_RAW, 0, "", ""},
    {"tfoot", KEEP, 0, "", " caption colgroup tbody td tfoot th thead tr "},
    {"th", KEEP, 0, " colspan rowspan width align valign scope ", " td th "},
    {"thead", KEEP, 0, "", " caption colgroup tbody td tfoot th thead tr "},
    {"time", KEEP, 0, " datetime ", ""},
    {"title", DROP_RAW, 0, "", ""},
    {"tr", KEEP, 0, " align valign ", " caption colgroup td th tr "},
    {"track", VOID, 0, " src kind srclang label ", ""},
    {"tt", KEEP, 0, "", ""},
    {"u", KEEP, 0, "", ""},
    {"ul", KEEP, BLOCK | SCOPE, " type ", ""},
    {"var", KEEP, 0, "", ""},
    {"video", KEEP, 0, " src poster controls loop muted playsinline preload width height ", ""},
    {"wbr", VOID, 0, "", ""},
    {"xmp", DROP_RAW, 0, "", ""},
};

static const char STYLES[] =
    " background-color border border-collapse color display float font-size font-style font-weight"
    " height line-height list-style-type margin margin-bottom margin-left margin-right margin-top"
    " max-width padding padding-bottom padding-left padding-right padding-top text-align"
    " text-decoration text-indent text-transform vertical-align white-space width ";

static const char *const FRAME_HOSTS[] = {
    "https://www.youtube-nocookie.com/embed/",
    "https://www.youtube.com/embed/",
    "https://player.vimeo.com/video/",
};

enum { NAME_MAX_ = 16, ATTRS_MAX = 32 };

typedef struct Attr {
    Str name;  /* lower case */
    Str value; /* decoded */
} Attr;

typedef struct Tag {
    char   name[NAME_MAX_];
    bool   end;
    Attr   attrs[ATTRS_MAX];
    size_t nattrs;
} Tag;

typedef struct Cleaner {
    Arena         *a;
    const char    *p, *stop;
    Buf            out;
    bool           text_only; /* html_text(): no tags, entities decoded */
    const Element *open[HTML_DEPTH_MAX];
    size_t         nopen;
    Tag            tag;
} Cleaner;

/* --- characters --------------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Is `word` in `list`, " one two "? */
static bool listed(const char *list, Str word)
{
    Str item, rest = str_from_cstr(list); /* not strncmp(): a word may have a NUL */
    while (word.len > 0 && rest.len > 0) {
        str_cut(rest, ' ', &item, &rest);
        if (str_eq(item, word))
            return true;
    }
    return false;
}

static int by_name(const void *key, const void *element)
{
    return strcmp(key, ((const Element *)element)->name);
}

static const Element *element_of(const char *name)
{
    return bsearch(name, ELEMENTS, COUNT_OF(ELEMENTS), sizeof ELEMENTS[0], by_name);
}

/* --- character references ----------------------------------------------------------------- */

static void add_utf8(Buf *b, uint32_t c)
{
    char p[4];
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = UTF8_REPLACEMENT;
    buf_add(b, (Str){p, utf8_put(p, c)});
}

static const struct {
    const char *name;
    uint32_t    c;
} REFERENCES[] = {
    {"AMP", '&'},       {"GT", '>'},      {"LT", '<'},       {"QUOT", '"'},     {"agrave", 0xe0},
    {"amp", '&'},       {"apos", '\''},   {"auml", 0xe4},    {"bull", 0x2022},  {"ccedil", 0xe7},
    {"cent", 0xa2},     {"copy", 0xa9},   {"deg", 0xb0},     {"eacute", 0xe9},  {"egrave", 0xe8},
    {"euro", 0x20ac},   {"frac12", 0xbd}, {"frac14", 0xbc},  {"frac34", 0xbe},  {"gt", '>'},
    {"hellip", 0x2026}, {"laquo", 0xab},  {"ldquo", 0x201c}, {"lsquo", 0x2018}, {"lt", '<'},
    {"mdash", 0x2014},  {"middot", 0xb7}, {"nbsp", 0xa0},    {"ndash", 0x2013}, {"ouml", 0xf6},
    {"pound", 0xa3},    {"quot", '"'},    {"raquo", 0xbb},   {"rdquo", 0x201d}, {"reg", 0xae},
    {"rsquo", 0x2019},  {"shy", 0xad},    {"szlig", 0xdf},   {"times", 0xd7},   {"trade", 0x2122},
    {"uuml", 0xfc},     {"yen", 0xa5},
};

/* The number at `p`, behind "&#": its length with the 'x', 0 when there are no digits. */
static size_t number(const char *p, const char *stop, uint32_t *ret)
{
    bool        hex = p < stop && (*p == 'x' || *p == 'X');
    const char *digits = p + hex, *q = digits;
    uint32_t    c = 0;
    for (; q < stop; q++) {
        uint32_t d;
        if (is_digit(*q))
            d = (uint32_t)(*q - '0');
        else if (hex && lower(*q) >= 'a' && lower(*q) <= 'f')
            d = (uint32_t)(lower(*q) - 'a' + 10);
        else
            break;
        c = c > 0x10ffff ? c : c * (hex ? 16 : 10) + d;
    }
    *ret = c == 0 || c > 0x10ffff ? UTF8_REPLACEMENT : c;
    return q == digits ? 0 : (size_t)(q - p);
}

/* The length of the reference at `p` ('&') in its strict form "&name;" "&#1;" "&#x1;",
 * or 0. *ret is its character, or 0 when we do not know the name. */
static size_t reference(const char *p, const char *stop, uint32_t *ret)
{
    const char *q = p + 1;
    if (q < stop && *q == '#') {
        size_t n = number(q + 1, stop, ret);
        return n && q + 1 + n < stop && q[1 + n] == ';' ? n + 3 : 0;
    }
    while (q < stop && q - p < 32 && (is_letter(*q) || is_digit(*q)))
        q++;
    if (q == p + 1 || q == stop || *q != ';')
        return 0;
    size_t n = (size_t)(q - p - 1);
    *ret = 0;
    for (size_t i = 0; i < COUNT_OF(REFERENCES); i++)
        if (strncmp(REFERENCES[i].name, p + 1, n) == 0 && REFERENCES[i].name[n] == '\0')
            *ret = REFERENCES[i].c;
    return n + 2;
}

/* An attribute's value with the references we know decoded. Browsers also take numeric
 * ones without ';' - so do we here, since a scheme may hide behind them. */
static Str decode(Cleaner *k, Str s)
{
    if (!s.len || !memchr(s.ptr, '&', s.len))
        return s;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, s.len * 4);
    const char *stop = s.ptr + s.len;
    for (const char *p = s.ptr; p < stop;) {
        uint32_t c = 0;
        size_t   n = *p == '&' ? reference(p, stop, &c) : 0;
        if (!n && *p == '&' && p + 1 < stop && p[1] == '#') {
            n = number(p + 2, stop, &c);
            n = n ? n + 2 : 0;
        }
        if (n && c)
            add_utf8(&b, c);
        else
            buf_addc(&b, *p);
        p += n && c ? n : 1;
    }
    return str_dup(k->a, buf_str(&b));
}

/* --- addresses and styles ----------------------------------------------------------------- */

static bool scheme_is(Str scheme, const char *const *list)
{
    for (; *list; list++)
        if (scheme.len == strlen(*list) && strncasecmp(scheme.ptr, *list, scheme.len) == 0)
            return true;
    return false;
}

/* Is the address relative, or of a harmless scheme? Blanks and control characters, which
 * browsers skip, are skipped; a reference that we could not decode hides something. */
static bool harmless(Str url, bool picture)
{
    static const char *const LINKS[] = {"http", "https", "mailto", "tel", "sms", NULL};
    static const char *const FILES[] = {"http", "https", NULL};
    static const char *const PICTURES[] = {"data:image/png;",  "data:image/jpeg;",
                                           "data:image/gif;",  "data:image/webp;",
                                           "data:image/avif;", NULL};
    char                     head[32];
    size_t                   n = 0;
    for (size_t i = 0; i < url.len && n < sizeof head; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= ' ' || c == 0x7f)
            continue;
        if (c == '/' || c == '?' || c == '#' || c == '\\')
            return true; /* a path, a query, a fragment: relative */
        if (c == '&')
            return false;
        if (c == ':')
            break;
        head[n++] = (char)c;
    }
    if (n == sizeof head)
        return false; /* no scheme is that long */
    if (picture)
        for (size_t i = 0; PICTURES[i]; i++)
            if (url.len > strlen(PICTURES[i]) &&
                strncasecmp(url.ptr, PICTURES[i], strlen(PICTURES[i])) == 0)
                return true;
    bool has_scheme = url.len > 0 && memchr(url.ptr, ':', url.len);
    return !has_scheme || scheme_is((Str){head, n}, picture ? FILES : LINKS);
}

static bool frame_allowed(Str url)
{
    for (size_t i = 0; i < COUNT_OF(FRAME_HOSTS); i++)
        if (str_starts(url, str_from_cstr(FRAME_HOSTS[i])))
            return true;
    return false;
}

static bool plain_value(Str v)
{
    for (size_t i = 0; i < v.len; i++)
        if (!is_letter(v.ptr[i]) && !is_digit(v.ptr[i]) && !strchr(" #%.,-!", v.ptr[i]))
            return false;
    return v.len > 0;
}

/* Keep the declarations whose name is listed and whose value is plain: no functions, no
 * escapes, no strings. "rgb(1, 2, 3)" is the one exception worth it. */
static Str clean_style(Cleaner *k, Str css)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, css.len * 2 + 16);
    Str declaration;
    while (css.len) {
        str_cut(css, ';', &declaration, &css);
        Str name, value;
        if (!str_cut(declaration, ':', &name, &value))
            continue;
        name = str_trim(name);
        value = str_trim(value);
        char   z[32];
        size_t n = 0;
        for (; n < name.len && n < sizeof z - 1; n++)
            z[n] = lower(name.ptr[n]);
        Str inner = value;
        if (value.len > 5 && strncmp(value.ptr, "rgb(", 4) == 0 && value.ptr[value.len - 1] == ')')
            inner = (Str){value.ptr + 4, value.len - 5};
        if (n != name.len || !listed(STYLES, (Str){z, n}) || !plain_value(inner))
            continue;
        if (b.len)
            buf_add(&b, STR("; "));
        buf_add(&b, (Str){z, n});
        buf_add(&b, STR(": "));
        buf_add(&b, value);
    }
    return str_dup(k->a, buf_str(&b));
}

/* --- writing ------------------------------------------------------------------------------ */

static void write_attr(Cleaner *k, Str name, Str value)
{
    buf_addc(&k->out, ' ');
    buf_add(&k->out, name);
    buf_add(&k->out, STR("=\""));
    buf_add_html(&k->out, value);
    buf_addc(&k->out, '"');
}

static bool is_one_of(Str name, const char *list)
{
    return listed(list, name);
}

static void write_attrs(Cleaner *k, const Element *e)
{
    const Tag *t = &k->tag;
    bool       blank = false;
    for (size_t i = 0; i < t->nattrs; i++) {
        Str name = t->attrs[i].name, value = t->attrs[i].value;
        if (!listed(GLOBAL_ATTRS, name) && !listed(e->attrs, name))
            continue;
        if (is_one_of(name, " href src poster cite ") &&
            !harmless(value, strcmp(e->name, "img") == 0 || is_one_of(name, " poster ")))
            continue;
        if (str_eq(name, STR("target"))) {
            blank = str_eq(value, STR("_blank"));
            continue;
        }
        if (str_eq(name, STR("style"))) {
            value = clean_style(k, value);
            if (value.len == 0)
                continue;
        }
        write_attr(k, name, value);
    }
    if (blank)
        buf_add(&k->out, STR(" target=\"_blank\" rel=\"noopener\""));
}

static void close_to(Cleaner *k, size_t depth)
{
    while (k->nopen > depth) {
        k->nopen--;
        if (!k->text_only)
            buf_addf(&k->out, "</%s>", k->open[k->nopen]->name);
    }
}

/* The innermost open element that is in `names`, counted from outside as 1, 2, …; 0: none
 * inside the innermost SCOPE. */
static size_t find_open(const Cleaner *k, const char *names, bool through_scopes)
{
    for (size_t i = k->nopen; i > 0; i--) {
        if (listed(names, str_from_cstr(k->open[i - 1]->name)))
            return i;
        if (!through_scopes && (k->open[i - 1]->flags & SCOPE))
            return 0;
    }
    return 0;
}

/* What a browser closes by itself before it opens `e`. */
static void close_implied(Cleaner *k, const Element *e)
{
    size_t at;
    if (e->flags & BLOCK) {
        at = 0;
        for (size_t i = k->nopen; i > 0 && !at; i--) {
            const Element *o = k->open[i - 1];
            if (strcmp(o->name, "p") == 0)
                at = i;
            else if ((o->flags & (SCOPE | BLOCK)) || listed(" td th ", str_from_cstr(o->name)))
                break;
        }
        if (at)
            close_to(k, at - 1);
    }
    if (!e->ends[0])
        return;
    /* A row ends the cell, the row … that are open in this table: the outermost of them. */
    size_t outermost = 0;
    for (size_t i = k->nopen; i > 0; i--) {
        if (listed(e->ends, str_from_cstr(k->open[i - 1]->name)))
            outermost = i;
        else if ((k->open[i - 1]->flags & SCOPE) && strcmp(k->open[i - 1]->name, "caption") != 0)
            break;
    }
    if (outermost)
        close_to(k, outermost - 1);
}

static void block_gap(Cleaner *k, const Element *e)
{
    bool gap = !e || (e->flags & BLOCK) || listed(" br td th tr tbody ", str_from_cstr(e->name));
    if (gap && k->text_only && k->out.len && k->out.ptr[k->out.len - 1] != ' ')
        buf_addc(&k->out, ' ');
}

static void write_frame(Cleaner *k, const Element *e)
{
    for (size_t i = 0; i < k->tag.nattrs; i++)
        if (str_eq(k->tag.attrs[i].name, STR("src")) && frame_allowed(k->tag.attrs[i].value)) {
            buf_add(&k->out, STR("<iframe"));
            write_attrs(k, e);
            buf_add(&k->out, STR(" loading=\"lazy\"></iframe>"));
            return;
        }
}

static void skip_raw(Cleaner *k, const char *name);
static void skip_all(Cleaner *k, const char *name);

static void on_start(Cleaner *k)
{
    const Element *e = element_of(k->tag.name);
    if (!e)
        return;
    switch (e->kind) {
    case KEEP:
    case VOID:
        close_implied(k, e);
        block_gap(k, e);
        if (k->text_only || (e->kind == KEEP && k->nopen == HTML_DEPTH_MAX))
            return;
        buf_addf(&k->out, "<%s", e->name);
        write_attrs(k, e);
        buf_addc(&k->out, '>');
        if (e->kind == KEEP)
            k->open[k->nopen++] = e;
        return;
    case DROP_RAW:
        if ((e->flags & FRAME) && !k->text_only)
            write_frame(k, e);
        skip_raw(k, e->name);
        return;
    case DROP_ALL: skip_all(k, e->name); return;
    case DROP: return;
    }
}

static void on_end(Cleaner *k)
{
    const Element *e = element_of(k->tag.name);
    if (!e || e->kind != KEEP)
        return;
    block_gap(k, e);
    char name[NAME_MAX_ + 2];
    snprintf(name, sizeof name, " %s ", e->name);
    /* The end of a list or table reaches out of the items open in it, not of itself. */
    size_t at = find_open(k, name, (e->flags & SCOPE) != 0);
    if (at)
        close_to(k, at - 1);
}

static void on_text(Cleaner *k, const char *p, const char *stop)
{
    while (p < stop) {
        uint32_t c = 0;
        size_t   n = *p == '&' ? reference(p, stop, &c) : 0;
        if (k->text_only && n && c) {
            c == 0xa0 ? buf_addc(&k->out, ' ') : add_utf8(&k->out, c);
            p += n;
        } else if (k->text_only) {
            buf_addc(&k->out, *p++);
        } else if (n) {
            buf_add(&k->out, (Str){p, n});
            p += n;
        } else if (*p == '&') {
            buf_add(&k->out, STR("&amp;"));
            p++;
        } else if (*p == '<') {
            buf_add(&k->out, STR("&lt;"));
            p++;
        } else {
            const char *q = p;
            while (q < stop && *q != '&' && *q != '<' && *q != '\0')
                q++;
            buf_add(&k->out, (Str){p, (size_t)(q - p)});
            p = q + (q < stop && *q == '\0');
        }
    }
}

/* --- taking apart ------------------------------------------------------------------------- */

static void skip_past(Cleaner *k, const char *end)
{
    size_t n = strlen(end);
    char  *at = memmem(k->p, (size_t)(k->stop - k->p), end, n);
    k->p = at ? at + n : k->stop;
}

static void skip_space(Cleaner *k)
{
    while (k->p < k->stop && is_space(*k->p))
        k->p++;
}

/* k->p stands behind an attribute's name: read "= value" if there is one. False when the
 * text ends in it. */
static bool read_value(Cleaner *k, Str *ret)
{
    *ret = STR("");
    skip_space(k);
    if (k->p == k->stop || *k->p != '=')
        return true;
    k->p++;
    skip_space(k);
    if (k->p == k->stop)
        return false;
    const char *from = k->p;
    if (*from == '"' || *from == '\'') {
        const char *to = memchr(from + 1, *from, (size_t)(k->stop - from - 1));
        if (!to)
            return false;
        *ret = (Str){from + 1, (size_t)(to - from - 1)};
        k->p = to + 1;
        return true;
    }
    while (k->p < k->stop && !is_space(*k->p) && *k->p != '>')
        k->p++;
    *ret = (Str){from, (size_t)(k->p - from)};
    return true;
}

/* Keep an attribute. The first of a name counts, as in browsers: what is checked must be
 * what is written. */
static void keep_attr(Cleaner *k, Str name, Str value)
{
    Tag *t = &k->tag;
    if (t->end || t->nattrs == ATTRS_MAX)
        return;
    char *low = arena_array(k->a, char, name.len + 1);
    for (size_t i = 0; i < name.len; i++)
        low[i] = lower(name.ptr[i]);
    for (size_t i = 0; i < t->nattrs; i++)
        if (str_eq(t->attrs[i].name, (Str){low, name.len}))
            return;
    t->attrs[t->nattrs++] = (Attr){{low, name.len}, decode(k, value)};
}

/* k->p stands behind a tag's name: read its attributes up to and past the '>'. A tag that
 * the text ends in is no tag: false. */
static bool read_attrs(Cleaner *k)
{
    for (;;) {
        while (k->p < k->stop && (is_space(*k->p) || *k->p == '/'))
            k->p++;
        if (k->p == k->stop)
            return false;
        if (*k->p == '>') {
            k->p++;
            return true;
        }
        const char *name = k->p++; /* a '=' here is part of the name */
        while (k->p < k->stop && !is_space(*k->p) && !strchr("/>=", *k->p))
            k->p++;
        Str value, n = {name, (size_t)(k->p - name)};
        if (!read_value(k, &value))
            return false;
        keep_attr(k, n, value);
    }
}

/* k->p stands at '<' or "</" before a letter. */
static bool read_tag(Cleaner *k)
{
    Tag *t = &k->tag;
    t->nattrs = 0;
    k->p++;
    t->end = *k->p == '/';
    k->p += t->end;
    size_t n = 0;
    for (; k->p < k->stop && !is_space(*k->p) && *k->p != '/' && *k->p != '>'; k->p++)
        if (n < NAME_MAX_ - 1)
            t->name[n++] = lower(*k->p);
    t->name[n] = '\0'; /* cut names are longer than any we know */
    return read_attrs(k);
}

/* Past the end tag of a raw element, wherever it is. */
static void skip_raw(Cleaner *k, const char *name)
{
    size_t n = strlen(name);
    while (k->p < k->stop) {
        const char *at = memmem(k->p, (size_t)(k->stop - k->p), "</", 2);
        if (!at || (size_t)(k->stop - at) < n + 2)
            break;
        k->p = at + 2;
        if (strncasecmp(k->p, name, n) == 0 && (k->p + n == k->stop || !is_letter(k->p[n]))) {
            skip_past(k, ">");
            return;
        }
    }
    k->p = k->stop;
}

/* Past the end of an element with all that is in it, counting those of its kind inside. */
static void skip_all(Cleaner *k, const char *name)
{
    size_t n = strlen(name), depth = 1;
    while (k->p < k->stop && depth > 0) {
        const char *at = memchr(k->p, '<', (size_t)(k->stop - k->p));
        if (!at) {
            k->p = k->stop;
            return;
        }
        bool        end = at + 1 < k->stop && at[1] == '/';
        const char *word = at + 1 + end;
        k->p = at + 1;
        if ((size_t)(k->stop - word) > n && strncasecmp(word, name, n) == 0 &&
            !is_letter(word[n])) {
            depth = end ? depth - 1 : depth + 1;
            skip_past(k, ">");
        }
    }
}

static void run(Cleaner *k)
{
    while (k->p < k->stop) {
        const char *lt = memchr(k->p, '<', (size_t)(k->stop - k->p));
        const char *to = lt ? lt : k->stop;
        on_text(k, k->p, to);
        k->p = to;
        if (!lt)
            break;
        char next = lt + 1 < k->stop ? lt[1] : '\0';
        char third = lt + 2 < k->stop ? lt[2] : '\0';
        if (is_letter(next) || (next == '/' && is_letter(third))) {
            if (!read_tag(k))
                break; /* the text ends inside a tag: browsers leave that out */
            k->tag.end ? on_end(k) : on_start(k);
        } else if (next == '!' && third == '-' && lt + 3 < k->stop && lt[3] == '-') {
            k->p += 2; /* so that "<!-->" ends where it begins */
            skip_past(k, "-->");
        } else if (next == '!' || next == '?' || next == '/') {
            skip_past(k, ">");
        } else {
            on_text(k, lt, lt + 1);
            k->p = lt + 1;
        }
    }
    close_to(k, 0);
}

Str html_clean(Arena *a, Str html)
{
    Cleaner *k = arena_new(a, Cleaner);
    k->a = a;
    k->p = html.ptr;
    k->stop = html.ptr + html.len;
    buf_init(&k->out, html.len * 8 + 1024);
    if (html.len)
        run(k);
    Str out = str_dup(a, buf_str(&k->out));
    buf_done(&k->out);
    return out;
}

static Str cut_words(Arena *a, Str s, size_t max)
{
    if (s.len <= max)
        return s;
    size_t n = max > 3 ? max - 3 : 0, back = n;
    while (back > 0 && back + 40 > n && s.ptr[back] != ' ')
        back--;
    if (s.ptr[back] == ' ')
        n = back;
    while (n > 0 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
        n--;
    char *out = arena_array(a, char, n + 4);
    if (n)
        memcpy(out, s.ptr, n);
    memcpy(out + n, "\xe2\x80\xa6", 3);
    return (Str){out, n + 3};
}

Str html_text(Arena *a, Str html, size_t max)
{
    Cleaner *k = arena_new(a, Cleaner);
    k->a = a;
    k->p = html.ptr;
    k->stop = html.ptr + html.len;
    k->text_only = true;
    buf_init(&k->out, html.len * 4 + 16);
    if (html.len)
        run(k);
    char  *out = arena_array(a, char, k->out.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < k->out.len; i++) {
        char c = k->out.ptr[i];
        if (!is_space(c) && c != '\0')
            out[n++] = c;
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    buf_done(&k->out);
    while (n > 0 && out[n - 1] == ' ')
        n--;
    return cut_words(a, (Str){out, n}, max);
}
