/* identity_int.h - what the files about customers' identity share; not for others. */
#pragma once

#include "core/secret.h"
#include "people/identity.h"
#include "people/people_int.h"

/* --- identifier.c ---------------------------------------------------------------------------- */

/* Find this identifier, or make it with a profile of its own. Not *ret_usable: it names nobody.
 * *ret_proved: it was known, and has been verified just now. */
NODISCARD Status people_identifier_take(Cx *cx, const PeopleKnown *known, bool returned,
                                        bool *ret_usable, bool *ret_proved,
                                        PeopleIdentifierRow *ret);

/* Does the shop's list say that this names nobody, however it is written? */
bool people_identifier_blocked(Arena *a, const PeopleIdentityRules *rules,
                               const PeopleKnown *known);

/* What is kept of an identifier whose person was erased. */
NODISCARD Status people_identifier_hash(Cx *cx, int ns, Str value, Str *ret);

/* All identifiers of the profile that `id` is part of. "people.no_customer". */
NODISCARD Status people_members(Cx *cx, int64_t id, PeopleIdentifierRowList *ret);
PeopleIds        people_member_ids(Arena *a, const PeopleIdentifierRowList *members);

/* --- edge.c ---------------------------------------------------------------------------------- */

/* Revoke these edges of one profile and part what they held together. */
NODISCARD Status people_edges_revoke(Cx *cx, int64_t profile_id, const PeopleIds *edges,
                                     Str reason);

/* --- profile.c ------------------------------------------------------------------------------- */

/* Work out the row of the profile with this id anew; without identifiers it goes. */
NODISCARD Status people_profile_refresh(Cx *cx, int64_t profile_id);

/* Who does this, for edges and requests: "staff stf_…", "acc_…", "system". */
Str people_actor_text(Cx *cx);

/* --- trait.c --------------------------------------------------------------------------------- */

/* The traits that count for these identifiers together, in order of name. */
NODISCARD Status people_traits_of(Cx *cx, const PeopleIds *ids, PeopleTraitRowList *ret);

/* --- events ---------------------------------------------------------------------------------- */

NODISCARD Status people_tell_moved(Cx *cx, const PeopleMoved *moved);
NODISCARD Status people_tell_customer(Cx *cx, int64_t profile_id);
NODISCARD Status people_tell_erased(Cx *cx, const PeopleErased *erased);
