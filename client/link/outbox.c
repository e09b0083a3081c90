#include "client/link/outbox.h"

#include "client/link/outbox_state.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/util.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MODULE "outbox"
#include "common/log.h"

#define ITEMS_MAX 100000 /* a bound for a script that talks to no server */

struct outbox_item *
outbox_put(struct outbox *outbox, struct command *command, int64_t at_ms)
{
    struct outbox_item *item = xcalloc(1, sizeof(*item));

    item->command = *command;
    item->at_ms = at_ms;
    command_init(command);

    if (outbox->last == NULL)
        outbox->first = item;
    else
        outbox->last->next = item;
    outbox->last = item;
    outbox->counts[OUTBOX_QUEUED]++;
    return item;
}

static void
free_item(struct outbox_item *item)
{
    command_fini(&item->command);
    free(item);
}

void
outbox_take_out(struct outbox *outbox, struct outbox_item *item)
{
    struct outbox_item **at = &outbox->first, *before = NULL;

    for (; *at != item; at = &(*at)->next)
        before = *at;

    *at = item->next;
    if (outbox->last == item)
        outbox->last = before;
    outbox->counts[item->state]--;
    outbox->logged -= item->is_logged;
    free_item(item);
}

void
outbox_set_state(struct outbox *outbox, struct outbox_item *item, enum outbox_state state)
{
    outbox->counts[item->state]--;
    outbox->counts[state]++;
    item->state = state;
}

static struct draft **
find_draft(const struct outbox *outbox, const char *window)
{
    struct draft *const *at = &outbox->drafts;

    while (*at != NULL && !str_equal((*at)->window, window))
        at = &(*at)->next;

    return (struct draft **)(uintptr_t)at;
}

static void
free_draft(struct draft *draft)
{
    free(draft->window);
    free(draft->text);
    free(draft);
}

void
outbox_put_draft(struct outbox *outbox, const char *window, const char *text)
{
    struct draft **at = find_draft(outbox, window);
    struct draft *draft = *at;

    if (draft != NULL) {
        *at = draft->next;
        free_draft(draft);
    }
    if (text == NULL)
        return;

    draft = xcalloc(1, sizeof(*draft));
    draft->window = xstrdup(window);
    draft->text = xstrdup(text);
    draft->next = outbox->drafts;
    outbox->drafts = draft;
}

struct outbox *
outbox_open(const char *directory, const char *account, char *why, size_t why_size)
{
    struct outbox *outbox = xcalloc(1, sizeof(*outbox));

    outbox->directory = xstrdup(directory);
    outbox->account = xstrdup(account);
    outbox->fd = -1;
    if (outbox_file_open(outbox, why, why_size) < 0) {
        outbox_close(outbox);
        return NULL;
    }

    return outbox;
}

void
outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;

    outbox_file_close(outbox);
    for (struct outbox_item *item = outbox->first, *next; item != NULL; item = next) {
        next = item->next;
        free_item(item);
    }
    for (struct draft *draft = outbox->drafts, *next; draft != NULL; draft = next) {
        next = draft->next;
        free_draft(draft);
    }

    free(outbox->directory);
    free(outbox->account);
    free(outbox->path);
    free(outbox->damage);
    free(outbox);
}

/* The line of item, on disk. After a failure the file does not have it. */
static int
keep(struct outbox *outbox, const struct outbox_item *item)
{
    struct buf line = BUF_INIT;
    off_t before = outbox->size;

    outbox_line_said(&line, item);
    int error = outbox_file_append(outbox, &line);
    if (error == 0 && (error = outbox_file_sync(outbox)) < 0)
        outbox_file_cut(outbox, before);

    buf_fini(&line);
    return error;
}

