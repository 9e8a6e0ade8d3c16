#include "people/password.h"

#include "base/utf8.h"
#include "text/text.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

/* --- which are taken ------------------------------------------------------------------------- */

/* Of the commonest passwords, those that are long enough to be taken otherwise, folded. */
static const char *const COMMON[] = {
    "0123456789",    "01234567890",      "0987654321",       "1029384756",          "1122334455",
    "1212121212",    "123123123123",     "123321123321",     "1234512345",          "1234554321",
    "12345678900",   "12345678901",      "123456789012",     "1234567890",          "12345678910",
    "123456789a",    "123456789q",       "12345qwert",       "123654789",           "1472583690",
    "147258369",     "159357258456",     "1a2b3c4d5e",       "1q2w3e4r5t",          "1q2w3e4r5t6y",
    "1qaz2wsx3edc",  "1qazxsw23edc",     "9876543210",       "a123456789",          "a1b2c3d4e5",
    "aa12345678",    "aa123456789",      "abc123456789",     "abc1234567",          "abcd123456",
    "abcd12345678",  "abcde12345",       "abcdefghij",       "abcdefghijkl",        "admin12345",
    "admin123456",   "administrator",    "adminadmin",       "asd123456789",        "asdfasdfasdf",
    "asdfghjkl123",  "asdfghjkl1",       "asdfghjkl;",       "asdfghjklqwertyuiop", "azertyuiop",
    "baseball123",   "basketball",       "basketball1",      "blink182blink182",    "butterfly1",
    "changeme123",   "changemenow",      "charlie123",       "chocolate1",          "computer123",
    "default123",    "dragon12345",      "footballfan",      "football123",         "football12",
    "fuckyou123",    "gfhjkm12345",      "google12345",      "hello12345",          "helloworld",
    "helloworld1",   "iloveyou12",       "iloveyou123",      "iloveyou1234",        "iloveyou2",
    "jordan12345",   "letmein123",       "letmein1234",      "letmeinnow",          "liverpool1",
    "liverpoolfc",   "lovely12345",      "manchester",       "manchesterunited",    "marlboro123",
    "master12345",   "michael123",       "minecraft1",       "minecraft123",        "monkey12345",
    "mustang123",    "nintendo64",       "nothing123",       "p@ssw0rd123",         "p@ssw0rd12",
    "p@ssword123",   "passw0rd12",       "passw0rd123",      "password01",          "password10",
    "password11",    "password12",       "password12!",      "password123",         "password123!",
    "password1234",  "password12345",    "password123456",   "password1!",          "password2020",
    "password2021",  "password2022",     "password2023",     "password2024",        "password2025",
    "password2026",  "passwordpassword", "pokemon123",       "princess12",          "princess123",
    "q1w2e3r4t5",    "q1w2e3r4t5y6",     "qazwsxedc1",       "qazwsxedc123",        "qazwsxedcrfv",
    "qq123456789",   "qwaszx123456",     "qwe123qwe123",     "qweasdzxc1",          "qweasdzxc123",
    "qweqweqwe123",  "qwer123456",       "qwerasdfzxcv",     "qwert12345",          "qwerty1234",
    "qwerty12345",   "qwerty123456",     "qwertyqwerty",     "qwertyuiop",          "qwertyuiop1",
    "qwertyuiop123", "qwertyuiop[]",     "rapport123",       "rapportrapport",      "realmadrid",
    "samsung123",    "secret12345",      "secretpassword",   "shadow12345",         "spiderman1",
    "starwars123",   "summer2024",       "summer2025",       "summer2026",          "sunshine12",
    "sunshine123",   "superman12",       "superman123",      "test123456",          "test1234567",
    "testtest123",   "thisismypassword", "trustno1trustno1", "unknown123",          "welcome123",
    "welcome1234",   "welcome2024",      "welcome2025",      "welcome2026",         "welcome123!",
    "whatever123",   "winter2024",       "winter2025",       "zaq12wsxcde3",        "zxcvbnm123",
    "zxcvbnm1234",   "zxcvbnm,./",       "zxcvbnmasdfghjkl",
};

static bool is_common(Str folded)
{
    for (size_t i = 0; i < COUNT_OF(COMMON); i++)
        if (str_eq(folded, str_from_cstr(COMMON[i])))
            return true;
    return false;
}

/* One piece of at most three bytes over and over ("aaaaaaaaaa", "ababababab"), or each character
 * one more, or one less, than the one before. */
static bool is_pattern(Str s)
{
    for (size_t period = 1; period <= 3; period++)
        if (s.len > period && memcmp(s.ptr, s.ptr + period, s.len - period) == 0)
            return true;
    for (int step = -1; step <= 1; step += 2) {
        size_t i = 1;
        while (i < s.len && s.ptr[i] - s.ptr[i - 1] == step)
            i++;
        if (i == s.len)
            return true;
    }
    return false;
}

