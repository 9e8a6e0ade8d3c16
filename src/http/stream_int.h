/* stream_int.h - a stream as the transport sees it. */
#pragma once

#include "http/http_stream.h"

#include <pthread.h>
#include <stdatomic.h>

struct iovec;

typedef struct Chunk Chunk; /* one event as it goes over the wire, shared by many streams */

struct HttpStream {
    pthread_mutex_t lock;
    _Atomic int     refs;
    int             senders;        /* holders and topics */
    bool            gone;           /* the client went, or was too slow */
    bool            ending;         /* closes once the queue is empty */
    uint16_t        first, n, room; /* a ring of chunks waiting */
    uint32_t        bytes;          /* in the ring */
    size_t          sent;           /* of the first chunk */
    Chunk         **ring;
    /* Set by the transport; called with the lock held whenever there is news. */
    void (*wake)(HttpStream *s);
    void *owner;
};

/* The transport's own reference, which http_stream_open() put into rs->stream. */
void stream_unref(HttpStream *s);

/* The transport takes over. From now on `wake` is called, at once when there is news. */
void stream_attach(HttpStream *s, void (*wake)(HttpStream *), void *owner);

/* The client has gone; nothing more is sent. */
void stream_gone(HttpStream *s);

/* No more events are taken; what is queued is still sent. */
void stream_finish(HttpStream *s);

/* Queue a comment when nothing is queued. */
void stream_heartbeat(HttpStream *s);

/* With the lock held: what is to be written now (number of vectors), and that it was. */
int  stream_peek(const HttpStream *s, struct iovec *v, int max);
void stream_wrote(HttpStream *s, size_t n);
