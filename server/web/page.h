/* A poll's answer: one JSON object with an array of events. Long and short polls share it. */
#pragma once

#include "common/cursor.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;

#define PAGE_EVENTS_MAX 256
#define PAGE_BYTES_MAX  (256 * 1024) /* about: no further event is added beyond it */

struct page_end {
    struct cursor cursor; /* where the next poll goes on */
    struct cursor head;
    bool more; /* there is more now */
};

void page_open(struct buf *out);
/* A member and a comma, as DRESS_MEMBER has them. */
void page_frame(struct buf *out, const char *json, size_t len, const char *id);
void page_finish(struct buf *out, const struct page_end *end);
