/* sink.h - what one request brings: events for the journey, records for the queue.
 *
 *      Sink *s = sink_begin(cx->arena, cx->now, key, "segment");
 *      … sink_event(s, &who, name, time, message) after sink_prop() for each property …
 *      sink_send(s, …)                                       // collect.c
 *
 * A thread has one, which keeps its memory: once it is warm, an event costs no allocation. Texts
 * are slices of the request's body, or live in the arena of the request. */
#pragma once

#include "base/json_scan.h"
#include "channel/track/key.h"
#include "channel/track/queue.h"
#include "journey/journey.h"

enum {
    SINK_EVENTS_MAX = 2500,      /* of one request, as Segment's */
    SINK_EVENT_BYTES = 32 << 10, /* of one event's JSON */
    SINK_RAW_MAX = 64 << 10,     /* bytes kept of what is not understood */
    SINK_QUEUE_BYTES = 4 << 20
};

typedef struct SinkWho {
    Str  user, anonymous; /* as sent; either may be empty */
    Str  previous;        /* of an alias */
    Str  traits;          /* JSON object: what is known of them; empty: nothing new */
    Str  consent;         /* JSON object: categories and whether they were agreed to */
    Str  text_version;    /* of the words that were agreed to, and their language */
    Str  text_locale;
    bool agreed; /* they agree to analytics with this very event */
} SinkWho;

typedef struct SinkNews { /* hashes of what is told of somebody */
    uint64_t who;         /* these identifiers are one person */
    uint64_t owner, what; /* the traits of this one; `what` 0: none */
} SinkNews;

typedef struct SinkTold { /* what the queue is to say of an event's person */
    SinkWho who;
    size_t  event;
} SinkTold;

typedef struct Sink {
    Arena          *arena;
    UnixMs          now;
    const TrackKey *key;
    const char     *format; /* "segment", "ga4", "matomo" */
    bool            replay; /* it was kept aside before: what is still wrong stays there */
    JourneyEvent   *events;
    size_t          n, cap;
    JourneyProp    *props; /* of all events; until sink_seal(), events have indexes into them */
    size_t          nprops, cap_props, first; /* `first`: of the event that is being read */
    Buf             records;
    Buf             text; /* scratch */
    SinkTold       *told; /* becomes records in sink_seal(): times may be put right until then */
    size_t          ntold, cap_told;
    SinkNews       *news; /* what is known of identities once this is durable */
    size_t          nnews, cap_news;
    int64_t         refused;  /* by consent, or erased */
    int64_t         rejected; /* kept aside */
    Str             reason;   /* of the last one */
} Sink;

Sink *sink_begin(Arena *a, UnixMs now, const TrackKey *key, const char *format);

/* A property of the event that is being read. */
void sink_text(Sink *s, Str key, Str text);
void sink_i64(Sink *s, Str key, int64_t v);
void sink_real(Sink *s, Str key, double v);   /* nothing where it is no number */
void sink_number(Sink *s, Str key, Str text); /* "12", "1.5"; what is no number is a text */
void sink_bool(Sink *s, Str key, bool v);
void sink_json(Sink *s, Str key, Str json);

/* All that a JSON value has, flattened: {"a":{"b":1}} is a.b; lists stay JSON. `prefix` is ""
 * or ends with a dot. */
void sink_flatten(Sink *s, JsonScan *in, Str prefix, int depth);

/* The same of one member, whose key has been read. */
void sink_member(Sink *s, JsonScan *in, Str prefix, Str key);

/* The event is complete: it is taken, or the person has said no and it is passed over. ST_INVALID
 * "journey.bad_event" when it names nobody or cannot be stored: nothing of it is left. */
NODISCARD Status sink_event(Sink *s, const SinkWho *who, Str name, UnixMs time, Str message,
                            Err *err);

/* The same of a subject that is known already. */
NODISCARD Status sink_event_as(Sink *s, int64_t subject, Str name, UnixMs time, Str message,
                               Err *err);

