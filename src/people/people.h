/* people.h - staff: who they are, what they may do, how they and their programs sign in.
 *
 * A staff member has roles; a role is a set of permissions ("catalog.write"), which modules
 * declare. People sign in with a password and, where they set it up, a second step; programs
 * send an API key. Both are turned into an Actor (core/cx.h) at the start of a request.
 *
 * Invariants
 *   - There is an active owner with a password from the first set-up on: the last one cannot
 *     be removed, disabled or demoted.
 *   - Nobody gives what they do not have: a role, a key or a staff member's access can be
 *     made or changed only by somebody who has every permission in question.
 *   - Disabling a staff member, changing their roles or their password ends their sessions in
 *     the same transaction; disabling revokes their keys. An API key is never worth more than
 *     the person it was made by.
 *   - Passwords, tokens, links, recovery codes and keys are stored as hashes; none of them is
 *     in a log or in the audit log.
 *
 * Every change is in the audit log and told as an event. Names given here are folded with
 * text_fold() to be compared: two staff members, or roles, never differ by case alone. */
#pragma once

#include "base/shape.h"
#include "core/module.h"

enum {
    PEOPLE_ROLES_MAX = 200,       /* in one shop */
    PEOPLE_STAFF_ROLES_MAX = 20,  /* of one staff member */
    PEOPLE_PERMISSIONS_MAX = 250, /* declared by all modules */
    PEOPLE_SESSIONS_MAX = 50,     /* of one staff member: older ones end */
    PEOPLE_RECOVERY_CODES = 10
};

#define PEOPLE_HALF_LIFE   SPAN_MINUTES(10) /* between password and second step */
#define PEOPLE_OWNER_LINK  SPAN_HOURS(24)
#define PEOPLE_INVITE_LINK SPAN_DAYS(7)
#define PEOPLE_RESET_LINK  SPAN_HOURS(24)

extern const Module people_module;

/* Setting "people.security": how long things last. */
typedef struct PeopleSecurity {
    int64_t session_idle_hours;
    int64_t session_days;
    int64_t audit_days; /* 0: for ever */
} PeopleSecurity;

extern const struct Setting people_security_setting;
NODISCARD Status            people_security(Cx *cx, PeopleSecurity *ret);

/* Which modules there are, for their permissions: once, before the first request. Borrowed. */
void people_modules(const Module *const *modules, size_t n);

/* The setting of this name, of whichever module; NULL: none. They count from 0 to *ret_n. */
const Setting *people_setting(Str name);
const Setting *people_setting_at(size_t i, size_t *ret_n);

/* What throttling counts together: the IPv4 address, the IPv6 /64. Empty for no address. */
Str people_net_fine(Arena *a, Str address);

typedef struct PeopleTexts {
    Str   *items;
    size_t n;
} PeopleTexts;

typedef struct PeopleIds {
    int64_t *items;
    size_t   n;
} PeopleIds;

/* Which rows of a list: up to `limit`, from the start or from the row behind `id` (`key` where
 * the list is in order of a text), backwards: nearest first. */
typedef struct PeopleRange {
    int64_t limit;
    bool    from;
    bool    backwards;
    int64_t id;
    Str     key;
} PeopleRange;

/* --- permissions and roles ------------------------------------------------------------------- */

/* All that modules declare, in their order; "AREA.write" includes "AREA.read". */
const Permission *const *people_permissions(size_t *ret_n);

/* Has `actor` this permission? As cx_require(), without an error. */
bool people_can(const Actor *actor, Str permission);

/* All that cx->actor may do. */
PeopleTexts people_actor_names(Cx *cx);

enum { PEOPLE_ROLE_OWNER = 1 }; /* ids of built-in roles are 1-7 */

typedef struct PeopleRole {
    int64_t     id;
    Str         name;
    Str         description;
    bool        builtin; /* cannot be changed */
    PeopleTexts permissions;
    int64_t     rev;
    UnixMs      created_at;
    UnixMs      updated_at;
} PeopleRole;

