/* Visitors without an id: told apart for a day, and not from one day to the next. */
#include "base/codec.h"
#include "channel/track/sink.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { SALT_BYTES = 32, HASH_BYTES = 16 };

/* Of today and yesterday, in memory alone: with the process they are gone, and who visits after a
 * restart counts once more. */
static struct {
    pthread_mutex_t lock;
    int64_t         day;
    unsigned char   salt[SALT_BYTES];
} today = {.lock = PTHREAD_MUTEX_INITIALIZER, .day = -1};

static void salt_of(UnixMs now, unsigned char ret[SALT_BYTES])
{
    int64_t day = now.v / 86400000;
    pthread_mutex_lock(&today.lock);
    if (day > today.day) {
        randombytes_buf(today.salt, SALT_BYTES);
        today.day = day;
    }
    memcpy(ret, today.salt, SALT_BYTES);
    pthread_mutex_unlock(&today.lock);
}

static void add(crypto_generichash_state *h, Str s)
{
    uint64_t n = s.len;
    int      rc = crypto_generichash_update(h, (const unsigned char *)&n, sizeof n);
    rc |= crypto_generichash_update(h, (const unsigned char *)(s.len > 0 ? s.ptr : ""), s.len);
    ASSERT(rc == 0);
}

Str visitor_hash(Arena *a, UnixMs now, Str peer, Str agent, Str site)
{
    unsigned char            salt[SALT_BYTES], hash[HASH_BYTES];
    crypto_generichash_state h;
    CLEANUP(buf_done) Buf    b;
    salt_of(now, salt);
    int rc = crypto_generichash_init(&h, salt, SALT_BYTES, HASH_BYTES);
    add(&h, peer);
    add(&h, agent);
    add(&h, site);
    rc |= crypto_generichash_final(&h, hash, HASH_BYTES);
    ASSERT(rc == 0);
    sodium_memzero(salt, sizeof salt);
    buf_init(&b, 64);
    buf_add(&b, STR("c."));
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)hash, sizeof hash});
    return str_dup(a, buf_str(&b));
}

/* --- programs ------------------------------------------------------------------------------ */

static bool has(Str s, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = 0; i + n <= s.len; i++)
        if (str_eq_nocase((Str){s.ptr + i, n}, (Str){part, n}))
            return true;
    return false;
}

static const char *const PROGRAMS[] = {
    "bot",
    "crawl",
    "spider",
    "slurp",
    "preview",
    "headless",
    "lighthouse",
    "pagespeed",
    "gtmetrix",
    "ptst/",
    "pingdom",
    "uptime",
    "monitor",
    "checker",
    "linkcheck",
    "statuscake",
    "site24x7",
    "newrelic",
    "datadog",
    "dynatrace",
    "synthetic",
    "validator",
    "scanner",
    "zgrab",
    "nikto",
    "openvas",
    "probe",
    "inspect",
    "analyzer",
    "indexer",
    "extract",
    "scrap",
    "fetch",
    "thumb",
    "archive",
    "googleother",
    "google favicon",
    "googleimageproxy",
    "mediapartners",
    "facebookexternalhit",
    "facebookcatalog",
    "meta-external",
    "ips-agent",
    "phantomjs",
    "puppeteer",
    "playwright",
    "selenium",
    "splash ",
    "chatgpt",
    "claude",
    "anthropic",
    "perplexity",
    "cohere",
    "manus-user",
    "semrush",
    "ahrefs",
    "python",
    "java)",
    "curl/",
    "productfinder",
};

/* Every browser of this century says "Mozilla/5.0 (system) …"; of programs that say so, too, most
 * add an address or call themselves compatible, the rest is known by a word. */
bool visitor_is_bot(Str agent)
{
    if (!str_starts(agent, STR("Mozilla/")) && !str_starts(agent, STR("Opera/")))
        return true;
    if (has(agent, "://") || (has(agent, "compatible") && !has(agent, "msie ")))
        return true;
    if (has(agent, "cubot")) /* a maker of phones */
        return false;
    for (size_t i = 0; i < COUNT_OF(PROGRAMS); i++)
        if (has(agent, PROGRAMS[i]))
            return true;
    return false;
}
