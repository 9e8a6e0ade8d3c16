#include "db/db_int.h"

#include <stdlib.h>
#include <string.h>

enum { FILTER_SQL_MAX = 64 * 1024 };

static void buf_done_deferred(void *buf)
{
    buf_done(buf);
}

static Buf *text_new(Arena *a)
{
    Buf *b = arena_new(a, Buf);
    buf_init(b, FILTER_SQL_MAX);
    arena_defer(a, buf_done_deferred, b);
    return b;
}

void db_filter_init_at(DbFilter *f, Arena *a, const char *literal)
{
    *f = (DbFilter){.arena = a, .sqlite = text_new(a), .postgres = text_new(a)};
    db_filter_sql_at(f, literal, literal);
}

void db_filter_sql_at(DbFilter *f, const char *sqlite, const char *postgres)
{
    ASSERT(strpbrk(sqlite, "?$") == NULL && strpbrk(postgres, "?$") == NULL);
    buf_add(f->sqlite, str_from_cstr(sqlite));
    buf_add(f->postgres, str_from_cstr(postgres));
}

/* Append the next parameter to both texts. */
static void add(DbFilter *f, DbValue v, const char *sqlite, const char *postgres)
{
    if (f->n == f->cap) {
        f->cap = f->cap == 0 ? 8 : f->cap * 2;
        DbValue *more = arena_array(f->arena, DbValue, f->cap);
        for (size_t i = 0; i < f->n; i++)
            more[i] = f->values[i];
        f->values = more;
    }
    f->values[f->n++] = v;
    const char *texts[2] = {sqlite, postgres};
    Buf        *bufs[2] = {f->sqlite, f->postgres};
    for (int i = 0; i < 2; i++) { /* '#' stands for the number */
        Str head;
        Str tail;
        str_cut(str_from_cstr(texts[i]), '#', &head, &tail);
        buf_add(bufs[i], head);
        buf_addf(bufs[i], "%zu", f->n);
        buf_add(bufs[i], tail);
    }
}

void db_filter_str(DbFilter *f, Str v)
{
    add(f, (DbValue){.type = 't', .s = v}, "?#", "$#::text");
}

void db_filter_i64(DbFilter *f, int64_t v)
{
    add(f, (DbValue){.type = 'i', .i = v}, "?#", "$#::bigint");
}

void db_filter_bool(DbFilter *f, bool v)
{
    add(f, (DbValue){.type = 'b', .i = v}, "?#", "$#::boolean");
}

void db_filter_real(DbFilter *f, double v)
{
    add(f, (DbValue){.type = 'r', .r = v}, "?#", "$#::double precision");
}

void db_filter_in_ids(DbFilter *f, const int64_t *v, size_t n)
{
    add(f, (DbValue){.type = 'I', .ids = v, .n = n}, " IN (SELECT value FROM json_each(?#))",
        " = ANY($#::bigint[])");
}

void db_filter_in_strs(DbFilter *f, const Str *v, size_t n)
{
    add(f, (DbValue){.type = 'T', .strs = v, .n = n}, " IN (SELECT value FROM json_each(?#))",
        " = ANY($#::text[])");
}

static char *copy(const char *z)
{
    char *p = strdup(z);
    if (p == NULL)
        base_out_of_memory(strlen(z));
    return p;
}

DbQuery *db_filter_query(const DbFilter *f, const char *columns)
{
    DbQuery *q = db_alloc(sizeof *q);
    char    *types = db_alloc(f->n + 1);
    for (size_t i = 0; i < f->n; i++)
        types[i] = f->values[i].type;
    *q = (DbQuery){.name = "db.filter",
                   .sqlite = copy(f->sqlite->ptr),
                   .postgres = copy(f->postgres->ptr),
                   .types = types,
                   .columns = copy(columns)};
    return q;
}

static void free_text(const char *z)
{
    free((void *)(uintptr_t)z); /* the casts drop const: the text is ours */
}

void db_query_free(const DbQuery *query)
{
    free_text(query->sqlite);
    free_text(query->postgres);
    free_text(query->types);
    free_text(query->columns);
    free((void *)(uintptr_t)query);
}
