/* Any bytes as an urlencoded form: fields are UTF-8, without NULs, and no more than there was. */
#include "base/utf8.h"
#include "http/http_form.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    HttpForm                  f;
    char                     *copy = malloc(size + 1); /* never of size 0 */
    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    arena_init(&a, 1024);
    Cx cx = {.arena = &a};
    if (http_form_urlencoded(&cx, (Str){copy, size}, &f) == ST_OK) {
        size_t total = 0;
        ASSERT(f.n <= HTTP_FORM_PARTS);
        for (size_t i = 0; i < f.n; i++) {
            const HttpPart *p = &f.parts[i];
            ASSERT(p->name.len > 0 && !p->is_file);
            ASSERT(utf8_valid(p->name) && utf8_valid(p->value));
            ASSERT(memchr(p->name.ptr, 0, p->name.len) == NULL);
            ASSERT(http_form_text(&f, p->name).ptr != NULL);
            total += p->name.len + p->value.len;
        }
        ASSERT(total <= size);
    }
    free(copy);
    return 0;
}
