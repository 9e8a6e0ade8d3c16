/* Handles: one owner each, made unique by a number behind them. */
#include <stdio.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "catalog/catalog_int.h"
#include "text/text.h"

enum { SUFFIX_ROOM = 12 };

static Str numbered(Arena *a, Str wish, int64_t n)
{
    Str   base = utf8_truncate_bytes(wish, TEXT_HANDLE_MAX - SUFFIX_ROOM);
    char *out = arena_array(a, char, base.len + SUFFIX_ROOM + 12);
    int   len =
        snprintf(out, base.len + SUFFIX_ROOM + 12, STR_FMT "-%lld", STR_ARG(base), (long long)n);
    return (Str){out, (size_t)len};
}

typedef struct Search {
    Cx            *cx;
    HandleOwnerFn *owner;
    int64_t        scope;
    int64_t        self;
    Str            wish;
} Search;

static Status is_free(const Search *s, int64_t n, bool *ret)
{
    bool    found;
    int64_t id;
    TRY(s->owner(s->cx, numbered(s->cx->arena, s->wish, n), s->scope, &found, &id));
    *ret = !found || id == s->self;
    return ST_OK;
}

/* The number that makes it free: the smallest, or, behind many of the same name, one that
 * a search in doubling steps meets: a shop may have 10,000 things called "T-shirt". */
static Status free_number(const Search *s, int64_t *ret)
{
    int64_t taken = 1, n = 2;
    bool    free = false;
    for (; n <= (INT64_C(1) << 40); n = n < 8 ? n + 1 : n * 2) {
        TRY(is_free(s, n, &free));
        if (free)
            break;
        taken = n;
    }
    while (n - taken > 1) {
        int64_t middle = taken + (n - taken) / 2;
        TRY(is_free(s, middle, &free));
        if (free)
            n = middle;
        else
            taken = middle;
    }
    *ret = n;
    return ST_OK;
}

/* Where many want the next number, some way behind it is one that nobody else wants. */
static Status away_from_others(const Search *s, int64_t *n)
{
    enum { SPREAD_MAX = 10 };
    bool free = false;
    int  bits = races_lost() < SPREAD_MAX ? races_lost() : SPREAD_MAX;
    for (int i = 0; !free && i < bits; i++) {
        int64_t at = *n + (int64_t)(rng_u64() % (UINT64_C(1) << bits));
        TRY(is_free(s, at, &free));
        if (free)
            *n = at;
    }
    return ST_OK;
}

Status handle_settle(Cx *cx, HandleOwnerFn *owner, int64_t scope, int64_t self, bool explicit,
                     const char *fallback, Str *handle)
{
    if (handle->len == 0)
        *handle = str_from_cstr(fallback);
    if (!text_is_handle(*handle)) {
        issue_add(&cx->issues, STR("/handle"), "bad_format",
                  "letters without upper case, digits, '-' and '_', at most %d bytes",
                  TEXT_HANDLE_MAX);
        return cx_check_issues(cx);
    }
    bool    found;
    int64_t id;
    TRY(owner(cx, *handle, scope, &found, &id));
    if (!found || id == self)
        return ST_OK;
    if (explicit) {
        issue_add(&cx->issues, STR("/handle"), "not_unique", "is taken");
        return cx_fail(cx, ST_CONFLICT, "catalog.handle_taken",
                       "the handle \"" STR_FMT "\" belongs to another", STR_ARG(*handle));
    }
    const Search search = {cx, owner, scope, self, *handle};
    int64_t      n;
    TRY(free_number(&search, &n));
    TRY(away_from_others(&search, &n));
    *handle = numbered(cx->arena, search.wish, n);
    return ST_OK;
}
