/* copy_tree.h - copy a folder with all that is below it. */
#pragma once

#include "base/status.h"

enum { COPY_TREE_DEPTH = 16 };

/* Called after each file. */
typedef void CopyTreeSeen(void *arg, const char *name);

/* Copy the regular files and folders below `from` into `to`, which is made. A file that
 * goes away meanwhile is left out. Nothing that is a link is followed. Each copy is on disk
 * when this returns. ST_IO "app.copy_failed". */
NODISCARD Status copy_tree(const char *from, const char *to, CopyTreeSeen *seen, void *arg,
                           Err *err);

/* One file, by path. */
NODISCARD Status copy_file(const char *from, const char *to, Err *err);
