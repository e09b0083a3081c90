/* A disk that takes its time, for one program: loaded before it (LD_PRELOAD), each fsync and
 * fdatasync of it takes RTCHAT_DISK_US microseconds more. What a machine's own disk does is fast or
 * slow by chance; what a commit for many is worth shows where waiting for it dominates. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
wait_for_disk(void)
{
    const char *value = getenv("RTCHAT_DISK_US");
    long us = value == NULL ? 0 : strtol(value, NULL, 10);
    struct timespec rest = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

    while (nanosleep(&rest, &rest) < 0)
        continue;
}

static int
sync_with(const char *name, int fd)
{
    int (*sync)(int) = NULL;

    *(void **)&sync = dlsym(RTLD_NEXT, name);
    wait_for_disk();
    return sync(fd);
}

int
fsync(int fd)
{
    return sync_with("fsync", fd);
}

int
fdatasync(int fd)
{
    return sync_with("fdatasync", fd);
}
