/* What changed from revision to revision, for caches that follow. */
#include "catalog/published_int.h"

void pub_log(PubStore *s, const PubEdit *e)
{
    pthread_mutex_lock(&s->logging);
    if (e->reset)
        s->log_from = e->rev;
    for (size_t i = 0; i < e->nchanges; i++) {
        PublishedChange *at = &s->log[s->logged++ % PUBLISHED_LOG];
        if (s->logged > PUBLISHED_LOG)
            s->log_from = at->rev > s->log_from ? at->rev : s->log_from;
        *at = e->changes[i];
    }
    for (size_t i = 0; i < PUB_LISTENERS; i++)
        if (s->listeners[i].fn != NULL && (e->nchanges > 0 || e->reset))
            s->listeners[i].fn(e->changes, e->nchanges, s->listeners[i].arg);
    pthread_mutex_unlock(&s->logging);
}

bool published_changes(const Published *v, int64_t since, PublishedChange *changes, size_t max,
                       size_t *ret_n)
{
    PubStore *s = v->store;
    size_t    n = 0;
    pthread_mutex_lock(&s->logging);
    bool    known = since >= s->log_from;
    int64_t first = s->logged > PUBLISHED_LOG ? s->logged - PUBLISHED_LOG : 0;
    for (int64_t i = first; known && i < s->logged; i++) {
        const PublishedChange *c = &s->log[i % PUBLISHED_LOG];
        if (c->rev <= since || c->rev > v->rev)
            continue;
        known = n < max;
        if (known)
            changes[n++] = *c;
    }
    pthread_mutex_unlock(&s->logging);
    *ret_n = known ? n : 0;
    return known;
}

bool published_listen(Db *db, PublishedListener *fn, void *arg)
{
    PubStore *s = pub_store_of(db);
    bool      done = false;
    if (s == NULL)
        return false;
    pthread_mutex_lock(&s->logging);
    for (size_t i = 0; !done && i < PUB_LISTENERS; i++) {
        if (s->listeners[i].fn != NULL)
            continue;
        s->listeners[i].fn = fn;
        s->listeners[i].arg = arg;
        done = true;
    }
    pthread_mutex_unlock(&s->logging);
    return done;
}

void published_unlisten(Db *db, PublishedListener *fn, void *arg)
{
    PubStore *s = pub_store_of(db);
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->logging);
    for (size_t i = 0; i < PUB_LISTENERS; i++)
        if (s->listeners[i].fn == fn && s->listeners[i].arg == arg)
            s->listeners[i].fn = NULL;
    pthread_mutex_unlock(&s->logging);
}
