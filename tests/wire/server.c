#include "wire/server.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS_MAX = 64 };

struct Server {
    int         listener;
    int         port;
    SSL_CTX    *tls;
    pthread_t   acceptor;
    pthread_t   clients[CLIENTS_MAX];
    int         fds[CLIENTS_MAX];
    atomic_int  n;
    atomic_bool stopping;
};

typedef struct Client {
    Server *server;
    int     fd;
    SSL    *ssl;
} Client;

static bool give(Client *c, Str s)
{
    while (s.len > 0) {
        ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, s.ptr, (int)s.len)
                                   : send(c->fd, s.ptr, s.len, MSG_NOSIGNAL);
        if (n <= 0 || c->server->stopping)
            return false;
        s = (Str){s.ptr + n, s.len - (size_t)n};
    }
    return true;
}

static bool take(Client *c, Buf *head)
{
    buf_clear(head);
    char byte;
    for (;;) {
        ssize_t n = c->ssl != NULL ? SSL_read(c->ssl, &byte, 1) : recv(c->fd, &byte, 1, 0);
        if (n <= 0)
            return false;
        buf_addc(head, byte);
        if (head->len >= 4 && memcmp(head->ptr + head->len - 4, "\r\n\r\n", 4) == 0)
            break;
    }
    const char *cl = strstr(head->ptr, "Content-Length: ");
    int64_t     length = 0;
    if (cl != NULL) {
        Str line, rest;
        str_cut(str_from_cstr(cl + 16), '\r', &line, &rest);
        if (!str_parse_i64(line, &length))
            return false;
    }
    while (length-- > 0) {
        if ((c->ssl != NULL ? SSL_read(c->ssl, &byte, 1) : recv(c->fd, &byte, 1, 0)) <= 0)
            return false;
        buf_addc(head, byte);
    }
    return true;
}

static bool reply(Client *c, const char *status, const char *headers, Str body)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    buf_addf(&b, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.len);
    buf_add(&b, body);
    return give(c, buf_str(&b));
}

static bool without_end(Client *c, const char *head, Str piece, int pause_ms)
{
    if (!give(c, str_from_cstr(head)))
        return false;
    for (;;) {
        if (!give(c, piece))
            return false;
        if (pause_ms > 0)
            usleep((useconds_t)pause_ms * 1000);
    }
}

static bool redirect(Client *c, const char *status, Str to)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 65536);
    buf_addf(&b, "Location: " STR_FMT "\r\n", STR_ARG(to));
    return reply(c, status, b.ptr, STR("moved"));
}

static bool answer(Client *c, Str head)
{
    static char block[16384];
    Str         method, rest, target, path, query;
    str_cut(head, ' ', &method, &rest);
    str_cut(rest, ' ', &target, &rest);
    str_cut(target, '?', &path, &query);
    if (str_eq(path, STR("/echo")))
        return reply(c, "200 OK", "Content-Type: text/plain\r\n",
                     str_eq(method, STR("HEAD")) ? (Str){0} : head);
    if (str_eq(path, STR("/to")))
        return redirect(c, "302 Found", query);
    if (str_eq(path, STR("/to307")))
        return redirect(c, "307 Temporary Redirect", query);
    if (str_eq(path, STR("/to303")))
        return redirect(c, "303 See Other", query);
    if (str_eq(path, STR("/loop")))
        return redirect(c, "302 Found", STR("/loop"));
    if (str_eq(path, STR("/declared")))
        return without_end(c, "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n",
                           (Str){block, sizeof block}, 0);
    if (str_eq(path, STR("/endless")))
        return without_end(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                           STR("10\r\n0123456789abcdef\r\n"), 0);
    if (str_eq(path, STR("/headers")))
        return without_end(c, "HTTP/1.1 200 OK\r\n", STR("X-More: 0123456789abcdef\r\n"), 0);
    if (str_eq(path, STR("/drip")))
        return without_end(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", STR("."), 20);
    if (str_eq(path, STR("/hang")))
        return recv(c->fd, block, 1, 0) > 0; /* until the client gives up */
    if (str_eq(path, STR("/cut")))
        return give(c, STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")) && false;
    if (str_eq(path, STR("/cookie")))
        return reply(c, "200 OK", "Set-Cookie: seen=1; Path=/\r\n", STR("here"));
    return reply(c, "404 Not Found", "", STR("nothing"));
}

static void *serve(void *arg)
{
    Client               *c = arg;
    CLEANUP(buf_done) Buf head;
    buf_init(&head, 1 << 20);
    bool fine = true;
    if (c->server->tls != NULL) {
        c->ssl = SSL_new(c->server->tls);
        SSL_set_fd(c->ssl, c->fd);
        fine = SSL_accept(c->ssl) == 1;
    }
    while (fine && take(c, &head))
        fine = answer(c, buf_str(&head));
    SSL_free(c->ssl);
    shutdown(c->fd, SHUT_RDWR); /* closed by server_stop(), which still knows the number */
    free(c);
    return NULL;
}

static void *accept_all(void *arg)
{
    Server *s = arg;
    for (;;) {
        int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        ASSERT(s->n < CLIENTS_MAX);
        Client *c = calloc(1, sizeof *c);
        ASSERT(c != NULL);
        *c = (Client){.server = s, .fd = fd};
        int i = s->n;
        s->fds[i] = fd;
        s->n++; /* before it can answer: tests count connections after a reply */
        int rc = pthread_create(&s->clients[i], NULL, serve, c);
        ASSERT(rc == 0);
    }
}

Server *server_start(const TlsFiles *tls)
{
    Server *s = calloc(1, sizeof *s);
    ASSERT(s != NULL);
    if (tls != NULL) {
        s->tls = SSL_CTX_new(TLS_server_method());
        ASSERT(SSL_CTX_use_certificate_file(s->tls, tls->cert, SSL_FILETYPE_PEM) == 1);
        ASSERT(SSL_CTX_use_PrivateKey_file(s->tls, tls->key, SSL_FILETYPE_PEM) == 1);
    }
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          len = sizeof at;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(s->listener >= 0);
    ASSERT(bind(s->listener, (struct sockaddr *)&at, sizeof at) == 0);
    ASSERT(listen(s->listener, 64) == 0);
    ASSERT(getsockname(s->listener, (struct sockaddr *)&at, &len) == 0);
    s->port = ntohs(at.sin_port);
    int rc = pthread_create(&s->acceptor, NULL, accept_all, s);
    ASSERT(rc == 0);
    return s;
}

void server_stop(Server *s)
{
    s->stopping = true;
    shutdown(s->listener, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    close(s->listener);
    for (int i = 0; i < s->n; i++)
        shutdown(s->fds[i], SHUT_RDWR);
    for (int i = 0; i < s->n; i++) {
        pthread_join(s->clients[i], NULL);
        close(s->fds[i]);
    }
    SSL_CTX_free(s->tls);
    free(s);
}

int server_port(const Server *s)
{
    return s->port;
}

int server_connections(const Server *s)
{
    return s->n;
}
