#include "server/chat/pongs.h"

#include "common/util.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

struct pong {
    TAILQ_ENTRY(pong) in_all, in_box;
    struct box *box;
    uint64_t number; /* ever growing */
    int64_t until_ms;
    char nonce[ID_SIZE];
};

TAILQ_HEAD(pong_list, pong);

struct pong_reader {
    char name[ID_SIZE];
    uint64_t position; /* the number of the newest that it took */
};

/* One session's. There is none without a pong in it. */
struct box {
    uint64_t session_number;
    struct pong_list pongs;
    size_t count;
    struct pong_reader *readers; /* PONGS_READERS, the last one that took first; NULL: none did */
    size_t reader_count;
    UT_hash_handle hh;
};

struct pongs {
    pthread_mutex_t lock; /* guards all */
    struct box *boxes;
    struct pong_list all; /* oldest first, so what lapses stands in front */
    size_t count;
    uint64_t last_number;
};

struct pongs *
pongs_create(void)
{
    struct pongs *pongs = xcalloc(1, sizeof(*pongs));

    pthread_mutex_init(&pongs->lock, NULL);
    TAILQ_INIT(&pongs->all);
    return pongs;
}

static void
remove_pong(struct pongs *pongs, struct pong *pong)
{
    struct box *box = pong->box;

    TAILQ_REMOVE(&pongs->all, pong, in_all);
    TAILQ_REMOVE(&box->pongs, pong, in_box);
    pongs->count--;
    free(pong);
    if (--box->count > 0)
        return;
    HASH_DEL(pongs->boxes, box);
    free(box->readers);
    free(box);
}

void
pongs_destroy(struct pongs *pongs)
{
    if (pongs == NULL)
        return;
    while (!TAILQ_EMPTY(&pongs->all))
        remove_pong(pongs, TAILQ_FIRST(&pongs->all));
    pthread_mutex_destroy(&pongs->lock);
    free(pongs);
}

static struct box *
find_box(struct pongs *pongs, uint64_t session_number)
{
    struct box *box;

    HASH_FIND(hh, pongs->boxes, &session_number, sizeof(session_number), box);
    return box;
}

static void
remove_lapsed(struct pongs *pongs, int64_t now_ms)
{
    struct pong *pong;

    while ((pong = TAILQ_FIRST(&pongs->all)) != NULL && pong->until_ms <= now_ms)
        remove_pong(pongs, pong);
}

static struct box *
make_box(struct pongs *pongs, uint64_t session_number)
{
    struct box *box = xcalloc(1, sizeof(*box));

    box->session_number = session_number;
    TAILQ_INIT(&box->pongs);
    HASH_ADD(hh, pongs->boxes, session_number, sizeof(box->session_number), box);
    return box;
}

/* Room is made before the box is looked for, since it may be the box that goes. */
static void
add_pong(struct pongs *pongs, uint64_t session_number, struct pong *pong)
{
    struct box *box = find_box(pongs, session_number);

    if (box != NULL && box->count == PONGS_OF_SESSION)
        remove_pong(pongs, TAILQ_FIRST(&box->pongs));
    if (pongs->count == PONGS_MAX)
        remove_pong(pongs, TAILQ_FIRST(&pongs->all));

    box = find_box(pongs, session_number);
    pong->box = box != NULL ? box : make_box(pongs, session_number);
    pong->box->count++;
    TAILQ_INSERT_TAIL(&pong->box->pongs, pong, in_box);
    TAILQ_INSERT_TAIL(&pongs->all, pong, in_all);
    pongs->count++;
}

void
pongs_put(struct pongs *pongs, uint64_t session_number, const char *nonce, int64_t now_ms)
{
    struct pong *pong = xcalloc(1, sizeof(*pong));

    str_copy(pong->nonce, sizeof(pong->nonce), nonce);
    pong->until_ms = now_ms + PONGS_WAIT_MS;
    pthread_mutex_lock(&pongs->lock);
    remove_lapsed(pongs, now_ms);
    pong->number = ++pongs->last_number;
    add_pong(pongs, session_number, pong);
    pthread_mutex_unlock(&pongs->lock);
}

/* Brings the reader to the front; the last one makes room for a new one. */
static struct pong_reader *
find_reader(struct box *box, const char *name)
{
    struct pong_reader found = {0};
    size_t i = 0;

    if (box->readers == NULL)
        box->readers = xcalloc(PONGS_READERS, sizeof(*box->readers));
    while (i < box->reader_count && !str_equal(box->readers[i].name, name))
        i++;
    if (i < box->reader_count)
        found = box->readers[i];
    else if (box->reader_count < PONGS_READERS)
        box->reader_count++;
    else
        i--;

    str_copy(found.name, sizeof(found.name), name);
    memmove(box->readers + 1, box->readers, i * sizeof(*box->readers));
    box->readers[0] = found;
    return &box->readers[0];
}

static size_t
take(struct pong_reader *reader, struct box *box, char ret_nonces[PONGS_OF_SESSION][ID_SIZE])
{
    struct pong *pong;
    size_t count = 0;

    TAILQ_FOREACH(pong, &box->pongs, in_box)
    if (pong->number > reader->position)
        memcpy(ret_nonces[count++], pong->nonce, ID_SIZE);
    reader->position = TAILQ_LAST(&box->pongs, pong_list)->number;
    return count;
}

size_t
pongs_take(struct pongs *pongs, uint64_t session_number, const char *reader, int64_t now_ms,
           char ret_nonces[PONGS_OF_SESSION][ID_SIZE])
{
    size_t count = 0;

    pthread_mutex_lock(&pongs->lock);
    remove_lapsed(pongs, now_ms);
    struct box *box = find_box(pongs, session_number);
    if (box != NULL)
        count = take(find_reader(box, reader), box, ret_nonces);
    pthread_mutex_unlock(&pongs->lock);
    return count;
}
