#include "core/audit.h"

#include "base/id.h"
#include "core/core_int.h"

/* --- what differs --------------------------------------------------------------------------- */

static bool same(const JsonValue *x, const JsonValue *y)
{
    return x != NULL && y != NULL && x->type == y->type && str_eq(x->text, y->text);
}

static void write_member(Json *j, Str key, const JsonValue *v)
{
    json_key(j, key);
    if (v->text.len > AUDIT_FIELD_MAX) {
        char text[64];
        snprintf(text, sizeof text, "(%zu bytes)", v->text.len);
        json_str(j, NULL, str_from_cstr(text));
    } else if (v->type == JSON_STRING) {
        json_str(j, NULL, v->text);
    } else {
        json_raw(j, NULL, v->text);
    }
}

/* The members of `side` that `other` does not have alike; false when there are none. */
static bool write_changed(Buf *b, const JsonValue *side, const JsonValue *other)
{
    bool any = false;
    Json j = json_begin(b);
    json_obj(&j, NULL);
    for (uint32_t i = 0; side != NULL && i < side->n; i++) {
        const JsonMember *m = &side->members[i];
        const JsonValue  *there = json_get(other, m->key);
        bool              unset = other == NULL && m->value.type == JSON_NULL;
        if (unset || same(&m->value, there))
            continue;
        write_member(&j, m->key, &m->value);
        any = true;
    }
    json_end(&j);
    return any;
}

static Status parse_side(Cx *cx, const Shape *shape, const void *side, const JsonValue **ret)
{
    *ret = NULL;
    if (side == NULL)
        return ST_OK;
    Buf *b = arena_new(cx->arena, Buf);
    buf_init(b, 16 << 20);
    Json j = json_begin(b);
    shape_write(&j, NULL, shape, side);
    if (buf_overflowed(b)) {
        buf_done(b);
        return cx_fail(cx, ST_LIMIT, "core.audit_too_big", "%s is too big to be audited",
                       shape->name);
    }
    Str text = str_dup(cx->arena, buf_str(b));
    buf_done(b);
    return json_parse(cx->arena, text, ret, &cx->err);
}

static Str finish_side(Cx *cx, Buf *b, bool any)
{
    static const char TOO_BIG[] = "{\"too_big\":true}";
    if (!any)
        return STR("");
    if (buf_overflowed(b))
        return (Str){TOO_BIG, sizeof TOO_BIG - 1};
    return str_dup(cx->arena, buf_str(b));
}

static Status diff(Cx *cx, const Shape *shape, const void *before, const void *after,
                   CoreAuditAdd *in, bool *ret_same)
{
    const JsonValue      *x, *y;
    CLEANUP(buf_done) Buf left = {0};
    CLEANUP(buf_done) Buf right = {0};
    buf_init(&left, AUDIT_SIDE_MAX);
    buf_init(&right, AUDIT_SIDE_MAX);
    TRY(parse_side(cx, shape, before, &x));
    TRY(parse_side(cx, shape, after, &y));
    bool any_left = write_changed(&left, x, y);
    bool any_right = write_changed(&right, y, x);
    in->before = finish_side(cx, &left, any_left);
    in->after = finish_side(cx, &right, any_right);
    *ret_same = x != NULL && y != NULL && !any_left && !any_right;
    return ST_OK;
}

