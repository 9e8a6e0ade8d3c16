/* Ask a compiled condition. */
#include "condition/condition_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/real.h"
#include "text/text.h"

enum {
    REGEX_MATCH_LIMIT = 200000, /* steps; an ordinary pattern takes some dozens */
    REGEX_HEAP_KB = 1024,
    REGEX_SUBJECT_MAX = 64 << 10,
    VERSION_MAX = 128 /* bytes that count */
};

typedef struct Asking {
    const JsonValue *groups;
    Arena           *a;
} Asking;

static bool ops_hold(const Asking *k, const Condition *c, CondValue v);
static bool cond_holds(const Asking *k, const Condition *c, CondValue subject);

/* --- values ------------------------------------------------------------------------------- */

static bool list_index(Str key, size_t n, size_t *ret)
{
    int64_t i;
    if (!str_parse_i64(key, &i) || i < 0 || (uint64_t)i >= n)
        return false;
    *ret = (size_t)i;
    return true;
}

CondValue cond_at(CondValue v, const Condition *c, Arena *a)
{
    for (size_t i = 0; i < c->nparts; i++) {
        size_t at;
        if (v.kind == COND_OBJECT)
            v = v.member(&v, c->parts[i], a);
        else if (v.kind == COND_LIST && list_index(c->parts[i], v.n, &at))
            v = v.item(&v, at, a);
        else
            return (CondValue){0};
    }
    return v;
}

/* As JavaScript's Number(): null is 0, a blank text too, any other text that is not a
 * number is NaN. */
static double as_number(CondValue v)
{
    double d;
    switch (v.kind) {
    case COND_NULL: return 0;
    case COND_BOOL: return v.boolean ? 1 : 0;
    case COND_NUMBER: return v.real;
    case COND_TEXT: {
        Str s = str_trim(v.text);
        if (s.len == 0)
            return 0;
        return real_parse(s, &d) ? d : (double)NAN;
    }
    case COND_LIST:
    case COND_OBJECT: break;
    }
    return (double)NAN;
}

static Str as_text(CondValue v, Arena *a)
{
    switch (v.kind) {
    case COND_TEXT: return v.text;
    case COND_BOOL: return v.boolean ? STR("true") : STR("false");
    case COND_NUMBER: {
        CLEANUP(buf_done) Buf b;
        buf_init(&b, 64);
        v.integer ? buf_add_i64(&b, v.i64) : real_add(&b, v.real);
        return str_dup(a, buf_str(&b));
    }
    case COND_NULL:
    case COND_LIST:
    case COND_OBJECT: break;
    }
    return (Str){0};
}

static bool numbers_equal(CondValue x, CondValue y)
{
    if (x.integer && y.integer)
        return x.i64 == y.i64;
    return !(x.real < y.real) && !(x.real > y.real) && !isnan(x.real) && !isnan(y.real);
}

static bool values_equal(CondValue x, CondValue y, Arena *a)
{
    if (x.kind != y.kind)
        return false;
    switch (x.kind) {
    case COND_NULL: return true;
    case COND_BOOL: return x.boolean == y.boolean;
    case COND_NUMBER: return numbers_equal(x, y);
    case COND_TEXT: return str_eq(x.text, y.text);
    case COND_LIST:
        if (x.n != y.n)
            return false;
        for (size_t i = 0; i < x.n; i++)
            if (!values_equal(x.item(&x, i, a), y.item(&y, i, a), a))
                return false;
        return true;
    case COND_OBJECT: break;
    }
    /* `y` is the literal, JSON, whose members we can list. */
    const JsonValue *literal = y.of;
    if (x.n != SIZE_MAX && x.n != y.n)
        return false;
    for (size_t i = 0; i < literal->n; i++)
        if (!values_equal(x.member(&x, literal->members[i].key, a),
                          cond_json(&literal->members[i].value), a))
            return false;
    return true;
}

/* < 0, 0, > 0; 2: cannot be compared, so no order holds */
static int order(CondValue x, CondValue y)
{
    if (x.kind == COND_TEXT && y.kind == COND_TEXT) {
        size_t n = x.text.len < y.text.len ? x.text.len : y.text.len;
        int    c = n ? memcmp(x.text.ptr, y.text.ptr, n) : 0;
        if (c)
            return c < 0 ? -1 : 1;
        return x.text.len < y.text.len ? -1 : x.text.len > y.text.len;
    }
    if (x.kind == COND_NUMBER && y.kind == COND_NUMBER && x.integer && y.integer)
        return x.i64 < y.i64 ? -1 : x.i64 > y.i64;
    double p = as_number(x), q = as_number(y);
    if (isnan(p) || isnan(q))
        return 2;
    return p < q ? -1 : p > q;
}

/* --- versions ----------------------------------------------------------------------------- */

/* A text whose order is that of the versions: numbers padded, and "~" where a release has
 * what a pre-release would have next. */
