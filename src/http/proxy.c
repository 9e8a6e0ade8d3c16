#include "http/proxy_int.h"

#include "http/http_int.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Addresses are compared as IPv6; IPv4 stands in its mapped range ::ffff:0:0/96. */

bool ip_parse(Str s, Ip *ret)
{
    char z[INET6_ADDRSTRLEN];
    if (s.len >= sizeof z || s.len == 0)
        return false;
    memcpy(z, s.ptr, s.len);
    z[s.len] = '\0';
    memset(ret, 0, sizeof *ret);
    if (inet_pton(AF_INET6, z, ret->bytes) == 1)
        return true;
    ret->bytes[10] = ret->bytes[11] = 0xff;
    return inet_pton(AF_INET, z, ret->bytes + 12) == 1;
}

static bool is_v4(const Ip *ip)
{
    static const unsigned char PREFIX[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(ip->bytes, PREFIX, sizeof PREFIX) == 0;
}

Str ip_text(const Ip *ip, char room[IP_TEXT])
{
    if (is_v4(ip))
        inet_ntop(AF_INET, ip->bytes + 12, room, IP_TEXT);
    else
        inet_ntop(AF_INET6, ip->bytes, room, IP_TEXT);
    return str_from_cstr(room);
}

Ip ip_of(const struct sockaddr *addr)
{
    Ip ip = {.bytes = {[10] = 0xff, [11] = 0xff}};
    if (addr->sa_family == AF_INET)
        memcpy(ip.bytes + 12, &((const struct sockaddr_in *)(const void *)addr)->sin_addr, 4);
    else if (addr->sa_family == AF_INET6)
        memcpy(ip.bytes, &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr, 16);
    return ip;
}

static bool read_cidr(Str text, Cidr *ret)
{
    Str     address, bits;
    int64_t n;
    bool    has_bits = str_cut(text, '/', &address, &bits);
    if (!ip_parse(address, &ret->net))
        return false;
    int64_t most = is_v4(&ret->net) ? 32 : 128;
    if (!has_bits)
        n = most;
    else if (!str_parse_i64(bits, &n) || n < 0 || n > most)
        return false;
    ret->bits = (int)(n + 128 - most);
    return true;
}

Status cidrs_read(const char *text, Cidrs *ret, Err *err)
{
    Str rest = str_from_cstr(text), item;
    ret->n = 0;
    while (http_list_next(&rest, &item)) {
        if (ret->n == CIDRS_MAX || !read_cidr(item, &ret->items[ret->n]))
            return err_set(err, ST_INVALID, "http.bad_proxies",
                           "not a list of at most %d networks: " STR_FMT, CIDRS_MAX, STR_ARG(item));
        ret->n++;
    }
    return ST_OK;
}

bool cidrs_have(const Cidrs *list, const Ip *ip)
{
    for (size_t i = 0; i < list->n; i++) {
        const Cidr *c = &list->items[i];
        size_t      whole = (size_t)c->bits / 8;
        unsigned    mask = 0xff00U >> (c->bits % 8) & 0xff;
        if (memcmp(c->net.bytes, ip->bytes, whole) == 0 &&
            (mask == 0 || ((c->net.bytes[whole] ^ ip->bytes[whole]) & mask) == 0))
            return true;
    }
    return false;
}

/* The last item of all headers of that name. */
static Str last_item(const HttpReq *rq, Str name)
{
    Str found = {0};
    for (size_t i = 0; i < rq->nheaders; i++) {
        Str rest = rq->headers[i].value;
        if (http_eq_nocase(rq->headers[i].name, name))
            while (http_list_next(&rest, &found))
                ;
    }
    return found;
}

/* Walk X-Forwarded-For from its end: every trusted proxy vouches for the address before
 * it; the first address that is no proxy of ours is the client. */
Ip proxied_client(const Cidrs *trusted, const HttpReq *rq, Ip peer)
{
    enum { HOPS = 16 };
    Str    items[HOPS];
    size_t n = 0;
    for (size_t i = 0; i < rq->nheaders; i++) {
        Str rest = rq->headers[i].value, item;
        if (!http_eq_nocase(rq->headers[i].name, STR("X-Forwarded-For")))
            continue;
        while (http_list_next(&rest, &item)) {
            if (n == HOPS) /* keep the last ones */
                memmove(items, items + 1, --n * sizeof items[0]);
            items[n++] = item;
        }
    }
    Ip ip;
    while (n > 0 && cidrs_have(trusted, &peer) && ip_parse(items[n - 1], &ip)) {
        peer = ip;
        n--;
    }
    return peer;
}

bool proxied_tls(const HttpReq *rq)
{
    return http_eq_nocase(last_item(rq, STR("X-Forwarded-Proto")), STR("https"));
}
