/* A directory for a while. */
#pragma once

/* A fresh one (0700) in parent. The caller owns the path. NULL with errno. */
char *scratch_dir_make(const char *parent);
/* Removes it with all that is in it. Takes path; NULL is fine. */
void scratch_dir_remove(char *path);
