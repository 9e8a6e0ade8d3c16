/* totp.h - one-time codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds). */
#pragma once

#include "base/clock.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_STEP_SECONDS = 30, TOTP_DRIFT_STEPS = 1 };

/* The code of a step (seconds since 1970 / 30), as a number of `digits` digits. */
uint32_t totp_code(Str secret, int64_t step, int digits);

/* Find the step, at most TOTP_DRIFT_STEPS from now, whose code was typed; blanks in it do not
 * matter. False when there is none, or only one that is not later than `last_step`. */
NODISCARD bool totp_check(Str secret, Str typed, UnixMs now, int64_t last_step, int64_t *ret_step);

/* The secret as apps take it: base32 (RFC 4648) without padding. */
Str totp_base32(Arena *a, Str secret);

/* otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER */
Str totp_uri(Arena *a, Str issuer, Str account, Str secret);
