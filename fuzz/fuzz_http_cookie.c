/* Any bytes as a Cookie header: what is found is a slice of it, and is found again. */
#include "http/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);
    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    for (int tls = 0; tls < 2; tls++) {
        HttpPair h[] = {{STR("Host"), STR("x")}, {STR("cOOkie"), {copy, size}}};
        HttpReq  rq = {.headers = h, .nheaders = COUNT_OF(h), .tls = tls};
        Str      found = http_cookie(&rq, STR("sid"));
        if (found.len > 0) {
            ASSERT(found.ptr >= copy && found.ptr + found.len <= copy + size);
            ASSERT(memchr(found.ptr, ';', found.len) == NULL);
            ASSERT((size_t)(found.ptr - copy) >= (tls ? sizeof "__Host-sid" : sizeof "sid"));
        }
        ASSERT(http_cookie(&rq, STR("a name that nobody sends;")).ptr == NULL);
    }
    free(copy);
    return 0;
}
