/* module.h - what the module is to the program. */
#pragma once

#include "core/module.h"

extern const Module stock_module;

/* Let the catalogue read numbers of pieces from here: once per process, before anything is
 * called; stock_module is among those that are migrated. */
void stock_install(void);
