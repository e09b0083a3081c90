#include "bench/result/html.h"

#include "bench/result/chart.h"
#include "common/buf.h"
#include "common/text.h"

#include <string.h>

void
html_add_text(const char *text, struct buf *out)
{
    struct buf visible = BUF_INIT;

    text_visible(&visible, text, strlen(text), 0);
    for (size_t i = 0; i < visible.len; i++) {
        switch (visible.data[i]) {
        case '&': buf_add_str(out, "&amp;"); break;
        case '<': buf_add_str(out, "&lt;"); break;
        case '>': buf_add_str(out, "&gt;"); break;
        case '"': buf_add_str(out, "&quot;"); break;
        case '\'': buf_add_str(out, "&#39;"); break;
        default: buf_add_byte(out, visible.data[i]);
        }
    }
    buf_fini(&visible);
}

const char *
html_class_of(const char *transport)
{
    static const char *const names[CHART_STYLES] = {"ws", "sse", "longpoll", "poll", "other"};

    return names[chart_style_of(transport)];
}
