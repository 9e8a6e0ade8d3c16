/* http_builtin.h - the addresses every program has:
 *
 *      GET /healthz              the process answers
 *      GET /readyz               it can do work: app->hooks.ready says so, and it is not stopping
 *      GET /metrics              OpenMetrics; from this machine, or with "system.read"
 *      GET /api/v1/openapi.json  OpenAPI 3.1 of all routes that are not HTTP_HIDDEN
 *
 * /metrics counts as asked from this machine when the peer is a loopback address and no
 * header says that a proxy passed it on. */
#pragma once

#include "http/http.h"

extern const HttpRoutes http_builtin_routes;
