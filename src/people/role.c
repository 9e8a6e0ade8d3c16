#include "people/people_int.h"

#include "base/id.h"
#include "text/text.h"

#include <string.h>

/* --- what modules declare -------------------------------------------------------------------- */

static const Permission *declared[PEOPLE_PERMISSIONS_MAX];
static size_t            ndeclared;

static const Module *const *all_modules;
static size_t               nmodules;

void people_modules(const Module *const *modules, size_t n)
{
    all_modules = modules;
    nmodules = n;
    ndeclared = 0;
    for (size_t m = 0; m < n; m++) {
        for (size_t i = 0; i < modules[m]->npermissions; i++) {
            ASSERT(ndeclared < PEOPLE_PERMISSIONS_MAX);
            declared[ndeclared++] = &modules[m]->permissions[i];
        }
    }
}

const Setting *people_setting_at(size_t i, size_t *ret_n)
{
    const Setting *found = NULL;
    *ret_n = 0;
    for (size_t m = 0; m < nmodules; m++) {
        const Module *module = all_modules[m];
        if (found == NULL && i >= *ret_n && i < *ret_n + module->nsettings)
            found = &module->settings[i - *ret_n];
        *ret_n += module->nsettings;
    }
    return found;
}

const Setting *people_setting(Str name)
{
    size_t n = 1;
    for (size_t i = 0; i < n; i++) {
        const Setting *s = people_setting_at(i, &n);
        if (s != NULL && str_eq(str_from_cstr(s->name), name))
            return s;
    }
    return NULL;
}

const Permission *const *people_permissions(size_t *ret_n)
{
    *ret_n = ndeclared;
    return declared;
}

static bool area_of(Str permission, Str right, Str *ret_area)
{
    if (permission.len <= right.len ||
        memcmp(permission.ptr + permission.len - right.len, right.ptr, right.len) != 0)
        return false;
    *ret_area = (Str){permission.ptr, permission.len - right.len};
    return true;
}

/* Does having `have` mean having `want`? */
static bool includes(Str have, Str want)
{
    Str area, other;
    if (str_eq(have, want))
        return true;
    return area_of(want, STR(".read"), &area) && area_of(have, STR(".write"), &other) &&
           str_eq(area, other);
}

bool people_can(const Actor *actor, Str permission)
{
    for (size_t i = 0; !actor->all && i < actor->npermissions; i++)
        if (includes(actor->permissions[i], permission))
            return true;
    return actor->all;
}

/* --- sets of them ---------------------------------------------------------------------------- */

