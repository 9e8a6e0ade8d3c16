#include "search/merge_int.h"

#include "search/mem_int.h"

enum { MERGE_MAX = 64 }; /* segments at once: a bit each in least() */

typedef struct Input {
    const Segment  *s;
    const uint64_t *dead;
    uint32_t       *doc;   /* old document -> new; UINT32_MAX: dead */
    uint32_t       *entry; /* old entry -> new; NO_ENTRY: dropped */
    uint32_t        at;    /* next entry to merge */
} Input;

typedef struct Merge {
    const Schema *schema;
    Input        *in;
    size_t        n;
    Segment      *out;
    VEC(Container) containers;
    VEC(uint32_t) places_at;
    size_t entries_cap, keys_cap;
} Merge;

/* --- documents ------------------------------------------------------------------------------ */

static uint32_t rows_of(const Segment *s, uint32_t doc)
{
    return segment_first_row(s, doc + 1) - segment_first_row(s, doc);
}

static void number_docs(Merge *m)
{
    Segment *out = m->out;
    bool     groups = false;
    for (size_t k = 0; k < m->n; k++) {
        Input *in = &m->in[k];
        in->doc = mem_new(in->s->n_docs, sizeof *in->doc);
        groups |= in->s->group_ids != NULL;
        for (uint32_t i = 0; i < in->s->n_docs; i++) {
            bool dead = bit_is_set(in->dead, i);
            in->doc[i] = dead ? UINT32_MAX : out->n_docs++;
            out->n_rows += dead ? 0 : rows_of(in->s, i);
        }
    }
    out->ids = mem_new(out->n_docs, sizeof *out->ids);
    if (out->n_rows != out->n_docs)
        out->first_row = mem_new(out->n_docs + (size_t)1, sizeof *out->first_row);
    if (groups)
        out->group_ids = mem_new(out->n_rows, sizeof *out->group_ids);
}

static void copy_docs(Merge *m)
{
    Segment *out = m->out;
    uint32_t row = 0;
    for (size_t k = 0; k < m->n; k++) {
        const Segment *s = m->in[k].s;
        for (uint32_t i = 0; i < s->n_docs; i++) {
            uint32_t doc = m->in[k].doc[i];
            if (doc == UINT32_MAX)
                continue;
            out->ids[doc] = s->ids[i];
            if (out->first_row)
                out->first_row[doc] = row;
            for (uint32_t r = 0; r < rows_of(s, i); r++, row++)
                if (s->group_ids)
                    out->group_ids[row] = s->group_ids[segment_first_row(s, i) + r];
        }
    }
    if (out->first_row)
        out->first_row[out->n_docs] = row;
}

/* --- postings ------------------------------------------------------------------------------- */

static void add_posting(Merge *m, const Segment *s, uint32_t posting, uint32_t doc, bool first,
                        const uint16_t **places)
{
    Segment   *out = m->out;
    uint16_t   chunk = (uint16_t)(doc >> CHUNK_BITS);
    Container *c = first ? NULL : &m->containers.items[m->containers.n - 1];
    if (!c || c->chunk != chunk)
        vec_add(&m->containers, ((Container){.at = out->n_postings, .chunk = chunk}));
    else
        c->last++;
    out->docs[out->n_postings] = (uint16_t)(doc & (CHUNK_DOCS - 1));
    out->weights[out->n_postings] = s->weights[posting];
    if (places) {
        if (out->n_postings % PLACES_GROUP == 0)
            vec_add(&m->places_at, out->n_places);
        uint16_t place;
        do {
            place = *(*places)++;
            out->places[out->n_places++] = place;
        } while (!(place & PLACE_END));
    }
    out->n_postings++;
}

static void skip_places(const uint16_t **places)
{
    if (places)
        while (!(*(*places)++ & PLACE_END)) {
        }
}

/* The living postings of an entry of one input. */
static void add_entry(Merge *m, const Input *in, uint32_t entry, uint32_t begin)
{
    const Segment  *s = in->s;
    const uint16_t *at = NULL, **places = m->out->places ? &at : NULL;
    for (uint32_t k = s->container_at[entry]; k < s->container_at[entry + 1]; k++) {
        const Container *c = &s->containers[k];
        uint32_t         base = (uint32_t)c->chunk << CHUNK_BITS;
        if (places)
            at = segment_places(s, c->at);
        for (uint32_t i = c->at; i <= c->at + c->last; i++) {
            uint32_t doc = in->doc[base + s->docs[i]];
            if (doc == UINT32_MAX)
                skip_places(places);
            else
                add_posting(m, s, i, doc, m->out->n_postings == begin, places);
        }
    }
}

