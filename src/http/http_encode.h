/* http_encode.h - which coding and which part of a reply a client gets: Accept-Encoding,
 * Range. */
#pragma once

#include "http/http.h"

enum { HTTP_ENCODE_MIN = 1024 /* smaller bodies stay plain */ };

typedef enum HttpCoding { HTTP_PLAIN, HTTP_GZIP, HTTP_ZSTD, HTTP_BR } HttpCoding;

Str http_coding_name(HttpCoding c); /* empty for HTTP_PLAIN */

/* The best coding that `accept` (the header's value; absent: none) takes, of those in
 * `offered` (bit c for coding c; plain is always offered): the highest q-value wins, and of
 * equals br, then zstd, then gzip. */
HttpCoding http_coding_pick(Str accept, unsigned offered);

/* Does it pay to compress this Content-Type? */
bool http_compressible(const char *type);

/* Compress rs->body or rs->borrowed when client, type and size say so: sets encoding, marks
 * the etag, adds Vary. Bodies over `max` bytes stay plain. */
void http_encode(Cx *cx, const HttpReq *rq, HttpResp *rs, size_t max);

/* A whole body, packed once to be sent often; malloc'd, empty where it does not get smaller. */
Str http_pack_gzip(Str body, int level); /* 1 to 9 */
Str http_pack_zstd(Str body, int level); /* 1 to 19 */

typedef struct HttpRange {
    int64_t first, n; /* bytes of the file to send */
    bool    partial;  /* 206 */
    bool    none;     /* 416: the range lies behind the end */
} HttpRange;

/* One range of a file of `size` bytes; several ranges, other units and what is malformed
 * count as none asked for, as the RFC has it. */
HttpRange http_range(Str range, Str if_range, Str etag, int64_t size);
