/* journey_int.h - what ties the journey to people's events; not for others. */
#pragma once

#include "people/journey_store.h"

#include "base/json_write.h"

NODISCARD Status people_journey_on_moved(Cx *cx, const Event *event);
NODISCARD Status people_journey_on_changed(Cx *cx, const Event *event);
NODISCARD Status people_journey_on_erased(Cx *cx, const Event *event);
NODISCARD Status people_journey_on_setting(Cx *cx, const Event *event);

/* Forget what is older than the setting says. Once an hour, and when the setting changes. */
NODISCARD Status people_journey_expire(Cx *cx);

/* journey_watch.c: end questions whose clients have gone, or that take too long. */
typedef struct Watched {
    bool (*gone)(const void *arg);
    const void     *arg;
    int64_t         until_us; /* clock_mono_us() */
    atomic_bool     cancel;
    struct Watched *next;
} Watched;

void people_watch(Watched *w); /* from now … */
void people_unwatch(Watched *w);

void people_journey_schema(Json *out); /* of a question, for the document */
