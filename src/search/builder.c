#include "search/builder_int.h"

#include <math.h>

#include "base/map.h"
#include "base/sort.h"
#include "base/utf8.h"
#include "search/mem_int.h"

enum {
    RECORDS_MAX = 6 * 1000 * 1000, /* 96 MB: then the segment is finished */
    TEXT_GAP = 8, /* positions between two texts of a field: no phrase spans them */
    SCRATCH_BYTES = 64 * 1024,
};

typedef struct Word {
    uint32_t key; /* in b->keys */
    uint32_t len;
    uint32_t hash;
    uint32_t term; /* of which this is a way to write: a word */
    uint32_t seen;
    uint32_t last; /* document that wrote it last, + 1 */
    uint32_t rank; /* in the dictionary */
} Word;

typedef struct Record {
    uint32_t word;
    uint32_t doc;
    float    weight;
    uint16_t place;
} Record;

/* The texts of one field in one space of the document being added. */
typedef struct Part {
    const Field *field;
    uint8_t      space;
    uint32_t     length;   /* words */
    uint32_t     position; /* where its next text begins */
    size_t       first;    /* records from here on wait for their weight */
} Part;

struct Builder {
    Schema   *schema;
    Arena     scratch;
    uint32_t  n_rows;
    uint32_t *slots; /* hash of words: number + 1; 0: free */
    uint32_t  mask;
    VEC(char) keys;
    VEC(Word) words;
    VEC(Record) records;
    VEC(int64_t) ids;
    VEC(uint32_t) first_rows;
    VEC(int64_t) groups; /* ids of all rows */
    bool         has_groups;
    ColumnPairs *columns; /* by field */
    uint32_t     n_columns;
    VEC(float) signals[SEARCH_SIGNALS_MAX];
};

Builder *builder_new(Schema *schema)
{
    Builder *b = mem_new(1, sizeof *b);
    b->schema = schema;
    arena_init(&b->scratch, SCRATCH_BYTES);
    return b;
}

static void clear(Builder *b)
{
    for (uint32_t i = 0; i < b->n_columns; i++)
        free(b->columns[i].items);
    for (size_t i = 0; i < SEARCH_SIGNALS_MAX; i++)
        free(b->signals[i].items);
    free(b->columns);
    free(b->slots);
    free(b->keys.items);
    free(b->words.items);
    free(b->records.items);
    free(b->ids.items);
    free(b->first_rows.items);
    free(b->groups.items);
    Arena   scratch = b->scratch;
    Schema *schema = b->schema;
    *b = (Builder){.schema = schema, .scratch = scratch};
}

void builder_free(Builder *b)
{
    if (!b)
        return;
    clear(b);
    arena_done(&b->scratch);
    free(b);
}

uint32_t builder_count(const Builder *b)
{
    return (uint32_t)b->ids.n;
}

bool builder_is_full(const Builder *b)
{
    return b->ids.n >= CHUNK_DOCS || b->records.n >= RECORDS_MAX;
}

/* --- words ------------------------------------------------------------------------------- */

static void rehash(Builder *b)
{
    uint32_t slots = b->mask ? (b->mask + 1) * 2 : 256;
    free(b->slots);
    b->slots = mem_new(slots, sizeof *b->slots);
    b->mask = slots - 1;
    for (uint32_t i = 0; i < b->words.n; i++) {
        uint32_t at = b->words.items[i].hash;
        while (b->slots[at & b->mask] != 0)
            at++;
        b->slots[at & b->mask] = i + 1;
    }
}

