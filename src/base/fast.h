/* fast.h - loops that are worth a version for each generation of processors.
 *
 * FAST before a function: the compiler makes the versions. Where intrinsics do better, fast_has()
 * says what may be used. RAPPORT_SIMD=plain or avx2 in the environment holds it back, so that
 * tests and benches see the other versions too. */
#pragma once

/* The thread sanitizer is not there yet when the loader chooses a version. */
#if defined(__SANITIZE_THREAD__)
#define FAST_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FAST_PLAIN 1
#endif
#endif

#if defined(__x86_64__) && !defined(FAST_PLAIN)
#define FAST __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FAST /* plain: the compiler's own choice */
#endif

typedef enum FastSet {
    FAST_BMI2 = 1,
    FAST_AVX2 = 2,
    FAST_512 = 4,    /* AVX-512 F and BW */
    FAST_VBMI = 8,   /* and DQ, VBMI, VBMI2 */
    FAST_COUNTS = 16 /* AVX-512 F, BW and VPOPCNTDQ: bits of numbers are counted */
} FastSet;

#if defined(__x86_64__)
/* Asked for the first time, it looks; then it is a load. */
unsigned fast_set(void);
#else
static inline unsigned fast_set(void)
{
    return 0;
}
#endif

static inline _Bool fast_has(FastSet what)
{
    return (fast_set() & (unsigned)what) != 0;
}
