/* The job that sends a mail, and the settings it needs. */
#include "people/mail_int.h"

#include "base/id.h"
#include "base/log.h"
#include "wire/mail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const SECURITY_NAMES[] = {"starttls", "tls", "plain", NULL};

static const ShapeField MAIL_FIELDS[] = {
    SHAPE_TEXT(PeopleMailServer, host, .max = 255, .flags = SHAPE_LINE,
               .doc = "Of the SMTP server; empty: no mail is sent."),
    SHAPE_INT(PeopleMailServer, port, .min = 1, .max = 65535),
    SHAPE_ENUM(PeopleMailServer, security, SECURITY_NAMES,
               .doc = "starttls (port 587), tls (port 465), plain: only on the same machine."),
    SHAPE_TEXT(PeopleMailServer, user, .max = 255, .flags = SHAPE_LINE,
               .doc = "Empty: the server asks for none."),
    SHAPE_TEXT(PeopleMailServer, password, .max = 1024, .flags = SHAPE_WRITE_ONLY),
    SHAPE_TEXT(PeopleMailServer, from_address, .max = 254, .flags = SHAPE_LINE,
               .doc = "What mails come from."),
    SHAPE_TEXT(PeopleMailServer, from_name, .max = 100, .flags = SHAPE_LINE,
               .doc = "Empty: the shop's name."),
    SHAPE_TEXT(PeopleMailServer, reply_to, .max = 254, .flags = SHAPE_LINE,
               .doc = "Where answers go, if not to from_address."),
    SHAPE_TEXT(PeopleMailServer, dkim_domain, .max = 253, .flags = SHAPE_LINE,
               .doc = "Empty: mails are not signed, or the server signs them."),
    SHAPE_TEXT(PeopleMailServer, dkim_selector, .max = 63, .flags = SHAPE_LINE),
    SHAPE_TEXT(PeopleMailServer, dkim_key, .max = 16384, .flags = SHAPE_WRITE_ONLY,
               .doc = "RSA key, PEM."),
};
const Shape people_mail_shape =
    SHAPE_OF(PeopleMailServer, "MailServer", MAIL_FIELDS, .doc = "How mails leave the shop.");

const PeopleMailServer people_mail_defaults = {.host = STR_INIT(""),
                                               .port = 587,
                                               .user = STR_INIT(""),
                                               .from_address = STR_INIT(""),
                                               .from_name = STR_INIT(""),
                                               .reply_to = STR_INIT(""),
                                               .dkim_domain = STR_INIT(""),
                                               .dkim_selector = STR_INIT("")};

const Setting people_mail_setting = {"people.mail", &people_mail_shape, &people_mail_defaults};

static const char *mail_dir;

void people_mail_dir(const char *dir)
{
    mail_dir = dir;
}

#ifdef FAULT_INJECTION
const char *people_mail_test_ca;
#endif

/* --- building it ----------------------------------------------------------------------------- */

static Str domain_of(Str address)
{
    Str name, domain;
    return str_cut(address, '@', &name, &domain) && domain.len > 0 ? domain : STR("localhost");
}

static Str joined(Arena *a, Str key, Str domain)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1024);
    buf_addf(&b, STR_FMT "@" STR_FMT, STR_ARG(key), STR_ARG(domain));
    return str_dup(a, buf_str(&b));
}

static Status build(Cx *cx, const PeopleMailRow *row, const PeopleMailServer *server,
                    MailMessage *ret, Str *ret_bytes)
{
    static const MailHeader AUTO[] = {{"Auto-Submitted", STR_INIT("auto-generated")}};
    PeopleMailText          text;
    PeopleMailShop          shop;
    PeopleMail              mail = {.key = row->message_id,
                                    .template = str_cstr(cx->arena, row->template),
                                    .to = row->recipient,
                                    .locale = row->locale,
                                    .data = row->data};
    TRY(people_mail_shop_get(cx, &shop));
    TRY(people_mail_render(cx, &mail, &text));
    bool     named = server->from_name.len > 0;
    MailDkim dkim = {server->dkim_domain, server->dkim_selector, server->dkim_key};
    *ret = (MailMessage){.from = {named ? server->from_name : shop.name, server->from_address},
                         .to = {.address = row->recipient},
                         .reply_to = {.address = server->reply_to},
                         .message_id =
                             joined(cx->arena, row->message_id, domain_of(server->from_address)),
                         .subject = text.subject,
                         .text = text.text,
                         .html = text.html,
                         .date = row->created_ms,
                         .headers = AUTO,
                         .nheaders = COUNT_OF(AUTO)};
    if (ret->from.address.len == 0) /* for files: nothing was set up */
        ret->from.address = STR("shop@localhost");
    return mail_build(cx->arena, ret, dkim.domain.len > 0 ? &dkim : NULL, ret_bytes, &cx->err);
}

