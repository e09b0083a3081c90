/* The rows of the client's commands; input_commands lists them all. */
#pragma once

#include "client/chat/input.h"

extern const struct input_command
    /* command_away.c */
    command_away,
    command_back,
    /* command_say.c */
    command_say, command_msg, command_query, command_me,
    /* command_room.c */
    command_join, command_part, command_topic, command_names, command_who, command_list,
    /* command_window.c */
    command_window, command_close, command_clear, command_history,
    /* command_outbox.c */
    command_outbox, command_drop, command_retry,
    /* command_compare.c */
    command_compare,
    /* command_client.c */
    command_help, command_quit, command_reconnect, command_stats, command_transport;
