/* What a question may say, as JSON Schema, for the document of the API. The engine reads questions
 * itself and says what is wrong with them; a test holds both against each other. */
#include "people/journey_int.h"

#include <stdio.h>
#include <string.h>

typedef struct Kind {
    const char *name;
    const char *required; /* besides the type; NULL: nothing */
} Kind;

static const Kind KINDS[] = {
    {"trends", "series"}, {"funnel", "steps"},           {"retention", NULL}, {"paths", NULL},
    {"sessions", NULL},   {"attribution", "conversion"}, {"lifecycle", NULL}, {"stickiness", NULL},
    {"people", "of"},     {"timeline", "customer"}};

static const char MANY[] =
    "trends funnel retention paths sessions attribution lifecycle stickiness ";
static const char RANGED[] =
    "trends funnel retention paths sessions attribution lifecycle stickiness timeline ";

/* --- what values look like: members of a schema ---------------------------------------------- */

static const char TEXT[] = "\"type\":\"string\"";
static const char BOOLEAN[] = "\"type\":\"boolean\"";
static const char OBJECT[] = "\"type\":\"object\"";
static const char INSTANT[] = "\"type\":\"string\",\"examples\":[\"2025-01-31\","
                              "\"2025-01-31T12:00:00Z\"]";
static const char SPAN[] = "\"type\":[\"string\",\"integer\"],\"examples\":[\"7 days\",1800]";
static const char EVENT[] = "\"type\":[\"string\",\"array\",\"object\"],\"examples\":["
                            "\"Order Completed\",{\"event\":\"Order Completed\",\"where\":"
                            "{\"revenue\":{\"$gt\":5000}},\"name\":\"Large order\"}]";
static const char EVENTS[] = "\"type\":\"array\",\"minItems\":1,\"maxItems\":20,\"items\":"
                             "{\"type\":[\"string\",\"array\",\"object\"]}";
static const char SERIES[] =
    "\"type\":\"array\",\"minItems\":1,\"maxItems\":10,\"items\":{\"type\":[\"string\",\"array\","
    "\"object\"],\"properties\":{\"event\":{},\"where\":{},\"name\":{},\"property\":{},\"measure\":"
    "{\"enum\":[\"events\",\"people\",\"sum\",\"average\",\"min\",\"max\",\"median\",\"p90\","
    "\"p95\",\"p99\",\"per_person\"]}}}";
static const char FIELD[] = "\"type\":[\"string\",\"object\",\"array\"],\"maxItems\":3";
static const char NODES[] = "\"type\":[\"string\",\"number\",\"boolean\",\"null\",\"array\"],"
                            "\"maxItems\":50";
static const char BRACKETS[] = "\"type\":\"array\",\"minItems\":1,\"maxItems\":32,\"items\":"
                               "{\"type\":\"array\",\"minItems\":2,\"maxItems\":2,\"items\":"
                               "{\"type\":\"integer\",\"minimum\":0,\"maximum\":1024}}";
static const char INTERVAL[] =
    "\"enum\":[\"hour\",\"day\",\"week\",\"month\",\"quarter\",\"year\"]";
static const char MODEL[] = "\"enum\":[\"last_non_direct\",\"last\",\"first\",\"linear\","
                            "\"position\",\"time_decay\",\"markov\",\"shapley\"]";
static const char SAMPLE[] = "\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":1";

#define WHOLE(min, max) "\"type\":\"integer\",\"minimum\":" #min ",\"maximum\":" #max
#define ONE_OF(names)   "\"enum\":[" names "]"

typedef struct Member {
    const char *kinds; /* that have it, each followed by a blank */
    const char *name, *schema, *doc;
} Member;

