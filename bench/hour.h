/* What was seen for some seconds, as the cost of one user in an hour. */
#pragma once

struct bench_run;
struct result_row;

/* How many times what all readers did in the run makes an hour. */
double hour_scale(const struct bench_run *run);
/* Adds requests, bytes by layer, empty answers and the server's CPU, of one reader in an hour. */
void hour_add(struct result_row *row, const struct bench_run *run);
