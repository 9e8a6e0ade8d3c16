"""test_sqlgen.py SOURCE_ROOT - what sqlgen must refuse, and what it must not."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop())
TABLE = """CREATE TABLE shop_item (
    id {ID}, name {TEXT} NOT NULL, note {TEXT}, qty {INT} NOT NULL, at_ms {TIME} NOT NULL, ok {BOOL} NOT NULL
) {STRICT};
CREATE UNIQUE INDEX shop_item_by_name ON shop_item (name);
"""
PEOPLE = "CREATE TABLE people_account (id {ID}, name {TEXT} NOT NULL) {STRICT};"
GET = "-- @query item_get one Item\n-- @in id id\n-- @out id id, name text\n"
GOOD = GET + "SELECT id, name FROM shop_item WHERE id = :id;"


class Run:
    """One run of sqlgen over a module `shop`, with a module `people` below it."""

    def __init__(self, queries=GOOD, tables=TABLE, more=None, unused=False):
        with tempfile.TemporaryDirectory() as folder:
            src, out = pathlib.Path(folder, "src"), pathlib.Path(folder)
            files = {"shop/queries.sql": queries, "shop/migrations/0001_items.sql": tables,
                     "people/migrations/0001_accounts.sql": PEOPLE, **(more or {})}
            for name, content in files.items():
                path = src / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-B", ROOT / "scripts/sqlgen", src / "shop/queries.sql", out / "o.h",
                 out / "o.c", out / "o.d"], capture_output=True, text=True, check=False)
            self.ok, self.said = done.returncode == 0, done.stderr
            self.h = (out / "o.h").read_text() if self.ok else ""
            self.c = (out / "o.c").read_text() if self.ok else ""
            self.d = (out / "o.d").read_text() if self.ok else ""
            if unused:
                done = subprocess.run([sys.executable, "-B", ROOT / "scripts/sqlgen", "--unused", src],
                                      capture_output=True, text=True, check=False)
                self.unused = done.stderr


def query(tags, sql):
    return f"-- @query q {tags}\n{sql};\n"


class Refused(unittest.TestCase):
    def refused(self, why, queries=GOOD, tables=TABLE, more=None):
        run = Run(queries, tables, more)
        self.assertFalse(run.ok, "was accepted")
        self.assertNotIn("Traceback", run.said)
        self.assertIn(why, run.said)

    def test_a_typo_in_a_column(self):
        self.refused("no such column: nmae", GET + "SELECT id, nmae AS name FROM shop_item WHERE id = :id")

    def test_parameters_that_differ(self):
        self.refused("@in has", GET + "SELECT id, name FROM shop_item WHERE id = :ident")
        self.refused("@in has", query("exec\n-- @in id id, name text", "DELETE FROM shop_item WHERE id = :id"))

    def test_columns_that_differ(self):
        self.refused("@out has", GET + "SELECT name, id FROM shop_item WHERE id = :id")
        self.refused("@out has", GET + "SELECT id FROM shop_item WHERE id = :id")

    def test_types_that_differ(self):
        self.refused("qty is int in shop_item, not text", query(
            "one\n-- @in id id\n-- @out qty text", "SELECT qty FROM shop_item WHERE id = :id"))
        self.refused("at_ms is time in shop_item, not int", query(
            "one\n-- @in id id\n-- @out at_ms int", "SELECT at_ms FROM shop_item WHERE id = :id"))
        self.refused(":name is int, but name is text", query(
            "one\n-- @in name int\n-- @out id id", "SELECT id FROM shop_item WHERE name = :name"))
        self.refused(":qty is text, but qty is int", query(
            "exec\n-- @in id id, qty text", "UPDATE shop_item SET qty = :qty WHERE id = :id"))
        self.refused(":v is bool, but at_ms is time", query(
            "exec\n-- @in id id, n text, v bool",
            "INSERT INTO shop_item (id, name, qty, at_ms, ok) VALUES (:id, :n, 1, :v, TRUE)"))

    def test_null_where_none_is_declared(self):
        self.refused("note may be NULL", query(
            "one\n-- @in id id\n-- @out note text", "SELECT note FROM shop_item WHERE id = :id"))
        self.refused("b may be NULL", query(
            "one\n-- @in id id\n-- @out b text\n-- @reads people_account",
            "SELECT people_account.name AS b FROM shop_item LEFT JOIN people_account ON people_account.id = qty"
            " WHERE shop_item.id = :id"))
        self.refused(":name may be absent, but name is NOT NULL", query(
            "exec\n-- @in id id, name text?", "UPDATE shop_item SET name = :name WHERE id = :id"))

    def test_tables_of_others(self):
        self.refused("writes people_account, which belongs to another module", query(
            "exec\n-- @in id id\n-- @reads people_account", "DELETE FROM people_account WHERE id = :id"))
        self.refused("reads people_account of another module", query(
            "one\n-- @in id id\n-- @out name text", "SELECT name FROM people_account WHERE id = :id"))
        self.refused("does not read people_account", GET.replace("\n", "\n-- @reads people_account\n", 1) +
                     "SELECT id, name FROM shop_item WHERE id = :id")

    def test_scans(self):
        for sql in ("SELECT id FROM shop_item WHERE qty = :n LIMIT 5",
                    "SELECT i.id FROM shop_item AS i WHERE i.qty = :n LIMIT 5",
                    "SELECT id FROM (SELECT id FROM shop_item WHERE qty = :n) LIMIT 5"):
            self.refused("SCAN", query("many Row\n-- @in n int\n-- @out id id", sql))
        self.refused("USING COVERING INDEX", query(
            "many Row\n-- @in n int\n-- @out name text", "SELECT name FROM shop_item ORDER BY name LIMIT :n"))
        self.refused("does not scan", GET.replace("\n", "\n-- @scan because\n", 1) +
                     "SELECT id, name FROM shop_item WHERE id = :id")
        self.refused("needs the reason", GET.replace("\n", "\n-- @scan\n", 1) +
                     "SELECT id, name FROM shop_item WHERE id = :id")

    def test_sorts(self):
        self.refused("TEMP B-TREE", query(
            "many Row\n-- @in ids ids\n-- @out id id", "SELECT id FROM shop_item WHERE id IN (:ids)"
            " ORDER BY name LIMIT 10"))

    def test_lists_without_end(self):
        self.refused("a list needs a LIMIT", query(
            "many Row\n-- @in ids ids\n-- @out id id", "SELECT id FROM shop_item WHERE id IN (:ids)"))
        self.refused("a list needs a LIMIT", query(
            "many Row\n-- @in n int\n-- @out id id",
            "SELECT id FROM shop_item WHERE id IN (SELECT id FROM shop_item WHERE id > :n LIMIT 1)"))

    def test_stars(self):
        self.refused("name the columns", GET + "SELECT * FROM shop_item WHERE id = :id")
        self.refused("name the columns", GET + "SELECT i.* FROM shop_item AS i WHERE id = :id")
        self.refused("name the columns", query("maybe Item\n-- @in id id\n-- @out id id, name text",
                                               "DELETE FROM shop_item WHERE id = :id RETURNING *"))

    def test_what_one_engine_lacks(self):
        for sql, why in {
                "SELECT id FROM shop_item WHERE id = :id AND name LIKE 'a%'": "LIKE",
                "SELECT id FROM shop_item WHERE id = :id AND lower(name) = 'a'": "ASCII",
                "SELECT CAST(qty AS INTEGER) AS id FROM shop_item WHERE id = :id": "{INT}",
                "SELECT id FROM shop_item WHERE id = :id AND instr(name, 'a') > 0": "instr()",
                "SELECT max(id, 2) AS id FROM shop_item WHERE id = :id": "takes one value",
                "SELECT id FROM shop_item WHERE id = :id FOR UPDATE": "FOR UPDATE",
                "SELECT id FROM shop_item WHERE id = :id AND at_ms < now()": "now()",
                "SELECT qty::bigint AS id FROM shop_item WHERE id = :id": "::"}.items():
            self.refused(why, query("one\n-- @in id id\n-- @out id id", sql))
        self.refused("DELETE or UPDATE with LIMIT", query(
            "exec\n-- @in n int", "DELETE FROM shop_item WHERE id < :n LIMIT 5"))

    def test_too_many_parameters(self):
        names = [f"p{i}" for i in range(8)]
        self.refused("@from", query("exec\n-- @in " + ", ".join(n + " int" for n in names),
                                    "DELETE FROM shop_item WHERE id IN (" + ", ".join(":" + n for n in names) + ")"))

    def test_bad_files(self):
        self.refused("there are two of this name", GOOD + "\n" + GOOD)
        self.refused("there is no tag @inn", "-- @query q exec\n-- @inn x int\nDELETE FROM shop_item WHERE id = :x")
        self.refused("there is no type 'integer'", query("exec\n-- @in x integer",
                                                         "DELETE FROM shop_item WHERE id = :x"))
        self.refused("SQL before the first @query", "SELECT 1;")
        self.refused("there is no statement", "-- @query q exec\n-- @in x int\n")
        self.refused("one statement per query", GOOD + "\nSELECT 1;")
        self.refused("write @query NAME", "-- @query q all\nSELECT 1 FROM shop_item;")
        self.refused("Item was declared with other columns", GOOD + "\n" + query(
            "one Item\n-- @in id id\n-- @out id id", "SELECT id FROM shop_item WHERE id = :id"))

    def test_bad_tables(self):
        self.refused("does not mean the same", tables=TABLE.replace("{INT}", "INTEGER"))
        self.refused("there is no macro {NUMBER}", tables=TABLE.replace("{INT}", "{NUMBER}"))
        self.refused("end the table with {STRICT}", tables=TABLE.replace("{STRICT}", ""))
        self.refused("syntax error", tables=TABLE + "CREATE TABEL x;")
        self.refused("has no name that both engines know", tables=TABLE.replace("NOT NULL,", "NOT NULL UNIQUE,", 1))
        self.refused("no index begins with the foreign key", tables=TABLE +
                     "CREATE TABLE shop_part (id {ID}, item_id {INT} NOT NULL REFERENCES shop_item (id)) {STRICT};")
        self.refused("say {INT}", tables=TABLE.replace("qty {INT}", "qty integer"))

    def test_gaps_between_migrations(self):
        self.refused("should be number 0002", more={"shop/migrations/0003_more.sql": "SELECT 1;"})
        self.refused("NNNN_name.sql", more={"shop/migrations/2_more.sql": "SELECT 1;"})


class Accepted(unittest.TestCase):
    def accepted(self, queries=GOOD, tables=TABLE, more=None):
        run = Run(queries, tables, more)
        self.assertTrue(run.ok, run.said)
        return run

    def test_a_plain_query(self):
        run = self.accepted()
        self.assertIn("Status shop_sql_item_get(Cx *cx, int64_t id, Item *ret)", run.h)
        self.assertIn("id = ?1", run.c)
        self.assertIn("id = $1::bigint", run.c)

    def test_every_migration_is_a_dependency(self):
        run = self.accepted(more={"shop/migrations/0002_more.sql": "ALTER TABLE shop_item ADD COLUMN x {INT};"})
        self.assertIn("0001_items.sql", run.d)
        self.assertIn("0002_more.sql", run.d)
        self.assertNotIn("people", run.d)

    def test_tables_of_modules_below(self):
        run = self.accepted(query("one\n-- @in id id\n-- @out name text\n-- @reads people_account",
                                  "SELECT name FROM people_account WHERE id = :id"))
        self.assertIn("people", run.d)

    def test_reasons(self):
        self.accepted(query("many Row\n-- @in n int\n-- @out id id\n-- @scan a few rows",
                            "SELECT id FROM shop_item WHERE qty = :n LIMIT 5"))
        self.accepted(query("many Row\n-- @in ids ids\n-- @out id id\n-- @unbounded few\n-- @sort few",
                            "SELECT id FROM shop_item WHERE id IN (:ids) ORDER BY name"))

    def test_numbers_follow_the_order_of_in(self):
        run = self.accepted(query("exec\n-- @in id id, a text, b text",
                                  "UPDATE shop_item SET name = :b, note = :a WHERE id = :id AND name <> :b"))
        self.assertIn("SET name = ?3, note = ?2 WHERE id = ?1 AND name <> ?3", run.c)
        self.assertIn("SET name = $3::text, note = $2::text WHERE id = $1::bigint", run.c)

    def test_strings_and_comments_are_left_alone(self):
        run = self.accepted(GET + "SELECT id, name FROM shop_item -- :not_one {NEITHER}\n"
                                  "WHERE id = :id AND name <> ':x  {INT} ''--'")
        self.assertIn("name <> ':x  {INT} ''--'", run.c)

    def test_a_text_for_postgres(self):
        run = self.accepted(query("one\n-- @in id id\n-- @out id id",
                                  "SELECT id FROM shop_item WHERE id = :id\n-- @pg\n"
                                  "SELECT id FROM shop_item WHERE id = :id FOR UPDATE"))
        self.assertIn("id = $1::bigint FOR UPDATE", run.c)
        self.assertIn('id = ?1"', run.c)
        run = self.accepted(more={"shop/migrations/0001_items.pg.sql": "CREATE TABLE shop_item (x POINT);"})
        self.assertIn("(x POINT)", run.c)

    def test_conditions_spell_lists_out_for_sqlite(self):
        run = self.accepted(tables=TABLE.replace("name {TEXT} NOT NULL", "name {TEXT} NOT NULL CHECK (name IN ('a', 'b b',"
                                                 " 'c')), n {INT} CHECK (n > 0 OR n IN (-1, -2, -3))", 1)
                            + "CREATE INDEX shop_item_few ON shop_item (qty) WHERE name IN ('a', 'b', 'c');")
        _, sqlite, postgres, _ = re.split(r"CREATE TABLE shop_item|_sum =", run.c, maxsplit=3)
        self.assertIn("CHECK ((name = 'a' OR name = 'b b' OR name = 'c'))", sqlite)
        self.assertIn("CHECK (n > 0 OR (n = -1 OR n = -2 OR n = -3))", sqlite)
        self.assertIn("WHERE name IN ('a', 'b', 'c')", sqlite)
        self.assertIn("CHECK (name IN ('a', 'b b', 'c'))", postgres)

    def test_comments_do_not_change_the_sum_but_text_does(self):
        def sums(tables):
            return [line for line in self.accepted(tables=tables).c.splitlines() if "_sum" in line]
        self.assertEqual(sums(TABLE), sums("-- A comment.\n" + TABLE.replace(", note", ",\n  note")))
        self.assertNotEqual(sums(TABLE), sums(TABLE.replace("note {TEXT}", "note {TEXT} NOT NULL")))

    def test_queries_that_nobody_calls_are_named(self):
        run = Run(more={"shop/item.c": "shop_sql_item_put(cx);"}, unused=True)
        self.assertIn("item_get: nobody calls it", run.unused)
        run = Run(more={"shop/item.c": "shop_sql_item_get(cx);"}, unused=True)
        self.assertEqual(run.unused, "")


unittest.main()
