/* http.h - requests, replies and routes, without a socket in sight.
 *
 * A module lists its routes in a static table; http_dispatch() finds the one that
 * matches, checks what the table says (permission, body, shapes), runs its handler and
 * turns a failure into an RFC 9457 problem. The same entry point serves http_server.h
 * (real connections) and the API tests (none). The OpenAPI document is made from the
 * tables.
 *
 *      static Status get_tag(Cx *cx, const HttpReq *rq, HttpResp *rs)
 *      {
 *          int64_t id;
 *          Tag     tag;
 *          TRY(http_param_id(cx, rq, 0, "tag", &id));
 *          TRY(catalog_tag_get(cx, id, &tag));
 *          http_etag_rev(cx, rs, tag.rev);
 *          http_reply(rq, rs, &tag);
 *          return ST_OK;
 *      }
 *
 * A handler that only waits for something to become durable need not keep a thread: see
 * http_later().
 *
 * Related: http_form.h (forms, files), http_etag.h (conditional requests), page.h (lists),
 * http_csrf.h, http_idempotency.h, http_stream.h (server-sent events), http_server.h. */
#pragma once

#include "base/buf.h"
#include "base/shape.h"
#include "core/cx.h"

enum {
    HTTP_MAX_PARAMS = 6,
    HTTP_MAX_BODY = 1 << 20,   /* unless a route says otherwise */
    HTTP_MAX_REPLY = 64 << 20, /* in memory; files and streams have no such limit */
    HTTP_MAX_HEADERS = 100,    /* more: 431 */
    HTTP_MAX_TARGET = 8192     /* longer: 414 */
};

typedef enum HttpMethod {
    HTTP_GET, /* HEAD is answered from it */
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS, /* answered by itself where no route does */
    HTTP_OTHER,   /* whatever else a client sends: never matches */
    HTTP_NMETHODS = HTTP_OTHER
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
    int             socket;    /* for http_client_gone(); 0: none */
    Str             body;      /* whole: in memory, or mapped from a temporary file */
    Str             body_file; /* the path of that file, good while the request lasts */
    /* Set by http_match(), which http_dispatch() calls when nobody has: */
    Str    path;                    /* as sent, starts with '/' */
    Str    query;                   /* as sent, without the '?' */
    Str    params[HTTP_MAX_PARAMS]; /* what ":name" matched, not empty; decoded for handlers */
    size_t nparams;
    bool   matched;
    const struct HttpApp   *app;
    const struct HttpRoute *route;   /* NULL: no such path, or not with this method */
    struct HttpRouteStat   *stat;    /* where it is counted */
    unsigned                methods; /* bit m: this path has a route for HttpMethod m */
    /* Set by http_dispatch(): */
    void *in; /* route->in: the body as a struct of that shape */
} HttpReq;

/* Server-sent events and other endless replies: see http_stream.h. */
typedef struct HttpStream HttpStream;

typedef struct HttpLater HttpLater; /* below */

enum { HTTP_FILE_NONE = -1 };

