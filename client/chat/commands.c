/* The list of the client's commands. */
#include "client/chat/commands.h"

#include <stddef.h>

/* clang-format off */
const struct input_command *const input_commands[] = {
    &command_away,
    &command_back,
    &command_clear,
    &command_close,
    &command_compare,
    &command_drop,
    &command_help,
    &command_history,
    &command_join,
    &command_list,
    &command_me,
    &command_msg,
    &command_names,
    &command_outbox,
    &command_part,
    &command_query,
    &command_quit,
    &command_reconnect,
    &command_retry,
    &command_say,
    &command_stats,
    &command_topic,
    &command_transport,
    &command_who,
    &command_window,
    NULL,
};
/* clang-format on */
