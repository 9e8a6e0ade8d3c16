#include "http/loop_int.h"

#include "http/http_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum ItemKind { ITEM_STREAM, ITEM_WATCHED, ITEM_LINGER } ItemKind;

typedef struct Item Item;
struct Item {
    Loop       *loop;
    Item       *prev, *next; /* in loop->all, or in loop->inbox */
    Item       *next_ready;  /* in loop->ready */
    bool        is_ready;    /* in that list */
    bool        wants_write; /* registered for EPOLLOUT */
    bool        dead;        /* freed at the end of the round */
    ItemKind    kind;
    int         fd;
    int64_t     due_ms; /* stream: next heartbeat; linger: the end */
    HttpStream *stream;
    unsigned    tag;
    uint32_t    head_len, head_sent;
    char       *head;
};

struct Loop {
    /* The lock guards the members up to the gap; the others are the thread's own. A stream's
     * lock may be held while this one is taken, never the other way round. */
    pthread_mutex_t lock;
    pthread_cond_t  done; /* `finished` is true */
    Item           *inbox, *ready;
    bool            stopping, finishing, finished;
    _Atomic size_t  streams, lingering;

    pthread_t thread;
    int       epoll, bell;
    Item     *all;
    bool      ending; /* = finished, read without the lock */
    int64_t   heartbeat_ms;
    void (*closed)(void *, unsigned);
    void *closed_arg;
};

static int64_t now_ms(void)
{
    return http_log_clock() / 1000;
}

static void ring(Loop *loop)
{
    uint64_t one = 1;
    ssize_t  n = write(loop->bell, &one, sizeof one);
    (void)n; /* it cannot block: the counter never gets near its limit */
}

/* HttpStream.wake: with the stream's lock held. */
static void wake(HttpStream *s)
{
    Item *it = s->owner;
    Loop *loop = it->loop;
    pthread_mutex_lock(&loop->lock);
    if (!it->is_ready) {
        if (loop->ready == NULL)
            ring(loop);
        it->is_ready = true;
        it->next_ready = loop->ready;
        loop->ready = it;
    }
    pthread_mutex_unlock(&loop->lock);
}

/* Hand a new item to the thread. */
static void post(Loop *loop, Item item)
{
    Item *it = malloc(sizeof *it);
    if (it == NULL)
        base_out_of_memory(sizeof *it);
    *it = item;
    it->loop = loop;
    atomic_fetch_add(item.kind == ITEM_LINGER ? &loop->lingering : &loop->streams, 1);
    pthread_mutex_lock(&loop->lock);
    it->next = loop->inbox;
    loop->inbox = it;
    pthread_mutex_unlock(&loop->lock);
    ring(loop);
}

static bool watch_fd(Item *it, uint32_t events, int op)
{
    struct epoll_event e = {.events = events, .data.ptr = it};
    return epoll_ctl(it->loop->epoll, op, it->fd, &e) == 0;
}

/* An item is over; it is freed when no event of this round can name it any more. Closing
 * would not take it out of the epoll set while libmicrohttpd still has its copy of fd. */
static void retire(Item *it)
{
    if (it->fd >= 0 && !it->dead)
        (void)epoll_ctl(it->loop->epoll, EPOLL_CTL_DEL, it->fd, NULL);
    if (it->kind == ITEM_STREAM)
        stream_gone(it->stream); /* no wake from now on */
    it->dead = true;
}

static void free_item(Loop *loop, Item *it)
{
    if (it->fd >= 0)
        close(it->fd);
    if (it->kind == ITEM_STREAM && loop->closed != NULL)
        loop->closed(loop->closed_arg, it->tag);
    if (it->stream != NULL)
        stream_unref(it->stream);
    atomic_fetch_sub(it->kind == ITEM_LINGER ? &loop->lingering : &loop->streams, 1);
    free(it->head);
    free(it);
}

/* Free what was retired and is in no list. */
static void reap(Loop *loop)
{
    for (Item *it = loop->all, *next; it != NULL; it = next) {
        next = it->next;
        if (!it->dead)
            continue;
        pthread_mutex_lock(&loop->lock);
        bool listed = it->is_ready;
        pthread_mutex_unlock(&loop->lock);
        if (listed)
            continue;
        if (it->prev != NULL)
            it->prev->next = it->next;
        else
            loop->all = it->next;
        if (it->next != NULL)
            it->next->prev = it->prev;
        free_item(loop, it);
    }
}

