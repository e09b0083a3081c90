#include "server/log/lock_file.h"

#define LOG_MODULE "store"
#include "common/log.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose lock it is, for the sentence only: a descriptor's own lock has no holder the kernel names.
 */
static void
say_who(int fd, const char *path, char *why, size_t why_size)
{
    char pid[24] = "";
    ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
    pid[len < 0 ? 0 : len] = '\0';
    pid[strspn(pid, "0123456789")] = '\0';

    snprintf(why, why_size, "the store %s is in use by another rtchat-server%s%s%s", path,
             *pid != '\0' ? " (pid " : "", pid, *pid != '\0' ? ")" : "");
}

/* A full disk may leave the file empty; the lock holds all the same. */
static void
write_pid(int fd)
{
    char line[24];
    int len = snprintf(line, sizeof(line), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0)
        (void)write_all(fd, line, (size_t)len);
}

/* Root works for whoever has the store, and must not leave there what only root can open. */
static void
give_to_owner(int fd, const char *path)
{
    struct stat status;
    if (geteuid() == 0 && stat(path, &status) == 0 && fchown(fd, status.st_uid, status.st_gid) < 0)
        log_warn("%s.lock stays root's: %s", path, strerror(errno));
}

static int
open_and_lock(const char *lock_path, const char *path, char *why, size_t why_size)
{
    int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int r = -errno;
        snprintf(why, why_size, "cannot open %s: %s", lock_path, strerror(-r));
        return r;
    }
    give_to_owner(fd, path);

    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        write_pid(fd);
        return fd;
    }

    int r = errno == EACCES || errno == EAGAIN ? -EBUSY : -errno;
    if (r == -EBUSY)
        say_who(fd, path, why, why_size);
    else
        snprintf(why, why_size, "cannot lock %s: %s", lock_path, strerror(-r));
    close(fd);
    return r;
}

int
lock_file_take(const char *path, char *why, size_t why_size)
{
    char *real = realpath(path, NULL);
    if (real == NULL) {
        int r = -errno;
        snprintf(why, why_size, "cannot open %s: %s", path, strerror(-r));
        return r;
    }
    char *lock_path = xasprintf("%s.lock", real);
    int r = open_and_lock(lock_path, path, why, why_size);
    free(lock_path);
    free(real);
    return r;
}
