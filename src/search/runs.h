/* runs.h - where the words of a text begin and end.
 *
 * A run is what one would call a word: letters, digits, or both ("15.6", "1000xm4"). Scripts
 * without blanks (Chinese, Japanese, Thai, Khmer, ...) are cut by ICU's dictionaries. What
 * stands between runs tells whether they belong together: "WH-1000XM4" is two runs, the second
 * linked to the first. */
#pragma once

#include "search/language.h"

typedef enum RunKind {
    RUN_WORD,   /* letters */
    RUN_NUMBER, /* digits, perhaps with a decimal mark */
    RUN_MIXED,  /* both */
    RUN_DENSE,  /* of a script without blanks */
} RunKind;

typedef struct Run {
    uint32_t from; /* bytes of the text: [from, to) */
    uint32_t to;
    uint32_t core; /* [from, core) without what an apostrophe sets off ("iPhone'un", "men's") */
    RunKind  kind;
    char     link;       /* what stands between it and the run before: - / . _ +, ' ' for one blank,
                            or 0 for anything else */
    bool first_of_dense; /* begins a stretch of a script without blanks */
} Run;

typedef struct Runs {
    Run   *items; /* in the arena */
    size_t n;
} Runs;

/* The first `max` runs of any bytes. */
void runs_of(Language l, Str s, size_t max, Arena *a, Runs *ret);
