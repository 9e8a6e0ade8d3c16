#include "people/identity_int.h"

#include "base/id.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static const ShapeField TRAIT_FIELDS[] = {
    SHAPE_ID(PeopleTrait, id, "trt"),
    SHAPE_ID(PeopleTrait, identifier_id, "idn", .doc = "What it was told about."),
    SHAPE_TEXT(PeopleTrait, name),
    SHAPE_JSON(PeopleTrait, value, .doc = "null: it was taken back."),
    SHAPE_BOOL(PeopleTrait, verified, .doc = "Outweighs what is merely claimed."),
    SHAPE_BOOL(PeopleTrait, current, .doc = "Does it count for this identifier?"),
    SHAPE_TEXT(PeopleTrait, source, .doc = "Where it came from."),
    SHAPE_TIME(PeopleTrait, at),
};
const Shape people_trait_shape =
    SHAPE_OF(PeopleTrait, "Trait", TRAIT_FIELDS, .doc = "Something that was told of a customer.");

/* Does `x` count rather than `y`? */
static bool outweighs(const PeopleTraitRow *x, const PeopleTraitRow *y)
{
    if (x->verified != y->verified)
        return x->verified;
    if (x->at_ms.v != y->at_ms.v)
        return x->at_ms.v > y->at_ms.v;
    return x->id > y->id;
}

/* --- telling --------------------------------------------------------------------------------- */

enum { NAME_MAX_BYTES = 200, SOURCE_MAX_BYTES = 200 };

static Str value_text(Arena *a, const JsonValue *v)
{
    CLEANUP(buf_done) Buf b;
    buf_init(&b, PEOPLE_TRAIT_MAX);
    Json j = json_begin(&b);
    switch (v->type) {
    case JSON_STRING: json_str(&j, NULL, v->text); break;
    case JSON_BOOL: json_bool(&j, NULL, v->boolean); break;
    case JSON_NULL: json_null(&j, NULL); break;
    case JSON_NUMBER:
    case JSON_ARRAY:
    case JSON_OBJECT: json_raw(&j, NULL, v->text); break;
    }
    return buf_overflowed(&b) ? (Str){0} : str_dup(a, buf_str(&b));
}

static Status note_one(Cx *cx, const PeopleTraits *in, Str name, Str value, bool *ret_changed)
{
    PeopleTraitRow old, row = {.id = id_new(),
                               .identifier_id = in->identifier_id,
                               .name = name,
                               .value = value,
                               .verified = in->verified,
                               .source = utf8_truncate_bytes(in->source, SOURCE_MAX_BYTES),
                               .at_ms = in->at};
    bool           had;
    int64_t        names;
    TRY(people_sql_trait_current(cx, row.identifier_id, name, &had, &old));
    if (had && str_eq(old.value, value) && old.verified >= row.verified)
        return ST_OK; /* nothing new */
    if (!had) {
        TRY(people_sql_trait_names(cx, row.identifier_id, &names));
        if (names >= PEOPLE_TRAITS_MAX)
            return cx_fail(cx, ST_LIMIT, "people.too_many_traits",
                           "an identifier has at most %d traits", PEOPLE_TRAITS_MAX);
    }
    row.current = !had || outweighs(&row, &old);
    if (had && row.current)
        TRY(people_sql_trait_replace(cx, old.id, NULL));
    *ret_changed |= row.current;
    TRY(people_sql_trait_add(cx, &row, NULL));
    return people_sql_trait_trim(cx, row.identifier_id, name, PEOPLE_TRAIT_HISTORY, NULL);
}

Status people_traits_note(Cx *cx, const PeopleTraits *in, size_t *ret_left_out)
{
    bool                changed = false;
    size_t              left_out = 0;
    PeopleIdentifierRow row;
    ASSERT(cx->tx_depth > 0);
    TRY(people_sql_identifier_get(cx, in->identifier_id, &row));
    for (uint32_t i = 0; in->values->type == JSON_OBJECT && i < in->values->n; i++) {
        const JsonMember *m = &in->values->members[i];
        Str               value = value_text(cx->arena, &m->value);
        if (m->key.len == 0 || m->key.len > NAME_MAX_BYTES || value.len == 0 ||
            memchr(m->key.ptr, 0, m->key.len) != NULL) {
            left_out++;
            continue;
        }
        TRY(note_one(cx, in, m->key, value, &changed));
    }
    if (ret_left_out != NULL)
        *ret_left_out = left_out;
    if (!changed)
        return ST_OK;
    TRY(people_profile_refresh(cx, row.profile_id));
    return people_tell_customer(cx, row.profile_id);
}

