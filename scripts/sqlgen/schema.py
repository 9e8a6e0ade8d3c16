"""schema.py - migrations: reading them, trying them, and what is wrong with them."""
import ctypes
import ctypes.util
import hashlib
import pathlib
import re
import sqlite3

import text


class Bad(Exception):
    """Something that must be put right; str() is FILE:LINE: why."""


class Migration:
    def __init__(self, path):
        m = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if not m:
            raise Bad(f"{path}: migrations are called NNNN_name.sql or NNNN_name.pg.sql")
        self.path, self.module = path, path.parent.parent.name
        self.version, self.name = int(m[1]), m[2]
        self.source = path.read_text(encoding="utf-8")
        self.pg_path = path.with_name(path.stem + ".pg.sql")
        self.pg_source = self.pg_path.read_text(encoding="utf-8") if self.pg_path.exists() else None

    def engine(self, number):
        source = self.pg_source if number == 1 and self.pg_source is not None else self.source
        if self.pg_source is None:
            bare = text.BARE_TYPES.search(text.without_strings(source))
            if bare:
                raise Bad(f"{self.path}: '{bare[0]}' does not mean the same on both engines: write one of "
                          + " ".join("{%s}" % m for m in text.DDL_MACROS))
        sql = self.expand(source, text.DDL_MACROS, number)
        return text.spell_checks(sql) if number == 0 else sql

    def typed(self):
        """For SQLite, with the macro's name left visible in each column's type."""
        table = {k: (text.TYPED.get(k, v[0]),) for k, v in text.DDL_MACROS.items()}
        return re.sub(r"\bSTRICT\b,?", "", self.expand(self.source, table, 0)) \
            if self.pg_source else self.expand(self.source, table, 0)

    def expand(self, source, table, number):
        try:
            return text.macros(source, table, number).strip()
        except KeyError as e:
            raise Bad(f"{self.path}: there is no macro {{{e.args[0]}}}") from e

    def sum(self, number):
        source = self.pg_source if number == 1 and self.pg_source is not None else self.source
        return hashlib.sha256(text.tidy(source).encode()).hexdigest()[:16]


def migrations(src, module):
    found = [Migration(p) for p in sorted(pathlib.Path(src, module, "migrations").glob("*.sql"))
             if not p.name.endswith(".pg.sql")]
    for i, m in enumerate(found, 1):
        if m.version != i:
            raise Bad(f"{m.path}: this should be number {i:04d}: versions count from 1 without gaps")
    return found


