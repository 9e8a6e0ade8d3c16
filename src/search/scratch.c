#include "search/run_int.h"

#include <pthread.h>

#include "search/mem_int.h"

static pthread_key_t  scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void scratch_free(void *p)
{
    Scratch *s = p;
    arena_done(&s->tmp);
    free(s);
}

static void make_key(void)
{
    if (pthread_key_create(&scratch_key, scratch_free) != 0)
        base_out_of_memory(sizeof scratch_key);
}

Scratch *scratch_get(void)
{
    pthread_once(&scratch_once, make_key);
    Scratch *s = pthread_getspecific(scratch_key);
    if (!s) {
        s = mem_new(1, sizeof *s);
        arena_init(&s->tmp, 64 * 1024);
        if (pthread_setspecific(scratch_key, s) != 0)
            base_out_of_memory(sizeof *s);
    }
    return s;
}
