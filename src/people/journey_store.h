/* journey_store.h - the running journey of this shop, and its tie to identity.
 *
 *      TRY(people_journey_open("data/journey", db, core, &err));   // after core_start()
 *      …
 *      people_journey_close();
 *
 * One per process. An event comes under the *subject* of the identifier that it carried. Each
 * subject whose identifier is known here belongs to that identifier's profile: the journey is told
 * of every merge and un-merge, and everything is compared once more when the store is opened. A
 * browser of which nothing else is known is no identifier until somebody looks for it: its subject
 * is a profile of its own.
 *
 * Who was erased stays erased: their events go, and what still comes under their subjects is not
 * to be taken - nor is that of people who said no to "analytics" (people_journey_takes()). */
#pragma once

#include "core/core.h"
#include "journey/journey.h"
#include "people/identity.h"

/* Setting "people.journey". */
typedef struct PeopleJourneySetting {
    int64_t keep_days; /* 0: for ever */
} PeopleJourneySetting;

extern const Shape                people_journey_shape;
extern const PeopleJourneySetting people_journey_defaults;

/* As journey_open(). The store is compared with the identifiers by a thread of its own. One that is
 * too damaged to be opened stays closed, which is logged: the shop sells on, events are refused
 * with 503 and questions say why. */
NODISCARD Status people_journey_open(const char *dir, Db *db, Core *core, Err *err);
void             people_journey_close(void); /* after the server; fine when it is not open */

/* NULL: it is not open. Good until people_journey_close(). */
Journey *people_journey(void);

/* It is not open because it is damaged: what is for it has to wait. */
bool people_journey_broken(void);

/* The same, for a request: ST_BUSY "people.no_journey", "people.journey_damaged". */
NODISCARD Status people_journey_use(Cx *cx, Journey **ret);

/* What is damaged is told to whoever asks: "journey.corrupt" becomes ST_BUSY
 * "people.journey_damaged". */
NODISCARD Status people_journey_answered(Cx *cx, Status st);

/* The subject of an identifier: of what people_normalise() gives. */
int64_t people_subject(int ns, Str value);

/* As people_find(), and whoever has events under this and is known by nothing else: a browser, a
 * guest who bought under an address. Looking for them makes it an identifier. Outside of a
 * transaction. */
NODISCARD Status people_journey_find(Cx *cx, int ns, Str value, PeopleProfile *ret);

/* May events of this subject be stored? A probe of a small table; any thread. */
bool people_journey_takes(int64_t subject);

/* Does the setting "people.identity" say that this value names nobody? Any thread. */
bool people_journey_blocks(Str value);

/* Was whoever this is erased? Of the others that are not taken, a later answer may be a yes. */
bool people_journey_forgot(int64_t subject);

/* Tell the journey whose the identifiers of this profile are now. For who has just linked
 * some, outside of a transaction. */
NODISCARD Status people_journey_sync(Cx *cx, int64_t profile_id);

/* Ask a question on behalf of cx->actor. As journey_ask(), and
 *   - {"type": "timeline", "customer": "cus_…"} instead of `profile`, which tells of the person,
 *     too; "sub_…" for somebody who is no customer yet
 *   - a `people` question lists who they are.
 * `cancel` may be NULL. ST_BUSY "people.no_journey" when the store is not open. */
NODISCARD Status people_journey_ask(Cx *cx, Str question, const atomic_bool *cancel, Buf *answer);