static uint32_t word_of(Builder *b, uint8_t space, Str text)
{
    char key[KEY_MAX];
    text = text.len <= TERM_MAX ? text : utf8_truncate_bytes(text, TERM_MAX);
    key[0] = (char)space;
    memcpy(key + 1, text.ptr, text.len);
    Str      s = {key, text.len + 1};
    uint32_t hash = (uint32_t)map_hash(s);
    if (b->words.n * 2 >= b->mask)
        rehash(b);
    uint32_t at = hash;
    for (; b->slots[at & b->mask] != 0; at++) {
        uint32_t    i = b->slots[at & b->mask] - 1;
        const Word *w = &b->words.items[i];
        if (w->hash == hash && w->len == s.len && memcmp(b->keys.items + w->key, s.ptr, s.len) == 0)
            return i;
    }
    uint32_t n = (uint32_t)b->words.n;
    b->slots[at & b->mask] = n + 1;
    vec_add(&b->words,
            ((Word){.key = (uint32_t)b->keys.n, .len = (uint32_t)s.len, .hash = hash, .term = n}));
    vec_reserve(&b->keys, s.len);
    memcpy(b->keys.items + b->keys.n, s.ptr, s.len);
    b->keys.n += s.len;
    return n;
}

/* --- texts ------------------------------------------------------------------------------- */

typedef struct Parts {
    Part  *items; /* in the scratch */
    size_t n, cap;
} Parts;

static Part *part_of(Builder *b, Parts *parts, const Field *f, uint8_t space)
{
    for (size_t i = 0; i < parts->n; i++)
        if (parts->items[i].field == f && parts->items[i].space == space)
            return &parts->items[i];
    if (parts->n == parts->cap) {
        size_t cap = parts->cap ? parts->cap * 2 : 16;
        Part  *items = arena_array(&b->scratch, Part, cap);
        if (parts->n > 0)
            memcpy(items, parts->items, parts->n * sizeof *items);
        parts->items = items;
        parts->cap = cap;
    }
    parts->items[parts->n] = (Part){.field = f, .space = space};
    return &parts->items[parts->n++];
}

static uint16_t place_of(const Field *f, uint32_t position, bool last)
{
    uint32_t p = position < PLACE_POSITION ? position : PLACE_POSITION;
    return (uint16_t)((uint32_t)f->text << PLACE_FIELD_SHIFT | p | (last ? PLACE_LAST : 0));
}

/* Records carry the number of their part in `doc` until lengths are known. */
static void add_tokens(Builder *b, const Tokens *t, Parts *parts, Part *part, uint8_t space)
{
    uint32_t doc = (uint32_t)b->ids.n, last = t->items[t->n - 1].position;
    uint32_t number = (uint32_t)(part - parts->items);
    for (size_t i = 0; i < t->n; i++) {
        const Token *token = &t->items[i];
        uint32_t     word = word_of(b, space, token->term);
        if (token->surface.len > 0 && space != SPACE_CODES) {
            uint32_t surface = word_of(b, space, token->surface);
            Word    *w = &b->words.items[surface];
            if (w->seen == 0)
                w->term = word;
            if (w->last != doc + 1)
                w->seen++;
            w->last = doc + 1;
        }
        part->length += i == 0 || token->position != token[-1].position;
        vec_add(&b->records,
                ((Record){.word = word,
                          .doc = number,
                          .weight = token->weight > 0 ? token->weight : 1,
                          .place = place_of(part->field, part->position + token->position,
                                            token->position == last)}));
    }
    part->position += last + TEXT_GAP;
}

static void add_text(Builder *b, const SearchText *text, Parts *parts)
{
    const Field    *f = schema_field(b->schema, text->field);
    bool            code = f->def.kind == SEARCH_CODE;
    int             locale = code ? 0 : schema_add_locale(b->schema, text->locale);
    uint8_t         space = code ? SPACE_CODES : locale_space(locale < 0 ? 0 : locale);
    const Analyzer *an = analyzer_of(locale <= 0 ? STR("") : text->locale);
    Tokens          tokens;
    Str             s = text->text;
    if (s.len > SEARCH_TEXT_BYTES_MAX)
        s = utf8_truncate_bytes(s, SEARCH_TEXT_BYTES_MAX);
    analyzer_text(an, code ? TEXT_CODE : TEXT_PROSE, s, &b->scratch, &tokens);
    if (tokens.n > 0)
        add_tokens(b, &tokens, parts, part_of(b, parts, f, space), space);
}

