/* mail_int.h - what the files about mail share; not for others. */
#pragma once

#include "people/mail.h"
#include "people/people_int.h"

#define PEOPLE_MAIL_JOB "mail.send"

NODISCARD Status people_mail_send_job(Cx *cx, const Job *job);

/* What mails say of the shop. */
NODISCARD Status people_mail_shop_get(Cx *cx, PeopleMailShop *ret);

#ifdef FAULT_INJECTION
extern const char *people_mail_test_ca; /* certificates trusted instead of the system's */
#endif
