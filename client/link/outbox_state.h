/* Inside of the outbox: its lists, the lines of its file, and the file. Used by outbox*.c alone. */
#pragma once

#include "client/link/outbox.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define OUTBOX_STATES 3

struct draft {
    char *window;
    char *text;
    struct draft *next;
};

/* Invariant: what the lines of the file say from its first to its last is what the lists hold,
 * except that a sent item is a queued one there, and a logged one is gone. */
struct outbox {
    char *directory;
    char *account;
    struct outbox_item *first, *last;
    size_t counts[OUTBOX_STATES];
    size_t logged; /* of the queued and the sent ones */
    struct draft *drafts;

    char *path;
    int fd;           /* open for appending and locked for as long as it lives */
    off_t size;       /* of the file up to the end of its last whole line */
    off_t compact_at; /* the size at which it is written anew */
    char *damage;     /* see outbox_damage */
    bool is_merging;  /* what is read is not the first file, so ids may repeat */
};

/* outbox.c: changes to the lists alone, as lines are read. */
struct outbox_item *outbox_put(struct outbox *outbox, struct command *command, int64_t at_ms);
void outbox_take_out(struct outbox *outbox, struct outbox_item *item);
void outbox_set_state(struct outbox *outbox, struct outbox_item *item, enum outbox_state state);
void outbox_put_draft(struct outbox *outbox, const char *window, const char *text);

/* outbox_line.c: a line of the file, its newline too, appended to out. */
void outbox_line_said(struct buf *out, const struct outbox_item *item);
void outbox_line_gone(struct buf *out, const struct outbox_item *item);
void outbox_line_refused(struct buf *out, const struct outbox_item *item);
void outbox_line_draft(struct buf *out, const char *window, const char *text);
/* Does to the lists what the line (without its newline) says. 0, or -EINVAL: it says nothing. */
int outbox_line_apply(struct outbox *outbox, const char *line, size_t len);

/* outbox_file.c: takes over what lies in the directory and starts a file of its own. 0, or -errno
 * with why filled. */
int outbox_file_open(struct outbox *outbox, char *why, size_t why_size);
/* Appends lines as a whole or not at all. 0 or -errno. */
int outbox_file_append(struct outbox *outbox, const struct buf *lines);
int outbox_file_sync(struct outbox *outbox); /* 0 or -errno */
/* Cuts the file back to size, after a line that must not count. */
void outbox_file_cut(struct outbox *outbox, off_t size);
/* Writes the file anew where it holds much that is gone. */
void outbox_file_tidy(struct outbox *outbox);
void outbox_file_close(struct outbox *outbox);
