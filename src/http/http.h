/* http.h - requests, replies and routes, without a socket in sight.
 *
 * A module lists its routes in a static table; http_dispatch() finds the one that
 * matches, checks what the table says (permission, body, shapes), runs its handler and
 * turns a failure into an RFC 9457 problem. The same entry point serves http_mhd.c (real
 * connections) and the API tests (none). The OpenAPI document is made from the tables. */
#pragma once

#include "base/buf.h"
#include "base/shape.h"
#include "core/cx.h"

enum {
    HTTP_MAX_PARAMS = 6,
    HTTP_MAX_BODY = 1 << 20,    /* unless a route says otherwise */
    HTTP_MAX_REPLY = 64 << 20,  /* in memory; files and streams have no such limit */
    HTTP_MAX_HEADERS = 100,     /* more: 431 */
    HTTP_MAX_TARGET = 8192      /* longer: 414 */
};

typedef enum HttpMethod {
    HTTP_GET, /* HEAD is answered from it */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS
} HttpMethod;

typedef struct HttpPair {
    Str name;
    Str value;
} HttpPair;

typedef struct HttpReq {
    /* Set by the transport: */
    HttpMethod      method;
    bool            head;    /* sent as HEAD */
    Str             target;  /* "path?query" as sent */
    const HttpPair *headers; /* in the order sent; use http_header() */
    size_t          nheaders;
    Str             peer;      /* IP address, of the client behind trusted proxies */
    bool            tls;       /* the client speaks TLS, with us or with a trusted proxy */
    Str             body;      /* whole, when it is small enough for memory */
    Str             body_file; /* else the path of a temporary file that holds it */
    int64_t         body_size;
    /* Set by http_dispatch(): */
    Str    path;                    /* as sent, starts with '/' */
    Str    query;                   /* as sent, without the '?' */
    Str    params[HTTP_MAX_PARAMS]; /* what the ":name" parts matched, decoded, not empty */
    size_t nparams;
    const struct HttpRoute *route;
    void  *in; /* route->in: the body as a struct of that shape */
} HttpReq;

/* Server-sent events and other endless replies: see http_stream.h. */
typedef struct HttpStream HttpStream;

typedef struct HttpResp {
    int         status;
    const char *type;          /* Content-Type; NULL: application/json */
    const char *cache_control; /* NULL: "no-store" */
    Str         etag;          /* quoted; answers If-None-Match with 304 by itself */
    HttpPair   *headers;       /* further ones; http_set_header() */
    size_t      nheaders;
    Buf         body;     /* owned; free with http_resp_done() */
    Str         borrowed; /* instead of body: bytes that outlive the reply (assets, caches) */
    Str         encoding; /* `borrowed` is encoded so: "zstd", "gzip", "br"; empty: plain */
    int         file;     /* instead of body: open file, closed by us, ranges supported; or -1 */
    int64_t     file_size;
    HttpStream *stream; /* instead of body */
} HttpResp;

/* A handler fills *rs and returns ST_OK, or returns what went wrong. */
typedef Status HttpHandler(Cx *cx, const HttpReq *rq, HttpResp *rs);

typedef enum HttpBody {
    HTTP_BODY_NONE, /* a body is refused */
    HTTP_BODY_JSON, /* application/json; read into rq->in when the route has `in` */
    HTTP_BODY_FORM, /* application/x-www-form-urlencoded or multipart: http_form.h */
    HTTP_BODY_RAW   /* any type */
} HttpBody;

enum {                      /* HttpRoute.flags */
    HTTP_QUICK = 1,         /* memory and SQLite reads only: answered on the I/O thread */
    HTTP_PUBLIC = 2,        /* no permission needed */
    HTTP_IDEMPOTENT = 4,    /* honours Idempotency-Key (POST that creates) */
    HTTP_LIST = 8,          /* reply is {"data":[out…],"page":{…}}; http_page.h */
    HTTP_NO_CSRF = 16,      /* authenticates by something else than a cookie */
    HTTP_HIDDEN = 32        /* not in the OpenAPI document */
};

