/* issue.h - everything that is wrong with one input, not only the first thing.
 *
 * Reading a form, a JSON body or a CSV row collects issues; the caller shows them all,
 * each at its field. A list stops growing at ISSUES_MAX and counts on. */
#pragma once

#include "base/status.h"
#include "base/str.h"

enum { ISSUES_MAX = 100 };

typedef struct Issue {
    Str         pointer; /* RFC 6901 JSON pointer: "/variants/3/price" */
    const char *code;    /* stable, a literal: "required", "too_long", "not_unique" */
    Str         detail;  /* for people, without the field's name */
} Issue;

typedef struct Issues {
    Arena *arena; /* issues and their texts live here */
    Issue *items;
    size_t n;     /* kept, at most ISSUES_MAX */
    size_t total; /* found */
} Issues;

/* Add an issue; `pointer` is copied. */
void issue_add(Issues *is, Str pointer, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* ST_INVALID "shape.invalid", naming the first issue after the `kept` oldest ones; ST_OK when there
 * are only those (count `before` in all). */
NODISCARD Status issues_status(const Issues *is, size_t kept, size_t before, Err *err);
