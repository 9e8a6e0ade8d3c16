#include "http/stream_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

struct Chunk {
    _Atomic int refs;
    uint32_t    len;
    char        bytes[];
};

static void *room_for(void *old, size_t n)
{
    void *p = realloc(old, n);
    if (p == NULL)
        base_out_of_memory(n);
    return p;
}

/* --- chunks ----------------------------------------------------------------------------------- */

static void chunk_unref(Chunk *c)
{
    if (atomic_fetch_sub(&c->refs, 1) == 1)
        free(c);
}

static void add_line(Buf *b, Str key, Str value)
{
    buf_add(b, key);
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] != '\n' && value.ptr[i] != '\r' && value.ptr[i] != '\0')
            buf_addc(b, value.ptr[i]);
    buf_addc(b, '\n');
}

static void add_data(Buf *b, Str data)
{
    Str  line;
    bool more = true;
    while (more) {
        more = str_cut(data, '\n', &line, &data);
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        buf_add(b, STR("data: "));
        buf_add(b, line);
        buf_addc(b, '\n');
    }
}

static Chunk *chunk_of(Str text)
{
    Chunk *c = room_for(NULL, sizeof *c + text.len);
    atomic_init(&c->refs, 1);
    c->len = (uint32_t)text.len;
    memcpy(c->bytes, text.ptr, text.len);
    return c;
}

/* NULL when the event is bigger than any queue. */
static Chunk *chunk_new(const HttpEvent *e)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, HTTP_STREAM_BYTES);
    if (e->id.len > 0)
        add_line(&b, STR("id: "), e->id);
    if (e->name.len > 0)
        add_line(&b, STR("event: "), e->name);
    add_data(&b, e->data);
    buf_addc(&b, '\n');
    return buf_overflowed(&b) ? NULL : chunk_of(buf_str(&b));
}

/* --- streams ---------------------------------------------------------------------------------- */

HttpStream *http_stream_open(HttpResp *rs)
{
    ASSERT(rs->stream == NULL);
    HttpStream *s = calloc(1, sizeof *s);
    if (s == NULL)
        base_out_of_memory(sizeof *s);
    ASSERT(pthread_mutex_init(&s->lock, NULL) == 0);
    atomic_init(&s->refs, 2); /* the caller's and the transport's */
    s->senders = 1;
    rs->stream = s;
    rs->type = "text/event-stream";
    return s;
}

static void clear(HttpStream *s)
{
    for (; s->n > 0; s->n--) {
        chunk_unref(s->ring[s->first]);
        s->first = (uint16_t)((s->first + 1) % s->room);
    }
    free(s->ring);
    s->ring = NULL;
    s->room = s->first = 0;
    s->bytes = 0;
    s->sent = 0;
}

