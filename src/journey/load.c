/* Bulk loading: rows are sorted in memory, written as files, merged, and committed at the end. */
#include "journey/store.h"

#include "journey/disk.h"

enum { LOAD_ROWS = 2 << 20, LOAD_BYTES = 512 << 20 };

struct JourneyLoad {
    Journey  *j;
    Build     build;
    Segment **made;
    size_t    n, cap;
    uint64_t  erase_version; /* when it began: later erasures concern it */
    size_t    bench[10];     /* columns of records, once known */
    uint32_t  names[8], pages[64], channels[16];
    bool      known;
    int64_t   records; /* of the workload so far */
};

JourneyLoad *journey_load_begin(Journey *j)
{
    JourneyLoad *l = calloc(1, sizeof *l);
    if (l == NULL)
        base_out_of_memory(sizeof *l);
    l->j = j;
    l->erase_version = remap_erase_version(j->remap);
    build_init(&l->build);
    return l;
}

static void keep(JourneyLoad *l, Segment *s)
{
    if (l->n == l->cap) {
        l->cap = l->cap * 2 + 16;
        l->made = realloc(l->made, l->cap * sizeof(Segment *));
        if (l->made == NULL)
            base_out_of_memory(l->cap);
    }
    l->made[l->n++] = s;
}

static Status cut(JourneyLoad *l, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Segment                  *s;
    if (l->build.n == 0)
        return ST_OK;
    arena_init(&a, 1024);
    uint64_t number = store_number(l->j);
    TRY(build_segment(&l->build, l->j->remap, l->erase_version, store_path(l->j, &a, number),
                      number, &s, err));
    keep(l, s);
    build_clear(&l->build);
    l->known = false;
    return ST_OK;
}

static Status room(JourneyLoad *l, Err *err)
{
    if (l->j->log == NULL)
        return err_set(err, ST_CONFLICT, "journey.in_use", "opened for reading only");
    if (l->build.n < LOAD_ROWS && build_bytes(&l->build) < LOAD_BYTES)
        return ST_OK;
    return cut(l, err);
}

Status journey_load_add(JourneyLoad *l, const JourneyEvent *events, size_t n, Err *err)
{
    for (size_t i = 0; i < n; i++) {
        TRY(event_check(&events[i], err));
        if (i % 256 == 0)
            TRY(room(l, err));
        build_event(&l->build, &events[i]);
    }
    return ST_OK;
}

/* --- records of the workload --------------------------------------------------------- */

enum { PAGE, CHANNEL, COUNTRY, PRODUCT, REVENUE };

static uint32_t coded(Space *s, size_t column, const char *text)
{
    return dict_put(&s->columns[column]->dict, str_from_cstr(text));
}

static void know(JourneyLoad *l)
{
    static const char *const NAMES[] = {"Page Viewed", "Product Viewed", "Product Added",
                                        "Checkout Started", "Order Completed"};
    static const char *const PAGES[] = {"home",     "search",  "cart", "checkout",
                                        "thankyou", "account", "help", "product"};
    static const char *const CHANNELS[] = {"direct", "organic",   "paid_search", "email",
                                           "social", "affiliate", "referral",    "store"};
    Space                   *s = &l->build.space;
    l->bench[PAGE] = space_column(s, STR("page"), JOURNEY_TEXT);
    l->bench[CHANNEL] = space_column(s, STR("channel"), JOURNEY_TEXT);
    l->bench[COUNTRY] = space_column(s, STR("country"), JOURNEY_INT);
    l->bench[PRODUCT] = space_column(s, STR("product_id"), JOURNEY_INT);
    l->bench[REVENUE] = space_column(s, STR("revenue"), JOURNEY_INT);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        l->names[i + 1] = dict_put(&s->names, str_from_cstr(NAMES[i]));
    for (size_t i = 0; i < COUNT_OF(PAGES); i++)
        l->pages[i + 1] = coded(s, l->bench[PAGE], PAGES[i]);
    for (size_t i = 10; i < 50; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "category-%d", (int)i);
        l->pages[i] = coded(s, l->bench[PAGE], text);
    }
    for (size_t i = 0; i < COUNT_OF(CHANNELS); i++)
        l->channels[i + 1] = coded(s, l->bench[CHANNEL], CHANNELS[i]);
    l->known = true;
}

