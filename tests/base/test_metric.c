/* Counters, gauges and histograms, and the text that a scraper reads. */
#include "test.h"

#include "base/metric.h"

#include <pthread.h>

static Metric calls = METRIC_COUNTER("test_calls", "Calls.");
static Metric level = METRIC_GAUGE("test_level", "Level.");
static Metric took = METRIC_HISTOGRAM("test_seconds", "Time.");
static Metric silent = METRIC_COUNTER("test_silent", "Never written.");

static Str scrape(Buf *b)
{
    buf_init(b, 1 << 16);
    metrics_write(b);
    return buf_str(b);
}

static void assert_has(Str text, const char *line)
{
    if (memmem(text.ptr, text.len, line, strlen(line)) == NULL)
        fail_msg("%s is not in\n" STR_FMT, line, STR_ARG(text));
}

static void metrics_are_shown_once_they_were_written(void **state)
{
    (void)state;
    (void)silent;
    metric_add(&calls, 2);
    metric_add(&calls, 3);
    metric_set(&level, 7);
    metric_add(&level, -9);
    metric_observe(&took, 50);
    metric_observe(&took, 250);
    metric_observe(&took, 251);
    metric_observe(&took, 20000000);
    CLEANUP(buf_done) Buf b;
    Str                   text = scrape(&b);
    assert_has(text, "# TYPE rapport_test_calls counter\n# HELP rapport_test_calls Calls.\n"
                     "rapport_test_calls_total 5\n");
    assert_has(text, "rapport_test_level -2\n");
    assert_has(text, "rapport_test_seconds_bucket{le=\"0.0001\"} 1\n"
                     "rapport_test_seconds_bucket{le=\"0.00025\"} 2\n"
                     "rapport_test_seconds_bucket{le=\"0.0005\"} 3\n");
    assert_has(text, "rapport_test_seconds_bucket{le=\"10.0\"} 3\n"
                     "rapport_test_seconds_bucket{le=\"+Inf\"} 4\n"
                     "rapport_test_seconds_sum 20.000551\nrapport_test_seconds_count 4\n");
    assert_null(memmem(text.ptr, text.len, "silent", 6));
    assert_memory_equal(text.ptr + text.len - 6, "# EOF\n", 6);
}

static void *add_many(void *arg)
{
    for (int i = 0; i < 10000; i++)
        metric_add(arg, 1);
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    static Metric shared = METRIC_COUNTER("test_shared", "Shared.");
    pthread_t     threads[4];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_many, &shared), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    CLEANUP(buf_done) Buf b;
    assert_has(scrape(&b), "rapport_test_shared_total 40000\n");
}

static void collect_some(Buf *b, void *arg)
{
    metric_family(b, METRIC_COUNTER_K, "test_family", "By label.");
    metric_sample(b, METRIC_COUNTER_K, "test_family", "kind=\"a\"", *(int *)arg);
    metric_sample(b, METRIC_COUNTER_K, "test_family", "kind=\"b\"", 4);
}

static void collectors_are_asked_until_they_are_taken_out(void **state)
{
    int n = 3;
    (void)state;
    metric_collect(collect_some, &n);
    CLEANUP(buf_done) Buf b;
    assert_has(scrape(&b), "rapport_test_family_total{kind=\"a\"} 3\n"
                           "rapport_test_family_total{kind=\"b\"} 4\n");
    metric_uncollect(collect_some, &n);
    CLEANUP(buf_done) Buf again;
    Str                   text = scrape(&again);
    assert_null(memmem(text.ptr, text.len, "test_family", 11));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_are_shown_once_they_were_written),
        cmocka_unit_test(threads_lose_no_count),
        cmocka_unit_test(collectors_are_asked_until_they_are_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
