#include "http/http.h"

#include "http/http_int.h"
#include "http/http_log.h"

static Status check_route(Cx *cx, const HttpReq *rq)
{
    for (size_t i = 0; i < rq->target.len; i++)
        if ((unsigned char)rq->target.ptr[i] <= 0x20 || rq->target.ptr[i] == 0x7f)
            return cx_fail(cx, ST_INVALID, "http.bad_target", "a character that no address has");
    if (rq->target.len > HTTP_MAX_TARGET)
        return cx_fail(cx, ST_LIMIT, "http.target_too_long", "at most %d bytes", HTTP_MAX_TARGET);
    if (rq->route != NULL)
        return ST_OK;
    if (rq->methods != 0)
        return cx_fail(cx, ST_INVALID, "http.bad_method", "the method is not allowed here");
    return cx_fail(cx, ST_NOT_FOUND, "http.no_route", "nothing at this address");
}

static Status decode_params(Cx *cx, HttpReq *rq)
{
    for (size_t i = 0; i < rq->nparams; i++)
        TRY(http_decode(cx, rq->params[i], &rq->params[i]));
    return ST_OK;
}

static Status identify(const HttpApp *app, Cx *cx, const HttpReq *rq)
{
    const HttpRoute *r = rq->route;
    if (r->flags & HTTP_NO_AUTH)
        return ST_OK;
    if (app->hooks.authenticate != NULL)
        TRY(app->hooks.authenticate(cx, rq));
    if (r->permission != NULL)
        TRY(cx_require(cx, r->permission));
    else if (!(r->flags & HTTP_PUBLIC) && cx->actor.kind == ACTOR_ANONYMOUS)
        return cx_fail(cx, ST_UNKNOWN, "http.login_needed", "sign in first");
    return ST_OK;
}

Status http_admit(const HttpApp *app, Cx *cx, const HttpReq *rq)
{
    ASSERT(rq->route != NULL);
    TRY(identify(app, cx, rq));
    /* A form may carry its token in the body: http_csrf_guard() looks when it is there. */
    return rq->route->body == HTTP_BODY_FORM ? ST_OK : http_csrf_guard(cx, rq);
}

Status http_run_handler(Cx *cx, HttpReq *rq, HttpResp *rs)
{
    TRY(http_body_read(cx, rq));
    if (rq->route->status != 0)
        rs->status = rq->route->status;
    if (rq->route->out_type != NULL)
        rs->type = rq->route->out_type;
    TRY(rq->route->handler(cx, rq, rs));
    if (buf_overflowed(&rs->body))
        return cx_fail(cx, ST_IO, "http.reply_too_big", "the reply passed its limit");
    return ST_OK;
}

/* OPTIONS where no route has it: say what there is. */
static Status answer_options(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    http_reply_none(rs);
    http_allow(cx, rq, rs);
    return ST_OK;
}

static Status run(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    if (!rq->matched)
        http_match(app, rq);
    if (rq->route == NULL && rq->method == HTTP_OPTIONS &&
        (rq->methods != 0 || str_eq(rq->target, STR("*"))))
        return answer_options(cx, rq, rs);
    TRY(check_route(cx, rq));
    ASSERT(rq->route != NULL);
    TRY(decode_params(cx, rq));
    TRY(http_body_check(cx, rq));
    TRY(identify(app, cx, rq));
    TRY(http_csrf_guard(cx, rq));
    TRY(http_run_once(app, cx, rq, rs));
    http_condition(rq, rs);
    return ST_OK;
}

void http_answer(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    http_resp_init(rs);
    cx->lang = lang_accept(http_header(rq, STR("Accept-Language")), cx->lang);
    if (run(app, cx, rq, rs) != ST_OK)
        http_problem(cx, rq, rs);
}

void http_dispatch(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs)
{
    int64_t began = http_log_clock();
    http_answer(app, cx, rq, rs);
    if (rs->later != NULL) {
        http_later_sleep(rs->later);
        http_later_answer(cx, rq, rs);
    }
    http_count(rq->stat, rs->status);
    http_log_request(cx, rq, rs, (int64_t)rs->body.len, http_log_clock() - began);
}
