#include "channel/storefront/cache.h"

#include "base/metric.h"
#include "catalog/product_search.h"
#include "channel/storefront/basket.h"
#include "http/http_encode.h"
#include "http/http_etag.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SHARDS = 16, KEY_MAX = 1024, PAGE_MAX = 2 << 20, CODINGS = 3 };
enum { ZSTD_LEVEL = 9, GZIP_LEVEL = 7 };

typedef struct Entry Entry;
struct Entry {
    _Atomic int refs;          /* the cache's own, and one for each reply under way */
    Entry      *next;          /* in its slot */
    Entry      *newer, *older; /* by use */
    uint64_t    hash;
    char       *key;
    size_t      key_len;
    int64_t     theme; /* serial number of the one that it was rendered with */
    int64_t     site_rev;
    int64_t     view_rev; /* at which it was good */
    UnixMs      good_until;
    int64_t     search_said;
    VisitCounts counts;
    int         status;
    bool        shows_cart; /* as it is for who has none: not for who has one */
    char       *type, *csp, *link, *language, *robots;
    char        etag[40];
    Str         body[CODINGS]; /* plain, gzip, zstd; ptr NULL: not yet; len 0: does not pay */
    VisitDep   *deps;
    size_t      ndeps;
    size_t      bytes;
    uint32_t    uses;
};

typedef struct Shard {
    pthread_mutex_t lock;
    Entry         **slots;
    size_t          nslots, n;
    Entry          *newest, *oldest;
    size_t          bytes;
} Shard;

static struct {
    Shard  shards[SHARDS];
    size_t max; /* bytes of one shard */
    bool   open;
} cache;

static Metric hits = METRIC_COUNTER("storefront_cache_hits", "Pages sent as they were kept.");
static Metric misses = METRIC_COUNTER("storefront_cache_misses", "Pages that were not kept.");
static Metric stale = METRIC_COUNTER("storefront_cache_stale", "Kept pages that had changed.");

static void sizes(Buf *b, void *arg)
{
    int64_t bytes = 0, pages = 0;
    (void)arg;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&cache.shards[i].lock);
        bytes += (int64_t)cache.shards[i].bytes;
        pages += (int64_t)cache.shards[i].n;
        pthread_mutex_unlock(&cache.shards[i].lock);
    }
    metric_family(b, METRIC_GAUGE_K, "storefront_cache_bytes", "Bytes of kept pages.");
    metric_sample(b, METRIC_GAUGE_K, "storefront_cache_bytes", "", bytes);
    metric_family(b, METRIC_GAUGE_K, "storefront_cache_pages", "Pages that are kept.");
    metric_sample(b, METRIC_GAUGE_K, "storefront_cache_pages", "", pages);
}

/* --- keys
 * --------------------------------------------------------------------------------------------- */

/* Parameters that no page listens to (of campaigns, mostly) change nothing in it. */
static bool key_of(const Visit *v, Buf *b)
{
    Str  rest = v->rq->query, name, value;
    bool first = true;
    buf_add(b, v->origin);
    buf_add(b, v->rq->path);
    while (http_query_next(&rest, &name, &value)) {
        if (!visit_listens(name))
            continue;
        buf_addc(b, first ? '?' : '&');
        buf_add(b, name);
        buf_addc(b, '=');
        buf_add(b, value);
        first = false;
    }
    return !buf_overflowed(b);
}

static bool may_keep(const Visit *v)
{
    return cache.open && cache.max > 0 && v->rq->method == HTTP_GET;
}

/* --- entries
 * ------------------------------------------------------------------------------------------- */

static char *copy(Str s)
{
    char *p = malloc(s.len + 1);
    if (p == NULL)
        base_out_of_memory(s.len);
    if (s.len > 0)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return p;
}

static void release_entry(void *entry)
{
    Entry *e = entry;
    if (atomic_fetch_sub(&e->refs, 1) != 1)
        return;
    for (int i = 0; i < CODINGS; i++)
        free((void *)(uintptr_t)e->body[i].ptr);
    free(e->key);
    free(e->type);
    free(e->csp);
    free(e->link);
    free(e->language);
    free(e->robots);
    free(e->deps);
    free(e);
}

static void unlink_use(Shard *s, Entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &s->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &s->oldest) = e->newer;
    e->newer = e->older = NULL;
}

static void link_newest(Shard *s, Entry *e)
{
    e->older = s->newest;
    if (s->newest != NULL)
        s->newest->newer = e;
    s->newest = e;
    if (s->oldest == NULL)
        s->oldest = e;
}

static Entry **slot_of(Shard *s, uint64_t hash, Str key)
{
    Entry **at = &s->slots[(hash >> 8) & (s->nslots - 1)];
    while (*at != NULL && !((*at)->hash == hash && str_eq((Str){(*at)->key, (*at)->key_len}, key)))
        at = &(*at)->next;
    return at;
}

