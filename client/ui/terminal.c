#include "client/ui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "client/ui/guard.h"
#include "common/util.h"

#define ESCAPE_DELAY_MS 25 /* how long a lone Esc may hold the loop */

/* Bracketed paste, focus. */
#define MODES_ON   "\033[?2004h\033[?1004h"
#define MODES_OFF  "\033[?2026l\033[?2004l\033[?1004l\033[?1006l\033[?1003l\033[?1002l\033[?1000l"
#define TITLE_SAVE "\033[22;2t"
#define TITLE_BACK "\033[23;2t"
/* Keys, colours, cursor and margins as a terminal has them at first. */
#define PLAIN_AGAIN "\033[?1l\033>\033[0m\033[?25h\033[r"

static void
tell(const char *text)
{
    write_all(STDOUT_FILENO, text, strlen(text));
}

/* Terminals that take the title in the way of xterm; others would print it. */
static bool
knows_title(void)
{
    static const char *const families[] = {"xterm",     "tmux",    "screen", "rxvt",
                                           "alacritty", "foot",    "kitty",  "st",
                                           "vte",       "konsole", "gnome",  "wezterm"};
    const char *name = getenv("TERM");

    for (size_t i = 0; name != NULL && i < ARRAY_LEN(families); i++)
        if (strncmp(name, families[i], strlen(families[i])) == 0)
            return true;

    return false;
}

/* ncurses and wcwidth count by LC_CTYPE: it has to know Unicode even where the user's does not. */
static bool
set_locale(void)
{
    bool is_utf8 = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

    if (!is_utf8 && setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "C.utf8");
    return is_utf8;
}

static int
open_wake(void)
{
    const char *name = "/dev/tty";
    int flags = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    int fd = open(name, flags);

    if (fd < 0 && (name = ttyname(STDIN_FILENO)) != NULL)
        fd = open(name, flags);
    return fd;
}

/* stderr: libraries that complain there would scribble over the screen. */
static void
divert_stderr(struct terminal *terminal, const char *log_file)
{
    const char *path = log_file != NULL ? log_file : "/dev/null";
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    fflush(stderr);
    terminal->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd < 0)
        return;
    dup2(fd, STDERR_FILENO);
    close(fd);
}

static void
return_stderr(struct terminal *terminal)
{
    fflush(stderr);
    if (terminal->stderr_fd < 0)
        return;
    dup2(terminal->stderr_fd, STDERR_FILENO);
    close(terminal->stderr_fd);
    terminal->stderr_fd = -1;
}

static void
set_modes(struct terminal *terminal)
{
    raw();
    noecho();
    nonl(); /* Enter is 13 then, and Ctrl-j 10 */
    intrflush(stdscr, FALSE);
    typeahead(-1);
    keypad(terminal->keys, TRUE);
    nodelay(terminal->keys, TRUE);
    def_prog_mode();
}

static void
arm_guard(const struct terminal *terminal)
{
    struct guard_state state = {.fd = STDOUT_FILENO, .modes = terminal->saved};
    const char *leave_screen = tigetstr("rmcup");

    if (leave_screen == NULL || leave_screen == (const char *)-1)
        leave_screen = "\033[999;1H\r\n";
    snprintf(state.leave, sizeof(state.leave), "%s%s%s%s", MODES_OFF,
             terminal->has_title ? TITLE_BACK : "", PLAIN_AGAIN, leave_screen);
    guard_arm(&state);
}

/* A stack of titles is kept by the terminal: once in for once out. */
static void
enter_modes(const struct terminal *terminal)
{
    if (terminal->has_title)
        tell(TITLE_SAVE);
    tell(MODES_ON);
}

static void
leave_modes(const struct terminal *terminal)
{
    tell(MODES_OFF);
    if (terminal->has_title)
        tell(TITLE_BACK);
}

static bool
can_place_cursor(void)
{
    const char *place = tigetstr("cup");

    return place != NULL && place != (const char *)-1;
}

/* newterm, for initscr ends the program where it does not know the terminal. */
static int
start_curses(struct terminal *terminal, char *why, size_t why_size)
{
    const char *name = getenv("TERM");

    set_escdelay(ESCAPE_DELAY_MS);
    terminal->screen = newterm(NULL, stdout, stdin);
    if (terminal->screen != NULL && can_place_cursor() && (terminal->keys = newpad(1, 1)) != NULL)
        return 0;

    if (terminal->screen != NULL) {
        endwin();
        delscreen(terminal->screen);
    }
    snprintf(why, why_size, "no screen on TERM=%s: wanted a terminal that can place its cursor",
             name != NULL ? name : "");
    return -1;
}

int
terminal_open(struct terminal *terminal, const char *log_file, char *why, size_t why_size)
{
    *terminal = (struct terminal){.stderr_fd = -1, .has_title = knows_title()};

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
        tcgetattr(STDIN_FILENO, &terminal->saved) != 0) {
        snprintf(why, why_size, "no screen: standard input and output are not a terminal");
        return -1;
    }
    terminal->wake_fd = open_wake();
    if (terminal->wake_fd < 0) {
        snprintf(why, why_size, "no screen: cannot open the terminal: %s", strerror(errno));
        return -1;
    }
    terminal->is_utf8 = set_locale();
    if (start_curses(terminal, why, why_size) != 0) {
        close(terminal->wake_fd);
        return -1;
    }

    divert_stderr(terminal, log_file);
    arm_guard(terminal);
    set_modes(terminal);
    enter_modes(terminal);
    terminal_resize();
    return 0;
}

void
terminal_close(struct terminal *terminal)
{
    leave_modes(terminal);
    delwin(terminal->keys);
    endwin();
    delscreen(terminal->screen);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
    guard_disarm();
    return_stderr(terminal);
    close(terminal->wake_fd);
}

void
terminal_refresh(struct terminal *terminal)
{
    reset_prog_mode();
    tell(MODES_ON);
    terminal_resize();
    clearok(curscr, TRUE);
}

/* As if the terminal itself had sent it: the whole job stops, what started this included. */
static void
stop_job(void)
{
    struct sigaction mine, plain = {.sa_handler = SIG_DFL};

    sigaction(SIGTSTP, &plain, &mine);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &mine, NULL);
}

void
terminal_suspend(struct terminal *terminal)
{
    leave_modes(terminal);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal->saved);
    stop_job();
    reset_prog_mode();
    enter_modes(terminal);
    terminal_refresh(terminal);
}

void
terminal_resize(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return;
    if (size.ws_row != LINES || size.ws_col != COLS)
        resizeterm(size.ws_row, size.ws_col);
}

bool
terminal_is_gone(const struct terminal *terminal)
{
    struct pollfd wake = {.fd = terminal->wake_fd, .events = POLLIN};

    return poll(&wake, 1, 0) > 0 && (wake.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void
terminal_bell(void)
{
    tell("\a");
}

void
terminal_title(const struct terminal *terminal, const char *title)
{
    if (!terminal->has_title)
        return;

    tell("\033]2;");
    tell(title);
    tell("\033\\");
}
