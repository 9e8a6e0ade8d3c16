"""queries.py - a module's queries.sql: reading it and checking it against the schema."""
import re
import sqlite3

import text
from schema import Bad

KINDS = ("one", "maybe", "many", "each", "exec")
SCALARS = {"int", "text", "time", "bool", "real", "blob", "id", "json", "enum"}
LISTS = {"ids", "texts"}
PROBE = {"text": "", "json": "{}", "blob": b"", "ids": "[]", "texts": "[]", "enum": ""}
SAME = {"id": "int", "enum": "text"}  # stored alike
PG_CAST = {"int": "bigint", "id": "bigint", "time": "bigint", "text": "text", "enum": "text",
           "json": "text::jsonb", "bool": "boolean", "real": "double precision", "blob": "bytea",
           "ids": "bigint[]", "texts": "text[]"}
WRITES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
PARAMS_MAX = 7  # more go in a struct


class Field:
    """A parameter or a column: `price money`, `note text?`, `id id:prd`, `state enum:names`."""

    def __init__(self, words, bad):
        m = re.fullmatch(r"([a-z]\w*) ([a-z]+)(?::(\w+))?([?!]?)", words)
        if not m:
            bad(f"'{words}' is not NAME TYPE")
        self.name, self.type, self.of, self.mark = m.groups()
        if self.type not in SCALARS | LISTS | {"money"}:
            bad(f"there is no type '{self.type}'")
        if self.type == "enum" and not self.of:
            bad("say enum:NAME_OF_THE_ARRAY")
        if self.mark and self.type in LISTS | {"money"} or self.mark == "?" and self.type == "enum":
            bad(f"'{words}' cannot be absent")

    @property
    def optional(self):
        return self.mark == "?"

    @property
    def sql_names(self):
        """What it is called in the statement: a money is two."""
        return [self.name + "_amount", self.name + "_currency"] if self.type == "money" else [self.name]

    @property
    def sql_types(self):
        return ["int", "text"] if self.type == "money" else [self.type]

    def same(self, other):
        return (self.name, self.type, self.of, self.optional) == \
            (other.name, other.type, other.of, other.optional)


