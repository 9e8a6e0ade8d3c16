/* Each token has one place in a table, which the last to come takes. */
#include "order/cart_kept.h"

#include "base/map.h"
#include "core/core.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKS = 64, TEXTS = 6 };

typedef struct Kept {
    int64_t      core; /* 0: the place is free */
    OrderCartRow row;
    char        *bytes; /* of its texts */
} Kept;

static Kept            kept[KEPT_CARTS];
static pthread_mutex_t locks[LOCKS];
static pthread_once_t  once = PTHREAD_ONCE_INIT;

static void make_locks(void)
{
    for (size_t i = 0; i < LOCKS; i++)
        ASSERT(pthread_mutex_init(&locks[i], NULL) == 0);
}

/* The place of a token, locked. */
static Kept *take(Str token, pthread_mutex_t **ret_lock)
{
    ASSERT(pthread_once(&once, make_locks) == 0);
    size_t at = map_hash(token) % KEPT_CARTS;
    *ret_lock = &locks[at % LOCKS];
    pthread_mutex_lock(*ret_lock);
    return &kept[at];
}

static size_t texts_of(OrderCartRow *row, Str *ret[TEXTS])
{
    Str *const texts[TEXTS] = {&row->token, &row->channel,  &row->email,
                               &row->name,  &row->currency, &row->body};
    size_t     n = 0;
    for (size_t i = 0; i < TEXTS; i++) {
        ret[i] = texts[i];
        n += texts[i]->len;
    }
    return n;
}

/* *to is *from with its texts in `bytes`. */
static void copy_row(OrderCartRow *to, const OrderCartRow *from, char *bytes)
{
    Str *texts[TEXTS];
    *to = *from;
    (void)texts_of(to, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        if (texts[i]->len > 0)
            memcpy(bytes, texts[i]->ptr, texts[i]->len);
        texts[i]->ptr = bytes;
        bytes += texts[i]->len;
    }
}

static bool is_of(const Kept *k, const Cx *cx, Str token)
{
    return k->core != 0 && k->core == core_id(cx->core) && str_eq(k->row.token, token);
}

bool cart_kept(Cx *cx, Str token, OrderCartRow *ret)
{
    pthread_mutex_t *lock;
    Str             *texts[TEXTS];
    if (cx->core == NULL)
        return false;
    Kept   *k = take(token, &lock);
    int64_t age = cx->now.v - k->row.updated_ms.v;
    bool    there = is_of(k, cx, token) && age >= 0 && age < SPAN_MINUTES(KEPT_MINUTES).v;
    if (there)
        copy_row(ret, &k->row, arena_array(cx->arena, char, texts_of(&k->row, texts) + 1));
    pthread_mutex_unlock(lock);
    return there;
}

static void forget(Kept *k)
{
    free(k->bytes);
    *k = (Kept){0};
}

void cart_keep(Cx *cx, const OrderCartRow *row)
{
    pthread_mutex_t *lock;
    Str             *texts[TEXTS];
    OrderCartRow     copy = *row;
    size_t           n = texts_of(&copy, texts);
    if (cx->core == NULL || cx->tx_depth > 0 || n == 0)
        return;
    Kept *k = take(row->token, &lock);
    forget(k);
    if (n <= KEPT_BYTES) {
        k->bytes = malloc(n);
        if (k->bytes == NULL)
            base_out_of_memory(n);
        copy_row(&k->row, row, k->bytes);
        k->core = core_id(cx->core);
    }
    pthread_mutex_unlock(lock);
}

void cart_keep_not(Cx *cx, Str token)
{
    pthread_mutex_t *lock;
    if (cx->core == NULL)
        return;
    Kept *k = take(token, &lock);
    if (is_of(k, cx, token))
        forget(k);
    pthread_mutex_unlock(lock);
}
