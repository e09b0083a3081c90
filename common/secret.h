/* Secrets that stand in files. */
#pragma once

#include <stddef.h>

/* The first line of the file, without its end. 0; -EINVAL when it is empty or does not fit; or
 * -errno. */
int secret_read(const char *path, char *dst, size_t size);
