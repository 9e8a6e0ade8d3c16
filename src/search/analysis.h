/* analysis.h - from text to what the index holds, per language.
 *
 * The contract between the engine (which knows postings and scores) and the analysis (which
 * knows languages). One Analyzer per locale, of the process, immutable, for any thread.
 *
 * Documents: analyzer_text() cuts a text into tokens. A token's `term` is what gets postings:
 * folded, stemmed. Its `surface` is the folded word as people write it: it goes into the
 * vocabulary, from which the engine completes and corrects what is typed; it leads to the
 * term's postings. Several tokens may stand at one position (parts of a compound, a number
 * beside its unit's canonical form); those that nobody would type have no surface.
 *
 * Queries: query_parse() cuts what was typed into words and gives for each the alternatives
 * that would satisfy it, each a sequence of terms of one analyzer's space. The engine keeps
 * those that the index knows and adds what only the vocabulary tells: prefixes, typos, words
 * joined and split.
 *
 * Terms of different locales do not meet: each locale has its own space in the index. */
#pragma once

#include "base/status.h"
#include "base/str.h"

enum {
    TERM_MAX = 64,         /* bytes of a term or surface; longer words are cut */
    QUERY_BYTES_MAX = 512, /* of a query; the rest is not read */
    QUERY_WORDS_MAX = 16,
    QUERY_ALTS_MAX = 128,
    QUERY_ALT_TERMS_MAX = 6,
    QUERY_SPACES_MAX = 3, /* analyzers that one query is read by */
};

typedef struct Analyzer Analyzer;

/* The analyzer of a BCP 47 tag ("uk", "zh-Hant", "pt-BR": the region does not matter); the
 * general one, which folds and does not stem, for "" and for languages that we do not know.
 * Lives as long as the process. */
const Analyzer *analyzer_of(Str locale);

/* --- documents -------------------------------------------------------------------------- */

typedef enum TokenKind {
    TOKEN_WORD,
    TOKEN_NUMBER, /* also with a unit: "10mm" */
    TOKEN_STOP,   /* a word that carries next to nothing: indexed, for phrases */
    TOKEN_PART,   /* of a compound or a model number: weighs less than the whole */
} TokenKind;

typedef struct Token {
    Str       term;     /* in the arena or static; 1 to TERM_MAX bytes */
    Str       surface;  /* the same limits; empty: not for the vocabulary */
    uint32_t  position; /* in words, from 0; never falls */
    uint32_t  start;    /* bytes of the text that was given: [start, end) */
    uint32_t  end;
    TokenKind kind;
    float     weight; /* of one occurrence: 1 for a word as it stands, less for what is derived */
} Token;

typedef struct Tokens {
    Arena *arena;
    Token *items;
    size_t n;
    size_t cap;
} Tokens;

/* Append a token: for analyzers. */
void tokens_add(Tokens *t, Token token);

typedef enum TextKind {
    TEXT_PROSE, /* words of a language */
    TEXT_CODE,  /* one identifier, e.g. "AB-12/34 x": its squeezed form (ab1234x), one token */
} TextKind;

/* The tokens of `s`, in order of position; everything lives in `a`. Any bytes are safe. */
void analyzer_text(const Analyzer *an, TextKind kind, Str s, Arena *a, Tokens *ret);

/* An identifier without what people put between its letters: folded, letters and digits only.
 * Empty when it has none. At most TERM_MAX bytes. */
Str analyzer_code(Str s, Arena *a);

/* --- synonyms --------------------------------------------------------------------------- */

/* What a merchant wrote: words that stand for each other (`from` empty: all of `words`, both
 * ways), or a word that also finds others (`from` finds `words`, not the other way round). */
typedef struct SynonymRule {
    Str        from;
    const Str *words; /* each may be several words: "tv", "television set" */
    size_t     n_words;
} SynonymRule;

typedef struct Synonyms Synonyms; /* immutable, any thread */

/* Rules read by `an`; rules without words are left out. Free with synonyms_free(). */
Synonyms *synonyms_new(const Analyzer *an, const SynonymRule *rules, size_t n);
void      synonyms_free(Synonyms *s); /* NULL is fine */
size_t    synonyms_bytes(const Synonyms *s);

/* --- queries ---------------------------------------------------------------------------- */

typedef enum QueryAltKind {
    ALT_FORM,     /* the word itself, folded and stemmed */
    ALT_SYNONYM,  /* what the merchant said */
    ALT_UNIT,     /* "2tb" for "2 tb", "2000 gb" */
    ALT_PARTS,    /* the parts of a compound, one after another */
    ALT_TRANSLIT, /* the other script */
    ALT_LAYOUT,   /* typed with the wrong keyboard layout */
} QueryAltKind;

/* Terms that, one directly after another, satisfy words [first, first + n_words). */
typedef struct QueryAlt {
    uint8_t      first;
    uint8_t      n_words;
    uint8_t      space; /* whose terms: index into the analyzers given to query_parse() */
    uint8_t      n_terms;
    Str          terms[QUERY_ALT_TERMS_MAX];
    Str          surface; /* folded word to complete and correct by the vocabulary; or empty */
    QueryAltKind kind;
    float        weight;   /* 0 < weight <= 1: how good a match by this is */
    bool         fallback; /* only where the words have no other alternative with documents */
} QueryAlt;

typedef struct QueryWord {
    Str      text;  /* as typed, in the arena */
    uint16_t start; /* bytes of the query: [start, end) */
    uint16_t end;
    bool     negated;  /* -word: documents that have it are no hits */
    bool     optional; /* a stop word: adds score, is not asked for (never all of them) */
    bool     last;     /* still being typed: nothing follows it, no quote closes it */
    uint8_t  phrase;   /* 0: none; words with the same number stand in this order, side by side */
} QueryWord;

typedef struct QueryTree {
    QueryWord words[QUERY_WORDS_MAX];
    size_t    n_words;
    Arena    *arena;
    QueryAlt *alts; /* in the arena */
    size_t    n_alts, alts_cap;
    Str       code; /* analyzer_code() of the whole, when it could be an identifier; or empty */
    bool      cut;  /* more was typed than the limits admit */
} QueryTree;

/* Read a query. analyzers[0] is that of the reader's locale and decides where words begin and
 * end; the others give further alternatives in their own spaces. synonyms[i] belongs to
 * analyzers[i] and may be NULL. Never fails: what is no query has no words. */
void query_parse(const Analyzer *const *analyzers, const Synonyms *const *synonyms, size_t n,
                 Str text, Arena *a, QueryTree *ret);

/* The same in two steps: without what another keyboard layout would mean (ALT_LAYOUT), which takes
 * as long as all the rest and matters only for words that nothing else is found for; and that. */
void query_read(const Analyzer *const *analyzers, const Synonyms *const *synonyms, size_t n,
                Str text, Arena *a, QueryTree *ret);
void query_read_layouts(const Analyzer *const *analyzers, size_t n, Str text, QueryTree *tree);

/* A key that queries share which differ only in case, accents, forms of words, little words and
 * spacing of hyphens: for redirects ("returns", "Return") and for counting what was asked. The
 * terms of its first QUERY_WORDS_MAX words, apart by blanks; of stop words alone: those. */
Str query_key(const Analyzer *an, Str text, Arena *a);
