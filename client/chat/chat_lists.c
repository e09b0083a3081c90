/* Lists that the server is asked for: who is in a room, and which rooms there are. */
#include "client/chat/chat_parts.h"
#include "common/json.h"
#include "common/text.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
path_members(struct buf *out, const struct load *load)
{
    buf_add_str(out, "/v1/rooms/");
    chat_path_room(out, load->room);
    buf_add_str(out, "/members");
}

static void
path_rooms(struct buf *out, const struct load *load)
{
    buf_add_str(out, "/v1/rooms");
}

static bool
is_owner(const json_t *member)
{
    return str_equal(json_member_string(member, "role"), "owner");
}

static void
take_states(struct chat *chat, const struct load *load, const json_t *list)
{
    const json_t *member;
    size_t index;

    json_array_foreach(list, index, member)
    {
        const char *name = json_member_string(member, "user");
        const char *state = json_member_string(member, "state");
        enum presence presence;

        if (name != NULL && state != NULL && presence_parse(state, &presence) == 0)
            model_presence_answer(chat->model, name, presence, load->turn);
    }
}

static void
take_members(struct chat *chat, const struct load *load, struct window *window,
             const json_t *answer)
{
    const json_t *list = json_object_get(answer, "members");
    size_t size = json_array_size(list), count = 0, index;
    const json_t *member;

    if (window == NULL)
        return;

    const char **names = xcalloc(size + 1, sizeof(*names));
    bool *owners = xcalloc(size + 1, sizeof(*owners));
    json_array_foreach(list, index, member)
    {
        const char *name = json_member_string(member, "user");
        if (name == NULL || user_name_fault(name) != NULL)
            continue;
        names[count] = name;
        owners[count++] = is_owner(member);
    }
    model_members(chat->model, window, names, owners, count);
    take_states(chat, load, list);
    free(names);
    free(owners);
}

/* What there is to say of one who is not online. */
static void
add_state(struct buf *out, const json_t *member)
{
    const char *state = json_member_string(member, "state");
    const char *text = json_member_string(member, "text");

    if (state == NULL || strcmp(state, presence_name(PRESENCE_ONLINE)) == 0)
        return;
    buf_addf(out, ", %s", state);
    if (text != NULL)
        buf_addf(out, ": %s", text);
}

static void
take_names(struct chat *chat, const struct load *load, struct window *window, const json_t *answer)
{
    const json_t *member;
    size_t index;
    struct buf text = BUF_INIT;

    take_members(chat, load, window, answer);
    json_array_foreach(json_object_get(answer, "members"), index, member)
    {
        const char *name = json_member_string(member, "user");
        if (name == NULL)
            continue;
        buf_addf(&text, "%s%s", name, is_owner(member) ? " (owner)" : "");
        add_state(&text, member);
        buf_add_byte(&text, '\n');
    }

    char *title = xasprintf("Members of %s", load->room);
    chat_overlay(chat, title, buf_text(&text));
    free(title);
    buf_fini(&text);
}

static enum presence
state_of(const json_t *member)
{
    const char *state = json_member_string(member, "state");
    enum presence presence;

    return state != NULL && presence_parse(state, &presence) == 0 ? presence : PRESENCE_OFFLINE;
}

/* "ann               away  owner  at lunch" */
static void
add_who_line(struct buf *out, const json_t *member, enum presence state)
{
    const char *text = json_member_string(member, "text");
    struct buf who = BUF_INIT, words = BUF_INIT;

    text_visible(&who, json_member_string(member, "user"),
                 strlen(json_member_string(member, "user")), 0);
    if (text != NULL)
        text_visible(&words, text, strlen(text), 0);
    buf_addf(out, "%-16s  %s", buf_text(&who), presence_name(state));
    if (is_owner(member))
        buf_add_str(out, "  owner");
    if (words.len > 0)
        buf_addf(out, "  %s", buf_text(&words));
    buf_add_byte(out, '\n');
    buf_fini(&who);
    buf_fini(&words);
}

/* Who is here stands first; within that, in the server's order. */
static size_t
add_who(struct buf *out, const json_t *list, enum presence state)
{
    const json_t *member;
    size_t index, count = 0;

    json_array_foreach(list, index, member)
    {
        if (json_member_string(member, "user") == NULL || state_of(member) != state)
            continue;
        add_who_line(out, member, state);
        count++;
    }
    return count;
}

static void
take_who(struct chat *chat, const struct load *load, struct window *window, const json_t *answer)
{
    static const enum presence order[] = {PRESENCE_ONLINE, PRESENCE_AWAY, PRESENCE_OFFLINE};
    const json_t *list = json_object_get(answer, "members");
    struct buf text = BUF_INIT, title = BUF_INIT;

    take_members(chat, load, window, answer);
    buf_addf(&title, "Who is in %s", load->room);
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const char *before = text.len == 0 ? ":" : ",";
        size_t count = add_who(&text, list, order[i]);
        if (count > 0)
            buf_addf(&title, "%s %zu %s", before, count, presence_name(order[i]));
    }
    chat_overlay(chat, buf_text(&title), buf_text(&text));
    buf_fini(&title);
    buf_fini(&text);
}

static void
add_room_line(struct buf *out, const json_t *room)
{
    const char *name = json_member_string(room, "room");
    const char *topic = json_member_string(room, "topic");
    uint64_t members = 0;

    if (name == NULL)
        return;

    json_member_u64(room, "members", &members);
    buf_addf(out, "%-24s %6" PRIu64 "  ", name, members);
    if (topic != NULL)
        text_visible(out, topic, strlen(topic), 0);
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_add_byte(out, '\n');
}

static void
take_rooms(struct chat *chat, const struct load *load, struct window *window, const json_t *answer)
{
    const json_t *room;
    size_t index;
    struct buf text = BUF_INIT;

    json_array_foreach(json_object_get(answer, "rooms"), index, room) add_room_line(&text, room);
    chat_overlay(chat, "Rooms", text.len > 0 ? text.data : "There are no rooms.\n");
    buf_fini(&text);
}

const struct load_kind load_members = {"members of", path_members, take_members};
const struct load_kind load_names = {"members of", path_members, take_names};
const struct load_kind load_who = {"members of", path_members, take_who};
const struct load_kind load_rooms = {"rooms", path_rooms, take_rooms};
