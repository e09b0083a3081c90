#include "contrib/tables/program.h"
#include "server/config.h"

const struct program this_program = {
    .name = "rtchat-server",
    .section = "server",
    .rows = server_options,
    .count = &server_option_count,
};
