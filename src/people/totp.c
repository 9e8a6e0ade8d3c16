#include "people/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

uint32_t totp_code(Str secret, int64_t step, int digits)
{
    unsigned char counter[8];
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int  n = 0;
    for (int i = 0; i < 8; i++)
        counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i) & 0xff);
    const unsigned char *made =
        HMAC(EVP_sha1(), secret.ptr, (int)secret.len, counter, sizeof counter, mac, &n);
    ASSERT(made != NULL && n == 20);
    size_t   at = mac[19] & 0x0f;
    uint32_t code = (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
                    (uint32_t)mac[at + 2] << 8 | (uint32_t)mac[at + 3];
    uint32_t modulus = 1;
    for (int i = 0; i < digits; i++)
        modulus *= 10;
    return code % modulus;
}

/* Six digits, in any grouping. */
static bool digits_of(Str typed, char ret[6])
{
    size_t n = 0;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.ptr[i] == ' ' || typed.ptr[i] == '-')
            continue;
        if (typed.ptr[i] < '0' || typed.ptr[i] > '9' || n == 6)
            return false;
        ret[n++] = typed.ptr[i];
    }
    return n == 6;
}

bool totp_check(Str secret, Str typed, UnixMs now, int64_t last_step, int64_t *ret_step)
{
    char    digits[6], want[7];
    int64_t step = now.v / 1000 / TOTP_STEP_SECONDS;
    int64_t found = -1;
    if (!digits_of(typed, digits))
        return false;
    for (int64_t s = step - TOTP_DRIFT_STEPS; s <= step + TOTP_DRIFT_STEPS; s++) {
        snprintf(want, sizeof want, "%06u", (unsigned)totp_code(secret, s, 6));
        if (sodium_memcmp(want, digits, sizeof digits) == 0)
            found = s;
    }
    if (found < 0 || found <= last_step)
        return false;
    *ret_step = found;
    return true;
}

Str totp_base32(Arena *a, Str secret)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char             *out = arena_array(a, char, secret.len * 8 / 5 + 2);
    size_t            n = 0;
    uint32_t          bits = 0;
    int               have = 0;
    for (size_t i = 0; i < secret.len; i++) {
        bits = bits << 8 | (unsigned char)secret.ptr[i];
        for (have += 8; have >= 5; have -= 5)
            out[n++] = ALPHABET[bits >> (have - 5) & 31];
    }
    if (have > 0)
        out[n++] = ALPHABET[bits << (5 - have) & 31];
    return (Str){out, n};
}

static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '@';
        if (plain)
            buf_addc(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

Str totp_uri(Arena *a, Str issuer, Str account, Str secret)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 4096);
    buf_add(&b, STR("otpauth://totp/"));
    add_escaped(&b, issuer);
    buf_addc(&b, ':');
    add_escaped(&b, account);
    buf_add(&b, STR("?secret="));
    buf_add(&b, totp_base32(a, secret));
    buf_add(&b, STR("&issuer="));
    add_escaped(&b, issuer);
    return str_dup(a, buf_str(&b));
}
