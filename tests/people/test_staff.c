#include "people/fixture.h"

enum { GIVEN_EMAIL = 1, GIVEN_NAME = 2, GIVEN_STATUS = 8, GIVEN_ROLES = 16 };

static PeopleStaffInput input(const char *email, const int64_t *roles, size_t n)
{
    return (PeopleStaffInput){.email = str_from_cstr(email),
                              .name = STR("Some Body"),
                              .roles = {.items = (int64_t *)(uintptr_t)roles, .n = n}};
}

static PeopleStaffInput with_role(const int64_t *role)
{
    return (PeopleStaffInput){.given = GIVEN_ROLES,
                              .roles = {.items = (int64_t *)(uintptr_t)role, .n = 1}};
}

static const PeopleStaffInput DISABLE = {.given = GIVEN_STATUS, .status = PEOPLE_DISABLED};
static const PeopleStaffInput ENABLE = {.given = GIVEN_STATUS, .status = PEOPLE_ACTIVE};
static const int64_t          MANAGER = ROLE_MANAGER, SUPPORT = ROLE_SUPPORT, READER = ROLE_READER,
                     DEVELOPER = ROLE_DEVELOPER;

/* --- accounts -------------------------------------------------------------------------------- */

static void addresses_are_unique_whatever_their_case(void **state)
{
    World           *w = *state;
    PeopleStaff      made, again;
    PeopleStaffInput in = input("Jane@Shop.example", &SUPPORT, 1);
    PeopleStaffInput other = input("other@shop.example", &SUPPORT, 1);
    PeopleStaffInput twin = input("JANE@shop.EXAMPLE", &SUPPORT, 1);
    assert_ok(people_staff_add(&w->cx, &in, &made), &w->cx.err);
    assert_str(made.email, "Jane@Shop.example");
    assert_int_equal(made.status, PEOPLE_INVITED);
    assert_int_equal(made.roles.n, 1);
    assert_fails(people_staff_add(&w->cx, &twin, &again), ST_CONFLICT, &w->cx.err,
                 "people.email_taken");
    assert_ok(people_staff_add(&w->cx, &other, &again), &w->cx.err);
    twin.given = GIVEN_EMAIL;
    assert_fails(people_staff_update(&w->cx, again.id, 0, &twin, &again), ST_CONFLICT, &w->cx.err,
                 "people.email_taken");
    assert_ok(people_staff_update(&w->cx, made.id, 0, &twin, &made), &w->cx.err);
    assert_str(made.email, "JANE@shop.EXAMPLE");
    assert_ok(people_staff_find(&w->cx, STR("jane@shop.example"), &again), &w->cx.err);
    assert_int_equal(again.id, made.id);
}

static void lists_come_in_order_of_address_and_both_ways(void **state)
{
    World          *w = *state;
    PeopleStaffList list;
    people_hire(w, "c@shop.example", ROLE_READER);
    people_hire(w, "B@shop.example", ROLE_READER);
    people_hire(w, "a@shop.example", ROLE_READER);
    assert_ok(people_staff_list(&w->cx, &(PeopleRange){.limit = 10}, &list), &w->cx.err);
    assert_int_equal(list.n, 3);
    assert_str(list.items[1].email, "B@shop.example");
    PeopleRange range = {.limit = 10, .from = true, .key = STR("b@shop.example")};
    assert_ok(people_staff_list(&w->cx, &range, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0].email, "c@shop.example");
    range.backwards = true;
    assert_ok(people_staff_list(&w->cx, &range, &list), &w->cx.err);
    assert_int_equal(list.n, 1);
    assert_str(list.items[0].email, "a@shop.example");
}

static void an_old_revision_is_refused(void **state)
{
    World           *w = *state;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleStaffInput in = {.given = GIVEN_NAME, .name = STR("Jane Two")};
    assert_ok(people_staff_update(&w->cx, jane.id, jane.rev, &in, &jane), &w->cx.err);
    assert_int_equal(jane.rev, 2);
    assert_fails(people_staff_update(&w->cx, jane.id, 1, &in, &jane), ST_STALE, &w->cx.err,
                 "people.stale");
    assert_fails(people_staff_remove(&w->cx, jane.id, 1), ST_STALE, &w->cx.err, "people.stale");
}

