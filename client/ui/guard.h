/* Leaves the terminal clean however the program ends: the signals that end it restore the terminal
 * first, say so on the normal screen, and then end it as they would have. */
#pragma once

#include <termios.h>

#define GUARD_LEAVE_SIZE 256

struct guard_state {
    int fd;                       /* the terminal */
    struct termios modes;         /* as they were before */
    char leave[GUARD_LEAVE_SIZE]; /* what the terminal is told, NUL-terminated */
};

/* From now on SEGV, BUS, ILL, FPE, ABRT, TERM, HUP, QUIT and INT restore. state is copied. */
void guard_arm(const struct guard_state *state);
/* Signals end the program as they did before guard_arm; nothing is restored. */
void guard_disarm(void);
