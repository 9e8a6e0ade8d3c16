/* From JSON to a tree of nodes. */
#include "condition/condition_int.h"

#include <string.h>

#include "text/text.h"

typedef struct Compiler {
    Arena   *a;
    CondMode mode;
    Err     *err;
    Buf      pointer; /* of the value at hand, for messages */
    size_t   nodes;
    int      depth;
} Compiler;

static const struct {
    const char *name;
    CondOp      op;
} OPS[] = {
    {"$eq", OP_EQ},
    {"$ne", OP_NE},
    {"$lt", OP_LT},
    {"$lte", OP_LTE},
    {"$gt", OP_GT},
    {"$gte", OP_GTE},
    {"$veq", OP_VEQ},
    {"$vne", OP_VNE},
    {"$vlt", OP_VLT},
    {"$vlte", OP_VLTE},
    {"$vgt", OP_VGT},
    {"$vgte", OP_VGTE},
    {"$in", OP_IN},
    {"$nin", OP_NIN},
    {"$ini", OP_INI},
    {"$nini", OP_NINI},
    {"$all", OP_ALL},
    {"$alli", OP_ALLI},
    {"$size", OP_SIZE},
    {"$regex", OP_REGEX},
    {"$regexi", OP_REGEX},
    {"$exists", OP_EXISTS},
    {"$type", OP_TYPE},
    {"$not", OP_NOT},
    {"$elemMatch", OP_ELEM_COND},
    {"$inGroup", OP_IN_GROUP},
    {"$notInGroup", OP_NOT_IN_GROUP},
};

static Status compile_cond(Compiler *k, const JsonValue *v, Condition *ret);
static Status compile_ops(Compiler *k, const JsonValue *v, Condition *ret);

static Status bad(Compiler *k, const char *why)
{
    return err_set(k->err, ST_INVALID, "condition.bad", "%s: %s",
                   k->pointer.len ? k->pointer.ptr : "/", why);
}

/* A wrong operand: an error, or a node that never holds. */
static Status never(Compiler *k, const char *why, Condition *ret)
{
    if (k->mode == COND_STRICT)
        return bad(k, why);
    ret->op = OP_NEVER;
    return ST_OK;
}

static size_t push(Compiler *k, Str key)
{
    size_t at = k->pointer.len;
    buf_addc(&k->pointer, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] == '~')
            buf_add(&k->pointer, STR("~0"));
        else if (key.ptr[i] == '/')
            buf_add(&k->pointer, STR("~1"));
        else
            buf_addc(&k->pointer, key.ptr[i]);
    }
    return at;
}

static size_t push_index(Compiler *k, size_t i)
{
    size_t at = k->pointer.len;
    buf_addf(&k->pointer, "/%zu", i);
    return at;
}

static void pop(Compiler *k, size_t at)
{
    k->pointer.len = at;
    if (k->pointer.ptr)
        k->pointer.ptr[at] = '\0';
}

static Status enter(Compiler *k, size_t nodes)
{
    k->nodes += nodes;
    if (k->nodes > CONDITION_NODES_MAX || k->depth >= CONDITION_DEPTH_MAX)
        return err_set(k->err, ST_LIMIT, "condition.too_big", "more than %d parts or %d levels",
                       CONDITION_NODES_MAX, CONDITION_DEPTH_MAX);
    return ST_OK;
}

static bool is_operator_object(const JsonValue *v)
{
    if (v->type != JSON_OBJECT || v->n == 0)
        return false;
    for (size_t i = 0; i < v->n; i++)
        if (!str_starts(v->members[i].key, STR("$")))
            return false;
    return true;
}

static Condition *kids_of(Compiler *k, Condition *c, size_t n)
{
    Condition *kids = arena_array(k->a, Condition, n ? n : 1);
    c->kids = kids;
    c->nkids = n;
    return kids;
}

/* --- operators ---------------------------------------------------------------------------- */

static void free_code(void *code)
{
    pcre2_code_free(code);
}

static Status compile_regex(Compiler *k, const JsonValue *v, bool no_case, Condition *ret)
{
    if (v->type != JSON_STRING)
        return never(k, "a regular expression is a string", ret);
    if (v->text.len > CONDITION_REGEX_MAX)
        return never(k, "the regular expression is too long", ret);
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_ALLOW_EMPTY_CLASS |
                       (no_case ? PCRE2_CASELESS : 0);
    int         code;
    PCRE2_SIZE  at;
    PCRE2_SPTR8 text = (PCRE2_SPTR8)(v->text.len ? v->text.ptr : "");
    ret->regex = pcre2_compile(text, v->text.len, options, &code, &at, NULL);
    if (!ret->regex)
        return never(k, "not a regular expression", ret);
    arena_defer(k->a, free_code, ret->regex);
    return ST_OK;
}

