#include "core/event.h"

#include "base/id.h"
#include "core/core_int.h"

Status event_tell(Cx *cx, const EventType *type, int64_t stream, const void *payload)
{
    ASSERT(cx->tx_depth > 0);
    CLEANUP(buf_done) Buf b;
    buf_init(&b, EVENT_PAYLOAD_MAX);
    Json j = json_begin(&b);
    shape_write(&j, NULL, type->payload, payload);
    if (buf_overflowed(&b))
        return cx_fail(cx, ST_LIMIT, "core.event_too_big", "%s of more than %d bytes", type->name,
                       EVENT_PAYLOAD_MAX);
    db_notify(cx->conn, "core_events");
    return core_sql_event_add(cx, id_new(), str_from_cstr(type->name), type->version, stream,
                              cx->now, buf_str(&b), NULL);
}
