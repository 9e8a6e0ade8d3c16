#include "channel/storefront/locale.h"

#include "base/map.h"
#include "base/utf8.h"
#include "text/names.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/ucurr.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unum.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

enum { AFFIX = 48, TEXT_ROOM = 256, CURRENCIES_MAX = 320 };

typedef struct Affix {
    char   text[AFFIX];
    size_t len;
} Affix;

/* How a locale writes amounts of a currency: ICU's answers, so that writing needs no ICU. */
typedef struct MoneyFormat {
    char  code[4];
    int   decimals;
    Affix before, after, minus_before, minus_after; /* around a positive, a negative amount */
    Affix group, point, symbol;
    int   group_size, group_more, group_min; /* digits; group_min: of the first group at least */
} MoneyFormat;

struct Locale {
    char                   tag[LOCALE_TAG_MAX + 1];
    char                   name[TEXT_ROOM];
    bool                   rtl;
    UPluralRules          *plurals;
    _Atomic(MoneyFormat *) formats[CURRENCIES_MAX];
};

static pthread_mutex_t   lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(Locale *) locales[LOCALES_MAX];

/* --- text of ICU ------------------------------------------------------------------------------ */

static size_t to_utf8(const UChar *s, int32_t n, char *room, size_t size)
{
    UErrorCode e = U_ZERO_ERROR;
    int32_t    len = 0;
    u_strToUTF8(room, (int32_t)size, &len, s, n, &e);
    if (U_FAILURE(e) || (size_t)len >= size) {
        room[0] = '\0';
        return 0;
    }
    return (size_t)len;
}

static Str text(Arena *a, const UChar *s, int32_t n)
{
    char room[TEXT_ROOM];
    return str_dup(a, (Str){room, to_utf8(s, n, room, sizeof room)});
}

/* --- locales ------------------------------------------------------------------------------------
 */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
}

/* "zh-hant-tw" -> "zh-Hant-TW": language small, script with a capital, region large. */
bool locale_tag(Str s, char ret[static LOCALE_TAG_MAX + 1])
{
    Str    part, rest = s;
    size_t n = 0;
    bool   more = true;
    if (s.len == 0 || s.len > LOCALE_TAG_MAX)
        return false;
    for (int i = 0; more; i++) {
        more = str_cut(rest, '-', &part, &rest);
        if (part.len < 2 || part.len > 8 || (i == 0 && part.len > 3))
            return false;
        for (size_t k = 0; k < part.len; k++) {
            char c = part.ptr[k];
            if (!is_letter(c) && (i == 0 || c < '0' || c > '9'))
                return false;
            bool large = i > 0 && (part.len == 2 || (part.len == 4 && k == 0));
            ret[n++] = large ? upper(c) : lower(c);
        }
        if (more)
            ret[n++] = '-';
    }
    ret[n] = '\0';
    return true;
}

static Locale *new_locale(const char *tag)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar      name[TEXT_ROOM];
    Locale    *l = calloc(1, sizeof *l);
    if (l == NULL)
        base_out_of_memory(sizeof *l);
    memcpy(l->tag, tag, strlen(tag) + 1);
    l->plurals = uplrules_open(tag, &e);
    ASSERT(U_SUCCESS(e));
    l->rtl = uloc_isRightToLeft(tag) != 0;
    int32_t n = uloc_getDisplayName(tag, tag, name, TEXT_ROOM, &e);
    if (U_SUCCESS(e) && n > 0)
        n = u_strToTitle(name, TEXT_ROOM, name, n, NULL, tag, &e);
    if (U_FAILURE(e) || to_utf8(name, n, l->name, sizeof l->name) == 0)
        memcpy(l->name, tag, strlen(tag) + 1);
    return l;
}

static const Locale *find(const char *tag, size_t *ret_free)
{
    size_t i = 0;
    for (; i < LOCALES_MAX; i++) {
        const Locale *l = atomic_load_explicit(&locales[i], memory_order_acquire);
        if (l == NULL)
            break;
        if (strcmp(l->tag, tag) == 0)
            return l;
    }
    *ret_free = i;
    return NULL;
}