void stream_unref(HttpStream *s)
{
    if (atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    clear(s);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* With the lock held. */
static void news(HttpStream *s)
{
    if (s->wake != NULL)
        s->wake(s);
}

HttpStream *http_stream_hold(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    s->senders++;
    pthread_mutex_unlock(&s->lock);
    atomic_fetch_add(&s->refs, 1);
    return s;
}

void http_stream_release(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    ASSERT(s->senders > 0);
    if (--s->senders == 0 && !s->ending) {
        s->ending = true;
        news(s);
    }
    pthread_mutex_unlock(&s->lock);
    stream_unref(s);
}

static void grow(HttpStream *s)
{
    uint16_t room = s->room == 0 ? 4 : (uint16_t)(s->room * 2);
    Chunk  **ring = room_for(NULL, room * sizeof *ring);
    for (uint16_t i = 0; i < s->n; i++)
        ring[i] = s->ring[(s->first + i) % s->room];
    free(s->ring);
    s->ring = ring;
    s->room = room;
    s->first = 0;
}

/* With the lock held. The queue takes a reference of its own. */
static bool push(HttpStream *s, Chunk *c)
{
    if (s->gone || s->ending)
        return false;
    if (s->n == HTTP_STREAM_EVENTS || c->len > HTTP_STREAM_BYTES - s->bytes) {
        s->gone = true; /* too slow */
        clear(s);
        news(s);
        return false;
    }
    if (s->n == s->room)
        grow(s);
    s->ring[(s->first + s->n++) % s->room] = c;
    atomic_fetch_add(&c->refs, 1);
    s->bytes += c->len;
    news(s);
    return true;
}

static bool send_chunk(HttpStream *s, Chunk *c)
{
    pthread_mutex_lock(&s->lock);
    bool fine = push(s, c);
    pthread_mutex_unlock(&s->lock);
    return fine;
}

bool http_stream_send(HttpStream *s, const HttpEvent *e)
{
    Chunk *c = chunk_new(e);
    if (c == NULL)
        return false;
    bool fine = send_chunk(s, c);
    chunk_unref(c);
    return fine;
}

void stream_heartbeat(HttpStream *s)
{
    Chunk *c = chunk_of(STR(":\n\n"));
    pthread_mutex_lock(&s->lock);
    if (s->n == 0)
        (void)push(s, c);
    pthread_mutex_unlock(&s->lock);
    chunk_unref(c);
}

void stream_attach(HttpStream *s, void (*wake)(HttpStream *), void *owner)
{
    pthread_mutex_lock(&s->lock);
    s->owner = owner;
    s->wake = wake;
    news(s);
    pthread_mutex_unlock(&s->lock);
}

void stream_gone(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    s->gone = true;
    s->wake = NULL;
    clear(s);
    pthread_mutex_unlock(&s->lock);
}

void stream_finish(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    news(s);
    pthread_mutex_unlock(&s->lock);
}

int stream_peek(const HttpStream *s, struct iovec *v, int max)
{
    int n = 0;
    for (; n < max && n < s->n; n++) {
        Chunk *c = s->ring[(s->first + n) % s->room];
        size_t skip = n == 0 ? s->sent : 0;
        v[n] = (struct iovec){c->bytes + skip, c->len - skip};
    }
    return n;
}

void stream_wrote(HttpStream *s, size_t n)
{
    while (n > 0) {
        Chunk *c = s->ring[s->first];
        size_t left = c->len - s->sent;
        if (n < left) {
            s->sent += n;
            return;
        }
        n -= left;
        s->bytes -= c->len;
        s->sent = 0;
        s->first = (uint16_t)((s->first + 1) % s->room);
        s->n--;
        chunk_unref(c);
    }
    if (s->n == 0)
        clear(s); /* an idle stream keeps no ring */
}

/* --- topics ----------------------------------------------------------------------------------- */

struct HttpTopic {
    pthread_mutex_t lock;
    HttpStream    **items;
    size_t          n, room;
};

HttpTopic *http_topic_new(void)
{
    HttpTopic *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    ASSERT(pthread_mutex_init(&t->lock, NULL) == 0);
    return t;
}

void http_topic_free(HttpTopic *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++)
        http_stream_release(t->items[i]);
    pthread_mutex_destroy(&t->lock);
    free(t->items);
    free(t);
}

/* With the lock held: let go of item `i`; the last one takes its place. */
static void drop(HttpTopic *t, size_t i)
{
    http_stream_release(t->items[i]);
    t->items[i] = t->items[--t->n];
}

static bool is_gone(HttpStream *s)
{
    pthread_mutex_lock(&s->lock);
    bool gone = s->gone || s->ending;
    pthread_mutex_unlock(&s->lock);
    return gone;
}

static void sweep(HttpTopic *t)
{
    for (size_t i = t->n; i-- > 0;)
        if (is_gone(t->items[i]))
            drop(t, i);
}

void http_stream_join(HttpStream *s, HttpTopic *t)
{
    http_stream_hold(s);
    pthread_mutex_lock(&t->lock);
    if (t->n == t->room)
        sweep(t);
    if (t->n >= t->room / 2 + t->room / 4) { /* still rather full */
        t->room = t->room == 0 ? 8 : t->room * 2;
        t->items = room_for(t->items, t->room * sizeof(HttpStream *));
    }
    t->items[t->n++] = s;
    pthread_mutex_unlock(&t->lock);
}

void http_topic_publish(HttpTopic *t, const HttpEvent *e)
{
    Chunk *c = chunk_new(e);
    if (c == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    for (size_t i = t->n; i-- > 0;)
        if (!send_chunk(t->items[i], c))
            drop(t, i);
    pthread_mutex_unlock(&t->lock);
    chunk_unref(c);
}

size_t http_topic_size(HttpTopic *t)
{
    pthread_mutex_lock(&t->lock);
    sweep(t);
    size_t n = t->n;
    pthread_mutex_unlock(&t->lock);
    return n;
}
