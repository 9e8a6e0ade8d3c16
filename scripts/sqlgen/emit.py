"""emit.py - the C that comes out: row structs, one function per query, shapes, migrations."""
import re

C_TYPE = {"int": "int64_t ", "id": "int64_t ", "text": "Str ", "json": "Str ", "blob": "Str ",
          "time": "UnixMs ", "bool": "bool ", "real": "double ", "money": "Money ", "enum": "int "}
C_OPT = {"int": "OptI64 ", "id": "OptI64 ", "time": "OptTime ", "bool": "OptBool ", "real": "OptReal "}
FN = {"int": "i64", "id": "i64", "text": "str", "json": "str", "blob": "blob", "time": "time",
      "bool": "bool", "real": "real", "money": "money", "enum": "enum", "ids": "ids", "texts": "strs"}
LETTER = {"int": "i", "id": "i", "time": "i", "text": "t", "json": "t", "enum": "t", "blob": "x",
          "bool": "b", "real": "r", "ids": "I", "texts": "T"}
SHAPE_KIND = {"int": "INT", "id": "ID", "text": "TEXT", "json": "JSON", "time": "TIME", "bool": "BOOL",
              "real": "REAL", "money": "MONEY", "enum": "ENUM"}


def c_type(f):
    return (C_OPT if f.optional else C_TYPE).get(f.type, C_TYPE.get(f.type, ""))


def members(fields):
    lines = []
    for f in fields:
        if f.type == "ids":
            lines += [f"    const int64_t *{f.name};", f"    size_t n{f.name};"]
        elif f.type == "texts":
            lines += [f"    const Str *{f.name};", f"    size_t n{f.name};"]
        else:
            lines.append(f"    {c_type(f)}{f.name};" + (" /* may be absent: ptr NULL */" if f.optional and
                         f.type in ("text", "json", "blob") else ""))
    return lines


def arguments(f):
    if f.type in ("ids", "texts"):
        return [f"const {'int64_t' if f.type == 'ids' else 'Str'} *{f.name}", f"size_t n{f.name}"]
    return [c_type(f) + f.name]


def quote(sql):
    return '"' + sql.replace("\\", "\\\\").replace('"', '\\"').replace("\n", '\\n"\n    "') + '"'


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def signature(module, q):
    args = ["Cx *cx"]
    args += [f"const {q.in_struct} *in"] if q.in_struct else [a for f in q.ins for a in arguments(f)]
    if q.kind == "exec":
        args.append("int64_t *ret_changed")
    elif q.kind == "each":
        args += [f"{q.row}Fn *fn", "void *arg"]
    else:
        if q.kind == "maybe":
            args.append("bool *ret_found")
        args += [f"{q.row}{'List' if q.kind == 'many' else ''} *ret"] if q.row else \
            [f"{c_type(f)}*ret_{f.name}" for f in q.outs]
    return f"Status {module}_sql_{q.name}({', '.join(args)})"


def binds(q):
    i = 1
    for f in q.ins:
        value = ("in->" if q.in_struct else "") + f.name
        extra = ""
        if f.type in ("ids", "texts"):
            extra = f", {'in->' if q.in_struct else ''}n{f.name}"
        elif f.type == "enum":
            extra = f", {f.of}"
        elif f.type == "money":
            value = f"&{value}"
        yield f"    db_bind_{'opt_' if f.optional else ''}{FN[f.type]}(&run, {i}, {value}{extra});"
        i += len(f.sql_names)


def takes(q, arena):
    """[(member, expression that reads it)]"""
    i, out = 0, []
    for f in q.outs:
        if f.type in ("text", "json", "blob"):
            expression = f"db_col_{FN[f.type]}(&run, {arena}, {i})"
        elif f.type == "enum":
            expression = f"db_col_enum(&run, {i}, {f.of})"
        else:
            expression = f"db_col_{'opt_' if f.optional else ''}{FN[f.type]}(&run, {i})"
        out.append((f.name, expression))
        i += len(f.sql_names)
    return out


def row_value(q, arena):
    return f"({q.row}){{" + ", ".join(f".{n} = {e}" for n, e in takes(q, arena)) + "}"