class Schema:
    """A module's tables and those of others that they, or its queries, refer to."""

    def __init__(self, src, module, queries_text):
        self.src, self.module = pathlib.Path(src), module
        self.own, self.all = migrations(src, module), []
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.execute("PRAGMA case_sensitive_like = ON")
        self.typed = Typed()
        self.load(module, queries_text, [])
        self.tables = {row[0]: row for row in self.db.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
            " AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")}
        self.columns = {t: self.typed.table(t) for t in self.tables}

    def load(self, module, more, asked):
        if module in asked:
            raise Bad(f"{self.src}/{module}: migrations refer to each other in a circle: {' '.join(asked)}")
        own = migrations(self.src, module)
        words = set(re.findall(r"\b([a-z]+)_\w+", "\n".join([m.source for m in own] + [more])))
        for other in sorted(words - {module}):
            if (self.src / other / "migrations").is_dir() and \
                    not any(m.module == other for m in self.all):
                self.load(other, "", asked + [module])
        for m in own:
            self.all.append(m)
            try:
                m.engine(1)
                self.db.executescript(m.engine(0))
                self.typed.script(m.typed())
            except sqlite3.Error as e:
                raise Bad(f"{m.path}: {e}") from e

    def check(self):
        """What is wrong with the module's own tables."""
        at = f"{self.src}/{self.module}/migrations"
        for table, strict in self.tables.values():
            if not table.startswith(self.module + "_"):
                continue
            if not strict:
                yield f"{at}: {table}: end the table with {{STRICT}} or {{KEYED}}"
            for column, (kind, _) in self.columns[table].items():
                if kind is None and not any(m.pg_source for m in self.own):
                    yield f"{at}: {table}.{column}: its type differs between the engines: say {{INT}} or the like"
            for (index,) in self.db.execute(
                    "SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", (table,)):
                columns = ", ".join(r[0] for r in self.db.execute(
                    "SELECT name FROM pragma_index_info(?)", (index,)))
                yield (f"{at}: {table}: UNIQUE ({columns}) has no name that both engines know: "
                       f"CREATE UNIQUE INDEX {table}_by_… ON {table} ({columns})")
            yield from self.check_foreign_keys(at, table)

    def check_foreign_keys(self, at, table):
        indexes = [[r[0] for r in self.db.execute("SELECT name FROM pragma_index_info(?)", (i,))]
                   for (i,) in self.db.execute("SELECT name FROM pragma_index_list(?)", (table,))]
        indexes.append([r[0] for r in self.db.execute(
            "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))])
        keys = {}
        for key, column in self.db.execute(
                "SELECT id, \"from\" FROM pragma_foreign_key_list(?) ORDER BY id, seq", (table,)):
            keys.setdefault(key, []).append(column)
        for columns in keys.values():
            if not any(set(i[:len(columns)]) == set(columns) for i in indexes):
                yield (f"{at}: {table}: no index begins with the foreign key ({', '.join(columns)}): "
                       "each change of the row it refers to scans this table")


class Typed:
    """SQLite through its C interface, which tells where a result column comes from."""

    def __init__(self):
        lib = self.lib = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
        for name in ("errmsg", "column_name", "column_table_name", "column_origin_name", "column_decltype"):
            getattr(lib, "sqlite3_" + name).restype = ctypes.c_char_p
        self.db = ctypes.c_void_p()
        lib.sqlite3_open(b":memory:", ctypes.byref(self.db))

    def error(self):
        return sqlite3.OperationalError(self.lib.sqlite3_errmsg(self.db).decode())

    def script(self, sql):
        if self.lib.sqlite3_exec(self.db, sql.encode(), None, None, None) != 0:
            raise self.error()

    def result(self, sql):
        """[(column, table or None, its column or None)] of a statement."""
        stmt = ctypes.c_void_p()
        if self.lib.sqlite3_prepare_v2(self.db, sql.encode(), -1, ctypes.byref(stmt), None) != 0:
            raise self.error()

        def name(what, i):
            p = getattr(self.lib, "sqlite3_column_" + what)(stmt, i)
            return p.decode() if p is not None else None
        columns = [(name("name", i), name("table_name", i), name("origin_name", i))
                   for i in range(self.lib.sqlite3_column_count(stmt))]
        self.lib.sqlite3_finalize(stmt)
        return columns

    def table(self, table):
        """{column: (type, may be NULL)}; type is None where a macro does not tell."""
        kinds = {"INT_INT": "int", "TIME_INT": "time", "BOOL_INT": "bool", "JSON_TEXT": "json",
                 "TEXT": "text", "REAL": "real", "BLOB": "blob"}
        stmt, out = ctypes.c_void_p(), {}
        sql = f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')"
        self.lib.sqlite3_prepare_v2(self.db, sql.encode(), -1, ctypes.byref(stmt), None)
        self.lib.sqlite3_column_text.restype = ctypes.c_char_p
        while self.lib.sqlite3_step(stmt) == 100:
            kind = self.lib.sqlite3_column_text(stmt, 1).decode()
            pk = self.lib.sqlite3_column_int(stmt, 3) > 0
            out[self.lib.sqlite3_column_text(stmt, 0).decode()] = (
                "int" if kind == "INTEGER" and pk else kinds.get(kind),
                not pk and self.lib.sqlite3_column_int(stmt, 2) == 0)
        self.lib.sqlite3_finalize(stmt)
        return out