static size_t version_key(CondValue v, Arena *a, char out[VERSION_MAX * 6])
{
    Str s = as_text(v, a);
    if (s.len == 0 || (v.kind != COND_TEXT && v.kind != COND_NUMBER))
        s = STR("0");
    Str rest;
    str_cut(s, '+', &s, &rest);
    if (s.len && s.ptr[0] == 'v')
        s = (Str){s.ptr + 1, s.len - 1};
    s.len = s.len > VERSION_MAX ? VERSION_MAX : s.len;
    size_t n = 0, parts = 0;
    for (size_t from = 0; from <= s.len; parts++) {
        size_t to = from;
        bool   digits = true;
        for (; to < s.len && s.ptr[to] != '.' && s.ptr[to] != '-'; to++)
            digits &= s.ptr[to] >= '0' && s.ptr[to] <= '9';
        if (parts)
            out[n++] = '-';
        for (size_t pad = to - from; digits && to > from && pad < 5; pad++)
            out[n++] = ' ';
        for (; from < to; from++)
            out[n++] = s.ptr[from];
        from = to + 1;
    }
    if (parts == 3) {
        out[n++] = '-';
        out[n++] = '~';
    }
    return n;
}

static int version_order(CondValue x, CondValue y, Arena *a)
{
    char      p[VERSION_MAX * 6], q[VERSION_MAX * 6];
    size_t    m = version_key(x, a, p), n = version_key(y, a, q);
    CondValue u = {.kind = COND_TEXT, .text = {p, m}}, v = {.kind = COND_TEXT, .text = {q, n}};
    return order(u, v);
}

/* --- operators ---------------------------------------------------------------------------- */

static bool truthy(CondValue v)
{
    switch (v.kind) {
    case COND_NULL: return false;
    case COND_BOOL: return v.boolean;
    case COND_NUMBER: return v.real < 0 || v.real > 0;
    case COND_TEXT: return v.text.len > 0;
    case COND_LIST:
    case COND_OBJECT: return true;
    }
    return false;
}

static bool loose(const JsonValue *literal, CondValue v, Arena *a)
{
    switch (literal->type) {
    case JSON_NULL: return v.kind == COND_NULL;
    case JSON_BOOL: return v.kind != COND_NULL && truthy(v) == literal->boolean;
    case JSON_NUMBER:
        if (v.kind != COND_NUMBER)
            v = cond_real(as_number(v));
        return numbers_equal(v, cond_json(literal));
    case JSON_STRING:
        return v.kind != COND_NULL && v.kind != COND_LIST && v.kind != COND_OBJECT &&
               str_eq(as_text(v, a), literal->text);
    case JSON_ARRAY:
    case JSON_OBJECT: return values_equal(v, cond_json(literal), a);
    }
    return false;
}

static bool in_list(const JsonValue *list, CondValue v, Arena *a)
{
    for (size_t i = 0; i < list->n; i++)
        if (values_equal(v, cond_json(&list->items[i]), a))
            return true;
    return false;
}

static bool in_folded(const Condition *c, CondValue v, Arena *a)
{
    Str folded = v.kind == COND_TEXT ? text_fold(a, v.text) : (Str){0};
    for (size_t i = 0; i < c->literal->n; i++) {
        if (c->folded[i].ptr && v.kind == COND_TEXT
                ? str_eq(c->folded[i], folded)
                : values_equal(v, cond_json(&c->literal->items[i]), a))
            return true;
    }
    return false;
}

static bool is_in(const Condition *c, const JsonValue *list, CondValue v, Arena *a)
{
    if (v.kind != COND_LIST)
        return c->folded ? in_folded(c, v, a) : in_list(list, v, a);
    for (size_t i = 0; i < v.n; i++) {
        CondValue e = v.item(&v, i, a);
        if (c->folded ? in_folded(c, e, a) : in_list(list, e, a))
            return true;
    }
    return false;
}

static bool all_in(const Asking *k, const Condition *c, CondValue v)
{
    if (v.kind != COND_LIST)
        return false;
    size_t n = c->folded ? c->literal->n : c->nkids;
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t j = 0; j < v.n && !found; j++) {
            CondValue e = v.item(&v, j, k->a);
            if (!c->folded)
                found = ops_hold(k, &c->kids[i], e);
            else if (c->folded[i].ptr && e.kind == COND_TEXT)
                found = str_eq(c->folded[i], text_fold(k->a, e.text));
            else
                found = loose(&c->literal->items[i], e, k->a);
        }
        if (!found)
            return false;
    }
    return true;
}

static bool any_element(const Asking *k, const Condition *c, CondValue v)
{
    if (v.kind != COND_LIST)
        return false;
    for (size_t i = 0; i < v.n; i++) {
        CondValue e = v.item(&v, i, k->a);
        if (c->op == OP_ELEM_OPS ? ops_hold(k, c->kids, e) : cond_holds(k, c->kids, e))
            return true;
    }
    return false;
}