const Locale *locale_of(Str s)
{
    char   tag[LOCALE_TAG_MAX + 1];
    size_t at;
    if (!locale_tag(s, tag))
        return NULL;
    const Locale *l = find(tag, &at);
    if (l != NULL)
        return l;
    pthread_mutex_lock(&lock);
    l = find(tag, &at);
    if (l == NULL && at < LOCALES_MAX) {
        Locale *made = new_locale(tag);
        atomic_store_explicit(&locales[at], made, memory_order_release);
        l = made;
    }
    pthread_mutex_unlock(&lock);
    return l;
}

Str locale_tag_of(const Locale *l)
{
    return str_from_cstr(l->tag);
}

Str locale_name(const Locale *l)
{
    return str_from_cstr(l->name);
}

bool locale_is_rtl(const Locale *l)
{
    return l->rtl;
}

Str locale_plural(const Locale *l, double count)
{
    static const char *const FORMS[] = {"zero", "one", "two", "few", "many"};
    UChar                    form[16];
    char                     room[TEXT_ROOM];
    UErrorCode               e = U_ZERO_ERROR;
    int32_t                  n = uplrules_select(l->plurals, count, form, 16, &e);
    Str                      s = {room, U_SUCCESS(e) ? to_utf8(form, n, room, sizeof room) : 0};
    for (size_t i = 0; i < COUNT_OF(FORMS); i++)
        if (str_eq(s, str_from_cstr(FORMS[i])))
            return str_from_cstr(FORMS[i]);
    return STR("other");
}

/* --- money
 * ---------------------------------------------------------------------------------------- */

/* What stands around the digits of a sample, with the blank that ICU puts between letters and
 * digits. */
static void affixes(const UNumberFormat *f, double sample, Affix *before, Affix *after)
{
    UChar      s[2 * AFFIX];
    UErrorCode e = U_ZERO_ERROR;
    int32_t    n = unum_formatDouble(f, sample, s, 2 * AFFIX, NULL, &e), first = 0;
    if (U_FAILURE(e) || n > 2 * AFFIX)
        return;
    int32_t last = n;
    while (first < n && u_isdigit(s[first]) == 0)
        first++;
    while (last > first && u_isdigit(s[last - 1]) == 0)
        last--;
    before->len = to_utf8(s, first, before->text, sizeof before->text);
    after->len = to_utf8(s + last, n - last, after->text, sizeof after->text);
}

static Affix symbol(const UNumberFormat *f, UNumberFormatSymbol which)
{
    UChar      s[AFFIX];
    Affix      a = {{0}, 0};
    UErrorCode e = U_ZERO_ERROR;
    int32_t    n = unum_getSymbol(f, which, s, AFFIX, &e);
    if (U_SUCCESS(e))
        a.len = to_utf8(s, n, a.text, sizeof a.text);
    return a;
}

static int32_t currency_name(const char *tag, const UChar *code, UCurrNameStyle style,
                             UChar ret[static AFFIX])
{
    UErrorCode   e = U_ZERO_ERROR;
    UBool        choice = false;
    int32_t      n = 0;
    const UChar *name = ucurr_getName(code, tag, style, &choice, &n, &e);
    if (U_FAILURE(e) || n >= AFFIX)
        n = 0;
    u_memcpy(ret, name, n);
    ret[n] = 0;
    return n;
}

static void narrow_symbol(UNumberFormat *f, const Locale *l, const UChar *code, const char *name)
{
    UChar      narrow[AFFIX];
    UErrorCode e = U_ZERO_ERROR;
    if (!currency_is_narrow(l->tag, name))
        return;
    int32_t n = currency_name(l->tag, code, UCURR_NARROW_SYMBOL_NAME, narrow);
    unum_setSymbol(f, UNUM_CURRENCY_SYMBOL, narrow, n, &e);
}

