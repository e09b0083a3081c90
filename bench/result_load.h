/* Results from files, for the program's verbs. */
#pragma once

#include <stddef.h>

struct result;

/* Those of paths up to the first NULL, count at most and one at least, merged into the first. NULL
 * with a line on stderr. */
struct result *result_load(char *const *paths, size_t count);
