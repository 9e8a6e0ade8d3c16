"""python3 scripts/sqlgen MODULE/queries.sql OUT.h OUT.c DEPFILE
python3 scripts/sqlgen --unused SRC

Turns a module's queries.sql, queries_*.sql and migrations into C and refuses what is wrong; docs/sql.md
tells how they are written. --unused names queries that no C file calls."""
import pathlib
import re
import sys

import emit
import queries
import schema


def files(path):
    """queries.sql, and what a large module has beside it: queries_PART.sql."""
    return [path] + sorted(path.parent.glob("queries_*.sql"))


def every(path):
    """The queries of all these files; names are unique among them."""
    found = []
    for p in files(path):
        for q in queries.parse(p, p.read_text(encoding="utf-8")):
            if any(q.name == other.name for other in found):
                q.bad("there are two of this name")
            found.append(q)
    return found


def generate(path, out_h, out_c, depfile):
    path = pathlib.Path(path)
    module, src = path.parent.name, path.parent.parent
    problems, good = [], []
    tables = schema.Schema(src, module, "".join(p.read_text(encoding="utf-8") for p in files(path)))
    problems += tables.check()
    for q in every(path):
        try:
            q.check(tables)
            good.append(q)
        except schema.Bad as e:
            problems.append(str(e))
    if not problems:
        h = emit.header(module, good) + emit.schema_header(module, tables.own, good)
        c = emit.source(module, tables.own, good)
        pathlib.Path(out_h).write_text("\n".join(h) + "\n", encoding="utf-8")
        pathlib.Path(out_c).write_text("\n".join(c) + "\n", encoding="utf-8")
        depends = files(path) + [path.parent] + [p for m in tables.all for p in (m.path, m.pg_path) if p.exists()]
        depends += {p.parent for p in depends if p.parent.name == "migrations"}  # files to come
        if (path.parent / "migrations").is_dir():
            depends.append(path.parent / "migrations")
        pathlib.Path(depfile).write_text(
            f"{out_h} {out_c}: {' '.join(sorted(map(str, set(depends))))}\n", encoding="utf-8")
    return problems


def unused(src):
    problems = []
    for path in sorted(pathlib.Path(src).glob("*/queries.sql")):
        code = "".join(f.read_text(encoding="utf-8") for f in pathlib.Path(src).rglob("*.c"))
        called = set(re.findall(r"\b(\w+_sql_\w+)", code))
        problems += [f"{q.at}: {q.name}: nobody calls it: drop it, or -- @unused with the reason"
                     for q in every(path)
                     if f"{path.parent.name}_sql_{q.name}" not in called and "unused" not in q.tags]
    return problems


def main(args):
    if len(args) == 2 and args[0] == "--unused":
        work = unused, args[1:]
    elif len(args) == 4:
        work = generate, args
    else:
        sys.exit(__doc__)
    try:
        problems = work[0](*work[1])
    except schema.Bad as e:
        problems = [str(e)]
    for p in problems:
        print(p, file=sys.stderr)
    sys.exit(1 if problems else 0)


main(sys.argv[1:])
