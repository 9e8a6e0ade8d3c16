/* track.h - collecting events: whatever trackers send goes into the journey.
 *
 *      TRY(track_start(&(TrackOptions){.dir = "data/track", .db = db, .core = core}, &err));
 *      …                              // track_routes among the program's routes
 *      track_stop();                  // after the server
 *
 * Speaks Segment's HTTP API, GA4's Measurement Protocol and gtag hits, and Matomo's tracking
 * requests (docs/tracking.md). A request is answered when its events are durable: they go from its
 * body into the journey's log, whose group commits many requests share, without a thread that
 * waits. No event touches SQL. What has to - who is who, and what could not be understood - is
 * first written to a queue of its own (queue.h), in the same moment, and worked off in order.
 *
 * Codes: track.bad_key, track.bad_origin, track.bad_body, track.too_big, track.too_often,
 * track.full, track.no_key, track.not_started, … */
#pragma once

#include "core/module.h"
#include "http/http.h"

typedef struct TrackOptions {
    const char *dir; /* for the queue; made where it is missing */
    Db         *db;
    Core       *core;
} TrackOptions;

/* After people_journey_open() and core_start(). */
NODISCARD Status track_start(const TrackOptions *options, Err *err);
void             track_stop(void);

/* Wait until what has queued up was worked off. For tests and the command line. ST_BUSY
 * "track.not_started", "track.stuck" after ten seconds. */
NODISCARD Status track_settle(Err *err);

extern const HttpRoutes track_routes;     /* what trackers send */
extern const HttpRoutes track_key_routes; /* /api/v1/tracking: keys, what was kept aside */
extern const Module     track_module;

/* What goes into the head of the shop's own pages; lives in `a`. Empty: nothing is collected. */
Str track_head(Arena *a);
