/* search_http.h - routes that find products: for staff and for storefronts. */
#pragma once

#include "http/http.h"

extern const HttpRoutes catalog_search_routes;
extern const HttpRoutes
    catalog_search_guide_routes; /* synonyms, redirects, rules, what was asked */
