/* module.h - the catalogue's entry in the list of modules. */
#pragma once

#include "core/module.h"

extern const Module catalog_module;
