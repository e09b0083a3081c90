/* A chat without rules for tests of the log: a judge that goes by what is said, and a sink that
 * remembers what came out. */
#pragma once

#include "server/log/append.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

#define FAKE_ROOMS_MAX 16

struct fake_room {
    char key[ROOM_KEY_SIZE];
    uint64_t rseq;
    uint64_t rseq_committed;
};

/* say is accepted, or refused (403) when its text is "refuse"; join is accepted and writes the
 * record "member/ROOM/USER"; topic is accepted and writes "room/ROOM" and "topic/ROOM", or deletes
 * both when its text is ""; part changes nothing. */
struct fake_chat {
    struct judge judge;
    struct sink sink;
    struct fake_room rooms[FAKE_ROOMS_MAX];
    unsigned begun, checked, committed, rolled_back;

    void (*on_begin)(struct fake_chat *chat); /* NULL, or called in judge.begin */
    void *context;

    pthread_mutex_t lock; /* guards what follows */
    struct entry **entries;
    size_t entry_count;
    char (*record_keys)[RECORD_KEY_SIZE];
    size_t record_count;
    unsigned published;       /* calls */
    unsigned settled;         /* calls */
    unsigned committed_first; /* calls that came after the judge had heard of the commit */
};

void fake_chat_init(struct fake_chat *chat);
void fake_chat_fini(struct fake_chat *chat);
/* Sets each room's rseq to what the store has. */
void fake_chat_replay(struct fake_chat *chat, struct store *store);

/* Fill a zeroed item; the owner is the user. */
void fake_say(struct append_item *item, const char *user, const char *id, const char *room,
              const char *text);
void fake_join(struct append_item *item, const char *user, const char *id, const char *room);
void fake_part(struct append_item *item, const char *user, const char *id, const char *room);
void fake_topic(struct append_item *item, const char *user, const char *id, const char *room,
                const char *text);
void fake_record(struct append_item *item, const char *key, const char *value);
void fake_item_fini(struct append_item *item); /* and zeroes it */