typedef struct HttpParam { /* of the query string, for checks and the document */
    const char *name;
    const char *doc;
    const char *type; /* "integer", "string", "boolean", "id" */
} HttpParam;

typedef struct HttpRoute {
    HttpMethod       method;
    Str              pattern; /* "/api/v1/products/:id"; a last ":*rest" takes many parts */
    HttpHandler     *handler;
    const char      *permission; /* "catalog.read"; NULL with HTTP_PUBLIC, or any session */
    unsigned         flags;
    HttpBody         body;
    int64_t          body_max; /* bytes; 0: HTTP_MAX_BODY */
    ShapeMode        mode;     /* how `in` is read */
    const Shape     *in;       /* shape of the JSON body */
    const Shape     *out;      /* shape of the reply (of one element with HTTP_LIST) */
    int              status;   /* of success; 0: 200 */
    const char      *out_type; /* when the reply is not JSON: "text/csv" */
    const char      *summary;  /* one line for the document */
    const HttpParam *params;   /* query parameters; ends with name NULL */
} HttpRoute;

typedef struct HttpRoutes { /* one module's table */
    const char      *tag; /* "Catalogue": groups the document */
    const HttpRoute *items;
    size_t           n;
} HttpRoutes;

/* What the program plugs in; every member may be NULL. */
typedef struct HttpHooks {
    /* Find out who asks (cookie, bearer key) and fill cx->actor. Failing ends the request. */
    Status (*authenticate)(Cx *cx, const HttpReq *rq);
} HttpHooks;

typedef struct HttpApp { /* all that dispatching needs; static for the program's life */
    const HttpRoutes *tables;
    size_t            ntables;
    HttpHooks         hooks;
    struct HttpIndex *index; /* made by http_app_index() */
} HttpApp;

/* Index the tables for matching in time that does not depend on their number. */
void http_app_index(HttpApp *app);
void http_app_done(HttpApp *app);

/* Always leaves a complete reply in *rs. Logs one line. */
void http_dispatch(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs);
void http_resp_done(HttpResp *rs);

/* --- for handlers -------------------------------------------------------------------- */

/* Value of a header (name compared without case); absent when it was not sent. */
Str http_header(const HttpReq *rq, Str name);
Str http_cookie(const HttpReq *rq, Str name);

/* Undo %-encoding. ST_INVALID "http.bad_escape" for a broken escape or an encoded NUL.
 * The result lives in cx->arena. Text is decoded after it was taken apart, so that "%2F"
 * in a name cannot pose as a '/'. */
NODISCARD Status http_decode(Cx *cx, Str s, Str *ret);

/* Query parameters. Absent ones give `fallback`; a wrong value is ST_INVALID
 * "http.bad_param". http_query() also decodes '+'. */
NODISCARD Status http_query(Cx *cx, const HttpReq *rq, Str name, Str fallback, Str *ret);
NODISCARD Status http_query_i64(Cx *cx, const HttpReq *rq, Str name, int64_t min, int64_t max,
                                int64_t fallback, int64_t *ret);
NODISCARD Status http_query_bool(Cx *cx, const HttpReq *rq, Str name, bool fallback, bool *ret);

/* Parameter `i` of the path as an id with `prefix` ("prd"). ST_NOT_FOUND "http.bad_id". */
NODISCARD Status http_param_id(Cx *cx, const HttpReq *rq, size_t i, const char *prefix,
                               int64_t *ret);

/* Reply with *value, a struct of route->out. */
void http_reply(const HttpReq *rq, HttpResp *rs, const void *value);

void http_set_header(Cx *cx, HttpResp *rs, const char *name, Str value);
/* Attributes: Path=/, Secure and the __Host- prefix where TLS allows, HttpOnly, SameSite=Lax.
 * max_age 0 deletes it. */
void http_set_cookie(Cx *cx, const HttpReq *rq, HttpResp *rs, Str name, Str value, SpanMs max_age);


