#include "http/http_int.h"

static const int STATUSES[HTTP_STATUSES] = {
    200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403,
    404, 405, 408, 409, 412, 413, 415, 416, 422, 429, 500, 501, 503, 0,
};

int http_status_at(int i)
{
    ASSERT(i >= 0 && i < HTTP_STATUSES);
    return STATUSES[i];
}

void http_count(HttpRouteStat *stat, int status)
{
    int i = 0;
    while (i < HTTP_STATUSES - 1 && STATUSES[i] != status)
        i++;
    atomic_fetch_add_explicit(&stat->counts[i], 1, memory_order_relaxed);
}
