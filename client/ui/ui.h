/* The ncurses screen: the only room that knows curses. */
#pragma once

struct client_config;

/* Runs the client on the terminal until the user quits or a signal ends it; the terminal is as it
 * was afterwards, however it ended. password: NULL: none yet, it is asked for when the server wants
 * one. Returns the exit code of the program. -1 when this terminal cannot show a screen (why is
 * said on stderr): the caller falls back to --plain. */
int ui_run(const struct client_config *config, const char *password);
