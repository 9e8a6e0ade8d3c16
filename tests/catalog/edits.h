/* edits.h - random changes to a whole catalogue, the same for the same seed: what property
 * tests are made of. Few names, so that handles collide, things are found again and
 * lists overlap. */
#pragma once

#include "shop.h"

#include "base/rng.h"

enum { EDITS_KEPT = 24 }; /* things of a kind at most: more are deleted */

typedef enum EditKind {
    EDIT_PRODUCT,
    EDIT_COLLECTION,
    EDIT_PAGE,
    EDIT_BLOG,
    EDIT_ARTICLE,
    EDIT_MENU,
    EDIT_REDIRECT,
    EDIT_PRICE_LIST,
    EDIT_ATTRIBUTE,
    EDIT_KINDS
} EditKind;

typedef struct Edits {
    World  *w;
    Rng     rng;
    int64_t ids[EDIT_KINDS][EDITS_KEPT];
    size_t  n[EDIT_KINDS];
    int     done, refused; /* so far */
    Buf     json;
    char    what[64]; /* the last one, for messages */
} Edits;

/* SEED in the environment goes before `seed`, to look for more. */
void edits_begin(Edits *e, World *w, uint64_t seed);
void edits_end(Edits *e);

/* One change, with the clock some seconds on. It is made, or refused for a good reason:
 * anything else fails the test. Resets w's arena now and then. */
void edits_step(Edits *e);
