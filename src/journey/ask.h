/* ask.h - how a question is read, bound to a view, run and answered; inside the engine only.
 *
 * 1. The question's own file reads its members: it names selectors (which events) and fields
 *    (which values), by number.
 * 2. ask_bind() takes a snapshot, makes a view of the columns that were named, and turns names
 *    and filters into tables over codes.
 * 3. ask_run() walks all people, on several threads, each with a state of its own; the
 *    question's `run` is given stretches of people.
 * 4. The states are added up, in the order of the threads, and the answer is written. */
#pragma once

#include "base/civil.h"
#include "base/json_write.h"
#include "journey/store.h"
#include "journey/tally.h"

enum {
    ASK_SELECTORS = 64,
    ASK_FIELDS = 64,
    ASK_FILTERS = 32,
    ASK_STEPS = 20,
    ASK_DIDS = 8,
    ASK_GROUPS = 100000
};

/* A value of a field for which groups are made. Codes count from 1; 0: absent. */
typedef enum FieldKind {
    FIELD_EVENT,
    FIELD_TIME,
    FIELD_PERSON,
    FIELD_PROP,
    FIELD_SEGMENT, /* whether a condition holds */
    FIELD_MANY
} FieldKind;

typedef struct Filter Filter;

/* What people of a segment did: so many events of a selector of their own, which neither the
 * question's range nor its `where` touches. */
typedef struct Did {
    size_t  selector;
    int64_t least, most;
} Did;

typedef struct Field {
    FieldKind         kind;
    Str               path;                  /* without "person." */
    size_t            column[JOURNEY_TYPES]; /* of the space; SIZE_MAX: there is none */
    bool              plain;    /* one column of texts, or the name: codes are those of the space */
    size_t            texts;    /* plain: that column */
    Dict              dict;     /* otherwise: values as type and bytes; MANY: codes of the parts */
    Filter          **filters;  /* SEGMENT */
    size_t            nfilters; /* all of them hold */
    Did               did[ASK_DIDS]; /* SEGMENT: and all of this */
    size_t            ndid;
    bool              of_person;       /* the same for all events of a person */
    size_t            part[3], nparts; /* MANY */
    _Atomic uint32_t *pair; /* MANY, of plain parts with few codes: from these to the code */
    size_t            radix[3];
    pthread_mutex_t   lock;
} Field;

struct Filter {
    JourneyFilter        f;
    size_t               fields[ASK_FILTERS];
    bool                 person; /* looks at the person alone */
    _Atomic signed char *memo;   /* one plain field: by code; -1 not known, 0, 1 */
};

typedef struct Selector {
    bool      any; /* every name */
    Str      *names;
    size_t    nnames;
    Filter  **filters;
    size_t    nfilters;
    Str       label; /* for the answer */
    uint32_t *codes; /* bound: of the names that occur */
    size_t    ncodes;
    bool      everything; /* bound: every row, so no mask is needed */
    bool      apart;      /* of a Did: of this range instead of the question's */
    int64_t   from_ms, to_ms;
    bool      has_from, has_to;
    int64_t   from, to; /* bound: ticks */
} Selector;

/* of[tick >> shift] is the bucket of a tick, or the one before. */
typedef struct BucketGuess {
    unsigned  shift;
    uint32_t *of;
} BucketGuess;

/* Boundaries of days, weeks, ...: bucket k is [at[k], at[k + 1]) in ticks. */
typedef struct Buckets {
    size_t      n;
    int64_t    *at;    /* [n + 1] */
    int64_t    *at_ms; /* the same */
    BucketGuess guess;
    uint32_t   *coarse_at; /* [n + 2]: `at` in coarse ticks; NULL: they cannot tell */
    BucketGuess coarse;
} Buckets;

typedef enum Interval {
    BY_HOUR,
    BY_DAY,
    BY_WEEK,
    BY_MONTH,
    BY_QUARTER,
    BY_YEAR,
    BY_NOTHING
} Interval;

typedef struct Ask Ask;

typedef struct AskState AskState; /* a question's own, one per thread */

typedef struct AskKind {
    const char *name;
    const char *members; /* that it has besides those of all questions, each followed by a blank */
    const char *cell;    /* what names a cell of its answer, alike */
    Status (*read)(Ask *q, Err *err);         /* sets q->own */
    Status (*bound)(Ask *q, Err *err);        /* after binding; may be NULL */
    size_t state_size;                        /* per thread, zeroed */
    void (*state_begin)(Ask *q, void *state); /* may be NULL */
    void (*state_done)(void *state);          /* what it holds; may be NULL */
    Status (*run)(Ask *q, void *state, Slab *s, size_t first, size_t end, Err *err);
    void (*add)(Ask *q, void *into, void *from);
    Status (*answer)(Ask *q, void *state, Json *out, Err *err);
} AskKind;

