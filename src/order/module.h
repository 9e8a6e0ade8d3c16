/* module.h - the entry of carts, checkout and orders in the list of modules. */
#pragma once

#include "core/module.h"

extern const Module order_module;
