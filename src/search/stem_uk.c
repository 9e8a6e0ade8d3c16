#include "search/stem_uk.h"

#include <string.h>
#include <uchar.h>

#include "base/utf8.h"

/* A word as Cyrillic letters: 16 bits each. */
enum { LETTERS_MAX = STEM_UK_MAX / 2 };

typedef struct Word {
    char16_t at[LETTERS_MAX];
    size_t   n;
} Word;

/* Endings, longest first within a list. `after` names the letters of which one must stand
 * before the ending ("": any), `keep` how many letters must be left. */
typedef struct Ending {
    const char16_t *text;
    const char16_t *after;
    size_t          keep;
} Ending;

static const Ending REFLEXIVE[] = {{u"ся", u"ьеєуюиіа", 3}, {u"сь", u"ьеєуюиіаяв", 4}};

/* Of verbs that end in -увати: друкує, сканувати, фарбування. */
static const Ending VERB[] = {
    {u"ування", u"", 3}, {u"ювання", u"", 3}, {u"уванню", u"", 3}, {u"увальний", u"", 3},
    {u"увати", u"", 3},  {u"ювати", u"", 3},  {u"ували", u"", 3},  {u"ювали", u"", 3},
    {u"увала", u"", 3},  {u"ювала", u"", 3},  {u"ують", u"", 3},   {u"юють", u"", 3},
    {u"уємо", u"", 3},   {u"юємо", u"", 3},   {u"ував", u"", 3},   {u"ював", u"", 3},
    {u"ує", u"", 3},     {u"ює", u"", 3},     {u"ають", u"", 3},   {u"яють", u"", 3},
    {u"аємо", u"", 3},   {u"ає", u"", 3},     {u"яє", u"", 3},
};

/* Of nouns and adjectives. After these lists the word ends in a consonant. */
static const Ending NOMINAL[] = {
    {u"еями", u"", 2}, {u"еєм", u"", 2},  {u"еїв", u"", 2},  {u"еях", u"", 2},  {u"еям", u"", 2},
    {u"еї", u"", 2},   {u"ея", u"", 2},

    {u"ього", u"", 2}, {u"ьому", u"", 2}, {u"ьими", u"", 2}, {u"іями", u"", 3}, {u"ими", u"", 2},
    {u"іми", u"", 2},  {u"ого", u"", 2},  {u"ому", u"", 2},  {u"ами", u"", 2},  {u"ями", u"", 2},
    {u"ьми", u"", 2},  {u"ьою", u"", 2},  {u"ією", u"", 2},  {u"іям", u"", 3},  {u"іях", u"", 3},
    {u"єві", u"", 2},  {u"ого", u"", 2},  {u"ими", u"", 2},  {u"ьої", u"", 2},  {u"ії", u"", 2},
    {u"ія", u"", 2},   {u"ію", u"", 2},   {u"ий", u"", 2},   {u"ій", u"", 2},   {u"ої", u"", 2},
    {u"ою", u"", 2},   {u"ею", u"", 2},   {u"єю", u"", 2},   {u"им", u"", 2},   {u"ім", u"", 2},
    {u"их", u"", 2},   {u"іх", u"", 2},   {u"ам", u"", 3},   {u"ям", u"", 2},   {u"ах", u"", 2},
    {u"ях", u"", 2},   {u"ом", u"", 2},   {u"ем", u"", 2},   {u"єм", u"", 2},   {u"ів", u"", 3},
    {u"їв", u"", 2},   {u"ей", u"", 2},   {u"ью", u"", 2},   {u"а", u"", 2},    {u"я", u"", 2},
    {u"у", u"", 2},    {u"ю", u"", 2},    {u"о", u"", 2},    {u"е", u"", 2},    {u"є", u"", 2},
    {u"и", u"", 2},    {u"і", u"", 2},    {u"ї", u"", 2},
};

/* Roots that end like an ending: модем is not a form of мода. */
static const char16_t *const ROOTS[] = {
    u"модем",   u"систем",  u"проблем", u"схем",    u"альбом",   u"шолом",     u"тандем",
    u"тотем",   u"крем",    u"джем",    u"одром",   u"диплом",   u"симптом",   u"злом",
    u"атом",    u"реклам",  u"програм", u"панорам", u"піжам",    u"рам",       u"дам",
    u"діаграм", u"грам",    u"птах",    u"шлях",    u"дах",      u"острів",    u"рукав",
    u"грим",    u"килим",   u"олій",    u"лілій",   u"алюміній", u"термостій", u"прем",
    u"фонем",   u"бальзам", u"храм",    u"ритм",    u"фільм",    u"екстрим",   u"режим",
    u"інтим",   u"вим",     u"дим",     u"зим",     u"пуловер",  u"ялинков",
};

static bool is_vowel(char16_t c)
{
    return c == u'а' || c == u'е' || c == u'є' || c == u'и' || c == u'і' || c == u'ї' ||
           c == u'о' || c == u'у' || c == u'ю' || c == u'я';
}

static size_t length16(const char16_t *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

static bool stands_in(char16_t c, const char16_t *set)
{
    for (; *set; set++)
        if (*set == c)
            return true;
    return false;
}

static bool ends_with(const Word *w, const char16_t *text, size_t n)
{
    return w->n >= n && memcmp(w->at + w->n - n, text, n * sizeof *text) == 0;
}

static size_t vowels_in(const char16_t *at, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += is_vowel(at[i]);
    return count;
}

static bool strip(Word *w, const Ending *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t n = length16(list[i].text);
        if (w->n < n + list[i].keep || !ends_with(w, list[i].text, n))
            continue;
        size_t left = w->n - n;
        if (vowels_in(w->at, left) == 0)
            continue;
        if (*list[i].after && !stands_in(w->at[left - 1], list[i].after))
            continue;
        w->n = left;
        return true;
    }
    return false;
}

