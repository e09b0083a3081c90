/* show, diff, claims, published: what was measured before, from files. */
#include "bench/config.h"
#include "bench/result/claims.h"
#include "bench/result/diff.h"
#include "bench/result/published.h"
#include "bench/result/result.h"
#include "bench/result_load.h"
#include "bench/show.h"
#include "bench/verbs.h"

#include <stdio.h>

/* All that are named, as one. NULL with a line on stderr. */
static struct result *
load_all(const struct bench_config *config)
{
    return result_load(&config->operands[1], BENCH_OPERANDS_MAX - 1);
}

int
verb_show(const struct bench_config *config)
{
    struct result *result = load_all(config);
    int code = result == NULL ? 1 : show_result(result, config);

    result_destroy(result);
    return code;
}

int
verb_diff(const struct bench_config *config)
{
    struct result *before = result_load(&config->operands[1], 1);
    struct result *after = before == NULL ? NULL : result_load(&config->operands[2], 1);
    int code = 1;

    if (after != NULL)
        code = show_written(diff_show(before, after, config->all, show_flags(config), stdout));
    result_destroy(before);
    result_destroy(after);
    return code;
}

int
verb_claims(const struct bench_config *config)
{
    struct result *result = load_all(config);
    int code = 1;

    if (result != NULL)
        code = show_written(config->json ? claims_write_json(result, stdout)
                                         : claims_show(result, stdout, show_flags(config)));
    if (code == 0 && claims_count_failures(result) > 0)
        code = 1;
    result_destroy(result);
    return code;
}

int
verb_published(const struct bench_config *config)
{
    struct result *result = load_all(config);
    int code = 1;

    if (result != NULL)
        code = show_written(published_show(result, stdout, show_flags(config)));
    result_destroy(result);
    return code;
}
