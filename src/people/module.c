#include "people/people_int.h"

/* --- what it allows -------------------------------------------------------------------------- */

static const Permission PERMISSIONS[] = {
    {"people.read", "See staff, their roles and sessions."},
    {"people.write", "Add staff, change them and their roles, end their sessions."},
    {"keys.read", "See API keys (not their secrets)."},
    {"keys.write", "Make, change and revoke API keys."},
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

enum { TOLD_STAFF, TOLD_ROLE, TOLD_KEY, TOLD_SESSION };

static const EventType EVENTS[] = {
    [TOLD_STAFF] = {"people.staff_changed", 1, &STAFF_CHANGED,
                    "A staff member was added, changed or removed."},
    [TOLD_ROLE] = {"people.role_changed", 1, &ROLE_CHANGED,
                   "A role was added, changed or removed."},
    [TOLD_KEY] = {"people.key_changed", 1, &KEY_CHANGED,
                  "An API key was made, changed or revoked."},
    [TOLD_SESSION] = {"people.session_ended", 1, &SESSION_ENDED,
                      "A session was ended before its time."},
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

/* --- what it reacts to ----------------------------------------------------------------------- */

/* Another process may have made the change: what is known here of access is read anew. */
static Status forget(Cx *cx, const Event *event)
{
    (void)cx, (void)event;
    people_grants_forget();
    return ST_OK;
}

static const Reaction REACTIONS[] = {
    {"people.forget_staff", "people.staff_changed", forget, .every_process = true},
    {"people.forget_role", "people.role_changed", forget, .every_process = true},
    {"people.forget_key", "people.key_changed", forget, .every_process = true},
    {"people.forget_session", "people.session_ended", forget, .every_process = true},
    {"people.forget_setting", "core.setting_changed", forget, .every_process = true},
};

/* --- what it clears away --------------------------------------------------------------------- */

enum { PRUNE_MAX = 5000 };

static Status prune_tx(Cx *cx, void *arg)
{
    UnixMs day_ago = unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(1).v});
    (void)arg;
    TRY(people_sql_session_prune(cx, cx->now, PRUNE_MAX, NULL));
    TRY(people_sql_link_prune(cx, cx->now, NULL));
    return people_sql_throttle_prune(cx, day_ago, PRUNE_MAX, NULL);
}

static Status prune(Cx *cx)
{
    return cx_in_tx(cx, prune_tx, NULL);
}

static const Schedule SCHEDULES[] = {{"people.prune", "17 * * * *", prune},
                                     {"people.prune_audit", "41 3 * * *", people_prune_audit}};

const Module people_module = {
    .name = "people",
    .migrations = PEOPLE_MIGRATIONS,
    .events = EVENTS,
    .nevents = COUNT_OF(EVENTS),
    .reactions = REACTIONS,
    .nreactions = COUNT_OF(REACTIONS),
    .schedules = SCHEDULES,
    .nschedules = COUNT_OF(SCHEDULES),
    .settings = &people_security_setting,
    .nsettings = 1,
    .permissions = PERMISSIONS,
    .npermissions = COUNT_OF(PERMISSIONS),
};
