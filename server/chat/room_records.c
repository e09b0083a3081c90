/* Rooms and memberships as records: how the state comes back after a restart. */
#include "server/chat/rooms.h"

#include "common/buf.h"
#include "common/json.h"
#define LOG_MODULE "rooms"
#include "common/log.h"
#include "common/util.h"
#include "server/chat/room_table.h"
#include "server/chat/rooms_state.h"
#include "server/log/append.h"
#include "server/log/entry.h"
#include "server/log/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_PREFIX   "room/"
#define MEMBER_PREFIX "member/"

void
rooms_record_room(const struct rooms *rooms, const char *key, struct record *ret_record)
{
    const struct room *room = room_table_find(rooms->table, key);
    struct buf value = BUF_INIT;

    buf_add_str(&value, "{\"topic\":");
    buf_add_json(&value, room->topic);
    buf_add_byte(&value, '}');

    snprintf(ret_record->key, sizeof(ret_record->key), ROOM_PREFIX "%s", key);
    ret_record->value = buf_take(&value, NULL);
}

static void
add_span(struct buf *out, const struct span *span)
{
    if (span->to == SPAN_OPEN)
        buf_addf(out, "[%" PRIu64 ",null]", span->from);
    else
        buf_addf(out, "[%" PRIu64 ",%" PRIu64 "]", span->from, span->to);
}

void
rooms_record_member(const struct rooms *rooms, const char *key, const char *user,
                    struct record *ret_record)
{
    const struct member *member = room_table_member(room_table_find(rooms->table, key), user);
    struct buf value = BUF_INIT;

    buf_addf(&value, "{\"role\":\"%s\",\"spans\":[", role_name(member->role));
    for (size_t i = 0; i < member->span_count; i++) {
        if (i > 0)
            buf_add_byte(&value, ',');
        add_span(&value, &member->spans[i]);
    }
    buf_add_str(&value, "]}");

    snprintf(ret_record->key, sizeof(ret_record->key), MEMBER_PREFIX "%s/%s", key, user);
    ret_record->value = buf_take(&value, NULL);
}

static int
parse_role(const char *name, enum role *ret_role)
{
    static const enum role roles[] = {ROLE_MEMBER, ROLE_MODERATOR, ROLE_OWNER};

    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (str_equal(name, role_name(roles[i]))) {
            *ret_role = roles[i];
            return 0;
        }

    return -EBADMSG;
}

/* least: what from must not be below, since spans are in order. */
static int
parse_span(const json_t *pair, uint64_t least, struct span *ret_span)
{
    const json_t *from = json_array_get(pair, 0), *to = json_array_get(pair, 1);

    if (!json_is_integer(from) || !(json_is_integer(to) || json_is_null(to)))
        return -EBADMSG;

    ret_span->from = (uint64_t)json_integer_value(from);
    ret_span->to = json_is_null(to) ? SPAN_OPEN : (uint64_t)json_integer_value(to);

    return ret_span->from >= least && ret_span->to >= ret_span->from ? 0 : -EBADMSG;
}

static int
parse_spans(const json_t *array, struct span **ret_spans, size_t *ret_count)
{
    size_t count = json_array_size(array);
    uint64_t least = 1;

    if (!json_is_array(array) || count > SPANS_MAX)
        return -EBADMSG;

    struct span *spans = xmalloc(count * sizeof(*spans));
    for (size_t i = 0; i < count; i++) {
        if (least == 0 || parse_span(json_array_get(array, i), least, &spans[i]) < 0) {
            free(spans);
            return -EBADMSG;
        }

        least = spans[i].to + 1; /* 0 after an open one, which must be the last */
    }

    *ret_spans = spans;
    *ret_count = count;
    return 0;
}

static int
load_room(struct rooms *rooms, const char *key, const json_t *value)
{
    const char *topic = json_member_string(value, "topic");
    bool is_key = key[0] == '#' || (key[0] == '@' && strchr(key, ',') != NULL);

    if (topic == NULL || !is_key || strlen(key) >= ROOM_KEY_SIZE)
        return -EBADMSG;

    struct room *room = rooms_make(rooms, key);
    free(room->topic);
    room->topic = xstrdup(topic);

    return 0;
}

/* name: "#ops/ann". */
static int
load_member(struct rooms *rooms, const char *name, const json_t *value)
{
    char key[ROOM_KEY_SIZE];
    const char *slash = strrchr(name, '/');
    struct span *spans;
    size_t count;
    enum role role;

    if (name[0] != '#' || slash == NULL || (size_t)(slash - name) >= sizeof(key) ||
        user_name_fault(slash + 1) != NULL)
        return -EBADMSG;
    if (parse_role(json_member_string(value, "role"), &role) < 0)
        return -EBADMSG;
    if (parse_spans(json_object_get(value, "spans"), &spans, &count) < 0)
        return -EBADMSG;

    snprintf(key, sizeof(key), "%.*s", (int)(slash - name), name);
    struct room *room = rooms_make(rooms, key);
    struct member *member = room_table_member(room, slash + 1);
    if (member == NULL)
        member = room_table_add_member(rooms->table, room, slash + 1);
    member->role = role;
    member_set_spans(member, spans, count);

    return 0;
}

struct load {
    struct rooms *rooms;
    struct store *store;
    const char *prefix;
    int (*load)(struct rooms *rooms, const char *name, const json_t *value);
    int error; /* the first */
};

static void
load_record(void *context, const char *key, const char *value)
{
    struct load *load = context;
    char why[200] = "not what such a record holds";

    json_t *object = json_parse(value, strlen(value), why, sizeof(why));
    int error =
        object == NULL ? -EBADMSG : load->load(load->rooms, key + strlen(load->prefix), object);
    json_decref(object);

    if (error < 0) {
        log_error("record unreadable key=%s why=%s", key, why);
        load->error = error;
    }
}

static int
load_records(struct load *load)
{
    int error = load->store->ops->scan(load->store, load->prefix, load_record, load);

    return error < 0 ? error : load->error;
}

static void
load_newest(void *context, struct room *room)
{
    struct load *load = context;
    struct store_page page;

    if (load->error < 0)
        return;

    int error = load->store->ops->history(load->store, room->key, INT64_MAX, 0, 1, &page);
    if (error < 0) {
        load->error = error;
        return;
    }

    if (page.count > 0) {
        const struct event *event = entry_event(page.entries[page.count - 1]);
        room->last_seq = event->seq;
        room->last_rseq = event->rseq;
    }
    store_page_fini(&page);
}

int
rooms_load(struct rooms *rooms, struct store *store)
{
    struct load load = {.rooms = rooms, .store = store, .prefix = ROOM_PREFIX, .load = load_room};

    int error = load_records(&load);
    if (error < 0)
        return error;

    load.prefix = MEMBER_PREFIX;
    load.load = load_member;
    error = load_records(&load);
    if (error < 0)
        return error;

    room_table_each(rooms->table, load_newest, &load);
    return load.error;
}
