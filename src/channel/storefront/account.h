/* account.h - /account: the pages on which customers sign in and look after their account.
 *
 * Every page is a form that works without JavaScript. Templates are the theme's
 * templates/customers/NAME (login, register, code, reset_password, account, details, addresses,
 * wishlist, carts, cards), or those of the built-in theme. They see, besides what all pages do:
 *
 *      customer  email first_name last_name name phone has_password accepts_marketing
 *                addresses default_address addresses_count orders orders_count tags; nil before
 *      account   problem issues done sent token email return_to csrf_token sessions countries
 *      texts     the words of the built-in pages
 *
 * A page of an account is never kept and never indexed. What changes something brings the
 * form token, which {% form %} writes. */
#pragma once

#include "base/lang.h"
#include "channel/storefront/object.h"

extern const HttpRoutes account_routes;

/* --- account_texts.c ------------------------------------------------------------------------- */

LiquidValue account_texts(Visit *v);
Lang        account_lang(const Visit *v);

/* --- account_object.c ------------------------------------------------------------------------ */

/* The customer who is signed in. */
NODISCARD Status account_customer(Visit *v, LiquidValue *ret);

/* The lines of a letter, in the order of the country. */
typedef struct PeopleAddress PeopleAddress;
LiquidValue                  account_address_lines(Visit *v, const PeopleAddress *a);

/* [code, name] of each country, in the order of the visitor's language. */
LiquidValue account_countries(Visit *v);
