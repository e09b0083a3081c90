/* A result in the form that was asked for. */
#pragma once

struct bench_config;
struct result;

/* On standard output. The exit code. */
int show_result(const struct result *result, const struct bench_config *config);