def letters(fields):
    return "".join(LETTER[t].upper() if f.optional else LETTER[t] for f in fields for t in f.sql_types)


def query_const(module, q):
    types = "".join(LETTER[t] for f in q.ins for t in f.sql_types)
    return [f"static const DbQuery Q_{q.name.upper()} = {{",
            f"    .name = \"{module}.{q.name}\",",
            f"    .sqlite = {quote(q.engine(0))},",
            f"    .postgres = {quote(q.engine(1))},",
            f"    .types = \"{types}\",",
            f"    .columns = \"{letters(q.outs)}\"}};", ""]


STEP = "    TRY(db_step(&run, &row, &cx->err));"


def body(module, q):
    c = query_const(module, q) + [signature(module, q), "{"]
    if q.writes:
        c.append("    ASSERT(cx->tx_depth > 0); /* writes: use cx_in_tx() */")
    if q.kind == "each":
        c += ["    CLEANUP(arena_done) Arena rows = {0};", "    arena_init(&rows, 4096);"]
    c += ["    CLEANUP(db_run_end) DbRun run = {0};", *([] if q.kind == "exec" else ["    bool row;"]),
          f"    TRY(cx_run{'_each' if q.kind == 'each' else ''}(cx, &Q_{q.name.upper()}, &run));", *binds(q)]
    c += {"exec": body_exec, "one": body_one, "maybe": body_one, "many": body_many, "each": body_each}[q.kind](q)
    return "\n".join(c + ["}", ""])


def body_exec(_q):
    return ["    return db_exec(&run, ret_changed, &cx->err);"]


def body_one(q):
    c = [STEP]
    if q.kind == "maybe":
        c += ["    *ret_found = row;", "    if (!row)", "        return ST_OK;"]
    else:
        noun = q.name.split("_")[0]
        c += ["    if (!row)", f"        return cx_fail(cx, ST_NOT_FOUND, \"{q.tags['missing']}\", "
              f"\"there is no such {noun}\");" if "missing" in q.tags else f"        return cx_no_row(cx, \"{noun}\");"]
    if q.row:
        c.append(f"    *ret = {row_value(q, 'cx->arena')};")
    else:
        c += [f"    *ret_{n} = {e};" for n, e in takes(q, "cx->arena")]
    if q.writes:  # run RETURNING statements to their end
        c.append(STEP)
    return c + ["    return ST_OK;"]


def body_many(q):
    return [f"    {q.row}List list = {{0}};", "    size_t cap = 0;", "    for (;;) {", "    " + STEP,
            "        if (!row)", "            break;", "        if (list.n == cap) {",
            "            cap = cap == 0 ? 16 : cap * 2;",
            f"            {q.row} *more = arena_array(cx->arena, {q.row}, cap);",
            "            for (size_t i = 0; i < list.n; i++)", "                more[i] = list.items[i];",
            "            list.items = more;", "        }",
            f"        list.items[list.n++] = {row_value(q, 'cx->arena')};", "    }",
            "    *ret = list;", "    return ST_OK;"]


def body_each(q):
    return ["    for (;;) {", "    " + STEP, "        if (!row)", "            return ST_OK;",
            "        arena_reset(&rows);", f"        {q.row} item = {row_value(q, '&rows')};",
            "        TRY(fn(cx, &item, arg));", "    }"]


def shape(q):
    """A Shape for a row: every field read-only."""
    fields = []
    for f in q.outs:
        if f.type not in SHAPE_KIND:
            q.bad(f"{f.name}: a {f.type} has no place in a shape")
        if f.type == "id" and not f.of:
            q.bad(f"{f.name}: say id:PREFIX for a shape")
        flags = "SHAPE_READ_ONLY" + (" | SHAPE_NULLABLE" if f.optional else "")
        extra = f", .prefix = \"{f.of}\"" if f.type == "id" else f", .names = {f.of}" if f.type == "enum" else ""
        extra += f", .doc = {quote(q.docs[f.name])}" if f.name in q.docs else ""
        fields.append(f"    {{.name = \"{f.name}\", .kind = SHAPE_K_{SHAPE_KIND[f.type]}, .flags = {flags},\n"
                      f"     .offset = offsetof({q.row}, {f.name}){extra}}},")
    name, _, doc = q.tags["shape"].partition(" ")
    var = snake(q.row)
    return "\n".join([
        f"static const ShapeField {var.upper()}_FIELDS[] = {{", *fields, "};",
        f"const Shape {var}_shape = {{.name = \"{name or q.row}\", .doc = {quote(doc)},",
        f"    .size = sizeof({q.row}), .fields = {var.upper()}_FIELDS,",
        f"    .n = {len(q.outs)}, .given_offset = SIZE_MAX, .index = &(ShapeIndex *){{0}}}};", ""])


