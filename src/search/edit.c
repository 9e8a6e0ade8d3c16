#include "search/edit_int.h"

#include <string.h>

#include "base/utf8.h"

unsigned edit_allowed(size_t n)
{
    return n < 4 ? 0 : n < 8 ? 1 : 2;
}

/* The slot of a letter, or the free one where it would be. */
static size_t slot_of(const EditPattern *p, uint32_t letter)
{
    size_t i = letter % EDIT_SLOTS;
    while (p->letters[i] != 0 && p->letters[i] != letter + 1)
        i = (i + 1) % EDIT_SLOTS;
    return i;
}

void edit_pattern(EditPattern *p, const uint32_t *letters, size_t n)
{
    ASSERT(n > 0 && n <= EDIT_LETTERS_MAX);
    memset(p, 0, sizeof *p);
    p->n = n;
    for (size_t i = 0; i < n; i++) {
        size_t k = slot_of(p, letters[i]);
        p->letters[k] = letters[i] + 1;
        p->bits[k] |= (uint64_t)1 << i;
    }
}

unsigned edit_distance(const EditPattern *p, Str word, unsigned max)
{
    const char *at = word.ptr, *end = word.ptr + word.len;
    uint64_t    up = UINT64_MAX, down = 0; /* cells of the column that are more, less than above */
    uint64_t    same = 0, before = 0, last = (uint64_t)1 << (p->n - 1);
    size_t      distance = p->n;
    while (at < end) {
        uint32_t letter = (unsigned char)*at;
        size_t   bytes = letter < 0x80 ? 1 : utf8_next(at, end, &letter);
        at += bytes > 0 ? bytes : 1;
        uint64_t match = p->bits[slot_of(p, letter)];
        uint64_t swapped = ((~same & match) << 1) & before;
        same = (((match & up) + up) ^ up) | match | down | swapped;
        uint64_t right = down | ~(same | up), left = same & up;
        distance += (right & last) != 0;
        distance -= (left & last) != 0;
        right = right << 1 | 1;
        left <<= 1;
        up = left | ~(same | right);
        down = right & same;
        before = match;
        if (distance > max + (size_t)(end - at)) /* each byte can bring it down by one */
            return max + 1;
    }
    return distance > max ? max + 1 : (unsigned)distance;
}
