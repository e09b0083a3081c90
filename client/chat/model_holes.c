/* Where lines of the log are missing between those that are here. */
#include "client/chat/model.h"

#include "client/chat/model_parts.h"
#include "client/chat/note.h"
#include "common/buf.h"
#include "common/util.h"

struct hole {
    size_t before, after; /* indices of the lines around it */
    uint64_t missing;
};

/* Looks at the span that ends at index, a line of the log: what stands between it and the next
 * older one whose rseq is known. */
static bool
look_behind(const struct window *window, size_t index, struct hole *ret_hole)
{
    const struct line *after = window->lines[index];
    uint64_t known = 1;

    for (size_t i = index; i > 0; i--) {
        const struct line *line = window->lines[i - 1];
        if (line->rseq == 0) {
            known += line->seq != 0 ? 1 : line->lost;
            continue;
        }
        if (line->rseq + known >= after->rseq)
            return false;
        *ret_hole = (struct hole){i - 1, index, after->rseq - line->rseq - known};
        return true;
    }

    return false;
}

static bool
find_hole(struct window *window, struct hole *ret_hole)
{
    for (size_t i = window->line_count; window->holed && i > 0; i--)
        if (window->lines[i - 1]->rseq != 0 && look_behind(window, i - 1, ret_hole))
            return true;

    window->holed = false;
    return false;
}

bool
model_hole(struct window *window, uint64_t *ret_missing, uint64_t *ret_before)
{
    struct hole hole;

    if (!find_hole(window, &hole))
        return false;

    *ret_missing = hole.missing;
    *ret_before = window->lines[hole.after]->seq;
    return true;
}

void
model_hole_lost(struct model *model, struct window *window, int64_t at_ms)
{
    struct buf text = BUF_INIT;
    struct hole hole;

    if (!find_hole(window, &hole))
        return;

    note_count(&text, hole.missing, "message");
    buf_add_str(&text, " not kept by the server");
    struct line *line = line_create(model, LINE_LOCAL, at_ms, buf_text(&text));
    line->lost = hole.missing;
    window_insert(window, hole.after, line);
    buf_fini(&text);
}

void
model_hole_cut(struct model *model, struct window *window)
{
    struct hole hole;

    if (!find_hole(window, &hole))
        return;

    window_remove(window, 0, hole.before + 1);
    window_reset_oldest(window);
}
