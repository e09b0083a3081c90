/* Memory for nghttp2. Each of its sessions keeps a buffer of 16 KiB for the frames it makes, of
 * which little more than the first bytes are ever used, since the bytes of DATA do not pass through
 * it. From the heap all of it would be resident, for what was freed there before has been touched.
 * So these come in slots that are whole pages of a range that is only reserved, and used again as
 * they were. A slot's first page is resident anyway: what else a session has for its life stands
 * before the buffer. */
#include "server/web/h2_inside.h"

#include "common/util.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SLOT_SIZE  (20 * 1024) /* whole pages */
#define SLOT_COUNT 16384       /* of a worker; further ones are the heap's */

/* What a slot has room for. Little else has such a size, and if so, it may have it too. Of the
 * buffer 144 bytes are in the first page: enough for the heads of answers, but for those to pages
 * of another origin. */
static const struct {
    size_t offset, least, size;
} places[] = {
    {.offset = 0, .least = 2800, .size = 2928},                     /* a session */
    {.offset = 2928, .least = 1024, .size = 1024},                  /* its table of fields */
    {.offset = 3952, .least = 16 * 1024, .size = SLOT_SIZE - 3952}, /* its buffer */
};

#define PLACE_COUNT ARRAY_LEN(places)

struct h2_memory {
    nghttp2_mem hooks;
    char *slots; /* NULL: none could be reserved */
    struct {
        uint32_t free[SLOT_COUNT];
        size_t free_count;
        size_t used_count; /* that were ever used: the first ones */
    } slots_of[PLACE_COUNT];
};

static bool
is_slot(const struct h2_memory *memory, const char *bytes)
{
    return memory->slots != NULL && bytes >= memory->slots &&
           bytes < memory->slots + (size_t)SLOT_COUNT * SLOT_SIZE;
}

static size_t
place_of(const struct h2_memory *memory, const char *bytes)
{
    size_t offset = (size_t)(bytes - memory->slots) % SLOT_SIZE, place = 0;

    while (places[place].offset != offset)
        place++;
    return place;
}

static void *
take_place(struct h2_memory *memory, size_t place)
{
    size_t slot;

    if (memory->slots == NULL)
        return NULL;
    if (memory->slots_of[place].free_count > 0)
        slot = memory->slots_of[place].free[--memory->slots_of[place].free_count];
    else if (memory->slots_of[place].used_count < SLOT_COUNT)
        slot = memory->slots_of[place].used_count++;
    else
        return NULL;
    return memory->slots + slot * SLOT_SIZE + places[place].offset;
}

/* NULL: there is no place for that. */
static void *
take(struct h2_memory *memory, size_t size)
{
    for (size_t place = 0; place < PLACE_COUNT; place++)
        if (size >= places[place].least && size <= places[place].size)
            return take_place(memory, place);
    return NULL;
}

static void *
on_malloc(size_t size, void *user_data)
{
    void *slot = take(user_data, size);

    return slot != NULL ? slot : malloc(size);
}

static void
on_free(void *bytes, void *user_data)
{
    struct h2_memory *memory = user_data;
    size_t place;

    if (!is_slot(memory, bytes)) {
        free(bytes);
        return;
    }
    place = place_of(memory, bytes);
    memory->slots_of[place].free[memory->slots_of[place].free_count++] =
        (uint32_t)((size_t)((char *)bytes - memory->slots) / SLOT_SIZE);
}

static void *
on_calloc(size_t count, size_t size, void *user_data)
{
    void *slot = count == 1 ? take(user_data, size) : NULL;

    return slot != NULL ? memset(slot, 0, size) : calloc(count, size);
}

static void *
on_realloc(void *bytes, size_t size, void *user_data)
{
    struct h2_memory *memory = user_data;
    void *moved;

    if (bytes == NULL)
        return on_malloc(size, user_data);
    if (!is_slot(memory, bytes))
        return realloc(bytes, size);
    moved = malloc(size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, bytes, MIN(size, places[place_of(memory, bytes)].size));
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
