/* The verbs that let people and programs in: staff add, list, disable, reset; key add. */
#include "app/app.h"
#include "app/verbs.h"
#include "base/id.h"
#include "base/json_write.h"
#include "people/people.h"

#include <string.h>
#include <termios.h>
#include <unistd.h>

const CliOption STAFF_ADD_OPTIONS[] = {
    {"email", "ADDRESS", NULL, NULL, "what they sign in with"},
    {"name", "NAME", NULL, NULL, "as colleagues see it"},
    {"role", "ROLE", NULL, NULL, "a role's name; several with commas"},
    {"locale", "TAG", NULL, NULL, "language of the console: en, uk, tr …"},
    {"password-stdin", NULL, NULL, NULL, "read a password instead of printing a link"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};
const CliOption STAFF_LIST_OPTIONS[] = {
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};
const CliOption STAFF_RESET_OPTIONS[] = {
    {"without-second-step", NULL, NULL, NULL, "switch their second step off, too"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};
const CliOption KEY_ADD_OPTIONS[] = {
    {"name", "NAME", NULL, NULL, "what it is for"},
    {"permissions", "LIST", NULL, NULL, "with commas: catalog.write,people.read"},
    {"days", "NUMBER", "0", NULL, "how long it works; 0: until it is revoked"},
    {"json", NULL, NULL, NULL, "write JSON for other programs to read"},
    {0},
};

/* --- common ---------------------------------------------------------------------------------- */

typedef struct Work {
    Cli  *cli;
    App   app;
    AppCx c;
} Work;

static void work_end(Work *w)
{
    app_cx_end(&w->c);
    app_close(&w->app);
}

/* Beside the shop, where that runs: it learns of the change by its event. */
static Status work_begin(Cli *cli, Work *w, Err *err)
{
    w->cli = cli;
    Status st = app_open(cli, DATA_ALONE, &w->app, err);
    if (st == ST_CONFLICT && strcmp(err->code, "app.data_in_use") == 0) {
        app_close(&w->app);
        st = app_open(cli, DATA_BESIDE, &w->app, err);
    }
    TRY(st);
    return app_cx_begin(&w->app, &w->c, err);
}

/* Tell what was wrong, field by field. */
static Status done(const Work *w, Status st, Err *err)
{
    for (size_t i = 0; st != ST_OK && i < w->c.cx.issues.n; i++)
        fprintf(w->cli->err, "  " STR_FMT " " STR_FMT "\n",
                STR_ARG(w->c.cx.issues.items[i].pointer), STR_ARG(w->c.cx.issues.items[i].detail));
    return app_failed(&w->c, st, err);
}

static Status required(const Cli *cli, const char *option, Str *ret, Err *err)
{
    *ret = cli_text(cli, option);
    if (ret->len == 0)
        return err_set(err, ST_INVALID, "app.bad_option", "--%s is needed", option);
    return ST_OK;
}

/* The parts of "a,b,c", trimmed; at most `max`. */
static PeopleTexts parts_of(Arena *a, Str list, size_t max)
{
    PeopleTexts parts = {.items = arena_array(a, Str, max)};
    Str         part;
    while (list.len > 0 && parts.n < max) {
        str_cut(list, ',', &part, &list);
        part = str_trim(part);
        if (part.len > 0)
            parts.items[parts.n++] = part;
    }
    return parts;
}

static void print_json(const Cli *cli, const Shape *shape, const void *value)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    Json j = json_begin(&b);
    shape_write(&j, NULL, shape, value);
    fprintf(cli->out, STR_FMT "\n", STR_ARG(buf_str(&b)));
}

static void print_link(const Cli *cli, const char *what, const PeopleLink *link)
{
    if (cli_flag(cli, "json")) {
        print_json(cli, &people_link_shape, link);
        return;
    }
    CLEANUP(buf_done) Buf until;
    buf_init(&until, 64);
    clock_add_date(&until, link->ends_at);
    fprintf(cli->out,
            "%s, behind the shop's address (it works once, until " STR_FMT "):\n" STR_FMT "\n",
            what, STR_ARG(buf_str(&until)), STR_ARG(link->path));
}

/* --- staff add ------------------------------------------------------------------------------- */

/* One line of standard input; on a terminal it is not shown. */
static Status read_password(const Cli *cli, Arena *a, Str *ret, Err *err)
{
    enum { MAX = 1026 };
    char          *line = arena_array(a, char, MAX);
    struct termios shown;
    bool           terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", cli->err);
        (void)fflush(cli->err);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool got = fgets(line, MAX, stdin) != NULL;
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', cli->err);
    }
    if (!got)
        return err_set(err, ST_INVALID, "app.bad_option", "there is no password on standard input");
    size_t len = strcspn(line, "\r\n");
    *ret = (Str){line, len};
    return ST_OK;
}

static Status roles_of(Work *w, PeopleStaffInput *in)
{
    Cx         *cx = &w->c.cx;
    PeopleTexts names = parts_of(cx->arena, cli_text(w->cli, "role"), PEOPLE_STAFF_ROLES_MAX);
    in->roles.items = arena_array(cx->arena, int64_t, names.n + 1);
    for (size_t i = 0; i < names.n; i++)
        TRY(people_role_find(cx, names.items[i], &in->roles.items[in->roles.n++]));
    return ST_OK;
}

