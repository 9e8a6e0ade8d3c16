/* customer.h - accounts of customers: signing in, their own data, addresses, sessions.
 *
 * A customer signs in with a code that is sent to their e-mail address, or with a password.
 * Whatever is asked for an address, the answer is the same whether it has an account or not;
 * what the difference is stands in the mail. An account comes into being when a code proves the
 * address, never before.
 *
 * A code has six digits. It works for the browser that asked for it (which holds a token for
 * it), for PEOPLE_CODE_LIFE, and for PEOPLE_CODE_TRIES attempts; codes for one address and from
 * one network are limited. Codes, tokens and passwords are kept as hashes.
 *
 * The account is one identifier (PEOPLE_USER_ID) among those of the person: identity.h. */
#pragma once

#include "people/identity.h"

enum {
    PEOPLE_CODE_TRIES = 5,
    PEOPLE_CUSTOMER_SESSIONS_MAX = 50, /* of one account: older ones end */
    PEOPLE_ADDRESSES_MAX = 100         /* of one account */
};

#define PEOPLE_CODE_LIFE             SPAN_MINUTES(10)
#define PEOPLE_CUSTOMER_SESSION_LIFE SPAN_DAYS(90)
#define PEOPLE_CUSTOMER_SESSION_IDLE SPAN_DAYS(30)

typedef enum PeopleAccountStatus {
    PEOPLE_ACCOUNT_ACTIVE,
    PEOPLE_ACCOUNT_DISABLED,
    PEOPLE_ACCOUNT_ERASED
} PeopleAccountStatus;

extern const char *const people_account_status_names[];

typedef struct PeopleAccount {
    int64_t id;
    int64_t profile_id;
    Str     email;
    Str     first_name, last_name;
    Str     phone;
    Str     locale; /* BCP 47; empty: the shop's */
    int     status; /* PeopleAccountStatus */
    bool    has_password;
    int64_t rev;
    UnixMs  created_at;
    UnixMs  updated_at;
    OptTime last_login_at;
} PeopleAccount;

typedef struct PeopleAccountInput { /* what customers change themselves */
    uint64_t given;
    Str      first_name, last_name;
    Str      phone;
    Str      locale;
} PeopleAccountInput;

extern const Shape people_account_shape, people_account_input_shape;

NODISCARD Status people_account_get(Cx *cx, int64_t id,
                                    PeopleAccount *ret); /* "people.no_account" */
NODISCARD Status people_account_update(Cx *cx, int64_t id, int64_t rev,
                                       const PeopleAccountInput *in, PeopleAccount *ret);

/* Let an account in no longer, or again: by staff. Its sessions end. */
NODISCARD Status people_account_enable(Cx *cx, int64_t id, bool enabled, PeopleAccount *ret);

/* Note an answer of the customer who asks; in->net is the address, of which the network is kept. */
NODISCARD Status people_customer_consent(Cx *cx, const PeopleConsent *in);

/* --- signing in ------------------------------------------------------------------------------ */

typedef enum PeopleCodePurpose {
    PEOPLE_CODE_LOGIN,    /* sign in; the account is made if there is none */
    PEOPLE_CODE_REGISTER, /* sign up, with name and password */
    PEOPLE_CODE_EMAIL,    /* have another address: sent there */
    PEOPLE_CODE_PASSWORD  /* set a new password without the old one */
} PeopleCodePurpose;

typedef struct PeopleAsking { /* for a code */
    int          purpose;     /* PeopleCodePurpose */
    Str          email;
    Str          first_name, last_name; /* PEOPLE_CODE_REGISTER */
    Str          password;              /* PEOPLE_CODE_REGISTER; may be empty: none */
    Str          locale;                /* of the mail; empty: English */
    PeopleOrigin from;
} PeopleAsking;

typedef struct PeopleAsked {
    Str    token;   /* what the browser keeps and brings back with the code */
    UnixMs ends_at; /* of the code */
} PeopleAsked;

/* Send a code. PEOPLE_CODE_EMAIL: for cx->actor's account. ST_INVALID "shape.invalid" with
 * issues, ST_RATE "people.try_later". */
NODISCARD Status people_code_ask(Cx *cx, const PeopleAsking *in, PeopleAsked *ret,
                                 SpanMs *ret_retry);