class Query:
    def __init__(self, at, words, doc):
        self.at, self.doc = at, doc
        self.name, self.kind, self.row = (words + ["", "", ""])[:3]
        self.ins, self.outs, self.reads, self.docs = [], [], [], {}
        self.tags, self.portable, self.postgres = {}, "", None
        self.writes, self.touched = False, set()
        self.in_struct = None
        if not re.fullmatch(r"[a-z]\w*", self.name) or self.kind not in KINDS or len(words) > 3:
            self.bad("write @query NAME " + "|".join(KINDS) + " [Row]")
        if self.kind in ("many", "each") and not self.row:
            self.bad(f"'{self.kind}' needs the name of a row struct")

    def bad(self, why):
        raise Bad(f"{self.at}: {self.name}: {why}")

    # --- the statement as each engine gets it ----------------------------------------------

    def numbers(self):
        """{sql parameter: (number, type)}"""
        names = [(n, t) for f in self.ins for n, t in zip(f.sql_names, f.sql_types)]
        return {n: (i, t) for i, (n, t) in enumerate(names, 1)}

    def engine(self, number):
        source = self.postgres if number == 1 and self.postgres is not None else self.portable
        source = text.macros(source, text.QUERY_MACROS, number)
        numbers = self.numbers()

        def lists(m):
            no, name = m[1], m[2]
            if name not in numbers or numbers[name][1] not in LISTS:
                return m[0]
            if number == 0:
                return f"{no or ''}IN (SELECT value FROM json_each(:{name}))"
            return f"{'<> ALL' if no else '= ANY'}(:{name})"
        source = re.sub(r"(NOT\s+)?\bIN\s*\(\s*:(\w+)\s*\)", lists, source, flags=re.I)

        def one(name):
            i, kind = numbers[name]
            return f"?{i}" if number == 0 else f"${i}::{PG_CAST[kind]}"
        return "".join(one(p[1:]) if kind == "param" else p for kind, p in text.pieces(source))

    # --- checks ---------------------------------------------------------------------------------

    def check(self, schema):
        self.check_text()
        try:
            sql = self.engine(0)
        except KeyError as e:
            self.bad(f"there is no macro or parameter {e.args[0]}")
        plan = self.check_access(schema, sql)
        self.check_columns(schema, sql)
        self.check_params(schema)
        self.check_plan(plan)

    def check_text(self):
        names = [n for f in self.ins for n in f.sql_names]
        for source in [self.portable] + ([self.postgres] if self.postgres is not None else []):
            if not source:
                self.bad("there is no statement")
            if ";" in text.without_strings(source):
                self.bad("one statement per query")
            if set(text.params(source)) != set(names):
                self.bad(f"@in has {sorted(names)}, the statement has {sorted(text.params(source))}")
            plain = text.without_strings(source)
            if re.search(r"(\bSELECT|\bDISTINCT|,|\bRETURNING)\s+(\w+\.)?\*", plain, re.I):
                self.bad("name the columns: '*' changes with the schema")
        if len(set(names)) != len(names):
            self.bad("two parameters have one name")
        if len(self.ins) > PARAMS_MAX and not self.in_struct:
            self.bad(f"more than {PARAMS_MAX} parameters: pass them as a struct with -- @from NAME")
        for f in self.ins:
            if f.mark == "!":
                self.bad(f"{f.name}: '!' is for columns that are never NULL")
        if any(f.type in LISTS for f in self.outs):
            self.bad("a column cannot be a list")
        why = None if self.postgres is not None else text.not_portable(self.portable)
        if why:
            self.bad(why + " (or give PostgreSQL its own text with -- @pg)")
        self.check_kind()

    def check_kind(self):
        if (self.kind == "exec") != (not self.outs):
            self.bad("'exec' has no @out, the other kinds have")
        if self.kind == "exec" and self.row:
            self.bad("'exec' has no row")
        if not self.row and len(self.outs) > 3:
            self.bad("more than 3 columns: name a row struct")
        limited = re.search(r"\bLIMIT\b", text.top_level(self.portable), re.I)
        if self.kind == "many" and not limited and "unbounded" not in self.tags:
            self.bad("a list needs a LIMIT, or -- @unbounded with the reason why it stays short")

    def check_access(self, schema, sql):
        problems = []

        def authorize(action, table, column, _database, _trigger):
            if table in schema.tables:  # not SQLite's own
                self.writes |= action in WRITES
                self.touched.add(table)
                if not table.startswith(schema.module + "_"):
                    if action in WRITES:
                        problems.append(f"writes {table}, which belongs to another module")
                    elif table not in self.reads:
                        problems.append(f"reads {table} of another module: say -- @reads {table}")
            return sqlite3.SQLITE_OK
        try:
            schema.db.set_authorizer(authorize)
            values = [PROBE.get(t, 0) for _, t in self.numbers().values()]
            plan = schema.db.execute("EXPLAIN QUERY PLAN " + sql, values).fetchall()
        except sqlite3.Error as e:
            self.bad(str(e))
        finally:
            schema.db.set_authorizer(None)
        if problems:
            self.bad(problems[0])
        for table in self.reads:
            if table not in self.touched:
                self.bad(f"does not read {table}: drop it from @reads")
        return [step[3] for step in plan]

    def check_columns(self, schema, sql):
        result = schema.typed.result(sql)
        fields = [(n, t, f) for f in self.outs for n, t in zip(f.sql_names, f.sql_types)]
        if [c[0] for c in result] != [n for n, _, _ in fields]:
            self.bad(f"@out has {[n for n, _, _ in fields]}, the statement gives {[c[0] for c in result]}")
        outer = set(re.findall(r"\b(?:LEFT|FULL)\s+(?:OUTER\s+)?JOIN\s+(\w+)", self.portable, re.I))
        for (column, table, origin), (_, kind, field) in zip(result, fields):
            if table is None or origin is None or table not in schema.columns:
                continue
            stored, nullable = schema.columns[table].get(origin, (None, False))
            if stored and stored != SAME.get(kind, kind) and not (kind == "json" and stored == "text"):
                self.bad(f"{column} is {stored} in {table}, not {kind}")
            if (nullable or table in outer) and field.mark == "":
                self.bad(f"{column} may be NULL: say {field.type}?, or {field.type}! when it never is here")

    def check_params(self, schema):
        """Types of parameters that are compared with, or stored in, a column."""
        numbers = {n: (t, f) for f in self.ins for n, t in zip(f.sql_names, f.sql_types)}
        for column, name, stores in self.meetings():
            found = {schema.columns[t][column] for t in self.touched if column in schema.columns[t]}
            if len(found) != 1 or name not in numbers:
                continue
            stored, nullable = found.pop()
            kind, field = numbers[name]
            if kind in LISTS:
                kind = {"ids": "int", "texts": "text"}[kind]
            if stored and stored != SAME.get(kind, kind) and not (kind == "json" and stored == "text"):
                self.bad(f":{name} is {kind}, but {column} is {stored}")
            if stores and field.optional and not nullable:
                self.bad(f":{name} may be absent, but {column} is NOT NULL")

    def meetings(self):
        """(column, parameter, whether it is stored there)"""
        plain = text.without_strings(self.portable)
        stored = re.search(r"\bSET\b(.*?)(\bWHERE\b|\bRETURNING\b|\bFROM\b|$)", plain, re.I)
        for m in re.finditer(r"(\w+)\s*(=|<>|<=|>=|<|>|IS NOT DISTINCT FROM|IN\s*\()\s*:(\w+)", plain):
            yield m[1], m[3], bool(stored) and stored.start() < m.start() < stored.end()
        for m in re.finditer(r"\bINSERT\s+INTO\s+\w+\s*\(([^)]*)\)\s*VALUES\s*\(", plain, re.I):
            columns = text.split(m[1])
            rest, depth, end = plain[m.end():], 1, 0
            while depth > 0 and end < len(rest):
                depth += {"(": 1, ")": -1}.get(rest[end], 0)
                end += 1
            for column, value in zip(columns, text.split(rest[:end - 1])):
                if re.fullmatch(r":\w+", value):
                    yield column, value[1:], True

    def check_plan(self, plan):
        ours = {n.lower() for n in re.findall(
            r"(\w+)\s*(?:\([\w\s,]*\)\s*)?AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(", self.portable, re.I)}
        ours |= {n.lower() for n in re.findall(r"\)\s*(?:AS\s+)?(\w+)", self.portable, re.I)}
        scanned = sorted_ = False
        for step in plan:
            m = re.match(r"SCAN (\S+)(.*)", step)
            if m and m[1] != "CONSTANT" and "VIRTUAL TABLE" not in m[2] and not m[1].startswith("(") and \
                    m[1].lower() not in ours:
                scanned = True
                if "scan" not in self.tags:
                    self.bad(f"plan says '{step}': add an index, or -- @scan with the reason")
            if "AUTOMATIC" in step:
                scanned = True
                if "scan" not in self.tags:
                    self.bad(f"plan says '{step}': SQLite would build an index each time it runs")
            if "USE TEMP B-TREE" in step:
                sorted_ = True
                if "sort" not in self.tags:
                    self.bad(f"plan says '{step}': give an index in that order, or -- @sort with the reason")
        if "scan" in self.tags and not scanned:
            self.bad("does not scan: drop @scan")
        if "sort" in self.tags and not sorted_:
            self.bad("does not sort: drop @sort")