static void fold_literal(Compiler *k, Condition *c)
{
    Str *folded = arena_array(k->a, Str, c->literal->n ? c->literal->n : 1);
    for (size_t i = 0; i < c->literal->n; i++)
        if (c->literal->items[i].type == JSON_STRING)
            folded[i] = text_fold(k->a, c->literal->items[i].text);
    c->folded = folded;
}

static bool known_type(Str name)
{
    static const char *const NAMES[] = {"null", "boolean", "number", "string", "array", "object"};
    for (size_t i = 0; i < COUNT_OF(NAMES); i++)
        if (str_eq(name, str_from_cstr(NAMES[i])))
            return true;
    return false;
}

/* $all: every element of the operand, as a condition on some element of the value. */
static Status compile_all(Compiler *k, const JsonValue *v, Condition *ret)
{
    Condition *kids = kids_of(k, ret, v->n);
    TRY(enter(k, v->n));
    for (size_t i = 0; i < v->n; i++) {
        size_t at = push_index(k, i);
        TRY(compile_ops(k, &v->items[i], &kids[i]));
        pop(k, at);
    }
    return ST_OK;
}

static Status compile_elem(Compiler *k, const JsonValue *v, Condition *ret)
{
    TRY(enter(k, 1));
    Condition *kid = kids_of(k, ret, 1);
    if (v->type != JSON_OBJECT)
        return never(k, "$elemMatch wants an object", ret);
    ret->op = is_operator_object(v) ? OP_ELEM_OPS : OP_ELEM_COND;
    return ret->op == OP_ELEM_OPS ? compile_ops(k, v, kid) : compile_cond(k, v, kid);
}

static Status compile_op(Compiler *k, Str name, const JsonValue *v, Condition *ret)
{
    bool known = false;
    for (size_t i = 0; i < COUNT_OF(OPS) && !known; i++)
        if (str_eq(name, str_from_cstr(OPS[i].name))) {
            ret->op = OPS[i].op;
            known = true;
        }
    if (!known)
        return never(k, "unknown operator", ret);
    ret->literal = v;
    bool list = v->type == JSON_ARRAY, text = v->type == JSON_STRING;
    switch ((int)ret->op) {
    case OP_IN:
    case OP_NIN: return list ? ST_OK : never(k, "wants a list", ret);
    case OP_INI:
    case OP_NINI:
        if (!list)
            return never(k, "wants a list", ret);
        fold_literal(k, ret);
        return ST_OK;
    case OP_ALL: return list ? compile_all(k, v, ret) : never(k, "wants a list", ret);
    case OP_ALLI:
        if (!list)
            return never(k, "wants a list", ret);
        fold_literal(k, ret);
        return ST_OK;
    case OP_REGEX: return compile_regex(k, v, name.ptr[name.len - 1] == 'i', ret);
    case OP_TYPE:
        return text && known_type(v->text) ? ST_OK : never(k, "wants the name of a type", ret);
    case OP_IN_GROUP:
    case OP_NOT_IN_GROUP: return text ? ST_OK : never(k, "wants the name of a group", ret);
    case OP_VEQ:
    case OP_VNE:
    case OP_VLT:
    case OP_VLTE:
    case OP_VGT:
    case OP_VGTE: return text || v->type == JSON_NUMBER ? ST_OK : never(k, "wants a version", ret);
    case OP_SIZE:
    case OP_NOT: TRY(enter(k, 1)); return compile_ops(k, v, kids_of(k, ret, 1));
    case OP_ELEM_COND: return compile_elem(k, v, ret);
    default: return ST_OK;
    }
}

/* What stands at a path: operators, or a value to compare with. */
static Status compile_ops(Compiler *k, const JsonValue *v, Condition *ret)
{
    if (!is_operator_object(v)) {
        ret->op = OP_LOOSE;
        ret->literal = v;
        return ST_OK;
    }
    TRY(enter(k, v->n));
    k->depth++;
    ret->op = OP_ALL_OPS;
    Condition *kids = kids_of(k, ret, v->n);
    for (size_t i = 0; i < v->n; i++) {
        size_t at = push(k, v->members[i].key);
        TRY(compile_op(k, v->members[i].key, &v->members[i].value, &kids[i]));
        pop(k, at);
    }
    k->depth--;
    return ST_OK;
}

/* --- conditions --------------------------------------------------------------------------- */

