/* What the processor can do. */
#include "base/fast.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
enum { LOOKED = 1 << 16 };

static unsigned look(void)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets the environment */
    const char *most = getenv("RAPPORT_SIMD");
    unsigned    set = LOOKED;
    if (most != NULL && strcmp(most, "plain") == 0)
        return set;
    if (__builtin_cpu_supports("bmi2"))
        set |= FAST_BMI2;
    if (__builtin_cpu_supports("avx2"))
        set |= FAST_AVX2;
    if (most != NULL && strcmp(most, "avx2") == 0)
        return set;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
        set |= FAST_512;
    if ((set & FAST_512) != 0 && __builtin_cpu_supports("avx512vbmi") &&
        __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512dq"))
        set |= FAST_VBMI;
    if ((set & FAST_512) != 0 && __builtin_cpu_supports("avx512vpopcntdq"))
        set |= FAST_COUNTS;
    return set;
}

unsigned fast_set(void)
{
    static atomic_uint kept;
    unsigned           set = atomic_load_explicit(&kept, memory_order_relaxed);
    if (set == 0) {
        set = look();
        atomic_store_explicit(&kept, set, memory_order_relaxed);
    }
    return set;
}
#endif