typedef struct PeopleRoleInput {
    uint64_t    given;
    Str         name;
    Str         description;
    PeopleTexts permissions;
} PeopleRoleInput;

typedef struct PeopleRoleList {
    PeopleRole *items;
    size_t      n;
} PeopleRoleList;

extern const Shape people_role_shape, people_role_input_shape;

NODISCARD Status people_role_list(Cx *cx, const PeopleRange *range, PeopleRoleList *ret);
NODISCARD Status people_role_get(Cx *cx, int64_t id, PeopleRole *ret); /* "people.no_role" */

/* ST_CONFLICT "people.name_taken" or "people.builtin_role", ST_DENIED "people.not_yours_to_give",
 * ST_INVALID "shape.invalid" with issues, ST_LIMIT "people.too_many_roles". `rev` is the version
 * that the caller saw (0: whichever): ST_STALE "people.stale" when it is not the newest. */
NODISCARD Status people_role_add(Cx *cx, const PeopleRoleInput *in, PeopleRole *ret);
NODISCARD Status people_role_update(Cx *cx, int64_t id, int64_t rev, const PeopleRoleInput *in,
                                    PeopleRole *ret);
NODISCARD Status people_role_remove(Cx *cx, int64_t id, int64_t rev); /* "people.role_in_use" */

/* A role by its name ("owner", "Read only"), as the command line takes it. */
NODISCARD Status people_role_find(Cx *cx, Str name, int64_t *ret_id);

/* --- staff ----------------------------------------------------------------------------------- */

typedef enum PeopleStatus {
    PEOPLE_ACTIVE,
    PEOPLE_DISABLED,
    PEOPLE_INVITED /* has not set a password yet */
} PeopleStatus;

extern const char *const people_status_names[];

typedef struct PeopleStaff {
    int64_t   id;
    Str       email;
    Str       email_key; /* folded; the order of lists; not shown */
    Str       name;
    Str       locale; /* BCP 47: "uk" */
    int       status; /* PeopleStatus */
    PeopleIds roles;
    bool      two_step;
    int64_t   rev;
    UnixMs    created_at;
    UnixMs    updated_at;
    OptTime   last_login_at;
} PeopleStaff;

typedef struct PeopleStaffInput {
    uint64_t  given;
    Str       email;
    Str       name;
    Str       locale;
    int       status; /* PEOPLE_ACTIVE or PEOPLE_DISABLED; not when adding */
    PeopleIds roles;
} PeopleStaffInput;

typedef struct PeopleStaffList {
    PeopleStaff *items;
    size_t       n;
} PeopleStaffList;

extern const Shape people_staff_shape, people_staff_input_shape;

/* In order of e-mail address; PeopleRange.key is the email_key of the row to go on from. */
NODISCARD Status people_staff_list(Cx *cx, const PeopleRange *range, PeopleStaffList *ret);
NODISCARD Status people_staff_get(Cx *cx, int64_t id, PeopleStaff *ret); /* "people.no_staff" */
NODISCARD Status people_staff_find(Cx *cx, Str email, PeopleStaff *ret); /* "people.no_staff" */

/* Add somebody, who is invited until they follow a link (people_link_make) and set a password.
 * ST_CONFLICT "people.email_taken", ST_DENIED "people.not_yours_to_give", ST_INVALID
 * "shape.invalid". */
NODISCARD Status people_staff_add(Cx *cx, const PeopleStaffInput *in, PeopleStaff *ret);

/* As above with a password, active at once: for the command line. */
NODISCARD Status people_staff_add_with(Cx *cx, const PeopleStaffInput *in, Str password,
                                       PeopleStaff *ret);

/* Only the fields that in->given names change. Also ST_CONFLICT "people.last_owner" and
 * "people.not_set_up" (activating somebody without a password), ST_DENIED "people.own_access"
 * (one's own roles or status), ST_STALE "people.stale". */
