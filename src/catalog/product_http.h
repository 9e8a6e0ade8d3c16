/* product_http.h - the JSON API of products, their parts, and bulk changes. */
#pragma once

#include "http/http.h"

extern const HttpRoutes catalog_product_routes, catalog_bulk_routes;
