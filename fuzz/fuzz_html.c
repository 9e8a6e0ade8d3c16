/* HTML: what was cleaned holds only listed tags, is balanced, and cleans to itself. */
#include "text/html.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In an attribute with an address; in text, or as somebody's `lang`, it is harmless. */
static void no_script_address(Str s)
{
    static const char *const WHERE[] = {" href=\"javascript:", " src=\"javascript:",
                                        " poster=\"javascript:", " cite=\"javascript:"};
    bool                     in_tag = false;
    for (size_t i = 0; i < s.len; i++) {
        in_tag = s.ptr[i] == '<' || (in_tag && s.ptr[i] != '>');
        for (size_t j = 0; in_tag && j < COUNT_OF(WHERE); j++)
            ASSERT(!str_starts((Str){s.ptr + i, s.len - i}, str_from_cstr(WHERE[j])));
    }
}

static void no_such(Str s, const char *what)
{
    ASSERT(s.len == 0 || memmem(s.ptr, s.len, what, strlen(what)) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena a;
    arena_init(&a, 4096);
    Str    html = {(const char *)data, size};
    Str    out = html_clean(&a, html);
    size_t open = 0, closed = 0;
    no_such(out, "<script");
    no_such(out, "<style");
    no_such(out, "<svg");
    no_such(out, "<!");
    no_script_address(out);
    for (size_t i = 0; i + 1 < out.len; i++)
        if (out.ptr[i] == '<') {
            ASSERT(out.ptr[i + 1] == '/' || (out.ptr[i + 1] >= 'a' && out.ptr[i + 1] <= 'z'));
            open += out.ptr[i + 1] != '/';
            closed += out.ptr[i + 1] == '/';
        }
    ASSERT(closed <= open);
    ASSERT(str_eq(html_clean(&a, out), out));
    html_text(&a, html, 200);
    return 0;
}
