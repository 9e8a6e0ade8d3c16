#include "search/language.h"

#include <libstemmer.h>

typedef struct Known {
    const char *code;
    const char *stemmer; /* libstemmer's name; NULL: none */
} Known;

static const Known KNOWN[LANGUAGES] = {
    [LANG_GENERAL] = {"", NULL},      [LANG_AR] = {"ar", "arabic"},
    [LANG_CA] = {"ca", "catalan"},    [LANG_DA] = {"da", "danish"},
    [LANG_DE] = {"de", "german"},     [LANG_EL] = {"el", "greek"},
    [LANG_EN] = {"en", "english"},    [LANG_ES] = {"es", "spanish"},
    [LANG_EU] = {"eu", "basque"},     [LANG_FI] = {"fi", "finnish"},
    [LANG_FR] = {"fr", "french"},     [LANG_GA] = {"ga", "irish"},
    [LANG_HI] = {"hi", "hindi"},      [LANG_HU] = {"hu", "hungarian"},
    [LANG_HY] = {"hy", "armenian"},   [LANG_ID] = {"id", "indonesian"},
    [LANG_IT] = {"it", "italian"},    [LANG_JA] = {"ja", NULL},
    [LANG_LT] = {"lt", "lithuanian"}, [LANG_NE] = {"ne", "nepali"},
    [LANG_NL] = {"nl", "dutch"},      [LANG_NO] = {"no", "norwegian"},
    [LANG_PT] = {"pt", "portuguese"}, [LANG_RO] = {"ro", "romanian"},
    [LANG_RU] = {"ru", "russian"},    [LANG_SR] = {"sr", "serbian"},
    [LANG_SV] = {"sv", "swedish"},    [LANG_TA] = {"ta", "tamil"},
    [LANG_TR] = {"tr", "turkish"},    [LANG_UK] = {"uk", NULL},
    [LANG_YI] = {"yi", "yiddish"},    [LANG_ZH] = {"zh", NULL},
};

Language language_of(Str locale)
{
    size_t n = 0;
    while (n < locale.len && locale.ptr[n] != '-' && locale.ptr[n] != '_')
        n++;
    Str code = str_head(locale, n);
    if (n == 0)
        return LANG_GENERAL;
    if (str_eq_nocase(code, STR("nb")) || str_eq_nocase(code, STR("nn")))
        return LANG_NO;
    for (int l = LANG_GENERAL + 1; n == 2 && l < LANGUAGES; l++)
        if (str_eq_nocase(code, str_from_cstr(KNOWN[l].code)))
            return (Language)l;
    return LANG_GENERAL;
}

const char *language_code(Language l)
{
    return KNOWN[l].code;
}

/* A Stemmer is libstemmer's own handle under our name. */
static struct sb_stemmer *snowball(Stemmer *s)
{
    return (struct sb_stemmer *)(void *)s;
}

Stemmer *stemmer_new(Language l)
{
    const char *name = KNOWN[l].stemmer;
    return name ? (Stemmer *)(void *)sb_stemmer_new(name, NULL) : NULL;
}

void stemmer_free(Stemmer *s)
{
    if (s)
        sb_stemmer_delete(snowball(s));
}

Str stemmer_stem(Stemmer *s, Str word)
{
    if (!s || word.len == 0 || word.len > 256)
        return word;
    const sb_symbol *stem =
        sb_stemmer_stem(snowball(s), (const sb_symbol *)word.ptr, (int)word.len);
    int n = sb_stemmer_length(snowball(s));
    return stem && n > 0 ? (Str){(const char *)stem, (size_t)n} : word;
}
