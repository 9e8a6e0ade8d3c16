/* people_int.h - what the files of this folder share; not for others. */
#pragma once

#include "people/people.h"
#include "people/people_sql.h"

enum { PEOPLE_HASH_BYTES = 32, PEOPLE_TOKEN_BYTES = 32 };

/* --- secret.c -------------------------------------------------------------------------------- */

/* A new random token as text (43 characters), and what is kept of one. */
Str people_token_new(Arena *a);
Str people_token_hash(Arena *a, Str token);

/* "203.0.113.0/24", "2001:db8:1::/48": where somebody is, coarsely. Empty for no address. */
Str people_net(Arena *a, Str address);

/* --- permissions (role.c) -------------------------------------------------------------------- */

/* A set of the declared permissions: bit i stands for the i-th. */
typedef struct PeopleSet {
    uint64_t bits[(PEOPLE_PERMISSIONS_MAX + 63) / 64];
} PeopleSet;

/* Texts, one a line; unknown ones (of a module that is gone) are left out. */
PeopleSet   people_set_read(Str lines);
PeopleSet   people_set_builtin(Str builtin);
PeopleTexts people_set_names(Arena *a, PeopleSet set);
Str         people_set_write(Arena *a, PeopleSet set);
PeopleSet   people_set_of(const Actor *actor);
PeopleSet   people_set_and(PeopleSet x, PeopleSet y);
PeopleSet   people_set_or(PeopleSet x, PeopleSet y);

/* Names from a body into a set; unknown ones become issues at `pointer`/i. */
PeopleSet people_set_check(Issues *issues, const char *pointer, const PeopleTexts *names);

/* ST_DENIED "people.not_yours_to_give" unless cx->actor has all of it. */
NODISCARD Status people_set_require(Cx *cx, PeopleSet set);

/* What a staff member's roles add up to; *ret_owner: everything, for ever. */
NODISCARD Status people_access_of(Cx *cx, int64_t staff_id, PeopleSet *ret, bool *ret_owner);

/* May cx->actor decide over this person: has every permission that they have? ST_DENIED
 * "people.not_yours_to_give". */
NODISCARD Status people_require_over(Cx *cx, int64_t staff_id);

/* May cx->actor give somebody this role? */
NODISCARD Status people_role_require(Cx *cx, int64_t role_id);

/* ST_INVALID "shape.invalid" when there are issues. */
NODISCARD Status people_check_issues(Cx *cx);

/* --- security.c ------------------------------------------------------------------------------ */

NODISCARD Status people_prune_audit(Cx *cx); /* a schedule: what is older than the setting says */

/* --- staff.c --------------------------------------------------------------------------------- */

/* An e-mail address as it is compared. */
Str people_staff_key(Arena *a, Str email);

/* Rows with their roles, in one statement more. */
NODISCARD Status people_staff_fill(Cx *cx, const PeopleStaffRow *rows, size_t n,
                                   PeopleStaffList *ret);
NODISCARD Status people_staff_store(Cx *cx, PeopleStaffRow *row, const PeopleIds *roles);

/* End all sessions of somebody but one, and tell. */
NODISCARD Status people_sessions_clear(Cx *cx, int64_t staff_id, int64_t besides);

/* --- session.c ------------------------------------------------------------------------------- */

/* Check cx->actor's password once more. ST_DENIED "people.wrong_password". */
NODISCARD Status people_confirm_password(Cx *cx, Str password, PeopleStaffRow *ret);

/* A new session for somebody, in the running transaction. */
NODISCARD Status people_session_open(Cx *cx, int64_t staff_id, bool half, Str agent, Str net,
                                     PeopleLogin *ret);

/* Replace cx->actor's session by one with a new token, and end the others. */
NODISCARD Status people_session_renew(Cx *cx, PeopleLogin *ret);

/* --- throttle.c ------------------------------------------------------------------------------ */

typedef struct PeopleThrottleRule {
    const char *prefix;
    int64_t     free;   /* failures before waiting begins */
    SpanMs      first;  /* then this long, doubled each time … */
    SpanMs      most;   /* … up to this */
    bool        shared; /* by people who do not know each other: a network */
} PeopleThrottleRule;

extern const PeopleThrottleRule people_by_account_and_net, people_by_account, people_by_net,
    people_by_code;

/* Count an attempt as failed, in a transaction of its own. ST_RATE "people.try_later", and
 * nothing is counted, while it is too early. */
typedef struct PeopleTry {
    const PeopleThrottleRule *rule;
    Str                       key;
} PeopleTry;
NODISCARD Status people_try(Cx *cx, const PeopleTry *tries, size_t n, SpanMs *ret_retry);

/* It succeeded: forget its failures; in the running transaction. */
NODISCARD Status people_try_forget(Cx *cx, const PeopleTry *tries, size_t n);

/* --- grant.c: who is known, in memory -------------------------------------------------------- */

void people_grants_forget(void); /* all: something about access changed */

/* --- security.c ------------------------------------------------------------------------------ */

extern const Shape          people_security_shape;
extern const PeopleSecurity people_security_defaults;

/* --- events ---------------------------------------------------------------------------------- */

NODISCARD Status people_tell_staff(Cx *cx, int64_t staff_id);
NODISCARD Status people_tell_role(Cx *cx, int64_t role_id);
NODISCARD Status people_tell_key(Cx *cx, int64_t key_id);
NODISCARD Status people_tell_session(Cx *cx, int64_t staff_id, int64_t session_id);
