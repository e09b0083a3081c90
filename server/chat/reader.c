#include "server/chat/reader.h"

#include "common/event.h"
#include "common/util.h"
#include "server/chat/hub_state.h"
#include "server/chat/rooms.h"
#include "server/chat/seats.h"
#include "server/log/entry.h"
#include "server/log/store.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define PAGE_MAX 64 /* entries that are taken from the window at a time */

static void
sit_in_room(void *context, const struct room *room)
{
    struct reader *reader = context;

    if (!room_key_is_direct(room_key(room)))
        seats_sit(reader->hub->seats, reader, room_key(room));
}

static void
become_live(struct reader *reader)
{
    reader->behind = false;
    reader->position = MAX(reader->position, reader->hub->position);
    rooms_each_of(reader->hub->rooms, &reader->who, sit_in_room, reader);
}

static void
drop_pending(struct reader *reader)
{
    for (size_t i = 0; i < reader->pending_count; i++)
        entry_unref(reader->pending[i]);
    reader->pending_count = 0;
}

static void
fall_behind(struct reader *reader)
{
    drop_pending(reader);
    reader->behind = true;
    seats_rise_everywhere(reader->hub->seats, reader);
}

void
reader_init(struct reader *reader, struct hub *hub, const struct identity *who, uint64_t position)
{
    *reader = (struct reader){
        .who = *who,
        .hub = hub,
        .position = MAX(position, who->since),
        .behind = true,
    };

    seats_register(hub->seats, reader);
    if (reader->position >= hub->position)
        become_live(reader);
}

static void
forget_wake(struct reader *reader)
{
    struct reader **link = &reader->hub->woken;

    if (!reader->woken)
        return;

    while (*link != reader)
        link = &(*link)->next_woken;
    *link = reader->next_woken;
    reader->woken = false;
}

void
reader_fini(struct reader *reader)
{
    forget_wake(reader);
    seats_rise_everywhere(reader->hub->seats, reader);
    seats_unregister(reader->hub->seats, reader);
    drop_pending(reader);
}

/* A live reader with nothing pending is done with everything before this entry; saying so here
 * keeps it from reading all that again if it falls behind. */
void
reader_offer(struct reader *reader, struct entry *entry)
{
    uint64_t seq = entry_event(entry)->seq;

    if (reader->behind || seq <= reader->position)
        return;

    hub_wake_reader(reader->hub, reader);
    if (reader->pending_count == READER_PENDING_MAX) {
        fall_behind(reader);
        return;
    }

    if (reader->pending_count == 0)
        reader->position = seq - 1;
    reader->pending[reader->pending_count++] = entry_ref(entry);
    reader->hub->most_pending = MAX(reader->hub->most_pending, reader->pending_count);
}

static size_t
take_pending(struct reader *reader, struct entry **ret_entries, size_t max)
{
    size_t count = MIN(max, reader->pending_count);

    if (count == 0)
        return 0;

    memcpy(ret_entries, reader->pending, count * sizeof(struct entry *));
    reader->position = entry_event(ret_entries[count - 1])->seq;

    reader->pending_count = (uint8_t)(reader->pending_count - count);
    memmove(reader->pending, reader->pending + count,
            reader->pending_count * sizeof(struct entry *));

    return count;
}

/* Goes over entries after the position until one is beyond the hub's position, or one is to be
 * given and max were. Returns how many were given; *ret_used counts those it is done with. */
static size_t
take_entries(struct reader *reader, struct entry *const *entries, size_t entry_count,
             struct entry **ret_entries, size_t max, size_t *ret_used)
{
    size_t i = 0, count = 0;

    for (; i < entry_count; i++) {
        const struct event *event = entry_event(entries[i]);
        if (event->seq > reader->hub->position)
            break;
        if (event->seq <= reader->position)
            continue;

        bool is_seen = rooms_may_see(reader->hub->rooms, &reader->who, event);
        if (is_seen && count == max)
            break;
        if (is_seen)
            ret_entries[count++] = entry_ref(entries[i]);
        reader->position = event->seq;
    }

    *ret_used = i;
    return count;
}

/* One page of the window. *ret_looked: how many entries were looked at. The count that was given,
 * or -ESTALE. */
static int
read_page(struct reader *reader, struct entry **ret_entries, size_t max, size_t *ret_looked)
{
    struct entry *page[PAGE_MAX];
    size_t used;

    int got = window_read(reader->hub->window, reader->position, page, PAGE_MAX);
    if (got < 0)
        return got;

    size_t count = take_entries(reader, page, (size_t)got, ret_entries, max, &used);
    for (int i = 0; i < got; i++)
        entry_unref(page[i]);

    /* Where the window has nothing up to the hub's position, there is nothing. */
    if (got == 0)
        reader->position = MAX(reader->position, reader->hub->position);
    if (reader->position >= reader->hub->position)
        become_live(reader);

    *ret_looked = (size_t)got;
    return (int)count;
}

static int
catch_up(struct reader *reader, struct entry **ret_entries, size_t max)
{
    size_t count = 0, looked = 0, page_looked = 0;

    while (reader->behind && count < max && looked + PAGE_MAX <= READER_LOOK_MAX) {
        int given = read_page(reader, ret_entries + count, max - count, &page_looked);
        if (given < 0 && count > 0)
            break;
        if (given < 0) {
            reader->stale_to = reader->hub->position;
            return given;
        }

        count += (size_t)given;
        looked += page_looked;
    }

    return (int)count;
}

int
reader_next(struct reader *reader, struct entry **ret_entries, size_t max)
{
    assert(max > 0);

    if (reader->behind)
        return catch_up(reader, ret_entries, max);

    return (int)take_pending(reader, ret_entries, max);
}

/* At the log's end nothing more can come up to stale_to. That matters where the log ends before it,
 * trimmed: else the window would be stale for ever. */
size_t
reader_take_page(struct reader *reader, const struct store_page *page, struct entry **ret_entries,
                 size_t max, size_t *ret_used)
{
    size_t count = take_entries(reader, page->entries, page->count, ret_entries, max, ret_used);

    if (*ret_used == page->count && !page->more)
        reader->position = MAX(reader->position, reader->stale_to);
    if (reader->behind && reader->position >= reader->hub->position)
        become_live(reader);

    return count;
}

void
reader_pass(struct reader *reader, uint64_t seq)
{
    if (reader->behind)
        reader->position = MAX(reader->position, seq);
}

uint64_t
reader_cursor(const struct reader *reader)
{
    if (reader->behind || reader->pending_count > 0)
        return reader->position;

    return MAX(reader->position, reader->hub->position);
}

bool
reader_is_behind(const struct reader *reader)
{
    return reader->behind;
}

bool
reader_has_more(const struct reader *reader)
{
    return reader->pending_count > 0 ||
           (reader->behind && reader->position < reader->hub->position);
}