struct outbox_item *
outbox_add(struct outbox *outbox, struct command *command, char *why, size_t why_size)
{
    if (outbox->counts[OUTBOX_QUEUED] >= ITEMS_MAX) {
        snprintf(why, why_size, "outbox full: %d lines wait for the server", ITEMS_MAX);
        command_fini(command);
        return NULL;
    }

    struct outbox_item *item = outbox_put(outbox, command, clock_wall_ms());
    int error = keep(outbox, item);
    if (error < 0) {
        snprintf(why, why_size, "not kept: %s: %s", outbox->path, strerror(-error));
        outbox_take_out(outbox, item);
        return NULL;
    }

    outbox_file_tidy(outbox);
    return item;
}

struct outbox_item *
outbox_first(const struct outbox *outbox)
{
    return outbox->first;
}

struct outbox_item *
outbox_find(const struct outbox *outbox, const char *id)
{
    struct outbox_item *item = outbox->first;

    while (item != NULL && strcmp(item->command.id, id) != 0)
        item = item->next;

    return item;
}

/* Appends what need not be on disk at once: were it lost, an item would be sent again with its id,
 * which has no second effect. */
static void
note(struct outbox *outbox, struct buf *line)
{
    int error = outbox_file_append(outbox, line);

    if (error < 0)
        log_warn("%s: %s", outbox->path, strerror(-error));
    outbox_file_tidy(outbox);
    buf_fini(line);
}

static void
note_gone(struct outbox *outbox, const struct outbox_item *item)
{
    struct buf line = BUF_INIT;

    outbox_line_gone(&line, item);
    note(outbox, &line);
}

void
outbox_remove(struct outbox *outbox, struct outbox_item *item)
{
    if (!item->is_logged)
        outbox_logged(outbox, item);
    outbox_take_out(outbox, item);
}

void
outbox_logged(struct outbox *outbox, struct outbox_item *item)
{
    if (item->is_logged)
        return;

    item->is_logged = true;
    outbox->logged++;
    note_gone(outbox, item);
}

void
outbox_refuse(struct outbox *outbox, struct outbox_item *item, const struct refusal *refusal)
{
    struct buf line = BUF_INIT;

    assert(!item->is_logged);
    outbox_set_state(outbox, item, OUTBOX_REFUSED);
    item->refusal = *refusal;
    outbox_line_refused(&line, item);
    note(outbox, &line);
}

void
outbox_sent(struct outbox *outbox, struct outbox_item *item)
{
    outbox_set_state(outbox, item, OUTBOX_SENT);
}

void
outbox_requeue(struct outbox *outbox, struct outbox_item *item)
{
    outbox_set_state(outbox, item, OUTBOX_QUEUED);
}

void
outbox_requeue_sent(struct outbox *outbox)
{
    for (struct outbox_item *item = outbox->first; item != NULL; item = item->next)
        if (item->state == OUTBOX_SENT)
            outbox_requeue(outbox, item);
}

size_t
outbox_unsent(const struct outbox *outbox)
{
    return outbox->counts[OUTBOX_QUEUED] + outbox->counts[OUTBOX_SENT] - outbox->logged;
}

size_t
outbox_count(const struct outbox *outbox, enum outbox_state state)
{
    return outbox->counts[state];
}

bool
outbox_is_empty(const struct outbox *outbox)
{
    return outbox->counts[OUTBOX_QUEUED] == 0 && outbox->counts[OUTBOX_SENT] == 0;
}

const char *
outbox_damage(const struct outbox *outbox)
{
    return outbox->damage;
}

void
outbox_save_draft(struct outbox *outbox, const char *window, const char *text)
{
    struct buf line = BUF_INIT;

    if (str_equal(outbox_draft(outbox, window), text))
        return;
    if (text != NULL && !text_is_utf8(text, strlen(text)))
        return;

    outbox_put_draft(outbox, window, text);
    outbox_line_draft(&line, window, text);
    note(outbox, &line);
}

const char *
outbox_draft(const struct outbox *outbox, const char *window)
{
    const struct draft *draft = *find_draft(outbox, window);

    return draft == NULL ? NULL : draft->text;
}
