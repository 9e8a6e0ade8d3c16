/* Reading the members that questions have in common. */
#include "journey/ask.h"

#include <stdio.h>
#include <string.h>

Status ask_bad(Err *err, const char *member, const char *what)
{
    return err_set(err, ST_INVALID, "journey.bad_question", "/%.60s %s", member, what);
}

/* What "cell/step" names in the cell. */
static const JsonValue *get(const JsonValue *v, const char *member)
{
    const char *slash = strrchr(member, '/');
    return json_get(v, str_from_cstr(slash != NULL ? slash + 1 : member));
}

Status ask_within(Status st, const char *member, Err *err)
{
    Err said;
    if (st != ST_INVALID)
        return st;
    said = *err;
    return err_set(err, ST_INVALID, "journey.bad_question", "/%.60s%.180s", member, said.msg);
}

Status ask_text(const JsonValue *v, const char *member, Str *ret, Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type != JSON_STRING)
        return ask_bad(err, member, "must be a text");
    *ret = m->text;
    return ST_OK;
}

Status ask_i64(const JsonValue *v, const char *member, int64_t min, int64_t max, int64_t *ret,
               Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type != JSON_NUMBER || !m->integer || m->i64 < min || m->i64 > max)
        return err_set(err, ST_INVALID, "journey.bad_question",
                       "/%.60s must be a whole number from %lld to %lld", member, (long long)min,
                       (long long)max);
    *ret = m->i64;
    return ST_OK;
}

Status ask_bool(const JsonValue *v, const char *member, bool *ret, Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type != JSON_BOOL)
        return ask_bad(err, member, "must be true or false");
    *ret = m->boolean;
    return ST_OK;
}

static bool unit_ms(Str unit, int64_t *ret)
{
    static const struct {
        const char *name;
        int64_t     ms;
    } UNITS[] = {{"second", 1000},  {"minute", 60000},     {"hour", 3600000},
                 {"day", 86400000}, {"week", 604800000},   {"s", 1000},
                 {"min", 60000},    {"h", 3600000},        {"d", 86400000},
                 {"w", 604800000},  {"month", 2592000000}, {"year", 31536000000}};
    if (unit.len > 2 && unit.ptr[unit.len - 1] == 's')
        unit.len--;
    for (size_t i = 0; i < COUNT_OF(UNITS); i++)
        if (str_eq(unit, str_from_cstr(UNITS[i].name))) {
            *ret = UNITS[i].ms;
            return true;
        }
    return false;
}

Status ask_span(const JsonValue *v, const char *member, int64_t *ret, Err *err)
{
    const JsonValue     *m = get(v, member);
    static const int64_t MAX = 100LL * 31536000000;
    int64_t              n, unit = 1000;
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type == JSON_NUMBER && m->integer) {
        n = m->i64;
    } else {
        Str    text = m->type == JSON_STRING ? str_trim(m->text) : STR("");
        size_t digits = 0;
        while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
            digits++;
        if (!str_parse_i64(str_head(text, digits), &n) ||
            !unit_ms(str_trim(str_skip(text, digits)), &unit))
            return ask_bad(err, member, "must be a span such as \"30 minutes\" or \"7 days\"");
    }
    if (n < 0 || n > MAX / unit)
        return ask_bad(err, member, "is too long");
    *ret = n * unit;
    return ST_OK;
}

static bool names_have(const char *names, Str name)
{
    Str one, rest = str_from_cstr(names != NULL ? names : "");
    while (rest.len > 0) {
        (void)str_cut(rest, ' ', &one, &rest);
        if (str_eq(one, name))
            return true;
    }
    return false;
}

Status ask_members(const JsonValue *v, const char *in, const char *names, const char *more,
                   Err *err)
{
    for (size_t i = 0; i < v->n; i++)
        if (!names_have(names, v->members[i].key) && !names_have(more, v->members[i].key))
            return err_set(err, ST_INVALID, "journey.bad_question",
                           "/" STR_FMT " is unknown: %s has %s%s",
                           STR_ARG(str_head(v->members[i].key, 40)), in, names != NULL ? names : "",
                           more != NULL ? more : "");
    return ST_OK;
}

