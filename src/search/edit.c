#include "search/edit_int.h"

enum { LETTERS = 64 };

unsigned edit_allowed(size_t n)
{
    return n < 4 ? 0 : n < 8 ? 1 : 2;
}

static unsigned least(unsigned x, unsigned y)
{
    return x < y ? x : y;
}

/* Row by row; what is further than `max` from the diagonal can be left out. */
unsigned edit_distance(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b, unsigned max)
{
    ASSERT(n_a <= LETTERS && n_b <= LETTERS);
    if (n_a > n_b + max || n_b > n_a + max)
        return max + 1;
    unsigned rows[3][LETTERS + 2];
    unsigned far = max + 1;
    for (size_t j = 0; j <= n_b; j++)
        rows[0][j] = least((unsigned)j, far);
    for (size_t i = 1; i <= n_a; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
        size_t    from = i > max ? i - max : 1, to = least((unsigned)(i + max), (unsigned)n_b);
        unsigned  best = far;
        row[from - 1] = from == 1 ? least((unsigned)i, far) : far;
        for (size_t j = from; j <= to; j++) {
            bool     same = a[i - 1] == b[j - 1];
            unsigned d = above[j - 1] + !same;
            d = least(d, row[j - 1] + 1);
            if (j < i + max)
                d = least(d, above[j] + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = least(d, above2[j - 2] + 1);
            row[j] = least(d, far);
            best = least(best, row[j]);
        }
        if (best == far && row[from - 1] == far)
            return far;
    }
    return rows[n_a % 3][n_b];
}
