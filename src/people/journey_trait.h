/* journey_trait.h - what is known of people, for questions to the journey: columns in memory.
 *
 *      TRY(people_traits_hold(cx, question, &held));
 *      JourneyAsk ask = {.trait = people_traits_value, .arg = held, …};
 *      …
 *      people_traits_let(held);
 *
 * A path is what stands behind "person.": email, phone, name, country, locale and known are those
 * of the profile; anything else is the trait of that name that counts, and "address.city" a member
 * of the trait "address". A column is read whole when a question first asks for it and is kept;
 * afterwards only people that changed are read again, and all once when too many did. Columns are
 * immutable: a question sees what was known when it was asked.
 *
 * Bounds: TRAIT_PATHS_MAX paths in one question and kept altogether (the least recently asked
 * goes), TRAIT_PEOPLE_MAX people and TRAIT_TEXT_MAX bytes of different texts in one. */
#pragma once

#include "core/cx.h"
#include "journey/journey.h"

enum {
    TRAIT_PATHS_MAX = 8,
    TRAIT_PEOPLE_MAX = 5000000, /* 24 bytes each */
    TRAIT_TEXT_MAX = 128 << 20
};

typedef struct PeopleTraitsHeld PeopleTraitsHeld;

/* *ret may be NULL: the question asks for nothing of the kind. ST_LIMIT "journey.too_big". */
NODISCARD Status people_traits_hold(Cx *cx, const JsonValue *question, PeopleTraitsHeld **ret);
void             people_traits_let(PeopleTraitsHeld *held); /* NULL is fine */

/* JourneyAsk.trait; `arg` is what is held. Absent when it is not known. Any thread. */
JourneyValue people_traits_value(void *arg, int64_t profile, Str path, Arena *a);

/* This profile is another than before, or gone. After the commit; any thread. */
void people_traits_changed(int64_t profile);

/* Forget all columns. Nobody holds any. */
void people_traits_close(void);
