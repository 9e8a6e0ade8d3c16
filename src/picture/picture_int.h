/* picture_int.h - its parts, and what the tests need to see of them. */
#pragma once

#include "picture/picture.h"

/* picture.h, in this process. */
NODISCARD Status picture_init_here(Err *err);
void             picture_exit_here(void);
void             picture_rest_here(void);
NODISCARD Status picture_probe_here(Str bytes, bool with_colour, PictureInfo *ret, Err *err);
NODISCARD Status picture_render_here(Str bytes, int64_t width, PictureFormat format, Buf *ret_bytes,
                                     Err *err);

/* Children that wait for the next picture: up to `n` numbers of processes. */
size_t picture_test_children(int *ret_pids, size_t n);

#ifdef FAULT_INJECTION
extern int64_t picture_test_limit_us; /* instead of PICTURE_SECONDS_MAX; 0: not */
#endif
