#include "bench/measure/terminal.h"

#include "common/clock.h"
#include "common/util.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define LOOK_MS     5

int
terminal_start(struct terminal *terminal, char *const argv[], char *const env[])
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};

    *terminal = (struct terminal){.began_us = clock_mono_us()};
    terminal->pid = forkpty(&terminal->fd, NULL, NULL, &size);
    if (terminal->pid < 0)
        return -errno;
    if (terminal->pid == 0) {
        for (; *env != NULL; env++)
            putenv(*env);
        execv(argv[0], argv);
        _exit(127);
    }
    return clock_getcpuclockid(terminal->pid, &terminal->clock) == 0 ? 0 : -ESRCH;
}

/* Adds what comes until the deadline at most. 0, -ETIMEDOUT when nothing came, -EPIPE at the end.
 */
static int
read_some(struct terminal *terminal, int64_t deadline_ms)
{
    struct pollfd poller = {.fd = terminal->fd, .events = POLLIN};
    int64_t left_ms = deadline_ms - clock_mono_ms();
    char bytes[4096];
    ssize_t got;

    if (left_ms <= 0 || poll(&poller, 1, (int)left_ms) == 0)
        return -ETIMEDOUT;
    got = read(terminal->fd, bytes, sizeof(bytes));
    if (got <= 0)
        return -EPIPE;
    buf_add(&terminal->seen, bytes, (size_t)got);
    return 0;
}

int64_t
terminal_wait_for(struct terminal *terminal, const char *word, int64_t patience_ms)
{
    int64_t deadline_ms = clock_mono_ms() + patience_ms;

    while (memmem(buf_text(&terminal->seen), terminal->seen.len, word, strlen(word)) == NULL) {
        int result = read_some(terminal, deadline_ms);

        if (result < 0)
            return result;
    }
    return clock_mono_us() - terminal->began_us;
}

static int64_t
cpu_us(const struct terminal *terminal)
{
    struct timespec used;

    if (clock_gettime(terminal->clock, &used) < 0)
        return 0;
    return used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000;
}

int64_t
terminal_idle(struct terminal *terminal, int64_t duration_ms)
{
    int64_t deadline_ms = clock_mono_ms() + duration_ms;
    int64_t before_us = cpu_us(terminal);

    while (read_some(terminal, deadline_ms) == 0)
        continue;
    return cpu_us(terminal) - before_us;
}

void
terminal_stop(struct terminal *terminal)
{
    int64_t deadline_ms = clock_mono_ms() + PATIENCE_MS;

    close(terminal->fd); /* which sends SIGHUP, as a window does that is closed */
    while (waitpid(terminal->pid, NULL, WNOHANG) == 0) {
        if (clock_mono_ms() > deadline_ms)
            kill(terminal->pid, SIGKILL);
        poll(NULL, 0, LOOK_MS);
    }
    buf_fini(&terminal->seen);
}
