/* pricing_http.h - routes of promotions, taxes and the preview of prices. */
#pragma once

#include "http/http.h"

extern const HttpRoutes order_pricing_routes;
