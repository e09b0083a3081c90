/* Small files of the state directory: read whole, replaced whole, never half there after a crash.
 */
#pragma once

#include <stddef.h>

struct buf;

/* Appends the file to ret_text. 0, -ENOENT and the like, or -EFBIG when it has more than max bytes.
 * ret_text is as it was when it fails. */
int small_file_read(const char *path, size_t max, struct buf *ret_text);

/* Replaces the file by len bytes, mode 0600, on disk (file and directory) when it returns. Its
 * directory is made (0700) when it is not there. 0 or -errno, then the old file is as it was. */
int small_file_write(const char *path, const void *data, size_t len);

/* Brings the names in path's directory to disk: what was renamed or unlinked there stays so. */
int small_file_sync_directory(const char *path);
