/* fast.h - base/fast.h, for the journey. */
#pragma once

#include "base/fast.h"
