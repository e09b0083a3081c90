/* Copying an SQLite log while others write to it. */
#pragma once

#include <stddef.h>

/* store_ops.backup. Writers are not held up; the write-ahead log only grows while it lasts. */
int sqlite_backup(const char *where, const char *path, char *why, size_t why_size);
