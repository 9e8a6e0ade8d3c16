/* grouped.h - who is in which cell of which group, for tests: people are bits of a word. */
#pragma once

#include "asking.h"

enum { GROUPS_MAX = 800, CELLS_MAX = 1100, BY_TEXT = 160 };

/* Ways to divide events into groups. */
typedef enum By { BY_PAGE, BY_PAIR, BY_PARITY, BY_SEGMENT, BY_WEIGHT, BY_REVENUE, BYS } By;
static const char *const BY_JSON[BYS] = {"\"page\"",          "[\"channel\",\"person.parity\"]",
                                         "\"person.parity\"", "{\"where\":{\"channel\":\"email\"}}",
                                         "\"weight\"",        "\"revenue\""};

typedef struct GroupWant {
    char     by[BY_TEXT]; /* as JSON */
    uint64_t cell[CELLS_MAX];
} GroupWant;

typedef struct Want {
    GroupWant group[GROUPS_MAX];
    size_t    n;
} Want;

static inline void text_json(char *to, const char *text)
{
    (void)snprintf(to, BY_TEXT, text[0] != '\0' ? "\"%s\"" : "null", text);
}

/* The value of an event, as JSON. */
static inline void by_of(By by, const ModelEvent *e, int64_t profile, char *to)
{
    const char *parity = profile % 2 != 0 ? "odd" : "even";
    char        channel[BY_TEXT];
    text_json(channel, MODEL_CHANNELS[e->channel]);
    (void)snprintf(to, BY_TEXT, "null");
    switch (by) {
    case BY_PAGE: text_json(to, MODEL_PAGES[e->page]); break;
    case BY_PAIR: (void)snprintf(to, BY_TEXT, "[%.100s,\"%s\"]", channel, parity); break;
    case BY_PARITY: text_json(to, parity); break;
    case BY_SEGMENT: (void)snprintf(to, BY_TEXT, e->channel == 3 ? "true" : "false"); break;
    case BY_WEIGHT:
        if (e->weight >= 0)
            (void)snprintf(to, BY_TEXT, "%g", e->weight);
        break;
    case BY_REVENUE:
        if (e->revenue >= 0)
            (void)snprintf(to, BY_TEXT, "%lld", (long long)e->revenue);
        break;
    case BYS:
    default: fail();
    }
}

/* The same of a value in an answer. */
static inline void by_json(const JsonValue *v, char *to)
{
    char first[BY_TEXT], second[BY_TEXT];
    if (v->type == JSON_STRING) {
        (void)snprintf(to, BY_TEXT, "\"%.*s\"", (int)v->text.len, v->text.ptr);
    } else if (v->type == JSON_BOOL) {
        (void)snprintf(to, BY_TEXT, v->boolean ? "true" : "false");
    } else if (v->type == JSON_NUMBER) {
        (void)snprintf(to, BY_TEXT, "%g", real(v));
        if (v->integer)
            (void)snprintf(to, BY_TEXT, "%lld", (long long)v->i64);
    } else if (v->type == JSON_ARRAY) {
        assert_int_equal(v->n, 2);
        by_json(&v->items[0], first);
        by_json(&v->items[1], second);
        (void)snprintf(to, BY_TEXT, "[%.70s,%.70s]", first, second);
    } else {
        assert_int_equal(v->type, JSON_NULL);
        (void)snprintf(to, BY_TEXT, "null");
    }
}

static inline GroupWant *want_group(Want *w, const char *by)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->group[i].by, by) == 0)
            return &w->group[i];
    assert_true(w->n < GROUPS_MAX);
    GroupWant *g = &w->group[w->n++];
    memset(g, 0, sizeof *g);
    (void)snprintf(g->by, sizeof g->by, "%s", by);
    return g;
}

static inline void want_person(Want *w, const char *by, size_t cell, int64_t profile)
{
    assert_true(cell < CELLS_MAX);
    want_group(w, by)->cell[cell] |= 1ULL << profile;
}

/* Who is behind a cell: `cell` says its members, without braces; "by" is added. */
static inline uint64_t people_behind(World *w, const char *of, const char *cell, const char *by)
{
    char     text[1024];
    uint64_t mask = 0;
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"people\",\"limit\":1000,\"cell\":{%s%s%s%s},\"of\":%s}", cell,
                   by != NULL && cell[0] != '\0' ? "," : "", by != NULL ? "\"by\":" : "",
                   by != NULL ? by : "", of);
    const JsonValue *a = ask(w, text), *list = get(a, "profiles");
    assert_int_equal(list->n, number(get(a, "total")));
    for (uint32_t i = 0; i < list->n; i++)
        mask |= 1ULL << number(&list->items[i]);
    assert_int_equal(__builtin_popcountll(mask), list->n);
    return mask;
}

static inline int64_t people_in(uint64_t mask)
{
    return __builtin_popcountll(mask);
}
