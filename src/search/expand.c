#include "search/plan_int.h"

#include "base/map.h"
#include "base/sort.h"
#include "base/utf8.h"
#include "search/edit_int.h"
#include "search/mem_int.h"
#include "search/sift_int.h"

enum {
    SCAN_MAX = 100000, /* entries of a prefix looked at, per segment */
    KEEP_MAX = 64,
};

/* --- the best few -------------------------------------------------------------------------- */

static int by_rank(const void *x, const void *y)
{
    const Neighbour *a = x, *b = y;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    if (a->first_differs != b->first_differs)
        return a->first_differs ? 1 : -1;
    if (a->seen != b->seen)
        return a->seen > b->seen ? -1 : 1;
    return str_cmp(a->surface, b->surface);
}

/* The best neighbours so far, across segments: the same word adds up. */
typedef struct Best {
    Neighbour items[KEEP_MAX];
    size_t    n;
    size_t    worst; /* when it is full */
    bool      again; /* words of an earlier segment may come again */
} Best;

static void best_init(Best *best)
{
    best->n = best->worst = 0;
    best->again = false;
}

static void find_worst(Best *best)
{
    best->worst = 0;
    for (size_t i = 1; i < best->n; i++)
        if (by_rank(&best->items[i], &best->items[best->worst]) > 0)
            best->worst = i;
}

static void best_add(Best *best, const Neighbour *one)
{
    for (size_t i = 0; best->again && i < best->n; i++)
        if (str_eq(best->items[i].surface, one->surface)) {
            best->items[i].seen += one->seen;
            if (best->n == KEEP_MAX)
                find_worst(best);
            return;
        }
    if (best->n < KEEP_MAX)
        best->items[best->n++] = *one;
    else if (by_rank(one, &best->items[best->worst]) < 0)
        best->items[best->worst] = *one;
    else
        return;
    if (best->n == KEEP_MAX)
        find_worst(best);
}

/* Their texts are copied: answers outlive segments. */
static size_t best_take(Best *best, size_t max, Neighbour *ret, Arena *a)
{
    array_sort(best->items, best->n, sizeof *best->items, by_rank);
    size_t n = best->n < max ? best->n : max;
    for (size_t i = 0; i < n; i++) {
        ret[i] = best->items[i];
        ret[i].surface = str_dup(a, ret[i].surface);
        ret[i].term = str_dup(a, ret[i].term);
    }
    return n;
}

static bool has_postings(const Segment *s, uint32_t entry)
{
    return s->container_at[entry] != s->container_at[entry + 1];
}

static Neighbour neighbour_of(const Segment *s, uint32_t entry)
{
    return (Neighbour){.surface = str_skip(segment_key(s, entry), 1),
                       .term = segment_key(s, s->term[entry]),
                       .seen = s->seen[entry]};
}

static bool has_budget(const Plan *p)
{
    return p->postings < p->postings_max;
}

/* --- prefixes ------------------------------------------------------------------------------ */

/* The least `seen` that can still be among the best: most entries are passed over by it. */
static uint32_t threshold(const Best *best)
{
    return best->n < KEEP_MAX ? 0 : best->items[best->worst].seen;
}

static void prefixes_of(Plan *p, const Segment *s, Str key, Best *best)
{
    uint32_t at = segment_lower(s, key), end = at;
    uint32_t stop = s->n_words < at + SCAN_MAX ? s->n_words : at + SCAN_MAX;
    uint32_t least = threshold(best);
    for (; end < stop && str_starts(segment_key(s, end), key); end++) {
        if (s->seen[end] <= least && best->n == KEEP_MAX)
            continue;
        if (s->seen[end] == 0 || !has_postings(s, s->term[end]))
            continue;
        Neighbour one = neighbour_of(s, end);
        best_add(best, &one);
        least = threshold(best);
    }
    p->postings += end - at;
}

size_t expand_prefix(Plan *p, Str key, size_t max, Neighbour *ret)
{
    NOT_CLEARED Best best;
    best_init(&best);
    for (uint32_t i = 0; i < p->snapshot->n_views && has_budget(p); i++, best.again = true)
        prefixes_of(p, p->snapshot->views[i].segment, key, &best);
    return best_take(&best, max, ret, p->arena);
}

bool expand_add_prefixes(Plan *p, size_t word, uint8_t space, Str surface)
{
    NOT_CLEARED Neighbour found[PREFIX_ALTS_MAX];
    size_t                n = expand_prefix(p, plan_key(p, space, surface), PREFIX_ALTS_MAX, found);
    bool                  any = false;
    uint64_t              postings = 0;
    for (size_t i = 0; i < n && postings < p->prefix_postings; i++) {
        if (found[i].surface.len == surface.len)
            continue; /* the word itself */
        postings += found[i].seen;
        float share = (float)surface.len / (float)found[i].surface.len;
        any |= plan_add(p, word, 1, plan_term(p, found[i].term), SEARCH_AS_PREFIX,
                        0.6F + 0.3F * share, found[i].surface);
    }
    return any;
}

/* --- typos --------------------------------------------------------------------------------- */

