#include "search/forms.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>

#include "base/utf8.h"
#include "search/analysis.h"
#include "search/fold.h"
#include "search/stem_uk.h"

enum { POOL_MAX = 16, CACHE_SLOTS = 1024 };

/* Stemming again what was stemmed a moment ago: texts repeat their words. */
typedef struct Cached {
    uint8_t from_len, to_len, second_len, language;
    char    from[TERM_MAX], to[TERM_MAX], second[TERM_MAX];
} Cached;

struct Tools {
    Tools   *next;
    Language l;
    Stemmer *own;
    Stemmer *english; /* for Latin words in languages that are written otherwise */
    Stemmer *russian;
    Cached   cache[CACHE_SLOTS];
};

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static Tools          *pool[LANGUAGES];
static size_t          pool_size[LANGUAGES];

Tools *tools_take(Language l)
{
    pthread_mutex_lock(&pool_lock);
    Tools *t = pool[l];
    if (t) {
        pool[l] = t->next;
        pool_size[l]--;
    }
    pthread_mutex_unlock(&pool_lock);
    if (t)
        return t;
    t = calloc(1, sizeof *t);
    if (!t)
        base_out_of_memory(sizeof *t);
    t->l = l;
    t->own = stemmer_new(l);
    return t;
}

void tools_give(Tools *t)
{
    pthread_mutex_lock(&pool_lock);
    bool keep = pool_size[t->l] < POOL_MAX;
    if (keep) {
        t->next = pool[t->l];
        pool[t->l] = t;
        pool_size[t->l]++;
    }
    pthread_mutex_unlock(&pool_lock);
    if (keep)
        return;
    stemmer_free(t->own);
    stemmer_free(t->english);
    stemmer_free(t->russian);
    free(t);
}

typedef enum Script {
    SCRIPT_OTHER,
    SCRIPT_LATIN,
    SCRIPT_RUSSIAN,
    SCRIPT_UKRAINIAN,
    SCRIPT_CYRILLIC
} Script;

/* By its letters: і ї є ґ are Ukrainian alone, ы э ъ ё Russian. */
static Script script_of(Str word)
{
    Script   s = SCRIPT_OTHER;
    uint32_t c = 0;
    for (size_t i = 0, n; i < word.len; i += n) {
        n = utf8_next(word.ptr + i, word.ptr + word.len, &c);
        if (n == 0)
            return SCRIPT_OTHER;
        if (c == 0x454 || c == 0x456 || c == 0x457 || c == 0x491)
            return SCRIPT_UKRAINIAN;
        if (c == 0x44b || c == 0x44d || c == 0x44a || c == 0x451)
            return SCRIPT_RUSSIAN;
        if (c >= 0x400 && c <= 0x52f)
            s = SCRIPT_CYRILLIC;
        else if (s == SCRIPT_OTHER && (c < 0x250 || (c >= 0x1e00 && c < 0x1f00)))
            s = SCRIPT_LATIN;
    }
    return s;
}

/* Which language a word of this script is taken for in a text of language `l`. */
static Language language_for(Language l, Script s)
{
    if (l == LANG_GENERAL)
        return LANG_GENERAL;
    switch (s) {
    case SCRIPT_UKRAINIAN: return LANG_UK;
    case SCRIPT_RUSSIAN: return LANG_RU;
    case SCRIPT_CYRILLIC: return l == LANG_UK || l == LANG_SR ? l : LANG_RU;
    case SCRIPT_LATIN:
        return l == LANG_UK || l == LANG_RU || l == LANG_ZH || l == LANG_JA || l == LANG_EL ||
                       l == LANG_AR || l == LANG_HI || l == LANG_HY || l == LANG_SR
                   ? LANG_EN
                   : l;
    case SCRIPT_OTHER: break;
    }
    return l;
}

static Stemmer *stemmer_for(Tools *t, Language l)
{
    if (l == t->l)
        return t->own;
    Stemmer **s = l == LANG_EN ? &t->english : l == LANG_RU ? &t->russian : NULL;
    if (s && !*s)
        *s = stemmer_new(l);
    return s ? *s : NULL;
}

static uint32_t hash_of(Str s)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * 16777619U;
    return h;
}

static uint8_t put(char *out, Str s)
{
    size_t n = s.len < TERM_MAX ? s.len : TERM_MAX;
    if (n > 0)
        memcpy(out, s.ptr, n);
    return (uint8_t)n;
}

static bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Dutch: laarzen is laars, brieven is brief, brillen is bril; a hoesje is a hoes. */
static size_t settle_dutch(char *w, size_t n)
{
    if (n > 4 && memcmp(w + n - 2, "tj", 2) == 0 && !is_one_of(w[n - 3], "aeiou"))
        n -= 2;
    else if (n > 4 && w[n - 1] == 'j' && !is_one_of(w[n - 2], "aeiou"))
        n--;
    if (n > 2 && w[n - 1] == 'z')
        w[n - 1] = 's';
    if (n > 2 && w[n - 1] == 'v')
        w[n - 1] = 'f';
    if (n > 3 && w[n - 1] == w[n - 2] && !is_one_of(w[n - 1], "aeiou"))
        n--;
    return n;
}

