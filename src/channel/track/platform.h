/* platform.h - the reaction that puts what the shop's modules tell into the journey. */
#pragma once

#include "core/event.h"

/* For "*": takes events with names like "Order Completed". */
NODISCARD Status platform_told(Cx *cx, const Event *event);
/* Of several at once: one append to the journey. */
NODISCARD Status platform_told_many(Cx *cx, const Event *events, size_t n);
