/* Who has shown which token, in memory: most requests need no query to know who asks.
 *
 * Entries are found by the hash of the token, four to a bucket; the one not used for longest
 * makes room. Whatever changes anybody's access empties the whole table, in every process by
 * way of events; an entry is read again after a minute in any case. */
#include "people/customer_int.h"

#include "base/id.h"
#include "base/log.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

enum { BUCKETS = 1024, WAYS = 4, NAME_MAX_BYTES = 128 };
#define READ_AGAIN   SPAN_MINUTES(1)
#define NEVER_ENDING INT64_MAX

typedef struct Grant {
    unsigned char hash[PEOPLE_HASH_BYTES];
    ActorKind     kind; /* ACTOR_ANONYMOUS: the place is free */
    int64_t       id;
    int64_t       session;
    bool          all;
    PeopleSet     set;
    Lang          lang; /* LANGS: what the request asks for */
    UnixMs        ends;
    SpanMs        idle;    /* unused for so long, it is over */
    UnixMs        seen;    /* last used … */
    UnixMs        written; /* … as far as the database knows */
    UnixMs        loaded;
    size_t        name_len;
    char          name[NAME_MAX_BYTES];
} Grant;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Grant           grants[BUCKETS][WAYS];
static uint64_t        generation; /* grows when all is forgotten */

void people_grants_forget(void)
{
    pthread_mutex_lock(&mutex);
    generation++;
    for (size_t b = 0; b < BUCKETS; b++)
        for (size_t w = 0; w < WAYS; w++)
            if (grants[b][w].kind != ACTOR_ANONYMOUS)
                grants[b][w].loaded = (UnixMs){INT64_MIN / 2}; /* what was seen is kept */
    pthread_mutex_unlock(&mutex);
}

static Grant *bucket_of(Str hash)
{
    uint16_t n;
    memcpy(&n, hash.ptr, sizeof n);
    return grants[n % BUCKETS];
}

static Grant *find(Str hash)
{
    Grant *bucket = bucket_of(hash);
    for (size_t w = 0; w < WAYS; w++)
        if (bucket[w].kind != ACTOR_ANONYMOUS &&
            sodium_memcmp(bucket[w].hash, hash.ptr, PEOPLE_HASH_BYTES) == 0)
            return &bucket[w];
    return NULL;
}

static bool is_idle(const Grant *g, UnixMs now)
{
    return (g->kind == ACTOR_STAFF || g->kind == ACTOR_CUSTOMER) &&
           unix_ms_diff(now, g->seen).v > g->idle.v;
}

static void fill_actor(Cx *cx, const Grant *g)
{
    PeopleTexts names = people_set_names(cx->arena, g->set);
    if (g->lang < LANGS)
        cx->lang = g->lang;
    cx->actor = (Actor){.kind = g->kind,
                        .id = g->id,
                        .session = g->session,
                        .name = str_dup(cx->arena, (Str){g->name, g->name_len}),
                        .permissions = names.items,
                        .npermissions = names.n,
                        .all = g->all};
}

/* From memory. False: ask the database; *ret_seen is when memory last saw it used. */
static bool recall(Cx *cx, Str hash, ActorKind kind, UnixMs *ret_seen, uint64_t *ret_generation)
{
    bool known = false;
    pthread_mutex_lock(&mutex);
    Grant *g = find(hash);
    if (g != NULL && g->kind == kind) { /* a token of another kind is none */
        *ret_seen = g->seen;
        known = unix_ms_diff(cx->now, g->loaded).v < READ_AGAIN.v && cx->now.v < g->ends.v &&
                !is_idle(g, cx->now);
    }
    if (known) {
        g->seen = cx->now.v > g->seen.v ? cx->now : g->seen;
        fill_actor(cx, g);
    }
    *ret_generation = generation;
    pthread_mutex_unlock(&mutex);
    return known;
}

/* Into memory, unless access changed since `gen`. */
static void remember(const Grant *g, uint64_t gen)
{
    pthread_mutex_lock(&mutex);
    Str    hash = {(const char *)g->hash, sizeof g->hash};
    Grant *place = find(hash);
    Grant *bucket = bucket_of(hash);
    for (size_t w = 0; place == NULL && w < WAYS; w++)
        if (bucket[w].kind == ACTOR_ANONYMOUS)
            place = &bucket[w];
    if (place == NULL) {
        place = bucket;
        for (size_t w = 1; w < WAYS; w++)
            if (bucket[w].seen.v < place->seen.v)
                place = &bucket[w];
    }
    if (gen == generation)
        *place = *g;
    pthread_mutex_unlock(&mutex);
}

static void set_name(Grant *g, Str name)
{
    g->name_len = name.len < sizeof g->name ? name.len : sizeof g->name;
    while (g->name_len > 0 && g->name_len < name.len &&
           ((unsigned char)name.ptr[g->name_len] & 0xc0) == 0x80)
        g->name_len--; /* not inside a character */
    if (g->name_len > 0)
        memcpy(g->name, name.ptr, g->name_len);
}