typedef struct PeopleEntering {
    Str          token, code;
    Str          password;  /* PEOPLE_CODE_PASSWORD: the new one */
    Str          anonymous; /* the browser's anonymous id, if it may be known; else empty */
    PeopleOrigin from;
} PeopleEntering;

typedef struct PeopleCustomerLogin {
    Str     token; /* for the cookie */
    int64_t session;
    int64_t account_id;
    bool    made; /* the account is new */
    SpanMs  life;
} PeopleCustomerLogin;

/* Bring the code back: signs in. For PEOPLE_CODE_EMAIL the session goes on and all others end.
 * ST_UNKNOWN "people.wrong_code" whatever was wrong, ST_RATE "people.try_later", ST_INVALID
 * "shape.invalid" for a new password that is not taken (the code stays good), ST_CONFLICT
 * "people.email_taken" when the address has got another account meanwhile. */
NODISCARD Status people_code_enter(Cx *cx, const PeopleEntering *in, PeopleCustomerLogin *ret,
                                   SpanMs *ret_retry);

/* ST_UNKNOWN "people.wrong_login" whatever was wrong, in the same time; ST_RATE. */
NODISCARD Status people_customer_login(Cx *cx, Str email, Str password, const PeopleEntering *in,
                                       PeopleCustomerLogin *ret, SpanMs *ret_retry);

/* Fill cx->actor from a session's token; one that is over leaves it anonymous. Answered from
 * memory where possible; never writes. */
NODISCARD Status people_enter_customer(Cx *cx, Str token);

NODISCARD Status people_customer_logout(Cx *cx); /* of cx->actor's session */

/* Change cx->actor's password (`old` is asked for if there is one); all other sessions end.
 * ST_DENIED "people.wrong_password", ST_INVALID "shape.invalid". */
NODISCARD Status people_customer_password(Cx *cx, Str old, Str new);

/* --- sessions -------------------------------------------------------------------------------- */

typedef struct PeopleCustomerSession {
    int64_t id;
    Str     agent;
    Str     net; /* "203.0.113.0/24": the network, not the address */
    bool    current;
    UnixMs  created_at;
    UnixMs  seen_at;
    UnixMs  ends_at;
} PeopleCustomerSession;

typedef struct PeopleCustomerSessionList {
    PeopleCustomerSession *items;
    size_t                 n;
} PeopleCustomerSessionList;

extern const Shape people_customer_session_shape;

/* Newest first, all of them. */
NODISCARD Status people_customer_session_list(Cx *cx, int64_t account_id,
                                              PeopleCustomerSessionList *ret);
NODISCARD Status people_customer_session_end(Cx *cx, int64_t id); /* of cx->actor's account */

/* All of an account: "log out everywhere". */
NODISCARD Status people_customer_sessions_end(Cx *cx, int64_t account_id);

/* --- addresses ------------------------------------------------------------------------------- */

typedef struct PeopleAddress {
    int64_t id;
    Str     first_name, last_name, company;
    Str     line1, line2, city;
    Str     zone; /* state, province, prefecture */
    Str     postal_code;
    Str     country; /* ISO 3166: "NL" */
    Str     phone;
    bool    is_default;
    int64_t rev;
    UnixMs  created_at;
    UnixMs  updated_at;
} PeopleAddress;

typedef struct PeopleAddressInput {
    uint64_t given;
    Str      first_name, last_name, company;
    Str      line1, line2, city, zone, postal_code, country, phone;
    bool     is_default;
} PeopleAddressInput;

typedef struct PeopleAddressList {
    PeopleAddress *items;
    size_t         n;
} PeopleAddressList;

extern const Shape people_address_shape, people_address_input_shape;

NODISCARD Status people_address_list(Cx *cx, int64_t account_id, PeopleAddressList *ret);
NODISCARD Status people_address_get(Cx *cx, int64_t account_id, int64_t id, PeopleAddress *ret);

/* The first one is the default; there is one as long as there are any. ST_INVALID
 * "shape.invalid" for what the country's addresses lack or do not have, ST_LIMIT
 * "people.too_many_addresses". */
NODISCARD Status people_address_add(Cx *cx, int64_t account_id, const PeopleAddressInput *in,
                                    PeopleAddress *ret);
NODISCARD Status people_address_update(Cx *cx, int64_t account_id, int64_t id, int64_t rev,
                                       const PeopleAddressInput *in, PeopleAddress *ret);
NODISCARD Status people_address_remove(Cx *cx, int64_t account_id, int64_t id);
