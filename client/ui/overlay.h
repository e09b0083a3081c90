/* What is shown over the messages until it is dismissed: a text, or a form. */
#pragma once

#include "client/ui/keys.h"
#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

struct edit;
struct theme;

#define FIELD_COUNT_MAX 2

enum overlay_kind {
    OVERLAY_NONE,
    OVERLAY_TEXT, /* to be read; Esc, q or Enter closes */
    OVERLAY_FORM, /* fields; Enter in the last one is yes, Esc is no */
};

struct field {
    const char *label;
    struct edit *edit;
    bool is_hidden; /* a password: neither it nor its length is shown */
};

struct overlay {
    enum overlay_kind kind;
    char *title;
    struct buf text; /* visible */
    size_t top;      /* the first row shown; overlay_draw keeps it within what there is */
    struct field fields[FIELD_COUNT_MAX];
    size_t field_count, focus;
    /* Called when it is dismissed, after it is gone from the screen; the fields are still there.
     * NULL: nobody cares. */
    void (*done)(void *context, const struct overlay *overlay, bool yes);
    void *context;
};

/* Opens over whatever was open, which is dismissed without a word. text may be of others. */
void overlay_open(struct overlay *overlay, enum overlay_kind kind, const struct theme *theme,
                  const char *title, const char *text);
/* With what stands in it at first. label is a literal. */
void overlay_add_field(struct overlay *overlay, const char *label, const char *text,
                       bool is_hidden);
const char *overlay_value(const struct overlay *overlay, size_t field);
void overlay_fini(struct overlay *overlay);

/* A key or typed character. */
void overlay_key(struct overlay *overlay, const struct key *key);
/* Text pasted; its first line goes into the field. */
void overlay_paste(struct overlay *overlay, const char *text);
/* Says where the cursor stands; false: nowhere. */
bool overlay_draw(struct overlay *overlay, const struct theme *theme, int rows, int columns,
                  int *ret_cursor_row, int *ret_cursor_column);
