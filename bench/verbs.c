#include "bench/verbs.h"

#include "common/util.h"

/* clang-format off */
const struct verb bench_verbs[] = {
    {.name = "compare", .operands = "[URL]", .operands_max = 1, .run = verb_compare,
     .help = "The same messages over each transport, side by side"},
    {.name = "recover", .operands = "", .run = verb_recover,
     .help = "How soon each is back after a cut, and that nothing is lost"},
};
/* clang-format on */

const size_t bench_verb_count = ARRAY_LEN(bench_verbs);