typedef struct Wrong {
    EditPattern pattern;
    uint32_t    first; /* letter */
    Signatures  wanted;
    unsigned    max;
} Wrong;

static void compare(const Segment *s, uint32_t entry, const Wrong *w, Best *best)
{
    Str      word = str_skip(segment_key(s, entry), 1);
    uint32_t first = 0;
    unsigned d = edit_distance(&w->pattern, word, w->max);
    if (d > w->max || d == 0 || !has_postings(s, s->term[entry]))
        return;
    Neighbour one = neighbour_of(s, entry);
    (void)utf8_next(word.ptr, word.ptr + word.len, &first);
    one.distance = (uint8_t)d;
    one.first_differs = first != w->first;
    best_add(best, &one);
}

/* By the edits that are allowed, and how many letters more or less the word has. */
static const Difference DIFFERENCES[3][3] = {
    [1] = {{2, {6, 4, 4}}, {1, {3, 3}}},
    [2] = {{4, {12, 10, 10, 8, 8}}, {3, {9, 9, 7, 7}}, {2, {6, 6, 6}}}};

/* Those of [from, end), which are of one length. */
static void typos_among(const Segment *s, uint32_t from, uint32_t end, const Difference *d,
                        const Wrong *w, Best *best)
{
    for (uint32_t at = from; at < end; at += SIFT_MAX) {
        NOT_CLEARED uint16_t kept[SIFT_MAX];
        size_t               some = end - at < SIFT_MAX ? end - at : SIFT_MAX;
        size_t n = sift_near(s->letters + at, s->pairs + at, some, &w->wanted, d, kept);
        for (size_t i = 0; i < n; i++)
            compare(s, s->by_length[at + kept[i]], w, best);
    }
}

static void typos_of(Plan *p, const Segment *s, uint8_t space, const Wrong *w, Best *best)
{
    if (space >= s->n_spaces)
        return;
    size_t          n = w->pattern.n, low = n > w->max ? n - w->max : 1, high = n + w->max;
    const uint32_t *slots = s->length_at + (size_t)space * (LETTERS_MAX + 1);
    if (high > LETTERS_MAX)
        high = LETTERS_MAX;
    for (size_t len = low; len <= high; len++) {
        size_t more = len > n ? len - n : n - len;
        typos_among(s, slots[len], slots[len + 1], &DIFFERENCES[w->max][more], w, best);
    }
    p->postings += (slots[high + 1] - slots[low]) / 8;
}

size_t expand_typos(Plan *p, uint8_t space, Str surface, size_t max, Neighbour *ret)
{
    NOT_CLEARED uint32_t letters[LETTERS_MAX];
    size_t               n = letters_of(surface, letters);
    NOT_CLEARED Wrong    w;
    w.max = edit_allowed(n);
    if (w.max == 0 || !word_is_correctable(surface))
        return 0;
    edit_pattern(&w.pattern, letters, n);
    w.first = letters[0];
    w.wanted = (Signatures){letters_signature(letters, n), pairs_signature(letters, n)};
    NOT_CLEARED Best best;
    best_init(&best);
    for (uint32_t i = 0; i < p->snapshot->n_views && has_budget(p); i++, best.again = true)
        typos_of(p, p->snapshot->views[i].segment, space, &w, &best);
    return best_take(&best, max, ret, p->arena);
}

bool expand_add_typos(Plan *p, size_t word, uint8_t space, Str surface, uint32_t least)
{
    NOT_CLEARED Neighbour found[TYPO_ALTS_MAX];
    size_t                n = expand_typos(p, space, surface, TYPO_ALTS_MAX, found);
    bool                  any = false;
    for (size_t i = 0; i < n; i++) {
        if (found[i].distance > found[0].distance)
            break;
        const Term *term = plan_term(p, found[i].term);
        if (least > 0 && (found[i].first_differs || term->df < least))
            continue;
        float weight = found[i].distance == 1 ? 0.8F : 0.6F;
        if (found[i].first_differs)
            weight *= 0.7F;
        Str shown = found[i].seen > 0 ? found[i].surface : (Str){0}; /* stems are not for reading */
        any |= plan_add(p, word, 1, term, SEARCH_AS_TYPO, weight, shown);
    }
    return any;
}

/* --- heads of compounds ------------------------------------------------------------------------
 */

enum { HEAD_LETTERS_MIN = 3, MODIFIER_MIN = 3, MODIFIER_MIN_CYRILLIC = 4, COMPOUND_MIN = 7 };

/* What stands before the head has some letters; more in Cyrillic, which is rich in prefixes. */
static bool is_headed(Str word, Str head)
{
    if (word.len <= head.len || !str_ends(word, head))
        return false;
    bool   cyrillic = (unsigned char)head.ptr[0] >= 0x80;
    size_t before = utf8_count(str_head(word, word.len - head.len));
    return before >= (cyrillic ? MODIFIER_MIN_CYRILLIC : MODIFIER_MIN) &&
           utf8_count(word) >= COMPOUND_MIN;
}

