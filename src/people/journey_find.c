/* Whoever has nothing but events, found by what these came under. */
#include "people/identity_int.h"
#include "people/journey_store.h"

static bool seen_one(void *arg, const JourneyEvent *event)
{
    (void)event;
    *(bool *)arg = true;
    return false;
}

static Status note_tx(Cx *cx, void *arg)
{
    PeopleLinked linked;
    return people_link(
        cx,
        &(PeopleLinking){.known = arg, .n = 1, .rule = PEOPLE_SAME_EVENT, .source = STR("journey")},
        &linked);
}

Status people_journey_find(Cx *cx, int ns, Str value, PeopleProfile *ret)
{
    Journey    *j = people_journey();
    PeopleKnown known = {.ns = ns, .value = value};
    bool        seen = false;
    Status      st = people_find(cx, ns, value, ret);
    if (st != ST_NOT_FOUND || j == NULL || !people_normalise(cx->arena, ns, value, &known.value))
        return st;
    int64_t subject = people_subject(ns, known.value);
    TRY(journey_timeline(j, journey_profile(j, subject), (UnixMs){0}, (UnixMs){INT64_MAX}, seen_one,
                         &seen, &cx->err));
    if (!seen || !people_journey_takes(subject))
        return st;
    cx->err = (Err){0};
    TRY(cx_in_tx(cx, note_tx, &known));
    TRY(people_find(cx, ns, value, ret)); /* not there: it names nobody, or was erased */
    return people_journey_sync(cx, ret->id);
}
