#include "contrib/tables/program.h"
#include "server/admin/verbs.h"
#include "server/config.h"

static struct program_verb
verb(size_t i)
{
    if (i >= verb_count) {
        return (struct program_verb){0};
    }

    return (struct program_verb){verb_rows[i].words, verb_rows[i].operand, verb_rows[i].help};
}

const struct program this_program = {
    .name = "rtchat-server",
    .section = "server",
    .rows = server_options,
    .count = &server_option_count,
    .verb = verb,
};
