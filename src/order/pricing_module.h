/* pricing_module.h - the entry of promotions and tax in the list of modules. */
#pragma once

#include "core/module.h"

extern const Module pricing_module;
