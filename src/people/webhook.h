/* webhook.h - events sent to other programs: Standard Webhooks 1.0.0.
 *
 * An endpoint is an address, the events it wants, and a secret. Each event that is told becomes one
 * delivery per endpoint that wants it: {"type":"order.placed","timestamp":"…","data":{…}}, signed
 * with HMAC-SHA256 ("v1") and Ed25519 ("v1a"), tried at once and then after 5 s, 5 min, 30 min, 2,
 * 5, 10, 14, 20 and 24 hours, until it is answered with 2xx. `webhook-id` stays the same, so a
 * receiver tells repetitions. 410 switches the endpoint off, five days without any success as well;
 * 429, 502 and 504 are waited out as Retry-After says; redirects are failures. Addresses in private
 * networks are refused unless the setting "people.webhooks" allows them.
 *
 * The log of deliveries is bounded (PEOPLE_WEBHOOK_KEEP); what is in it can be sent again. */
#pragma once

#include "people/people.h"

enum {
    PEOPLE_WEBHOOKS_MAX = 50,
    PEOPLE_WEBHOOK_EVENTS_MAX = 100,
    PEOPLE_WEBHOOK_BODY = 20 * 1024 /* longer: data is {"thin":true} */
};

#define PEOPLE_WEBHOOK_KEEP  SPAN_DAYS(30)
#define PEOPLE_WEBHOOK_FAIL  SPAN_DAYS(5)
#define PEOPLE_WEBHOOK_GRACE SPAN_HOURS(24) /* the old secret signs as well */

typedef struct PeopleWebhook {
    int64_t     id; /* whe */
    Str         url;
    Str         description;
    PeopleTexts events;
    bool        active;
    Str         reason; /* why it was switched off: "gone", "failing" */
    Str         public_key;
    OptTime     failing_since;
    int64_t     rev;
    UnixMs      created_at, updated_at;
} PeopleWebhook;

typedef struct PeopleWebhookInput {
    uint64_t    given;
    Str         url;
    Str         description;
    PeopleTexts events;
    bool        active;
} PeopleWebhookInput;

typedef struct PeopleWebhookMade {
    PeopleWebhook webhook;
    Str           secret; /* "whsec_…": shown this once */
} PeopleWebhookMade;

typedef struct PeopleWebhookList {
    PeopleWebhook *items;
    size_t         n;
} PeopleWebhookList;

typedef struct PeopleDelivery {
    int64_t id; /* whd */
    int64_t webhook_id;
    Str     event_id; /* the header webhook-id */
    Str     type;
    Str     body;
    int     status;
    int64_t attempts;
    int64_t http_status;
    Str     problem;
    int64_t millis; /* the last attempt took */
    UnixMs  created_at;
    OptTime next_at;
    OptTime done_at;
} PeopleDelivery;

typedef struct PeopleDeliveryList {
    PeopleDelivery *items;
    size_t          n;
} PeopleDeliveryList;

typedef enum PeopleDeliveryStatus {
    PEOPLE_DELIVERY_WAITING,
    PEOPLE_DELIVERY_DONE,
    PEOPLE_DELIVERY_FAILED
} PeopleDeliveryStatus;

extern const char *const people_delivery_names[];
extern const Shape people_webhook_shape, people_webhook_input_shape, people_webhook_made_shape,
    people_delivery_shape;

NODISCARD Status people_webhook_list(Cx *cx, PeopleWebhookList *ret); /* all of them */
NODISCARD Status people_webhook_get(Cx *cx, int64_t id,
                                    PeopleWebhook *ret); /* "people.no_webhook" */

/* ST_INVALID "shape.invalid" for an address or names of events that cannot be; ST_LIMIT
 * "people.too_many_webhooks". */
NODISCARD Status people_webhook_add(Cx *cx, const PeopleWebhookInput *in, PeopleWebhookMade *ret);
/* Activating one forgets why it was switched off. ST_STALE "people.stale". */
NODISCARD Status people_webhook_update(Cx *cx, int64_t id, int64_t rev,
                                       const PeopleWebhookInput *in, PeopleWebhook *ret);
NODISCARD Status people_webhook_remove(Cx *cx, int64_t id);

/* A new secret; the old one signs as well for PEOPLE_WEBHOOK_GRACE. */
NODISCARD Status people_webhook_rotate(Cx *cx, int64_t id, PeopleWebhookMade *ret);

/* Send "webhook.ping" to it now and wait for the answer. */
NODISCARD Status people_webhook_ping(Cx *cx, int64_t id, PeopleDelivery *ret);

/* Newest first. "people.no_webhook". */
NODISCARD Status people_delivery_list(Cx *cx, int64_t webhook_id, const PeopleRange *range,
                                      PeopleDeliveryList *ret);
NODISCARD Status people_delivery_replay(Cx *cx, int64_t id, PeopleDelivery *ret);

/* Replay all of an endpoint that failed since; gives how many. */
NODISCARD Status people_delivery_replay_failed(Cx *cx, int64_t webhook_id, UnixMs since,
                                               int64_t *ret_n);

/* Setting "people.webhooks". */
typedef struct PeopleWebhookRules {
    bool allow_private;
} PeopleWebhookRules;

/* --- the signature itself -------------------------------------------------------------------- */

/* "v1,BASE64" over "ID.SECONDS.BODY"; secret as shown ("whsec_…"). Absent when it is none. */
Str webhook_sign(Arena *a, Str secret, Str id, int64_t seconds, Str body);

/* "v1a,BASE64" with an Ed25519 seed of 32 bytes. */
Str webhook_sign_key(Arena *a, const unsigned char seed[32], Str id, int64_t seconds, Str body);
