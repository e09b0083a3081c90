/* The way down by long polling: the first request asks for hello, which tells where to begin; each
 * answer brings the next request. */
#include "bench/measure/peer.h"
#include "bench/measure/way_http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
ask(struct peer *peer)
{
    way_http_get(peer, "/v1/hello");
}

/* The string behind the last `"cursor":"`, which is the answer's own: those of events come before.
 */
static void
take_cursor(struct peer *peer, const char *body, size_t len)
{
    static const char key[] = "\"cursor\":\"";
    const char *at = body, *next;
    size_t left = len;

    while ((next = memmem(at, left, key, sizeof(key) - 1)) != NULL) {
        at = next + sizeof(key) - 1;
        left = len - (size_t)(at - body);
        snprintf(peer->cursor, sizeof(peer->cursor), "%.*s", (int)strcspn(at, "\""), at);
    }
}

/* Every event begins so, and within a text the quotes would be escaped. */
static void
take_events(struct peer *peer, const char *body, size_t len, peer_text_fn *on_text, void *context)
{
    static const char start[] = "{\"type\":\"";
    const char *end = body + len, *at = memmem(body, len, start, sizeof(start) - 1);

    while (at != NULL) {
        const char *next = memmem(at + 1, (size_t)(end - at - 1), start, sizeof(start) - 1);

        on_text(context, peer, at, (size_t)((next == NULL ? end : next) - at));
        at = next;
    }
}

static ssize_t
take(struct peer *peer, const char *bytes, size_t len, peer_text_fn *on_text, void *context)
{
    char path[128];
    ssize_t length, head = way_http_head(bytes, len, &length);

    if (head <= 0)
        return head;
    if (length < 0)
        return -EPIPE; /* a poll's answer says how long it is */
    if (len < (size_t)(head + length))
        return 0;
    take_cursor(peer, bytes + head, (size_t)length);
    take_events(peer, bytes + head, (size_t)length, on_text, context);
    peer->state = PEER_OPEN;
    snprintf(path, sizeof(path), "/v1/poll?after=%s", peer->cursor);
    way_http_get(peer, path);
    return head + length;
}

const struct peer_way peer_longpoll = {.name = "longpoll", .ask = ask, .take = take};