static void drop(Shard *s, Entry *e)
{
    Entry **at = slot_of(s, e->hash, (Str){e->key, e->key_len});
    *at = e->next;
    unlink_use(s, e);
    s->bytes -= e->bytes;
    s->n--;
    release_entry(e);
}

static void make_room(Shard *s, const Entry *spare)
{
    while (s->bytes > cache.max && s->oldest != NULL && s->oldest != spare)
        drop(s, s->oldest);
}

/* --- beginning and end
 * ------------------------------------------------------------------------------------ */

void cache_open(size_t max_bytes)
{
    enum { SLOTS = 1024 };
    ASSERT(!cache.open);
    cache.max = max_bytes / SHARDS;
    for (size_t i = 0; i < SHARDS; i++) {
        Shard *s = &cache.shards[i];
        memset(s, 0, sizeof *s);
        ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
        s->nslots = SLOTS;
        s->slots = calloc(SLOTS, sizeof(Entry *));
        if (s->slots == NULL)
            base_out_of_memory(SLOTS * sizeof(Entry *));
    }
    cache.open = true;
    metric_collect(sizes, NULL);
}

void cache_clear(void)
{
    for (size_t i = 0; cache.open && i < SHARDS; i++) {
        Shard *s = &cache.shards[i];
        pthread_mutex_lock(&s->lock);
        while (s->oldest != NULL)
            drop(s, s->oldest);
        pthread_mutex_unlock(&s->lock);
    }
}

void cache_close(void)
{
    if (!cache.open)
        return;
    metric_uncollect(sizes, NULL);
    cache_clear();
    cache.open = false;
    for (size_t i = 0; i < SHARDS; i++) {
        free(cache.shards[i].slots);
        pthread_mutex_destroy(&cache.shards[i].lock);
    }
}

/* --- packing
 * -----------------------------------------------------------------------------------------------
 */

/* Packed on the second request, so that what is asked for once costs no time. */
static int coding_for(Shard *s, Entry *e, HttpCoding wish)
{
    int i = wish == HTTP_ZSTD ? 2 : wish == HTTP_GZIP ? 1 : 0;
    if (i == 0 || e->body[0].len < HTTP_ENCODE_MIN)
        return 0;
    if (e->body[i].ptr == NULL) {
        e->body[i] = i == 2 ? http_pack_zstd(e->body[0], ZSTD_LEVEL)
                            : http_pack_gzip(e->body[0], GZIP_LEVEL);
        e->bytes += e->body[i].len;
        s->bytes += e->body[i].len;
        make_room(s, e);
    }
    return e->body[i].len > 0 ? i : 0;
}

/* --- finding
 * -------------------------------------------------------------------------------------------------
 */

static bool is_good(const Visit *v, Entry *e)
{
    int64_t rev = published_rev(v->view);
    if (e->theme != v->theme->serial || e->site_rev != v->site_rev ||
        (e->good_until.v != 0 && v->cx->now.v >= e->good_until.v) ||
        (e->search_said != 0 && e->search_said != product_search_said(v->cx)))
        return false;
    if (e->view_rev == rev)
        return true;
    if (!visit_deps_hold(e->deps, e->ndeps, v->view))
        return false;
    if (rev > e->view_rev)
        e->view_rev = rev;
    return true;
}

static void set_etag(const Visit *v, HttpResp *rs, const char *etag, Str mark)
{
    char *z = arena_array(v->cx->arena, char, 60);
    int   n = mark.len > 0 ? snprintf(z, 60, "\"%s+" STR_FMT "\"", etag, STR_ARG(mark))
                           : snprintf(z, 60, "\"%s\"", etag);
    rs->etag = (Str){z, (size_t)n};
}

static void lend(Entry *e, int coding, HttpResp *rs)
{
    atomic_fetch_add(&e->refs, 1);
    rs->borrowed = e->body[coding];
    rs->release = release_entry;
    rs->owner = e;
}

/* Only what a 304 needs when the client has it. */
static void reply(Visit *v, Shard *s, Entry *e, HttpResp *rs)
{
    static const HttpCoding CODES[CODINGS] = {HTTP_PLAIN, HTTP_GZIP, HTTP_ZSTD};
    HttpCoding              wish = http_coding_pick(http_header(v->rq, STR("Accept-Encoding")),
                                                    1U << HTTP_ZSTD | 1U << HTTP_GZIP);
    int                     i = coding_for(s, e, wish);
    rs->status = e->status;
    rs->type = str_cstr(v->cx->arena, str_from_cstr(e->type));
    rs->csp = str_cstr(v->cx->arena, str_from_cstr(e->csp));
    rs->cache_control = "public, max-age=0, must-revalidate";
    rs->encoding = http_coding_name(CODES[i]);
    set_etag(v, rs, e->etag, rs->encoding);
    http_set_header(v->cx, rs, "Vary", STR("Accept-Encoding"));
    http_set_header(v->cx, rs, "Content-Language", str_from_cstr(e->language));
    http_set_header(v->cx, rs, "Referrer-Policy", STR("strict-origin-when-cross-origin"));
    if (e->link[0] != '\0')
        http_set_header(v->cx, rs, "Link", str_from_cstr(e->link));
    if (e->robots[0] != '\0')
        http_set_header(v->cx, rs, "X-Robots-Tag", str_from_cstr(e->robots));
    Str none = http_header(v->rq, STR("If-None-Match"));
    if (none.ptr == NULL || !http_etag_listed(none, rs->etag, true))
        lend(e, i, rs);
}

