/* What an address lacks, and what an e-mail address was probably meant to be. */
#include "base/utf8.h"
#include "order/cart_int.h"
#include "people/country.h"
#include "text/messages.h"
#include "text/names.h"

#include <stdio.h>
#include <string.h>

static void lack(Cx *cx, CartNeeds *needs, const char *base, const char *field, const char *code,
                 Str text)
{
    char pointer[64];
    int  n = snprintf(pointer, sizeof pointer, "%s/%s", base, field);
    cart_need(cx, needs, code, str_dup(cx->arena, (Str){pointer, (size_t)n}), (OptI64){0}, text);
}

static Str needed(Cx *cx)
{
    return message(cx->arena, cx->lang, "order.need.field", MSG_NONE);
}

static void country_needs(Cx *cx, const OrderAddress *a, const Country *c, const char *pointer,
                          const char *code, CartNeeds *needs)
{
    if ((c->fields & COUNTRY_ZONE_NEEDED) && a->zone.len == 0)
        lack(cx, needs, pointer, "zone", code, needed(cx));
    if ((c->fields & COUNTRY_POSTAL_NEEDED) && a->postal_code.len == 0)
        lack(cx, needs, pointer, "postal_code", code, needed(cx));
    else if ((c->fields & COUNTRY_POSTAL) && a->postal_code.len > 0 &&
             !country_postal_fits(c, a->postal_code))
        lack(cx, needs, pointer, "postal_code", code,
             message(cx->arena, cx->lang, "order.need.postal_form", MSG_NONE));
}

void order_address_needs(Cx *cx, const OrderAddress *address, const char *pointer, const char *code,
                         CartNeeds *needs)
{
    const Country *c = country_find(address->country);
    if (address->first_name.len == 0 && address->last_name.len == 0 && address->company.len == 0)
        lack(cx, needs, pointer, "last_name", code, needed(cx));
    if (address->line1.len == 0)
        lack(cx, needs, pointer, "line1", code, needed(cx));
    if (address->city.len == 0)
        lack(cx, needs, pointer, "city", code, needed(cx));
    if (address->country.len == 0)
        lack(cx, needs, pointer, "country", code, needed(cx));
    else if (c == NULL)
        lack(cx, needs, pointer, "country", code,
             message(cx->arena, cx->lang, "order.need.unknown_country", MSG_NONE));
    else
        country_needs(cx, address, c, pointer, code, needs);
}

/* --- e-mail ------------------------------------------------------------------------------- */

static const char *const DOMAINS[] = {
    "gmail.com",     "googlemail.com", "yahoo.com",   "yahoo.co.uk",    "hotmail.com",
    "hotmail.co.uk", "outlook.com",    "live.com",    "msn.com",        "icloud.com",
    "me.com",        "aol.com",        "proton.me",   "protonmail.com", "gmx.de",
    "gmx.net",       "gmx.at",         "web.de",      "t-online.de",    "orange.fr",
    "free.fr",       "laposte.net",    "libero.it",   "ziggo.nl",       "kpnmail.nl",
    "planet.nl",     "xs4all.nl",      "ukr.net",     "i.ua",           "meta.ua",
    "mail.ru",       "yandex.ru",      "yandex.com",  "bk.ru",          "inbox.ru",
    "list.ru",       "qq.com",         "163.com",     "126.com",        "sina.com",
    "foxmail.com",   "mynet.com",      "comcast.net", "verizon.net",    "btinternet.com",
};

