/* mail.h - e-mail: putting a message together, signing it, handing it to an SMTP server.
 *
 *      Str bytes;
 *      TRY(mail_build(a, &message, &dkim, &bytes, err));
 *      TRY(mail_send(&server, message.from.address, message.to.address, bytes, err));
 *
 * GMime writes the message (MIME, RFC 5322 and 2047), OpenDKIM signs it (RFC 6376,
 * relaxed/relaxed, rsa-sha256), libcurl sends it. What a customer typed cannot become a header
 * or an SMTP command: text with control characters is refused, not cleaned. Blocking: workers
 * only. */
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "base/str.h"

enum {
    MAIL_ADDRESS_MAX = 254,     /* bytes */
    MAIL_LINE_MAX = 998,        /* bytes of a subject, a name, a header's value */
    MAIL_BODY_MAX = 4 << 20,    /* bytes of text, and of HTML */
    MAIL_MESSAGE_MAX = 16 << 20 /* bytes sent */
};

typedef struct MailAddress {
    Str name; /* may be empty */
    Str address;
} MailAddress;

typedef struct MailHeader {
    const char *name; /* a literal: "List-Unsubscribe" */
    Str         value;
} MailHeader;

typedef struct MailMessage {
    MailAddress       from, to;
    MailAddress       reply_to;   /* empty address: none */
    Str               message_id; /* "code_01…@shop.example", without < > */
    Str               subject;
    Str               text;
    Str               html; /* empty: text alone */
    UnixMs            date;
    const MailHeader *headers; /* further ones */
    size_t            nheaders;
} MailMessage;

typedef struct MailDkim {
    Str domain, selector;
    Str key; /* RSA, PEM */
} MailDkim;

/* The message as it goes over the wire, with CRLF; lives in `a`. `dkim` may be NULL.
 * ST_INVALID "wire.bad_mail" for what cannot stand in a message, "wire.bad_dkim_key";
 * ST_LIMIT "wire.mail_too_big". */
NODISCARD Status mail_build(Arena *a, const MailMessage *m, const MailDkim *dkim, Str *ret,
                            Err *err);

typedef enum MailSecurity {
    MAIL_STARTTLS, /* refuse to go on without */
    MAIL_TLS,      /* from the first byte */
    MAIL_PLAIN
} MailSecurity;

typedef struct MailServer {
    Str          host;
    uint16_t     port;
    MailSecurity security;
    Str          user, password; /* empty user: no AUTH */
    SpanMs       timeout;        /* of the whole exchange; 0: 60 s */
    const char  *ca_file;        /* certificates trusted instead of the system's; NULL: those */
} MailServer;

/* ST_OK: the server has taken it. ST_INVALID "wire.mail_refused" (5xx: it never will; the
 * message says why) or "wire.bad_mail", ST_BUSY "wire.mail_later" (4xx, no connection,
 * time-out), ST_DENIED "wire.mail_login" (password or certificate). */
NODISCARD Status mail_send(const MailServer *server, Str from, Str to, Str message, Err *err);
