/* Why something was not done: a code of the contract and a sentence of what was wrong and wanted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum refusal_code {
    REFUSAL_NONE,
    REFUSAL_BAD_REQUEST,
    REFUSAL_UNAUTHORIZED,
    REFUSAL_FORBIDDEN,
    REFUSAL_NOT_MEMBER,
    REFUSAL_NOT_FOUND,
    REFUSAL_METHOD,
    REFUSAL_CONFLICT,
    REFUSAL_LENGTH_REQUIRED,
    REFUSAL_TOO_LARGE,
    REFUSAL_INVALID,
    REFUSAL_UNKNOWN_COMMAND,
    REFUSAL_RATE_LIMITED,
    REFUSAL_UNAVAILABLE,
    REFUSAL_COUNT,
};

struct refusal {
    enum refusal_code code; /* REFUSAL_NONE: nothing is wrong */
    int64_t retry_after_ms; /* with REFUSAL_RATE_LIMITED and REFUSAL_UNAVAILABLE, else 0 */
    char message[200];
};

/* Fills refusal. Returns -1 always, so that a check can end in `return refuse(...)`. */
int refuse(struct refusal *refusal, enum refusal_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *refusal_name(enum refusal_code code);      /* "rate_limited" */
int refusal_status(enum refusal_code code);            /* its HTTP status, 200 for REFUSAL_NONE */
enum refusal_code refusal_from_name(const char *name); /* REFUSAL_NONE when it is unknown */
