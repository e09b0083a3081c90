/* Writing to standard output and standard error where they may be non-blocking, since they may be
 * one open file with a standard input that is. */
#pragma once

#include <stddef.h>

/* All of it, waiting where it is full. 0 or -errno. */
int out_write(int fd, const void *data, size_t len);