static const Member MEMBERS[] = {
    {"trends ", "series", SERIES, "What is counted: each an event, how, and of which property."},
    {"funnel ", "steps", EVENTS, "Events, the first one first."},
    {"funnel ", "window", SPAN, "From the first step on; 14 days unless given."},
    {"funnel ", "order", ONE_OF("\"ordered\",\"strict\",\"any\""), "Strict: nothing in between."},
    {"funnel ", "exclude", EVENT, "Events that end a chain, or a list; with between: [1, 2]."},
    {"funnel ", "times", BOOLEAN, "Tell mean, median and p90 between steps."},
    {"retention ", "start", EVENT, "Events that begin; left out: all."},
    {"retention ", "return", EVENT, "Events that bring back; left out: all."},
    {"retention ", "mode", ONE_OF("\"first\",\"recurring\""),
     "Cohorts by the first start alone, or by each interval's."},
    {"retention ", "count", ONE_OF("\"on\",\"on_or_after\""), "Back in that period, or later."},
    {"retention ", "brackets", BRACKETS, "Periods taken together: [[1, 3], [4, 7]]."},
    {"retention ", "rolling", BOOLEAN, "Periods of 24 hours, or 7 days, from the person's start."},
    {"retention ", "periods", WHOLE(0, 1024), "The last period that is told."},
    {"paths ", "node", FIELD, "What paths are made of: a property or a list; event unless given."},
    {"paths ", "length", WHOLE(2, 8), "Nodes of a path; 3 unless given."},
    {"paths sessions ", "gap", SPAN, "A longer one ends it; 30 minutes unless given."},
    {"paths ", "top", WHOLE(1, 10000), "Paths that are told; 20 unless given."},
    {"paths ", "collapse", BOOLEAN, "The same node again is no step."},
    {"paths ", "drop_offs", BOOLEAN, "Paths that end early count, too."},
    {"paths ", "from_node", NODES, "A node that paths begin with, or a list of some."},
    {"paths ", "to_node", NODES, "A node that paths end with, or a list of some."},
    {"paths ", "through_node", NODES, "A node that paths pass, or a list of some."},
    {"sessions ", "often", WHOLE(1, 1000000), "Count people with so many; 5 unless given."},
    {"sessions ", "entry", FIELD, "Tell sessions by their first event's value."},
    {"sessions ", "exit", FIELD, "Tell sessions by their last event's value."},
    {"sessions ", "bounces", BOOLEAN, "Count sessions of one event."},
    {"sessions ", "percentiles", BOOLEAN, "Tell median and p90 of their length."},
    {"attribution ", "conversion", EVENT, "Events that convert."},
    {"attribution ", "value", TEXT, "The property that is a conversion's amount."},
    {"attribution ", "touch", TEXT, "The property that earns it; channel unless given."},
    {"attribution ", "touch_event", EVENT, "Events that are touches; left out: all."},
    {"attribution ", "model", MODEL, "How a conversion is shared among the touches before it."},
    {"attribution ", "lookback", SPAN, "Touches so long before it count; 30 days unless given."},
    {"attribution ", "direct", TEXT, "The value that stands for no touch; direct unless given."},
    {"attribution ", "half_life", SPAN, "Of time_decay; 7 days unless given."},
    {"paths sessions lifecycle stickiness ", "event", EVENT, "Events that count; left out: all."},
    {"retention lifecycle stickiness ", "interval", INTERVAL, NULL},
    {"trends ", "interval",
     ONE_OF("\"hour\",\"day\",\"week\",\"month\",\"quarter\",\"year\",\"none\""), NULL},
    {MANY, "by", FIELD,
     "Groups: by a property, a trait (person.plan), a segment {where, did}, or up to three."},
    {RANGED, "from", INSTANT, "A date, or an instant."},
    {RANGED, "to", INSTANT, "A date, which is included, or an instant, which is not."},
    {MANY, "last", SPAN, "In place of from and to: so long until now."},
    {RANGED, "timezone", TEXT, "IANA name; UTC unless given."},
    {MANY, "where", OBJECT, "Which events count, in the language of conditions."},
    {MANY, "segment", OBJECT,
     "Whose journeys: where, a condition on the person, and did, an event or a list of {event, "
     "where, at_least, at_most, from, to, last}."},
    {MANY, "sample", SAMPLE, "A part of the people, always the same ones."},
    {MANY, "limit", WHOLE(1, 100000), "Groups at most; 1,000 unless given."},
    {"trends ", "compare", SPAN, "previous, or how much earlier."},
    {"people ", "of", OBJECT, "A question of another type."},
    {"people ", "cell", OBJECT,
     "A place in its answer, such as {step, dropped, by}; what it leaves out may be anything."},
    {"people ", "limit", WHOLE(1, 1000000), "People that are listed; 1,000 unless given."},
    {"timeline ", "customer", TEXT, "cus_…, or sub_… of somebody who is no customer yet."},
    {"timeline ", "limit", WHOLE(1, 10000), "Events at most; 1,000 unless given."},
    {"timeline ", "skip", "\"type\":\"integer\",\"minimum\":0", "Events to leave out first."},
    {"timeline ", "latest", BOOLEAN, "Count from the end: the newest events, in order."},
};

/* --------------------------------------------------------------------------------------------- */

static bool has(const Member *m, const char *kind)
{
    size_t      n = strlen(kind);
    const char *at = strstr(m->kinds, kind);
    return at != NULL && at[n] == ' ' && (at == m->kinds || at[-1] == ' ');
}

static void write_member(Json *out, const Member *m)
{
    char text[1024];
    int  n = m->doc != NULL
                 ? snprintf(text, sizeof text, "{\"description\":\"%s\",%s}", m->doc, m->schema)
                 : snprintf(text, sizeof text, "{%s}", m->schema);
    ASSERT(n > 0 && (size_t)n < sizeof text);
    json_raw(out, m->name, str_from_cstr(text));
}

static void write_kind(Json *out, const Kind *k)
{
    json_obj(out, NULL);
    json_str(out, "title", str_from_cstr(k->name));
    json_str(out, "type", STR("object"));
    json_bool(out, "additionalProperties", false);
    json_arr(out, "required");
    json_str(out, NULL, STR("type"));
    if (k->required != NULL)
        json_str(out, NULL, str_from_cstr(k->required));
    json_end(out);
    json_obj(out, "properties");
    json_obj(out, "type");
    json_str(out, "const", str_from_cstr(k->name));
    json_end(out);
    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++)
        if (has(&MEMBERS[i], k->name))
            write_member(out, &MEMBERS[i]);
    json_end(out);
    json_end(out);
}

void people_journey_schema(Json *out)
{
    json_obj(out, "schema");
    json_arr(out, "oneOf");
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        write_kind(out, &KINDS[i]);
    json_end(out);
    json_end(out);
}
