#include "journey/credit.h"

#include <math.h>

static size_t last_but(const uint32_t *code, size_t n, uint32_t direct)
{
    for (size_t i = n; i-- > 0;)
        if (code[i] != direct)
            return i;
    return n - 1;
}

void credit_shares(CreditModel model, const uint32_t *code, const int64_t *tick, size_t n,
                   int64_t now, double half_life, uint32_t direct, double *share)
{
    double sum = 0;
    size_t last = n - 1;
    for (size_t i = 0; i < n; i++)
        share[i] = 0;
    if (model == CREDIT_LAST_NON_DIRECT) {
        share[last_but(code, n, direct)] = 1;
    } else if (model == CREDIT_LAST || model == CREDIT_FIRST || n == 1) {
        share[model == CREDIT_FIRST ? 0 : last] = 1;
    } else if (model == CREDIT_LINEAR) {
        for (size_t i = 0; i < n; i++)
            share[i] = 1 / (double)n;
    } else if (model == CREDIT_POSITION) {
        for (size_t i = 1; i < last; i++)
            share[i] = 0.2 / (double)(n - 2);
        share[0] = share[last] = n == 2 ? 0.5 : 0.4;
    } else {
        for (size_t i = 0; i < n; i++)
            sum += share[i] = exp2(-(double)(now - tick[i]) / half_life);
        for (size_t i = 0; i < n; i++)
            share[i] = sum > 0 ? share[i] / sum : 1 / (double)n;
    }
}

/* --- paths --------------------------------------------------------------------------- */

void credit_paths_done(CreditPaths *p)
{
    dict_done(&p->dict);
    free(p->paths);
    *p = (CreditPaths){0};
}

static void path_bytes(CreditPaths *p, Str bytes, const CreditPath *add)
{
    uint32_t at = dict_put(&p->dict, bytes);
    if (at >= p->cap) {
        size_t cap = p->cap * 2 + 256;
        p->paths = realloc(p->paths, cap * sizeof *p->paths);
        if (p->paths == NULL)
            base_out_of_memory(cap);
        memset(p->paths + p->cap, 0, (cap - p->cap) * sizeof *p->paths);
        p->cap = cap;
    }
    p->paths[at].conversions += add->conversions;
    p->paths[at].value += add->value;
    p->paths[at].nulls += add->nulls;
}

void credit_path(CreditPaths *p, const uint32_t *code, size_t n, int64_t conversions, double value,
                 int64_t nulls)
{
    const CreditPath add = {value, conversions, nulls};
    size_t           skip = n > CREDIT_PATH_MAX ? n - CREDIT_PATH_MAX : 0;
    path_bytes(p, (Str){(const char *)(code + skip), (n - skip) * sizeof *code}, &add);
}

void credit_paths_add(CreditPaths *into, const CreditPaths *from)
{
    for (uint32_t i = 1; i <= from->dict.n; i++)
        path_bytes(into, from->dict.texts[i], &from->paths[i]);
}

/* --- channels: codes that occur, numbered -------------------------------------------- */

typedef struct Channels {
    uint32_t code[CREDIT_CHANNELS];
    size_t   n;
} Channels;

static size_t channel_of(Channels *c, uint32_t code)
{
    size_t i = 0;
    while (i < c->n && c->code[i] != code)
        i++;
    if (i == c->n && i < CREDIT_CHANNELS)
        c->code[c->n++] = code;
    return i;
}

static uint32_t path_code(Str bytes, size_t i)
{
    uint32_t code;
    memcpy(&code, bytes.ptr + i * sizeof code, sizeof code);
    return code;
}

static Status find_channels(const CreditPaths *p, size_t most, Channels *ret, Err *err)
{
    *ret = (Channels){.n = 0};
    for (uint32_t i = 1; i <= p->dict.n; i++)
        for (size_t k = 0; k < p->dict.texts[i].len / sizeof(uint32_t); k++)
            if (channel_of(ret, path_code(p->dict.texts[i], k)) >= most)
                return err_set(err, ST_LIMIT, "journey.too_big",
                               "this model takes at most %d values of the touch", (int)most);
    return ST_OK;
}

/* --- markov -------------------------------------------------------------------------- */

/* States: channels, then start, conversion, null. */
typedef struct Chain {
    size_t  n;    /* channels */
    double *step; /* [from][to], probabilities */
} Chain;

static double *cell(const Chain *c, size_t from, size_t to)
{
    return &c->step[from * (c->n + 3) + to];
}