bool cache_find(Visit *v, HttpResp *rs)
{
    CLEANUP(buf_done) Buf key = {0};
    if (!may_keep(v))
        return false;
    buf_init(&key, KEY_MAX);
    if (!key_of(v, &key))
        return false;
    uint64_t hash = XXH3_64bits(key.ptr, key.len);
    Shard   *s = &cache.shards[hash & (SHARDS - 1)];
    pthread_mutex_lock(&s->lock);
    Entry *e = *slot_of(s, hash, buf_str(&key));
    bool   other = e != NULL && e->shows_cart && basket_said(v->rq);
    bool   found = e != NULL && !other && is_good(v, e);
    metric_add(found ? &hits : e == NULL ? &misses : &stale, 1);
    if (found) {
        unlink_use(s, e);
        link_newest(s, e);
        reply(v, s, e, rs);
        v->counts = e->counts;
    } else if (e != NULL && !other) {
        drop(s, e);
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

/* --- keeping
 * ----------------------------------------------------------------------------------------------------
 */

static Str header_of(const HttpResp *rs, const char *name)
{
    for (size_t i = 0; i < rs->nheaders; i++)
        if (str_eq(rs->headers[i].name, str_from_cstr(name)))
            return rs->headers[i].value;
    return STR("");
}

static Entry *new_entry(const Visit *v, const HttpResp *rs, Str key, uint64_t hash)
{
    Entry *e = calloc(1, sizeof *e);
    if (e == NULL)
        base_out_of_memory(sizeof *e);
    *e = (Entry){.refs = 1,
                 .hash = hash,
                 .key = copy(key),
                 .key_len = key.len,
                 .theme = v->theme->serial,
                 .site_rev = v->site_rev,
                 .view_rev = published_rev(v->view),
                 .good_until = v->good_until,
                 .search_said = v->search_said,
                 .counts = v->counts,
                 .status = rs->status,
                 .shows_cart = v->shows_cart,
                 .type = copy(str_from_cstr(rs->type)),
                 .csp = copy(str_from_cstr(rs->csp)),
                 .link = copy(header_of(rs, "Link")),
                 .language = copy(header_of(rs, "Content-Language")),
                 .robots = copy(header_of(rs, "X-Robots-Tag")),
                 .ndeps = v->deps.n};
    e->body[0] = (Str){copy(buf_str(&rs->body)), rs->body.len};
    e->deps = malloc((v->deps.n + 1) * sizeof *e->deps);
    if (e->deps == NULL)
        base_out_of_memory(v->deps.n * sizeof *e->deps);
    memcpy(e->deps, v->deps.items, v->deps.n * sizeof *e->deps);
    e->bytes = sizeof *e + key.len + rs->body.len + v->deps.n * sizeof *e->deps + strlen(e->csp) +
               strlen(e->link) + 100;
    return e;
}

static void etag_of(Str body, char ret[static 40])
{
    XXH128_hash_t h = XXH3_128bits(body.ptr, body.len);
    (void)snprintf(ret, 40, "%016llx%016llx", (unsigned long long)h.high64,
                   (unsigned long long)h.low64);
}

void cache_keep(Visit *v, HttpResp *rs)
{
    char                  etag[40];
    CLEANUP(buf_done) Buf key = {0};
    if (rs->status != 200 || rs->type == NULL || rs->csp == NULL || rs->stream != NULL ||
        buf_overflowed(&rs->body))
        return;
    etag_of(buf_str(&rs->body), etag);
    set_etag(v, rs, etag, (Str){0});
    rs->cache_control = v->uncacheable ? "private, no-cache" : "public, max-age=0, must-revalidate";
    buf_init(&key, KEY_MAX);
    if (!may_keep(v) || v->uncacheable || rs->body.len > PAGE_MAX || !key_of(v, &key))
        return;
    uint64_t hash = XXH3_64bits(key.ptr, key.len);
    Shard   *s = &cache.shards[hash & (SHARDS - 1)];
    Entry   *e = new_entry(v, rs, buf_str(&key), hash);
    memcpy(e->etag, etag, sizeof etag);
    pthread_mutex_lock(&s->lock);
    Entry **at = slot_of(s, hash, buf_str(&key));
    if (*at != NULL) {
        drop(s, *at);
        at = slot_of(s, hash, buf_str(&key));
    }
    *at = e;
    link_newest(s, e);
    s->bytes += e->bytes;
    s->n++;
    make_room(s, NULL);
    pthread_mutex_unlock(&s->lock);
}