/* --- sessions -------------------------------------------------------------------------------- */

static Status load_session(Cx *cx, Str hash, UnixMs seen, Grant *g, bool *ret_good)
{
    PeopleSessionRow session;
    PeopleStaffRow   staff;
    PeopleSecurity   security;
    bool             found;
    *ret_good = false;
    TRY(people_security(cx, &security));
    TRY(people_sql_session_by_token(cx, hash, &found, &session));
    if (!found || session.half || session.ends_ms.v <= cx->now.v)
        return ST_OK;
    g->kind = ACTOR_STAFF;
    g->idle = SPAN_HOURS(security.session_idle_hours);
    g->seen = session.seen_ms.v > seen.v ? session.seen_ms : seen;
    g->written = session.seen_ms;
    if (is_idle(g, cx->now))
        return ST_OK;
    TRY(people_sql_staff_get(cx, session.staff_id, &staff));
    if (staff.status != PEOPLE_ACTIVE)
        return ST_OK;
    TRY(people_access_of(cx, staff.id, &g->set, &g->all));
    g->id = staff.id;
    g->session = session.id;
    g->ends = session.ends_ms;
    set_name(g, staff.name);
    if (!lang_find(staff.locale, &g->lang))
        g->lang = LANGS;
    *ret_good = true;
    return ST_OK;
}

typedef struct Load {
    ActorKind kind;
    Str       text; /* of a key */
    Str       hash;
    UnixMs    seen;
    Grant     grant;
    bool      good;
} Load;

static Status load_session_fn(Cx *cx, void *arg)
{
    Load *load = arg;
    return load_session(cx, load->hash, load->seen, &load->grant, &load->good);
}

static Status enter(Cx *cx, Load *load, CxTxFn *fn)
{
    uint64_t gen;
    if (recall(cx, load->hash, load->kind, &load->seen, &gen)) {
        load->good = true;
        return ST_OK;
    }
    TRY(cx_in_snapshot(cx, fn, load));
    if (!load->good)
        return ST_OK;
    Grant *g = &load->grant;
    memcpy(g->hash, load->hash.ptr, sizeof g->hash);
    g->loaded = cx->now;
    g->seen = cx->now.v > g->seen.v ? cx->now : g->seen;
    fill_actor(cx, g);
    remember(g, gen);
    return ST_OK;
}

Status people_enter_session(Cx *cx, Str token)
{
    Load load = {.kind = ACTOR_STAFF, .hash = people_token_hash(cx->arena, token)};
    return enter(cx, &load, load_session_fn);
}

/* --- customers' sessions --------------------------------------------------------------------- */

static Status load_customer_fn(Cx *cx, void *arg)
{
    Load                    *load = arg;
    Grant                   *g = &load->grant;
    PeopleCustomerSessionRow session;
    PeopleAccountRow         account;
    bool                     found;
    load->good = false;
    TRY(people_sql_customer_session_by_token(cx, load->hash, &found, &session));
    if (!found || session.ends_ms.v <= cx->now.v)
        return ST_OK;
    g->kind = ACTOR_CUSTOMER;
    g->idle = PEOPLE_CUSTOMER_SESSION_IDLE;
    g->seen = session.seen_ms.v > load->seen.v ? session.seen_ms : load->seen;
    g->written = session.seen_ms;
    if (is_idle(g, cx->now))
        return ST_OK;
    TRY(people_sql_account_get(cx, session.account_id, &account));
    if (account.status != PEOPLE_ACCOUNT_ACTIVE)
        return ST_OK;
    g->id = account.id;
    g->session = session.id;
    g->ends = session.ends_ms;
    set_name(g, account.first_name);
    load->good = true;
    return ST_OK;
}

Status people_enter_customer(Cx *cx, Str token)
{
    Load load = {.kind = ACTOR_CUSTOMER, .hash = people_token_hash(cx->arena, token)};
    return enter(cx, &load, load_customer_fn);
}

/* --- keys ------------------------------------------------------------------------------------ */

static bool key_id(Str text, int64_t *ret)
{
    enum { ID_LEN = 3 + 1 + ID_DIGITS };
    return text.len > ID_LEN + 1 && text.len < 128 && text.ptr[ID_LEN] == '_' &&
           id_parse((Str){text.ptr, ID_LEN}, "rap", ret);
}

