#include "people/people_int.h"

#include "base/utf8.h"
#include "people/password.h"

const char *const people_purpose_names[] = {"owner", "invite", "reset", NULL};

static const ShapeField LINK_FIELDS[] = {
    SHAPE_TEXT(PeopleLink, path, .doc = "Behind the shop's address: a form to set a password."),
    SHAPE_ENUM(PeopleLink, purpose, people_purpose_names),
    SHAPE_TIME(PeopleLink, ends_at, .doc = "It works once, until then."),
};
const Shape people_link_shape =
    SHAPE_OF(PeopleLink, "StaffLink", LINK_FIELDS, .doc = "A one-time link to be handed over.");

static PeopleLink link_new(Cx *cx, int purpose, SpanMs life, Str *ret_hash)
{
    static const char PATH[] = "/setup/";
    Str               token = people_token_new(cx->arena);
    size_t            room = sizeof PATH + token.len;
    char             *path = arena_array(cx->arena, char, room);
    int               n = snprintf(path, room, "%s" STR_FMT, PATH, STR_ARG(token));
    *ret_hash = people_token_hash(cx->arena, token);
    return (PeopleLink){
        .path = {path, (size_t)n}, .purpose = purpose, .ends_at = unix_ms_add(cx->now, life)};
}

static Status owner_tx(Cx *cx, void *arg)
{
    PeopleLink *ret = arg;
    Str         hash;
    int64_t     owners;
    *ret = (PeopleLink){0};
    TRY(people_sql_owner_count(cx, 0, &owners));
    if (owners > 0)
        return ST_OK;
    PeopleLink made = link_new(cx, PEOPLE_LINK_OWNER, PEOPLE_OWNER_LINK, &hash);
    TRY(people_sql_link_clear_owner(cx, NULL));
    TRY(people_sql_link_add(cx, hash, made.purpose, (OptI64){0}, cx->now, made.ends_at, NULL));
    *ret = made;
    return ST_OK;
}

Status people_owner_link(Cx *cx, PeopleLink *ret)
{
    int64_t owners;
    TRY(people_sql_owner_count(cx, 0, &owners));
    if (owners > 0) {
        *ret = (PeopleLink){0};
        return ST_OK;
    }
    return cx_in_tx(cx, owner_tx, ret);
}

typedef struct Make {
    int64_t    staff_id;
    PeopleLink link;
} Make;

static Status make_tx(Cx *cx, void *arg)
{
    Make          *make = arg;
    PeopleStaffRow row;
    Str            hash;
    TRY(people_sql_staff_get(cx, make->staff_id, &row));
    TRY(people_require_over(cx, row.id));
    if (row.status == PEOPLE_DISABLED)
        return cx_fail(cx, ST_CONFLICT, "people.disabled", "the account is disabled");
    bool invite = row.status == PEOPLE_INVITED;
    make->link = link_new(cx, invite ? PEOPLE_LINK_INVITE : PEOPLE_LINK_RESET,
                          invite ? PEOPLE_INVITE_LINK : PEOPLE_RESET_LINK, &hash);
    TRY(people_sql_link_clear(cx, row.id, NULL));
    TRY(people_sql_link_add(cx, hash, make->link.purpose, opt_i64(row.id), cx->now,
                            make->link.ends_at, NULL));
    return audit_add(cx, "people.staff", row.id, invite ? "invite" : "reset", NULL, NULL, NULL);
}

Status people_link_make(Cx *cx, int64_t staff_id, PeopleLink *ret)
{
    Make make = {.staff_id = staff_id};
    TRY(cx_require(cx, "people.write"));
    TRY(cx_in_tx(cx, make_tx, &make));
    *ret = make.link;
    return ST_OK;
}

/* --- using one ------------------------------------------------------------------------------- */

static Status no_link(Cx *cx)
{
    return cx_fail(cx, ST_NOT_FOUND, "people.no_link", "the link was used before, or is too old");
}

static Status look(Cx *cx, Str hash, PeopleLinkRow *ret_link, PeopleStaffRow *ret_staff)
{
    bool           found;
    PeopleLinkRow  link = {0};
    PeopleStaffRow staff = {0};
    TRY(people_sql_link_get(cx, hash, &found, &link));
    if (!found || link.ends_ms.v <= cx->now.v)
        return no_link(cx);
    if (link.staff_id.has)
        TRY(people_sql_staff_get(cx, link.staff_id.v, &staff));
    if (link.staff_id.has && staff.status == PEOPLE_DISABLED)
        return no_link(cx);
    *ret_link = link;
    *ret_staff = staff;
    return ST_OK;
}

Status people_link_look(Cx *cx, Str token, PeopleLinkInfo *ret)
{
    PeopleLinkRow  link;
    PeopleStaffRow staff;
    TRY(look(cx, people_token_hash(cx->arena, token), &link, &staff));
    *ret = (PeopleLinkInfo){.purpose = link.purpose, .email = staff.email, .name = staff.name};
    return ST_OK;
}

