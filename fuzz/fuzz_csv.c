/* CSV: the bytes in one piece, in small chunks, and written and read again must agree. The
 * first byte chooses the chunk size and, with its top bit, decoding before. */
#include "base/csv.h"
#include "base/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All rows as length-prefixed fields, so that nothing is ambiguous. */
static void flatten(Buf *out, CsvNext next, const CsvRow *row)
{
    buf_addf(out, "%d %lld %lld %zu\n", (int)next, (long long)row->line, (long long)row->offset,
             next == CSV_ROW ? row->n : 0);
    for (size_t i = 0; next == CSV_ROW && i < row->n; i++) {
        buf_addf(out, "%zu:", row->fields[i].len);
        buf_add(out, row->fields[i]);
    }
}

static void read_all(Str text, size_t chunk, Buf *out, CsvWriter *copy)
{
    CLEANUP(csv_reader_done) CsvReader r;
    csv_reader_init(&r, &(CsvOptions){.row_max = 1000, .fields_max = 20});
    CsvRow  row;
    Err     err;
    CsvNext next;
    while ((next = csv_next(&r, &row, &err)) != CSV_END) {
        if (next == CSV_MORE) {
            size_t n = text.len < chunk ? text.len : chunk;
            csv_feed(&r, (Str){text.ptr, n}, n == text.len);
            text = (Str){n > 0 ? text.ptr + n : text.ptr, text.len - n};
            continue;
        }
        ASSERT(next == CSV_ROW || next == CSV_BAD);
        flatten(out, next, &row);
        for (size_t i = 0; copy != NULL && next == CSV_ROW && i < row.n; i++)
            csv_field(copy, row.fields[i]);
        if (copy != NULL && next == CSV_ROW)
            csv_row_end(copy);
    }
}

/* Fields alone, of a text with a known separator. */
static void read_fields(Str text, bool unguard, Buf *out)
{
    CLEANUP(csv_reader_done) CsvReader r;
    csv_reader_init(&r, &(CsvOptions){.separator = ',', .unguard = unguard});
    CsvRow row;
    Err    err;
    csv_feed(&r, text, true);
    while (csv_next(&r, &row, &err) == CSV_ROW) {
        for (size_t i = 0; i < row.n; i++) {
            buf_addf(out, "%zu:", row.fields[i].len);
            buf_add(out, row.fields[i]);
        }
        buf_addc(out, '\n');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    Str                   text = {(const char *)data + 1, size - 1};
    CLEANUP(buf_done) Buf decoded;
    buf_init(&decoded, 3 * size + 8);
    if (data[0] & 0x80) {
        Decoder d = decoder_of(encoding_of(text));
        decoder_feed(&d, text, true, &decoded);
        ASSERT(!buf_overflowed(&decoded));
        text = decoded.len > 0 ? buf_str(&decoded) : STR("");
    }
    CLEANUP(buf_done) Buf whole;
    CLEANUP(buf_done) Buf parts;
    CLEANUP(buf_done) Buf copy;
    buf_init(&whole, 1 << 20);
    buf_init(&parts, 1 << 20);
    buf_init(&copy, 1 << 20);
    CsvWriter w = {.out = &copy, .guard = data[0] & 0x40};
    read_all(text, text.len, &whole, &w);
    read_all(text, (data[0] & 0x0F) + 1U, &parts, NULL);
    if (buf_overflowed(&whole) || buf_overflowed(&copy))
        return 0;
    ASSERT(str_eq(buf_str(&whole), buf_str(&parts)));
    /* Writing what was read and reading that changes nothing more. */
    CLEANUP(buf_done) Buf again;
    CLEANUP(buf_done) Buf once;
    CLEANUP(buf_done) Buf second;
    buf_init(&again, 1 << 22);
    buf_init(&once, 1 << 22);
    buf_init(&second, 1 << 22);
    if (copy.len == 0)
        return 0;
    read_fields(buf_str(&copy), w.guard, &once);
    CLEANUP(csv_reader_done) CsvReader r;
    csv_reader_init(&r, &(CsvOptions){.separator = ',', .unguard = w.guard});
    CsvWriter w2 = {.out = &again, .guard = w.guard};
    CsvRow    row;
    Err       err;
    csv_feed(&r, buf_str(&copy), true);
    while (csv_next(&r, &row, &err) == CSV_ROW) {
        for (size_t i = 0; i < row.n; i++)
            csv_field(&w2, row.fields[i]);
        csv_row_end(&w2);
    }
    ASSERT(str_eq(buf_str(&again), buf_str(&copy)));
    read_fields(buf_str(&again), w.guard, &second);
    ASSERT(str_eq(buf_str(&once), buf_str(&second)));
    return 0;
}
