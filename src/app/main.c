/* main.c - hand the command line to the verb that it names. */
#include "app/verbs.h"

int main(int argc, char **argv)
{
    return cli_main(verbs, nverbs, argc, argv, stdout, stderr);
}
