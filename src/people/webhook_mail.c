/* An endpoint was switched off by itself: those who look after endpoints are told by mail. */
#include "people/webhook_int.h"

#include "base/id.h"
#include "base/log.h"
#include "core/audit.h"
#include "people/mail.h"

#include <stdio.h>

enum { STAFF_PAGE = 200, TOLD_MAX = 50 };

static Status looks_after(Cx *cx, const PeopleStaffRow *staff, bool *ret)
{
    PeopleSet set;
    bool      owner;
    *ret = false;
    if (staff->status != PEOPLE_ACTIVE)
        return ST_OK;
    TRY(people_access_of(cx, staff->id, &set, &owner));
    PeopleTexts names = people_set_names(cx->arena, set);
    *ret = owner;
    for (size_t i = 0; i < names.n && !*ret; i++)
        *ret = str_eq(names.items[i], STR("webhooks.write"));
    return ST_OK;
}

static Str data_of(Cx *cx, const PeopleWebhookRow *w, Str problem)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, PEOPLE_MAIL_DATA_MAX);
    Json j = json_begin(&b);
    json_obj(&j, NULL);
    json_str(&j, "url", w->url);
    json_str(&j, "problem", problem);
    json_i64(&j, "days", PEOPLE_WEBHOOK_FAIL.v / SPAN_DAYS(1).v);
    json_end(&j);
    return str_dup(cx->arena, buf_str(&b));
}

static Status tell_one(Cx *cx, const PeopleWebhookRow *w, const PeopleStaffRow *staff, bool gone,
                       Str data)
{
    char key[100];
    int  n = snprintf(key, sizeof key, "webhook_off-%lld-%lld-%lld", (long long)w->id,
                      (long long)staff->id, (long long)cx->now.v);
    return people_mail_queue(cx,
                             &(PeopleMail){.key = str_dup(cx->arena, (Str){key, (size_t)n}),
                                           .template = gone ? "webhook_gone" : "webhook_failing",
                                           .to = staff->email,
                                           .locale = staff->locale,
                                           .data = data});
}

static Status tell_staff(Cx *cx, const PeopleWebhookRow *w, bool gone, Str problem)
{
    PeopleStaffRowList rows;
    Str                after = STR(""), data = data_of(cx, w, problem);
    int                told = 0;
    do {
        TRY(people_sql_staff_page(cx, after, STAFF_PAGE, &rows));
        for (size_t i = 0; i < rows.n && told < TOLD_MAX; i++) {
            bool theirs;
            TRY(looks_after(cx, &rows.items[i], &theirs));
            if (!theirs)
                continue;
            TRY(tell_one(cx, w, &rows.items[i], gone, data));
            told++;
        }
        if (rows.n > 0)
            after = rows.items[rows.n - 1].email_key;
    } while (rows.n == STAFF_PAGE && told < TOLD_MAX);
    return ST_OK;
}

Status people_webhook_off(Cx *cx, const PeopleWebhookRow *w, bool gone, Str problem)
{
    int64_t changed;
    Str     reason = gone ? STR("gone") : STR("failing");
    TRY(people_sql_webhook_off(cx, w->id, reason, cx->now, &changed));
    if (changed == 0)
        return ST_OK;
    log_event(LOG_WARN, "people.webhook_off", log_s("id", id_format(cx->arena, "whe", w->id)),
              log_s("reason", reason));
    TRY(audit_add(cx, "people.webhook", w->id, "switch_off", NULL, NULL, NULL));
    TRY(tell_staff(cx, w, gone, problem));
    return people_tell_webhook(cx, w->id);
}
