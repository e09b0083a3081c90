/* The terminal: ncurses started and stopped, modes, locale, and who wakes the loop. */
#pragma once

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct terminal {
    SCREEN *screen;
    WINDOW *keys; /* where keys are read: a pad, so that reading draws nothing */
    struct termios saved;
    int wake_fd;   /* for uv_poll: a second opening of the terminal, never read from */
    int stderr_fd; /* standard error as it was, while it goes to the log */
    bool is_utf8;  /* what the user's locale says; LC_CTYPE is UTF-8 in any case */
    bool has_title;
};

/* Starts the screen on standard input and output. log_file: where standard error goes meanwhile,
 * NULL: nowhere. 0, or -1 with why filled and nothing changed. */
int terminal_open(struct terminal *terminal, const char *log_file, char *why, size_t why_size);
void terminal_close(struct terminal *terminal);

/* Off the screen and stopped, as Ctrl-z does; back when the program is continued. */
void terminal_suspend(struct terminal *terminal);
/* Sends the modes again and draws all anew: after somebody else used the terminal. */
void terminal_refresh(struct terminal *terminal);
/* Asks how large the terminal is now and tells ncurses. */
void terminal_resize(void);
/* The terminal has gone away for good. */
bool terminal_is_gone(const struct terminal *terminal);

void terminal_bell(void);
/* title: visible text without control characters. */
void terminal_title(const struct terminal *terminal, const char *title);