static MoneyFormat *new_format(const Locale *l, const char *code)
{
    UErrorCode      e = U_ZERO_ERROR;
    UChar           wide[4] = {(UChar)code[0], (UChar)code[1], (UChar)code[2], 0};
    MoneyFormat    *m = calloc(1, sizeof *m);
    UNumberFormat  *f = unum_open(UNUM_CURRENCY, NULL, 0, l->tag, NULL, &e);
    const Currency *c = currency_find(str_from_cstr(code));
    if (m == NULL)
        base_out_of_memory(sizeof *m);
    ASSERT(U_SUCCESS(e));
    unum_setTextAttribute(f, UNUM_CURRENCY_CODE, wide, 3, &e);
    narrow_symbol(f, l, wide, code);
    memcpy(m->code, code, 4);
    m->decimals = c != NULL ? c->decimals : 2;
    affixes(f, 1, &m->before, &m->after);
    affixes(f, -1, &m->minus_before, &m->minus_after);
    m->symbol = symbol(f, UNUM_CURRENCY_SYMBOL);
    m->group = symbol(f, UNUM_MONETARY_GROUPING_SEPARATOR_SYMBOL);
    m->point = symbol(f, UNUM_MONETARY_SEPARATOR_SYMBOL);
    m->group_size =
        unum_getAttribute(f, UNUM_GROUPING_USED) ? unum_getAttribute(f, UNUM_GROUPING_SIZE) : 0;
    m->group_more = unum_getAttribute(f, UNUM_SECONDARY_GROUPING_SIZE);
    m->group_min = unum_getAttribute(f, UNUM_MINIMUM_GROUPING_DIGITS);
    if (m->group_more <= 0)
        m->group_more = m->group_size;
    if (m->group_min < 1)
        m->group_min = 1;
    unum_close(f);
    return m;
}

