#include "search/fold.h"

#include <pthread.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "base/utf8.h"
#include "search/analysis.h"

enum { UNITS_MAX = 4 * TERM_MAX };

bool fold_is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02bc || c == 0x02b9 || c == '`' ||
           c == 0x00b4 || c == 0x2032;
}

static Str cut_term(Str s)
{
    return s.len <= TERM_MAX ? s : utf8_truncate_bytes(s, TERM_MAX);
}

/* Lower case of letters for which that is one letter in every language; 0: ask ICU. */
static uint32_t simple_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c >= 0x0430 && c <= 0x045f)
        return c;
    if (c >= 0x0410 && c <= 0x042f)
        return c + 32;
    if (c >= 0x0400 && c <= 0x040f)
        return c + 80;
    if (c == 0x0490 || c == 0x0491)
        return 0x0491;
    if ((c >= 0xe0 && c <= 0xff && c != 0xf7) || c == 0x131 || c == 0x11f || c == 0x15f)
        return c;
    if (c >= 0xc0 && c <= 0xde && c != 0xd7)
        return c + 32;
    return c >= 0x4e00 && c <= 0x9fff ? c : 0;
}

static uint32_t turkish(uint32_t c)
{
    return c == 'I' ? 0x131 : c == 0x130 ? 'i' : c;
}

/* False where ICU has to look at it. */
static bool fold_simple(Language l, Str raw, char *out, size_t *ret_len)
{
    size_t   n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < raw.len; i += step) {
        unsigned char byte = (unsigned char)raw.ptr[i];
        if (byte < 0x80 && byte > '`') { /* most of what there is */
            out[n++] = (char)byte;
            step = 1;
            continue;
        }
        step = utf8_next(raw.ptr + i, raw.ptr + raw.len, &c);
        if (step == 0)
            return false;
        if (fold_is_apostrophe(c))
            continue;
        if (c == 0xdf) {
            n += utf8_put(out + n, 's');
            n += utf8_put(out + n, 's');
            continue;
        }
        uint32_t low = simple_lower(l == LANG_TR || c == 0x130 ? turkish(c) : c);
        if (low == 0)
            return false;
        n += utf8_put(out + n, low);
    }
    *ret_len = n;
    return true;
}

static int32_t to_utf16(Str s, UChar *out, Language l)
{
    int32_t  n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < s.len && n + 2 < UNITS_MAX; i += step) {
        step = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (step == 0) {
            step = 1;
            continue;
        }
        if (fold_is_apostrophe(c))
            continue;
        c = l == LANG_TR || c == 0x130 ? turkish(c) : c;
        U16_APPEND_UNSAFE(out, n, c);
    }
    return n;
}

static Str to_utf8(const UChar *u, int32_t n, Arena *a)
{
    int32_t    cap = n * 3 + 1, len = 0;
    char      *out = arena_array(a, char, (size_t)cap);
    UErrorCode e = U_ZERO_ERROR;
    u_strToUTF8WithSub(out, cap, &len, u, n, 0xfffd, NULL, &e);
    return (Str){out, U_FAILURE(e) ? 0 : (size_t)len};
}

Str fold_word(Language l, Str raw, Arena *a)
{
    raw = raw.len > TERM_MAX * 2 ? utf8_truncate_bytes(raw, TERM_MAX * 2) : raw;
    char  *out = arena_array(a, char, raw.len * 2 + 8); /* Turkish I becomes ı */
    size_t n = 0;
    if (fold_simple(l, raw, out, &n))
        return cut_term((Str){out, n});
    UChar               in[UNITS_MAX], folded[UNITS_MAX];
    UErrorCode          e = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCCasefoldInstance(&e);
    int32_t             len = U_SUCCESS(e) ? to_utf16(raw, in, l) : 0;
    len = unorm2_normalize(nfkc, in, len, folded, UNITS_MAX, &e);
    return U_SUCCESS(e) ? cut_term(to_utf8(folded, len, a)) : (Str){0};
}

static const char *spelled_out(uint32_t c)
{
    switch (c) {
    case 0x0131: return "i";
    case 0x00f8: return "o";
    case 0x0111:
    case 0x00f0: return "d";
    case 0x0142: return "l";
    case 0x0127: return "h";
    case 0x00e6: return "ae";
    case 0x0153: return "oe";
    case 0x00fe: return "th";
    case 0x00df: return "ss";
    case 0x0451: return "е";
    case 0x0491: return "г";
    default: return NULL;
    }
}

/* Append a letter without its marks; at most 8 bytes. */
static size_t put_bare(char *out, uint32_t c)
{
    const char *spelled = spelled_out(c);
    if (spelled) {
        memcpy(out, spelled, strlen(spelled));
        return strlen(spelled);
    }
    bool       plain = c < 0xc0 || (c >= 0x0400 && c <= 0x052f) || c >= 0x2000;
    UErrorCode e = U_ZERO_ERROR;
    UChar      parts[8];
    int32_t    n = -1;
    if (u_charType((UChar32)c) == U_NON_SPACING_MARK && c < 0x0370)
        return 0;
    if (!plain)
        n = unorm2_getDecomposition(unorm2_getNFDInstance(&e), (UChar32)c, parts, 8, &e);
    if (U_FAILURE(e) || n <= 0)
        return utf8_put(out, c);
    return utf8_put(out, parts[0]);
}

Str fold_accents(Str word, Arena *a)
{
    if (utf8_ascii_run(word.ptr, word.ptr + word.len) == word.len)
        return word;
    char    *out = arena_array(a, char, word.len * 4 + 8);
    size_t   n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < word.len; i += step) {
        step = utf8_next(word.ptr + i, word.ptr + word.len, &c);
        if (step == 0) {
            step = 1;
            continue;
        }
        n += put_bare(out + n, c);
    }
    Str folded = cut_term((Str){out, n});
    return str_eq(folded, word) || n == 0 ? word : folded;
}

static pthread_mutex_t  han_lock = PTHREAD_MUTEX_INITIALIZER;
static UTransliterator *han_made;

Str fold_han(Str word, Arena *a)
{
    UChar      u[UNITS_MAX];
    UErrorCode e = U_ZERO_ERROR;
    int32_t    n = to_utf16(word, u, LANG_GENERAL);
    int32_t    limit = n;
    pthread_mutex_lock(&han_lock);
    if (!han_made)
        han_made = utrans_openU(u"Traditional-Simplified", -1, UTRANS_FORWARD, NULL, 0, NULL, &e);
    if (U_SUCCESS(e))
        utrans_transUChars(han_made, u, &n, UNITS_MAX, 0, &limit, &e);
    pthread_mutex_unlock(&han_lock);
    return U_SUCCESS(e) ? cut_term(to_utf8(u, n, a)) : word;
}