/* "must be one of a, b, c" */
static Status not_one_of(const char *member, const char *const *names, Err *err)
{
    char   list[160];
    size_t n = 0;
    list[0] = '\0';
    for (size_t i = 0; names[i] != NULL && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, i > 0 ? ", %s" : "%s", names[i]);
    return err_set(err, ST_INVALID, "journey.bad_question", "/%.60s must be one of %s", member,
                   list);
}

Status ask_choice(const JsonValue *v, const char *member, const char *const *names, int *ret,
                  Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    for (int i = 0; names[i] != NULL; i++)
        if (m->type == JSON_STRING && str_eq(m->text, str_from_cstr(names[i]))) {
            *ret = i;
            return ST_OK;
        }
    return not_one_of(member, names, err);
}

Status ask_interval(const JsonValue *v, const char *member, Interval *ret, Err *err)
{
    static const char *const NAMES[] = {"hour",    "day",  "week", "month",
                                        "quarter", "year", "none", NULL};
    int                      i = (int)*ret;
    TRY(ask_choice(v, member, NAMES, &i, err));
    *ret = (Interval)i;
    return ST_OK;
}

/* --- fields -------------------------------------------------------------------------- */

static Field field_of(Str path)
{
    Field f = {.kind = FIELD_PROP, .path = path};
    for (unsigned t = 0; t < JOURNEY_TYPES; t++)
        f.column[t] = SIZE_MAX;
    if (str_eq(path, STR("event"))) {
        f.kind = FIELD_EVENT;
    } else if (str_eq(path, STR("time"))) {
        f.kind = FIELD_TIME;
    } else if (str_starts(path, STR("person."))) {
        f.kind = FIELD_PERSON;
        f.path = str_skip(path, strlen("person."));
    } else if (str_starts(path, STR("properties."))) {
        f.path = str_skip(path, strlen("properties."));
    }
    return f;
}

Status ask_field(Ask *q, Str path, const char *member, size_t *ret, Err *err)
{
    Field f = field_of(path);
    if (f.path.len == 0 || f.path.len > JOURNEY_KEY_MAX)
        return ask_bad(err, member, "has an empty or too long name");
    for (size_t i = 0; i < q->nfields; i++)
        if (q->fields[i].kind == f.kind && str_eq(q->fields[i].path, f.path)) {
            *ret = i;
            return ST_OK;
        }
    if (q->nfields == ASK_FIELDS)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d fields", ASK_FIELDS);
    *ret = q->nfields;
    q->fields[q->nfields++] = f;
    return ST_OK;
}

/* --- filters ------------------------------------------------------------------------- */

static Status compile(Ask *q, const JsonValue *json, Filter **ret, Err *err)
{
    if (q->options == NULL || q->options->compile == NULL)
        return ask_bad(err, "where", "cannot be used here");
    Filter *f = arena_new(q->arena, Filter);
    TRY(ask_within(q->options->compile(q->options->arg, q->arena, json, &f->f, err), "where", err));
    if (f->f.npaths > ASK_FILTERS)
        return err_set(err, ST_LIMIT, "journey.too_big", "a condition looks at more than %d fields",
                       ASK_FILTERS);
    f->person = f->f.npaths > 0;
    for (size_t i = 0; i < f->f.npaths; i++) {
        TRY(ask_field(q, f->f.paths[i], "where", &f->fields[i], err));
        f->person = f->person && q->fields[f->fields[i]].kind == FIELD_PERSON;
    }
    *ret = f;
    return ST_OK;
}

/* Members of the object each become a filter: most look at one field, and their answers are
 * kept by its codes. */
static Status filters(Ask *q, const JsonValue *v, const char *member, Filter ***ret, size_t *ret_n,
                      Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type != JSON_OBJECT || m->n > ASK_FILTERS)
        return ask_bad(err, member, "must be a condition");
    *ret = arena_array(q->arena, Filter *, m->n + 1);
    for (size_t i = 0; i < m->n; i++) {
        JsonValue *one = arena_new(q->arena, JsonValue);
        *one = (JsonValue){.type = JSON_OBJECT, .n = 1, .members = &m->members[i], .text = m->text};
        TRY(compile(q, one, &(*ret)[*ret_n], err));
        ++*ret_n;
    }
    return ST_OK;
}

