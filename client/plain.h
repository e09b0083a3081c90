/* The face of lines: each line of input is said, each event is one line of output. */
#pragma once

struct buf;
struct client_config;
struct event;

/* Runs until the input has ended and all is receipted. Returns the exit code. */
int plain_run(const struct client_config *config, const char *password);

/* Appends the event as one line with its newline, everything in it made visible; nothing where it
 * is no event of the log. flags: enum text_flags. */
void plain_add_event(struct buf *out, const struct event *event, unsigned flags);
