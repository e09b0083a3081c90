/* How the option module speaks about names and values that came from outside. */
#include "common/option_row.h"

#include <errno.h>
#include <string.h>

#include "common/near.h"
#include "common/text.h"
#include "common/util.h"

#define SHOWN_COLUMNS    40
#define SHOWN_LEN        80
#define SHOWN_PATH_LEN   120
#define READ_AT_MOST_LEN 4096 /* more of a text is not looked at */

const struct option_row *
option_row_find(const struct option_row *rows, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(rows[i].name, name)) {
            return &rows[i];
        }
    }

    return NULL;
}

/* Names are often cut short ("--trans"), so the beginning of one is near to it. */
static int
name_distance(const char *typed, const char *name)
{
    size_t typed_len = strlen(typed);

    if (typed_len >= 2 && strncmp(name, typed, typed_len) == 0) {
        return 1;
    }

    return near_distance(typed, name);
}

const struct option_row *
option_row_nearest(const struct option_row *rows, size_t count, const char *name)
{
    const struct option_row *nearest = NULL;
    size_t len = strlen(name);
    int best = 2 + (int)len / 3; /* this many wrong letters make it another word */

    if (len == 0 || len > NEAR_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) > NEAR_MAX) {
            continue;
        }
        int distance = name_distance(name, rows[i].name);
        if (distance < best) {
            best = distance;
            nearest = &rows[i];
        }
    }

    return nearest;
}

void
option_add_shown(struct buf *out, const char *text)
{
    struct buf shown = BUF_INIT;
    struct text_cluster cluster;
    size_t len = 0;
    int columns = 0;

    text_visible(&shown, text, strnlen(text, READ_AT_MOST_LEN), 0);
    while (len < shown.len) {
        text_next_cluster(shown.data + len, shown.len - len, &cluster);
        columns += cluster.columns;
        if (columns > SHOWN_COLUMNS || len + cluster.len > SHOWN_LEN) {
            break;
        }
        len += cluster.len;
    }
    buf_add(out, buf_text(&shown), len);
    if (len < shown.len) {
        buf_add_str(out, "…");
    }
    buf_fini(&shown);
}

void
option_add_shown_path(struct buf *out, const char *path)
{
    struct buf shown = BUF_INIT;
    size_t start = 0;

    text_visible(&shown, path, strnlen(path, READ_AT_MOST_LEN), 0);
    while (shown.len - start > SHOWN_PATH_LEN) {
        start = text_following(shown.data, shown.len, start);
    }
    if (start > 0) {
        buf_add_str(out, "…");
    }
    buf_add(out, buf_text(&shown) + start, shown.len - start);
    buf_fini(&shown);
}

int
option_fail(struct option_error *error, struct buf *message)
{
    size_t len = MIN(message->len, sizeof(error->message) - 1);

    while (len < message->len && (message->data[len] & 0xc0) == 0x80) {
        len--;
    }
    memcpy(error->message, buf_text(message), len);
    error->message[len] = '\0';
    buf_fini(message);

    return -EINVAL;
}