static void chain_count(Chain *c, Channels *ch, const CreditPaths *p)
{
    size_t start = c->n, conversion = c->n + 1, null = c->n + 2;
    for (uint32_t i = 1; i <= p->dict.n; i++) {
        const CreditPath *path = &p->paths[i];
        size_t            at = start;
        double            weight = (double)(path->conversions + path->nulls);
        for (size_t k = 0; k < p->dict.texts[i].len / sizeof(uint32_t); k++) {
            size_t next = channel_of(ch, path_code(p->dict.texts[i], k));
            *cell(c, at, next) += weight;
            at = next;
        }
        *cell(c, at, conversion) += (double)path->conversions;
        *cell(c, at, null) += (double)path->nulls;
    }
    for (size_t from = 0; from <= c->n; from++) {
        double sum = 0;
        for (size_t to = 0; to < c->n + 3; to++)
            sum += *cell(c, from, to);
        for (size_t to = 0; to < c->n + 3 && sum > 0; to++)
            *cell(c, from, to) /= sum;
    }
}

/* Gauss and Jordan: afterwards only the diagonal and the right side are left. */
static void eliminate(double *m, size_t n)
{
    size_t w = n + 1;
    for (size_t i = 0; i < n; i++) {
        double pivot = m[i * w + i];
        if (fabs(pivot) < 1e-12)
            continue;
        for (size_t row = 0; row < n; row++) {
            double f = row != i ? m[row * w + i] / pivot : 0;
            for (size_t k = i; k <= n && (f > 0 || f < 0); k++)
                m[row * w + k] -= f * m[i * w + k];
        }
    }
}

/* The probability to get from start to conversion when `gone` leads nowhere (SIZE_MAX: none does
 * that): x = P x + r, solved by elimination; row and column of `gone` are left at 0. */
static double reach(const Chain *c, size_t gone, double *m)
{
    size_t n = c->n, w = n + 1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= n; k++) {
            double v = i == gone ? 0 : *cell(c, i, k < n ? k : n + 1);
            m[i * w + k] = k == n ? v : (i == k ? 1.0 : 0.0) - v;
        }
    eliminate(m, n);
    double sum = *cell(c, n, n + 1);
    for (size_t i = 0; i < n; i++)
        if (fabs(m[i * w + i]) >= 1e-12 && i != gone)
            sum += *cell(c, n, i) * m[i * w + n] / m[i * w + i];
    return sum;
}

static Status markov(const CreditPaths *p, double *conversions, double *value, Err *err)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    Channels                  ch;
    double                    all = 0, amount = 0, effects = 0;
    TRY(find_channels(p, CREDIT_CHANNELS, &ch, err));
    Chain   c = {.n = ch.n, .step = arena_array(&a, double, (ch.n + 3) * (ch.n + 3))};
    double *m = arena_array(&a, double, (ch.n + 1) * (ch.n + 1));
    double *effect = arena_array(&a, double, ch.n + 1);
    chain_count(&c, &ch, p);
    for (uint32_t i = 1; i <= p->dict.n; i++) {
        all += (double)p->paths[i].conversions;
        amount += p->paths[i].value;
    }
    double whole = reach(&c, SIZE_MAX, m);
    for (size_t i = 0; i < ch.n && whole > 0; i++) {
        effect[i] = 1 - reach(&c, i, m) / whole;
        effect[i] = effect[i] > 0 ? effect[i] : 0;
        effects += effect[i];
    }
    for (size_t i = 0; i < ch.n && effects > 0; i++) {
        conversions[ch.code[i]] = all * effect[i] / effects;
        value[ch.code[i]] = amount * effect[i] / effects;
    }
    return ST_OK;
}

/* --- shapley ------------------------------------------------------------------------- */

/* With v(S) = conversions of paths within S, a path's conversions go in equal parts to the channels
 * that it uses: it is worth something only to sets that hold all of them, and Shapley's value of
 * such a game of unanimity is 1 / size; values of sums of games add up. So no set is walked. */
static Status shapley(const CreditPaths *p, double *conversions, double *value, Err *err)
{
    Channels all;
    TRY(find_channels(p, CREDIT_CHANNELS, &all, err));
    for (uint32_t i = 1; i <= p->dict.n; i++) {
        const CreditPath *path = &p->paths[i];
        Channels          own = {.n = 0};
        for (size_t k = 0; k < p->dict.texts[i].len / sizeof(uint32_t); k++)
            channel_of(&own, path_code(p->dict.texts[i], k));
        for (size_t k = 0; k < own.n && path->conversions > 0; k++) {
            conversions[own.code[k]] += (double)path->conversions / (double)own.n;
            value[own.code[k]] += path->value / (double)own.n;
        }
    }
    return ST_OK;
}

Status credit_solve(CreditModel model, const CreditPaths *p, size_t n, double *conversions,
                    double *value, Err *err)
{
    for (size_t i = 0; i < n; i++)
        conversions[i] = value[i] = 0;
    return model == CREDIT_MARKOV ? markov(p, conversions, value, err)
                                  : shapley(p, conversions, value, err);
}
