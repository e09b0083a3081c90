/* The lines of an outbox's file, JSON objects:
 *
 *   {"line":"said","at_ms":…,"command":{…}}        the command as it goes to the server
 *   {"line":"refused","id":…,"code":…,"message":…}
 *   {"line":"gone","id":…}
 *   {"line":"draft","window":…,"text":…}           text null: forgotten */
#include "client/link/outbox_state.h"

#include "common/json.h"
#include "common/util.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

void
outbox_line_said(struct buf *out, const struct outbox_item *item)
{
    buf_addf(out, "{\"line\":\"said\",\"at_ms\":%" PRId64 ",\"command\":", item->at_ms);
    command_encode(out, &item->command);
    buf_add_str(out, "}\n");
}

static void
begin(struct buf *out, const char *kind, const struct outbox_item *item)
{
    buf_addf(out, "{\"line\":\"%s\",\"id\":", kind);
    buf_add_json(out, item->command.id);
}

void
outbox_line_gone(struct buf *out, const struct outbox_item *item)
{
    begin(out, "gone", item);
    buf_add_str(out, "}\n");
}

void
outbox_line_refused(struct buf *out, const struct outbox_item *item)
{
    begin(out, "refused", item);
    buf_addf(out, ",\"code\":\"%s\",\"message\":", refusal_name(item->refusal.code));
    buf_add_json(out, item->refusal.message);
    buf_add_str(out, "}\n");
}

void
outbox_line_draft(struct buf *out, const char *window, const char *text)
{
    buf_add_str(out, "{\"line\":\"draft\",\"window\":");
    buf_add_json(out, window);
    buf_add_str(out, ",\"text\":");
    if (text == NULL)
        buf_add_str(out, "null");
    else
        buf_add_json(out, text);
    buf_add_str(out, "}\n");
}

/* An id that is there already came from a file that was taken over and not yet unlinked when the
 * client was killed: it is the same line. */
static int
apply_said(struct outbox *outbox, const json_t *object)
{
    struct command command;
    struct refusal refusal;
    uint64_t at_ms;

    if (!json_member_u64(object, "at_ms", &at_ms) || at_ms > INT64_MAX)
        return -EINVAL;
    if (command_decode(json_object_get(object, "command"), &command, &refusal) < 0)
        return -EINVAL;

    if (command.id[0] == '\0') {
        command_fini(&command);
        return -EINVAL;
    }
    if (!outbox->is_merging || outbox_find(outbox, command.id) == NULL)
        outbox_put(outbox, &command, (int64_t)at_ms);
    command_fini(&command);
    return 0;
}

static int
apply_gone(struct outbox *outbox, const json_t *object)
{
    const char *id = json_member_string(object, "id");
    struct outbox_item *item = id == NULL ? NULL : outbox_find(outbox, id);

    if (id == NULL)
        return -EINVAL;

    if (item != NULL)
        outbox_take_out(outbox, item);
    return 0;
}

static int
apply_refused(struct outbox *outbox, const json_t *object)
{
    const char *id = json_member_string(object, "id");
    const char *code = json_member_string(object, "code");
    const char *message = json_member_string(object, "message");

    if (id == NULL || code == NULL || message == NULL)
        return -EINVAL;

    struct outbox_item *item = outbox_find(outbox, id);
    if (item == NULL)
        return 0;

    refuse(&item->refusal, refusal_from_name(code), "%s", message);
    outbox_set_state(outbox, item, OUTBOX_REFUSED);
    return 0;
}

static int
apply_draft(struct outbox *outbox, const json_t *object)
{
    const char *window = json_member_string(object, "window");

    if (window == NULL)
        return -EINVAL;

    outbox_put_draft(outbox, window, json_member_string(object, "text"));
    return 0;
}

static const struct {
    const char *name;
    int (*apply)(struct outbox *outbox, const json_t *object);
} kinds[] = {
    {"said", apply_said},
    {"gone", apply_gone},
    {"refused", apply_refused},
    {"draft", apply_draft},
};

int
outbox_line_apply(struct outbox *outbox, const char *line, size_t len)
{
    char why[100];
    json_t *object = json_parse(line, len, why, sizeof(why));
    const char *name = json_member_string(object, "line");
    int error = -EINVAL;

    for (size_t i = 0; name != NULL && i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            error = kinds[i].apply(outbox, object);

    json_decref(object);
    return error;
}
