/* What staff see and do of the program itself: audit log, settings, background work. */
#include "base/id.h"
#include "core/inspect.h"
#include "core/setting.h"
#include "http/http_etag.h"
#include "people/people_http.h"
#include "people/shared_http.h"

/* --- audit log ------------------------------------------------------------------------------- */

static const char *const ACTORS[] = {"anonymous", "customer", "staff", "api_key", "system", NULL};

typedef struct AuditInfo {
    int64_t id;
    UnixMs  at;
    int     actor_kind;
    Str     actor_id;
    Str     actor_name;
    Str     request_id;
    Str     entity;
    Str     entity_id;
    Str     action;
    Str     before;
    Str     after;
} AuditInfo;

static const ShapeField AUDIT_FIELDS[] = {
    SHAPE_ID(AuditInfo, id, "aud"),
    SHAPE_TIME(AuditInfo, at),
    SHAPE_ENUM(AuditInfo, actor_kind, ACTORS),
    SHAPE_TEXT(AuditInfo, actor_id, .flags = SHAPE_NULLABLE,
               .doc = "Id of the staff member or API key; null for others."),
    SHAPE_TEXT(AuditInfo, actor_name, .doc = "As it was then."),
    SHAPE_TEXT(AuditInfo, request_id),
    SHAPE_TEXT(AuditInfo, entity, .doc = "What kind of thing was changed: people.staff."),
    SHAPE_TEXT(AuditInfo, entity_id, .flags = SHAPE_NULLABLE,
               .doc = "Its id without the prefix; null where there is but one."),
    SHAPE_TEXT(AuditInfo, action, .doc = "create, update, delete, or what else was done."),
    SHAPE_JSON(AuditInfo, before, .flags = SHAPE_NULLABLE,
               .doc = "The fields that changed, as they were."),
    SHAPE_JSON(AuditInfo, after, .flags = SHAPE_NULLABLE,
               .doc = "The same fields, as they are since."),
};
static const Shape audit_shape =
    SHAPE_OF(AuditInfo, "AuditEntry", AUDIT_FIELDS, .doc = "Who changed what, when.");

static Str bare_id(Arena *a, int64_t id)
{
    Str text = id_format(a, "x", id);
    return id == 0 ? (Str){0} : (Str){text.ptr + 2, text.len - 2};
}

static AuditInfo audit_info(Arena *a, const AuditEntry *e)
{
    AuditInfo info = {.id = e->id,
                      .at = e->at,
                      .actor_kind = (int)e->actor_kind,
                      .actor_name = e->actor_name,
                      .request_id = e->request_id,
                      .entity = e->entity,
                      .entity_id = bare_id(a, e->entity_id),
                      .action = e->action,
                      .before = e->before,
                      .after = e->after};
    if (e->actor_kind == ACTOR_STAFF)
        info.actor_id = id_format(a, "stf", e->actor_id);
    if (e->actor_kind == ACTOR_API_KEY)
        info.actor_id = id_format(a, "rap", e->actor_id);
    return info;
}

static Status bad_param(Cx *cx, const char *name)
{
    return cx_fail(cx, ST_INVALID, "http.bad_param", "%s is not what this list takes", name);
}

/* An id with any prefix, or without one. */
static Status query_any_id(Cx *cx, const HttpReq *rq, Str name, int64_t *ret)
{
    Str text, prefix, digits;
    TRY(http_query(cx, rq, name, (Str){0}, &text));
    if (text.ptr == NULL)
        return ST_OK;
    if (!str_cut(text, '_', &prefix, &digits))
        digits = text;
    char with[ID_TEXT_MAX + 1];
    int  n = snprintf(with, sizeof with, "x_" STR_FMT, STR_ARG(digits));
    if (n < 0 || (size_t)n >= sizeof with || !id_parse((Str){with, (size_t)n}, "x", ret))
        return bad_param(cx, "entity_id");
    return ST_OK;
}

static Status query_actor(Cx *cx, const HttpReq *rq, AuditFilter *f)
{
    Str text;
    TRY(http_query(cx, rq, STR("actor"), (Str){0}, &text));
    if (text.ptr == NULL)
        return ST_OK;
    f->by_actor = true;
    f->actor_kind = ACTOR_STAFF;
    if (id_parse(text, "stf", &f->actor_id))
        return ST_OK;
    f->actor_kind = ACTOR_API_KEY;
    if (id_parse(text, "rap", &f->actor_id))
        return ST_OK;
    f->actor_kind = ACTOR_SYSTEM;
    return str_eq(text, STR("system")) ? ST_OK : bad_param(cx, "actor");
}

