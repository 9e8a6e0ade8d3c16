#include "journey/feed.h"

#include "journey/store.h"

enum { LINE_MAX_BYTES = 1 << 20 };

struct Feed {
    Journey      *j;
    FeedFormat    format;
    JourneyLoad  *load;
    FeedCsv      *csv;
    FeedRejected *rejected;
    void         *arg;
    FeedCounts    counts;
    Buf           rest; /* of a line or a record that is not whole yet */
    int64_t       line;
    bool          too_long;
    bool          begun; /* its first bytes were seen */
    Arena         arena;
    JourneyProp  *props; /* of the message at hand */
    JourneyLink  *links;
    size_t        nlinks, cap_links;
    Remap        *known; /* links so far: each is told once */
    Seen          seen;  /* message ids of this file */
};

bool feed_format(Str name, FeedFormat *ret)
{
    static const char *const NAMES[] = {"segment", "csv", "bench"};
    for (int i = 0; i < (int)COUNT_OF(NAMES); i++)
        if (str_eq(name, str_from_cstr(NAMES[i]))) {
            *ret = (FeedFormat)i;
            return true;
        }
    return false;
}

Status feed_begin(Journey *j, FeedFormat format, Str map, FeedRejected *rejected, void *arg,
                  Feed **ret, Err *err)
{
    Feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        base_out_of_memory(sizeof *f);
    *f = (Feed){.j = j, .format = format, .rejected = rejected, .arg = arg};
    arena_init(&f->arena, 64 << 10);
    buf_init(&f->rest, LINE_MAX_BYTES);
    seen_init(&f->seen, SIZE_MAX / 4);
    f->props = calloc(JOURNEY_PROPS_MAX, sizeof *f->props);
    if (f->props == NULL)
        base_out_of_memory(JOURNEY_PROPS_MAX);
    Status st = format == FEED_CSV ? feed_csv_new(map, &f->csv, err) : ST_OK;
    if (st == ST_OK)
        st = remap_open(NULL, true, &f->known, err);
    f->load = journey_load_begin(j);
    *ret = f;
    if (st != ST_OK) {
        Err        other;
        FeedCounts none;
        if (feed_finish(f, false, &none, &other) != ST_OK)
            return st;
    }
    return st;
}

static void reject(Feed *f, int64_t line, const char *reason)
{
    f->counts.rejected++;
    f->rejected(f->arg, line, reason);
}

/* Kept until the end: profiles are known before the last rows are sorted. */
static Status link(Feed *f, const JourneyLink *l, Err *err)
{
    if (l->subject == 0 || remap_profile(f->known, l->subject) == l->profile)
        return ST_OK;
    TRY(remap_link(f->known, l, 1, err));
    if (f->nlinks == f->cap_links) {
        f->cap_links = f->cap_links * 2 + 256;
        f->links = realloc(f->links, f->cap_links * sizeof *f->links);
        if (f->links == NULL)
            base_out_of_memory(f->cap_links);
    }
    f->links[f->nlinks++] = *l;
    return ST_OK;
}

static Status add_event(void *arg, const JourneyEvent *e, const JourneyLink *l, Err *err)
{
    Feed *f = arg;
    if (e->message.len > 0 && !seen_add(&f->seen, seen_hash(e->message), (UnixMs){0}))
        return ST_OK; /* it stands in the file twice */
    TRY(journey_load_add(f->load, e, 1, err));
    f->seen.nfresh = 0;
    f->counts.events++;
    return link(f, l, err);
}

static void csv_rejected(void *arg, int64_t line, const char *reason)
{
    reject(arg, line, reason);
}

/* --- lines --------------------------------------------------------------------------- */

static Status one_line(Feed *f, Str line, Err *err)
{
    FeedMessage m;
    Err         why = {0};
    f->line++;
    line = str_trim(line);
    if (line.len == 0)
        return ST_OK;
    if (f->too_long) {
        f->too_long = false;
        reject(f, f->line, "the line is too long");
        return ST_OK;
    }
    if (f->arena.used > 1 << 20)
        arena_reset(&f->arena);
    Status st = feed_message(&f->arena, line, f->props, &m, &why);
    if (st == ST_OK)
        st = event_check(&m.event, &why);
    if (st != ST_OK) {
        reject(f, f->line, why.msg);
        return ST_OK;
    }
    return add_event(f, &m.event, &m.link, err);
}

