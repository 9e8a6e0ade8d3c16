/* fd.h - a file descriptor that closes itself: CLEANUP(fd_close) int fd = open(…); */
#pragma once

#include <unistd.h>

/* Nothing is left to tell of an error: whoever must know that data are on disk calls fsync(). */
static inline void fd_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}
