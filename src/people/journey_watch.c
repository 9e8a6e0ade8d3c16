/* One thread that looks after the questions that run: it lives as long as there are any. */
#include "people/journey_int.h"

#include <pthread.h>
#include <time.h>

enum { LOOK_MS = 50 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Watched        *all;
static bool            running;

static void look(void)
{
    int64_t now = clock_mono_us();
    for (Watched *w = all; w != NULL; w = w->next)
        if (now >= w->until_us || (w->gone != NULL && w->gone(w->arg)))
            atomic_store(&w->cancel, true);
}

static void *run(void *arg)
{
    (void)arg;
    for (bool more = true; more;) {
        (void)nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
        pthread_mutex_lock(&lock);
        look();
        more = running = all != NULL;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

void people_watch(Watched *w)
{
    pthread_t thread;
    pthread_mutex_lock(&lock);
    w->next = all;
    all = w;
    if (!running && pthread_create(&thread, NULL, run, NULL) == 0)
        running = pthread_detach(thread) == 0;
    pthread_mutex_unlock(&lock);
}

void people_unwatch(Watched *w)
{
    pthread_mutex_lock(&lock);
    for (Watched **at = &all; *at != NULL; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    pthread_mutex_unlock(&lock);
}
