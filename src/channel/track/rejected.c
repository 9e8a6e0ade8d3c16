#include "channel/track/rejected.h"

#include "base/id.h"
#include "channel/track/collect.h"
#include "channel/track/track_int.h"
#include "channel/track/track_sql.h"
#include "people/journey_store.h"

enum { AT_ONCE = 500 };

static const ShapeField FIELDS[] = {
    SHAPE_ID(TrackRejected, id, "rej"),
    SHAPE_ID(TrackRejected, key_id, "trk", .doc = "The write key that it came with."),
    SHAPE_TEXT(TrackRejected, format, .doc = "segment, ga4 or matomo."),
    SHAPE_TEXT(TrackRejected, reason),
    SHAPE_TEXT(TrackRejected, raw, .max = SINK_RAW_MAX, .doc = "As it came."),
    SHAPE_BOOL(TrackRejected, cut, .doc = "Only its beginning was kept."),
    SHAPE_TIME(TrackRejected, at),
};
const Shape track_rejected_shape = SHAPE_OF(TrackRejected, "RejectedMessage", FIELDS,
                                            .doc = "A message that could not be understood.");

static const ShapeField REASON_FIELDS[] = {
    SHAPE_TEXT(TrackReason, reason),
    SHAPE_INT(TrackReason, n, .doc = "How many are kept aside for it."),
    SHAPE_TIME(TrackReason, first),
    SHAPE_TIME(TrackReason, last),
};
const Shape track_reason_shape = SHAPE_OF(TrackReason, "RejectedReason", REASON_FIELDS,
                                          .doc = "Why messages could not be understood.");

/* --- keeping --------------------------------------------------------------------------------- */

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

static int64_t number_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_NUMBER && m->integer ? m->i64 : 0;
}

/* No column takes a NUL byte. */
static Str without_nul(Arena *a, Str s)
{
    if (s.len == 0 || memchr(s.ptr, 0, s.len) == NULL)
        return s;
    char *p = arena_array(a, char, s.len);
    for (size_t i = 0; i < s.len; i++)
        p[i] = s.ptr[i] != 0 ? s.ptr[i] : ' ';
    return (Str){p, s.len};
}

Status rejected_keep(Cx *cx, int64_t place, const JsonValue *record)
{
    const JsonValue *cut = json_get(record, STR("cut"));
    TrackRejectedRow row = {.id = id_new(),
                            .place = place,
                            .key_id = number_of(record, "key"),
                            .format = text_of(record, "format"),
                            .reason = text_of(record, "reason"),
                            .raw = without_nul(cx->arena, text_of(record, "raw")),
                            .cut = cut != NULL && cut->boolean,
                            .at_ms = {number_of(record, "at")}};
    return track_sql_rejected_add(cx, &row, NULL);
}

/* --- of whom nothing may be kept ---------------------------------------------------------------
 */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("@._+-", c) != NULL) || (unsigned char)c >= 0x80;
}

static bool names(Arena *a, int ns, Str word)
{
    Str value;
    return people_normalise(a, ns, word, &value) &&
           !people_journey_takes(people_subject(ns, value));
}

static bool names_forgotten(Arena *a, Str word)
{
    if (word.len < 3 || word.len > JOURNEY_MESSAGE_MAX)
        return false;
    return names(a, PEOPLE_USER_ID, word) || names(a, PEOPLE_ANONYMOUS_ID, word) ||
           (memchr(word.ptr, '@', word.len) != NULL && names(a, PEOPLE_EMAIL, word)) ||
           ((word.ptr[0] == '+' || word.ptr[0] == '0') && names(a, PEOPLE_PHONE, word));
}

/* What it is was not understood, so whose it is may stand anywhere: each word is looked up, and
 * what stands between quotes. */
static bool is_of_forgotten(Arena *a, Str raw)
{
    for (size_t at = 0, to; at < raw.len; at = to + 1) {
        for (to = at; to < raw.len && is_word(raw.ptr[to]); to++)
            continue;
        if (names_forgotten(a, (Str){raw.ptr + at, to - at}))
            return true;
    }
    for (Str head, rest = raw; str_cut(rest, '"', &head, &rest);)
        if (names_forgotten(a, head))
            return true;
    return false;
}

static Status remove_tx(Cx *cx, void *arg)
{
    const PeopleIds *ids = arg;
    return track_sql_rejected_remove(cx, ids->items, ids->n, NULL);
}

Status rejected_forget(Cx *cx)
{
    TrackRejectedRowList rows = {.n = AT_ONCE};
    for (int64_t after = 0; rows.n == AT_ONCE;) {
        arena_reset(cx->arena);
        TRY(track_sql_rejected_page_back(cx, after, STR(""), AT_ONCE, &rows));
        PeopleIds ids = {.items = arena_array(cx->arena, int64_t, rows.n + 1)};
        for (size_t i = 0; i < rows.n; i++) {
            after = rows.items[i].id;
            if (is_of_forgotten(cx->arena, rows.items[i].raw))
                ids.items[ids.n++] = after;
        }
        if (ids.n > 0)
            TRY(cx_in_tx(cx, remove_tx, &ids));
    }
    return ST_OK;
}

Status rejected_prune(Cx *cx)
{
    bool    more;
    int64_t edge;
    TRY(track_sql_rejected_edge(cx, TRACK_REJECTED_MAX, &more, &edge));
    return more ? track_sql_rejected_prune(cx, edge, NULL) : ST_OK;
}