static Status compile_list(Compiler *k, CondOp op, const JsonValue *v, Condition *ret)
{
    if (v->type != JSON_ARRAY)
        return never(k, "wants a list of conditions", ret);
    TRY(enter(k, v->n));
    ret->op = op;
    Condition *kids = kids_of(k, ret, v->n);
    for (size_t i = 0; i < v->n; i++) {
        size_t at = push_index(k, i);
        TRY(compile_cond(k, &v->items[i], &kids[i]));
        pop(k, at);
    }
    return ST_OK;
}

static Status compile_path(Compiler *k, Str path, const JsonValue *v, Condition *ret)
{
    ret->op = OP_AT;
    ret->path = path;
    size_t n = 1;
    for (size_t i = 0; i < path.len; i++)
        n += path.ptr[i] == '.';
    ret->parts = arena_array(k->a, Str, n);
    while (ret->nparts < n)
        str_cut(path, '.', &ret->parts[ret->nparts++], &path);
    TRY(enter(k, 1));
    return compile_ops(k, v, kids_of(k, ret, 1));
}

static Status compile_member(Compiler *k, const JsonMember *m, Condition *ret)
{
    if (str_eq(m->key, STR("$and")))
        return compile_list(k, OP_AND, &m->value, ret);
    if (str_eq(m->key, STR("$or")))
        return compile_list(k, OP_OR, &m->value, ret);
    if (str_eq(m->key, STR("$nor")))
        return compile_list(k, OP_NOR, &m->value, ret);
    if (str_eq(m->key, STR("$not"))) {
        ret->op = OP_NOT_COND;
        TRY(enter(k, 1));
        return compile_cond(k, &m->value, kids_of(k, ret, 1));
    }
    return compile_path(k, m->key, &m->value, ret);
}

static Status compile_cond(Compiler *k, const JsonValue *v, Condition *ret)
{
    if (v->type != JSON_OBJECT)
        return never(k, "a condition is an object", ret);
    TRY(enter(k, v->n));
    k->depth++;
    ret->op = OP_AND;
    Condition *kids = kids_of(k, ret, v->n);
    for (size_t i = 0; i < v->n; i++) {
        size_t at = push(k, v->members[i].key);
        TRY(compile_member(k, &v->members[i], &kids[i]));
        pop(k, at);
    }
    k->depth--;
    return ST_OK;
}

Status condition_compile(Arena *a, const JsonValue *json, CondMode mode, const Condition **ret,
                         Err *err)
{
    Compiler   k = {.a = a, .mode = mode, .err = err};
    Condition *c = arena_new(a, Condition);
    buf_init(&k.pointer, CONDITION_BYTES_MAX);
    Status st = compile_cond(&k, json, c);
    buf_done(&k.pointer);
    if (st == ST_OK)
        *ret = c;
    return st;
}

Status condition_compile_text(Arena *a, Str json, CondMode mode, const Condition **ret, Err *err)
{
    if (json.len > CONDITION_BYTES_MAX)
        return err_set(err, ST_LIMIT, "condition.too_big", "more than %d bytes",
                       CONDITION_BYTES_MAX);
    const JsonValue *v;
    TRY(json_parse(a, str_dup(a, json), &v, err));
    return condition_compile(a, v, mode, ret, err);
}

/* --- paths -------------------------------------------------------------------------------- */

static void add_path(CondPaths *p, size_t *cap, Str path, Arena *a)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->items[i], path))
            return;
    if (p->n == *cap) {
        *cap = *cap ? *cap * 2 : 8;
        Str *more = arena_array(a, Str, *cap);
        if (p->n)
            memcpy(more, p->items, p->n * sizeof *more);
        p->items = more;
    }
    p->items[p->n++] = path;
}

static Str join(Arena *a, Str prefix, Str path)
{
    if (prefix.len == 0)
        return path;
    char *out = arena_array(a, char, prefix.len + path.len + 2);
    memcpy(out, prefix.ptr, prefix.len);
    out[prefix.len] = '.';
    if (path.len)
        memcpy(out + prefix.len + 1, path.ptr, path.len);
    return (Str){out, prefix.len + 1 + path.len};
}

static void collect(const Condition *c, Str prefix, CondPaths *p, size_t *cap, Arena *a)
{
    if (c->op == OP_AT) {
        prefix = join(a, prefix, c->path);
        add_path(p, cap, prefix, a);
    }
    for (size_t i = 0; i < c->nkids; i++)
        collect(&c->kids[i], prefix, p, cap, a);
}

CondPaths condition_paths(const Condition *c, Arena *a)
{
    CondPaths p = {0};
    size_t    cap = 0;
    collect(c, STR(""), &p, &cap, a);
    return p;
}
