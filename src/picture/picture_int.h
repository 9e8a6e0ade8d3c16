/* picture_int.h - what the tests need to see of the picture engine. */
#pragma once

#include "base/base.h"

#ifdef FAULT_INJECTION
extern int64_t picture_test_limit_us; /* instead of PICTURE_SECONDS_MAX; 0: not */
#endif
