/* data.h - public data sets that lie beside the repository, for tests that want more than
 * the cases of their own. Where they are missing, a test says so and skips.
 *
 * The folder is $RAPPORT_DATA, or ../shared/data seen from the source root. */
#pragma once

#include "test.h"

#include "base/buf.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Path of a file or folder of the data sets; skips the running test when it is missing. */
static inline const char *test_data(Arena *a, const char *name)
{
    const char *root = getenv("RAPPORT_DATA");
    char        path[4096]; /* no memory yet: skip() jumps out of here */
    int         n = root != NULL
                        ? snprintf(path, sizeof path, "%s/%s", root, name)
                        : snprintf(path, sizeof path, "%s/../shared/data/%s", TEST_SOURCE_ROOT, name);
    assert_true(n > 0 && n < (int)sizeof path);
    if (access(path, R_OK) != 0) {
        print_message("# skipped: no %s among the data sets\n", name);
        skip();
    }
    return str_cstr(a, str_from_cstr(path));
}

/* Whole file. */
static inline Str test_read(Arena *a, const char *path)
{
    int         fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    char  *p = arena_array(a, char, (size_t)st.st_size + 1);
    size_t got = 0;
    while (got < (size_t)st.st_size) {
        ssize_t n = read(fd, p + got, (size_t)st.st_size - got);
        assert_true(n > 0);
        got += (size_t)n;
    }
    close(fd);
    return (Str){p, got};
}

/* Unpack an archive (tar finds out how it is compressed) into a new temporary folder,
 * which test_rmdir() removes. */
static inline int test_run(const char *const *argv)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static inline const char *test_unpack(Arena *a, const char *archive)
{
    char *dir = str_cstr(a, STR("/tmp/rapport-test-XXXXXX"));
    assert_non_null(mkdtemp(dir));
    const char *argv[] = {"tar", "-xf", archive, "-C", dir, NULL};
    assert_int_equal(test_run(argv), 0);
    return dir;
}

static inline void test_rmdir(const char *dir)
{
    const char *argv[] = {"rm", "-rf", dir, NULL};
    test_run(argv);
}
