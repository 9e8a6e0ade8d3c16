/* media_http.h - pictures over HTTP: taking them in, and showing them to browsers. */
#pragma once

#include "http/http.h"

extern const HttpRoutes catalog_media_routes;
