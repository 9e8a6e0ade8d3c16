/* welcome.h - the page at "/": what runs here and where to go on. */
#pragma once

#include "http/http.h"

extern const HttpRoutes welcome_routes; /* GET / */
