/* csv.h - comma separated values (RFC 4180) in and out, in bounded memory.
 *
 * The reader is fed chunks of any size and hands out rows:
 *
 *      CLEANUP(csv_reader_done) CsvReader r;
 *      csv_reader_init(&r, &(CsvOptions){0});
 *      for (;;) {
 *          switch (csv_next(&r, &row, &err)) {
 *          case CSV_ROW: use(row.fields, row.n); break;
 *          case CSV_BAD: tell(row.line, err.msg); break;      // and go on
 *          case CSV_MORE: csv_feed(&r, next_chunk, is_last); break;
 *          case CSV_END: return;
 *          }
 *      }
 *
 * It takes what programs write: rows end with LF, CRLF or CR; a field in quotes may have
 * separators, line ends and doubled quotes; a quote within an unquoted field is a plain
 * character; a byte order mark and empty lines are passed over. The separator - comma,
 * semicolon, tab or bar - is the one that stands most often in the first line outside of
 * quotes, or what Excel's "sep=;" line says.
 *
 * A broken row is reported, passed over, and the next ones are still read:
 *      csv.open_quote        the file ends within quotes (the line where they open)
 *      csv.text_after_quote  something stands behind a closing quote
 *      csv.too_long          the row passes CsvOptions.row_max bytes
 *      csv.too_many_fields   it has more than CsvOptions.fields_max fields
 * "Column" in messages is the field's number, from 1.
 *
 * Bytes go through as they are: decode them first (encoding.h), or use csv_file.h. */
#pragma once

#include "base/buf.h"
#include "base/status.h"

enum {
    CSV_ROW_MAX = 4 << 20, /* bytes of one row */
    CSV_FIELDS_MAX = 2000
};

typedef struct CsvOptions {
    char   separator;  /* 0: find out */
    size_t row_max;    /* 0: CSV_ROW_MAX */
    size_t fields_max; /* 0: CSV_FIELDS_MAX */
    bool   unguard;    /* undo CsvWriter.guard */
    /* To go on where another reader was: its separator, and the last row's offset and
     * next_line; the bytes fed begin there. */
    int64_t offset;
    int64_t line;
} CsvOptions;

typedef struct CsvRow {
    const Str *fields; /* valid until the next call */
    size_t     n;
    int64_t    line;      /* where the row begins, from 1 */
    int64_t    next_line; /* of what follows it */
    int64_t    offset;    /* bytes up to there: a reader can start again here */
} CsvRow;

typedef enum CsvNext {
    CSV_ROW,
    CSV_BAD,  /* ST_INVALID or ST_LIMIT in *err; row->line, next_line and offset are set */
    CSV_MORE, /* feed the next chunk */
    CSV_END,
    CSV_FAILED /* csv_file.h: reading failed; ST_IO in *err */
} CsvNext;

typedef struct CsvReader { /* private */
    CsvOptions  o;
    int         state;
    const char *chunk, *at, *end; /* the bytes fed, and how far we are */
    int64_t     base;             /* offset of `chunk` */
    bool        last;             /* no chunk comes after it */
    Buf         head;             /* the first line, while the separator is sought */
    Buf         row;              /* the row's bytes, without quotes */
    size_t     *ends;             /* of each field in `row` */
    Str        *fields;
    size_t      n, cap;
    size_t      raw;      /* bytes of the row as written */
    int64_t     line;     /* being read */
    int64_t     begin;    /* line where the row began */
    int64_t     quote;    /* line where the quotes opened */
    bool        after_cr; /* an LF that comes now is no further line */
    int         problem;  /* with this row; 0: none */
    int64_t     problem_line;
    size_t      problem_field;
} CsvReader;

void csv_reader_init(CsvReader *r, const CsvOptions *options);
void csv_reader_done(CsvReader *r);

/* `chunk` must stay until csv_next() asks for more. An empty last chunk is fine. */
void csv_feed(CsvReader *r, Str chunk, bool last);

CsvNext csv_next(CsvReader *r, CsvRow *row, Err *err);

/* The separator in use, once a row was read. */
char csv_separator(const CsvReader *r);

/* --- writing -------------------------------------------------------------------------- */

typedef struct CsvWriter {
    Buf *out;       /* empty it now and then: csv_row_end() is a good moment */
    char separator; /* 0: comma */
    bool lf;        /* lines end with LF; else CRLF, as the RFC has it */
    /* Spreadsheets run fields that begin with = + - @ as formulas, so text from strangers
     * can do harm there. With `guard` such fields, unless they are plain numbers, get an
     * apostrophe in front, which CsvOptions.unguard takes away again. */
    bool   guard;
    size_t n;   /* fields in this row so far */
    bool   any; /* one of them is not empty */
} CsvWriter;

void csv_field(CsvWriter *w, Str s);
void csv_row_end(CsvWriter *w);

/* Does `s` begin with an apostrophe that CsvWriter.guard has put there? */
bool csv_guarded(Str s);