/* Write the head and then events until the socket is full or nothing is left. False when
 * the connection is over. */
static bool write_some(Item *it, bool *ret_full)
{
    enum { VECTORS = 16 };
    struct iovec  v[VECTORS + 1];
    struct msghdr m = {.msg_iov = v};
    int           n = 0;
    if (it->head_sent < it->head_len)
        v[n++] = (struct iovec){it->head + it->head_sent, it->head_len - it->head_sent};
    n += stream_peek(it->stream, v + n, VECTORS);
    m.msg_iovlen = (size_t)n;
    *ret_full = false;
    if (m.msg_iovlen == 0)
        return !it->stream->ending;
    ssize_t sent = sendmsg(it->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
        *ret_full = errno == EAGAIN || errno == EINTR;
        return *ret_full;
    }
    size_t done = (size_t)sent;
    if (it->head_sent < it->head_len) {
        size_t part = it->head_len - it->head_sent;
        part = done < part ? done : part;
        it->head_sent += (uint32_t)part;
        done -= part;
    }
    stream_wrote(it->stream, done);
    return true;
}

static void flush(Item *it)
{
    HttpStream *s = it->stream;
    bool        full = false, alive, more;
    pthread_mutex_lock(&s->lock);
    do {
        alive = !s->gone && write_some(it, &full);
        more = it->head_sent < it->head_len || s->n > 0 || s->ending;
    } while (alive && !full && more);
    pthread_mutex_unlock(&s->lock);
    it->due_ms = now_ms() + it->loop->heartbeat_ms;
    if (it->head != NULL && it->head_sent == it->head_len) {
        free(it->head);
        it->head = NULL;
        it->head_len = it->head_sent = 0;
    }
    if (!alive) {
        retire(it);
    } else if (full != it->wants_write) {
        it->wants_write = full;
        if (!watch_fd(it, EPOLLIN | EPOLLRDHUP | (full ? (uint32_t)EPOLLOUT : 0), EPOLL_CTL_MOD))
            retire(it);
    }
}

