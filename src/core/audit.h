/* audit.h - who changed what, when: append-only.
 *
 * Entries are never changed and never deleted one by one; the database itself refuses it.
 * Those older than a time that only moves forward may be pruned (audit_prune). */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

enum {
    AUDIT_SIDE_MAX = 64 * 1024,  /* bytes of JSON kept of `before`, and of `after` */
    AUDIT_FIELD_MAX = 16 * 1024, /* a longer field is noted by its length only */
    AUDIT_KEEP_DAYS = 90         /* nothing younger can be pruned */
};

/* Record a change by cx->actor in the running transaction. `entity` is "catalog.product",
 * `action` "create", "update", "delete" or a verb of the module. `before` and `after` are
 * structs of `shape` (NULL: none); only fields that differ are kept, secrets
 * (SHAPE_WRITE_ONLY) never. When both are given and do not differ, nothing is recorded. */
NODISCARD Status audit_add(Cx *cx, const char *entity, int64_t id, const char *action,
                           const Shape *shape, const void *before, const void *after);

typedef struct AuditEntry {
    int64_t   id;
    UnixMs    at;
    ActorKind actor_kind;
    int64_t   actor_id;
    Str       actor_name;
    int64_t   session;
    Str       request_id;
    Str       entity;
    int64_t   entity_id;
    Str       action;
    Str       before; /* JSON object of the fields that changed; absent (ptr NULL): none */
    Str       after;
} AuditEntry;

typedef struct AuditFilter { /* members that are zero do not filter */
    Str       entity;
    int64_t   entity_id;
    bool      by_actor;
    ActorKind actor_kind; /* with by_actor */
    int64_t   actor_id;   /* with by_actor */
    Str       action;
    UnixMs    since, until; /* since <= at < until */
    int64_t   after;        /* id of the entry to go on from */
    bool      backwards;    /* from there to newer ones, nearest first */
    int64_t   limit;        /* 1-1000 */
} AuditFilter;

/* Newest first. */
NODISCARD Status audit_list(Cx *cx, const AuditFilter *filter, AuditEntry **ret, size_t *ret_n);

/* Allow entries older than `before` to go, and delete them, in several transactions.
 * ST_INVALID "core.audit_too_young" for a time less than AUDIT_KEEP_DAYS ago. */
NODISCARD Status audit_prune(Cx *cx, UnixMs before, int64_t *ret_deleted);
