/* customer_int.h - what the files about accounts of customers share; not for others. */
#pragma once

#include "core/job.h"
#include "people/customer.h"
#include "people/identity_int.h"

/* --- account.c ------------------------------------------------------------------------------- */

/* A new account for an address that was proved, with its identifiers; in the transaction. */
NODISCARD Status people_account_make(Cx *cx, const PeopleCodeRow *code, PeopleAccountRow *ret);

/* The account and its address name one person: note that, and the browser if it is known. */
NODISCARD Status people_account_link(Cx *cx, const PeopleAccountRow *account, Str anonymous,
                                     bool verified_email, Str evidence);
NODISCARD Status people_account_refresh(Cx *cx, const PeopleAccountRow *account);

/* --- customer_session.c ---------------------------------------------------------------------- */

NODISCARD Status people_customer_session_open(Cx *cx, int64_t account_id, Str agent, Str net,
                                              PeopleCustomerLogin *ret);

/* End all sessions of an account but one, and tell. */
NODISCARD Status people_customer_sessions_clear(Cx *cx, int64_t account_id, int64_t besides);

/* --- data_request.c -------------------------------------------------------------------------- */

NODISCARD Status people_erase_job(Cx *cx, const Job *job);

/* --- session.c ------------------------------------------------------------------------------- */

/* What a browser says of itself, fit to be stored and shown. */
Str people_agent(Arena *a, Str sent);

/* What failures are counted under: a hash of these two. */
Str people_throttle_key(Cx *cx, Str a, Str b);

/* --- events ---------------------------------------------------------------------------------- */

NODISCARD Status people_tell_customer_session(Cx *cx, int64_t account_id);
