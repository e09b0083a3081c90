/* libFuzzer target: a request's target, as :path brings it. */
#include "server/web/target.h"

#include "common/util.h"
#include "server/web/query.h"
#include "tests/fuzz/must.h"

#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 64

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[PATH_SIZE];
    struct query query;
    char *text = xstrndup((const char *)data, size);
    size_t len = strlen(text);

    query_init(&query);
    if (target_parse(text, len, path, sizeof(path), &query) == 0) {
        MUST(path[0] == '/' && strlen(path) < PATH_SIZE && strlen(path) <= len);
        MUST(query.count <= QUERY_MAX);
        for (size_t i = 0; i < query.count; i++)
            MUST(strlen(query.pairs[i]) <= TARGET_ARGUMENT_MAX);
        if (strpbrk(text, "%+?") == NULL)
            MUST(strcmp(path, text) == 0 && query.count == 0);
    }
    query_fini(&query);
    free(text);
    return 0;
}
