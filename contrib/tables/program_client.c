#include "client/config.h"
#include "contrib/tables/program.h"

const struct program this_program = {
    .name = "rtchat-client",
    .section = "client",
    .operand = "URL",
    .rows = client_options,
    .count = &client_option_count,
};
