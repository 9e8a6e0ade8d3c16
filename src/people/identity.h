/* identity.h - whose journey it is: identifiers, the edges between them, and profiles.
 *
 * An identifier is whatever names somebody: an account, an e-mail address, a browser's
 * anonymous id. An edge says that two identifiers name the same person, by which rule and on
 * what evidence. A profile is a connected component of active edges; its id is the smallest id
 * of its identifiers, so it follows from the edges alone. Merging adds an edge, un-merging
 * revokes edges: everything else that is known - traits, consents, events - stays with the
 * identifier it came with, so that taking a merge back restores both people exactly.
 *
 * An id of a profile stays good after a merge: it finds the profile that it is part of now.
 *
 * Invariants (tests/people/test_identity.c holds them against brute force)
 *   - identifier.profile_id is the smallest id of the identifier's component
 *   - people_profile has one row per component, and it says what the component adds up to
 *   - nothing but people_merge() joins two verified accounts
 *   - no profile has more than PEOPLE_IDENTIFIERS_MAX identifiers
 *
 * Links that come by themselves (people_link) are refused, and kept as refused, when they
 *   - would join two accounts, or pass the limit of a namespace       "two_accounts", "limit"
 *   - begin at a browser that too many accounts have used             "shared_device"
 *   - claim, without proof, an identifier that is verified            "unverified"
 * When somebody proves that an identifier is theirs, mere claims of it by others are revoked. */
#pragma once

#include "base/shape.h"
#include "core/setting.h"
#include "people/people.h"

enum {
    PEOPLE_IDENTIFIERS_MAX = 1000, /* of one profile */
    PEOPLE_EDGES_MAX = 4000,       /* active, of one profile: more proof of the same is let go */
    PEOPLE_REFUSED_MAX = 1000, /* links of one identifier that were refused: more are not kept */
    PEOPLE_VALUE_MAX = 512,    /* bytes of an identifier */
    PEOPLE_KNOWN_MAX = 16,     /* identifiers in one people_link() */
    PEOPLE_TRAITS_MAX = 300,   /* names of one identifier */
    PEOPLE_TRAIT_MAX = 8192,   /* bytes of JSON in one */
    PEOPLE_TRAIT_HISTORY = 50  /* older values kept per identifier and name */
};

typedef enum PeopleNamespace {
    PEOPLE_USER_ID, /* an account: ours ("acc_…"), or another system's */
    PEOPLE_EMAIL,
    PEOPLE_PHONE,
    PEOPLE_ANONYMOUS_ID, /* a browser */
    PEOPLE_DEVICE_ID,
    PEOPLE_LOYALTY_CARD,
    PEOPLE_MESSENGER, /* "telegram:12345" */
    PEOPLE_PUSH_TOKEN,
    PEOPLE_EXTERNAL, /* "system:id" */
    PEOPLE_NAMESPACES
} PeopleNamespace;

typedef enum PeopleRule {
    PEOPLE_SAME_EVENT,     /* they came together: a claim */
    PEOPLE_LOGIN,          /* somebody signed in there */
    PEOPLE_VERIFIED_EMAIL, /* a code that was sent there came back */
    PEOPLE_MANUAL,         /* staff say so */
    PEOPLE_IMPORT          /* another system says so */
} PeopleRule;

typedef enum PeopleEdgeState {
    PEOPLE_EDGE_ACTIVE,
    PEOPLE_EDGE_REVOKED,
    PEOPLE_EDGE_REFUSED
} PeopleEdgeState;

extern const char *const people_namespace_names[], *const people_rule_names[],
                                                       *const people_edge_state_names[];

/* Limits, kept as the setting "people.identity". */
typedef struct PeopleIdentityRules {
    int64_t     emails;          /* of one profile */
    int64_t     phones;          /* of one profile */
    int64_t     browsers;        /* of one profile: anonymous and device ids */
    int64_t     shared_accounts; /* a browser used with more accounts than this joins nobody */
    PeopleTexts blocked;         /* values that name nobody, besides the well-known ones */
} PeopleIdentityRules;

extern const Setting             people_identity_setting;
extern const Shape               people_identity_shape;
extern const PeopleIdentityRules people_identity_defaults;

/* --- linking --------------------------------------------------------------------------------- */

typedef struct PeopleKnown {
    int  ns; /* PeopleNamespace */
    Str  value;
    bool verified; /* proven to be theirs */
} PeopleKnown;

typedef struct PeopleLinking {
    const PeopleKnown *known;      /* each of the others is linked to the first */
    size_t             n;          /* 1-PEOPLE_KNOWN_MAX */
    int                rule;       /* PeopleRule, not PEOPLE_MANUAL */
    int64_t            confidence; /* 0-100 */
    Str                source;     /* "storefront", "segment" */
    Str                evidence;   /* id of the event or request */
    bool               returned;   /* they came back themselves: lift what erasure suppressed */
} PeopleLinking;

typedef struct PeopleLinked {
    int64_t profile_id;    /* of the first that names anybody; 0: none does */
    int64_t identifier_id; /* its id */
    size_t  refused;       /* links that were not made */
    size_t  blocked;       /* values that name nobody, or were suppressed */
} PeopleLinked;

