#include "tests/support/temp_dir.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

void
temp_dir_make(char dst[TEMP_DIR_SIZE])
{
    const char *parent = getenv("TMPDIR");
    int len = snprintf(dst, TEMP_DIR_SIZE, "%s/rtchat-test-XXXXXX", parent ? parent : "/tmp");
    ck_assert_int_lt(len, TEMP_DIR_SIZE);
    ck_assert_ptr_nonnull(mkdtemp(dst));
}

static int
remove_one(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    return remove(path);
}

void
temp_dir_remove(const char *dir)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
temp_path(char dst[TEMP_PATH_SIZE], const char *dir, const char *name)
{
    int len = snprintf(dst, TEMP_PATH_SIZE, "%s/%s", dir, name);
    ck_assert_int_lt(len, TEMP_PATH_SIZE);
}
