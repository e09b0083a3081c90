#include "server/chat/hub.h"

#include "common/event.h"
#include "common/util.h"
#include "server/chat/hub_state.h"
#include "server/chat/reader.h"
#include "server/chat/rooms.h"
#include "server/chat/seats.h"
#include "server/log/entry.h"

#include <stdlib.h>
#include <string.h>

#define PAGE_MAX  READER_PENDING_MAX
#define PAGES_MAX 32 /* in one turn */

static void
wake_from_tail(struct window_tail *tail)
{
    struct hub *hub = container_of(tail, struct hub, tail);

    hub->wake(hub->wake_context);
}

struct hub *
hub_create(struct window *window, struct rooms *rooms, uint64_t position,
           void (*wake)(void *context), void *context)
{
    struct hub *hub = xcalloc(1, sizeof(*hub));

    hub->window = window;
    hub->rooms = rooms;
    hub->position = position;
    hub->wake = wake;
    hub->wake_context = context;
    hub->tail.wake = wake_from_tail;
    if (window_tail_add(window, &hub->tail, position) < 0) {
        free(hub);
        return NULL;
    }

    hub->seats = seats_create();
    return hub;
}

void
hub_destroy(struct hub *hub)
{
    if (hub == NULL)
        return;

    window_tail_remove(hub->window, &hub->tail);
    seats_destroy(hub->seats);
    free(hub);
}

struct rooms *
hub_rooms(struct hub *hub)
{
    return hub->rooms;
}

uint64_t
hub_position(const struct hub *hub)
{
    return hub->position;
}

void
hub_wake_reader(struct hub *hub, struct reader *reader)
{
    if (reader->woken)
        return;

    reader->woken = true;
    reader->next_woken = hub->woken;
    hub->woken = reader;
}

void
hub_each_reader_of(struct hub *hub, const char *user,
                   void (*each)(void *context, struct reader *reader), void *context)
{
    for (struct reader *reader = seats_first_of(hub->seats, user); reader != NULL;
         reader = reader->next_of_user)
        each(context, reader);
}

static void
offer_to_user(struct hub *hub, const char *user, struct entry *entry)
{
    for (struct reader *reader = seats_first_of(hub->seats, user); reader != NULL;
         reader = reader->next_of_user)
        reader_offer(reader, entry);
}

static void
offer_to_the_two(struct hub *hub, const struct event *event, struct entry *entry)
{
    char other[USER_SIZE];

    direct_other(other, event->room, event->from);
    offer_to_user(hub, event->from, entry);
    if (strcmp(other, event->from) != 0)
        offer_to_user(hub, other, entry);
}

static void
offer_to_room(struct hub *hub, const struct event *event, struct entry *entry)
{
    struct room_seats *room = seats_in(hub->seats, event->room);

    for (size_t i = room == NULL ? 0 : room->count; i-- > 0;)
        reader_offer(room->seated[i].reader, entry);
}

static void
seat_user(struct hub *hub, const struct event *event)
{
    for (struct reader *reader = seats_first_of(hub->seats, event->from); reader != NULL;
         reader = reader->next_of_user)
        if (!reader->behind)
            seats_sit(hub->seats, reader, event->room);
}

static void
raise_user(struct hub *hub, const struct event *event)
{
    for (struct reader *reader = seats_first_of(hub->seats, event->from); reader != NULL;
         reader = reader->next_of_user)
        seats_rise(hub->seats, reader, event->room);
}

/* Who joins sees that it joined, and who parts that it parted. */
static void
take_entry(struct hub *hub, struct entry *entry)
{
    const struct event *event = entry_event(entry);

    rooms_apply(hub->rooms, event);
    if (event->type == EVENT_JOIN)
        seat_user(hub, event);

    if (room_key_is_direct(event->room))
        offer_to_the_two(hub, event, entry);
    else
        offer_to_room(hub, event, entry);

    if (event->type == EVENT_PART)
        raise_user(hub, event);
    hub->position = event->seq;
}

/* From the list's front each time, since deliver may end any reader. */
static void
deliver_to_woken(struct hub *hub, void (*deliver)(struct reader *reader, void *context),
                 void *context)
{
    while (hub->woken != NULL) {
        struct reader *reader = hub->woken;

        hub->woken = reader->next_woken;
        reader->next_woken = NULL;
        reader->woken = false;
        deliver(reader, context);
    }
}

/* True when there may be more. */
static bool
take_page(struct hub *hub, size_t max)
{
    struct entry *page[PAGE_MAX];
    size_t count = window_tail_read(hub->window, &hub->tail, page, max);

    for (size_t i = 0; i < count; i++) {
        take_entry(hub, page[i]);
        entry_unref(page[i]);
    }
    return count == max;
}

/* A batch of many rooms goes in one turn, so that who posted gets its line and its receipt in one
 * write; a room of many lines is delivered when its readers are full. */
bool
hub_turn(struct hub *hub, void (*deliver)(struct reader *reader, void *context), void *context)
{
    bool more = true;

    hub->most_pending = 0;
    for (size_t i = 0; more && i < PAGES_MAX && hub->most_pending < PAGE_MAX; i++)
        more = take_page(hub, PAGE_MAX - hub->most_pending);
    deliver_to_woken(hub, deliver, context);

    return more;
}
