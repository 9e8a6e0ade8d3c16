/* layout.h - what was typed, had the keyboard been in the other layout.
 *
 *      "ghbdtn" -> "привет" (English keys, Russian meant)     "руддщ" -> "hello"
 *
 * Keys stand where they do on PCs: US English, Russian ЙЦУКЕН, Ukrainian ЙЦУКЕН. */
#pragma once

#include "base/str.h"

typedef enum LayoutSlip {
    LAYOUT_US_TO_RU,
    LAYOUT_US_TO_UK,
    LAYOUT_RU_TO_US,
    LAYOUT_UK_TO_US,
    LAYOUT_SLIPS,
} LayoutSlip;

/* `s` as the other layout would have written it, lower case; empty when a letter of it has no
 * key in the layout that it is said to be typed with, or when nothing changes. */
Str layout_slip(LayoutSlip slip, Str s, Arena *a);
