#include "channel/track/key.h"

#include "base/codec.h"
#include "base/id.h"
#include "base/map.h"
#include "channel/track/track_sql.h"
#include "core/audit.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

const char *const track_kind_names[] = {"browser", "server", NULL};

#define KEY_LIMITS                                                                                 \
    SHAPE_TEXTS(TrackKeyInput, aliases, .max = 20, .item_max = 64,                                 \
                .doc = "Other names it is known by: a GA4 measurement id, a Matomo site id."),     \
        SHAPE_TEXTS(TrackKeyInput, origins, .max = 50, .item_max = 255,                            \
                    .doc = "Pages that may use it: https://shop.example; none: all."),             \
        SHAPE_INT(TrackKeyInput, per_minute, .max = SHAPE_INT_MAX,                                 \
                  .doc = "Events per minute at most; 0: no limit.")

static const ShapeField INPUT_FIELDS[] = {
    SHAPE_TEXT(TrackKeyInput, name, .min = 1, .max = 100, .flags = SHAPE_REQUIRED | SHAPE_LINE),
    SHAPE_ENUM(TrackKeyInput, kind, track_kind_names,
               .doc = "server: it is kept secret, so that its claims about people are believed."),
    KEY_LIMITS,
};
const Shape track_key_input_shape =
    SHAPE_OF_PATCH(TrackKeyInput, "WriteKeyInput", INPUT_FIELDS, .doc = "A source of events.");

static const ShapeField FIELDS[] = {
    SHAPE_ID(TrackKeyView, id, "trk"),
    SHAPE_TEXT(TrackKeyView, name),
    SHAPE_TEXT(TrackKeyView, write_key, .doc = "What the tracker is configured with."),
    SHAPE_ENUM(TrackKeyView, kind, track_kind_names),
    SHAPE_TEXTS(TrackKeyView, aliases),
    SHAPE_TEXTS(TrackKeyView, origins),
    SHAPE_INT(TrackKeyView, per_minute),
    SHAPE_BOOL(TrackKeyView, own, .doc = "The shop's own pages use it."),
    SHAPE_INT(TrackKeyView, rev),
    SHAPE_TIME(TrackKeyView, created_at),
    SHAPE_TIME(TrackKeyView, updated_at),
    SHAPE_TIME(TrackKeyView, revoked_at),
};
const Shape track_key_shape =
    SHAPE_OF(TrackKeyView, "WriteKey", FIELDS, .doc = "A source of events, and its limits.");

typedef struct Changed {
    int64_t id;
} Changed;
static const ShapeField CHANGED_FIELDS[] = {SHAPE_ID(Changed, id, "trk")};
static const Shape      CHANGED =
    SHAPE_OF(Changed, "WriteKeyChanged", CHANGED_FIELDS, .doc = "A write key changed.");
const EventType track_key_changed = {"track.key_changed", 1, &CHANGED,
                                     "A write key was made, changed or revoked."};

/* --- in memory ------------------------------------------------------------------------------- */

typedef struct Table {
    Arena         arena;
    Map           by_text;
    TrackKey     *keys;
    size_t        n;
    struct Table *older;
} Table;

static _Atomic(Table *) table;

const TrackKey *track_key_find(Str text)
{
    const Table    *t = atomic_load_explicit(&table, memory_order_acquire);
    const MapValue *v = t != NULL && text.len > 0 ? map_get(&t->by_text, text) : NULL;
    return v != NULL ? v->p : NULL;
}

const TrackKey *track_key_by_id(int64_t id)
{
    const Table *t = atomic_load_explicit(&table, memory_order_acquire);
    for (size_t i = 0; t != NULL && i < t->n; i++)
        if (t->keys[i].id == id)
            return &t->keys[i];
    return NULL;
}

const TrackKey *track_key_own(void)
{
    const Table *t = atomic_load_explicit(&table, memory_order_acquire);
    for (size_t i = 0; t != NULL && i < t->n; i++)
        if (t->keys[i].own)
            return &t->keys[i];
    return NULL;
}

bool track_key_allows(const TrackKey *key, Str origin)
{
    if (key->origins.n == 0 || origin.len == 0)
        return true;
    for (size_t i = 0; i < key->origins.n; i++)
        if (str_eq_nocase(key->origins.items[i], origin))
            return true;
    return false;
}

static PeopleTexts texts_of(Arena *a, Str json)
{
    PeopleTexts      list = {0};
    const JsonValue *v;
    Err              err;
    if (json_parse(a, str_dup(a, json), &v, &err) != ST_OK || v->type != JSON_ARRAY)
        return list;
    list.items = arena_array(a, Str, v->n + 1);
    for (uint32_t i = 0; i < v->n; i++)
        list.items[list.n++] = str_dup(a, v->items[i].text);
    return list;
}