Status ask_where(Ask *q, Err *err)
{
    Filter **all = NULL;
    size_t   n = 0;
    TRY(filters(q, q->json, "where", &all, &n, err));
    q->where = arena_array(q->arena, Filter *, n + 1);
    q->person = arena_array(q->arena, Filter *, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->person)
            q->person[q->nperson++] = all[i];
        else
            q->where[q->nwhere++] = all[i];
    }
    return ST_OK;
}

/* --- selectors ----------------------------------------------------------------------- */

static Status selector_names(Ask *q, const JsonValue *v, const char *member, Selector *s, Err *err)
{
    const JsonValue *one = v;
    size_t           n = 1;
    if (v->type == JSON_ARRAY) {
        one = v->items;
        n = v->n;
    }
    s->names = arena_array(q->arena, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (one[i].type != JSON_STRING)
            return ask_bad(err, member, "must name events");
        s->names[s->nnames++] = one[i].text;
    }
    s->any = false;
    s->label = s->nnames > 0 ? s->names[0] : STR("");
    return ST_OK;
}

Status ask_selector(Ask *q, const JsonValue *v, const char *member, size_t *ret, Err *err)
{
    Selector s = {.any = true, .label = STR("any event")};
    if (q->nselectors == ASK_SELECTORS)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d steps", ASK_SELECTORS);
    if (v != NULL && (v->type == JSON_STRING || v->type == JSON_ARRAY)) {
        TRY(selector_names(q, v, member, &s, err));
    } else if (v != NULL && v->type == JSON_OBJECT) {
        const JsonValue *e = json_get(v, STR("event"));
        TRY(ask_members(v, member, "event where name ",
                        strcmp(member, "series") == 0    ? "measure property "
                        : strcmp(member, "exclude") == 0 ? "between "
                        : strcmp(member, "did") == 0     ? "at_least at_most from to last "
                                                         : NULL,
                        err));
        if (e != NULL && e->type != JSON_NULL)
            TRY(selector_names(q, e, member, &s, err));
        TRY(filters(q, v, "where", &s.filters, &s.nfilters, err));
        TRY(ask_text(v, "name", &s.label, err));
    } else if (v != NULL && v->type != JSON_NULL) {
        return ask_bad(err, member, "must name an event");
    }
    *ret = q->nselectors;
    q->selectors[q->nselectors++] = s;
    return ST_OK;
}

/* --- segments -------------------------------------------------------------------------- */

static Status read_did(Ask *q, const JsonValue *v, Did *ret, Err *err)
{
    static const int64_t MANY = 1000000000;
    AskRange             r = {0};
    TRY(ask_selector(q, v, "did", &ret->selector, err));
    *ret = (Did){.selector = ret->selector, .least = 1, .most = MANY};
    Selector *s = &q->selectors[ret->selector];
    s->apart = true;
    if (v->type != JSON_OBJECT)
        return ST_OK;
    TRY(ask_i64(v, "did/at_most", 0, MANY, &ret->most, err));
    ret->least = ret->most == 0 ? 0 : 1;
    TRY(ask_i64(v, "did/at_least", 0, MANY, &ret->least, err));
    if (ret->least > ret->most)
        return ask_bad(err, "did/at_least", "is more than at_most");
    TRY(ask_range(q, v, &r, err));
    s->from_ms = r.from_ms;
    s->to_ms = r.to_ms;
    s->has_from = r.has_from;
    s->has_to = r.has_to;
    return ST_OK;
}

/* "did" of a segment: one thing, or a list of them. */
static Status read_dids(Ask *q, const JsonValue *v, Did *ret, size_t *ret_n, Err *err)
{
    const JsonValue *m = json_get(v, STR("did"));
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type == JSON_STRING || m->type == JSON_OBJECT) {
        *ret_n = 1;
        return read_did(q, m, ret, err);
    }
    if (m->type != JSON_ARRAY || m->n > ASK_DIDS)
        return ask_bad(err, "did", "must be an event or a list of at most 8");
    for (; *ret_n < m->n; ++*ret_n)
        TRY(read_did(q, &m->items[*ret_n], &ret[*ret_n], err));
    return ST_OK;
}