static const MoneyFormat *format_of(const Locale *l, const char *code)
{
    Locale *own = (Locale *)(uintptr_t)l; /* only ever added to */
    size_t  i = 0;
    for (; i < CURRENCIES_MAX; i++) {
        const MoneyFormat *m = atomic_load_explicit(&own->formats[i], memory_order_acquire);
        if (m == NULL)
            break;
        if (memcmp(m->code, code, 4) == 0)
            return m;
    }
    pthread_mutex_lock(&lock);
    MoneyFormat *m = NULL;
    for (i = 0; i < CURRENCIES_MAX; i++) {
        m = atomic_load(&own->formats[i]);
        if (m == NULL || memcmp(m->code, code, 4) == 0)
            break;
    }
    if (i < CURRENCIES_MAX && m == NULL) {
        m = new_format(l, code);
        atomic_store_explicit(&own->formats[i], m, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
    return m; /* there are places for all currencies that there are */
}

typedef struct Out {
    char   room[160];
    size_t n;
} Out;

static void put(Out *o, const char *p, size_t n)
{
    if (o->n + n <= sizeof o->room) {
        memcpy(o->room + o->n, p, n);
        o->n += n;
    }
}

static void put_affix(Out *o, const Affix *a)
{
    put(o, a->text, a->len);
}

/* Is there a separator in front of the digit that `left` digits follow? */
static bool splits(const MoneyFormat *f, int left)
{
    if (f->group_size <= 0 || left < f->group_size)
        return false;
    return left == f->group_size || (left - f->group_size) % f->group_more == 0;
}

static void put_whole(Out *o, const MoneyFormat *f, uint64_t whole)
{
    char digits[24];
    int  n = 0;
    do {
        digits[n++] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    bool grouped = f->group_size > 0 && n >= f->group_size + f->group_min;
    for (int i = n - 1; i >= 0; i--) {
        put(o, &digits[i], 1);
        if (grouped && i > 0 && splits(f, i))
            put_affix(o, &f->group);
    }
}

static void put_amount(Out *o, const MoneyFormat *f, uint64_t minor, bool zeros)
{
    uint64_t unit = 1;
    for (int i = 0; i < f->decimals; i++)
        unit *= 10;
    put_whole(o, f, minor / unit);
    if (f->decimals == 0 || (!zeros && minor % unit == 0))
        return;
    put_affix(o, &f->point);
    for (uint64_t part = minor % unit; unit > 1; part %= unit) {
        unit /= 10;
        char digit = (char)('0' + part / unit);
        put(o, &digit, 1);
    }
}

Str locale_money(Arena *a, const Locale *l, Money m, MoneyStyle style)
{
    NOT_CLEARED Out o;
    bool            minus = m.minor < 0, bare = style == MONEY_BARE;
    if (money_absent(m))
        return STR("");
    o.n = 0;
    const MoneyFormat *f = format_of(l, m.cur);
    uint64_t           minor = minus ? 0 - (uint64_t)m.minor : (uint64_t)m.minor;
    if (bare && minus)
        put(&o, "-", 1);
    if (!bare)
        put_affix(&o, minus ? &f->minus_before : &f->before);
    put_amount(&o, f, minor, style != MONEY_NO_ZEROS && style != MONEY_CODE_ZEROS);
    if (!bare)
        put_affix(&o, minus ? &f->minus_after : &f->after);
    if (style == MONEY_CODE || style == MONEY_CODE_ZEROS) {
        put(&o, " ", 1);
        put(&o, m.cur, 3);
    }
    return str_dup(a, (Str){o.room, o.n});
}

Str locale_currency_symbol(Arena *a, const Locale *l, Str code)
{
    char z[4] = {0};
    if (code.len != 3)
        return code;
    memcpy(z, code.ptr, 3);
    const MoneyFormat *f = format_of(l, z);
    return str_dup(a, (Str){f->symbol.text, f->symbol.len});
}

/* --- dates
 * ---------------------------------------------------------------------------------------- */

static int32_t wide_zone(Str zone, UChar room[static 64])
{
    int32_t n = 0;
    for (size_t i = 0; i < zone.len && n < 63; i++)
        room[n++] = (UChar)(unsigned char)zone.ptr[i];
    room[n] = 0;
    return n;
}

static Str format_date(Arena *a, UDateFormat *f, UnixMs at)
{
    UChar      s[TEXT_ROOM];
    UErrorCode e = U_ZERO_ERROR;
    int32_t    n = udat_format(f, (UDate)at.v, s, TEXT_ROOM, NULL, &e);
    return U_SUCCESS(e) ? text(a, s, n) : STR("");
}

/* English without a country is British, as the program's own: "14 March 2026". "en-US" has its own.
 */
static const char *date_tag(const Locale *l)
{
    return strcmp(l->tag, "en") == 0 ? "en-GB" : l->tag;
}

Str locale_date(Arena *a, const Locale *l, UnixMs at, Str zone, DateStyle style, bool time)
{
    static const UDateFormatStyle STYLES[] = {UDAT_SHORT, UDAT_MEDIUM, UDAT_LONG, UDAT_FULL};
    UChar                         tz[64];
    UErrorCode                    e = U_ZERO_ERROR;
    int32_t                       n = wide_zone(zone, tz);
    UDateFormat                  *f =
        udat_open(time ? UDAT_SHORT : UDAT_NONE, STYLES[style], date_tag(l), tz, n, NULL, 0, &e);
    if (U_FAILURE(e))
        return STR("");
    Str s = format_date(a, f, at);
    udat_close(f);
    return s;
}

Str locale_date_skeleton(Arena *a, const Locale *l, UnixMs at, Str zone, Str skeleton)
{
    UChar                      tz[64], wish[64], pattern[TEXT_ROOM];
    UErrorCode                 e = U_ZERO_ERROR;
    int32_t                    ntz = wide_zone(zone, tz), nwish = wide_zone(skeleton, wish);
    UDateTimePatternGenerator *g = udatpg_open(date_tag(l), &e);
    if (U_FAILURE(e))
        return STR("");
    int32_t n = udatpg_getBestPattern(g, wish, nwish, pattern, TEXT_ROOM, &e);
    udatpg_close(g);
    UDateFormat *f =
        U_SUCCESS(e) ? udat_open(UDAT_PATTERN, UDAT_PATTERN, date_tag(l), tz, ntz, pattern, n, &e)
                     : NULL;
    if (U_FAILURE(e) || f == NULL)
        return STR("");
    Str s = format_date(a, f, at);
    udat_close(f);
    return s;
}

int32_t locale_zone_offset(Str zone, int64_t unix_s)
{
    UChar      tz[64];
    UErrorCode e = U_ZERO_ERROR;
    if (zone.len == 0 || str_eq(zone, STR("UTC")))
        return 0;
    int32_t    n = wide_zone(zone, tz);
    UCalendar *c = ucal_open(tz, n, "en", UCAL_GREGORIAN, &e);
    if (U_FAILURE(e))
        return 0;
    ucal_setMillis(c, (UDate)unix_s * 1000, &e);
    int32_t ms = ucal_get(c, UCAL_ZONE_OFFSET, &e) + ucal_get(c, UCAL_DST_OFFSET, &e);
    ucal_close(c);
    return U_SUCCESS(e) ? ms / 1000 : 0;
}
