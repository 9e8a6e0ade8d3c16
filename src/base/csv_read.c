#include "base/csv.h"

#include <stdlib.h>
#include <string.h>

enum State {
    HEAD,    /* collecting the first line to find the separator */
    BETWEEN, /* at the start of a line */
    START,   /* at the start of a field */
    PLAIN,   /* in a field without quotes */
    QUOTED,  /* in a field in quotes */
    CLOSED,  /* behind a quote in such a field: its end, or half of a doubled quote */
    ENDED,   /* behind a CR that ends a row: an LF may belong to it */
    BROKEN,  /* passing over the rest of a bad line */
    DONE
};

enum Problem { FINE, OPEN_QUOTE, TEXT_AFTER_QUOTE, TOO_LONG, TOO_MANY_FIELDS };

enum { HEAD_MAX = 1 << 16 };

void csv_reader_init(CsvReader *r, const CsvOptions *options)
{
    *r = (CsvReader){.o = *options, .base = options->offset, .chunk = "", .at = "", .end = ""};
    if (r->o.row_max == 0)
        r->o.row_max = CSV_ROW_MAX;
    if (r->o.fields_max == 0)
        r->o.fields_max = CSV_FIELDS_MAX;
    r->line = options->line > 0 ? options->line : 1;
    r->state = options->offset > 0 && options->separator != 0 ? BETWEEN : HEAD;
    r->end = r->at = r->chunk;
    buf_init(&r->row, r->o.row_max);
    buf_init(&r->head, SIZE_MAX / 4);
}

void csv_reader_done(CsvReader *r)
{
    buf_done(&r->row);
    buf_done(&r->head);
    free(r->ends);
    free(r->fields);
    *r = (CsvReader){0};
}

char csv_separator(const CsvReader *r)
{
    return r->o.separator;
}

/* --- the first line ------------------------------------------------------------------- */

/* The first line of `s`, and whether its end is there. */
static bool first_line(Str s, Str *ret)
{
    bool quoted = false;
    for (size_t i = 0; i < s.len; i++) {
        quoted ^= s.ptr[i] == '"';
        if (!quoted && (s.ptr[i] == '\n' || s.ptr[i] == '\r')) {
            *ret = (Str){s.ptr, i};
            return true;
        }
    }
    *ret = s;
    return false;
}

static char find_separator(Str line)
{
    static const char CANDIDATES[] = {',', ';', '\t', '|'};
    size_t            counts[COUNT_OF(CANDIDATES)] = {0}, best = 0;
    bool              quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        quoted ^= line.ptr[i] == '"';
        for (size_t k = 0; k < COUNT_OF(CANDIDATES) && !quoted; k++)
            counts[k] += line.ptr[i] == CANDIDATES[k];
    }
    for (size_t k = 1; k < COUNT_OF(CANDIDATES); k++)
        if (counts[k] > counts[best])
            best = k;
    return CANDIDATES[best];
}

static bool is_newline(char c)
{
    return c == '\n' || c == '\r';
}

/* Count the line ends of `s`; CRLF is one. */
static void count_lines(CsvReader *r, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        r->line += p[i] == '\r' || (p[i] == '\n' && !r->after_cr);
        r->after_cr = p[i] == '\r';
    }
}

/* Look at what has come so far. False when more is needed to decide. */
static bool read_head(CsvReader *r)
{
    Str head = {r->head.len > 0 ? r->head.ptr : "", r->head.len};
    if (!r->last && head.len < 3)
        return false;
    size_t from = str_starts(head, STR("\xEF\xBB\xBF")) && r->o.offset == 0 ? 3 : 0;
    while (from < head.len && is_newline(head.ptr[from])) /* empty lines say nothing */
        count_lines(r, &head.ptr[from++], 1);
    Str line;
    if (!first_line((Str){head.ptr + from, head.len - from}, &line) && !r->last &&
        head.len < HEAD_MAX) {
        r->line = r->o.line > 0 ? r->o.line : 1;
        r->after_cr = false;
        return false;
    }
    if (line.len == 5 && str_starts(line, STR("sep="))) {
        from += line.len;
        if (r->o.separator == 0)
            r->o.separator = line.ptr[4];
    } else if (r->o.separator == 0) {
        r->o.separator = find_separator(line);
    }
    r->chunk = head.ptr;
    r->at = head.ptr + from;
    r->end = head.ptr + head.len;
    r->state = BETWEEN;
    return true;
}

