/* Questions to the journey, answered with who the people are. */
#include "people/identity_int.h"
#include "people/journey_filter.h"
#include "people/journey_store.h"
#include "people/journey_trait.h"

#include "base/id.h"

enum { EVENTS_MAX = 10000, NAMES_AT_ONCE = 500 };

static Status bad(Cx *cx, const char *pointer, const char *what)
{
    return cx_fail(cx, ST_INVALID, "journey.bad_question", "%s %s", pointer, what);
}

static Str text_of(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_STRING ? m->text : (Str){0};
}

/* --- filters --------------------------------------------------------------------------------- */

static Status compile(void *arg, Arena *a, const JsonValue *json, JourneyFilter *ret, Err *err)
{
    return journey_filter_compile(arg, a, json, ret, err);
}

/* --- who they are ---------------------------------------------------------------------------- */

static Status put_people(Cx *cx, Json *out, const JsonValue *profiles)
{
    int64_t *ids = arena_array(cx->arena, int64_t, profiles->n + 1);
    for (uint32_t i = 0; i < profiles->n; i++)
        ids[i] = profiles->items[i].i64;
    json_arr(out, "profiles");
    for (size_t at = 0; at < profiles->n; at += NAMES_AT_ONCE) {
        PeopleProfileNameList names;
        size_t n = profiles->n - at < NAMES_AT_ONCE ? profiles->n - at : NAMES_AT_ONCE, k = 0;
        TRY(people_sql_profile_some(cx, ids + at, n, NAMES_AT_ONCE, &names));
        for (size_t i = at; i < at + n; i++) { /* both ascend */
            while (k < names.n && names.items[k].id < ids[i])
                k++;
            bool known = k < names.n && names.items[k].id == ids[i];
            json_obj(out, NULL);
            json_str(out, "id", id_format(cx->arena, known ? "cus" : "sub", ids[i]));
            if (known && names.items[k].name.ptr != NULL)
                json_str(out, "name", names.items[k].name);
            if (known && names.items[k].email.ptr != NULL)
                json_str(out, "email", names.items[k].email);
            json_end(out);
        }
    }
    json_end(out);
    return ST_OK;
}

/* The engine's answer with its numbers made people. */
static Status name_people(Cx *cx, Str answer, Buf *to)
{
    const JsonValue *v;
    Json             out = json_begin(to);
    TRY(json_parse(cx->arena, answer, &v, &cx->err));
    json_obj(&out, NULL);
    for (uint32_t i = 0; i < v->n; i++) {
        if (str_eq(v->members[i].key, STR("profiles"))) {
            TRY(put_people(cx, &out, &v->members[i].value));
            continue;
        }
        const JsonValue *m = &v->members[i].value;
        json_key(&out, v->members[i].key);
        if (m->type == JSON_STRING)
            json_str(&out, NULL, m->text);
        else if (m->type == JSON_BOOL)
            json_bool(&out, NULL, m->boolean);
        else
            json_raw(&out, NULL, m->type == JSON_NULL ? STR("null") : m->text);
    }
    json_end(&out);
    return ST_OK;
}

/* --- the timeline of one --------------------------------------------------------------------- */

typedef struct Telling {
    Cx                     *cx;
    Json                    out;
    PeopleIdentifierRowList members;
    const int64_t          *subjects; /* of the members */
    int64_t                 told;
} Telling;

static void put_prop(Json *out, const JourneyProp *p)
{
    json_key(out, p->key);
    switch (p->type) {
    case JOURNEY_BOOL: json_bool(out, NULL, p->i != 0); break;
    case JOURNEY_INT: json_i64(out, NULL, p->i); break;
    case JOURNEY_REAL: json_real(out, NULL, p->real); break;
    case JOURNEY_TEXT: json_str(out, NULL, p->text); break;
    case JOURNEY_JSON: json_raw(out, NULL, p->text); break;
    case JOURNEY_TYPES: break;
    }
}

static void put_subject(Telling *t, int64_t subject)
{
    for (size_t i = 0; i < t->members.n; i++) {
        const PeopleIdentifierRow *r = &t->members.items[i];
        if (t->subjects[i] != subject)
            continue;
        json_obj(&t->out, "as");
        json_str(&t->out, "namespace", str_from_cstr(people_namespace_names[r->namespace]));
        json_str(&t->out, "value", r->value);
        json_end(&t->out);
        return;
    }
}

