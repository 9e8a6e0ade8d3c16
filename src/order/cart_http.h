/* cart_http.h - carts, checkout and orders over HTTP: for staff at /api/v1, for storefronts at
 * /store/v1. */
#pragma once

#include "people/account_http.h"

extern const HttpRoutes order_cart_routes;  /* /store/v1/carts */
extern const HttpRoutes order_own_routes;   /* /store/v1/orders, /store/v1/account/orders, carts */
extern const HttpRoutes order_track_routes; /* /store/v1/orders/:token/payment, …/tracking */
extern const HttpRoutes order_staff_routes; /* /api/v1/carts, /api/v1/orders */

/* "https://shop.example": where this request reached us. */
Str order_base_url(Cx *cx, const HttpReq *rq);