static void whoever_has_no_password_cannot_be_made_active(void **state)
{
    World           *w = *state;
    PeopleStaff      jane;
    PeopleStaffInput in = input("jane@shop.example", &SUPPORT, 1);
    assert_ok(people_staff_add(&w->cx, &in, &jane), &w->cx.err);
    assert_fails(people_staff_update(&w->cx, jane.id, 0, &ENABLE, &jane), ST_CONFLICT, &w->cx.err,
                 "people.not_set_up");
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &DISABLE, &jane), &w->cx.err);
    assert_fails(people_staff_update(&w->cx, jane.id, 0, &ENABLE, &jane), ST_CONFLICT, &w->cx.err,
                 "people.not_set_up");
}

/* --- the last owner -------------------------------------------------------------------------- */

static void the_last_owner_stays(void **state)
{
    World           *w = *state;
    PeopleStaff      owner = people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER), ret;
    PeopleStaff      other = people_hire(w, "invited@shop.example", PEOPLE_ROLE_OWNER);
    PeopleStaffInput demote = with_role(&MANAGER);
    assert_ok(people_staff_update(&w->cx, other.id, 0, &DISABLE, &ret), &w->cx.err);
    assert_fails(people_staff_update(&w->cx, owner.id, 0, &DISABLE, &ret), ST_CONFLICT, &w->cx.err,
                 "people.last_owner");
    assert_fails(people_staff_update(&w->cx, owner.id, 0, &demote, &ret), ST_CONFLICT, &w->cx.err,
                 "people.last_owner");
    assert_fails(people_staff_remove(&w->cx, owner.id, 0), ST_CONFLICT, &w->cx.err,
                 "people.last_owner");
    assert_ok(people_staff_update(&w->cx, other.id, 0, &ENABLE, &ret), &w->cx.err);
    assert_ok(people_staff_update(&w->cx, owner.id, 0, &demote, &ret), &w->cx.err);
    assert_fails(people_staff_remove(&w->cx, other.id, 0), ST_CONFLICT, &w->cx.err,
                 "people.last_owner");
}

static void nobody_changes_their_own_access(void **state)
{
    World           *w = *state;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", PEOPLE_ROLE_OWNER), ret;
    PeopleStaffInput rename = {.given = GIVEN_NAME, .name = STR("Jane")};
    PeopleStaffInput demote = with_role(&MANAGER);
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    act_as(w, "jane@shop.example");
    assert_fails(people_staff_update(&w->cx, jane.id, 0, &DISABLE, &ret), ST_DENIED, &w->cx.err,
                 "people.own_access");
    assert_fails(people_staff_update(&w->cx, jane.id, 0, &demote, &ret), ST_DENIED, &w->cx.err,
                 "people.own_access");
    assert_fails(people_staff_remove(&w->cx, jane.id, 0), ST_DENIED, &w->cx.err,
                 "people.own_access");
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &rename, &ret), &w->cx.err);
}

/* --- escalation ------------------------------------------------------------------------------ */

static void nobody_gives_what_they_do_not_have(void **state)
{
    static const int64_t BEYOND[] = {PEOPLE_ROLE_OWNER, ROLE_DEVELOPER};
    World               *w = *state;
    PeopleStaff          owner = people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER), made;
    PeopleStaff          dev = people_hire(w, "dev@shop.example", ROLE_DEVELOPER);
    PeopleStaff          jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleLink           link;
    people_hire(w, "manager@shop.example", ROLE_MANAGER);
    act_as(w, "manager@shop.example");
    for (size_t i = 0; i < COUNT_OF(BEYOND); i++) {
        PeopleStaffInput add = input("new@shop.example", &BEYOND[i], 1);
        PeopleStaffInput promote = with_role(&BEYOND[i]);
        assert_fails(people_staff_add(&w->cx, &add, &made), ST_DENIED, &w->cx.err,
                     "people.not_yours_to_give");
        assert_fails(people_staff_update(&w->cx, jane.id, 0, &promote, &made), ST_DENIED,
                     &w->cx.err, "people.not_yours_to_give");
    }
    int64_t above[] = {owner.id, dev.id};
    for (size_t i = 0; i < COUNT_OF(above); i++) {
        assert_fails(people_staff_update(&w->cx, above[i], 0, &DISABLE, &made), ST_DENIED,
                     &w->cx.err, "people.not_yours_to_give");
        assert_fails(people_staff_remove(&w->cx, above[i], 0), ST_DENIED, &w->cx.err,
                     "people.not_yours_to_give");
        assert_fails(people_link_make(&w->cx, above[i], &link), ST_DENIED, &w->cx.err,
                     "people.not_yours_to_give");
        assert_fails(people_staff_drop_totp(&w->cx, above[i]), ST_DENIED, &w->cx.err,
                     "people.not_yours_to_give");
    }
    assert_ok(people_link_make(&w->cx, jane.id, &link), &w->cx.err);
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &DISABLE, &made), &w->cx.err);
}