/* Throw away what the client sends; its end is the end. */
static void read_away(Item *it)
{
    enum { ROUNDS = 64 };
    char    bytes[8192];
    ssize_t n;
    int     rounds = 0;
    do {
        n = recv(it->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (n > 0 && ++rounds < ROUNDS);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        retire(it);
}

static void adopt(Loop *loop, Item *it)
{
    it->prev = NULL;
    it->next = loop->all;
    if (loop->all != NULL)
        loop->all->prev = it;
    loop->all = it;
    it->due_ms = now_ms() + (it->kind == ITEM_LINGER ? LINGER_MS : loop->heartbeat_ms);
    if (it->kind != ITEM_WATCHED && !watch_fd(it, EPOLLIN | EPOLLRDHUP, EPOLL_CTL_ADD)) {
        retire(it);
        return;
    }
    if (it->stream != NULL && loop->ending)
        stream_finish(it->stream);
    if (it->kind == ITEM_STREAM)
        stream_attach(it->stream, wake, it);
}

static void run_inbox(Loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    Item *it = loop->inbox;
    loop->inbox = NULL;
    pthread_mutex_unlock(&loop->lock);
    while (it != NULL) {
        Item *next = it->next;
        adopt(loop, it);
        it = next;
    }
}

static void run_ready(Loop *loop)
{
    for (;;) {
        pthread_mutex_lock(&loop->lock);
        Item *it = loop->ready;
        if (it != NULL) {
            loop->ready = it->next_ready;
            it->is_ready = false;
        }
        pthread_mutex_unlock(&loop->lock);
        if (it == NULL)
            return;
        if (!it->dead)
            flush(it);
    }
}

static bool is_gone(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    bool gone = s->gone;
    pthread_mutex_unlock(&s->lock);
    return gone;
}

/* Heartbeats that are due, lingering that is over. */
static void run_clock(Loop *loop)
{
    int64_t now = now_ms();
    for (Item *it = loop->all; it != NULL; it = it->next) {
        if (it->dead || now < it->due_ms)
            continue;
        it->due_ms = now + loop->heartbeat_ms;
        if (it->kind == ITEM_LINGER || (it->kind == ITEM_WATCHED && is_gone(it->stream)))
            retire(it);
        else
            stream_heartbeat(it->stream);
    }
}

/* False when it is time to go. */
static bool run_orders(Loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    bool stop = loop->stopping, finish = loop->finishing && !loop->finished;
    pthread_mutex_unlock(&loop->lock);
    if (!finish)
        return !stop;
    loop->ending = true;
    for (Item *it = loop->all; it != NULL; it = it->next)
        if (it->stream != NULL)
            stream_finish(it->stream);
        else
            retire(it);
    pthread_mutex_lock(&loop->lock);
    loop->finished = true;
    pthread_cond_broadcast(&loop->done);
    pthread_mutex_unlock(&loop->lock);
    return !stop;
}

static void run_events(Loop *loop, const struct epoll_event *events, int n)
{
    for (int i = 0; i < n; i++) {
        Item *it = events[i].data.ptr;
        if (it == NULL) { /* the bell */
            uint64_t count;
            ssize_t  got = read(loop->bell, &count, sizeof count);
            (void)got;
            continue;
        }
        if (!it->dead && (events[i].events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
            read_away(it);
        if (!it->dead && (events[i].events & EPOLLOUT))
            flush(it);
    }
}

static void *run(void *arg)
{
    Loop              *loop = arg;
    struct epoll_event events[256];
    int64_t            tick = now_ms();
    int64_t            period = loop->heartbeat_ms < 1000 ? loop->heartbeat_ms : 1000;
    while (run_orders(loop)) {
        int n = epoll_wait(loop->epoll, events, COUNT_OF(events), (int)period);
        run_events(loop, events, n);
        run_inbox(loop);
        run_ready(loop);
        if (now_ms() - tick >= period) {
            tick = now_ms();
            run_clock(loop);
        }
        reap(loop);
    }
    return NULL;
}

Status loop_start(SpanMs heartbeat, void (*closed)(void *, unsigned), void *arg, Loop **ret,
                  Err *err)
{
    Loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        base_out_of_memory(sizeof *loop);
    loop->heartbeat_ms = heartbeat.v > 0 ? heartbeat.v : HEARTBEAT_MS;
    loop->closed = closed;
    loop->closed_arg = arg;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN};
    ASSERT(pthread_mutex_init(&loop->lock, NULL) == 0 && pthread_cond_init(&loop->done, NULL) == 0);
    if (loop->epoll < 0 || loop->bell < 0 ||
        epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->bell, &e) != 0 ||
        pthread_create(&loop->thread, NULL, run, loop) != 0) {
        close(loop->epoll);
        close(loop->bell);
        free(loop);
        return err_set(err, ST_IO, "http.start", "cannot start the thread for streams");
    }
    *ret = loop;
    return ST_OK;
}

void loop_finish(Loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    loop->finishing = true;
    ring(loop);
    while (!loop->finished)
        pthread_cond_wait(&loop->done, &loop->lock);
    pthread_mutex_unlock(&loop->lock);
}

void loop_stop(Loop *loop)
{
    if (loop == NULL)
        return;
    pthread_mutex_lock(&loop->lock);
    loop->stopping = true;
    pthread_mutex_unlock(&loop->lock);
    ring(loop);
    pthread_join(loop->thread, NULL);
    run_inbox(loop);
    for (Item *it = loop->all; it != NULL; it = it->next)
        retire(it);
    run_ready(loop);
    reap(loop);
    close(loop->epoll);
    close(loop->bell);
    pthread_cond_destroy(&loop->done);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

void loop_serve(Loop *loop, int fd, HttpStream *s, Str head, unsigned tag)
{
    Item it = {.kind = ITEM_STREAM, .fd = fd, .stream = s, .tag = tag};
    it.head = malloc(head.len);
    if (it.head == NULL)
        base_out_of_memory(head.len);
    memcpy(it.head, head.ptr, head.len);
    it.head_len = (uint32_t)head.len;
    post(loop, it);
}

void loop_watch(Loop *loop, HttpStream *s)
{
    atomic_fetch_add(&s->refs, 1);
    post(loop, (Item){.kind = ITEM_WATCHED, .fd = -1, .stream = s});
}

void loop_linger(Loop *loop, int fd)
{
    if (atomic_load(&loop->lingering) >= LINGER_MAX || shutdown(fd, SHUT_WR) != 0)
        close(fd);
    else
        post(loop, (Item){.kind = ITEM_LINGER, .fd = fd});
}

size_t loop_streams(Loop *loop)
{
    return atomic_load(&loop->streams);
}