/* Damerau-Levenshtein (optimal string alignment), up to 32 letters each. */
static int distance(Str a, Str b)
{
    int d[34][34];
    if (a.len > 32 || b.len > 32)
        return 99;
    for (size_t i = 0; i <= a.len; i++)
        d[i][0] = (int)i;
    for (size_t j = 0; j <= b.len; j++)
        d[0][j] = (int)j;
    for (size_t i = 1; i <= a.len; i++) {
        for (size_t j = 1; j <= b.len; j++) {
            int best = d[i - 1][j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[a.len][b.len];
}

/* Each letter that only one of two texts has takes a change. */
static uint32_t letters(Str s)
{
    uint32_t set = 0;
    for (size_t i = 0; i < s.len; i++)
        set |= 1U << (s.ptr[i] & 31);
    return set;
}

/* Of addresses at a provider that many use. One letter off, or two of a long name; a short domain
 * that differs may well be one of its own. */
Str order_email_hint(Arena *a, Str email)
{
    Str name, rest = email, domain = {0};
    while (str_cut(rest, '@', &name, &rest))
        domain = rest;
    if (domain.len < 5 || domain.len >= email.len)
        return STR("");
    domain = str_lower_ascii(a, domain);
    Str      best = STR("");
    int      least = 99;
    uint32_t mine = letters(domain);
    for (size_t i = 0; i < COUNT_OF(DOMAINS); i++) {
        if (str_eq(str_from_cstr(DOMAINS[i]), domain))
            return STR("");
    }
    for (size_t i = 0; i < COUNT_OF(DOMAINS); i++) {
        Str      known = str_from_cstr(DOMAINS[i]);
        uint32_t there = letters(known);
        if (known.len > domain.len + 2 || domain.len > known.len + 2 ||
            __builtin_popcount(there & ~mine) > 2 || __builtin_popcount(mine & ~there) > 2)
            continue;
        int off = distance(domain, known);
        if (off < least) {
            least = off;
            best = known;
        }
    }
    int allowed = best.len >= 9 ? 2 : 1;
    if (least > allowed || best.len < 6)
        return STR("");
    Str    local = str_head(email, email.len - domain.len);
    size_t n = local.len + best.len;
    char  *p = arena_array(a, char, n);
    memcpy(p, local.ptr, local.len);
    memcpy(p + local.len, best.ptr, best.len);
    return (Str){p, n};
}

static Str beside(Arena *a, Str x, Str y)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 2000);
    buf_addf(&b, STR_FMT " " STR_FMT, STR_ARG(x), STR_ARG(y));
    return str_trim(str_dup(a, buf_str(&b)));
}

static bool is_han_kana_hangul(uint32_t cp)
{
    return (cp >= 0x3400 && cp <= 0x9fff) || (cp >= 0x20000 && cp <= 0x3ffff) ||
           (cp >= 0x3040 && cp <= 0x30ff) || (cp >= 0xac00 && cp <= 0xd7a3);
}

/* How many of its letters are; *ret_all: nothing else is in it. */
static size_t east_asian(Str s, bool *ret_all)
{
    const char *p = s.ptr, *end = p + s.len;
    size_t      found = 0;
    *ret_all = s.len > 0;
    while (p < end) {
        uint32_t cp = 0;
        size_t   n = utf8_next(p, end, &cp);
        bool     is = n > 0 && is_han_kana_hangul(cp);
        found += is;
        *ret_all = *ret_all && is;
        p += n > 0 ? n : 1;
    }
    return found;
}

static bool is_east_asian(Str s)
{
    bool all;
    return east_asian(s, &all) > 0 && all;
}

static bool has_east_asian(Str s)
{
    bool all;
    return east_asian(s, &all) > 0;
}

Str order_person_name(Arena *a, Str first, Str last)
{
    CLEANUP(buf_done) Buf b = {0};
    if (!is_east_asian(first) || !is_east_asian(last))
        return beside(a, first, last);
    buf_init(&b, 2000);
    buf_add(&b, last);
    buf_add(&b, first);
    return str_dup(a, buf_str(&b));
}

/* Where letters go from the large to the small when they are written in the country's own script,
 * and the other way round in Latin: the formats of libaddressinput ("fmt" and "lfmt"). N name, O
 * company, A and B the lines of the address, C city, S zone, Z postal code, '|' a new line; what
 * stands between two parts is written when both are there, 'T' is the postal mark. */
static const struct {
    char        country[3];
    const char *own, *latin;
} EAST[] = {
    {"CN", "Z|SC|A|B|O|N", "N|O|A|B|C|S, Z"},  {"HK", "S|C|A|B|O|N", "N|O|A|B|C|S"},
    {"JP", "TZ|SC|A|B|O|N", "N|O|A|B|C, S|Z"}, {"KR", "S C|A|B|O|N|Z", "N|O|A|B|C|S|Z"},
    {"MO", "C|A|B|O|N", "N|O|A|B|C"},          {"TW", "Z|SC|A|B|O|N", "N|O|A|B|C, S Z"},
};
/* Everywhere else. */
static const char POSTAL_FIRST[] = "N|O|A|B|Z C|S", POSTAL_LAST[] = "N|O|A|B|C S Z";

static const char *format_of(const OrderAddress *x)
{
    const Country *c = country_find(x->country);
    bool           own = has_east_asian(x->line1) || has_east_asian(x->city);
    for (size_t i = 0; i < COUNT_OF(EAST); i++)
        if (str_eq_nocase(x->country, str_from_cstr(EAST[i].country)))
            return own ? EAST[i].own : EAST[i].latin;
    return c != NULL && (c->fields & COUNTRY_POSTAL_FIRST) ? POSTAL_FIRST : POSTAL_LAST;
}

static Str part_of(Arena *a, const OrderAddress *x, char what)
{
    switch (what) {
    case 'N': return order_person_name(a, x->first_name, x->last_name);
    case 'O': return x->company;
    case 'A': return x->line1;
    case 'B': return x->line2;
    case 'C': return x->city;
    case 'S': return country_zone_name(x->country, x->zone);
    case 'Z': return x->postal_code;
    default: return STR("");
    }
}

/* One line of a format. */
static Str line_of(Arena *a, const OrderAddress *x, Str format)
{
    CLEANUP(buf_done) Buf b = {0};
    Str                   between = STR("");
    buf_init(&b, 8192);
    for (size_t i = 0; i < format.len; i++) {
        char what = format.ptr[i];
        Str  part = part_of(a, x, what);
        if (part.len > 0) {
            if (b.len > 0 || str_eq(between, STR("〒")))
                buf_add(&b, between);
            buf_add(&b, part);
        }
        if (what == 'T')
            between = STR("〒");
        else if (what == ',')
            between = STR(", ");
        else if (what == ' ' && between.len == 0)
            between = STR(" ");
        else if (what != ' ')
            between = STR("");
    }
    return str_dup(a, buf_str(&b));
}

size_t order_address_lines_in(Arena *a, const char *tag, const OrderAddress *x,
                              Str ret[static ORDER_ADDRESS_LINES])
{
    Str    country = STR(""), format = str_from_cstr(format_of(x)), line;
    size_t n = 0;
    if (x->country.len > 0)
        country = country_name(a, tag, str_cstr(a, x->country));
    bool above = format.ptr[0] != 'N' && is_east_asian(country); /* the largest of all */
    if (above)
        ret[n++] = country;
    while (format.len > 0) {
        str_cut(format, '|', &line, &format);
        line = line_of(a, x, line);
        if (line.len > 0)
            ret[n++] = line;
    }
    if (!above && country.len > 0)
        ret[n++] = country;
    return n;
}

size_t order_address_lines(Arena *a, Lang lang, const OrderAddress *x,
                           Str ret[static ORDER_ADDRESS_LINES])
{
    return order_address_lines_in(a, lang_tags[lang], x, ret);
}
