#include "base/metric.h"

#include <pthread.h>

/* Upper bounds in microseconds, and as seconds. The last bucket has none. */
static const int64_t BOUNDS[METRIC_BUCKETS] = {
    100,   250,    500,    1000,   2500,    5000,    10000,   25000,
    50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};
static const char *const SECONDS[METRIC_BUCKETS] = {
    "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
    "0.05",   "0.1",     "0.25",   "0.5",   "1.0",    "2.5",   "5.0",  "10.0",
};

enum { COLLECTORS_MAX = 64 };

static struct {
    pthread_mutex_t lock;
    Metric         *all;
    struct {
        MetricCollector *fn;
        void            *arg;
    } collectors[COLLECTORS_MAX];
    size_t n;
} registry = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* In the order of names, so that a scrape looks the same every time. */
static void list(Metric *m)
{
    pthread_mutex_lock(&registry.lock);
    if (!atomic_load_explicit(&m->listed, memory_order_relaxed)) {
        Metric **at = &registry.all;
        while (*at != NULL && strcmp((*at)->name, m->name) < 0)
            at = &(*at)->next;
        m->next = *at;
        *at = m;
        atomic_store_explicit(&m->listed, 1, memory_order_release);
    }
    pthread_mutex_unlock(&registry.lock);
}

static void need_list(Metric *m)
{
    if (!atomic_load_explicit(&m->listed, memory_order_acquire))
        list(m);
}

void metric_add(Metric *m, int64_t n)
{
    need_list(m);
    atomic_fetch_add_explicit(&m->value, n, memory_order_relaxed);
}

void metric_set(Metric *m, int64_t v)
{
    ASSERT(m->kind == METRIC_GAUGE_K);
    need_list(m);
    atomic_store_explicit(&m->value, v, memory_order_relaxed);
}

void metric_observe(Metric *m, int64_t us)
{
    size_t i = 0;
    ASSERT(m->kind == METRIC_HISTOGRAM_K);
    need_list(m);
    while (i < METRIC_BUCKETS && us > BOUNDS[i])
        i++;
    atomic_fetch_add_explicit(&m->buckets[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->value, us, memory_order_relaxed);
}

void metric_family(Buf *b, MetricKind kind, const char *name, const char *help)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    buf_addf(b, "# TYPE rapport_%s %s\n# HELP rapport_%s %s\n", name, TYPES[kind], name, help);
}

void metric_sample(Buf *b, MetricKind kind, const char *name, const char *labels, int64_t v)
{
    buf_addf(b, "rapport_%s%s", name, kind == METRIC_COUNTER_K ? "_total" : "");
    if (labels[0] != '\0')
        buf_addf(b, "{%s}", labels);
    buf_addf(b, " %lld\n", (long long)v);
}

static void write_histogram(Buf *b, Metric *m)
{
    int64_t sum = atomic_load_explicit(&m->value, memory_order_relaxed), n = 0;
    for (size_t i = 0; i <= METRIC_BUCKETS; i++) {
        n += atomic_load_explicit(&m->buckets[i], memory_order_relaxed);
        buf_addf(b, "rapport_%s_bucket{le=\"%s\"} %lld\n", m->name,
                 i < METRIC_BUCKETS ? SECONDS[i] : "+Inf", (long long)n);
    }
    buf_addf(b, "rapport_%s_sum %lld.%06lld\nrapport_%s_count %lld\n", m->name,
             (long long)(sum / 1000000), (long long)(sum % 1000000), m->name, (long long)n);
}

static void write_metric(Buf *b, Metric *m)
{
    metric_family(b, m->kind, m->name, m->help);
    if (m->kind == METRIC_HISTOGRAM_K)
        write_histogram(b, m);
    else
        metric_sample(b, m->kind, m->name, "",
                      atomic_load_explicit(&m->value, memory_order_relaxed));
}

void metric_collect(MetricCollector *fn, void *arg)
{
    pthread_mutex_lock(&registry.lock);
    ASSERT(registry.n < COLLECTORS_MAX);
    registry.collectors[registry.n].fn = fn;
    registry.collectors[registry.n++].arg = arg;
    pthread_mutex_unlock(&registry.lock);
}

void metric_uncollect(MetricCollector *fn, void *arg)
{
    pthread_mutex_lock(&registry.lock);
    for (size_t i = registry.n; i-- > 0;)
        if (registry.collectors[i].fn == fn && registry.collectors[i].arg == arg)
            registry.collectors[i] = registry.collectors[--registry.n];
    pthread_mutex_unlock(&registry.lock);
}

void metrics_write(Buf *b)
{
    pthread_mutex_lock(&registry.lock);
    for (Metric *m = registry.all; m != NULL; m = m->next)
        write_metric(b, m);
    for (size_t i = 0; i < registry.n; i++)
        registry.collectors[i].fn(b, registry.collectors[i].arg);
    pthread_mutex_unlock(&registry.lock);
    buf_add(b, STR("# EOF\n"));
}