void csv_feed(CsvReader *r, Str chunk, bool last)
{
    ASSERT(!r->last && r->at == r->end);
    r->last = last;
    if (r->state == HEAD) {
        buf_add(&r->head, chunk);
        return;
    }
    r->base += r->end - r->chunk;
    r->chunk = r->at = chunk.len > 0 ? chunk.ptr : "";
    r->end = r->at + chunk.len;
}

/* --- rows ------------------------------------------------------------------------------- */

static void spoil(CsvReader *r, int problem, int64_t line)
{
    if (r->problem != FINE)
        return;
    r->problem = (int)problem;
    r->problem_line = line;
    r->problem_field = r->n + 1;
    r->state = BROKEN;
}

/* Take the next `n` bytes, and keep them as part of the field or not. */
static void take(CsvReader *r, size_t n, bool keep)
{
    if (keep)
        buf_add(&r->row, (Str){r->at, n});
    r->at += n;
    r->raw += n;
    if (r->raw > r->o.row_max)
        spoil(r, TOO_LONG, r->state == QUOTED ? r->quote : r->line);
}

static void *must_realloc(void *p, size_t size)
{
    p = realloc(p, size);
    if (p == NULL)
        base_out_of_memory(size);
    return p;
}

static void end_field(CsvReader *r)
{
    if (r->problem != FINE)
        return;
    if (r->n == r->o.fields_max) {
        spoil(r, TOO_MANY_FIELDS, r->line);
        return;
    }
    if (r->n == r->cap) {
        r->cap = r->cap == 0 ? 64 : r->cap * 2;
        r->ends = must_realloc(r->ends, r->cap * sizeof *r->ends);
        r->fields = must_realloc(r->fields, r->cap * sizeof *r->fields);
    }
    r->ends[r->n++] = r->row.len;
}

/* At the line end of a row. True when the row is complete. */
static bool end_row(CsvReader *r)
{
    bool cr = *r->at++ == '\r';
    r->line++;
    r->state = cr ? ENDED : BETWEEN;
    return !cr;
}

/* At a separator or a line end. True when the row is complete. */
static bool end_field_at(CsvReader *r)
{
    end_field(r);
    if (is_newline(*r->at))
        return end_row(r);
    take(r, 1, false);
    if (r->problem == FINE)
        r->state = START;
    return false;
}

static void begin_row(CsvReader *r)
{
    if (is_newline(*r->at)) { /* an empty line */
        count_lines(r, r->at++, 1);
        return;
    }
    buf_clear(&r->row);
    r->n = r->raw = 0;
    r->begin = r->line;
    r->problem = FINE;
    r->after_cr = false;
    r->state = START;
}

static bool in_plain(CsvReader *r)
{
    const char *p = r->at;
    char        separator = r->o.separator;
    while (p < r->end && *p != separator && *p != '\n' && *p != '\r')
        p++;
    take(r, (size_t)(p - r->at), true);
    return r->problem == FINE && p < r->end && end_field_at(r);
}

static void in_quotes(CsvReader *r)
{
    const char *quote = memchr(r->at, '"', (size_t)(r->end - r->at));
    size_t      n = (size_t)((quote != NULL ? quote : r->end) - r->at);
    count_lines(r, r->at, n);
    take(r, n, true);
    if (quote == NULL || r->problem != FINE)
        return;
    r->after_cr = false;
    take(r, 1, false);
    if (r->problem == FINE)
        r->state = CLOSED;
}

