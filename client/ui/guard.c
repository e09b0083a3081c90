#include "client/ui/guard.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/util.h"

#define STACK_SIZE 65536

struct deadly {
    int number;
    const char *name;
};

static const struct deadly deadly_signals[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"},   {SIGILL, "SIGILL"},
    {SIGFPE, "SIGFPE"},   {SIGABRT, "SIGABRT"}, {SIGTERM, "SIGTERM"},
    {SIGHUP, "SIGHUP"},   {SIGQUIT, "SIGQUIT"}, {SIGINT, "SIGINT"},
};

/* A signal's handler is given nothing: what it needs has to stand somewhere. */
static struct {
    struct guard_state state;
    struct sigaction before[ARRAY_LEN(deadly_signals)];
    void *stack;
} guard;

static const char *
signal_name(int number)
{
    for (size_t i = 0; i < ARRAY_LEN(deadly_signals); i++)
        if (deadly_signals[i].number == number)
            return deadly_signals[i].name;

    return "a signal";
}

/* Only what is async-signal-safe: neither stdio nor curses. */
static void
tell(const char *text)
{
    write_all(guard.state.fd, text, strlen(text));
}

static void
end_by_signal(int number)
{
    tell(guard.state.leave);
    tcsetattr(guard.state.fd, TCSANOW, &guard.state.modes);
    tell("rtchat-client: ended by ");
    tell(signal_name(number));
    tell("; what you typed is kept\n");

    signal(number, SIG_DFL);
    raise(number);
}

/* A stack that ran over cannot hold the handler. */
static void
use_own_stack(void)
{
    guard.stack = xmalloc(STACK_SIZE);
    sigaltstack(&(stack_t){.ss_sp = guard.stack, .ss_size = STACK_SIZE}, NULL);
}

void
guard_arm(const struct guard_state *state)
{
    struct sigaction action = {.sa_handler = end_by_signal, .sa_flags = SA_ONSTACK};

    guard.state = *state;
    use_own_stack();
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(deadly_signals); i++)
        sigaction(deadly_signals[i].number, &action, &guard.before[i]);
}

void
guard_disarm(void)
{
    for (size_t i = 0; i < ARRAY_LEN(deadly_signals); i++)
        sigaction(deadly_signals[i].number, &guard.before[i], NULL);

    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(guard.stack);
    guard.stack = NULL;
}
