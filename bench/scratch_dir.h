/* A directory for one measurement. */
#pragma once

/* A fresh one (0700) in parent. The caller owns the path. NULL with a line on stderr. */
char *scratch_dir_create(const char *parent);
/* Removes it with all that is in it. Takes path; NULL is fine. */
void scratch_dir_remove(char *path);
