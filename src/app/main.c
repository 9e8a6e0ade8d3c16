/* main.c - hand the command line to the verb that it names. */
#include "app/verbs.h"
#include "picture/picture.h"

#include <malloc.h>
#include <string.h>
#include <unistd.h>

/* Most threads only ever wait. Heaps of their own, which glibc gives to eight threads per core,
 * would keep what each used at its busiest; with too few, those that work wait for each other. */
static void share_heaps(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    (void)mallopt(M_ARENA_MAX, cores > 8 ? (int)cores : 8); /* NOLINT(*-mt-unsafe): alone */
}

int main(int argc, char **argv)
{
    share_heaps();
    if (argc == 2 && strcmp(argv[1], PICTURE_WORKER) == 0)
        return picture_work();
    return cli_main(verbs, nverbs, argc, argv, stdout, stderr);
}