static void add_texts(Builder *b, const SearchDoc *d)
{
    Parts  parts = {0};
    size_t first = b->records.n;
    for (size_t i = 0; i < d->n_texts; i++)
        add_text(b, &d->texts[i], &parts);
    for (size_t i = first; i < b->records.n; i++) {
        Record *r = &b->records.items[i];
        ASSERT(r->doc < parts.n);
        const Part           *part = &parts.items[r->doc];
        const SearchFieldDef *def = &part->field->def;
        float                 length = (float)part->length / def->length;
        bool                  code = def->kind == SEARCH_CODE;
        r->weight *= code ? def->weight : def->weight / (1 - def->pull + def->pull * length);
        r->doc = (uint32_t)b->ids.n;
    }
}

/* --- values ------------------------------------------------------------------------------- */

typedef struct Value {
    uint32_t field;
    uint32_t row;
    uint32_t code;
    double   number;
} Value;

static int by_field_row(const void *x, const void *y)
{
    const Value *a = x, *b = y;
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void set_signal(Builder *b, uint32_t signal, double value)
{
    size_t have = b->signals[signal].n;
    vec_reserve(&b->signals[signal], b->ids.n + 1 - have);
    for (; have <= b->ids.n; have++)
        b->signals[signal].items[have] = NAN;
    b->signals[signal].n = b->ids.n + 1;
    b->signals[signal].items[b->ids.n] = (float)value;
}

static void add_pair(Builder *b, const Value *v)
{
    if (v->field >= b->n_columns) {
        uint32_t n = v->field + 1;
        b->columns = mem_resize(b->columns, n, sizeof *b->columns);
        memset(b->columns + b->n_columns, 0, (n - b->n_columns) * sizeof *b->columns);
        b->n_columns = n;
    }
    ColumnPairs *pairs = &b->columns[v->field];
    vec_add(pairs, ((ColumnPair){.row = v->row, .code = v->code, .number = v->number}));
}

static void add_values(Builder *b, const SearchDoc *d)
{
    Value *values = arena_array(&b->scratch, Value, d->n_values);
    size_t n = 0;
    for (size_t i = 0; i < d->n_values; i++) {
        const SearchValue *v = &d->values[i];
        const Field       *f = schema_field(b->schema, v->field);
        uint32_t           group = v->group == SEARCH_WHOLE ? 0 : (uint32_t)v->group;
        if (f->signal != NO_SIGNAL) {
            set_signal(b, f->signal, v->number);
            continue;
        }
        values[n] = (Value){.field = v->field,
                            .row = f->def.grouped ? b->n_rows + group : (uint32_t)b->ids.n};
        if (field_is_numeric(f))
            values[n++].number = v->number;
        else if (v->text.len > 0)
            values[n++].code = schema_value(b->schema, f, v->text);
    }
    array_sort(values, n, sizeof *values, by_field_row);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_field_row(&values[i], &values[i - 1]) != 0)
            add_pair(b, &values[i]);
}

void builder_add(Builder *b, const SearchDoc *d)
{
    add_texts(b, d);
    add_values(b, d);
    vec_add(&b->first_rows, b->n_rows);
    size_t rows = d->n_groups > 0 ? d->n_groups : 1;
    for (size_t i = 0; i < rows; i++)
        vec_add(&b->groups, d->n_groups > 0 ? d->groups[i] : 0);
    b->has_groups |= d->n_groups > 0;
    b->n_rows += (uint32_t)rows;
    vec_add(&b->ids, d->id);
    arena_reset(&b->scratch);
}

/* --- finishing ---------------------------------------------------------------------------- */

typedef struct Ranked {
    uint64_t prefix;
    uint32_t word;
} Ranked;