static bool is_ending(const char16_t *at, size_t n)
{
    for (size_t i = 0; i < COUNT_OF(NOMINAL); i++)
        if (length16(NOMINAL[i].text) == n && memcmp(NOMINAL[i].text, at, n * sizeof *at) == 0)
            return true;
    return n == 0;
}

/* Cut the word after one of ROOTS when only an ending follows. Short ones must begin it. */
static bool cut_after_root(Word *w)
{
    for (size_t i = 0; i < COUNT_OF(ROOTS); i++) {
        size_t n = length16(ROOTS[i]);
        for (size_t end = n; end <= w->n; end++) {
            bool here = memcmp(w->at + end - n, ROOTS[i], n * sizeof *w->at) == 0;
            if (here && (end == n || n >= 5) && is_ending(w->at + end, w->n - end)) {
                w->n = end;
                return true;
            }
        }
    }
    return false;
}

/* Lower-case Ukrainian (and other Cyrillic) letters only? ґ becomes г, ё become е. */
static bool read_word(Str s, Word *w)
{
    w->n = 0;
    if (s.len > STEM_UK_MAX)
        return false;
    uint32_t c = 0;
    for (size_t i = 0, n; i < s.len; i += n) {
        n = utf8_next(s.ptr + i, s.ptr + s.len, &c);
        if (n != 2 || c < 0x0430 || c > 0x0491 || w->n == LETTERS_MAX)
            return false;
        w->at[w->n++] = c == u'ґ' ? u'г' : c == u'ё' ? u'е' : (char16_t)c;
    }
    return w->n > 0;
}

static size_t write_word(const Word *w, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        n += utf8_put(out + n, w->at[i]);
    return n;
}

static void remove_at(Word *w, size_t i)
{
    memmove(w->at + i, w->at + i + 1, (w->n - i - 1) * sizeof *w->at);
    w->n--;
}

/* Soft signs go; a doubled consonant at the end becomes one. */
static void even_out_consonants(Word *w)
{
    for (size_t i = 0; i < w->n;)
        if (w->at[i] == u'ь')
            remove_at(w, i);
        else
            i++;
    if (w->n > 3 && w->at[w->n - 1] == w->at[w->n - 2] && !is_vowel(w->at[w->n - 1]))
        w->n--;
}

/* о, е and і between the last two consonants: dropped where another vowel stands before,
 * made о where it is the only one. */
static void even_out_vowels(Word *w)
{
    if (w->n < 3)
        return;
    size_t   last = w->n - 2;
    char16_t c = w->at[last];
    if (is_vowel(w->at[last + 1]) || is_vowel(w->at[last - 1]) || w->at[last + 1] == u'й')
        return;
    if (vowels_in(w->at, last) > 0) {
        if (c == u'о' || c == u'е' || c == u'і')
            remove_at(w, last);
    } else if (c == u'і') {
        w->at[last] = u'о';
    }
}

static bool soften(char16_t from, char16_t *ret)
{
    switch (from) {
    case u'ц': *ret = u'к'; return true;
    case u'з': *ret = u'г'; return true;
    case u'с': *ret = u'х'; return true;
    default: return false;
    }
}

/* The stem that the word has besides: куртці -> куртк, чоловіків -> чоловіч. */
static bool second_stem(const Word *whole, const Word *stem, Word *ret)
{
    char16_t *last;
    *ret = *stem;
    if (stem->n < 3)
        return false;
    last = &ret->at[ret->n - 1];
    if (whole->at[whole->n - 1] == u'і' && soften(*last, last))
        return true;
    if (*last == u'к' || *last == u'ч') {
        *last = *last == u'к' ? u'ч' : u'к';
        return true;
    }
    return false;
}

static void strip_endings(Word *w)
{
    strip(w, REFLEXIVE, COUNT_OF(REFLEXIVE));
    if (cut_after_root(w) || strip(w, VERB, COUNT_OF(VERB)))
        return;
    if (!strip(w, NOMINAL, COUNT_OF(NOMINAL)))
        return;
    /* я ю є ї after a vowel hide an й: чаю is чай + у. */
    char16_t end = w->at[w->n];
    bool     hides = end == u'я' || end == u'ю' || end == u'є' || end == u'ї';
    if (hides && is_vowel(w->at[w->n - 1]) && w->n < LETTERS_MAX)
        w->at[w->n++] = u'й';
    /* тепліший -> тепл */
    if (w->n > 4 && ends_with(w, u"іш", 2) && vowels_in(w->at, w->n - 2) > 0)
        w->n -= 2;
}

void stem_uk(Str word, StemUk *ret)
{
    Word whole;
    ret->second_len = 0;
    if (!read_word(word, &whole) || whole.n < 3) {
        ret->first_len = word.len < STEM_UK_MAX ? word.len : STEM_UK_MAX;
        memcpy(ret->first, word.ptr ? word.ptr : "", ret->first_len);
        return;
    }
    Word w = whole;
    strip_endings(&w);
    even_out_consonants(&w);
    Word other;
    if (second_stem(&whole, &w, &other)) {
        even_out_vowels(&other);
        ret->second_len = write_word(&other, ret->second);
    }
    even_out_vowels(&w);
    ret->first_len = write_word(&w, ret->first);
}