static bool is_russian_vowel(const char *letter)
{
    static const char VOWELS[] = "аеиоуыэюя";
    for (size_t i = 0; i + 1 < sizeof VOWELS; i += 2)
        if (memcmp(letter, VOWELS + i, 2) == 0)
            return true;
    return false;
}

/* Russian: the vowel that comes and goes before the last consonant goes (подушек, подушка;
 * ковер, ковры), where another one stands before it. */
static size_t settle_russian(char *w, size_t n)
{
    bool cyrillic = n >= 8 && n % 2 == 0 && utf8_count((Str){w, n}) == n / 2;
    if (!cyrillic || is_russian_vowel(w + n - 2) || is_russian_vowel(w + n - 6) ||
        memcmp(w + n - 2, "й", 2) == 0)
        return n;
    if (memcmp(w + n - 4, "о", 2) != 0 && memcmp(w + n - 4, "е", 2) != 0)
        return n;
    bool before = false;
    for (size_t i = 0; i + 6 < n; i += 2)
        before |= is_russian_vowel(w + i);
    if (!before)
        return n;
    memmove(w + n - 4, w + n - 2, 2);
    return n - 2;
}

static bool is_turkish_vowel(Str word, size_t end)
{
    static const char *const VOWELS[] = {"a", "e", "o", "i", "u", "ı", "ö", "ü"};
    for (size_t i = 0; i < COUNT_OF(VOWELS); i++)
        if (str_ends(str_head(word, end), str_from_cstr(VOWELS[i])))
            return true;
    return false;
}

/* English plurals that no ending tells; sorted. */
typedef struct Plural {
    const char *many, *one;
} Plural;

static const Plural IRREGULAR[] = {
    {"calves", "calf"},  {"children", "child"}, {"childrens", "child"}, {"elves", "elf"},
    {"feet", "foot"},    {"geese", "goose"},    {"halves", "half"},     {"hooves", "hoof"},
    {"knives", "knife"}, {"leaves", "leaf"},    {"loaves", "loaf"},     {"men", "man"},
    {"mens", "man"},     {"mice", "mouse"},     {"scarves", "scarf"},   {"shelves", "shelf"},
    {"teeth", "tooth"},  {"wives", "wife"},     {"wolves", "wolf"},     {"women", "woman"},
    {"womens", "woman"},
};

static int by_plural(const void *word, const void *entry)
{
    return strcmp(word, ((const Plural *)entry)->many);
}

static Str singular_english(Str word)
{
    char name[12];
    if (word.len < 3 || word.len >= sizeof name)
        return word;
    memcpy(name, word.ptr, word.len);
    name[word.len] = '\0';
    const Plural *found =
        bsearch(name, IRREGULAR, COUNT_OF(IRREGULAR), sizeof *IRREGULAR, by_plural);
    return found ? str_from_cstr(found->one) : word;
}

/* What Snowball leaves: Turkish -sı behind a vowel (ayakkabısı), the s of Dutch hoesjes, mice. */
static Str before_stemming(Language l, Str word)
{
    static const char *const THIRD[] = {"sı", "si", "su", "sü"};
    for (size_t i = 0; l == LANG_TR && i < COUNT_OF(THIRD); i++) {
        Str end = str_from_cstr(THIRD[i]);
        if (word.len > end.len + 3 && str_ends(word, end) &&
            is_turkish_vowel(word, word.len - end.len))
            return str_head(word, word.len - end.len);
    }
    if (l == LANG_NL && word.len > 5 && str_ends(word, STR("jes")))
        return str_head(word, word.len - 1);
    return l == LANG_EN ? singular_english(word) : word;
}

/* Where Snowball takes a Turkish word for little but endings (çadır, a tent, for ça + dır): only
 * plural and possessive go. */
static Str light_turkish(Str word)
{
    static const char *const PLURALS[] = {"larının", "lerinin", "ların", "lerin",
                                          "ları",    "leri",    "lar",   "ler"};
    static const char *const VOWELS[] = {"ı", "i", "u", "ü"};
    for (size_t i = 0; i < COUNT_OF(PLURALS); i++)
        if (str_ends(word, str_from_cstr(PLURALS[i]))) {
            word = str_head(word, word.len - strlen(PLURALS[i]));
            break;
        }
    for (size_t i = 0; i < COUNT_OF(VOWELS); i++) {
        Str shorter = str_head(word, word.len - strlen(VOWELS[i]));
        if (str_ends(word, str_from_cstr(VOWELS[i])) && utf8_count(shorter) >= 3)
            return shorter;
    }
    return word;
}

/* Snowball takes one layer of endings off in these languages, and its stem may have another:
 * elbiseler, elbise; kussens, kussen. So it is asked until nothing changes. */
