/* list_object.h - long lists, of which templates see a window: {% paginate %} moves it. */
#pragma once

#include "channel/storefront/visit.h"

typedef struct ListObject ListObject;

typedef struct ListSource {
    int64_t (*total)(Visit *v, void *self);
    LiquidValue (*window)(Visit *v, void *self, int64_t offset, int64_t limit); /* a list */
    void *self;
} ListSource;

enum { LIST_WINDOW = 50, LIST_WINDOW_MAX = 250 };

/* A list that shows its first LIST_WINDOW items. Make it once for each source. */
LiquidValue list_object(Visit *v, ListSource source);

/* NULL: it is no such list. */
ListObject *list_of_value(LiquidValue value);
int64_t     list_total(Visit *v, ListObject *l);
void        list_move(ListObject *l, int64_t offset, int64_t limit);
