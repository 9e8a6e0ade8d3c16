/* metric.h - numbers about the running program, for /metrics (OpenMetrics text).
 *
 *      static Metric sent = METRIC_COUNTER("outreach_mails", "E-mails handed to the mail server.");
 *      metric_add(&sent, 1);
 *
 *      static Metric took = METRIC_HISTOGRAM("search_seconds", "Time of one search.");
 *      metric_observe(&took, microseconds);
 *
 * Writing is a relaxed atomic addition: any thread, no lock, a few nanoseconds. A metric
 * lists itself when it is first written. Numbers that come in families with labels, or are
 * only known when asked for, are written by a collector. Names follow Prometheus: lower
 * case, base units, counters without "_total" (it is added). */
#pragma once

#include "base/buf.h"

#include <stdatomic.h>

enum { METRIC_BUCKETS = 16 };

typedef enum MetricKind {
    METRIC_COUNTER_K,  /* only grows */
    METRIC_GAUGE_K,    /* goes up and down */
    METRIC_HISTOGRAM_K /* of times, given in microseconds, shown in seconds */
} MetricKind;

typedef struct Metric Metric;
struct Metric {
    MetricKind      kind;
    const char     *name;
    const char     *help;
    _Atomic int     listed;
    Metric         *next;
    _Atomic int64_t value;                       /* counter, gauge; histogram: sum */
    _Atomic int64_t buckets[METRIC_BUCKETS + 1]; /* histogram: how many up to each bound */
};

#define METRIC_COUNTER(name_, help_)                                                               \
    {                                                                                              \
        .kind = METRIC_COUNTER_K, .name = "" name_, .help = "" help_                               \
    }
#define METRIC_GAUGE(name_, help_)                                                                 \
    {                                                                                              \
        .kind = METRIC_GAUGE_K, .name = "" name_, .help = "" help_                                 \
    }
#define METRIC_HISTOGRAM(name_, help_)                                                             \
    {                                                                                              \
        .kind = METRIC_HISTOGRAM_K, .name = "" name_, .help = "" help_                             \
    }

void metric_add(Metric *m, int64_t n); /* n may be negative for gauges */
void metric_set(Metric *m, int64_t v);
void metric_observe(Metric *m, int64_t us);

/* --- families, and what is measured when asked ---------------------------------------- */

/* Begin a family, then write its samples; `labels` is `route="/a",status="200"` or "". */
void metric_family(Buf *b, MetricKind kind, const char *name, const char *help);
void metric_sample(Buf *b, MetricKind kind, const char *name, const char *labels, int64_t v);

typedef void MetricCollector(Buf *b, void *arg);

/* Ask `fn` at each scrape until it is taken out; it must not wait. */
void metric_collect(MetricCollector *fn, void *arg);
void metric_uncollect(MetricCollector *fn, void *arg);

/* All of it, with the closing "# EOF". */
void metrics_write(Buf *b);
