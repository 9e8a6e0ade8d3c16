#include "base/csv.h"

#include "base/real.h"

#include <string.h>

/* Would a spreadsheet run it? A plain number begins with '-' too, but is harmless. */
static bool is_formula(Str s)
{
    double number;
    return s.len > 0 && s.ptr[0] != '\0' && strchr("=+-@\t\r", s.ptr[0]) != NULL &&
           !real_parse(s, &number);
}

/* Apostrophes and then a formula: such a text gets one more, so that taking one away
 * gives back exactly what was written. */
static bool needs_guard(Str s)
{
    while (s.len > 0 && s.ptr[0] == '\'')
        s = (Str){s.ptr + 1, s.len - 1};
    return is_formula(s);
}

bool csv_guarded(Str s)
{
    return s.len > 0 && s.ptr[0] == '\'' && needs_guard(s);
}

/* Quotes also for what our own reader, or others, would take for something else: every
 * separator that is guessed at, blanks at the ends, "sep=", a byte order mark. */
static bool needs_quotes(Str s, char separator)
{
    if (s.len == 0)
        return false;
    if (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ' || str_starts(s, STR("sep=")) ||
        str_starts(s, STR("\xEF\xBB\xBF")))
        return true;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] == separator || (s.ptr[i] != '\0' && strchr("\",;|\t\r\n", s.ptr[i]) != NULL))
            return true;
    return false;
}

static void add_quoted(Buf *b, bool guard, Str s)
{
    buf_addc(b, '"');
    if (guard)
        buf_addc(b, '\'');
    Str  part;
    bool more = true;
    while (more) {
        more = str_cut(s, '"', &part, &s);
        buf_add(b, part);
        if (more)
            buf_add(b, STR("\"\""));
    }
    buf_addc(b, '"');
}

void csv_field(CsvWriter *w, Str s)
{
    char separator = w->separator != '\0' ? w->separator : ',';
    bool guard = w->guard && needs_guard(s);
    w->any = w->any || s.len > 0;
    if (w->n++ > 0)
        buf_addc(w->out, separator);
    if (needs_quotes(s, separator)) {
        add_quoted(w->out, guard, s);
        return;
    }
    if (guard)
        buf_addc(w->out, '\'');
    buf_add(w->out, s);
}

void csv_row_end(CsvWriter *w)
{
    if (w->n <= 1 && !w->any) /* one empty field is no empty line */
        buf_add(w->out, STR("\"\""));
    buf_add(w->out, w->lf ? STR("\n") : STR("\r\n"));
    w->n = 0;
    w->any = false;
}
