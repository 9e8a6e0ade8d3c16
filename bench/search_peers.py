"""search_peers.py - SQLite FTS5 and PostgreSQL full text answering search-quality's queries.

Each peer is asked in its best reasonable way: stemmed, columns weighted, documents with all words
first and those with some of them after. Of several such ways the one that scores best counts."""
import os
import re
import sqlite3
import subprocess

from search_judge import FIELDS

TOP = 100
TEXTS = FIELDS[1:]
FTS5_WEIGHTS = {"plain": [1] * 7, "title": [5, 3, 3, 3, 3, 1, 1],
                "type": [4, 2, 2, 2, 8, 1, 1]}


def words_of(query):
    return re.findall(r"\w+", query.lower())


class Fts5:
    name = "SQLite FTS5"
    ways = list(FTS5_WEIGHTS)

    def __init__(self, products):
        self.db = sqlite3.connect(":memory:")
        self.db.execute(f"CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, {', '.join(TEXTS)}, "
                        "tokenize=\"porter unicode61 remove_diacritics 2\")")
        self.db.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(FIELDS))})",
                            [[p[f] for f in FIELDS] for p in products])

    def ask(self, match, way):
        weights = ", ".join(str(w) for w in FTS5_WEIGHTS[way])
        rows = self.db.execute(f"SELECT id FROM t WHERE t MATCH ? ORDER BY bm25(t, 0, {weights}) "
                               "LIMIT ?", [match, TOP])
        return [r[0] for r in rows]

    def answer(self, queries, way):
        answers = []
        for query in queries:
            words = [f'"{w}"' for w in words_of(query)]
            hits = self.ask(" AND ".join(words), way) if words else []
            if words and len(hits) < TOP:
                hits += [h for h in self.ask(" OR ".join(words), way) if h not in set(hits)]
            answers.append(hits[:TOP])
        return answers


class Postgres:
    """Through psql; its address is in RAPPORT_TEST_POSTGRES (scripts/with-postgres)."""
    name = "PostgreSQL"
    ways = ["ts_rank(v, q)", "ts_rank(v, q, 1)", "ts_rank_cd(v, q)", "ts_rank_cd(v, q, 1)"]
    weights = {"title": "A", "model": "B", "vendor": "B", "code": "A", "type": "A", "attributes": "C",
               "description": "D"}

    def __init__(self, products):
        self.url = os.environ["RAPPORT_TEST_POSTGRES"]
        vector = " || ".join(f"setweight(to_tsvector('english', {f}), '{w}')"
                             for f, w in self.weights.items())
        rows = "\n".join("\t".join(p[f].replace("\\", "\\\\") for f in FIELDS) for p in products)
        columns = ", ".join(f"{f} text" for f in FIELDS)
        self.database = f"quality_{os.getpid()}"
        self.psql(f"CREATE DATABASE {self.database}")
        self.psql(f"CREATE TABLE t ({columns});\nCOPY t FROM stdin;\n{rows}\n\\.\n"
                  f"ALTER TABLE t ADD v tsvector; UPDATE t SET v = {vector};"
                  "CREATE INDEX t_v ON t USING gin (v); ANALYZE t;\n", self.database)

    def psql(self, script, database=None):
        address = self.url
        if database: # postgresql://user@/DATABASE?...
            address = re.sub(r"@([^/]*)/[^?]*", rf"@\1/{database}", address)
        done = subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", address],
                              input=script, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def answer(self, queries, way):
        script = []
        for n, query in enumerate(queries):
            words = words_of(query)
            for operator in "&|":
                terms = f" {operator} ".join(words)
                script.append(f"SELECT {n}, id FROM (SELECT id, {way} r FROM t, "
                              f"to_tsquery('english', '{terms}') q WHERE v @@ q "
                              f"ORDER BY r DESC, id LIMIT {TOP}) x;" if words else "")
        answers = [[] for _ in queries]
        for line in self.psql("\n".join(script), self.database).splitlines():
            n, doc = line.split("|")
            if doc not in answers[int(n)] and len(answers[int(n)]) < TOP:
                answers[int(n)].append(doc)
        return answers

    def close(self):
        self.psql(f"DROP DATABASE {self.database}")
