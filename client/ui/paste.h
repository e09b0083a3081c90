/* What is pasted: taken as it is up to its end mark, and asked about before any of it is sent. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#define PASTE_SILENCE_MS 500 /* without its end mark a paste ends after so long */

struct paste {
    bool runs; /* between the marks */
    bool asks; /* it has several lines: the user says what becomes of it */
    wint_t previous;
    struct buf text; /* UTF-8; lines end in newlines, control characters are pictures */
    bool is_cut;     /* it was longer than PASTE_MAX */
    size_t line_count;
};

#define PASTE_MAX 1048576

enum paste_answer { PASTE_NOT_ANSWERED, PASTE_ONE, PASTE_LINES, PASTE_EDIT, PASTE_DROP };

void paste_fini(struct paste *paste);
void paste_begin(struct paste *paste);
void paste_add(struct paste *paste, wint_t rune);
/* Takes off the newlines at its end and counts what is left. It asks where that is more than one
 * line; else text is for the input. */
void paste_end(struct paste *paste);
/* "Paste 7 lines? [Enter] one message ..." */
void paste_question(const struct paste *paste, struct buf *out);
enum paste_answer paste_answer(wint_t rune);
