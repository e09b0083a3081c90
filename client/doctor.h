/* --doctor: tries each way to the server for real, both ways, and says what to change. */
#pragma once

struct client_config;

/* Prints its table (or with --json one object) on standard output. The exit code: 0 when at least
 * one way works. */
int doctor_run(const struct client_config *config, const char *password);
