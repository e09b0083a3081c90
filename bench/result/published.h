/* Figures that others published, beside those of a run. */
#pragma once

#include "bench/result/sheet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct result;

enum published {
    PUBLISHED_PACKETS,  /* bytes a message said and a delivery, over several transports */
    PUBLISHED_REQUESTS, /* requests and bytes of five updates, over HTTP/1.1 and HTTP/2 */
    PUBLISHED_COUNT,
};

/* Who, when, under what conditions, and how that differs from ours. */
const char *published_source(enum published published);

/* Fills sheet (any memory). False, with nothing to free, where the run has nothing beside it. */
bool published_sheet(enum published published, const struct result *result,
                     struct sheet *ret_sheet);

int published_show(const struct result *result, FILE *out, unsigned flags); /* 0 or -EIO */