Status track_rejected_list(Cx *cx, const PeopleRange *range, Str reason, TrackRejectedList *ret)
{
    TrackRejectedRowList rows;
    if (range->backwards)
        TRY(track_sql_rejected_page_back(cx, range->id, reason, range->limit, &rows));
    else
        TRY(track_sql_rejected_page(cx, range->from ? range->id : INT64_MAX, reason, range->limit,
                                    &rows));
    TrackRejectedList list = {arena_array(cx->arena, TrackRejected, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const TrackRejectedRow *r = &rows.items[i];
        list.items[i] = (TrackRejected){.id = r->id,
                                        .format = r->format,
                                        .reason = r->reason,
                                        .raw = r->raw,
                                        .cut = r->cut,
                                        .at = r->at_ms};
        if (r->key_id != 0)
            list.items[i].key_id = opt_i64(r->key_id);
    }
    *ret = list;
    return ST_OK;
}

Status track_rejected_reasons(Cx *cx, TrackReasons *ret)
{
    TrackReasonRowList rows;
    TRY(track_sql_rejected_reasons(cx, TRACK_REASONS_MAX, &rows));
    *ret = (TrackReasons){arena_array(cx->arena, TrackReason, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        ret->items[i] = (TrackReason){.reason = rows.items[i].reason,
                                      .n = rows.items[i].n,
                                      .first = rows.items[i].first_ms,
                                      .last = rows.items[i].last_ms};
    return ST_OK;
}

/* --- once more ------------------------------------------------------------------------------- */

/* Without an id of its own it gets one of the row, so that replaying twice stores it once. */
static void name_message(Cx *cx, const TrackRejectedRow *r, Sink *s)
{
    if (s->n == 1 && s->events[0].message.len == 0)
        s->events[0].message = id_format(cx->arena, "rej", r->id);
}

static Status read_again(Cx *cx, const TrackRejectedRow *r, Sink **ret)
{
    const TrackKey *key = track_key_by_id(r->key_id);
    Sink           *s = sink_begin(cx->arena, r->at_ms, key, "segment");
    MessageBody     head = {0};
    Err             err = {0};
    *ret = NULL;
    if (key == NULL || r->cut)
        return ST_OK;
    s->replay = true;
    Status st = ST_INVALID;
    if (str_eq(r->format, STR("segment")))
        st = message_body(s, r->raw, &head, (MessageOf){0}, &err);
    else if (str_eq(r->format, STR("ga4")))
        st = ga4_body(s, r->raw, &err);
    else if (str_eq(r->format, STR("gtag")))
        ga4_hit(s, r->raw, STR(""), STR("")), st = ST_OK;
    else if (str_eq(r->format, STR("matomo")))
        matomo_hit(s, r->raw, &(MatomoOf){0}), st = ST_OK;
    if (st == ST_OK && s->rejected == 0)
        *ret = s;
    return ST_OK;
}

static Status one_again(Cx *cx, const TrackRejectedRow *r, TrackReplayed *sum, bool *ret_done)
{
    Sink *s;
    TRY(read_again(cx, r, &s));
    *ret_done = s != NULL;
    if (s == NULL) {
        sum->left++;
        return ST_OK;
    }
    name_message(cx, r, s);
    int64_t stored;
    TRY(collect_now(cx, s, &stored));
    sum->stored += stored;
    sum->refused += s->refused;
    return ST_OK;
}

static Status some_again(Cx *cx, const TrackRejectedRowList *rows, TrackReplayed *sum)
{
    PeopleIds done = {.items = arena_array(cx->arena, int64_t, rows->n + 1)};
    for (size_t i = 0; i < rows->n; i++) {
        bool gone;
        TRY(one_again(cx, &rows->items[i], sum, &gone));
        if (gone)
            done.items[done.n++] = rows->items[i].id;
    }
    return done.n > 0 ? cx_in_tx(cx, remove_tx, &done) : ST_OK;
}

/* The next ones after `*after`, in memory of their own. *ret_more false: these were the last. */
static Status next_again(Cx *cx, Str reason, int64_t *after, TrackReplayed *sum, bool *ret_more)
{
    TrackRejectedRowList      rows;
    Arena                    *own = cx->arena;
    CLEANUP(arena_done) Arena work;
    arena_init(&work, 64 << 10);
    cx->arena = &work;
    Status st = track_sql_rejected_page_back(cx, *after, reason, AT_ONCE, &rows);
    if (st == ST_OK && rows.n > 0) {
        *after = rows.items[rows.n - 1].id;
        st = some_again(cx, &rows, sum);
    }
    *ret_more = st == ST_OK && rows.n == AT_ONCE;
    cx->arena = own;
    return st;
}

Status track_rejected_replay(Cx *cx, const TrackWhich *which, TrackReplayed *ret)
{
    int64_t after = 0;
    *ret = (TrackReplayed){0};
    if (which->ids.n > 0) {
        TrackRejectedRowList rows;
        TRY(track_sql_rejected_some(cx, which->ids.items, which->ids.n, AT_ONCE, &rows));
        return some_again(cx, &rows, ret);
    }
    for (bool more = true; more;)
        TRY(next_again(cx, which->reason, &after, ret, &more));
    return ST_OK;
}

static Status remove_reason_tx(Cx *cx, void *arg)
{
    return track_sql_rejected_remove_reason(cx, *(const Str *)arg, NULL);
}

Status track_rejected_remove(Cx *cx, const TrackWhich *which)
{
    TrackWhich own = *which;
    if (own.ids.n > 0)
        return cx_in_tx(cx, remove_tx, &own.ids);
    return own.reason.len > 0 ? cx_in_tx(cx, remove_reason_tx, &own.reason) : ST_OK;
}