static int by_key(const void *x, const void *y, void *arg)
{
    const Ranked  *a = x, *c = y;
    const Builder *b = arg;
    if (a->prefix != c->prefix)
        return a->prefix < c->prefix ? -1 : 1;
    const Word *v = &b->words.items[a->word], *w = &b->words.items[c->word];
    return str_cmp((Str){b->keys.items + v->key, v->len}, (Str){b->keys.items + w->key, w->len});
}

/* Words get their ranks. Returns them in order. */
static Ranked *rank_words(Builder *b)
{
    Ranked *ranked = mem_new(b->words.n, sizeof *ranked);
    for (uint32_t i = 0; i < b->words.n; i++) {
        const Word *w = &b->words.items[i];
        ranked[i].word = i;
        for (uint32_t k = 0; k < 8; k++)
            ranked[i].prefix =
                ranked[i].prefix << 8 | (k < w->len ? (unsigned char)b->keys.items[w->key + k] : 0);
    }
    if (b->words.n > 1)
        qsort_r(ranked, b->words.n, sizeof *ranked, by_key, b);
    for (uint32_t i = 0; i < b->words.n; i++)
        b->words.items[ranked[i].word].rank = i;
    return ranked;
}

static void lay_dictionary(const Builder *b, const Ranked *ranked, Segment *s)
{
    s->n_entries = (uint32_t)b->words.n;
    s->keys = mem_new(b->keys.n, 1);
    s->key_at = mem_new(b->words.n + 1, sizeof *s->key_at);
    s->term = mem_new(b->words.n, sizeof *s->term);
    s->seen = mem_new(b->words.n, sizeof *s->seen);
    for (uint32_t i = 0; i < s->n_entries; i++) {
        const Word *w = &b->words.items[ranked[i].word];
        const char *key = b->keys.items + w->key;
        memcpy(s->keys + s->key_at[i], key, w->len);
        s->key_at[i + 1] = s->key_at[i] + w->len;
        if ((unsigned char)key[0] == SPACE_CODES)
            continue;
        s->n_words = i + 1;
        s->term[i] = b->words.items[w->term].rank;
        s->seen[i] = w->seen;
    }
    s->term = mem_resize(s->term, s->n_words, sizeof *s->term);
    s->seen = mem_resize(s->seen, s->n_words, sizeof *s->seen);
}

/* Records ordered by rank, then as they came; starts[r] is where those of rank r begin. */
static Record *sort_records(const Builder *b, uint32_t *starts)
{
    for (size_t i = 0; i < b->records.n; i++)
        starts[b->words.items[b->records.items[i].word].rank + 1]++;
    for (size_t i = 0; i < b->words.n; i++)
        starts[i + 1] += starts[i];
    uint32_t *next = mem_copy(starts, b->words.n, sizeof *next);
    Record   *sorted = mem_new(b->records.n, sizeof *sorted);
    for (size_t i = 0; i < b->records.n; i++)
        sorted[next[b->words.items[b->records.items[i].word].rank]++] = b->records.items[i];
    free(next);
    return sorted;
}

typedef struct Postings {
    VEC(Container) containers;
    VEC(uint32_t) places_at;
} Postings;

/* The field that says it best, and a share of the others: a word that stands in many fields is
 * not worth many times as much. */
static float weight_over_fields(const float fields[SEARCH_TEXT_FIELDS_MAX])
{
    float best = 0, sum = 0;
    for (size_t i = 0; i < SEARCH_TEXT_FIELDS_MAX; i++) {
        sum += fields[i];
        best = fields[i] > best ? fields[i] : best;
    }
    return best + SEARCH_OTHER_FIELDS * (sum - best);
}