static Status staff_add(Work *w, const PeopleStaffInput *in, Str password)
{
    Cx         *cx = &w->c.cx;
    PeopleStaff staff;
    PeopleLink  link;
    if (password.ptr != NULL) {
        TRY(people_staff_add_with(cx, in, password, &staff));
        if (cli_flag(w->cli, "json"))
            print_json(w->cli, &people_staff_shape, &staff);
        else
            fprintf(w->cli->out, STR_FMT " can sign in.\n", STR_ARG(staff.email));
        return ST_OK;
    }
    TRY(people_staff_add(cx, in, &staff));
    TRY(people_link_make(cx, staff.id, &link));
    print_link(w->cli, "Hand them this link", &link);
    return ST_OK;
}

Status verb_staff_add(Cli *cli, Err *err)
{
    CLEANUP(work_end) Work w = {0};
    PeopleStaffInput       in = {.locale = cli_text(cli, "locale")};
    Str                    password = {0}, role;
    TRY(required(cli, "email", &in.email, err));
    TRY(required(cli, "name", &in.name, err));
    TRY(required(cli, "role", &role, err));
    TRY(work_begin(cli, &w, err));
    if (cli_flag(cli, "password-stdin"))
        TRY(read_password(cli, w.c.cx.arena, &password, err));
    TRY(done(&w, roles_of(&w, &in), err));
    return done(&w, staff_add(&w, &in, password), err);
}

/* --- staff list, disable, reset -------------------------------------------------------------- */

static Status role_names(Work *w, const PeopleStaff *s, Buf *out)
{
    for (size_t i = 0; i < s->roles.n; i++) {
        PeopleRole role;
        TRY(people_role_get(&w->c.cx, s->roles.items[i], &role));
        buf_addf(out, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(role.name));
    }
    return ST_OK;
}

static Status print_staff(Work *w, const PeopleStaff *s)
{
    CLEANUP(buf_done) Buf roles;
    buf_init(&roles, 4096);
    if (cli_flag(w->cli, "json")) {
        print_json(w->cli, &people_staff_shape, s);
        return ST_OK;
    }
    TRY(role_names(w, s, &roles));
    fprintf(w->cli->out, "%-32.*s  %-8s  %-24.*s  " STR_FMT "%s\n", STR_ARG(s->email),
            people_status_names[s->status], STR_ARG(s->name), STR_ARG(buf_str(&roles)),
            s->two_step ? " (two steps)" : "");
    return ST_OK;
}

static Status staff_list(Work *w)
{
    enum { AT_ONCE = 200 };
    PeopleRange     range = {.limit = AT_ONCE};
    PeopleStaffList list;
    do {
        TRY(people_staff_list(&w->c.cx, &range, &list));
        for (size_t i = 0; i < list.n; i++)
            TRY(print_staff(w, &list.items[i]));
        if (list.n > 0)
            range = (PeopleRange){
                .limit = AT_ONCE, .from = true, .key = list.items[list.n - 1].email_key};
    } while (list.n == AT_ONCE);
    return ST_OK;
}

Status verb_staff_list(Cli *cli, Err *err)
{
    CLEANUP(work_end) Work w = {0};
    TRY(work_begin(cli, &w, err));
    return done(&w, staff_list(&w), err);
}

static Status staff_disable(Work *w)
{
    static const PeopleStaffInput DISABLE = {.given = 8, .status = PEOPLE_DISABLED};
    PeopleStaff                   staff;
    TRY(people_staff_find(&w->c.cx, w->cli->arguments[0], &staff));
    TRY(people_staff_update(&w->c.cx, staff.id, 0, &DISABLE, &staff));
    fprintf(w->cli->out, STR_FMT " can no longer sign in; sessions and API keys have ended.\n",
            STR_ARG(staff.email));
    return ST_OK;
}

Status verb_staff_disable(Cli *cli, Err *err)
{
    CLEANUP(work_end) Work w = {0};
    TRY(work_begin(cli, &w, err));
    return done(&w, staff_disable(&w), err);
}

static Status staff_reset(Work *w)
{
    PeopleStaff staff;
    PeopleLink  link;
    TRY(people_staff_find(&w->c.cx, w->cli->arguments[0], &staff));
    if (cli_flag(w->cli, "without-second-step"))
        TRY(people_staff_drop_totp(&w->c.cx, staff.id));
    TRY(people_link_make(&w->c.cx, staff.id, &link));
    print_link(w->cli, "A link to set a new password", &link);
    return ST_OK;
}

Status verb_staff_reset(Cli *cli, Err *err)
{
    CLEANUP(work_end) Work w = {0};
    TRY(work_begin(cli, &w, err));
    return done(&w, staff_reset(&w), err);
}

/* --- key add --------------------------------------------------------------------------------- */

Status verb_key_add(Cli *cli, Err *err)
{
    CLEANUP(work_end) Work w = {0};
    PeopleKeyInput         in = {0};
    PeopleKeyMade          made;
    Str                    list;
    int64_t                days;
    TRY(required(cli, "name", &in.name, err));
    TRY(required(cli, "permissions", &list, err));
    TRY(cli_i64(cli, "days", 0, 36500, &days, err));
    TRY(work_begin(cli, &w, err));
    in.permissions = parts_of(w.c.cx.arena, list, PEOPLE_PERMISSIONS_MAX);
    if (days > 0)
        in.ends_at = opt_time(unix_ms_add(w.c.cx.now, SPAN_DAYS(days)));
    TRY(done(&w, people_key_add(&w.c.cx, &in, &made), err));
    if (cli_flag(cli, "json"))
        print_json(cli, &people_key_made_shape, &made);
    else
        fprintf(cli->out, STR_FMT "\n", STR_ARG(made.secret));
    return ST_OK;
}
