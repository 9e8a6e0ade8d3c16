/* key.h - write keys: who may send events, from where, how many. */
#pragma once

#include "base/shape.h"
#include "channel/track/track.h"
#include "people/people.h"

enum { TRACK_KEYS_MAX = 500, TRACK_KEY_LEN = 32 };

typedef enum TrackKind { TRACK_BROWSER, TRACK_SERVER } TrackKind;
extern const char *const track_kind_names[];

/* As it is kept in memory: never changes, and stays until the program ends, for keys are few and
 * seldom changed. */
typedef struct TrackKey {
    int64_t     id;
    Str         text;
    TrackKind   kind;
    PeopleTexts aliases, origins;
    int64_t     per_minute;
    bool        own;
    bool        by_alias; /* found by another name, which is no secret: nothing is believed */
} TrackKey;

/* The key of this text or alias, or with this id. NULL: none. Any thread, without a lock. */
const TrackKey *track_key_find(Str text);
const TrackKey *track_key_by_id(int64_t id);
const TrackKey *track_key_own(void); /* of the shop's own pages */

/* May a page of this origin (empty: no page, or it does not say) use it? */
bool track_key_allows(const TrackKey *key, Str origin);

/* --- for staff ----------------------------------------------------------------------------- */

typedef struct TrackKeyView {
    int64_t     id;
    Str         name;
    Str         write_key;
    int         kind;
    PeopleTexts aliases, origins;
    int64_t     per_minute;
    bool        own;
    int64_t     rev;
    UnixMs      created_at, updated_at;
    OptTime     revoked_at;
} TrackKeyView;

typedef struct TrackKeyInput {
    uint64_t    given;
    Str         name;
    int         kind;
    PeopleTexts aliases, origins;
    int64_t     per_minute;
} TrackKeyInput;

typedef struct TrackKeyViews {
    TrackKeyView *items;
    size_t        n;
} TrackKeyViews;

extern const Shape     track_key_shape, track_key_input_shape;
extern const EventType track_key_changed;

/* ST_LIMIT "track.too_many_keys", ST_NOT_FOUND "track.no_key", ST_STALE "track.stale", ST_CONFLICT
 * "track.alias_taken". `rev` 0: whichever. */
NODISCARD Status track_key_list(Cx *cx, TrackKeyViews *ret);
NODISCARD Status track_key_get(Cx *cx, int64_t id, TrackKeyView *ret);
NODISCARD Status track_key_add(Cx *cx, const TrackKeyInput *in, TrackKeyView *ret);
NODISCARD Status track_key_update(Cx *cx, int64_t id, int64_t rev, const TrackKeyInput *in,
                                  TrackKeyView *ret);
NODISCARD Status track_key_revoke(Cx *cx, int64_t id);

/* --- for track.c --------------------------------------------------------------------------- */

/* Read them anew. */
NODISCARD Status track_keys_load(Cx *cx);
void             track_keys_free(void);

/* At the first start: a key for the shop's own pages. */
NODISCARD Status track_keys_begin(Cx *cx);
