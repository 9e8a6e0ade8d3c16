/* The question "timeline": what one person did. */
#include "journey/ask.h"

/* --- which of them --------------------------------------------------------------------------- */

typedef struct Pass {
    JourneyEventFn *fn;
    void           *arg;
    int64_t         skip, left;
    bool            more;
} Pass;

static bool count(void *arg, const JourneyEvent *e)
{
    (void)e;
    ++*(int64_t *)arg;
    return true;
}

static bool pass(void *arg, const JourneyEvent *e)
{
    Pass *p = arg;
    if (p->skip > 0) {
        p->skip--;
        return true;
    }
    p->more = p->left == 0;
    return p->left-- > 0 && p->fn(p->arg, e);
}

Status journey_tell(Journey *j, int64_t profile, const JourneySpan *span, JourneyEventFn *fn,
                    void *arg, bool *ret_more, Err *err)
{
    Pass    p = {.fn = fn, .arg = arg, .skip = span->skip, .left = span->limit};
    int64_t n = 0;
    if (span->latest) {
        TRY(journey_timeline(j, profile, span->from, span->to, count, &n, err));
        int64_t end = n > span->skip ? n - span->skip : 0;
        p.skip = end > span->limit ? end - span->limit : 0;
        p.left = end - p.skip;
    }
    *ret_more = span->latest && p.skip > 0;
    TRY(journey_timeline(j, profile, span->from, span->to, pass, &p, err));
    if (!span->latest)
        *ret_more = p.more;
    return ST_OK;
}

/* --- telling them ---------------------------------------------------------------------------- */

typedef struct Telling {
    Json   *out;
    int64_t told;
} Telling;

static void put_prop(Json *out, const JourneyProp *p)
{
    json_key(out, p->key);
    if (p->type == JOURNEY_BOOL)
        json_bool(out, NULL, p->i != 0);
    else if (p->type == JOURNEY_INT)
        json_i64(out, NULL, p->i);
    else if (p->type == JOURNEY_REAL)
        json_real(out, NULL, p->real);
    else if (p->type == JOURNEY_TEXT)
        json_str(out, NULL, p->text);
    else
        json_raw(out, NULL, p->text);
}

static bool tell(void *arg, const JourneyEvent *e)
{
    Telling *t = arg;
    char     text[CLOCK_TEXT_LEN];
    t->told++;
    clock_put(text, e->time);
    json_obj(t->out, NULL);
    json_str(t->out, "time", (Str){text, sizeof text});
    json_str(t->out, "event", e->name);
    json_i64(t->out, "subject", e->subject);
    json_obj(t->out, "properties");
    for (size_t i = 0; i < e->nprops; i++)
        put_prop(t->out, &e->props[i]);
    json_end(t->out);
    json_end(t->out);
    return true;
}

/* A date is that day as a whole. */
static Status instant(Ask *q, const char *member, bool end, int64_t *ret, Err *err)
{
    Str    text = STR("");
    UnixMs t;
    TRY(ask_text(q->json, member, &text, err));
    if (text.len == 0)
        return ST_OK;
    if (clock_parse_date(text, &t))
        return ask_midnight(q, civil_from_days(t.v / 86400000 + (end ? 1 : 0)), ret, err);
    if (!clock_parse(text, &t))
        return ask_bad(err, member, "must be a date or an instant as RFC 3339 writes them");
    *ret = t.v;
    return ST_OK;
}

/* Of the question in q->json. */
static Status read(Ask *q, JourneySpan *ret, Err *err)
{
    int64_t limit = 1000, skip = 0, from = 0, to = INT64_MAX;
    bool    latest = false;
    q->timezone = STR("UTC");
    TRY(ask_members(q->json, "timeline",
                    "type profile customer from to timezone limit skip latest ", NULL, err));
    TRY(ask_i64(q->json, "limit", 1, 100000, &limit, err));
    TRY(ask_i64(q->json, "skip", 0, INT64_MAX, &skip, err));
    TRY(ask_bool(q->json, "latest", &latest, err));
    TRY(ask_text(q->json, "timezone", &q->timezone, err));
    TRY(ask_midnight(q, (CivilDate){1970, 1, 1}, &from, err)); /* is it a time zone? */
    from = 0;
    TRY(instant(q, "from", false, &from, err));
    TRY(instant(q, "to", true, &to, err));
    if (from >= to)
        return ask_bad(err, "to", "is not after from");
    *ret = (JourneySpan){{from}, {to}, skip, limit, latest, q->timezone};
    return ST_OK;
}

Status journey_read_timeline(const JsonValue *question, JourneySpan *ret, Err *err)
{
    Ask q = {.json = question};
    return read(&q, ret, err);
}

Status ask_timeline(Ask *q, Str definition, Buf *to, Err *err)
{
    int64_t     profile = 0;
    JourneySpan span = {0};
    TRY(read(q, &span, err));
    TRY(ask_i64(q->json, "profile", 1, INT64_MAX, &profile, err));
    if (profile == 0)
        return ask_bad(err, "profile", "must be a number");
    Json    out = json_begin(to);
    Telling t = {.out = &out};
    bool    more;
    json_obj(&out, NULL);
    json_str(&out, "type", STR("timeline"));
    json_raw(&out, "definition", definition);
    json_str(&out, "timezone", q->timezone);
    json_i64(&out, "profile", profile);
    json_arr(&out, "events");
    TRY(journey_tell(q->j, profile, &span, tell, &t, &more, err));
    json_end(&out);
    json_obj(&out, "population");
    json_i64(&out, "people", t.told > 0);
    json_i64(&out, "events", t.told);
    json_end(&out);
    json_i64(&out, "told", t.told);
    json_bool(&out, "more", more);
    json_end(&out);
    if (buf_overflowed(to))
        return err_set(err, ST_LIMIT, "journey.too_big", "the answer is too long");
    return ST_OK;
}
