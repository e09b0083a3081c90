/* libFuzzer target: event streams. Wherever one is cut, the same events come out of it, within the
 * bounds; the first byte says where the cuts are. */
#include "client/link/event_stream.h"

#include "tests/fuzz/must.h"

static bool
on_event(void *context, const char *type, const char *data, size_t len)
{
    struct buf *told = context;

    MUST(type[0] != '\0' && strpbrk(type, "\r\n") == NULL);
    MUST(len < EVENT_STREAM_MAX && data[len] == '\0');
    MUST(memchr(data, '\r', len) == NULL);
    buf_addf(told, "%s|", type);
    buf_add(told, data, len);
    buf_add_byte(told, '\n');
    return true;
}

static bool
on_comment(void *context)
{
    buf_add_byte(context, '#');
    return true;
}

static void
read_stream(struct buf *told, const uint8_t *data, size_t size, size_t step)
{
    const struct event_stream_listener listener = {told, on_event, on_comment};
    struct event_stream stream;

    event_stream_init(&stream, &listener);
    for (size_t at = 0; at < size; at += step)
        MUST(event_stream_feed(&stream, (const char *)data + at,
                               step < size - at ? step : size - at) == 0);
    event_stream_fini(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = BUF_INIT, pieces = BUF_INIT;

    if (size < 2)
        return 0;

    read_stream(&whole, data + 1, size - 1, size);
    read_stream(&pieces, data + 1, size - 1, (size_t)data[0] % 17 + 1);
    MUST(whole.len == pieces.len && memcmp(buf_text(&whole), buf_text(&pieces), whole.len) == 0);
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
