/* Reads an event stream as the HTML standard says (section 9.2.6, "Interpreting an event stream"),
 * cut anywhere. `id` and `retry` are passed over: the position stands in the events themselves, and
 * when to return is the link's matter. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

#define EVENT_STREAM_MAX 1048576 /* bytes of one line, and of one event's data */

struct event_stream_listener {
    void *context;
    /* An event: its type ("message" where the stream names none) and its data, lines joined by a
     * newline. False: enough, the rest is not looked at. */
    bool (*event)(void *context, const char *type, const char *data, size_t len);
    bool (*comment)(void *context);
};

struct event_stream {
    struct event_stream_listener listener;
    struct buf line, data;
    char type[32]; /* of the event that is being read, cut where longer; "": the default */
    bool is_begun; /* the first line, with its byte order mark, is read */
    bool is_after_cr;
};

void event_stream_init(struct event_stream *stream, const struct event_stream_listener *listener);
void event_stream_fini(struct event_stream *stream);

/* 0, or -EMSGSIZE beyond EVENT_STREAM_MAX: then the stream is of no use any more. */
int event_stream_feed(struct event_stream *stream, const char *data, size_t len);
