#include "bench/child.h"

#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 15000
#define LOOK_MS     5

/* It does not outlive us, and Ctrl-C is for us alone: what was measured is still to be told. */
static void
become(char *const argv[], int out_fd, const char *log_path)
{
    int log_fd = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setpgid(0, 0);
    if (dup2(out_fd, STDOUT_FILENO) >= 0 && log_fd >= 0 && dup2(log_fd, STDERR_FILENO) >= 0)
        execv(argv[0], argv);
    _exit(127);
}

/* Of a line that says "listening on …:PORT", or of a JSON object; 0: of no such line. */
static int
find_port(const char *line)
{
    const char *listening = strstr(line, "listening on ");
    json_t *object = listening == NULL ? json_loads(line, 0, NULL) : NULL;
    int port = listening != NULL ? atoi(strrchr(listening, ':') + 1)
                                 : (int)json_integer_value(json_object_get(object, "port"));

    json_decref(object);
    return port;
}

/* 0 while the line is not whole; or -EPIPE. */
static int
read_port(int fd, char *line, size_t size)
{
    size_t len = strlen(line);
    ssize_t got = read(fd, line + len, size - 1 - len);
    char *end;

    if (got <= 0)
        return -EPIPE;

    line[len + (size_t)got] = '\0';
    end = strrchr(line, '\n');
    if (end == NULL)
        return 0;

    *end = '\0';
    return find_port(line);
}

static int
wait_for_port(struct child *child)
{
    int64_t deadline_ms = clock_mono_ms() + PATIENCE_MS;
    int port = 0;

    while (port == 0) {
        struct pollfd poller = {.fd = child->out_fd, .events = POLLIN};
        int64_t left_ms = deadline_ms - clock_mono_ms();

        if (left_ms <= 0 || poll(&poller, 1, (int)left_ms) == 0)
            return -ETIMEDOUT;
        port = read_port(child->out_fd, child->said, sizeof(child->said));
    }
    return port;
}

static void
show_log(const char *path)
{
    char line[512];
    FILE *file = fopen(path, "re");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        fprintf(stderr, "    %s", line);
    if (file != NULL)
        fclose(file);
}

int
child_start(struct child *child, char *const argv[], const char *log_path)
{
    int fds[2], port;

    *child = (struct child){0};
    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    child->pid = fork();
    if (child->pid == 0)
        become(argv, fds[1], log_path);
    close(fds[1]);
    child->out_fd = fds[0];

    port = child->pid < 0 ? -EAGAIN : wait_for_port(child);
    if (port > 0 && clock_getcpuclockid(child->pid, &child->clock) == 0) {
        child->port = port;
        return 0;
    }
    fprintf(stderr, "%s: %s does not serve: %s\n", program_invocation_short_name, argv[0],
            strerror(-port));
    show_log(log_path);
    child_stop(child);
    return -EPIPE;
}

int64_t
child_cpu_us(const struct child *child)
{
    struct timespec used;

    if (clock_gettime(child->clock, &used) < 0)
        return 0;
    return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

int64_t
child_memory(const struct child *child)
{
    char path[40];
    long pages = 0;
    FILE *statm;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)child->pid);
    statm = fopen(path, "re");
    if (statm == NULL)
        return 0;
    if (fscanf(statm, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose(statm);
    return pages * sysconf(_SC_PAGESIZE);
}

static bool
has_ended(pid_t pid, int *ret_status)
{
    return waitpid(pid, ret_status, WNOHANG) == pid;
}

int
child_stop(struct child *child)
{
    int64_t deadline_ms = clock_mono_ms() + PATIENCE_MS;
    int status = 0;

    if (child->pid <= 0)
        return 0;
    kill(child->pid, SIGTERM);
    while (!has_ended(child->pid, &status)) {
        if (clock_mono_ms() > deadline_ms)
            kill(child->pid, SIGKILL);
        poll(NULL, 0, LOOK_MS);
    }
    close(child->out_fd);
    child->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPIPE;
}
