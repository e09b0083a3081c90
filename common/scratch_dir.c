#include "common/scratch_dir.h"

#include "common/util.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

char *
scratch_dir_make(const char *parent)
{
    char *path = xasprintf("%s/rtchat-XXXXXX", parent);

    if (mkdtemp(path) != NULL)
        return path;

    int error = errno;
    free(path);
    errno = error;
    return NULL;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    return remove(path);
}

void
scratch_dir_remove(char *path)
{
    if (path == NULL)
        return;
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(path);
}
