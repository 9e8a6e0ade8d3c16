#include "search/index_int.h"

#include <math.h>

#include "search/mem_int.h"

static void *merge_thread(void *arg)
{
    SearchIndex *ix = arg;
    for (;;) {
        while (index_tidy(ix)) {
        }
        pthread_mutex_lock(&ix->writing);
        if (!ix->stop)
            pthread_cond_wait(&ix->wake, &ix->writing);
        bool stop = ix->stop;
        pthread_mutex_unlock(&ix->writing);
        if (stop)
            return NULL;
    }
}

SearchIndex *search_index_new(const SearchConfig *config)
{
    SearchIndex *ix = mem_new(1, sizeof *ix);
    ix->schema = schema_new(config->locale, config->no_proximity);
    pthread_mutex_init(&ix->merging, NULL);
    pthread_mutex_init(&ix->writing, NULL);
    pthread_cond_init(&ix->wake, NULL);
    snapshot_swap(&ix->slot, snapshot_copy(NULL));
    if (!config->no_merging)
        ix->has_thread = pthread_create(&ix->thread, NULL, merge_thread, ix) == 0;
    return ix;
}

void search_index_free(SearchIndex *ix)
{
    if (!ix)
        return;
    pthread_mutex_lock(&ix->writing);
    ix->stop = true;
    pthread_cond_signal(&ix->wake);
    pthread_mutex_unlock(&ix->writing);
    if (ix->has_thread)
        pthread_join(ix->thread, NULL);
    snapshot_swap(&ix->slot, NULL);
    builder_free(ix->builder);
    free(ix->changed.items);
    schema_free(ix->schema);
    pthread_cond_destroy(&ix->wake);
    pthread_mutex_destroy(&ix->writing);
    pthread_mutex_destroy(&ix->merging);
    free(ix);
}

/* --- fields ----------------------------------------------------------------------------- */

Status search_field(SearchIndex *ix, const SearchFieldDef *def, SearchField *ret, Err *err)
{
    return search_schema_add(ix->schema, def, ret, err);
}

bool search_field_find(const SearchIndex *ix, Str name, SearchField *ret)
{
    for (uint32_t i = 0; i < schema_count(ix->schema); i++)
        if (str_eq(schema_field(ix->schema, (SearchField)i)->def.name, name)) {
            *ret = (SearchField)i;
            return true;
        }
    return false;
}

const SearchFieldDef *search_field_def(const SearchIndex *ix, SearchField field)
{
    ASSERT(field < schema_count(ix->schema));
    return &schema_field(ix->schema, field)->def;
}

size_t search_fields(const SearchIndex *ix)
{
    return schema_count(ix->schema);
}

void search_synonyms(SearchIndex *ix, Str locale, Synonyms *synonyms)
{
    int number = schema_add_locale(ix->schema, locale);
    if (number < 0) {
        synonyms_free(synonyms);
        return;
    }
    SharedSynonyms *shared = NULL;
    if (synonyms) {
        shared = mem_new(1, sizeof *shared);
        atomic_store(&shared->refs, 1);
        shared->synonyms = synonyms;
    }
    pthread_mutex_lock(&ix->writing);
    Snapshot       *next = snapshot_copy(snapshot_peek(&ix->slot));
    SharedSynonyms *before = next->synonyms[number];
    next->synonyms[number] = shared;
    if (before) /* the current snapshot has one, too: this cannot be the last */
        atomic_fetch_sub(&before->refs, 1);
    index_publish(ix, next);
    pthread_mutex_unlock(&ix->writing);
}

/* --- signals ----------------------------------------------------------------------------- */

Status search_signal(SearchIndex *ix, SearchField field, const int64_t *ids, const double *values,
                     size_t n, Err *err)
{
    const Field *f = field < schema_count(ix->schema) ? schema_field(ix->schema, field) : NULL;
    if (!f || f->signal == NO_SIGNAL)
        return err_set(err, ST_INVALID, "search.field", "field %u is no signal", field);
    pthread_mutex_lock(&ix->writing);
    const Snapshot *now = snapshot_peek(&ix->slot);
    for (size_t i = 0; i < n; i++) {
        uint32_t view, doc;
        if (!isnan(values[i]) && snapshot_find(now, ids[i], &view, &doc))
            segment_set_signal(now->views[view].segment, f->signal, doc, (float)values[i]);
    }
    pthread_mutex_unlock(&ix->writing);
    return ST_OK;
}