static void without_the_permission_nothing_is_changed(void **state)
{
    World           *w = *state;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT), made;
    PeopleStaffInput add = input("new@shop.example", &READER, 1);
    PeopleRoleInput  role = {.name = STR("R")};
    PeopleKeyInput   key = {.name = STR("K")};
    PeopleRole       role_made;
    PeopleKeyMade    key_made;
    PeopleStaffList  list;
    PeopleLink       link;
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    act_as(w, "jane@shop.example");
    assert_int_equal(people_staff_add(&w->cx, &add, &made), ST_DENIED);
    assert_int_equal(people_staff_update(&w->cx, jane.id, 0, &DISABLE, &made), ST_DENIED);
    assert_int_equal(people_staff_remove(&w->cx, jane.id, 0), ST_DENIED);
    assert_int_equal(people_staff_drop_totp(&w->cx, jane.id), ST_DENIED);
    assert_int_equal(people_staff_list(&w->cx, &(PeopleRange){.limit = 5}, &list), ST_DENIED);
    assert_int_equal(people_link_make(&w->cx, jane.id, &link), ST_DENIED);
    assert_int_equal(people_role_add(&w->cx, &role, &role_made), ST_DENIED);
    assert_int_equal(people_key_add(&w->cx, &key, &key_made), ST_DENIED);
    w->cx.actor = (Actor){0};
    assert_int_equal(people_staff_add(&w->cx, &add, &made), ST_UNKNOWN);
}

/* --- roles ----------------------------------------------------------------------------------- */

static PeopleRole role_with(World *w, const char *name, const char *permission)
{
    Str             permissions[] = {str_from_cstr(permission)};
    PeopleRoleInput in = {
        .given = 7, .name = str_from_cstr(name), .permissions = {.items = permissions, .n = 1}};
    PeopleRole role;
    assert_ok(people_role_add(&w->cx, &in, &role), &w->cx.err);
    return role;
}

static void builtin_roles_are_there_and_stay(void **state)
{
    World          *w = *state;
    PeopleRoleList  list;
    PeopleRoleInput in = {.given = 1, .name = STR("Boss")};
    PeopleRole      role;
    assert_ok(people_role_list(&w->cx, &(PeopleRange){.limit = 50}, &list), &w->cx.err);
    assert_int_equal(list.n, 7);
    assert_str(list.items[0].name, "Owner");
    for (size_t i = 0; i < list.n; i++) {
        assert_true(list.items[i].builtin);
        assert_true(list.items[i].permissions.n > 0);
        assert_fails(people_role_update(&w->cx, list.items[i].id, 0, &in, &role), ST_CONFLICT,
                     &w->cx.err, "people.builtin_role");
        assert_fails(people_role_remove(&w->cx, list.items[i].id, 0), ST_CONFLICT, &w->cx.err,
                     "people.builtin_role");
    }
}

static void what_a_role_allows_is_what_its_holder_may_do(void **state)
{
    World     *w = *state;
    PeopleRole role = role_with(w, "Shopkeeper", "catalog.write");
    people_hire(w, "jane@shop.example", role.id);
    act_as(w, "jane@shop.example");
    assert_int_equal(cx_require(&w->cx, "catalog.write"), ST_OK);
    assert_int_equal(cx_require(&w->cx, "catalog.read"), ST_OK);
    assert_int_equal(cx_require(&w->cx, "orders.read"), ST_DENIED);
    act_as_system(w);
    Str             permissions[] = {STR("orders.read")};
    PeopleRoleInput in = {.given = 4, .permissions = {permissions, 1}};
    assert_ok(people_role_update(&w->cx, role.id, role.rev, &in, &role), &w->cx.err);
    act_as(w, "jane@shop.example");
    assert_int_equal(cx_require(&w->cx, "catalog.read"), ST_DENIED);
    assert_int_equal(cx_require(&w->cx, "orders.read"), ST_OK);
    assert_int_equal(cx_require(&w->cx, "orders.write"), ST_DENIED);
}

