#include "http/http_idempotency.h"

#include "base/json_read.h"
#include "base/log.h"
#include "http/http_int.h"

#include <sodium.h>
#include <string.h>

const HttpIdempotencyStore http_idempotency_core = {
    .claim = idempotency_claim,
    .act = idempotency_act,
    .keep = idempotency_keep,
    .drop = idempotency_drop,
};

/* --- the print of a body ---------------------------------------------------------------- */

static int by_key(const void *x, const void *y)
{
    const JsonMember *a = *(const JsonMember *const *)x, *b = *(const JsonMember *const *)y;
    size_t            n = a->key.len < b->key.len ? a->key.len : b->key.len;
    int               d = n > 0 ? memcmp(a->key.ptr, b->key.ptr, n) : 0;
    if (d != 0)
        return d;
    if (a->key.len != b->key.len)
        return a->key.len < b->key.len ? -1 : 1;
    return (a > b) - (a < b); /* duplicates keep their order */
}

static void add(crypto_generichash_state *st, char tag, Str s)
{
    unsigned char head[9] = {(unsigned char)tag};
    uint64_t      n = s.len;
    memcpy(head + 1, &n, sizeof n);
    crypto_generichash_update(st, head, sizeof head);
    crypto_generichash_update(st, (const unsigned char *)s.ptr, s.len);
}

/* Every value is written as tag, length and bytes; members in the order of their keys. */
static void add_value(Arena *a, crypto_generichash_state *st, const JsonValue *v)
{
    const char size[4] = {(char)v->n, (char)(v->n >> 8), (char)(v->n >> 16), (char)(v->n >> 24)};
    switch (v->type) {
    case JSON_NULL: add(st, 'n', (Str){0}); break;
    case JSON_BOOL: add(st, v->boolean ? 't' : 'f', (Str){0}); break;
    case JSON_NUMBER: add(st, '1', v->text); break;
    case JSON_STRING: add(st, '"', v->text); break;
    case JSON_ARRAY:
        add(st, '[', (Str){size, sizeof size});
        for (uint32_t i = 0; i < v->n; i++)
            add_value(a, st, &v->items[i]); /* no deeper than JSON_DEPTH_MAX */
        break;
    case JSON_OBJECT: {
        const JsonMember **sorted = arena_array(a, const JsonMember *, v->n + 1U);
        for (uint32_t i = 0; i < v->n; i++)
            sorted[i] = &v->members[i];
        qsort(sorted, v->n, sizeof *sorted, by_key);
        add(st, '{', (Str){size, sizeof size});
        for (uint32_t i = 0; i < v->n; i++) {
            add(st, 'k', sorted[i]->key);
            add_value(a, st, &sorted[i]->value);
        }
        break;
    }
    }
}

Str http_body_print(Arena *a, Str body)
{
    unsigned char            hash[32];
    crypto_generichash_state st;
    const JsonValue         *v;
    Err                      err;
    crypto_generichash_init(&st, NULL, 0, sizeof hash);
    if (json_parse(a, body, &v, &err) == ST_OK)
        add_value(a, &st, v);
    else
        add(&st, 'b', body);
    crypto_generichash_final(&st, hash, sizeof hash);
    return http_base64(a, hash, sizeof hash);
}

/* --- running a handler once --------------------------------------------------------------- */

/* The draft writes keys as quoted strings, most clients write them bare. */
static Status read_key(Cx *cx, const HttpReq *rq, Str *ret)
{
    Str key = str_trim(http_header(rq, STR("Idempotency-Key")));
    if (key.len >= 2 && key.ptr[0] == '"' && key.ptr[key.len - 1] == '"')
        key = (Str){key.ptr + 1, key.len - 2};
    bool fine = key.len > 0 && key.len <= HTTP_IDEMPOTENCY_KEY;
    for (size_t i = 0; i < key.len && fine; i++)
        fine = key.ptr[i] > 0x20 && key.ptr[i] < 0x7f && key.ptr[i] != '"';
    if (!fine)
        return cx_fail(cx, ST_INVALID, "http.bad_idempotency_key",
                       "Idempotency-Key must be 1 to %d visible ASCII characters",
                       HTTP_IDEMPOTENCY_KEY);
    *ret = key;
    return ST_OK;
}

static Str scope_of(Cx *cx, const HttpReq *rq)
{
    CLEANUP(buf_done) Buf b;
    unsigned char         mac[HTTP_MAC_BYTES];
    buf_init(&b, HTTP_MAX_TARGET + 128);
    buf_addf(&b, "%d %lld %s " STR_FMT, (int)cx->actor.kind, (long long)cx->actor.id,
             http_method_name(rq->method), STR_ARG(rq->path));
    ASSERT(!buf_overflowed(&b));
    crypto_generichash(mac, sizeof mac, (const unsigned char *)b.ptr, b.len, NULL, 0);
    return http_base64(cx->arena, mac, sizeof mac);
}

static Str header_of(const HttpResp *rs, Str name)
{
    for (size_t i = 0; i < rs->nheaders; i++)
        if (http_eq_nocase(rs->headers[i].name, name))
            return rs->headers[i].value;
    return STR("");
}

static void replay(Cx *cx, const IdempotencyReply *kept, HttpResp *rs)
{
    rs->status = kept->status;
    rs->type = kept->type.len > 0 ? str_cstr(cx->arena, kept->type) : NULL;
    rs->etag = kept->etag;
    buf_add(&rs->body, kept->body);
    if (kept->location.len > 0)
        http_set_header(cx, rs, "Location", kept->location);
    http_set_header(cx, rs, "Idempotent-Replayed", STR("true"));
}

