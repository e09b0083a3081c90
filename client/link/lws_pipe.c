#include "client/link/lws_pipe.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static bool
is_free(int fd)
{
    return fcntl(fd, F_GETFD) < 0;
}

static bool
is_eventfd(int fd)
{
    char path[40], target[40] = "";

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "eventfd") != NULL;
}

void
lws_pipe_before_create(struct lws_pipe *pipe)
{
    *pipe = (struct lws_pipe){.first = memfd_create("probe", MFD_CLOEXEC), .fd = -1};
    if (pipe->first < 0)
        return;

    close(pipe->first);
    for (int i = 0; i < LWS_PIPE_NUMBERS; i++)
        if (is_free(pipe->first + i))
            pipe->free |= UINT64_C(1) << i;
}

void
lws_pipe_after_create(struct lws_pipe *pipe)
{
    for (int i = 0; i < LWS_PIPE_NUMBERS && pipe->fd < 0 && pipe->first >= 0; i++)
        if ((pipe->free >> i & 1) != 0 && is_eventfd(pipe->first + i))
            pipe->fd = pipe->first + i;
}

void
lws_pipe_after_first_destroy(struct lws_pipe *pipe)
{
    if (pipe->fd < 0)
        return;

    int fd = is_free(pipe->fd) ? memfd_create("placeholder", MFD_CLOEXEC) : -1;
    if (fd >= 0 && fd != pipe->fd) {
        dup3(fd, pipe->fd, O_CLOEXEC);
        close(fd);
    }
    if (fd < 0 || fstat(pipe->fd, &pipe->placeholder) < 0)
        pipe->fd = -1;
}

/* Where lws did not close it a second time. */
void
lws_pipe_after_last_destroy(struct lws_pipe *pipe)
{
    struct stat now;

    if (pipe->fd >= 0 && fstat(pipe->fd, &now) == 0 && now.st_ino == pipe->placeholder.st_ino &&
        now.st_dev == pipe->placeholder.st_dev)
        close(pipe->fd);
}
