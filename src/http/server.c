#include "http/server_int.h"

#include "http/http_log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- options ---------------------------------------------------------------------------------- */

static void fill(int *v, int fallback)
{
    if (*v <= 0)
        *v = fallback;
}

static void fill_span(SpanMs *v, int64_t seconds)
{
    if (v->v <= 0)
        *v = SPAN_SECONDS(seconds);
}

/* As many connections as descriptors allow; some are for files and databases. */
static int descriptors(void)
{
    enum { KEPT = 128 };
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return 512;
    if (r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &r);
        (void)getrlimit(RLIMIT_NOFILE, &r);
    }
    if (r.rlim_cur > INT32_MAX)
        return INT32_MAX;
    return r.rlim_cur > (rlim_t)KEPT * 2 ? (int)r.rlim_cur - KEPT : (int)r.rlim_cur / 2;
}

static void set_options(HttpServer *srv, const HttpServerOptions *given)
{
    HttpServerOptions *o = &srv->options;
    int                most = descriptors();
    *o = *given;
    fill(&o->io_threads, 2);
    if (o->io_threads > IO_THREADS_MAX)
        o->io_threads = IO_THREADS_MAX;
    fill(&o->workers, 8);
    fill(&o->queue_max, 512);
    fill(&o->connections_max, 10000);
    fill(&o->per_address_max, 256);
    if (o->connections_max > most)
        o->connections_max = most;
    if (o->per_address_max > UINT16_MAX)
        o->per_address_max = UINT16_MAX;
    fill_span(&o->header_limit, 10);
    fill_span(&o->idle_limit, 30);
    fill_span(&o->slow_grace, 10);
    fill_span(&o->stop_limit, 15);
    fill_span(&o->heartbeat, 15);
    if (o->rate_min <= 0)
        o->rate_min = 512;
    const char *tmp = o->tmp_dir != NULL ? o->tmp_dir : getenv("TMPDIR"); /* NOLINT(*-mt-unsafe) */
    snprintf(srv->tmp_dir, sizeof srv->tmp_dir, "%s", tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    srv->spools = (SpoolPool){
        .dir = srv->tmp_dir, .memory_max = INT64_C(64) << 20, .disk_max = INT64_C(8) << 30};
    srv->quick_sql = o->db == NULL || db_kind(o->db) == DB_SQLITE;
}

static Status read_pem(const char *path, char **ret, Err *err)
{
    enum { PEM_MAX = 256 * 1024 };
    CLEANUP(buf_done) Buf b;
    char                  block[4096];
    size_t                n;
    buf_init(&b, PEM_MAX);
    FILE *f = fopen(path, "rbe");
    if (f == NULL)
        return err_set(err, ST_INVALID, "http.bad_tls", "cannot read %s", path);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, (Str){block, n});
    fclose(f);
    if (b.len == 0 || buf_overflowed(&b))
        return err_set(err, ST_INVALID, "http.bad_tls", "%s is no PEM file", path);
    *ret = buf_take(&b, &n);
    return ST_OK;
}

static Status read_tls(HttpServer *srv, const HttpServerOptions *o, Err *err)
{
    if (o->tls_cert == NULL && o->tls_key == NULL)
        return ST_OK;
    if (o->tls_cert == NULL || o->tls_key == NULL)
        return err_set(err, ST_INVALID, "http.bad_tls", "TLS needs a certificate and a key");
    if (!mhd_has_tls())
        return err_set(err, ST_INVALID, "http.bad_tls", "this libmicrohttpd has no TLS");
    srv->tls = true;
    TRY(read_pem(o->tls_cert, &srv->tls_cert, err));
    return read_pem(o->tls_key, &srv->tls_key, err);
}

/* --- listening -------------------------------------------------------------------------------- */

static int try_bind(const struct addrinfo *a, bool shared)
{
    int one = 1, no = 0;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (shared)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (a->ai_family == AF_INET6) /* "::" takes IPv4 too */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

typedef union Name {
    struct sockaddr     any;
    struct sockaddr_in  v4;
    struct sockaddr_in6 v6;
} Name;

/* Take the port of `a`, or a free one, whose number is then in *ret. A bound socket that does
 * not share finds out whether another program has it. */
static bool find_port(const struct addrinfo *a, Name *ret)
{
    socklen_t n = sizeof *ret;
    int       fd = try_bind(a, false);
    if (fd < 0)
        return false;
    bool fine = listen(fd, 1) == 0; /* binding alone may succeed beside who listens to "::" */
    ASSERT(getsockname(fd, &ret->any, &n) == 0);
    int why = errno;
    close(fd);
    errno = why;
    return fine;
}

static bool try_listen(HttpServer *srv, const struct addrinfo *a)
{
    Name            name = {0};
    struct addrinfo exact = *a;
    if (!find_port(a, &name))
        return false;
    exact.ai_addr = &name.any;
    for (int i = 0; i < srv->options.io_threads; i++) {
        srv->listen_fds[i] = try_bind(&exact, true);
        if (srv->listen_fds[i] < 0 || listen(srv->listen_fds[i], SOMAXCONN) != 0)
            return false;
    }
    srv->port = ntohs(name.any.sa_family == AF_INET6 ? name.v6.sin6_port : name.v4.sin_port);
    return true;
}

static Status open_port(HttpServer *srv, const HttpServerOptions *o, Err *err)
{
    const char      *address = o->address != NULL ? o->address : "127.0.0.1";
    struct addrinfo  hints = {.ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *list = NULL;
    char             port[8], why[128];
    snprintf(port, sizeof port, "%u", o->port);
    if (getaddrinfo(address, port, &hints, &list) != 0 || list == NULL)
        return err_set(err, ST_INVALID, "http.bad_address", "not an IP address: %s", address);
    bool fine = try_listen(srv, list);
    freeaddrinfo(list);
    if (!fine)
        return err_set(err, ST_IO, "http.listen", "cannot listen on %s port %s: %s", address, port,
                       strerror_r(errno, why, sizeof why));
    return ST_OK;
}

/* --- the clock -------------------------------------------------------------------------------- */

static void *run_clock(void *arg)
{
    HttpServer *srv = arg;
    int64_t     tick_ms = srv->options.header_limit.v / 8;
    tick_ms = tick_ms < 10 ? 10 : tick_ms > 250 ? 250 : tick_ms;
    pthread_mutex_lock(&srv->clock_lock);
    while (!srv->clock_stop) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        t.tv_nsec += tick_ms * 1000000;
        t.tv_sec += t.tv_nsec / 1000000000;
        t.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&srv->clock_bell, &srv->clock_lock, &t);
        pthread_mutex_unlock(&srv->clock_lock);
        conn_watch(srv);
        http_log_flush();
        pthread_mutex_lock(&srv->clock_lock);
    }
    pthread_mutex_unlock(&srv->clock_lock);
    return NULL;
}

