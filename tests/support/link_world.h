/* A link over fake ways, and all that its listener heard. The loop stops at each call of the
 * listener, so that nothing is overslept. */
#pragma once

#include "client/link/link_internal.h"
#include "common/buf.h"
#include "tests/support/fake_way.h"
#include "tests/support/temp_dir.h"

#define LINK_WORLD_ACCOUNT "ann@localhost:8443"

struct link_world {
    char dir[TEMP_DIR_SIZE];
    uv_loop_t loop;
    struct link *link;
    struct link_patience patience;
    const struct link_ops *const *rows;
    /* Words by blanks; notes are lines. An outboxed word is the id and q, s or r: its state. */
    struct buf states, events, outboxed, receipts, notes;
    void (*on_note)(void); /* or NULL: called within the listener */
    void (*on_outbox)(void);
    void (*on_event)(void);
};

extern struct link_world world;
extern const struct link_listener link_world_listener;

void link_world_set_up(void);
void link_world_tear_down(void);
void link_world_destroy(void); /* the link alone */
void link_world_forget(void);  /* what was heard */

void link_world_keep_token(const char *text, bool is_guest);
void link_world_create_with(const struct link_config *config);
/* With a token; transport: a name or "auto". */
void link_world_create(const char *transport, bool reads_only);
/* Started, and its first row is open, said hello at position 10 and has proved itself. */
void link_world_live(const char *transport, const char *first);

enum link_state world_state(void);
const char *world_transport(void);
const char *world_why(void);

void world_hello(const char *result, int cursor, int head); /* down the row of fake_way_on */
void world_hello_beat(const char *result, int cursor, int head, double heartbeat);
void world_open(int cursor); /* open, and a resumed hello */
void world_message(int seq);
void world_message_of(const char *from, const char *id, int seq);
void world_pong(void); /* answers the row's last ping; its cursor is at 10 */
struct outbox_item *world_say(const char *id);
void world_receipt(const char *id, int seq);
const char *world_sent_ids(void);

/* Runs the loop until it is so, at most 5 s. */
void world_run_until(bool (*is_so)(void));
/* Until the loop has let go of it: a turn that somebody has stopped does nothing. */
void world_close_timer(uv_timer_t *timer);
bool world_has_trial(void);
bool world_has_no_trial(void);
