/* member.h - objects of templates: structs whose members functions work out.
 *
 *      static LiquidValue title(Visit *v, const void *self)
 *      {
 *          const Thing *t = self;
 *          return liquid_text(t->title);
 *      }
 *      static const Member THING[] = {{"title", title, true}};
 *      OBJECT(thing, "ThingDrop", THING)
 *
 *      … liquid_drop(arena, &thing_type, the_thing)
 *
 * Members marked `json` are what {{ thing | json }} shows, in their order. */
#pragma once

#include "channel/storefront/visit.h"

typedef LiquidValue MemberFn(Visit *v, const void *self);

typedef struct Member {
    const char *name;
    MemberFn   *fn;
    bool        json;
} Member;

enum { MEMBERS_MAX = 100, MEMBER_SLOTS = 256 };

typedef struct Members {
    const Member *items;
    size_t        n;
    _Atomic int   ready;
    size_t        nshown;
    uint8_t       slots[MEMBER_SLOTS]; /* index + 1 */
    uint8_t       lens[MEMBERS_MAX];
    uint8_t       shown[MEMBERS_MAX];
} Members;

bool   member_get(Members *m, LiquidCx *cx, const void *self, Str key, LiquidValue *ret);
size_t member_count(Members *m);
Str    member_key(Members *m, size_t i);

/* What is so for every object. */
LiquidValue member_no(Visit *v, const void *self);
LiquidValue member_yes(Visit *v, const void *self);

#define OBJECT(id, label, table)                                                                   \
    static Members id##_members = {.items = (table), .n = COUNT_OF(table)};                        \
    static bool    id##_get(LiquidCx *cx, const void *self, Str key, LiquidValue *ret)             \
    {                                                                                              \
        return member_get(&id##_members, cx, self, key, ret);                                      \
    }                                                                                              \
    static size_t id##_count(LiquidCx *cx, const void *self)                                       \
    {                                                                                              \
        (void)cx;                                                                                  \
        (void)self;                                                                                \
        return member_count(&id##_members);                                                        \
    }                                                                                              \
    static Str id##_key(LiquidCx *cx, const void *self, size_t i)                                  \
    {                                                                                              \
        (void)cx;                                                                                  \
        (void)self;                                                                                \
        return member_key(&id##_members, i);                                                       \
    }                                                                                              \
    static const LiquidDropType id##_type = {                                                      \
        .name = (label), .get = id##_get, .count = id##_count, .key_at = id##_key};
