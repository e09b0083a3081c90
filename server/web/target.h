/* A request's target, "/v1/poll?after=0", as HTTP/2's :path has it (RFC 3986 section 3). */
#pragma once

#include <stddef.h>

struct query;

/* Splits it into the path and the arguments behind the question mark, each percent-decoded (and +
 * to space in arguments). 0; -EINVAL where it does not begin with /, a % is followed by no two hex
 * digits, or a NUL is in it; -ENAMETOOLONG where the path is longer than path_size - 1 or an
 * argument longer than TARGET_ARGUMENT_MAX; -E2BIG where the arguments are too many. What was
 * filled then does not matter. */
#define TARGET_ARGUMENT_MAX 1023
int target_parse(const char *target, size_t len, char *path, size_t path_size, struct query *query);
