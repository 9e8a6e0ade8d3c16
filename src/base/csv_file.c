#include "base/csv_file.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

struct CsvFile {
    int       fd;
    int64_t   size, done;
    int64_t   skip; /* decoded bytes to pass over before the first row */
    Decoder   decoder;
    CsvReader reader;
    Buf       text; /* the chunk, decoded */
    char      raw[CHUNK];
};

static Status failed(Err *err)
{
    char        text[100];
    const char *why = strerror_r(errno, text, sizeof text);
    return err_set(err, ST_IO, "csv.unreadable", "cannot read the file: %s", why);
}

/* Up to a chunk; less only at the end of the file. */
static Status read_chunk(CsvFile *f, size_t *ret, Err *err)
{
    size_t got = 0;
    while (got < CHUNK) {
        ssize_t n = fault_hit() ? -1 : read(f->fd, f->raw + got, CHUNK - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed(err);
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *ret = got;
    return ST_OK;
}

static Status find_encoding(CsvFile *f, Encoding *ret, Err *err)
{
    EncodingGuess guess = {0};
    size_t        n = CHUNK;
    while (n == CHUNK) {
        TRY(read_chunk(f, &n, err));
        encoding_look(&guess, (Str){f->raw, n});
    }
    if (lseek(f->fd, 0, SEEK_SET) != 0)
        return failed(err);
    *ret = encoding_guess(&guess);
    return ST_OK;
}

static Status prepare(CsvFile *f, const CsvFileOptions *options, Err *err)
{
    struct stat st;
    Encoding    e = options->encoding;
    if (fstat(f->fd, &st) != 0)
        return failed(err);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ST_IO, "csv.unreadable", "not an ordinary file");
    f->size = st.st_size;
    if (!options->encoding_known)
        TRY(find_encoding(f, &e, err));
    f->decoder = decoder_of(e);
    f->skip = options->csv.offset;
    return ST_OK;
}

Status csv_file_open(const char *path, const CsvFileOptions *options, CsvFile **ret, Err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_set(err, ST_NOT_FOUND, "csv.no_file", "there is no such file");
    if (fd < 0)
        return failed(err);
    CsvFile *f = malloc(sizeof *f);
    if (f == NULL)
        base_out_of_memory(sizeof *f);
    f->fd = fd;
    f->done = 0;
    csv_reader_init(&f->reader, &options->csv);
    buf_init(&f->text, 4 * CHUNK);
    Status st = prepare(f, options, err);
    if (st != ST_OK)
        csv_file_close(f);
    else
        *ret = f;
    return st;
}

void csv_file_close(CsvFile *f)
{
    if (f == NULL)
        return;
    csv_reader_done(&f->reader);
    buf_done(&f->text);
    close(f->fd);
    free(f);
}

static Status feed(CsvFile *f, Err *err)
{
    size_t n;
    TRY(read_chunk(f, &n, err));
    bool last = n < CHUNK;
    f->done += (int64_t)n;
    buf_clear(&f->text);
    decoder_feed(&f->decoder, (Str){f->raw, n}, last, &f->text);
    ASSERT(!buf_overflowed(&f->text));
    Str    text = buf_str(&f->text);
    size_t skip = (int64_t)text.len < f->skip ? text.len : (size_t)f->skip;
    f->skip -= (int64_t)skip;
    csv_feed(&f->reader, text.len > 0 ? (Str){text.ptr + skip, text.len - skip} : text, last);
    return ST_OK;
}

CsvNext csv_file_next(CsvFile *f, CsvRow *row, Err *err)
{
    for (;;) {
        CsvNext next = csv_next(&f->reader, row, err);
        if (next != CSV_MORE)
            return next;
        if (feed(f, err) != ST_OK)
            return CSV_FAILED;
    }
}

Encoding csv_file_encoding(const CsvFile *f)
{
    return f->decoder.encoding;
}

char csv_file_separator(const CsvFile *f)
{
    return csv_separator(&f->reader);
}

int64_t csv_file_damaged(const CsvFile *f)
{
    return f->decoder.damaged;
}

int64_t csv_file_done(const CsvFile *f)
{
    return f->done;
}

int64_t csv_file_size(const CsvFile *f)
{
    return f->size;
}