typedef struct HttpResp {
    int         status;
    const char *type;          /* Content-Type; NULL: application/json */
    const char *cache_control; /* NULL: "no-store" */
    const char *csp;           /* Content-Security-Policy; NULL: the strict default */
    Str         etag;          /* quoted; answers If-None-Match with 304 by itself */
    HttpPair   *headers;       /* further ones; http_set_header() */
    size_t      nheaders;
    Buf         body;     /* owned; free with http_resp_done() */
    Str         borrowed; /* instead of body: bytes that outlive the reply (assets, caches) … */
    void (*release)(void *owner); /* … or that are let go of when it was sent: called once */
    void       *owner;
    Str         encoding; /* body or borrowed is encoded so: "zstd", "gzip", "br"; else plain */
    int         file;     /* instead of body: open file, closed by us, ranges supported; or -1 */
    int64_t     file_size;
    HttpStream *stream; /* instead of body */
    HttpLater  *later;  /* the reply is made when http_later_end() has been called */
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
       HTTP_QUICK = 1,      /* memory and SQLite reads only: answered on the I/O thread */
       HTTP_PUBLIC = 2,     /* no permission needed */
       HTTP_IDEMPOTENT = 4, /* honours Idempotency-Key (POST that creates) */
       HTTP_LIST = 8,       /* reply is {"data":[out…],"page":{…}}; page.h */
       HTTP_NO_CSRF = 16,   /* may be called from foreign pages: a cookie gives no right here */
       HTTP_HIDDEN = 32,    /* not in the OpenAPI document */
       HTTP_NO_AUTH = 64,   /* do not even ask who calls: assets, health (implies HTTP_PUBLIC) */
       HTTP_MEMORY = 128,   /* with HTTP_QUICK: no SQL at all, so quick on PostgreSQL too */
       HTTP_ONE_TX = 256,   /* with HTTP_IDEMPOTENT: the handler may run in a transaction (cx_in_tx)
                               with its reply; it waits for nothing else and bears being run again */
       HTTP_ENCODED = 1024, /* with HTTP_BODY_RAW: the body may have a Content-Encoding, which
                               the handler undoes */
       HTTP_SHOPPER = 512 /* for shoppers: who asks is told by the customer's cookie, not staff's */
};

typedef struct HttpParam { /* of the query string, for checks and the document */
    const char *name;
    const char *doc;
    const char *type;     /* "integer", "string", "boolean", "id" */
    bool        required; /* said in the document; the handler checks it */
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
    void (*schema)(Json *out); /* writes "schema" of a JSON body without `in`, for the document */
    const char *examples;      /* of the body, for the document: {"name":{"value":…}, …} */
} HttpRoute;

/* `examples` of one body, which is text in quotes: HTTP_EXAMPLE("{\"qty\":2}"). Tests read each
 * with the route's `in`. */
#define HTTP_EXAMPLE(json) "{\"example\":{\"value\":" json "}}"

typedef struct HttpRoutes { /* one module's table */
    const char      *tag;   /* "Catalogue": groups the document */
    const HttpRoute *items;
    size_t           n;
} HttpRoutes;

/* What the program plugs in; every member may be NULL. */
typedef struct HttpHooks {
    /* Find out who asks (cookie, bearer key) and fill cx->actor. Failing ends the request;
     * a stale cookie on a public page should rather leave the actor anonymous. */
    Status (*authenticate)(Cx *cx, const HttpReq *rq);
    /* Where replies to Idempotency-Keys are kept: http_idempotency.h. */
    const struct HttpIdempotencyStore *idempotency;
    /* Is all there that requests need (the database answers and is migrated)? */
    Status (*ready)(Cx *cx);
} HttpHooks;

typedef struct HttpApp { /* all that dispatching needs; static for the program's life */
    const HttpRoutes *tables;
    size_t            ntables;
    HttpHooks         hooks;
    const char       *title; /* of the OpenAPI document: the program's name and version */
    const char       *version;
    const char       *session_cookie; /* name of the cookie of a session; for the document */
    struct HttpIndex *index;          /* made by http_app_index() */
} HttpApp;

/* Index the tables for matching in time that does not depend on their number. Asserts that
 * no two routes have the same method and pattern. */
void http_app_index(HttpApp *app);
void http_app_done(HttpApp *app);

/* The installation's secret (32 bytes, kept by the program with its data): cursors and
 * form tokens are signed with keys derived from it. Set once, before the first request;
 * otherwise the process makes one up, and what it signed dies with it. */
void http_secret_set(const unsigned char bytes[32]);

/* Take the target apart and find the route; never fails (rq->route stays NULL). */
void http_match(const HttpApp *app, HttpReq *rq);

/* Always leaves a complete reply in *rs. Logs one line. */
void http_dispatch(const HttpApp *app, Cx *cx, HttpReq *rq, HttpResp *rs);
void http_resp_init(HttpResp *rs);
void http_resp_done(HttpResp *rs);

/* The HTTP status that a failure gets: by its Status, or by its code where that says more. */
int http_status_of(const Err *err, const Issues *issues);

const char *http_method_name(HttpMethod m);
HttpMethod  http_method_from(Str name, bool *ret_head);

