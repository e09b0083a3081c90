#include "server/log/entry.h"

#include "common/buf.h"
#include "common/cursor.h"
#include "common/util.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WS_HEAD_MAX 10
#define WS_FIN_TEXT 0x81

/* Where one side's bytes lie: the head ends where the object begins, and a comma follows it, so
 * three dresses share it. */
struct side {
    size_t json_offset;
    size_t json_len;
    size_t head_len;
};

struct sse {
    size_t len;
    char bytes[];
};

struct entry {
    atomic_uint refs;
    struct event event;
    struct side sides[2];         /* the second only where side_count is 2 */
    _Atomic(struct sse *) sse[2]; /* by side; NULL: not asked for yet */
    unsigned side_count;
    size_t len;
    char bytes[];
};

/* The first name of a direct key: "ann" in "@ann,bob". */
static size_t
first_name_len(const char *key)
{
    return strcspn(key + 1, ",");
}

static bool
is_first_name(const char *key, const char *name)
{
    size_t len = first_name_len(key);
    return strlen(name) == len && memcmp(key + 1, name, len) == 0;
}

/* Writes the head so that it ends just before json, which has room for it in front. */
static size_t
write_ws_head(char *json, size_t len)
{
    unsigned char head[WS_HEAD_MAX] = {WS_FIN_TEXT};
    size_t extended = len < 126 ? 0 : len <= UINT16_MAX ? 2 : 8;

    head[1] = extended == 0 ? (unsigned char)len : extended == 2 ? 126 : 127;
    for (size_t i = 0; i < extended; i++)
        head[2 + i] = (unsigned char)((uint64_t)len >> (8 * (extended - 1 - i)));
    memcpy(json - 2 - extended, head, 2 + extended);
    return 2 + extended;
}

static void
add_side(struct buf *bytes, const struct event *event, struct side *ret_side)
{
    static const char room_for_head[WS_HEAD_MAX];

    buf_add(bytes, room_for_head, sizeof(room_for_head));
    ret_side->json_offset = bytes->len;
    event_encode(bytes, event);
    ret_side->json_len = bytes->len - ret_side->json_offset;
    ret_side->head_len = write_ws_head(bytes->data + ret_side->json_offset, ret_side->json_len);
    buf_add_byte(bytes, ',');
}

/* One side for each of the two, who see each other's name; one for who writes to himself. */
static unsigned
add_direct_sides(struct buf *bytes, struct event *event, struct side ret_sides[2])
{
    char key[ROOM_KEY_SIZE];
    char first[ROOM_KEY_SIZE] = "";
    memcpy(key, event->room, sizeof(key));
    memcpy(first, key + 1, first_name_len(key));
    const char *second = strchr(key, ',');
    second = second == NULL ? first : second + 1;

    room_key_seen_by(event->room, key, first);
    add_side(bytes, event, &ret_sides[0]);
    unsigned count = 1;
    if (strcmp(first, second) != 0) {
        room_key_seen_by(event->room, key, second);
        add_side(bytes, event, &ret_sides[1]);
        count = 2;
    }
    memcpy(event->room, key, sizeof(key));
    return count;
}

struct entry *
entry_create(struct event *event)
{
    struct side sides[2] = {0};
    struct buf bytes = BUF_INIT;
    unsigned side_count = 1;

    assert(event_type_is_logged(event->type));
    if (room_key_is_direct(event->room))
        side_count = add_direct_sides(&bytes, event, sides);
    else
        add_side(&bytes, event, &sides[0]);

    struct entry *entry = xmalloc(sizeof(*entry) + bytes.len);
    atomic_init(&entry->refs, 1);
    entry->event = *event;
    memset(event, 0, sizeof(*event));
    memcpy(entry->sides, sides, sizeof(sides));
    for (size_t i = 0; i < ARRAY_LEN(entry->sse); i++)
        atomic_init(&entry->sse[i], NULL);
    entry->side_count = side_count;
    entry->len = bytes.len;
    memcpy(entry->bytes, bytes.data, bytes.len);
    buf_fini(&bytes);

    json_decref(entry->event.json);
    entry->event.json = NULL;
    if (entry->event.type == EVENT_MESSAGE) {
        free(entry->event.text);
        entry->event.text = NULL;
    }
    return entry;
}

struct entry *
entry_ref(struct entry *entry)
{
    atomic_fetch_add_explicit(&entry->refs, 1, memory_order_relaxed);
    return entry;
}

void
entry_unref(struct entry *entry)
{
    if (entry == NULL)
        return;
    /* what other threads read through their references happened before the free */
    if (atomic_fetch_sub_explicit(&entry->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < ARRAY_LEN(entry->sse); i++)
        free(atomic_load_explicit(&entry->sse[i], memory_order_relaxed));
    event_fini(&entry->event);
    free(entry);
}

const struct event *
entry_event(const struct entry *entry)
{
    return &entry->event;
}

static struct sse *
make_sse(const struct entry *entry, const struct side *side, const char *epoch)
{
    char cursor[CURSOR_SIZE];
    struct cursor at = {.seq = entry->event.seq};
    size_t head_size = sizeof("id: \ndata: ") + CURSOR_SIZE;
    struct sse *sse;
    int head_len;

    str_copy(at.epoch, sizeof(at.epoch), epoch);
    cursor_format(cursor, &at);
    sse = xmalloc(sizeof(*sse) + head_size + side->json_len + 2);
    head_len = snprintf(sse->bytes, head_size, "id: %s\ndata: ", cursor);
    memcpy(sse->bytes + head_len, entry->bytes + side->json_offset, side->json_len);
    memcpy(sse->bytes + head_len + side->json_len, "\n\n", 2);
    sse->len = (size_t)head_len + side->json_len + 2;
    return sse;
}

/* Two workers may make it at once: the first one's stays. */
static const struct sse *
sse_of(struct entry *entry, unsigned side, const char *epoch)
{
    struct sse *there = atomic_load_explicit(&entry->sse[side], memory_order_acquire);
    struct sse *made;

    if (there != NULL)
        return there;
    made = make_sse(entry, &entry->sides[side], epoch);
    if (atomic_compare_exchange_strong_explicit(&entry->sse[side], &there, made,
                                                memory_order_acq_rel, memory_order_acquire))
        return made;
    free(made);
    return there;
}

const char *
entry_bytes(struct entry *entry, enum dress dress, const struct entry_reader *reader,
            size_t *ret_len)
{
    bool second = entry->side_count == 2 && !is_first_name(entry->event.room, reader->name);
    const struct side *side = &entry->sides[second ? 1 : 0];
    const char *json = entry->bytes + side->json_offset;
    const struct sse *sse;

    switch (dress) {
    case DRESS_JSON: *ret_len = side->json_len; return json;
    case DRESS_WS: *ret_len = side->head_len + side->json_len; return json - side->head_len;
    case DRESS_MEMBER: *ret_len = side->json_len + 1; return json;
    case DRESS_SSE:
        sse = sse_of(entry, second ? 1 : 0, reader->epoch);
        *ret_len = sse->len;
        return sse->bytes;
    case DRESS_COUNT: break;
    }
    abort();
}

size_t
entry_size(const struct entry *entry)
{
    size_t text_size = entry->event.text == NULL ? 0 : strlen(entry->event.text) + 1;
    return sizeof(*entry) + entry->len + text_size;
}
