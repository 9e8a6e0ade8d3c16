/* raw.h - a client that sends whatever bytes it is given. */
#pragma once

#include "base/buf.h"

typedef struct Reply {
    int  status; /* 0: the connection was closed without one */
    Buf  bytes;  /* all that came, head and body */
    Str  head;
    Str  body;   /* de-chunked */
    bool closed; /* the server closed the connection */
} Reply;

int  raw_connect(uint16_t port);
bool raw_send(int fd, Str bytes); /* all of it, or false when the connection broke */

/* Read one reply; `until_close`: go on until the server closes. At most `ms`. */
void raw_read(int fd, int ms, bool until_close, Reply *ret);
void reply_done(Reply *r);

/* Connect, send, read one reply, close. Returns the status. */
int raw_ask(uint16_t port, const char *request, Reply *ret);

Str reply_header(const Reply *r, const char *name);

/* True when the server closes within `ms`; what it sends before is thrown away. */
bool raw_closes(int fd, int ms);
