/* Bodies of tracking webhooks: read, and what is read can be shown. */
#include "base/json_write.h"
#include "order/fulfillment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Batch { /* as tracking_batch_shape has it */
    TOTALS_LIST(TrackingIn) events;
} Batch;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    CLEANUP(buf_done) Buf     b;
    arena_init(&a, 4096);
    buf_init(&b, 4 << 20);
    Issues issues = {.arena = &a};
    Err    err;
    Batch  batch = {0};
    Str    body = str_dup(&a, (Str){(const char *)data, size});
    if (shape_read(&tracking_batch_shape, SHAPE_CREATE, body, &a, &batch, &issues, &err) != ST_OK)
        return 0;
    ASSERT(batch.events.n >= 1 && batch.events.n <= TRACKING_BATCH);
    for (size_t i = 0; i < batch.events.n; i++) {
        const TrackingIn *e = &batch.events.items[i];
        Str               url = carrier_url(&a, STR("dhl"), e->tracking);
        ASSERT(e->code >= TRACKING_NONE && e->code <= TRACKING_RETURNED);
        for (size_t k = 0; k < url.len; k++) /* nothing in it ends an attribute */
            ASSERT((unsigned char)url.ptr[k] > ' ' && url.ptr[k] != '"' && url.ptr[k] != '<');
    }
    Json j = json_begin(&b);
    shape_write(&j, NULL, &tracking_batch_shape, &batch);
    return 0;
}
