/* Memory for nghttp2. Each of its sessions keeps a buffer of 16 KiB for the frames it makes, of
 * which little more than the first bytes are ever used, since the bytes of DATA do not pass through
 * it. From the heap all of it would be resident, for what was freed there before has been touched.
 * So these come in slots that are whole pages of a range that is only reserved, and used again as
 * they were. */
#include "server/web/h2_inside.h"

#include "common/util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLOT_SIZE  (20 * 1024) /* a buffer, and what its frame's head needs, in whole pages */
#define SLOT_LEAST (16 * 1024)
#define SLOT_COUNT 16384 /* of a worker; further ones are the heap's */

struct h2_memory {
    nghttp2_mem hooks;
    char *slots; /* NULL: none could be reserved */
    uint32_t free[SLOT_COUNT];
    size_t free_count;
    size_t used_count; /* slots that were ever used: the first ones */
};

static bool
is_slot(const struct h2_memory *memory, const char *bytes)
{
    return memory->slots != NULL && bytes >= memory->slots &&
           bytes < memory->slots + (size_t)SLOT_COUNT * SLOT_SIZE;
}

static void *
take_slot(struct h2_memory *memory)
{
    size_t slot;

    if (memory->free_count > 0)
        slot = memory->free[--memory->free_count];
    else if (memory->slots != NULL && memory->used_count < SLOT_COUNT)
        slot = memory->used_count++;
    else
        return NULL;
    return memory->slots + slot * SLOT_SIZE;
}

static void *
on_malloc(size_t size, void *user_data)
{
    void *slot = size >= SLOT_LEAST && size <= SLOT_SIZE ? take_slot(user_data) : NULL;

    return slot != NULL ? slot : malloc(size);
}

static void
on_free(void *bytes, void *user_data)
{
    struct h2_memory *memory = user_data;

    if (is_slot(memory, bytes))
        memory->free[memory->free_count++] =
            (uint32_t)(((char *)bytes - memory->slots) / SLOT_SIZE);
    else
        free(bytes);
}

static void *
on_calloc(size_t count, size_t size, void *user_data)
{
    return calloc(count, size);
}

static void *
on_realloc(void *bytes, size_t size, void *user_data)
{
    void *moved;

    if (bytes == NULL)
        return on_malloc(size, user_data);
    if (!is_slot(user_data, bytes))
        return realloc(bytes, size);
    moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, bytes, MIN(size, SLOT_SIZE));
    on_free(bytes, user_data);
    return moved;
}

struct h2_memory *
h2_memory_create(void)
{
    struct h2_memory *memory = xcalloc(1, sizeof(*memory));
    void *slots = mmap(NULL, (size_t)SLOT_COUNT * SLOT_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    memory->slots = slots == MAP_FAILED ? NULL : slots;
    memory->hooks = (nghttp2_mem){memory, on_malloc, on_free, on_calloc, on_realloc};
    return memory;
}

void
h2_memory_destroy(struct h2_memory *memory)
{
    if (memory->slots != NULL)
        munmap(memory->slots, (size_t)SLOT_COUNT * SLOT_SIZE);
    free(memory);
}

nghttp2_mem *
h2_memory_hooks(struct h2_memory *memory)
{
    return &memory->hooks;
}
