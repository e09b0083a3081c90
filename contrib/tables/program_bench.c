#include "bench/config.h"
#include "contrib/tables/program.h"

const struct program this_program = {
    .name = "rtchat-bench",
    .section = "bench",
    .operand = "VERB",
    .rows = bench_options,
    .count = &bench_option_count,
};