static void set_add(PeopleSet *set, size_t i)
{
    set->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool set_has(const PeopleSet *set, size_t i)
{
    return (set->bits[i / 64] >> (i % 64) & 1) != 0;
}

static bool find(Str name, size_t *ret)
{
    for (size_t i = 0; i < ndeclared; i++) {
        if (str_eq(str_from_cstr(declared[i]->name), name)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* With "x.write" comes "x.read", so that sets can be compared bit by bit. */
static PeopleSet closed(PeopleSet set)
{
    for (size_t i = 0; i < ndeclared; i++)
        for (size_t k = 0; k < ndeclared && !set_has(&set, i); k++)
            if (set_has(&set, k) &&
                includes(str_from_cstr(declared[k]->name), str_from_cstr(declared[i]->name)))
                set_add(&set, i);
    return set;
}

PeopleSet people_set_read(Str lines)
{
    PeopleSet set = {0};
    Str       line;
    size_t    i;
    while (lines.len > 0) {
        str_cut(lines, '\n', &line, &lines);
        if (find(line, &i))
            set_add(&set, i);
    }
    return closed(set);
}

PeopleSet people_set_and(PeopleSet x, PeopleSet y)
{
    for (size_t i = 0; i < COUNT_OF(x.bits); i++)
        x.bits[i] &= y.bits[i];
    return x;
}

PeopleSet people_set_or(PeopleSet x, PeopleSet y)
{
    for (size_t i = 0; i < COUNT_OF(x.bits); i++)
        x.bits[i] |= y.bits[i];
    return x;
}

/* Without the "x.read" that a "x.write" brings along. */
PeopleTexts people_set_names(Arena *a, PeopleSet set)
{
    PeopleTexts names = {.items = arena_array(a, Str, ndeclared + 1)};
    for (size_t i = 0; i < ndeclared; i++) {
        bool implied = false;
        Str  name = str_from_cstr(declared[i]->name);
        for (size_t k = 0; k < ndeclared; k++)
            implied = implied || (k != i && set_has(&set, k) &&
                                  includes(str_from_cstr(declared[k]->name), name));
        if (set_has(&set, i) && !implied)
            names.items[names.n++] = name;
    }
    return names;
}

Str people_set_write(Arena *a, PeopleSet set)
{
    PeopleTexts           names = people_set_names(a, set);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 65536);
    for (size_t i = 0; i < names.n; i++) {
        if (i > 0)
            buf_addc(&b, '\n');
        buf_add(&b, names.items[i]);
    }
    ASSERT(!buf_overflowed(&b));
    return b.len == 0 ? STR("") : str_dup(a, buf_str(&b));
}

PeopleSet people_set_of(const Actor *actor)
{
    PeopleSet set = {0};
    for (size_t i = 0; i < ndeclared; i++)
        if (people_can(actor, str_from_cstr(declared[i]->name)))
            set_add(&set, i);
    return set;
}

PeopleTexts people_actor_names(Cx *cx)
{
    return people_set_names(cx->arena, people_set_of(&cx->actor));
}

PeopleSet people_set_check(Issues *issues, const char *pointer, const PeopleTexts *names)
{
    PeopleSet set = {0};
    for (size_t i = 0; i < names->n; i++) {
        char   at[64];
        size_t bit;
        snprintf(at, sizeof at, "%s/%zu", pointer, i);
        if (find(names->items[i], &bit))
            set_add(&set, bit);
        else
            issue_add(issues, str_from_cstr(at), "not_one_of", "is no permission");
    }
    return closed(set);
}

Status people_set_require(Cx *cx, PeopleSet set)
{
    PeopleSet own = people_set_of(&cx->actor);
    for (size_t i = 0; i < ndeclared; i++)
        if (set_has(&set, i) && !set_has(&own, i))
            return cx_fail(cx, ST_DENIED, "people.not_yours_to_give", "you do not have %s yourself",
                           declared[i]->name);
    return ST_OK;
}

Status people_check_issues(Cx *cx)
{
    if (cx->issues.total == 0)
        return ST_OK;
    return cx_fail(cx, ST_INVALID, "shape.invalid", "%zu of the fields cannot be taken",
                   cx->issues.total);
}

/* --- built-in roles -------------------------------------------------------------------------- */

typedef struct Builtin {
    const char *name;
    const char *has[24];    /* permissions, or "*.read" and "*.write" for all of that right */
    const char *has_not[8]; /* taken away from these */
} Builtin;

/* They name areas of modules to come, too: a permission counts once it is declared. */
static const Builtin BUILTINS[] = {
    {"owner", {"*.write", "*.read"}, {NULL}},
    {"manager", {"*.write", "*.read"}, {"keys.write", "system.write"}},
    {"support",
     {"customers.write", "orders.write", "support.write", "feedback.write", "loyalty.write",
      "catalog.read", "stock.read", "returns.write"},
     {NULL}},
    {"marketing",
     {"catalog.write", "content.write", "outreach.write", "experiments.write", "loyalty.write",
      "feedback.write", "search.write", "customers.read", "orders.read", "insight.read",
      "journey.read"},
     {NULL}},
    {"analyst",
     {"catalog.read", "content.read", "customers.read", "orders.read", "stock.read",
      "experiments.read", "feedback.read", "insight.write", "journey.read", "loyalty.read",
      "outreach.read", "support.read", "plan.read"},
     {NULL}},
    {"developer",
     {"keys.write", "settings.write", "system.write", "theme.write", "catalog.read", "content.read",
      "journey.read", "webhooks.write"},
     {NULL}},
    {"read_only", {"*.read"}, {"keys.read", "system.read"}},
};

static bool listed(const char *const *names, size_t max, Str permission)
{
    for (size_t i = 0; i < max && names[i] != NULL; i++) {
        Str area, name = str_from_cstr(names[i]);
        if (str_eq(name, permission) ||
            (name.ptr[0] == '*' && area_of(permission, (Str){name.ptr + 1, name.len - 1}, &area)))
            return true;
    }
    return false;
}

PeopleSet people_set_builtin(Str builtin)
{
    PeopleSet set = {0};
    for (size_t b = 0; b < COUNT_OF(BUILTINS); b++) {
        const Builtin *role = &BUILTINS[b];
        if (!str_eq(str_from_cstr(role->name), builtin))
            continue;
        for (size_t i = 0; i < ndeclared; i++) {
            Str permission = str_from_cstr(declared[i]->name);
            if (listed(role->has, COUNT_OF(role->has), permission) &&
                !listed(role->has_not, COUNT_OF(role->has_not), permission))
                set_add(&set, i);
        }
    }
    return closed(set);
}

/* --- what somebody's roles add up to --------------------------------------------------------- */

Status people_access_of(Cx *cx, int64_t staff_id, PeopleSet *ret, bool *ret_owner)
{
    PeopleStaffRoleList roles;
    PeopleSet           set = {0};
    bool                owner = false;
    TRY(people_sql_staff_roles(cx, &staff_id, 1, PEOPLE_STAFF_ROLES_MAX, &roles));
    for (size_t i = 0; i < roles.n; i++) {
        const PeopleStaffRole *r = &roles.items[i];
        owner = owner || r->role_id == PEOPLE_ROLE_OWNER;
        set = people_set_or(set, r->builtin.len > 0 ? people_set_builtin(r->builtin)
                                                    : people_set_read(r->permissions));
    }
    *ret = set;
    *ret_owner = owner;
    return ST_OK;
}

static Status require_owner(Cx *cx)
{
    return cx->actor.all ? ST_OK
                         : cx_fail(cx, ST_DENIED, "people.not_yours_to_give",
                                   "only an owner decides over owners");
}

Status people_require_over(Cx *cx, int64_t staff_id)
{
    PeopleSet set;
    bool      owner;
    TRY(people_access_of(cx, staff_id, &set, &owner));
    return owner ? require_owner(cx) : people_set_require(cx, set);
}

Status people_role_require(Cx *cx, int64_t role_id)
{
    PeopleRoleRow row;
    TRY(people_sql_role_get(cx, role_id, &row));
    if (role_id == PEOPLE_ROLE_OWNER)
        return require_owner(cx);
    return people_set_require(cx, row.builtin.len > 0 ? people_set_builtin(row.builtin)
                                                      : people_set_read(row.permissions));
}
