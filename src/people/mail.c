/* The queue of mails; how one is rendered: mail_render.c; how it leaves: mail_send.c. */
#include "people/mail.h"

#include "base/id.h"
#include "people/mail_int.h"

#include <string.h>

const char *const people_mail_status_names[] = {"queued", "sent", "failed", NULL};

static const ShapeField ENTRY_FIELDS[] = {
    SHAPE_ID(PeopleMailEntry, id, "mai"),
    SHAPE_TEXT(PeopleMailEntry, message_id),
    SHAPE_TEXT(PeopleMailEntry, template),
    SHAPE_TEXT(PeopleMailEntry, recipient),
    SHAPE_ENUM(PeopleMailEntry, status, people_mail_status_names),
    SHAPE_INT(PeopleMailEntry, attempts),
    SHAPE_TEXT(PeopleMailEntry, problem, .doc = "What the last attempt met."),
    SHAPE_TIME(PeopleMailEntry, created_at),
    SHAPE_TIME(PeopleMailEntry, sent_at, .doc = "When the server took it."),
};
const Shape people_mail_entry_shape =
    SHAPE_OF(PeopleMailEntry, "Mail", ENTRY_FIELDS, .doc = "A mail that was or will be sent.");

enum { KEY_MAX = 100 };

static bool is_key(Str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return key.len > 0 && key.len <= KEY_MAX;
}

Status people_mail_queue(Cx *cx, const PeopleMail *mail)
{
    int64_t       added;
    PeopleMailRow row = {.id = id_new(),
                         .message_id = mail->key,
                         .template = str_from_cstr(mail->template),
                         .recipient = mail->to,
                         .locale = mail->locale.ptr != NULL ? mail->locale : STR(""),
                         .data = mail->data.ptr != NULL ? mail->data : STR("{}"),
                         .status = PEOPLE_MAIL_QUEUED,
                         .problem = STR(""),
                         .created_ms = cx->now};
    ASSERT(cx->tx_depth > 0 && is_key(mail->key));
    if (row.data.len > PEOPLE_MAIL_DATA_MAX)
        return cx_fail(cx, ST_LIMIT, "people.mail_too_big", "a mail's data has up to %d bytes",
                       PEOPLE_MAIL_DATA_MAX);
    TRY(people_sql_mail_add(cx, &row, &added));
    if (added == 0)
        return ST_OK; /* queued before */
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "mail", id_format(cx->arena, "mai", row.id));
    json_end(&j);
    return job_queue(cx, PEOPLE_MAIL_JOB, str_dup(cx->arena, buf_str(&b)), NULL, NULL);
}

Status people_mail_list(Cx *cx, const PeopleRange *range, PeopleMailEntryList *ret)
{
    PeopleMailRowList rows;
    if (range->backwards)
        TRY(people_sql_mail_page_back(cx, range->id, range->limit, &rows));
    else
        TRY(people_sql_mail_page(cx, range->from ? range->id : INT64_MAX, range->limit, &rows));
    PeopleMailEntryList list = {.items = arena_array(cx->arena, PeopleMailEntry, rows.n + 1),
                                .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleMailRow *r = &rows.items[i];
        list.items[i] = (PeopleMailEntry){.id = r->id,
                                          .message_id = r->message_id,
                                          .template = r->template,
                                          .recipient = r->recipient,
                                          .status = r->status,
                                          .attempts = r->attempts,
                                          .problem = r->problem,
                                          .created_at = r->created_ms,
                                          .sent_at = r->sent_ms};
    }
    *ret = list;
    return ST_OK;
}
