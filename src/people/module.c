#include "base/id.h"
#include "people/customer_int.h"
#include "people/journey_int.h"
#include "people/mail_int.h"
#include "people/webhook_int.h"

/* --- what it allows -------------------------------------------------------------------------- */

static const Permission PERMISSIONS[] = {
    {"people.read", "See staff, their roles and sessions."},
    {"people.write", "Add staff, change them and their roles, end their sessions."},
    {"customers.read", "See customers, what is known of them and why."},
    {"customers.write", "Change, merge, part, export and erase customers."},
    {"journey.read", "Ask questions about what customers do."},
    {"journey.write", "Change how it is collected, and what was kept aside."},
    {"keys.read", "See API keys (not their secrets)."},
    {"keys.write", "Make, change and revoke API keys."},
    {"webhooks.read", "See where events are sent, and what was sent."},
    {"webhooks.write", "Make, change and remove webhooks, and send events again."},
    {"audit.read", "See who changed what."},
    {"settings.read", "See the shop's settings."},
    {"settings.write", "Change the shop's settings."},
    {"system.read", "See jobs, events that could not be delivered, and the like."},
    {"system.write", "Repeat or drop them."},
};

/* --- what it tells --------------------------------------------------------------------------- */

typedef struct Changed {
    int64_t id;
} Changed;

typedef struct SessionEnded {
    int64_t staff_id;
    OptI64  session_id;
} SessionEnded;

static const ShapeField STAFF_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "stf")};
static const Shape      STAFF_CHANGED =
    SHAPE_OF(Changed, "StaffChanged", STAFF_CHANGED_FIELDS, .doc = "A staff member changed.");

static const ShapeField ROLE_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "rol")};
static const Shape      ROLE_CHANGED =
    SHAPE_OF(Changed, "RoleChanged", ROLE_CHANGED_FIELDS, .doc = "A role changed.");

static const ShapeField KEY_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "rap")};
static const Shape      KEY_CHANGED =
    SHAPE_OF(Changed, "ApiKeyChanged", KEY_CHANGED_FIELDS, .doc = "An API key changed.");

static const ShapeField SESSION_ENDED_FIELDS[] = {
    SHAPE_ID(SessionEnded, staff_id, "stf"),
    SHAPE_ID(SessionEnded, session_id, "ses", .doc = "null: several, or all."),
};
static const Shape SESSION_ENDED = SHAPE_OF(SessionEnded, "SessionEnded", SESSION_ENDED_FIELDS,
                                            .doc = "A staff member's session was ended.");

static const ShapeField CUSTOMER_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "cus")};
static const Shape CUSTOMER_CHANGED = SHAPE_OF(Changed, "CustomerChanged", CUSTOMER_CHANGED_FIELDS,
                                               .doc = "Something is known of a customer.");

static const ShapeField MOVED_FIELDS[] = {
    SHAPE_ID(PeopleMoved, profile_id, "cus", .doc = "Identifiers are part of this one now …"),
    SHAPE_ID(PeopleMoved, was_id, "cus", .doc = "… and were part of this one."),
    SHAPE_ID(PeopleMoved, edge_id, "edg", .doc = "The link that joined or parted them."),
    SHAPE_BOOL(PeopleMoved, joined, .doc = "All identifiers of was_id moved; else some."),
};
static const Shape MOVED = SHAPE_OF(PeopleMoved, "IdentityChanged", MOVED_FIELDS,
                                    .doc = "Two customers became one, or one became two.");

static const ShapeField ERASED_FIELDS[] = {
    SHAPE_ID(PeopleErased, profile_id, "cus"),
    SHAPE_IDS(PeopleErased, identifiers, "idn", .max = PEOPLE_IDENTIFIERS_MAX + 1,
              .doc = "What still carries one of these is to go."),
};
static const Shape ERASED =
    SHAPE_OF(PeopleErased, "PersonErased", ERASED_FIELDS, .doc = "A customer was forgotten.");

