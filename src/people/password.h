/* password.h - which passwords are taken and how they are kept: argon2id (libsodium).
 *
 * Rules after NIST SP 800-63B: at least 10 characters, up to 1,024 bytes, any characters, no
 * demands on their kind; refused are the commonest ones and those made of the person's own
 * address or name.
 *
 * Hashing takes 64 MiB and some 90 ms, on purpose. Only PASSWORD_AT_ONCE run at a time in a
 * process; whoever waits longer than PASSWORD_WAIT is told to come back. Never call these on an
 * I/O thread or inside a transaction. */
#pragma once

#include "core/cx.h"

enum { PASSWORD_CHARS_MIN = 10, PASSWORD_BYTES_MAX = 1024, PASSWORD_AT_ONCE = 2 };
#define PASSWORD_WAIT SPAN_SECONDS(10)

/* Adds an issue at `pointer` unless the password is fit for this person. */
void password_judge(Issues *issues, const char *pointer, Str password, Str email, Str name);

/* ST_BUSY "people.busy". */
NODISCARD Status password_hash(Cx *cx, Str password, Str *ret_hash);

/* Is it this password? With an empty `hash` the same work is done and the answer is no, so that
 * time does not tell whether an account exists. *ret_stale: kept under older parameters. */
NODISCARD Status password_check(Cx *cx, Str hash, Str password, bool *ret_right, bool *ret_stale);

#ifdef FAULT_INJECTION
/* Tests need many passwords: hash in a few microseconds instead. */
void password_test_cheap(bool on);
#endif
