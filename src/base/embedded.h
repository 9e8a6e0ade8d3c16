/* embedded.h - text files that are built into the program: scripts/embed_text.py. */
#pragma once

#include "base/str.h"

typedef struct EmbeddedText {
    Str name; /* path below the folder: "locales/en.json" */
    Str text;
} EmbeddedText;
