/* Inside a script: what its files share. */
#pragma once

#include "client/script.h"
#include "client/script_person.h"

#include <uv.h>

struct lines;

struct script {
    const struct client_config *config;
    const struct script_ops *ops;
    uv_loop_t loop;
    struct chat *chat;
    struct lines *lines;
    struct script_person person;
    uv_prepare_t turn; /* once a turn of the loop: is there anything to decide? */
    uv_timer_t deadline, grace, farewell;
    uv_signal_t signals[3];
    uint64_t line_number;
    uint64_t wanted_seq; /* what has to come down before the end */
    uint64_t seen_seq;
    char nonce[ID_SIZE];        /* of the ping whose pong is awaited; "": none */
    enum link_state told_state; /* of the last line about it */
    int64_t told_retry_ms;
    bool input_ended, failed, quitting;
};

/* Its face, but for context and quit. */
extern const struct chat_face script_face;

/* One line on standard error; what others wrote may stand in it. */
void script_tell(struct script *script, const char *text);
