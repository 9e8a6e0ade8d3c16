/* model.h - a store in the plainest form: an array. What the engine says is held against it. */
#pragma once

#include "test.h"

#include "base/rng.h"
#include "journey/journey.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODEL_SUBJECTS = 40 };

typedef struct ModelEvent {
    int64_t subject;
    int64_t time; /* ms */
    int     name;
    int     page;    /* 0: none */
    int     channel; /* 0: none */
    int64_t revenue; /* -1: none */
    double  weight;  /* < 0: none */
    int64_t order;   /* of arrival */
    bool    gone;
} ModelEvent;

typedef struct Model {
    ModelEvent *events;
    size_t      n, cap;
    int64_t     profile[MODEL_SUBJECTS + 1];
    bool        coarse; /* times are whole seconds */
    int64_t     above;  /* subjects have larger numbers than this one */
    int64_t     shift;  /* ms later, all of them, unless they are coarse */
    int         days;   /* 0: 30 */
} Model;

static const char *const MODEL_NAMES[] = {"Page Viewed", "Product Viewed", "Product Added",
                                          "Checkout Started", "Order Completed"};
static const char *const MODEL_PAGES[] = {"", "home", "search", "cart", "help", "product"};
static const char *const MODEL_CHANNELS[] = {"", "direct", "organic", "email", "social"};
static const int64_t     MODEL_START = 1736121600000; /* Monday 2025-01-06 UTC */

static inline void model_init(Model *m)
{
    *m = (Model){0};
    for (int i = 0; i <= MODEL_SUBJECTS; i++)
        m->profile[i] = i;
}

static inline void model_done(Model *m)
{
    free(m->events);
}

/* A new random event, put into the model. */
static inline ModelEvent *model_add(Model *m, Rng *r)
{
    if (m->n == m->cap) {
        m->cap = m->cap * 2 + 64;
        m->events = realloc(m->events, m->cap * sizeof *m->events);
        assert_non_null(m->events);
    }
    ModelEvent *e = &m->events[m->n];
    *e = (ModelEvent){.subject = rng_between(r, m->above + 1, MODEL_SUBJECTS),
                      .name = (int)rng_below(r, 5),
                      .order = (int64_t)m->n,
                      .revenue = -1,
                      .weight = -1};
    /* in clumps, so that there are sessions; sometimes at the same instant */
    e->time = MODEL_START + rng_between(r, 0, m->days > 0 ? m->days : 30) * 86400000 +
              rng_between(r, 0, 3) * 3600000 + rng_between(r, 0, 40) * 60000 +
              (rng_below(r, 4) == 0 ? rng_between(r, 0, 999) : 0);
    e->time += m->coarse ? -(e->time % 1000) : m->shift;
    e->page = (int)rng_below(r, COUNT_OF(MODEL_PAGES));
    e->channel = (int)rng_below(r, COUNT_OF(MODEL_CHANNELS));
    if (e->name == 4)
        e->revenue = rng_between(r, 100, 20000);
    if (rng_below(r, 3) == 0)
        e->weight = (double)rng_between(r, 1, 400) / 4;
    m->n++;
    return e;
}

/* As the store wants it; texts are literals. */
static inline JourneyEvent model_event(const ModelEvent *e, JourneyProp props[4])
{
    JourneyEvent j = {.subject = e->subject,
                      .time = {e->time},
                      .name = str_from_cstr(MODEL_NAMES[e->name]),
                      .props = props};
    ASSERT(props != NULL);
    if (e->page != 0)
        props[j.nprops++] = (JourneyProp){
            .key = STR("page"), .type = JOURNEY_TEXT, .text = str_from_cstr(MODEL_PAGES[e->page])};
    if (e->channel != 0)
        props[j.nprops++] = (JourneyProp){.key = STR("channel"),
                                          .type = JOURNEY_TEXT,
                                          .text = str_from_cstr(MODEL_CHANNELS[e->channel])};
    if (e->revenue >= 0)
        props[j.nprops++] =
            (JourneyProp){.key = STR("revenue"), .type = JOURNEY_INT, .i = e->revenue};
    if (e->weight >= 0)
        props[j.nprops++] =
            (JourneyProp){.key = STR("weight"), .type = JOURNEY_REAL, .real = e->weight};
    return j;
}

static inline int64_t model_profile(const Model *m, const ModelEvent *e)
{
    return m->profile[e->subject];
}

static inline int model_order(const void *x, const void *y)
{
    const ModelEvent *a = *(ModelEvent *const *)x, *b = *(ModelEvent *const *)y;
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->subject != b->subject)
        return a->subject < b->subject ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

/* The events of a profile, in order; malloc'd. */
static inline ModelEvent **model_person(const Model *m, int64_t profile, size_t *ret_n)
{
    ModelEvent **list = malloc((m->n + 1) * sizeof *list);
    size_t       n = 0;
    assert_non_null(list);
    for (size_t i = 0; i < m->n; i++)
        if (!m->events[i].gone && model_profile(m, &m->events[i]) == profile)
            list[n++] = &m->events[i];
    if (n > 1)
        qsort(list, n, sizeof *list, model_order);
    *ret_n = n;
    return list;
}

/* A new folder for a store. */
static inline char *model_dir(void)
{
    bool  memory = access("/dev/shm", W_OK) == 0; /* tests make thousands of fsyncs */
    char *dir = strdup(memory ? "/dev/shm/rapport-journey-XXXXXX" : "/tmp/rapport-journey-XXXXXX");
    assert_non_null(dir);
    assert_non_null(mkdtemp(dir));
    return dir;
}

static inline void model_rmdir(char *dir)
{
    DIR                 *d = opendir(dir);
    const struct dirent *e;
    char                 path[4096];
    while (d != NULL && (e = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    if (d != NULL)
        closedir(d);
    rmdir(dir);
    free(dir);
}
