/* seal.h - secrets that are kept in the database, unreadable without the installation's secret.
 *
 * Keys of payment providers, passwords of mail servers, secrets that sign webhooks: a copy of the
 * database alone does not tell them. The key is derived from the file DIR/secret (or --secret
 * FILE); without one - in tests, on the command line - texts are kept as they are. */
#pragma once

#include "core/cx.h"

/* Once, before the first request: 32 random bytes. */
void seal_key_set(const unsigned char bytes[32]);

/* The text as it is kept: "sealed:…", or itself where there is no key. */
Str seal_text(Arena *a, Str plain);

/* The text as it was; what was never sealed is itself. False: the key is missing or another. */
NODISCARD bool seal_open(Arena *a, Str kept, Str *ret);
