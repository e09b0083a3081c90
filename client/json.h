/* The face of the protocol itself: one command a line in, every event a line out. */
#pragma once

struct client_config;

/* Runs until the input has ended and all is receipted. Returns the exit code. */
int json_run(const struct client_config *config, const char *password);
