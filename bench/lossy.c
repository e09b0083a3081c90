#include "bench/lossy.h"

#include "bench/on_path.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_SIZE 200
#define WORDS_MAX 12

static int
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0)
        close(fd);
    return good ? 0 : -error;
}

/* As root there, which is this user here: tc would have no rights as anybody else. */
static int
become_root(uid_t user, gid_t group)
{
    char users[40], groups[40];
    int result;

    snprintf(users, sizeof(users), "0 %u 1", user);
    snprintf(groups, sizeof(groups), "0 %u 1", group);
    result = write_file("/proc/self/uid_map", users);
    if (result == 0)
        result = write_file("/proc/self/setgroups", "deny");
    return result == 0 ? write_file("/proc/self/gid_map", groups) : result;
}

static int
move(void)
{
    uid_t user = geteuid();
    gid_t group = getegid();

    if (unshare(CLONE_NEWNET) == 0)
        return 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return -errno;
    return become_root(user, group);
}

/* A new one has a loopback, but it is down. */
static int
raise_loopback(void)
{
    struct ifreq loopback = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;

    if (fd < 0)
        return -errno;
    result = ioctl(fd, SIOCGIFFLAGS, &loopback);
    loopback.ifr_flags |= IFF_UP;
    if (result == 0)
        result = ioctl(fd, SIOCSIFFLAGS, &loopback);
    result = result < 0 ? -errno : 0;
    close(fd);
    return result;
}

/* Its first line of errors, without a full stop. */
static void
read_said(int fd, char said[SAID_SIZE])
{
    size_t len = 0;
    ssize_t got;

    while (len + 1 < SAID_SIZE && (got = read(fd, said + len, SAID_SIZE - 1 - len)) > 0)
        len += (size_t)got;
    said[len] = '\0';
    said[strcspn(said, "\n")] = '\0';
    len = strlen(said);
    if (len > 0 && said[len - 1] == '.')
        said[len - 1] = '\0';
}

static void
become(const char *program, char *const argv[], int errors_fd)
{
    if (dup2(errors_fd, STDERR_FILENO) >= 0)
        execv(program, argv);
    _exit(127);
}

/* The words of line are its arguments. 0; -1 with what it said. */
static int
run(const char *program, const char *line, char said[SAID_SIZE])
{
    char *words = xstrdup(line), *rest = words, *argv[WORDS_MAX + 1] = {NULL};
    int fds[2], status = -1;
    pid_t pid = -1;

    for (size_t i = 0; i < WORDS_MAX && rest != NULL; i++)
        argv[i] = strsep(&rest, " ");
    str_copy(said, SAID_SIZE, "it could not be run");
    if (pipe2(fds, O_CLOEXEC) == 0) {
        pid = fork();
        if (pid == 0)
            become(program, argv, fds[1]);
        close(fds[1]);
        if (pid > 0)
            read_said(fds[0], said);
        close(fds[0]);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(words);
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

int
lossy_enter(char *why, size_t why_size)
{
    int result = move();

    if (result < 0) {
        snprintf(why, why_size,
                 "no network namespace of one's own: %s; wanted root, or a kernel "
                 "that lets users have namespaces",
                 strerror(-result));
        return -1;
    }
    result = raise_loopback();
    if (result < 0) {
        snprintf(why, why_size, "its loopback stays down: %s", strerror(-result));
        return -1;
    }
    return lossy_set(0, why, why_size);
}

int
lossy_set(double percent, char *why, size_t why_size)
{
    char *line = xasprintf("tc qdisc replace dev lo root netem loss %.10g%%", percent);
    char *program = on_path_find("tc"), said[SAID_SIZE];
    int result = -1;

    if (program == NULL)
        snprintf(why, why_size, "there is no tc(8); wanted that of iproute2");
    else if (run(program, line, said) == 0)
        result = 0;
    else
        snprintf(why, why_size, "%s: %s; wanted a kernel with netem (the module sch_netem)", line,
                 said);
    free(program);
    free(line);
    return result;
}