def structs(queries):
    """{struct: its fields}, rows first; the same name twice must mean the same."""
    found = {}
    for q in queries:
        if q.row:
            known = found.setdefault(q.row, q.outs)
            if len(known) != len(q.outs) or not all(a.same(b) for a, b in zip(known, q.outs)):
                q.bad(f"{q.row} was declared with other columns before")
    for q in queries:
        if not q.in_struct:
            continue
        known = {f.name: f for f in found.setdefault(q.in_struct, q.ins)}
        for f in q.ins:
            if f.name not in known or not f.same(known[f.name]):
                q.bad(f"{q.in_struct} has no member '{f.name}' of this type")
    return found


def header(module, queries):
    h = [f"/* Generated from {module}/queries.sql by scripts/sqlgen. Do not edit. */", "#pragma once", "",
         '#include "base/money.h"', '#include "core/cx.h"']
    if any("shape" in q.tags for q in queries):
        h.append('#include "base/shape.h"')
    h.append("")
    for name, fields in structs(queries).items():
        h += [f"typedef struct {name} {{", *members(fields), f"}} {name};", ""]
    for row in dict.fromkeys(q.row for q in queries if q.kind == "many"):
        h += [f"typedef struct {row}List {{", f"    {row} *items;", "    size_t n;", f"}} {row}List;", ""]
    for row in dict.fromkeys(q.row for q in queries if q.kind == "each"):
        h += [f"typedef Status {row}Fn(Cx *cx, const {row} *row, void *arg); /* *row is gone afterwards */", ""]
    for q in queries:
        if q.doc:
            h.append("/* " + "\n * ".join(q.doc) + " */")
        h.append(f"NODISCARD {signature(module, q)};")
        if "shape" in q.tags:
            h.append(f"extern const Shape {snake(q.row)}_shape;")
    return h


def schema_header(module, migrations, queries):
    up = module.upper()
    return ["", "/* For Module.migrations: the schema, and all statements for tests to try. */",
            f"extern const DbMigration {module}_migrations[];",
            f"extern const DbQuery *const {module}_queries[];",
            f"#define {up}_MIGRATIONS \\",
            f"    {{{module}_migrations, {len(migrations)}, {module}_queries, {len(queries)}}}"]


def source(module, migrations, queries):
    c = ["/* Generated. Do not edit. */", f'#include "{module}/{module}_sql.h"', "",
         '#include "db/db_col.h"', "",
         '#pragma GCC diagnostic ignored "-Woverlength-strings" /* migrations */', ""]
    enums = sorted({f.of for q in queries for f in q.ins + q.outs if f.type == "enum"})
    c += [f"extern const char *const {e}[];" for e in enums] + [""]
    for q in queries:
        c.append(body(module, q))
        if "shape" in q.tags:
            c.append(shape(q))
    c.append(f"const DbMigration {module}_migrations[] = {{")
    for m in migrations:
        c += ["    {.module = \"%s\", .version = %d, .name = \"%s\"," % (module, m.version, m.name),
              f"     .sqlite = {quote(m.engine(0))},", f"     .postgres = {quote(m.engine(1))},",
              f"     .sqlite_sum = \"{m.sum(0)}\", .postgres_sum = \"{m.sum(1)}\"}},"]
    c += ["    {0}};", "", f"const DbQuery *const {module}_queries[] = {{"]
    c += [f"    &Q_{q.name.upper()}," for q in queries] + ["    NULL};"]
    return c
