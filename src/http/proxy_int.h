/* proxy_int.h - IP addresses, and whom to believe about them. */
#pragma once

#include "http/http.h"

enum { IP_TEXT = 46, CIDRS_MAX = 32 };

struct sockaddr;

typedef struct Ip {
    unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
} Ip;

typedef struct Cidr {
    Ip  net;
    int bits; /* of 128 */
} Cidr;

typedef struct Cidrs {
    Cidr   items[CIDRS_MAX];
    size_t n;
} Cidrs;

bool ip_parse(Str s, Ip *ret);
Str  ip_text(const Ip *ip, char room[IP_TEXT]);
Ip   ip_of(const struct sockaddr *addr);

/* "10.0.0.0/8, ::1". ST_INVALID "http.bad_proxies". NULL or "": an empty list. */
NODISCARD Status cidrs_read(const char *text, Cidrs *ret, Err *err);
bool             cidrs_have(const Cidrs *list, const Ip *ip);

/* For a request that a trusted `peer` sent: who is behind it, and does he use TLS? */
Ip   proxied_client(const Cidrs *trusted, const HttpReq *rq, Ip peer);
bool proxied_tls(const HttpReq *rq);