typedef struct Bench {
    uint32_t ts, user, product, revenue;
    uint8_t  event, page, channel, country;
} Bench;
_Static_assert(sizeof(Bench) == 20, "a record of the workload is 20 bytes");

static Status add_bench(JourneyLoad *l, const Bench *r, Err *err)
{
    Build *b = &l->build;
    size_t row = b->n;
    if (r->user == 0 || r->event < 1 || r->event > 5 || r->channel < 1 || r->channel > 8 ||
        r->page >= COUNT_OF(l->pages) || l->pages[r->page] == 0)
        return err_set(err, ST_INVALID, "journey.bad_file", "record %lld is out of range",
                       (long long)l->records + 1);
    build_row(b, r->user, (int64_t)r->ts * 1000, l->names[r->event]);
    build_value(b, l->bench[PAGE], row, l->pages[r->page]);
    build_value(b, l->bench[CHANNEL], row, l->channels[r->channel]);
    build_value(b, l->bench[COUNTRY], row, r->country);
    if (r->product != 0)
        build_value(b, l->bench[PRODUCT], row, r->product);
    if (r->event == 5)
        build_value(b, l->bench[REVENUE], row, r->revenue);
    return ST_OK;
}

Status journey_load_bench(JourneyLoad *l, Str records, Err *err)
{
    if (records.len % sizeof(Bench) != 0)
        return err_set(err, ST_INVALID, "journey.bad_file", "records are 20 bytes long");
    for (size_t at = 0; at < records.len; at += sizeof(Bench)) {
        Bench r;
        if (at % (sizeof(Bench) * 256) == 0)
            TRY(room(l, err));
        if (!l->known)
            know(l);
        memcpy(&r, records.ptr + at, sizeof r);
        TRY(add_bench(l, &r, err));
        l->records++;
    }
    return ST_OK;
}

/* --- the end ------------------------------------------------------------------------- */

static Status merge_all(JourneyLoad *l, Err *err)
{
    CLEANUP(arena_done) Arena a = {0};
    Segment                  *made;
    if (l->n < 2)
        return ST_OK;
    arena_init(&a, 1024);
    uint64_t number = store_number(l->j);
    TRY(merge_segments(l->j, l->made, l->n, store_path(l->j, &a, number), number, &made, err));
    for (size_t i = 0; i < l->n; i++) {
        atomic_store(&l->made[i]->condemned, true);
        segment_unref(l->made[i]);
    }
    l->n = made != NULL;
    l->made[0] = made;
    return ST_OK;
}

static Status commit(JourneyLoad *l, Err *err)
{
    TRY(cut(l, err));
    build_clear(&l->build);
    TRY(merge_all(l, err));
    TRY(disk_sync_dir(l->j->dir, err));
    Status st = l->n > 0 ? store_insert(l->j, l->made, l->n, err) : ST_OK;
    for (size_t i = 0; i < l->n && st != ST_OK; i++)
        segment_unref(l->made[i]); /* the files stay: a manifest that failed late may name them */
    l->n = 0;                      /* the store's now */
    return st;
}

Status journey_load_end(JourneyLoad *l, bool commit_it, Err *err)
{
    Status st = commit_it ? commit(l, err) : ST_OK;
    for (size_t i = 0; i < l->n; i++) {
        atomic_store(&l->made[i]->condemned, true);
        segment_unref(l->made[i]);
    }
    build_done(&l->build);
    free(l->made);
    free(l);
    return st;
}