struct Ask {
    Journey          *j;
    const JourneyAsk *options;
    Arena            *arena;
    const JsonValue  *json;
    const AskKind    *kind;
    void             *own; /* the question as its file read it */

    Selector *selectors;
    size_t    nselectors;
    Field    *fields;
    size_t    nfields;
    Filter  **person; /* conditions on people alone: who fails them is passed over */
    size_t    nperson;
    Filter  **where; /* conditions on all events */
    size_t    nwhere;
    Did       did[ASK_DIDS]; /* what people must have done to count */
    size_t    ndid;

    Str     timezone;
    UnixMs  now;
    int64_t from_ms, to_ms; /* [from, to) */
    bool    has_from, has_to;
    int64_t back_ms; /* events so long before the range are looked at, too; INT64_MAX: all */
    double  sample;  /* 1: all */
    int64_t limit, people_limit;

    Snapshot snapshot;
    Patch    patch;
    Space    space;
    View     view;
    int64_t  from, to;       /* ticks that are looked at */
    int64_t  begin;          /* tick from which on the answer tells: the range */
    bool     all_rows;       /* neither range nor `where` leaves anything out */
    int64_t  people, events; /* in the range and the sample, for which `where` holds */

    /* trends with "compare": asked once more over an earlier range */
    bool    compares;
    int64_t compare_ms; /* how much earlier; 0: as much as the range is long */
    bool    earlier;    /* this is that second time: the range is set */

    /* question "people": who is behind a cell */
    bool             watching;
    const JsonValue *cell;
    pthread_mutex_t  watch_lock;
    int64_t         *watched;
    size_t           nwatched, cap_watched;
    int64_t          total_watched;
};

extern const AskKind ASK_TRENDS, ASK_FUNNEL, ASK_RETENTION, ASK_PATHS, ASK_SESSIONS,
    ASK_ATTRIBUTION, ASK_LIFECYCLE, ASK_STICKINESS;

/* --- reading ------------------------------------------------------------------------- */

Status ask_bad(Err *err, const char *member, const char *what);

/* What is wrong with something inside of the member: its pointer is put before the message. */
NODISCARD Status ask_within(Status st, const char *member, Err *err);

/* Members of the question, or of `v`. Absent ones leave *ret as it is. A member may be said with
 * where it is, "cell/step", for errors. */
NODISCARD Status ask_text(const JsonValue *v, const char *member, Str *ret, Err *err);
NODISCARD Status ask_i64(const JsonValue *v, const char *member, int64_t min, int64_t max,
                         int64_t *ret, Err *err);
NODISCARD Status ask_bool(const JsonValue *v, const char *member, bool *ret, Err *err);

/* "30 minutes", "7 days", or a number of seconds; in ms. */
NODISCARD Status ask_span(const JsonValue *v, const char *member, int64_t *ret, Err *err);
NODISCARD Status ask_interval(const JsonValue *v, const char *member, Interval *ret, Err *err);

/* Which of the names, which end with NULL; by number. */
/* Has the object only these members? `names` and `more` (or NULL): each followed by a blank. */
NODISCARD Status ask_members(const JsonValue *v, const char *in, const char *names,
                             const char *more, Err *err);
NODISCARD Status ask_choice(const JsonValue *v, const char *member, const char *const *names,
                            int *ret, Err *err);

/* "Name", ["Name", ...] or {"event": ..., "where": {...}, "name": label}; NULL: every event. */
NODISCARD Status ask_selector(Ask *q, const JsonValue *v, const char *member, size_t *ret,
                              Err *err);

/* The condition `where` of the whole question, and `segment`: whose journeys it is about. */
NODISCARD Status ask_where(Ask *q, Err *err);
NODISCARD Status ask_segment(Ask *q, Err *err);

/* [from, to) of an object by its members "from" and "to", or "last"; what is absent stays. */
typedef struct AskRange {
    int64_t from_ms, to_ms;
    bool    has_from, has_to;
} AskRange;
NODISCARD Status ask_range(Ask *q, const JsonValue *v, AskRange *ret, Err *err);

/* A field by its path; the same path gives the same number. */
NODISCARD Status ask_field(Ask *q, Str path, const char *member, size_t *ret, Err *err);
/* In their place, {"where": {...}, "did": ...}: whether that holds, of the event or the person. */
/* One to three of them as one field, whose values are lists when there are several; SIZE_MAX when
 * the member is absent. */
