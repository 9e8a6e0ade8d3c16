/* audit.h - who changed what, when: append-only. */
#pragma once

#include "base/shape.h"
#include "core/cx.h"

/* Record a change by cx->actor in the running transaction. `entity` is "catalog.product",
 * `action` "create", "update", "delete" or a verb of the module. `before` and `after` are
 * structs of `shape` (NULL: none); only fields that differ are kept, secrets never. */
NODISCARD Status audit_add(Cx *cx, const char *entity, int64_t id, const char *action,
                           const Shape *shape, const void *before, const void *after);
