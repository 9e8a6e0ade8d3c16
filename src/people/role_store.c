#include "people/people_int.h"

#include "base/id.h"
#include "text/text.h"

static const ShapeField ROLE_FIELDS[] = {
    SHAPE_ID(PeopleRole, id, "rol", .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(PeopleRole, name, .doc = "As shown to people."),
    SHAPE_TEXT(PeopleRole, description, .doc = "Whom it is for."),
    SHAPE_BOOL(PeopleRole, builtin, .flags = SHAPE_READ_ONLY,
               .doc = "Comes with the program and cannot be changed."),
    SHAPE_TEXTS(PeopleRole, permissions, .doc = "What it allows; AREA.write includes AREA.read."),
    SHAPE_INT(PeopleRole, rev, .flags = SHAPE_READ_ONLY,
              .doc = "Grows with every change; the ETag."),
    SHAPE_TIME(PeopleRole, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(PeopleRole, updated_at, .flags = SHAPE_READ_ONLY),
};
const Shape people_role_shape =
    SHAPE_OF(PeopleRole, "Role", ROLE_FIELDS, .doc = "A named set of permissions for staff.");

static const ShapeField ROLE_INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleRoleInput, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE,
               .doc = "As shown to people; unique."),
    SHAPE_TEXT(PeopleRoleInput, description, .max = 500, .doc = "Whom it is for."),
    SHAPE_TEXTS(PeopleRoleInput, permissions, .flags = SHAPE_REQUIRED,
                .max = PEOPLE_PERMISSIONS_MAX, .item_max = 100,
                .doc = "What it allows; only what you have yourself."),
};
const Shape people_role_input_shape = SHAPE_OF_PATCH(
    PeopleRoleInput, "RoleInput", ROLE_INPUT_FIELDS, .doc = "A role to be made or changed.");

enum { GIVEN_NAME = 1, GIVEN_DESCRIPTION = 2, GIVEN_PERMISSIONS = 4 };

static PeopleRole role_of(Arena *a, const PeopleRoleRow *row)
{
    PeopleSet set =
        row->builtin.len > 0 ? people_set_builtin(row->builtin) : people_set_read(row->permissions);
    return (PeopleRole){.id = row->id,
                        .name = row->name,
                        .description = row->description,
                        .builtin = row->builtin.len > 0,
                        .permissions = people_set_names(a, set),
                        .rev = row->rev,
                        .created_at = row->created_ms,
                        .updated_at = row->updated_ms};
}

Status people_role_list(Cx *cx, const PeopleRange *range, PeopleRoleList *ret)
{
    PeopleRoleRowList rows;
    if (range->backwards)
        TRY(people_sql_role_page_back(cx, range->id, range->limit, &rows));
    else
        TRY(people_sql_role_page(cx, range->from ? range->id : 0, range->limit, &rows));
    PeopleRoleList list = {.items = arena_array(cx->arena, PeopleRole, rows.n + 1), .n = rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = role_of(cx->arena, &rows.items[i]);
    *ret = list;
    return ST_OK;
}

Status people_role_get(Cx *cx, int64_t id, PeopleRole *ret)
{
    PeopleRoleRow row;
    TRY(people_sql_role_get(cx, id, &row));
    *ret = role_of(cx->arena, &row);
    return ST_OK;
}

Status people_role_find(Cx *cx, Str name, int64_t *ret_id)
{
    bool    found;
    int64_t id;
    TRY(people_sql_role_by_name(cx, text_fold(cx->arena, name), &found, &id));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_role", "there is no role " STR_FMT,
                       STR_ARG(name));
    *ret_id = id;
    return ST_OK;
}

/* --- changes --------------------------------------------------------------------------------- */

typedef struct RoleChange {
    int64_t                id;
    int64_t                rev;
    const PeopleRoleInput *in;
    PeopleSet              set; /* of in->permissions */
    PeopleRole             role;
} RoleChange;

static Status name_taken(Cx *cx, Str name)
{
    return cx_fail(cx, ST_CONFLICT, "people.name_taken", "there is a role " STR_FMT, STR_ARG(name));
}

