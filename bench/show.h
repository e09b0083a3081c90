/* A result in the form that was asked for. */
#pragma once

struct bench_config;
struct result;

/* On standard output, and as a page where one is wanted. The exit code. */
int show_result(const struct result *result, const struct bench_config *config);

/* enum view_flags: what the terminal can show. */
unsigned show_flags(const struct bench_config *config);

/* The exit code for what a view returned, with a line on stderr where it is not 0. */
int show_written(int error);
