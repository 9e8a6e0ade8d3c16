#include "channel/storefront/kept_file.h"

#include "base/fault.h"
#include "channel/storefront/offer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { FILES_MAX = 64, AT_ONCE = 64, KEY_MAX = 400 };
#define BYTES_MAX (INT64_C(1) << 30)

typedef struct KeptFile {
    char    key[KEY_MAX]; /* name, part, where it is asked; "": the place is free */
    int64_t rev, site_rev, theme;
    UnixMs  good_until; /* what it tells is over then; 0: nothing */
    int64_t used;       /* grows with each use */
    FILE   *file;
    int64_t size;
    char    etag[24];
} KeptFile;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* one is written at a time */
static KeptFile        files[FILES_MAX];
static int64_t         uses;

static void drop(KeptFile *f)
{
    if (f->file != NULL)
        fclose(f->file);
    *f = (KeptFile){0};
}

void kept_files_drop(void)
{
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < FILES_MAX; i++)
        drop(&files[i]);
    pthread_mutex_unlock(&lock);
}

/* The place of this key, else a free one, else the one not used for longest. */
static KeptFile *place_of(const char *key)
{
    KeptFile *best = &files[0];
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(files[i].key, key) == 0)
            return &files[i];
        if (files[i].used < best->used)
            best = &files[i];
    }
    drop(best);
    return best;
}

static void bound_bytes(const KeptFile *besides)
{
    for (;;) {
        int64_t   all = 0;
        KeptFile *oldest = NULL;
        for (size_t i = 0; i < FILES_MAX; i++) {
            all += files[i].size;
            if (files[i].file != NULL && &files[i] != besides &&
                (oldest == NULL || files[i].used < oldest->used))
                oldest = &files[i];
        }
        if (all <= BYTES_MAX || oldest == NULL)
            return;
        drop(oldest);
    }
}

static Status failed(Visit *v)
{
    return cx_fail(v->cx, ST_IO, "storefront.unwritable", "a temporary file: %s",
                   strerrordesc_np(errno));
}

/* Its size, and a hash of its bytes for the ETag. */
static Status finish(Visit *v, KeptFile *f, FILE *out)
{
    char          bytes[8192];
    size_t        n;
    XXH3_state_t *state = XXH3_createState();
    if (state == NULL)
        base_out_of_memory(0);
    XXH3_64bits_reset(state);
    bool bad = fault_hit() || fflush(out) != 0 || ferror(out) != 0 || fseeko(out, 0, SEEK_SET) != 0;
    while (!bad && (n = fread(bytes, 1, sizeof bytes, out)) > 0) {
        XXH3_64bits_update(state, bytes, n);
        f->size += (int64_t)n;
    }
    unsigned long long hash = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    if (bad || ferror(out) != 0)
        return failed(v);
    (void)snprintf(f->etag, sizeof f->etag, "\"%016llx\"", hash);
    return ST_OK;
}

static Status make(Visit *v, KeptFile *f, int64_t part, KeptWrite *write)
{
    FILE *out = tmpfile();
    if (out == NULL)
        return failed(v);
    Status st = write(v, out, part);
    if (st == ST_OK)
        st = finish(v, f, out);
    if (st != ST_OK) {
        fclose(out);
        return st;
    }
    f->file = out;
    f->rev = published_rev(v->view);
    f->site_rev = v->site_rev;
    f->theme = v->theme->serial;
    f->good_until = v->good_until;
    return ST_OK;
}

static Status reply_locked(Visit *v, HttpResp *rs, const char *key, int64_t part, KeptWrite *write)
{
    KeptFile *f = place_of(key);
    bool      fresh = f->file != NULL && f->rev == published_rev(v->view) &&
                 f->site_rev == v->site_rev && f->theme == v->theme->serial &&
                 (f->good_until.v == 0 || v->cx->now.v < f->good_until.v);
    if (!fresh) {
        drop(f);
        TRY(make(v, f, part, write));
        memcpy(f->key, key, strlen(key) + 1);
    }
    f->used = ++uses;
    bound_bytes(f);
    rs->file = dup(fileno(f->file));
    if (rs->file < 0) {
        rs->file = HTTP_FILE_NONE;
        return failed(v);
    }
    rs->file_size = f->size;
    rs->etag = str_dup(visit_arena(v), str_from_cstr(f->etag));
    return ST_OK;
}

Status kept_file_reply(Visit *v, HttpResp *rs, const char *name, int64_t part, const char *type,
                       KeptWrite *write)
{
    char key[KEY_MAX];
    int  n = snprintf(key, sizeof key, "%s %lld " STR_FMT " " STR_FMT, name, (long long)part,
                      STR_ARG(v->root), STR_ARG(v->origin));
    if (n < 0 || (size_t)n >= sizeof key)
        return cx_fail(v->cx, ST_INVALID, "storefront.no_page", "the address is too long");
    pthread_mutex_lock(&lock);
    Status st = reply_locked(v, rs, key, part, write);
    pthread_mutex_unlock(&lock);
    TRY(st);
    rs->type = type;
    rs->cache_control = "no-cache"; /* may be kept, but must be asked about */
    return ST_OK;
}

/* --- going through products ------------------------------------------------------------------ */

static bool shown(const Visit *v, int64_t id)
{
    const PublishedHead *head = published_head(v->view, id);
    return head != NULL && published_product_shown(head, v->cx->now);
}

int64_t kept_count_products(Visit *v)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_PRODUCT);
    int64_t    n = 0;
    for (size_t i = 0; i < ids.n; i++)
        n += shown(v, ids.items[i]);
    return n;
}

/* A few products, in an arena that ends with them. */
static Status some(Visit *v, const int64_t *ids, size_t n, ProductFn *fn, void *arg)
{
    const PublishedProduct   *products[AT_ONCE];
    CLEANUP(arena_done) Arena arena = {0};
    CLEANUP(cx_end) Cx        cx = {.core = v->cx->core};
    arena_init(&arena, 65536);
    Status st = cx_begin(&cx, &arena, v->cx->db, v->cx->now);
    if (st == ST_OK)
        st = published_products(&cx, v->view, ids, n, products);
    for (size_t i = 0; st == ST_OK && i < n; i++)
        if (products[i] != NULL)
            st = fn(v, &cx, products[i], arg);
    if (st != ST_OK)
        v->cx->err = cx.err;
    return st;
}

Status kept_each_product(Visit *v, int64_t skip, int64_t max, ProductFn *fn, void *arg)
{
    CatalogIds ids = published_ids(v->view, PUBLISHED_PRODUCT);
    int64_t    batch[AT_ONCE], seen = 0;
    size_t     n = 0;
    for (size_t i = 0; i < ids.n && max > 0; i++) {
        if (!shown(v, ids.items[i]) || seen++ < skip)
            continue;
        batch[n++] = ids.items[i];
        max--;
        if (n < AT_ONCE)
            continue;
        TRY(some(v, batch, n, fn, arg));
        n = 0;
    }
    return n > 0 ? some(v, batch, n, fn, arg) : ST_OK;
}
