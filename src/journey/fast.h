/* fast.h - loops that are worth a version for each generation of processors. */
#pragma once

#if defined(__x86_64__)
#define FAST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FAST /* plain: the compiler's own choice */
#endif
