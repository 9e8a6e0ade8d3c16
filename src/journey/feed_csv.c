/* Rows of CSV as events, by a mapping:
 *
 *      {"subject": {"column": "user_id", "kind": "user"},
 *       "time": {"column": "event_time", "format": "%Y-%m-%d %H:%M:%S UTC"},
 *       "event": {"column": "event_type", "names": {"view": "Product Viewed"}},
 *       "message": ["invoice", "sku"],
 *       "properties": {"price": {"column": "price", "type": "number"}}} */
#include "journey/feed.h"

#include "base/civil.h"
#include "base/csv.h"
#include "journey/store.h"

enum { MAP_PROPS = 64, MAP_MESSAGE = 8 };

typedef enum MapType { MAP_TEXT, MAP_INTEGER, MAP_NUMBER, MAP_BOOLEAN, MAP_CENTS } MapType;

typedef struct MapProp {
    Str    key, column;
    int    type;
    size_t at; /* of the column */
} MapProp;

struct FeedCsv {
    CsvReader        reader;
    Arena            arena, row; /* of the mapping; of one row */
    Str              subject, kind, time, format, event, fixed;
    const JsonValue *names;
    Str              message[MAP_MESSAGE];
    size_t           nmessage;
    MapProp          props[MAP_PROPS];
    size_t           nprops;
    size_t           at_subject, at_time, at_event, at_message[MAP_MESSAGE];
    bool             header;
    JourneyProp      values[MAP_PROPS];
};

/* --- mapping ------------------------------------------------------------------------- */

static Status bad_map(const char *what, Err *err)
{
    return err_set(err, ST_INVALID, "journey.bad_file", "the mapping: %s", what);
}

static Str member_text(const JsonValue *v, const char *member)
{
    const JsonValue *m = json_get(v, str_from_cstr(member));
    return m != NULL && m->type == JSON_STRING ? m->text : STR("");
}

static Status map_property(FeedCsv *c, const JsonMember *m, Err *err)
{
    static const char *const TYPES[] = {"text", "integer", "number", "boolean", "cents"};
    if (c->nprops == MAP_PROPS || m->key.len == 0 || m->key.len > JOURNEY_KEY_MAX)
        return bad_map("too many properties, or a name is too long", err);
    MapProp *p = &c->props[c->nprops++];
    *p = (MapProp){.key = m->key};
    if (m->value.type == JSON_STRING) {
        p->column = m->value.text;
        return ST_OK;
    }
    p->column = member_text(&m->value, "column");
    Str type = member_text(&m->value, "type");
    if (p->column.len == 0)
        return bad_map("a property has no column", err);
    for (int i = 0; i < (int)COUNT_OF(TYPES); i++)
        if (str_eq(type, str_from_cstr(TYPES[i]))) {
            p->type = i;
            return ST_OK;
        }
    return type.len == 0 ? ST_OK
                         : bad_map("a type is text, integer, number, boolean or cents", err);
}

static Status read_map(FeedCsv *c, const JsonValue *v, Err *err)
{
    const JsonValue *event = json_get(v, STR("event")), *time = json_get(v, STR("time"));
    const JsonValue *subject = json_get(v, STR("subject")), *message = json_get(v, STR("message"));
    const JsonValue *props = json_get(v, STR("properties"));
    c->subject = member_text(subject, "column");
    c->kind = member_text(subject, "kind");
    c->kind = c->kind.len > 0 ? c->kind : STR("user");
    c->time = member_text(time, "column");
    c->format = member_text(time, "format");
    c->names = json_get(event, STR("names"));
    c->event = member_text(event, "column");
    if (event != NULL && event->type == JSON_STRING)
        c->fixed = event->text;
    if (c->subject.len == 0 || c->time.len == 0 || (c->event.len == 0 && c->fixed.len == 0))
        return bad_map("subject, time and event must say their columns", err);
    for (uint32_t i = 0; message != NULL && message->type == JSON_ARRAY && i < message->n; i++)
        if (message->items[i].type == JSON_STRING && c->nmessage < MAP_MESSAGE)
            c->message[c->nmessage++] = message->items[i].text;
    for (uint32_t i = 0; props != NULL && props->type == JSON_OBJECT && i < props->n; i++)
        TRY(map_property(c, &props->members[i], err));
    return ST_OK;
}