/* --- letting it go --------------------------------------------------------------------------- */

static Status unwritable(Cx *cx, const char *path)
{
    return cx_fail(cx, ST_IO, "people.mail_unwritable", "%s: %s", path, strerrordesc_np(errno));
}

/* DIR/ID.eml, whole or not at all. */
static Status write_file(Cx *cx, int64_t id, Str bytes)
{
    char path[4096], temporary[4096];
    Str  name = id_format(cx->arena, "mai", id);
    if (snprintf(path, sizeof path, "%s/" STR_FMT ".eml", mail_dir, STR_ARG(name)) >=
            (int)sizeof path ||
        snprintf(temporary, sizeof temporary, "%s/." STR_FMT, mail_dir, STR_ARG(name)) >=
            (int)sizeof temporary)
        return cx_fail(cx, ST_IO, "people.mail_unwritable", "the folder's name is too long");
    FILE *f = fopen(temporary, "we");
    if (f == NULL)
        return unwritable(cx, temporary);
    size_t written = fwrite(bytes.ptr, 1, bytes.len, f);
    int    closed = fclose(f);
    if (written != bytes.len || closed != 0 || rename(temporary, path) != 0)
        return unwritable(cx, path);
    return ST_OK;
}

static Status let_go(Cx *cx, const PeopleMailRow *row)
{
    PeopleMailServer server;
    MailMessage      message;
    Str              bytes;
    TRY(setting_kept(cx, &people_mail_setting, &server));
    if (mail_dir == NULL && (server.host.len == 0 || server.from_address.len == 0))
        return cx_fail(cx, ST_BUSY, "people.mail_not_set_up",
                       "the setting people.mail names no server or no sender");
    TRY(build(cx, row, &server, &message, &bytes));
    cx_idle(cx); /* another server may take its time */
    if (mail_dir != NULL)
        return write_file(cx, row->id, bytes);
    MailServer to = {.host = server.host,
                     .port = (uint16_t)server.port,
                     .security = (MailSecurity)server.security,
                     .user = server.user,
                     .password = server.password};
#ifdef FAULT_INJECTION
    to.ca_file = people_mail_test_ca;
#endif
    return mail_send(&to, message.from.address, message.to.address, bytes, &cx->err);
}

/* --- the job --------------------------------------------------------------------------------- */

typedef struct Attempt {
    PeopleMailRow row;
    Status        st;
    Str           problem;
    bool          last;
} Attempt;

static Status note_tx(Cx *cx, void *arg)
{
    const Attempt *at = arg;
    bool           sent = at->st == ST_OK, over = sent || at->last;
    return people_sql_mail_attempted(cx, at->row.id,
                                     sent   ? PEOPLE_MAIL_SENT
                                     : over ? PEOPLE_MAIL_FAILED
                                            : PEOPLE_MAIL_QUEUED,
                                     at->row.attempts + 1, at->problem,
                                     sent ? STR("") : at->row.data,
                                     sent ? opt_time(cx->now) : (OptTime){0}, NULL);
}

Status people_mail_send_job(Cx *cx, const Job *job)
{
    const JsonValue *v;
    int64_t          id;
    Attempt          at = {0};
    TRY(json_parse(cx->arena, job->payload, &v, &cx->err));
    const JsonValue *mail = json_get(v, STR("mail"));
    if (mail == NULL || !id_parse(mail->text, "mai", &id))
        return cx_fail(cx, ST_INVALID, "people.no_mail", "the job names no mail");
    Status st = people_sql_mail_get(cx, id, &at.row);
    if (st == ST_NOT_FOUND)
        return ST_OK; /* whoever it was for has been erased */
    TRY(st);
    if (at.row.status == PEOPLE_MAIL_SENT)
        return ST_OK; /* the process died before it could say so */
    at.st = let_go(cx, &at.row);
    Err why = cx->err;
    at.last = at.st == ST_INVALID || at.st == ST_LIMIT;
    at.problem = at.st == ST_OK ? STR("") : str_dup(cx->arena, str_from_cstr(why.msg));
    cx->err = (Err){0};
    TRY(cx_in_tx(cx, note_tx, &at));
    cx->err = why;
    return at.st;
}