/* Is it a person's word with at most three characters more? */
static bool is_made_of(Str folded, Str word)
{
    return word.len >= 4 && folded.len <= word.len + 3 &&
           memmem(folded.ptr, folded.len, word.ptr, word.len) != NULL;
}

void password_judge(Issues *issues, const char *pointer, Str password, Str email, Str name)
{
    Arena *a = issues->arena;
    Str    at = str_from_cstr(pointer);
    Str    user, domain;
    if (password.len > PASSWORD_BYTES_MAX) {
        issue_add(issues, at, "too_long", "is longer than %d bytes", PASSWORD_BYTES_MAX);
        return;
    }
    if (utf8_count(password) < PASSWORD_CHARS_MIN) {
        issue_add(issues, at, "too_short", "has fewer than %d characters", PASSWORD_CHARS_MIN);
        return;
    }
    Str folded = text_fold(a, password);
    Str address = text_fold(a, email);
    str_cut(address, '@', &user, &domain);
    if (is_common(folded) || is_pattern(folded) || is_pattern(password))
        issue_add(issues, at, "too_common", "is among those that are tried first");
    else if (is_made_of(folded, address) || is_made_of(folded, user) ||
             is_made_of(folded, text_fold(a, name)))
        issue_add(issues, at, "too_personal", "is made of the name or the e-mail address");
}

/* --- at most so many at once ----------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  freed = PTHREAD_COND_INITIALIZER;
static int             running;

static Status enter(Cx *cx)
{
    struct timespec until;
    int             rc = clock_gettime(CLOCK_REALTIME, &until);
    ASSERT(rc == 0);
    until.tv_sec += PASSWORD_WAIT.v / 1000;
    ASSERT(cx->tx_depth == 0);
    cx_idle(cx); /* no connection is held while others compute */
    pthread_mutex_lock(&mutex);
    while (running == PASSWORD_AT_ONCE && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&freed, &mutex, &until);
    bool got = running < PASSWORD_AT_ONCE;
    running += got;
    pthread_mutex_unlock(&mutex);
    return got ? ST_OK
               : cx_fail(cx, ST_BUSY, "people.busy", "many are signing in; try again in a moment");
}

static void leave(void)
{
    pthread_mutex_lock(&mutex);
    running--;
    pthread_cond_signal(&freed);
    pthread_mutex_unlock(&mutex);
}

/* --- hashing --------------------------------------------------------------------------------- */

static unsigned long long ops = crypto_pwhash_OPSLIMIT_INTERACTIVE;    /* 2 passes … */
static size_t             memory = crypto_pwhash_MEMLIMIT_INTERACTIVE; /* … over 64 MiB */

#ifdef FAULT_INJECTION
void password_test_cheap(bool on)
{
    ops = on ? crypto_pwhash_OPSLIMIT_MIN : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    memory = on ? crypto_pwhash_MEMLIMIT_MIN : crypto_pwhash_MEMLIMIT_INTERACTIVE;
}
#endif

Status password_hash(Cx *cx, Str password, Str *ret_hash)
{
    char *hash = arena_array(cx->arena, char, crypto_pwhash_STRBYTES);
    TRY(enter(cx));
    int rc = crypto_pwhash_str_alg(hash, password.ptr, password.len, ops, memory,
                                   crypto_pwhash_ALG_ARGON2ID13);
    leave();
    if (rc != 0)
        base_out_of_memory(memory);
    *ret_hash = str_from_cstr(hash);
    return ST_OK;
}

/* Spend the time of a check without a hash to check against. */
static void pretend(Str password)
{
    static const unsigned char SALT[crypto_pwhash_SALTBYTES] = {0};
    unsigned char              out[32];
    int rc = crypto_pwhash(out, sizeof out, password.ptr, password.len, SALT, ops, memory,
                           crypto_pwhash_ALG_ARGON2ID13);
    if (rc != 0)
        base_out_of_memory(memory);
}

Status password_check(Cx *cx, Str hash, Str password, bool *ret_right, bool *ret_stale)
{
    bool right = false, stale = false;
    if (password.len == 0 || password.len > PASSWORD_BYTES_MAX)
        password = STR(""); /* nobody's */
    TRY(enter(cx));
    if (hash.len == 0) {
        pretend(password);
    } else {
        const char *z = str_cstr(cx->arena, hash);
        right = crypto_pwhash_str_verify(z, password.ptr, password.len) == 0;
        stale = right && crypto_pwhash_str_needs_rehash(z, ops, memory) != 0;
    }
    leave();
    *ret_right = right;
    *ret_stale = stale;
    return ST_OK;
}
