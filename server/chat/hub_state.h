/* Inside the hub: what hub.c and reader.c share. */
#pragma once

#include "server/log/window.h"

#include <stddef.h>
#include <stdint.h>

struct entry;
struct reader;
struct rooms;
struct seats;

struct hub {
    struct window *window;
    struct window_tail tail;
    struct rooms *rooms;
    uint64_t position; /* the rooms stand here */
    struct seats *seats;
    struct reader *woken; /* in this turn */
    size_t most_pending;  /* of a reader that was offered something in this turn */
    void (*wake)(void *context);
    void *wake_context;
};

/* The reader may see this entry, the hub's next one. */
void reader_offer(struct reader *reader, struct entry *entry);
/* deliver shall be called for it in this turn. */
void hub_wake_reader(struct hub *hub, struct reader *reader);
