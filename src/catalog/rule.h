/* rule.h - rules of collections: conditions on a product's facts. */
#pragma once

#include "catalog/collection.h"
#include "condition/condition.h"

typedef struct Rule {
    int64_t          collection;
    const Condition *condition; /* NULL: it cannot be read, and holds for nothing */
    unsigned         parts;     /* of the product, that it looks at */
} Rule;

typedef struct Rules {
    Rule    *items;
    size_t   n;
    unsigned parts; /* of all of them */
} Rules;

/* Is it a condition, and does it ask for facts that there are? ST_INVALID. */
NODISCARD Status rule_check(Arena *a, Str rule, Err *err);

/* All rules, or the one of `collection` when it is not 0. */
NODISCARD Status rules_load(Cx *cx, int64_t collection, Rules *ret);

/* Does it hold? The facts are made once for one product and several rules. */
typedef struct Facts Facts;
Facts               *facts_of(Arena *a, const CatalogProduct *p);
bool                 rule_holds(const Rule *r, const Facts *facts, Arena *a);