/* --- for handlers -------------------------------------------------------------------- */

/* Value of a header (name compared without case); absent when it was not sent. */
Str http_header(const HttpReq *rq, Str name);
Str http_cookie(const HttpReq *rq, Str name);

/* Undo %-encoding. ST_INVALID "http.bad_escape" for a broken escape, an encoded NUL or
 * what is not UTF-8. The result lives in cx->arena. Text is decoded after it was taken
 * apart, so that "%2F" in a name cannot pose as a '/'. */
NODISCARD Status http_decode(Cx *cx, Str s, Str *ret);

/* As http_decode(), and '+' is a space: names and values of queries and forms. */
NODISCARD Status http_decode_form(Cx *cx, Str s, Str *ret);

/* Query parameters; the first of a name counts. Absent ones give `fallback`; a wrong value
 * is ST_INVALID "http.bad_param". http_query_has() tells absent from empty. */
NODISCARD Status http_query(Cx *cx, const HttpReq *rq, Str name, Str fallback, Str *ret);
NODISCARD Status http_query_i64(Cx *cx, const HttpReq *rq, Str name, int64_t min, int64_t max,
                                int64_t fallback, int64_t *ret);
NODISCARD Status http_query_bool(Cx *cx, const HttpReq *rq, Str name, bool fallback, bool *ret);
NODISCARD Status http_query_id(Cx *cx, const HttpReq *rq, Str name, const char *prefix,
                               int64_t fallback, int64_t *ret);
bool             http_query_has(const HttpReq *rq, Str name);

/* Take the next "name=value" off *rest (start with rq->query), both still encoded. */
bool http_query_next(Str *rest, Str *ret_name, Str *ret_value);

/* Parameter `i` of the path as an id with `prefix` ("prd"). ST_NOT_FOUND "http.bad_id". */
NODISCARD Status http_param_id(Cx *cx, const HttpReq *rq, size_t i, const char *prefix,
                               int64_t *ret);

/* Reply with *value, a struct of route->out. */
void http_reply(const HttpReq *rq, HttpResp *rs, const void *value);

/* Reply with an empty 204. */
void http_reply_none(HttpResp *rs);

/* Reply with a redirect: 301, 302, 303, 307 or 308. `location` is copied. */
void http_redirect(Cx *cx, HttpResp *rs, int status, Str location);

/* Add a header. Name is a literal; the value is copied, bytes that do not belong into a
 * header (control characters) are left out. */
void http_set_header(Cx *cx, HttpResp *rs, const char *name, Str value);

/* Answer when something else has happened, without keeping a thread until then:
 *
 *      HttpLater *later = http_later(rs, written, job);
 *      start_writing(job, later);     // some thread calls http_later_end(later), once
 *      return ST_OK;
 *
 * `reply` is then called once, with a fresh Cx, and fills *rs as a handler does (also when
 * the client has gone: it is where `arg` is let go of). What the handler allocated in its
 * Cx is gone by then; of *rq there are method, target, headers and body. http_later_end() may be
 * called before the handler has returned, from any thread. Not with HTTP_IDEMPOTENT. */
typedef Status HttpLaterFn(Cx *cx, const HttpReq *rq, HttpResp *rs, void *arg);
HttpLater     *http_later(HttpResp *rs, HttpLaterFn *reply, void *arg);
void           http_later_end(HttpLater *l);

/* Has the client closed its connection? For work that takes long. Any thread, while the
 * handler runs. */
bool http_client_gone(const HttpReq *rq);

/* Attributes: Path=/, Secure and the __Host- prefix where TLS allows, HttpOnly,
 * SameSite=Lax. max_age 0 deletes it. Read it back with http_cookie() and the same name:
 * the prefix is added and looked for by these two. */
void http_set_cookie(Cx *cx, const HttpReq *rq, HttpResp *rs, Str name, Str value, SpanMs max_age);

/* Is this request sent by a page of ours (or by no page at all)? By Sec-Fetch-Site, else by
 * Origin. */
bool http_same_origin(const HttpReq *rq);
