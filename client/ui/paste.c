#include "client/ui/paste.h"

#include "common/util.h"

#include <utf8proc.h>

enum { PICTURES = 0x2400, PICTURE_DELETE = 0x2421 };

void
paste_fini(struct paste *paste)
{
    buf_fini(&paste->text);
    *paste = (struct paste){0};
}

void
paste_begin(struct paste *paste)
{
    paste_fini(paste);
    paste->runs = true;
}

/* Lines arrive ended by CR, LF or both, as the terminal pleases. */
static wint_t
plain_rune(const struct paste *paste, wint_t rune)
{
    if (rune == '\r' || rune == '\n')
        return '\n';
    if (rune == '\t')
        return rune;
    if (rune < 0x20)
        return PICTURES + rune;

    return rune == 0x7f ? PICTURE_DELETE : rune;
}

void
paste_add(struct paste *paste, wint_t rune)
{
    uint8_t bytes[4];
    bool ends_crlf = rune == '\n' && paste->previous == '\r';

    paste->previous = rune;
    if (ends_crlf)
        return;
    if (paste->text.len >= PASTE_MAX) {
        paste->is_cut = true;
        return;
    }

    utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)plain_rune(paste, rune), bytes);
    buf_add(&paste->text, bytes, (size_t)len);
}

void
paste_end(struct paste *paste)
{
    struct buf *text = &paste->text;

    paste->runs = false;
    while (text->len > 0 && text->data[text->len - 1] == '\n')
        text->data[--text->len] = '\0';
    paste->line_count = 1;
    for (size_t i = 0; i < text->len; i++)
        paste->line_count += text->data[i] == '\n';
    paste->asks = paste->line_count > 1;
}

void
paste_question(const struct paste *paste, struct buf *out)
{
    buf_addf(out, "Paste %zu lines?", paste->line_count);
    if (paste->is_cut)
        buf_add_str(out, " (cut after 1 MiB)");
    buf_addf(out, " [Enter] one message  [l] %zu messages  [e] edit  [Esc] drop",
             paste->line_count);
}

enum paste_answer
paste_answer(wint_t rune)
{
    switch (rune) {
    case '\r':
    case '\n': return PASTE_ONE;
    case 'l':
    case 'L': return PASTE_LINES;
    case 'e':
    case 'E': return PASTE_EDIT;
    case 27:
    case 3: return PASTE_DROP;
    default: return PASTE_NOT_ANSWERED;
    }
}