static Status query_time(Cx *cx, const HttpReq *rq, const char *name, UnixMs *ret)
{
    Str text;
    TRY(http_query(cx, rq, str_from_cstr(name), (Str){0}, &text));
    if (text.ptr != NULL && !clock_parse(text, ret) && !clock_parse_date(text, ret))
        return bad_param(cx, name);
    return ST_OK;
}

static PageKey audit_key(const void *row)
{
    return (PageKey){.id = ((const AuditInfo *)row)->id};
}

/* GET /api/v1/audit */
static Status get_audit(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page        page;
    AuditFilter f = {0};
    AuditEntry *entries;
    size_t      n;
    TRY(page_read(cx, rq, &page));
    f.limit = page.limit + 1;
    f.after = page.id;
    f.backwards = page.backwards;
    TRY(http_query(cx, rq, STR("entity"), (Str){0}, &f.entity));
    TRY(http_query(cx, rq, STR("action"), (Str){0}, &f.action));
    TRY(query_any_id(cx, rq, STR("entity_id"), &f.entity_id));
    TRY(query_actor(cx, rq, &f));
    TRY(query_time(cx, rq, "since", &f.since));
    TRY(query_time(cx, rq, "until", &f.until));
    TRY(audit_list(cx, &f, &entries, &n));
    AuditInfo *rows = arena_array(cx->arena, AuditInfo, n + 1);
    for (size_t i = 0; i < n; i++)
        rows[i] = audit_info(cx->arena, &entries[i]);
    page_reply(cx, rq, rs, &page, rows, n, audit_key);
    return ST_OK;
}

/* --- settings -------------------------------------------------------------------------------- */

typedef struct SettingInfo {
    Str     name;
    Str     doc;
    int64_t version;
    Str     value;
    Str     schema;
} SettingInfo;

static const ShapeField SETTING_FIELDS[] = {
    SHAPE_TEXT(SettingInfo, name),
    SHAPE_TEXT(SettingInfo, doc, .doc = "What it is about."),
    SHAPE_INT(SettingInfo, version, .doc = "0 until it is changed; the ETag."),
    SHAPE_JSON(SettingInfo, value, .max = SETTING_MAX, .doc = "Without secrets."),
    SHAPE_JSON(SettingInfo, schema, .max = SETTING_MAX, .doc = "JSON Schema of the value."),
};
static const Shape setting_shape =
    SHAPE_OF(SettingInfo, "Setting", SETTING_FIELDS, .doc = "A group of settings.");

static Str json_of(Arena *a, const Shape *shape, const void *value)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 2 * SETTING_MAX);
    Json j = json_begin(&b);
    if (value != NULL)
        shape_write(&j, NULL, shape, value);
    else
        shape_schema(&j, NULL, shape);
    return str_dup(a, buf_str(&b));
}

static SettingInfo setting_info(Cx *cx, const Setting *s, int64_t version, const void *value)
{
    return (SettingInfo){.name = str_from_cstr(s->name),
                         .doc = str_from_cstr(s->shape->doc),
                         .version = version,
                         .value = json_of(cx->arena, s->shape, value),
                         .schema = json_of(cx->arena, s->shape, NULL)};
}

static void *room_for(Arena *a, const Setting *s)
{
    return arena_alloc(a, s->shape->size, _Alignof(max_align_t));
}

