/* A directory for one measurement; scratch_dir_remove ends it. */
#pragma once

#include "common/scratch_dir.h"

/* As scratch_dir_make, but it is NULL with a line on stderr. */
char *scratch_dir_create(const char *parent);