static Str texts_json(Arena *a, const PeopleTexts *list)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 64 << 10);
    Json j = json_begin(&b);
    json_arr(&j, NULL);
    for (size_t i = 0; i < list->n; i++)
        json_str(&j, NULL, list->items[i]);
    json_end(&j);
    return str_dup(a, buf_str(&b));
}

static void put(Table *t, const TrackKeyRow *r)
{
    TrackKey *k = &t->keys[t->n++];
    *k = (TrackKey){.id = r->id,
                    .text = str_dup(&t->arena, r->write_key),
                    .kind = (TrackKind)r->kind,
                    .aliases = texts_of(&t->arena, r->aliases),
                    .origins = texts_of(&t->arena, r->origins),
                    .per_minute = r->per_minute,
                    .own = r->own};
    map_put(&t->by_text, k->text, NULL)->p = k;
    if (k->aliases.n == 0)
        return;
    TrackKey *other = arena_new(&t->arena, TrackKey);
    *other = *k;
    other->by_alias = true;
    for (size_t i = 0; i < k->aliases.n; i++)
        map_put(&t->by_text, k->aliases.items[i], NULL)->p = other;
}

Status track_keys_load(Cx *cx)
{
    TrackKeyRowList rows;
    TRY(track_sql_key_all(cx, TRACK_KEYS_MAX, &rows));
    Table *t = calloc(1, sizeof *t);
    if (t == NULL)
        base_out_of_memory(sizeof *t);
    arena_init(&t->arena, 4096);
    map_init(&t->by_text, &t->arena, rows.n * 2);
    t->keys = arena_array(&t->arena, TrackKey, rows.n + 1);
    for (size_t i = 0; i < rows.n; i++)
        if (!rows.items[i].revoked_ms.has)
            put(t, &rows.items[i]);
    t->older = atomic_load(&table);
    while (!atomic_compare_exchange_weak(&table, &t->older, t))
        ;
    return ST_OK;
}

void track_keys_free(void)
{
    for (Table *t = atomic_exchange(&table, NULL), *older; t != NULL; t = older) {
        older = t->older;
        arena_done(&t->arena);
        free(t);
    }
}

/* --- changing -------------------------------------------------------------------------------- */

static TrackKeyView view_of(Arena *a, const TrackKeyRow *r)
{
    return (TrackKeyView){.id = r->id,
                          .name = r->name,
                          .write_key = r->write_key,
                          .kind = r->kind,
                          .aliases = texts_of(a, r->aliases),
                          .origins = texts_of(a, r->origins),
                          .per_minute = r->per_minute,
                          .own = r->own,
                          .rev = r->rev,
                          .created_at = r->created_ms,
                          .updated_at = r->updated_ms,
                          .revoked_at = r->revoked_ms};
}

Status track_key_list(Cx *cx, TrackKeyViews *ret)
{
    TrackKeyRowList rows;
    TRY(track_sql_key_all(cx, TRACK_KEYS_MAX, &rows));
    TrackKeyViews list = {arena_array(cx->arena, TrackKeyView, rows.n + 1), rows.n};
    for (size_t i = 0; i < rows.n; i++)
        list.items[i] = view_of(cx->arena, &rows.items[i]);
    *ret = list;
    return ST_OK;
}

Status track_key_get(Cx *cx, int64_t id, TrackKeyView *ret)
{
    TrackKeyRow row;
    TRY(track_sql_key_get(cx, id, &row));
    *ret = view_of(cx->arena, &row);
    return ST_OK;
}

