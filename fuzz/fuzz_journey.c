/* The journey's parsers. The first byte says which: q a question, s a segment file, b a batch of
 * the log, m a message of Segment's API, c CSV rows. */
#include "journey/feed.h"
#include "journey/store.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- questions, to a store with a few events ------------------------------------------ */

static Journey *a_store(void)
{
    static Journey *j;
    static char     dir[] = "/tmp/fuzz-journey-XXXXXX";
    JourneyOptions  o = {.no_merging = true, .threads = 1};
    Err             err;
    if (j != NULL)
        return j;
    if (mkdtemp(dir) == NULL || journey_open(dir, &o, &j, &err) != ST_OK)
        abort();
    for (int64_t i = 0; i < 40; i++) {
        JourneyProp  p[2] = {{.key = STR("channel"),
                              .type = JOURNEY_TEXT,
                              .text = i % 3 != 0 ? STR("email") : STR("direct")},
                             {.key = STR("revenue"), .type = JOURNEY_INT, .i = i}};
        JourneyEvent e = {.subject = 1 + i % 5,
                          .time = {1736121600000 + i * 7000000},
                          .name = i % 2 != 0 ? STR("Product Viewed") : STR("Order Completed"),
                          .props = p,
                          .nprops = 2};
        if (journey_append(j, &e, 1, NULL, &err) != ST_OK)
            abort();
    }
    return j;
}

static void question(Str text)
{
    Buf b;
    Err err;
    buf_init(&b, 8 << 20);
    if (journey_ask(a_store(), text, NULL, &b, &err) != ST_OK)
        ASSERT(err.code != NULL);
    buf_done(&b);
}

/* --- segments, with checksums made right: what they say is not to be trusted ----------- */

static void mend(unsigned char *p, size_t n)
{
    SegTail t;
    if (n < sizeof t)
        return;
    memcpy(&t, p + n - sizeof t, sizeof t);
    memcpy(t.magic, "RPSEG01", sizeof t.magic);
    size_t room = n - sizeof t;
    for (size_t i = 0; i < t.nchunks && t.chunks_at <= room && i < (room - t.chunks_at) / 48; i++) {
        ChunkHead h;
        memcpy(&h, p + t.chunks_at + i * sizeof h, sizeof h);
        if (h.at <= room && h.bytes <= room - h.at)
            h.sum = (uint32_t)XXH3_64bits(p + h.at, h.bytes);
        memcpy(p + t.chunks_at + i * sizeof h, &h, sizeof h);
    }
    if (t.columns_at <= room)
        t.index_sum = XXH3_64bits(p + t.columns_at, room - t.columns_at);
    t.sum = XXH3_64bits(&t, offsetof(SegTail, sum));
    memcpy(p + n - sizeof t, &t, sizeof t);
}

static void read_chunk(Segment *s, const SegBlock *b, unsigned column)
{
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    ChunkView                 v;
    bool                      has;
    Str                      *texts;
    Err                       err;
    if (segment_chunk(s, b, column, &v, &has, &err) != ST_OK || !has)
        return;
    if (v.encoding == CHUNK_TEXT) {
        if (v.aux < 1 << 20 && chunk_texts(&v, &a, &texts) && v.n > 0)
            ASSERT(texts[0].len <= v.aux);
        return;
    }
    int64_t *out = malloc((v.n + 64) * sizeof *out);
    if (out != NULL)
        chunk_read(&v, out);
    free(out);
}

static void segment(Str bytes)
{
    Segment       *s;
    Err            err;
    unsigned char *p = calloc(1, bytes.len + PACK_PAD + 8);
    if (p == NULL)
        return;
    memcpy(p, bytes.ptr, bytes.len);
    mend(p, bytes.len);
    if (segment_of(p, bytes.len, &s, &err) != ST_OK)
        return;
    for (size_t i = 0; i < s->tail.nblocks; i++)
        for (unsigned c = 0; c < s->tail.ncolumns && s->blocks[i].rows < 1 << 20; c++)
            read_chunk(s, &s->blocks[i], c);
    segment_unref(s);
}

/* --- the others --------------------------------------------------------------------------- */

static void ignore(void *arg, const JourneyEvent *event, uint64_t message)
{
    (void)arg;
    (void)message;
    ASSERT(event->subject > 0);
}

static void message(Str text)
{
    static JourneyProp        props[JOURNEY_PROPS_MAX];
    CLEANUP(arena_done) Arena a = {.block_size = 4096};
    FeedMessage               m;
    Err                       err;
    if (feed_message(&a, text, props, &m, &err) == ST_OK && event_check(&m.event, &err) == ST_OK)
        ASSERT(m.event.subject > 0);
}

static Status row(void *arg, const JourneyEvent *event, const JourneyLink *link, Err *err)
{
    (void)arg;
    (void)link;
    return event_check(event, err);
}

static void rejected(void *arg, int64_t line, const char *reason)
{
    (void)arg;
    (void)line;
    ASSERT(reason != NULL);
}

static void rows(Str text)
{
    static const char MAP[] =
        "{\"subject\":{\"column\":\"u\"},\"time\":{\"column\":\"t\",\"format\":\"%Y-%m-%d %H:%M\"},"
        "\"event\":{\"column\":\"e\"},\"properties\":{\"p\":{\"column\":\"p\",\"type\":\"cents\"}}"
        "}";
    FeedCsv *c;
    Err      err;
    if (feed_csv_new((Str){MAP, sizeof MAP - 1}, &c, &err) != ST_OK)
        abort();
    if (feed_csv_bytes(c, text, true, row, rejected, NULL, &err) != ST_OK)
        ASSERT(err.code != NULL);
    feed_csv_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Str rest = {(const char *)data + 1, size - 1};
    switch (data[0]) {
    case 'q': question(rest); break;
    case 's': segment(rest); break;
    case 'b':
        if (batch_each(rest, ignore, NULL))
            return 0;
        break;
    case 'm': message(rest); break;
    case 'c': rows(rest); break;
    default: break;
    }
    return 0;
}
