/* One batch of events as bytes: tables of keys and names, then the events. */
#include "journey/log.h"

enum { EVENT_HEAD = 25, FLAG_REPEATED = 1 }; /* flags, message, subject, time */

/* --- writing ------------------------------------------------------------------------- */

static void put_varint(Buf *b, uint64_t v)
{
    char   bytes[10];
    size_t n = 0;
    while (v >= 128) {
        bytes[n++] = (char)(v | 128);
        v >>= 7;
    }
    bytes[n++] = (char)v;
    buf_add(b, (Str){bytes, n});
}

static void put_text(Buf *b, Str s)
{
    put_varint(b, s.len);
    buf_add(b, s);
}

static void put_bytes(Buf *b, const void *p, size_t n)
{
    buf_add(b, (Str){p, n});
}

static uint32_t key_index(Dict *keys, const JourneyProp *p)
{
    char room[JOURNEY_KEY_MAX + 1];
    room[0] = (char)p->type;
    memcpy(room + 1, p->key.ptr, p->key.len);
    return dict_put(keys, (Str){room, p->key.len + 1});
}

/* Events of a batch mostly have the same keys in the same order: the key at the same place of the
 * event before is tried first. */
typedef struct Guess {
    const JourneyEvent *before;
    uint32_t            index[JOURNEY_PROPS_MAX];
} Guess;

static bool same_key(const JourneyProp *x, const JourneyProp *y)
{
    return x->type == y->type && x->key.len == y->key.len &&
           (x->key.ptr == y->key.ptr || memcmp(x->key.ptr, y->key.ptr, x->key.len) == 0);
}

static void put_prop(Buf *b, Dict *keys, Guess *g, const JourneyProp *p, size_t i)
{
    bool again = g->before != NULL && i < g->before->nprops && same_key(p, &g->before->props[i]);
    if (!again)
        g->index[i] = key_index(keys, p);
    put_varint(b, g->index[i]);
    if (type_is_text(p->type))
        put_text(b, p->text);
    else if (p->type == JOURNEY_REAL)
        put_bytes(b, &p->real, 8);
    else
        put_varint(b, (uint64_t)p->i << 1 ^ (uint64_t)(p->i >> 63));
}

static void put_event(Buf *b, Dict *keys, Dict *names, Guess *g, const JourneyEvent *e)
{
    uint64_t message = e->message.len > 0 ? seen_hash(e->message) : 0;
    buf_addc(b, 0);
    put_bytes(b, &message, 8);
    put_bytes(b, &e->subject, 8);
    put_bytes(b, &e->time.v, 8);
    put_varint(b, dict_put(names, e->name));
    put_varint(b, e->nprops);
    for (size_t i = 0; i < e->nprops; i++)
        put_prop(b, keys, g, &e->props[i], i);
    g->before = e;
}

static void put_table(Buf *b, const Dict *d)
{
    put_varint(b, d->n);
    for (uint32_t i = 1; i <= d->n; i++)
        put_text(b, d->texts[i]);
}

static LogBatch *batch_new(size_t events)
{
    LogBatch *b = calloc(1, sizeof *b);
    if (b == NULL)
        base_out_of_memory(sizeof *b);
    atomic_store(&b->refs, 1);
    b->events = events;
    return b;
}

Status batch_encode(const JourneyEvent *events, size_t n, LogBatch **ret, Err *err)
{
    CLEANUP(buf_done) Buf   rows = {0}, all = {0};
    CLEANUP(dict_done) Dict keys = {0}, names = {0};
    Guess                   guess = {0};
    if (n == 0)
        return err_set(err, ST_INVALID, "journey.bad_event", "a batch has at least one event");
    if (n > JOURNEY_BATCH_MAX)
        return err_set(err, ST_LIMIT, "journey.too_big", "a batch has at most %d events",
                       JOURNEY_BATCH_MAX);
    for (size_t i = 0; i < n; i++)
        TRY(event_check(&events[i], err));
    buf_init(&rows, JOURNEY_BATCH_BYTES);
    buf_init(&all, JOURNEY_BATCH_BYTES);
    LogBatch *b = batch_new(n);
    b->at = malloc(n * sizeof *b->at);
    if (b->at == NULL)
        base_out_of_memory(n);
    for (size_t i = 0; i < n; i++) {
        b->at[i] = (uint32_t)rows.len;
        put_event(&rows, &keys, &names, &guess, &events[i]);
    }
    put_table(&all, &keys);
    put_table(&all, &names);
    put_varint(&all, n);
    for (size_t i = 0; i < n; i++)
        b->at[i] += (uint32_t)all.len;
    buf_add(&all, buf_str(&rows));
    if (buf_overflowed(&all) || buf_overflowed(&rows)) {
        batch_unref(b);
        return err_set(err, ST_LIMIT, "journey.too_big", "a batch has at most %d bytes",
                       JOURNEY_BATCH_BYTES);
    }
    b->bytes = buf_take(&all, &b->n);
    *ret = b;
    return ST_OK;
}

LogBatch *batch_ref(LogBatch *b)
{
    atomic_fetch_add(&b->refs, 1);
    return b;
}

void batch_unref(LogBatch *b)
{
    if (b == NULL || atomic_fetch_sub(&b->refs, 1) != 1)
        return;
    free(b->bytes);
    free(b->at);
    free(b);
}

/* --- reading ------------------------------------------------------------------------- */

typedef struct Reader {
    const unsigned char *p, *end;
    bool                 bad;
} Reader;

