/* Webhooks as Stripe sends them: header of signatures, a line end, the event. */
#include "order/stripe_webhook.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a = {0};
    Cx                        cx = {.now = {1760000000000}};
    Str                       header, body, secret = STR("whsec_test_secret");
    PaymentHookRead           read;
    arena_init(&a, 4096);
    cx.arena = &a;
    (void)str_cut((Str){(const char *)data, size}, '\n', &header, &body);
    if (stripe_signature_check(&cx, header, body, &secret, 1) == ST_OK)
        ASSERT(str_find(header, STR("v1=")) != SIZE_MAX);
    if (stripe_event_read(&cx, body, &read) == ST_OK)
        ASSERT(read.event_id.len > 3 && read.type.len > 0 && (read.ignore || read.ref.len > 3));
    return 0;
}
