#include "app/theme_served.h"

#include "channel/storefront/theme.h"

size_t theme_served_problems(Arena *a, const char *folder, Str **ret)
{
    Theme *theme;
    Err    err = {0};
    size_t n = 0;
    if (theme_load(folder, &theme, &err) != ST_OK) {
        *ret = arena_array(a, Str, 1);
        (*ret)[n++] = str_dup(a, str_from_cstr(err.msg));
        return n;
    }
    *ret = arena_array(a, Str, theme->nproblems + 1);
    for (; n < theme->nproblems; n++)
        (*ret)[n] = str_dup(a, theme->problems[n]);
    theme_release(theme);
    return n;
}
