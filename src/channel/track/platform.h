/* platform.h - the reaction that puts what the shop's modules tell into the journey. */
#pragma once

#include "core/event.h"

/* For "*": takes events with names like "Order Completed". */
NODISCARD Status platform_told(Cx *cx, const Event *event);
