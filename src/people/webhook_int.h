/* webhook_int.h - what the files about webhooks share; not for others. */
#pragma once

#include "core/job.h"
#include "core/setting.h"
#include "people/people_int.h"
#include "people/webhook.h"

#define WEBHOOK_JOB "people.webhook_send"

extern const Shape              people_webhook_rules_shape;
extern const PeopleWebhookRules people_webhook_rules_defaults;

PeopleDelivery people_delivery_of(const PeopleDeliveryRow *row);

/* Queue the job that sends it, in the running transaction. */
NODISCARD Status people_delivery_queue(Cx *cx, int64_t id, UnixMs at);

Status people_webhook_event(Cx *cx, const Event *event); /* a reaction to all events */
Status people_webhook_events(Cx *cx, const Event *events, size_t n);
Status people_webhook_changed(Cx *cx, const Event *event); /* in every process */
Status people_webhook_send_job(Cx *cx, const Job *job);
Status people_webhook_prune(Cx *cx); /* a schedule */

/* Try once, now, and write down what came of it. */
NODISCARD Status people_delivery_try(Cx *cx, int64_t id, PeopleDelivery *ret);

/* Active endpoints in memory are read anew. */
void people_webhooks_forget(void);

/* In the running transaction: it gets nothing any more. Audit log, log, and a mail to each of the
 * staff who may change endpoints say so; `problem` is what the last attempt met. Once is enough. */
NODISCARD Status people_webhook_off(Cx *cx, const PeopleWebhookRow *w, bool gone, Str problem);

NODISCARD Status people_tell_webhook(Cx *cx, int64_t webhook_id);