/* The inputs whose next entry has the least key: a bit each. */
static uint64_t least(const Merge *m, Str *key)
{
    uint64_t who = 0;
    for (size_t k = 0; k < m->n; k++) {
        const Input *in = &m->in[k];
        if (in->at == in->s->n_entries)
            continue;
        Str mine = segment_key(in->s, in->at);
        int order = who == 0 ? -1 : str_cmp(mine, *key);
        if (order < 0) {
            who = 0;
            *key = mine;
        }
        if (order <= 0)
            who |= (uint64_t)1 << k;
    }
    return who;
}

static void add_key(Segment *out, Str key)
{
    uint32_t n = out->n_entries++;
    memcpy(out->keys + out->key_at[n], key.ptr, key.len);
    out->key_at[n + 1] = out->key_at[n] + (uint32_t)key.len;
    if ((unsigned char)key.ptr[0] != SPACE_CODES)
        out->n_words = n + 1;
}

/* An entry is worth keeping when it has postings, or leads to an entry that may. Those whose
 * stem turns out to have none are dropped by drop_lost(). */
static void merge_entries(Merge *m)
{
    Segment *out = m->out;
    Str      key;
    for (uint64_t who; (who = least(m, &key)) != 0;) {
        uint32_t begin = out->n_postings, n = out->n_entries, seen = 0;
        for (size_t k = 0; k < m->n; k++) {
            Input *in = &m->in[k];
            if (!(who >> k & 1))
                continue;
            add_entry(m, in, in->at, begin);
            seen += in->at < in->s->n_words ? in->s->seen[in->at] : 0;
            in->entry[in->at++] = n;
        }
        add_key(out, key);
        if (n < out->n_words)
            out->seen[n] = seen;
        out->container_at[n + 1] = (uint32_t)m->containers.n;
    }
}

static void link_terms(Merge *m)
{
    Segment *out = m->out;
    for (uint32_t i = 0; i < out->n_words; i++)
        out->term[i] = i;
    for (size_t k = 0; k < m->n; k++) {
        const Input *in = &m->in[k];
        for (uint32_t i = 0; i < in->s->n_words; i++)
            if (in->s->seen[i] > 0)
                out->term[in->entry[i]] = in->entry[in->s->term[i]];
    }
}

static bool is_empty(const Segment *s, uint32_t entry)
{
    return s->container_at[entry] == s->container_at[entry + 1];
}

/* Take out entries without postings, and words that lead to such. */
static void drop_lost(Segment *s)
{
    uint32_t *to = mem_new(s->n_entries, sizeof *to);
    uint32_t  n = 0, n_words = 0;
    for (uint32_t i = 0; i < s->n_entries; i++) {
        bool lost = is_empty(s, i) && (i >= s->n_words || is_empty(s, s->term[i]));
        to[i] = lost ? NO_ENTRY : n++;
        n_words += !lost && i < s->n_words;
    }
    for (uint32_t i = 0; i < s->n_entries; i++) {
        uint32_t j = to[i];
        if (j == NO_ENTRY)
            continue;
        uint32_t len = s->key_at[i + 1] - s->key_at[i];
        memmove(s->keys + s->key_at[j], s->keys + s->key_at[i], len);
        if (i < s->n_words) {
            bool dangling = to[s->term[i]] == NO_ENTRY;
            s->seen[j] = dangling ? 0 : s->seen[i];
            s->term[j] = dangling ? j : to[s->term[i]];
        }
        s->container_at[j + 1] = s->container_at[i + 1];
        s->key_at[j + 1] = s->key_at[j] + len;
    }
    s->n_entries = n;
    s->n_words = n_words;
    free(to);
}

static void trim(Segment *s)
{
    s->keys = mem_resize(s->keys, s->key_at[s->n_entries], 1);
    s->key_at = mem_resize(s->key_at, s->n_entries + (size_t)1, sizeof *s->key_at);
    s->container_at =
        mem_resize(s->container_at, s->n_entries + (size_t)1, sizeof *s->container_at);
    s->term = mem_resize(s->term, s->n_words, sizeof *s->term);
    s->seen = mem_resize(s->seen, s->n_words, sizeof *s->seen);
    s->docs = mem_resize(s->docs, s->n_postings, sizeof *s->docs);
    s->weights = mem_resize(s->weights, s->n_postings, sizeof *s->weights);
    if (s->places)
        s->places = mem_resize(s->places, s->n_places, sizeof *s->places);
}

