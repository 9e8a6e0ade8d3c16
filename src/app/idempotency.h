/* idempotency.h - core's store of replies, as http asks for it. */
#pragma once

#include "http/http_idempotency.h"

extern const HttpIdempotencyStore app_idempotency;
