/* server.h - a small misbehaving web server on 127.0.0.1 for the tests of src/wire.
 *
 * One thread per connection, keep-alive. What it answers depends on the path:
 *   /echo          the request as it came, as text
 *   /to?URL        302 to URL;  /to307?URL  307;  /to303?URL  303
 *   /loop          302 to itself
 *   /declared      Content-Length of 10 GB, then bytes without end
 *   /endless       a chunked body without end
 *   /headers       headers without end
 *   /drip          a byte every 20 ms, never done
 *   /hang          nothing at all
 *   /cut           announces 100 bytes, sends 10, closes
 *   /cookie        sets a cookie */
#pragma once

#include "base/str.h"

typedef struct Server Server;

typedef struct TlsFiles { /* NULL: plain HTTP */
    const char *cert;
    const char *key;
} TlsFiles;

Server *server_start(const TlsFiles *tls);
void    server_stop(Server *s);
int     server_port(const Server *s);
int     server_connections(const Server *s); /* accepted so far */
