/* Who is there. A user is while any of his readers is, on whatever transport and worker, and for a
 * grace after the last one has gone: so polls that come and go, a change of transport or a short
 * cut are no news. What is news is told in rounds, once, so that flapping costs little. Nothing of
 * it is stored; who is offline is not away any more. Thread-safe. */
#pragma once

#include "common/event.h"
#include "common/text.h"
#include "server/chat/identity.h"

#include <stddef.h>
#include <stdint.h>

struct people;

struct people *people_create(int64_t grace_ms);
void people_destroy(struct people *people);

/* A reader of who has come, or has gone. */
void people_enter(struct people *people, const struct identity *who);
void people_leave(struct people *people, const char *user);
/* The last session of user has ended: no grace any more. */
void people_end(struct people *people, const char *user);
/* text: what an away says, NULL: back again. Of use while the user is there only. */
void people_set_away(struct people *people, const char *user, const char *text);

/* ret_text: what an away says, else ""; may be NULL. */
enum presence people_find(struct people *people, const char *user, char ret_text[AWAY_MAX + 1]);

struct people_change {
    struct identity who;
    enum presence was, is;
    char text[AWAY_MAX + 1]; /* with PRESENCE_AWAY */
};
/* What is not as it was told last, at most max; it is told now. Fewer than max: that was all. */
size_t people_changes(struct people *people, struct people_change *ret_changes, size_t max);