static bool behind_quote(CsvReader *r)
{
    char c = *r->at;
    if (c == r->o.separator || is_newline(c))
        return end_field_at(r);
    if (c == '"') {
        r->state = QUOTED;
        take(r, 1, true);
    } else {
        spoil(r, TEXT_AFTER_QUOTE, r->line);
    }
    return false;
}

static bool in_broken(CsvReader *r)
{
    while (r->at < r->end && !is_newline(*r->at))
        r->at++;
    return r->at < r->end && end_row(r);
}

/* Go on by one piece; there is at least one byte. True when a row is complete. */
static bool step(CsvReader *r)
{
    switch (r->state) {
    case BETWEEN: begin_row(r); return false;
    case START:
        r->state = *r->at == '"' ? QUOTED : PLAIN;
        if (r->state == QUOTED) {
            r->quote = r->line;
            take(r, 1, false);
        }
        return false;
    case PLAIN: return in_plain(r);
    case QUOTED: in_quotes(r); return false;
    case CLOSED: return behind_quote(r);
    case ENDED:
        r->at += *r->at == '\n';
        r->state = BETWEEN;
        return true;
    case BROKEN: return in_broken(r);
    default: ASSERT(false && "no such state"); return false;
    }
}

/* The input ends here. True when that completes a row. */
static bool finish(CsvReader *r)
{
    bool row = r->state != BETWEEN;
    if (r->state == QUOTED)
        spoil(r, OPEN_QUOTE, r->quote);
    if (r->state == START || r->state == PLAIN || r->state == CLOSED)
        end_field(r);
    r->state = DONE;
    return row;
}

/* --- handing out ---------------------------------------------------------------------- */

static CsvNext bad_row(const CsvReader *r, Err *err)
{
    long long line = r->problem_line;
    size_t    column = r->problem_field;
    switch (r->problem) {
    case OPEN_QUOTE:
        err_set(err, ST_INVALID, "csv.open_quote",
                "line %lld, column %zu: the quotes that open here are never closed", line, column);
        break;
    case TEXT_AFTER_QUOTE:
        err_set(err, ST_INVALID, "csv.text_after_quote",
                "line %lld, column %zu: text behind the closing quote", line, column);
        break;
    case TOO_LONG:
        err_set(err, ST_LIMIT, "csv.too_long",
                "line %lld, column %zu: a row of more than %zu bytes", line, column, r->o.row_max);
        break;
    default:
        err_set(err, ST_LIMIT, "csv.too_many_fields", "line %lld: more than %zu columns", line,
                r->o.fields_max);
    }
    return CSV_BAD;
}

static CsvNext hand_out(CsvReader *r, CsvRow *row, Err *err)
{
    *row = (CsvRow){.line = r->begin, .next_line = r->line, .offset = r->base + (r->at - r->chunk)};
    if (r->problem != FINE)
        return bad_row(r, err);
    const char *p = r->row.ptr != NULL ? r->row.ptr : "";
    size_t      from = 0;
    for (size_t i = 0; i < r->n; i++) {
        r->fields[i] = (Str){p + from, r->ends[i] - from};
        if (r->o.unguard && csv_guarded(r->fields[i]))
            r->fields[i] = (Str){r->fields[i].ptr + 1, r->fields[i].len - 1};
        from = r->ends[i];
    }
    row->fields = r->fields;
    row->n = r->n;
    return CSV_ROW;
}

CsvNext csv_next(CsvReader *r, CsvRow *row, Err *err)
{
    if (r->state == HEAD && !read_head(r))
        return CSV_MORE;
    while (r->state != DONE) {
        if (r->at < r->end) {
            if (step(r))
                return hand_out(r, row, err);
        } else if (!r->last) {
            return CSV_MORE;
        } else if (finish(r)) {
            return hand_out(r, row, err);
        }
    }
    return CSV_END;
}
