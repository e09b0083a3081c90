#include "server/log/window.h"

#include "common/util.h"
#include "server/log/entry.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#define RING_SIZE_MIN 64

/* The ring holds count entries from first on, oldest first, and grows only for tails that lag.
 * floor is the seq before the oldest entry that is here: nothing newer than it is missing. */
struct window {
    pthread_mutex_t lock;
    struct entry **ring;
    size_t size; /* a power of two */
    size_t first;
    size_t count;
    size_t bytes;
    size_t max_entries;
    size_t max_bytes;
    uint64_t head;
    uint64_t floor;
    struct window_tail *tails;
};

static struct entry **
slot(struct window *window, size_t index)
{
    return &window->ring[(window->first + index) & (window->size - 1)];
}

static uint64_t
seq_at(struct window *window, size_t index)
{
    return entry_event(*slot(window, index))->seq;
}

static void
grow(struct window *window)
{
    struct entry **ring = xcalloc(window->size * 2, sizeof(struct entry *));
    for (size_t i = 0; i < window->count; i++)
        ring[i] = *slot(window, i);
    free(window->ring);
    window->ring = ring;
    window->size *= 2;
    window->first = 0;
}

static void
push(struct window *window, struct entry *entry)
{
    uint64_t seq = entry_event(entry)->seq;
    assert(seq > window->head);

    if (window->count == window->size)
        grow(window);
    *slot(window, window->count) = entry;
    window->count++;
    window->bytes += entry_size(entry);
    window->head = seq;
}

static void
drop_oldest(struct window *window)
{
    struct entry *entry = *slot(window, 0);
    window->floor = entry_event(entry)->seq;
    window->bytes -= entry_size(entry);
    window->first = (window->first + 1) & (window->size - 1);
    window->count--;
    entry_unref(entry);
}

static bool
is_over_bounds(const struct window *window)
{
    return window->count > window->max_entries || window->bytes > window->max_bytes;
}

/* Drops what is beyond the bounds and was read by every tail. */
static void
trim(struct window *window)
{
    if (!is_over_bounds(window))
        return;

    uint64_t read_by_all = UINT64_MAX;
    for (struct window_tail *tail = window->tails; tail != NULL; tail = tail->next)
        read_by_all = MIN(read_by_all, tail->position);
    while (window->count > 0 && is_over_bounds(window) && seq_at(window, 0) <= read_by_all)
        drop_oldest(window);
}

/* The index of the oldest entry with seq > after; count when there is none. */
static size_t
find_after(struct window *window, uint64_t after)
{
    size_t low = 0, high = window->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seq_at(window, middle) > after)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static size_t
copy_after(struct window *window, uint64_t after, struct entry **ret_entries, size_t max)
{
    size_t from = find_after(window, after);
    size_t count = MIN(window->count - from, max);
    for (size_t i = 0; i < count; i++)
        ret_entries[i] = entry_ref(*slot(window, from + i));
    return count;
}

struct window *
window_create(uint64_t head, size_t max_entries, size_t max_bytes)
{
    struct window *window = xcalloc(1, sizeof(*window));
    pthread_mutex_init(&window->lock, NULL);
    window->size = RING_SIZE_MIN;
    window->ring = xcalloc(window->size, sizeof(struct entry *));
    window->max_entries = max_entries;
    window->max_bytes = max_bytes;
    window->head = head;
    window->floor = head;
    return window;
}

void
window_destroy(struct window *window)
{
    if (window == NULL)
        return;
    assert(window->tails == NULL);
    while (window->count > 0)
        drop_oldest(window);
    pthread_mutex_destroy(&window->lock);
    free(window->ring);
    free(window);
}

void
window_publish(struct window *window, struct entry *const *entries, size_t count)
{
    if (count == 0)
        return;

    pthread_mutex_lock(&window->lock);
    for (size_t i = 0; i < count; i++)
        push(window, entries[i]);
    trim(window);
    /* under the lock, so that a tail whose removal has returned is not woken any more */
    for (struct window_tail *tail = window->tails; tail != NULL; tail = tail->next)
        tail->wake(tail);
    pthread_mutex_unlock(&window->lock);
}

uint64_t
window_head(struct window *window)
{
    pthread_mutex_lock(&window->lock);
    uint64_t head = window->head;
    pthread_mutex_unlock(&window->lock);
    return head;
}

int
window_read(struct window *window, uint64_t after, struct entry **ret_entries, size_t max)
{
    pthread_mutex_lock(&window->lock);
    int r = -ESTALE;
    if (after >= window->floor)
        r = (int)copy_after(window, after, ret_entries, MIN(max, (size_t)INT32_MAX));
    pthread_mutex_unlock(&window->lock);
    return r;
}

int
window_tail_add(struct window *window, struct window_tail *tail, uint64_t after)
{
    int r = -ESTALE;

    pthread_mutex_lock(&window->lock);
    if (after >= window->floor) {
        tail->position = after;
        tail->next = window->tails;
        window->tails = tail;
        r = 0;
    }
    pthread_mutex_unlock(&window->lock);
    return r;
}

void
window_tail_remove(struct window *window, struct window_tail *tail)
{
    pthread_mutex_lock(&window->lock);
    struct window_tail **link = &window->tails;
    while (*link != NULL && *link != tail)
        link = &(*link)->next;
    if (*link != NULL)
        *link = tail->next;
    tail->next = NULL;
    trim(window);
    pthread_mutex_unlock(&window->lock);
}

size_t
window_tail_read(struct window *window, struct window_tail *tail, struct entry **ret_entries,
                 size_t max)
{
    pthread_mutex_lock(&window->lock);
    size_t count = copy_after(window, tail->position, ret_entries, max);
    if (count > 0) {
        tail->position = entry_event(ret_entries[count - 1])->seq;
        trim(window);
    }
    pthread_mutex_unlock(&window->lock);
    return count;
}
