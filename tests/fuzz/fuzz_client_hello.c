/* libFuzzer target: the first bytes of a connection, as strangers send them. */
#include "server/web/client_hello.h"

#include "common/util.h"
#include "tests/fuzz/must.h"

#include <stdlib.h>
#include <string.h>

/* Of a copy without a byte to spare. */
static enum client_hello
look(const uint8_t *data, size_t size)
{
    uint8_t *copy = xmalloc(size + 1);
    enum client_hello verdict;

    memcpy(copy, data, size);
    copy = xrealloc(copy, size == 0 ? 1 : size);
    verdict = client_hello_look(copy, size);
    free(copy);
    return verdict;
}

/* What has been told is told of everything that begins so; and what begins so was not told yet. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum client_hello whole = look(data, size);
    size_t half = size / 2;
    enum client_hello first = look(data, half);

    MUST(first == CLIENT_HELLO_MORE || first == whole);
    if (whole == CLIENT_HELLO_H2)
        MUST(memmem(data, size, "h", 1) != NULL && memmem(data, size, "2", 1) != NULL);
    return 0;
}