/* The letters that a way to write a compound of this head must have: stems have lost accents
 * and the changes that endings make, so only those that never change. */
static uint32_t needed_letters(const uint32_t *letters, size_t n)
{
    static const char *const CHANGING = "aeiousyzvfßаеєиіїоуюяёгкцчзсхйь";
    uint32_t                 stable[LETTERS_MAX], c;
    size_t                   kept = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        bool changes = false;
        for (const char *at = CHANGING, *end = at + strlen(at); at < end && !changes;) {
            at += utf8_next(at, end, &c);
            changes = c == letters[i];
        }
        if (!changes)
            stable[kept++] = letters[i];
    }
    return kept > 0 ? letters_signature(stable, kept) : 0;
}

static void heads_of(Plan *p, const Segment *s, uint8_t space, Str head, Best *best)
{
    NOT_CLEARED uint32_t letters[LETTERS_MAX];
    size_t               n = letters_of(head, letters);
    if (space >= s->n_spaces || n < HEAD_LETTERS_MIN || n + MODIFIER_MIN > LETTERS_MAX)
        return;
    uint32_t        need = needed_letters(letters, n);
    const uint32_t *slots = s->length_at + (size_t)space * (LETTERS_MAX + 1);
    uint32_t        from = slots[n + MODIFIER_MIN - 1], end = slots[LETTERS_MAX + 1];
    for (uint32_t i = from; i < end; i++) {
        if ((s->letters[i] & need) != need)
            continue;
        uint32_t entry = s->by_length[i];
        if (!is_headed(str_skip(segment_key(s, s->term[entry]), 1), head) ||
            !has_postings(s, s->term[entry]))
            continue;
        Neighbour one = neighbour_of(s, entry);
        best_add(best, &one);
    }
    p->postings += (end - from) / 16;
}

size_t expand_heads(Plan *p, uint8_t space, Str term, size_t max, Neighbour *ret)
{
    NOT_CLEARED Best best;
    best_init(&best);
    for (uint32_t i = 0; i < p->snapshot->n_views && has_budget(p); i++, best.again = true)
        heads_of(p, p->snapshot->views[i].segment, space, term, &best);
    return best_take(&best, max, ret, p->arena);
}

bool expand_add_heads(Plan *p, size_t word, uint8_t space, Str term, float weight)
{
    NOT_CLEARED Neighbour found[HEADS_MAX];
    size_t                n = expand_heads(p, space, term, HEADS_MAX, found);
    bool                  any = false;
    for (size_t i = 0; i < n; i++) {
        float share = utf8_count(term) > HEAD_LETTERS_MIN ? 0.6F : 0.4F;
        any |= plan_add(p, word, 1, plan_term(p, found[i].term), SEARCH_AS_WRITTEN, weight * share,
                        (Str){0});
    }
    return any;
}

/* --- words that were split or joined ----------------------------------------------------------
 */

/* The term of a way to write, and how often it is written so; NULL: nobody does. */
static const Term *term_of_surface(Plan *p, uint8_t space, Str surface)
{
    Str key = plan_key(p, space, surface);
    for (uint32_t i = 0; i < p->snapshot->n_views; i++) {
        const Segment *s = p->snapshot->views[i].segment;
        uint32_t       entry = segment_find(s, key);
        if (entry != NO_ENTRY && s->seen[entry] > 0 && has_postings(s, s->term[entry]))
            return plan_term(p, str_dup(p->arena, segment_key(s, s->term[entry])));
    }
    return NULL;
}

bool expand_add_join(Plan *p, size_t first, uint8_t space, Str left, Str right)
{
    char   both[TERM_MAX];
    size_t n = left.len + right.len;
    if (n > TERM_MAX || left.len == 0 || right.len == 0)
        return false;
    memcpy(both, left.ptr, left.len);
    memcpy(both + left.len, right.ptr, right.len);
    const Term *t = term_of_surface(p, space, (Str){both, n});
    return t && plan_add(p, first, 2, t, SEARCH_AS_JOINED, 0.9F, (Str){0});
}

bool expand_add_split(Plan *p, size_t word, uint8_t space, Str surface)
{
    const Term *best[2] = {0};
    uint32_t    best_df = 0;
    size_t      letters = utf8_count(surface);
    if (letters < 5)
        return false;
    for (size_t i = 2; i + 2 <= letters; i++) {
        Str         left = utf8_truncate(surface, i);
        const Term *a = term_of_surface(p, space, left);
        const Term *b = a ? term_of_surface(p, space, str_skip(surface, left.len)) : NULL;
        uint32_t    df = !b ? 0 : a->df < b->df ? a->df : b->df;
        if (df > best_df) {
            best_df = df;
            best[0] = a;
            best[1] = b;
        }
    }
    if (best_df == 0)
        return false;
    const Alt alt = {.first = (uint8_t)word,
                     .n_words = 1,
                     .n_terms = 2,
                     .how = SEARCH_AS_JOINED,
                     .weight = 0.85F,
                     .df = best_df,
                     .terms = {best[0], best[1]}};
    return plan_push(p, &alt);
}
