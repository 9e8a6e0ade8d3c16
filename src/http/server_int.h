/* server_int.h - the parts of a running server.
 *
 *      http_mhd.c  the callbacks of libmicrohttpd, and nothing else knows it
 *      server.c    starting, stopping, the clock that watches connections
 *      conn.c      connections: limits, deadlines
 *      lane.c      answering on a thread: arena, connection, log line
 *      later.c     replies that wait for something, without a thread
 *      workers.c   the threads for what is not quick
 *      loop.c      streams
 */
#pragma once

#include "http/http_int.h"
#include "http/http_server.h"
#include "http/loop_int.h"
#include "http/proxy_int.h"
#include "http/spool_int.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct Conn     Conn;
typedef struct Exchange Exchange;
typedef struct Lane     Lane;
typedef struct Workers  Workers;

struct MHD_Connection;
struct MHD_Daemon;
struct MHD_Response;
struct sockaddr;

/* --- connections -------------------------------------------------------------------------- */

typedef enum Phase {
    PHASE_IDLE, /* waiting for a request */
    PHASE_HEAD, /* its headers come in */
    PHASE_BODY,
    PHASE_WORK, /* ours: no deadline */
    PHASE_SEND
} Phase;

struct Conn {
    Conn           *prev, *next;
    int             fd;
    Ip              ip;
    unsigned        slot; /* of its address in the table of counts */
    bool            from_proxy;
    bool            counted; /* false: its place was handed to a stream */
    _Atomic int     phase;
    _Atomic int64_t since_ms; /* when the phase began */
    _Atomic int64_t bytes;    /* of the body so far; of a reply: acknowledged before, or -1 */
    char            peer[IP_TEXT];
};

enum { CONN_SLOTS = 1 << 16 };

typedef struct Conns {
    pthread_mutex_t lock;
    Conn           *all;
    int             n;        /* connections and streams */
    int64_t         asked_ms; /* when the quiet ones were last looked at; the clock's own */
    uint16_t        per_slot[CONN_SLOTS];
} Conns;

bool  conn_allowed(HttpServer *srv, const struct sockaddr *addr);
Conn *conn_open(HttpServer *srv, int fd, const struct sockaddr *addr);
void  conn_close(HttpServer *srv, Conn *c);
void  conn_phase(Conn *c, Phase phase);

/* Its connection ends, but its place is kept until conn_leave_slot(). */
unsigned conn_keep_slot(Conn *c);
void     conn_leave_slot(HttpServer *srv, unsigned slot);

/* Cut off whoever is too slow. */
void conn_watch(HttpServer *srv);

/* --- requests ------------------------------------------------------------------------------- */

enum { TARGET_ROOM = 512, ID_ROOM = 40 };

typedef enum Step { /* what comes next from libmicrohttpd */
                    STEP_HEADERS,
                    STEP_ADMITTED, /* a worker has found out whether the body may come */
                    STEP_BODY      /* pieces of the body, its end, or the answer of a worker */
} Step;

struct Exchange {
    Exchange              *next; /* in a queue, or among the spare ones of a lane */
    struct MHD_Connection *mhd;
    Conn                  *conn;
    HttpReq                rq;
    HttpResp               rs;
    HttpPair               headers[HTTP_MAX_HEADERS];
    char                   target[TARGET_ROOM];
    char                  *long_target;
    char                   id[ID_ROOM];
    size_t                 id_len;
    char                   client[IP_TEXT];
    Step                   step;
    bool                   counted;    /* in srv->in_flight */
    bool                   queued;     /* went to the workers */
    bool                   answered;   /* reply, status and raw are made */
    bool                   raw_wanted; /* make `raw`, not `reply` */
    bool                   closes;     /* the connection ends with this reply … */
    bool                   lingers;    /* … and the client may still be sending */
    Spool                  spool;
    Err                    early; /* why it is refused without asking the handler */
    int64_t                body_max;
    int64_t                began; /* when answering began; http_log_clock() */
    Buf                    raw;   /* the reply as bytes; of a stream: its head */
    struct MHD_Response   *reply;
    int                    status;
};

struct Lane { /* what a thread that answers has for itself */
    HttpServer *srv;
    Lane       *next;
    Arena       arena;
    uint64_t    random[2]; /* for request ids */
    Exchange   *spare;
    int         nspare;
};

Lane *lane_new(HttpServer *srv);
void  lane_free(Lane *lane);
void  lane_request_id(Lane *lane, Exchange *ex);

/* May the body of this request come? Leaves ex->early when not. */
void lane_admit(Lane *lane, Exchange *ex);

/* Run the request and leave ex->reply and ex->status, or rs->stream, or rs->later. */
void lane_answer(Lane *lane, Exchange *ex);

/* What rs->later waited for has happened: leave ex->reply and ex->status. */
void lane_later(Lane *lane, Exchange *ex);

Exchange *lane_take(Lane *lane);
void      lane_give(Lane *lane, Exchange *ex);

/* --- workers ---------------------------------------------------------------------------------- */

NODISCARD Status workers_start(HttpServer *srv, int n, int queue_max, Workers **ret, Err *err);
void             workers_stop(Workers *w); /* finishes what has queued; NULL is fine */
void             workers_free(Workers *w); /* when no I/O thread is left; NULL is fine */
NODISCARD bool   workers_take(Workers *w, Exchange *ex);
int              workers_waiting(Workers *w);
int              workers_busy(Workers *w);
int              workers_alive(Workers *w);

/* --- the server ------------------------------------------------------------------------------- */

/* Each I/O thread accepts on a socket of its own, among which the kernel spreads connections
 * (SO_REUSEPORT). When they share one, whichever wakes first may take them all: with 64
 * clients one thread did all the work in every fourth run, and replies took twice as long. */
enum { IO_THREADS_MAX = 16 };

struct HttpServer {
    const HttpApp     *app;
    HttpServerOptions  options; /* with the defaults put in; its strings are not kept */
    struct MHD_Daemon *daemons[IO_THREADS_MAX];    /* one to each I/O thread … */
    int                listen_fds[IO_THREADS_MAX]; /* … with a socket of its own; or -1 */
    uint16_t           port;
    bool               tls;
    bool               quick_sql; /* SQL may run on the I/O threads */
    Cidrs              trusted;
    Conns              conns;
    SpoolPool          spools;
    Workers           *workers;
    Loop              *loop;
    pthread_mutex_t    lanes_lock;
    Lane              *lanes; /* of I/O threads */
    pthread_t          clock;
    pthread_mutex_t    clock_lock;
    pthread_cond_t     clock_bell;
    bool               clock_stop;
    _Atomic bool       stopping;
    _Atomic bool       late;      /* the time for stopping is over: refuse what is queued */
    _Atomic int        in_flight; /* requests whose headers were read */
    _Atomic int        laters;    /* those whose HttpLater has not ended */
    char              *tls_cert, *tls_key; /* PEM text */
    char               tmp_dir[256];
};

/* server_metrics.c */
void server_metrics_begin(HttpServer *srv);
void server_metrics_end(HttpServer *srv);
void server_count(HttpServer *srv, const Exchange *ex, int64_t bytes, int64_t us,
                  int64_t statements);

/* http_mhd.c */
NODISCARD Status mhd_start(HttpServer *srv, Err *err);
void             mhd_quiesce(HttpServer *srv); /* no new connections */
void             mhd_stop(HttpServer *srv);
bool             mhd_has_tls(void);
void             mhd_build(HttpServer *srv, Cx *cx, Exchange *ex); /* rs -> ex->reply */
void             mhd_resume(Exchange *ex);
void             mhd_wake(void *exchange); /* the same */
