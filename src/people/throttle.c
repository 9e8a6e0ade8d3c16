#include "people/people_int.h"

/* Somebody who guesses from one place is stopped soon; an account that is tried from many
 * places is slowed down only so much that its owner can still get in. */
enum { SECOND = 1000, MINUTE = 60 * SECOND };

const PeopleThrottleRule people_by_account_and_net = {"an:", 5, {SECOND}, {15 * MINUTE}};
const PeopleThrottleRule people_by_account = {"a:", 50, {SECOND}, {MINUTE}};
const PeopleThrottleRule people_by_net = {"n:", 30, {SECOND}, {15 * MINUTE}, .shared = true};
const PeopleThrottleRule people_by_code = {"c:", 5, {SECOND}, {15 * MINUTE}};

#define FORGOTTEN_AFTER SPAN_HOURS(24)

static Str key_of(Cx *cx, const PeopleTry *try)
{
    size_t room = strlen(try->rule->prefix) + try->key.len + 1;
    char  *out = arena_array(cx->arena, char, room);
    int    n = snprintf(out, room, "%s" STR_FMT, try->rule->prefix, STR_ARG(try->key));
    return (Str){out, (size_t)n};
}

static Status load(Cx *cx, Str key, PeopleThrottle *ret)
{
    bool           found;
    PeopleThrottle row = {0};
    TRY(people_sql_throttle_get(cx, key, &found, &row));
    *ret = found && unix_ms_diff(cx->now, row.seen_ms).v < FORGOTTEN_AFTER.v ? row
                                                                             : (PeopleThrottle){0};
    return ST_OK;
}

static SpanMs wait_after(const PeopleThrottleRule *rule, int64_t failures)
{
    SpanMs wait = rule->first;
    if (failures <= rule->free)
        return (SpanMs){0};
    for (int64_t i = rule->free + 1; i < failures && wait.v < rule->most.v; i++)
        wait.v *= 2;
    return wait.v < rule->most.v ? wait : rule->most;
}

typedef struct Tries {
    const PeopleTry *items;
    size_t           n;
    SpanMs           wait;
} Tries;

static Status try_tx(Cx *cx, void *arg)
{
    Tries *tries = arg;
    tries->wait = (SpanMs){0};
    PeopleThrottle *rows = arena_array(cx->arena, PeopleThrottle, tries->n);
    for (size_t i = 0; i < tries->n; i++) {
        TRY(load(cx, key_of(cx, &tries->items[i]), &rows[i]));
        SpanMs wait = unix_ms_diff(rows[i].until_ms, cx->now);
        if (wait.v > tries->wait.v)
            tries->wait = wait;
    }
    if (tries->wait.v > 0)
        return cx_fail(cx, ST_RATE, "people.try_later", "too many failures; try again in %lld s",
                       (long long)(tries->wait.v + 999) / 1000);
    for (size_t i = 0; i < tries->n; i++) {
        int64_t failures = rows[i].failures + 1;
        UnixMs  until = unix_ms_add(cx->now, wait_after(tries->items[i].rule, failures));
        TRY(people_sql_throttle_put(cx, key_of(cx, &tries->items[i]), failures, until, cx->now,
                                    NULL));
    }
    return ST_OK;
}

Status people_try(Cx *cx, const PeopleTry *tries, size_t n, SpanMs *ret_retry)
{
    Tries  all = {.items = tries, .n = n};
    Status st = cx_in_tx(cx, try_tx, &all);
    if (st == ST_RATE)
        *ret_retry = all.wait;
    return st;
}

Status people_try_forget(Cx *cx, const PeopleTry *tries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        Str key = key_of(cx, &tries[i]);
        if (!tries[i].rule->shared) {
            TRY(people_sql_throttle_clear(cx, key, NULL));
            continue;
        }
        /* A network is shared: one who gets in there takes back only what this attempt cost. */
        PeopleThrottle row;
        TRY(load(cx, key, &row));
        if (row.failures > 0)
            TRY(people_sql_throttle_put(cx, key, row.failures - 1, cx->now, cx->now, NULL));
    }
    return ST_OK;
}