static const ShapeField ACCOUNT_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "acc")};
static const Shape      ACCOUNT_CHANGED =
    SHAPE_OF(Changed, "CustomerSessionsEnded", ACCOUNT_CHANGED_FIELDS,
             .doc = "Sessions of a customer's account were ended.");

static const ShapeField WEBHOOK_CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "whe")};
static const Shape WEBHOOK_CHANGED = SHAPE_OF(Changed, "WebhookChanged", WEBHOOK_CHANGED_FIELDS,
                                              .doc = "An endpoint of webhooks changed.");

enum {
    TOLD_STAFF,
    TOLD_ROLE,
    TOLD_KEY,
    TOLD_SESSION,
    TOLD_CUSTOMER,
    TOLD_MOVED,
    TOLD_ERASED,
    TOLD_CUSTOMER_SESSION,
    TOLD_WEBHOOK
};

static const EventType EVENTS[] = {
    [TOLD_WEBHOOK] = {"people.webhook_changed", 1, &WEBHOOK_CHANGED,
                      "An endpoint of webhooks was added, changed, switched off or removed."},
    [TOLD_STAFF] = {"people.staff_changed", 1, &STAFF_CHANGED,
                    "A staff member was added, changed or removed."},
    [TOLD_ROLE] = {"people.role_changed", 1, &ROLE_CHANGED,
                   "A role was added, changed or removed."},
    [TOLD_KEY] = {"people.key_changed", 1, &KEY_CHANGED,
                  "An API key was made, changed or revoked."},
    [TOLD_SESSION] = {"people.session_ended", 1, &SESSION_ENDED,
                      "A session was ended before its time."},
    [TOLD_CUSTOMER] = {"people.customer_changed", 1, &CUSTOMER_CHANGED,
                       "What is known of a customer changed."},
    [TOLD_MOVED] = {"people.identity_changed", 1, &MOVED,
                    "Identifiers belong to another customer now."},
    [TOLD_ERASED] = {"people.person_erased", 1, &ERASED, "A customer was forgotten for good."},
    [TOLD_CUSTOMER_SESSION] = {"people.customer_session_ended", 1, &ACCOUNT_CHANGED,
                               "Sessions of a customer were ended before their time."},
};

Status people_tell_staff(Cx *cx, int64_t staff_id)
{
    return event_tell(cx, &EVENTS[TOLD_STAFF], staff_id, &(Changed){staff_id});
}

Status people_tell_role(Cx *cx, int64_t role_id)
{
    return event_tell(cx, &EVENTS[TOLD_ROLE], role_id, &(Changed){role_id});
}

Status people_tell_key(Cx *cx, int64_t key_id)
{
    return event_tell(cx, &EVENTS[TOLD_KEY], key_id, &(Changed){key_id});
}

Status people_tell_session(Cx *cx, int64_t staff_id, int64_t session_id)
{
    SessionEnded ended = {.staff_id = staff_id};
    if (session_id != 0)
        ended.session_id = opt_i64(session_id);
    return event_tell(cx, &EVENTS[TOLD_SESSION], staff_id, &ended);
}

Status people_tell_customer(Cx *cx, int64_t profile_id)
{
    return event_tell(cx, &EVENTS[TOLD_CUSTOMER], profile_id, &(Changed){profile_id});
}

Status people_tell_moved(Cx *cx, const PeopleMoved *moved)
{
    return event_tell(cx, &EVENTS[TOLD_MOVED], moved->profile_id, moved);
}

Status people_tell_erased(Cx *cx, const PeopleErased *erased)
{
    return event_tell(cx, &EVENTS[TOLD_ERASED], erased->profile_id, erased);
}

Status people_tell_customer_session(Cx *cx, int64_t account_id)
{
    return event_tell(cx, &EVENTS[TOLD_CUSTOMER_SESSION], account_id, &(Changed){account_id});
}