NODISCARD Status ask_by(Ask *q, const JsonValue *v, const char *member, size_t *ret, Err *err);
NODISCARD Status ask_fields(Ask *q, const JsonValue *v, const char *member, size_t max, size_t *ret,
                            size_t *ret_n, Err *err);

/* --- bound --------------------------------------------------------------------------- */

/* Rows of a slab that a selector takes, within range and `where`: a bit each; NULL: all. */
NODISCARD Status ask_rows(Ask *q, Slab *s, size_t selector, const uint64_t **ret, Err *err);

/* The rows of each, for ask_did(): did this person do all of it? */
NODISCARD Status ask_did_rows(Ask *q, Slab *s, const Did *did, size_t n, const uint64_t **ret,
                              Err *err);
bool ask_did(const Slab *s, const Did *did, size_t n, const uint64_t *const *rows, size_t person);

/* Of a stretch of people: adds how many have events that the question is about, and how many. */
NODISCARD Status ask_population(Ask *q, Slab *s, size_t first, size_t end, int64_t *people,
                                int64_t *events, Err *err);

/* Codes of a field, one per row, 4 bytes each. */
NODISCARD Status ask_codes(Ask *q, Slab *s, size_t field, const uint32_t **ret, Err *err);
/* The same as they lie in the slab, where the field is plain: *ret_size 1, 2 or 4; otherwise 4.
 * NULL: no row has a value. */
NODISCARD Status ask_raw_codes(Ask *q, Slab *s, size_t field, const void **ret, unsigned *ret_size,
                               Err *err);
size_t           ask_code_count(Ask *q, size_t field); /* codes are below; may grow while running */

/* Write the value of a code, as JSON. */
void           ask_write_code(Ask *q, size_t field, uint32_t code, const char *key, Json *out);
Str            ask_code_text(Ask *q, size_t field, uint32_t code, Arena *a); /* for ordering */
bool           ask_code_is(Ask *q, size_t field, uint32_t code, const JsonValue *v);
NODISCARD bool ask_find_code(Ask *q, size_t field, const JsonValue *v, uint32_t *ret);

/* --- what an answer lists: groups, entries, sources ------------------------------------- */

/* With room for element `i` and some more, of `size` bytes each; new ones are zero. `v`: malloc'd,
 * or NULL; *cap: how many it has. */
void *ask_room(void *v, size_t *cap, size_t i, size_t size);

/* The place of a value in a list. */
typedef struct AskRank {
    double   size;
    uint32_t code;
    Str      text; /* ask_code_text() */
} AskRank;

AskRank ask_rank(Ask *q, size_t field, uint32_t code, double size);

/* Largest first, equal ones by their text. Each item begins with its AskRank. */
void ask_sort(void *items, size_t n, size_t item_size);

/* --- groups that add up: each counted thing is in one ----------------------------------- */

/* One more in a cell of a group. ST_LIMIT "journey.too_big". */
NODISCARD Status ask_count_cell(Tally *t, uint32_t code, uint32_t cell, Err *err);

typedef struct AskGroups {
    size_t       by; /* field of the codes */
    const Tally *tally;
    uint32_t     cells;                                   /* of a group */
    bool (*sized)(const Ask *q, uint32_t cell);           /* does it count for the group's size? */
    void (*put)(Ask *q, const int64_t *cells, Json *out); /* the members of one */
} AskGroups;

/* "groups_total", "groups": as many as the limit allows, largest first; "other": the rest together.
 */
void ask_put_groups(Ask *q, const AskGroups *g, Json *out);

/* Is that group in the cell that is asked for? A cell that names none is in all. */
bool ask_cell_by(Ask *q, size_t field, uint32_t code);

/* The numbers of a field: INT and REAL columns. True: the row has one. */
NODISCARD Status ask_numbers(Ask *q, Slab *s, size_t field, Err *err); /* loads them */
bool             ask_number(const Ask *q, const Slab *s, size_t field, size_t row, double *ret,
                            int64_t *ret_int, bool *ret_integer);

/* Buckets of the range; with `before`, first the one before it. */
NODISCARD Status ask_buckets(Ask *q, Interval interval, bool before, Buckets *ret, Err *err);
void             ask_write_bucket(Ask *q, Interval interval, const Buckets *b, size_t k, Json *out);

/* So much before an instant: spans of whole days are days of the calendar in the question's time
 * zone, which may be an hour shorter or longer. */
