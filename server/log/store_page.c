#include "server/log/store_page.h"

#include "common/util.h"
#include "server/log/entry.h"

#include <stdlib.h>

#define PAGE_SIZE_MIN 16

/* The array holds a power of two of entries, so it is full where count is one. */
static bool
is_full(const struct store_page *page)
{
    return page->count >= PAGE_SIZE_MIN && (page->count & (page->count - 1)) == 0;
}

void
store_page_add(struct store_page *page, struct entry *entry)
{
    if (page->entries == NULL)
        page->entries = xcalloc(PAGE_SIZE_MIN, sizeof(struct entry *));
    else if (is_full(page))
        page->entries = xrealloc(page->entries, page->count * 2 * sizeof(struct entry *));
    page->entries[page->count++] = entry;
}

void
store_page_reverse(struct store_page *page)
{
    for (size_t i = 0; i < page->count / 2; i++) {
        struct entry *entry = page->entries[i];
        page->entries[i] = page->entries[page->count - 1 - i];
        page->entries[page->count - 1 - i] = entry;
    }
}

void
store_page_fini(struct store_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        entry_unref(page->entries[i]);
    free(page->entries);
    *page = (struct store_page){0};
}
