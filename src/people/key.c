#include "people/people_int.h"

#include "base/id.h"

static const ShapeField KEY_FIELDS[] = {
    SHAPE_ID(PeopleKey, id, "rap", .flags = SHAPE_READ_ONLY,
             .doc = "Also how the key itself begins."),
    SHAPE_TEXT(PeopleKey, name, .doc = "What it is for."),
    SHAPE_TEXTS(PeopleKey, permissions,
                .doc = "What it allows, as far as its maker has it too; see Role."),
    SHAPE_ID(PeopleKey, staff_id, "stf", .flags = SHAPE_READ_ONLY,
             .doc = "Who made it; null: the command line."),
    SHAPE_BOOL(PeopleKey, active, .flags = SHAPE_READ_ONLY, .doc = "Neither revoked nor over."),
    SHAPE_INT(PeopleKey, rev, .flags = SHAPE_READ_ONLY,
              .doc = "Grows with every change; the ETag."),
    SHAPE_TIME(PeopleKey, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(PeopleKey, updated_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(PeopleKey, ends_at, .doc = "It works until then; null: until revoked."),
    SHAPE_TIME(PeopleKey, used_at, .flags = SHAPE_READ_ONLY, .doc = "Last, to the minute."),
    SHAPE_TIME(PeopleKey, revoked_at, .flags = SHAPE_READ_ONLY),
};
const Shape people_key_shape =
    SHAPE_OF(PeopleKey, "ApiKey", KEY_FIELDS, .doc = "What a program signs in with.");

static const ShapeField KEY_MADE_FIELDS[] = {
    SHAPE_OBJECT(PeopleKeyMade, key, PeopleKey, &people_key_shape),
    SHAPE_TEXT(PeopleKeyMade, secret,
               .doc = "The key, to be sent as Authorization: Bearer. Shown this once."),
};
const Shape people_key_made_shape =
    SHAPE_OF(PeopleKeyMade, "ApiKeyMade", KEY_MADE_FIELDS, .doc = "A new key and its secret.");

static const ShapeField KEY_INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleKeyInput, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "What it is for."),
    SHAPE_TEXTS(PeopleKeyInput, permissions, .flags = SHAPE_REQUIRED, .min = 1,
                .max = PEOPLE_PERMISSIONS_MAX, .item_max = 100,
                .doc = "What it is to allow; only what you have yourself."),
    SHAPE_TIME(PeopleKeyInput, ends_at, .doc = "When it stops to work; null: when revoked."),
};
const Shape people_key_input_shape = SHAPE_OF_PATCH(PeopleKeyInput, "ApiKeyInput", KEY_INPUT_FIELDS,
                                                    .doc = "A key to be made or changed.");

enum { GIVEN_NAME = 1, GIVEN_PERMISSIONS = 2, GIVEN_ENDS_AT = 4 };

static PeopleKey key_of(Cx *cx, const PeopleKeyRow *row)
{
    bool over = row->ends_ms.has && row->ends_ms.v.v <= cx->now.v;
    return (PeopleKey){.id = row->id,
                       .name = row->name,
                       .permissions =
                           people_set_names(cx->arena, people_set_read(row->permissions)),
                       .staff_id = row->staff_id,
                       .active = !row->revoked_ms.has && !over,
                       .rev = row->rev,
                       .created_at = row->created_ms,
                       .updated_at = row->updated_ms,
                       .ends_at = row->ends_ms,
                       .used_at = row->used_ms,
                       .revoked_at = row->revoked_ms};
}