/* GET /api/v1/settings: a few dozen, on one page */
static Status get_settings(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Json   j = page_begin(rs);
    size_t n = 1;
    for (size_t i = 0; i < n; i++) {
        int64_t        version;
        const Setting *s = people_setting_at(i, &n);
        if (s == NULL)
            break;
        void *value = room_for(cx->arena, s);
        TRY(setting_get(cx, s, value, &version));
        SettingInfo info = setting_info(cx, s, version, value);
        shape_write(&j, NULL, rq->route->out, &info);
    }
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

/* The setting that the path names, as it is now. */
static Status find_setting(Cx *cx, const HttpReq *rq, const Setting **ret, void **ret_value,
                           int64_t *ret_version)
{
    *ret = people_setting(rq->params[0]);
    if (*ret == NULL)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_setting", "there is no such setting");
    *ret_value = room_for(cx->arena, *ret);
    return setting_get(cx, *ret, *ret_value, ret_version);
}

static void reply_setting(Cx *cx, const HttpReq *rq, HttpResp *rs, const Setting *s,
                          int64_t version, const void *value)
{
    SettingInfo info = setting_info(cx, s, version, value);
    http_etag_rev(cx, rs, version);
    http_reply(rq, rs, &info);
}

/* GET /api/v1/settings/:name */
static Status get_setting(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Setting *s;
    int64_t        version;
    void          *value;
    TRY(find_setting(cx, rq, &s, &value, &version));
    reply_setting(cx, rq, rs, s, version, value);
    return ST_OK;
}

/* PATCH /api/v1/settings/:name: the fields that are sent change */
static Status patch_setting(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    const Setting *s;
    int64_t        version;
    void          *value;
    TRY(find_setting(cx, rq, &s, &value, &version));
    TRY(http_check_rev(cx, rq, version));
    TRY(shape_read(s->shape, SHAPE_PATCH, rq->body, cx->arena, value, &cx->issues, &cx->err));
    TRY(setting_put(cx, s, version, value, &version));
    reply_setting(cx, rq, rs, s, version, value);
    return ST_OK;
}

/* --- background work ------------------------------------------------------------------------- */

static PageKey job_key(const void *row)
{
    return (PageKey){.id = ((const JobInfo *)row)->id};
}

/* GET /api/v1/jobs */
static Status get_jobs(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page        page;
    JobFilter   f = {0};
    JobInfoList list;
    TRY(page_read(cx, rq, &page));
    f.limit = page.limit + 1;
    f.after = page.id;
    f.backwards = page.backwards;
    TRY(http_query(cx, rq, STR("kind"), STR(""), &f.kind));
    TRY(http_query(cx, rq, STR("state"), STR(""), &f.state));
    TRY(job_list(cx, &f, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, job_key);
    return ST_OK;
}

/* GET /api/v1/jobs/:id */
static Status get_job(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t id;
    JobInfo job;
    TRY(http_param_id(cx, rq, 0, "job", &id));
    TRY(job_get(cx, id, &job));
    http_reply(rq, rs, &job);
    return ST_OK;
}

/* POST /api/v1/jobs/:id/requeue */
static Status post_job_requeue(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return people_act(cx, rq, rs, "job", job_requeue);
}

/* DELETE /api/v1/jobs/:id */
static Status delete_job(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return people_act(cx, rq, rs, "job", job_discard);
}

static PageKey parked_key(const void *row)
{
    const EventParked *e = row;
    return (PageKey){.id = e->event_id, .text = e->consumer};
}

/* GET /api/v1/events/parked */
static Status get_parked(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    Page            page;
    ParkedFilter    f = {0};
    EventParkedList list;
    TRY(page_read(cx, rq, &page));
    f.limit = page.limit + 1;
    f.after_event = page.id;
    f.after_consumer = page.key;
    f.backwards = page.backwards;
    TRY(http_query(cx, rq, STR("consumer"), STR(""), &f.consumer));
    TRY(event_parked_list(cx, &f, &list));
    page_reply(cx, rq, rs, &page, list.items, list.n, parked_key);
    return ST_OK;
}

/* GET /api/v1/events/parked/:consumer/:id */
static Status get_one_parked(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    int64_t     id;
    EventParked event;
    TRY(http_param_id(cx, rq, 1, "evt", &id));
    TRY(event_parked_get(cx, rq->params[0], id, &event));
    http_reply(rq, rs, &event);
    return ST_OK;
}

static Status act_on_parked(Cx *cx, const HttpReq *rq, HttpResp *rs,
                            Status (*act)(Cx *cx, Str consumer, int64_t event))
{
    int64_t id;
    TRY(http_param_id(cx, rq, 1, "evt", &id));
    TRY(act(cx, rq->params[0], id));
    http_reply_none(rs);
    return ST_OK;
}

/* POST /api/v1/events/parked/:consumer/:id/replay */
static Status post_parked_replay(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return act_on_parked(cx, rq, rs, event_parked_replay);
}

/* DELETE /api/v1/events/parked/:consumer/:id */
static Status delete_parked(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    return act_on_parked(cx, rq, rs, event_parked_drop);
}

typedef struct ReactionInfo {
    Str     name;
    bool    held;
    int64_t behind_ms;
    int64_t retrying;
    int64_t parked;
    UnixMs  seen_at;
} ReactionInfo;

static const ShapeField REACTION_FIELDS[] = {
    SHAPE_TEXT(ReactionInfo, name),
    SHAPE_BOOL(ReactionInfo, held, .doc = "Does a process deliver it?"),
    SHAPE_INT(ReactionInfo, behind_ms, .doc = "Age of the oldest event that is not settled."),
    SHAPE_INT(ReactionInfo, retrying, .doc = "Deliveries that wait for another try."),
    SHAPE_INT(ReactionInfo, parked, .doc = "Events that were given up."),
    SHAPE_TIME(ReactionInfo, seen_at, .doc = "When a program last had this reaction."),
};
static const Shape reaction_shape =
    SHAPE_OF(ReactionInfo, "Reaction", REACTION_FIELDS, .doc = "What events are delivered to.");

/* GET /api/v1/events/reactions */
static Status get_reactions(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ConsumerInfo *all;
    size_t        n;
    TRY(event_consumers(cx, &all, &n));
    Json j = page_begin(rs);
    for (size_t i = 0; i < n; i++) {
        ReactionInfo info = {.name = all[i].name,
                             .held = all[i].held,
                             .behind_ms = all[i].behind.v,
                             .retrying = all[i].retrying,
                             .parked = all[i].parked,
                             .seen_at = all[i].seen};
        shape_write(&j, NULL, rq->route->out, &info);
    }
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

/* GET /api/v1/schedules */
static Status get_schedules(Cx *cx, const HttpReq *rq, HttpResp *rs)
{
    ScheduleInfoList list;
    TRY(schedule_list(cx, &list));
    Json j = page_begin(rs);
    for (size_t i = 0; i < list.n; i++)
        shape_write(&j, NULL, rq->route->out, &list.items[i]);
    page_end(&j, (Str){0}, (Str){0});
    return ST_OK;
}

/* --- table ----------------------------------------------------------------------------------- */

static const HttpParam AUDIT_PARAMS[] = {
    {"entity", "Only changes of this kind of thing: people.staff", "string"},
    {"entity_id", "Only changes of this one", "id"},
    {"action", "Only this action: create", "string"},
    {"actor", "Only changes by this staff member or API key, or by system", "string"},
    {"since", "From this time on (RFC 3339, or a date)", "string"},
    {"until", "Before this time", "string"},
    {0},
};
static const HttpParam JOB_PARAMS[] = {
    {"kind", "Only jobs of this kind", "string"},
    {"state", "Only those delayed, ready, running, done or dead", "string"},
    {0},
};
static const HttpParam PARKED_PARAMS[] = {
    {"consumer", "Only this reaction's", "string"},
    {0},
};

static const HttpRoute ROUTES[] = {
    {HTTP_GET, STR_INIT("/api/v1/audit"), get_audit, .permission = "audit.read", .flags = HTTP_LIST,
     .out = &audit_shape, .summary = "Who changed what, newest first", .params = AUDIT_PARAMS},
    {HTTP_GET, STR_INIT("/api/v1/settings"), get_settings, .permission = "settings.read",
     .flags = HTTP_LIST, .out = &setting_shape, .summary = "All settings"},
    {HTTP_GET, STR_INIT("/api/v1/settings/:name"), get_setting, .permission = "settings.read",
     .out = &setting_shape, .summary = "A group of settings"},
    {HTTP_PATCH, STR_INIT("/api/v1/settings/:name"), patch_setting, .permission = "settings.write",
     .body = HTTP_BODY_JSON, .out = &setting_shape,
     .summary = "Change a group of settings: those fields that are sent"},
    {HTTP_GET, STR_INIT("/api/v1/jobs"), get_jobs, .permission = "system.read", .flags = HTTP_LIST,
     .out = &job_info_shape, .summary = "Background jobs, newest first", .params = JOB_PARAMS},
    {HTTP_GET, STR_INIT("/api/v1/jobs/:id"), get_job, .permission = "system.read",
     .out = &job_info_shape, .summary = "A background job"},
    {HTTP_POST, STR_INIT("/api/v1/jobs/:id/requeue"), post_job_requeue,
     .permission = "system.write", .status = 204, .summary = "Run a dead or delayed job now"},
    {HTTP_DELETE, STR_INIT("/api/v1/jobs/:id"), delete_job, .permission = "system.write",
     .status = 204, .summary = "Discard a job that is dead or has not begun"},
    {HTTP_GET, STR_INIT("/api/v1/events/parked"), get_parked, .permission = "system.read",
     .flags = HTTP_LIST, .out = &event_parked_shape,
     .summary = "Events that a reaction could not process", .params = PARKED_PARAMS},
    {HTTP_GET, STR_INIT("/api/v1/events/parked/:consumer/:id"), get_one_parked,
     .permission = "system.read", .out = &event_parked_shape,
     .summary = "An event that a reaction could not process"},
    {HTTP_POST, STR_INIT("/api/v1/events/parked/:consumer/:id/replay"), post_parked_replay,
     .permission = "system.write", .status = 204, .summary = "Deliver it once more"},
    {HTTP_DELETE, STR_INIT("/api/v1/events/parked/:consumer/:id"), delete_parked,
     .permission = "system.write", .status = 204, .summary = "Give it up for good"},
    {HTTP_GET, STR_INIT("/api/v1/events/reactions"), get_reactions, .permission = "system.read",
     .flags = HTTP_LIST, .out = &reaction_shape,
     .summary = "What events are delivered to, and how far behind it is"},
    {HTTP_GET, STR_INIT("/api/v1/schedules"), get_schedules, .permission = "system.read",
     .flags = HTTP_LIST, .out = &schedule_info_shape, .summary = "Work at fixed times"},
};
const HttpRoutes people_admin_routes = {"System", ROUTES, COUNT_OF(ROUTES)};
