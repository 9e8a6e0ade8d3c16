/* secret.h - random key material of this installation: for MACs over cursors, cookies, CSRF
 * tokens. Made when first asked for; the same for all processes on one database. */
#pragma once

#include "core/cx.h"

enum { SECRET_BYTES = 32 };

/* The secret called `name` ("http.mac", a literal). */
NODISCARD Status secret_get(Cx *cx, const char *name, unsigned char ret[SECRET_BYTES]);