Status audit_add(Cx *cx, const char *entity, int64_t id, const char *action, const Shape *shape,
                 const void *before, const void *after)
{
    ASSERT(cx->tx_depth > 0);
    CoreAuditAdd in = {.id = id_new(),
                       .at = cx->now,
                       .actor_kind = cx->actor.kind,
                       .actor_id = cx->actor.id,
                       .actor_name = cx->actor.name,
                       .session = cx->actor.session,
                       .request_id = cx->request_id,
                       .entity = str_from_cstr(entity),
                       .entity_id = id,
                       .action = str_from_cstr(action)};
    bool         nothing = false;
    if (shape != NULL)
        TRY(diff(cx, shape, before, after, &in, &nothing));
    return nothing ? ST_OK : core_sql_audit_add(cx, &in, NULL);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static const char COLUMNS[] = "iiiitititttt";

static Str json_or_absent(Str s)
{
    return s.len == 0 ? (Str){0} : s;
}

static void read_entry(DbRun *run, Arena *a, AuditEntry *e)
{
    *e = (AuditEntry){.id = db_col_i64(run, 0),
                      .at = {db_col_i64(run, 1)},
                      .actor_kind = (ActorKind)db_col_i64(run, 2),
                      .actor_id = db_col_i64(run, 3),
                      .actor_name = db_col_str(run, a, 4),
                      .session = db_col_i64(run, 5),
                      .request_id = db_col_str(run, a, 6),
                      .entity_id = db_col_i64(run, 7),
                      .entity = db_col_str(run, a, 8),
                      .action = db_col_str(run, a, 9),
                      .before = json_or_absent(db_col_str(run, a, 10)),
                      .after = json_or_absent(db_col_str(run, a, 11))};
}

static void add_conditions(DbFilter *f, const AuditFilter *by)
{
    if (by->entity.len > 0) {
        db_filter_sql(f, " AND entity = ");
        db_filter_str(f, by->entity);
    }
    if (by->entity_id != 0) {
        db_filter_sql(f, " AND entity_id = ");
        db_filter_i64(f, by->entity_id);
    }
    if (by->by_actor) {
        db_filter_sql(f, " AND actor_kind = ");
        db_filter_i64(f, by->actor_kind);
        db_filter_sql(f, " AND actor_id = ");
        db_filter_i64(f, by->actor_id);
    }
    if (by->action.len > 0) {
        db_filter_sql(f, " AND action = ");
        db_filter_str(f, by->action);
    }
}

/* Ids are in the order of time, so a time is a range of ids too: nothing else is read. A
 * minute is left for clocks of several machines. */
static void add_times(DbFilter *f, const AuditFilter *by)
{
    static const int64_t SLACK_MS = 60 * 1000;
    if (by->since.v != 0) {
        db_filter_sql(f, " AND at_ms >= ");
        db_filter_i64(f, by->since.v);
        db_filter_sql(f, " AND id >= ");
        db_filter_i64(f, id_at((UnixMs){by->since.v - SLACK_MS}));
    }
    if (by->until.v != 0) {
        db_filter_sql(f, " AND at_ms < ");
        db_filter_i64(f, by->until.v);
        db_filter_sql(f, " AND id <= ");
        db_filter_i64(f, id_at((UnixMs){by->until.v + SLACK_MS}));
    }
}

static void add_order(DbFilter *f, const AuditFilter *by)
{
    if (by->after != 0 && by->backwards)
        db_filter_sql(f, " AND id > ");
    else if (by->after != 0)
        db_filter_sql(f, " AND id < ");
    if (by->after != 0)
        db_filter_i64(f, by->after);
    if (by->backwards)
        db_filter_sql(f, " ORDER BY id LIMIT ");
    else
        db_filter_sql(f, " ORDER BY id DESC LIMIT ");
    db_filter_i64(f, by->limit);
}

Status audit_list(Cx *cx, const AuditFilter *filter, AuditEntry **ret, size_t *ret_n)
{
    ASSERT(filter->limit >= 1 && filter->limit <= 1000);
    DbFilter f;
    db_filter_init(&f, cx->arena,
                   "SELECT id, at_ms, actor_kind, actor_id, actor_name, session, request_id,"
                   " entity_id, entity, action, before, after FROM core_audit WHERE TRUE");
    add_conditions(&f, filter);
    add_times(&f, filter);
    add_order(&f, filter);
    AuditEntry               *list = arena_array(cx->arena, AuditEntry, (size_t)filter->limit);
    size_t                    n = 0;
    bool                      row = true;
    CLEANUP(db_run_end) DbRun run = {0};
    TRY(cx_filter_run(cx, &f, COLUMNS, &run));
    for (;;) {
        TRY(db_step(&run, &row, &cx->err));
        if (!row)
            break;
        read_entry(&run, cx->arena, &list[n++]);
    }
    *ret = list;
    *ret_n = n;
    return ST_OK;
}

/* --- pruning
 * ----------------------------------------------------------------------------------------- */

enum { BATCH = 1000 };

typedef struct Prune {
    UnixMs  before;
    int64_t deleted;
} Prune;

static Status prune_tx(Cx *cx, void *arg)
{
    static const int64_t SLACK_MS = 60 * 60 * 1000;
    Prune               *p = arg;
    TRY(core_sql_audit_floor_set(cx, p->before, NULL));
    return core_sql_audit_prune(cx, id_at((UnixMs){p->before.v + SLACK_MS}), p->before, BATCH,
                                &p->deleted);
}

Status audit_prune(Cx *cx, UnixMs before, int64_t *ret_deleted)
{
    static const int64_t KEEP_MS = AUDIT_KEEP_DAYS * 24LL * 3600 * 1000;
    Prune                p = {.before = before, .deleted = BATCH};
    int64_t              total = 0;
    if (before.v > cx->now.v - KEEP_MS)
        return cx_fail(cx, ST_INVALID, "core.audit_too_young", "entries are kept for %d days",
                       AUDIT_KEEP_DAYS);
    while (p.deleted == BATCH) {
        TRY(cx_in_tx(cx, prune_tx, &p));
        total += p.deleted;
    }
    *ret_deleted = total;
    return ST_OK;
}
