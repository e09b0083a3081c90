/* Two results side by side: what changed, by how much, and whether the rounds of both allow to call
 * it a change. */
#pragma once

#include "bench/result/measures.h"

#include <stdbool.h>
#include <stdio.h>

struct result;
struct result_row;

enum diff_verdict {
    DIFF_SAME, /* the rounds of both overlap, or the medians lie within 2 % */
    DIFF_BETTER,
    DIFF_WORSE,
    DIFF_CHANGED, /* of a measure that is neither better by more nor by less */
};

/* From before to after, of a measure that both have. ret_is_sure: both have several rounds. */
enum diff_verdict diff_judge(const struct result_row *before, const struct result_row *after,
                             enum measure measure, bool *ret_is_sure);

/* What differs in environment and parameters, then row by row what changed. show_all: what stayed
 * the same too. 0 or -EIO. */
int diff_show(const struct result *before, const struct result *after, bool show_all,
              unsigned flags, FILE *out);