static void roles_are_checked_and_unique(void **state)
{
    World          *w = *state;
    Str             bad[] = {STR("catalog.read"), STR("catalog.fly"), STR("")};
    PeopleRoleInput in = {.given = 7, .name = STR("X"), .permissions = {bad, 3}};
    PeopleRole      role, other;
    int64_t         id;
    assert_fails(people_role_add(&w->cx, &in, &role), ST_INVALID, &w->cx.err, "shape.invalid");
    assert_int_equal(w->cx.issues.n, 2);
    assert_str(w->cx.issues.items[0].pointer, "/permissions/1");
    w->cx.issues.n = w->cx.issues.total = 0;
    role = role_with(w, "Shopkeeper", "catalog.write");
    in.permissions.n = 1;
    in.name = STR(" SHOPKEEPER ");
    assert_fails(people_role_add(&w->cx, &in, &other), ST_CONFLICT, &w->cx.err,
                 "people.name_taken");
    assert_ok(people_role_find(&w->cx, STR("shopKeeper"), &id), &w->cx.err);
    assert_int_equal(id, role.id);
    assert_fails(people_role_find(&w->cx, STR("nobody"), &id), ST_NOT_FOUND, &w->cx.err,
                 "people.no_role");
    people_hire(w, "jane@shop.example", role.id);
    assert_fails(people_role_remove(&w->cx, role.id, 0), ST_CONFLICT, &w->cx.err,
                 "people.role_in_use");
    other = role_with(w, "Other", "catalog.read");
    in.given = 1;
    assert_fails(people_role_update(&w->cx, other.id, 0, &in, &other), ST_CONFLICT, &w->cx.err,
                 "people.name_taken");
    assert_ok(people_role_remove(&w->cx, other.id, other.rev), &w->cx.err);
}

static void a_role_cannot_be_widened_beyond_ones_own(void **state)
{
    World          *w = *state;
    PeopleRole      role = role_with(w, "Shopkeeper", "catalog.read"), ret;
    Str             more[] = {STR("keys.write")};
    PeopleRoleInput widen = {.given = 4, .permissions = {more, 1}};
    PeopleRoleInput add = {.given = 7, .name = STR("Mine"), .permissions = {more, 1}};
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    people_hire(w, "manager@shop.example", ROLE_MANAGER);
    PeopleRole strong = role_with(w, "Strong", "system.write");
    act_as(w, "manager@shop.example");
    assert_fails(people_role_update(&w->cx, role.id, 0, &widen, &ret), ST_DENIED, &w->cx.err,
                 "people.not_yours_to_give");
    assert_fails(people_role_add(&w->cx, &add, &ret), ST_DENIED, &w->cx.err,
                 "people.not_yours_to_give");
    more[0] = STR("catalog.read");
    assert_fails(people_role_update(&w->cx, strong.id, 0, &widen, &ret), ST_DENIED, &w->cx.err,
                 "people.not_yours_to_give");
    assert_fails(people_role_remove(&w->cx, strong.id, 0), ST_DENIED, &w->cx.err,
                 "people.not_yours_to_give");
}

/* --- keys ------------------------------------------------------------------------------------ */

static PeopleKeyMade key_with(World *w, const char *permission)
{
    Str            permissions[] = {str_from_cstr(permission)};
    PeopleKeyInput in = {.given = 7, .name = STR("Robot"), .permissions = {permissions, 1}};
    PeopleKeyMade  made;
    assert_ok(people_key_add(&w->cx, &in, &made), &w->cx.err);
    return made;
}

static Status enter_key(World *w, Str secret)
{
    w->cx.actor = (Actor){0};
    return people_enter_key(&w->cx, secret);
}

