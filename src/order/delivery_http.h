/* delivery_http.h - routes about delivery and fulfilments. */
#pragma once

#include "http/http.h"

extern const HttpRoutes order_delivery_routes;
extern const HttpRoutes order_fulfillment_routes;