typedef struct SetTraits {
    int64_t          profile_id;
    const JsonValue *values;
} SetTraits;

static Status set_tx(Cx *cx, void *arg)
{
    SetTraits          *s = arg;
    size_t              left_out;
    PeopleIdentifierRow row;
    TRY(people_sql_identifier_get(cx, s->profile_id, &row));
    PeopleTraits in = {.identifier_id = row.profile_id,
                       .values = s->values,
                       .verified = true,
                       .source = people_actor_text(cx),
                       .at = cx->now};
    TRY(people_traits_note(cx, &in, &left_out));
    if (left_out > 0)
        return cx_fail(cx, ST_LIMIT, "people.too_many_traits",
                       "a trait's name has up to %d bytes, its value up to %d", NAME_MAX_BYTES,
                       PEOPLE_TRAIT_MAX);
    return audit_add(cx, "people.customer", row.profile_id, "set_traits", NULL, NULL, NULL);
}

Status people_traits_set(Cx *cx, int64_t profile_id, Str json, PeopleProfile *ret)
{
    SetTraits s = {.profile_id = profile_id};
    TRY(cx_require(cx, "customers.write"));
    TRY(json_parse(cx->arena, json, &s.values, &cx->err));
    if (s.values->type != JSON_OBJECT)
        return cx_fail(cx, ST_INVALID, "shape.invalid", "traits are an object");
    TRY(cx_in_tx(cx, set_tx, &s));
    return people_profile_get(cx, profile_id, ret);
}

/* --- reading --------------------------------------------------------------------------------- */

enum { READ_MAX = 20000, HISTORY_ROWS = 5000 };

static int by_name(const void *x, const void *y)
{
    const PeopleTraitRow *a = x, *b = y;
    int                   c = str_cmp(a->name, b->name);
    return c != 0 ? c : outweighs(a, b) ? -1 : 1;
}

Status people_traits_of(Cx *cx, const PeopleIds *ids, PeopleTraitRowList *ret)
{
    PeopleTraitRowList rows;
    TRY(people_sql_trait_of(cx, ids->items, ids->n, READ_MAX, &rows));
    if (rows.n > 0)
        qsort(rows.items, rows.n, sizeof rows.items[0], by_name);
    size_t n = 0;
    for (size_t i = 0; i < rows.n; i++) {
        bool first = i == 0 || !str_eq(rows.items[i].name, rows.items[i - 1].name);
        if (first && !str_eq(rows.items[i].value, STR("null")))
            rows.items[n++] = rows.items[i];
    }
    rows.n = n;
    *ret = rows;
    return ST_OK;
}

Status people_trait_list(Cx *cx, int64_t profile_id, PeopleTraitList *ret)
{
    PeopleIdentifierRowList members;
    PeopleTraitRowList      rows;
    TRY(people_members(cx, profile_id, &members));
    PeopleIds ids = people_member_ids(cx->arena, &members);
    TRY(people_sql_trait_history(cx, ids.items, ids.n, HISTORY_ROWS, &rows));
    PeopleTraitList list = {.items = arena_array(cx->arena, PeopleTrait, rows.n + 1), .n = rows.n};
    for (size_t i = 0; i < rows.n; i++) {
        const PeopleTraitRow *r = &rows.items[i];
        list.items[i] = (PeopleTrait){.id = r->id,
                                      .identifier_id = r->identifier_id,
                                      .name = r->name,
                                      .value = r->value,
                                      .verified = r->verified,
                                      .current = r->current,
                                      .source = r->source,
                                      .at = r->at_ms};
    }
    *ret = list;
    return ST_OK;
}
