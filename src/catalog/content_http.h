/* content_http.h - the JSON API of all that is no product: collections, prices, attributes,
 * translations, pages, blogs, menus, policies, redirects. */
#pragma once

#include "http/http.h"

extern const HttpRoutes catalog_collection_routes, catalog_price_routes, catalog_content_routes;