NODISCARD Status ask_before(Ask *q, int64_t ms, int64_t span, int64_t *ret, Err *err);

/* When a day begins in the question's time zone. */
NODISCARD Status ask_midnight(Ask *q, CivilDate d, int64_t *ret, Err *err);

/* The buckets of rows [from, to) to out[from ...]. */
NODISCARD Status ask_row_buckets(const Buckets *b, Slab *s, size_t from, size_t to, uint32_t *out,
                                 Err *err);

static inline size_t bucket_of(const Buckets *b, int64_t tick)
{
    size_t k = b->guess.of[tick >> b->guess.shift];
    while (k + 1 < b->n && tick >= b->at[k + 1])
        k++;
    return k;
}

static inline int64_t ask_ticks(const Ask *q, int64_t ms) /* of a span, rounded down */
{
    return ms / q->view.unit;
}

/* Question "timeline": {"profile": N, "from", "to", "limit"}. */
NODISCARD Status ask_timeline(Ask *q, Str definition, Buf *to, Err *err);

/* Somebody is behind the cell that is asked for; said of the same person several times in a row, it
 * counts once. */
void ask_watch(Ask *q, Slab *s, size_t person);

/* --- bits ---------------------------------------------------------------------------- */

static inline bool bit_at(const uint64_t *m, size_t i)
{
    return m == NULL || (m[i >> 6] >> (i & 63) & 1) != 0;
}

/* The first set bit in [from, to), or `to`. */
static inline size_t bit_next(const uint64_t *m, size_t from, size_t to)
{
    if (m == NULL || from >= to)
        return from < to ? from : to;
    uint64_t word = m[from >> 6] >> (from & 63);
    if (word != 0) {
        from += (size_t)__builtin_ctzll(word);
        return from < to ? from : to;
    }
    for (from = (from | 63) + 1; from < to; from += 64)
        if (m[from >> 6] != 0) {
            from += (size_t)__builtin_ctzll(m[from >> 6]);
            return from < to ? from : to;
        }
    return to;
}

/* The last set bit in [from, to), or `to`. */
static inline size_t bit_last(const uint64_t *m, size_t from, size_t to)
{
    if (m == NULL)
        return from < to ? to - 1 : to;
    for (size_t at = to; at > from;) {
        size_t   w = (at - 1) >> 6;
        uint64_t word = m[w];
        if ((at & 63) != 0)
            word &= ((uint64_t)1 << (at & 63)) - 1;
        if (word != 0) {
            size_t found = (w << 6) + 63 - (size_t)__builtin_clzll(word);
            return found >= from ? found : to;
        }
        at = w << 6;
    }
    return to;
}

/* The bits of word w that are in [from, to). */
static inline uint64_t bits_between(size_t w, size_t from, size_t to)
{
    uint64_t low = w == from >> 6 ? UINT64_MAX << (from & 63) : UINT64_MAX;
    return w == to >> 6 ? low & (((uint64_t)1 << (to & 63)) - 1) : low;
}

/* out[word] gets a bit per row that has this code; `rows` are read in whole words. */
void bits_equal(uint64_t *out, const void *codes, unsigned size, uint32_t code, size_t rows,
                bool add);

/* The first row of each person, and the last. */
const uint64_t *bits_starts(Slab *s);
const uint64_t *bits_ends(Slab *s);

/* At the last row of each person: is any of the person's rows in m? One addition per word: what is
 * below a person's last row, added to ones, carries into that row unless it is all zero. */
void bits_any(uint64_t *out, const uint64_t *m, const uint64_t *ends, size_t words);

/* The bits of m where `at` has one, moved together; returns how many. */
size_t bits_gather(uint64_t *out, const uint64_t *m, const uint64_t *at, size_t words);

/* The rows that have a bit, ascending, and how many come before each word; returns how many. Room
 * for 64 rows more. For each word a line of `ahead` is fetched, which may be anything. */
size_t bits_list(uint32_t *out, uint32_t *before, const uint64_t *m, size_t words,
                 const void *ahead);

/* Rows whose number differs from that of the row before; the first row does. */
void bits_differ(uint64_t *out, const uint32_t *v, size_t rows);

/* The gaps between neighbouring rows that are longer than `gap`, as 32-bit differences, also from
 * one person to the next: a bit for the row after each (row 0 has none), how many come before each
 * word, and sums[k] the first k together, wrapping. `words` has room for one more than the rows
 * fill, `sums` and `ticks` for 64 elements more. */