static void a_key_allows_what_it_says_until_revoked(void **state)
{
    World        *w = *state;
    PeopleKeyMade made = key_with(w, "catalog.write");
    assert_true(str_starts(made.secret, STR("rap_")));
    assert_int_equal(made.secret.len, 17 + 1 + 43);
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_int_equal(w->cx.actor.kind, ACTOR_API_KEY);
    assert_int_equal(w->cx.actor.id, made.key.id);
    assert_int_equal(cx_require(&w->cx, "catalog.read"), ST_OK);
    assert_int_equal(cx_require(&w->cx, "orders.read"), ST_DENIED);
    assert_false(w->cx.actor.all);
    act_as_system(w);
    assert_ok(people_key_revoke(&w->cx, made.key.id), &w->cx.err);
    assert_fails(enter_key(w, made.secret), ST_UNKNOWN, &w->cx.err, "people.bad_key");
    assert_int_equal(w->cx.actor.kind, ACTOR_ANONYMOUS);
}

static void wrong_keys_are_all_the_same(void **state)
{
    World        *w = *state;
    PeopleKeyMade made = key_with(w, "catalog.write");
    char          altered[64];
    memcpy(altered, made.secret.ptr, made.secret.len);
    altered[made.secret.len - 2] = altered[made.secret.len - 2] == 'a' ? 'b' : 'a';
    const Str BAD[] = {STR(""),
                       STR("rap_"),
                       STR("x"),
                       {altered, made.secret.len},
                       {made.secret.ptr, made.secret.len - 1},
                       {made.secret.ptr, 17},
                       {made.secret.ptr, 18},
                       STR("rap_0000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
    for (size_t i = 0; i < COUNT_OF(BAD); i++)
        assert_fails(enter_key(w, BAD[i]), ST_UNKNOWN, &w->cx.err, "people.bad_key");
    assert_ok(enter_key(w, made.secret), &w->cx.err);
}

static void a_key_ends_in_time(void **state)
{
    World         *w = *state;
    Str            permissions[] = {STR("catalog.read")};
    PeopleKeyInput in = {.given = 7,
                         .name = STR("Robot"),
                         .permissions = {permissions, 1},
                         .ends_at = opt_time(unix_ms_add(w->cx.now, SPAN_HOURS(1)))};
    PeopleKeyMade  made;
    assert_ok(people_key_add(&w->cx, &in, &made), &w->cx.err);
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    later(w, SPAN_MINUTES(59));
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    later(w, SPAN_MINUTES(1));
    assert_fails(enter_key(w, made.secret), ST_UNKNOWN, &w->cx.err, "people.bad_key");
    act_as_system(w);
    assert_fails(people_key_add(&w->cx, &in, &made), ST_INVALID, &w->cx.err, "shape.invalid");
}

static void a_key_is_worth_no_more_than_its_maker(void **state)
{
    World           *w = *state;
    PeopleStaff      dev = people_hire(w, "dev@shop.example", ROLE_DEVELOPER), ret;
    PeopleStaffInput demote = with_role(&SUPPORT);
    PeopleStaffInput promote = with_role(&DEVELOPER);
    Str              beyond[] = {STR("orders.write")};
    PeopleKeyInput   in = {.given = 7, .name = STR("Robot"), .permissions = {beyond, 1}};
    PeopleKeyMade    made;
    people_hire(w, "owner@shop.example", PEOPLE_ROLE_OWNER);
    act_as(w, "dev@shop.example");
    assert_fails(people_key_add(&w->cx, &in, &made), ST_DENIED, &w->cx.err,
                 "people.not_yours_to_give");
    made = key_with(w, "settings.write");
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, dev.id, 0, &demote, &ret), &w->cx.err);
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_int_equal(cx_require(&w->cx, "settings.read"), ST_DENIED);
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, dev.id, 0, &promote, &ret), &w->cx.err);
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_int_equal(cx_require(&w->cx, "settings.write"), ST_OK);
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, dev.id, 0, &DISABLE, &ret), &w->cx.err);
    assert_fails(enter_key(w, made.secret), ST_UNKNOWN, &w->cx.err, "people.bad_key");
    act_as_system(w);
    assert_ok(people_staff_update(&w->cx, dev.id, 0, &ENABLE, &ret), &w->cx.err);
    assert_fails(enter_key(w, made.secret), ST_UNKNOWN, &w->cx.err, "people.bad_key");
}