/* No two keys may answer to the same name. */
static Status check_aliases(Cx *cx, int64_t id, const PeopleTexts *aliases)
{
    TrackKeyRowList rows;
    TRY(track_sql_key_all(cx, TRACK_KEYS_MAX, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        PeopleTexts theirs = texts_of(cx->arena, rows.items[i].aliases);
        if (rows.items[i].id == id || rows.items[i].revoked_ms.has)
            continue;
        for (size_t k = 0; k < aliases->n; k++) {
            bool taken = str_eq(aliases->items[k], rows.items[i].write_key);
            for (size_t m = 0; m < theirs.n && !taken; m++)
                taken = str_eq(aliases->items[k], theirs.items[m]);
            if (taken)
                return cx_fail(cx, ST_CONFLICT, "track.alias_taken",
                               "another key is known as \"" STR_FMT "\"",
                               STR_ARG(aliases->items[k]));
        }
    }
    return ST_OK;
}

typedef struct Change {
    int64_t              id, rev;
    const TrackKeyInput *in;
    bool                 own;
    TrackKeyRow          row;
} Change;

static Str new_key(Arena *a)
{
    unsigned char         bytes[TRACK_KEY_LEN / 4 * 3];
    CLEANUP(buf_done) Buf b;
    buf_init(&b, 256);
    randombytes_buf(bytes, sizeof bytes);
    codec_add_base64(&b, CODEC_BASE64URL, (Str){(const char *)bytes, sizeof bytes});
    return str_dup(a, buf_str(&b));
}

static Status told(Cx *cx, const char *what, const TrackKeyRow *before, const TrackKeyRow *after)
{
    TrackKeyView a, b = view_of(cx->arena, after);
    if (before != NULL)
        a = view_of(cx->arena, before);
    TRY(audit_add(cx, "track.key", after->id, what, &track_key_shape, before != NULL ? &a : NULL,
                  &b));
    return event_tell(cx, &track_key_changed, after->id, &(Changed){after->id});
}

static Status add_tx(Cx *cx, void *arg)
{
    Change *c = arg;
    int64_t n;
    TRY(track_sql_key_count(cx, &n));
    if (n >= TRACK_KEYS_MAX)
        return cx_fail(cx, ST_LIMIT, "track.too_many_keys", "at most %d keys", TRACK_KEYS_MAX);
    if (c->own && n > 0)
        return ST_OK;
    TRY(check_aliases(cx, 0, &c->in->aliases));
    c->row = (TrackKeyRow){.id = id_new(),
                           .name = c->in->name,
                           .write_key = new_key(cx->arena),
                           .kind = c->in->kind,
                           .aliases = texts_json(cx->arena, &c->in->aliases),
                           .origins = texts_json(cx->arena, &c->in->origins),
                           .per_minute = c->in->per_minute,
                           .own = c->own,
                           .rev = 1,
                           .created_ms = cx->now,
                           .updated_ms = cx->now};
    TRY(track_sql_key_add(cx, &c->row, NULL));
    return told(cx, "create", NULL, &c->row);
}

Status track_key_add(Cx *cx, const TrackKeyInput *in, TrackKeyView *ret)
{
    Change c = {.in = in};
    TRY(cx_in_tx(cx, add_tx, &c));
    *ret = view_of(cx->arena, &c.row);
    return track_keys_load(cx);
}

Status track_keys_begin(Cx *cx)
{
    TrackKeyInput in = {.name = STR("This shop"), .kind = TRACK_BROWSER};
    Change        c = {.in = &in, .own = true};
    int64_t       n;
    TRY(track_sql_key_count(cx, &n));
    if (n == 0)
        TRY(cx_in_tx(cx, add_tx, &c));
    return track_keys_load(cx);
}

static Status update_tx(Cx *cx, void *arg)
{
    Change              *c = arg;
    const TrackKeyInput *in = c->in;
    TrackKeyRow          before;
    int64_t              n;
    TRY(track_sql_key_get(cx, c->id, &before));
    if (c->rev != 0 && c->rev != before.rev)
        return cx_fail(cx, ST_STALE, "track.stale", "the key has changed meanwhile");
    TrackKeyRow after = before;
    if (SHAPE_GIVEN(&track_key_input_shape, TrackKeyInput, in, name))
        after.name = in->name;
    if (SHAPE_GIVEN(&track_key_input_shape, TrackKeyInput, in, kind))
        after.kind = in->kind;
    if (SHAPE_GIVEN(&track_key_input_shape, TrackKeyInput, in, aliases)) {
        TRY(check_aliases(cx, c->id, &in->aliases));
        after.aliases = texts_json(cx->arena, &in->aliases);
    }
    if (SHAPE_GIVEN(&track_key_input_shape, TrackKeyInput, in, origins))
        after.origins = texts_json(cx->arena, &in->origins);
    if (SHAPE_GIVEN(&track_key_input_shape, TrackKeyInput, in, per_minute))
        after.per_minute = in->per_minute;
    TRY(track_sql_key_set(cx,
                          &(TrackKeyChange){.id = after.id,
                                            .rev = before.rev,
                                            .name = after.name,
                                            .kind = after.kind,
                                            .aliases = after.aliases,
                                            .origins = after.origins,
                                            .per_minute = after.per_minute,
                                            .now = cx->now},
                          &n));
    ASSERT(n == 1);
    after.rev++;
    after.updated_ms = cx->now;
    c->row = after;
    return told(cx, "update", &before, &after);
}

Status track_key_update(Cx *cx, int64_t id, int64_t rev, const TrackKeyInput *in, TrackKeyView *ret)
{
    Change c = {.id = id, .rev = rev, .in = in};
    TRY(cx_in_tx(cx, update_tx, &c));
    *ret = view_of(cx->arena, &c.row);
    return track_keys_load(cx);
}

static Status revoke_tx(Cx *cx, void *arg)
{
    const int64_t *id = arg;
    TrackKeyRow    before, after;
    TRY(track_sql_key_get(cx, *id, &before));
    if (before.revoked_ms.has)
        return ST_OK;
    TRY(track_sql_key_revoke(cx, *id, cx->now, NULL));
    TRY(track_sql_key_get(cx, *id, &after));
    return told(cx, "revoke", &before, &after);
}

Status track_key_revoke(Cx *cx, int64_t id)
{
    TRY(cx_in_tx(cx, revoke_tx, &id));
    return track_keys_load(cx);
}