/* The records of one term in one document: one posting. */
static void lay_posting(Segment *s, Postings *p, const Record *r, size_t n, bool first)
{
    uint16_t   chunk = (uint16_t)(r->doc >> CHUNK_BITS);
    Container *c = first ? NULL : &p->containers.items[p->containers.n - 1];
    if (!c || c->chunk != chunk)
        vec_add(&p->containers, ((Container){.at = s->n_postings, .chunk = chunk}));
    else
        c->last++;
    if (s->n_postings % PLACES_GROUP == 0)
        vec_add(&p->places_at, s->n_places);
    float fields[SEARCH_TEXT_FIELDS_MAX] = {0};
    for (size_t i = 0; i < n; i++) {
        fields[r[i].place >> PLACE_FIELD_SHIFT & 0xf] += r[i].weight;
        if (i == 0 || r[i].place != r[i - 1].place)
            s->places[s->n_places++] = r[i].place;
    }
    s->places[s->n_places - 1] |= PLACE_END;
    s->docs[s->n_postings] = (uint16_t)(r->doc & (CHUNK_DOCS - 1));
    s->weights[s->n_postings++] = weight_byte(weight_over_fields(fields));
}

static void lay_postings(const Builder *b, Segment *s)
{
    Postings  p = {0};
    uint32_t *starts = mem_new(b->words.n + 1, sizeof *starts);
    Record   *r = sort_records(b, starts);
    s->docs = mem_new(b->records.n, sizeof *s->docs);
    s->weights = mem_new(b->records.n, sizeof *s->weights);
    s->places = mem_new(b->records.n, sizeof *s->places);
    s->container_at = mem_new(b->words.n + 1, sizeof *s->container_at);
    for (uint32_t i = 0; i < s->n_entries; i++) {
        for (uint32_t k = starts[i], end; k < starts[i + 1]; k = end) {
            for (end = k + 1; end < starts[i + 1] && r[end].doc == r[k].doc;)
                end++;
            lay_posting(s, &p, r + k, end - k, k == starts[i]);
        }
        s->container_at[i + 1] = (uint32_t)p.containers.n;
    }
    free(r);
    free(starts);
    vec_add(&p.places_at, s->n_places);
    vec_trim(&p.containers);
    s->containers = p.containers.items;
    s->docs = mem_resize(s->docs, s->n_postings, sizeof *s->docs);
    s->weights = mem_resize(s->weights, s->n_postings, sizeof *s->weights);
    if (b->schema->no_places) {
        free(p.places_at.items);
        free(s->places);
        s->places = NULL;
        s->n_places = 0;
        return;
    }
    vec_trim(&p.places_at);
    s->places_at = p.places_at.items;
    s->places = mem_resize(s->places, s->n_places, sizeof *s->places);
}

static void lay_columns(const Builder *b, Segment *s)
{
    s->n_columns = b->n_columns;
    s->columns = mem_new(b->n_columns, sizeof(Column *));
    for (uint32_t i = 0; i < b->n_columns; i++) {
        const Field *f = schema_field(b->schema, (SearchField)i);
        s->columns[i] =
            column_new(&b->columns[i], field_is_numeric(f), f->def.grouped ? s->n_rows : s->n_docs);
    }
    for (uint32_t k = 0; k < SEARCH_SIGNALS_MAX; k++)
        for (uint32_t i = 0; b->signals[k].n > 0 && i < s->n_docs; i++)
            segment_set_signal(s, k, i, i < b->signals[k].n ? b->signals[k].items[i] : NAN);
}

Segment *builder_finish(Builder *b)
{
    if (b->ids.n == 0)
        return NULL;
    Segment *s = mem_new(1, sizeof *s);
    atomic_store(&s->refs, 1);
    s->n_docs = (uint32_t)b->ids.n;
    s->n_rows = b->n_rows;
    s->ids = mem_copy(b->ids.items, b->ids.n, sizeof *s->ids);
    if (s->n_rows != s->n_docs) {
        vec_add(&b->first_rows, b->n_rows);
        s->first_row = mem_copy(b->first_rows.items, b->first_rows.n, sizeof *s->first_row);
    }
    if (b->has_groups)
        s->group_ids = mem_copy(b->groups.items, b->groups.n, sizeof *s->group_ids);
    Ranked *ranked = rank_words(b);
    lay_dictionary(b, ranked, s);
    free(ranked);
    lay_postings(b, s);
    lay_columns(b, s);
    segment_finish(s);
    clear(b);
    return s;
}
