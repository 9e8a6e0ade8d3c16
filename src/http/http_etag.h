/* http_etag.h - conditional requests (RFC 9110 §13).
 *
 * A resource with a revision number answers with ETag: "REV"; a reply that was compressed
 * on the way carries "REV+zstd" or "REV+gzip", because another encoding is another
 * representation. The readers here take all of them for the same revision. */
#pragma once

#include "http/http.h"

/* rs->etag = "REV". */
void http_etag_rev(Cx *cx, HttpResp *rs, int64_t rev);

/* Does the list of tags (a header's value) name `etag`, or is it "*"? Weak comparison
 * ignores "W/"; strong comparison never matches a weak tag. */
bool http_etag_listed(Str list, Str etag, bool weak);

/* If-Match as a revision, for writes that must not undo what others did: 0 when it was not
 * sent or is "*". ST_STALE "http.stale" when it names something that is no revision. */
NODISCARD Status http_if_match_rev(Cx *cx, const HttpReq *rq, int64_t *ret_rev);

/* Fail with ST_STALE "http.stale" unless If-Match was not sent or names `rev`. */
NODISCARD Status http_check_rev(Cx *cx, const HttpReq *rq, int64_t rev);