static uint64_t get_varint(Reader *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && r->p < r->end; shift += 7) {
        unsigned char c = *r->p++;
        v |= (uint64_t)(c & 127) << shift;
        if (c < 128)
            return v;
    }
    r->bad = true;
    return 0;
}

static void get_bytes(Reader *r, void *to, size_t n)
{
    if ((size_t)(r->end - r->p) < n) {
        r->bad = true;
        return;
    }
    memcpy(to, r->p, n);
    r->p += n;
}

static Str get_text(Reader *r)
{
    uint64_t n = get_varint(r);
    if (r->bad || n > (uint64_t)(r->end - r->p)) {
        r->bad = true;
        return STR("");
    }
    Str s = {(const char *)r->p, (size_t)n};
    r->p += n;
    return s;
}

static Str *get_table(Reader *r, Arena *a, uint64_t *ret_n)
{
    uint64_t n = get_varint(r);
    if (r->bad || n > (uint64_t)(r->end - r->p)) {
        r->bad = true;
        n = 0;
    }
    Str *texts = arena_array(a, Str, (size_t)n + 1);
    for (uint64_t i = 1; i <= n && !r->bad; i++)
        texts[i] = get_text(r);
    *ret_n = n;
    return texts;
}

typedef struct Tables {
    const Str *keys, *names;
    bool      *wanted; /* [key]; NULL: all are */
    uint64_t   nkeys, nnames;
} Tables;

/* False: nobody wants it. */
static bool get_prop(Reader *r, const Tables *t, JourneyProp *p)
{
    uint64_t key = get_varint(r);
    if (key == 0 || key > t->nkeys || t->keys[key].len < 2) {
        r->bad = true;
        return false;
    }
    *p = (JourneyProp){.key = str_skip(t->keys[key], 1),
                       .type = (JourneyType)(unsigned char)t->keys[key].ptr[0]};
    if (type_is_text(p->type)) {
        p->text = get_text(r);
    } else if (p->type == JOURNEY_REAL) {
        get_bytes(r, &p->real, 8);
    } else {
        uint64_t v = get_varint(r);
        p->i = (int64_t)(v >> 1 ^ (0 - (v & 1)));
    }
    return t->wanted == NULL || t->wanted[key];
}

static void get_event(Reader *r, const Tables *t, JourneyEvent *e, JourneyProp *props,
                      uint64_t *message, unsigned char *flags)
{
    get_bytes(r, flags, 1);
    get_bytes(r, message, 8);
    get_bytes(r, &e->subject, 8);
    get_bytes(r, &e->time.v, 8);
    uint64_t name = get_varint(r);
    uint64_t n = get_varint(r);
    if (name == 0 || name > t->nnames || n > JOURNEY_PROPS_MAX) {
        r->bad = true;
        return;
    }
    e->name = t->names[name];
    e->props = props;
    for (uint64_t i = 0; i < n && !r->bad; i++)
        e->nprops += get_prop(r, t, &props[e->nprops]);
}

typedef struct Reading {
    Arena         arena; /* of one batch */
    JourneyProp  *props; /* [JOURNEY_PROPS_MAX] */
    const Keys   *wanted;
    bool          checks;
    BatchEventFn *fn;
    void         *arg;
} Reading;

static void read_tables(Reading *g, Reader *r, Tables *t)
{
    *t = (Tables){0};
    t->keys = get_table(r, &g->arena, &t->nkeys);
    t->names = get_table(r, &g->arena, &t->nnames);
    if (g->wanted == NULL)
        return;
    t->wanted = arena_array(&g->arena, bool, (size_t)t->nkeys + 1);
    for (uint64_t i = 1; i <= t->nkeys; i++)
        t->wanted[i] = t->keys[i].len > 1 && keys_has(g->wanted, str_skip(t->keys[i], 1));
}

static bool read_batch(Reading *g, Str payload)
{
    const unsigned char *p = (const unsigned char *)payload.ptr;
    Reader               r = {p, p + payload.len, false};
    Tables               t;
    Err                  err;
    read_tables(g, &r, &t);
    uint64_t n = get_varint(&r);
    for (uint64_t i = 0; i < n && !r.bad; i++) {
        JourneyEvent  e = {0};
        uint64_t      message = 0;
        unsigned char flags = 0;
        get_event(&r, &t, &e, g->props, &message, &flags);
        if (r.bad || (g->checks && event_check(&e, &err) != ST_OK))
            return false;
        if ((flags & FLAG_REPEATED) == 0)
            g->fn(g->arg, &e, message);
    }
    return !r.bad && r.p == r.end;
}

static void reading_init(Reading *g)
{
    arena_init(&g->arena, 16384);
    g->props = malloc(JOURNEY_PROPS_MAX * sizeof *g->props);
    if (g->props == NULL)
        base_out_of_memory(JOURNEY_PROPS_MAX);
}

static void reading_done(Reading *g)
{
    arena_done(&g->arena);
    free(g->props);
}

bool batch_each(Str payload, BatchEventFn *fn, void *arg)
{
    Reading g = {.checks = true, .fn = fn, .arg = arg};
    reading_init(&g);
    bool sound = read_batch(&g, payload);
    reading_done(&g);
    return sound;
}

void batches_each(LogBatch *const *batches, size_t n, const Keys *wanted, BatchEventFn *fn,
                  void *arg)
{
    Reading g = {.wanted = wanted, .fn = fn, .arg = arg};
    reading_init(&g);
    for (size_t i = 0; i < n; i++) {
        ASSERT(read_batch(&g, (Str){batches[i]->bytes, batches[i]->n}));
        arena_reset(&g.arena);
    }
    reading_done(&g);
}
