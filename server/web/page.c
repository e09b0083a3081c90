#include "server/web/page.h"

#include "common/buf.h"

void
page_open(struct buf *out)
{
    buf_add_str(out, "{\"events\":[");
}

void
page_frame(struct buf *out, const char *json, size_t len, const char *id)
{
    buf_add(out, json, len);
    buf_add_byte(out, ',');
}

void
page_finish(struct buf *out, const struct page_end *end)
{
    char cursor[CURSOR_SIZE], head[CURSOR_SIZE];

    cursor_format(cursor, &end->cursor);
    cursor_format(head, &end->head);
    if (out->data[out->len - 1] == ',')
        out->len--;
    buf_addf(out, "],\"cursor\":\"%s\",\"head\":\"%s\",\"epoch\":\"%s\",\"more\":%s}", cursor, head,
             end->head.epoch, end->more ? "true" : "false");
}