static void keys_do_not_make_keys(void **state)
{
    World         *w = *state;
    Str            permissions[] = {STR("keys.read")};
    PeopleKeyInput in = {.given = 7, .name = STR("Copy"), .permissions = {permissions, 1}};
    PeopleKeyMade  made = key_with(w, "keys.write"), copy;
    PeopleKey      ret;
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_fails(people_key_add(&w->cx, &in, &copy), ST_DENIED, &w->cx.err, "people.not_a_person");
    assert_fails(people_key_update(&w->cx, made.key.id, 0, &in, &ret), ST_DENIED, &w->cx.err,
                 "people.not_a_person");
}

static void use_of_a_key_is_written_down_to_the_minute(void **state)
{
    World        *w = *state;
    PeopleKeyMade made = key_with(w, "catalog.write");
    PeopleKey     key;
    int64_t       before;
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_ok(people_flush(&w->cx), &w->cx.err);
    act_as_system(w);
    assert_ok(people_key_get(&w->cx, made.key.id, &key), &w->cx.err);
    assert_int_equal(key.used_at.v.v, w->cx.now.v);
    later(w, SPAN_SECONDS(30));
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    before = w->cx.statements;
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_ok(people_flush(&w->cx), &w->cx.err);
    assert_int_equal(w->cx.statements, before); /* all from memory, nothing to write */
    later(w, SPAN_SECONDS(31));
    assert_ok(enter_key(w, made.secret), &w->cx.err);
    assert_ok(people_flush(&w->cx), &w->cx.err);
    act_as_system(w);
    assert_ok(people_key_get(&w->cx, made.key.id, &key), &w->cx.err);
    assert_int_equal(key.used_at.v.v, w->cx.now.v);
}

/* --- what is written down -------------------------------------------------------------------- */

static void changes_are_audited_without_secrets(void **state)
{
    World           *w = *state;
    PeopleStaff      jane = people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    PeopleStaffInput in = {.given = GIVEN_NAME, .name = STR("Jane Newname")};
    PeopleLink       link;
    assert_ok(people_staff_update(&w->cx, jane.id, 0, &in, &jane), &w->cx.err);
    PeopleKeyMade made = key_with(w, "catalog.write");
    assert_ok(people_link_make(&w->cx, jane.id, &link), &w->cx.err);
    sign_in(w, "jane@shop.example", PASSWORD);
    act_as_system(w);
    assert_int_equal(audit_count(w, "create"), 2);
    assert_int_equal(audit_count(w, "update"), 1);
    assert_int_equal(audit_count(w, "sign_in"), 1);
    assert_int_equal(audit_count(w, "reset"), 1);
    assert_true(stored_anywhere(w, STR("Jane Newname")));
    assert_true(stored_anywhere(w, STR("Somebody Else"))); /* before */
    assert_false(stored_anywhere(w, PASSWORD));
    assert_false(stored_anywhere(w, (Str){made.secret.ptr + 18, 43}));
    assert_false(stored_anywhere(w, (Str){link.path.ptr + 7, 43}));
}

/* --- faults ---------------------------------------------------------------------------------- */

static Status step_add(World *w)
{
    PeopleStaff      made;
    PeopleStaffInput in = input("new@shop.example", (const int64_t[]){SUPPORT, READER}, 2);
    return people_staff_add(&w->cx, &in, &made);
}

static Status step_change(World *w)
{
    PeopleStaff jane;
    TRY(people_staff_find(&w->cx, STR("jane@shop.example"), &jane));
    PeopleStaffInput in = with_role(&READER);
    in.given |= GIVEN_STATUS;
    in.status = PEOPLE_DISABLED;
    return people_staff_update(&w->cx, jane.id, 0, &in, &jane);
}

static Status step_remove(World *w)
{
    PeopleStaff jane;
    TRY(people_staff_find(&w->cx, STR("jane@shop.example"), &jane));
    return people_staff_remove(&w->cx, jane.id, 0);
}

static Status step_role(World *w)
{
    Str             permissions[] = {STR("catalog.write")};
    PeopleRoleInput in = {.given = 7, .name = STR("New"), .permissions = {permissions, 1}};
    PeopleRole      role;
    return people_role_add(&w->cx, &in, &role);
}

