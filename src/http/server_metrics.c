#include "http/server_int.h"

#include "base/metric.h"

#include <stdio.h>
#include <unistd.h>

static Metric bytes_out = METRIC_COUNTER("http_reply_bytes", "Bytes of reply bodies.");
static Metric sql = METRIC_COUNTER("http_sql_statements", "SQL statements run for requests.");
static Metric quick_time =
    METRIC_HISTOGRAM("http_quick_seconds", "Time to answer on an I/O thread.");
static Metric work_time =
    METRIC_HISTOGRAM("http_work_seconds", "Time to answer on a worker, without waiting for it.");

void server_count(HttpServer *srv, const Exchange *ex, int64_t bytes, int64_t us,
                  int64_t statements)
{
    (void)srv;
    HttpRouteStat *stat = ex->rq.stat;
    metric_add(&bytes_out, bytes);
    if (statements > 0)
        metric_add(&sql, statements);
    metric_observe(ex->queued ? &work_time : &quick_time, us);
    http_count(stat, ex->status);
}

static void write_route(Buf *b, HttpRouteStat *stat)
{
    const HttpRoute *r = stat->route;
    for (int i = 0; i < HTTP_STATUSES; i++) {
        int64_t n = atomic_load_explicit(&stat->counts[i], memory_order_relaxed);
        char    labels[512];
        if (n == 0)
            continue;
        snprintf(labels, sizeof labels, "method=\"%s\",route=\"" STR_FMT "\",status=\"%d\"",
                 r != NULL ? http_method_name(r->method) : "", r != NULL ? (int)r->pattern.len : 0,
                 r != NULL ? r->pattern.ptr : "", http_status_at(i));
        metric_sample(b, METRIC_COUNTER_K, "http_requests", labels, n);
    }
}

static void gauge(Buf *b, const char *name, const char *help, int64_t v)
{
    metric_family(b, METRIC_GAUGE_K, name, help);
    metric_sample(b, METRIC_GAUGE_K, name, "", v);
}

static int64_t resident_bytes(void)
{
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return 0;
    char    line[128];
    Str     size, rest, resident;
    int64_t n = 0;
    if (fgets(line, sizeof line, f) != NULL) {
        str_cut(str_from_cstr(line), ' ', &size, &rest);
        str_cut(rest, ' ', &resident, &rest);
        if (!str_parse_i64(resident, &n))
            n = 0;
    }
    fclose(f);
    return n * sysconf(_SC_PAGESIZE);
}

static void collect(Buf *b, void *arg)
{
    HttpServer             *srv = arg;
    const struct HttpIndex *index = srv->app->index;
    metric_family(b, METRIC_COUNTER_K, "http_requests", "Requests answered, by route and status.");
    for (size_t i = 0; i < index->n; i++)
        write_route(b, &index->stats[i]);
    write_route(b, (HttpRouteStat *)(uintptr_t)&index->none);
    pthread_mutex_lock(&srv->conns.lock);
    int connections = srv->conns.n;
    pthread_mutex_unlock(&srv->conns.lock);
    gauge(b, "http_connections", "Open connections, with streams.", connections);
    gauge(b, "http_streams", "Open event streams.", (int64_t)loop_streams(srv->loop));
    gauge(b, "http_in_flight", "Requests that are being read or answered.",
          atomic_load(&srv->in_flight));
    gauge(b, "http_workers_busy", "Workers that run a request.", workers_busy(srv->workers));
    gauge(b, "http_workers", "Workers.", workers_alive(srv->workers));
    gauge(b, "http_queue", "Requests that wait for a worker.", workers_waiting(srv->workers));
    gauge(b, "http_bodies_memory_bytes", "Request bodies in memory.",
          atomic_load(&srv->spools.memory));
    gauge(b, "http_bodies_disk_bytes", "Request bodies in temporary files.",
          atomic_load(&srv->spools.disk));
    gauge(b, "process_resident_memory_bytes", "Memory of the process.", resident_bytes());
}

void server_metrics_begin(HttpServer *srv)
{
    metric_collect(collect, srv);
}

void server_metrics_end(HttpServer *srv)
{
    metric_uncollect(collect, srv);
}