Status people_tell_webhook(Cx *cx, int64_t webhook_id)
{
    return event_tell(cx, &EVENTS[TOLD_WEBHOOK], webhook_id, &(Changed){webhook_id});
}

/* --- what it reacts to ----------------------------------------------------------------------- */

/* Another process may have made the change: what is known here of access is read anew. */
static Status forget(Cx *cx, const Event *event)
{
    (void)cx, (void)event;
    people_grants_forget();
    return ST_OK;
}

static const Reaction REACTIONS[] = {
    {"people.webhooks", "*", people_webhook_event, .run_many = people_webhook_events},
    {"people.webhooks_forget", "people.webhook_changed", people_webhook_changed,
     .every_process = true},
    {"people.forget_staff", "people.staff_changed", forget, .every_process = true},
    {"people.forget_role", "people.role_changed", forget, .every_process = true},
    {"people.forget_key", "people.key_changed", forget, .every_process = true},
    {"people.forget_session", "people.session_ended", forget, .every_process = true},
    {"people.forget_setting", "core.setting_changed", forget, .every_process = true},
    {"people.forget_customer", "people.customer_session_ended", forget, .every_process = true},
    {"people.journey_moved", "people.identity_changed", people_journey_on_moved,
     .every_process = true},
    {"people.journey_changed", "people.customer_changed", people_journey_on_changed,
     .every_process = true},
    {"people.journey_erased", "people.person_erased", people_journey_on_erased,
     .every_process = true},
    {"people.journey_setting", "core.setting_changed", people_journey_on_setting,
     .every_process = true},
};

/* --- what it clears away --------------------------------------------------------------------- */

enum { PRUNE_MAX = 5000 };

static Status prune_tx(Cx *cx, void *arg)
{
    UnixMs day_ago = unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(1).v});
    (void)arg;
    TRY(people_sql_session_prune(cx, cx->now, PRUNE_MAX, NULL));
    TRY(people_sql_link_prune(cx, cx->now, NULL));
    TRY(people_sql_customer_session_prune(cx, cx->now, PRUNE_MAX, NULL));
    TRY(people_sql_code_prune(cx, cx->now, PRUNE_MAX, NULL));
    TRY(people_sql_mail_prune(cx, id_at(unix_ms_add(cx->now, (SpanMs){-PEOPLE_MAIL_KEEP.v})),
                              PRUNE_MAX, NULL));
    return people_sql_throttle_prune(cx, day_ago, PRUNE_MAX, NULL);
}

static Status prune(Cx *cx)
{
    return cx_in_tx(cx, prune_tx, NULL);
}

static const Schedule SCHEDULES[] = {{"people.prune", "17 * * * *", prune},
                                     {"people.prune_webhooks", "37 * * * *", people_webhook_prune},
                                     {"people.prune_audit", "41 3 * * *", people_prune_audit}};

static const JobKind JOBS[] = {
    {WEBHOOK_JOB, people_webhook_send_job, .parallel = 8},
    {"people.erase", people_erase_job},
    {PEOPLE_MAIL_JOB, people_mail_send_job, .attempts = PEOPLE_MAIL_ATTEMPTS, .parallel = 6},
};

/* --- what can be set ------------------------------------------------------------------------- */

static const Setting SETTINGS[] = {
    {"people.webhooks", &people_webhook_rules_shape, &people_webhook_rules_defaults},
    {"people.security", &people_security_shape, &people_security_defaults},
    {"people.identity", &people_identity_shape, &people_identity_defaults},
    {"people.mail", &people_mail_shape, &people_mail_defaults},
    {"people.journey", &people_journey_shape, &people_journey_defaults},
};

const Module people_module = {
    .name = "people",
    .migrations = PEOPLE_MIGRATIONS,
    .events = EVENTS,
    .nevents = COUNT_OF(EVENTS),
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .jobs = JOBS,
    .njobs = COUNT_OF(JOBS),
    .settings = SETTINGS,
    .nsettings = COUNT_OF(SETTINGS),
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
