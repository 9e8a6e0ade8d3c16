#include "people/people_int.h"

#include "core/audit.h"
#include "core/setting.h"

static const ShapeField FIELDS[] = {
    SHAPE_INT(PeopleSecurity, session_idle_hours, .min = 1, .max = 24 * 30,
              .doc = "Sessions of staff end after so many hours without use."),
    SHAPE_INT(PeopleSecurity, session_days, .min = 1, .max = 365,
              .doc = "They end after so many days in any case; for those that begin from now on."),
    SHAPE_INT(PeopleSecurity, audit_days, .min = 0, .max = 36500,
              .doc = "Entries of the audit log are deleted when they are so many days old, at "
                     "least 90; 0: never."),
};
const Shape people_security_shape = SHAPE_OF(PeopleSecurity, "Security", FIELDS,
                                             .doc = "How long sessions and the audit log last.");

const PeopleSecurity people_security_defaults = {
    .session_idle_hours = 12, .session_days = 7, .audit_days = 3 * 365};

const Setting people_security_setting = {"people.security", &people_security_shape,
                                         &people_security_defaults};

Status people_security(Cx *cx, PeopleSecurity *ret)
{
    return setting_get(cx, &people_security_setting, ret, NULL);
}

Status people_prune_audit(Cx *cx)
{
    PeopleSecurity security;
    int64_t        deleted;
    TRY(people_security(cx, &security));
    if (security.audit_days == 0)
        return ST_OK;
    int64_t days = security.audit_days > AUDIT_KEEP_DAYS ? security.audit_days : AUDIT_KEEP_DAYS;
    return audit_prune(cx, unix_ms_add(cx->now, (SpanMs){-SPAN_DAYS(days).v}), &deleted);
}
