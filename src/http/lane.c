#include "http/server_int.h"

#include "http/http_encode.h"
#include "http/http_log.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    ARENA_BLOCK = 64 * 1024,
    SPARE_MAX = 256,             /* exchanges kept for reuse */
    COMPRESS_QUICK = 256 * 1024, /* bytes that an I/O thread compresses at most */
    COMPRESS_MAX = 16 << 20
};

Lane *lane_new(HttpServer *srv)
{
    Lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        base_out_of_memory(sizeof *lane);
    lane->srv = srv;
    arena_init(&lane->arena, ARENA_BLOCK);
    randombytes_buf(lane->random, sizeof lane->random);
    return lane;
}

void lane_free(Lane *lane)
{
    while (lane->spare != NULL) {
        Exchange *ex = lane->spare;
        lane->spare = ex->next;
        free(ex);
    }
    arena_done(&lane->arena);
    free(lane);
}

/* Only what must be is cleared: the array of headers is most of an exchange. */
Exchange *lane_take(Lane *lane)
{
    Exchange *ex = lane->spare;
    if (ex != NULL) {
        lane->spare = ex->next;
        lane->nspare--;
    } else {
        ex = malloc(sizeof *ex);
        if (ex == NULL)
            base_out_of_memory(sizeof *ex);
    }
    ex->next = NULL;
    ex->rq = (HttpReq){.headers = ex->headers};
    ex->long_target = NULL;
    ex->id_len = 0;
    ex->step = STEP_HEADERS;
    ex->counted = ex->queued = ex->answered = false;
    ex->rs.later = NULL;
    ex->raw_wanted = ex->closes = ex->lingers = false;
    buf_init(&ex->raw, HTTP_MAX_REPLY + 65536);
    ex->early = (Err){0};
    ex->body_max = 0;
    ex->reply = NULL;
    ex->status = 0;
    spool_init(&ex->spool);
    return ex;
}

void lane_give(Lane *lane, Exchange *ex)
{
    free(ex->long_target);
    buf_done(&ex->raw);
    spool_done(&ex->spool, &lane->srv->spools);
    if (lane->nspare >= SPARE_MAX) {
        free(ex);
        return;
    }
    ex->next = lane->spare;
    lane->spare = ex;
    lane->nspare++;
}

/* xoroshiro128++: ids must differ, not be secret. */
static uint64_t next_random(uint64_t s[2])
{
    uint64_t x = s[0], y = s[1], sum = x + y;
    uint64_t result = (sum << 17 | sum >> 47) + x;
    y ^= x;
    s[0] = (x << 49 | x >> 15) ^ y ^ y << 21;
    s[1] = y << 28 | y >> 36;
    return result;
}

static bool is_request_id(Str s)
{
    if (s.len < 8 || s.len >= ID_ROOM)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return true;
}

void lane_request_id(Lane *lane, Exchange *ex)
{
    static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford's */
    Str               sent = {0};
    if (ex->conn->from_proxy)
        sent = http_header(&ex->rq, STR("X-Request-Id"));
    if (is_request_id(sent)) {
        memcpy(ex->id, sent.ptr, sent.len);
        ex->id_len = sent.len;
    } else {
        uint64_t hi = next_random(lane->random), lo = next_random(lane->random);
        memcpy(ex->id, "req_", 4);
        for (size_t i = 0; i < 20; i++) {
            ex->id[4 + i] = DIGITS[(i < 10 ? hi >> (i * 5) : lo >> ((i - 10) * 5)) & 31];
        }
        ex->id_len = 24;
    }
    ex->id[ex->id_len] = '\0';
}

static void refuse(Cx *cx, Exchange *ex)
{
    http_resp_init(&ex->rs);
    http_problem(cx, &ex->rq, &ex->rs);
}

static Status begin(Lane *lane, const Exchange *ex, Cx *cx)
{
    const HttpServerOptions *o = &lane->srv->options;
    *cx = (Cx){.core = o->core, .request_id = {ex->id, ex->id_len}};
    return cx_begin(cx, &lane->arena, o->db, clock_now());
}

static void end(Lane *lane, Cx *cx)
{
    cx_end(cx);
    arena_reset(&lane->arena);
}

void lane_admit(Lane *lane, Exchange *ex)
{
    Cx cx;
    if (begin(lane, ex, &cx) != ST_OK || http_admit(lane->srv->app, &cx, &ex->rq) != ST_OK)
        ex->early = cx.err;
    end(lane, &cx);
}

/* The reply is made: into bytes with it, count it, log it. */
static void finish(Lane *lane, Exchange *ex, Cx *cx, int64_t took)
{
    HttpServer *srv = lane->srv;
    bool        quick = !ex->queued;
    http_encode(cx, &ex->rq, &ex->rs, quick ? COMPRESS_QUICK : COMPRESS_MAX);
    int64_t bytes = ex->rs.file >= 0              ? ex->rs.file_size
                    : ex->rs.borrowed.ptr != NULL ? (int64_t)ex->rs.borrowed.len
                                                  : (int64_t)ex->rs.body.len;
    mhd_build(srv, cx, ex);
    ex->answered = true;
    server_count(srv, ex, bytes, took, cx->statements);
    http_log_request(cx, &ex->rq, &ex->rs, bytes, took);
}

void lane_later(Lane *lane, Exchange *ex)
{
    Cx cx;
    if (begin(lane, ex, &cx) != ST_OK)
        cx.conn = NULL;
    atomic_fetch_sub(&lane->srv->laters, 1);
    http_later_answer(&cx, &ex->rq, &ex->rs);
    finish(lane, ex, &cx, http_log_clock() - ex->began);
    end(lane, &cx);
}

void lane_answer(Lane *lane, Exchange *ex)
{
    HttpServer *srv = lane->srv;
    Cx          cx;
    int64_t     began = http_log_clock();
    Status      st = begin(lane, ex, &cx);
    if (ex->early.status == ST_OK && atomic_load(&srv->late))
        (void)err_set(&ex->early, ST_BUSY, "http.stopping", "the server is stopping");
    if (ex->early.status != ST_OK) {
        cx.err = ex->early;
        refuse(&cx, ex);
    } else if (st != ST_OK) {
        refuse(&cx, ex);
    } else {
        http_answer(srv->app, &cx, &ex->rq, &ex->rs);
        if (ex->queued && ex->rq.method != HTTP_GET && !cx.wrote && cx.db != NULL)
            db_settled(cx.db); /* "done already" acknowledges what somebody else just wrote */
    }
    ex->began = began;
    if (ex->rs.later == NULL)
        finish(lane, ex, &cx, http_log_clock() - began);
    else
        atomic_fetch_add(&srv->laters, 1);
    end(lane, &cx);
}
