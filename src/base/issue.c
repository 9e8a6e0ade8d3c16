#include "base/issue.h"

#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>

void issue_add(Issues *is, Str pointer, const char *code, const char *fmt, ...)
{
    is->total++;
    if (is->n == ISSUES_MAX)
        return;
    if (is->items == NULL)
        is->items = arena_array(is->arena, Issue, ISSUES_MAX);
    char    text[512];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ASSERT(n >= 0);
    Str detail = str_from_cstr(text);
    if ((size_t)n >= sizeof text) /* cut, but not within a character */
        detail = utf8_truncate_bytes(detail, sizeof text - 4);
    is->items[is->n++] = (Issue){
        .pointer = str_dup(is->arena, pointer),
        .code = code,
        .detail = str_dup(is->arena, detail),
    };
}

Status issues_status(const Issues *is, size_t kept, size_t before, Err *err)
{
    if (is->total == before)
        return ST_OK;
    if (kept == ISSUES_MAX)
        return err_set(err, ST_INVALID, "shape.invalid", "more problems");
    const Issue *first = &is->items[kept];
    return err_set(err, ST_INVALID, "shape.invalid", STR_FMT "%s" STR_FMT "%s",
                   STR_ARG(first->pointer), first->pointer.len > 0 ? " " : "",
                   STR_ARG(first->detail), is->total - before > 1 ? ", and more problems" : "");
}
