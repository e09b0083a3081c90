/* A made-up run of rtchat-bench in which all statements about the transports hold. Its figures are
 * of the size that one finds on a small machine; what tests compute by hand is said beside them. */
#pragma once

struct result;
struct result_row;

/* The caller owns it. */
struct result *bench_profile(void);

/* Replaces all values of the measure by one. */
void bench_profile_set(struct result_row *row, int measure, double value);
