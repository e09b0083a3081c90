/* Rows of a result by what they stand for, whatever else of a short poller's interval was written
 * to them. */
#pragma once

struct result;
struct result_row;

/* The row of the parameters' load (use NULL), or of "idle", "read", "recover". http NULL: over
 * HTTP/1.1, or what there is. A row with an interval that is the parameters' one counts as one
 * without; where there is only one with another, that is taken. NULL where there is none. */
const struct result_row *pick_row(const struct result *result, const char *transport,
                                  const char *http, const char *use);

/* The same with one number varied: rate_per_min, interval_s, … NULL where there is none. */
const struct result_row *pick_number(const struct result *result, const char *transport,
                                     const char *http, const char *key, double number);

/* The row of requests that each have a connection of their own. */
const struct result_row *pick_without_keep_alive(const struct result *result,
                                                 const char *transport);