/* Note that these were seen together. In the running transaction (asserts). */
NODISCARD Status people_link(Cx *cx, const PeopleLinking *in, PeopleLinked *ret);

/* As they are stored and compared: e-mail folded, phone digits behind '+', others trimmed.
 * False for what names nobody: empty, too long, or on the list of well-known junk. */
NODISCARD bool people_normalise(Arena *a, int ns, Str value, Str *ret);

/* --- profiles -------------------------------------------------------------------------------- */

typedef struct PeopleProfile {
    int64_t id;
    int64_t identifiers; /* how many */
    OptI64  account_id;
    Str     email, phone, name, country, locale; /* absent where unknown */
    Str     lifecycle;                           /* "anonymous", "lead" or "customer" */
    Str     traits;                              /* JSON object; only where one is asked for */
    UnixMs  created_at;
    UnixMs  seen_at; /* to the hour */
} PeopleProfile;

typedef struct PeopleProfileList {
    PeopleProfile *items;
    size_t         n;
} PeopleProfileList;

extern const Shape people_profile_shape;

/* Whoever has this identifier. ST_NOT_FOUND "people.no_customer". */
NODISCARD Status people_find(Cx *cx, int ns, Str value, PeopleProfile *ret);
NODISCARD Status people_profile_get(Cx *cx, int64_t id, PeopleProfile *ret);

/* People of whom more is known than a browser, newest first. */
NODISCARD Status people_profile_list(Cx *cx, const PeopleRange *range, PeopleProfileList *ret);

/* Up to 50 whose name, e-mail address or telephone number (five digits or more) begins so. */
NODISCARD Status people_profile_search(Cx *cx, Str text, PeopleProfileList *ret);

typedef struct PeopleIdentifier {
    int64_t id;
    int     ns; /* PeopleNamespace */
    Str     value;
    OptTime verified_at;
    bool    shared;
    UnixMs  created_at;
    UnixMs  seen_at;
} PeopleIdentifier;

typedef struct PeopleIdentifierList {
    PeopleIdentifier *items;
    size_t            n;
} PeopleIdentifierList;

typedef struct PeopleEdge {
    int64_t id;
    int64_t a_id, b_id;
    int     rule, state;
    int64_t confidence;
    Str     source, evidence, actor, reason;
    UnixMs  created_at;
    OptTime ended_at;
    Str     ended_by;
} PeopleEdge;

typedef struct PeopleEdgeList {
    PeopleEdge *items;
    size_t      n;
} PeopleEdgeList;

extern const Shape people_identifier_shape, people_edge_shape;

NODISCARD Status people_identifier_list(Cx *cx, int64_t profile_id, PeopleIdentifierList *ret);

/* The evidence: every edge that touches an identifier of this profile, also those that were
 * refused or revoked; newest first, and at least the newest 5,000. */
NODISCARD Status people_edge_list(Cx *cx, int64_t profile_id, PeopleEdgeList *ret);

/* --- merging and un-merging by staff --------------------------------------------------------- */

/* Make one person of two. ST_CONFLICT "people.same_customer", ST_LIMIT
 * "people.too_many_identifiers". `note` is kept as the evidence. */
NODISCARD Status people_merge(Cx *cx, int64_t id, int64_t other_id, Str note, PeopleProfile *ret);

/* Revoke one edge. ST_CONFLICT "people.not_linked" when it is not active. */
NODISCARD Status people_unmerge(Cx *cx, int64_t edge_id, Str note);

/* Part some identifiers from the others: revoke every edge between the two groups. ST_INVALID
 * "people.bad_split" unless they are some, but not all, of this profile's. */
NODISCARD Status people_split(Cx *cx, int64_t profile_id, const PeopleIds *identifiers, Str note);

/* --- traits ---------------------------------------------------------------------------------- */

typedef struct PeopleTrait {
    int64_t id;
    int64_t identifier_id;
    Str     name;
    Str     value; /* JSON */
    bool    verified;
    bool    current; /* the one of this identifier that counts */
    Str     source;
    UnixMs  at;
} PeopleTrait;

typedef struct PeopleTraitList {
    PeopleTrait *items;
    size_t       n;
} PeopleTraitList;

extern const Shape people_trait_shape;

/* Note what is known of an identifier, in the running transaction (asserts): the members of a
 * JSON object. Verified ones outweigh others, newer ones older ones; null takes one back. Those
 * that are too big are left out and counted in *ret_left_out (may be NULL). ST_LIMIT
 * "people.too_many_traits". */
typedef struct PeopleTraits {
    int64_t          identifier_id;
    const JsonValue *values;
    bool             verified;
    Str              source;
    UnixMs           at;
} PeopleTraits;
NODISCARD Status people_traits_note(Cx *cx, const PeopleTraits *in, size_t *ret_left_out);

/* Change traits of a profile by staff: on its first identifier, as verified. */
NODISCARD Status people_traits_set(Cx *cx, int64_t profile_id, Str json, PeopleProfile *ret);

