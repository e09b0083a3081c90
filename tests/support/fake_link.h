/* A link whose other end is the test: it stands in for client/link/link.c, with a real outbox. */
#pragma once

#include "client/link/link.h"
#include "client/link/meter.h"
#include "common/buf.h"

/* Everything that a chat asks for, "GET path" a line, in order, until it is answered. */
#define FAKE_ASKS_MAX 64

struct fake_ask {
    char *path;
    link_asked done;
    void *context;
};

struct fake_link {
    struct link_listener listener;
    struct link_status status;
    struct way_facts facts;
    struct meter_counts counts;
    struct meter_times times;
    struct outbox *outbox;
    char user[USER_SIZE];
    struct fake_ask asks[FAKE_ASKS_MAX];
    size_t ask_count;
    bool refuses_to_keep; /* link_say fails: the disk is full */
    bool logged_out;
    unsigned reconnect_count;
    char typed[ROOM_KEY_SIZE]; /* where the user typed last */
    unsigned typed_count;
    char wish[20]; /* the last transport that was asked for */
};

struct fake_link *fake_link(struct link *link);

void fake_live(struct link *link);
void fake_note(struct link *link, const char *text);
/* One event, as JSON. */
void fake_event(struct link *link, const char *json);
/* The state of all that is queued becomes "sent". */
void fake_send(struct link *link);
/* The server's answer to the oldest command of the outbox that is not refused. */
void fake_receipt(struct link *link, uint64_t seq);
void fake_refuse(struct link *link, enum refusal_code code, const char *message);
/* Answers the oldest question, whose path has to be this. */
void fake_answer(struct link *link, const char *path, int status, const char *body);
