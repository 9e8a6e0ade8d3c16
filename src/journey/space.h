/* space.h - columns and the codes of their texts, common to several segments.
 *
 * Each segment numbers the texts of a column for itself. Whoever reads several - a question,
 * a merge - or makes a new one has a Space: columns by key and type, and a Dict for each that
 * holds texts. Codes count from 1; 0 stands for "no value". */
#pragma once

#include "journey/journey.h"

#include <pthread.h>

typedef struct Dict {
    Arena     arena;
    Str      *texts; /* [1 .. n] */
    uint32_t *slots;
    uint32_t  n, cap, nslots;
    size_t    bytes; /* of the texts */
} Dict;

void     dict_done(Dict *d); /* a zeroed Dict is an empty one */
uint32_t dict_put(Dict *d, Str text);
uint32_t dict_get(const Dict *d, Str text); /* 0: not in it */

typedef struct SpaceColumn {
    Str         key;
    JourneyType type;
    Dict        dict;   /* JOURNEY_TEXT, JOURNEY_JSON */
    uint64_t    values; /* written so far: to see whether they repeat */
    bool        raw;    /* they do not: new ones are not put into the dictionary */
} SpaceColumn;

/* Is a dictionary of no use when so many texts differ among so many values? A few thousand must
 * differ nearly always: those of a large catalogue do at first, and then they come again. */
static inline bool texts_hardly_repeat(uint64_t differ, uint64_t values)
{
    return (differ > 4096 && differ > values / 8 * 7) || (differ > 65536 && differ > values / 2);
}

typedef struct Space {
    Arena           arena;
    Dict            names; /* of events */
    Dict            keys;  /* key + type: where it stands in `columns`, plus 1 */
    SpaceColumn   **columns;
    size_t          n, cap;
    pthread_mutex_t lock; /* for dictionaries that grow while several threads read */
} Space;

/* Properties that somebody wants to read, by their keys; where one is expected, NULL: all. */
typedef struct Keys {
    const Str *key;
    size_t     n;
} Keys;

bool keys_has(const Keys *k, Str key);

void   space_init(Space *s);
void   space_done(Space *s);
size_t space_column(Space *s, Str key, JourneyType type);     /* made where it is missing */
size_t space_find(const Space *s, Str key, JourneyType type); /* SIZE_MAX: not there */

static inline bool type_is_text(JourneyType type)
{
    return type == JOURNEY_TEXT || type == JOURNEY_JSON;
}
