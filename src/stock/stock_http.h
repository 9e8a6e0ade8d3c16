/* stock_http.h - routes about stock. */
#pragma once

#include "http/http.h"

extern const HttpRoutes stock_routes;
extern const HttpRoutes stock_document_routes;