Status ask_segment(Ask *q, Err *err)
{
    const JsonValue *v = json_get(q->json, STR("segment"));
    Filter         **all = NULL;
    size_t           n = 0;
    if (v == NULL || v->type == JSON_NULL)
        return ST_OK;
    if (v->type != JSON_OBJECT)
        return ask_bad(err, "segment", "must be an object with where or did");
    TRY(ask_members(v, "segment", "where did ", NULL, err));
    TRY(filters(q, v, "where", &all, &n, err));
    TRY(read_dids(q, v, q->did, &q->ndid, err));
    Filter **more = arena_array(q->arena, Filter *, q->nperson + n + 1);
    memcpy(more, q->person, q->nperson * sizeof(Filter *));
    for (size_t i = 0; i < n; i++) {
        if (!all[i]->person)
            return ask_bad(err, "segment/where",
                           "must look at the person alone: what somebody did goes into did");
        more[q->nperson + i] = all[i];
    }
    q->person = more;
    q->nperson += n;
    return ST_OK;
}

/* --- fields, one or several ------------------------------------------------------------ */

/* {"where": {...}, "did": ...}: whether that holds. */
static Status segment_field(Ask *q, const JsonValue *v, const char *member, size_t *ret, Err *err)
{
    Field f = {.kind = FIELD_SEGMENT, .of_person = true};
    for (unsigned t = 0; t < JOURNEY_TYPES; t++)
        f.column[t] = SIZE_MAX;
    TRY(ask_members(v, member, "where did ", NULL, err));
    TRY(filters(q, v, "where", &f.filters, &f.nfilters, err));
    TRY(read_dids(q, v, f.did, &f.ndid, err));
    if (f.nfilters == 0 && f.ndid == 0)
        return ask_bad(err, member, "must name a property or say where or did");
    for (size_t i = 0; i < f.nfilters; i++)
        f.of_person = f.of_person && f.filters[i]->person;
    if (q->nfields == ASK_FIELDS)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d fields", ASK_FIELDS);
    *ret = q->nfields;
    q->fields[q->nfields++] = f;
    return ST_OK;
}

static Status any_field(Ask *q, const JsonValue *v, const char *member, size_t *ret, Err *err)
{
    if (v->type == JSON_OBJECT)
        return segment_field(q, v, member, ret, err);
    if (v->type != JSON_STRING)
        return ask_bad(err, member, "must be a name or a list of names");
    return ask_field(q, v->text, member, ret, err);
}

Status ask_fields(Ask *q, const JsonValue *v, const char *member, size_t max, size_t *ret,
                  size_t *ret_n, Err *err)
{
    const JsonValue *m = get(v, member);
    if (m == NULL || m->type == JSON_NULL)
        return ST_OK;
    if (m->type == JSON_STRING || m->type == JSON_OBJECT) {
        *ret_n = 1;
        return any_field(q, m, member, ret, err);
    }
    if (m->type != JSON_ARRAY || m->n > max)
        return ask_bad(err, member, "must be a name or a short list of names");
    for (size_t i = 0; i < m->n; i++)
        TRY(any_field(q, &m->items[i], member, &ret[i], err));
    *ret_n = m->n;
    return ST_OK;
}

Status ask_by(Ask *q, const JsonValue *v, const char *member, size_t *ret, Err *err)
{
    Field f = {.kind = FIELD_MANY};
    TRY(ask_fields(q, v, member, COUNT_OF(f.part), f.part, &f.nparts, err));
    *ret = f.nparts == 1 ? f.part[0] : SIZE_MAX;
    if (f.nparts < 2)
        return ST_OK;
    if (q->nfields == ASK_FIELDS)
        return err_set(err, ST_LIMIT, "journey.too_big", "more than %d fields", ASK_FIELDS);
    for (unsigned t = 0; t < JOURNEY_TYPES; t++)
        f.column[t] = SIZE_MAX;
    *ret = q->nfields;
    q->fields[q->nfields++] = f;
    return ST_OK;
}
