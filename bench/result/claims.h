/* The 11 statements that are made about the transports, each with the figures of a run that show
 * it, and whether its direction holds there. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct buf;
struct result;

#define CLAIM_COUNT 11

enum claim_verdict {
    CLAIM_UNKNOWN, /* the run has not measured what shows it */
    CLAIM_HOLDS,
    CLAIM_FAILS,
};

struct claim {
    unsigned number; /* 1-11 */
    const char *statement;
    /* Appends lines of figures, each with its newline. */
    enum claim_verdict (*judge)(const struct result *result, struct buf *figures);
    const char *wants; /* what it takes to judge it, for CLAIM_UNKNOWN */
};

extern const struct claim claim_rows[CLAIM_COUNT];

const char *claim_verdict_name(enum claim_verdict verdict); /* "holds" */

/* Of all: how many fail. */
int claims_count_failures(const struct result *result);

int claims_show(const struct result *result, FILE *out, unsigned flags); /* 0 or -EIO */
/* One object: {"claims":[{"number","statement","verdict","figures":[…]}]}. 0 or -EIO. */
int claims_write_json(const struct result *result, FILE *out);
