#include "channel/storefront/member.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static size_t slot_of(Str key)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.ptr[i]) * UINT32_C(16777619);
    return (h ^ h >> 13) & (MEMBER_SLOTS - 1);
}

static void make_index(Members *m)
{
    pthread_mutex_lock(&lock);
    if (atomic_load(&m->ready) == 0) {
        ASSERT(m->n <= MEMBERS_MAX);
        for (size_t i = 0; i < m->n; i++) {
            Str    name = str_from_cstr(m->items[i].name);
            size_t at = slot_of(name);
            while (m->slots[at] != 0)
                at = (at + 1) & (MEMBER_SLOTS - 1);
            m->slots[at] = (uint8_t)(i + 1);
            m->lens[i] = (uint8_t)name.len;
            if (m->items[i].json)
                m->shown[m->nshown++] = (uint8_t)i;
        }
        atomic_store_explicit(&m->ready, 1, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
}

static void be_ready(Members *m)
{
    if (atomic_load_explicit(&m->ready, memory_order_acquire) == 0)
        make_index(m);
}

bool member_get(Members *m, LiquidCx *cx, const void *self, Str key, LiquidValue *ret)
{
    be_ready(m);
    for (size_t at = slot_of(key); m->slots[at] != 0; at = (at + 1) & (MEMBER_SLOTS - 1)) {
        size_t i = m->slots[at] - 1U;
        if (m->lens[i] == key.len && memcmp(m->items[i].name, key.ptr, key.len) == 0) {
            Visit *v = liquid_host(cx);
            v->render = cx;
            *ret = m->items[i].fn(v, self);
            return true;
        }
    }
    return false;
}

size_t member_count(Members *m)
{
    be_ready(m);
    return m->nshown;
}

Str member_key(Members *m, size_t i)
{
    be_ready(m);
    return str_from_cstr(m->items[m->shown[i]].name);
}

LiquidValue member_no(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_bool(false);
}

LiquidValue member_yes(Visit *v, const void *self)
{
    (void)v;
    (void)self;
    return liquid_bool(true);
}
