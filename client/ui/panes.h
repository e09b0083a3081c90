/* What the screen keeps of each window: the line being typed there, and where one looks. */
#pragma once

#include "client/ui/scroll.h"
#include "common/names.h"

#include <stdbool.h>
#include <stddef.h>

#define INPUT_MAX 65536 /* bytes that one may type or paste in one go */

struct edit;
struct outbox;

struct pane {
    char name[ROOM_KEY_SIZE];
    struct edit *edit;
    struct scroll scroll;
    bool draft_known;   /* the outbox was asked for what was typed in an earlier session */
    bool draft_changed; /* and has not been given what is typed now */
};

struct panes {
    struct pane **items;
    size_t count;
};

void panes_fini(struct panes *panes);
/* Finds or makes; it stays where it is until panes_fini. */
struct pane *panes_get(struct panes *panes, const char *name);

/* Drafts live beside the outbox, on disk: what is typed survives the program. */
void pane_restore_draft(struct pane *pane, const struct outbox *outbox);
void panes_save_drafts(struct panes *panes, struct outbox *outbox);