static uint8_t stem_settled(Stemmer *s, Language l, Str word, char out[TERM_MAX])
{
    word = before_stemming(l, word);
    uint8_t n = put(out, stemmer_stem(s, word));
    bool    again_turkish = l == LANG_TR && n + 3U <= word.len; /* a plural is gone: elbiseler */
    for (int round = 0; round < 3 && (l == LANG_NL || again_turkish); round++) {
        size_t settled = l == LANG_NL ? settle_dutch(out, n) : n;
        Str    again = stemmer_stem(s, (Str){out, settled});
        if (again.len == n)
            break;
        again_turkish = false;
        n = put(out, again);
    }
    if (l == LANG_TR && utf8_count((Str){out, n}) < 4)
        return put(out, light_turkish(word));
    return l == LANG_RU ? (uint8_t)settle_russian(out, n) : n;
}

static const Cached *stem_cached(Tools *t, Language l, Str word)
{
    Cached *c = &t->cache[(hash_of(word) + (uint32_t)l) % CACHE_SLOTS];
    if (c->from_len == word.len && c->language == (uint8_t)l &&
        memcmp(c->from, word.ptr, word.len) == 0)
        return c;
    c->from_len = put(c->from, word);
    c->language = (uint8_t)l;
    c->second_len = 0;
    if (l == LANG_UK) {
        StemUk s;
        stem_uk(word, &s);
        c->to_len = put(c->to, (Str){s.first, s.first_len});
        c->second_len = put(c->second, (Str){s.second, s.second_len});
    } else {
        c->to_len = stem_settled(stemmer_for(t, l), l, word, c->to);
    }
    return c;
}

/* ё as е: nobody types the dots, and stemmers want them gone. */
static Str without_yo(Str word, Arena *a)
{
    if (str_find(word, STR("ё")) == SIZE_MAX)
        return word;
    char *out = arena_array(a, char, word.len + 1);
    memcpy(out, word.ptr, word.len);
    for (size_t i = 0; i + 1 < word.len; i++)
        if (memcmp(out + i, "ё", 2) == 0)
            memcpy(out + i, "е", 2);
    return (Str){out, word.len};
}

void forms_of(Tools *t, Str raw, RunKind kind, Arena *a, Forms *ret)
{
    *ret = (Forms){.surface = fold_word(t->l, raw, a)};
    if (ret->surface.len == 0)
        return;
    Str word = ret->surface;
    if (kind == RUN_WORD && t->l != LANG_GENERAL) {
        Language l = language_for(t->l, script_of(word));
        if (l == LANG_RU || l == LANG_UK)
            word = without_yo(word, a);
        Str plain = fold_accents(word, a);
        ret->stop = stop_word(t->l, plain);
        ret->before = preposition(t->l, plain);
        ret->behind = postposition(t->l, plain);
        const Cached *c = stem_cached(t, l, word);
        ret->second = str_dup(a, (Str){c->second, c->second_len});
        word = str_dup(a, (Str){c->to, c->to_len});
    }
    ret->term = fold_accents(word, a);
    if (!str_eq(ret->term, word))
        ret->accented = word;
}

static bool comma_is_decimal(Language l)
{
    return l != LANG_EN && l != LANG_ZH && l != LANG_JA && l != LANG_GENERAL && l != LANG_HI;
}

static Str without_zeros(char *out, size_t n)
{
    if (memchr(out, '.', n)) {
        while (n > 1 && out[n - 1] == '0')
            n--;
        if (out[n - 1] == '.')
            n--;
    }
    return (Str){out, n};
}

Str forms_number(Language l, Str raw, Arena *a)
{
    char    *out = arena_array(a, char, raw.len + 1);
    size_t   n = 0;
    uint32_t c = 0;
    for (size_t i = 0, step; i < raw.len && n < TERM_MAX; i += step) {
        step = utf8_next(raw.ptr + i, raw.ptr + raw.len, &c);
        if (step == 0)
            break;
        int digit = u_charDigitValue((UChar32)c);
        if (digit >= 0) {
            out[n++] = (char)('0' + digit);
            continue;
        }
        bool thousands = raw.len - i == 4 && (c == ',') != comma_is_decimal(l);
        if (!thousands)
            out[n++] = '.';
    }
    return without_zeros(out, n);
}

void forms_dense(Str raw, Arena *a, Dense *ret)
{
    *ret = (Dense){.term = fold_han(fold_word(LANG_GENERAL, raw, a), a)};
    uint32_t c = 0;
    size_t   i = 0;
    while (i < ret->term.len && ret->n < DENSE_WORD_MAX) {
        ret->at[ret->n++] = i;
        size_t step = utf8_next(ret->term.ptr + i, ret->term.ptr + ret->term.len, &c);
        i += step ? step : 1;
    }
    ret->at[ret->n] = i;
    ret->term = str_head(ret->term, i);
}
