#include "client/out.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

int
out_write(int fd, const void *data, size_t len)
{
    const char *at = data;

    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd full = {.fd = fd, .events = POLLOUT};
            poll(&full, 1, -1);
        } else if (written < 0 && errno != EINTR) {
            return -errno;
        } else if (written > 0) {
            at += written;
            len -= (size_t)written;
        }
    }

    return 0;
}
