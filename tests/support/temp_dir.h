/* A directory of a test's own. */
#pragma once

#define TEMP_DIR_SIZE  128
#define TEMP_PATH_SIZE 256

/* Makes an empty directory under $TMPDIR or /tmp; fails the test when it cannot. */
void temp_dir_make(char dst[TEMP_DIR_SIZE]);
/* dir and everything in it. */
void temp_dir_remove(const char *dir);

/* "DIR/NAME", fails the test when it does not fit. */
void temp_path(char dst[TEMP_PATH_SIZE], const char *dir, const char *name);