static void start_clock(HttpServer *srv)
{
    pthread_condattr_t attr;
    ASSERT(pthread_mutex_init(&srv->clock_lock, NULL) == 0);
    ASSERT(pthread_condattr_init(&attr) == 0);
    ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&srv->clock_bell, &attr) == 0);
    pthread_condattr_destroy(&attr);
    ASSERT(pthread_create(&srv->clock, NULL, run_clock, srv) == 0);
}

static void stop_clock(HttpServer *srv)
{
    pthread_mutex_lock(&srv->clock_lock);
    srv->clock_stop = true;
    pthread_cond_signal(&srv->clock_bell);
    pthread_mutex_unlock(&srv->clock_lock);
    pthread_join(srv->clock, NULL);
    pthread_cond_destroy(&srv->clock_bell);
    pthread_mutex_destroy(&srv->clock_lock);
}

/* --- starting and stopping -------------------------------------------------------------------- */

static void stream_closed(void *arg, unsigned slot)
{
    conn_leave_slot(arg, slot);
}

static void free_server(HttpServer *srv)
{
    workers_free(srv->workers);
    while (srv->lanes != NULL) {
        Lane *lane = srv->lanes;
        srv->lanes = lane->next;
        lane_free(lane);
    }
    for (int i = 0; i < IO_THREADS_MAX; i++)
        if (srv->listen_fds[i] >= 0)
            close(srv->listen_fds[i]);
    pthread_mutex_destroy(&srv->conns.lock);
    pthread_mutex_destroy(&srv->lanes_lock);
    free(srv->tls_cert);
    free(srv->tls_key);
    free(srv);
}

static Status start_parts(HttpServer *srv, const HttpServerOptions *options, Err *err)
{
    TRY(cidrs_read(options->trust_proxy, &srv->trusted, err));
    TRY(read_tls(srv, options, err));
    TRY(open_port(srv, options, err));
    TRY(loop_start(srv->options.heartbeat, stream_closed, srv, &srv->loop, err));
    TRY(workers_start(srv, srv->options.workers, srv->options.queue_max, &srv->workers, err));
    return mhd_start(srv, err);
}

Status http_server_start(const HttpServerOptions *options, const HttpApp *app, HttpServer **ret,
                         Err *err)
{
    ASSERT(app->index != NULL);
    HttpServer *srv = calloc(1, sizeof *srv);
    if (srv == NULL)
        base_out_of_memory(sizeof *srv);
    srv->app = app;
    for (int i = 0; i < IO_THREADS_MAX; i++)
        srv->listen_fds[i] = -1;
    ASSERT(pthread_mutex_init(&srv->conns.lock, NULL) == 0);
    ASSERT(pthread_mutex_init(&srv->lanes_lock, NULL) == 0);
    set_options(srv, options);
    Status st = start_parts(srv, options, err);
    if (st != ST_OK) {
        workers_stop(srv->workers);
        loop_stop(srv->loop);
        free_server(srv);
        return st;
    }
    http_log_buffered(true);
    server_metrics_begin(srv);
    start_clock(srv);
    *ret = srv;
    return ST_OK;
}

static void wait_for_requests(HttpServer *srv)
{
    int64_t until = http_log_clock() + srv->options.stop_limit.v * 1000;
    while (atomic_load(&srv->in_flight) > 0 && http_log_clock() < until)
        (void)usleep(2000);
}

/* Who waits for something durable may not be cut off: libmicrohttpd does not free what is
 * suspended. It is a matter of milliseconds. */
static void wait_for_laters(HttpServer *srv)
{
    while (atomic_load(&srv->laters) > 0)
        (void)usleep(1000);
}

void http_server_stop(HttpServer *srv)
{
    if (srv == NULL)
        return;
    atomic_store(&srv->stopping, true);
    atomic_fetch_add(&srv->app->index->stopping, 1);
    mhd_quiesce(srv);
    loop_finish(srv->loop);
    wait_for_requests(srv);
    atomic_store(&srv->late, true);
    workers_stop(srv->workers);
    wait_for_laters(srv);
    mhd_stop(srv);
    loop_stop(srv->loop);
    stop_clock(srv);
    server_metrics_end(srv);
    http_log_buffered(false);
    atomic_fetch_sub(&srv->app->index->stopping, 1);
    free_server(srv);
}

uint16_t http_server_port(const HttpServer *srv)
{
    return srv->port;
}

bool http_server_stopping(const HttpServer *srv)
{
    return atomic_load(&srv->stopping);
}
