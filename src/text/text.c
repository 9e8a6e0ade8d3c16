#include "text/text.h"

#include <pthread.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/utf8.h"
#include <unicode/utrans.h>

/* Longer texts are cut before they are turned into a handle: nobody reads the rest. */
enum { HANDLE_SOURCE_MAX = 1024 };

typedef enum Script { SCRIPT_LATIN, SCRIPT_UKRAINIAN, SCRIPT_RUSSIAN, SCRIPT_COUNT } Script;

/* A transliterator may not be used by two threads at once, and opening one takes
 * milliseconds: one of each, behind a lock that ASCII texts never take. */
static pthread_mutex_t  trans_lock = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *trans_made[SCRIPT_COUNT];

static const char *const TRANS_ID[SCRIPT_COUNT] = {
    [SCRIPT_LATIN] = "Any-Latin; Latin-ASCII; Lower",
    [SCRIPT_UKRAINIAN] = "uk-uk_Latn/BGN; Any-Latin; Latin-ASCII; Lower",
    [SCRIPT_RUSSIAN] = "ru-ru_Latn/BGN; Any-Latin; Latin-ASCII; Lower",
};

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

/* UTF-16 in the arena, with room for growth; what is not UTF-8 becomes U+FFFD. */
static UChar *to_utf16(Arena *a, Str s, size_t cap, int32_t *ret_len)
{
    UChar     *u = arena_array(a, UChar, cap + 1);
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8WithSub(u, (int32_t)cap, ret_len, s.ptr, (int32_t)s.len, 0xfffd, NULL, &e);
    if (U_FAILURE(e))
        *ret_len = 0;
    return u;
}

static Str to_utf8(Arena *a, const UChar *u, int32_t len)
{
    size_t     cap = (size_t)len * 3;
    char      *out = arena_array(a, char, cap + 1);
    int32_t    n = 0;
    UErrorCode e = U_ZERO_ERROR;
    u_strToUTF8WithSub(out, (int32_t)cap, &n, u, len, 0xfffd, NULL, &e);
    return (Str){out, U_FAILURE(e) ? 0 : (size_t)n};
}

/* є і ї ґ, which Russian does not have. */
static bool only_ukrainian(uint32_t c)
{
    return c == 0x0404 || c == 0x0454 || c == 0x0406 || c == 0x0456 || c == 0x0407 || c == 0x0457 ||
           c == 0x0490 || c == 0x0491;
}

static Script script_of(Str s, Str locale)
{
    if (str_starts(locale, STR("uk")))
        return SCRIPT_UKRAINIAN;
    Script   found = SCRIPT_LATIN;
    uint32_t c;
    for (size_t i = 0, n; i < s.len; i += n) {
        n = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (n == 0)
            n = 1;
        else if (only_ukrainian(c))
            return SCRIPT_UKRAINIAN;
        else if (c >= 0x0400 && c <= 0x04ff)
            found = SCRIPT_RUSSIAN;
    }
    return found;
}

static Str transliterate(Arena *a, Str s, Script script)
{
    /* One ideograph becomes up to seven letters and a blank. */
    size_t     cap = s.len * 8 + 64;
    int32_t    len;
    UChar     *u = to_utf16(a, s, cap, &len);
    UErrorCode e = U_ZERO_ERROR;
    pthread_mutex_lock(&trans_lock);
    if (!trans_made[script]) {
        UChar   id[64];
        int32_t n;
        u_strFromUTF8(id, (int32_t)COUNT_OF(id), &n, TRANS_ID[script], -1, &e);
        trans_made[script] = utrans_openU(id, n, UTRANS_FORWARD, NULL, 0, NULL, &e);
    }
    int32_t limit = len;
    if (U_SUCCESS(e))
        utrans_transUChars(trans_made[script], u, &len, (int32_t)cap, 0, &limit, &e);
    pthread_mutex_unlock(&trans_lock);
    return U_FAILURE(e) ? s : to_utf8(a, u, len);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Cut at `max` bytes of UTF-8, never inside a character. */
static Str cut(Str s, size_t max)
{
    if (s.len <= max)
        return s;
    while (max > 0 && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
        max--;
    return (Str){s.ptr, max};
}

Str text_handle(Arena *a, Str s, Str locale)
{
    s = cut(s, HANDLE_SOURCE_MAX);
    if (!is_ascii(s))
        s = transliterate(a, s, script_of(s, locale));
    char  *out = arena_array(a, char, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (is_alnum(c))
            out[n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        else if (c == '\'' || (unsigned char)c >= 0x80)
            continue; /* "women's" is "womens"; what has no Latin form is left out */
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    if (n > TEXT_HANDLE_MAX) {
        n = TEXT_HANDLE_MAX;
        size_t hyphen = n;
        while (hyphen > TEXT_HANDLE_MAX - 40 && out[hyphen] != '-')
            hyphen--;
        n = out[hyphen] == '-' ? hyphen : n;
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    return (Str){out, n};
}

static bool may_stand_in_handle(uint32_t c)
{
    if (c < 0x80)
        return c == '-' || c == '_' || (is_alnum((char)c) && !(c >= 'A' && c <= 'Z'));
    UChar32 u = (UChar32)c;
    if (u_isupper(u) || u_istitle(u))
        return false;
    return u_isalnum(u) || u_charType(u) == U_NON_SPACING_MARK ||
           u_charType(u) == U_COMBINING_SPACING_MARK;
}

bool text_is_handle(Str s)
{
    if (s.len == 0 || s.len > TEXT_HANDLE_MAX)
        return false;
    uint32_t c;
    for (size_t i = 0, n; i < s.len; i += n) {
        n = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (n == 0 || !may_stand_in_handle(c))
            return false;
    }
    return true;
}

static Str squeeze(Arena *a, Str s)
{
    char  *out = arena_array(a, char, s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            if (n > 0 && out[n - 1] != ' ')
                out[n++] = ' ';
        } else {
            out[n++] = c;
        }
    }
    if (n > 0 && out[n - 1] == ' ')
        n--;
    return (Str){out, n};
}

static Str fold_ascii(Arena *a, Str s)
{
    char *out = arena_array(a, char, s.len + 1);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return squeeze(a, (Str){out, s.len});
}

Str text_fold(Arena *a, Str s)
{
    if (is_ascii(s))
        return fold_ascii(a, s);
    UErrorCode          e = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&e);
    int32_t             len;
    UChar              *u = to_utf16(a, s, s.len, &len);
    /* U+FDFA, the longest, becomes 18 units. */
    size_t  cap = (size_t)len * 18 + 8;
    UChar  *folded = arena_array(a, UChar, cap);
    int32_t n = unorm2_normalize(nfkc, u, len, folded, (int32_t)cap, &e);
    return U_FAILURE(e) ? fold_ascii(a, s) : squeeze(a, to_utf8(a, folded, n));
}
