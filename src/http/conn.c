#include "http/server_int.h"

#include "http/http_log.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int64_t now_ms(void)
{
    return http_log_clock() / 1000;
}

/* Addresses are counted by a hash. Two that share a slot share its limit, which does no
 * harm: there are far more slots than connections. */
static unsigned slot_of(const Ip *ip)
{
    static const unsigned char V4[12] = {[10] = 0xff, [11] = 0xff};
    size_t   n = memcmp(ip->bytes, V4, sizeof V4) == 0 ? 16 : 8; /* IPv6: the /64 */
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < n; i++)
        h = (h ^ ip->bytes[i]) * UINT64_C(0x100000001b3);
    return (unsigned)((h ^ h >> 32) % CONN_SLOTS);
}

bool conn_allowed(HttpServer *srv, const struct sockaddr *addr)
{
    Ip       ip = ip_of(addr);
    unsigned slot = slot_of(&ip);
    bool     exempt = cidrs_have(&srv->trusted, &ip);
    pthread_mutex_lock(&srv->conns.lock);
    bool fine = srv->conns.n < srv->options.connections_max &&
                (exempt || srv->conns.per_slot[slot] < srv->options.per_address_max);
    pthread_mutex_unlock(&srv->conns.lock);
    return fine;
}

Conn *conn_open(HttpServer *srv, int fd, const struct sockaddr *addr)
{
    Conn *c = calloc(1, sizeof *c);
    if (c == NULL)
        base_out_of_memory(sizeof *c);
    c->fd = fd;
    c->ip = ip_of(addr);
    c->slot = slot_of(&c->ip);
    c->from_proxy = cidrs_have(&srv->trusted, &c->ip);
    c->counted = true;
    (void)ip_text(&c->ip, c->peer);
    conn_phase(c, PHASE_HEAD);
    pthread_mutex_lock(&srv->conns.lock);
    c->next = srv->conns.all;
    if (c->next != NULL)
        c->next->prev = c;
    srv->conns.all = c;
    srv->conns.n++;
    srv->conns.per_slot[c->slot]++;
    pthread_mutex_unlock(&srv->conns.lock);
    return c;
}

static void leave(HttpServer *srv, unsigned slot)
{
    srv->conns.n--;
    srv->conns.per_slot[slot]--;
}

void conn_close(HttpServer *srv, Conn *c)
{
    pthread_mutex_lock(&srv->conns.lock);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        srv->conns.all = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    if (c->counted)
        leave(srv, c->slot);
    pthread_mutex_unlock(&srv->conns.lock);
    free(c);
}

unsigned conn_keep_slot(Conn *c)
{
    c->counted = false;
    return c->slot;
}

void conn_leave_slot(HttpServer *srv, unsigned slot)
{
    pthread_mutex_lock(&srv->conns.lock);
    leave(srv, slot);
    pthread_mutex_unlock(&srv->conns.lock);
}

/* Bytes that the client has acknowledged since the connection began. */
static int64_t acknowledged(int fd)
{
    struct tcp_info info;
    socklen_t       n = sizeof info;
    memset(&info, 0, sizeof info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0)
        return INT64_MAX; /* not TCP: it cannot be measured */
    return (int64_t)info.tcpi_bytes_acked;
}

void conn_phase(Conn *c, Phase phase)
{
    atomic_store_explicit(&c->bytes, phase == PHASE_SEND ? -1 : 0, memory_order_relaxed);
    atomic_store_explicit(&c->since_ms, now_ms(), memory_order_relaxed);
    atomic_store_explicit(&c->phase, phase, memory_order_release);
}

/* Asking the kernel costs a call, so only replies that take long are measured: from the
 * middle of their grace on. */
static bool reads_too_slowly(const HttpServerOptions *o, Conn *c, int64_t age_ms)
{
    int64_t half = o->slow_grace.v / 2;
    if (age_ms < half)
        return false;
    int64_t acked = acknowledged(c->fd), mark = atomic_load(&c->bytes);
    if (mark < 0) {
        atomic_store(&c->bytes, acked);
        return false;
    }
    return age_ms > o->slow_grace.v && acked != INT64_MAX &&
           acked - mark < o->rate_min * (age_ms - half) / 1000;
}

static bool too_slow(const HttpServerOptions *o, Conn *c, int64_t now)
{
    Phase   phase = (Phase)atomic_load_explicit(&c->phase, memory_order_acquire);
    int64_t age = now - atomic_load_explicit(&c->since_ms, memory_order_relaxed);
    switch (phase) {
    case PHASE_IDLE: return age > o->idle_limit.v;
    case PHASE_HEAD: return age > o->header_limit.v;
    case PHASE_BODY:
        return age > o->slow_grace.v && atomic_load(&c->bytes) < o->rate_min * age / 1000;
    case PHASE_SEND: return reads_too_slowly(o, c, age);
    case PHASE_WORK: break;
    }
    return false;
}

/* Its I/O thread sees the end and cleans up. Without lingering, so that the kernel does not
 * go on to offer megabytes to somebody who does not take them. */
static void cut_off(Conn *c)
{
    struct linger now = {.l_onoff = 1};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    (void)shutdown(c->fd, SHUT_RDWR);
}

enum { QUIET_MS = 1000, BATCH = 256 };

/* libmicrohttpd can miss a client's end that arrives together with data. Who waits for more
 * from a client that has long ended its side waits for nothing. */
static bool may_be_gone(Conn *c, int64_t now)
{
    Phase phase = (Phase)atomic_load_explicit(&c->phase, memory_order_acquire);
    return phase != PHASE_WORK && phase != PHASE_SEND &&
           now - atomic_load_explicit(&c->since_ms, memory_order_relaxed) > QUIET_MS;
}

static void cut_off_gone(struct pollfd *polls, Conn *const *conns, nfds_t n)
{
    if (n == 0 || poll(polls, n, 0) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++)
        if (polls[i].revents & (POLLRDHUP | POLLHUP | POLLERR))
            cut_off(conns[i]);
}

void conn_watch(HttpServer *srv)
{
    struct pollfd polls[BATCH];
    Conn         *quiet[BATCH];
    nfds_t        n = 0;
    int64_t       now = now_ms();
    bool          ask = now - srv->conns.asked_ms >= QUIET_MS;
    pthread_mutex_lock(&srv->conns.lock);
    for (Conn *c = srv->conns.all; c != NULL; c = c->next) {
        if (too_slow(&srv->options, c, now)) {
            cut_off(c);
        } else if (ask && may_be_gone(c, now)) {
            quiet[n] = c;
            polls[n++] = (struct pollfd){.fd = c->fd, .events = POLLRDHUP};
        }
        if (n == BATCH) {
            cut_off_gone(polls, quiet, n);
            n = 0;
        }
    }
    cut_off_gone(polls, quiet, n);
    pthread_mutex_unlock(&srv->conns.lock);
    if (ask)
        srv->conns.asked_ms = now;
}
