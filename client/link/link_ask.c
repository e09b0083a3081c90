/* Questions of the user's: history, rooms, members. */
#include "client/link/link_internal.h"
#include "common/util.h"

#include <stdlib.h>
#include <string.h>

struct asked {
    link_asked done;
    void *context;
};

static void
on_answer(void *context, const struct ask_answer *answer)
{
    struct asked asked = *(struct asked *)context;

    free(context);
    if (answer->end == ASK_ANSWERED)
        asked.done(asked.context, answer->status, answer->body, answer->len);
    else if (answer->end != ASK_DROPPED)
        asked.done(asked.context, 0, answer->why, strlen(answer->why));
}

void
link_ask(struct link *link, const char *path, link_asked done, void *context)
{
    struct asked *asked = xcalloc(1, sizeof(*asked));
    const struct ask_question question = {
        .path = path,
        .token = link->token.text,
        .timeout_ms = link->seams.patience.ask_ms,
    };

    asked->done = done;
    asked->context = context;
    link->seams.asks->send(link->ask, &question, on_answer, asked);
}