Status feed_csv_new(Str map, FeedCsv **ret, Err *err)
{
    const JsonValue *v;
    Err              why = {0};
    FeedCsv         *c = calloc(1, sizeof *c);
    if (c == NULL)
        base_out_of_memory(sizeof *c);
    arena_init(&c->arena, 16384);
    arena_init(&c->row, 16384);
    csv_reader_init(&c->reader, &(CsvOptions){0});
    Status st = json_parse(&c->arena, str_dup(&c->arena, map), &v, &why);
    if (st == ST_OK)
        st = read_map(c, v, err);
    else
        st = bad_map("it is needed, as JSON (--map)", err);
    if (st == ST_OK)
        *ret = c;
    else
        feed_csv_free(c);
    return st;
}

void feed_csv_free(FeedCsv *c)
{
    if (c == NULL)
        return;
    csv_reader_done(&c->reader);
    arena_done(&c->arena);
    arena_done(&c->row);
    free(c);
}

/* --- rows ---------------------------------------------------------------------------- */

static Status find_column(const CsvRow *row, Str name, size_t *ret, Err *err)
{
    for (size_t i = 0; i < row->n; i++)
        if (str_eq(str_trim(row->fields[i]), name)) {
            *ret = i;
            return ST_OK;
        }
    return err_set(err, ST_INVALID, "journey.bad_file", "there is no column " STR_FMT,
                   STR_ARG(str_head(name, 60)));
}

static Status read_header(FeedCsv *c, const CsvRow *row, Err *err)
{
    TRY(find_column(row, c->subject, &c->at_subject, err));
    TRY(find_column(row, c->time, &c->at_time, err));
    if (c->fixed.len == 0)
        TRY(find_column(row, c->event, &c->at_event, err));
    for (size_t i = 0; i < c->nmessage; i++)
        TRY(find_column(row, c->message[i], &c->at_message[i], err));
    for (size_t i = 0; i < c->nprops; i++)
        TRY(find_column(row, c->props[i].column, &c->props[i].at, err));
    c->header = true;
    return ST_OK;
}