NODISCARD Status people_staff_update(Cx *cx, int64_t id, int64_t rev, const PeopleStaffInput *in,
                                     PeopleStaff *ret);
NODISCARD Status people_staff_remove(Cx *cx, int64_t id, int64_t rev);

/* Switch somebody's second step off, who lost it. */
NODISCARD Status people_staff_drop_totp(Cx *cx, int64_t id);

/* --- one-time links -------------------------------------------------------------------------- */

typedef enum PeoplePurpose {
    PEOPLE_LINK_OWNER,  /* make the first owner */
    PEOPLE_LINK_INVITE, /* set name and password */
    PEOPLE_LINK_RESET   /* set a new password */
} PeoplePurpose;

extern const char *const people_purpose_names[];

typedef struct PeopleLink {
    Str    path; /* "/setup/TOKEN": shown once, only its hash is kept */
    int    purpose;
    UnixMs ends_at;
} PeopleLink;

extern const Shape people_link_shape;

/* While there is no owner: a link to become one, which makes older ones worthless; else *ret is
 * zeroed. */
NODISCARD Status people_owner_link(Cx *cx, PeopleLink *ret);

/* A link for this person: to accept the invitation, or to set a new password. Older links of
 * theirs become worthless. */
NODISCARD Status people_link_make(Cx *cx, int64_t staff_id, PeopleLink *ret);

typedef struct PeopleLinkInfo {
    int purpose;
    Str email; /* of the person; empty for the first owner */
    Str name;
} PeopleLinkInfo;

/* ST_NOT_FOUND "people.no_link": unknown, used or too old. */
NODISCARD Status people_link_look(Cx *cx, Str token, PeopleLinkInfo *ret);

typedef struct PeopleSetup { /* what the form behind a link asks for */
    Str email;               /* PEOPLE_LINK_OWNER only */
    Str name;                /* not for PEOPLE_LINK_RESET */
    Str locale;
    Str password;
} PeopleSetup;

/* Use the link. All sessions of the person end. ST_INVALID "shape.invalid" leaves it usable. */
NODISCARD Status people_link_use(Cx *cx, Str token, const PeopleSetup *in, PeopleStaff *ret);

/* --- signing in ------------------------------------------------------------------------------ */

typedef struct PeopleOrigin { /* where a sign-in comes from */
    Str address;              /* IP address */
    Str agent;                /* User-Agent */
} PeopleOrigin;

typedef struct PeopleLogin {
    Str     token;       /* for the cookie */
    int64_t session;     /* id */
    bool    second_step; /* it is good for people_login_second() only */
    SpanMs  life;
} PeopleLogin;

/* ST_UNKNOWN "people.wrong_login" whatever was wrong, in the same time; ST_RATE
 * "people.try_later" after too many failures; ST_BUSY "people.busy". *ret_retry (for ST_RATE)
 * says when to come back. */
NODISCARD Status people_login(Cx *cx, Str email, Str password, const PeopleOrigin *from,
                              PeopleLogin *ret, SpanMs *ret_retry);

/* `token` from people_login(), `code` of the app or a recovery code. ST_UNKNOWN
 * "people.wrong_code" or "people.login_again". */
NODISCARD Status people_login_second(Cx *cx, Str token, Str code, const PeopleOrigin *from,
                                     PeopleLogin *ret, SpanMs *ret_retry);
NODISCARD Status people_logout(Cx *cx); /* of cx->actor's session */

/* Fill cx->actor from a session's token or an API key. A session that is unknown or over leaves
 * the actor anonymous; a key that is fails with ST_UNKNOWN "people.bad_key". Answered from
 * memory where possible; never writes. */
NODISCARD Status people_enter_session(Cx *cx, Str token);
NODISCARD Status people_enter_key(Cx *cx, Str key);

/* Write down when sessions and keys were last used (kept in memory meanwhile), and prune what is
 * over. A thread does it every 30 s between these two. */
