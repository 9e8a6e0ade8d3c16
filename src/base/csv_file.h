/* csv_file.h - the rows of a CSV file in whatever encoding, with one chunk in memory.
 *
 *      CsvFile *f;
 *      TRY(csv_file_open(path, &(CsvFileOptions){0}, &f, err));
 *      while ((next = csv_file_next(f, &row, &bad)) == CSV_ROW || next == CSV_BAD)
 *          …
 *      csv_file_close(f);
 *
 * The encoding is found out from the whole file first (encoding.h), so that the one "é" on
 * the last page counts. All fields are valid UTF-8. */
#pragma once

#include "base/csv.h"
#include "base/encoding.h"

typedef struct CsvFileOptions {
    CsvOptions csv; /* offsets count bytes of the decoded text */
    bool       encoding_known;
    Encoding   encoding;
} CsvFileOptions;

typedef struct CsvFile CsvFile;

/* ST_NOT_FOUND "csv.no_file", ST_IO "csv.unreadable". */
NODISCARD Status csv_file_open(const char *path, const CsvFileOptions *options, CsvFile **ret,
                               Err *err);
void             csv_file_close(CsvFile *f); /* NULL is fine */

/* Never CSV_MORE. CSV_FAILED: ST_IO "csv.unreadable". */
CsvNext csv_file_next(CsvFile *f, CsvRow *row, Err *err);

Encoding csv_file_encoding(const CsvFile *f);
char     csv_file_separator(const CsvFile *f); /* once a row was read */
int64_t  csv_file_damaged(const CsvFile *f);   /* characters that could not be decoded so far */

/* For progress bars: bytes read, of how many. */
int64_t csv_file_done(const CsvFile *f);
int64_t csv_file_size(const CsvFile *f);
