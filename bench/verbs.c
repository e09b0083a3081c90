#include "bench/verbs.h"

#include "bench/config.h"
#include "common/util.h"

/* clang-format off */
const struct verb bench_verbs[] = {
    {.name = "compare", .operands = "[URL]", .operands_max = 1, .run = verb_compare,
     .help = "The same messages over each transport, side by side"},
    {.name = "idle", .operands = "[URL]", .operands_max = 1, .run = verb_idle,
     .help = "What a user costs in an hour in which nobody says a thing"},
    {.name = "sweep", .operands = "", .run = verb_sweep,
     .help = "The same over a range of one thing, and where what is best changes"},
    {.name = "recover", .operands = "", .run = verb_recover,
     .help = "How soon each is back after a cut, and that nothing is lost"},
    {.name = "matrix", .operands = "", .run = verb_matrix,
     .help = "Which works behind which fault of a proxy, and how long until it did"},
    {.name = "advise", .operands = "", .run = verb_advise,
     .help = "Which transport to take, calculated from what was measured"},
    {.name = "claims", .operands = "FILE ...", .operands_min = 1, .operands_max = BENCH_OPERANDS_MAX - 1,
     .run = verb_claims, .help = "What is said of the transports, and whether a result bears it out"},
    {.name = "published", .operands = "FILE ...", .operands_min = 1, .operands_max = BENCH_OPERANDS_MAX - 1,
     .run = verb_published, .help = "Figures that others published, beside those of a result"},
    {.name = "diff", .operands = "FILE FILE", .operands_min = 2, .operands_max = 2,
     .run = verb_diff, .help = "Two results side by side: what changed, and by how much"},
    {.name = "show", .operands = "FILE ...", .operands_min = 1, .operands_max = BENCH_OPERANDS_MAX - 1, .run = verb_show,
     .help = "A result once more, in another form"},
};
/* clang-format on */

const size_t bench_verb_count = ARRAY_LEN(bench_verbs);