NODISCARD Status people_flush(Cx *cx);
NODISCARD Status people_start(Db *db, Err *err);
void             people_stop(void);

typedef struct PeopleSession {
    int64_t id;
    int64_t staff_id;
    Str     agent;
    Str     net; /* "203.0.113.0/24": the network, not the address */
    bool    current;
    UnixMs  created_at;
    UnixMs  seen_at;
    UnixMs  ends_at;
} PeopleSession;

typedef struct PeopleSessionList {
    PeopleSession *items;
    size_t         n;
} PeopleSessionList;

extern const Shape people_session_shape;

/* Newest first. Of others: with people.read; ending them: with people.write. */
NODISCARD Status people_session_list(Cx *cx, int64_t staff_id, const PeopleRange *range,
                                     PeopleSessionList *ret);
NODISCARD Status people_session_end(Cx *cx, int64_t id); /* "people.no_session" */
NODISCARD Status people_session_end_others(Cx *cx);      /* all of cx->actor but this one */

/* The language of one's own pages; empty: what the browser asks for. ST_INVALID "shape.invalid"
 * for one that the program does not speak. */
NODISCARD Status people_speak(Cx *cx, Str locale);

/* --- one's own password and second step ------------------------------------------------------ */
/* Each asks for the password again, ends all other sessions and gives this one a new token. */

NODISCARD Status people_password_change(Cx *cx, Str old, Str new, PeopleLogin *ret);

typedef struct PeopleTotp {
    Str secret; /* base32, to be typed */
    Str uri;    /* otpauth://, to be shown as a QR code */
} PeopleTotp;

extern const Shape people_totp_shape;

/* Begin: nothing is asked for until a code was confirmed. ST_CONFLICT "people.totp_on". */
NODISCARD Status people_totp_begin(Cx *cx, Str password, PeopleTotp *ret);

/* ST_INVALID "people.bad_code", ST_CONFLICT "people.totp_not_begun". Gives recovery codes. */
NODISCARD Status people_totp_confirm(Cx *cx, Str code, PeopleTexts *ret_codes, PeopleLogin *ret);
NODISCARD Status people_totp_off(Cx *cx, Str password, PeopleLogin *ret);
NODISCARD Status people_recovery_renew(Cx *cx, Str password, PeopleTexts *ret_codes);
NODISCARD Status people_recovery_left(Cx *cx, int64_t *ret_n);

/* --- API keys -------------------------------------------------------------------------------- */

typedef struct PeopleKey {
    int64_t     id;
    Str         name;
    PeopleTexts permissions;
    OptI64      staff_id; /* who made it */
    bool        active;   /* neither revoked nor over */
    int64_t     rev;
    UnixMs      created_at;
    UnixMs      updated_at;
    OptTime     ends_at;
    OptTime     used_at; /* to the minute */
    OptTime     revoked_at;
} PeopleKey;

typedef struct PeopleKeyInput {
    uint64_t    given;
    Str         name;
    PeopleTexts permissions;
    OptTime     ends_at;
} PeopleKeyInput;

typedef struct PeopleKeyMade {
    PeopleKey key;
    Str       secret; /* "rap_…": shown once */
} PeopleKeyMade;

typedef struct PeopleKeyList {
    PeopleKey *items;
    size_t     n;
} PeopleKeyList;

extern const Shape people_key_shape, people_key_input_shape, people_key_made_shape;

/* Newest first. */
NODISCARD Status people_key_list(Cx *cx, const PeopleRange *range, PeopleKeyList *ret);
NODISCARD Status people_key_get(Cx *cx, int64_t id, PeopleKey *ret); /* "people.no_key" */
NODISCARD Status people_key_add(Cx *cx, const PeopleKeyInput *in, PeopleKeyMade *ret);
NODISCARD Status people_key_update(Cx *cx, int64_t id, int64_t rev, const PeopleKeyInput *in,
                                   PeopleKey *ret); /* "people.key_revoked" */
NODISCARD Status people_key_revoke(Cx *cx, int64_t id);
