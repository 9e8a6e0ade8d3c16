#include "text/messages_int.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

/* Opening a formatter costs a hundred times what using it does, so they are kept for the
 * life of the program: at most so many, which is more than a shop has currencies and zones. */
enum { KEPT = 96, NAME_MAX_LEN = 48, WIDE = 256 };

static const char *const LOCALES[LANGS] = {"en_GB", "uk_UA", "ru_RU", "tr_TR", "nl_NL", "zh_CN"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* --- text --------------------------------------------------------------------------------------
 */

static void add_wide(Buf *b, const UChar *s, int32_t n)
{
    char       bytes[WIDE * 3];
    int32_t    len = 0;
    UErrorCode ec = U_ZERO_ERROR;
    u_strToUTF8(bytes, sizeof bytes, &len, s, n, &ec);
    if (U_SUCCESS(ec))
        buf_add(b, (Str){bytes, (size_t)len});
}

/* --- numbers -----------------------------------------------------------------------------------
 */

typedef struct NumberSlot {
    Lang              lang;
    char              skeleton[NAME_MAX_LEN];
    UNumberFormatter *made;
} NumberSlot;

static NumberSlot numbers[KEPT]; /* a slot, once filled, stays as it is */
static int        nnumbers;

static UNumberFormatter *open_number(Lang lang, const char *skeleton)
{
    UChar      wide[NAME_MAX_LEN];
    UErrorCode ec = U_ZERO_ERROR;
    u_uastrcpy(wide, skeleton);
    /* Amounts as storefronts write them: of no country ("¥500" in English, not "JP¥500"). */
    bool money = strncmp(skeleton, "currency/", 9) == 0;
    return unumf_openForSkeletonAndLocale(wide, -1, money ? lang_tags[lang] : LOCALES[lang], &ec);
}

static UNumberFormatter *find_number(Lang lang, const char *skeleton)
{
    for (int i = 0; i < nnumbers; i++)
        if (numbers[i].lang == lang && strcmp(numbers[i].skeleton, skeleton) == 0)
            return numbers[i].made;
    return NULL;
}

/* *ret_own: close it after use. */
static UNumberFormatter *number_for(Lang lang, const char *skeleton, bool *ret_own)
{
    pthread_mutex_lock(&lock);
    UNumberFormatter *f = find_number(lang, skeleton);
    *ret_own = f == NULL && nnumbers == KEPT;
    if (f == NULL)
        f = open_number(lang, skeleton);
    if (f != NULL && !*ret_own && find_number(lang, skeleton) == NULL) {
        NumberSlot *slot = &numbers[nnumbers++];
        slot->lang = lang;
        (void)snprintf(slot->skeleton, sizeof slot->skeleton, "%s", skeleton);
        slot->made = f;
    }
    pthread_mutex_unlock(&lock);
    return f;
}

typedef enum NumberKind { NUMBER_INT, NUMBER_REAL, NUMBER_DECIMAL } NumberKind;

typedef struct Number {
    NumberKind kind;
    int64_t    i;
    double     real;
    Str        decimal;
} Number;

static void add_number(Buf *b, Lang lang, const char *skeleton, const Number *v)
{
    UChar             text[WIDE];
    UErrorCode        ec = U_ZERO_ERROR;
    bool              own;
    UNumberFormatter *f = number_for(lang, skeleton, &own);
    UFormattedNumber *result = unumf_openResult(&ec);
    int32_t           n = 0;
    if (f != NULL && v->kind == NUMBER_INT)
        unumf_formatInt(f, v->i, result, &ec);
    else if (f != NULL && v->kind == NUMBER_REAL)
        unumf_formatDouble(f, v->real, result, &ec);
    else if (f != NULL)
        unumf_formatDecimal(f, v->decimal.ptr, (int32_t)v->decimal.len, result, &ec);
    if (f != NULL)
        n = unumf_resultToString(result, text, WIDE, &ec);
    if (f != NULL && U_SUCCESS(ec))
        add_wide(b, text, n);
    unumf_closeResult(result);
    if (own)
        unumf_close(f);
}

void icu_add_int(Buf *b, Lang lang, const char *skeleton, int64_t v)
{
    add_number(b, lang, skeleton, &(Number){.kind = NUMBER_INT, .i = v});
}

void icu_add_real(Buf *b, Lang lang, const char *skeleton, double v)
{
    add_number(b, lang, skeleton, &(Number){.kind = NUMBER_REAL, .real = v});
}

void icu_add_decimal(Buf *b, Lang lang, const char *skeleton, Str decimal)
{
    add_number(b, lang, skeleton, &(Number){.kind = NUMBER_DECIMAL, .decimal = decimal});
}

/* --- times -------------------------------------------------------------------------------------
 */

typedef struct DateSlot {
    Lang         lang;
    DateStyle    date, time;
    char         zone[NAME_MAX_LEN];
    UDateFormat *made;
} DateSlot;

static DateSlot dates[KEPT];
static unsigned ndates; /* ever made: the oldest goes first */

static UDateFormatStyle style_of(DateStyle style)
{
    static const UDateFormatStyle STYLES[] = {
        [DATE_NONE] = UDAT_NONE, [DATE_SHORT] = UDAT_SHORT, [DATE_MEDIUM] = UDAT_MEDIUM,
        [DATE_LONG] = UDAT_LONG, [DATE_FULL] = UDAT_FULL,   [DATE_DAY] = UDAT_PATTERN};
    return STYLES[style];
}

static int32_t day_pattern(Lang lang, UChar ret[static NAME_MAX_LEN])
{
    static const UChar         SKELETON[] = u"EEEdMMMM";
    UErrorCode                 ec = U_ZERO_ERROR;
    UDateTimePatternGenerator *g = udatpg_open(LOCALES[lang], &ec);
    int32_t                    n = udatpg_getBestPattern(g, SKELETON, -1, ret, NAME_MAX_LEN, &ec);
    udatpg_close(g);
    return U_SUCCESS(ec) ? n : 0;
}

/* With the lock held, also while it is used: these are not for two threads at once. */
static UDateFormat *date_for(Lang lang, DateStyle date, DateStyle time, const char *zone)
{
    UChar      wide[NAME_MAX_LEN];
    UErrorCode ec = U_ZERO_ERROR;
    for (unsigned i = 0; i < ndates && i < KEPT; i++) {
        const DateSlot *s = &dates[i];
        if (s->lang == lang && s->date == date && s->time == time && strcmp(s->zone, zone) == 0)
            return s->made;
    }
    u_uastrcpy(wide, zone);
    UChar        pattern[NAME_MAX_LEN];
    bool         day = date == DATE_DAY;
    int32_t      n = day ? day_pattern(lang, pattern) : 0;
    UDateFormat *made = udat_open(day ? UDAT_PATTERN : style_of(time), style_of(date),
                                  LOCALES[lang], wide, -1, day ? pattern : NULL, n, &ec);
    if (made == NULL)
        return NULL;
    DateSlot *slot = &dates[ndates++ % KEPT];
    if (slot->made != NULL)
        udat_close(slot->made);
    *slot = (DateSlot){.lang = lang, .date = date, .time = time, .made = made};
    (void)snprintf(slot->zone, sizeof slot->zone, "%s", zone);
    return made;
}

void icu_add_time(Buf *b, Lang lang, DateStyle date, DateStyle time, const char *zone, UnixMs t)
{
    UChar       text[WIDE];
    UErrorCode  ec = U_ZERO_ERROR;
    const char *where = zone != NULL && strlen(zone) < NAME_MAX_LEN ? zone : "UTC";
    int32_t     n = 0;
    pthread_mutex_lock(&lock);
    UDateFormat *f = date_for(lang, date, time, where);
    if (f != NULL)
        n = udat_format(f, (UDate)t.v, text, WIDE, NULL, &ec);
    pthread_mutex_unlock(&lock);
    if (f == NULL || U_FAILURE(ec))
        return;
    add_wide(b, text, n);
    if (zone == NULL && time != DATE_NONE)
        buf_add(b, STR(" UTC"));
}

/* --- plurals -----------------------------------------------------------------------------------
 */

const char *icu_plural(Lang lang, bool ordinal, double v)
{
    static UPluralRules     *rules[LANGS][2];
    static const char *const FORMS[] = {"zero", "one", "two", "few", "many"};
    UChar                    word[16];
    char                     form[16];
    UErrorCode               ec = U_ZERO_ERROR;
    pthread_mutex_lock(&lock);
    if (rules[lang][ordinal] == NULL)
        rules[lang][ordinal] = uplrules_openForType(
            LOCALES[lang], ordinal ? UPLURAL_TYPE_ORDINAL : UPLURAL_TYPE_CARDINAL, &ec);
    const UPluralRules *r = rules[lang][ordinal];
    pthread_mutex_unlock(&lock);
    int32_t n = r != NULL ? uplrules_select(r, v, word, COUNT_OF(word) - 1, &ec) : 0;
    if (U_FAILURE(ec) || n <= 0)
        return "other";
    u_austrncpy(form, word, n);
    form[n] = '\0';
    for (size_t i = 0; i < COUNT_OF(FORMS); i++)
        if (strcmp(form, FORMS[i]) == 0)
            return FORMS[i];
    return "other";
}
