#include "bench/measure/load_parts.h"
#include "common/util.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The number behind the first `key` in text. Decoding each of a million events would cost more than
 * sending it, so this only looks for what it needs; the server's own tests decode. */
static bool
find_number(const char *text, size_t len, const char *key, uint64_t *ret_number)
{
    size_t key_len = strlen(key);
    const char *at = memmem(text, len, key, key_len);
    const char *end = text + len;
    uint64_t number = 0;

    if (at == NULL)
        return false;
    for (at += key_len; at < end && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    *ret_number = number;
    return true;
}

/* Line `number`'s moments; NULL when it is not of this run. Looking at `said` first orders this
 * thread behind the one that said it, and so behind the run's beginning. */
static struct moment *
moment_of(struct load *load, uint64_t number)
{
    if (number >= atomic_load(&load->said) || number < load->first)
        return NULL;
    return &load->moments[number - load->first];
}

/* Notes that somebody sees it now. Microseconds since it was seen first. */
static int64_t
see(struct moment *moment, int64_t now_us)
{
    int_fast64_t first = 0;

    if (atomic_compare_exchange_strong(&moment->seen_us, &first, now_us))
        return 0;
    return now_us - first;
}

static void
take_message(struct crew *crew, struct member *member, const char *text, size_t len)
{
    struct moment *moment;
    uint64_t rseq = 0, number;

    if (!find_number(text, len, "\"rseq\":", &rseq) ||
        !find_number(text, len, "\"text\":\"@", &number))
        return;
    if (member->rseq != 0 && rseq != member->rseq + 1)
        crew->holes++;
    member->rseq = rseq;

    moment = moment_of(crew->load, number);
    if (moment == NULL)
        return;
    histogram_add(&crew->delivery, crew->now_us - atomic_load(&moment->said_us));
    histogram_add(&crew->spread, see(moment, crew->now_us));
    atomic_fetch_add(&crew->delivered, 1);
}

static void
become_ready(struct crew *crew, struct member *member)
{
    if (member->is_ready)
        return;
    member->is_ready = true;
    crew->opening--;
    atomic_fetch_add(&crew->ready, 1);
}

static void
take_hello(struct crew *crew, struct member *member)
{
    char room[64], join[128];

    if (!member->must_join) {
        become_ready(crew, member);
        return;
    }
    load_room_name(crew->load, member->number, room, sizeof(room));
    snprintf(join, sizeof(join), "{\"type\":\"join\",\"id\":\"j%zu\",\"room\":\"%s\"}",
             member->number, room);
    peer_say(&member->peer, join, strlen(join));
}

static void
take_receipt(struct crew *crew, struct member *member, const char *text, size_t len)
{
    struct moment *moment;
    uint64_t number;

    if (!member->is_ready) {
        become_ready(crew, member);
        return;
    }
    if (!find_number(text, len, "\"id\":\"m", &number))
        return;
    moment = moment_of(crew->load, number);
    if (moment == NULL)
        return;
    histogram_add(&crew->receipt, crew->now_us - atomic_load(&moment->said_us));
    see(moment, crew->now_us);
    atomic_fetch_add(&crew->receipts, 1);
    load_pace_receipt(crew->load, member);
}

static void
take_error(struct crew *crew, const char *text, size_t len)
{
    if (crew->refused++ == 0)
        fprintf(stderr, "rtchat-measure: refused: %.*s\n", (int)len, text);
}

static bool
has_type(const char *text, size_t len, const char *start)
{
    return len >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

void
load_take_text(void *context, struct peer *peer, const char *text, size_t len)
{
    struct crew *crew = context;
    struct member *member = container_of(peer, struct member, peer);

    if (has_type(text, len, "{\"type\":\"message\""))
        take_message(crew, member, text, len);
    else if (has_type(text, len, "{\"type\":\"receipt\""))
        take_receipt(crew, member, text, len);
    else if (has_type(text, len, "{\"type\":\"hello\""))
        take_hello(crew, member);
    else if (has_type(text, len, "{\"type\":\"error\""))
        take_error(crew, text, len);
}
