/* import_http.h - imports and exports over HTTP, and the job that runs an import. */
#pragma once

#include "core/job.h"
#include "http/http.h"

extern const HttpRoutes catalog_import_routes;
