#include "core/backoff.h"

SpanMs backoff_wait(const Backoff *b, int failures, uint64_t random)
{
    int64_t wait = b->first.v;
    for (int i = 1; i < failures && wait < b->most.v; i++)
        wait *= b->factor;
    if (wait > b->most.v)
        wait = b->most.v;
    int64_t spread = wait / 2; /* from 75 % to 125 % */
    if (spread == 0)
        return (SpanMs){wait};
    return (SpanMs){wait - spread / 2 + (int64_t)(random % (uint64_t)(spread + 1))};
}