void sink_drop(Sink *s); /* forget the event that is being read */

/* Keep aside what cannot be understood. */
void sink_reject(Sink *s, Str raw, const char *reason);

/* Nothing more comes: the events point to their properties, and the records say who they were. */
void sink_seal(Sink *s);

/* What happened at `t` by the client's clock, which showed `sent` when it sent this (0: it did not
 * say); now: when it came. Never in the future, nor before 2000. */
UnixMs sink_time(const Sink *s, UnixMs t, UnixMs sent);

/* What needs no record, for it is known: bounded tables of hashes. Of traits the last are known. */
void sink_know(const SinkNews *news, size_t n);
void sink_know_nothing(void);

/* --- message.c: Segment's messages --------------------------------------------------------- */

typedef struct MessageOf {
    Str    type; /* by the address; empty: the message says */
    UnixMs sent; /* of the batch; 0: none */
    bool   import;
    bool   sent_later; /* of message_whole() */
    Str    visitor;    /* who it is when the message does not say; only of our own script */
    Str    agent;      /* User-Agent, where the message has none; only for browsers' keys */
} MessageOf;

/* Read one message from `in`, which stands before it. ST_INVALID "json.syntax" for what is no
 * JSON: then nothing of the request counts. What is JSON and cannot be understood is kept aside. */
NODISCARD Status message_read(Sink *s, JsonScan *in, const MessageOf *of, Err *err);

/* A whole body: one message, or {"batch": […], "sentAt": …}. `ret_key` (may be NULL) is its
 * writeKey. ST_INVALID "json.syntax", ST_LIMIT "track.too_big". */
typedef struct MessageBody {
    Str write_key, sent_at;
    Str batch; /* raw list; absent: the body is one message */
} MessageBody;
NODISCARD Status message_head(Arena *a, Str body, MessageBody *ret, Err *err);

/* A body with {"batch": […]} in one go, when the key is known beforehand. *ret_batch false: it has
 * no batch, and nothing was read. */
NODISCARD Status message_whole(Sink *s, Str body, MessageOf of, bool *ret_batch, Err *err);
NODISCARD Status message_body(Sink *s, Str body, const MessageBody *head, MessageOf of, Err *err);

/* --- names.c ------------------------------------------------------------------------------- */

/* The name of today of an event of Segment's e-commerce spec v1; any other as it is. */
Str names_v2(Str name);

/* Of an event of GA4; any other as it is. */
Str names_ga4(Str name);
Str names_ga4_item(Str member); /* of an item: item_id is product_id */

/* --- page.c -------------------------------------------------------------------------------- */

/* An address as context.page.url, .path and .search, and what its utm_ parameters say of the
 * campaign; what is there already stays. */
void sink_page(Sink *s, Str url);
void sink_campaign(Sink *s, Str query); /* the campaign alone */

/* Percent-encoding undone; empty where that cannot be done. */
Str sink_decoded(Sink *s, Str text);

/* --- ga4.c, matomo.c ----------------------------------------------------------------------- */

NODISCARD Status ga4_body(Sink *s, Str body, Err *err);
void             ga4_hit(Sink *s, Str query, Str line, Str agent);

/* {"validationMessages": […]} of a body, appended to `to`; what GA4 would take has none. */
void ga4_check(Arena *a, Str body, UnixMs now, Buf *to);

/* What a request says beside its parameters. */
typedef struct MatomoOf {
    Str peer, agent, language;
} MatomoOf;
void matomo_hit(Sink *s, Str query, const MatomoOf *of);

/* --- visitor.c ----------------------------------------------------------------------------- */

/* Whoever has no id of their own: a hash of network, browser and site under a salt of the day,
 * which nobody keeps. "c." and 22 characters, in `a`. */
Str visitor_hash(Arena *a, UnixMs now, Str peer, Str agent, Str site);

/* By its User-Agent: a crawler, a checker, a library … and no browser. */
bool visitor_is_bot(Str agent);