static void make_room(Merge *m)
{
    Segment *out = m->out;
    size_t   entries = 0, words = 0, keys = 0, postings = 0, places = 0;
    for (size_t k = 0; k < m->n; k++) {
        const Segment *s = m->in[k].s;
        m->in[k].entry = mem_new(s->n_entries, sizeof(uint32_t));
        entries += s->n_entries;
        words += s->n_words;
        keys += s->n_entries > 0 ? s->key_at[s->n_entries] : 0;
        postings += s->n_postings;
        places += s->n_places;
    }
    out->keys = mem_new(keys, 1);
    out->key_at = mem_new(entries + 1, sizeof *out->key_at);
    out->container_at = mem_new(entries + 1, sizeof *out->container_at);
    out->term = mem_new(words, sizeof *out->term);
    out->seen = mem_new(words, sizeof *out->seen);
    out->docs = mem_new(postings, sizeof *out->docs);
    out->weights = mem_new(postings, sizeof *out->weights);
    if (!m->schema->no_places)
        out->places = mem_new(places, sizeof *out->places);
}

static void merge_postings(Merge *m)
{
    Segment *out = m->out;
    make_room(m);
    merge_entries(m);
    link_terms(m);
    vec_trim(&m->containers);
    out->containers = m->containers.items;
    if (!m->schema->no_places) {
        vec_add(&m->places_at, out->n_places);
        vec_trim(&m->places_at);
        out->places_at = m->places_at.items;
    }
    drop_lost(out);
    trim(out);
}

/* --- columns -------------------------------------------------------------------------------- */

static void add_row(ColumnPairs *pairs, const Column *c, uint32_t from_row, uint32_t to_row)
{
    size_t at, end = column_row(c, from_row, &at);
    for (; at < end; at++) {
        uint32_t code = column_code(c, at);
        vec_add(pairs, ((ColumnPair){.row = to_row,
                                     .code = code,
                                     .number = c->numeric ? column_number(c, code) : 0}));
    }
}

static Column *merge_column(const Merge *m, uint32_t field)
{
    const Field *f = schema_field(m->schema, (SearchField)field);
    ColumnPairs  pairs = {0};
    uint32_t     row = 0;
    for (size_t k = 0; k < m->n; k++) {
        const Input  *in = &m->in[k];
        const Column *c = field < in->s->n_columns ? in->s->columns[field] : NULL;
        for (uint32_t i = 0; i < in->s->n_docs; i++) {
            if (in->doc[i] == UINT32_MAX)
                continue;
            uint32_t first = f->def.grouped ? segment_first_row(in->s, i) : i;
            uint32_t rows = f->def.grouped ? rows_of(in->s, i) : 1;
            for (uint32_t r = 0; c && r < rows; r++)
                add_row(&pairs, c, first + r, row + r);
            row += rows;
        }
    }
    Column *merged = column_new(&pairs, field_is_numeric(f), row);
    free(pairs.items);
    return merged;
}

static void merge_columns(Merge *m)
{
    for (size_t k = 0; k < m->n; k++)
        if (m->in[k].s->n_columns > m->out->n_columns)
            m->out->n_columns = m->in[k].s->n_columns;
    m->out->columns = mem_new(m->out->n_columns, sizeof(Column *));
    for (uint32_t f = 0; f < m->out->n_columns; f++)
        m->out->columns[f] = merge_column(m, f);
}

Segment *search_merge_segments(const Schema *schema, const MergeSource *sources, size_t n)
{
    ASSERT(n <= MERGE_MAX);
    Input in[MERGE_MAX] = {0};
    Merge m = {.schema = schema, .n = n, .in = in};
    m.out = mem_new(1, sizeof *m.out);
    atomic_store(&m.out->refs, 1);
    for (size_t k = 0; k < n; k++)
        m.in[k] = (Input){.s = sources[k].segment, .dead = sources[k].dead};
    number_docs(&m);
    if (m.out->n_docs > 0) {
        copy_docs(&m);
        merge_postings(&m);
        merge_columns(&m);
        segment_finish(m.out);
    } else {
        search_segment_unref(m.out);
        m.out = NULL;
    }
    for (size_t k = 0; k < n; k++) {
        free(m.in[k].doc);
        free(m.in[k].entry);
    }
    return m.out;
}

void merge_signals(Segment *to, const MergeSource *sources, size_t n)
{
    uint32_t doc = 0;
    for (size_t k = 0; k < n; k++) {
        const Segment *s = sources[k].segment;
        for (uint32_t i = 0; i < s->n_docs; i++) {
            if (bit_is_set(sources[k].dead, i))
                continue;
            for (uint32_t g = 0; g < SEARCH_SIGNALS_MAX; g++)
                if (atomic_load(&s->signals[g]))
                    segment_set_signal(to, g, doc, segment_signal(s, g, i));
            doc++;
        }
    }
}
