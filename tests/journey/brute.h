/* brute.h - the questions by definition, over the array of model.h: slow and plain. */
#pragma once

#include "model.h"

enum { BRUTE_STEPS = 4, DAY = 86400000 };

/* Does event `e` belong to step k? Steps: 0 viewed, 1 added, 2 checkout, 3 ordered. */
static inline bool brute_step(const ModelEvent *e, int k)
{
    return e->name == k + 1;
}

/* Every start is tried, the next matching event taken greedily. */
static inline int brute_ordered(ModelEvent **v, size_t n, int64_t window, int page)
{
    int best = 0;
    for (size_t i = 0; i < n; i++) {
        int depth = 1;
        if (!brute_step(v[i], 0) || (page >= 0 && v[i]->page != page))
            continue;
        for (size_t k = i + 1; k < n && depth < BRUTE_STEPS; k++)
            if (v[k]->time - v[i]->time <= window && brute_step(v[k], depth))
                depth++;
        best = depth > best ? depth : best;
    }
    return best;
}

/* As above, but between the first and the second step no search page may be seen. */
static inline int brute_excluded(ModelEvent **v, size_t n, int64_t window)
{
    int best = 0;
    for (size_t i = 0; i < n; i++) {
        int depth = 1;
        if (!brute_step(v[i], 0))
            continue;
        for (size_t k = i + 1; k < n && depth < BRUTE_STEPS; k++) {
            if (depth == 1 && v[k]->name == 0)
                break;
            if (v[k]->time - v[i]->time <= window && brute_step(v[k], depth))
                depth++;
        }
        best = depth > best ? depth : best;
    }
    return best;
}

static inline int brute_strict(ModelEvent **v, size_t n, int64_t window)
{
    int best = 0;
    for (size_t i = 0; i < n; i++) {
        int depth = 0;
        while (depth < BRUTE_STEPS && i + (size_t)depth < n &&
               brute_step(v[i + (size_t)depth], depth) &&
               v[i + (size_t)depth]->time - v[i]->time <= window)
            depth++;
        best = depth > best ? depth : best;
    }
    return best;
}

static inline int brute_any(ModelEvent **v, size_t n, int64_t window)
{
    int best = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen[BRUTE_STEPS] = {false};
        int  count = 0;
        for (size_t k = i; k < n && v[k]->time - v[i]->time <= window; k++)
            for (int s = 0; s < BRUTE_STEPS; s++)
                if (brute_step(v[k], s))
                    seen[s] = true;
        for (int s = 0; s < BRUTE_STEPS; s++)
            count += seen[s];
        best = count > best ? count : best;
    }
    return best;
}

static inline int64_t brute_day(int64_t time)
{
    return (time - MODEL_START) / DAY;
}
