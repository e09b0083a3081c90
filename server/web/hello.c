#include "server/web/hello.h"

#include "common/text.h"
#include "common/util.h"
#include "server/chat/hub.h"
#include "server/chat/rooms.h"
#include "server/config.h"
#include "server/log/store.h"
#include "server/log/window.h"
#include "server/server.h"
#include "server/web/conn.h"
#include "server/web/worker.h"

#include <stdlib.h>
#include <string.h>

struct listing {
    const struct identity *who;
    json_t *rooms;
};

static void
list_room(void *context, const struct room *room)
{
    struct listing *listing = context;
    char name[ROOM_KEY_SIZE];

    room_key_seen_by(name, room_key(room), listing->who->name);
    json_array_append_new(listing->rooms,
                          json_pack("{s:s, s:s, s:I, s:I}", "room", name, "topic", room_topic(room),
                                    "members", (json_int_t)room_member_count(room), "seq",
                                    (json_int_t)room_last_seq(room)));
}

static json_t *
make_rooms(struct worker *worker, const struct identity *who)
{
    struct listing listing = {.who = who, .rooms = json_array()};

    rooms_each_of(hub_rooms(worker_hub(worker)), who, list_room, &listing);
    return listing.rooms;
}

static json_t *
make_limits(const struct server_config *config)
{
    return json_pack("{s:i, s:i, s:i, s:I, s:I, s:I}", "message", TEXT_MAX, "topic", TOPIC_MAX,
                     "frame", CONN_MESSAGE_MAX, "body", (json_int_t)config->max_body, "rate",
                     (json_int_t)config->rate, "burst", (json_int_t)config->burst);
}

static const char *
result_name(enum hello_result result)
{
    switch (result) {
    case HELLO_NEW: return "new";
    case HELLO_RESUMED: return "resumed";
    case HELLO_GAP: return "gap";
    }
    abort();
}

void
hello_head(struct worker *worker, struct cursor *ret_cursor)
{
    const struct server *server = worker_server(worker);

    str_copy(ret_cursor->epoch, sizeof(ret_cursor->epoch), server->store->epoch);
    ret_cursor->seq = window_head(server->window);
}

struct opening
hello_opening(struct worker *worker, const struct cursor *after)
{
    struct cursor head;

    hello_head(worker, &head);
    if (after == NULL)
        return (struct opening){.position = head.seq, .result = HELLO_NEW};
    if (cursor_is_oldest(after))
        return (struct opening){.position = 0, .result = HELLO_RESUMED};
    if (strcmp(after->epoch, head.epoch) != 0 || after->seq > head.seq)
        return (struct opening){.position = head.seq, .result = HELLO_GAP};
    return (struct opening){.position = after->seq, .result = HELLO_RESUMED};
}

json_t *
hello_make(struct worker *worker, const struct identity *who, const struct cursor *cursor,
           enum hello_result result)
{
    const struct server *server = worker_server(worker);
    char at[CURSOR_SIZE], head[CURSOR_SIZE];
    struct cursor newest;

    hello_head(worker, &newest);
    cursor_format(head, &newest);
    cursor_format(at, cursor);
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:I, s:o, s:o}", "type",
                     "hello", "server", "rtchat", "version", RTCHAT_VERSION, "user", who->name,
                     "guest", who->guest, "epoch", server->store->epoch, "cursor", at, "head", head,
                     "result", result_name(result), "heartbeat",
                     (json_int_t)((server->config->heartbeat_ms + 999) / 1000), "rooms",
                     make_rooms(worker, who), "limits", make_limits(server->config));
}
