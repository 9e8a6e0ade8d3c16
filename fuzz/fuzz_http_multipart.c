/* Any bytes as a multipart form. The first line of the input is the Content-Type. */
#include "base/utf8.h"
#include "http/http_form.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const HttpForm *f, Str body)
{
    const char *at = body.ptr;
    ASSERT(f->n <= HTTP_FORM_PARTS);
    for (size_t i = 0; i < f->n; i++) {
        const HttpPart *p = &f->parts[i];
        ASSERT(p->name.len > 0 && p->name.len <= HTTP_FORM_NAME && utf8_valid(p->name));
        ASSERT(utf8_valid(p->filename) && p->filename.len <= HTTP_FORM_NAME);
        ASSERT(p->filename.len == 0 || memchr(p->filename.ptr, '/', p->filename.len) == NULL);
        ASSERT(p->is_file || utf8_valid(p->value));
        /* Contents are slices of the body, in order, and do not overlap. */
        ASSERT(p->value.ptr >= at && p->value.ptr + p->value.len <= body.ptr + body.len);
        at = p->value.ptr + p->value.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    HttpForm                  f;
    Str                       type, body;
    char                     *copy = malloc(size + 1);
    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    arena_init(&a, 1024);
    Cx cx = {.arena = &a};
    str_cut((Str){copy, size}, '\n', &type, &body);
    Str boundary = http_header_param(&a, type, STR("boundary"));
    if (http_form_multipart(&cx, body, boundary, &f) == ST_OK)
        check(&f, body);
    free(copy);
    return 0;
}
