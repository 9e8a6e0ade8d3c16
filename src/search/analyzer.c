#include "search/analysis.h"

#include <pthread.h>
#include <string.h>

#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "text/text.h"

/* One analyzer per language; what differs between them is added by language here. */
struct Analyzer {
    char language[9];
};

static const Analyzer GENERAL = {.language = ""};
static const Analyzer LANGUAGES[] = {{"en"}, {"uk"}, {"ru"}, {"tr"},
                                     {"nl"}, {"zh"}, {"de"}, {"ja"}};

const Analyzer *analyzer_of(Str locale)
{
    Str language, region;
    (void)str_cut(locale, '-', &language, &region);
    for (size_t i = 0; i < COUNT_OF(LANGUAGES); i++)
        if (str_eq_nocase(language, str_from_cstr(LANGUAGES[i].language)))
            return &LANGUAGES[i];
    return &GENERAL;
}

void tokens_add(Tokens *t, Token token)
{
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        Token *items = arena_array(t->arena, Token, cap);
        if (t->n > 0)
            memcpy(items, t->items, t->n * sizeof *items);
        t->items = items;
        t->cap = cap;
    }
    t->items[t->n++] = token;
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80)
            return false;
    return true;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The first TERM_MAX bytes, whole characters. */
static Str cut_term(Str s)
{
    size_t n = s.len < TERM_MAX ? s.len : TERM_MAX;
    while (n < s.len && n > 0 && ((unsigned char)s.ptr[n] & 0xc0) == 0x80)
        n--;
    return str_head(s, n);
}

static void add_word(Tokens *t, Str s, size_t from, size_t to, uint32_t *position)
{
    Str word = {s.ptr + from, to - from};
    Str term =
        cut_term(is_ascii(word) ? str_lower_ascii(t->arena, word) : text_fold(t->arena, word));
    if (term.len == 0)
        return;
    bool number = term.ptr[0] >= '0' && term.ptr[0] <= '9';
    tokens_add(t, (Token){.term = term,
                          .surface = term,
                          .position = (*position)++,
                          .start = (uint32_t)from,
                          .end = (uint32_t)to,
                          .kind = number ? TOKEN_NUMBER : TOKEN_WORD,
                          .weight = 1});
}

static void ascii_words(Str s, Tokens *t, uint32_t *position)
{
    for (size_t i = 0; i < s.len;) {
        if (!is_alnum(s.ptr[i])) {
            i++;
            continue;
        }
        size_t from = i;
        while (i < s.len && is_alnum(s.ptr[i]))
            i++;
        add_word(t, s, from, i, position);
    }
}

static void icu_words(const Analyzer *an, Str s, Tokens *t, uint32_t *position)
{
    UErrorCode      e = U_ZERO_ERROR;
    UText           text = UTEXT_INITIALIZER;
    UBreakIterator *words = ubrk_open(UBRK_WORD, an->language, NULL, 0, &e);
    utext_openUTF8(&text, s.ptr, (int64_t)s.len, &e);
    if (U_SUCCESS(e))
        ubrk_setUText(words, &text, &e);
    if (U_SUCCESS(e)) {
        int32_t from = ubrk_first(words);
        for (int32_t to; (to = ubrk_next(words)) != UBRK_DONE; from = to)
            if (ubrk_getRuleStatus(words) >= UBRK_WORD_NUMBER)
                add_word(t, s, (size_t)from, (size_t)to, position);
    }
    utext_close(&text);
    if (words)
        ubrk_close(words);
}

Str analyzer_code(Str s, Arena *a)
{
    Str   folded = is_ascii(s) ? str_lower_ascii(a, s) : text_fold(a, s);
    char *out = arena_array(a, char, folded.len + 1);
    Str   squeezed = {out, 0};
    for (size_t i = 0; i < folded.len; i++)
        if (is_alnum(folded.ptr[i]) || (unsigned char)folded.ptr[i] >= 0x80)
            out[squeezed.len++] = folded.ptr[i];
    return cut_term(squeezed);
}

void analyzer_text(const Analyzer *an, TextKind kind, Str s, Arena *a, Tokens *ret)
{
    *ret = (Tokens){.arena = a};
    uint32_t position = 0;
    if (kind == TEXT_CODE) {
        Str code = analyzer_code(s, a);
        if (code.len > 0)
            tokens_add(ret, (Token){.term = code, .end = (uint32_t)s.len, .weight = 1});
    } else if (is_ascii(s)) {
        ascii_words(s, ret, &position);
    } else {
        icu_words(an, s, ret, &position);
    }
}
