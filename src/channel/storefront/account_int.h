/* account_int.h - what the files of the account's pages share. */
#pragma once

#include "channel/storefront/account.h"
#include "http/http_form.h"

enum { FORM_MAX = 32 << 10 };

typedef struct AccountPage { /* one request for a page of an account */
    Cx            *cx;
    const HttpReq *rq;
    HttpResp      *rs;
    Visit          v;
    HttpForm       form;
    Str            rest;    /* behind "/account/": "addresses/adr_…" */
    Str            problem; /* to be told */
    Str            done;
    Str            sent;
    Str            token; /* of a code that was sent */
    bool           with_password;
} AccountPage;

/* What was typed as customer[email], or email; "" when it was not sent. */
Str account_field(const AccountPage *p, const char *group, const char *name);

/* To a path of ours, in the language of the page. */
NODISCARD Status account_go(AccountPage *p, Str path);

/* "customers/NAME" of the theme, or of the one built in. */
NODISCARD Status account_show(AccountPage *p, const char *name, const char *title_key);

/* Show what went wrong (cx->err) on `name`; faults of ours are not for pages. */
NODISCARD Status account_again(AccountPage *p, Status st, const char *name, const char *title_key);

/* --- account_kept.c: saved carts and saved cards -----------------------------------------------
 */

NODISCARD Status account_show_carts(AccountPage *p);
NODISCARD Status account_post_carts(AccountPage *p);
NODISCARD Status account_show_cards(AccountPage *p);
NODISCARD Status account_post_cards(AccountPage *p);
