#include "common/question.h"

#include "common/util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static volatile sig_atomic_t caught;

static void
catch_signal(int number)
{
    caught = number;
}

/* So that a signal ends the read: the loop's own handlers let it go on. */
static void
catch_signals(struct sigaction old[ARRAY_LEN(signals)])
{
    struct sigaction action = {.sa_handler = catch_signal};

    caught = 0;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &action, &old[i]);
}

static void
release_signals(const struct sigaction old[ARRAY_LEN(signals)])
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        sigaction(signals[i], &old[i], NULL);
    if (caught != 0)
        raise(caught);
}

/* The terminal hands out whole lines. */
static int
read_line(int fd, char *dst, size_t size)
{
    size_t len = 0;
    char byte;

    for (;;) {
        ssize_t result = caught == 0 ? read(fd, &byte, 1) : -1;
        if (caught != 0)
            return -EINTR;
        if (result < 0 && errno == EINTR)
            continue;
        if (result <= 0)
            return -EPIPE;
        if (byte == '\n')
            break;
        if (len + 1 < size)
            dst[len] = byte;
        len++;
    }

    if (len + 1 > size)
        return -EMSGSIZE;
    dst[len] = '\0';
    return 0;
}

/* echo: the flag that is left of ECHO, which is all of it or nothing. */
static int
ask(const char *prompt, tcflag_t echo, char *dst, size_t size)
{
    struct sigaction old[ARRAY_LEN(signals)];
    struct termios before;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return -ENXIO;
    if (tcgetattr(fd, &before) < 0) {
        close(fd);
        return -ENXIO;
    }

    catch_signals(old);
    struct termios quiet = before;
    quiet.c_lflag = (quiet.c_lflag & ~(tcflag_t)ECHO) | echo | ICANON | ISIG;
    tcsetattr(fd, TCSAFLUSH, &quiet);
    write_all(fd, prompt, strlen(prompt));
    int result = read_line(fd, dst, size);
    if (echo == 0)
        write_all(fd, "\n", 1);
    tcsetattr(fd, TCSAFLUSH, &before);
    close(fd);
    release_signals(old);
    return result;
}

int
question_secret(const char *prompt, char *dst, size_t size)
{
    return ask(prompt, 0, dst, size);
}

int
question_yes(const char *prompt)
{
    char answer[16];
    int result = ask(prompt, ECHO, answer, sizeof(answer));

    if (result == -EMSGSIZE)
        return 0;

    return result < 0 ? result : strcasecmp(answer, "yes") == 0 || strcasecmp(answer, "y") == 0;
}
