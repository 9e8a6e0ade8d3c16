#include "search/compound.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

enum { WORD_BYTES_MAX = 64 };

typedef struct Split {
    CompoundKnown *known;
    void          *ctx;
    Str            word;
    Str            parts[COMPOUND_PARTS_MAX];
    Str            best[COMPOUND_PARTS_MAX];
    size_t         n_best;
    double         best_score;
} Split;

static const char *const GERMAN_LINKS[] = {"ens", "es", "en", "er", "s", "n", "e", "-", "", NULL};
static const char *const DUTCH_LINKS[] = {"en", "er", "s", "e", "n", "-", "", NULL};

/* Fewer parts first; among the same number, those that occur more often. */
static double score_of(Split *s, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log1p((double)s->known(s->ctx, s->parts[i]));
    return sum / (double)n - 8.0 * (double)n;
}

static bool starts_letter(Str s, size_t at)
{
    return at >= s.len || ((unsigned char)s.ptr[at] & 0xc0) != 0x80;
}

static void split_from(Split *s, size_t at, size_t n, const char *const *links);

static void after_part(Split *s, size_t end, size_t n, const char *const *links)
{
    Str rest = str_skip(s->word, end);
    for (const char *const *l = links; *l; l++) {
        Str link = str_from_cstr(*l);
        if (str_starts(rest, link) && rest.len > link.len)
            split_from(s, end + link.len, n, links);
    }
}

static void split_from(Split *s, size_t at, size_t n, const char *const *links)
{
    Str rest = str_skip(s->word, at);
    if (n >= COMPOUND_PARTS_MAX || utf8_count(rest) < COMPOUND_PART_MIN)
        return;
    if (n > 0 && s->known(s->ctx, rest) > 0) {
        s->parts[n] = rest;
        double score = score_of(s, n + 1);
        if (s->n_best == 0 || score >= s->best_score) {
            memcpy(s->best, s->parts, sizeof s->best);
            s->n_best = n + 1;
            s->best_score = score;
        }
    }
    for (size_t len = COMPOUND_PART_MIN; len + COMPOUND_PART_MIN <= rest.len; len++) {
        if (!starts_letter(rest, len))
            continue;
        Str part = str_head(rest, len);
        if (utf8_count(part) < COMPOUND_PART_MIN || s->known(s->ctx, part) == 0)
            continue;
        s->parts[n] = part;
        after_part(s, at + len, n + 1, links);
    }
}

size_t compound_split(Language l, Str word, CompoundKnown *known, void *ctx,
                      Str parts[COMPOUND_PARTS_MAX])
{
    if ((l != LANG_DE && l != LANG_NL) || word.len > WORD_BYTES_MAX ||
        utf8_count(word) < COMPOUND_WORD_MIN)
        return 0;
    Split s = {.known = known, .ctx = ctx, .word = word};
    split_from(&s, 0, 0, l == LANG_DE ? GERMAN_LINKS : DUTCH_LINKS);
    memcpy(parts, s.best, sizeof s.best);
    return s.n_best;
}