Status people_key_list(Cx *cx, const PeopleRange *range, PeopleKeyList *ret)
{
    PeopleKeyRowList rows;
    TRY(cx_require(cx, "keys.read"));
    if (range->backwards)
        TRY(people_sql_key_page_back(cx, range->id, range->limit, &rows));
    else
        TRY(people_sql_key_page(cx, range->from ? range->id : INT64_MAX, range->limit, &rows));
    PeopleKeyList list = {.items = arena_array(cx->arena, PeopleKey, rows.n + 1), .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = key_of(cx, &rows.items[i]);
    *ret = list;
    return ST_OK;
}

static Status row_of(Cx *cx, int64_t id, PeopleKeyRow *ret)
{
    bool found;
    TRY(people_sql_key_get(cx, id, &found, ret));
    return found ? ST_OK : cx_fail(cx, ST_NOT_FOUND, "people.no_key", "there is no such key");
}

Status people_key_get(Cx *cx, int64_t id, PeopleKey *ret)
{
    PeopleKeyRow row;
    TRY(cx_require(cx, "keys.read"));
    TRY(row_of(cx, id, &row));
    *ret = key_of(cx, &row);
    return ST_OK;
}

/* --- changes --------------------------------------------------------------------------------- */

typedef struct KeyChange {
    int64_t               id;
    int64_t               rev;
    const PeopleKeyInput *in;
    PeopleSet             set;
    PeopleKeyRow          row;
    PeopleKey             key;
} KeyChange;

/* rap_IIIIIIIIIIIII_SSSS…: the id is no secret, what follows is. */
static Str key_text(Arena *a, int64_t id, Str token)
{
    Str    prefix = id_format(a, "rap", id);
    size_t room = prefix.len + token.len + 2;
    char  *out = arena_array(a, char, room);
    int    n = snprintf(out, room, STR_FMT "_" STR_FMT, STR_ARG(prefix), STR_ARG(token));
    return (Str){out, (size_t)n};
}

static Status add_tx(Cx *cx, void *arg)
{
    KeyChange *c = arg;
    TRY(people_sql_key_add(cx, &c->row, NULL));
    c->key = key_of(cx, &c->row);
    TRY(audit_add(cx, "people.key", c->row.id, "create", &people_key_shape, NULL, &c->key));
    return people_tell_key(cx, c->row.id);
}

static Status judge(Cx *cx, const PeopleKeyInput *in, PeopleSet *ret)
{
    *ret = people_set_check(&cx->issues, "/permissions", &in->permissions);
    if (in->ends_at.has && in->ends_at.v.v <= cx->now.v)
        issue_add(&cx->issues, STR("/ends_at"), "out_of_range", "is in the past");
    TRY(people_check_issues(cx));
    return people_set_require(cx, *ret);
}

Status people_key_add(Cx *cx, const PeopleKeyInput *in, PeopleKeyMade *ret)
{
    KeyChange c = {.in = in};
    TRY(cx_require(cx, "keys.write"));
    if (cx->actor.kind == ACTOR_API_KEY)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "a key cannot make keys");
    TRY(judge(cx, in, &c.set));
    Str token = people_token_new(cx->arena);
    c.row = (PeopleKeyRow){.id = id_new(),
                           .name = in->name,
                           .permissions = people_set_write(cx->arena, c.set),
                           .rev = 1,
                           .created_ms = cx->now,
                           .updated_ms = cx->now,
                           .ends_ms = in->ends_at};
    if (cx->actor.kind == ACTOR_STAFF)
        c.row.staff_id = opt_i64(cx->actor.id);
    Str text = key_text(cx->arena, c.row.id, token);
    c.row.secret_hash = people_token_hash(cx->arena, text);
    TRY(cx_in_tx(cx, add_tx, &c));
    *ret = (PeopleKeyMade){.key = c.key, .secret = text};
    return ST_OK;
}

static Status update_tx(Cx *cx, void *arg)
{
    KeyChange            *c = arg;
    const PeopleKeyInput *in = c->in;
    PeopleKeyRow          row;
    int64_t               n;
    TRY(row_of(cx, c->id, &row));
    if (row.revoked_ms.has)
        return cx_fail(cx, ST_CONFLICT, "people.key_revoked", "a revoked key stays revoked");
    if (c->rev != 0 && c->rev != row.rev)
        return cx_fail(cx, ST_STALE, "people.stale", "the key has changed meanwhile");
    TRY(people_set_require(cx, people_set_read(row.permissions)));
    PeopleKey before = key_of(cx, &row);
    row.name = in->given & GIVEN_NAME ? in->name : row.name;
    if (in->given & GIVEN_PERMISSIONS)
        row.permissions = people_set_write(cx->arena, c->set);
    if (in->given & GIVEN_ENDS_AT)
        row.ends_ms = in->ends_at;
    TRY(people_sql_key_set(cx, row.id, row.rev, row.name, row.permissions, row.ends_ms, cx->now,
                           &n));
    ASSERT(n == 1);
    row.rev++;
    row.updated_ms = cx->now;
    c->key = key_of(cx, &row);
    TRY(audit_add(cx, "people.key", row.id, "update", &people_key_shape, &before, &c->key));
    return people_tell_key(cx, row.id);
}

Status people_key_update(Cx *cx, int64_t id, int64_t rev, const PeopleKeyInput *in, PeopleKey *ret)
{
    KeyChange c = {.id = id, .rev = rev, .in = in};
    TRY(cx_require(cx, "keys.write"));
    if (cx->actor.kind == ACTOR_API_KEY)
        return cx_fail(cx, ST_DENIED, "people.not_a_person", "a key cannot change keys");
    TRY(judge(cx, in, &c.set));
    TRY(cx_in_tx(cx, update_tx, &c));
    people_grants_forget();
    *ret = c.key;
    return ST_OK;
}

static Status revoke_tx(Cx *cx, void *arg)
{
    const int64_t *id = arg;
    PeopleKeyRow   row;
    TRY(row_of(cx, *id, &row));
    PeopleKey before = key_of(cx, &row);
    if (row.revoked_ms.has)
        return ST_OK;
    TRY(people_sql_key_revoke(cx, *id, cx->now, NULL));
    TRY(row_of(cx, *id, &row));
    PeopleKey after = key_of(cx, &row);
    TRY(audit_add(cx, "people.key", *id, "revoke", &people_key_shape, &before, &after));
    return people_tell_key(cx, *id);
}

Status people_key_revoke(Cx *cx, int64_t id)
{
    TRY(cx_require(cx, "keys.write"));
    TRY(cx_in_tx(cx, revoke_tx, &id));
    people_grants_forget();
    return ST_OK;
}
