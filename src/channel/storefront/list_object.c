#include "channel/storefront/list_object.h"

struct ListObject {
    ListSource  source;
    int64_t     offset, limit;
    LiquidValue shown; /* the window; nil: not asked for yet */
};

static LiquidValue window(LiquidCx *cx, const void *self)
{
    ListObject *l = (ListObject *)(uintptr_t)self; /* it keeps its window */
    if (l->shown.type == LIQUID_NIL)
        l->shown = l->source.window(liquid_host(cx), l->source.self, l->offset, l->limit);
    return l->shown;
}

static size_t list_count(LiquidCx *cx, const void *self)
{
    return liquid_count(cx, window(cx, self));
}

static LiquidValue list_at(LiquidCx *cx, const void *self, size_t i)
{
    return liquid_at(cx, window(cx, self), i);
}

static const LiquidDropType list_type = {.name = "ListDrop", .count = list_count, .at = list_at};

LiquidValue list_object(Visit *v, ListSource source)
{
    ListObject *l = arena_new(visit_arena(v), ListObject);
    *l = (ListObject){.source = source, .limit = LIST_WINDOW};
    return liquid_drop(visit_arena(v), &list_type, l);
}

ListObject *list_of_value(LiquidValue value)
{
    return value.type == LIQUID_DROP && value.drop->type == &list_type
               ? (ListObject *)(uintptr_t)value.drop->self
               : NULL;
}

int64_t list_total(Visit *v, ListObject *l)
{
    return l->source.total(v, l->source.self);
}

void list_move(ListObject *l, int64_t offset, int64_t limit)
{
    l->offset = offset;
    l->limit = limit;
    l->shown = liquid_nil();
}