static bool take_number(Str *s, size_t max, int *ret)
{
    int    v = 0;
    size_t n = 0;
    while (n < max && n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9')
        v = v * 10 + (s->ptr[n++] - '0');
    *s = str_skip(*s, n);
    *ret = v;
    return n > 0;
}

/* %Y %m %d %H %M %S and literal characters; UTC. %s: seconds since 1970. */
static bool parse_time(Str s, Str format, UnixMs *ret)
{
    CivilDate d = {1970, 1, 1};
    int       hour = 0, minute = 0, second = 0, year = 0;
    if (format.len == 0)
        return clock_parse(s, ret) || clock_parse_date(s, ret);
    if (str_eq(format, STR("%s"))) {
        int64_t v;
        bool    ok = str_parse_i64(s, &v) && v >= 0 && v < 1LL << 40;
        *ret = (UnixMs){ok ? v * 1000 : 0};
        return ok;
    }
    for (size_t i = 0; i < format.len; i++) {
        bool ok = true;
        if (format.ptr[i] != '%' || i + 1 == format.len) {
            ok = s.len > 0 && s.ptr[0] == format.ptr[i];
            s = str_skip(s, 1);
        } else {
            switch (format.ptr[++i]) {
            case 'Y':
                ok = take_number(&s, 4, &year);
                d.year = year;
                break;
            case 'm': ok = take_number(&s, 2, &d.month); break;
            case 'd': ok = take_number(&s, 2, &d.day); break;
            case 'H': ok = take_number(&s, 2, &hour); break;
            case 'M': ok = take_number(&s, 2, &minute); break;
            case 'S': ok = take_number(&s, 2, &second); break;
            default: ok = false;
            }
        }
        if (!ok)
            return false;
    }
    if (!civil_valid(d) || hour > 23 || minute > 59 || second > 60)
        return false;
    *ret = (UnixMs){((civil_to_days(d) * 24 + hour) * 60 + minute) * 60000 + second * 1000LL};
    return s.len == 0;
}

static bool take_value(const MapProp *m, Str s, JourneyProp *p)
{
    *p = (JourneyProp){.key = m->key, .type = JOURNEY_TEXT, .text = s};
    if (s.len == 0)
        return false;
    switch ((MapType)m->type) {
    case MAP_TEXT: return s.len <= JOURNEY_TEXT_MAX;
    case MAP_INTEGER: p->type = JOURNEY_INT; return str_parse_i64(s, &p->i);
    case MAP_NUMBER:
        p->type = str_parse_i64(s, &p->i) ? JOURNEY_INT : JOURNEY_REAL;
        return p->type == JOURNEY_INT || str_parse_real(s, &p->real);
    case MAP_BOOLEAN:
        p->type = JOURNEY_BOOL;
        p->i = str_eq_nocase(s, STR("true")) || str_eq(s, STR("1"));
        return true;
    case MAP_CENTS: { /* 2.55 becomes 255: money is not a real */
        double v;
        p->type = JOURNEY_INT;
        if (!str_parse_real(s, &v) || v > 1e15 || v < -1e15)
            return false;
        p->i = (int64_t)(v * 100 + (v < 0 ? -0.5 : 0.5));
        return true;
    }
    default: return false;
    }
}

static Str field(const CsvRow *row, size_t at)
{
    return at < row->n ? str_trim(row->fields[at]) : STR("");
}

static Str name_of(const FeedCsv *c, const CsvRow *row)
{
    if (c->fixed.len > 0)
        return c->fixed;
    Str              raw = field(row, c->at_event);
    const JsonValue *name = c->names != NULL ? json_get(c->names, raw) : NULL;
    return name != NULL && name->type == JSON_STRING ? name->text : raw;
}

static Status one_row(FeedCsv *c, const CsvRow *row, FeedCsvEvent *fn, FeedRejected *rejected,
                      void *arg, Err *err)
{
    static const JourneyLink NONE = {0};
    JourneyEvent             e = {.name = name_of(c, row), .props = c->values};
    Str                      who = field(row, c->at_subject);
    Err                      why = {0};
    if (who.len == 0) {
        rejected(arg, row->line, "no subject");
        return ST_OK;
    }
    if (!parse_time(field(row, c->at_time), c->format, &e.time)) {
        rejected(arg, row->line, "the time is not in the form that the mapping says");
        return ST_OK;
    }
    e.subject = journey_subject(c->kind, who);
    for (size_t i = 0; i < c->nprops; i++)
        e.nprops += take_value(&c->props[i], field(row, c->props[i].at), &c->values[e.nprops]);
    CLEANUP(buf_done) Buf message = {0};
    buf_init(&message, JOURNEY_MESSAGE_MAX);
    for (size_t i = 0; i < c->nmessage; i++) {
        buf_add(&message, field(row, c->at_message[i]));
        buf_addc(&message, '|');
    }
    e.message = buf_str(&message);
    if (event_check(&e, &why) != ST_OK) {
        rejected(arg, row->line, why.msg);
        return ST_OK;
    }
    return fn(arg, &e, &NONE, err);
}

Status feed_csv_bytes(FeedCsv *c, Str bytes, bool last, FeedCsvEvent *fn, FeedRejected *rejected,
                      void *arg, Err *err)
{
    csv_feed(&c->reader, bytes, last);
    for (;;) {
        CsvRow row;
        Err    why = {0};
        switch (csv_next(&c->reader, &row, &why)) {
        case CSV_ROW:
            if (!c->header)
                TRY(read_header(c, &row, err));
            else
                TRY(one_row(c, &row, fn, rejected, arg, err));
            break;
        case CSV_BAD: rejected(arg, row.line, why.msg); break;
        case CSV_MORE:
        case CSV_END: return ST_OK;
        case CSV_FAILED:
        default: return err_set(err, ST_IO, "journey.bad_file", "the file cannot be read");
        }
    }
}
