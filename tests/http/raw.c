#include "raw.h"

#include "http/http_int.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REPLY_MAX = 80 << 20 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int raw_connect(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(fd >= 0);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    close(fd);
    return -1;
}

bool raw_send(int fd, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes = (Str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return true;
}

Str reply_header(const Reply *r, const char *name)
{
    Str rest = r->head, line, key, value;
    while (rest.len > 0) {
        str_cut(rest, '\n', &line, &rest);
        if (str_cut(line, ':', &key, &value) && http_eq_nocase(key, str_from_cstr(name)))
            return str_trim(value);
    }
    return (Str){0};
}

/* Join the chunks in place. False while the last one is missing. */
static bool dechunk(Reply *r)
{
    char  *to = r->bytes.ptr + r->head.len, *p = to, *end = r->bytes.ptr + r->bytes.len;
    size_t total = 0;
    for (int pass = 0; pass < 2; pass++) {
        char *at = p;
        for (;;) {
            char *nl = memmem(at, (size_t)(end - at), "\r\n", 2);
            if (nl == NULL)
                return false;
            size_t n = 0;
            for (char *c = at; c < nl; c++)
                n = n * 16 + (size_t)(*c <= '9' ? *c - '0' : (*c | 0x20) - 'a' + 10);
            if ((size_t)(end - nl) < n + 4)
                return false;
            if (n == 0)
                break;
            if (pass == 1) {
                memmove(to + total, nl + 2, n);
                total += n;
            }
            at = nl + 2 + n + 2;
        }
    }
    r->body = (Str){to, total};
    return true;
}

/* Is the reply that was received so far a whole one? */
static bool complete(Reply *r)
{
    char *end = r->bytes.len > 0 ? memmem(r->bytes.ptr, r->bytes.len, "\r\n\r\n", 4) : NULL;
    if (end == NULL)
        return false;
    r->head = (Str){r->bytes.ptr, (size_t)(end - r->bytes.ptr) + 4};
    int64_t status = 0, length = 0;
    if (r->head.len > 12 && str_parse_i64((Str){r->bytes.ptr + 9, 3}, &status))
        r->status = (int)status;
    r->body = (Str){end + 4, r->bytes.len - r->head.len};
    if (r->status == 304 || r->status == 204)
        return true;
    if (str_eq(reply_header(r, "Transfer-Encoding"), STR("chunked")))
        return dechunk(r);
    if (!str_parse_i64(reply_header(r, "Content-Length"), &length))
        return false;
    if (r->body.len < (size_t)length)
        return false;
    r->body.len = (size_t)length;
    return true;
}

void raw_read(int fd, int ms, bool until_close, Reply *ret)
{
    static _Thread_local char block[65536];
    int64_t                   until = now_ms() + ms;
    *ret = (Reply){0};
    buf_init(&ret->bytes, REPLY_MAX);
    while (until_close || !complete(ret)) {
        int64_t       left = until - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            break;
        ssize_t n = recv(fd, block, sizeof block, 0);
        if (n <= 0) {
            ret->closed = true;
            break;
        }
        buf_add(&ret->bytes, (Str){block, (size_t)n});
    }
    (void)complete(ret);
}

void reply_done(Reply *r)
{
    buf_done(&r->bytes);
}

int raw_ask(uint16_t port, const char *request, Reply *ret)
{
    int fd = raw_connect(port);
    ASSERT(fd >= 0);
    (void)raw_send(fd, str_from_cstr(request));
    raw_read(fd, 20000, false, ret);
    close(fd);
    return ret->status;
}

bool raw_closes(int fd, int ms)
{
    char    block[4096];
    int64_t until = now_ms() + ms;
    for (;;) {
        int64_t       left = until - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0)
            return false;
        if (recv(fd, block, sizeof block, 0) <= 0)
            return true;
    }
}
