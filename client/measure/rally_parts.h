/* Inside the rally: what rally*.c share. */
#pragma once

#include "client/measure/rally.h"
#include "client/measure/schedule.h"
#include "client/measure/tally.h"
#include "common/names.h"

enum rally_phase { RALLY_OPENING, RALLY_SETTLING, RALLY_SAYING, RALLY_WAITING, RALLY_CLOSING };

/* One link of the rally. The first one says the lines. */
struct player {
    struct rally *rally;
    struct link *link; /* NULL: it could not be made, or is destroyed */
    bool is_asked;     /* the room was asked for */
    bool is_ready;     /* and it is in it */
    bool is_ended;     /* its link is closed */
    bool is_marked;    /* a line that is said after the mark has yet to come */
    struct tally tally;
    struct meter_counts before; /* what it had cost when the first slot began */
};

struct rally {
    uv_loop_t *loop;
    struct rally_listener listener;
    enum rally_phase phase;

    char room[ROOM_SIZE];
    char tag[TALLY_TAG_SIZE];
    unsigned messages;
    size_t text_len;
    bool logs_out;
    int64_t hold_ms, patience_ms;
    struct schedule schedule;

    struct player *players; /* the sender, then the readers */
    unsigned player_count;

    int64_t began_us; /* the first slot; monotonic, as all here */
    int64_t came_us;  /* the last that came */
    int64_t cpu_us;   /* of the thread, then */
    int64_t mark_us;
    unsigned receipts;
    struct rally_result result;

    int slot_fd; /* a timerfd: libuv's timers are too coarse for what takes less than a ms */
    uv_poll_t slot;
    uv_prepare_t turn; /* what a link says is dealt with outside of its calls */
    uv_timer_t timer;  /* the phase's patience */
    bool has_news;
    unsigned open_handles;
};

/* rally_player.c: what a link says. */
/* 0, or -1 with why filled. */
int player_start(struct player *player, const struct rally_plan *plan, char *why, size_t why_size);
void player_join(struct player *player); /* asks for the room once the link is live */
bool player_say(struct player *player, unsigned number);
void player_close(struct player *player);
void player_destroy(struct player *player);

/* rally.c */
int64_t rally_due_us(const struct rally *rally, unsigned number); /* monotonic */
void rally_break(struct rally *rally, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