static Status add_tx(Cx *cx, void *arg)
{
    RoleChange *c = arg;
    int64_t     n;
    TRY(people_sql_role_count(cx, &n));
    if (n >= PEOPLE_ROLES_MAX)
        return cx_fail(cx, ST_LIMIT, "people.too_many_roles", "a shop has at most %d roles",
                       PEOPLE_ROLES_MAX);
    PeopleRoleRow row = {.id = id_new(),
                         .name = c->in->name,
                         .name_key = text_fold(cx->arena, c->in->name),
                         .description = c->in->description,
                         .builtin = STR(""),
                         .permissions = people_set_write(cx->arena, c->set),
                         .rev = 1,
                         .created_ms = cx->now,
                         .updated_ms = cx->now};
    TRY(people_sql_role_add(cx, &row, &n));
    if (n == 0)
        return name_taken(cx, c->in->name);
    c->role = role_of(cx->arena, &row);
    TRY(audit_add(cx, "people.role", row.id, "create", &people_role_shape, NULL, &c->role));
    return people_tell_role(cx, row.id);
}

Status people_role_add(Cx *cx, const PeopleRoleInput *in, PeopleRole *ret)
{
    TRY(cx_require(cx, "people.write"));
    RoleChange c = {.in = in};
    c.set = people_set_check(&cx->issues, "/permissions", &in->permissions);
    TRY(people_check_issues(cx));
    TRY(people_set_require(cx, c.set));
    TRY(cx_in_tx(cx, add_tx, &c));
    *ret = c.role;
    return ST_OK;
}

/* The role as it is, when this caller may change it. */
static Status changeable(Cx *cx, int64_t id, int64_t rev, PeopleRoleRow *ret)
{
    TRY(people_sql_role_get(cx, id, ret));
    if (ret->builtin.len > 0)
        return cx_fail(cx, ST_CONFLICT, "people.builtin_role", "built-in roles cannot be changed");
    if (rev != 0 && rev != ret->rev)
        return cx_fail(cx, ST_STALE, "people.stale", "the role has changed meanwhile");
    return people_set_require(cx, people_set_read(ret->permissions));
}

static Status update_tx(Cx *cx, void *arg)
{
    RoleChange            *c = arg;
    const PeopleRoleInput *in = c->in;
    PeopleRoleRow          row;
    bool                   found;
    int64_t                twin, n;
    TRY(changeable(cx, c->id, c->rev, &row));
    PeopleRole before = role_of(cx->arena, &row);
    row.name = in->given & GIVEN_NAME ? in->name : row.name;
    row.name_key = text_fold(cx->arena, row.name);
    row.description = in->given & GIVEN_DESCRIPTION ? in->description : row.description;
    if (in->given & GIVEN_PERMISSIONS)
        row.permissions = people_set_write(cx->arena, c->set);
    TRY(people_sql_role_by_name(cx, row.name_key, &found, &twin));
    if (found && twin != c->id)
        return name_taken(cx, row.name);
    TRY(people_sql_role_set(cx, c->id, row.rev, row.name, row.name_key, row.description,
                            row.permissions, cx->now, &n));
    ASSERT(n == 1);
    row.rev++;
    row.updated_ms = cx->now;
    c->role = role_of(cx->arena, &row);
    TRY(audit_add(cx, "people.role", c->id, "update", &people_role_shape, &before, &c->role));
    return people_tell_role(cx, c->id);
}

Status people_role_update(Cx *cx, int64_t id, int64_t rev, const PeopleRoleInput *in,
                          PeopleRole *ret)
{
    TRY(cx_require(cx, "people.write"));
    RoleChange c = {.id = id, .rev = rev, .in = in};
    c.set = people_set_check(&cx->issues, "/permissions", &in->permissions);
    TRY(people_check_issues(cx));
    TRY(people_set_require(cx, c.set));
    TRY(cx_in_tx(cx, update_tx, &c));
    people_grants_forget();
    *ret = c.role;
    return ST_OK;
}

static Status remove_tx(Cx *cx, void *arg)
{
    RoleChange   *c = arg;
    PeopleRoleRow row;
    int64_t       holders;
    TRY(changeable(cx, c->id, c->rev, &row));
    PeopleRole before = role_of(cx->arena, &row);
    TRY(people_sql_role_holders(cx, c->id, &holders));
    if (holders > 0)
        return cx_fail(cx, ST_CONFLICT, "people.role_in_use", "%lld people have this role",
                       (long long)holders);
    TRY(people_sql_role_remove(cx, c->id, NULL));
    TRY(audit_add(cx, "people.role", c->id, "delete", &people_role_shape, &before, NULL));
    return people_tell_role(cx, c->id);
}

Status people_role_remove(Cx *cx, int64_t id, int64_t rev)
{
    TRY(cx_require(cx, "people.write"));
    RoleChange c = {.id = id, .rev = rev};
    return cx_in_tx(cx, remove_tx, &c);
}