static Status lines(Feed *f, Str bytes, Err *err)
{
    while (bytes.len > 0) {
        const char *nl = memchr(bytes.ptr, '\n', bytes.len);
        if (nl == NULL) {
            buf_add(&f->rest, bytes);
            if (buf_overflowed(&f->rest)) {
                buf_clear(&f->rest);
                buf_addc(&f->rest, '?');
                f->too_long = true;
            }
            return ST_OK;
        }
        Str head = {bytes.ptr, (size_t)(nl - bytes.ptr)};
        bytes = str_skip(bytes, head.len + 1);
        if (f->rest.len > 0) {
            buf_add(&f->rest, head);
            f->too_long = f->too_long || buf_overflowed(&f->rest);
            TRY(one_line(f, buf_str(&f->rest), err));
            buf_clear(&f->rest);
        } else {
            TRY(one_line(f, head, err));
        }
    }
    return ST_OK;
}

/* --- records ------------------------------------------------------------------------- */

static Status records(Feed *f, Str bytes, Err *err)
{
    enum { RECORD = 20 };
    if (f->rest.len > 0) {
        Str head = str_head(bytes, RECORD - f->rest.len);
        bytes = str_skip(bytes, head.len);
        buf_add(&f->rest, head);
        if (f->rest.len < RECORD)
            return ST_OK;
        TRY(journey_load_bench(f->load, buf_str(&f->rest), err));
        f->counts.events++;
        buf_clear(&f->rest);
    }
    Str whole = str_head(bytes, bytes.len / RECORD * RECORD);
    TRY(journey_load_bench(f->load, whole, err));
    f->counts.events += (int64_t)(whole.len / RECORD);
    buf_add(&f->rest, str_skip(bytes, whole.len));
    return ST_OK;
}

/* Other files than texts, packed ones too, have a zero among their first bytes. */
static Status look_at(Feed *f, Str bytes, Err *err)
{
    enum { FIRST = 4096 };
    if (f->begun || f->format == FEED_BENCH || bytes.len == 0)
        return ST_OK;
    f->begun = true;
    if (memchr(bytes.ptr, 0, bytes.len < FIRST ? bytes.len : FIRST) == NULL)
        return ST_OK;
    return err_set(err, ST_INVALID, "journey.bad_file",
                   "the file is not text: unpack it first, or say --format bench if it has the "
                   "records of the event workload");
}

Status feed_bytes(Feed *f, Str bytes, Err *err)
{
    TRY(look_at(f, bytes, err));
    if (f->format == FEED_SEGMENT)
        return lines(f, bytes, err);
    if (f->format == FEED_CSV)
        return feed_csv_bytes(f->csv, bytes, false, add_event, csv_rejected, f, err);
    return records(f, bytes, err);
}

Status feed_end(Feed *f, Err *err)
{
    if (f->format == FEED_CSV)
        return feed_csv_bytes(f->csv, STR(""), true, add_event, csv_rejected, f, err);
    if (f->rest.len == 0)
        return ST_OK;
    if (f->format == FEED_SEGMENT)
        return one_line(f, buf_str(&f->rest), err);
    return err_set(err, ST_INVALID, "journey.bad_file", "the file ends within a record");
}

Status feed_finish(Feed *f, bool commit, FeedCounts *ret, Err *err)
{
    enum { AT_ONCE = 1 << 20 };
    Status st = ST_OK;
    /* links first: an event whose person is not known yet could be seen as somebody else's */
    for (size_t at = 0; commit && at < f->nlinks && st == ST_OK; at += AT_ONCE)
        st = journey_remap(f->j, f->links + at, f->nlinks - at < AT_ONCE ? f->nlinks - at : AT_ONCE,
                           err);
    f->counts.links = (int64_t)f->nlinks;
    Err    other;
    Status end = journey_load_end(f->load, commit && st == ST_OK, st == ST_OK ? err : &other);
    *ret = f->counts;
    feed_csv_free(f->csv);
    remap_close(f->known);
    seen_done(&f->seen);
    buf_done(&f->rest);
    arena_done(&f->arena);
    free(f->links);
    free(f->props);
    free(f);
    return st == ST_OK ? end : st;
}