static bool tell(void *arg, const JourneyEvent *e)
{
    Telling *t = arg;
    char     text[CLOCK_TEXT_LEN];
    t->told++;
    clock_put(text, e->time);
    json_obj(&t->out, NULL);
    json_str(&t->out, "time", (Str){text, sizeof text});
    json_str(&t->out, "event", e->name);
    put_subject(t, e->subject);
    json_obj(&t->out, "properties");
    for (size_t i = 0; i < e->nprops; i++)
        put_prop(&t->out, &e->props[i]);
    json_end(&t->out);
    json_end(&t->out);
    return true;
}

/* Whoever `customer` names: an id of now or of before a merge, or a subject. */
static Status find(Cx *cx, const JsonValue *q, PeopleProfile *ret_person, bool *ret_known,
                   int64_t *ret)
{
    Str which = text_of(q, "customer");
    *ret_known = false;
    if (id_parse(which, "sub", ret))
        return ST_OK;
    if (!id_parse(which, "cus", ret))
        return bad(cx, "/customer", "must be an id, \"cus_…\" or \"sub_…\"");
    TRY(people_profile_get(cx, *ret, ret_person));
    *ret = ret_person->id;
    *ret_known = true;
    return ST_OK;
}

static int64_t *subjects_of(Arena *a, const PeopleIdentifierRowList *members)
{
    int64_t *subjects = arena_array(a, int64_t, members->n + 1);
    for (size_t i = 0; i < members->n; i++)
        subjects[i] = people_subject(members->items[i].namespace, members->items[i].value);
    return subjects;
}

static Status timeline(Cx *cx, const JsonValue *q, Str definition, Buf *answer)
{
    Telling       t = {.cx = cx, .out = json_begin(answer)};
    PeopleProfile person;
    bool          known, more;
    int64_t       id;
    JourneySpan   span = {0};
    TRY(journey_read_timeline(q, &span, &cx->err));
    TRY(find(cx, q, &person, &known, &id));
    if (json_get(q, STR("profile")) != NULL)
        return bad(cx, "/profile", "is not asked for here: say customer");
    if (span.limit > EVENTS_MAX)
        return bad(cx, "/limit", "must be 1 to 10000");
    json_obj(&t.out, NULL);
    json_str(&t.out, "type", STR("timeline"));
    json_raw(&t.out, "definition", definition);
    json_str(&t.out, "timezone", span.timezone);
    if (known) {
        TRY(people_members(cx, id, &t.members));
        t.subjects = subjects_of(cx->arena, &t.members);
        shape_write(&t.out, "customer", &people_profile_shape, &person);
    }
    json_arr(&t.out, "events");
    TRY(journey_tell(people_journey(), id, &span, tell, &t, &more, &cx->err));
    json_end(&t.out);
    json_obj(&t.out, "population");
    json_i64(&t.out, "people", t.told > 0);
    json_i64(&t.out, "events", t.told);
    json_end(&t.out);
    json_bool(&t.out, "more", more);
    json_end(&t.out);
    if (buf_overflowed(answer))
        return cx_fail(cx, ST_LIMIT, "journey.too_big", "the answer is too long");
    return ST_OK;
}

static void let_traits(PeopleTraitsHeld **held)
{
    people_traits_let(*held);
}

static Status ask(Cx *cx, Str question, const atomic_bool *cancel, Buf *answer)
{
    const JsonValue *q;
    Journey         *j;
    TRY(people_journey_use(cx, &j));
    TRY(json_parse(cx->arena, question, &q, &cx->err));
    Str type = text_of(q, "type");
    if (str_eq(type, STR("timeline")))
        return timeline(cx, q, question, answer);
    CLEANUP(let_traits) PeopleTraitsHeld *held = NULL;
    TRY(people_traits_hold(cx, q, &held));
    JourneyAsk options = {.compile = compile,
                          .trait = people_traits_value,
                          .arg = held,
                          .cancel = cancel,
                          .now = cx->now};
    cx_idle(cx);
    if (!str_eq(type, STR("people")))
        return journey_ask(j, question, &options, answer, &cx->err);
    CLEANUP(buf_done) Buf plain = {0};
    buf_init(&plain, answer->max);
    TRY(journey_ask(j, question, &options, &plain, &cx->err));
    return name_people(cx, str_dup(cx->arena, buf_str(&plain)), answer);
}

Status people_journey_ask(Cx *cx, Str question, const atomic_bool *cancel, Buf *answer)
{
    return people_journey_answered(cx, ask(cx, question, cancel, answer));
}
