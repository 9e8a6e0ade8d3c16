#include "core/core_int.h"

#include "base/metric.h"

/* Called for each scrape, so everything is in memory already. */

typedef int64_t ConsumerFigure(const Consumer *c, UnixMs now);

static int64_t lag_ms(const Consumer *c, UnixMs now)
{
    return c->held ? consumer_lag(c, now).v : 0;
}

static int64_t waiting(const Consumer *c, UnixMs now)
{
    (void)now;
    return (int64_t)(c->window.n + c->kept.n);
}

static int64_t retrying(const Consumer *c, UnixMs now)
{
    (void)now;
    return (int64_t)c->kept.n;
}

static int64_t held(const Consumer *c, UnixMs now)
{
    (void)now;
    return c->held;
}

static int64_t delivered(const Consumer *c, UnixMs now)
{
    (void)now;
    return c->delivered;
}

static int64_t failed(const Consumer *c, UnixMs now)
{
    (void)now;
    return c->failed;
}

static int64_t given_up(const Consumer *c, UnixMs now)
{
    (void)now;
    return c->parked + c->lost;
}

static void consumers(Buf *b, Core *core, MetricKind kind, const char *name, const char *help,
                      ConsumerFigure *figure)
{
    Relay *r = &core->relay;
    UnixMs now = core_now(core);
    metric_family(b, kind, name, help);
    for (size_t i = 0; i < r->n; i++) {
        char labels[160];
        snprintf(labels, sizeof labels, "reaction=\"%s\"", r->consumers[i].reaction->name);
        pthread_mutex_lock(&r->mutex);
        int64_t v = figure(&r->consumers[i], now);
        pthread_mutex_unlock(&r->mutex);
        metric_sample(b, kind, name, labels, v);
    }
}

typedef int64_t KindFigure(const JobKindState *k);

static int64_t queued(const JobKindState *k)
{
    int64_t n = atomic_load(&k->waiting);
    return n < 0 ? 0 : n;
}

static int64_t claimed(const JobKindState *k)
{
    return k->claimed;
}

static int64_t done(const JobKindState *k)
{
    return k->done;
}

static int64_t retried(const JobKindState *k)
{
    return k->retried;
}

static int64_t dead(const JobKindState *k)
{
    return k->dead;
}

static void kinds(Buf *b, Core *core, MetricKind kind, const char *name, const char *help,
                  KindFigure *figure)
{
    Jobs *j = &core->jobs;
    metric_family(b, kind, name, help);
    for (size_t i = 0; i < j->nkinds; i++) {
        char labels[160];
        snprintf(labels, sizeof labels, "kind=\"%s\"", j->kinds[i].kind->name);
        pthread_mutex_lock(&j->mutex);
        int64_t v = figure(&j->kinds[i]);
        pthread_mutex_unlock(&j->mutex);
        metric_sample(b, kind, name, labels, v);
    }
}

void core_metrics(Buf *b, void *arg)
{
    Core *core = arg;
    consumers(b, core, METRIC_GAUGE_K, "core_reaction_lag_milliseconds",
              "Age of the oldest event that this process has for the reaction.", lag_ms);
    consumers(b, core, METRIC_GAUGE_K, "core_reaction_waiting",
              "Deliveries in memory, unfinished or not yet saved.", waiting);
    consumers(b, core, METRIC_GAUGE_K, "core_reaction_retrying",
              "Deliveries that failed, or wait behind one.", retrying);
    consumers(b, core, METRIC_GAUGE_K, "core_reaction_held",
              "1 where this process delivers to the reaction.", held);
    consumers(b, core, METRIC_COUNTER_K, "core_reaction_deliveries", "Deliveries that succeeded.",
              delivered);
    consumers(b, core, METRIC_COUNTER_K, "core_reaction_failures", "Deliveries that failed.",
              failed);
    consumers(b, core, METRIC_COUNTER_K, "core_reaction_given_up", "Events parked, or skipped.",
              given_up);
    kinds(b, core, METRIC_GAUGE_K, "core_jobs_waiting", "About how many jobs wait.", queued);
    kinds(b, core, METRIC_GAUGE_K, "core_jobs_claimed", "Jobs that this process has.", claimed);
    kinds(b, core, METRIC_COUNTER_K, "core_jobs_done", "Jobs that succeeded.", done);
    kinds(b, core, METRIC_COUNTER_K, "core_jobs_retried", "Attempts that failed.", retried);
    kinds(b, core, METRIC_COUNTER_K, "core_jobs_dead", "Jobs that are out of attempts.", dead);
}
