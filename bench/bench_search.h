/* bench_search.h - what the two sides of bench_search share. */
#pragma once

#include <stdatomic.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/rng.h"
#include "search/search.h"

enum {
    WORDS = 40000,
    TITLE = 5,
    BODY = 25,
    TYPES = 300,
    ATTRIBUTES = 120,
    BRANDS = 500,
    COLOURS = 20,
    SIZES = 30,
    QUERIES = 300,
    WORD_LEN = 24,
    UPDATE_MS = 2000,
    ROUNDS = 10, /* of both sides */
    ROUNDS_TYPO = 3,
    PROFILE_ROUNDS = 1000,
};

typedef struct Product {
    uint16_t words[TITLE + BODY];
    uint16_t brand;
    uint8_t  colour, size;
    int32_t  price;
} Product;

typedef struct Type {
    uint16_t word;
    uint16_t attributes[ATTRIBUTES];
} Type;

typedef struct Query {
    char    words[2][WORD_LEN];
    char    typo[WORD_LEN];
    char    prefix[WORD_LEN];
    uint8_t colour; /* chosen */
    int32_t low, high;
    char    text[2 * WORD_LEN]; /* what is asked of us, of a kind … */
    char    match[512];         /* … and of FTS5 */
} Query;

typedef enum Kind { TWO_WORDS, BY_PRICE, CHOSEN, TYPO, SUGGEST, BROWSE, KINDS } Kind;

typedef struct Bench {
    Rng rng;
    char (*words)[WORD_LEN];
    double      *upto; /* sums of the words' shares */
    Type         types[TYPES];
    double       type_upto[TYPES], attribute_upto[ATTRIBUTES];
    Product     *products;
    size_t       n;
    Query        queries[QUERIES];
    SearchIndex *ix;
    SearchField  title, body, brand, colour, size, price, sku;
    Str          brands[BRANDS], colours[COLOURS], sizes[SIZES];
    sqlite3     *db;
    Arena        a;
    Arena        names;
    _Atomic bool stop;
    bool         alone; /* without FTS5: for profiles */
    Kind         kind;  /* alone: of one kind only, many times; KINDS: all */
    int          rounds;
} Bench;

enum { FACETS = 3, PAGE = 20 };

/* What both sides say: how many products, which stand on the first page, how many have each brand,
 * colour, size. */
typedef struct Answer {
    int64_t total;
    int64_t ids[PAGE];
    size_t  n_ids;
    int64_t counts[FACETS][BRANDS];
} Answer;

void must(bool ok, const char *what);
Str  sentence(const Bench *b, Arena *a, const uint16_t *words, size_t n);

/* Write the texts of all queries, before the clock starts. */
void prepare_texts(Bench *b, Kind kind);

/* FTS5: all that it can use, and how long that took to build, in seconds. */
double        build_fts(Bench *b);
sqlite3_stmt *prepare_fts(Bench *b, Kind kind);
/* Returns the number of rows; `ret` may be NULL. */
int64_t ask_fts(sqlite3_stmt *s, const Query *q, Answer *ret);