REASONS = ("scan", "sort", "unbounded", "unused")


def parse(path, source):
    """The queries of a file."""
    found, q, doc, target = [], None, [], "portable"
    for number, line in enumerate(source.splitlines(), 1):
        tag = re.match(r"--\s*@(\w+)\s*(.*?)\s*$", line)
        if tag and tag[1] == "query":
            q, target = Query(f"{path}:{number}", tag[2].split(), doc), "portable"
            found.append(q)
            doc = []
        elif tag and q:
            target = "postgres" if tag[1] == "pg" else target
            take_tag(q, tag[1], tag[2])
        elif tag:
            raise Bad(f"{path}:{number}: @{tag[1]} before the first @query")
        elif line.startswith("--"):
            doc.append(line[2:].strip())
        elif not line.strip():
            doc = []
        elif q:
            setattr(q, target, (getattr(q, target) or "") + line + "\n")
            doc = []
        else:
            raise Bad(f"{path}:{number}: SQL before the first @query")
    names = [q.name for q in found]
    for q in found:
        if names.count(q.name) > 1:
            q.bad("there are two of this name")
        q.portable = text.tidy(q.portable)
        q.postgres = text.tidy(q.postgres) if q.postgres is not None else None
    return found


def take_tag(q, tag, words):
    if tag in ("in", "out"):
        fields = q.ins if tag == "in" else q.outs
        fields += [Field(" ".join(f.split()), q.bad) for f in words.split(",") if f.strip()]
    elif tag == "reads":
        q.reads += words.replace(",", " ").split()
    elif tag == "from":
        q.in_struct = words
    elif tag == "doc":
        name, _, doc = words.partition(" ")
        q.docs[name] = doc
    elif tag == "shape":
        if not q.row:
            q.bad("@shape needs a row struct")
        q.tags["shape"] = words
    elif tag == "missing":
        if q.kind != "one" or not re.fullmatch(r"[a-z_]+\.[a-z_]+", words):
            q.bad("@missing MODULE.CODE is for the kind 'one'")
        q.tags["missing"] = words
    elif tag == "pg":
        q.postgres = ""
    elif tag in REASONS:
        if not words:
            q.bad(f"@{tag} needs the reason")
        q.tags[tag] = words
    else:
        q.bad(f"there is no tag @{tag}")
