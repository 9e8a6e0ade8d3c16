/* credit.h - models of attribution: how one conversion is shared among the touches before it.
 *
 *   first, last          all to that touch; last_non_direct: to the last that is not direct,
 *                        to the last of all when every one is
 *   linear               the same to each
 *   position             40 % to the first, 40 % to the last, the rest evenly between them; of
 *                        two, half each
 *   time_decay           2 ^ (-age / half-life), normalised
 *   markov               chain of first order over channels; a channel's removal effect is the
 *                        share of conversions that are lost when it leads nowhere
 *   shapley              the value of a set of channels is the number of conversions whose path
 *                        uses only channels of the set; exact
 *
 * In every model the shares of a conversion add up to one, up to rounding. */
#pragma once

#include "base/status.h"
#include "journey/space.h"

enum { CREDIT_TOUCHES = 256, CREDIT_CHANNELS = 200, CREDIT_PATH_MAX = 64 };

typedef enum CreditModel {
    CREDIT_LAST_NON_DIRECT,
    CREDIT_LAST,
    CREDIT_FIRST,
    CREDIT_LINEAR,
    CREDIT_POSITION,
    CREDIT_TIME_DECAY,
    CREDIT_MARKOV,
    CREDIT_SHAPLEY
} CreditModel;

/* Shares of n > 0 touches, oldest first; not for the last two models. */
void credit_shares(CreditModel model, const uint32_t *code, const int64_t *tick, size_t n,
                   int64_t now, double half_life, uint32_t direct, double *share);

/* Paths and what became of them: of a path longer than CREDIT_PATH_MAX the end is kept. */
typedef struct CreditPath {
    double  value;
    int64_t conversions, nulls;
} CreditPath;

typedef struct CreditPaths {
    Dict        dict;  /* codes of touches, 4 bytes each */
    CreditPath *paths; /* [dict code] */
    size_t      cap;
} CreditPaths;

void credit_paths_done(CreditPaths *p);
void credit_path(CreditPaths *p, const uint32_t *code, size_t n, int64_t conversions, double value,
                 int64_t nulls);
void credit_paths_add(CreditPaths *into, const CreditPaths *from);

/* Conversions and value of each code below n. ST_LIMIT "journey.too_big". */
NODISCARD Status credit_solve(CreditModel model, const CreditPaths *p, size_t n,
                              double *conversions, double *value, Err *err);