static bool matches(const Condition *c, CondValue v, Arena *a)
{
    if (v.kind == COND_NULL || v.kind == COND_LIST || v.kind == COND_OBJECT)
        return false;
    Str s = as_text(v, a);
    if (s.len > REGEX_SUBJECT_MAX)
        return false;
    pcre2_match_data    *data = pcre2_match_data_create_from_pattern(c->regex, NULL);
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    if (!data || !context)
        base_out_of_memory(0);
    pcre2_set_match_limit(context, REGEX_MATCH_LIMIT);
    pcre2_set_heap_limit(context, REGEX_HEAP_KB);
    int n = pcre2_match(c->regex, (PCRE2_SPTR8)(s.len ? s.ptr : ""), s.len, 0, 0, data, context);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    return n >= 0;
}

static bool type_is(CondValue v, Str name)
{
    static const char *const NAMES[] = {
        [COND_NULL] = "null",   [COND_BOOL] = "boolean", [COND_NUMBER] = "number",
        [COND_TEXT] = "string", [COND_LIST] = "array",   [COND_OBJECT] = "object",
    };
    return str_eq(name, str_from_cstr(NAMES[v.kind]));
}

static bool in_group(const Asking *k, const Condition *c, CondValue v)
{
    const JsonValue *list = json_get(k->groups, c->literal->text);
    return list && list->type == JSON_ARRAY && is_in(c, list, v, k->a);
}

static bool ordered(CondOp op, int o)
{
    switch ((int)op) {
    case OP_LT:
    case OP_VLT: return o < 0;
    case OP_LTE:
    case OP_VLTE: return o <= 0;
    case OP_GT:
    case OP_VGT: return o == 1;
    case OP_GTE:
    case OP_VGTE: return o == 0 || o == 1;
    case OP_VEQ: return o == 0;
    default: return o != 0;
    }
}

static bool all_kids(const Asking *k, const Condition *c, CondValue v)
{
    for (size_t i = 0; i < c->nkids; i++)
        if (!ops_hold(k, &c->kids[i], v))
            return false;
    return true;
}

static bool ops_hold(const Asking *k, const Condition *c, CondValue v)
{
    switch (c->op) {
    case OP_ALL_OPS: return all_kids(k, c, v);
    case OP_LOOSE: return loose(c->literal, v, k->a);
    case OP_EQ: return values_equal(v, cond_json(c->literal), k->a);
    case OP_NE: return !values_equal(v, cond_json(c->literal), k->a);
    case OP_LT:
    case OP_LTE:
    case OP_GT:
    case OP_GTE: return ordered(c->op, order(v, cond_json(c->literal)));
    case OP_VEQ:
    case OP_VNE:
    case OP_VLT:
    case OP_VLTE:
    case OP_VGT:
    case OP_VGTE: return ordered(c->op, version_order(v, cond_json(c->literal), k->a));
    case OP_IN:
    case OP_INI: return is_in(c, c->literal, v, k->a);
    case OP_NIN:
    case OP_NINI: return !is_in(c, c->literal, v, k->a);
    case OP_ALL:
    case OP_ALLI: return all_in(k, c, v);
    case OP_ELEM_OPS:
    case OP_ELEM_COND: return any_element(k, c, v);
    case OP_SIZE: return v.kind == COND_LIST && ops_hold(k, c->kids, cond_i64((int64_t)v.n));
    case OP_REGEX: return matches(c, v, k->a);
    case OP_EXISTS: return truthy(cond_json(c->literal)) == (v.kind != COND_NULL);
    case OP_TYPE: return type_is(v, c->literal->text);
    case OP_NOT: return !ops_hold(k, c->kids, v);
    case OP_IN_GROUP: return in_group(k, c, v);
    case OP_NOT_IN_GROUP: return !in_group(k, c, v);
    case OP_AND:
    case OP_OR:
    case OP_NOR:
    case OP_NOT_COND:
    case OP_AT:
    case OP_NEVER: break;
    }
    return false;
}

static bool cond_holds(const Asking *k, const Condition *c, CondValue subject)
{
    bool any = c->nkids == 0;
    switch ((int)c->op) {
    case OP_AND:
        for (size_t i = 0; i < c->nkids; i++)
            if (!cond_holds(k, &c->kids[i], subject))
                return false;
        return true;
    case OP_OR:
    case OP_NOR:
        for (size_t i = 0; i < c->nkids && !any; i++)
            any = cond_holds(k, &c->kids[i], subject);
        return any == (c->op == OP_OR);
    case OP_NOT_COND: return !cond_holds(k, c->kids, subject);
    case OP_AT: return ops_hold(k, c->kids, cond_at(subject, c, k->a));
    default: return false;
    }
}

bool condition_holds(const Condition *c, CondValue subject, const JsonValue *groups, Arena *a)
{
    return cond_holds(&(Asking){groups, a}, c, subject);
}
