#include "client/link/event_stream.h"

#include "common/util.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_TYPE    "message"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void
event_stream_init(struct event_stream *stream, const struct event_stream_listener *listener)
{
    *stream = (struct event_stream){.listener = *listener};
}

void
event_stream_fini(struct event_stream *stream)
{
    buf_fini(&stream->line);
    buf_fini(&stream->data);
}

/* The blank line. An event without data is none. */
static bool
dispatch(struct event_stream *stream)
{
    const struct event_stream_listener *listener = &stream->listener;
    bool go_on = true;

    if (stream->data.len > 0) {
        stream->data.data[--stream->data.len] = '\0'; /* the last line's newline */
        go_on = listener->event(listener->context,
                                stream->type[0] != '\0' ? stream->type : DEFAULT_TYPE,
                                stream->data.data, stream->data.len);
    }

    buf_clear(&stream->data);
    stream->type[0] = '\0';
    return go_on;
}

static bool
is_field(const char *line, size_t name_len, const char *name)
{
    return name_len == strlen(name) && memcmp(line, name, name_len) == 0;
}

static int
take_field(struct event_stream *stream, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon == NULL ? len : (size_t)(colon - line);
    const char *value = line + name_len, *end = line + len;

    if (colon != NULL)
        value++;
    if (value < end && *value == ' ')
        value++;
    size_t value_len = (size_t)(end - value);

    if (is_field(line, name_len, "event")) {
        snprintf(stream->type, sizeof(stream->type), "%.*s",
                 (int)MIN(value_len, sizeof(stream->type) - 1), value);
    } else if (is_field(line, name_len, "data")) {
        if (stream->data.len + value_len >= EVENT_STREAM_MAX)
            return -EMSGSIZE;
        buf_add(&stream->data, value, value_len);
        buf_add_byte(&stream->data, '\n');
    }
    return 0;
}

/* Its end is left out of line. *ret_go_on as the listener said. */
static int
take_line(struct event_stream *stream, bool *ret_go_on)
{
    const char *line = buf_text(&stream->line);
    size_t len = stream->line.len, mark_len = strlen(BYTE_ORDER_MARK);
    int error = 0;

    if (!stream->is_begun && len >= mark_len && memcmp(line, BYTE_ORDER_MARK, mark_len) == 0) {
        line += mark_len;
        len -= mark_len;
    }
    stream->is_begun = true;
    if (len == 0)
        *ret_go_on = dispatch(stream);
    else if (line[0] == ':')
        *ret_go_on = stream->listener.comment(stream->listener.context);
    else
        error = take_field(stream, line, len);
    buf_clear(&stream->line);
    return error;
}

static size_t
find_line_end(const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (data[i] == '\n' || data[i] == '\r')
            return i;

    return len;
}

int
event_stream_feed(struct event_stream *stream, const char *data, size_t len)
{
    bool go_on = true;
    int error = 0;

    while (len > 0 && go_on && error == 0) {
        if (stream->is_after_cr && data[0] == '\n') { /* the rest of CRLF */
            data++;
            len--;
        }
        stream->is_after_cr = false;

        size_t end = find_line_end(data, len);
        if (stream->line.len + end > EVENT_STREAM_MAX)
            return -EMSGSIZE;
        buf_add(&stream->line, data, end);
        if (end == len)
            break;

        stream->is_after_cr = data[end] == '\r';
        data += end + 1;
        len -= end + 1;
        error = take_line(stream, &go_on);
    }

    return error;
}
