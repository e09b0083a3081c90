#include "client/ui/reader.h"

#include <string.h>

#include "common/util.h"

static const struct {
    const char *text;
    enum action action;
} marks[] = {
    {"\033[200~", ACTION_PASTE_BEGIN},
    {"\033[201~", ACTION_PASTE_END},
};

static void
let_go(struct reader *reader)
{
    size_t len = reader->held_len;

    reader->held_len = 0;
    for (size_t i = 0; i < len; i++) {
        struct key key = keys_find((wint_t)reader->held[i], false);
        reader->take(reader->context, &key);
    }
}

/* Whether what is held and rune begin, or are, a mark. */
static bool
hold(struct reader *reader, wint_t rune)
{
    size_t len = reader->held_len + 1;

    if (rune >= 0x80)
        return false;

    reader->held[len - 1] = (char)rune;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        if (strncmp(marks[i].text, reader->held, len) != 0)
            continue;
        reader->held_len = len;
        if (marks[i].text[len] == '\0') {
            struct key key = {.action = marks[i].action};
            reader->held_len = 0;
            reader->take(reader->context, &key);
        }
        return true;
    }
    return false;
}

static void
take(struct reader *reader, wint_t code, bool is_code, int64_t now_ms)
{
    if (!is_code && reader->held_len > 0 && hold(reader, code))
        return;

    let_go(reader);
    reader->held_since_ms = now_ms;
    if (!is_code && hold(reader, code))
        return;

    struct key key = keys_find(code, is_code);
    reader->take(reader->context, &key);
}

void
reader_drain(struct reader *reader, int64_t now_ms)
{
    wint_t code;
    int r;

    reader_expire(reader, now_ms);
    while ((r = wget_wch(reader->window, &code)) != ERR) {
        if (r == KEY_CODE_YES && code == KEY_RESIZE)
            continue; /* resizeterm puts it there; SIGWINCH has told already */
        take(reader, code, r == KEY_CODE_YES, now_ms);
    }
}

bool
reader_expire(struct reader *reader, int64_t now_ms)
{
    if (reader->held_len > 0 && now_ms - reader->held_since_ms >= READER_HOLD_MS)
        let_go(reader);

    return reader->held_len > 0;
}