typedef struct Once { /* one request with a key */
    const HttpIdempotencyStore *store;
    HttpReq                    *rq;
    HttpResp                   *rs;
    Str                         scope, key, print;
    IdempotencyClaim            claim;
    IdempotencyReply            kept;
} Once;

static bool can_be_kept(const HttpResp *rs)
{
    return rs->status < 500 && rs->status != 429 && rs->file < 0 && rs->stream == NULL &&
           rs->body.len <= HTTP_IDEMPOTENCY_REPLY && rs->borrowed.len <= HTTP_IDEMPOTENCY_REPLY;
}

static Status keep(Cx *cx, const Once *o)
{
    const HttpResp  *rs = o->rs;
    IdempotencyReply kept = {.status = rs->status,
                             .type = str_from_cstr(rs->type),
                             .location = header_of(rs, STR("Location")),
                             .etag = rs->etag,
                             .body = rs->borrowed.ptr != NULL ? rs->borrowed : buf_str(&rs->body)};
    return o->store->keep(cx, o->scope, o->key, &kept);
}

/* Store what the client is about to get. A failure is stored too (as the problem document
 * it becomes), unless trying again may help. A store that fails now must not hide what the
 * handler did: its reply goes out. */
static void settle(Cx *cx, const Once *o)
{
    Err    why = cx->err;
    Status st = can_be_kept(o->rs) ? keep(cx, o) : o->store->drop(cx, o->scope, o->key);
    if (st != ST_OK)
        log_event(LOG_WARN, "http.idempotency_lost", log_s("code", str_from_cstr(cx->err.code)),
                  log_s("msg", str_from_cstr(cx->err.msg)));
    cx->err = why;
}

static Status claim(Cx *cx, Once *o)
{
    return o->store->claim(cx, o->scope, o->key, o->print, &o->claim, &o->kept);
}

static Status act(Cx *cx, void *arg)
{
    const Once *o = arg;
    return o->store->act(cx, o->scope, o->key);
}

/* The claim, what the handler changes, and the reply: three transactions or more. The first
 * change tells of itself, so that nobody repeats it. */
static Status run_in_steps(Cx *cx, Once *o)
{
    TRY(claim(cx, o));
    if (o->claim != IDEMPOTENCY_NEW)
        return ST_OK;
    cx->first_write = act;
    cx->first_write_arg = o;
    Status st = http_run_handler(cx, o->rq, o->rs);
    cx->first_write = NULL;
    if (st != ST_OK)
        http_problem(cx, o->rq, o->rs);
    settle(cx, o);
    return ST_OK;
}

static Status one_tx(Cx *cx, void *arg)
{
    Once *o = arg;
    http_resp_done(o->rs); /* it may run again */
    http_resp_init(o->rs);
    TRY(claim(cx, o));
    if (o->claim != IDEMPOTENCY_NEW)
        return ST_OK;
    TRY(http_run_handler(cx, o->rq, o->rs));
    return can_be_kept(o->rs) ? keep(cx, o) : o->store->act(cx, o->scope, o->key);
}

static Status run_in_one_tx(Cx *cx, Once *o)
{
    if (cx_in_tx(cx, one_tx, o) == ST_OK)
        return ST_OK;
    o->claim = IDEMPOTENCY_NEW;
    http_problem(cx, o->rq, o->rs);
    Err why = cx->err;
    if (can_be_kept(o->rs) && claim(cx, o) == ST_OK && o->claim == IDEMPOTENCY_NEW)
        settle(cx, o);
    o->claim = IDEMPOTENCY_NEW; /* whoever has it now: this is what became of ours */
    cx->err = why;
    return ST_OK;
}

Status http_run_once(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    const HttpIdempotencyStore *store = app->hooks.idempotency;
    if (store == NULL || !(rq->route->flags & HTTP_IDEMPOTENT) ||
        http_header(rq, STR("Idempotency-Key")).ptr == NULL)
        return http_run_handler(cx, rq, rs);
    Once o = {.store = store, .rq = rq, .rs = rs};
    TRY(read_key(cx, rq, &o.key));
    o.scope = scope_of(cx, rq);
    o.print = http_body_print(cx->arena, rq->body);
    TRY((rq->route->flags & HTTP_ONE_TX) ? run_in_one_tx(cx, &o) : run_in_steps(cx, &o));
    switch (o.claim) {
    case IDEMPOTENCY_NEW: return ST_OK;
    case IDEMPOTENCY_REPLY: replay(cx, &o.kept, rs); return ST_OK;
    case IDEMPOTENCY_OTHER:
        return cx_fail(cx, ST_INVALID, "http.idempotency_conflict",
                       "this Idempotency-Key was used with another body");
    case IDEMPOTENCY_LOST:
        return cx_fail(cx, ST_CONFLICT, "http.idempotency_unknown",
                       "the first request with this Idempotency-Key changed something, and its "
                       "reply is lost: look before you send it with another key");
    case IDEMPOTENCY_RUNNING: break;
    }
    http_set_header(cx, rs, "Retry-After", STR("1"));
    return cx_fail(cx, ST_CONFLICT, "http.idempotency_running",
                   "the first request with this Idempotency-Key still runs");
}
