/* Programs by name. */
#pragma once

/* Where it is on the PATH, or else where programs for administrators are. The caller frees it.
 * NULL: nowhere. */
char *on_path_find(const char *name);
