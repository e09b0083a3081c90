#include "bench/scratch_dir.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

char *
scratch_dir_create(const char *parent)
{
    char *path = scratch_dir_make(parent);

    if (path == NULL)
        fprintf(stderr, "%s: cannot make a directory in %s: %s\n", program_invocation_short_name,
                parent, strerror(errno));
    return path;
}
