/* A directory of a target's own, in memory where there is a place for that: inputs come by the
 * thousand a second, and most of them end in an fsync. */
#pragma once

#include "tests/fuzz/must.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static char scratch_path[64];

static inline void
scratch_clear(void)
{
    DIR *directory = opendir(scratch_path);
    struct dirent *entry;

    MUST(directory != NULL);
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
}

static inline void
scratch_remove(void)
{
    scratch_clear();
    rmdir(scratch_path);
}

static inline void
scratch_make(void)
{
    snprintf(scratch_path, sizeof(scratch_path), "%s/rtchat-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    MUST(mkdtemp(scratch_path) != NULL);
    atexit(scratch_remove);
}

static inline void
scratch_write(const char *name, const void *data, size_t len)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", scratch_path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, data, len) == (ssize_t)len);
    close(fd);
}

/* How many files end with suffix. */
static inline size_t
scratch_count(const char *suffix)
{
    DIR *directory = opendir(scratch_path);
    struct dirent *entry;
    size_t count = 0;

    MUST(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        size_t len = strlen(entry->d_name);
        if (len >= strlen(suffix) && strcmp(entry->d_name + len - strlen(suffix), suffix) == 0)
            count++;
    }
    closedir(directory);
    return count;
}