typedef struct Use {
    Str                hash; /* of the token */
    const PeopleSetup *in;
    Str                password; /* hash */
    PeopleStaff        staff;
} Use;

static Status make_owner(Cx *cx, const Use *use, PeopleStaffRow *ret)
{
    int64_t        owner = PEOPLE_ROLE_OWNER, others;
    PeopleIds      roles = {&owner, 1};
    PeopleStaffRow row = {.email = use->in->email,
                          .name = use->in->name,
                          .locale = use->in->locale,
                          .password = use->password,
                          .status = PEOPLE_ACTIVE};
    TRY(people_sql_owner_count(cx, 0, &others));
    if (others > 0)
        return no_link(cx);
    TRY(people_staff_store(cx, &row, &roles));
    *ret = row;
    return ST_OK;
}

static Status set_password(Cx *cx, const Use *use, PeopleStaffRow *row, int purpose)
{
    if (purpose == PEOPLE_LINK_INVITE) {
        row->name = use->in->name;
        row->locale = use->in->locale.len > 0 ? use->in->locale : row->locale;
        TRY(people_sql_staff_set(cx,
                                 &(PeopleStaffChange){.id = row->id,
                                                      .rev = row->rev,
                                                      .email = row->email,
                                                      .email_key = row->email_key,
                                                      .name = row->name,
                                                      .locale = row->locale,
                                                      .status = row->status,
                                                      .now = cx->now},
                                 NULL));
    }
    return people_sql_staff_set_password(cx, row->id, use->password, PEOPLE_ACTIVE, cx->now, NULL);
}

static Status use_tx(Cx *cx, void *arg)
{
    Use           *use = arg;
    PeopleLinkRow  link;
    PeopleStaffRow row;
    PeopleStaff    before;
    int64_t        n;
    TRY(look(cx, use->hash, &link, &row));
    TRY(people_sql_link_spend(cx, use->hash, cx->now, &n));
    if (n == 0)
        return no_link(cx);
    bool first = link.purpose == PEOPLE_LINK_OWNER;
    if (first) {
        TRY(make_owner(cx, use, &row));
        TRY(people_sql_link_clear_owner(cx, NULL));
    } else {
        TRY(people_staff_get(cx, row.id, &before));
        TRY(set_password(cx, use, &row, link.purpose));
        TRY(people_sql_link_clear(cx, row.id, NULL));
        TRY(people_sessions_clear(cx, row.id, 0));
    }
    TRY(people_staff_get(cx, row.id, &use->staff));
    TRY(audit_add(cx, "people.staff", row.id, first ? "create" : "set_password",
                  &people_staff_shape, first ? NULL : &before, &use->staff));
    return people_tell_staff(cx, row.id);
}

static void judge_text(Cx *cx, const char *pointer, Str value, size_t max)
{
    if (str_trim(value).len == 0)
        issue_add(&cx->issues, str_from_cstr(pointer), "required", "is missing");
    else if (utf8_count(value) > max)
        issue_add(&cx->issues, str_from_cstr(pointer), "too_long", "has more than %zu characters",
                  max);
}

static bool looks_like_email(Str s)
{
    Str  user, domain;
    bool at = str_cut(s, '@', &user, &domain);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f || s.ptr[i] == ',')
            return false;
    return at && user.len > 0 && domain.len > 0 && memchr(domain.ptr, '@', domain.len) == NULL;
}

static Status judge(Cx *cx, const PeopleLinkInfo *info, const PeopleSetup *in)
{
    bool first = info->purpose == PEOPLE_LINK_OWNER;
    if (first)
        judge_text(cx, "/email", in->email, 254);
    if (first && in->email.len > 0 && !looks_like_email(in->email))
        issue_add(&cx->issues, STR("/email"), "bad_format", "does not look like one");
    if (info->purpose != PEOPLE_LINK_RESET)
        judge_text(cx, "/name", in->name, 100);
    password_judge(&cx->issues, "/password", in->password, first ? in->email : info->email,
                   info->purpose == PEOPLE_LINK_RESET ? info->name : in->name);
    return people_check_issues(cx);
}

Status people_link_use(Cx *cx, Str token, const PeopleSetup *in, PeopleStaff *ret)
{
    PeopleLinkInfo info;
    PeopleSetup    trimmed = *in;
    Use            use = {.hash = people_token_hash(cx->arena, token), .in = &trimmed};
    trimmed.email = str_trim(in->email);
    trimmed.name = str_trim(in->name);
    TRY(people_link_look(cx, token, &info));
    TRY(judge(cx, &info, &trimmed));
    TRY(password_hash(cx, in->password, &use.password));

    /* Whoever holds the link acts for the program. */
    Actor asking = cx->actor;
    cx->actor = (Actor){.kind = ACTOR_SYSTEM, .name = STR("one-time link"), .all = true};
    Status st = cx_in_tx(cx, use_tx, &use);
    cx->actor = asking;
    TRY(st);
    people_grants_forget();
    *ret = use.staff;
    return ST_OK;
}
