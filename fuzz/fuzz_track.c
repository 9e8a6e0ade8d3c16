/* Any bytes as what trackers send: whatever becomes of them, events can be stored and records of
 * the queue are JSON. The first byte says which format. */
#include "channel/track/sink.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(Sink *s)
{
    Err              err;
    const JsonValue *v;
    sink_seal(s);
    Str records = buf_str(&s->records);
    for (size_t i = 0; i < s->n; i++) {
        const JourneyEvent *e = &s->events[i];
        ASSERT(e->subject > 0 && e->time.v >= 0 && e->name.len > 0);
        ASSERT(e->name.len <= JOURNEY_NAME_MAX && e->message.len <= JOURNEY_MESSAGE_MAX);
        ASSERT(e->nprops <= JOURNEY_PROPS_MAX);
        for (size_t k = 0; k < e->nprops; k++) {
            ASSERT(e->props[k].key.len > 0 && e->props[k].key.len <= JOURNEY_KEY_MAX);
            ASSERT(e->props[k].text.len <= JOURNEY_TEXT_MAX);
            if (e->props[k].type == JOURNEY_JSON)
                ASSERT(json_parse(s->arena, e->props[k].text, &v, &err) == ST_OK);
        }
    }
    while (records.len > 0) {
        uint32_t n;
        ASSERT(records.len >= QUEUE_HEAD);
        memcpy(&n, records.ptr, sizeof n);
        ASSERT(n <= records.len - QUEUE_HEAD);
        ASSERT(json_parse(s->arena, str_head(str_skip(records, QUEUE_HEAD), n), &v, &err) == ST_OK);
        records = str_skip(records, QUEUE_HEAD + n);
    }
}

static void check_ga4(Arena *a, Str text)
{
    const JsonValue      *v;
    Err                   err;
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 1 << 20);
    ga4_check(a, text, (UnixMs){1700000000000}, &b);
    ASSERT(!buf_overflowed(&b) && json_parse(a, buf_str(&b), &v, &err) == ST_OK);
}

static void read_as(Sink *s, unsigned format, Str text)
{
    Err         err;
    MessageBody head;
    bool        batch;
    Status      st = ST_OK;
    switch (format) {
    case 0:
        if (message_head(s->arena, text, &head, &err) == ST_OK)
            st = message_body(s, text, &head, (MessageOf){.type = STR("track")}, &err);
        break;
    case 1: st = message_whole(s, text, (MessageOf){.agent = STR("Agent")}, &batch, &err); break;
    case 2:
        check_ga4(s->arena, text);
        st = ga4_body(s, text, &err);
        break;
    case 3: ga4_hit(s, text, STR(""), STR("Agent")); break;
    default: matomo_hit(s, text, &(MatomoOf){.peer = STR("::1")}); break;
    }
    if (st == ST_OK && !buf_overflowed(&s->records))
        check(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const TrackKey     KEY = {.id = 1, .text = STR_INIT("k"), .kind = TRACK_SERVER};
    CLEANUP(arena_done) Arena a = {0};
    if (size == 0)
        return 0;
    char *copy = malloc(size);
    ASSERT(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    arena_init(&a, 4096);
    read_as(sink_begin(&a, (UnixMs){1700000000000}, &KEY, "segment"), data[0] % 5U,
            (Str){copy, size - 1});
    free(copy);
    return 0;
}
