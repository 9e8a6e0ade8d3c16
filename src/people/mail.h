/* mail.h - mails that are sent for certain, once.
 *
 * A module queues a mail in the transaction that makes it due; a job renders it from its
 * template and hands it to the SMTP server of the setting "people.mail", with back-off until it
 * is taken or has failed for good (then the job is a dead letter that staff see and repeat).
 * `key` makes the Message-ID: queueing the same key again does nothing, and a mail that the
 * server has taken is not sent again.
 *
 *      TRY(people_mail_queue(cx, &(PeopleMail){.key = key, .template = "code", .to = email,
 *                                              .locale = STR("uk"), .data = json}));
 *
 * Templates are Liquid (src/people/mail): NAME.html.liquid and NAME.text.liquid, with texts in
 * six languages; the subject is the text "NAME.subject". They see `shop` (name, url) and the
 * members of `data`. */
#pragma once

#include "core/job.h"
#include "core/setting.h"
#include "people/people.h"

enum {
    PEOPLE_MAIL_DATA_MAX = 64 * 1024,
    PEOPLE_MAIL_ATTEMPTS = 12 /* over some six hours */
};

#define PEOPLE_MAIL_KEEP SPAN_DAYS(90)

typedef enum PeopleMailStatus {
    PEOPLE_MAIL_QUEUED,
    PEOPLE_MAIL_SENT,
    PEOPLE_MAIL_FAILED
} PeopleMailStatus;

extern const char *const people_mail_status_names[];

typedef struct PeopleMail {
    Str key;              /* unique; letters, digits and "._-", up to 100 */
    const char *template; /* "code" */
    Str to;
    Str locale; /* BCP 47; what is not there is English */
    Str data;   /* JSON object; absent: {} */
} PeopleMail;

/* In the running transaction (asserts). ST_LIMIT "people.mail_too_big". */
NODISCARD Status people_mail_queue(Cx *cx, const PeopleMail *mail);

/* How mails leave: the setting "people.mail". */
typedef enum PeopleMailSecurity {
    PEOPLE_MAIL_STARTTLS, /* the server must offer it */
    PEOPLE_MAIL_TLS,      /* from the first byte: port 465 */
    PEOPLE_MAIL_PLAIN     /* on this machine only */
} PeopleMailSecurity;

typedef struct PeopleMailServer {
    Str     host; /* empty: not set up */
    int64_t port;
    int     security;
    Str     user;
    Str     password;
    Str     from_address;
    Str     from_name; /* empty: the shop's */
    Str     reply_to;
    Str     dkim_domain; /* empty: not signed */
    Str     dkim_selector;
    Str     dkim_key; /* PEM */
} PeopleMailServer;

extern const Setting          people_mail_setting;
extern const Shape            people_mail_shape;
extern const PeopleMailServer people_mail_defaults;

/* Templates of another module, as src/people/mail has its own: "texts/LANG.json" and, where its
 * texts name a "form", FORM.html.liquid and FORM.text.liquid. Once each, at start; `files` is
 * borrowed. */
struct EmbeddedText;
void people_mail_templates(const struct EmbeddedText *files, size_t n);

/* What mails say of the shop. Plugged in by the program: once, before the first request. */
typedef struct PeopleMailShop {
    Str name;
    Str url; /* "https://shop.example"; empty: not known, so there are no links */
    Str locale;
} PeopleMailShop;
typedef Status PeopleMailShopFn(Cx *cx, PeopleMailShop *ret);
void           people_mail_shop(PeopleMailShopFn *fn);

/* Write NUMBER.eml files into this folder instead of sending; NULL: send. */
void people_mail_dir(const char *dir);

/* The mail as it would leave: for tests and previews. */
typedef struct PeopleMailText {
    Str subject, html, text;
} PeopleMailText;
NODISCARD Status people_mail_render(Cx *cx, const PeopleMail *mail, PeopleMailText *ret);

typedef struct PeopleMailEntry {
    int64_t id;
    Str     message_id;
    Str template;
    Str     recipient;
    int     status;
    int64_t attempts;
    Str     problem; /* what the last attempt met */
    UnixMs  created_at;
    OptTime sent_at;
} PeopleMailEntry;

typedef struct PeopleMailEntryList {
    PeopleMailEntry *items;
    size_t           n;
} PeopleMailEntryList;

extern const Shape people_mail_entry_shape;

NODISCARD Status people_mail_list(Cx *cx, const PeopleRange *range, PeopleMailEntryList *ret);
