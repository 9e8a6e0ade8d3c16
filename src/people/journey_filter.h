/* journey_filter.h - the condition language for questions to the journey.
 *
 * The event store knows no condition language; this gives it ours: for JourneyAsk.compile. */
#pragma once

#include "journey/journey.h"

NODISCARD Status journey_filter_compile(void *arg, Arena *a, const JsonValue *json,
                                        JourneyFilter *ret, Err *err);
