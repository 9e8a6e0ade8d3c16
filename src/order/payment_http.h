/* payment_http.h - payments over HTTP: the pages at /pay, webhooks in, and the API for staff. */
#pragma once

#include "people/people_http.h"

extern const HttpRoutes payment_page_routes, payment_routes;

/* Where built-in files are: once, before the first request. */
void payment_page_assets(PeopleAssetUrl *url);
