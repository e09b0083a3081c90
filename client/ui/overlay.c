#include "client/ui/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "client/ui/edit.h"
#include "client/ui/theme.h"
#include "common/rune.h"
#include "common/text.h"
#include "common/util.h"

#include <utf8proc.h>

#define FIELD_MAX 512 /* bytes */

void
overlay_fini(struct overlay *overlay)
{
    for (size_t i = 0; i < overlay->field_count; i++)
        edit_destroy(overlay->fields[i].edit);
    buf_fini(&overlay->text);
    free(overlay->title);
    *overlay = (struct overlay){0};
}

void
overlay_open(struct overlay *overlay, enum overlay_kind kind, const struct theme *theme,
             const char *title, const char *text)
{
    overlay_fini(overlay);
    overlay->kind = kind;
    overlay->title = xstrdup(title);
    text_visible(&overlay->text, text, strlen(text),
                 TEXT_KEEP_NEWLINES | (theme->ascii ? TEXT_ASCII : 0u));
}

void
overlay_add_field(struct overlay *overlay, const char *label, const char *text, bool is_hidden)
{
    struct field *field = &overlay->fields[overlay->field_count++];

    *field = (struct field){label, edit_create(FIELD_MAX), is_hidden};
    edit_set(field->edit, text, strlen(text));
}

const char *
overlay_value(const struct overlay *overlay, size_t field)
{
    return edit_text(overlay->fields[field].edit);
}

/* done may open the next one: this one is off the screen before it is called. */
static void
dismiss(struct overlay *overlay, bool yes)
{
    struct overlay gone = *overlay;

    *overlay = (struct overlay){0};
    if (gone.done != NULL)
        gone.done(gone.context, &gone, yes);
    overlay_fini(&gone);
}

static void
scroll_by(struct overlay *overlay, long rows)
{
    if (rows < 0 && overlay->top < (size_t)-rows)
        overlay->top = 0;
    else
        overlay->top += (size_t)rows;
}

static void
text_key(struct overlay *overlay, const struct key *key)
{
    if (key->action == ACTION_EDIT && key->argument == EDIT_UP)
        scroll_by(overlay, -1);
    else if (key->action == ACTION_EDIT && key->argument == EDIT_DOWN)
        scroll_by(overlay, 1);
    else if (key->action == ACTION_SCROLL)
        scroll_by(overlay, key->argument == 0 ? -10 : 10);
    else if (key->rune == ' ')
        scroll_by(overlay, 10);
    else if (key->action == ACTION_ESCAPE || key->action == ACTION_SEND ||
             key->action == ACTION_INTERRUPT || key->action == ACTION_HELP || key->rune == 'q')
        dismiss(overlay, true);
}

static void
form_key(struct overlay *overlay, const struct key *key)
{
    struct edit *edit = overlay->fields[overlay->focus].edit;
    bool is_last = overlay->focus + 1 == overlay->field_count;
    uint8_t bytes[4];

    if (key->action == ACTION_ESCAPE) {
        dismiss(overlay, false);
    } else if (key->action == ACTION_SEND && is_last) {
        dismiss(overlay, true);
    } else if (key->action == ACTION_SEND || key->action == ACTION_COMPLETE ||
               (key->action == ACTION_EDIT &&
                (key->argument == EDIT_UP || key->argument == EDIT_DOWN))) {
        overlay->focus = (overlay->focus + 1) % overlay->field_count;
    } else if (key->action == ACTION_EDIT) {
        edit_do(edit, (enum edit_op)key->argument);
    } else if (key->action == ACTION_NONE && key->rune >= ' ') {
        utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)key->rune, bytes);
        edit_insert(edit, (const char *)bytes, (size_t)len);
    }
}

void
overlay_key(struct overlay *overlay, const struct key *key)
{
    switch (overlay->kind) {
    case OVERLAY_NONE: break;
    case OVERLAY_TEXT: text_key(overlay, key); break;
    case OVERLAY_FORM: form_key(overlay, key); break;
    }
}

void
overlay_paste(struct overlay *overlay, const char *text)
{
    if (overlay->kind == OVERLAY_FORM)
        edit_insert(overlay->fields[overlay->focus].edit, text, strcspn(text, "\n"));
}
