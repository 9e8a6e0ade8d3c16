/* cart_pages.h - /cart: the page, the Ajax cart of themes, and permalinks.
 *
 *      GET  /cart            the page (?section_id=, ?sections= as any page)
 *      GET  /cart.js         the cart, as JSON
 *      POST /cart            the page's own form: updates[…], note, discount, remove, checkout
 *      POST /cart/add        /cart/change  /cart/update  /cart/clear: forms get the page back,
 *           …and with .js    scripts JSON, with `sections` rendered beside it (cart_input.h)
 *      GET  /cart/ID:N,ID:N  fills the cart and goes to checkout; ?discount=CODE, ?storefront=true
 *
 * What goes wrong is {status, message, description} for scripts. The forms stand in pages that
 * are the same for everybody, so they bring no form token: what is sent by a page of another
 * site is refused. */
#pragma once

#include "http/http.h"

extern const HttpRoutes cart_routes;
