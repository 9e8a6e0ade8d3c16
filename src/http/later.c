/* Replies that are made when something else has happened. */
#include "http/http_int.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { RUNNING, ENDED, WAITED_FOR }; /* the handler runs; http_later_end() came; `wake` is due */

struct HttpLater {
    _Atomic int  state;
    HttpLaterFn *reply;
    void        *arg;
    void (*wake)(void *owner);
    void *owner;
};

HttpLater *http_later(HttpResp *rs, HttpLaterFn *reply, void *arg)
{
    HttpLater *l = malloc(sizeof *l);
    if (l == NULL)
        base_out_of_memory(sizeof *l);
    ASSERT(rs->later == NULL);
    *l = (HttpLater){.reply = reply, .arg = arg};
    rs->later = l;
    return l;
}

void http_later_end(HttpLater *l)
{
    if (atomic_exchange(&l->state, ENDED) == WAITED_FOR)
        l->wake(l->owner);
}

bool http_later_wait(HttpLater *l, void (*wake)(void *owner), void *owner)
{
    int running = RUNNING;
    l->wake = wake;
    l->owner = owner;
    return atomic_compare_exchange_strong(&l->state, &running, WAITED_FOR);
}

void http_later_answer(Cx *cx, HttpReq *rq, HttpResp *rs)
{
    HttpLater l = *rs->later;
    free(rs->later);
    http_resp_done(rs);
    http_resp_init(rs);
    if (rq->route->out_type != NULL)
        rs->type = rq->route->out_type;
    if (l.reply(cx, rq, rs, l.arg) != ST_OK)
        http_problem(cx, rq, rs);
}

/* For http_dispatch(), which has nothing else to do meanwhile. */
typedef struct Sleeper {
    pthread_mutex_t lock;
    pthread_cond_t  bell;
    bool            rung;
} Sleeper;

static void ring(void *owner)
{
    Sleeper *s = owner;
    pthread_mutex_lock(&s->lock);
    s->rung = true;
    pthread_cond_signal(&s->bell);
    pthread_mutex_unlock(&s->lock);
}

void http_later_sleep(HttpLater *l)
{
    Sleeper s = {.lock = PTHREAD_MUTEX_INITIALIZER, .bell = PTHREAD_COND_INITIALIZER};
    if (http_later_wait(l, ring, &s)) {
        pthread_mutex_lock(&s.lock);
        while (!s.rung)
            pthread_cond_wait(&s.bell, &s.lock);
        pthread_mutex_unlock(&s.lock);
    }
    pthread_mutex_destroy(&s.lock);
    pthread_cond_destroy(&s.bell);
}

bool http_client_gone(const HttpReq *rq)
{
    char    c;
    ssize_t n = rq->socket > 0 ? recv(rq->socket, &c, 1, MSG_PEEK | MSG_DONTWAIT) : 1;
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}
