/* The peer of bench_search: SQLite's FTS5 with facets in a table of its own. */
#include "bench_search.h"

#include <stdio.h>
#include <string.h>

static void run_sql(Bench *b, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(b->db, sql, NULL, NULL, &message) != SQLITE_OK)
        must(false, message);
}

static sqlite3_stmt *prepare(Bench *b, const char *sql)
{
    sqlite3_stmt *s = NULL;
    must(sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) == SQLITE_OK, sqlite3_errmsg(b->db));
    return s;
}

static void bind_text(sqlite3_stmt *s, int at, Str text)
{
    sqlite3_bind_text(s, at, text.ptr, (int)text.len, SQLITE_TRANSIENT);
}

static void insert_fts(Bench *b, sqlite3_stmt *const s[3], size_t i)
{
    const Product *p = &b->products[i];
    Str            title = sentence(b, &b->a, p->words, TITLE);
    sqlite3_bind_int64(s[0], 1, (int64_t)i + 1);
    bind_text(s[0], 2, title);
    bind_text(s[0], 3, sentence(b, &b->a, p->words + TITLE, BODY));
    const int values[] = {p->brand, p->colour, p->size, p->price};
    sqlite3_bind_int64(s[1], 1, (int64_t)i + 1);
    for (int k = 0; k < 4; k++)
        sqlite3_bind_int(s[1], k + 2, values[k]);
    sqlite3_bind_int64(s[2], 1, (int64_t)i + 1);
    bind_text(s[2], 2, title);
    for (int k = 0; k < 3; k++) {
        must(sqlite3_step(s[k]) == SQLITE_DONE, "insert");
        sqlite3_reset(s[k]);
    }
    arena_reset(&b->a);
}

double build_fts(Bench *b)
{
    must(sqlite3_open(":memory:", &b->db) == SQLITE_OK, "open");
    run_sql(b, "CREATE VIRTUAL TABLE f USING fts5(title, body, content='', prefix='2 3')");
    run_sql(b, "CREATE VIRTUAL TABLE t USING fts5(title, content='', tokenize='trigram')");
    run_sql(b,
            "CREATE TABLE p(id INTEGER PRIMARY KEY, brand INT, colour INT, size INT, price INT)");
    sqlite3_stmt *const s[] = {prepare(b, "INSERT INTO f(rowid, title, body) VALUES(?,?,?)"),
                               prepare(b, "INSERT INTO p VALUES(?,?,?,?,?)"),
                               prepare(b, "INSERT INTO t(rowid, title) VALUES(?,?)")};
    int64_t             from = clock_mono_us();
    run_sql(b, "BEGIN");
    for (size_t i = 0; i < b->n; i++)
        insert_fts(b, s, i);
    run_sql(b, "COMMIT; INSERT INTO f(f) VALUES('optimize'); INSERT INTO t(t) VALUES('optimize')");
    double seconds = (double)(clock_mono_us() - from) / 1e6;
    for (size_t k = 0; k < COUNT_OF(s); k++)
        sqlite3_finalize(s[k]);
    return seconds;
}

#define COUNTS                                                                                     \
    "SELECT 1 kind, brand a, count(*) b FROM h GROUP BY brand "                                    \
    "UNION ALL SELECT 2, colour, count(*) FROM h GROUP BY colour "                                 \
    "UNION ALL SELECT 3, size, count(*) FROM h GROUP BY size "
#define HITS                                                                                       \
    "WITH h AS MATERIALIZED (SELECT p.id, brand, colour, size, price, bm25(f, 4, 1) score "        \
    "FROM f CROSS JOIN p ON p.id = f.rowid WHERE f MATCH ?1 AND price BETWEEN ?2 AND ?3) "
#define CHOSEN_COUNTS                                                                              \
    "SELECT 1 kind, brand a, count(*) b FROM h WHERE colour = ?4 GROUP BY brand "                  \
    "UNION ALL SELECT 2, colour, count(*) FROM h GROUP BY colour "                                 \
    "UNION ALL SELECT 3, size, count(*) FROM h WHERE colour = ?4 GROUP BY size "

static const char *const KIND_SQL[] = {
    HITS COUNTS "UNION ALL SELECT * FROM (SELECT 0, id, 0 FROM h ORDER BY score LIMIT 20)",
    HITS COUNTS "UNION ALL SELECT * FROM (SELECT 0, id, 0 FROM h ORDER BY price, id LIMIT 20)",
    HITS CHOSEN_COUNTS "UNION ALL SELECT * FROM (SELECT 0, id, 0 FROM h WHERE colour = ?4 "
                       "ORDER BY price, id LIMIT 20)",
    "SELECT 0, rowid, 0 FROM t WHERE t MATCH ?1 ORDER BY rank LIMIT 20",
    "SELECT 0, rowid, 0 FROM f WHERE f MATCH ?1 ORDER BY rank LIMIT 6",
    "WITH h AS MATERIALIZED (SELECT id, brand, colour, size FROM p WHERE price BETWEEN ?2 AND "
    "?3) " COUNTS "UNION ALL SELECT * FROM (SELECT 0, id, 0 FROM h ORDER BY id LIMIT 20)",
};

static void match_text(Kind kind, Query *q)
{
    char        *text = q->match;
    const size_t room = sizeof q->match;
    if (kind == TYPO) { /* its trigrams, any of them */
        size_t n = 0, len = strlen(q->typo);
        for (size_t i = 0; i + 3 <= len; i++)
            n += (size_t)snprintf(text + n, room - n, "%s\"%.3s\"", i > 0 ? " OR " : "",
                                  q->typo + i);
    } else {
        snprintf(text, room, kind == SUGGEST ? "%s %s*" : "%s %s", q->words[0],
                 kind == SUGGEST ? q->prefix : q->words[1]);
    }
}

/* Each product has one brand, one colour, one size: those of a brand that are left by the choices
 * are all. */
static void note_row(sqlite3_stmt *s, Answer *ret)
{
    int     facet = sqlite3_column_int(s, 0);
    int64_t a = sqlite3_column_int64(s, 1);
    if (facet == 0) {
        ret->ids[ret->n_ids++] = a;
        return;
    }
    ret->counts[facet - 1][a] = sqlite3_column_int64(s, 2);
    ret->total += facet == 1 ? sqlite3_column_int64(s, 2) : 0;
}

void prepare_texts(Bench *b, Kind kind)
{
    for (size_t i = 0; i < QUERIES; i++) {
        Query      *q = &b->queries[i];
        const char *second = kind == TYPO ? q->typo : kind == SUGGEST ? q->prefix : q->words[1];
        snprintf(q->text, sizeof q->text, "%s %s", q->words[0], second);
        match_text(kind, q);
    }
}

int64_t ask_fts(sqlite3_stmt *s, const Query *q, Answer *ret)
{
    int64_t rows = 0;
    sqlite3_bind_text(s, 1, q->match, -1, SQLITE_STATIC);
    sqlite3_bind_int(s, 2, q->low);
    sqlite3_bind_int(s, 3, q->high);
    sqlite3_bind_int(s, 4, q->colour);
    for (; sqlite3_step(s) == SQLITE_ROW; rows++)
        if (ret)
            note_row(s, ret);
    sqlite3_reset(s);
    return rows;
}

sqlite3_stmt *prepare_fts(Bench *b, Kind kind)
{
    return prepare(b, KIND_SQL[kind]);
}
