#include "people/people_int.h"

#include "base/id.h"
#include "people/password.h"
#include "text/text.h"

const char *const people_status_names[] = {"active", "disabled", "invited", NULL};

static const ShapeField STAFF_FIELDS[] = {
    SHAPE_ID(PeopleStaff, id, "stf", .flags = SHAPE_READ_ONLY),
    SHAPE_TEXT(PeopleStaff, email, .doc = "What they sign in with."),
    SHAPE_TEXT(PeopleStaff, name),
    SHAPE_TEXT(PeopleStaff, locale, .doc = "Language of the console, as a BCP 47 tag."),
    SHAPE_ENUM(PeopleStaff, status, people_status_names,
               .doc = "invited: has not set a password yet."),
    SHAPE_IDS(PeopleStaff, roles, "rol", .doc = "What they may do is what these add up to."),
    SHAPE_BOOL(PeopleStaff, two_step, .flags = SHAPE_READ_ONLY,
               .doc = "Is a code of an app asked for besides the password?"),
    SHAPE_INT(PeopleStaff, rev, .flags = SHAPE_READ_ONLY,
              .doc = "Grows with every change; the ETag."),
    SHAPE_TIME(PeopleStaff, created_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(PeopleStaff, updated_at, .flags = SHAPE_READ_ONLY),
    SHAPE_TIME(PeopleStaff, last_login_at, .flags = SHAPE_READ_ONLY),
};
const Shape people_staff_shape =
    SHAPE_OF(PeopleStaff, "Staff", STAFF_FIELDS, .doc = "Somebody who works in the shop.");

static const ShapeField STAFF_INPUT_FIELDS[] = {
    SHAPE_TEXT(PeopleStaffInput, email, .min = 3, .max = 254,
               .flags = SHAPE_REQUIRED | SHAPE_EMAIL | SHAPE_LINE,
               .doc = "What they sign in with; unique, whatever the case."),
    SHAPE_TEXT(PeopleStaffInput, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_TEXT(PeopleStaffInput, locale, .max = 35, .flags = SHAPE_LINE,
               .doc = "Language of the console, as a BCP 47 tag; empty: the shop's."),
    SHAPE_ENUM(PeopleStaffInput, status, people_status_names,
               .doc = "active or disabled; whoever is added is invited first."),
    SHAPE_IDS(PeopleStaffInput, roles, "rol", .flags = SHAPE_REQUIRED, .min = 1,
              .max = PEOPLE_STAFF_ROLES_MAX, .doc = "Only roles that allow what you may do."),
};
const Shape people_staff_input_shape = SHAPE_OF_PATCH(
    PeopleStaffInput, "StaffInput", STAFF_INPUT_FIELDS, .doc = "Somebody to be added or changed.");

enum { GIVEN_EMAIL = 1, GIVEN_NAME = 2, GIVEN_LOCALE = 4, GIVEN_STATUS = 8, GIVEN_ROLES = 16 };

/* --- reading --------------------------------------------------------------------------------- */

Str people_staff_key(Arena *a, Str email)
{
    return text_fold(a, email);
}

static PeopleStaff staff_of(Arena *a, const PeopleStaffRow *row, const PeopleStaffRoleList *roles)
{
    PeopleStaff s = {.id = row->id,
                     .email = row->email,
                     .email_key = row->email_key,
                     .name = row->name,
                     .locale = row->locale,
                     .status = row->status,
                     .two_step = row->totp_ms.has,
                     .rev = row->rev,
                     .created_at = row->created_ms,
                     .updated_at = row->updated_ms,
                     .last_login_at = row->last_login_ms};
    s.roles.items = arena_array(a, int64_t, PEOPLE_STAFF_ROLES_MAX);
    for (size_t i = 0; i < roles->n && s.roles.n < PEOPLE_STAFF_ROLES_MAX; i++)
        if (roles->items[i].staff_id == row->id)
            s.roles.items[s.roles.n++] = roles->items[i].role_id;
    return s;
}

Status people_staff_fill(Cx *cx, const PeopleStaffRow *rows, size_t n, PeopleStaffList *ret)
{
    int64_t            *ids = arena_array(cx->arena, int64_t, n + 1);
    PeopleStaffRoleList roles;
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].id;
    TRY(people_sql_staff_roles(cx, ids, n, (int64_t)n * PEOPLE_STAFF_ROLES_MAX, &roles));
    PeopleStaffList list = {.items = arena_array(cx->arena, PeopleStaff, n + 1), .n = n};
    for (size_t i = 0; i < n; i++)
        list.items[i] = staff_of(cx->arena, &rows[i], &roles);
    *ret = list;
    return ST_OK;
}

static Status fill_one(Cx *cx, const PeopleStaffRow *row, PeopleStaff *ret)
{
    PeopleStaffList list;
    TRY(people_staff_fill(cx, row, 1, &list));
    *ret = list.items[0];
    return ST_OK;
}

Status people_staff_list(Cx *cx, const PeopleRange *range, PeopleStaffList *ret)
{
    PeopleStaffRowList rows;
    TRY(cx_require(cx, "people.read"));
    if (range->backwards)
        TRY(people_sql_staff_page_back(cx, range->key, range->limit, &rows));
    else
        TRY(people_sql_staff_page(cx, range->from ? range->key : STR(""), range->limit, &rows));
    return people_staff_fill(cx, rows.items, rows.n, ret);
}

Status people_staff_get(Cx *cx, int64_t id, PeopleStaff *ret)
{
    PeopleStaffRow row;
    TRY(people_sql_staff_get(cx, id, &row));
    return fill_one(cx, &row, ret);
}

Status people_staff_find(Cx *cx, Str email, PeopleStaff *ret)
{
    PeopleStaffRow row;
    bool           found;
    TRY(people_sql_staff_by_email(cx, people_staff_key(cx->arena, email), &found, &row));
    if (!found)
        return cx_fail(cx, ST_NOT_FOUND, "people.no_staff", "nobody has the address " STR_FMT,
                       STR_ARG(email));
    return fill_one(cx, &row, ret);
}

/* --- adding ---------------------------------------------------------------------------------- */

static Status email_taken(Cx *cx)
{
    return cx_fail(cx, ST_CONFLICT, "people.email_taken", "somebody has this e-mail address");
}

static Status set_roles(Cx *cx, int64_t staff_id, const PeopleIds *roles)
{
    for (size_t i = 0; i < roles->n; i++) {
        TRY(people_role_require(cx, roles->items[i]));
        TRY(people_sql_staff_role_add(cx, staff_id, roles->items[i], NULL));
    }
    return ST_OK;
}

Status people_staff_store(Cx *cx, PeopleStaffRow *row, const PeopleIds *roles)
{
    int64_t n;
    row->id = id_new();
    row->email_key = people_staff_key(cx->arena, row->email);
    row->rev = 1;
    row->created_ms = cx->now;
    row->updated_ms = cx->now;
    TRY(people_sql_staff_add(cx, row, &n));
    if (n == 0)
        return email_taken(cx);
    return set_roles(cx, row->id, roles);
}

static bool has_role(const PeopleIds *roles, int64_t id)
{
    for (size_t i = 0; i < roles->n; i++)
        if (roles->items[i] == id)
            return true;
    return false;
}

typedef struct Change {
    int64_t                 id;
    int64_t                 rev;
    const PeopleStaffInput *in;
    Str                     password; /* hash */
    PeopleStaff             staff;
} Change;

static Status add_tx(Cx *cx, void *arg)
{
    Change        *c = arg;
    bool           ready = c->password.len > 0;
    PeopleStaffRow row = {.email = c->in->email,
                          .name = c->in->name,
                          .locale = c->in->locale,
                          .password = c->password,
                          .status = ready ? PEOPLE_ACTIVE : PEOPLE_INVITED};
    TRY(people_staff_store(cx, &row, &c->in->roles));
    TRY(fill_one(cx, &row, &c->staff));
    TRY(audit_add(cx, "people.staff", row.id, "create", &people_staff_shape, NULL, &c->staff));
    if (ready && has_role(&c->in->roles, PEOPLE_ROLE_OWNER))
        TRY(people_sql_link_clear_owner(cx, NULL));
    return people_tell_staff(cx, row.id);
}

static Status add(Cx *cx, Change *c, PeopleStaff *ret)
{
    if (c->in->roles.n == 0)
        issue_add(&cx->issues, STR("/roles"), "too_few", "needs at least one role");
    TRY(people_check_issues(cx));
    TRY(cx_in_tx(cx, add_tx, c));
    *ret = c->staff;
    return ST_OK;
}

Status people_staff_add(Cx *cx, const PeopleStaffInput *in, PeopleStaff *ret)
{
    Change c = {.in = in};
    TRY(cx_require(cx, "people.write"));
    return add(cx, &c, ret);
}

Status people_staff_add_with(Cx *cx, const PeopleStaffInput *in, Str password, PeopleStaff *ret)
{
    Change c = {.in = in};
    TRY(cx_require(cx, "people.write"));
    password_judge(&cx->issues, "/password", password, in->email, in->name);
    TRY(people_check_issues(cx));
    TRY(password_hash(cx, password, &c.password));
    return add(cx, &c, ret);
}

/* --- changing -------------------------------------------------------------------------------- */

static bool same_roles(const PeopleIds *x, const PeopleIds *y)
{
    for (size_t i = 0; i < x->n; i++) {
        size_t k = 0;
        while (k < y->n && y->items[k] != x->items[i])
            k++;
        if (k == y->n)
            return false;
    }
    for (size_t i = 0; i < y->n; i++) {
        size_t k = 0;
        while (k < x->n && x->items[k] != y->items[i])
            k++;
        if (k == x->n)
            return false;
    }
    return true;
}

/* Would this leave the shop without an owner? */
static Status keep_an_owner(Cx *cx, const PeopleStaff *before, bool stays_owner)
{
    int64_t others;
    if (stays_owner || before->status != PEOPLE_ACTIVE ||
        !has_role(&before->roles, PEOPLE_ROLE_OWNER))
        return ST_OK;
    TRY(people_sql_owner_count(cx, before->id, &others));
    if (others == 0)
        return cx_fail(cx, ST_CONFLICT, "people.last_owner", "a shop has at least one owner");
    return ST_OK;
}

static Status changeable(Cx *cx, int64_t id, int64_t rev, PeopleStaffRow *ret_row, PeopleStaff *ret)
{
    TRY(people_sql_staff_get(cx, id, ret_row));
    if (rev != 0 && rev != ret_row->rev)
        return cx_fail(cx, ST_STALE, "people.stale", "the account has changed meanwhile");
    TRY(people_require_over(cx, id));
    return fill_one(cx, ret_row, ret);
}

static bool is_self(const Cx *cx, int64_t id)
{
    return cx->actor.kind == ACTOR_STAFF && cx->actor.id == id;
}

/* What the change means for the fields of the row. */
static Status apply(Cx *cx, const PeopleStaffInput *in, PeopleStaffRow *row)
{
    PeopleStaffRow other;
    bool           found;
    if (in->given & GIVEN_EMAIL)
        row->email = in->email;
    if (in->given & GIVEN_NAME)
        row->name = in->name;
    if (in->given & GIVEN_LOCALE)
        row->locale = in->locale;
    if (in->given & GIVEN_STATUS && in->status != row->status) {
        if (in->status == PEOPLE_INVITED || (in->status == PEOPLE_ACTIVE && row->password.len == 0))
            return cx_fail(cx, ST_CONFLICT, "people.not_set_up",
                           "whoever has no password yet is invited, and nobody else");
        row->status = in->status;
    }
    row->email_key = people_staff_key(cx->arena, row->email);
    TRY(people_sql_staff_by_email(cx, row->email_key, &found, &other));
    return found && other.id != row->id ? email_taken(cx) : ST_OK;
}

/* Access has changed: whoever is signed in must do so again. */
static Status cut_off(Cx *cx, const PeopleStaff *before, const PeopleStaff *after)
{
    if (before->status == after->status && same_roles(&before->roles, &after->roles))
        return ST_OK;
    TRY(people_sessions_clear(cx, after->id, 0));
    if (after->status == PEOPLE_DISABLED) {
        TRY(people_sql_key_revoke_of(cx, after->id, cx->now, NULL));
        TRY(people_sql_link_clear(cx, after->id, NULL));
    }
    return ST_OK;
}

static Status update_tx(Cx *cx, void *arg)
{
    Change                 *c = arg;
    const PeopleStaffInput *in = c->in;
    PeopleStaffRow          row;
    PeopleStaff             before;
    int64_t                 n;
    TRY(changeable(cx, c->id, c->rev, &row, &before));
    bool roles_change = in->given & GIVEN_ROLES && !same_roles(&before.roles, &in->roles);
    bool status_changes = in->given & GIVEN_STATUS && in->status != row.status;
    if (is_self(cx, c->id) && (roles_change || status_changes))
        return cx_fail(cx, ST_DENIED, "people.own_access",
                       "somebody else has to change your roles or status");
    TRY(apply(cx, in, &row));
    bool owner = roles_change ? has_role(&in->roles, PEOPLE_ROLE_OWNER)
                              : has_role(&before.roles, PEOPLE_ROLE_OWNER);
    TRY(keep_an_owner(cx, &before, owner && row.status == PEOPLE_ACTIVE));
    TRY(people_sql_staff_set(cx,
                             &(PeopleStaffChange){.id = c->id,
                                                  .rev = row.rev,
                                                  .email = row.email,
                                                  .email_key = row.email_key,
                                                  .name = row.name,
                                                  .locale = row.locale,
                                                  .status = row.status,
                                                  .now = cx->now},
                             &n));
    ASSERT(n == 1);
    if (roles_change) {
        TRY(people_sql_staff_role_clear(cx, c->id, NULL));
        TRY(set_roles(cx, c->id, &in->roles));
    }
    TRY(people_staff_get(cx, c->id, &c->staff));
    TRY(cut_off(cx, &before, &c->staff));
    TRY(audit_add(cx, "people.staff", c->id, "update", &people_staff_shape, &before, &c->staff));
    return people_tell_staff(cx, c->id);
}

Status people_staff_update(Cx *cx, int64_t id, int64_t rev, const PeopleStaffInput *in,
                           PeopleStaff *ret)
{
    Change c = {.id = id, .rev = rev, .in = in};
    TRY(cx_require(cx, "people.write"));
    if (in->given & GIVEN_ROLES && in->roles.n == 0)
        issue_add(&cx->issues, STR("/roles"), "too_few", "needs at least one role");
    TRY(people_check_issues(cx));
    TRY(cx_in_tx(cx, update_tx, &c));
    people_grants_forget();
    *ret = c.staff;
    return ST_OK;
}

static Status remove_tx(Cx *cx, void *arg)
{
    Change        *c = arg;
    PeopleStaffRow row;
    PeopleStaff    before;
    TRY(changeable(cx, c->id, c->rev, &row, &before));
    if (is_self(cx, c->id))
        return cx_fail(cx, ST_DENIED, "people.own_access", "somebody else has to remove you");
    TRY(keep_an_owner(cx, &before, false));
    TRY(people_sessions_clear(cx, c->id, 0));
    TRY(people_sql_key_revoke_of(cx, c->id, cx->now, NULL));
    TRY(people_sql_staff_remove(cx, c->id, NULL));
    TRY(audit_add(cx, "people.staff", c->id, "delete", &people_staff_shape, &before, NULL));
    return people_tell_staff(cx, c->id);
}

Status people_staff_remove(Cx *cx, int64_t id, int64_t rev)
{
    Change c = {.id = id, .rev = rev};
    TRY(cx_require(cx, "people.write"));
    TRY(cx_in_tx(cx, remove_tx, &c));
    people_grants_forget();
    return ST_OK;
}

static Status drop_totp_tx(Cx *cx, void *arg)
{
    Change        *c = arg;
    PeopleStaffRow row;
    PeopleStaff    before;
    TRY(changeable(cx, c->id, 0, &row, &before));
    TRY(people_sql_staff_set_totp(cx, c->id, (Str){0}, (OptTime){0}, row.totp_step, cx->now, NULL));
    TRY(people_sql_recovery_clear(cx, c->id, NULL));
    TRY(people_sessions_clear(cx, c->id, 0));
    TRY(people_staff_get(cx, c->id, &c->staff));
    TRY(audit_add(cx, "people.staff", c->id, "drop_two_step", &people_staff_shape, &before,
                  &c->staff));
    return people_tell_staff(cx, c->id);
}

Status people_staff_drop_totp(Cx *cx, int64_t id)
{
    Change c = {.id = id};
    TRY(cx_require(cx, "people.write"));
    if (is_self(cx, id))
        return cx_fail(cx, ST_DENIED, "people.own_access",
                       "switch your own off with your password");
    TRY(cx_in_tx(cx, drop_totp_tx, &c));
    people_grants_forget();
    return ST_OK;
}