static Status step_key(World *w)
{
    Str            permissions[] = {STR("catalog.write")};
    PeopleKeyInput in = {.given = 7, .name = STR("New"), .permissions = {permissions, 1}};
    PeopleKeyMade  made;
    return people_key_add(&w->cx, &in, &made);
}

static Status step_link(World *w)
{
    PeopleStaff jane;
    PeopleLink  link;
    TRY(people_staff_find(&w->cx, STR("jane@shop.example"), &jane));
    return people_link_make(&w->cx, jane.id, &link);
}

static Status find_new(World *w, PeopleRole *ret_role, PeopleKey *ret_key)
{
    int64_t       id;
    PeopleKeyList keys;
    TRY(people_role_find(&w->cx, STR("New"), &id));
    TRY(people_role_get(&w->cx, id, ret_role));
    TRY(people_key_list(&w->cx, &(PeopleRange){.limit = 1}, &keys));
    *ret_key = keys.items[0];
    return ST_OK;
}

static Status step_role_change(World *w)
{
    Str             permissions[] = {STR("catalog.read")};
    PeopleRoleInput in = {.given = 4, .permissions = {permissions, 1}};
    PeopleRole      role;
    PeopleKey       key;
    TRY(find_new(w, &role, &key));
    return people_role_update(&w->cx, role.id, 0, &in, &role);
}

static Status step_role_remove(World *w)
{
    PeopleRole role;
    PeopleKey  key;
    TRY(find_new(w, &role, &key));
    return people_role_remove(&w->cx, role.id, 0);
}

static Status step_key_change(World *w)
{
    Str            permissions[] = {STR("catalog.read")};
    PeopleKeyInput in = {.given = 2, .permissions = {permissions, 1}};
    PeopleRole     role;
    PeopleKey      key;
    TRY(find_new(w, &role, &key));
    return people_key_update(&w->cx, key.id, 0, &in, &key);
}

static Status step_key_revoke(World *w)
{
    PeopleRole role;
    PeopleKey  key;
    TRY(find_new(w, &role, &key));
    return people_key_revoke(&w->cx, key.id);
}

static void a_fault_at_any_step_leaves_nothing_half_done(void **state)
{
    static PeopleStep *const STEPS[] = {
        step_add,        step_link,       step_role,        step_role_change, step_key,
        step_key_change, step_key_revoke, step_role_remove, step_change,      step_remove};
    World *w = *state;
    people_hire(w, "jane@shop.example", ROLE_SUPPORT);
    act_as(w, "jane@shop.example");
    act_as_system(w);
    for (size_t s = 0; s < COUNT_OF(STEPS); s++)
        people_survives_faults(w, STEPS[s]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_PEOPLE(addresses_are_unique_whatever_their_case),
        TEST_PEOPLE(lists_come_in_order_of_address_and_both_ways),
        TEST_PEOPLE(an_old_revision_is_refused),
        TEST_PEOPLE(whoever_has_no_password_cannot_be_made_active),
        TEST_PEOPLE(the_last_owner_stays),
        TEST_PEOPLE(nobody_changes_their_own_access),
        TEST_PEOPLE(nobody_gives_what_they_do_not_have),
        TEST_PEOPLE(without_the_permission_nothing_is_changed),
        TEST_PEOPLE(builtin_roles_are_there_and_stay),
        TEST_PEOPLE(what_a_role_allows_is_what_its_holder_may_do),
        TEST_PEOPLE(roles_are_checked_and_unique),
        TEST_PEOPLE(a_role_cannot_be_widened_beyond_ones_own),
        TEST_PEOPLE(a_key_allows_what_it_says_until_revoked),
        TEST_PEOPLE(wrong_keys_are_all_the_same),
        TEST_PEOPLE(a_key_ends_in_time),
        TEST_PEOPLE(a_key_is_worth_no_more_than_its_maker),
        TEST_PEOPLE(keys_do_not_make_keys),
        TEST_PEOPLE(use_of_a_key_is_written_down_to_the_minute),
        TEST_PEOPLE(changes_are_audited_without_secrets),
        TEST_PEOPLE(a_fault_at_any_step_leaves_nothing_half_done),
    };
    return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}