static Status load_key_fn(Cx *cx, void *arg)
{
    Load          *load = arg;
    Grant         *g = &load->grant;
    PeopleKeyRow   key;
    PeopleStaffRow maker;
    int64_t        id;
    bool           found, owner = false;
    load->good = false;
    if (!key_id(load->text, &id))
        return ST_OK;
    TRY(people_sql_key_get(cx, id, &found, &key));
    if (!found || key.revoked_ms.has || (key.ends_ms.has && key.ends_ms.v.v <= cx->now.v) ||
        key.secret_hash.len != PEOPLE_HASH_BYTES ||
        sodium_memcmp(key.secret_hash.ptr, load->hash.ptr, PEOPLE_HASH_BYTES) != 0)
        return ST_OK;
    g->set = people_set_read(key.permissions);
    if (key.staff_id.has) { /* worth no more than its maker is today */
        PeopleSet of_maker;
        TRY(people_sql_staff_get(cx, key.staff_id.v, &maker));
        TRY(people_access_of(cx, key.staff_id.v, &of_maker, &owner));
        if (maker.status != PEOPLE_ACTIVE)
            return ST_OK;
        g->set = owner ? g->set : people_set_and(g->set, of_maker);
    }
    g->kind = ACTOR_API_KEY;
    g->lang = LANGS;
    g->id = id;
    g->ends = key.ends_ms.has ? key.ends_ms.v : (UnixMs){NEVER_ENDING};
    g->written = key.used_ms.v;
    set_name(g, key.name);
    load->good = true;
    return ST_OK;
}

Status people_enter_key(Cx *cx, Str key)
{
    Load load = {.kind = ACTOR_API_KEY, .text = key, .hash = people_token_hash(cx->arena, key)};
    TRY(enter(cx, &load, load_key_fn));
    if (!load.good)
        return cx_fail(cx, ST_UNKNOWN, "people.bad_key", "the API key is unknown, revoked or over");
    return ST_OK;
}

/* --- writing down when they were used -------------------------------------------------------- */

typedef struct Used {
    ActorKind kind;
    int64_t   id; /* of the session or key */
    UnixMs    at;
} Used;

typedef struct UsedList {
    Used  *items;
    size_t n;
} UsedList;

/* What the database is at least a minute behind with; it counts as written from now on. */
static UsedList take_used(Cx *cx)
{
    UsedList list = {.items = arena_array(cx->arena, Used, BUCKETS * WAYS)};
    pthread_mutex_lock(&mutex);
    for (size_t b = 0; b < BUCKETS; b++) {
        for (size_t w = 0; w < WAYS; w++) {
            Grant *g = &grants[b][w];
            if (g->kind == ACTOR_ANONYMOUS || unix_ms_diff(g->seen, g->written).v < 60000)
                continue;
            list.items[list.n++] =
                (Used){g->kind, g->kind == ACTOR_API_KEY ? g->id : g->session, g->seen};
            g->written = g->seen;
        }
    }
    pthread_mutex_unlock(&mutex);
    return list;
}

static Status write_used(Cx *cx, void *arg)
{
    const UsedList *list = arg;
    for (size_t i = 0; i < list->n; i++) {
        const Used *u = &list->items[i];
        if (u->kind == ACTOR_STAFF)
            TRY(people_sql_session_seen(cx, u->id, u->at, NULL));
        else if (u->kind == ACTOR_CUSTOMER)
            TRY(people_sql_customer_session_seen(cx, u->id, u->at, NULL));
        else
            TRY(people_sql_key_used(cx, u->id, u->at, NULL));
    }
    return ST_OK;
}

Status people_flush(Cx *cx)
{
    UsedList list = take_used(cx);
    return list.n == 0 ? ST_OK : cx_in_tx(cx, write_used, &list);
}

/* --- a thread for it ------------------------------------------------------------------------- */

enum { FLUSH_SECONDS = 30 };

static pthread_t       flusher;
static pthread_mutex_t stop_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  stop_cond = PTHREAD_COND_INITIALIZER;
static bool            stopping;

static void flush_once(Db *db)
{
    CLEANUP(arena_done) Arena arena = {0};
    CLEANUP(cx_end) Cx        cx = {0};
    arena_init(&arena, 4096);
    if (cx_begin(&cx, &arena, db, clock_now()) != ST_OK || people_flush(&cx) != ST_OK)
        log_event(LOG_WARN, "people.flush_failed", log_s("code", str_from_cstr(cx.err.code)),
                  log_s("msg", str_from_cstr(cx.err.msg)));
}

static void *flush_all(void *arg)
{
    Db *db = arg;
    for (;;) {
        struct timespec until;
        int             rc = clock_gettime(CLOCK_REALTIME, &until);
        ASSERT(rc == 0);
        until.tv_sec += FLUSH_SECONDS;
        pthread_mutex_lock(&stop_mutex);
        if (!stopping)
            pthread_cond_timedwait(&stop_cond, &stop_mutex, &until);
        bool last = stopping;
        pthread_mutex_unlock(&stop_mutex);
        flush_once(db);
        if (last)
            return NULL;
    }
}

Status people_start(Db *db, Err *err)
{
    stopping = false;
    if (pthread_create(&flusher, NULL, flush_all, db) != 0)
        return err_set(err, ST_IO, "people.no_thread", "no thread could be started");
    return ST_OK;
}

void people_stop(void)
{
    pthread_mutex_lock(&stop_mutex);
    stopping = true;
    pthread_cond_signal(&stop_cond);
    pthread_mutex_unlock(&stop_mutex);
    pthread_join(flusher, NULL);
}
