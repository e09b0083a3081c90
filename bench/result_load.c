#include "bench/result_load.h"

#include "bench/result/result.h"

#include <stdio.h>

static struct result *
load(const char *path)
{
    char why[400];
    struct result *result = result_read_json(path, why, sizeof(why));

    if (result == NULL)
        fprintf(stderr, "rtchat-bench: %s\n", why);
    return result;
}

struct result *
result_load(char *const *paths, size_t count)
{
    struct result *all = load(paths[0]);

    for (size_t i = 1; all != NULL && i < count && paths[i] != NULL; i++) {
        struct result *more = load(paths[i]);

        if (more == NULL) {
            result_destroy(all);
            return NULL;
        }
        result_merge(all, more);
        result_destroy(more);
    }
    return all;
}
