#include "client/link/small_file.h"

#include "common/buf.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
small_file_read(const char *path, size_t max, struct buf *ret_text)
{
    struct buf text = BUF_INIT;
    char chunk[4096];
    ssize_t len;

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;

    while ((len = read(fd, chunk, sizeof(chunk))) > 0 && text.len + (size_t)len <= max)
        buf_add(&text, chunk, (size_t)len);

    int error = len < 0 ? -errno : len > 0 ? -EFBIG : 0;
    if (error == 0 && text.len > 0)
        buf_add(ret_text, text.data, text.len);

    buf_fini(&text);
    close(fd);
    return error;
}

int
small_file_sync_directory(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(copy);
    if (fd < 0)
        return -errno;

    int error = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return error;
}

/* Fills the fresh file at temporary and gives it the name path. */
static int
fill_and_rename(int fd, const char *temporary, const char *path, const void *data, size_t len)
{
    int error = write_all(fd, data, len);

    if (error < 0)
        return error;
    if (fsync(fd) < 0 || rename(temporary, path) < 0)
        return -errno;

    return small_file_sync_directory(path);
}

int
small_file_write(const char *path, const void *data, size_t len)
{
    char *directory = xstrdup(path);
    int error = make_directories(dirname(directory), 0700);

    free(directory);
    if (error < 0)
        return error;

    char *temporary = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* makes it 0600 */
    if (fd < 0) {
        error = -errno;
    } else {
        error = fill_and_rename(fd, temporary, path, data, len);
        close(fd);
        if (error < 0)
            unlink(temporary);
    }

    free(temporary);
    return error;
}
