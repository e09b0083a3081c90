#include "bench/result/view_text.h"

#include "bench/result/result.h"
#include "bench/result/view.h"
#include "common/buf.h"
#include "common/text.h"
#include "common/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, INDENT = 2 };

int
view_columns(const char *text)
{
    return text_columns(text, strlen(text));
}

void
view_add_head(const struct result *result, struct buf *out)
{
    const char *target = facts_text(&result->environment, "target");

    buf_addf(out, "%s of %s", result->kind, result->at);
    if (target != NULL)
        buf_addf(out, " against %s", strcmp(target, "own") == 0 ? "a server of its own" : target);
    buf_addf(out, ", seed %llu\n", (unsigned long long)result->seed);
}

/* One word after the other, so that no line is wider than WIDTH where a word does not alone make it
 * so. */
void
view_add_wrapped(const char *text, struct buf *out)
{
    int column = INDENT;

    buf_addf(out, "%*s", INDENT, "");
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        int width = text_columns(text, len);

        if (column > INDENT && column + 1 + width > WIDTH) {
            buf_addf(out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            buf_add_byte(out, ' ');
            column++;
        }
        buf_add(out, text, len);
        column += width;
        text += len + strspn(text + len, " ");
    }
    buf_add_byte(out, '\n');
}

static void
add_facts(const char *title, const struct facts *facts, struct buf *out)
{
    struct buf line = BUF_INIT;

    for (size_t i = 0; i < facts->count; i++) {
        buf_addf(&line, "%s%s ", i > 0 ? ", " : "", facts->items[i].key);
        fact_add_value(&facts->items[i], &line);
    }
    if (facts->count > 0) {
        buf_addf(out, "\n%s\n", title);
        view_add_wrapped(buf_text(&line), out);
    }
    buf_fini(&line);
}

void
view_add_foot(const struct result *result, struct buf *out)
{
    add_facts("parameters", &result->parameters, out);
    add_facts("environment", &result->environment, out);
    if (result->note_count > 0)
        buf_add_str(out, "\nnotes\n");
    for (size_t i = 0; i < result->note_count; i++)
        view_add_wrapped(result->notes[i], out);
    if (!result->complete)
        buf_add_str(out, "\nstopped before its end: what there was until then\n");
}

int
view_write_visible(struct buf *text, unsigned flags, FILE *out)
{
    unsigned visible = TEXT_KEEP_NEWLINES | (flags & VIEW_ASCII ? TEXT_ASCII : 0U);
    struct buf shown = BUF_INIT;
    size_t written;

    text_visible(&shown, buf_text(text), text->len, visible);
    written = fwrite(buf_text(&shown), 1, shown.len, out);
    if (written == shown.len && fflush(out) != 0)
        written = 0;
    buf_clear(text);
    buf_fini(&shown);
    buf_fini(text);
    return written > 0 ? 0 : -EIO;
}