static void keep_signal(const Snapshot *now, Segment *fresh, uint32_t signal)
{
    bool needed = atomic_load(&fresh->signals[signal]) != NULL;
    for (uint32_t i = 0; i < now->n_views && !needed; i++)
        needed = atomic_load(&now->views[i].segment->signals[signal]) != NULL;
    bool told = atomic_load(&fresh->signals[signal]) != NULL;
    for (uint32_t i = 0; needed && i < fresh->n_docs; i++) {
        uint32_t view, doc;
        if (told && !isnan(segment_signal(fresh, signal, i)))
            continue;
        bool  known = snapshot_find(now, fresh->ids[i], &view, &doc);
        float before = known ? segment_signal(now->views[view].segment, signal, doc) : 0;
        segment_set_signal(fresh, signal, i, before);
    }
}

void index_keep_signals(const SearchIndex *ix, Segment *fresh)
{
    const Snapshot *now = snapshot_peek(&ix->slot);
    uint32_t        n = atomic_load(&ix->schema->n_signals);
    for (uint32_t i = 0; i < n; i++)
        keep_signal(now, fresh, i);
}

/* --- what is there ------------------------------------------------------------------------- */

bool search_has(SearchIndex *ix, int64_t id)
{
    uint32_t  view, doc;
    Snapshot *s = search_snapshot_take(&ix->slot);
    bool      has = snapshot_find(s, id, &view, &doc);
    snapshot_release(&ix->slot, s);
    return has;
}

int64_t search_count(SearchIndex *ix)
{
    Snapshot *s = search_snapshot_take(&ix->slot);
    int64_t   n = s->n_docs;
    snapshot_release(&ix->slot, s);
    return n;
}

static void report_segment(const Segment *s, SearchReport *ret)
{
    uint32_t n = s->n_entries;
    ret->terms += n;
    if (n > 0) {
        ret->vocabulary_bytes += s->key_at[n] + (n + (size_t)1) * 2 * sizeof(uint32_t) +
                                 (2 * s->n_words + (size_t)s->n_by_length * 4) * sizeof(uint32_t) +
                                 s->n_slots * (sizeof *s->slots + sizeof *s->tags);
        ret->postings_bytes += s->container_at[n] * sizeof *s->containers +
                               s->n_postings * (sizeof *s->docs + sizeof *s->weights);
    }
    if (s->places_at)
        ret->positions_bytes += s->n_places * sizeof *s->places +
                                (s->n_postings / PLACES_GROUP + (size_t)1) * sizeof *s->places_at;
    for (uint32_t i = 0; i < s->n_columns; i++)
        ret->columns_bytes += s->columns[i] ? column_bytes(s->columns[i]) : 0;
    ret->bytes += segment_bytes(s);
}

void search_report(SearchIndex *ix, SearchReport *ret)
{
    Snapshot *s = search_snapshot_take(&ix->slot);
    *ret = (SearchReport){.documents = s->n_docs,
                          .replaced = s->n_dead,
                          .segments = s->n_views,
                          .merges = atomic_load(&ix->merges)};
    for (uint32_t i = 0; i < s->n_views; i++) {
        report_segment(s->views[i].segment, ret);
        if (s->views[i].dead)
            ret->bytes += sizeof(Dead) + s->views[i].segment->n_docs / 8;
    }
    for (size_t i = 0; i < SEARCH_LOCALES_MAX; i++)
        if (s->synonyms[i])
            ret->bytes += synonyms_bytes(s->synonyms[i]->synonyms);
    ret->values_bytes = schema_bytes(ix->schema);
    ret->bytes += ret->values_bytes + sizeof *ix + sizeof *s;
    snapshot_release(&ix->slot, s);
}
