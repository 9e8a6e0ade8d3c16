/* Filters that know HTML. */
#include "liquid/filters.h"
#include "liquid/parse.h"

#include <string.h>

static Str from(Str s, size_t n)
{
    return (Str){s.ptr + n, s.len - n};
}

/* Does "amp;" or "#39;" follow the ampersand at `s`? */
static bool is_entity(Str s)
{
    size_t i = 1;
    if (i < s.len && s.ptr[i] == '#') {
        for (i = 2; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {
        }
        return i > 2 && i < s.len && s.ptr[i] == ';';
    }
    while (i < s.len &&
           ((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')))
        i++;
    return i > 1 && i < s.len && s.ptr[i] == ';';
}

static LiquidValue escaped_once(LiquidCx *cx, Str s)
{
    LiquidBuild b = liquid_build(cx, s.len + 16);
    for (size_t i = 0; i < s.len; i++) {
        Str c = {s.ptr + i, 1};
        if (s.ptr[i] == '&' && is_entity(from(s, i)))
            liquid_build_add(&b, c);
        else
            liquid_build_html(&b, c);
    }
    return liquid_built_html(&b);
}

/* HTML is not escaped twice: its tags are, its entities stay. */
LQ_FILTER(escape)
{
    (void)args;
    if (in.type == LIQUID_NIL)
        return in;
    Str s = liquid_to_text(cx, in);
    if (in.type == LIQUID_TEXT && in.safe == LIQUID_SAFE_HTML && !liquid_plain(cx))
        return escaped_once(cx, s);
    return liquid_html(liquid_escape(cx, s));
}

LQ_FILTER(escape_once)
{
    (void)args;
    return escaped_once(cx, liquid_to_text(cx, in));
}

/* The author's word that this is HTML. */
LQ_FILTER(raw)
{
    (void)args;
    LiquidValue v = liquid_text(liquid_to_text(cx, in));
    v.safe = LIQUID_SAFE_RAW;
    return v;
}

LQ_FILTER(newline_to_br)
{
    (void)args;
    Str         s = liquid_to_text(cx, in);
    bool        html = in.type == LIQUID_TEXT && in.safe != LIQUID_UNSAFE;
    LiquidBuild b = liquid_build(cx, s.len + 32);
    size_t      at = 0;
    if (!html && !liquid_plain(cx))
        s = liquid_escape(cx, s);
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '\n')
            continue;
        size_t end = i > at && s.ptr[i - 1] == '\r' ? i - 1 : i;
        liquid_build_add(&b, (Str){s.ptr + at, end - at});
        liquid_build_add(&b, STR("<br />\n"));
        at = i + 1;
    }
    liquid_build_add(&b, from(s, at));
    return liquid_built_html(&b);
}

/* --- strip_html ----------------------------------------------------------------------------------
 */

typedef struct Enclosure {
    const char *open, *close;
} Enclosure;

static const Enclosure BLOCKS[] = {
    {"<script", "</script>"}, {"<!--", "-->"}, {"<style", "</style>"}};

/* Length of a script, comment or style at `s`; 0 when there is none. `open` keeps those that
 * are never closed, so that each is looked for once. */
static size_t block_len(Str s, bool never[static COUNT_OF(BLOCKS)])
{
    for (size_t i = 0; i < COUNT_OF(BLOCKS); i++) {
        size_t n = strlen(BLOCKS[i].open), m = strlen(BLOCKS[i].close);
        if (never[i] || !str_starts(s, str_from_cstr(BLOCKS[i].open)))
            continue;
        const char *end = memmem(s.ptr + n, s.len - n, BLOCKS[i].close, m);
        if (end != NULL)
            return (size_t)(end - s.ptr) + m;
        never[i] = true;
    }
    return 0;
}

static Str without_blocks(LiquidCx *cx, Str s)
{
    bool        never[COUNT_OF(BLOCKS)] = {false};
    LiquidBuild b = liquid_build(cx, s.len);
    const char *lt;
    while (s.len > 0 && (lt = memchr(s.ptr, '<', s.len)) != NULL) {
        size_t n = (size_t)(lt - s.ptr);
        liquid_build_add(&b, (Str){s.ptr, n});
        s = from(s, n);
        n = block_len(s, never);
        if (n == 0)
            liquid_build_add(&b, (Str){s.ptr, 1});
        s = from(s, n > 0 ? n : 1);
    }
    liquid_build_add(&b, s);
    return (Str){b.ptr, b.failed ? 0 : b.len};
}

LQ_FILTER(strip_html)
{
    (void)args;
    Str         s = without_blocks(cx, liquid_to_text(cx, in));
    LiquidBuild b = liquid_build(cx, s.len);
    const char *lt, *gt;
    while (s.len > 0 && (lt = memchr(s.ptr, '<', s.len)) != NULL) {
        size_t n = (size_t)(lt - s.ptr);
        gt = memchr(lt, '>', s.len - n);
        if (gt == NULL)
            break;
        liquid_build_add(&b, (Str){s.ptr, n});
        s = from(s, (size_t)(gt - s.ptr) + 1);
    }
    liquid_build_add(&b, s);
    return lq_like(in, liquid_built(&b));
}

const LiquidFilter lq_html_filters[] = {
    {"escape", escape, 0, 0, false},
    {"escape_once", escape_once, 0, 0, false},
    {"h", escape, 0, 0, false},
    {"newline_to_br", newline_to_br, 0, 0, false},
    {"raw", raw, 0, 0, false},
    {"strip_html", strip_html, 0, 0, false},
    {0},
};
