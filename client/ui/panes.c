#include "client/ui/panes.h"

#include <stdlib.h>
#include <string.h>

#include "client/link/outbox.h"
#include "client/ui/edit.h"
#include "common/util.h"

void
panes_fini(struct panes *panes)
{
    for (size_t i = 0; i < panes->count; i++) {
        edit_destroy(panes->items[i]->edit);
        free(panes->items[i]);
    }
    free(panes->items);
    *panes = (struct panes){0};
}

struct pane *
panes_get(struct panes *panes, const char *name)
{
    for (size_t i = 0; i < panes->count; i++)
        if (strcmp(panes->items[i]->name, name) == 0)
            return panes->items[i];

    struct pane *pane = xcalloc(1, sizeof(*pane));
    str_copy(pane->name, sizeof(pane->name), name);
    pane->edit = edit_create(INPUT_MAX);
    panes->items = xrealloc(panes->items, (panes->count + 1) * sizeof(struct pane *));
    panes->items[panes->count++] = pane;
    return pane;
}

void
pane_restore_draft(struct pane *pane, const struct outbox *outbox)
{
    if (pane->draft_known || outbox == NULL)
        return;

    const char *draft = outbox_draft(outbox, pane->name);
    pane->draft_known = true;
    if (draft != NULL && edit_len(pane->edit) == 0)
        edit_set(pane->edit, draft, strlen(draft));
}

void
panes_save_drafts(struct panes *panes, struct outbox *outbox)
{
    for (size_t i = 0; outbox != NULL && i < panes->count; i++) {
        struct pane *pane = panes->items[i];
        if (!pane->draft_changed)
            continue;
        outbox_save_draft(outbox, pane->name,
                          edit_len(pane->edit) > 0 ? edit_text(pane->edit) : NULL);
        pane->draft_changed = false;
    }
}