/* All values there ever were (as far as they are kept; the newest 5,000), newest first. */
NODISCARD Status people_trait_list(Cx *cx, int64_t profile_id, PeopleTraitList *ret);

/* --- consent --------------------------------------------------------------------------------- */

typedef enum PeopleConsentStatus {
    PEOPLE_GRANTED,
    PEOPLE_DENIED,
    PEOPLE_WITHDRAWN
} PeopleConsentStatus;

extern const char *const people_consent_names[], *const people_purpose_texts[];

typedef struct PeopleConsent {
    int64_t id;      /* given when it is noted */
    Str     purpose; /* "analytics", "personalisation", "marketing_email" … */
    int     status;
    Str     text_version; /* of the words that were shown */
    Str     locale;       /* their language */
    Str     source;       /* "cookie_banner", "account", "staff" */
    Str     net, agent;   /* proof: where it came from */
    UnixMs  at;
} PeopleConsent;

typedef struct PeopleConsentList {
    PeopleConsent *items;
    size_t         n;
} PeopleConsentList;

extern const Shape people_consent_shape;

/* Is this one of the purposes there are? */
bool people_is_purpose(Str purpose);

/* Note an answer that this identifier's person gave at `at` (0: now; never later), in the running
 * transaction (asserts). The same answer to the same text once more adds nothing. ST_INVALID
 * "people.no_purpose". */
NODISCARD Status people_consent_note(Cx *cx, int64_t identifier_id, const PeopleConsent *in);

/* Note an answer that somebody gave to staff: of the profile's first identifier. */
NODISCARD Status people_consent_set(Cx *cx, int64_t profile_id, const PeopleConsent *in);

/* Note what a buyer answered, in the running transaction (asserts). Without an account (0) an
 * address answers for nobody who has proven that it is theirs, nor against an answer that there is:
 * anybody can type it. */
NODISCARD Status people_consent_of_buyer(Cx *cx, int64_t account_id, Str email,
                                         const PeopleConsent *in);

/* Every answer (the newest 5,000), newest first. */
NODISCARD Status people_consent_list(Cx *cx, int64_t profile_id, PeopleConsentList *ret);

/* May their data be used for this now? Only a newest answer "granted" says yes. */
NODISCARD Status people_may(Cx *cx, int64_t profile_id, Str purpose, bool *ret);

/* --- one's data ------------------------------------------------------------------------------ */

typedef enum PeopleDataKind { PEOPLE_DATA_EXPORT, PEOPLE_DATA_ERASE } PeopleDataKind;
typedef enum PeopleDataStatus {
    PEOPLE_DATA_PENDING,
    PEOPLE_DATA_DONE,
    PEOPLE_DATA_CANCELLED
} PeopleDataStatus;

extern const char *const people_data_kind_names[], *const people_data_status_names[];

typedef struct PeopleDataRequest {
    int64_t id;
    int64_t profile_id;
    int     kind, status;
    Str     requested_by;
    UnixMs  created_at;
    UnixMs  due_at;
    OptTime done_at;
} PeopleDataRequest;

typedef struct PeopleDataRequestList {
    PeopleDataRequest *items;
    size_t             n;
} PeopleDataRequestList;

extern const Shape people_data_request_shape;

/* Modules above add what they hold of a person: called with the ids of all identifiers and of
 * the account (0: none). Listed once, before the first request; borrowed. */
typedef struct PeopleDataOf {
    int64_t        profile_id;
    int64_t        account_id;
    const int64_t *identifiers;
    size_t         n;
} PeopleDataOf;

typedef struct PeopleDataSource {
    const char *name; /* member of the export */
    Status (*write)(Cx *cx, const PeopleDataOf *who, Json *j, const char *key);
    Status (*erase)(Cx *cx, const PeopleDataOf *who); /* in the erasing transaction */
} PeopleDataSource;

void people_data_sources(const PeopleDataSource *const *list, size_t n);

/* Everything that is held of them, as a JSON object appended to `b`; noted as a request. */
NODISCARD Status people_export(Cx *cx, int64_t profile_id, Buf *b);

/* Ask to be forgotten: done by a job once PEOPLE_ERASE_DELAY has passed, unless cancelled. A
 * waiting request is given again. Staff may say `now`. */
#define PEOPLE_ERASE_DELAY SPAN_DAYS(3)
NODISCARD Status people_erase_ask(Cx *cx, int64_t profile_id, bool now, PeopleDataRequest *ret);
NODISCARD Status people_erase_cancel(Cx *cx, int64_t request_id); /* "people.request_over" */
NODISCARD Status people_data_request_list(Cx *cx, const PeopleRange *range,
                                          PeopleDataRequestList *ret);

typedef struct PeopleErased { /* payload of "people.person_erased" */
    int64_t   profile_id;
    PeopleIds identifiers; /* that there were: what still carries them is to go */
} PeopleErased;

typedef struct PeopleMoved { /* payload of "people.identity_changed" */
    int64_t profile_id;      /* identifiers are part of this one now ... */
    int64_t was_id;          /* ... and were of this one */
    int64_t edge_id;         /* the edge that joined or parted them */
    bool    joined;
} PeopleMoved;