typedef struct GapWord {
    uint64_t bits, before;
} GapWord;
typedef struct LongGaps {
    GapWord  *words;
    uint32_t *sums;
    int64_t  *wide; /* in place of `sums` */
} LongGaps;
void gaps_long(const LongGaps *to, const uint32_t *ticks, uint32_t gap, size_t rows);
void gaps_long_wide(const LongGaps *to, const int64_t *ticks, int64_t gap, size_t rows);

/* Ticks as they stand in a block: in steps of `scale` of them, less some number that is the same
 * for all. */
typedef struct PackedTicks {
    const unsigned char *p, *ahead; /* ahead: those of the next block */
    unsigned             width;
    int64_t              scale;
} PackedTicks;

/* False: they do not stand so simply, or in more bits than `most` (56 at most), or slab_time() has
 * read them. After slab_time_some(). */
NODISCARD bool packed_ticks(Slab *s, unsigned most, PackedTicks *ret);

/* gaps_long() of at most 25 bits without unpacking them first; false: not on this processor. */
NODISCARD bool gaps_packed_wide(const LongGaps *to, const PackedTicks *ticks, int64_t gap,
                                size_t rows);
NODISCARD bool gaps_packed(const LongGaps *to, const PackedTicks *ticks, uint32_t gap, size_t rows);

static inline uint32_t packed_tick(const PackedTicks *t, size_t row)
{
    return (uint32_t)pack_get(t->p, t->width, row);
}

/* Rows whose tick is at least `bound`; narrow ticks. */
void bits_from(uint64_t *out, const uint32_t *ticks, uint32_t bound, size_t rows);

/* A bit per row: t[i] - t[i - 1] > gap, and 0 for the first; at the first row of a person it means
 * nothing. Narrow or wide ticks. */
void bits_gaps(uint64_t *out, const Slab *s, int64_t gap);

/* Room for one bit per row, kept for as long as the slab's content; slots 0 to 5. *ret_fresh: it is
 * to be filled. */
uint64_t *kept_bits(Slab *s, size_t slot, bool *ret_fresh);

/* --- sums of sessions ---------------------------------------------------------------- */

typedef struct SessionSums {
    int64_t people, sessions, ticks, most, often;
    int64_t person_seconds; /* sum over people of floor(seconds / sessions) */
} SessionSums;
void session_sums_add(SessionSums *a, const SessionSums *b);

typedef struct SessionRoom { /* to work in; zero at first */
    size_t    rows;
    LongGaps  gaps; /* of the slab `serial` */
    uint64_t  serial;
    int64_t   scale;  /* of the packed ticks that the gaps are of; 0: of unpacked ones */
    uint64_t *people; /* of a stretch: sessions, and from bit 32 on their ticks; wide: sessions */
    int64_t  *ticks;  /* wide: their ticks */
} SessionRoom;
void session_room_done(SessionRoom *room);

typedef struct SessionRows {
    Slab        *slab;
    int64_t      gap;   /* ticks; less than 2^32 where they are narrow */
    int64_t      often; /* people with that many sessions are counted */
    int64_t      unit;  /* ms of a tick */
    SessionRoom *room;
} SessionRows;

/* Adds the sessions of all events of the people from `first` to before `end`. */
NODISCARD Status session_sums(const SessionRows *r, size_t first, size_t end, SessionSums *sums,
                              Err *err);

/* --- ordered funnels, by their rows -------------------------------------------------- */

typedef struct FunnelBits { /* a bit per row */
    uint64_t *m;            /* in `room`, where an empty word is in front */
    uint32_t *before;       /* how many there are before each word */
    uint64_t *room;
} FunnelBits;

typedef struct FunnelBegun { /* where a chain begins */
    int64_t row, tick;
} FunnelBegun;

typedef struct FunnelRoom { /* to work in; zero at first */
    size_t       rows;
    FunnelBits   bits[3];
    uint32_t    *list;
    FunnelBegun *begun[2];
} FunnelRoom;
void funnel_room_done(FunnelRoom *room);

typedef struct FunnelRows {
    Slab                  *slab;
    int64_t                window; /* ticks */
    const uint64_t        *ends;   /* bits_ends() */
    const uint64_t *const *step;   /* rows of each step */
    size_t                 nsteps;
    FunnelRoom            *room;
    PackedTicks            packed; /* set within */
} FunnelRows;

/* Of the people from `first` to before `end`, adds to people[k] how many reach step k. */
NODISCARD Status funnel_rows(FunnelRows *r, size_t first, size_t end, int64_t *people, Err *err);
