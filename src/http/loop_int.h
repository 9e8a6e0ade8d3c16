/* loop_int.h - one thread that looks after sockets which need no request parser any more:
 * streams, and connections that were answered before they had sent everything.
 *
 * The latter are lingered on: closing a socket with unread bytes makes the kernel send a
 * reset, which can overtake the reply. So the sending side is closed, and what still comes
 * is thrown away until the client closes too, at most LINGER_MS. */
#pragma once

#include "http/stream_int.h"

enum { LINGER_MS = 3000, LINGER_MAX = 1000, HEARTBEAT_MS = 15000 };

typedef struct Loop Loop;

/* `closed(arg, tag)` is called for each stream of loop_serve() whose socket was closed. */
NODISCARD Status loop_start(SpanMs heartbeat, void (*closed)(void *, unsigned), void *arg,
                            Loop **ret, Err *err);

/* End all streams, now and from now on; what is queued still goes out. */
void   loop_finish(Loop *loop);
void   loop_stop(Loop *loop); /* close everything and free it */
size_t loop_streams(Loop *loop);

/* Takes over the socket and the transport's reference to the stream. `head` is sent first;
 * `tag` goes to `closed`. */
void loop_serve(Loop *loop, int fd, HttpStream *s, Str head, unsigned tag);

/* Only send heartbeats until stream_gone(): somebody else writes (TLS). */
void loop_watch(Loop *loop, HttpStream *s);

void loop_linger(Loop *loop, int fd);
